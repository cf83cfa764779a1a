/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The receive queue: full, oversize, wraps.  Spec: "Switching", last part.
 */
#include "card.h"

static const struct svnic_vif_attr small_queue = {
    .mask = SVNIC_ATTR_RECV_SLOTS, .recv_slots = SVNIC_MIN_SLOTS,
};

static void full(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, &small_queue);
    Guest *other = card_vif(c, 2, NULL);
    g_autoptr(GPtrArray) sent = g_ptr_array_new_with_free_func(g_free);
    g_autofree Frame *later = NULL;

    /* So that the port does not become full. */
    fake_port_link(c->ix, 0, false);
    for (unsigned i = 0; i < SVNIC_MIN_SLOTS + 10; i++) {
        g_ptr_array_add(sent, card_send_new(c, a, card_broadcast, 64));
    }
    g_assert_cmpuint(card_count(c, 1, "recv-full"), ==, 10);
    g_assert_cmpuint(card_count(c, 1, "recv-frames"), ==, SVNIC_MIN_SLOTS);
    g_assert_cmpuint(card_drops(c, FW_DROP_RECV_FULL), ==, 10);
    /* Only for that VIF, and the sender is through. */
    g_assert_cmpuint(card_count(c, 0, "send-frames"), ==, sent->len);
    g_assert_cmpuint(guest_room(a), ==, a->send_slots);
    for (unsigned i = 0; i < sent->len; i++) {
        card_receives(other, g_ptr_array_index(sent, i));
        if (i < SVNIC_MIN_SLOTS) {
            card_receives(b, g_ptr_array_index(sent, i));
        }
    }
    card_receives_nothing(b);
    later = card_send_new(c, a, card_mac(1), 64);
    card_receives(b, later);
}

static void to_the_last_slot(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_vif_attr large = {
        .mask = SVNIC_ATTR_MTU | SVNIC_ATTR_RECV_SLOTS,
        .mtu = SVNIC_MAX_MTU, .recv_slots = SVNIC_MIN_SLOTS,
    };
    Guest *a = card_vif(c, 0, &large);
    Guest *b = card_vif(c, 1, &large);
    g_autofree Frame *fits = NULL;
    g_autofree Frame *does_not = NULL;
    g_autofree Frame *one = NULL;
    Frame *first[60];

    for (unsigned i = 0; i < G_N_ELEMENTS(first); i++) {
        first[i] = card_send_new(c, a, card_mac(1), 64);
    }
    /* Four slots are left: five do not fit, three do, and then one. */
    does_not = card_send_new(c, a, card_mac(1), 8200);
    g_assert_cmpuint(SVNIC_FRAME_SLOTS(8200), ==, 5);
    g_assert_cmpuint(card_count(c, 1, "recv-full"), ==, 1);
    fits = card_send_new(c, a, card_mac(1), 6000);
    g_assert_cmpuint(SVNIC_FRAME_SLOTS(6000), ==, 3);
    one = card_send_new(c, a, card_mac(1), 100);
    g_assert_cmpuint(card_count(c, 1, "recv-full"), ==, 1);
    g_free(card_send_new(c, a, card_mac(1), 100));
    g_assert_cmpuint(card_count(c, 1, "recv-full"), ==, 2);
    for (unsigned i = 0; i < G_N_ELEMENTS(first); i++) {
        card_receives(b, first[i]);
        g_free(first[i]);
    }
    card_receives(b, fits);
    card_receives(b, one);
    card_receives_nothing(b);
}

/* A receiver that gives slots back while a burst goes on is seen to. */
static void room_within_a_burst(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, &small_queue);
    uint32_t sent = 0;
    uint32_t received = 0;

    for (unsigned round = 0; round < 100; round++) {
        g_autofree Frame *f = frame_new(card_mac(1), card_mac(0), 64);
        g_autofree Frame *got = g_new0(Frame, 1);

        for (unsigned i = 0; i < SVNIC_MIN_SLOTS; i++) {
            g_assert_true(guest_put(a, f->data, f->length, NULL));
            sent++;
        }
        guest_publish(a);
        card_run(c);
        while (guest_get(b, got->data, &got->head)) {
            received++;
        }
        guest_release(b);
    }
    g_assert_cmpuint(received, ==, sent);
    g_assert_cmpuint(card_count(c, 1, "recv-full"), ==, 0);
}

