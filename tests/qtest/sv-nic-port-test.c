/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: frames between VIFs and the ports, over socket netdevs.
 *
 * Section "Switching" of docs/specs/sv-nic-card.rst; offload of the ports is
 * tested in sv-nic-offload-test.c.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "libqos/sv-nic-port.h"
#include "qemu/bswap.h"
#include "qemu/module.h"

#define LENGTH 1400

/* An address of no VIF: frames to it are sent by the port. */
static const uint8_t outside[6] = { 0x02, 0xee, 0, 0, 0, 1 };

static void open_on(QSvNicVif *vif, QSvNic *nic, uint32_t id, uint32_t port,
                    uint32_t flags)
{
    struct svnic_vif_attr attr = {
        .mask = cpu_to_le32(SVNIC_ATTR_MAC | SVNIC_ATTR_PORT |
                            SVNIC_ATTR_MTU | SVNIC_ATTR_FLAGS),
        .port = cpu_to_le32(port),
        .mtu = cpu_to_le32(SVNIC_MAX_MTU),
        .flags = cpu_to_le32(SVNIC_VIF_F_SPOOF_CHECK | flags),
    };

    sv_nic_mac(attr.mac, id);
    sv_nic_vif_open(vif, nic, id, &attr);
}

static void send_out(QSvNicVif *from, const uint8_t dst[6], uint32_t length,
                     uint32_t seed)
{
    g_autofree uint8_t *bytes = g_malloc(length);

    sv_nic_frame_fill(bytes, length, dst, from->mac, seed);
    sv_nic_send(from, NULL, bytes, length);
}

static void expect_out(QSvNicVif *from, QSvNicWire *wire,
                       const uint8_t dst[6], uint32_t length, uint32_t seed)
{
    g_autofree uint8_t *bytes = g_malloc(length);

    sv_nic_frame_fill(bytes, length, dst, from->mac, seed);
    sv_nic_wire_expect(sv_nic_qts(from->nic), wire, bytes, length);
}

static bool send_in(QSvNic *nic, QSvNicWire *wire, const uint8_t dst[6],
                    uint32_t length, uint32_t seed, bool wait)
{
    g_autofree uint8_t *bytes = g_malloc(length);

    sv_nic_frame_fill(bytes, length, dst, outside, seed);
    return sv_nic_wire_send(sv_nic_qts(nic), wire, bytes, length, wait);
}

static void expect_in(QSvNicVif *to, const uint8_t dst[6], uint32_t length,
                      uint32_t seed)
{
    g_autofree uint8_t *bytes = g_malloc(length);

    sv_nic_frame_fill(bytes, length, dst, outside, seed);
    sv_nic_expect(to, NULL, bytes, length);
}

static void test_out(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    struct svnic_port_info port;
    uint32_t length, frames = 0, total = 0;
    QSvNicVif a;

    open_on(&a, nic, 0, 0, 0);
    for (length = SVNIC_MIN_FRAME;
         length <= SVNIC_MAX_MTU + SVNIC_ETH_MAX_HEADER;
         length += length < 80 ? 1 : 149) {
        send_out(&a, outside, length, length);
        expect_out(&a, &wires->port[0], outside, length, length);
        frames++;
        total += length;
    }
    sv_nic_send_drain(&a);
    sv_nic_port_info(nic, 0, &port);
    g_assert_cmpuint(port.out_frames, ==, frames);
    g_assert_cmpuint(port.out_bytes, ==, total);
    g_assert_cmpuint(port.out_full, ==, 0);
    g_assert_cmpuint(port.in_frames, ==, 0);
}

static void test_in(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    struct svnic_port_info port;
    uint32_t length, frames = 0, total = 0;
    QSvNicVif a, b;

    open_on(&a, nic, 0, 0, 0);
    open_on(&b, nic, 1, 0, 0);
    for (length = SVNIC_MIN_FRAME;
         length <= SVNIC_MAX_MTU + SVNIC_ETH_MAX_HEADER;
         length += length < 80 ? 1 : 149) {
        send_in(nic, &wires->port[0], a.mac, length, length, true);
        expect_in(&a, a.mac, length, length);
        frames++;
        total += length;
    }
    g_assert_cmpuint(sv_nic_page(&b, recv_prod.index), ==, 0);
    sv_nic_port_info(nic, 0, &port);
    g_assert_cmpuint(port.in_frames, ==, frames);
    g_assert_cmpuint(port.in_bytes, ==, total);
    g_assert_cmpuint(port.in_no_vif, ==, 0);
    g_assert_cmpuint(port.out_frames, ==, 0);
}

