/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: MSI-X messages to addresses that lead back to the card.
 *
 * The guest chooses the address of a vector.  Through the memory-mapped
 * configuration space of Q35, a message can reset the card, clear bus master,
 * disable a BAR, or power off its slot, while the interrupt that sends it is
 * raised by a step of the same card.
 *
 * Section "Interrupts" of docs/specs/sv-nic-card.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/pci-pc.h"
#include "libqos/malloc-pc.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "hw/pci/pci_regs.h"
#include "qobject/qdict.h"
#include "qemu/bswap.h"
#include "qemu/module.h"

#define LENGTH      1400

/* Q35's register with the address of configuration space (MMCONFIG). */
#define PCIEXBAR    0x60
#define ECAM        0xb0000000u
#define ECAM_ENABLE 1

#define CARD_SLOT   3

/* The card is behind a root port; its slot has a power controller. */
#define MACHINE                                                             \
    "-machine q35 -nodefaults "                                             \
    "-global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off "            \
    "-device pcie-root-port,id=rp,addr=4,chassis=1 "                        \
    "-device pcie-pci-bridge,id=pci,bus=rp "                                \
    "-device sv-nic,bus=pci,addr=3,id=" SV_NIC_ID ",sdram-size=16M,"        \
    "vifs=16,msix=on,workers=%d,assist=%d"

typedef struct Machine {
    QTestState *qts;
    QGuestAllocator alloc;
    QPCIBus *bus;
    QSvNic nic;
    QSvNicVif from, to;
} Machine;

static uint32_t ecam(int devfn)
{
    return ECAM + (devfn << 12);
}

