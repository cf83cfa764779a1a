/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: forwarding of frames, and frames that are dropped and counted.
 *
 * Section "Switching" of docs/specs/sv-nic-card.rst; ports are tested in
 * sv-nic-port-test.c.  To prove that a frame is not received, a test sends a
 * second frame: order is kept from one sender to one receiver, so the first
 * frame would have to arrive before it.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "qemu/bswap.h"
#include "qemu/module.h"

#define LENGTH 200

static void open_attr(QSvNicVif *vif, QSvNic *nic, uint32_t id,
                      struct svnic_vif_attr attr)
{
    attr.mask |= cpu_to_le32(SVNIC_ATTR_MAC);
    sv_nic_mac(attr.mac, id);
    sv_nic_vif_open(vif, nic, id, &attr);
}

static void send_seed(QSvNicVif *from, const uint8_t dst[6], uint32_t seed)
{
    uint8_t bytes[LENGTH];

    sv_nic_frame_fill(bytes, sizeof(bytes), dst, from->mac, seed);
    sv_nic_send(from, NULL, bytes, sizeof(bytes));
}

static void expect_seed(QSvNicVif *to, QSvNicVif *from, const uint8_t dst[6],
                        uint32_t seed)
{
    uint8_t bytes[LENGTH];

    sv_nic_frame_fill(bytes, sizeof(bytes), dst, from->mac, seed);
    sv_nic_expect(to, NULL, bytes, sizeof(bytes));
}

/* Waits for a frame: @to has received no other frame from @from before. */
static void fence(QSvNicVif *from, QSvNicVif *to)
{
    static uint32_t seed = 1u << 31;

    send_seed(from, to->mac, ++seed);
    expect_seed(to, from, to->mac, seed);
}

static struct svnic_vif_stats stats_of(QSvNicVif *vif)
{
    struct svnic_vif_stats stats;

    sv_nic_vif_stats(vif->nic, vif->id, &stats);
    return stats;
}

static void test_replicated(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const uint8_t *group[] = { sv_nic_broadcast, sv_nic_multicast };
    struct svnic_vif_info info;
    QSvNicVif vif[5], other, idle;
    uint32_t i, j, k;

    for (i = 0; i < ARRAY_SIZE(vif); i++) {
        sv_nic_vif_open(&vif[i], nic, 10 * i, NULL);
    }
    open_attr(&other, nic, 5, (struct svnic_vif_attr) {
        .mask = cpu_to_le32(SVNIC_ATTR_PORT), .port = cpu_to_le32(1),
    });
    sv_nic_vif_open(&idle, nic, 6, NULL);
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_DEACTIVATE, 6, 0, NULL,
                                   NULL), ==, SVNIC_ST_OK);
    for (i = 0; i < ARRAY_SIZE(vif); i++) {
        for (k = 0; k < 2; k++) {
            send_seed(&vif[i], group[k], 2 * i + k);
            for (j = 0; j < ARRAY_SIZE(vif); j++) {
                if (i != j) {
                    expect_seed(&vif[j], &vif[i], group[k], 2 * i + k);
                }
            }
        }
    }
    for (i = 0; i < ARRAY_SIZE(vif); i++) {
        fence(&vif[(i + 1) % ARRAY_SIZE(vif)], &vif[i]);
        g_assert_cmpuint(stats_of(&vif[i]).recv_multicast, ==,
                         2 * (ARRAY_SIZE(vif) - 1));
    }
    /* neither another segment nor an inactive VIF */
    g_assert_cmpuint(sv_nic_page(&other, recv_prod.index), ==, 0);
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_ACTIVATE, 6, 0, NULL,
                                   &info), ==, SVNIC_ST_OK);
    sv_nic_vif_attach(&idle, nic, 6, &info);
    fence(&vif[0], &idle);
}

static void test_to_itself(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif a, b;

    sv_nic_vif_open(&a, nic, 0, NULL);
    sv_nic_vif_open(&b, nic, 1, NULL);
    send_seed(&a, a.mac, 1);
    send_seed(&a, a.mac, 2);
    fence(&a, &b);
    fence(&b, &a);
    g_assert_cmpuint(stats_of(&a).send_to_self, ==, 2);
    g_assert_cmpuint(stats_of(&a).send_frames, ==, 3);
    g_assert_cmpuint(stats_of(&a).recv_frames, ==, 1);
}