/* Frames of invalid length, for no VIF, or above the MTU. */
static void test_in_bad_length(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    g_autofree uint8_t *bytes = g_malloc0(SVNIC_MAX_FRAME + 1);
    struct svnic_vif_stats stats;
    QSvNicVif a, b;
    uint32_t length = SVNIC_MAX_MTU + SVNIC_ETH_MAX_HEADER + 1;

    open_on(&a, nic, 0, 0, 0);
    memcpy(bytes, a.mac, 6);
    sv_nic_wire_send(sv_nic_qts(nic), &wires->port[0], bytes, 1, true);
    sv_nic_wire_send(sv_nic_qts(nic), &wires->port[0], bytes,
                     SVNIC_MIN_FRAME - 1, true);
    sv_nic_wire_send(sv_nic_qts(nic), &wires->port[0], bytes,
                     SVNIC_MAX_FRAME + 1, true);
    send_in(nic, &wires->port[0], a.mac, length, 1, true);
    send_in(nic, &wires->port[0], a.mac, SVNIC_MAX_FRAME, 2, true);
    send_in(nic, &wires->port[0], a.mac, length - 1, 3, true);
    expect_in(&a, a.mac, length - 1, 3);
    sv_nic_vif_stats(nic, a.id, &stats);
    g_assert_cmpuint(stats.recv_oversize, ==, 0);
    g_assert_cmpuint(stats.recv_frames, ==, 1);
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "mib-rx-runts"), ==, 2);
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "mib-rx-oversize"), ==,
                     3);
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "chip-in-bad"), ==, 5);
    sv_nic_vif_open(&b, nic, 1, NULL);
    length = SVNIC_DEFAULT_MTU + SVNIC_ETH_MAX_HEADER;
    send_in(nic, &wires->port[0], b.mac, length + 1, 4, true);
    send_in(nic, &wires->port[0], b.mac, length, 5, true);
    expect_in(&b, b.mac, length, 5);
    sv_nic_vif_stats(nic, b.id, &stats);
    g_assert_cmpuint(stats.recv_oversize, ==, 1);
}

static void test_in_many(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    QSvNicVif a, b, p, other;
    struct svnic_port_info port;

    open_on(&a, nic, 0, 0, 0);
    open_on(&b, nic, 1, 0, 0);
    open_on(&p, nic, 2, 0, SVNIC_VIF_F_PROMISC);
    open_on(&other, nic, 3, 1, SVNIC_VIF_F_PROMISC);

    send_in(nic, &wires->port[0], sv_nic_broadcast, LENGTH, 1, true);
    send_in(nic, &wires->port[0], sv_nic_multicast, LENGTH, 2, true);
    expect_in(&a, sv_nic_broadcast, LENGTH, 1);
    expect_in(&a, sv_nic_multicast, LENGTH, 2);
    expect_in(&b, sv_nic_broadcast, LENGTH, 1);
    expect_in(&b, sv_nic_multicast, LENGTH, 2);
    expect_in(&p, sv_nic_broadcast, LENGTH, 1);
    expect_in(&p, sv_nic_multicast, LENGTH, 2);

    /* unknown: only to the promiscuous VIF, and counted */
    send_in(nic, &wires->port[0], outside, LENGTH, 3, true);
    send_in(nic, &wires->port[0], other.mac, LENGTH, 4, true);
    send_in(nic, &wires->port[0], a.mac, LENGTH, 5, true);
    expect_in(&p, outside, LENGTH, 3);
    expect_in(&p, other.mac, LENGTH, 4);
    expect_in(&p, a.mac, LENGTH, 5);
    expect_in(&a, a.mac, LENGTH, 5);
    send_in(nic, &wires->port[0], b.mac, LENGTH, 6, true);
    expect_in(&b, b.mac, LENGTH, 6);
    expect_in(&p, b.mac, LENGTH, 6);
    sv_nic_port_info(nic, 0, &port);
    g_assert_cmpuint(port.in_frames, ==, 6);
    g_assert_cmpuint(port.in_no_vif, ==, 2);
    g_assert_cmpuint(sv_nic_page(&other, recv_prod.index), ==, 0);
    send_in(nic, &wires->port[1], other.mac, LENGTH, 7, true);
    expect_in(&other, other.mac, LENGTH, 7);
}

