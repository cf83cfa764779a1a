/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ports: in, out, back-pressure, offload, link.
 */
#include "card.h"
#include "hw/net/sv-nic/chip/ixp2400-fifo.h"

/* Fills the port's transmit buffer with frames of VIF @vif. */
static void fill_port(Card *c, unsigned vif)
{
    for (unsigned i = 0; i < card_default.port_room; i++) {
        g_free(card_send_new(c, &c->guest[vif], card_stranger, 60));
    }
}

/* Takes one frame off the port, which makes room. */
static void take_one(Card *c)
{
    g_autofree Frame *f = g_new0(Frame, 1);

    g_assert_cmpuint(fake_port_sent(c->ix, 0, f->data, NULL), ==, 60);
}

static void full_port_waits(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    g_autofree Frame *waits = NULL;
    g_autofree Frame *behind = NULL;
    g_autofree Frame *other = NULL;

    for (unsigned i = 0; i < 3; i++) {
        card_vif(c, i, NULL);
    }
    fill_port(c, 0);
    waits = card_send_new(c, &c->guest[0], card_stranger, 61);
    behind = card_send_new(c, &c->guest[0], card_mac(1), 62);
    g_assert_cmpuint(guest_room(&c->guest[0]), ==,
                     c->guest[0].send_slots - 2);
    g_assert_cmpuint(card_port_count(c, 0, "out-full"), ==, 1);
    /* Others are not in its way, nor it in theirs. */
    other = card_send_new(c, &c->guest[1], card_mac(2), 63);
    card_receives(&c->guest[2], other);
    /* Ringing does not help, room does. */
    fake_page_ring(c->ix, 0, IXP_PAGE_SEND);
    card_run(c);
    g_assert_cmpuint(card_port_count(c, 0, "out-full"), ==, 1);
    take_one(c);
    card_run(c);
    g_assert_cmpuint(guest_room(&c->guest[0]), ==, c->guest[0].send_slots);
    card_receives(&c->guest[1], behind);
    for (unsigned i = 0; i < card_default.port_room - 1; i++) {
        take_one(c);
    }
    card_port_sends(c, 0, waits, NULL);
    card_port_sends_nothing(c, 0);
    g_assert_cmpuint(card_port_count(c, 0, "out-frames"), ==,
                     card_default.port_room + 1);
}

/* Of a batch as many frames are transmitted as there is space for. */
static void full_port_in_a_row(void)
{
    static const struct svnic_vif_attr short_queue = {
        .mask = SVNIC_ATTR_SEND_SLOTS, .send_slots = SVNIC_MIN_SLOTS,
    };
    const unsigned room = card_default.port_room;
    const unsigned n = short_queue.send_slots;
    g_autoptr(Card) c = card_new(&card_default);
    Guest *g = card_vif(c, 0, &short_queue);
    Frame *f[SVNIC_MIN_SLOTS];
    unsigned out = 0;

    for (unsigned i = 0; i < room - 5; i++) {
        g_free(card_send_new(c, g, card_stranger, 60));
    }
    for (unsigned i = 0; i < n; i++) {
        f[i] = frame_new(card_stranger, card_mac(0), 61 + i);
        g_assert_true(guest_put(g, f[i]->data, f[i]->length, NULL));
    }
    guest_publish(g);
    card_run(c);
    g_assert_cmpuint(card_port_count(c, 0, "out-frames"), ==, room);
    g_assert_cmpuint(card_port_count(c, 0, "out-full"), ==, 1);
    g_assert_cmpuint(guest_room(g), ==, 5);
    for (unsigned i = 0; i < room - 5; i++) {
        take_one(c);
    }
    while (out < n) {
        card_port_sends(c, 0, f[out], NULL);
        g_free(f[out++]);
        card_run(c);
    }
    card_port_sends_nothing(c, 0);
}

/* More than the ring holds: the server has not seen all of it. */
static void full_port_lets_sleep(void)
{
    static const struct svnic_vif_attr long_queue = {
        .mask = SVNIC_ATTR_SEND_SLOTS, .send_slots = 512,
    };
    g_autoptr(Card) c = card_new(&card_default);
    Guest *g = card_vif(c, 0, &long_queue);
    g_autofree Frame *f = frame_new(card_stranger, card_mac(0), 60);
    uint32_t out = 0;

    while (guest_put(g, f->data, f->length, NULL)) {
        continue;
    }
    guest_publish(g);
    /* Asserts that it comes to rest. */
    card_run(c);
    while (fake_port_sent(c->ix, 0, f->data, NULL)) {
        out++;
        card_run(c);
    }
    g_assert_cmpuint(out, ==, long_queue.send_slots);
    g_assert_cmpuint(guest_room(g), ==, long_queue.send_slots);
}

