/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: the chip's PCI unit, accessed by the host, and counters of the other
 * units.
 *
 * Sections "PCI CSRs", "DMA channels", "Upstream" and "Units of the chip" of
 * docs/specs/sv-nic-chip.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "hw/pci/pci_regs.h"
#include "hw/net/sv-nic/chip/ixp2400-pci-regs.h"
#include "qemu/module.h"

#define DESCS           0x800000        /* in SDRAM, where no VIF is */
#define DATA            0x900000
#define HOST(guest)     (SVNIC_LOCAL_UPSTREAM_MEM0 + (uint32_t)(guest))

#define DONE            (SVNIC_DMA_TRANSFER_DONE | SVNIC_DMA_CHAIN_DONE)

/* A row of the table of the PCI unit. */
typedef struct Row {
    const char *name;
    uint32_t address;
    unsigned count, stride;
    const char *host;
    uint32_t writable;
} Row;

#define ROW(name, address, count, stride, access, host, writable, reset, \
            what, source) \
    { name, address, count, stride, host, writable },

static const Row rows[] = {
    IXP_PCI_REGISTERS(ROW)
};

static void dma_write(QSvNic *nic, unsigned n, uint32_t reg, uint32_t value)
{
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_DMA(n) + reg, value);
}

static uint32_t dma_read(QSvNic *nic, unsigned n, uint32_t reg)
{
    return sv_nic_pci_csr(nic, SVNIC_PCI_CSR_DMA(n) + reg);
}

/* Starts a transfer, waits, returns CONTROL and clears its events. */
static uint32_t dma_run(QSvNic *nic, unsigned n, uint32_t control)
{
    uint32_t value;

    dma_write(nic, n, SVNIC_DMA_CONTROL, control | SVNIC_DMA_ENABLE);
    sv_nic_wait(sv_nic_qts(nic), !(dma_read(nic, n, SVNIC_DMA_CONTROL) &
                                   SVNIC_DMA_ENABLE));
    value = dma_read(nic, n, SVNIC_DMA_CONTROL);
    dma_write(nic, n, SVNIC_DMA_CONTROL, value);
    g_assert_cmphex(dma_read(nic, n, SVNIC_DMA_CONTROL), ==,
                    value & SVNIC_DMA_IN_REGISTERS);
    return value;
}

static uint32_t dma_move(QSvNic *nic, unsigned n, uint32_t count,
                         uint32_t pci, uint32_t dram)
{
    dma_write(nic, n, SVNIC_DMA_BYTE_COUNT, count | SVNIC_DMA_END_OF_CHAIN);
    dma_write(nic, n, SVNIC_DMA_PCI_ADDRESS, pci);
    dma_write(nic, n, SVNIC_DMA_DRAM_ADDRESS, dram);
    return dma_run(nic, n, SVNIC_DMA_IN_REGISTERS) & ~SVNIC_DMA_IN_REGISTERS;
}

static void desc_write(QSvNic *nic, unsigned i, uint32_t count, uint32_t pci,
                       uint32_t dram, uint32_t next)
{
    uint32_t at = DESCS + i * sizeof(struct svnic_dma_desc);

    sv_nic_sdram32_write(nic, at, count);
    sv_nic_sdram32_write(nic, at + 4, pci);
    sv_nic_sdram32_write(nic, at + 8, dram);
    sv_nic_sdram32_write(nic, at + 12, next);
}