static void bridge_open(QPCIBus *bus, int devfn)
{
    QPCIDevice *bridge = qpci_device_find(bus, devfn);

    g_assert_nonnull(bridge);
    qpci_config_writew(bridge, PCI_MEMORY_BASE, bus->mmio_alloc_ptr >> 16);
    qpci_config_writew(bridge, PCI_MEMORY_LIMIT, 0xefff);
    qpci_config_writeb(bridge, PCI_IO_BASE, bus->pio_alloc_ptr >> 8);
    qpci_config_writeb(bridge, PCI_IO_LIMIT, 0xf0);
    qpci_config_writew(bridge, PCI_COMMAND, PCI_COMMAND_IO |
                       PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    g_free(bridge);
}

static int card_devfn(void)
{
    return QPCI_DEVFN(2 << 5, 0) + QPCI_DEVFN(CARD_SLOT, 0);
}

/* Two VIFs; the vector of the second one is unmasked. */
static void machine_start(Machine *m)
{
    const char *line = qos_get_current_command_line();
    int workers = strstr(line, "workers=0") ? 0 :
                  strstr(line, "workers=2") ? 2 : 1;
    QPCIDevice *host;

    m->qts = qtest_initf(MACHINE, workers, strstr(line, "assist=0") ? 0 : 2);
    m->bus = qpci_new_pc(m->qts, &m->alloc);
    pc_alloc_init(&m->alloc, m->qts, ALLOC_NO_FLAGS);
    host = qpci_device_find(m->bus, QPCI_DEVFN(0, 0));
    qpci_config_writel(host, PCIEXBAR + 4, 0);
    qpci_config_writel(host, PCIEXBAR, ECAM | ECAM_ENABLE);
    g_free(host);
    g_assert_cmpint(qpci_secondary_buses_init(m->bus), ==, 2);
    bridge_open(m->bus, QPCI_DEVFN(4, 0));
    bridge_open(m->bus, QPCI_DEVFN(1 << 5, 0));
    sv_nic_init(&m->nic, m->bus, &m->alloc, card_devfn());
    sv_nic_start(&m->nic);
    g_assert_cmphex(qtest_readl(m->qts, ecam(card_devfn())), ==,
                    (uint32_t)SVNIC_PCI_DEVICE_ID << 16 |
                    SVNIC_PCI_VENDOR_ID);
    sv_nic_msix_enable(&m->nic);
    sv_nic_vif_open(&m->from, &m->nic, 0, NULL);
    sv_nic_vif_open(&m->to, &m->nic, 1, NULL);
    sv_nic_db_write(&m->to, SVNIC_DB_SIGNAL_MASK_CLEAR, SVNIC_SIGNAL_ALL);
}

static void machine_end(Machine *m)
{
    alloc_destroy(&m->alloc);
    qpci_free_pc(m->bus);
    qtest_quit(m->qts);
}

/* The vector of the VIF that receives writes @value to @address. */
static void vector_point(Machine *m, uint32_t address, uint32_t value)
{
    uint64_t entry = SVNIC_MSIX_TABLE_OFFSET +
                     m->to.vector * PCI_MSIX_ENTRY_SIZE;
    QPCIDevice *dev = &m->nic.pci_dev;

    qpci_io_writel(dev, m->nic.csr, entry + PCI_MSIX_ENTRY_LOWER_ADDR,
                   address);
    qpci_io_writel(dev, m->nic.csr, entry + PCI_MSIX_ENTRY_UPPER_ADDR, 0);
    qpci_io_writel(dev, m->nic.csr, entry + PCI_MSIX_ENTRY_DATA, value);
}

static void send_one(Machine *m)
{
    uint8_t bytes[LENGTH];

    sv_nic_frame_fill(bytes, sizeof(bytes), m->to.mac, m->from.mac, 1);
    sv_nic_send(&m->from, NULL, bytes, sizeof(bytes));
}

/* Checks that the card works; enables it again if necessary. */
static void card_works(Machine *m)
{
    uint8_t bytes[LENGTH];
    QSvNicVif a, b;

    sv_nic_restart(&m->nic);
    sv_nic_vif_open(&a, &m->nic, 10, NULL);
    sv_nic_vif_open(&b, &m->nic, 11, NULL);
    sv_nic_frame_fill(bytes, sizeof(bytes), b.mac, a.mac, 2);
    sv_nic_send(&a, NULL, bytes, sizeof(bytes));
    sv_nic_expect(&b, NULL, bytes, sizeof(bytes));
}

/*
 * The message has been sent when the card is idle and the main loop has run.
 * A configuration access before that would send it, too, but from within an
 * access to the host bridge; QEMU's re-entrancy guard would block it there.
 */
static uint16_t card_config16(Machine *m, unsigned offset)
{
    sv_nic_wait_idle(&m->nic);
    qtest_qmp_assert_success(m->qts, "{ 'execute': 'query-status' }");
    return qpci_config_readw(&m->nic.pci_dev, offset);
}

static void test_reset(void *obj, void *data, QGuestAllocator *alloc)
{
    Machine m;

    machine_start(&m);
    vector_point(&m, ecam(card_devfn()) + SVNIC_CFG_RESET_CONTROL,
                 SVNIC_RESET_CHIP);
    send_one(&m);
    /* a reset has disabled the BARs */
    sv_nic_wait(m.qts, !(card_config16(&m, PCI_COMMAND) &
                         PCI_COMMAND_MEMORY));
    card_works(&m);
    machine_end(&m);
}

/* Secondary reset is asserted: the chip is held until the bit is cleared. */
static void test_secondary_reset(void *obj, void *data,
                                 QGuestAllocator *alloc)
{
    Machine m;

    machine_start(&m);
    vector_point(&m, ecam(card_devfn()) + SVNIC_CFG_RESET_CONTROL,
                 SVNIC_RESET_SECONDARY);
    send_one(&m);
    sv_nic_wait(m.qts, card_config16(&m, SVNIC_CFG_RESET_CONTROL) &
                       SVNIC_RESET_SECONDARY);
    qpci_config_writew(&m.nic.pci_dev, SVNIC_CFG_RESET_CONTROL, 0);
    card_works(&m);
    machine_end(&m);
}

static void test_command(void *obj, void *data, QGuestAllocator *alloc)
{
    Machine m;

    machine_start(&m);
    vector_point(&m, ecam(card_devfn()) + PCI_COMMAND, 0);
    send_one(&m);
    sv_nic_wait(m.qts, !(card_config16(&m, PCI_COMMAND) &
                         PCI_COMMAND_MASTER));
    qpci_config_writew(&m.nic.pci_dev, PCI_COMMAND, PCI_COMMAND_IO |
                       PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    qpci_config_writew(&m.nic.pci_dev, SVNIC_CFG_RESET_CONTROL,
                       SVNIC_RESET_CHIP);
    card_works(&m);
    machine_end(&m);
}

/* The BAR of the doorbells is disabled while a doorbell is written. */
static void test_bar(void *obj, void *data, QGuestAllocator *alloc)
{
    uint32_t at = PCI_BASE_ADDRESS_0 + 4 * SVNIC_BAR_DOORBELL;
    uint32_t old;
    Machine m;

    machine_start(&m);
    old = qpci_config_readl(&m.nic.pci_dev, at);
    vector_point(&m, ecam(card_devfn()) + at, 0);
    send_one(&m);
    sv_nic_wait(m.qts, (card_config16(&m, PCI_COMMAND),
                        qpci_config_readl(&m.nic.pci_dev, at)) == 0);
    qpci_config_writel(&m.nic.pci_dev, at, old);
    qpci_config_writew(&m.nic.pci_dev, SVNIC_CFG_RESET_CONTROL,
                       SVNIC_RESET_CHIP);
    card_works(&m);
    machine_end(&m);
}

static bool card_deleted(QTestState *qts)
{
    QDict *event;

    qtest_qmp_assert_success(qts, "{ 'execute': 'query-status' }");
    event = qtest_qmp_event_ref(qts, "DEVICE_DELETED");
    qobject_unref(event);
    return event;
}

static void test_slot(void *obj, void *data, QGuestAllocator *alloc)
{
    QPCIDevice *port;
    uint8_t cap;
    Machine m;

    machine_start(&m);
    port = qpci_device_find(m.bus, QPCI_DEVFN(4, 0));
    cap = qpci_find_capability(port, PCI_CAP_ID_EXP, 0);
    g_assert_cmpint(cap, !=, 0);
    qpci_config_writew(port, cap + PCI_EXP_SLTCTL, 0);
    vector_point(&m, ecam(QPCI_DEVFN(4, 0)) + cap + PCI_EXP_SLTCTL,
                 PCI_EXP_SLTCTL_PCC | PCI_EXP_SLTCTL_PWR_IND_OFF);
    send_one(&m);
    sv_nic_wait(m.qts, card_deleted(m.qts));
    g_free(port);
    machine_end(&m);
}

static void register_sv_nic_message_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
    } tests[] = {
        { "message-resets-the-card", test_reset },
        { "message-asserts-secondary-reset", test_secondary_reset },
        { "message-clears-bus-master", test_command },
        { "message-disables-the-doorbell-bar", test_bar },
        { "message-powers-the-slot-off", test_slot },
    };

    for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("message", tests[i].name, tests[i].fn, "012", NULL,
                        NULL, NULL);
    }
}

libqos_init(register_sv_nic_message_tests);