/* Fills the send queue of @vif with frames for the port. */
static void want_the_port(Card *c, unsigned vif)
{
    Guest *g = &c->guest[vif];
    uint8_t frame[60] = { 0 };

    memcpy(frame, card_stranger, MAC_BYTES);
    memcpy(frame + MAC_BYTES, card_mac(vif), MAC_BYTES);
    while (guest_put(g, frame, sizeof(frame), NULL)) {
        continue;
    }
    guest_publish(g);
}

/* What is in the port's FIFO leaves. */
static unsigned empty_port(Card *c)
{
    g_autofree Frame *f = g_new0(Frame, 1);
    unsigned n = 0;

    while (fake_port_sent(c->ix, 0, f->data, NULL)) {
        n++;
    }
    return n;
}

/*
 * VIFs that always have frames for the port, more than it takes: each gets its
 * share, whether one microengine serves them all or each another.
 */
static void share_the_port(unsigned microengines, unsigned contexts)
{
    FakeChipConfig config = card_default;
    const unsigned rounds = 400;
    uint64_t sum = 0;

    config.microengines = microengines;
    config.contexts = contexts;
    g_autoptr(Card) c = card_new(&config);

    for (unsigned i = 0; i < config.pages; i++) {
        card_vif(c, i, NULL);
    }
    for (unsigned r = 0; r < rounds; r++) {
        for (unsigned i = 0; i < config.pages; i++) {
            want_the_port(c, i);
        }
        card_run(c);
        sum += empty_port(c);
    }
    g_assert_cmpuint(sum, >=, rounds * config.port_room);
    for (unsigned i = 0; i < config.pages; i++) {
        uint64_t frames = card_count(c, i, "send-frames");

        g_test_message("%u x %u: VIF %u: %u of %u", microengines, contexts, i,
                       (unsigned)frames, (unsigned)sum);
        g_assert_cmpuint(frames, >=, sum / config.pages * 3 / 4);
        g_assert_cmpuint(frames, <=, sum / config.pages * 5 / 4);
    }
}

static void full_port_is_shared(void)
{
    share_the_port(1, 1);
    share_the_port(1, 8);
    share_the_port(2, 2);
    share_the_port(8, 8);
}

/*
 * Each port has more coming in than RBUF has elements for.  A context for each
 * takes them; both get their share.
 */
static void share_of_rbuf(uint32_t length)
{
    FakeChipConfig config = card_default;
    const unsigned sweeps = 400;
    uint64_t frames[SVNIC_MAX_PORTS];
    uint64_t sum = 0;

    config.ports = SVNIC_MAX_PORTS;
    g_autoptr(Card) c = card_new(&config);

    for (unsigned i = 0; i < config.ports; i++) {
        card_vif(c, i, &(struct svnic_vif_attr) {
            .mask = SVNIC_ATTR_PORT, .port = i,
        });
    }
    card_run(c);
    for (unsigned s = 0; s < sweeps; s++) {
        for (unsigned i = 0; i < config.ports; i++) {
            Guest *g = &c->guest[i];
            g_autofree Frame *f = frame_new(card_mac(i), card_stranger,
                                            length);

            while (fake_port_receive(c->ix, i, f->data, length)) {
                continue;
            }
            g->recv_cons = ixp_load_acquire(&g->page->recv_prod.index);
            guest_release(g);
        }
        fake_chip_sweep(c->ix);
    }
    for (unsigned i = 0; i < config.ports; i++) {
        frames[i] = card_port_count(c, i, "in-frames");
        sum += frames[i];
    }
    g_assert_cmpuint(sum, >, sweeps);
    for (unsigned i = 0; i < config.ports; i++) {
        g_test_message("%u bytes: port %u: %u of %u", length, i,
                       (unsigned)frames[i], (unsigned)sum);
        g_assert_cmpuint(frames[i], >=, sum / config.ports * 3 / 4);
        g_assert_cmpuint(frames[i], <=, sum / config.ports * 5 / 4);
    }
}

static void full_rbuf_is_shared(void)
{
    share_of_rbuf(60);
    share_of_rbuf(1500);
}

