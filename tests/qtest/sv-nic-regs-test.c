/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: the bridge's CSRs and the chip's PCI CSRs.
 *
 * Sections "Bridge CSRs", "PCI CSRs" and "Reset" of docs/specs/sv-nic*.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "qemu/module.h"

/*
 * "Bridge CSRs".  A model of the registers by byte: all access rules apply to
 * each bit separately, so a wider access is equal to accesses of its bytes.
 */

/* State of the registers that are modelled here. */
#define CSR_FIRST   SVNIC_CSR_PRIMARY_CLEAR_IRQ
#define CSR_END     SVNIC_CSR_SCRATCHPAD(SVNIC_CSR_SCRATCHPADS)

typedef struct CsrModel {
    uint16_t irq[2];            /* primary, secondary */
    uint16_t mask[2];
    uint8_t scratchpad[4 * SVNIC_CSR_SCRATCHPADS];
} CsrModel;

static uint16_t *model_reg(CsrModel *model, uint32_t offset, bool *set)
{
    if (offset < SVNIC_CSR_PRIMARY_CLEAR_IRQ ||
        offset >= SVNIC_CSR_SCRATCHPAD(0)) {
        return NULL;
    }
    switch (offset & ~1u) {
    case SVNIC_CSR_PRIMARY_SET_IRQ:
    case SVNIC_CSR_SECONDARY_SET_IRQ:
    case SVNIC_CSR_PRIMARY_SET_MASK:
    case SVNIC_CSR_SECONDARY_SET_MASK:
        *set = true;
        break;
    default:
        *set = false;
    }
    switch (offset & ~1u) {
    case SVNIC_CSR_PRIMARY_CLEAR_IRQ:
    case SVNIC_CSR_PRIMARY_SET_IRQ:
        return &model->irq[0];
    case SVNIC_CSR_SECONDARY_CLEAR_IRQ:
    case SVNIC_CSR_SECONDARY_SET_IRQ:
        return &model->irq[1];
    case SVNIC_CSR_PRIMARY_CLEAR_MASK:
    case SVNIC_CSR_PRIMARY_SET_MASK:
        return &model->mask[0];
    default:
        return &model->mask[1];
    }
}

static uint8_t *model_scratchpad(CsrModel *model, uint32_t offset)
{
    uint32_t first = SVNIC_CSR_SCRATCHPAD(0);

    if (offset < first || offset >= first + sizeof(model->scratchpad)) {
        return NULL;
    }
    return &model->scratchpad[offset - first];
}

static uint32_t model_read(CsrModel *model, uint32_t offset, int width)
{
    uint32_t value = 0;
    bool set;
    int i;

    for (i = 0; i < width; i++, offset++) {
        uint16_t *reg = model_reg(model, offset, &set);
        uint8_t *scratchpad = model_scratchpad(model, offset);
        uint8_t byte = 0;

        if (reg) {
            byte = *reg >> 8 * (offset & 1);
        } else if (scratchpad) {
            byte = *scratchpad;
        }
        value |= (uint32_t)byte << 8 * i;
    }
    return value;
}

static void model_write(CsrModel *model, uint32_t offset, int width,
                        uint32_t value)
{
    bool set;
    int i;

    for (i = 0; i < width; i++, offset++, value >>= 8) {
        uint16_t *reg = model_reg(model, offset, &set);
        uint8_t *scratchpad = model_scratchpad(model, offset);
        uint16_t bits = (value & 0xff) << 8 * (offset & 1);

        if (reg && set) {
            *reg |= bits;
        } else if (reg) {
            *reg &= ~bits;
        } else if (scratchpad) {
            *scratchpad = value;
        }
    }
}

static uint32_t csr_read(QSvNic *nic, QPCIBar bar, uint32_t offset, int width)
{
    switch (width) {
    case 1:
        return qpci_io_readb(&nic->pci_dev, bar, offset);
    case 2:
        return qpci_io_readw(&nic->pci_dev, bar, offset);
    default:
        return qpci_io_readl(&nic->pci_dev, bar, offset);
    }
}

