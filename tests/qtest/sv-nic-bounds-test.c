/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: bounds of guest accesses: accesses after unplug, DMA of any length
 * and alignment to any target, and the time that the main loop is blocked.
 *
 * Sections "Bridge CSRs", "DMA channels" and "Upstream" of
 * docs/specs/sv-nic-chip.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "hw/pci/pci_regs.h"
#include "qemu/module.h"

/*
 * Accesses after unplug
 */

/* Fills freed memory with a pattern that is neither zeros nor ones. */
static void *perturbed(GString *cmd_line, void *arg)
{
    g_setenv("MALLOC_PERTURB_", "90", true);
    return arg;
}

/*
 * A vCPU that waited for the BQL accesses a region after the card has been
 * unplugged: each register that was mapped reads ones, and writes of any width
 * are dropped.
 */
static void test_late_accesses(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QTestState *qts = sv_nic_qts(nic);
    uint64_t report = guest_alloc(alloc, 16);
    g_autofree char *address = g_strdup_printf("0x%" PRIx64, report);
    uint64_t reads;

    /* registers with values, and a window to an address without target */
    qpci_io_writel(&nic->pci_dev, nic->csr, SVNIC_CSR_DOWN_MEM2_BASE,
                   SVNIC_LOCAL_PCI_CSR - SVNIC_PCI_CSR_SIZE);
    qtest_memset(qts, report, 0, 16);
    qtest_qmp_assert_success(
        qts, "{ 'execute': 'qom-set', 'arguments': { 'path': "
        "'/machine/peripheral/" SV_NIC_ID "', 'property': 'late-accesses', "
        "'value': %s } }", address);
    qpci_unplug_acpi_device_test(qts, SV_NIC_ID, nic->pci_dev.devfn >> 3);
    reads = qtest_readq(qts, report);
    /* at least the CSRs, in memory and I/O space, and a doorbell page */
    g_assert_cmpuint(reads, >, 2 * 3 * (SVNIC_CSR_SIZE / 4 +
                                        SVNIC_CSR_IO_SIZE / 4 +
                                        SVNIC_DOORBELL_PAGE_SIZE / 4));
    g_assert_cmpuint(qtest_readq(qts, report + 8), ==, 0);
    qos_invalidate_command_line();
}

/*
 * DMA of any length, alignment and target
 */

#define DATA            0x900000        /* in SDRAM, where no VIF is */
#define HOST(guest)     (SVNIC_LOCAL_UPSTREAM_MEM0 + (uint32_t)(guest))
#define DONE            (SVNIC_DMA_TRANSFER_DONE | SVNIC_DMA_CHAIN_DONE)
#define LENGTHS         16

static void dma_write(QSvNic *nic, unsigned n, uint32_t reg, uint32_t value)
{
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_DMA(n) + reg, value);
}

static uint32_t dma_read(QSvNic *nic, unsigned n, uint32_t reg)
{
    return sv_nic_pci_csr(nic, SVNIC_PCI_CSR_DMA(n) + reg);
}

static bool dma_busy(QSvNic *nic, unsigned n)
{
    return dma_read(nic, n, SVNIC_DMA_CONTROL) & SVNIC_DMA_ENABLE;
}

/* Result of a transfer between SDRAM at DATA and @pci: done or refused. */
static bool dma_move(QSvNic *nic, uint32_t pci, uint32_t length, bool to_pci)
{
    uint32_t events;

    dma_write(nic, 0, SVNIC_DMA_BYTE_COUNT, length | SVNIC_DMA_END_OF_CHAIN |
              (to_pci ? SVNIC_DMA_TO_PCI : 0));
    dma_write(nic, 0, SVNIC_DMA_PCI_ADDRESS, pci);
    dma_write(nic, 0, SVNIC_DMA_DRAM_ADDRESS, DATA);
    dma_write(nic, 0, SVNIC_DMA_CONTROL, SVNIC_DMA_ENABLE |
              SVNIC_DMA_IN_REGISTERS | DONE | SVNIC_DMA_ERROR);
    sv_nic_wait(sv_nic_qts(nic), !dma_busy(nic, 0));
    events = dma_read(nic, 0, SVNIC_DMA_CONTROL) & (DONE | SVNIC_DMA_ERROR);
    g_assert_true(events == DONE || events == SVNIC_DMA_ERROR);
    return events == DONE;
}