static void mtu_of_receiver(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_vif_attr large = {
        .mask = SVNIC_ATTR_MTU, .mtu = SVNIC_MAX_MTU,
    };
    Guest *a = card_vif(c, 0, &large);
    Guest *b = card_vif(c, 1, NULL);
    Guest *jumbo = card_vif(c, 2, &large);
    uint32_t limit = SVNIC_DEFAULT_MTU + SVNIC_ETH_MAX_HEADER;
    g_autofree Frame *fits = card_send_new(c, a, card_broadcast, limit);
    g_autofree Frame *over = card_send_new(c, a, card_broadcast, limit + 1);
    g_autofree Frame *gso = frame_new(card_broadcast, card_mac(0), 60000);

    gso->head = (struct svnic_frame) {
        .flags = SVNIC_FRAME_F_NEEDS_CSUM, .gso_type = SVNIC_GSO_TCPV4,
        .csum_start = 34, .csum_offset = 16, .hdr_len = 66,
        .gso_size = limit - 66,
    };
    card_send(c, a, gso);
    card_receives(b, fits);
    card_receives(b, gso);
    card_receives(jumbo, fits);
    card_receives(jumbo, over);
    card_receives(jumbo, gso);
    g_assert_cmpuint(card_count(c, 1, "recv-oversize"), ==, 1);
    gso->head.gso_size++;
    card_send(c, a, gso);
    card_receives_nothing(b);
    card_receives(jumbo, gso);
    g_assert_cmpuint(card_count(c, 1, "recv-oversize"), ==, 2);
    g_assert_cmpuint(card_drops(c, FW_DROP_RECV_OVERSIZE), ==, 2);
    g_assert_cmpuint(card_count(c, 0, "send-oversize"), ==, 0);
}

static void mtu_from_port(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    uint32_t limit = SVNIC_DEFAULT_MTU + SVNIC_ETH_MAX_HEADER;
    g_autofree Frame *fits = frame_new(card_mac(0), card_stranger, limit);
    g_autofree Frame *over = frame_new(card_mac(0), card_stranger, limit + 1);

    card_port_receive(c, 0, over);
    card_port_receive(c, 0, fits);
    card_receives(a, fits);
    g_assert_cmpuint(card_count(c, 0, "recv-oversize"), ==, 1);
}

static void wrap_with_a_full_queue(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, &small_queue);
    Frame *sent[SVNIC_MIN_SLOTS];

    card_set_index(c, 1, UINT32_MAX - 20);
    for (unsigned i = 0; i < SVNIC_MIN_SLOTS; i++) {
        sent[i] = card_send_new(c, a, card_mac(1), 64);
    }
    for (unsigned i = 0; i < 3; i++) {
        g_free(card_send_new(c, a, card_mac(1), 64));
    }
    g_assert_cmpuint(card_count(c, 1, "recv-full"), ==, 3);
    for (unsigned i = 0; i < SVNIC_MIN_SLOTS; i++) {
        card_receives(b, sent[i]);
        g_free(sent[i]);
    }
    card_receives_nothing(b);
    card_assert_error(c, 1, SVNIC_ERR_NONE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/recv/a full queue drops for its VIF alone, counted",
                    full);
    g_test_add_func("/recv/a queue is filled to its last slot",
                    to_the_last_slot);
    g_test_add_func("/recv/no frame is lost while the owner keeps up",
                    room_within_a_burst);
    g_test_add_func("/recv/a frame above the receiver's MTU is dropped for it "
                    "alone", mtu_of_receiver);
    g_test_add_func("/recv/a frame of the port above the MTU is dropped",
                    mtu_from_port);
    g_test_add_func("/recv/a full queue is full where the index wraps",
                    wrap_with_a_full_queue);
    return g_test_run();
}
