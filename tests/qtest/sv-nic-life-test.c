/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: reset, stop and cont, hot plug and unplug under traffic.
 *
 * Section "Reset" of docs/specs/sv-nic.rst.  Properties and the refusal to
 * migrate are in sv-nic-props-test.c.
 */
#include "qemu/osdep.h"
#include <sys/ioctl.h>
#include <linux/sockios.h>
#include "libqtest-single.h"
#include "libqos/pci-pc.h"
#include "libqos/malloc-pc.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "libqos/sv-nic-port.h"
#include "hw/pci/pci_regs.h"
#include "qobject/qdict.h"
#include "qemu/bswap.h"
#include "qemu/module.h"

#define LENGTH 1400

/* Small, so that a second card fits below 4 GiB. */
#define SMALL "sdram-size=16M,vifs=16"
#define WIRES "netdev=wire0,netdev1=wire1,netdev2=wire2"

/* ACPI's hot plug registers, on the PC and on Q35. */
#define PCIHP_PC        0xae00
#define PCIHP_Q35       0x0cc0
#define PCIHP_EJECT     0x08
#define PCIHP_SELECT    0x10

static const uint8_t outside[6] = { 0x02, 0xee, 0, 0, 0, 1 };

static void queue_frames(QSvNicVif *from, const uint8_t dst[6], uint32_t seed,
                         uint32_t n)
{
    uint8_t bytes[LENGTH];

    while (n--) {
        sv_nic_frame_fill(bytes, sizeof(bytes), dst, from->mac, seed++);
        sv_nic_queue(from, NULL, bytes, sizeof(bytes));
    }
}

/*
 * Waits for the frame.  Frames that an earlier card put on the wire can precede
 * it, but no other frames.
 */
static void expect_after_old(QSvNicVif *to, const uint8_t *bytes)
{
    g_autofree QSvNicFrame *frame = g_new(QSvNicFrame, 1);

    for (;;) {
        sv_nic_recv(to, frame);
        g_assert_cmpuint(frame->length, ==, LENGTH);
        if (!memcmp(frame->data, bytes, LENGTH)) {
            return;
        }
        g_assert_cmpmem(frame->data + 6, 6, outside, 6);
    }
}

static void pass(QSvNicVif *from, QSvNicVif *to, uint32_t seed)
{
    uint8_t bytes[LENGTH];

    sv_nic_frame_fill(bytes, sizeof(bytes), to->mac, from->mac, seed);
    sv_nic_send(from, NULL, bytes, sizeof(bytes));
    expect_after_old(to, bytes);
}

/*
 * Starts traffic in every direction without waiting for it: VIF to VIF, to a
 * wire that is not read, from the wire.
 */
static void traffic(QSvNic *nic, QSvNicVif *a, QSvNicVif *b, QSvNicWire *wire)
{
    uint8_t bytes[LENGTH];
    uint32_t i;

    sv_nic_vif_open(a, nic, 0, NULL);
    sv_nic_vif_open(b, nic, 1, NULL);
    sv_nic_db_write(a, SVNIC_DB_SIGNAL_MASK_CLEAR, SVNIC_SIGNAL_ALL);
    sv_nic_db_write(b, SVNIC_DB_SIGNAL_MASK_CLEAR, SVNIC_SIGNAL_ALL);
    queue_frames(a, b->mac, 0, a->ring.send_slots / 2);
    queue_frames(a, outside, 1000, a->ring.send_slots / 2);
    queue_frames(b, sv_nic_broadcast, 2000, b->ring.send_slots);
    sv_nic_page_write(a, send_prod.index, a->ring.send_prod);
    sv_nic_page_write(b, send_prod.index, b->ring.send_prod);
    a->ring.send_published = a->ring.send_prod;
    b->ring.send_published = b->ring.send_prod;
    for (i = 0; wire && i < 40; i++) {
        sv_nic_frame_fill(bytes, sizeof(bytes), i & 1 ? a->mac :
                          sv_nic_broadcast, outside, i);
        sv_nic_wire_send(sv_nic_qts(nic), wire, bytes, sizeof(bytes), false);
    }
    sv_nic_db_write(a, SVNIC_DB_SEND, 1);
    sv_nic_db_write(b, SVNIC_DB_SEND, 1);
}