static void test_dma(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QTestState *qts = sv_nic_qts(nic);
    uint32_t length = 100000;
    uint64_t guest = guest_alloc(alloc, length);
    g_autofree uint8_t *bytes = g_malloc(length);
    g_autofree uint8_t *got = g_malloc(length);
    unsigned n;

    for (n = 0; n < SVNIC_PCI_CSR_DMA_CHANNELS; n++) {
        uint32_t i;

        for (i = 0; i < length; i++) {
            bytes[i] = (i * 31 + n) >> 2;
        }
        qtest_memwrite(qts, guest, bytes, length);
        g_assert_cmphex(dma_move(nic, n, length - 3, HOST(guest + 3),
                                 DATA + 1), ==, DONE);
        sv_nic_sdram_read(nic, DATA + 1, got, length - 3);
        g_assert_cmpmem(got, length - 3, bytes + 3, length - 3);
        g_assert_cmphex(dma_move(nic, n, 50 | SVNIC_DMA_TO_PCI, HOST(guest),
                                 DATA + 1), ==, DONE);
        qtest_memread(qts, guest, got, 50);
        g_assert_cmpmem(got, 50, bytes + 3, 50);
    }
    guest_free(alloc, guest);
}

static void test_chain(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QTestState *qts = sv_nic_qts(nic);
    uint64_t guest = guest_alloc(alloc, 4096);
    uint64_t before = sv_nic_counter(nic, "dma[0]", "chip-transfers");
    unsigned n = 150, i;

    for (i = 0; i < n; i++) {
        qtest_writeb(qts, guest + i, i ^ 0x5a);
        desc_write(nic, i, 1 | (i + 1 == n ? SVNIC_DMA_END_OF_CHAIN : 0),
                   HOST(guest + n - 1 - i), DATA + i,
                   DESCS + (i + 1) * sizeof(struct svnic_dma_desc));
    }
    dma_write(nic, 0, SVNIC_DMA_DESC_PTR, DESCS);
    g_assert_cmphex(dma_run(nic, 0, 0), ==, DONE);
    for (i = 0; i < n; i++) {
        uint8_t byte;

        sv_nic_sdram_read(nic, DATA + i, &byte, 1);
        g_assert_cmphex(byte, ==, (n - 1 - i) ^ 0x5a);
    }
    g_assert_cmpuint(sv_nic_counter(nic, "dma[0]", "chip-transfers"), ==,
                     before + n);
    guest_free(alloc, guest);
}

static void test_dma_errors(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    uint64_t aborts = sv_nic_counter(nic, "card", "upstream-aborts");
    uint64_t errors = sv_nic_counter(nic, "dma[1]", "chip-errors");
    uint32_t sdram_size = 256 * 1024 * 1024;
    const struct {
        uint32_t pci, dram;
    } bad[] = {
        { 0x4f000000, DATA },               /* no window of the bridge */
        { SVNIC_LOCAL_PCI_CSR, DATA },      /* the chip itself */
        { HOST(0), sdram_size - 15 },
        { HOST(0), 0xfffffff8 },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(bad); i++) {
        g_assert_cmphex(dma_move(nic, 1, 16, bad[i].pci, bad[i].dram), ==,
                        SVNIC_DMA_ERROR);
        errors++;
    }
    /* No target on the host: the bridge returns ones, no error. */
    sv_nic_sdram32_write(nic, DATA, 0xdeadbeef);
    g_assert_cmphex(dma_move(nic, 1, 4, HOST(0x7f000000), DATA), ==, DONE);
    g_assert_cmphex(sv_nic_sdram32(nic, DATA), ==, 0xffffffff);
    g_assert_cmpuint(sv_nic_counter(nic, "card", "upstream-aborts"), ==,
                     aborts + 1);
    /* Chains: unaligned, outside of SDRAM, endless. */
    dma_write(nic, 1, SVNIC_DMA_DESC_PTR, DESCS + 8);
    g_assert_cmphex(dma_run(nic, 1, 0), ==, SVNIC_DMA_ERROR);
    dma_write(nic, 1, SVNIC_DMA_DESC_PTR, sdram_size);
    g_assert_cmphex(dma_run(nic, 1, 0), ==, SVNIC_DMA_ERROR);
    desc_write(nic, 0, 0, HOST(0), DATA, DESCS);
    dma_write(nic, 1, SVNIC_DMA_DESC_PTR, DESCS);
    g_assert_cmphex(dma_run(nic, 1, 0), ==,
                    SVNIC_DMA_ERROR | SVNIC_DMA_TRANSFER_DONE);
    errors += 3;
    g_assert_cmpuint(sv_nic_counter(nic, "dma[1]", "chip-errors"), ==,
                     errors);
}

