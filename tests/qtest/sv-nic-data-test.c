/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: frames from VIF to VIF, byte for byte.
 *
 * Sections "Publishing and sleeping" and "Frames" of
 * docs/specs/sv-nic-card.rst; switching is tested in sv-nic-switch-test.c.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "qemu/bswap.h"
#include "qemu/module.h"

/* Two VIFs with the largest MTU. */
static void open_pair(QSvNic *nic, QSvNicVif *a, QSvNicVif *b,
                      uint32_t slots)
{
    struct svnic_vif_attr attr = {
        .mask = cpu_to_le32(SVNIC_ATTR_MAC | SVNIC_ATTR_MTU |
                            SVNIC_ATTR_SEND_SLOTS | SVNIC_ATTR_RECV_SLOTS),
        .mtu = cpu_to_le32(SVNIC_MAX_MTU),
        .send_slots = cpu_to_le32(slots),
        .recv_slots = cpu_to_le32(slots),
    };

    sv_nic_mac(attr.mac, 100);
    sv_nic_vif_open(a, nic, 0, &attr);
    sv_nic_mac(attr.mac, 101);
    sv_nic_vif_open(b, nic, 1, &attr);
}

/*
 * A frame of @length bytes from @a to @b; above the MTU one with segmentation
 * offload and the headers for it.
 */
static void make_frame(QSvNicVif *a, QSvNicVif *b, uint32_t length,
                       uint8_t *data, struct svnic_frame *header)
{
    QSvNicFlow flow = {
        .vlan = length > 65535 + SVNIC_ETH_HEADER,
        .tcp_flags = SV_NIC_TCP_ACK,
        .seq = 1000 * length,
        .seed = length,
        .gso_size = 1448,
    };

    if (length <= SVNIC_MAX_MTU + SVNIC_ETH_HEADER) {
        sv_nic_frame_fill(data, length, b->mac, a->mac, length);
        memset(header, 0, sizeof(*header));
        return;
    }
    memcpy(flow.dst, b->mac, 6);
    memcpy(flow.src, a->mac, 6);
    flow.payload = length - sv_nic_flow_headers(&flow);
    g_assert_cmpuint(sv_nic_flow_offload(&flow, data, header), ==, length);
}

/* Lengths around every slot boundary, shortest to longest frame. */
static void test_every_size(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    g_autofree uint8_t *bytes = g_malloc(SVNIC_MAX_FRAME);
    struct svnic_frame header;
    QSvNicVif a, b;
    uint32_t length, slots;

    open_pair(nic, &a, &b, SVNIC_MIN_SLOTS);
    for (length = SVNIC_MIN_FRAME; length <= 70; length++) {
        make_frame(&a, &b, length, bytes, &header);
        sv_nic_send(&a, &header, bytes, length);
        sv_nic_expect(&b, &header, bytes, length);
    }
    for (slots = 1; slots <= SVNIC_FRAME_SLOTS(SVNIC_MAX_FRAME); slots++) {
        uint32_t last = slots * SVNIC_SLOT_SIZE - SVNIC_FRAME_HEADER;

        for (length = last - 2; length <= last + 3; length++) {
            if (length > SVNIC_MAX_FRAME) {
                break;
            }
            make_frame(&a, &b, length, bytes, &header);
            sv_nic_send(&a, &header, bytes, length);
            sv_nic_expect(&b, &header, bytes, length);
        }
    }
    for (length = 65535 + 10; length <= SVNIC_MAX_FRAME; length++) {
        make_frame(&a, &b, length, bytes, &header);
        sv_nic_send(&a, &header, bytes, length);
        sv_nic_expect(&b, &header, bytes, length);
    }
    g_assert_cmpuint(length - 1, ==, SVNIC_MAX_FRAME);
}

