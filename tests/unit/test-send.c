/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The send queue: lengths, rings, wraps, fairness, the offload header.  What a
 * hostile owner does is in test-hostile.c.  Spec: "Frames".
 */
#include "card.h"

static const struct svnic_vif_attr large = {
    .mask = SVNIC_ATTR_MTU, .mtu = SVNIC_MAX_MTU,
};

/* A header for a frame of TCP over IPv4: checksum at 34 + 16, 54 of header */
static struct svnic_frame tcp_head(uint16_t gso_size)
{
    return (struct svnic_frame) {
        .flags = SVNIC_FRAME_F_NEEDS_CSUM,
        .gso_type = gso_size ? SVNIC_GSO_TCPV4 : SVNIC_GSO_NONE,
        .hdr_len = gso_size ? 54 : 0,
        .gso_size = gso_size,
        .csum_start = 34,
        .csum_offset = 16,
    };
}

static Frame *send_gso(Card *c, unsigned from, unsigned to, uint32_t length)
{
    Frame *f = frame_new(card_mac(to), card_mac(from), length);

    f->head = tcp_head(1448);
    card_send(c, &c->guest[from], f);
    return f;
}

static void every_length(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, &large);
    Guest *b = card_vif(c, 1, &large);

    for (uint32_t length = SVNIC_MIN_FRAME;
         length <= SVNIC_MAX_MTU + SVNIC_ETH_MAX_HEADER; length++) {
        g_autofree Frame *f = card_send_new(c, a, card_mac(1), length);

        card_receives(b, f);
    }
    card_receives_nothing(b);
}

static void nothing_behind_the_end(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);

    for (uint32_t length = SVNIC_MIN_FRAME; length < 200; length++) {
        uint8_t *slot = (uint8_t *)guest_send_slot(a, a->send_prod);
        g_autofree Frame *f = NULL;

        /* What an earlier frame has left in the sender's slot. */
        memset(slot, 0x77, SVNIC_SLOT_SIZE);
        f = card_send_new(c, a, card_mac(1), length);
        slot = (uint8_t *)guest_recv_slot(b, b->recv_cons);
        for (uint32_t i = SVNIC_FRAME_HEADER + length; i < SVNIC_SLOT_SIZE;
             i++) {
            g_assert_cmphex(slot[i], ==, 0);
        }
        card_receives(b, f);
    }
}

static void large_frames(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_vif_attr odd = {
        .mask = SVNIC_ATTR_SEND_SLOTS | SVNIC_ATTR_RECV_SLOTS,
        .send_slots = 64, .recv_slots = 128,
    };
    Guest *b;

    card_vif(c, 0, &odd);
    b = card_vif(c, 1, &odd);
    /* 33 slots a frame: every way to lie over both ends. */
    for (unsigned i = 0; i < 300; i++) {
        g_autofree Frame *f = send_gso(c, 0, 1, SVNIC_MAX_FRAME - i);

        card_receives(b, f);
    }
}

static void wrap_of_indices(void)
{
    static const uint32_t start[] = {
        UINT32_MAX, UINT32_MAX - 1, UINT32_MAX - 31, UINT32_MAX - 32,
        UINT32_MAX - 255, UINT32_MAX - 1000, INT32_MAX, INT32_MAX - 10u,
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(start); i++) {
        g_autoptr(Card) c = card_new(&card_default);
        Guest *a = card_vif(c, 0, &large);
        Guest *b = card_vif(c, 1, &large);

        card_set_index(c, 0, start[i]);
        card_set_index(c, 1, start[i]);
        for (unsigned k = 0; k < 600; k++) {
            g_autofree Frame *f =
                card_send_new(c, a, card_mac(1), k % 3 ? 64 : 9000);

            card_receives(b, f);
        }
        g_assert_cmpuint(a->send_prod, ==, start[i] + 200 * (1 + 1 + 5));
        g_assert_cmpuint(b->recv_cons, ==, a->send_prod);
        card_assert_error(c, 0, SVNIC_ERR_NONE);
        card_assert_error(c, 1, SVNIC_ERR_NONE);
    }
}

