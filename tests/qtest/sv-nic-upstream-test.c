/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: upstream transfers from the chip to host memory, and their errors.
 *
 * Section "Upstream" of docs/specs/sv-nic-chip.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/malloc-pc.h"
#include "libqos/pci-pc.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-face.h"
#include "exec/memattrs.h"
#include "hw/pci/pci_regs.h"
#include "qemu/module.h"
#include "qemu/units.h"

#define MEM0        SVNIC_LOCAL_UPSTREAM_MEM0
#define MEM1        SVNIC_LOCAL_UPSTREAM_MEM1
#define MEM2        SVNIC_LOCAL_UPSTREAM_MEM2
#define PAGE        4096
/* Host memory that the machine does not use. */
#define SPOT        0x4000000u

static uint64_t up_read(QSvNic *nic, uint64_t addr, uint32_t size,
                        uint32_t want)
{
    uint32_t result;
    uint64_t value = sv_nic_secondary_read(nic, "memory", addr, size,
                                           &result);

    g_assert_cmphex(result, ==, want);
    return value;
}

static void up_write(QSvNic *nic, uint64_t addr, uint32_t size,
                     uint64_t value, uint32_t want)
{
    g_assert_cmphex(sv_nic_secondary_write(nic, "memory", addr, size, value),
                    ==, want);
}

static void lut(QSvNic *nic, unsigned n, uint32_t entry)
{
    qpci_io_writel(&nic->pci_dev, nic->csr, SVNIC_CSR_LUT(n), entry);
}

static void page_code(QSvNic *nic, unsigned code)
{
    qpci_config_writew(&nic->pci_dev, SVNIC_CFG_CHIP_CONTROL1,
                       (code & 0xf) << SVNIC_CC1_PAGE_SIZE_SHIFT);
    qpci_config_writew(&nic->pci_dev, SVNIC_CFG_CHIP_CONTROL0,
                       code >> 4 << SVNIC_CC0_PAGE_SIZE_EXT_SHIFT);
}

static uint64_t counter(QSvNic *nic, const char *what)
{
    g_autofree char *name = g_strdup_printf("upstream-%s", what);

    return sv_nic_counter(nic, "card", name);
}

/* The base is replaced, the offset kept; windows move under operation. */
static void test_direct(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QTestState *qts = sv_nic_qts(nic);
    uint64_t unclaimed = counter(nic, "unclaimed");
    uint32_t size;

    for (size = 1; size <= 8; size *= 2) {
        qtest_writeq(qts, SPOT, 0x1122334455667788);
        g_assert_cmphex(up_read(nic, MEM0 + SPOT, size, MEMTX_OK), ==,
                        0x1122334455667788 & (UINT64_MAX >> (64 - 8 * size)));
        qtest_memset(qts, SPOT + 8, 0x11, 16);
        up_write(nic, MEM0 + SPOT + 8, size, 0xffeeddccbbaa9988, MEMTX_OK);
        g_assert_cmphex(qtest_readb(qts, SPOT + 8), ==, 0x88);
        g_assert_cmphex(qtest_readb(qts, SPOT + 8 + size), ==, 0x11);
    }
    /* this machine has no RAM behind Memory 1 */
    up_read(nic, MEM1, 4, MEMTX_DECODE_ERROR);
    qpci_io_writel(&nic->pci_dev, nic->csr, SVNIC_CSR_UP_MEM1_BASE, 0);
    g_assert_cmphex(up_read(nic, MEM1 + SPOT, 4, MEMTX_OK), ==, 0x55667788);
    /* bits within the window are taken from the offset */
    qpci_io_writel(&nic->pci_dev, nic->csr, SVNIC_CSR_UP_MEM1_BASE, SPOT);
    g_assert_cmphex(up_read(nic, MEM1 + SPOT, 4, MEMTX_OK), ==, 0x55667788);
    /* and its base on the secondary side moves, too */
    qpci_config_writel(&nic->pci_dev, SVNIC_CFG_UPSTREAM_MEM1_BAR,
                       0x20000000);
    g_assert_cmphex(up_read(nic, 0x20000000 + SPOT, 4, MEMTX_OK), ==,
                    0x55667788);
    up_read(nic, MEM1 + SPOT, 4, MEMTX_DECODE_ERROR | MEMTX_ERROR);
    g_assert_cmpuint(counter(nic, "unclaimed"), ==, unclaimed + 1);
}