/* Both rings wrap many times, with frames across every slot boundary. */
static void test_wrap(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    g_autoptr(GRand) rand = g_rand_new_with_seed(64);
    g_autofree uint8_t *bytes = g_malloc(SVNIC_MAX_FRAME);
    g_autoptr(GQueue) sent = g_queue_new();
    uint32_t slots_of_b = 0;    /* largest number in use */
    struct svnic_frame header;
    QSvNicVif a, b;
    int left = 1200;

    open_pair(nic, &a, &b, SVNIC_MIN_SLOTS);
    while (left || !g_queue_is_empty(sent)) {
        bool any = false;

        /* as many as fit into both queues, published together */
        while (left) {
            uint32_t length = g_rand_int_range(rand, SVNIC_MIN_FRAME, 9015);
            uint32_t slots;

            if (g_rand_int_range(rand, 0, 20) == 0) {
                length = g_rand_int_range(rand, 9015, SVNIC_MAX_FRAME + 1);
            }
            slots = SVNIC_FRAME_SLOTS(length);
            if (sv_nic_send_room(&a) < slots ||
                slots_of_b + slots > b.ring.recv_slots) {
                break;
            }
            make_frame(&a, &b, length, bytes, &header);
            sv_nic_queue(&a, &header, bytes, length);
            slots_of_b += slots;
            g_queue_push_tail(sent, GUINT_TO_POINTER(length));
            left--;
            any = true;
        }
        if (any) {
            sv_nic_publish(&a);
        }
        if (!g_queue_is_empty(sent)) {
            uint32_t length = GPOINTER_TO_UINT(g_queue_pop_head(sent));

            make_frame(&a, &b, length, bytes, &header);
            sv_nic_expect(&b, &header, bytes, length);
            slots_of_b -= SVNIC_FRAME_SLOTS(length);
        }
    }
    g_assert_cmpuint(a.ring.send_prod, >, 20 * SVNIC_MIN_SLOTS);
    g_assert_cmpuint(b.ring.recv_cons, ==, a.ring.send_prod);
    g_assert_cmpuint(sv_nic_page(&a, send_cons.index), ==, a.ring.send_prod);
}

/* A queue that is completely full, with one doorbell. */
static void test_full_queue(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    uint8_t bytes[64];
    QSvNicVif a, b;
    uint32_t i, round;

    open_pair(nic, &a, &b, 256);
    for (round = 0; round < 3; round++) {
        for (i = 0; i < a.ring.send_slots; i++) {
            sv_nic_frame_fill(bytes, sizeof(bytes), b.mac, a.mac, i);
            sv_nic_queue(&a, NULL, bytes, sizeof(bytes));
        }
        sv_nic_publish(&a);
        for (i = 0; i < a.ring.send_slots; i++) {
            sv_nic_frame_fill(bytes, sizeof(bytes), b.mac, a.mac, i);
            sv_nic_expect(&b, NULL, bytes, sizeof(bytes));
        }
        sv_nic_send_drain(&a);
    }
}

/* VIF to VIF: no segmentation, no checksum, offload header kept. */
static void test_offload_carried(void *obj, void *data,
                                 QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    g_autofree uint8_t *bytes = g_malloc(SVNIC_MAX_FRAME);
    struct svnic_frame header;
    QSvNicVif a, b;
    uint32_t i, length;

    open_pair(nic, &a, &b, SVNIC_MIN_SLOTS);
    for (i = 0; i < 16; i++) {
        QSvNicFlow flow = {
            .v6 = i & 1,
            .vlan = i & 2,
            .udp = i & 4,
            .tcp_flags = SV_NIC_TCP_ACK | SV_NIC_TCP_PSH,
            .tcp_options = 12,
            .payload = 3000,
            .gso_size = i & 8 && !(i & 4) ? 1000 : 0,
            .seed = i,
        };

        memcpy(flow.dst, b.mac, 6);
        memcpy(flow.src, a.mac, 6);
        length = sv_nic_flow_offload(&flow, bytes, &header);
        sv_nic_send(&a, &header, bytes, length);
        sv_nic_expect(&b, &header, bytes, length);
        /* and a sender with a valid checksum (DATA_VALID) */
        memset(&header, 0, sizeof(header));
        header.flags = cpu_to_le16(SVNIC_FRAME_F_CSUM_VALID);
        length = sv_nic_flow_segment(&flow, 0, bytes);
        sv_nic_send(&a, &header, bytes, length);
        sv_nic_expect(&b, &header, bytes, length);
    }
}