static void csr_write(QSvNic *nic, QPCIBar bar, uint32_t offset, int width,
                      uint32_t value)
{
    switch (width) {
    case 1:
        qpci_io_writeb(&nic->pci_dev, bar, offset, value);
        break;
    case 2:
        qpci_io_writew(&nic->pci_dev, bar, offset, value);
        break;
    default:
        qpci_io_writel(&nic->pci_dev, bar, offset, value);
    }
}

static void csr_model_reset(CsrModel *model)
{
    memset(model, 0, sizeof(*model));
    model->mask[0] = model->mask[1] = 0xffff;
}

/* Compares all CSRs with @model, at every width and offset. */
static void csr_compare(QSvNic *nic, QPCIBar bar, CsrModel *model)
{
    uint32_t offset;
    int width;

    for (width = 1; width <= 4; width *= 2) {
        for (offset = CSR_FIRST; offset <= CSR_END - width; offset++) {
            g_assert_cmphex(csr_read(nic, bar, offset, width), ==,
                            model_read(model, offset, width));
        }
    }
}

static void test_csr_views(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const struct {
        uint32_t set, clear;
        uint16_t reset;
    } regs[] = {
        { SVNIC_CSR_PRIMARY_SET_IRQ, SVNIC_CSR_PRIMARY_CLEAR_IRQ, 0 },
        { SVNIC_CSR_SECONDARY_SET_IRQ, SVNIC_CSR_SECONDARY_CLEAR_IRQ, 0 },
        { SVNIC_CSR_PRIMARY_SET_MASK, SVNIC_CSR_PRIMARY_CLEAR_MASK, 0xffff },
        { SVNIC_CSR_SECONDARY_SET_MASK, SVNIC_CSR_SECONDARY_CLEAR_MASK,
          0xffff },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(regs); i++) {
        g_assert_cmphex(sv_nic_csr16(nic, regs[i].set), ==, regs[i].reset);
        g_assert_cmphex(sv_nic_csr16(nic, regs[i].clear), ==, regs[i].reset);
        sv_nic_csr16_write(nic, regs[i].clear, 0xffff);
        g_assert_cmphex(sv_nic_csr16(nic, regs[i].set), ==, 0);
        sv_nic_csr16_write(nic, regs[i].set, 0x8421);
        sv_nic_csr16_write(nic, regs[i].set, 0x0010);
        g_assert_cmphex(sv_nic_csr16(nic, regs[i].set), ==, 0x8431);
        g_assert_cmphex(sv_nic_csr16(nic, regs[i].clear), ==, 0x8431);
        sv_nic_csr16_write(nic, regs[i].clear, 0x8001);
        g_assert_cmphex(sv_nic_csr16(nic, regs[i].set), ==, 0x0430);
        g_assert_cmphex(sv_nic_csr16(nic, regs[i].clear), ==, 0x0430);
        /* writing 0 has no effect in either view */
        sv_nic_csr16_write(nic, regs[i].set, 0);
        sv_nic_csr16_write(nic, regs[i].clear, 0);
        g_assert_cmphex(sv_nic_csr16(nic, regs[i].set), ==, 0x0430);
    }
}

/* Dwords over two registers, or halves of two, follow the rule of each. */
static void test_csr_straddling(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIBar bars[] = { nic->csr, nic->csr_io };
    CsrModel model;
    size_t i;

    for (i = 0; i < ARRAY_SIZE(bars); i++) {
        uint32_t offset;

        csr_model_reset(&model);
        for (offset = CSR_FIRST; offset <= CSR_END - 4; offset++) {
            csr_write(nic, bars[i], offset, 4, 0xa53cc35a ^ offset);
            model_write(&model, offset, 4, 0xa53cc35a ^ offset);
        }
        csr_compare(nic, bars[i], &model);
        /* back to the reset values, by dwords again */
        csr_write(nic, bars[i], SVNIC_CSR_PRIMARY_CLEAR_IRQ, 4, 0xffffffff);
        csr_write(nic, bars[i], SVNIC_CSR_PRIMARY_SET_MASK, 4, 0xffffffff);
        for (offset = 0; offset < SVNIC_CSR_SCRATCHPADS; offset++) {
            csr_write(nic, bars[i], SVNIC_CSR_SCRATCHPAD(offset), 4, 0);
        }
        csr_model_reset(&model);
        csr_compare(nic, bars[i], &model);
    }
}

