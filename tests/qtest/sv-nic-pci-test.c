/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: PCI configuration space and what the BARs are.
 *
 * Sections "PCI identity" and "BARs" of docs/specs/sv-nic.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/pci-pc.h"
#include "libqos/sv-nic.h"
#include "hw/pci/pci_regs.h"
#include "qemu/module.h"
#include "qemu/units.h"

/*
 * "PCI identity"
 */

static void test_identity(void *obj, void *data, QGuestAllocator *alloc)
{
    QPCIDevice *dev = &((QSvNic *)obj)->pci_dev;

    g_assert_cmphex(qpci_config_readw(dev, PCI_VENDOR_ID), ==,
                    SVNIC_PCI_VENDOR_ID);
    g_assert_cmphex(qpci_config_readw(dev, PCI_DEVICE_ID), ==,
                    SVNIC_PCI_DEVICE_ID);
    g_assert_cmphex(qpci_config_readw(dev, PCI_CLASS_DEVICE), ==,
                    SVNIC_PCI_CLASS);
    g_assert_cmphex(qpci_config_readb(dev, PCI_CLASS_PROG), ==, 0);
    g_assert_cmphex(qpci_config_readw(dev, PCI_SUBSYSTEM_VENDOR_ID), ==,
                    SVNIC_PCI_SUBVENDOR_ID);
    g_assert_cmphex(qpci_config_readw(dev, PCI_SUBSYSTEM_ID), ==,
                    SVNIC_PCI_SUBDEVICE_ID);
    g_assert_cmphex(qpci_config_readb(dev, PCI_HEADER_TYPE), ==, 0);
    g_assert_cmphex(qpci_config_readb(dev, PCI_INTERRUPT_PIN), ==, 1);
}

/* Power management, VPD, hot swap, in this order and nothing else. */
static void test_capabilities(void *obj, void *data, QGuestAllocator *alloc)
{
    QPCIDevice *dev = &((QSvNic *)obj)->pci_dev;
    const struct {
        uint8_t offset, id;
    } caps[] = {
        { SVNIC_CFG_PM, PCI_CAP_ID_PM },
        { SVNIC_CFG_VPD, PCI_CAP_ID_VPD },
        { SVNIC_CFG_HOT_SWAP, PCI_CAP_ID_CHSWP },
    };
    uint8_t at = qpci_config_readb(dev, PCI_CAPABILITY_LIST);
    size_t i;

    g_assert_true(qpci_config_readw(dev, PCI_STATUS) & PCI_STATUS_CAP_LIST);
    for (i = 0; i < ARRAY_SIZE(caps); i++) {
        g_assert_cmphex(at, ==, caps[i].offset);
        g_assert_cmphex(qpci_config_readb(dev, at), ==, caps[i].id);
        at = qpci_config_readb(dev, at + PCI_CAP_LIST_NEXT);
    }
    g_assert_cmphex(at, ==, 0);
}

static void test_msix_capability(void *obj, void *data,
                                 QGuestAllocator *alloc)
{
    QPCIDevice *dev = &((QSvNic *)obj)->pci_dev;
    uint8_t cap = qpci_find_capability(dev, PCI_CAP_ID_MSIX, 0);

    g_assert_cmphex(cap, !=, 0);
    g_assert_cmpuint(qpci_msix_table_size(dev), ==, 64 + 1);
    g_assert_cmphex(qpci_config_readl(dev, cap + PCI_MSIX_TABLE), ==,
                    SVNIC_MSIX_TABLE_OFFSET | SVNIC_BAR_CSR);
    g_assert_cmphex(qpci_config_readl(dev, cap + PCI_MSIX_PBA), ==,
                    SVNIC_MSIX_PBA_OFFSET | SVNIC_BAR_CSR);
    /* Conventional PCI: no PCI Express capability behind or before it. */
    g_assert_cmphex(qpci_config_readb(dev, cap + PCI_CAP_LIST_NEXT), ==, 0);
    g_assert_cmphex(cap, ==, SVNIC_CFG_MSIX);
}

/*
 * "BARs"
 */

static uint64_t bar_probe(QPCIDevice *dev, int bar, uint32_t *type)
{
    uint8_t reg = PCI_BASE_ADDRESS_0 + 4 * bar;
    uint64_t size;

    qpci_config_writel(dev, reg, 0xffffffff);
    size = qpci_config_readl(dev, reg);
    if (size & PCI_BASE_ADDRESS_SPACE_IO) {
        *type = size & ~PCI_BASE_ADDRESS_IO_MASK;
        return (uint32_t)-(size & PCI_BASE_ADDRESS_IO_MASK);
    }
    *type = size & ~PCI_BASE_ADDRESS_MEM_MASK;
    size &= PCI_BASE_ADDRESS_MEM_MASK;
    if ((*type & PCI_BASE_ADDRESS_MEM_TYPE_MASK) ==
        PCI_BASE_ADDRESS_MEM_TYPE_64) {
        qpci_config_writel(dev, reg + 4, 0xffffffff);
        size |= (uint64_t)qpci_config_readl(dev, reg + 4) << 32;
        return -size;
    }
    return (uint32_t)-size;
}

