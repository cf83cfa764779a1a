/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: the function in D3hot, where it only answers configuration cycles,
 * and its return to D0.  The registers are tested in sv-nic-bridge-test.c.
 *
 * "Configuration space" and "Reset" of docs/specs/sv-nic*.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "hw/pci/pci_regs.h"
#include "qemu/bswap.h"
#include "qemu/module.h"

#define DATA            0x900000        /* in SDRAM, where no VIF is */
#define PMCSR           (SVNIC_CFG_PM + PCI_PM_CTRL)
#define D3HOT           3
#define LENGTH          200

static void machine(QSvNic *nic, bool running)
{
    if (running) {
        qtest_qmp_assert_success(sv_nic_qts(nic), "{ 'execute': 'cont' }");
    } else {
        qtest_qmp_assert_success(sv_nic_qts(nic), "{ 'execute': 'stop' }");
    }
}

/* Starts DMA of 4 KiB to @guest while the machine is stopped. */
static void dma_due(QSvNic *nic, uint64_t guest)
{
    machine(nic, false);
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_DMA(0) + SVNIC_DMA_BYTE_COUNT,
                         4096 | SVNIC_DMA_TO_PCI | SVNIC_DMA_END_OF_CHAIN);
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_DMA(0) + SVNIC_DMA_PCI_ADDRESS,
                         SVNIC_LOCAL_UPSTREAM_MEM0 + (uint32_t)guest);
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_DMA(0) + SVNIC_DMA_DRAM_ADDRESS,
                         DATA);
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_DMA(0) + SVNIC_DMA_CONTROL,
                         SVNIC_DMA_ENABLE | SVNIC_DMA_IN_REGISTERS);
}

/*
 * DMA and a frame from VIF to VIF in host memory that were started before are
 * executed in D0; in D3hot no byte of host memory changes, even if the host
 * sets Bus Master Enable.
 */
static void test_no_master(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QTestState *qts = sv_nic_qts(nic);
    uint64_t guest = guest_alloc(alloc, 4096);
    int round;

    for (round = 0; round < 4; round++) {
        bool asleep = round & 1;
        uint8_t bytes[LENGTH];
        uint64_t parts;
        QSvNicVif a, b;

        sv_nic_vif_open_host(&a, nic, 0, alloc);
        sv_nic_vif_open_host(&b, nic, 1, alloc);
        qtest_memset(qts, guest, 0x11, 4096);
        sv_nic_sdram32_write(nic, DATA, 0x600d600d);
        dma_due(nic, guest);
        sv_nic_frame_fill(bytes, sizeof(bytes), b.mac, a.mac, round);
        sv_nic_queue(&a, NULL, bytes, sizeof(bytes));
        sv_nic_page_write(&a, send_prod.index, a.ring.send_prod);
        sv_nic_db_write(&a, SVNIC_DB_SEND, 1);
        parts = sv_nic_counter(nic, "card", "dma-parts");
        if (asleep) {
            qpci_config_writew(&nic->pci_dev, PMCSR, D3HOT);
        }
        if (round == 3) {
            qpci_config_writew(&nic->pci_dev, PCI_COMMAND, 0);
            qpci_config_writew(&nic->pci_dev, PCI_COMMAND,
                               PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
        }
        machine(nic, true);
        sv_nic_wait(qts, sv_nic_counter(nic, "card", "dma-parts") > parts);
        sv_nic_wait_idle(nic);
        g_assert_cmphex(qtest_readl(qts, guest), ==,
                        asleep ? 0x11111111 : 0x600d600d);
        g_assert_cmpuint(sv_nic_page(&b, recv_prod.index), ==, !asleep);

        if (asleep) {
            qpci_config_writew(&nic->pci_dev, PMCSR, 0);
        } else {
            qtest_system_reset(qts);
        }
        sv_nic_restart(nic);
    }
    guest_free(alloc, guest);
}

/* INTA is deasserted, and IRQ bits do not assert it. */
static void test_no_inta(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    char cycle[] = "csr";

    sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_MASK, 0xffff);
    sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_SET_IRQ, 1);
    g_assert_true(sv_nic_inta(nic));
    qpci_config_writew(&nic->pci_dev, PMCSR, D3HOT);
    g_assert_false(sv_nic_inta(nic));
    sv_nic_secondary_write(nic, cycle, SVNIC_CSR_PRIMARY_SET_IRQ, 2, 2);
    g_assert_false(sv_nic_inta(nic));
    g_assert_cmphex(sv_nic_secondary_read(nic, cycle,
                                          SVNIC_CSR_PRIMARY_SET_IRQ, 2, NULL),
                    ==, 3);
    qpci_config_writew(&nic->pci_dev, PMCSR, 0);
    g_assert_false(sv_nic_inta(nic));
    sv_nic_restart(nic);
    g_assert_cmphex(sv_nic_csr16(nic, SVNIC_CSR_PRIMARY_SET_IRQ), ==, 0);
}