/* VIFs that wait for their turn and never send do not delay the others. */
static void turns_that_nobody_takes(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    const unsigned last = card_default.pages - 1;
    const unsigned rounds = 40;
    unsigned sum = 0;
    Guest *g;

    for (unsigned i = 0; i <= last; i++) {
        card_vif(c, i, NULL);
    }
    for (unsigned i = 0; i <= last; i++) {
        want_the_port(c, i);
    }
    card_run(c);
    g_assert_cmpuint(c->fw->port[0].out_waiters, ==, last + 1);
    /* VIF 0 has another frame there now, 1 none, 2 and 3 break a rule. */
    g = &c->guest[0];
    for (uint32_t i = g->page->send_cons.index; i != g->send_prod; i++) {
        memcpy((uint8_t *)guest_send_slot(g, i) + SVNIC_FRAME_HEADER,
               card_mac(1), MAC_BYTES);
    }
    g = &c->guest[1];
    g->page->send_prod.index = g->page->send_cons.index;
    g = &c->guest[2];
    g->page->send_prod.index = g->page->send_cons.index + g->send_slots + 1;
    g = &c->guest[3];
    guest_send_slot(g, g->page->send_cons.index)->length = 1;
    /* The manager takes 4, resets 5, and 6 has no link any more. */
    g_assert_cmphex(card_vif_command(c, SVNIC_CMD_VIF_DEACTIVATE, 4, NULL), ==,
                    SVNIC_ST_OK);
    card_start(c, SVNIC_CMD_VIF_RESET, 5);
    g_assert_cmphex(card_change_active(c, 6, &(struct svnic_vif_attr) {
                        .mask = SVNIC_ATTR_LINK, .link = SVNIC_LINK_DOWN,
                    }), ==, SVNIC_ST_OK);
    for (unsigned r = 0; r < rounds; r++) {
        sum += empty_port(c);
        want_the_port(c, last);
        card_run(c);
    }
    g_assert_cmpuint(sum, ==, rounds * card_default.port_room);
    while (empty_port(c)) {
        card_run(c);
    }
    g_assert_cmpuint(c->fw->port[0].out_waiters, ==, 0);
    card_assert_error(c, 2, SVNIC_ERR_SEND_INDEX);
    card_assert_error(c, 3, SVNIC_ERR_SEND_LENGTH);
    g_assert_cmpuint(card_count(c, 0, "send-frames"), ==,
                     c->guest[0].send_slots);
}

static void full_port_and_broadcast(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    g_autofree Frame *all = NULL;

    for (unsigned i = 0; i < 3; i++) {
        card_vif(c, i, NULL);
    }
    fill_port(c, 0);
    all = card_send_new(c, &c->guest[0], card_broadcast, 61);
    card_receives_nothing(&c->guest[1]);
    take_one(c);
    card_run(c);
    card_receives(&c->guest[1], all);
    card_receives(&c->guest[2], all);
    card_receives_nothing(&c->guest[1]);
    card_receives_nothing(&c->guest[2]);
    for (unsigned i = 0; i < card_default.port_room - 1; i++) {
        take_one(c);
    }
    card_port_sends(c, 0, all, NULL);
    card_port_sends_nothing(c, 0);
}

static void reset_while_waiting(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    g_autofree Frame *f = NULL;

    card_vif(c, 0, NULL);
    card_vif(c, 1, NULL);
    fill_port(c, 0);
    g_free(card_send_new(c, &c->guest[0], card_stranger, 61));
    card_start(c, SVNIC_CMD_VIF_RESET, 0);
    card_run(c);
    f = card_send_new(c, &c->guest[0], card_mac(1), 64);
    card_receives(&c->guest[1], f);
    for (unsigned i = 0; i < card_default.port_room; i++) {
        take_one(c);
    }
    card_run(c);
    card_port_sends_nothing(c, 0);
}