/* The card is in its reset state, and everything works. */
static void as_new(QSvNic *nic, QSvNicWire *wire)
{
    uint8_t bytes[LENGTH];
    struct svnic_cmd cmd;
    QSvNicVif a, b;

    sv_nic_cmd_init(&cmd, SVNIC_CMD_QUERY, 0);
    g_assert_cmphex(sv_nic_cmd(nic, &cmd), ==, SVNIC_ST_OK);
    g_assert_cmpuint(le32_to_cpu(cmd.u.card.vifs_used), ==, 0);
    g_assert_cmpuint(le64_to_cpu(cmd.u.card.events), ==, 0);
    g_assert_cmphex(sv_nic_csr16(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ), ==,
                    1 << SVNIC_IRQ_BIT_MANAGER); /* by that command */
    sv_nic_vif_open(&a, nic, 10, NULL);
    sv_nic_vif_open(&b, nic, 11, NULL);
    pass(&a, &b, 1);
    pass(&b, &a, 2);
    if (!wire) {
        return;
    }
    sv_nic_frame_fill(bytes, sizeof(bytes), outside, a.mac, 4711);
    sv_nic_send(&a, NULL, bytes, sizeof(bytes));
    for (;;) {
        g_autofree uint8_t *out = g_malloc(SV_NIC_WIRE_MAX);

        sv_nic_wait(sv_nic_qts(nic), sv_nic_wire_take(wire, out));
        if (!memcmp(out, bytes, sizeof(bytes))) {
            break;
        }
    }
    sv_nic_frame_fill(bytes, sizeof(bytes), b.mac, outside, 4712);
    sv_nic_wire_send(sv_nic_qts(nic), wire, bytes, sizeof(bytes), true);
    expect_after_old(&b, bytes);
}

static void test_reset(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    int i;

    for (i = 0; i < 6; i++) {
        uint8_t bytes[LENGTH], kept[LENGTH];
        QSvNicVif a, b;

        sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_MASK, 0xffff);
        traffic(nic, &a, &b, &wires->port[0]);
        if (i & 1) {
            qtest_qmp_assert_success(sv_nic_qts(nic),
                                     "{ 'execute': 'stop' }");
        }
        qtest_system_reset(sv_nic_qts(nic));
        if (i & 1) {
            qtest_qmp_assert_success(sv_nic_qts(nic),
                                     "{ 'execute': 'cont' }");
        }
        g_assert_false(sv_nic_inta(nic));
        sv_nic_restart(nic);
        /* SDRAM keeps its contents */
        sv_nic_sdram_read(nic, a.base + a.ring.send_offset + SVNIC_FRAME_HEADER,
                          kept, sizeof(kept));
        sv_nic_frame_fill(bytes, sizeof(bytes), b.mac, a.mac, 0);
        g_assert_cmpmem(kept, sizeof(kept), bytes, sizeof(bytes));
        as_new(nic, &wires->port[0]);
        qtest_system_reset(sv_nic_qts(nic));
        sv_nic_restart(nic);
    }
}

/* A port that refused a frame while the chip was in reset accepts new ones. */
static void test_secondary_reset_port(void *obj, void *data,
                                      QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;
    QTestState *qts = sv_nic_qts(nic);
    QSvNicWire *wire = &((QSvNicWires *)data)->port[0];
    int i;

    for (i = 0; i < 4; i++) {
        uint8_t bytes[LENGTH];
        int unread;
        QSvNicVif a;

        qpci_config_writel(dev, SVNIC_CFG_RESET_CONTROL,
                           SVNIC_RESET_SECONDARY);
        sv_nic_frame_fill(bytes, sizeof(bytes), outside, outside, i);
        sv_nic_wire_send(qts, wire, bytes, sizeof(bytes), true);
        /* until QEMU has read it from the wire */
        sv_nic_wait(qts, !ioctl(wire->fd, SIOCOUTQ, &unread) && !unread);
        qpci_config_writel(dev, SVNIC_CFG_RESET_CONTROL, 0);
        sv_nic_wait_firmware(nic);
        sv_nic_vif_open(&a, nic, 10, NULL);
        sv_nic_frame_fill(bytes, sizeof(bytes), a.mac, outside, 4711 + i);
        sv_nic_wire_send(qts, wire, bytes, sizeof(bytes), true);
        expect_after_old(&a, bytes);
    }
}

/* A reset drops the frames in the port's buffer, sent frames stay sent. */
static void test_reset_port(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWire *wire = &((QSvNicWires *)data)->port[0];
    g_autofree uint8_t *out = g_malloc(SV_NIC_WIRE_MAX);
    struct svnic_port_info port;
    uint8_t bytes[LENGTH];
    uint64_t handed, frames = 0;
    QSvNicVif a, b;

    sv_nic_vif_open(&a, nic, 0, NULL);
    do {
        queue_frames(&a, outside, 0, sv_nic_send_room(&a));
        sv_nic_publish(&a);
        sv_nic_port_info(nic, 0, &port);
    } while (!port.out_full);
    /* until the wire accepts no more, and the buffer is full */
    sv_nic_wait_idle(nic);
    sv_nic_port_info(nic, 0, &port);
    handed = sv_nic_counter(nic, "port[0]", "chip-out-packets");
    g_assert_cmpuint(port.out_frames, >, handed + 100);

    qtest_system_reset(sv_nic_qts(nic));
    sv_nic_restart(nic);
    sv_nic_vif_open(&b, nic, 10, NULL);
    sv_nic_frame_fill(bytes, sizeof(bytes), outside, b.mac, 1);
    sv_nic_send(&b, NULL, bytes, sizeof(bytes));
    for (;;) {
        sv_nic_wait(sv_nic_qts(nic), sv_nic_wire_take(wire, out));
        if (!memcmp(out, bytes, sizeof(bytes))) {
            break;
        }
        frames++;
    }
    g_assert_cmpuint(frames, <=, handed);
}