static void test_bars(void *obj, void *data, QGuestAllocator *alloc)
{
    const struct {
        const char *opts;
        uint64_t csr, doorbell, sdram;
    } rows[] = {
        { "vifs=64", 4 * KiB, 256 * KiB, 256 * MiB },
        { "vifs=1,sdram-size=16M", 4 * KiB, 4 * KiB, 16 * MiB },
        { "vifs=2,sdram-size=32M", 4 * KiB, 8 * KiB, 32 * MiB },
        { "vifs=3", 4 * KiB, 16 * KiB, 256 * MiB },
        { "vifs=100", 4 * KiB, 512 * KiB, 256 * MiB },
        { "vifs=256,sdram-size=1G", 4 * KiB, 1 * MiB, 1 * GiB },
        { "vifs=1,msix=on", 16 * KiB, 4 * KiB, 256 * MiB },
        { "vifs=256,msix=on", 16 * KiB, 1 * MiB, 256 * MiB },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(rows); i++) {
        QTestState *qts = qtest_initf("-machine pc -nodefaults "
                                      "-device sv-nic,addr=4,%s",
                                      rows[i].opts);
        QPCIBus *bus = qpci_new_pc(qts, NULL);
        QPCIDevice *dev = qpci_device_find(bus, QPCI_DEVFN(4, 0));
        uint32_t type;

        g_assert_nonnull(dev);
        g_assert_cmphex(bar_probe(dev, SVNIC_BAR_CSR, &type), ==,
                        rows[i].csr);
        g_assert_cmphex(type, ==, 0);
        g_assert_cmphex(bar_probe(dev, SVNIC_BAR_CSR_IO, &type), ==,
                        SVNIC_CSR_IO_SIZE);
        g_assert_cmphex(type, ==, PCI_BASE_ADDRESS_SPACE_IO);
        g_assert_cmphex(bar_probe(dev, SVNIC_BAR_DOORBELL, &type), ==,
                        rows[i].doorbell);
        g_assert_cmphex(type, ==, 0);
        g_assert_cmphex(bar_probe(dev, SVNIC_BAR_PCI_CSR, &type), ==,
                        SVNIC_PCI_CSR_SIZE);
        g_assert_cmphex(type, ==, 0);
        g_assert_cmphex(bar_probe(dev, SVNIC_BAR_SDRAM, &type), ==,
                        rows[i].sdram);
        g_assert_cmphex(type, ==, PCI_BASE_ADDRESS_MEM_TYPE_64 |
                        PCI_BASE_ADDRESS_MEM_PREFETCH);
        g_free(dev);
        qpci_free_pc(bus);
        qtest_quit(qts);
    }
}

/* The 64-bit BAR works above 4 GiB, and bytes written there stay. */
static void test_sdram_window(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const uint64_t high = 0x8000000000ull;
    const uint64_t last = 256 * MiB - 8;

    qpci_config_writel(&nic->pci_dev, PCI_BASE_ADDRESS_4, 0);
    qpci_config_writel(&nic->pci_dev, PCI_BASE_ADDRESS_5, high >> 32);
    nic->sdram.addr = high;
    qtest_writeq(sv_nic_qts(nic), high + last, 0x1122334455667788);
    qtest_writeb(sv_nic_qts(nic), high + last + 3, 0xaa);
    g_assert_cmphex(qtest_readq(sv_nic_qts(nic), high + last), ==,
                    0x11223344aa667788);
    g_assert_cmphex(qtest_readw(sv_nic_qts(nic), high + last + 2), ==,
                    0xaa66);
}

static void register_sv_nic_pci_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *opts;
    } tests[] = {
        { "identity-is-that-of-the-board", test_identity },
        { "capabilities-are-those-of-the-bridge", test_capabilities },
        { "msix-capability-points-into-bar-0", test_msix_capability,
          "msix=on" },
        { "bars-have-their-sizes-and-types", test_bars },
        { "sdram-holds-bytes-above-4g", test_sdram_window },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("pci", tests[i].name, tests[i].fn, "0",
                        tests[i].opts, NULL, NULL);
    }
}

libqos_init(register_sv_nic_pci_tests);