/* Random accesses, through memory and I/O, are equal to the model. */
static void test_csr_random(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    g_autoptr(GRand) rand = g_rand_new_with_seed(21555);
    CsrModel model;
    int i;

    csr_model_reset(&model);
    csr_compare(nic, nic->csr, &model);
    csr_compare(nic, nic->csr_io, &model);
    for (i = 0; i < 4000; i++) {
        QPCIBar bar = g_rand_boolean(rand) ? nic->csr : nic->csr_io;
        int width = 1 << g_rand_int_range(rand, 0, 3);
        uint32_t offset = g_rand_int_range(rand, CSR_FIRST,
                                           CSR_END - width + 1);
        uint32_t value = g_rand_int(rand) & g_rand_int(rand);

        if (g_rand_boolean(rand)) {
            csr_write(nic, bar, offset, width, value);
            model_write(&model, offset, width, value);
            g_assert_cmpint(sv_nic_inta(nic), ==,
                            (model.irq[0] & ~model.mask[0]) != 0);
        } else {
            g_assert_cmphex(csr_read(nic, bar, offset, width), ==,
                            model_read(&model, offset, width));
        }
    }
    csr_compare(nic, nic->csr, &model);
    csr_compare(nic, nic->csr_io, &model);
}

static void test_inta(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    int bit;

    /* secondary requests do not affect INTA */
    sv_nic_csr16_write(nic, SVNIC_CSR_SECONDARY_CLEAR_MASK, 0xffff);
    sv_nic_csr16_write(nic, SVNIC_CSR_SECONDARY_SET_IRQ, 0xffff);
    g_assert_false(sv_nic_inta(nic));

    for (bit = 0; bit < SVNIC_IRQ_BITS; bit++) {
        uint16_t one = 1 << bit;

        sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_SET_IRQ, one);
        g_assert_false(sv_nic_inta(nic)); /* masked */
        sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_MASK, ~one);
        g_assert_false(sv_nic_inta(nic)); /* all others unmasked */
        sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_MASK, one);
        g_assert_true(sv_nic_inta(nic));
        sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_SET_MASK, one);
        g_assert_false(sv_nic_inta(nic));
        sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_MASK, one);
        g_assert_true(sv_nic_inta(nic));
        sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ, ~one);
        g_assert_true(sv_nic_inta(nic));
        sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ, one);
        g_assert_false(sv_nic_inta(nic));
        sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_SET_MASK, 0xffff);
    }
}

/* [@start, @end) of @bar reads 0, also after ones were written there. */
static void assert_reserved(QSvNic *nic, QPCIBar bar, uint64_t start,
                            uint64_t end)
{
    g_autofree uint8_t *got = g_malloc(end - start);
    g_autofree uint8_t *zero = g_malloc0(end - start);

    qtest_memset(sv_nic_qts(nic), bar.addr + start, 0xff, end - start);
    qtest_bufread(sv_nic_qts(nic), bar.addr + start, got, end - start);
    g_assert_cmpmem(got, end - start, zero, end - start);
}