/* Unmasking a pending vector in D3hot does not send it. */
static void test_no_message(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;
    uint16_t flags;
    int round;

    sv_nic_msix_enable(nic);
    flags = qpci_config_readw(dev, SVNIC_CFG_MSIX + PCI_MSIX_FLAGS);
    for (round = 0; round < 2; round++) {
        struct svnic_cmd cmd;

        qpci_config_writew(dev, SVNIC_CFG_MSIX + PCI_MSIX_FLAGS,
                           flags | PCI_MSIX_FLAGS_MASKALL);
        sv_nic_cmd_init(&cmd, SVNIC_CMD_QUERY, 0);
        g_assert_cmphex(sv_nic_cmd(nic, &cmd), ==, SVNIC_ST_OK);
        sv_nic_wait_idle(nic);
        g_assert_false(sv_nic_vector_take(nic, SVNIC_VECTOR_MANAGER));
        if (round) {
            qpci_config_writew(dev, PMCSR, D3HOT);
        }
        qpci_config_writew(dev, SVNIC_CFG_MSIX + PCI_MSIX_FLAGS, flags);
        g_assert_cmpint(sv_nic_vector_take(nic, SVNIC_VECTOR_MANAGER), ==,
                        !round);
    }
    qpci_config_writew(dev, PMCSR, 0);
    g_assert_cmphex(qpci_config_readw(dev, SVNIC_CFG_MSIX + PCI_MSIX_FLAGS) &
                    PCI_MSIX_FLAGS_ENABLE, ==, 0);
}

/* After the return to D0 the card is in its reset state, and works. */
static void test_back(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    int round;

    for (round = 0; round < 5; round++) {
        uint8_t bytes[LENGTH];
        struct svnic_cmd cmd;
        QSvNicVif a, b;

        sv_nic_vif_open(&a, nic, 0, NULL);
        sv_nic_vif_open(&b, nic, 1, NULL);
        sv_nic_frame_fill(bytes, sizeof(bytes), b.mac, a.mac, round);
        sv_nic_send(&a, NULL, bytes, sizeof(bytes));
        sv_nic_expect(&b, NULL, bytes, sizeof(bytes));
        qpci_config_writew(&nic->pci_dev, PMCSR, D3HOT);
        qpci_config_writew(&nic->pci_dev, PMCSR, 0);
        sv_nic_restart(nic);
        sv_nic_cmd_init(&cmd, SVNIC_CMD_QUERY, 0);
        g_assert_cmphex(sv_nic_cmd(nic, &cmd), ==, SVNIC_ST_OK);
        g_assert_cmpuint(le32_to_cpu(cmd.u.card.vifs_used), ==, 0);
    }
}

static void register_sv_nic_power_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *opts;
    } tests[] = {
        { "d3hot-starts-no-cycle", test_no_master },
        { "d3hot-keeps-inta-low", test_no_inta },
        { "d3hot-sends-no-message", test_no_message, "msix=on" },
        { "d0-resets-the-card", test_back },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("power", tests[i].name, tests[i].fn, "02",
                        tests[i].opts, NULL, NULL);
    }
}

libqos_init(register_sv_nic_power_tests);