static void offload_out(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    IxpOffload offload;

    /* Over the end of the send queue, too. */
    for (unsigned i = 0; i < 30; i++) {
        g_autofree Frame *f = frame_new(card_stranger, card_mac(0),
                                        SVNIC_MAX_FRAME - i);

        f->head = (struct svnic_frame) {
            .flags = SVNIC_FRAME_F_NEEDS_CSUM, .gso_type = SVNIC_GSO_TCPV6,
            .hdr_len = 74, .gso_size = 1400, .csum_start = 54,
            .csum_offset = 16,
        };
        card_send(c, a, f);
        card_port_sends(c, 0, f, &offload);
        g_assert_true(offload.needs_csum);
        g_assert_cmpuint(offload.gso_type, ==, SVNIC_GSO_TCPV6);
        g_assert_cmpuint(offload.hdr_len, ==, 74);
        g_assert_cmpuint(offload.gso_size, ==, 1400);
        g_assert_cmpuint(offload.csum_start, ==, 54);
        g_assert_cmpuint(offload.csum_offset, ==, 16);
    }
}

static void plain_out(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    IxpOffload none = { 0 };
    IxpOffload offload;

    for (uint32_t length = SVNIC_MIN_FRAME; length < 1500; length++) {
        g_autofree Frame *f = card_send_new(c, a, card_stranger, length);

        memset(&offload, 0xff, sizeof(offload));
        card_port_sends(c, 0, f, &offload);
        g_assert_false(offload.needs_csum);
        g_assert_cmpuint(offload.gso_type, ==, none.gso_type);
        g_assert_cmpuint(offload.gso_size, ==, none.gso_size);
    }
}

static void in_order(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);

    for (unsigned round = 0; round < 20; round++) {
        Frame *f[60];

        for (unsigned i = 0; i < G_N_ELEMENTS(f); i++) {
            f[i] = frame_new(card_mac(0), card_stranger, 14 + 17 * i);
            g_assert_true(fake_port_receive(c->ix, 0, f[i]->data,
                                            f[i]->length));
        }
        card_run(c);
        for (unsigned i = 0; i < G_N_ELEMENTS(f); i++) {
            card_receives(a, f[i]);
            g_free(f[i]);
        }
    }
    g_assert_cmpuint(card_port_count(c, 0, "in-frames"), ==, 20 * 60);
}

static void link_of_port(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_vif_attr follows = {
        .mask = SVNIC_ATTR_LINK, .link = SVNIC_LINK_PORT,
    };
    Guest *a = card_vif(c, 0, &follows);
    Guest *b = card_vif(c, 1, NULL);
    g_autofree Frame *out = NULL;
    g_autofree Frame *all = NULL;
    g_autofree Frame *up = NULL;

    card_vif(c, 2, NULL);
    fake_page_mask_clear(c->ix, 0, SVNIC_SIGNAL_LINK);
    fake_pci_doorbell_take(c->ix);
    fake_port_link(c->ix, 0, false);
    g_assert_cmphex(fake_pci_doorbell_take(c->ix), ==, SVNIC_PCI_DB_LINK);
    g_assert_cmphex(fake_page_status(c->ix, 0), ==, SVNIC_SIGNAL_LINK);
    g_assert_cmphex(fake_page_status(c->ix, 1), ==, 0);
    g_assert_cmpuint(a->page->link, ==, 0);
    g_assert_cmpuint(b->page->link, ==, 1);
    /* VIFs of the port reach each other, but none reaches the port. */
    out = card_send_new(c, b, card_stranger, 64);
    card_port_sends_nothing(c, 0);
    g_assert_cmpuint(card_count(c, 1, "send-no-link"), ==, 1);
    all = card_send_new(c, b, card_broadcast, 64);
    card_receives(&c->guest[2], all);
    card_receives_nothing(a);
    card_port_sends_nothing(c, 0);
    g_assert_cmpuint(card_count(c, 0, "recv-no-link"), ==, 1);
    /* The other port has no VIF here; an unchanged link is not reported. */
    fake_port_link(c->ix, 1, false);
    fake_page_status_clear(c->ix, 0, SVNIC_SIGNAL_ALL);
    fake_pci_doorbell_take(c->ix);
    fake_port_link(c->ix, 1, false);
    g_assert_cmphex(fake_pci_doorbell_take(c->ix), ==, 0);
    g_assert_cmphex(fake_page_status(c->ix, 0), ==, 0);
    fake_port_link(c->ix, 0, true);
    g_assert_cmpuint(a->page->link, ==, 1);
    up = card_send_new(c, a, card_stranger, 64);
    card_port_sends(c, 0, up, NULL);
}