static void test_csr_reserved(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const struct {
        uint32_t start, end;
    } holes[] = {
        { SVNIC_CSR_LUT_OFFSET + 1, SVNIC_CSR_LUT_DATA },
        { SVNIC_CSR_UP_MEM1_BASE + 4, SVNIC_CSR_CHIP_STATUS },
        { SVNIC_CSR_ROM_DATA + 1, SVNIC_CSR_ROM_ADDRESS },
        { SVNIC_CSR_ROM_CONTROL + 1, SVNIC_CSR_LUT(0) },
        { SVNIC_CSR_LUT(SVNIC_LUT_ENTRIES), SVNIC_CSR_SIZE },
    };
    CsrModel model;
    uint32_t offset;
    size_t i;

    for (i = 0; i < ARRAY_SIZE(holes); i++) {
        assert_reserved(nic, nic->csr, holes[i].start, holes[i].end);
        for (offset = holes[i].start;
             offset < holes[i].end && offset < SVNIC_CSR_IO_SIZE; offset++) {
            csr_write(nic, nic->csr_io, offset, 1, 0xff);
            g_assert_cmphex(csr_read(nic, nic->csr_io, offset, 1), ==, 0);
        }
    }
    csr_model_reset(&model);
    csr_compare(nic, nic->csr, &model);
}

/*
 * "PCI CSRs"
 */

static uint32_t mailbox(QSvNic *nic, uint32_t n)
{
    return sv_nic_pci_csr(nic, SVNIC_PCI_CSR_MAILBOX(n));
}

static void test_mailboxes(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    uint32_t n;

    g_assert_cmphex(mailbox(nic, SVNIC_MAILBOX_COMMAND), ==, 0);
    for (n = 0; n < SVNIC_PCI_CSR_MAILBOXES; n++) {
        sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_MAILBOX(n), 0x600df00d + n);
    }
    for (n = 0; n < SVNIC_PCI_CSR_MAILBOXES; n++) {
        g_assert_cmphex(mailbox(nic, n), ==, 0x600df00d + n);
    }
}

static void test_pci_doorbell(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;

    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL), ==, 0);
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_PCI_DOORBELL, 0xffffffff);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL), ==, 0);
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_PCI_DOORBELL_SETUP, 0xdeadbeef);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL), ==,
                    0xdeadbeef);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL_SETUP),
                    ==, 0xdeadbeef);
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_PCI_DOORBELL, 0x0000beef);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL), ==,
                    0xdead0000);
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_PCI_DOORBELL_SETUP, 0x1);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL), ==, 1);
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_PCI_DOORBELL_SETUP, 0);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL), ==, 0);
}

/* Bits that the firmware does not use can be set and cleared. */
static void test_xscale_doorbell(void *obj, void *data,
                                 QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const uint32_t regs[] = {
        SVNIC_PCI_CSR_XSCALE_DOORBELL, SVNIC_PCI_CSR_XSCALE_DOORBELL_SETUP,
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(regs); i++) {
        sv_nic_pci_csr_write(nic, regs[i],
                             0xffffffff & ~SVNIC_XSCALE_DB_COMMAND);
        sv_nic_wait(sv_nic_qts(nic),
                    !sv_nic_pci_csr(nic, SVNIC_PCI_CSR_XSCALE_DOORBELL));
        g_assert_cmphex(sv_nic_pci_csr(
                            nic, SVNIC_PCI_CSR_XSCALE_DOORBELL_SETUP), ==, 0);
    }
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL), ==, 0);
}