static void test_spoofed(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_vif_attr attr = {
        .mask = cpu_to_le32(SVNIC_ATTR_FLAGS), .flags = 0,
    };
    uint8_t bytes[LENGTH];
    QSvNicVif a, b;

    sv_nic_vif_open(&a, nic, 0, NULL);
    sv_nic_vif_open(&b, nic, 1, NULL);
    sv_nic_frame_fill(bytes, sizeof(bytes), b.mac, b.mac, 1);
    sv_nic_send(&a, NULL, bytes, sizeof(bytes));
    sv_nic_frame_fill(bytes, sizeof(bytes), sv_nic_broadcast,
                      sv_nic_broadcast, 2);
    sv_nic_send(&a, NULL, bytes, sizeof(bytes));
    fence(&a, &b);
    g_assert_cmpuint(stats_of(&a).send_spoofed, ==, 2);

    sv_nic_vif_change(&a, &attr);
    sv_nic_frame_fill(bytes, sizeof(bytes), b.mac, sv_nic_multicast, 3);
    sv_nic_send(&a, NULL, bytes, sizeof(bytes));
    sv_nic_expect(&b, NULL, bytes, sizeof(bytes));
    g_assert_cmpuint(stats_of(&a).send_spoofed, ==, 2);
}

static void test_promiscuous(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_vif_attr promisc = {
        .mask = cpu_to_le32(SVNIC_ATTR_FLAGS),
        .flags = cpu_to_le32(SVNIC_VIF_F_SPOOF_CHECK | SVNIC_VIF_F_PROMISC),
    };
    uint8_t unknown[6];
    QSvNicVif a, b, p, far;

    sv_nic_mac(unknown, 999);
    sv_nic_vif_open(&a, nic, 0, NULL);
    sv_nic_vif_open(&b, nic, 1, NULL);
    open_attr(&p, nic, 2, promisc);
    promisc.mask |= cpu_to_le32(SVNIC_ATTR_PORT);
    promisc.port = cpu_to_le32(1);
    open_attr(&far, nic, 3, promisc);

    send_seed(&a, b.mac, 1);
    expect_seed(&b, &a, b.mac, 1);
    expect_seed(&p, &a, b.mac, 1);
    send_seed(&b, unknown, 2);
    expect_seed(&p, &b, unknown, 2);
    send_seed(&a, sv_nic_broadcast, 3); /* one copy, like all others */
    expect_seed(&p, &a, sv_nic_broadcast, 3);
    expect_seed(&b, &a, sv_nic_broadcast, 3);
    send_seed(&a, p.mac, 4);
    expect_seed(&p, &a, p.mac, 4);
    send_seed(&p, b.mac, 5); /* but not its own frames */
    expect_seed(&b, &p, b.mac, 5);
    fence(&a, &p);
    g_assert_cmpuint(sv_nic_page(&far, recv_prod.index), ==, 0);

    promisc.mask = cpu_to_le32(SVNIC_ATTR_FLAGS);
    promisc.flags = cpu_to_le32(SVNIC_VIF_F_SPOOF_CHECK);
    sv_nic_vif_change(&p, &promisc);
    send_seed(&a, b.mac, 6);
    expect_seed(&b, &a, b.mac, 6);
    fence(&a, &p);
}

