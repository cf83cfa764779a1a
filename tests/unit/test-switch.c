/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Destinations of a frame: unicast, replication, promiscuous VIFs, segments.
 * Spec: "Switching".
 */
#include "card.h"

static const uint8_t multicast[MAC_BYTES] = { 0x01, 0x00, 0x5e, 0, 0, 0xfb };

static struct svnic_vif_attr port_attr(uint32_t port)
{
    return (struct svnic_vif_attr) { .mask = SVNIC_ATTR_PORT, .port = port };
}

static struct svnic_vif_attr flags_attr(uint32_t flags)
{
    return (struct svnic_vif_attr) { .mask = SVNIC_ATTR_FLAGS,
                                     .flags = flags };
}

static void unicast(void)
{
    g_autoptr(Card) c = card_new(&card_default);

    for (unsigned i = 0; i < 4; i++) {
        card_vif(c, i, NULL);
    }
    for (unsigned from = 0; from < 4; from++) {
        for (unsigned to = 0; to < 4; to++) {
            g_autofree Frame *f = NULL;

            if (from == to) {
                continue;
            }
            f = card_send_new(c, &c->guest[from], card_mac(to), 60 + to);
            card_receives(&c->guest[to], f);
            for (unsigned i = 0; i < 4; i++) {
                card_receives_nothing(&c->guest[i]);
            }
            card_port_sends_nothing(c, 0);
        }
    }
}

static void unknown_unicast(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *g = card_vif(c, 0, NULL);
    g_autofree Frame *f = NULL;

    card_vif(c, 1, NULL);
    f = card_send_new(c, g, card_stranger, 64);
    card_port_sends(c, 0, f, NULL);
    card_port_sends_nothing(c, 1);
    card_receives_nothing(&c->guest[1]);
    g_assert_cmpuint(card_port_count(c, 0, "out-frames"), ==, 1);
    g_assert_cmpuint(card_port_count(c, 0, "out-bytes"), ==, 64);
}

static void to_self(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *g = card_vif(c, 0, NULL);
    g_autofree Frame *f = NULL;

    f = card_send_new(c, g, card_mac(0), 64);
    card_receives_nothing(g);
    card_port_sends_nothing(c, 0);
    g_assert_cmpuint(card_count(c, 0, "send-to-self"), ==, 1);
    g_assert_cmpuint(card_count(c, 0, "send-frames"), ==, 1);
    g_assert_cmpuint(card_drops(c, FW_DROP_SEND_TO_SELF), ==, 1);
}

static void replicated(gconstpointer dst)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_vif_attr other_port = port_attr(1);
    g_autofree Frame *f = NULL;

    for (unsigned i = 0; i < 4; i++) {
        card_vif(c, i, NULL);
    }
    card_vif(c, 4, &other_port);
    f = card_send_new(c, &c->guest[2], dst, 100);
    card_port_sends(c, 0, f, NULL);
    card_port_sends_nothing(c, 0);
    card_port_sends_nothing(c, 1);
    for (unsigned i = 0; i < 4; i++) {
        if (i != 2) {
            card_receives(&c->guest[i], f);
            g_assert_cmpuint(card_count(c, i, "recv-multicast"), ==, 1);
        }
        card_receives_nothing(&c->guest[i]);
    }
    card_receives_nothing(&c->guest[4]);
}

static void from_port(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    g_autofree Frame *one = frame_new(card_mac(1), card_stranger, 200);
    g_autofree Frame *all = frame_new(card_broadcast, card_stranger, 201);
    g_autofree Frame *none = frame_new(card_stranger, card_mac(7), 202);
    struct svnic_vif_attr other_port = port_attr(1);

    card_vif(c, 0, NULL);
    card_vif(c, 1, NULL);
    card_vif(c, 2, &other_port);
    card_port_receive(c, 0, one);
    card_receives(&c->guest[1], one);
    card_port_receive(c, 0, all);
    card_receives(&c->guest[0], all);
    card_receives(&c->guest[1], all);
    card_port_receive(c, 0, none);
    g_assert_cmpuint(card_port_count(c, 0, "in-no-vif"), ==, 1);
    /* VIF 1 is not on port 1. */
    card_port_receive(c, 1, one);
    g_assert_cmpuint(card_port_count(c, 1, "in-no-vif"), ==, 1);
    for (unsigned i = 0; i < 3; i++) {
        card_receives_nothing(&c->guest[i]);
    }
    card_port_sends_nothing(c, 0);
    card_port_sends_nothing(c, 1);
    g_assert_cmpuint(card_port_count(c, 0, "in-frames"), ==, 3);
    g_assert_cmpuint(card_port_count(c, 0, "in-bytes"), ==, 603);
}