/*
 * "Publishing and sleeping"
 */

static uint64_t signals(QSvNicVif *vif)
{
    struct svnic_vif_stats stats;

    sv_nic_vif_stats(vif->nic, vif->id, &stats);
    return stats.signals;
}

/* An idle card requests the doorbell, and does nothing without it. */
static void test_card_asks(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_vif_stats stats;
    uint8_t bytes[64];
    QSvNicVif a, b;
    int i;

    open_pair(nic, &a, &b, SVNIC_MIN_SLOTS);
    for (i = 0; i < 200; i++) {
        sv_nic_frame_fill(bytes, sizeof(bytes), b.mac, a.mac, i);
        sv_nic_wait(sv_nic_qts(nic), sv_nic_page(&a, send_cons.event) ==
                    a.ring.send_prod);
        sv_nic_queue(&a, NULL, bytes, sizeof(bytes));
        g_assert_true(sv_nic_publish(&a));
        sv_nic_expect(&b, NULL, bytes, sizeof(bytes));
        /* it never asks for receive space: it drops frames instead */
        g_assert_cmpuint(b.ring.recv_cons - 1 -
                         sv_nic_page(&b, recv_prod.event), >=, 1);
    }
    sv_nic_vif_stats(nic, a.id, &stats);
    g_assert_cmpuint(stats.doorbells, ==, 200);
    sv_nic_vif_stats(nic, b.id, &stats);
    g_assert_cmpuint(stats.doorbells, ==, 0);
}

/* One signal each time that the event index is passed, else none. */
static void test_recv_event(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    uint8_t bytes[64];
    QSvNicVif a, b;
    uint32_t i;

    open_pair(nic, &a, &b, 256);
    sv_nic_page_write(&a, send_prod.event, 0x80000000);
    for (i = 0; i < 40; i++) {
        sv_nic_frame_fill(bytes, sizeof(bytes), b.mac, a.mac, i);
        /* the event index is every tenth frame: 0, 10, 20, 30 */
        sv_nic_page_write(&b, recv_cons.event, i / 10 * 10);
        sv_nic_send(&a, NULL, bytes, sizeof(bytes));
        sv_nic_expect(&b, NULL, bytes, sizeof(bytes));
        if (i % 10 == 0) {
            sv_nic_signal_wait(&b, SVNIC_SIGNAL_RECV_WORK);
            sv_nic_wait(sv_nic_qts(nic), signals(&b) == i / 10 + 1);
        }
    }
    g_assert_cmpuint(signals(&b), ==, 4);
    g_assert_cmphex(sv_nic_db(&b, SVNIC_DB_SIGNAL_STATUS), ==, 0);

    /* five ahead: no signal for the fifth frame, but for the sixth */
    sv_nic_page_write(&b, recv_cons.event, b.ring.recv_cons + 5);
    for (i = 0; i < 6; i++) {
        g_assert_cmphex(sv_nic_db(&b, SVNIC_DB_SIGNAL_STATUS), ==, 0);
        sv_nic_send(&a, NULL, bytes, sizeof(bytes));
        sv_nic_expect(&b, NULL, bytes, sizeof(bytes));
    }
    sv_nic_signal_wait(&b, SVNIC_SIGNAL_RECV_WORK);
    sv_nic_wait(sv_nic_qts(nic), signals(&b) == 5);
    g_assert_cmpuint(signals(&a), ==, 0);

    /* a full queue at once passes the event index once */
    sv_nic_page_write(&b, recv_cons.event, b.ring.recv_cons + 17);
    for (i = 0; i < 200; i++) {
        sv_nic_queue(&a, NULL, bytes, sizeof(bytes));
    }
    sv_nic_publish(&a);
    for (i = 0; i < 200; i++) {
        sv_nic_expect(&b, NULL, bytes, sizeof(bytes));
    }
    sv_nic_signal_wait(&b, SVNIC_SIGNAL_RECV_WORK);
    sv_nic_wait(sv_nic_qts(nic), signals(&b) == 6);
    sv_nic_send(&a, NULL, bytes, sizeof(bytes));
    sv_nic_expect(&b, NULL, bytes, sizeof(bytes));
    g_assert_cmpuint(signals(&b), ==, 6);
    g_assert_cmpuint(sv_nic_vif_counter(nic, b.id, "signals"), ==, 6);
}