/* The same MTU rule for sender and receiver, tag included. */
static void test_mtu(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_vif_attr mtu = {
        .mask = cpu_to_le32(SVNIC_ATTR_MTU), .mtu = cpu_to_le32(9000),
    };
    g_autofree uint8_t *bytes = g_malloc(SVNIC_MAX_FRAME);
    struct svnic_frame header;
    QSvNicFlow flow = { .payload = 20000 };
    QSvNicVif big, small;
    uint32_t length;

    open_attr(&big, nic, 0, mtu);
    sv_nic_vif_open(&small, nic, 1, NULL);

    length = SVNIC_DEFAULT_MTU + SVNIC_ETH_MAX_HEADER;
    sv_nic_frame_fill(bytes, length, small.mac, big.mac, 1);
    sv_nic_send(&big, NULL, bytes, length);
    sv_nic_expect(&small, NULL, bytes, length);
    sv_nic_frame_fill(bytes, ++length, small.mac, big.mac, 2);
    sv_nic_send(&big, NULL, bytes, length);
    fence(&big, &small);
    g_assert_cmpuint(stats_of(&small).recv_oversize, ==, 1);
    g_assert_cmpuint(stats_of(&big).send_oversize, ==, 0);

    sv_nic_frame_fill(bytes, length, big.mac, small.mac, 3);
    sv_nic_send(&small, NULL, bytes, length);
    fence(&small, &big);
    g_assert_cmpuint(stats_of(&small).send_oversize, ==, 1);
    g_assert_cmpuint(stats_of(&big).recv_oversize, ==, 0);

    length = 9000 + SVNIC_ETH_MAX_HEADER;
    sv_nic_frame_fill(bytes, length + 1, small.mac, big.mac, 4);
    sv_nic_send(&big, NULL, bytes, length + 1);
    fence(&big, &small);
    g_assert_cmpuint(stats_of(&big).send_oversize, ==, 1);

    /* with segmentation the limit applies to the segments */
    memcpy(flow.dst, small.mac, 6);
    memcpy(flow.src, big.mac, 6);
    flow.gso_size = SVNIC_DEFAULT_MTU + SVNIC_ETH_MAX_HEADER -
                    sv_nic_flow_headers(&flow);
    length = sv_nic_flow_offload(&flow, bytes, &header);
    sv_nic_send(&big, &header, bytes, length);
    sv_nic_expect(&small, &header, bytes, length);
    flow.gso_size++;
    length = sv_nic_flow_offload(&flow, bytes, &header);
    sv_nic_send(&big, &header, bytes, length);
    fence(&big, &small);
    g_assert_cmpuint(stats_of(&small).recv_oversize, ==, 2);
}

/* Only the receiver with the full queue loses frames. */
static void test_receive_full(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_vif_attr attr = {
        .mask = cpu_to_le32(SVNIC_ATTR_RECV_SLOTS),
        .recv_slots = cpu_to_le32(SVNIC_MIN_SLOTS),
    };
    g_autofree QSvNicFrame *frame = g_new(QSvNicFrame, 1);
    QSvNicVif sender, lazy, quick;
    uint32_t i, n = SVNIC_MIN_SLOTS + 50;

    sv_nic_vif_open(&sender, nic, 0, NULL);
    open_attr(&lazy, nic, 1, attr);
    open_attr(&quick, nic, 2, attr);
    for (i = 0; i < n; i++) {
        send_seed(&sender, lazy.mac, i);
        send_seed(&sender, quick.mac, i);
        expect_seed(&quick, &sender, quick.mac, i);
    }
    sv_nic_send_drain(&sender);
    g_assert_cmpuint(stats_of(&lazy).recv_full, ==, n - SVNIC_MIN_SLOTS);
    g_assert_cmpuint(stats_of(&lazy).recv_frames, ==, SVNIC_MIN_SLOTS);
    g_assert_cmpuint(stats_of(&quick).recv_full, ==, 0);
    g_assert_cmpuint(sv_nic_vif_counter(nic, 1, "recv-full"), ==,
                     n - SVNIC_MIN_SLOTS);
    /* the first frames are in the queue, and it works again */
    for (i = 0; i < SVNIC_MIN_SLOTS; i++) {
        expect_seed(&lazy, &sender, lazy.mac, i);
    }
    g_assert_false(sv_nic_take(&lazy, frame));
    fence(&sender, &lazy);

    /* a frame that needs more than the free slots is dropped */
    for (i = 0; i < SVNIC_MIN_SLOTS - 1; i++) {
        send_seed(&sender, lazy.mac, i);
    }
    sv_nic_frame_fill(frame->data, 1514, sv_nic_broadcast, sender.mac, 7);
    sv_nic_send(&sender, NULL, frame->data, 1514); /* one slot: fits */
    send_seed(&sender, sv_nic_broadcast, 8);       /* no slot is left */
    sv_nic_expect(&quick, NULL, frame->data, 1514);
    expect_seed(&quick, &sender, sv_nic_broadcast, 8);
    sv_nic_send_drain(&sender);
    g_assert_cmpuint(stats_of(&lazy).recv_full, ==, n - SVNIC_MIN_SLOTS + 1);
}