static void full_queue_at_the_wrap(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    g_autoptr(GPtrArray) sent = g_ptr_array_new_with_free_func(g_free);

    card_set_index(c, 0, UINT32_MAX - 100);
    card_set_index(c, 1, UINT32_MAX - 100);
    while (guest_room(a)) {
        Frame *f = frame_new(card_mac(1), card_mac(0), 60 + sent->len);

        g_assert_true(guest_put(a, f->data, f->length, NULL));
        g_ptr_array_add(sent, f);
    }
    g_assert_cmpuint(sent->len, ==, a->send_slots);
    g_assert_true(guest_publish(a));
    card_run(c);
    for (unsigned i = 0; i < sent->len; i++) {
        card_receives(b, g_ptr_array_index(sent, i));
    }
    card_receives_nothing(b);
    g_assert_cmpuint(guest_room(a), ==, a->send_slots);
}

static void fair(void)
{
    FakeChipConfig config = card_default;

    config.microengines = 1;
    config.contexts = 1;
    g_autoptr(Card) c = card_new(&config);

    for (unsigned i = 0; i < 4; i++) {
        card_vif(c, i, NULL);
    }
    card_run(c);
    /* Three senders with full queues, one receiver. */
    for (unsigned i = 0; i < 3; i++) {
        g_autofree Frame *f = frame_new(card_mac(3), card_mac(i), 64);

        while (guest_put(&c->guest[i], f->data, f->length, NULL)) {
            continue;
        }
        guest_publish(&c->guest[i]);
    }
    /* A step fetches, in turn, a burst each, what the ring holds. */
    g_assert_true(fake_chip_step(c->ix, 0, 0));
    g_assert_cmpuint(card_count(c, 3, "recv-frames"), ==, 0);
    g_assert_true(fake_chip_step(c->ix, 0, 0));
    g_assert_cmpuint(card_count(c, 3, "recv-frames"), ==, FW_RING_WORDS);
    for (unsigned i = 0; i < 3; i++) {
        uint64_t n = card_count(c, i, "send-frames");

        g_assert_cmpuint(n, >=, FW_BURST_FRAMES);
        g_assert_cmpuint(n, <=, 2 * FW_BURST_FRAMES);
    }
    card_run(c);
    for (unsigned i = 0; i < 3; i++) {
        g_assert_cmpuint(card_count(c, i, "send-frames"), ==, 256);
    }
}

/* Takes all that has come, and fills the send queue with frames for @to. */
static void keep_flooding(Card *c, unsigned from, unsigned to)
{
    Guest *g = &c->guest[from];
    g_autofree Frame *f = frame_new(card_mac(to), card_mac(from), 64);

    while (guest_has_frame(g)) {
        g_assert_cmpuint(guest_get(g, f->data, &f->head), >, 0);
    }
    guest_release(g);
    memcpy(f->data, card_mac(to), MAC_BYTES);
    memcpy(f->data + MAC_BYTES, card_mac(from), MAC_BYTES);
    while (guest_put(g, f->data, f->length, NULL)) {
        continue;
    }
    guest_publish(g);
}

/*
 * VIFs with full queues, more than the ring of their microengine holds bursts,
 * so that it is always full; the same number for each context.
 */
static void take_turns(unsigned contexts, unsigned vifs)
{
    FakeChipConfig config = card_default;
    const unsigned sweeps = 200;
    uint64_t sum = 0;

    config.microengines = 1;
    config.contexts = contexts;
    g_autoptr(Card) c = card_new(&config);

    for (unsigned i = 0; i < vifs; i++) {
        card_vif(c, i, NULL);
    }
    card_run(c);
    for (unsigned s = 0; s < sweeps; s++) {
        for (unsigned i = 0; i < vifs; i++) {
            keep_flooding(c, i, (i + 1) % vifs);
        }
        fake_chip_sweep(c->ix);
    }
    for (unsigned i = 0; i < vifs; i++) {
        sum += card_count(c, i, "send-frames");
    }
    for (unsigned i = 0; i < vifs; i++) {
        uint64_t frames = card_count(c, i, "send-frames");

        g_test_message("VIF %u: %u of %u", i, (unsigned)frames, (unsigned)sum);
        g_assert_cmpuint(frames, >=, sum / vifs * 9 / 10);
        g_assert_cmpuint(frames, <=, sum / vifs * 11 / 10);
    }
    /* And no turn goes by without frames. */
    g_assert_cmpuint(sum, >=, (sweeps - 2) * FW_RING_WORDS);
}

static void vifs_take_turns(void)
{
    take_turns(1, 5);
    take_turns(1, 8);
}

static void contexts_take_turns(void)
{
    take_turns(2, 8);
    take_turns(4, 8);
    take_turns(8, 8);
}