/*
 * stop and cont.  Half of the frames are published before, half while the card
 * is stopped; all arrive once, in order.
 */

typedef struct Flow {
    uint8_t dst[6], src[6];
    uint32_t next;              /* seed of the next frame to arrive */
} Flow;

static void flow_arrives(Flow *flow, const uint8_t *data, uint32_t length)
{
    uint8_t bytes[LENGTH];

    sv_nic_frame_fill(bytes, sizeof(bytes), flow->dst, flow->src,
                      flow->next++);
    g_assert_cmpmem(data, length, bytes, sizeof(bytes));
}

static Flow flow_of(const uint8_t dst[6], const uint8_t src[6])
{
    Flow flow = { };

    memcpy(flow.dst, dst, 6);
    memcpy(flow.src, src, 6);
    return flow;
}

static void test_stop_cont(void *obj, void *data, QGuestAllocator *alloc)
{
    enum { HALF = 40, ROUNDS = 8 };
    QSvNic *nic = obj;
    QTestState *qts = sv_nic_qts(nic);
    QSvNicWire *wire = &((QSvNicWires *)data)->port[0];
    g_autofree QSvNicFrame *frame = g_new(QSvNicFrame, 1);
    g_autofree uint8_t *out = g_malloc(SV_NIC_WIRE_MAX);
    QSvNicVif a, b;
    Flow to_b, to_a, to_wire, from_wire;
    uint32_t round, half, i;

    sv_nic_vif_open(&a, nic, 0, NULL);
    sv_nic_vif_open(&b, nic, 1, NULL);
    to_b = flow_of(b.mac, a.mac);
    to_a = flow_of(a.mac, b.mac);
    to_wire = flow_of(outside, b.mac);
    from_wire = flow_of(a.mac, outside);
    for (round = 0; round < ROUNDS; round++) {
        uint32_t first = round * 2 * HALF;
        uint32_t end = first + 2 * HALF;
        uint32_t moved[4] = { };

        for (half = 0; half < 2; half++) {
            uint32_t seed = first + half * HALF;
            uint8_t bytes[LENGTH];

            queue_frames(&a, b.mac, seed, HALF);
            queue_frames(&b, a.mac, seed, HALF);
            queue_frames(&b, outside, seed, HALF);
            for (i = 0; i < HALF; i++) {
                sv_nic_frame_fill(bytes, sizeof(bytes), a.mac, outside,
                                  seed + i);
                sv_nic_wire_send(qts, wire, bytes, sizeof(bytes), true);
            }
            sv_nic_publish(&a);
            sv_nic_publish(&b);
            if (half == 0) {
                qtest_qmp_assert_success(qts, "{ 'execute': 'stop' }");
                moved[0] = sv_nic_page(&a, send_cons.index);
                moved[1] = sv_nic_page(&b, send_cons.index);
                moved[2] = sv_nic_page(&a, recv_prod.index);
                moved[3] = sv_nic_page(&b, recv_prod.index);
            }
        }
        /* it is stopped, doorbells have no effect */
        sv_nic_db_write(&a, SVNIC_DB_SEND, 1);
        sv_nic_db_write(&b, SVNIC_DB_SEND, 1);
        qtest_qmp_assert_success(qts, "{ 'execute': 'query-status' }");
        g_assert_cmpuint(moved[0], ==, sv_nic_page(&a, send_cons.index));
        g_assert_cmpuint(moved[1], ==, sv_nic_page(&b, send_cons.index));
        g_assert_cmpuint(moved[2], ==, sv_nic_page(&a, recv_prod.index));
        g_assert_cmpuint(moved[3], ==, sv_nic_page(&b, recv_prod.index));
        qtest_qmp_assert_success(qts, "{ 'execute': 'cont' }");

        while (to_b.next < end) {
            sv_nic_recv(&b, frame);
            flow_arrives(&to_b, frame->data, frame->length);
        }
        while (to_a.next < end || from_wire.next < end) {
            sv_nic_recv(&a, frame);
            flow_arrives(memcmp(frame->data + 6, outside, 6) ? &to_a :
                         &from_wire, frame->data, frame->length);
        }
        while (to_wire.next < end) {
            uint32_t length;

            sv_nic_wait(qts, (length = sv_nic_wire_take(wire, out)));
            flow_arrives(&to_wire, out, length);
        }
    }
    g_assert_false(sv_nic_take(&a, frame));
    g_assert_false(sv_nic_take(&b, frame));
    g_assert_cmpuint(sv_nic_wire_take(wire, out), ==, 0);
}