static void test_link_down(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_vif_attr down = {
        .mask = cpu_to_le32(SVNIC_ATTR_LINK),
        .link = cpu_to_le32(SVNIC_LINK_DOWN),
    };
    struct svnic_vif_attr up = {
        .mask = cpu_to_le32(SVNIC_ATTR_LINK),
        .link = cpu_to_le32(SVNIC_LINK_UP),
    };
    QSvNicVif a, b, c;

    sv_nic_vif_open(&a, nic, 0, NULL);
    sv_nic_vif_open(&b, nic, 1, NULL);
    sv_nic_vif_open(&c, nic, 2, NULL);
    sv_nic_vif_change(&b, &down);
    send_seed(&a, b.mac, 1);
    send_seed(&a, sv_nic_broadcast, 2);
    expect_seed(&c, &a, sv_nic_broadcast, 2);
    sv_nic_send_drain(&a);
    g_assert_cmpuint(stats_of(&b).recv_no_link, ==, 2);
    send_seed(&b, a.mac, 3);
    sv_nic_send_drain(&b); /* fetched and dropped */
    g_assert_cmpuint(stats_of(&b).send_no_link, ==, 1);
    sv_nic_vif_change(&b, &up);
    fence(&a, &b);
    fence(&b, &a);

    /* a port without network back end is down */
    send_seed(&a, (const uint8_t[6]) { 2, 9, 9, 9, 9, 9 }, 4);
    fence(&a, &b);
    g_assert_cmpuint(stats_of(&a).send_no_link, ==, 1);
}

/* A new address or port is effective with the answer to VIF_CHANGE. */
static void test_move(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_vif_attr mac = { .mask = cpu_to_le32(SVNIC_ATTR_MAC) };
    struct svnic_vif_attr port = { .mask = cpu_to_le32(SVNIC_ATTR_PORT) };
    uint8_t old[6];
    QSvNicVif a, b;

    sv_nic_vif_open(&a, nic, 0, NULL);
    sv_nic_vif_open(&b, nic, 1, NULL);
    memcpy(old, b.mac, 6);
    sv_nic_mac(mac.mac, 5000);
    sv_nic_vif_change(&b, &mac);
    memcpy(b.mac, mac.mac, 6);
    send_seed(&a, old, 1);
    fence(&a, &b);
    fence(&b, &a); /* its source is checked against the new one */

    port.port = cpu_to_le32(1);
    sv_nic_vif_change(&b, &port);
    send_seed(&a, b.mac, 2);
    send_seed(&a, sv_nic_broadcast, 3);
    sv_nic_send_drain(&a);
    sv_nic_vif_change(&a, &port);
    fence(&a, &b);
}

/* VIF_RESET drops frames that this VIF has queued, not those of others. */
static void test_reset_of_one(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif a, b, c;
    uint32_t i;

    sv_nic_vif_open(&a, nic, 0, NULL);
    sv_nic_vif_open(&b, nic, 1, NULL);
    sv_nic_vif_open(&c, nic, 2, NULL);
    for (i = 0; i < 100; i++) {
        send_seed(&a, b.mac, i);
        send_seed(&a, c.mac, i);
        sv_nic_vif_reset(&c);
        expect_seed(&b, &a, b.mac, i);
    }
    sv_nic_send_drain(&a);
    sv_nic_vif_reset(&c);
    fence(&b, &c);
    fence(&c, &a);
    g_assert_cmpuint(stats_of(&b).recv_frames, ==, 100);
}

static void register_sv_nic_switch_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
    } tests[] = {
        { "broadcast-and-multicast-go-to-all-others", test_replicated },
        { "frame-to-its-sender-is-dropped", test_to_itself },
        { "spoofed-source-is-dropped", test_spoofed },
        { "promiscuous-vif-sees-its-segment", test_promiscuous },
        { "frame-above-the-mtu-is-dropped", test_mtu },
        { "full-receive-queue-drops-only-for-that-vif", test_receive_full },
        { "nothing-passes-a-link-that-is-down", test_link_down },
        { "address-and-port-move-with-change", test_move },
        { "reset-of-one-vif-disturbs-no-other", test_reset_of_one },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("switch", tests[i].name, tests[i].fn, "02", NULL,
                        NULL, NULL);
    }
}

libqos_init(register_sv_nic_switch_tests);