/* A reset of the machine stops an active channel. */
static void test_dma_reset(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;

    desc_write(nic, 0, 0, HOST(0), DATA, DESCS);
    dma_write(nic, 2, SVNIC_DMA_DESC_PTR, DESCS);
    dma_write(nic, 2, SVNIC_DMA_CONTROL, SVNIC_DMA_ENABLE);
    qtest_system_reset(sv_nic_qts(nic));
    sv_nic_restart(nic);
    g_assert_cmphex(dma_read(nic, 2, SVNIC_DMA_CONTROL), ==, 0);
    g_assert_cmphex(dma_read(nic, 2, SVNIC_DMA_DESC_PTR), ==, 0);
}

/* A configuration cycle to the chip's command register. */
static void chip_command(QSvNic *nic, uint16_t value)
{
    qpci_io_writel(&nic->pci_dev, nic->csr, SVNIC_CSR_DOWN_CONFIG_ADDR,
                   1u << (SVNIC_LOCAL_IDSEL_SHIFT + SVNIC_LOCAL_SLOT_IXP) |
                   PCI_COMMAND);
    qpci_io_writew(&nic->pci_dev, nic->csr, SVNIC_CSR_DOWN_CONFIG_DATA, value);
}

/*
 * The host clears Bus Master Enable of the chip: the chip starts no cycle,
 * neither to host memory nor to the bridge (for an interrupt).
 */
static void test_no_master(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    uint64_t guest = guest_alloc(alloc, 4096);
    uint64_t aborts = sv_nic_counter(nic, "card", "upstream-aborts");
    QSvNicVif a;

    qtest_writel(sv_nic_qts(nic), guest, 0x5ca1ab1e);
    sv_nic_sdram32_write(nic, DATA, 0);
    sv_nic_vif_open_host(&a, nic, 0, alloc);
    sv_nic_db_write(&a, SVNIC_DB_SIGNAL_STATUS, SVNIC_SIGNAL_STATE);
    sv_nic_db_write(&a, SVNIC_DB_SIGNAL_MASK_CLEAR, SVNIC_SIGNAL_STATE);
    sv_nic_csr16_write(nic, SVNIC_CSR_CONFIG_CSR, SVNIC_OWN_CSR_DOWN_ENABLE);
    g_assert_cmphex(sv_nic_csr16(nic, SVNIC_CSR_CONFIG_OWN), ==, 0);
    sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ, 0xffff);
    g_assert_cmpuint(sv_nic_counter(nic, "card", "interrupts-lost"), ==, 0);

    chip_command(nic, PCI_COMMAND_MEMORY);
    g_assert_cmphex(dma_move(nic, 0, 4, HOST(guest), DATA), ==,
                    SVNIC_DMA_ERROR);
    g_assert_cmphex(sv_nic_sdram32(nic, DATA), ==, 0);
    g_assert_cmpuint(sv_nic_counter(nic, "card", "upstream-aborts"), ==,
                     aborts);
    /* a VIF with queues on the host is stopped: its owner, the manager */
    sv_nic_db_write(&a, SVNIC_DB_SEND, 1);
    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_counter(nic, "card", "interrupts-lost") == 2);
    sv_nic_signal_wait(&a, SVNIC_SIGNAL_STATE);
    g_assert_cmphex(sv_nic_csr16(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ), ==, 0);

    chip_command(nic, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    g_assert_cmphex(dma_move(nic, 0, 4, HOST(guest), DATA), ==, DONE);
    g_assert_cmphex(sv_nic_sdram32(nic, DATA), ==, 0x5ca1ab1e);
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_QUERY, 0, 0, NULL, NULL),
                    ==, SVNIC_ST_OK);
    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_csr16(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ) != 0);

    /* the bridge gets no interrupt while it is no target on that bus */
    sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ, 0xffff);
    qpci_config_writew(&nic->pci_dev, SVNIC_CFG_SECONDARY_COMMAND,
                       PCI_COMMAND_MASTER);
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_QUERY, 0, 0, NULL, NULL),
                    ==, SVNIC_ST_OK);
    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_counter(nic, "card", "interrupts-lost") == 3);
    g_assert_cmphex(sv_nic_csr16(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ), ==, 0);
    guest_free(alloc, guest);
}

