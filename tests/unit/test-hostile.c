/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owners that break the rules: each VIF is stopped with the matching error and
 * can be started again, and no other VIF is affected.  Spec: "Errors that stop
 * a VIF".
 */
#include "card.h"

/* A card on which VIF 0 is hostile and 1 and 2 are not. */
static Card *hostile_new(void)
{
    Card *c = card_new(&card_default);

    for (unsigned i = 0; i < 3; i++) {
        card_vif(c, i, NULL);
    }
    card_run(c);
    fake_page_mask_clear(c->ix, 0, SVNIC_SIGNAL_STATE);
    fake_pci_doorbell_take(c->ix);
    return c;
}

/* VIF 0 was stopped just now, has signalled it, and can be started again. */
static void assert_stopped(Card *c, enum svnic_vif_error error)
{
    const uint8_t *both[] = { card_mac(1), card_mac(2) };
    unsigned manager = fake_irq_bit_raised(c->ix,
                                              SVNIC_IRQ_BIT_MANAGER);
    unsigned state;

    g_assert_cmphex(fake_pci_doorbell_take(c->ix), ==,
                    SVNIC_PCI_DB_VIF_STOPPED);
    g_assert_cmpuint(manager, >, 0);
    g_assert_true(fake_page_status(c->ix, 0) & SVNIC_SIGNAL_STATE);
    g_assert_cmpuint(fake_irq_bit_raised(c->ix, SVNIC_IRQ_BIT(0)), >,
                     0);
    g_assert_cmpuint(fake_page_signals(c->ix, 0, SVNIC_SIGNAL_STATE), ==, 1);
    state = fake_trace_count(c->ix, FW_EVENT_STOP);
    g_assert_cmpuint(state, ==, card_count(c, 0, "stops"));
    card_assert_error(c, 0, error);
    card_vif_command(c, SVNIC_CMD_QUERY, 0, NULL);
    g_assert_cmpuint(c->answer.u.card.events, ==, state);

    /* The others talk to each other. */
    for (unsigned i = 0; i < 2; i++) {
        g_autofree Frame *f =
            card_send_new(c, &c->guest[2 - i], both[i], 64);

        card_receives(&c->guest[1 + i], f);
        card_assert_error(c, 1 + i, SVNIC_ERR_NONE);
    }
    /* Doorbells of the stopped one do nothing. */
    fake_page_ring(c->ix, 0, IXP_PAGE_SEND | IXP_PAGE_RECV);
    card_run(c);
    card_assert_error(c, 0, error);
    g_assert_cmpuint(card_count(c, 0, "stops"), ==, state);

    card_start(c, SVNIC_CMD_VIF_RESET, 0);
    card_assert_error(c, 0, SVNIC_ERR_NONE);
    for (unsigned i = 0; i < 2; i++) {
        g_autofree Frame *out = card_send_new(c, &c->guest[0], both[i], 64);
        g_autofree Frame *in = NULL;

        card_receives(&c->guest[1 + i], out);
        in = card_send_new(c, &c->guest[1 + i], card_mac(0), 64);
        card_receives(&c->guest[0], in);
    }
    fake_page_mask_clear(c->ix, 0, SVNIC_SIGNAL_STATE);
    fake_pci_doorbell_take(c->ix);
}

static void ring(Card *c)
{
    fake_page_ring(c->ix, 0, IXP_PAGE_SEND);
    card_run(c);
}

static void send_index(void)
{
    g_autoptr(Card) c = hostile_new();
    uint32_t slots = c->guest[0].send_slots;
    const uint32_t ahead[] = {
        slots + 1, 2 * slots, 1u << 16, 1u << 31, UINT32_MAX - 1, UINT32_MAX,
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(ahead); i++) {
        Guest *g = &c->guest[0];

        g->page->send_prod.index = g->send_prod + ahead[i];
        ring(c);
        assert_stopped(c, SVNIC_ERR_SEND_INDEX);
    }
}

/* VIF 0 publishes @slots slots of which @f's header is the first. */
static void publish_raw(Card *c, const struct svnic_frame *head,
                        uint32_t slots)
{
    Guest *g = &c->guest[0];
    struct svnic_frame *slot = guest_send_slot(g, g->send_prod);

    *slot = *head;
    memcpy(slot + 1, card_mac(1), MAC_BYTES);
    memcpy((uint8_t *)(slot + 1) + MAC_BYTES, card_mac(0), MAC_BYTES);
    g->page->send_prod.index = g->send_prod + slots;
    ring(c);
}

