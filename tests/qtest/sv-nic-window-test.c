/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: the bridge's downstream windows and its resets.
 *
 * Sections "BARs", "The secondary bus" and "Reset" of docs/specs/sv-nic*.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "exec/memattrs.h"
#include "libqos/sv-nic-frame.h"
#include "hw/pci/pci_regs.h"
#include "qemu/module.h"
#include "qemu/units.h"

#define SPOT        0x200000    /* of SDRAM, not used by VIFs here */
#define LENGTH      1000
#define FRAMES      40

static void csr(QSvNic *nic, uint32_t offset, uint32_t value)
{
    qpci_io_writel(&nic->pci_dev, nic->csr, offset, value);
}

static uint16_t secondary_status(QSvNic *nic)
{
    return qpci_config_readw(&nic->pci_dev, SVNIC_CFG_SECONDARY_STATUS);
}

static uint32_t identity(QSvNic *nic)
{
    return sv_nic_pci_csr(nic, SVNIC_PCI_CSR_MAILBOX(SVNIC_MAILBOX_IDENTITY));
}

/* Each window can be moved to any address of the secondary bus. */
static void test_moves(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;

    sv_nic_sdram32_write(nic, SPOT, 0x600df00d);
    csr(nic, SVNIC_CSR_DOWN_MEM1_BASE, SVNIC_LOCAL_SDRAM + SPOT);
    g_assert_cmphex(qpci_io_readl(dev, nic->doorbell, 0), ==, 0x600df00d);
    qpci_io_writel(dev, nic->doorbell, 4, 0x0ddba11);
    g_assert_cmphex(sv_nic_sdram32(nic, SPOT + 4), ==, 0x0ddba11);

    /* only the offset within the window is kept */
    csr(nic, SVNIC_CSR_DOWN_MEM1_BASE, SVNIC_LOCAL_SDRAM + SPOT + 4);
    g_assert_cmphex(qpci_io_readl(dev, nic->doorbell, 0), ==, 0x600df00d);

    /* two windows can overlap; bases set through configuration space */
    qpci_config_writel(dev, SVNIC_CFG_DOWN_MEM3_BASE, SVNIC_LOCAL_PCI_CSR);
    g_assert_cmphex(identity(nic), ==, SVNIC_IDENTITY);
    qpci_config_writel(dev, SVNIC_CFG_DOWN_MEM3_BASE, SVNIC_LOCAL_SDRAM);
    g_assert_cmphex(sv_nic_sdram32(nic, SPOT), ==, 0x600df00d);
    g_assert_cmphex(qpci_io_readl(dev, nic->csr, SVNIC_CSR_DOWN_MEM3_BASE),
                    ==, SVNIC_LOCAL_SDRAM);
}