/* Bytes read, and bytes read back after a write. */
static void test_dma_at_csrs(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    uint64_t errors = sv_nic_counter(nic, "dma[0]", "chip-errors");
    uint32_t at, length;

    /* all registers, read and written back byte by byte */
    for (at = 0; at < SVNIC_CSR_LUT(4); at += 5) {
        for (length = 1; length <= LENGTHS; length++) {
            uint32_t pci = SVNIC_LOCAL_BRIDGE_CSR + at;

            g_assert_true(dma_move(nic, pci, length, false));
            g_assert_true(dma_move(nic, pci, length, true));
        }
    }
    /* bytes outside of the transfer do not change */
    for (at = 0; at < 8; at++) {
        for (length = 1; length <= LENGTHS; length++) {
            uint8_t pad[SVNIC_CSR_SCRATCHPADS * 4], bytes[LENGTHS];
            uint32_t i;

            for (i = 0; i < sizeof(pad); i += 4) {
                qpci_io_writel(&nic->pci_dev, nic->csr,
                               SVNIC_CSR_SCRATCHPAD(0) + i, 0x55555555);
            }
            for (i = 0; i < length; i++) {
                bytes[i] = 16 * length + i;
            }
            sv_nic_sdram_write(nic, DATA, bytes, length);
            g_assert_true(dma_move(nic, SVNIC_LOCAL_BRIDGE_CSR +
                                   SVNIC_CSR_SCRATCHPAD(0) + at, length,
                                   true));
            for (i = 0; i < sizeof(pad); i++) {
                pad[i] = qpci_io_readb(&nic->pci_dev, nic->csr,
                                       SVNIC_CSR_SCRATCHPAD(0) + i);
                g_assert_cmphex(pad[i], ==, i >= at && i < at + length ?
                                            bytes[i - at] : 0x55);
            }
            sv_nic_sdram_write(nic, DATA, pad, length);
            g_assert_true(dma_move(nic, SVNIC_LOCAL_BRIDGE_CSR +
                                   SVNIC_CSR_SCRATCHPAD(0) + at, length,
                                   false));
            sv_nic_sdram_read(nic, DATA, pad, length);
            g_assert_cmpmem(pad, length, bytes, length);
        }
    }
    g_assert_cmpuint(sv_nic_counter(nic, "dma[0]", "chip-errors"), ==,
                     errors);
}

static void test_dma_anywhere(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    uint64_t page = guest_alloc(alloc, 2 * 4096);
    const struct {
        uint32_t at;
        bool done, refused;     /* allowed results */
    } targets[] = {
        { HOST(page), true },                       /* RAM */
        { HOST(page) + 4096 - 8, true },
        { HOST(0xa0000 - 8), true, true },          /* memory of a device */
        { HOST(0x7f000000), true },                 /* no target: ones */
        { SVNIC_LOCAL_UPSTREAM_MEM0 - 8, true },    /* across windows */
        { SVNIC_LOCAL_UPSTREAM_MEM1 - 8, true, true },
        { SVNIC_LOCAL_UPSTREAM_MEM2 + 4096 - 8, true }, /* invalid entry */
        { SVNIC_LOCAL_UPSTREAM_MEM2 + 64 * 4096 - 8, true, true },
        { SVNIC_LOCAL_SDRAM, false, true },         /* of the chip itself */
        { SVNIC_LOCAL_PCI_CSR, false, true },
        { SVNIC_LOCAL_PCI_CSR + SVNIC_PCI_CSR_DMA(0), false, true },
        { SVNIC_LOCAL_DOORBELL, false, true },
        { SVNIC_LOCAL_BRIDGE_CSR - 8, true, true }, /* across CSR bounds */
        { SVNIC_LOCAL_BRIDGE_CSR + SVNIC_CSR_SIZE - 8, true, true },
        { 0xfffffff8, true, true },                 /* across the bus's end */
    };
    uint64_t errors = sv_nic_counter(nic, "dma[0]", "chip-errors");
    size_t t;

    qpci_io_writel(&nic->pci_dev, nic->csr, SVNIC_CSR_LUT(0),
                   page | SVNIC_LUT_VALID);
    for (t = 0; t < ARRAY_SIZE(targets); t++) {
        uint32_t i;

        for (i = 0; i < 8 * LENGTHS * 2; i++) {
            uint32_t pci = targets[t].at + i / 2 % 8;
            bool done = dma_move(nic, pci, 1 + i / 16, i & 1);

            g_assert_true(done ? targets[t].done : targets[t].refused);
            errors += !done;
        }
    }
    g_assert_cmpuint(sv_nic_counter(nic, "dma[0]", "chip-errors"), ==,
                     errors);
    sv_nic_wait_firmware(nic);
}