static void lengths(void)
{
    g_autoptr(Card) c = hostile_new();
    const uint32_t bad[] = {
        0, 1, SVNIC_MIN_FRAME - 1, SVNIC_MAX_FRAME + 1, 1u << 20,
        INT32_MAX, 1u << 31, UINT32_MAX - 31, UINT32_MAX - 32, UINT32_MAX,
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        struct svnic_frame head = {
            .length = bad[i], .slots = SVNIC_FRAME_SLOTS(bad[i]),
        };

        publish_raw(c, &head, 40);
        assert_stopped(c, SVNIC_ERR_SEND_LENGTH);
    }
}

static void chains(void)
{
    g_autoptr(Card) c = hostile_new();
    static const struct {
        uint32_t length;
        uint16_t slots;
        uint32_t published;
    } bad[] = {
        { 64, 0, 1 },                   /* none */
        { 64, 2, 2 },                   /* more than it needs */
        { 64, 0xffff, 40 },
        { 3000, 1, 2 },                 /* fewer than it needs */
        { 3000, 2, 1 },                 /* not all were published */
        { SVNIC_MAX_FRAME, 33, 32 },
        { SVNIC_MAX_FRAME, 1, 1 },
        { SVNIC_SLOT_SIZE - SVNIC_FRAME_HEADER + 1, 1, 1 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        struct svnic_frame head = {
            .length = bad[i].length, .slots = bad[i].slots,
        };

        publish_raw(c, &head, bad[i].published);
        assert_stopped(c, SVNIC_ERR_SEND_CHAIN);
    }
}

static void flags(void)
{
    g_autoptr(Card) c = hostile_new();

    for (unsigned bit = 0; bit < 16; bit++) {
        struct svnic_frame head = {
            .length = 64, .slots = 1, .flags = 1u << bit,
        };

        if (!(SVNIC_FRAME_F_ALL & 1u << bit)) {
            publish_raw(c, &head, 1);
            assert_stopped(c, SVNIC_ERR_SEND_FLAGS);
        }
    }
    for (unsigned type = SVNIC_GSO_TCPV6 + 1; type < 256; type += 42) {
        struct svnic_frame head = {
            .length = 64, .slots = 1, .gso_type = type,
            .flags = SVNIC_FRAME_F_NEEDS_CSUM, .hdr_len = 60, .gso_size = 1,
            .csum_start = 34, .csum_offset = 16,
        };

        publish_raw(c, &head, 1);
        assert_stopped(c, SVNIC_ERR_SEND_FLAGS);
    }
}

static void offloads(void)
{
    g_autoptr(Card) c = hostile_new();
    const uint16_t csum = SVNIC_FRAME_F_NEEDS_CSUM;
    const struct svnic_frame bad[] = {
        /* the checksum outside the frame */
        { .flags = csum, .csum_start = 999, .csum_offset = 0 },
        { .flags = csum, .csum_start = 34, .csum_offset = 1000 - 34 - 1 },
        { .flags = csum, .csum_start = 0xffff, .csum_offset = 0xffff },
        { .flags = csum, .csum_start = 34, .csum_offset = 0xffff },
        { .flags = csum, .csum_start = 0xffff, .csum_offset = 1 },
        /* over the Ethernet header */
        { .flags = csum, .csum_start = 13, .csum_offset = 16 },
        { .flags = csum },
        /* segmentation without a checksum */
        { .gso_type = SVNIC_GSO_TCPV4, .hdr_len = 54, .gso_size = 100 },
        { .flags = SVNIC_FRAME_F_CSUM_VALID, .gso_type = SVNIC_GSO_TCPV6,
          .hdr_len = 54, .gso_size = 100 },
        /* without a size */
        { .flags = csum, .csum_start = 34, .csum_offset = 16,
          .gso_type = SVNIC_GSO_TCPV4, .hdr_len = 54 },
        /* a header that is longer than the frame, or all of it */
        { .flags = csum, .csum_start = 34, .csum_offset = 16,
          .gso_type = SVNIC_GSO_TCPV4, .hdr_len = 1001, .gso_size = 100 },
        { .flags = csum, .csum_start = 34, .csum_offset = 16,
          .gso_type = SVNIC_GSO_TCPV4, .hdr_len = 1000, .gso_size = 100 },
        /* that ends before its checksum */
        { .flags = csum, .csum_start = 34, .csum_offset = 16,
          .gso_type = SVNIC_GSO_TCPV4, .hdr_len = 51, .gso_size = 100 },
        { .flags = csum, .csum_start = 34, .csum_offset = 16,
          .gso_type = SVNIC_GSO_TCPV6, .hdr_len = 0, .gso_size = 0xffff },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        struct svnic_frame head = bad[i];

        head.length = 1000;
        head.slots = 1;
        publish_raw(c, &head, 1);
        assert_stopped(c, SVNIC_ERR_SEND_OFFLOAD);
    }
}

static void recv_index(void)
{
    g_autoptr(Card) c = hostile_new();
    unsigned stops = 0;

    /* Nine are there, three of them taken: good is 3 to 9. */
    for (uint32_t i = 0; i < 20; i++) {
        uint32_t index = i < 16 ? i : UINT32_MAX - (19 - i) * 1000;
        Guest *g = &c->guest[0];
        uint32_t base = g->recv_cons;

        for (unsigned k = 0; k < 8; k++) {
            g_free(card_send_new(c, &c->guest[1], card_mac(0), 64));
        }
        g->recv_cons = base + 3;
        guest_release(g);
        g_free(card_send_new(c, &c->guest[1], card_mac(0), 64));
        g->page->recv_cons.index = base + index;
        fake_pci_doorbell_take(c->ix);
        g_free(card_send_new(c, &c->guest[2], card_mac(0), 64));
        if (index >= 3 && index <= 9) {
            card_assert_error(c, 0, SVNIC_ERR_NONE);
            card_start(c, SVNIC_CMD_VIF_RESET, 0);
            fake_page_mask_clear(c->ix, 0, SVNIC_SIGNAL_STATE);
        } else {
            stops++;
            assert_stopped(c, SVNIC_ERR_RECV_INDEX);
        }
        g_assert_cmpuint(card_count(c, 0, "stops"), ==, stops);
    }
    g_assert_cmpuint(stops, ==, 20 - 7);
}

static void recv_index_at_the_wrap(void)
{
    g_autoptr(Card) c = hostile_new();
    Guest *g = &c->guest[0];

    card_set_index(c, 0, UINT32_MAX - 2);
    for (unsigned k = 0; k < 8; k++) {
        g_free(card_send_new(c, &c->guest[1], card_mac(0), 64));
    }
    g->page->recv_cons.index = 4;
    g_free(card_send_new(c, &c->guest[1], card_mac(0), 64));
    card_assert_error(c, 0, SVNIC_ERR_NONE);
    g->page->recv_cons.index = UINT32_MAX;
    fake_pci_doorbell_take(c->ix);
    g_free(card_send_new(c, &c->guest[1], card_mac(0), 64));
    assert_stopped(c, SVNIC_ERR_RECV_INDEX);
}

static void good_ones_first(void)
{
    g_autoptr(Card) c = hostile_new();
    Guest *g = &c->guest[0];
    Frame *sent[40];

    for (unsigned i = 0; i < G_N_ELEMENTS(sent); i++) {
        sent[i] = frame_new(card_mac(1), card_mac(0), 64);
        guest_put(g, sent[i]->data, sent[i]->length, NULL);
    }
    guest_put(g, sent[0]->data, sent[0]->length, NULL);
    guest_send_slot(g, g->send_prod - 1)->length = 5;
    guest_put(g, sent[0]->data, sent[0]->length, NULL);
    guest_publish(g);
    card_run(c);
    for (unsigned i = 0; i < G_N_ELEMENTS(sent); i++) {
        card_receives(&c->guest[1], sent[i]);
        g_free(sent[i]);
    }
    card_receives_nothing(&c->guest[1]);
    g_assert_cmpuint(g->page->send_cons.index, ==, 40);
    g_assert_cmpuint(card_count(c, 0, "send-frames"), ==, 40);
    assert_stopped(c, SVNIC_ERR_SEND_LENGTH);
}

static void card_fields_are_not_believed(void)
{
    g_autoptr(Card) c = hostile_new();
    Guest *g = &c->guest[0];
    g_autofree Frame *f = frame_new(card_mac(1), card_mac(0), 64);
    g_autofree Frame *in = NULL;
    struct svnic_vif_page *page = g->page;

    /* Everything in the page that the card writes, written by the owner. */
    page->send_cons.index = 77;
    page->recv_prod.index = 88;
    memset(&page->abi, 0xff, sizeof(*page) -
           offsetof(struct svnic_vif_page, abi));
    *guest_send_slot(g, 0) = (struct svnic_frame) { .length = 64, .slots = 1 };
    memcpy(guest_send_slot(g, 0) + 1, f->data, f->length);
    page->send_prod.index = 1;
    ring(c);
    card_receives(&c->guest[1], f);
    g_assert_cmpuint(page->send_cons.index, ==, 1);
    in = card_send_new(c, &c->guest[1], card_mac(0), 64);
    g_assert_cmpuint(page->recv_prod.index, ==, 1);
    card_receives(g, in);
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_QUERY, 0, NULL), ==,
                     SVNIC_ST_OK);
    g_assert_cmpuint(c->answer.u.vif_info.state, ==, SVNIC_VIF_ACTIVE);
}