typedef struct Csr {
    uint32_t offset, reset;
    bool writable;
} Csr;

/* Registers without side effects. */
static const Csr csrs[] = {
    { SVNIC_PCI_CSR_OUT_INT_STATUS, 0, false },
    { SVNIC_PCI_CSR_OUT_INT_MASK, SVNIC_PCI_OUT_INT_DOORBELL, true },
    { SVNIC_PCI_CSR_DMA(0) + SVNIC_DMA_PCI_ADDRESS, 0, true },
    { SVNIC_PCI_CSR_DMA(1) + SVNIC_DMA_DRAM_ADDRESS, 0, true },
    { SVNIC_PCI_CSR_DMA(2) + SVNIC_DMA_DESC_PTR, 0, true },
    { SVNIC_PCI_CSR_DMA(0) + SVNIC_DMA_ME_PARAM, 0, true },
    { SVNIC_PCI_CSR_DMA_INF_MODE, 0, true },
    { SVNIC_PCI_CSR_SRAM_BASE_MASK, 0, false },
    { SVNIC_PCI_CSR_DRAM_BASE_MASK, SVNIC_PCI_BASE_MASK, false },
    { SVNIC_PCI_CSR_CONTROL, 0, true },
    { SVNIC_PCI_CSR_ADDR_EXT, SVNIC_PCI_ADDR_EXT_RESET, true },
    { SVNIC_PCI_CSR_PUSH_STATUS, 0, false },
    { SVNIC_PCI_CSR_PUSH_ENABLE, 0, true },
    { SVNIC_PCI_CSR_PUSH_ERROR_STATUS, 0, false },
    { SVNIC_PCI_CSR_PUSH_ERROR_ENABLE, 0, true },
    { SVNIC_PCI_CSR_XSCALE_INT_STATUS, 0, false },
    { SVNIC_PCI_CSR_XSCALE_INT_ENABLE, 0, true },
};

static void test_csrs(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    size_t i;

    for (i = 0; i < ARRAY_SIZE(csrs); i++) {
        uint32_t at = csrs[i].offset;
        uint32_t set = csrs[i].writable ? 0xa5c35a3c : csrs[i].reset;

        g_assert_cmphex(sv_nic_pci_csr(nic, at), ==, csrs[i].reset);
        sv_nic_pci_csr_write(nic, at, 0xa5c35a3c);
        g_assert_cmphex(sv_nic_pci_csr(nic, at), ==, set);
        /* Accesses other than an aligned dword have no effect. */
        qpci_io_writew(&nic->pci_dev, nic->pci_csr, at, 0x1111);
        qpci_io_writew(&nic->pci_dev, nic->pci_csr, at + 2, 0x2222);
        qpci_io_writeb(&nic->pci_dev, nic->pci_csr, at + 1, 0x33);
        g_assert_cmphex(sv_nic_pci_csr(nic, at), ==, set);
        g_assert_cmphex(qpci_io_readw(&nic->pci_dev, nic->pci_csr, at), ==,
                        0);
        g_assert_cmphex(qpci_io_readb(&nic->pci_dev, nic->pci_csr, at), ==,
                        0);
    }
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_PCI_DOORBELL_SETUP, 1);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_OUT_INT_STATUS), ==,
                    SVNIC_PCI_OUT_INT_DOORBELL);
    qtest_system_reset(sv_nic_qts(nic));
    sv_nic_restart(nic);
    for (i = 0; i < ARRAY_SIZE(csrs); i++) {
        g_assert_cmphex(sv_nic_pci_csr(nic, csrs[i].offset), ==,
                        csrs[i].reset);
    }
}

