/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event indices: no wake-up is lost, none is needless, in both directions.
 * Spec: "Publishing and sleeping".
 */
#include "card.h"

static void rule(void)
{
    /* Asked for index 10: signalled once the producer has passed it. */
    g_assert_false(fw_event_passed(10, 8, 10));
    g_assert_true(fw_event_passed(10, 8, 11));
    g_assert_true(fw_event_passed(10, 10, 11));
    g_assert_true(fw_event_passed(10, 10, 400));
    g_assert_false(fw_event_passed(10, 11, 12));
    g_assert_false(fw_event_passed(10, 10, 10));
    /* Over the wrap. */
    g_assert_true(fw_event_passed(UINT32_MAX, UINT32_MAX, 0));
    g_assert_true(fw_event_passed(UINT32_MAX, UINT32_MAX - 5, 5));
    g_assert_true(fw_event_passed(2, UINT32_MAX, 3));
    g_assert_false(fw_event_passed(2, UINT32_MAX, 2));
    g_assert_false(fw_event_passed(UINT32_MAX - 1, UINT32_MAX, 3));
}

static void put(Guest *g, unsigned to)
{
    g_autofree Frame *f = frame_new(card_mac(to), g->page->mac, 64);

    g_assert_true(guest_put(g, f->data, f->length, NULL));
}

static void doorbell_only_when_asleep(gconstpointer start)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);

    card_vif(c, 1, NULL);
    card_run(c);
    card_set_index(c, 0, GPOINTER_TO_UINT(start));
    for (unsigned i = 0; i < 50; i++) {
        unsigned rings = fake_page_rings(c->ix, 0);

        /* The card sleeps: the first frame rings, further ones do not. */
        put(a, 1);
        g_assert_true(guest_publish(a));
        for (unsigned k = 0; k < 3; k++) {
            put(a, 1);
            g_assert_false(guest_publish(a));
        }
        card_run(c);
        g_assert_cmpuint(guest_room(a), ==, a->send_slots);
        g_assert_cmpuint(fake_page_rings(c->ix, 0), ==, rings + 1);
    }
}

/* More than a step takes. */
static const struct svnic_vif_attr long_queue = {
    .mask = SVNIC_ATTR_SEND_SLOTS, .send_slots = 1024,
};

static void no_doorbell_while_at_work(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, &long_queue);
    unsigned rings;

    card_vif(c, 1, NULL);
    card_run(c);
    while (guest_room(a)) {
        put(a, 1);
    }
    g_assert_true(guest_publish(a));
    rings = fake_page_rings(c->ix, 0);
    /* A step does not get to the end: the card is at work. */
    for (unsigned i = 0; i < 20; i++) {
        g_assert_true(fake_chip_step_me(c->ix, 0));
        while (guest_room(a)) {
            put(a, 1);
        }
        g_assert_false(guest_publish(a));
    }
    g_assert_cmpuint(fake_page_rings(c->ix, 0), ==, rings);
    card_run(c);
    g_assert_cmpuint(guest_room(a), ==, a->send_slots);
    put(a, 1);
    g_assert_true(guest_publish(a));
}

/* The owner checks again after asking, so it may ask late. */
static void owner_that_skips_the_doorbell(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);

    card_vif(c, 1, NULL);
    card_run(c);
    /* Published without a doorbell: no signal, and no error. */
    put(a, 1);
    a->page->send_prod.index = a->send_prod;
    card_run(c);
    g_assert_cmpuint(a->page->send_cons.index, ==, 0);
    /* The next wake-up of the context finds both frames. */
    put(a, 1);
    a->page->send_prod.index = a->send_prod;
    fake_page_ring(c->ix, 0, IXP_PAGE_SEND);
    card_run(c);
    g_assert_cmpuint(a->page->send_cons.index, ==, 2);
}

static void recv_signal(gconstpointer start)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    g_autofree Frame *got = g_new0(Frame, 1);
    unsigned signals = 0;

    card_run(c);
    card_set_index(c, 1, GPOINTER_TO_UINT(start));
    b->page->recv_cons.event = GPOINTER_TO_UINT(start) - 1;
    for (unsigned i = 0; i < 50; i++) {
        /* Not asked: silent. */
        put(a, 1);
        guest_publish(a);
        card_run(c);
        g_assert_cmpuint(fake_page_signals(c->ix, 1, SVNIC_SIGNAL_RECV_WORK),
                         ==, signals);
        /* Asked too late: the second check finds work. */
        g_assert_false(guest_wants_recv_signal(b));
        while (guest_get(b, got->data, &got->head)) {
            continue;
        }
        guest_release(b);
        /* Asked in time: one signal for a whole burst, then silence. */
        g_assert_true(guest_wants_recv_signal(b));
        for (unsigned k = 0; k < 10; k++) {
            put(a, 1);
        }
        guest_publish(a);
        card_run(c);
        signals++;
        g_assert_cmpuint(fake_page_signals(c->ix, 1, SVNIC_SIGNAL_RECV_WORK),
                         ==, signals);
        g_assert_true(fake_page_status(c->ix, 1) & SVNIC_SIGNAL_RECV_WORK);
        while (guest_get(b, got->data, &got->head)) {
            continue;
        }
        guest_release(b);
    }
    g_assert_cmpuint(card_count(c, 1, "signals"), ==, signals);
}