/* Frames leave by the sender's port; VIF to VIF frames do not leave. */
static void test_out_many(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    g_autofree uint8_t *bytes = g_malloc(SV_NIC_WIRE_MAX);
    QSvNicVif a, b, x, y;
    int i;

    open_on(&a, nic, 0, 0, 0);
    open_on(&b, nic, 1, 0, 0);
    open_on(&x, nic, 2, 1, 0);
    open_on(&y, nic, 3, 2, 0);

    sv_nic_frame_fill(bytes, LENGTH, b.mac, a.mac, 1);
    sv_nic_send(&a, NULL, bytes, LENGTH);
    sv_nic_expect(&b, NULL, bytes, LENGTH);
    send_out(&a, a.mac, LENGTH, 2);
    send_out(&a, sv_nic_broadcast, LENGTH, 3);
    expect_out(&a, &wires->port[0], sv_nic_broadcast, LENGTH, 3);
    sv_nic_frame_fill(bytes, LENGTH, sv_nic_broadcast, a.mac, 3);
    sv_nic_expect(&b, NULL, bytes, LENGTH);
    send_out(&x, sv_nic_multicast, LENGTH, 4);
    expect_out(&x, &wires->port[1], sv_nic_multicast, LENGTH, 4);
    /* the VIF with this address is on another segment: sent by the port */
    send_out(&y, a.mac, LENGTH, 5);
    expect_out(&y, &wires->port[2], a.mac, LENGTH, 5);
    send_out(&x, outside, LENGTH, 6);
    expect_out(&x, &wires->port[1], outside, LENGTH, 6);
    send_out(&a, outside, LENGTH, 7);
    expect_out(&a, &wires->port[0], outside, LENGTH, 7);
    for (i = 0; i < SVNIC_MAX_PORTS; i++) {
        g_assert_cmpuint(sv_nic_wire_take(&wires->port[i], bytes), ==, 0);
    }
    g_assert_cmpuint(sv_nic_page(&a, recv_prod.index), ==, 0);
    g_assert_cmpuint(sv_nic_page(&b, recv_prod.index), ==, 2);
}

/*
 * A wire that accepts nothing: only the sender's queue waits, with all of its
 * frames.  Then the wire accepts all, and no frame is missing.
 */