static void test_send_event(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    uint8_t bytes[64];
    QSvNicVif a, b;
    uint32_t i;

    open_pair(nic, &a, &b, 256);
    sv_nic_page_write(&b, recv_cons.event, 0x80000000);
    sv_nic_frame_fill(bytes, sizeof(bytes), b.mac, a.mac, 1);
    sv_nic_page_write(&a, send_prod.event, 7);
    for (i = 0; i < 8; i++) {
        g_assert_cmphex(sv_nic_db(&a, SVNIC_DB_SIGNAL_STATUS), ==, 0);
        sv_nic_send(&a, NULL, bytes, sizeof(bytes));
        sv_nic_expect(&b, NULL, bytes, sizeof(bytes));
        sv_nic_send_drain(&a);
    }
    sv_nic_signal_wait(&a, SVNIC_SIGNAL_SEND_DONE);
    for (i = 0; i < 10; i++) {
        sv_nic_send(&a, NULL, bytes, sizeof(bytes));
        sv_nic_expect(&b, NULL, bytes, sizeof(bytes));
    }
    sv_nic_page_write(&a, send_prod.event, a.ring.send_prod);
    for (i = 0; i < 100; i++) {
        sv_nic_queue(&a, NULL, bytes, sizeof(bytes));
    }
    sv_nic_publish(&a);
    sv_nic_signal_wait(&a, SVNIC_SIGNAL_SEND_DONE);
    sv_nic_send_drain(&a);
    for (i = 0; i < 100; i++) {
        sv_nic_expect(&b, NULL, bytes, sizeof(bytes));
    }
    sv_nic_wait(sv_nic_qts(nic), signals(&a) == 2);
    sv_nic_send(&a, NULL, bytes, sizeof(bytes));
    sv_nic_expect(&b, NULL, bytes, sizeof(bytes));
    g_assert_cmpuint(signals(&a), ==, 2);
    g_assert_cmpuint(signals(&b), ==, 0);
}

/* Set of the VIFs 0 to @n - 1 that had an interrupt since the last call. */
static uint32_t interrupts_take(QSvNicVif *vif, uint32_t n, bool msix)
{
    uint32_t i, now = 0;

    if (msix) {
        for (i = 0; i < n; i++) {
            now |= sv_nic_vector_take(vif->nic, vif[i].vector) << i;
        }
    } else if (sv_nic_inta(vif->nic)) {
        now = sv_nic_csr16(vif->nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ);
        now &= (1u << n) - 1;
        sv_nic_csr16_write(vif->nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ, now);
    }
    return now;
}

/*
 * Driven only by interrupts: owners sleep until they are notified.  With MSI-X
 * they access their doorbell page only to ring the doorbell.
 */