static void send_signal(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);

    card_vif(c, 1, NULL);
    card_run(c);
    a->page->send_prod.event = UINT32_MAX;
    for (unsigned i = 0; i < 20; i++) {
        put(a, 1);
        guest_publish(a);
        card_run(c);
        g_assert_cmpuint(fake_page_signals(c->ix, 0, SVNIC_SIGNAL_SEND_DONE),
                         ==, i);
        guest_wants_send_signal(a);
        /* One at the least: the event is passed by the last of them. */
        for (unsigned k = 0; k < 1 + i % 5; k++) {
            put(a, 1);
        }
        guest_publish(a);
        card_run(c);
        g_assert_cmpuint(fake_page_signals(c->ix, 0, SVNIC_SIGNAL_SEND_DONE),
                         ==, i + 1);
    }
}

/* An event in the middle of what is in flight: told when that is done. */
static void send_signal_at_an_index(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, &long_queue);
    unsigned steps = 0;

    card_vif(c, 1, NULL);
    card_run(c);
    while (guest_room(a)) {
        put(a, 1);
    }
    a->page->send_prod.event = 600;
    guest_publish(a);
    while (fake_chip_step_me(c->ix, 0)) {
        bool signalled =
            fake_page_signals(c->ix, 0, SVNIC_SIGNAL_SEND_DONE) > 0;

        g_assert_true(signalled == (a->page->send_cons.index > 600));
        steps++;
    }
    g_assert_cmpuint(steps, >, 2);
    g_assert_cmpuint(fake_page_signals(c->ix, 0, SVNIC_SIGNAL_SEND_DONE), ==,
                     1);
}

static void no_recv_doorbell(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    g_autofree Frame *got = g_new0(Frame, 1);

    for (unsigned i = 0; i < 5000; i++) {
        put(a, 1);
        guest_publish(a);
        card_run(c);
        g_assert_cmpuint(guest_get(b, got->data, &got->head), ==, 64);
        g_assert_false(guest_release(b));
    }
    /* Rung all the same, it does no harm and is counted. */
    fake_page_ring(c->ix, 1, IXP_PAGE_RECV);
    card_run(c);
    g_assert_cmpuint(card_count(c, 1, "doorbells"), ==, 1);
}

static void masks(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    unsigned raised = fake_irq_bit_raised(c->ix, SVNIC_IRQ_BIT(1));

    g_assert_true(guest_wants_recv_signal(b));
    put(a, 1);
    guest_publish(a);
    card_run(c);
    g_assert_cmpuint(fake_irq_bit_raised(c->ix, SVNIC_IRQ_BIT(1)), ==,
                     raised);
    fake_page_mask_clear(c->ix, 1, SVNIC_SIGNAL_RECV_WORK);
    g_assert_cmpuint(fake_irq_bit_raised(c->ix, SVNIC_IRQ_BIT(1)), ==,
                     raised + 1);
}

static void idle_card_sleeps(void)
{
    g_autoptr(Card) c = card_new(&card_default);

    for (unsigned i = 0; i < card_default.pages; i++) {
        card_vif(c, i, NULL);
    }
    card_run(c);
    g_free(card_send_new(c, &c->guest[0], card_broadcast, 64));
    for (unsigned n = 0; n < FW_MAX_CONTEXTS; n++) {
        g_assert_false(fake_chip_step(c->ix, n % card_default.microengines,
                                      n / card_default.microengines));
    }
}

int main(int argc, char **argv)
{
    gpointer wrap = GUINT_TO_POINTER(UINT32_MAX - 40);

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/event/the rule holds on every side of the event", rule);
    g_test_add_data_func("/event/the owner rings once for a card that sleeps",
                         GUINT_TO_POINTER(0), doorbell_only_when_asleep);
    g_test_add_data_func("/event/the same where the index wraps",
                         wrap, doorbell_only_when_asleep);
    g_test_add_func("/event/the owner never rings for a card at work",
                    no_doorbell_while_at_work);
    g_test_add_func("/event/an owner that does not ring waits, and waits "
                    "alone", owner_that_skips_the_doorbell);
    g_test_add_data_func("/event/the card signals once for an owner that "
                         "asked", GUINT_TO_POINTER(0), recv_signal);
    g_test_add_data_func("/event/the same for a receive index that wraps",
                         wrap, recv_signal);
    g_test_add_func("/event/an owner that waits for its queue is told once",
                    send_signal);
    g_test_add_func("/event/it is told at the index that it named",
                    send_signal_at_an_index);
    g_test_add_func("/event/the card never asks for the receive doorbell",
                    no_recv_doorbell);
    g_test_add_func("/event/a masked signal interrupts when unmasked", masks);
    g_test_add_func("/event/no context of an idle card has a signal",
                    idle_card_sleeps);
    return g_test_run();
}