/* A transfer across the end of a window stops at the end. */
static void test_window_end(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QTestState *qts = sv_nic_qts(nic);
    const uint32_t none = MEMTX_DECODE_ERROR | MEMTX_ERROR;
    const uint32_t at = MEM1 + MiB, end = at + MiB;
    uint64_t unclaimed = counter(nic, "unclaimed");

    face_write(nic, SECONDARY_CONFIG, SVNIC_CFG_UPSTREAM_MEM1_SETUP, 4,
               (uint32_t)-MiB);
    qpci_config_writel(&nic->pci_dev, SVNIC_CFG_UPSTREAM_MEM1_BAR, at);
    /* bits within the window are taken from the offset */
    qpci_io_writel(&nic->pci_dev, nic->csr, SVNIC_CSR_UP_MEM1_BASE,
                   SPOT | 0xffff0);
    qtest_writel(qts, SPOT, 0x11111111);
    qtest_writel(qts, SPOT + MiB - 4, 0x22222222);
    qtest_writel(qts, SPOT + MiB, 0x33333333);
    g_assert_cmphex(up_read(nic, at, 4, MEMTX_OK), ==, 0x11111111);
    g_assert_cmphex(up_read(nic, end - 4, 4, MEMTX_OK), ==, 0x22222222);
    up_read(nic, at - 4, 4, none);
    g_assert_cmphex(up_read(nic, end - 4, 8, none), ==, 0x22222222);
    up_write(nic, end - 4, 8, 0x4444444455555555, none);
    g_assert_cmphex(qtest_readl(qts, SPOT + MiB - 4), ==, 0x55555555);
    g_assert_cmphex(qtest_readl(qts, SPOT + MiB), ==, 0x33333333);
    g_assert_cmpuint(counter(nic, "unclaimed"), ==, unclaimed + 3);

    /* twice the size: the BAR has one bit less */
    face_write(nic, SECONDARY_CONFIG, SVNIC_CFG_UPSTREAM_MEM1_SETUP, 4,
               (uint32_t)(-2 * MiB));
    g_assert_cmphex(qpci_config_readl(&nic->pci_dev,
                                      SVNIC_CFG_UPSTREAM_MEM1_BAR), ==, MEM1);
    g_assert_cmphex(up_read(nic, MEM1, 4, MEMTX_OK), ==, 0x11111111);
    g_assert_cmphex(up_read(nic, at, 4, MEMTX_OK), ==, 0x33333333);
    up_read(nic, end, 4, none);
    /* so does a transfer across the end of the CSRs */
    up_read(nic, SVNIC_LOCAL_BRIDGE_CSR + SVNIC_CSR_SIZE - 4, 4, MEMTX_OK);
    up_read(nic, SVNIC_LOCAL_BRIDGE_CSR + SVNIC_CSR_SIZE - 4, 8, none);
}

/* At every page size, each entry translates its page up to the last byte. */
static void test_page_sizes(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QTestState *qts = sv_nic_qts(nic);
    const unsigned pages[] = { 0, 1, 31, 32, 63 };
    unsigned code;
    size_t i;

    for (code = 1; code <= 15; code++) {
        uint32_t size = 1u << SVNIC_LUT_PAGE_SHIFT(code);

        page_code(nic, code);
        for (i = 0; i < ARRAY_SIZE(pages); i++) {
            uint32_t host = SPOT + i * 4 * MiB;
            uint64_t local = MEM2 + (uint64_t)pages[i] * size;

            /* bits below the page size are ignored */
            lut(nic, pages[i], host | SVNIC_LUT_VALID |
                               (size > 512 ? 0x100 : 0));
            up_write(nic, local, 4, 0xa0000000 + code, MEMTX_OK);
            up_write(nic, local + size - 4, 4, 0xb0000000 + code, MEMTX_OK);
            g_assert_cmphex(qtest_readl(qts, host), ==, 0xa0000000 + code);
            g_assert_cmphex(qtest_readl(qts, host + size - 4), ==,
                            0xb0000000 + code);
            lut(nic, pages[i], 0);
        }
        /* above page 63 there is no window, or Memory 1 */
        up_read(nic, MEM2 + (uint64_t)SVNIC_LUT_ENTRIES * size, 4,
                MEMTX_DECODE_ERROR | (code < 15 ? MEMTX_ERROR : 0));
    }
    /* size 0: no window */
    page_code(nic, 0);
    lut(nic, 0, SPOT | SVNIC_LUT_VALID);
    up_read(nic, MEM2, 4, MEMTX_DECODE_ERROR | MEMTX_ERROR);
    g_assert_cmphex(qpci_config_readl(&nic->pci_dev,
                                      SVNIC_CFG_UPSTREAM_MEM2_BAR), ==, 0);
}