static void segments(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_vif_attr other_port = port_attr(1);
    g_autofree Frame *f = NULL;
    g_autofree Frame *moved = NULL;

    card_vif(c, 0, NULL);
    card_vif(c, 1, &other_port);
    /* On another port it is unknown, so the own port gets it. */
    f = card_send_new(c, &c->guest[0], card_mac(1), 64);
    card_port_sends(c, 0, f, NULL);
    card_receives_nothing(&c->guest[1]);
    other_port.port = 0;
    g_assert_cmpuint(card_change_active(c, 1, &other_port), ==, SVNIC_ST_OK);
    moved = card_send_new(c, &c->guest[0], card_mac(1), 64);
    card_receives(&c->guest[1], moved);
    card_port_sends_nothing(c, 0);
}

static void changed_mac(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_vif_attr attr = { .mask = SVNIC_ATTR_MAC };
    g_autofree Frame *before = NULL;
    g_autofree Frame *after = NULL;

    memcpy(attr.mac, card_mac(7), MAC_BYTES);
    card_vif(c, 0, NULL);
    card_vif(c, 1, NULL);
    g_assert_cmpuint(card_change_active(c, 1, &attr), ==, SVNIC_ST_OK);
    before = card_send_new(c, &c->guest[0], card_mac(1), 64);
    card_port_sends(c, 0, before, NULL);
    after = card_send_new(c, &c->guest[0], card_mac(7), 64);
    card_receives(&c->guest[1], after);
}

static void promiscuous(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_vif_attr nosy = flags_attr(SVNIC_VIF_F_PROMISC);
    g_autofree Frame *pair = NULL;
    g_autofree Frame *out = NULL;
    g_autofree Frame *own = NULL;
    g_autofree Frame *for_it = NULL;
    g_autofree Frame *self = NULL;
    g_autofree Frame *in = frame_new(card_stranger, card_mac(7), 70);

    card_vif(c, 0, NULL);
    card_vif(c, 1, NULL);
    nosy.mask |= SVNIC_ATTR_PORT;
    card_vif(c, 2, &nosy);
    nosy.port = 1;
    card_vif(c, 3, &nosy);
    pair = card_send_new(c, &c->guest[0], card_mac(1), 64);
    card_receives(&c->guest[1], pair);
    card_receives(&c->guest[2], pair);
    out = card_send_new(c, &c->guest[0], card_stranger, 65);
    card_port_sends(c, 0, out, NULL);
    card_receives(&c->guest[2], out);
    card_receives_nothing(&c->guest[1]);
    /* Once, not twice, if it is for the promiscuous VIF itself. */
    for_it = card_send_new(c, &c->guest[0], card_mac(2), 66);
    card_receives(&c->guest[2], for_it);
    /* Not what it sent itself. */
    own = card_send_new(c, &c->guest[2], card_mac(1), 67);
    card_receives(&c->guest[1], own);
    /* From a MAC that is not on the card: delivered and counted as well. */
    card_port_receive(c, 0, in);
    card_receives(&c->guest[2], in);
    g_assert_cmpuint(card_port_count(c, 0, "in-no-vif"), ==, 1);
    self = card_send_new(c, &c->guest[0], card_mac(0), 68);
    card_receives(&c->guest[2], self);
    for (unsigned i = 0; i < 4; i++) {
        card_receives_nothing(&c->guest[i]);
    }
    card_port_sends_nothing(c, 0);
}

static void promiscuous_no_more(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_vif_attr nosy = flags_attr(SVNIC_VIF_F_PROMISC);
    struct svnic_vif_attr plain = flags_attr(SVNIC_VIF_F_SPOOF_CHECK);
    g_autofree Frame *seen = NULL;
    g_autofree Frame *unseen = NULL;

    card_vif(c, 0, NULL);
    card_vif(c, 1, NULL);
    card_vif(c, 2, &nosy);
    seen = card_send_new(c, &c->guest[0], card_mac(1), 64);
    card_receives(&c->guest[2], seen);
    g_assert_cmpuint(card_change_active(c, 2, &plain), ==, SVNIC_ST_OK);
    unseen = card_send_new(c, &c->guest[0], card_mac(1), 64);
    card_receives(&c->guest[1], seen);
    card_receives(&c->guest[1], unseen);
    card_receives_nothing(&c->guest[2]);
}