/* A command that is issued while stopped is executed, at once or later. */
static void test_command_while_stopped(void *obj, void *data,
                                       QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_cmd cmd;

    qtest_qmp_assert_success(sv_nic_qts(nic), "{ 'execute': 'stop' }");
    sv_nic_cmd_init(&cmd, SVNIC_CMD_QUERY, 0);
    sv_nic_sdram_write(nic, nic->area, &cmd, sizeof(cmd));
    sv_nic_cmd_ring(nic, nic->area);
    qtest_qmp_assert_success(sv_nic_qts(nic), "{ 'execute': 'cont' }");
    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL) &
                SVNIC_PCI_DB_COMMAND_DONE);
    sv_nic_sdram_read(nic, nic->area, &cmd, sizeof(cmd));
    g_assert_cmphex(le32_to_cpu(cmd.status), ==, SVNIC_ST_OK);
}

/*
 * Hot plug
 */

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
    int i;

    for (i = 0; i < 5; i++) {
        uint64_t mmio = bus->mmio_alloc_ptr, pio = bus->pio_alloc_ptr;
        QSvNicVif a, b;

        traffic(nic, &a, &b, &wires->port[0]);
        if (i == 3) {
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
        if (i == 3) {
            qtest_qmp_assert_success(qts, "{ 'execute': 'cont' }");
        }
        sv_nic_init(nic, bus, alloc, devfn);
        sv_nic_start(nic);
        as_new(nic, &wires->port[0]);
        qtest_system_reset(qts);
        sv_nic_restart(nic);
        /* the next card can have the same addresses */
        bus->mmio_alloc_ptr = mmio;
        bus->pio_alloc_ptr = pio;
    }
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
        traffic(&second, &c, &d, NULL);
        pass(&a, &b, i);
        unplug(qts, "second", PCIHP_PC, -1, 0x10);
        pass(&b, &a, i);
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
        as_new(&nic, NULL);
        traffic(&nic, &a, &b, NULL);
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

/* A deleted netdev is a link that is down. */
static void test_netdev_del(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    struct svnic_port_info port;
    QSvNicVif a, b;

    traffic(nic, &a, &b, &wires->port[0]);
    qtest_qmp_assert_success(sv_nic_qts(nic), "{ 'execute': 'netdev_del', "
                             "'arguments': { 'id': 'wire0' } }");
    sv_nic_wait(sv_nic_qts(nic), (sv_nic_port_info(nic, 0, &port),
                                  !port.link));
    /* queued frames are dropped */
    sv_nic_send_drain(&a);
    sv_nic_send_drain(&b);
    sv_nic_vif_reset(&a);
    sv_nic_vif_reset(&b);
    pass(&a, &b, 1);
    pass(&b, &a, 2);
}

static void register_sv_nic_life_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *opts;
        QOSBeforeTest before;
    } tests[] = {
        { "reset-under-traffic", test_reset, WIRES, sv_nic_wires_before },
        { "port-receives-after-a-secondary-reset", test_secondary_reset_port,
          WIRES, sv_nic_wires_before },
        { "reset-drops-frames-in-the-port", test_reset_port, WIRES,
          sv_nic_wires_before },
        { "stop-and-cont-under-traffic-lose-nothing", test_stop_cont, WIRES,
          sv_nic_wires_before },
        { "command-while-stopped-is-executed",
          test_command_while_stopped },
        { "unplug-under-traffic", test_unplug, SMALL "," WIRES,
          sv_nic_wires_before },
        { "second-card-plugged-and-unplugged", test_second_card, SMALL },
        { "unplug-under-traffic-on-q35", test_unplug_q35, SMALL,
          at_root_port },
        { "unplug-under-traffic-behind-a-pci-bridge-on-q35", test_unplug_q35,
          SMALL, at_pci_bridge },
        { "netdev-deleted-under-traffic", test_netdev_del, WIRES,
          sv_nic_wires_before },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("life", tests[i].name, tests[i].fn, "02",
                        tests[i].opts, tests[i].before, NULL);
    }
}

libqos_init(register_sv_nic_life_tests);