/* VIFs that wait for their turn and lose their frames delay no other. */
static void a_turn_is_not_kept(void)
{
    FakeChipConfig config = card_default;
    unsigned last = config.pages - 1;

    config.microengines = 1;
    g_autoptr(Card) c = card_new(&config);

    for (unsigned i = 0; i <= last; i++) {
        card_vif(c, i, NULL);
    }
    card_run(c);
    for (unsigned i = 1; i <= last; i++) {
        keep_flooding(c, i, 0);
    }
    fake_chip_sweep(c->ix);
    for (unsigned i = 1; i < last; i++) {
        g_assert_cmphex(card_vif_command(c, SVNIC_CMD_VIF_DEACTIVATE, i, NULL),
                        ==, SVNIC_ST_OK);
    }
    card_run(c);
    g_assert_cmpuint(card_count(c, last, "send-frames"), ==,
                     c->guest[last].send_slots);
}

static void bounded_by_bytes(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    g_autofree Frame *f = frame_new(card_mac(1), card_mac(0),
                                    SVNIC_MAX_FRAME);

    card_vif(c, 1, NULL);
    f->head = tcp_head(1448);
    while (guest_put(a, f->data, f->length, &f->head)) {
        continue;
    }
    guest_publish(a);
    g_assert_true(fake_chip_step_me(c->ix, 0));
    g_assert_cmpuint(card_count(c, 0, "send-frames"), <=,
                     FW_STEP_BURSTS * FW_BURST_BYTES / SVNIC_MAX_FRAME);
    card_run(c);
    g_assert_cmpuint(card_count(c, 0, "send-frames"), ==, 256 / 33);
}

static void mtu_of_sender(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, &large);
    uint32_t limit = SVNIC_DEFAULT_MTU + SVNIC_ETH_MAX_HEADER;
    g_autofree Frame *fits = card_send_new(c, a, card_mac(1), limit);
    g_autofree Frame *over = card_send_new(c, a, card_mac(1), limit + 1);
    g_autofree Frame *gso = NULL;
    g_autofree Frame *segment = frame_new(card_mac(1), card_mac(0), 4000);

    card_receives(b, fits);
    card_receives_nothing(b);
    g_assert_cmpuint(card_count(c, 0, "send-oversize"), ==, 1);
    g_assert_cmpuint(card_drops(c, FW_DROP_SEND_OVERSIZE), ==, 1);
    /* With segmentation it is the segment that has to fit. */
    gso = send_gso(c, 0, 1, 60000);
    card_receives(b, gso);
    segment->head = tcp_head(limit - 54);
    card_send(c, a, segment);
    card_receives(b, segment);
    segment->head = tcp_head(limit - 54 + 1);
    card_send(c, a, segment);
    card_receives_nothing(b);
    g_assert_cmpuint(card_count(c, 0, "send-oversize"), ==, 2);
    card_assert_error(c, 0, SVNIC_ERR_NONE);
}

/* What TCP has at the least is passed on; less is counted, 0 is an error. */
static void small_segments(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    struct svnic_cmd cmd = {
        .version = SVNIC_CMD_VERSION, .opcode = SVNIC_CMD_VIF_STATS,
    };
    g_autofree Frame *f = frame_new(card_mac(1), card_mac(0), 1000);

    for (unsigned size = 1; size < SVNIC_MIN_GSO_SIZE; size++) {
        f->head = tcp_head(size);
        card_send(c, a, f);
        card_receives_nothing(b);
        g_assert_cmpuint(card_count(c, 0, "send-gso-small"), ==, size);
    }
    /* A single segment that is as short is one, too. */
    f->length = 54 + SVNIC_MIN_GSO_SIZE - 1;
    card_send(c, a, f);
    card_receives_nothing(b);
    f->length = 1000;
    f->head = tcp_head(SVNIC_MIN_GSO_SIZE);
    card_send(c, a, f);
    card_receives(b, f);
    card_assert_error(c, 0, SVNIC_ERR_NONE);
    g_assert_cmpuint(card_command(c, &cmd), ==, SVNIC_ST_OK);
    g_assert_cmpuint(c->answer.u.stats.send_gso_small, ==, SVNIC_MIN_GSO_SIZE);
    g_assert_cmpuint(card_drops(c, FW_DROP_SEND_GSO_SMALL), ==,
                     SVNIC_MIN_GSO_SIZE);
    f->head.gso_size = 0;
    card_send(c, a, f);
    card_assert_error(c, 0, SVNIC_ERR_SEND_OFFLOAD);
}