static void interrupt_driven(QSvNic *nic, bool msix)
{
    enum { N = 6, ROUNDS = 60 };
    QTestState *qts = sv_nic_qts(nic);
    QSvNicVif a, vif[N];
    uint8_t bytes[64];
    int i, round;

    if (msix) {
        sv_nic_msix_enable(nic);
    }
    sv_nic_vif_open(&a, nic, 20, NULL);
    for (i = 0; i < N; i++) {
        sv_nic_vif_open(&vif[i], nic, i, NULL);
        sv_nic_db_write(&vif[i], SVNIC_DB_SIGNAL_MASK_CLEAR,
                        SVNIC_SIGNAL_RECV_WORK);
    }
    sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ, 0xffff);
    sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_MASK, (1 << N) - 1);
    for (round = 0; round < ROUNDS; round++) {
        uint32_t told = 0, all = (1u << N) - 1;

        for (i = 0; i < N; i++) {
            sv_nic_page_write(&vif[i], recv_cons.event, vif[i].ring.recv_cons);
            g_assert_cmpuint(sv_nic_page(&vif[i], recv_prod.index), ==,
                             vif[i].ring.recv_cons);
        }
        for (i = 0; i < N; i++) {
            sv_nic_frame_fill(bytes, sizeof(bytes), vif[i].mac, a.mac, round);
            sv_nic_queue(&a, NULL, bytes, sizeof(bytes));
        }
        sv_nic_publish(&a);
        while (told != all) {
            uint32_t now;

            sv_nic_wait(qts, (now = interrupts_take(vif, N, msix)));
            for (i = 0; i < N; i++) {
                if (!(now & 1 << i)) {
                    continue;
                }
                /* the signalled frame has arrived */
                g_assert_cmpuint(sv_nic_page(&vif[i], recv_prod.index), ==,
                                 vif[i].ring.recv_cons + 1);
                sv_nic_frame_fill(bytes, sizeof(bytes), vif[i].mac, a.mac,
                                  round);
                sv_nic_expect(&vif[i], NULL, bytes, sizeof(bytes));
            }
            told |= now;
        }
    }
}

static void test_inta_driven(void *obj, void *data, QGuestAllocator *alloc)
{
    interrupt_driven(obj, false);
}

static void test_msix_driven(void *obj, void *data, QGuestAllocator *alloc)
{
    interrupt_driven(obj, true);
}

/*
 * With sleeping workers, the vCPU that rings the doorbell for a single frame
 * runs all steps of this frame, and no worker is woken.
 */
static void test_assisted(void *obj, void *data, QGuestAllocator *alloc)
{
    enum { FRAMES = 200, ROUNDS = 20 };
    QSvNic *nic = obj;
    uint64_t assists, bursts;
    uint8_t bytes[64];
    QSvNicVif a, b;
    int i, round = 0;

    open_pair(nic, &a, &b, 256);
    do {
        /* A worker may still be busy with the creation of the VIFs. */
        g_assert_cmpint(round++, <, ROUNDS);
        assists = sv_nic_counter(nic, "worker[0]", "assists");
        bursts = sv_nic_counter(nic, "worker[0]", "bursts");
        for (i = 0; i < FRAMES; i++) {
            sv_nic_frame_fill(bytes, sizeof(bytes), b.mac, a.mac, i);
            sv_nic_send(&a, NULL, bytes, sizeof(bytes));
            sv_nic_expect(&b, NULL, bytes, sizeof(bytes));
        }
        assists = sv_nic_counter(nic, "worker[0]", "assists") - assists;
        bursts = sv_nic_counter(nic, "worker[0]", "bursts") - bursts;
    } while (assists != FRAMES || bursts);
    sv_nic_send_drain(&a);
}

/*
 * Counters
 */

static void test_stats(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    static const char *const names[] = {
        "send-frames", "send-bytes", "recv-frames", "recv-bytes",
        "recv-multicast", "recv-full", "recv-oversize", "send-oversize",
        "send-spoofed", "send-no-link", "recv-no-link", "doorbells",
        "signals", "stops", "send-to-self", "host-refused",
        "send-gso-small", "send-reserved",
    };
    struct svnic_vif_stats stats;
    uint64_t *value = (uint64_t *)&stats;
    uint8_t bytes[1500];
    uint32_t i, total = 0;
    QSvNicVif a, b;

    G_STATIC_ASSERT(ARRAY_SIZE(names) == sizeof(stats) / sizeof(*value));
    open_pair(nic, &a, &b, 256);
    for (i = 0; i < 50; i++) {
        uint32_t length = 60 + 28 * i;
        const uint8_t *to = b.mac;

        if (i >= 40) {
            to = sv_nic_multicast;
        }
        sv_nic_frame_fill(bytes, length, to, a.mac, i);
        sv_nic_send(&a, NULL, bytes, length);
        sv_nic_expect(&b, NULL, bytes, length);
        total += length;
    }
    sv_nic_send_drain(&a);
    sv_nic_vif_stats(nic, a.id, &stats);
    g_assert_cmpuint(stats.send_frames, ==, 50);
    g_assert_cmpuint(stats.send_bytes, ==, total);
    g_assert_cmpuint(stats.recv_frames, ==, 0);
    g_assert_cmpuint(stats.recv_bytes, ==, 0);
    sv_nic_vif_stats(nic, b.id, &stats);
    g_assert_cmpuint(stats.recv_frames, ==, 50);
    g_assert_cmpuint(stats.recv_bytes, ==, total);
    g_assert_cmpuint(stats.recv_multicast, ==, 10);
    g_assert_cmpuint(stats.recv_full, ==, 0);
    g_assert_cmpuint(stats.send_frames, ==, 0);
    for (i = 0; i < ARRAY_SIZE(names); i++) {
        g_assert_cmpuint(sv_nic_vif_counter(nic, b.id, names[i]), ==,
                         value[i]);
    }
    g_assert_cmpuint(sv_nic_vif_counter(nic, a.id, "send-bytes"), ==,
                     total);
}