/*
 * Time that the main loop is blocked
 */

#define DESCS           0x800000
#define CHAIN           96
#define BASES           6       /* consecutive registers that move windows */

/* A chain of channel @n that moves windows away and back several times. */
static void chain_write(QSvNic *nic, unsigned n)
{
    uint32_t at = DESCS + n * CHAIN * sizeof(struct svnic_dma_desc);
    uint32_t i;

    for (i = 0; i < CHAIN; i++) {
        uint32_t next = at + sizeof(struct svnic_dma_desc);

        sv_nic_sdram32_write(nic, at, BASES * 4 | SVNIC_DMA_TO_PCI |
                             (i + 1 == CHAIN ? SVNIC_DMA_END_OF_CHAIN : 0));
        sv_nic_sdram32_write(nic, at + 4, SVNIC_LOCAL_BRIDGE_CSR +
                             SVNIC_CSR_DOWN_MEM0_BASE);
        sv_nic_sdram32_write(nic, at + 8, DATA + (i & 1 ? 0 : BASES * 4));
        sv_nic_sdram32_write(nic, at + 12, next);
        at = next;
    }
}

/* Starts the three chains; returns the longest time of a register in us. */
static int64_t chains_run(QSvNic *nic, int64_t *total)
{
    int64_t start = g_get_monotonic_time(), last = start, longest = 0;
    unsigned n;

    for (n = 0; n < SVNIC_PCI_CSR_DMA_CHANNELS; n++) {
        dma_write(nic, n, SVNIC_DMA_DESC_PTR,
                  DESCS + n * CHAIN * sizeof(struct svnic_dma_desc));
        dma_write(nic, n, SVNIC_DMA_CONTROL,
                  SVNIC_DMA_ENABLE | DONE | SVNIC_DMA_ERROR);
    }
    n = 0;
    while (n < SVNIC_PCI_CSR_DMA_CHANNELS) {
        int64_t now;

        n += !dma_busy(nic, n);
        now = g_get_monotonic_time();
        g_assert_cmpint(now - start, <, SV_NIC_DEADLINE_US);
        longest = MAX(longest, now - last);
        last = now;
    }
    *total = last - start;
    return longest;
}

/*
 * Chains that move windows are the slowest DMA in QEMU: the main loop runs
 * other handlers after each such register.
 */