static void test_out_full(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    struct svnic_port_info port;
    uint32_t sent = 0, got = 0, i;
    uint8_t bytes[LENGTH];
    QSvNicVif a, b, c;

    open_on(&a, nic, 0, 0, 0);
    open_on(&b, nic, 1, 0, 0);
    open_on(&c, nic, 2, 0, 0);
    do {
        while (sv_nic_send_room(&a) > 1) {
            sv_nic_frame_fill(bytes, LENGTH, outside, a.mac, sent++);
            sv_nic_queue(&a, NULL, bytes, LENGTH);
        }
        sv_nic_publish(&a);
        sv_nic_port_info(nic, 0, &port);
        g_assert_cmpuint(sent, <, 10000);
    } while (!port.out_full);
    sv_nic_wait_idle(nic);
    /* the port is full now; queue until no slot is free */
    while (sv_nic_send_room(&a)) {
        sv_nic_frame_fill(bytes, LENGTH, sent % 5 ? outside :
                          sv_nic_broadcast, a.mac, sent);
        sent++;
        sv_nic_queue(&a, NULL, bytes, LENGTH);
        sv_nic_publish(&a);
    }
    for (i = 0; i < 500; i++) {
        sv_nic_frame_fill(bytes, LENGTH, c.mac, b.mac, i);
        sv_nic_send(&b, NULL, bytes, LENGTH);
        sv_nic_expect(&c, NULL, bytes, LENGTH);
    }
    g_assert_cmpuint(sv_nic_page(&a, send_cons.index), !=,
                     a.ring.send_published);

    while (got < sent) {
        g_autofree uint8_t *out = g_malloc(SV_NIC_WIRE_MAX);
        uint32_t length;

        sv_nic_wait(sv_nic_qts(nic),
                    (length = sv_nic_wire_take(&wires->port[0], out)));
        sv_nic_frame_fill(bytes, LENGTH, out, a.mac, got);
        g_assert_cmpmem(out, length, bytes, LENGTH);
        if (out[0] == 0xff) { /* VIFs received their copy once, in order */
            sv_nic_expect(&b, NULL, bytes, LENGTH);
            sv_nic_expect(&c, NULL, bytes, LENGTH);
        }
        got++;
    }
    sv_nic_send_drain(&a);
    send_out(&a, outside, LENGTH, 77);
    expect_out(&a, &wires->port[0], outside, LENGTH, 77);
    sv_nic_port_info(nic, 0, &port);
    g_assert_cmpuint(port.out_frames, ==, sent + 1);
}

/* Queues frames to the wire until the queue is full; returns their number. */
static uint32_t fill_queue(QSvNicVif *from)
{
    uint8_t bytes[LENGTH];
    uint32_t n = 0;

    sv_nic_frame_fill(bytes, LENGTH, outside, from->mac, 0);
    while (sv_nic_send_room(from)) {
        sv_nic_queue(from, NULL, bytes, LENGTH);
        n++;
    }
    sv_nic_publish(from);
    return n;
}

/*
 * VIFs of different microengines, all with full queues when the wire starts to
 * accept frames: the port serves them round-robin.  The wire is read only when
 * the card is idle, so the result does not depend on the order in which the
 * host runs the threads.
 */
static void test_out_shared(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    QSvNicVif vif[3];
    uint32_t sent[ARRAY_SIZE(vif)] = { 0 };
    uint32_t got[ARRAY_SIZE(vif)] = { 0 };
    struct svnic_port_info port;
    size_t i;

    for (i = 0; i < ARRAY_SIZE(vif); i++) {
        open_on(&vif[i], nic, i, 0, 0);
    }
    do {
        sent[0] += fill_queue(&vif[0]);
        sv_nic_port_info(nic, 0, &port);
        g_assert_cmpuint(sent[0], <, 10000);
    } while (!port.out_full);
    sv_nic_wait_idle(nic);
    for (i = 0; i < ARRAY_SIZE(vif); i++) {
        sent[i] += fill_queue(&vif[i]);
    }
    while (got[0] + got[1] + got[2] < sent[0] + sent[1] + sent[2]) {
        g_autofree uint8_t *out = g_malloc(SV_NIC_WIRE_MAX);

        sv_nic_wait_idle(nic);
        sv_nic_wait(sv_nic_qts(nic), sv_nic_wire_take(&wires->port[0], out));
        for (i = 0; memcmp(out + 6, vif[i].mac, 6); i++) {
            g_assert_cmpuint(i + 1, <, ARRAY_SIZE(vif));
        }
        got[i]++;
        if (!i && got[0] == sent[0]) {
            /* the first VIF had more in the port */
            g_test_message("%u and %u of %u", got[1], got[2], sent[1]);
            g_assert_cmpuint(got[1], >, sent[1] / 3);
            g_assert_cmpuint(got[2], >, sent[2] / 3);
        }
    }
}