/* The host interrupts the chip through the bridge. */
static void test_intb(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;

    sv_nic_csr16_write(nic, SVNIC_CSR_SECONDARY_SET_IRQ, 0x0010);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_XSCALE_INT_STATUS), ==,
                    0);
    sv_nic_csr16_write(nic, SVNIC_CSR_SECONDARY_CLEAR_MASK, 0x0010);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_XSCALE_INT_STATUS), ==,
                    SVNIC_PCI_XSCALE_INT_INTB);
    sv_nic_csr16_write(nic, SVNIC_CSR_SECONDARY_CLEAR_IRQ, 0x0010);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_XSCALE_INT_STATUS), ==,
                    0);
}

/* With stamps=on every stage that a frame goes through is counted. */
static void test_stages(void *obj, void *data, QGuestAllocator *alloc)
{
    static const char *const stages[] = {
        "stage-doorbell-count", "stage-fetch-count", "stage-classify-count",
        "stage-ring-count", "stage-copy-count", "stage-signal-count",
    };
    static const char *const times[] = {
        "stage-doorbell-max", "stage-fetch-max", "stage-classify-max",
        "stage-ring-max", "stage-copy-max", "stage-signal-max",
    };
    int64_t begin = g_get_monotonic_time();
    QSvNic *nic = obj;
    QSvNicVif a, b;
    uint8_t frame[64];
    size_t i;

    sv_nic_vif_open(&a, nic, 4, NULL);
    sv_nic_vif_open(&b, nic, 5, NULL);
    memset(frame, 0x77, sizeof(frame));
    memcpy(frame, b.mac, 6);
    memcpy(frame + 6, a.mac, 6);
    for (i = 0; i < 10; i++) {
        sv_nic_send(&a, NULL, frame, sizeof(frame));
        sv_nic_expect(&b, NULL, frame, sizeof(frame));
        sv_nic_send_drain(&a);
    }
    for (i = 0; i < ARRAY_SIZE(stages); i++) {
        sv_nic_wait(sv_nic_qts(nic),
                    sv_nic_counter(nic, "me[4]", stages[i]) > 0);
        g_assert_cmpuint(sv_nic_counter(nic, "me[4]", stages[i]), <=, 10);
        g_assert_cmpuint(sv_nic_counter(nic, "me[5]", stages[i]), ==, 0);
        /* in ns: not longer than this whole test */
        g_assert_cmpuint(sv_nic_counter(nic, "me[4]", times[i]), <=,
                         (g_get_monotonic_time() - begin + 1) * 1000);
    }
}

/* Handles pass through the ring of the microengine that serves the sender. */
static void test_handles(void *obj, void *data, QGuestAllocator *alloc)
{
    static const struct {
        const char *of, *name;
        unsigned more;
    } counters[] = {
        { "me[2]", "handles", 10 },
        { "ring[2]", "chip-puts", 10 },
        { "ring[2]", "chip-gets", 10 },
        { "ring[2]", "chip-overflows", 0 },
        { "me[3]", "handles", 0 },
    };
    uint64_t before[ARRAY_SIZE(counters)], signals;
    QSvNic *nic = obj;
    QSvNicVif a, b;
    uint8_t frame[64];
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(counters); i++) {
        before[i] = sv_nic_counter(nic, counters[i].of, counters[i].name);
    }
    signals = sv_nic_counter(nic, "card", "chip-signals-sent");

    sv_nic_vif_open(&a, nic, 2, NULL);
    sv_nic_vif_open(&b, nic, 3, NULL);
    memset(frame, 0x77, sizeof(frame));
    memcpy(frame, b.mac, 6);
    memcpy(frame + 6, a.mac, 6);
    for (i = 0; i < 10; i++) {
        sv_nic_send(&a, NULL, frame, sizeof(frame));
        sv_nic_expect(&b, NULL, frame, sizeof(frame));
    }
    sv_nic_send_drain(&a);
    for (i = 0; i < ARRAY_SIZE(counters); i++) {
        g_assert_cmpuint(sv_nic_counter(nic, counters[i].of,
                                        counters[i].name) - before[i], ==,
                         counters[i].more);
    }
    g_assert_cmpuint(sv_nic_counter(nic, "card", "chip-signals-sent"), >,
                     signals);
}