static void test_dma_hold(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const uint32_t registers = SVNIC_PCI_CSR_DMA_CHANNELS * CHAIN * BASES;
    bool quick = false;
    uint32_t i;

    for (i = 0; i < BASES; i++) {
        uint32_t reg = SVNIC_CSR_DOWN_MEM0_BASE + 4 * i;
        uint32_t base = qpci_io_readl(&nic->pci_dev, nic->csr, reg);
        bool kept = reg == SVNIC_CSR_DOWN_MEM2_BASE ||
                    reg == SVNIC_CSR_DOWN_MEM3_BASE ||
                    reg == SVNIC_CSR_UP_MEM0_BASE;

        sv_nic_sdram32_write(nic, DATA + 4 * i, base);
        sv_nic_sdram32_write(nic, DATA + 4 * (BASES + i),
                             base ^ (kept ? 0 : 0x10000000));
    }
    for (i = 0; i < SVNIC_PCI_CSR_DMA_CHANNELS; i++) {
        chain_write(nic, i);
    }
    /* a busy machine can delay this process, but not in each round */
    for (i = 0; i < 5 && !quick; i++) {
        uint64_t runs = sv_nic_counter(nic, "card", "dma-runs");
        uint64_t parts = sv_nic_counter(nic, "card", "dma-parts");
        int64_t total, longest = chains_run(nic, &total);
        unsigned n;

        for (n = 0; n < SVNIC_PCI_CSR_DMA_CHANNELS; n++) {
            g_assert_cmphex(dma_read(nic, n, SVNIC_DMA_CONTROL), ==, DONE);
        }
        g_assert_cmpuint(sv_nic_counter(nic, "card", "dma-parts") - parts,
                         ==, registers);
        g_assert_cmpuint(sv_nic_counter(nic, "card", "dma-runs") - runs, ==,
                         registers);
        g_test_message("%" PRId64 " us in all, %" PRId64 " us held", total,
                       longest);
        quick = longest < total / 4;
    }
    g_assert_true(quick);
}

/* DMA between memories moves limited parts, round-robin over channels. */
static void test_dma_parts(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const uint32_t length = 1024 * 1024;
    uint64_t runs = sv_nic_counter(nic, "card", "dma-runs");
    uint64_t parts = sv_nic_counter(nic, "card", "dma-parts");
    unsigned n;

    for (n = 0; n < SVNIC_PCI_CSR_DMA_CHANNELS; n++) {
        dma_write(nic, n, SVNIC_DMA_BYTE_COUNT,
                  length | SVNIC_DMA_END_OF_CHAIN);
        dma_write(nic, n, SVNIC_DMA_PCI_ADDRESS, HOST(0x100000));
        dma_write(nic, n, SVNIC_DMA_DRAM_ADDRESS, DATA);
        dma_write(nic, n, SVNIC_DMA_CONTROL,
                  SVNIC_DMA_ENABLE | SVNIC_DMA_IN_REGISTERS);
    }
    for (n = 0; n < SVNIC_PCI_CSR_DMA_CHANNELS; n++) {
        sv_nic_wait(sv_nic_qts(nic), !dma_busy(nic, n));
    }
    parts = sv_nic_counter(nic, "card", "dma-parts") - parts;
    runs = sv_nic_counter(nic, "card", "dma-runs") - runs;
    g_assert_cmpuint(parts, ==, SVNIC_PCI_CSR_DMA_CHANNELS * (length >> 14));
    g_assert_cmpuint(runs, >=, parts / 12);
}

static void register_sv_nic_bounds_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *variants;
        const char *opts;
        QOSBeforeTest before;
    } tests[] = {
        { "accesses-after-unplug-read-ones", test_late_accesses, "02",
          NULL, perturbed },
        { "accesses-after-unplug-read-ones-with-msix", test_late_accesses,
          "02", "msix=on", perturbed },
        { "dma-at-the-csrs-has-any-length-and-alignment", test_dma_at_csrs,
          "0" },
        { "dma-anywhere-is-done-or-refused", test_dma_anywhere, "0" },
        { "dma-that-moves-windows-yields-to-the-main-loop", test_dma_hold,
          "01" },
        { "dma-parts-per-round-are-limited", test_dma_parts, "01" },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("bounds", tests[i].name, tests[i].fn,
                        tests[i].variants, tests[i].opts, tests[i].before,
                        NULL);
    }
}

libqos_init(register_sv_nic_bounds_tests);