/* A stopped card makes the wire wait, and loses no frame. */
static void test_in_stopped(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    struct svnic_vif_stats stats;
    uint32_t sent = 0, got, total = 900;
    QSvNicVif a;

    open_on(&a, nic, 0, 0, 0);
    g_assert_cmpuint(a.ring.recv_slots, >=, total);
    qtest_qmp_assert_success(sv_nic_qts(nic), "{ 'execute': 'stop' }");
    while (send_in(nic, &wires->port[0], a.mac, LENGTH, sent, false)) {
        sent++;
        g_assert_cmpuint(sent, <, total); /* the wire waits */
    }
    g_assert_cmpuint(sent, >, 10);
    qtest_qmp_assert_success(sv_nic_qts(nic), "{ 'execute': 'cont' }");
    for (; sent < total; sent++) {
        send_in(nic, &wires->port[0], a.mac, LENGTH, sent, true);
    }
    for (got = 0; got < total; got++) {
        expect_in(&a, a.mac, LENGTH, got);
    }
    sv_nic_vif_stats(nic, a.id, &stats);
    g_assert_cmpuint(stats.recv_frames, ==, total);
    g_assert_cmpuint(stats.recv_full, ==, 0);
}

/* A VIF with a full queue does not stop the wire: its frames are dropped. */
static void test_in_receive_full(void *obj, void *data,
                                 QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    struct svnic_vif_stats stats;
    QSvNicVif lazy, quick;
    uint32_t i, n;

    open_on(&lazy, nic, 0, 0, 0);
    open_on(&quick, nic, 1, 0, 0);
    n = lazy.ring.recv_slots + 30;
    for (i = 0; i < n; i++) {
        send_in(nic, &wires->port[0], lazy.mac, 100, i, true);
        if (i % 50 == 0) {
            send_in(nic, &wires->port[0], quick.mac, 100, i, true);
            expect_in(&quick, quick.mac, 100, i);
        }
    }
    send_in(nic, &wires->port[0], quick.mac, 100, i, true);
    expect_in(&quick, quick.mac, 100, i);
    sv_nic_vif_stats(nic, lazy.id, &stats);
    g_assert_cmpuint(stats.recv_full, ==, 30);
    for (i = 0; i < lazy.ring.recv_slots; i++) {
        expect_in(&lazy, lazy.mac, 100, i);
    }
}

static void test_cable(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    struct svnic_vif_stats stats;
    QSvNicVif a;

    open_on(&a, nic, 0, 0, 0);
    send_out(&a, outside, LENGTH, 1);
    expect_out(&a, &wires->port[0], outside, LENGTH, 1);
    qtest_qmp_assert_success(sv_nic_qts(nic), "{ 'execute': 'set_link', "
                             "'arguments': { 'name': 'wire0', 'up': false } "
                             "}");
    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL) &
                SVNIC_PCI_DB_LINK);
    send_out(&a, outside, LENGTH, 2);
    sv_nic_send_drain(&a);
    sv_nic_vif_stats(nic, a.id, &stats);
    g_assert_cmpuint(stats.send_no_link, ==, 1);
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_PCI_DOORBELL, SVNIC_PCI_DB_LINK);
    qtest_qmp_assert_success(sv_nic_qts(nic), "{ 'execute': 'set_link', "
                             "'arguments': { 'name': 'wire0', 'up': true } "
                             "}");
    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL) &
                SVNIC_PCI_DB_LINK);
    send_out(&a, outside, LENGTH, 3);
    expect_out(&a, &wires->port[0], outside, LENGTH, 3);
    send_in(nic, &wires->port[0], a.mac, LENGTH, 4, true);
    expect_in(&a, a.mac, LENGTH, 4);
}

static void register_sv_nic_port_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
    } tests[] = {
        { "unknown-unicast-leaves-by-the-port", test_out },
        { "frames-from-the-wire-find-their-vif", test_in },
        { "bad-lengths-from-the-wire-are-dropped", test_in_bad_length },
        { "frames-from-the-wire-are-flooded", test_in_many },
        { "each-port-is-a-segment", test_out_many },
        { "full-port-makes-the-sender-wait", test_out_full },
        { "full-port-is-shared", test_out_shared },
        { "stopped-card-makes-the-wire-wait", test_in_stopped },
        { "full-receive-queue-does-not-stop-the-wire", test_in_receive_full },
        { "link-down-and-up", test_cable },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("port", tests[i].name, tests[i].fn, "02",
                        "netdev=wire0,netdev1=wire1,netdev2=wire2",
                        sv_nic_wires_before, NULL);
    }
}

libqos_init(register_sv_nic_port_tests);