/* The extension adds three sizes; other codes disable the window. */
static void test_large_pages(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QTestState *qts = sv_nic_qts(nic);
    const unsigned pages[] = { 0, 1, 31 };
    unsigned code;
    size_t i;

    for (code = 16; code <= 31; code++) {
        uint32_t base, size;

        page_code(nic, code);
        base = qpci_config_readl(&nic->pci_dev, SVNIC_CFG_UPSTREAM_MEM2_BAR);
        if (code > SVNIC_LUT_PAGE_CODE_MAX) {
            g_assert_cmphex(base, ==, 0);
            lut(nic, 0, SPOT | SVNIC_LUT_VALID);
            up_read(nic, MEM2, 4, MEMTX_DECODE_ERROR | MEMTX_ERROR);
            continue;
        }
        size = 1u << SVNIC_LUT_PAGE_SHIFT(code);
        g_assert_cmphex(base, ==, MEM2 & -(SVNIC_LUT_ENTRIES * size));
        for (i = 0; i < ARRAY_SIZE(pages); i++) {
            uint32_t host = SPOT + i % 2 * 32 * MiB;
            uint64_t local = base + (uint64_t)pages[i] * size;

            lut(nic, pages[i], host | SVNIC_LUT_VALID | 0x7fff00);
            up_write(nic, local, 4, 0xa0000000 + code, MEMTX_OK);
            up_write(nic, local + size - 4, 4, 0xb0000000 + code, MEMTX_OK);
            g_assert_cmphex(qtest_readl(qts, host), ==, 0xa0000000 + code);
            g_assert_cmphex(qtest_readl(qts, host + size - 4), ==,
                            0xb0000000 + code);
            lut(nic, pages[i], 0);
        }
    }
}

/* A transfer from a valid into an invalid page ends with the valid page. */
static void test_lut_edges(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QTestState *qts = sv_nic_qts(nic);
    uint64_t invalid = counter(nic, "invalid");

    qtest_memset(qts, SPOT, 0x11, 2 * PAGE);
    lut(nic, 0, SPOT | SVNIC_LUT_VALID);
    lut(nic, 1, (SPOT + 4 * PAGE) | SVNIC_LUT_PREFETCHABLE); /* not valid */
    g_assert_cmphex(up_read(nic, MEM2 + PAGE - 4, 8, MEMTX_DECODE_ERROR), ==,
                    0xffffffff11111111);
    up_write(nic, MEM2 + PAGE - 4, 8, 0x2222222222222222,
             MEMTX_DECODE_ERROR);
    g_assert_cmphex(qtest_readl(qts, SPOT + PAGE - 4), ==, 0x22222222);
    g_assert_cmphex(qtest_readl(qts, SPOT + PAGE), ==, 0x11111111);
    g_assert_cmpuint(counter(nic, "invalid"), ==, invalid + 2);

    /* two pages that are not contiguous on the host */
    lut(nic, 1, (SPOT + 4 * PAGE) | SVNIC_LUT_VALID);
    up_write(nic, MEM2 + PAGE - 4, 8, 0x3333333344444444, MEMTX_OK);
    g_assert_cmphex(qtest_readl(qts, SPOT + PAGE - 4), ==, 0x44444444);
    g_assert_cmphex(qtest_readl(qts, SPOT + 4 * PAGE), ==, 0x33333333);

    /* with error mode in Chip Control 0 reads do not return ones */
    lut(nic, 1, 0);
    qpci_config_writew(&nic->pci_dev, SVNIC_CFG_CHIP_CONTROL0,
                       SVNIC_CC0_MASTER_ABORT_MODE);
    g_assert_cmphex(up_read(nic, MEM2 + PAGE, 4, MEMTX_ERROR), ==, 0);
    up_write(nic, MEM2 + PAGE, 4, 0, MEMTX_ERROR);
}

