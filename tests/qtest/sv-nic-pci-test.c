/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: PCI configuration space, sizes and types of the BARs.
 *
 * Sections "PCI identity" and "BARs" of docs/specs/sv-nic.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/pci-pc.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-face.h"
#include "libqos/sv-nic-frame.h"
#include "hw/pci/pci_regs.h"
#include "qemu/module.h"
#include "qemu/units.h"
#include "qobject/qdict.h"

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
    g_assert_cmphex(qpci_config_readb(dev, PCI_REVISION_ID), ==, 3);
    g_assert_cmphex(qpci_config_readw(dev, PCI_SUBSYSTEM_VENDOR_ID), ==,
                    SVNIC_PCI_SUBVENDOR_ID);
    g_assert_cmphex(qpci_config_readw(dev, PCI_SUBSYSTEM_ID), ==,
                    SVNIC_PCI_SUBDEVICE_ID);
    g_assert_cmphex(qpci_config_readb(dev, PCI_HEADER_TYPE), ==, 0);
    g_assert_cmphex(qpci_config_readb(dev, PCI_INTERRUPT_PIN), ==, 1);
}

/* Power management, VPD, hot swap: only these, in this order. */
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
    /* Conventional PCI: no PCI Express capability. */
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
        uint64_t csr, doorbell, sdram, pci_csr;
    } rows[] = {
        { "vifs=64", 4 * KiB, 256 * KiB, 256 * MiB },
        { "vifs=1,sdram-size=16M", 4 * KiB, 4 * KiB, 16 * MiB },
        { "vifs=2,sdram-size=32M", 4 * KiB, 8 * KiB, 32 * MiB },
        { "vifs=3", 4 * KiB, 16 * KiB, 256 * MiB },
        { "vifs=100", 4 * KiB, 512 * KiB, 256 * MiB },
        { "vifs=256,sdram-size=1G", 4 * KiB, 1 * MiB, 1 * GiB },
        { "vifs=1,msix=on", 16 * KiB, 4 * KiB, 256 * MiB },
        { "vifs=256,msix=on", 16 * KiB, 1 * MiB, 256 * MiB },
        { "vifs=1,pci-csr-size=4K", 4 * KiB, 4 * KiB, 256 * MiB, 4 * KiB },
        { "vifs=1,pci-csr-size=512K", 4 * KiB, 4 * KiB, 256 * MiB,
          512 * KiB },
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
                        rows[i].pci_csr ?: SVNIC_PCI_CSR_SIZE);
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

/* The 64-bit BAR works above 4 GiB and stores written bytes. */
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

/*
 * Sizes and numbers that are not documented, (m) in the spec
 */

static bool has_child(QSvNic *nic, const char *name)
{
    g_autofree char *path = g_strdup_printf("/machine/peripheral/" SV_NIC_ID
                                            "/%s", name);
    QDict *answer = qtest_qmp(sv_nic_qts(nic), "{ 'execute': 'qom-list', "
                              "'arguments': { 'path': %s } }", path);
    bool has = qdict_haskey(answer, "return");

    qobject_unref(answer);
    return has;
}

/* A card with other values of all of these shows them, and works. */
static void test_other_numbers(void *obj, void *data, QGuestAllocator *alloc)
{
    const uint32_t size = 64 * KiB;
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;
    uint8_t bytes[300];
    QSvNicVif a, b;

    g_assert_cmphex(qpci_config_readb(dev, PCI_REVISION_ID), ==, 0xa5);
    g_assert_cmphex(qpci_config_readb(dev, SVNIC_CFG_SECONDARY_HEADER +
                                      PCI_REVISION_ID), ==, 0xa5);
    /* BAR 3, the chip's BAR behind it, and the matching ROM */
    g_assert_cmphex(qpci_config_readl(dev, SVNIC_CFG_DOWN_MEM2_SETUP), ==,
                    -size);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_CONFIG_CSR, 2,
               SVNIC_OWN_CSR_DOWN_ENABLE);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_CONFIG_OWN, 2),
                    ==, 0);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_DOWN_CONFIG_ADDR, 4,
               (1u << (SVNIC_LOCAL_IDSEL_SHIFT + SVNIC_LOCAL_SLOT_IXP)) |
               PCI_BASE_ADDRESS_0);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_DOWN_CONFIG_DATA, 4,
               0xffffffff);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY,
                              SVNIC_CSR_DOWN_CONFIG_DATA, 4), ==, -size);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_DOWN_CONFIG_DATA, 4,
               SVNIC_LOCAL_PCI_CSR);
    qpci_io_writel(dev, nic->pci_csr, size - 4, 0xffffffff);
    g_assert_cmphex(qpci_io_readl(dev, nic->pci_csr, size - 4), ==, 0);
    /* no target above it on the chip's bus */
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_DOWN_MEM2_BASE, 4,
               SVNIC_LOCAL_PCI_CSR + size);
    g_assert_cmphex(qpci_io_readl(dev, nic->pci_csr, 0), ==, 0xffffffff);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_DOWN_MEM2_BASE, 4,
               SVNIC_LOCAL_PCI_CSR);
    g_assert_true(has_child(nic, "ring[8]"));
    g_assert_false(has_child(nic, "ring[9]"));
    sv_nic_vif_open(&a, nic, 0, NULL);
    sv_nic_vif_open(&b, nic, 1, NULL);
    sv_nic_frame_fill(bytes, sizeof(bytes), b.mac, a.mac, 1);
    sv_nic_send(&a, NULL, bytes, sizeof(bytes));
    sv_nic_expect(&b, NULL, bytes, sizeof(bytes));
    qtest_system_reset(sv_nic_qts(nic));
    g_assert_cmphex(qpci_config_readb(dev, PCI_REVISION_ID), ==, 0xa5);
    g_assert_cmphex(qpci_config_readl(dev, SVNIC_CFG_DOWN_MEM2_SETUP), ==,
                    -size);
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
        { "card-with-other-numbers-shows-them", test_other_numbers,
          "pci-csr-size=64K,bridge-revision=0xa5,chip-revision=0,"
          "scratch-rings=9,sram-channels=1,sram-queues=1,"
          "timestamp-cycles=1" },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("pci", tests[i].name, tests[i].fn, "0",
                        tests[i].opts, NULL, NULL);
    }
}

libqos_init(register_sv_nic_pci_tests);