/* Value of a register after a write of @bits. */
static uint32_t expect(const Row *row, uint32_t old, uint32_t bits)
{
    if (!strcmp(row->host, "R, W1S")) {
        return old | (bits & row->writable);
    }
    if (!strcmp(row->host, "R, W1C")) {
        return old & ~(bits & row->writable);
    }
    if (!strcmp(row->host, "RW, 2, 3, 7 W1C")) {
        old &= ~(bits & IXP_DMA_EVENTS);
    } else {
        g_assert_true(!strcmp(row->host, row->writable ? "RW" : "RO"));
    }
    return (old & ~row->writable) | (bits & row->writable);
}

static uint64_t csr_read(QSvNic *nic, uint32_t at, unsigned width)
{
    QPCIDevice *dev = &nic->pci_dev;

    return width == 1 ? qpci_io_readb(dev, nic->pci_csr, at) :
           width == 2 ? qpci_io_readw(dev, nic->pci_csr, at) :
           width == 4 ? qpci_io_readl(dev, nic->pci_csr, at) :
                        qpci_io_readq(dev, nic->pci_csr, at);
}

static void csr_write(QSvNic *nic, uint32_t at, unsigned width, uint64_t value)
{
    QPCIDevice *dev = &nic->pci_dev;

    if (width == 1) {
        qpci_io_writeb(dev, nic->pci_csr, at, value);
    } else if (width == 2) {
        qpci_io_writew(dev, nic->pci_csr, at, value);
    } else if (width == 4) {
        qpci_io_writel(dev, nic->pci_csr, at, value);
    } else {
        qpci_io_writeq(dev, nic->pci_csr, at, value);
    }
}

/*
 * The machine is stopped meanwhile, so that neither firmware nor DMA reacts to
 * the writes.
 */
static void test_every_csr(void *obj, void *data, QGuestAllocator *alloc)
{
    static const uint32_t patterns[] = {
        0xffffffff, 0x00000000, 0xa5a5a5a5, 0x5a5a5a5a, 0x12345678,
        0x00000000,
    };
    static const struct {
        unsigned first, width;
    } odd[] = {
        { 0, 1 }, { 1, 1 }, { 2, 1 }, { 3, 1 }, { 0, 2 }, { 1, 2 }, { 2, 2 },
        { 0, 8 }, { 1, 4 }, { 2, 4 }, { 3, 4 },
    };
    QSvNic *nic = obj;
    size_t r, p;

    qtest_qmp_assert_success(sv_nic_qts(nic), "{ 'execute': 'stop' }");
    for (r = 0; r < ARRAY_SIZE(rows); r++) {
        const Row *row = &rows[r];
        unsigned n;

        for (n = 0; n < row->count; n++) {
            uint32_t at = row->address + n * row->stride, kept;

            g_test_message("%s %u", row->name, n);
            kept = sv_nic_pci_csr(nic, at);
            for (p = 0; p < ARRAY_SIZE(patterns); p++) {
                uint32_t old = sv_nic_pci_csr(nic, at);

                sv_nic_pci_csr_write(nic, at, patterns[p]);
                g_assert_cmphex(sv_nic_pci_csr(nic, at), ==,
                                expect(row, old, patterns[p]));
            }
            sv_nic_pci_csr_write(nic, at, kept);
            /* accesses other than an aligned dword are reserved */
            kept = sv_nic_pci_csr(nic, at);
            for (p = 0; p < ARRAY_SIZE(odd); p++) {
                g_assert_cmphex(csr_read(nic, at + odd[p].first,
                                         odd[p].width), ==, 0);
                csr_write(nic, at + odd[p].first, odd[p].width, UINT64_MAX);
                csr_write(nic, at + odd[p].first, odd[p].width, 0);
                g_assert_cmphex(sv_nic_pci_csr(nic, at), ==, kept);
            }
        }
    }
    /* Each doorbell has two registers, and still has the pattern. */
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_XSCALE_DOORBELL_SETUP, 0);
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_PCI_DOORBELL_SETUP, 0xf0f0);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL), ==,
                    0xf0f0);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_OUT_INT_STATUS), ==,
                    SVNIC_PCI_OUT_INT_DOORBELL);
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_PCI_DOORBELL, 0xff00);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL_SETUP), ==,
                    0xf0);
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_PCI_DOORBELL_SETUP, 0);
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_XSCALE_DOORBELL, 0xf0);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_XSCALE_DOORBELL_SETUP),
                    ==, 0xf0);
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_XSCALE_DOORBELL_SETUP, 0);
    qtest_qmp_assert_success(sv_nic_qts(nic), "{ 'execute': 'cont' }");
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_QUERY, 0, 0, NULL, NULL),
                    ==, SVNIC_ST_OK);
}