/* Indirect access: the same entries by index and data, byte for byte. */
static void test_lut_faces(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;
    unsigned n;

    for (n = 0; n < SVNIC_LUT_ENTRIES; n++) {
        uint32_t entry = n << 16 | SVNIC_LUT_VALID | SVNIC_LUT_PREFETCHABLE;

        qpci_io_writeb(dev, nic->csr_io, SVNIC_CSR_LUT_OFFSET, n * 4 + n % 4);
        qpci_io_writel(dev, nic->csr_io, SVNIC_CSR_LUT_DATA, entry | 0xf6);
        g_assert_cmphex(qpci_io_readl(dev, nic->csr, SVNIC_CSR_LUT(n)), ==,
                        entry);
        qpci_io_writeb(dev, nic->csr, SVNIC_CSR_LUT(n) + 3, 0xab);
        g_assert_cmphex(qpci_io_readl(dev, nic->csr_io, SVNIC_CSR_LUT_DATA),
                        ==, entry | 0xab000000);
        g_assert_cmphex(sv_nic_secondary_read(nic, "csr", SVNIC_CSR_LUT(n), 4,
                                              NULL), ==, entry | 0xab000000);
    }
}

/* An access to the last dword of a page is an event; it can be masked. */
static void test_page_events(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;
    const unsigned pages[] = { 0, 31, 32, 63 };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(pages); i++) {
        unsigned page = pages[i];
        uint32_t bit = 1u << (page % 32);
        uint32_t irq = SVNIC_CSR_PAGE_IRQ(page / 32);
        uint32_t mask = SVNIC_CSR_PAGE_MASK(page / 32);
        uint64_t local = MEM2 + (uint64_t)page * PAGE;

        lut(nic, page, SPOT | SVNIC_LUT_VALID);
        up_write(nic, local, 4, 0, MEMTX_OK);
        up_read(nic, local + PAGE - 8, 4, MEMTX_OK);
        g_assert_cmphex(qpci_io_readl(dev, nic->csr, irq), ==, 0);
        up_read(nic, local + PAGE - 3, 1, MEMTX_OK);
        g_assert_cmphex(qpci_io_readl(dev, nic->csr, irq), ==, bit);
        g_assert_false(sv_nic_s_inta(nic));
        qpci_io_writel(dev, nic->csr, mask, ~bit);
        g_assert_true(sv_nic_s_inta(nic));
        /* it interrupts the chip, not the host */
        g_assert_false(sv_nic_inta(nic));
        qpci_io_writel(dev, nic->csr, irq, bit);
        g_assert_cmphex(qpci_io_readl(dev, nic->csr, irq), ==, 0);
        g_assert_false(sv_nic_s_inta(nic));
    }
}