static void offload_carried(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    g_autofree Frame *f = frame_new(card_mac(1), card_mac(0), 1000);

    f->head = tcp_head(0);
    card_send(c, a, f);
    card_receives(b, f);
    f->head.flags = SVNIC_FRAME_F_CSUM_VALID;
    f->head.csum_start = 0;
    f->head.csum_offset = 0;
    card_send(c, a, f);
    card_receives(b, f);
    f->head = tcp_head(100);
    f->head.gso_type = SVNIC_GSO_TCPV6;
    card_send(c, a, f);
    card_receives(b, f);
    /* As far out as it may be. */
    f->head = tcp_head(0);
    f->head.csum_start = 1000 - 2;
    f->head.csum_offset = 0;
    card_send(c, a, f);
    card_receives(b, f);
    f->head.csum_start = SVNIC_ETH_HEADER;
    f->head.csum_offset = 1000 - 2 - SVNIC_ETH_HEADER;
    card_send(c, a, f);
    card_receives(b, f);
}

static void offload_only_what_is_meant(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    g_autofree Frame *f = frame_new(card_mac(1), card_mac(0), 1000);

    memset(&f->head, 0xff, sizeof(f->head));
    f->head.flags = 0;
    f->head.gso_type = SVNIC_GSO_NONE;
    card_send(c, a, f);
    memset(&f->head, 0, sizeof(f->head));
    card_receives(b, f);
}

static void link_down(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_vif_attr down = {
        .mask = SVNIC_ATTR_LINK, .link = SVNIC_LINK_DOWN,
    };
    struct svnic_vif_attr up = {
        .mask = SVNIC_ATTR_LINK, .link = SVNIC_LINK_UP,
    };
    Guest *a = card_vif(c, 0, &down);
    Guest *b = card_vif(c, 1, NULL);
    g_autofree Frame *lost = card_send_new(c, a, card_mac(1), 64);
    g_autofree Frame *for_a = card_send_new(c, b, card_mac(0), 64);
    g_autofree Frame *f = NULL;

    card_receives_nothing(a);
    card_receives_nothing(b);
    g_assert_cmpuint(a->page->link, ==, 0);
    g_assert_cmpuint(card_count(c, 0, "send-no-link"), ==, 1);
    g_assert_cmpuint(card_count(c, 0, "recv-no-link"), ==, 1);
    g_assert_cmpuint(card_drops(c, FW_DROP_SEND_NO_LINK), ==, 1);
    g_assert_cmpuint(card_drops(c, FW_DROP_RECV_NO_LINK), ==, 1);
    g_assert_cmpuint(card_change_active(c, 0, &up), ==, SVNIC_ST_OK);
    g_assert_cmpuint(a->page->link, ==, 1);
    f = card_send_new(c, a, card_mac(1), 64);
    card_receives(b, f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/send/every length from 14 to an MTU of 9000 arrives",
                    every_length);
    g_test_add_func("/send/nothing behind the end of a frame is copied",
                    nothing_behind_the_end);
    g_test_add_func("/send/largest frames go over the ends of both queues",
                    large_frames);
    g_test_add_func("/send/indices run over 2^32 and 2^31", wrap_of_indices);
    g_test_add_func("/send/a full queue is emptied in order at the wrap",
                    full_queue_at_the_wrap);
    g_test_add_func("/send/VIFs of one context take turns", fair);
    g_test_add_func("/send/VIFs with full queues take turns", vifs_take_turns);
    g_test_add_func("/send/contexts of one microengine take turns",
                    contexts_take_turns);
    g_test_add_func("/send/a turn is not kept", a_turn_is_not_kept);
    g_test_add_func("/send/a step moves a bounded number of bytes",
                    bounded_by_bytes);
    g_test_add_func("/send/a frame above the sender's MTU is dropped, a "
                    "segmented one is not", mtu_of_sender);
    g_test_add_func("/send/segments smaller than any of TCP are dropped, "
                    "counted", small_segments);
    g_test_add_func("/send/the offload header is carried as it is",
                    offload_carried);
    g_test_add_func("/send/offload fields without a flag are not carried",
                    offload_only_what_is_meant);
    g_test_add_func("/send/with its link down a VIF neither sends nor "
                    "receives", link_down);
    return g_test_run();
}