static void spoofed(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_vif_attr trusted = flags_attr(0);
    g_autofree Frame *f = frame_new(card_mac(2), card_mac(1), 64);
    g_autofree Frame *all = frame_new(card_broadcast, card_stranger, 64);

    card_vif(c, 0, NULL);
    card_vif(c, 1, NULL);
    card_vif(c, 2, NULL);
    card_send(c, &c->guest[0], f);
    card_send(c, &c->guest[0], all);
    for (unsigned i = 0; i < 3; i++) {
        card_receives_nothing(&c->guest[i]);
    }
    card_port_sends_nothing(c, 0);
    g_assert_cmpuint(card_count(c, 0, "send-spoofed"), ==, 2);
    g_assert_cmpuint(card_drops(c, FW_DROP_SEND_SPOOFED), ==, 2);
    card_assert_error(c, 0, SVNIC_ERR_NONE);
    g_assert_cmpuint(card_change_active(c, 0, &trusted), ==, SVNIC_ST_OK);
    card_send(c, &c->guest[0], f);
    card_receives(&c->guest[2], f);
}

static void stopped_keeps_place(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    g_autofree Frame *lost = NULL;
    g_autofree Frame *f = NULL;

    card_vif(c, 0, NULL);
    card_vif(c, 1, NULL);
    fw_vif_stop(c->fw, &c->fw->vif[1], SVNIC_ERR_RECV_INDEX, 0);
    lost = card_send_new(c, &c->guest[0], card_mac(1), 64);
    card_port_sends_nothing(c, 0);
    card_receives_nothing(&c->guest[1]);
    g_assert_cmpuint(card_count(c, 1, "recv-no-link"), ==, 1);
    card_start(c, SVNIC_CMD_VIF_RESET, 1);
    f = card_send_new(c, &c->guest[0], card_mac(1), 64);
    card_receives(&c->guest[1], f);
}

static void whole_table(void)
{
    FakeChipConfig config = card_default;

    config.pages = SVNIC_MAX_VIFS;
    config.sdram_size = 128 << 20;
    g_autoptr(Card) c = card_new(&config);
    g_autofree Frame *all = NULL;

    for (unsigned i = 0; i < SVNIC_MAX_VIFS; i++) {
        card_vif(c, i, NULL);
    }
    for (unsigned i = 0; i < SVNIC_MAX_VIFS; i++) {
        unsigned to = (i * 101 + 7) % SVNIC_MAX_VIFS;
        g_autofree Frame *f = NULL;

        if (to == i) {
            continue;
        }
        f = card_send_new(c, &c->guest[i], card_mac(to), 64);
        card_receives(&c->guest[to], f);
    }
    all = card_send_new(c, &c->guest[128], card_broadcast, 64);
    card_port_sends(c, 0, all, NULL);
    for (unsigned i = 0; i < SVNIC_MAX_VIFS; i++) {
        if (i != 128) {
            card_receives(&c->guest[i], all);
        }
        card_receives_nothing(&c->guest[i]);
    }
}

/* MACs that hash to the last slot of the table wrap to its start. */
static void end_of_table(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    uint8_t mac[MAC_BYTES] = { 0x02, 0x11 };
    uint32_t n = 0;

    for (unsigned i = 0; i < 4; i++) {
        struct svnic_vif_attr attr = { .mask = SVNIC_ATTR_MAC };

        do {
            n++;
            memcpy(mac + 2, &n, sizeof(n));
        } while ((ixp_hash48(c->fw->units, fw_mac(mac)) &
                  (FW_MAC_TABLE - 1)) != FW_MAC_TABLE - 1);
        memcpy(attr.mac, mac, MAC_BYTES);
        card_vif(c, i, NULL);
        g_assert_cmpuint(card_change_active(c, i, &attr), ==, SVNIC_ST_OK);
    }
    for (unsigned i = 1; i < 4; i++) {
        g_autofree Frame *f = card_send_new(c, &c->guest[0],
                                            c->guest[i].page->mac, 64);

        card_receives(&c->guest[i], f);
        card_port_sends_nothing(c, 0);
    }
}