/* Wait cycles are the sum of all accesses times their latency. */
static void test_latencies(void *obj, void *data, QGuestAllocator *alloc)
{
    static const struct {
        const char *accesses;
        unsigned latency;       /* as in the options below */
    } memories[] = {
        { "accesses-scratch", 7 }, { "accesses-hash", 0 },
        { "accesses-sram", 1000 }, { "accesses-dram", 10000 },
    };
    QSvNic *nic = obj;
    uint64_t cycles = 0;
    uint8_t frame[64];
    QSvNicVif a, b;
    size_t i;

    g_assert_cmpuint(sv_nic_counter(nic, "me[4]", "accesses-sram"), ==, 0);
    sv_nic_vif_open(&a, nic, 4, NULL);
    sv_nic_vif_open(&b, nic, 5, NULL);
    memset(frame, 0x77, sizeof(frame));
    memcpy(frame, b.mac, 6);
    memcpy(frame + 6, a.mac, 6);
    sv_nic_send(&a, NULL, frame, sizeof(frame));
    sv_nic_expect(&b, NULL, frame, sizeof(frame));
    for (i = 0; i < ARRAY_SIZE(memories); i++) {
        uint64_t n = sv_nic_counter(nic, "me[4]", memories[i].accesses);

        g_assert_cmpuint(n, >, 0);
        cycles += n * memories[i].latency;
    }
    g_assert_cmpuint(sv_nic_counter(nic, "me[4]", "chip-wait-cycles"), ==,
                     cycles);
    g_assert_cmpuint(sv_nic_counter(nic, "me[3]", "accesses-sram"), ==, 0);
}

static void register_sv_nic_chip_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *variants;
        const char *opts;
    } tests[] = {
        { "pci-csrs-are-those-of-the-spec", test_csrs, "0" },
        { "every-pci-csr-stores-its-bits-as-dword-only", test_every_csr,
          "01" },
        { "dma-moves-bytes-both-ways", test_dma, "01" },
        { "dma-follows-a-chain", test_chain, "01" },
        { "dma-errors-stop-the-channel", test_dma_errors, "0" },
        { "dma-ends-with-a-reset", test_dma_reset, "01" },
        { "without-bus-master-the-chip-starts-no-cycle", test_no_master, "02" },
        { "the-bridge-interrupts-the-chip-at-intb", test_intb, "0" },
        { "stages-are-timed", test_stages, "01", "stamps=on" },
        { "wait-cycles-of-memories-are-counted", test_latencies, "0",
          "latency-scratch=7,latency-hash=0,latency-sram=1000,"
          "latency-dram=10000" },
        { "handles-pass-through-scratch-rings", test_handles, "012" },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("chip", tests[i].name, tests[i].fn,
                        tests[i].variants, tests[i].opts, NULL, NULL);
    }
}

libqos_init(register_sv_nic_chip_tests);