static void counters(void)
{
    static const char *vif[] = {
        "send-frames", "send-bytes", "recv-frames", "recv-bytes",
        "recv-multicast", "recv-full", "recv-oversize", "send-oversize",
        "send-spoofed", "send-no-link", "recv-no-link", "doorbells",
        "signals", "stops", "send-to-self", "host-refused",
        "send-gso-small", "send-reserved",
    };
    static const char *port[] = {
        "in-frames", "in-bytes", "in-no-vif", "out-frames", "out-bytes",
        "out-full", "in-errors", "out-busy", "in-reserved",
    };
    static const char *me[] = {
        "handles", "handles-stale", "handles-lost", "ring-full",
        "signals-lost", "accesses-scratch", "accesses-hash",
        "accesses-sram", "accesses-dram",
        "stage-doorbell-count", "stage-doorbell-ns", "stage-doorbell-max",
        "stage-fetch-count", "stage-fetch-ns", "stage-fetch-max",
        "stage-classify-count", "stage-classify-ns", "stage-classify-max",
        "stage-ring-count", "stage-ring-ns", "stage-ring-max",
        "stage-copy-count", "stage-copy-ns", "stage-copy-max",
        "stage-signal-count", "stage-signal-ns", "stage-signal-max",
    };
    g_autoptr(Card) c = card_new(&card_default);
    const svnic_le64 *stats = &c->answer.u.stats.send_frames;
    uint64_t value;

    card_vif(c, 0, NULL);
    card_vif(c, 1, NULL);
    g_free(card_send_new(c, &c->guest[0], card_mac(1), 100));
    g_free(card_send_new(c, &c->guest[0], card_broadcast, 200));
    g_free(card_send_new(c, &c->guest[1], card_mac(0), 1000));
    for (unsigned v = 0; v < card_default.pages; v++) {
        for (unsigned i = 0; i < G_N_ELEMENTS(vif); i++) {
            g_assert_cmpstr(fw_counter(c->fw, v, i, &value), ==,
                            vif[i]);
        }
        g_assert_null(fw_counter(c->fw, v, G_N_ELEMENTS(vif), &value));
    }
    for (unsigned p = 0; p < card_default.ports; p++) {
        unsigned group = card_default.pages + p;

        for (unsigned i = 0; i < G_N_ELEMENTS(port); i++) {
            g_assert_cmpstr(fw_counter(c->fw, group, i, &value), ==,
                            port[i]);
        }
        g_assert_null(fw_counter(c->fw, group, G_N_ELEMENTS(port),
                                       &value));
    }
    for (unsigned m = 0; m < card_default.microengines; m++) {
        unsigned group = card_default.pages + card_default.ports + m;

        for (unsigned i = 0; i < G_N_ELEMENTS(me); i++) {
            g_assert_cmpstr(fw_counter(c->fw, group, i, &value), ==,
                            me[i]);
        }
        g_assert_null(fw_counter(c->fw, group, G_N_ELEMENTS(me),
                                       &value));
    }
    g_assert_null(fw_counter(c->fw, card_default.pages +
                                   card_default.ports +
                                   card_default.microengines, 0, &value));
    /* The command answers the same, in the order of the ABI. */
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_STATS, 1, NULL), ==,
                     SVNIC_ST_OK);
    for (unsigned i = 0; i < G_N_ELEMENTS(vif); i++) {
        g_assert_cmpuint(stats[i], ==, card_count(c, 1, vif[i]));
    }
    g_assert_cmpuint(c->answer.u.stats.recv_frames, ==, 2);
    g_assert_cmpuint(c->answer.u.stats.recv_bytes, ==, 300);
    g_assert_cmpuint(c->answer.u.stats.recv_multicast, ==, 1);
    g_assert_cmpuint(c->answer.u.stats.send_frames, ==, 1);
    g_assert_cmpuint(c->answer.u.stats.send_bytes, ==, 1000);
    g_assert_cmpuint(c->answer.u.stats.doorbells, ==, 1);
    g_assert_cmpuint(card_count(c, 0, "send-bytes"), ==, 300);
    g_assert_cmpuint(card_count(c, 0, "doorbells"), ==, 2);
}