/* A receive queue that another context has locked, as seen from here. */
static void busy_unicast(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    g_autofree Frame *f = frame_new(card_mac(1), card_mac(0), 64);
    g_autofree Frame *other = NULL;
    IxpLock *lock;

    card_vif(c, 0, NULL);
    card_vif(c, 1, NULL);
    card_vif(c, 2, NULL);
    lock = &c->fw->vif[1].recv_lock;
    g_assert_true(ixp_trylock(lock));
    guest_put(&c->guest[0], f->data, f->length, NULL);
    guest_publish(&c->guest[0]);
    for (unsigned i = 0; i < 10; i++) {
        g_assert_true(fake_chip_step_me(c->ix, 0));
        g_assert_cmpuint(c->guest[0].page->send_cons.index, ==, 0);
    }
    g_assert_cmpuint(card_count(c, 0, "send-frames"), ==, 0);
    /* Another VIF's context is served meanwhile. */
    other = frame_new(card_mac(0), card_mac(2), 64);
    guest_put(&c->guest[2], other->data, other->length, NULL);
    guest_publish(&c->guest[2]);
    g_assert_true(fake_chip_step_me(c->ix, 2));
    card_receives(&c->guest[0], other);
    ixp_unlock(lock);
    card_run(c);
    card_receives(&c->guest[1], f);
    card_receives_nothing(&c->guest[1]);
    g_assert_cmpuint(card_count(c, 0, "send-frames"), ==, 1);
}

static void busy_flood(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    g_autofree Frame *f = frame_new(card_broadcast, card_mac(0), 64);
    g_autofree Frame *in = frame_new(card_broadcast, card_stranger, 65);

    for (unsigned i = 0; i < 8; i++) {
        card_vif(c, i, NULL);
    }
    guest_put(&c->guest[0], f->data, f->length, NULL);
    guest_publish(&c->guest[0]);
    g_assert_true(fake_port_receive(c->ix, 0, in->data, in->length));
    /* Each receiver is in the way once, for three steps. */
    for (unsigned i = 0; i < 8; i++) {
        IxpLock *lock = &c->fw->vif[i].recv_lock;

        g_assert_true(ixp_trylock(lock));
        for (unsigned k = 0; k < 3; k++) {
            for (unsigned n = 0; n < FW_MAX_CONTEXTS; n++) {
                fake_chip_step(c->ix, n % card_default.microengines,
                               n / card_default.microengines);
            }
        }
        ixp_unlock(lock);
    }
    card_run(c);
    card_port_sends(c, 0, f, NULL);
    card_port_sends_nothing(c, 0);
    card_receives(&c->guest[0], in);
    card_receives_nothing(&c->guest[0]);
    for (unsigned i = 1; i < 8; i++) {
        g_autofree Frame *got = g_new0(Frame, 1);

        /* In either order, but each once. */
        got->length = guest_get(&c->guest[i], got->data, &got->head);
        if (got->length == f->length) {
            g_assert_cmpmem(got->data, got->length, f->data, f->length);
            card_receives(&c->guest[i], in);
        } else {
            g_assert_cmpmem(got->data, got->length, in->data, in->length);
            card_receives(&c->guest[i], f);
        }
        card_receives_nothing(&c->guest[i]);
    }
    g_assert_cmpuint(card_port_count(c, 0, "in-frames"), ==, 1);
    g_assert_cmpuint(card_count(c, 0, "send-frames"), ==, 1);
}

/*
 * Four VIFs, of which the first sends @f to all: the second has got it, the
 * next is locked by another context; returns that lock.
 */
static IxpLock *replication_begin(Card *c, const Frame *f)
{
    IxpLock *lock;

    for (unsigned i = 0; i < 4; i++) {
        card_vif(c, i, NULL);
    }
    lock = &c->fw->vif[2].recv_lock;
    g_assert_true(ixp_trylock(lock));
    guest_put(&c->guest[0], f->data, f->length, NULL);
    guest_publish(&c->guest[0]);
    for (unsigned i = 0; i < 4; i++) {
        fake_chip_step_me(c->ix, 0);
    }
    card_receives(&c->guest[1], f);
    return lock;
}

/* A broadcast from the first VIF reaches the others, once each. */
static void broadcast_reaches_all(Card *c, const Frame *f)
{
    for (unsigned i = 1; i < 4; i++) {
        card_receives(&c->guest[i], f);
        card_receives_nothing(&c->guest[i]);
    }
}

/* What was under way is gone with a reset; what comes then goes to all. */
static void reset_in_replication(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    g_autofree Frame *first = frame_new(card_broadcast, card_mac(0), 64);
    g_autofree Frame *second = NULL;
    IxpLock *lock;

    lock = replication_begin(c, first);
    card_start(c, SVNIC_CMD_VIF_RESET, 0);
    ixp_unlock(lock);
    second = card_send_new(c, &c->guest[0], card_broadcast, 65);
    broadcast_reaches_all(c, second);
}