/* No target, target is not RAM, bus master disabled. */
static void test_errors(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;
    const uint32_t refused = MEMTX_ACCESS_ERROR | MEMTX_ERROR;
    uint64_t aborts = counter(nic, "aborts");
    uint64_t refusals = counter(nic, "refused");

    /* above the end of memory */
    g_assert_cmphex(up_read(nic, MEM0 + 0x70000000, 4, MEMTX_DECODE_ERROR),
                    ==, 0xffffffff);
    up_write(nic, MEM0 + 0x70000000, 4, 0, MEMTX_DECODE_ERROR);
    g_assert_cmpuint(counter(nic, "aborts"), ==, aborts + 2);
    g_assert_cmphex(qpci_config_readw(dev, PCI_STATUS) &
                    PCI_STATUS_REC_MASTER_ABORT, !=, 0);

    /* above 4 GiB: not translated */
    up_read(nic, 0x7000000000, 4, MEMTX_DECODE_ERROR);

    /* the card's CSRs, its SDRAM, and a write to a ROM */
    qpci_io_writel(dev, nic->csr, SVNIC_CSR_UP_MEM1_BASE,
                   nic->csr.addr & 0xe0000000);
    up_read(nic, MEM1 + (nic->csr.addr & 0x1fffffff), 4, refused);
    up_write(nic, MEM1 + (nic->csr.addr & 0x1fffffff), 4, 0, refused);
    qpci_io_writel(dev, nic->csr, SVNIC_CSR_UP_MEM1_BASE,
                   nic->sdram.addr & 0xe0000000);
    up_write(nic, MEM1 + (nic->sdram.addr & 0x1fffffff), 4, 0, refused);
    up_write(nic, MEM0 + 0xf0000, 4, 0, refused);
    g_assert_cmpuint(counter(nic, "refused"), ==, refusals + 4);

    /* the host has cleared Bus Master Enable */
    g_assert_cmphex(up_read(nic, MEM0 + SPOT, 4, MEMTX_OK), !=, 0xffffffff);
    qpci_config_writew(dev, PCI_COMMAND, PCI_COMMAND_MEMORY);
    g_assert_cmphex(up_read(nic, MEM0 + SPOT, 4, MEMTX_DECODE_ERROR), ==,
                    0xffffffff);
    qpci_config_writew(dev, PCI_COMMAND,
                       PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    up_read(nic, MEM0 + SPOT, 4, MEMTX_OK);

    /* the bridge is no target on the secondary bus */
    qpci_config_writew(dev, SVNIC_CFG_SECONDARY_COMMAND, PCI_COMMAND_MASTER);
    up_read(nic, 0x100000000, 4, MEMTX_DECODE_ERROR | MEMTX_ERROR);
    up_read(nic, SVNIC_LOCAL_BRIDGE_CSR, 4, MEMTX_DECODE_ERROR | MEMTX_ERROR);
    up_read(nic, MEM0 + SPOT, 4, MEMTX_DECODE_ERROR | MEMTX_ERROR);
    lut(nic, 0, SPOT | SVNIC_LUT_VALID);
    up_read(nic, MEM2, 4, MEMTX_DECODE_ERROR | MEMTX_ERROR);
}

/* Reads and clears the abort bits of the status registers, primary first. */
static uint32_t abort_bits(QSvNic *nic)
{
    QPCIDevice *dev = &nic->pci_dev;
    const uint16_t mask = PCI_STATUS_SIG_TARGET_ABORT |
                          PCI_STATUS_REC_TARGET_ABORT |
                          PCI_STATUS_REC_MASTER_ABORT;
    uint32_t bits = (qpci_config_readw(dev, PCI_STATUS) & mask) << 16 |
                    (qpci_config_readw(dev, SVNIC_CFG_SECONDARY_STATUS) &
                     mask);

    qpci_config_writew(dev, PCI_STATUS, mask);
    qpci_config_writew(dev, SVNIC_CFG_SECONDARY_STATUS, mask);
    return bits;
}

#define BITS(primary, secondary) \
    ((uint32_t)PCI_STATUS_##primary << 16 | PCI_STATUS_##secondary)
#define PCI_STATUS_NONE     0

/* Abort bits in the status registers after each kind of abort. */
static void test_abort_bits(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;
    const uint32_t refused = MEMTX_ACCESS_ERROR | MEMTX_ERROR;
    int mode;

    for (mode = 0; mode < 2; mode++) {
        uint32_t result = mode ? MEMTX_ERROR : MEMTX_DECODE_ERROR;

        qpci_config_writew(dev, SVNIC_CFG_CHIP_CONTROL0,
                           mode ? SVNIC_CC0_MASTER_ABORT_MODE : 0);
        abort_bits(nic);
        /* upstream: RAM, no target, invalid entry, not RAM */
        up_read(nic, MEM0 + SPOT, 4, MEMTX_OK);
        g_assert_cmphex(abort_bits(nic), ==, 0);
        up_read(nic, MEM0 + 0x70000000, 4, result);
        g_assert_cmphex(abort_bits(nic), ==,
                        mode ? BITS(REC_MASTER_ABORT, SIG_TARGET_ABORT)
                             : BITS(REC_MASTER_ABORT, NONE));
        up_write(nic, MEM2, 4, 0, result);
        g_assert_cmphex(abort_bits(nic), ==,
                        mode ? BITS(NONE, SIG_TARGET_ABORT) : 0);
        up_write(nic, MEM0 + 0xf0000, 4, 0, refused);
        g_assert_cmphex(abort_bits(nic), ==,
                        BITS(REC_TARGET_ABORT, SIG_TARGET_ABORT));
        /* an address in no window is not claimed by the bridge */
        qpci_config_writew(dev, SVNIC_CFG_SECONDARY_COMMAND,
                           PCI_COMMAND_MASTER);
        up_read(nic, MEM0 + SPOT, 4, MEMTX_DECODE_ERROR | MEMTX_ERROR);
        qpci_config_writew(dev, SVNIC_CFG_SECONDARY_COMMAND,
                           PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY);
        g_assert_cmphex(abort_bits(nic), ==, 0);
        /* downstream */
        qpci_io_writel(dev, nic->csr, SVNIC_CSR_DOWN_MEM2_BASE,
                       SVNIC_LOCAL_UPSTREAM_MEM0);
        g_assert_cmphex(sv_nic_pci_csr(nic, 0), ==, 0xffffffff);
        g_assert_cmphex(abort_bits(nic), ==,
                        mode ? BITS(SIG_TARGET_ABORT, REC_MASTER_ABORT)
                             : BITS(NONE, REC_MASTER_ABORT));
        sv_nic_windows(nic);
    }
}

/* The bridge's CSRs from the secondary side. */
static void test_csrs(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;
    const uint64_t csrs = SVNIC_LOCAL_BRIDGE_CSR;

    up_write(nic, csrs + SVNIC_CSR_SCRATCHPAD(0), 8, 0x1122334455667788,
             MEMTX_OK);
    g_assert_cmphex(qpci_io_readl(dev, nic->csr, SVNIC_CSR_SCRATCHPAD(0)),
                    ==, 0x55667788);
    g_assert_cmphex(qpci_io_readl(dev, nic->csr, SVNIC_CSR_SCRATCHPAD(1)),
                    ==, 0x11223344);
    up_write(nic, csrs + SVNIC_CSR_PRIMARY_CLEAR_MASK, 2, 0x8000, MEMTX_OK);
    up_write(nic, csrs + SVNIC_CSR_PRIMARY_SET_IRQ, 2, 0x8000, MEMTX_OK);
    g_assert_true(sv_nic_inta(nic));
    /* only the chip can write the address of upstream cycles */
    qpci_io_writel(dev, nic->csr, SVNIC_CSR_UP_CONFIG_ADDR, 0x1234);
    g_assert_cmphex(qpci_io_readl(dev, nic->csr, SVNIC_CSR_UP_CONFIG_ADDR),
                    ==, 0);
    up_write(nic, csrs + SVNIC_CSR_UP_CONFIG_ADDR, 4, 0x4321, MEMTX_OK);
    g_assert_cmphex(qpci_io_readl(dev, nic->csr, SVNIC_CSR_UP_CONFIG_ADDR),
                    ==, 0x4321);
}

/* Memory of a device: the framebuffer of a VGA, and shared memory. */
static void test_device_memory(void *obj, void *data, QGuestAllocator *unused)
{
    static const struct {
        unsigned slot, bar;
        uint32_t address;
    } bars[] = {
        { 4, PCI_BASE_ADDRESS_0, 0x20000000 },
        { 5, PCI_BASE_ADDRESS_2, 0x22000000 },
    };
    const uint32_t refused = MEMTX_ACCESS_ERROR | MEMTX_ERROR;
    QTestState *qts;
    QPCIBus *bus;
    QGuestAllocator alloc;
    QSvNic nic;
    QSvNicVif vif;
    uint64_t refusals;
    size_t i;

    if (!qtest_has_device("VGA") || !qtest_has_device("ivshmem-plain")) {
        g_test_skip("no other device with memory in this build");
        return;
    }
    qts = qtest_init("-machine pc -nodefaults -m 128M "
                     "-object memory-backend-ram,id=shared,size=1M "
                     "-device VGA,addr=4,romfile= "
                     "-device ivshmem-plain,addr=5,memdev=shared "
                     "-device sv-nic,addr=10,id=" SV_NIC_ID ",workers=0,"
                     "sdram-size=16M,vifs=4");
    bus = qpci_new_pc(qts, &alloc);
    pc_alloc_init(&alloc, qts, ALLOC_NO_FLAGS);
    sv_nic_init(&nic, bus, &alloc, QPCI_DEVFN(0x10, 0));
    sv_nic_start(&nic);
    sv_nic_vif_create_host(&vif, &nic, 0);
    refusals = counter(&nic, "refused");
    for (i = 0; i < ARRAY_SIZE(bars); i++) {
        QPCIDevice *dev = qpci_device_find(bus, QPCI_DEVFN(bars[i].slot, 0));
        uint32_t address = bars[i].address;

        qpci_config_writel(dev, bars[i].bar, address);
        qpci_device_enable(dev);
        qtest_writel(qts, address, 0x12345678);
        g_assert_cmphex(qtest_readl(qts, address), ==, 0x12345678);
        up_read(&nic, MEM0 + address, 4, refused);
        up_write(&nic, MEM0 + address, 4, 0, refused);
        g_assert_cmphex(qtest_readl(qts, address), ==, 0x12345678);
        g_assert_cmphex(sv_nic_vif_map(&nic, 0, address, 0, 1), ==,
                        SVNIC_ST_BAD_ADDRESS);
        g_free(dev);
    }
    g_assert_cmpuint(counter(&nic, "refused"), ==,
                     refusals + 3 * ARRAY_SIZE(bars));
    up_write(&nic, MEM0 + SPOT, 4, 1, MEMTX_OK);
    g_assert_cmphex(sv_nic_vif_map(&nic, 0, SPOT, 0, 1), ==, SVNIC_ST_OK);
    alloc_destroy(&alloc);
    qpci_free_pc(bus);
    qtest_quit(qts);
}

/* Memory devices, also those that map their memory by an alias. */
static void test_modules(void *obj, void *data, QGuestAllocator *unused)
{
    static const char *const modules[] = { "pc-dimm", "nvdimm" };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(modules); i++) {
        QTestState *qts = qtest_initf("-machine pc,nvdimm=on -nodefaults "
                                      "-m 128M,slots=1,maxmem=1G "
                                      "-object memory-backend-ram,id=mem,"
                                      "size=128M -device %s,memdev=mem,"
                                      "addr=0x100000000 "
                                      "-device sv-nic,addr=10,id=" SV_NIC_ID
                                      ",workers=0,sdram-size=16M,vifs=4",
                                      modules[i]);
        QGuestAllocator alloc;
        QPCIBus *bus = qpci_new_pc(qts, &alloc);
        const uint64_t base = 4 * GiB;
        QSvNicVif vif;
        QSvNic nic;

        pc_alloc_init(&alloc, qts, ALLOC_NO_FLAGS);
        sv_nic_init(&nic, bus, &alloc, QPCI_DEVFN(0x10, 0));
        sv_nic_start(&nic);
        up_write(&nic, base + 8, 8, 0x1122334455667788, MEMTX_OK);
        g_assert_cmphex(qtest_readq(qts, base + 8), ==, 0x1122334455667788);
        qtest_writel(qts, base + 128 * MiB - 4, 0xcafe0000 + i);
        g_assert_cmphex(up_read(&nic, base + 128 * MiB - 4, 4, MEMTX_OK), ==,
                        0xcafe0000 + i);
        up_read(&nic, base + 128 * MiB, 4, MEMTX_DECODE_ERROR);
        sv_nic_vif_create_host(&vif, &nic, 0);
        g_assert_cmphex(sv_nic_vif_map(&nic, 0, base, 0, 1), ==,
                        SVNIC_ST_OK);
        alloc_destroy(&alloc);
        qpci_free_pc(bus);
        qtest_quit(qts);
    }
}

static void register_sv_nic_upstream_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
    } tests[] = {
        { "direct-windows-replace-the-base", test_direct },
        { "a-transfer-ends-with-its-window", test_window_end },
        { "lookup-table-at-every-page-size", test_page_sizes },
        { "page-size-extension-adds-three-sizes", test_large_pages },
        { "an-invalid-entry-ends-a-transfer", test_lut_edges },
        { "direct-and-indirect-access-to-the-lookup-table", test_lut_faces },
        { "the-end-of-a-page-is-an-event", test_page_events },
        { "only-ram-is-accessed", test_errors },
        { "memory-of-a-device-is-refused", test_device_memory },
        { "a-memory-device-is-accessed", test_modules },
        { "an-abort-sets-its-status-bits", test_abort_bits },
        { "the-chip-accesses-the-csrs-of-its-side", test_csrs },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("upstream", tests[i].name, tests[i].fn, "0", NULL,
                        NULL, NULL);
    }
}

libqos_init(register_sv_nic_upstream_tests);
