/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames for many: which groups are forwarded, and what a large frame for all
 * costs those that did not send it.  Spec: "Switching".
 */
#include "card.h"

/*
 * Addresses of the link itself: -00 and -01 go nowhere, the others of the block
 * cross between a VIF and its port alone, and what follows is multicast.
 */
static void reserved_block(void)
{
    struct svnic_vif_attr see = {
        .mask = SVNIC_ATTR_FLAGS, .flags = SVNIC_VIF_F_PROMISC,
    };
    uint8_t dst[MAC_BYTES] = { 0x01, 0x80, 0xc2, 0, 0, 0 };
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    Guest *all = card_vif(c, 2, &see);

    for (unsigned last = 0; last <= 0x10; last++) {
        g_autofree Frame *out = NULL;
        g_autofree Frame *in = NULL;

        dst[5] = last;
        out = card_send_new(c, a, dst, 64 + last);
        in = frame_new(dst, card_stranger, 100 + last);
        if (last > 1) {
            card_port_sends(c, 0, out, NULL);
        }
        if (last == 0x10) {
            card_receives(b, out);
            card_receives(all, out);
        }
        card_port_receive(c, 0, in);
        if (last > 1) {
            card_receives(a, in);
            card_receives(b, in);
            card_receives(all, in);
        }
        card_receives_nothing(a);
        card_receives_nothing(b);
        card_receives_nothing(all);
        card_port_sends_nothing(c, 0);
        card_port_sends_nothing(c, 1);
    }
    g_assert_cmpuint(card_count(c, 0, "send-reserved"), ==, 2);
    g_assert_cmpuint(card_count(c, 0, "send-frames"), ==, 0x11);
    g_assert_cmpuint(card_drops(c, FW_DROP_SEND_RESERVED), ==, 2);
    g_assert_cmpuint(card_port_count(c, 0, "in-reserved"), ==, 2);
    g_assert_cmpuint(card_port_count(c, 0, "in-no-vif"), ==, 0);
    g_assert_cmpuint(card_drops(c, FW_DROP_PORT_RESERVED), ==, 2);
    /* Its neighbour in the table is no address of the block. */
    dst[4] = 1;
    dst[5] = 0;
    g_free(card_send_new(c, a, dst, 64));
    g_assert_cmpuint(card_count(c, 0, "send-reserved"), ==, 2);
}

#define FLOODED 200

/* Frames that all of FLOODED VIFs but the sender have got. */
static unsigned copies(Card *c)
{
    unsigned n = 0;

    for (unsigned i = 1; i < FLOODED; i++) {
        n += card_count(c, i, "recv-frames");
    }
    return n;
}

/*
 * A largest frame for many is many steps' work.  What another VIF sends in the
 * meantime does not wait for the end of it, and each gets one copy.
 */
static void flood_is_charged(void)
{
    FakeChipConfig config = card_default;
    g_autoptr(Card) c = NULL;
    g_autofree Frame *all = NULL;
    g_autofree Frame *one = NULL;
    unsigned most = 0;
    unsigned got = 0;
    unsigned steps = 0;
    unsigned seen = 0;

    config.pages = FLOODED + 2;
    config.sdram_size = 256 << 20;
    config.microengines = 1;
    config.contexts = 2;
    c = card_new(&config);
    for (unsigned i = 0; i < FLOODED + 2; i++) {
        struct svnic_vif_attr attr = {
            .mask = SVNIC_ATTR_MTU | SVNIC_ATTR_PORT, .mtu = SVNIC_MAX_MTU,
            .port = i >= FLOODED,
        };

        card_vif(c, i, &attr);
    }
    card_run(c);
    all = frame_new(card_broadcast, card_mac(0), SVNIC_MAX_FRAME);
    all->head = (struct svnic_frame) {
        .flags = SVNIC_FRAME_F_NEEDS_CSUM, .gso_type = SVNIC_GSO_TCPV4,
        .hdr_len = 54, .gso_size = 1448, .csum_start = 34, .csum_offset = 16,
    };
    one = frame_new(card_mac(FLOODED + 1), card_mac(FLOODED), 100);
    g_assert_true(guest_put(&c->guest[0], all->data, all->length,
                            &all->head));
    guest_publish(&c->guest[0]);
    for (; fake_chip_sweep(c->ix); steps++) {
        unsigned now = copies(c);

        most = MAX(most, now - got);
        got = now;
        if (got && !seen) {
            guest_put(&c->guest[FLOODED], one->data, one->length, NULL);
            guest_publish(&c->guest[FLOODED]);
            seen = 1;
        }
        if (seen == 1 && guest_has_frame(&c->guest[FLOODED + 1])) {
            seen = got;
        }
        g_assert_cmpuint(steps, <, 10000);
    }
    /* A burst's bytes, a frame more, and as much for each context. */
    g_assert_cmpuint(most * SVNIC_MAX_FRAME, <=,
                     2 * (FW_FLOOD_BYTES + SVNIC_MAX_FRAME));
    g_assert_cmpuint(seen, >, 1);
    g_assert_cmpuint(seen, <, FLOODED / 2);
    g_assert_cmpuint(copies(c), ==, FLOODED - 1);
    for (unsigned i = 1; i < FLOODED; i++) {
        card_receives(&c->guest[i], all);
        card_receives_nothing(&c->guest[i]);
    }
    card_receives(&c->guest[FLOODED + 1], one);
    card_port_sends(c, 0, all, NULL);
    card_port_sends_nothing(c, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/flood/addresses of the link itself stay on the link",
                    reserved_block);
    g_test_add_func("/flood/a large frame for many takes as many turns, each "
                    "bounded", flood_is_charged);
    return g_test_run();
}