/* A broadcast given up in the middle leaves no mark on the next one. */
static void link_lost_in_replication(void)
{
    static const struct svnic_vif_attr down = {
        .mask = SVNIC_ATTR_LINK, .link = SVNIC_LINK_DOWN,
    };
    static const struct svnic_vif_attr up = {
        .mask = SVNIC_ATTR_LINK, .link = SVNIC_LINK_UP,
    };
    g_autoptr(Card) c = card_new(&card_default);
    g_autofree Frame *first = frame_new(card_broadcast, card_mac(0), 64);
    g_autofree Frame *second = NULL;
    IxpLock *lock;

    lock = replication_begin(c, first);
    card_port_sends(c, 0, first, NULL);
    g_assert_cmpuint(card_change_active(c, 0, &down), ==, SVNIC_ST_OK);
    for (unsigned i = 0; i < 4; i++) {
        fake_chip_step_me(c->ix, 0);
    }
    g_assert_cmpuint(card_count(c, 0, "send-no-link"), ==, 1);
    ixp_unlock(lock);
    g_assert_cmpuint(card_change_active(c, 0, &up), ==, SVNIC_ST_OK);
    second = card_send_new(c, &c->guest[0], card_broadcast, 65);
    card_port_sends(c, 0, second, NULL);
    broadcast_reaches_all(c, second);
}

/* Frames on the ring when their VIF is stopped go nowhere. */
static void stopped_with_frames_on_the_ring(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    g_autofree Frame *f = frame_new(card_mac(1), card_mac(0), 64);
    g_autofree Frame *stops = frame_new(card_mac(0), card_mac(2), 64);

    for (unsigned i = 0; i < 3; i++) {
        card_vif(c, i, NULL);
    }
    card_run(c);
    guest_put(&c->guest[0], f->data, f->length, NULL);
    guest_publish(&c->guest[0]);
    g_assert_true(fake_chip_step(c->ix, 0, 0));
    g_assert_cmpuint(c->fw->vif[0].send_fetched, ==, 1);
    c->guest[0].page->recv_cons.index = 5;
    guest_put(&c->guest[2], stops->data, stops->length, NULL);
    guest_publish(&c->guest[2]);
    while (fake_chip_step_me(c->ix, 2)) {
        continue;
    }
    card_assert_error(c, 0, SVNIC_ERR_RECV_INDEX);
    card_run(c);
    card_receives_nothing(&c->guest[1]);
    g_assert_cmpuint(card_count(c, 0, "send-frames"), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/switch/unicast goes to the VIF that has the MAC, alone",
                    unicast);
    g_test_add_func("/switch/unknown unicast goes to the port",
                    unknown_unicast);
    g_test_add_func("/switch/a frame to its own sender goes nowhere, counted",
                    to_self);
    g_test_add_data_func("/switch/broadcast goes to all others of the segment "
                         "once", card_broadcast, replicated);
    g_test_add_data_func("/switch/multicast goes to all others of the segment "
                         "once", multicast, replicated);
    g_test_add_func("/switch/what comes in at a port goes to its VIFs alone",
                    from_port);
    g_test_add_func("/switch/ports are different segments", segments);
    g_test_add_func("/switch/a changed MAC is reached at once", changed_mac);
    g_test_add_func("/switch/a promiscuous VIF sees its segment, each frame "
                    "once", promiscuous);
    g_test_add_func("/switch/and no longer sees it when that is changed",
                    promiscuous_no_more);
    g_test_add_func("/switch/addresses at the end of the table are found",
                    end_of_table);
    g_test_add_func("/switch/replication cut off by a reset leaves nothing",
                    reset_in_replication);
    g_test_add_func("/switch/a broadcast given up in the middle leaves no mark",
                    link_lost_in_replication);
    g_test_add_func("/switch/frames of a stopped VIF do not leave the ring",
                    stopped_with_frames_on_the_ring);
    g_test_add_func("/switch/a frame with a foreign source is dropped unless "
                    "trusted", spoofed);
    g_test_add_func("/switch/a frame for a stopped VIF does not leave the "
                    "card", stopped_keeps_place);
    g_test_add_func("/switch/256 VIFs reach each other", whole_table);
    g_test_add_func("/switch/a locked receive queue makes its senders wait, "
                    "not others", busy_unicast);
    g_test_add_func("/switch/replication that has to wait gives each one "
                    "copy", busy_flood);
    return g_test_run();
}