/* One burst may hold frames of VIFs at several ports. */
static void counts_of_two_ports(void)
{
    static const struct svnic_vif_attr at_port_1 = {
        .mask = SVNIC_ATTR_PORT, .port = 1,
    };
    FakeChipConfig config = card_default;
    g_autoptr(Card) c = NULL;

    config.microengines = 1;
    config.contexts = 1;
    c = card_new(&config);
    card_vif(c, 0, NULL);
    card_vif(c, 1, &at_port_1);
    for (unsigned i = 0; i < 2; i++) {
        g_autofree Frame *f = frame_new(card_stranger, card_mac(i), 60 + i);

        guest_put(&c->guest[i], f->data, f->length, NULL);
        guest_publish(&c->guest[i]);
    }
    card_run(c);
    for (unsigned i = 0; i < 2; i++) {
        g_assert_cmpuint(card_port_count(c, i, "out-frames"), ==, 1);
        g_assert_cmpuint(card_port_count(c, i, "out-bytes"), ==, 60 + i);
    }
}

/* The MAC drops elements without a start, and frames that are too long. */
static void fifo_of_pieces(void)
{
    g_autofree uint8_t *data = g_malloc0(SVNIC_MAX_FRAME + 1);
    IxpFifo f = { .size = IXP_FIFO_MIN, .data = g_malloc0(IXP_FIFO_MIN) };
    unsigned frames = 0;
    const IxpRecord *r;

    g_assert_cmpint(ixp_fifo_put(&f, 0, NULL, data, 60, 0), ==,
                    IXP_FIFO_LOST);
    g_assert_cmpint(ixp_fifo_put(&f, IXP_TBUF_SOP, NULL, data, 64, 7), ==,
                    IXP_FIFO_GOES_ON);
    g_assert_null(ixp_fifo_peek(&f));
    g_assert_cmpint(ixp_fifo_put(&f, IXP_TBUF_EOP, NULL, data,
                                 SVNIC_MAX_FRAME - 63, 0), ==, IXP_FIFO_LOST);
    g_assert_cmpint(ixp_fifo_put(&f, IXP_TBUF_EOP, NULL, data, 60, 0), ==,
                    IXP_FIFO_LOST);
    g_assert_null(ixp_fifo_peek(&f));
    g_assert_cmpuint(ixp_fifo_free(&f), ==, f.size);
    /* Longest frames, round the end of the ring; one without room is lost. */
    for (unsigned i = 0; i < 20; i++) {
        data[0] = i;
        while (ixp_fifo_put(&f, IXP_TBUF_SOP | IXP_TBUF_EOP, NULL, data,
                            SVNIC_MAX_FRAME, i) == IXP_FIFO_WHOLE) {
            frames++;
        }
        g_assert_cmpuint(ixp_fifo_free(&f), <, IXP_FIFO_ROOM);
        for (r = ixp_fifo_peek(&f); r && frames > 1; r = ixp_fifo_peek(&f)) {
            g_assert_cmpuint(r->length, ==, SVNIC_MAX_FRAME);
            g_assert_cmpuint(r->at, ==, r->frame[0]);
            ixp_fifo_pop(&f, r);
            frames--;
        }
    }
    g_assert_cmpuint(ixp_fifo_peek(&f)->frame[0], ==, 19);
    ixp_fifo_clear(&f);
    g_assert_null(ixp_fifo_peek(&f));
    g_free(f.data);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/port/a FIFO takes whole frames, round its end, too",
                    fifo_of_pieces);
    g_test_add_func("/port/a card with much for a full port sleeps, and sends "
                    "it all", full_port_lets_sleep);
    g_test_add_func("/port/as much of a batch leaves as there is space for",
                    full_port_in_a_row);
    g_test_add_func("/port/a full port makes the sending VIF wait, no other",
                    full_port_waits);
    g_test_add_func("/port/VIFs that want more than the port takes get a share",
                    full_port_is_shared);
    g_test_add_func("/port/ports at which more comes in than fits get a share",
                    full_rbuf_is_shared);
    g_test_add_func("/port/a turn that no VIF takes delays no other",
                    turns_that_nobody_takes);
    g_test_add_func("/port/a broadcast that waits for the port is not doubled",
                    full_port_and_broadcast);
    g_test_add_func("/port/a VIF that waits can be reset",
                    reset_while_waiting);
    g_test_add_func("/port/the offload header and all bytes reach the port",
                    offload_out);
    g_test_add_func("/port/a plain frame of any length leaves as it is",
                    plain_out);
    g_test_add_func("/port/frames come in whole and in order", in_order);
    g_test_add_func("/port/its link is reported, and followed by VIFs that "
                    "ask", link_of_port);
    g_test_add_func("/port/each port counts what left by it",
                    counts_of_two_ports);
    g_test_add_func("/port/every counter has its name and its value",
                    counters);
    return g_test_run();
}