/* No target: ones, a status bit, a count; writes have no effect. */
static void test_no_target(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;
    uint64_t aborts = sv_nic_counter(nic, "card", "downstream-aborts");

    qpci_config_writew(dev, SVNIC_CFG_SECONDARY_STATUS, 0xffff);
    g_assert_cmphex(secondary_status(nic) & PCI_STATUS_REC_MASTER_ABORT, ==,
                    0);
    csr(nic, SVNIC_CSR_DOWN_MEM2_BASE, SVNIC_LOCAL_UPSTREAM_MEM0);
    g_assert_cmphex(identity(nic), ==, 0xffffffff);
    g_assert_cmphex(qpci_io_readb(dev, nic->pci_csr, 3), ==, 0xff);
    qpci_io_writel(dev, nic->pci_csr, 0, 0);
    g_assert_cmphex(secondary_status(nic) & PCI_STATUS_REC_MASTER_ABORT, !=,
                    0);
    g_assert_cmpuint(sv_nic_counter(nic, "card", "downstream-aborts"), ==,
                     aborts + 3);
    qpci_config_writew(dev, SVNIC_CFG_SECONDARY_STATUS,
                       PCI_STATUS_REC_MASTER_ABORT);
    g_assert_cmphex(secondary_status(nic) & PCI_STATUS_REC_MASTER_ABORT, ==,
                    0);
    csr(nic, SVNIC_CSR_DOWN_MEM2_BASE, SVNIC_LOCAL_PCI_CSR);
    g_assert_cmphex(identity(nic), ==, SVNIC_IDENTITY);

    /* the bridge has no Bus Master Enable there */
    qpci_config_writew(dev, SVNIC_CFG_SECONDARY_COMMAND, PCI_COMMAND_MEMORY);
    g_assert_cmphex(identity(nic), ==, 0xffffffff);
    g_assert_cmphex(sv_nic_sdram32(nic, SPOT), ==, 0xffffffff);
    qpci_config_writew(dev, SVNIC_CFG_SECONDARY_COMMAND,
                       PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    g_assert_cmphex(identity(nic), ==, SVNIC_IDENTITY);
}

/*
 * Windows move away and back under traffic: the card does not use them for its
 * memory, and no frame is lost, changed or duplicated.
 */
static void test_moves_under_traffic(void *obj, void *data,
                                     QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    uint8_t bytes[LENGTH];
    QSvNicVif a, b;
    uint32_t i;

    sv_nic_vif_open(&a, nic, 0, NULL);
    sv_nic_vif_open(&b, nic, 1, NULL);
    for (i = 0; i < FRAMES; i++) {
        uint32_t burst = g_rand_int_range(rand, 1, 20), n, moves;

        for (n = 0; n < burst; n++) {
            sv_nic_frame_fill(bytes, LENGTH, b.mac, a.mac, i * 100 + n);
            sv_nic_queue(&a, NULL, bytes, LENGTH);
        }
        sv_nic_publish(&a);
        for (moves = g_rand_int_range(rand, 1, 4); moves; moves--) {
            csr(nic, SVNIC_CSR_DOWN_MEM1_BASE, g_rand_int(rand));
            csr(nic, SVNIC_CSR_DOWN_MEM3_BASE, g_rand_int(rand));
            csr(nic, SVNIC_CSR_DOWN_MEM2_BASE, g_rand_int(rand));
        }
        sv_nic_windows(nic);
        for (n = 0; n < burst; n++) {
            sv_nic_frame_fill(bytes, LENGTH, b.mac, a.mac, i * 100 + n);
            sv_nic_expect(&b, NULL, bytes, LENGTH);
        }
    }
    g_assert_cmpuint(sv_nic_page(&a, error), ==, SVNIC_ERR_NONE);
    g_assert_cmpuint(sv_nic_page(&b, error), ==, SVNIC_ERR_NONE);
}

/* The chip can change the size of the host's BARs; this unmaps them. */
static void test_setup(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;
    const uint8_t bar = PCI_BASE_ADDRESS_2;
    uint32_t setup = qpci_config_readl(dev, SVNIC_CFG_DOWN_MEM1_SETUP);

    sv_nic_sdram32_write(nic, SPOT + SVNIC_CSR_SIZE, 0x5ca1ab1e);
    /* not by the host */
    qpci_config_writel(dev, SVNIC_CFG_DOWN_MEM1_SETUP, 0);
    g_assert_cmphex(qpci_config_readl(dev, SVNIC_CFG_DOWN_MEM1_SETUP), ==,
                    setup);

    sv_nic_secondary_write(nic, "config", SVNIC_CFG_DOWN_MEM1_SETUP, 4,
                           -(uint32_t)MiB | SVNIC_SETUP_PREFETCHABLE);
    g_assert_cmphex(qpci_config_readl(dev, bar), ==,
                    PCI_BASE_ADDRESS_MEM_PREFETCH);
    qpci_config_writel(dev, bar, 0xffffffff);
    g_assert_cmphex(qpci_config_readl(dev, bar), ==, -(uint32_t)MiB |
                    PCI_BASE_ADDRESS_MEM_PREFETCH);

    /* as I/O space: forwarded to I/O of the secondary bus, without target */
    sv_nic_secondary_write(nic, "config", SVNIC_CFG_DOWN_MEM1_SETUP, 4,
                           -(uint32_t)256 | SVNIC_SETUP_IO);
    qpci_config_writel(dev, bar, 0xffffffff);
    g_assert_cmphex(qpci_config_readl(dev, bar), ==,
                    (uint32_t)-256 | PCI_BASE_ADDRESS_SPACE_IO);
    qpci_config_writel(dev, bar, 0xd000);
    g_assert_cmphex(qtest_inl(sv_nic_qts(nic), 0xd000), ==, 0xffffffff);

    /* disabled: reads 0, writes are ignored */
    sv_nic_secondary_write(nic, "config", SVNIC_CFG_DOWN_MEM1_SETUP, 4,
                           setup & ~SVNIC_SETUP_ENABLE);
    qpci_config_writel(dev, bar, 0xffffffff);
    g_assert_cmphex(qpci_config_readl(dev, bar), ==, 0);

    /* Downstream Memory 3 with 32 bits: no upper half */
    sv_nic_secondary_write(nic, "config", SVNIC_CFG_DOWN_MEM3_SETUP, 4,
                           -(uint32_t)(16 * MiB));
    qpci_config_writel(dev, PCI_BASE_ADDRESS_4, 0xffffffff);
    qpci_config_writel(dev, PCI_BASE_ADDRESS_5, 0xffffffff);
    g_assert_cmphex(qpci_config_readl(dev, PCI_BASE_ADDRESS_4), ==,
                    -(uint32_t)(16 * MiB));
    g_assert_cmphex(qpci_config_readl(dev, PCI_BASE_ADDRESS_5), ==, 0);

    /* a larger BAR 0 has Downstream Memory 0 above the CSRs */
    sv_nic_secondary_write(nic, "config", SVNIC_CFG_DOWN_MEM0_SETUP, 4,
                           -(uint32_t)MiB);
    qpci_config_writel(dev, PCI_BASE_ADDRESS_0, 0xfd000000);
    nic->csr.addr = 0xfd000000;
    csr(nic, SVNIC_CSR_DOWN_MEM0_BASE, SVNIC_LOCAL_SDRAM + SPOT);
    g_assert_cmphex(qtest_readl(sv_nic_qts(nic),
                                0xfd000000 + SVNIC_CSR_SIZE), ==,
                    0x5ca1ab1e);
    g_assert_cmphex(qpci_io_readl(dev, nic->csr, SVNIC_CSR_DOWN_MEM0_BASE),
                    ==, SVNIC_LOCAL_SDRAM + SPOT);
}

/* Secondary reset: the chip is stopped, then its firmware boots. */
static void test_secondary_reset(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;
    QSvNicVif a;
    uint32_t result;
    int i;

    for (i = 0; i < 3; i++) {
        sv_nic_vif_open(&a, nic, 0, NULL);
        csr(nic, SVNIC_CSR_SCRATCHPAD(0), 0x1000 + i);
        qpci_config_writel(dev, SVNIC_CFG_RESET_CONTROL,
                           SVNIC_RESET_SECONDARY);
        g_assert_cmphex(qpci_config_readl(dev, SVNIC_CFG_RESET_CONTROL), ==,
                        SVNIC_RESET_SECONDARY);
        g_assert_cmphex(identity(nic), ==, 0xffffffff);
        g_assert_cmphex(sv_nic_sdram32(nic, 0), ==, 0xffffffff);
        /* no upstream transfers, no answer to configuration cycles */
        sv_nic_secondary_read(nic, "memory", SVNIC_LOCAL_UPSTREAM_MEM0, 4,
                              &result);
        g_assert_cmphex(result, ==, MEMTX_DECODE_ERROR | MEMTX_ERROR);
        sv_nic_csr16_write(nic, SVNIC_CSR_CONFIG_CSR,
                           SVNIC_OWN_CSR_DOWN_ENABLE);
        sv_nic_csr16(nic, SVNIC_CSR_CONFIG_OWN);
        csr(nic, SVNIC_CSR_DOWN_CONFIG_ADDR, 1u << SVNIC_LOCAL_IDSEL_SHIFT);
        g_assert_cmphex(qpci_io_readl(dev, nic->csr,
                                      SVNIC_CSR_DOWN_CONFIG_DATA), ==,
                        0xffffffff);
        /* again, with stop and cont in between */
        qpci_config_writeb(dev, SVNIC_CFG_RESET_CONTROL,
                           SVNIC_RESET_SECONDARY);
        qobject_unref(qtest_qmp(sv_nic_qts(nic), "{ 'execute': 'stop' }"));
        qobject_unref(qtest_qmp(sv_nic_qts(nic), "{ 'execute': 'cont' }"));
        g_assert_cmphex(identity(nic), ==, 0xffffffff);

        qpci_config_writel(dev, SVNIC_CFG_RESET_CONTROL, 0);
        sv_nic_wait_firmware(nic);
        g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_QUERY, 0, 0, NULL,
                                       NULL), ==, SVNIC_ST_NO_SUCH_VIF);
        g_assert_cmphex(qpci_io_readl(dev, nic->csr,
                                      SVNIC_CSR_DOWN_CONFIG_DATA), ==,
                        (uint32_t)SVNIC_IXP_DEVICE_ID << 16 |
                        SVNIC_IXP_VENDOR_ID);
        /* the bridge itself was not reset */
        g_assert_cmphex(qpci_io_readl(dev, nic->csr, SVNIC_CSR_SCRATCHPAD(0)),
                        ==, 0x1000 + i);
    }
    /* status of pins and reserved bits read 0, writes are ignored */
    for (i = 0; i < 2; i++) {
        const uint32_t pins = SVNIC_RESET_SUBSYSTEM_STATUS |
                              SVNIC_RESET_L_STAT;
        uint32_t held = i ? SVNIC_RESET_SECONDARY : 0;

        qpci_config_writel(dev, SVNIC_CFG_RESET_CONTROL,
                           (UINT32_MAX & ~SVNIC_RESET_CHIP &
                            ~SVNIC_RESET_SECONDARY) | held);
        g_assert_cmphex(qpci_config_readl(dev, SVNIC_CFG_RESET_CONTROL), ==,
                        held);
        sv_nic_secondary_write(nic, "config", SVNIC_CFG_RESET_CONTROL, 1,
                               pins | held);
        g_assert_cmphex(sv_nic_secondary_read(nic, "config",
                                              SVNIC_CFG_RESET_CONTROL, 4,
                                              NULL), ==, held);
    }
    /* a reset of the machine ends it, too */
    qpci_config_writel(dev, SVNIC_CFG_RESET_CONTROL, SVNIC_RESET_SECONDARY);
    qtest_system_reset(sv_nic_qts(nic));
    sv_nic_restart(nic);
    sv_nic_vif_open(&a, nic, 0, NULL);
}