static void test_pci_csr_reserved(void *obj, void *data,
                                  QGuestAllocator *alloc)
{
    QSvNic *nic = obj;

    uint32_t n;

    assert_reserved(nic, nic->pci_csr, 0, SVNIC_PCI_CSR_OUT_INT_STATUS);
    assert_reserved(nic, nic->pci_csr, SVNIC_PCI_CSR_OUT_INT_MASK + 4,
                    SVNIC_PCI_CSR_MAILBOX(0));
    assert_reserved(nic, nic->pci_csr,
                    SVNIC_PCI_CSR_XSCALE_DOORBELL_SETUP + 4,
                    SVNIC_PCI_CSR_PCI_DOORBELL);
    assert_reserved(nic, nic->pci_csr, SVNIC_PCI_CSR_PCI_DOORBELL_SETUP + 4,
                    SVNIC_PCI_CSR_DMA(0));
    for (n = 0; n < SVNIC_PCI_CSR_DMA_CHANNELS; n++) {
        assert_reserved(nic, nic->pci_csr,
                        SVNIC_PCI_CSR_DMA(n) + SVNIC_DMA_ME_PARAM + 4,
                        SVNIC_PCI_CSR_DMA(n + 1));
    }
    assert_reserved(nic, nic->pci_csr, SVNIC_PCI_CSR_DMA_INF_MODE + 4,
                    SVNIC_PCI_CSR_SRAM_BASE_MASK);
    assert_reserved(nic, nic->pci_csr, SVNIC_PCI_CSR_DRAM_BASE_MASK + 4,
                    SVNIC_PCI_CSR_CONTROL);
    assert_reserved(nic, nic->pci_csr, SVNIC_PCI_CSR_ADDR_EXT + 4,
                    SVNIC_PCI_CSR_PUSH_STATUS);
    assert_reserved(nic, nic->pci_csr, SVNIC_PCI_CSR_XSCALE_INT_ENABLE + 4,
                    SVNIC_PCI_CSR_SIZE);
}

/*
 * "Reset"
 */

static void test_reset(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    CsrModel model;
    uint32_t n, area = nic->area;

    sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_SET_IRQ, 0x1234);
    sv_nic_csr16_write(nic, SVNIC_CSR_SECONDARY_SET_IRQ, 0x4321);
    sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_MASK, 0xffff);
    sv_nic_csr16_write(nic, SVNIC_CSR_SECONDARY_CLEAR_MASK, 0xff00);
    for (n = 0; n < SVNIC_CSR_SCRATCHPADS; n++) {
        csr_write(nic, nic->csr, SVNIC_CSR_SCRATCHPAD(n), 4, 0x1000 + n);
    }
    for (n = 0; n < SVNIC_PCI_CSR_MAILBOXES; n++) {
        sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_MAILBOX(n), 0x2000 + n);
    }
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_PCI_DOORBELL_SETUP, 0x3000);
    g_assert_true(sv_nic_inta(nic));

    qtest_system_reset(sv_nic_qts(nic));
    g_assert_false(sv_nic_inta(nic));
    sv_nic_restart(nic);
    csr_model_reset(&model);
    csr_compare(nic, nic->csr, &model);
    g_assert_cmphex(mailbox(nic, SVNIC_MAILBOX_COMMAND), ==, 0);
    g_assert_cmphex(mailbox(nic, SVNIC_MAILBOX_STATUS), ==, 0);
    g_assert_cmphex(nic->area, ==, area);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL), ==, 0);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_XSCALE_DOORBELL), ==,
                    0);
}

static void register_sv_nic_regs_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *opts;
    } tests[] = {
        { "set-and-clear-views-are-one-register", test_csr_views },
        { "dword-over-two-registers-follows-both-rules", test_csr_straddling },
        { "any-csr-access-is-equal-to-its-bytes", test_csr_random },
        { "any-csr-access-is-equal-to-its-bytes-with-msix",
          test_csr_random, "msix=on" },
        { "inta-is-the-level-of-unmasked-bits", test_inta },
        { "inta-is-the-level-of-unmasked-bits-with-msix",
          test_inta, "msix=on" },
        { "reserved-csrs-read-0", test_csr_reserved },
        { "reserved-csrs-read-0-with-msix",
          test_csr_reserved, "msix=on" },
        { "mailboxes-hold-what-is-written", test_mailboxes },
        { "pci-doorbell-is-w1c-and-its-setup-plain", test_pci_doorbell },
        { "xscale-clears-its-doorbell", test_xscale_doorbell },
        { "reserved-pci-csrs-read-0", test_pci_csr_reserved },
        { "reset-restores-every-register", test_reset },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("regs", tests[i].name, tests[i].fn, "0",
                        tests[i].opts, NULL, NULL);
    }
}

libqos_init(register_sv_nic_regs_tests);
