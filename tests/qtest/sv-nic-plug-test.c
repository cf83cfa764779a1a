/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: hot plug and unplug under traffic.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/pci-pc.h"
#include "libqos/malloc-pc.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-traffic.h"
#include "hw/pci/pci_regs.h"
#include "qobject/qdict.h"
#include "qemu/module.h"

/* Small, so that a second card fits below 4 GiB. */
#define SMALL "sdram-size=16M,vifs=16"
#define WIRES "netdev=wire0,netdev1=wire1,netdev2=wire2"

/* ACPI's hot plug registers, on the PC and on Q35. */
#define PCIHP_PC        0xae00
#define PCIHP_Q35       0x0cc0
#define PCIHP_EJECT     0x08
#define PCIHP_SELECT    0x10

/* Events arrive with answers: sends a query, then checks the events. */
static bool device_deleted(QTestState *qts)
{
    QDict *event;

    qtest_qmp_assert_success(qts, "{ 'execute': 'query-status' }");
    event = qtest_qmp_event_ref(qts, "DEVICE_DELETED");
    qobject_unref(event);
    return event;
}

static void unplug(QTestState *qts, const char *id, uint16_t pcihp,
                   int select, int slot)
{
    qtest_qmp_device_del_send(qts, id);
    if (select >= 0) {
        qtest_outl(qts, pcihp + PCIHP_SELECT, select);
    }
    qtest_outl(qts, pcihp + PCIHP_EJECT, 1u << slot);
    sv_nic_wait(qts, device_deleted(qts));
}

static void test_unplug(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QTestState *qts = sv_nic_qts(nic);
    QPCIBus *bus = nic->pci_dev.bus;
    QSvNicWires *wires = data;
    int devfn = nic->pci_dev.devfn;
    g_autofree char *slot = g_strdup_printf("%x", devfn >> 3);
    int workers = strstr(qos_get_current_command_line(), "workers=0") ? 0 : 2;
    unsigned rounds = sv_nic_rounds(5);
    QSvNicUse use = { };
    unsigned i;

    for (i = 0; i < rounds; i++) {
        uint64_t mmio = bus->mmio_alloc_ptr, pio = bus->pio_alloc_ptr;
        QSvNicVif a, b;

        sv_nic_traffic_start(nic, &a, &b, &wires->port[0]);
        if (i % 5 == 3) {
            qtest_qmp_assert_success(qts, "{ 'execute': 'stop' }");
        }
        unplug(qts, SV_NIC_ID, PCIHP_PC, -1, devfn >> 3);
        g_assert_null(qpci_device_find(bus, devfn));
        qtest_qmp_assert_success(
            qts, "{ 'execute': 'device_add', 'arguments': { "
            "'driver': 'sv-nic', 'id': %s, 'addr': %s, 'workers': %d, "
            "'netdev': 'wire0', 'netdev1': 'wire1', 'netdev2': 'wire2', "
            "'sdram-size': 16777216, 'vifs': 16 } }",
            SV_NIC_ID, slot, workers);
        if (i % 5 == 3) {
            qtest_qmp_assert_success(qts, "{ 'execute': 'cont' }");
        }
        sv_nic_init(nic, bus, alloc, devfn);
        sv_nic_start(nic);
        sv_nic_traffic_as_new(nic, &wires->port[0]);
        qtest_system_reset(qts);
        sv_nic_restart(nic);
        /* the next card can have the same addresses */
        bus->mmio_alloc_ptr = mmio;
        bus->pio_alloc_ptr = pio;
        if (i == 3) {
            use = sv_nic_use(qts);
        }
    }
    sv_nic_use_check(qts, &use, "unplug and plug", rounds - 4);
}

/* A second card is plugged and unplugged beside one with traffic. */
static void test_second_card(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj, second;
    QTestState *qts = sv_nic_qts(nic);
    QPCIBus *bus = nic->pci_dev.bus;
    QSvNicVif a, b, c, d;
    int i;

    sv_nic_vif_open(&a, nic, 0, NULL);
    sv_nic_vif_open(&b, nic, 1, NULL);
    for (i = 0; i < 3; i++) {
        uint64_t mmio = bus->mmio_alloc_ptr, pio = bus->pio_alloc_ptr;

        qtest_qmp_assert_success(
            qts, "{ 'execute': 'device_add', 'arguments': { 'driver': "
            "'sv-nic', 'id': 'second', 'addr': '10', 'workers': 1, "
            "'sdram-size': 16777216, 'vifs': 16, 'msix': true } }");
        sv_nic_init(&second, bus, alloc, QPCI_DEVFN(0x10, 0));
        sv_nic_start(&second);
        sv_nic_traffic_start(&second, &c, &d, NULL);
        sv_nic_traffic_pass(&a, &b, i);
        unplug(qts, "second", PCIHP_PC, -1, 0x10);
        sv_nic_traffic_pass(&b, &a, i);
        bus->mmio_alloc_ptr = mmio;
        bus->pio_alloc_ptr = pio;
    }
}