/* Chip reset: resets the whole function and loads the ROM. */
static void test_chip_reset(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;
    uint32_t setup = qpci_config_readl(dev, SVNIC_CFG_DOWN_MEM1_SETUP);
    QSvNicVif a;

    sv_nic_vif_open(&a, nic, 0, NULL);
    csr(nic, SVNIC_CSR_SCRATCHPAD(0), 1);
    sv_nic_secondary_write(nic, "config", SVNIC_CFG_DOWN_MEM1_SETUP, 4, 0);
    /* together with the secondary reset, as in NetBSD's driver */
    qpci_config_writel(dev, SVNIC_CFG_RESET_CONTROL,
                       SVNIC_RESET_CHIP | SVNIC_RESET_SECONDARY);
    g_assert_cmphex(qpci_config_readl(dev, SVNIC_CFG_RESET_CONTROL), ==, 0);
    g_assert_cmphex(qpci_config_readl(dev, PCI_BASE_ADDRESS_0), ==, 0);
    g_assert_cmphex(qpci_config_readw(dev, PCI_COMMAND), ==, 0);
    g_assert_cmphex(qpci_config_readl(dev, SVNIC_CFG_DOWN_MEM1_SETUP), ==,
                    setup);
    sv_nic_restart(nic);
    g_assert_cmphex(qpci_io_readl(dev, nic->csr, SVNIC_CSR_SCRATCHPAD(0)),
                    ==, 0);
    sv_nic_vif_open(&a, nic, 0, NULL);
}

static void register_sv_nic_window_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *variants;
        const char *opts;
    } tests[] = {
        { "a-translated-base-moves-its-window", test_moves, "0" },
        { "a-window-without-target-reads-ones", test_no_target, "0" },
        { "windows-move-under-traffic", test_moves_under_traffic, "012" },
        { "a-setup-register-sizes-its-bar", test_setup, "0" },
        { "secondary-reset-holds-the-chip", test_secondary_reset, "012" },
        { "chip-reset-restores-the-rom-values", test_chip_reset, "012" },
        { "chip-reset-restores-the-rom-values-with-msix", test_chip_reset,
          "0", "msix=on" },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("window", tests[i].name, tests[i].fn,
                        tests[i].variants, tests[i].opts, NULL, NULL);
    }
}

libqos_init(register_sv_nic_window_tests);