/*
 * Random bytes in everything that the owner can write: the worst is that it
 * is stopped; the memory of others is as it was and they still talk.
 */
static void random_bytes(void)
{
    g_autoptr(Card) c = hostile_new();
    g_autoptr(GRand) rand = g_rand_new_with_seed(42);
    unsigned stopped = 0;

    for (unsigned i = 0; i < 20000; i++) {
        Guest *g = &c->guest[0];
        uint32_t index = g->page->send_cons.index;
        uint32_t published = g_rand_int_range(rand, 0, 80);

        for (uint32_t k = 0; k < published; k++) {
            struct svnic_frame *slot = guest_send_slot(g, index + k);
            uint32_t length = g_rand_int_range(rand, 10, 4000);

            slot->length = g_rand_int_range(rand, 0, 50) ? length
                                                         : g_rand_int(rand);
            slot->slots = g_rand_int_range(rand, 0, 50)
                ? SVNIC_FRAME_SLOTS(length) : g_rand_int(rand);
            slot->flags = g_rand_int_range(rand, 0, 20) ? 0
                                                        : g_rand_int(rand);
            slot->gso_type = g_rand_int_range(rand, 0, 50) ? 0 : 1;
            slot->hdr_len = g_rand_int(rand);
            slot->gso_size = g_rand_int(rand);
            slot->csum_start = g_rand_int(rand);
            slot->csum_offset = g_rand_int(rand);
            memcpy(slot + 1, card_mac(g_rand_int_range(rand, 0, 4)),
                   MAC_BYTES);
            memcpy((uint8_t *)(slot + 1) + MAC_BYTES, card_mac(0), MAC_BYTES);
        }
        g->page->send_prod.index = g_rand_int_range(rand, 0, 50)
            ? index + published : g_rand_int(rand);
        g->page->recv_cons.index = g_rand_int_range(rand, 0, 50)
            ? g->page->recv_prod.index : g_rand_int(rand);
        g->page->recv_cons.event = g_rand_int(rand);
        g->page->send_prod.event = g_rand_int(rand);
        ring(c);
        for (unsigned k = 1; k < 3; k++) {
            g_autofree Frame *f =
                card_send_new(c, &c->guest[k], card_mac(3 - k), 64);
            g_autofree Frame *got = g_new0(Frame, 1);
            g_autofree Frame *to_it = NULL;
            Guest *peer = &c->guest[3 - k];

            /* Whatever the hostile one sent comes before it. */
            do {
                got->length = guest_get(peer, got->data, &got->head);
                g_assert_cmpuint(got->length, >, 0);
            } while (memcmp(got->data + MAC_BYTES, card_mac(k), MAC_BYTES));
            g_assert_cmpmem(got->data, got->length, f->data, f->length);
            card_receives_nothing(peer);
            guest_release(peer);
            to_it = card_send_new(c, &c->guest[k], card_mac(0), 64);
        }
        while (true) {
            g_autofree Frame *out = g_new0(Frame, 1);

            if (!fake_port_sent(c->ix, 0, out->data, NULL)) {
                break;
            }
        }
        card_run(c);
        if (g->page->state == SVNIC_VIF_STOPPED) {
            stopped++;
            card_start(c, SVNIC_CMD_VIF_RESET, 0);
        }
    }
    g_assert_cmpuint(stopped, >, 1000);
    g_assert_cmpuint(card_count(c, 0, "stops"), ==, stopped);
    card_assert_error(c, 1, SVNIC_ERR_NONE);
    card_assert_error(c, 2, SVNIC_ERR_NONE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hostile/a producer too far ahead stops its VIF alone",
                    send_index);
    g_test_add_func("/hostile/a frame too short or too long stops its VIF",
                    lengths);
    g_test_add_func("/hostile/slots that do not fit the length stop their VIF",
                    chains);
    g_test_add_func("/hostile/unknown flags and types stop their VIF", flags);
    g_test_add_func("/hostile/an offload header that lies stops its VIF",
                    offloads);
    g_test_add_func("/hostile/a consumer outside what was produced stops its "
                    "VIF", recv_index);
    g_test_add_func("/hostile/the same where the index wraps",
                    recv_index_at_the_wrap);
    g_test_add_func("/hostile/frames before a bad one are delivered, none "
                    "after", good_ones_first);
    g_test_add_func("/hostile/what the card writes for the owner is never "
                    "read back", card_fields_are_not_believed);
    g_test_add_func("/hostile/random rings affect no other VIF", random_bytes);
    return g_test_run();
}