/* Opens the windows of the bridge at @devfn for all of libqos' addresses. */
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

/* Location of a card on Q35. */
typedef struct Place {
    const char *bridges;
    const char *bus;
    int buses;                  /* number of bridges, each the first device */
    int select;                 /* ACPI's number of the last bus */
    int slot;
} Place;

#define BUS(n)  QPCI_DEVFN((n) << 5, 0)

static void test_unplug_q35(void *obj, void *data, QGuestAllocator *alloc)
{
    const Place *place = data;
    int workers = strstr(qos_get_current_command_line(), "workers=0") ? 0 : 2;
    int devfn = BUS(place->buses) + QPCI_DEVFN(place->slot, 0);
    QTestState *qts = qtest_initf("-machine q35 -nodefaults %s -device "
                                  "sv-nic,bus=%s,addr=%x,id=" SV_NIC_ID
                                  ",workers=%d," SMALL, place->bridges,
                                  place->bus, place->slot, workers);
    QGuestAllocator q35_alloc;
    QPCIBus *bus = qpci_new_pc(qts, &q35_alloc);
    g_autofree char *slot = g_strdup_printf("%x", place->slot);
    int i;

    pc_alloc_init(&q35_alloc, qts, ALLOC_NO_FLAGS);
    g_assert_cmpint(qpci_secondary_buses_init(bus), ==, place->buses);
    bridge_open(bus, QPCI_DEVFN(4, 0));
    for (i = 1; i < place->buses; i++) {
        bridge_open(bus, BUS(i));
    }
    for (i = 0; i < 4; i++) {
        uint64_t mmio = bus->mmio_alloc_ptr, pio = bus->pio_alloc_ptr;
        QSvNicVif a, b;
        QSvNic nic;

        sv_nic_init(&nic, bus, &q35_alloc, devfn);
        sv_nic_start(&nic);
        sv_nic_traffic_as_new(&nic, NULL);
        sv_nic_traffic_start(&nic, &a, &b, NULL);
        unplug(qts, SV_NIC_ID, PCIHP_Q35, place->select, place->slot);
        g_assert_null(qpci_device_find(bus, devfn));
        bus->mmio_alloc_ptr = mmio;
        bus->pio_alloc_ptr = pio;
        qtest_qmp_assert_success(
            qts, "{ 'execute': 'device_add', 'arguments': { 'driver': "
            "'sv-nic', 'bus': %s, 'addr': %s, 'id': %s, 'workers': %d, "
            "'vifs': 16, 'sdram-size': 16777216 } }", place->bus, slot,
            SV_NIC_ID, workers);
    }
    alloc_destroy(&q35_alloc);
    qpci_free_pc(bus);
    qtest_quit(qts);
}

static const Place root_port = {
    .bridges = "-device pcie-root-port,id=rp,addr=4,chassis=1",
    .bus = "rp",
    .buses = 1,
};

/* The card is a conventional PCI function, plugged as such on Q35. */
static const Place pci_bridge = {
    .bridges = "-device pcie-root-port,id=rp,addr=4,chassis=1 "
               "-device pcie-pci-bridge,id=pci,bus=rp",
    .bus = "pci",
    .buses = 2,
    .select = 1,
    .slot = 3,
};

static void *at_root_port(GString *cmd_line, void *arg)
{
    return (void *)&root_port;
}

static void *at_pci_bridge(GString *cmd_line, void *arg)
{
    return (void *)&pci_bridge;
}

static void register_sv_nic_plug_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *opts;
        QOSBeforeTest before;
    } tests[] = {
        { "unplug-under-traffic", test_unplug, SMALL "," WIRES,
          sv_nic_wires_before },
        { "second-card-plugged-and-unplugged", test_second_card, SMALL },
        { "unplug-under-traffic-on-q35", test_unplug_q35, SMALL,
          at_root_port },
        { "unplug-under-traffic-behind-a-pci-bridge-on-q35", test_unplug_q35,
          SMALL, at_pci_bridge },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("plug", tests[i].name, tests[i].fn, "02",
                        tests[i].opts, tests[i].before, NULL);
    }
}

libqos_init(register_sv_nic_plug_tests);