/* All VIFs to all VIFs; all doorbells are rung before any is served. */
static void test_all_to_all(void *obj, void *data, QGuestAllocator *alloc)
{
    enum { N = 12, ROUNDS = 4, EACH = 3 };
    QSvNic *nic = obj;
    g_autofree QSvNicVif *vif = g_new(QSvNicVif, N);
    g_autofree QSvNicFrame *frame = g_new(QSvNicFrame, 1);
    uint8_t bytes[300];
    int i, j, k, round;

    for (i = 0; i < N; i++) {
        sv_nic_vif_open(&vif[i], nic, 5 * i, NULL);
    }
    for (round = 0; round < ROUNDS; round++) {
        for (i = 0; i < N; i++) {
            for (k = 0; k < EACH; k++) {
                for (j = 0; j < N; j++) {
                    if (i == j) {
                        continue;
                    }
                    sv_nic_frame_fill(bytes, sizeof(bytes), vif[j].mac,
                                      vif[i].mac, round * EACH + k);
                    sv_nic_queue(&vif[i], NULL, bytes, sizeof(bytes));
                }
            }
            sv_nic_publish(&vif[i]);
        }
        for (j = 0; j < N; j++) {
            int got[N] = { };

            for (k = 0; k < (N - 1) * EACH; k++) {
                sv_nic_recv(&vif[j], frame);
                for (i = 0; i < N; i++) {
                    if (!memcmp(frame->data + 6, vif[i].mac, 6)) {
                        break;
                    }
                }
                g_assert_cmpint(i, <, N);
                /* in order from each sender */
                sv_nic_frame_fill(bytes, sizeof(bytes), vif[j].mac,
                                  vif[i].mac, round * EACH + got[i]);
                g_assert_cmpmem(frame->data, frame->length, bytes,
                                sizeof(bytes));
                got[i]++;
            }
            for (i = 0; i < N; i++) {
                g_assert_cmpint(got[i], ==, i == j ? 0 : EACH);
            }
            g_assert_false(sv_nic_take(&vif[j], frame));
        }
    }
}

static void register_sv_nic_data_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *opts;
        const char *workers;
    } tests[] = {
        { "frames-of-every-size-arrive-whole", test_every_size },
        { "frames-wrap-at-the-end-of-both-rings", test_wrap },
        { "full-queue-with-one-doorbell", test_full_queue },
        { "offload-header-is-carried", test_offload_carried },
        { "idle-card-requests-the-doorbell", test_card_asks },
        { "receive-signal-once-per-event", test_recv_event },
        { "send-signal-once-per-event", test_send_event },
        { "owners-need-only-inta", test_inta_driven },
        { "owners-need-only-msix", test_msix_driven, "msix=on" },
        { "single-frame-wakes-no-worker", test_assisted, NULL, "1" },
        { "counters-are-exact", test_stats },
        { "all-vifs-to-all-vifs-in-order", test_all_to_all },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("data", tests[i].name, tests[i].fn,
                        tests[i].workers ?: "012", tests[i].opts, NULL, NULL);
    }
}

libqos_init(register_sv_nic_data_tests);
