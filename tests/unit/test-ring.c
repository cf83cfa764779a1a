/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sv_nic_ring.h on memory of the test's, with the card's half of the queues
 * done by hand.  The order of its accesses is in test-ring-order.c.
 */
#include <glib.h>

#include "fw.h"
#include "hw/net/sv-nic/sv_nic_ring.h"

#define SLOTS                   SVNIC_MIN_SLOTS
#define SEND_OFFSET             1024
#define RECV_OFFSET             (SEND_OFFSET + SLOTS * SVNIC_SLOT_SIZE)
#define GUARD                   64      /* bytes that are to stay as they are */
#define SIZE                    (RECV_OFFSET + SLOTS * SVNIC_SLOT_SIZE)

typedef struct Vif {
    struct svnic_owner o;
    struct svnic_vif_page *page;
    uint32_t doorbell[SVNIC_DOORBELL_PAGE_SIZE / 4];
    uint8_t *sent;              /* what was put, of SVNIC_MAX_FRAME bytes */
    uint8_t *got;
} Vif;

static void vif_init(Vif *v, uint32_t index)
{
    uint8_t *memory = g_malloc(SIZE + GUARD);

    memset(memory, 0, SIZE);
    memset(memory + SIZE, 0xa5, GUARD);
    *v = (Vif) { .page = (struct svnic_vif_page *)memory };
    v->sent = g_malloc(SVNIC_MAX_FRAME);
    v->got = g_malloc(SVNIC_MAX_FRAME);
    v->page->slot_size = svnic_swap32(SVNIC_SLOT_SIZE);
    v->page->send_slots = svnic_swap32(SLOTS);
    v->page->recv_slots = svnic_swap32(SLOTS);
    v->page->send_offset = svnic_swap32(SEND_OFFSET);
    v->page->recv_offset = svnic_swap32(RECV_OFFSET);
    v->o.page = v->page;
    v->o.doorbell = v->doorbell;
    g_assert_true(svnic_owner_attach(&v->o, SIZE));
    v->o.send_prod = v->o.send_published = index;
    v->o.recv_cons = v->o.recv_released = index;
    v->page->send_prod.index = v->page->send_cons.index = svnic_swap32(index);
    v->page->recv_prod.index = v->page->recv_cons.index = svnic_swap32(index);
    v->page->send_cons.event = svnic_swap32(index);
    v->page->recv_prod.event = svnic_swap32(index - 1);
}

static void vif_end(Vif *v)
{
    const uint8_t *guard = (uint8_t *)v->page + SIZE;

    for (unsigned i = 0; i < GUARD; i++) {
        g_assert_cmphex(guard[i], ==, 0xa5);
    }
    g_free(v->page);
    g_free(v->sent);
    g_free(v->got);
}

/* Whether the doorbell @reg was rung since the last look. */
static bool rung(Vif *v, uint32_t reg)
{
    bool was = v->doorbell[reg / 4];

    v->doorbell[reg / 4] = 0;
    return was;
}

/* Byte @at of a frame: from the last slot it goes on in slot 0. */
static uint8_t *byte_of(Vif *v, uint32_t offset, uint32_t index, uint32_t at)
{
    uint32_t slot = (index + at / SVNIC_SLOT_SIZE) % SLOTS;

    return (uint8_t *)v->page + offset + slot * SVNIC_SLOT_SIZE +
           at % SVNIC_SLOT_SIZE;
}

static void put(Vif *v, uint32_t length, const struct svnic_frame *head)
{
    for (uint32_t i = 0; i < length; i++) {
        v->sent[i] = g_random_int();
    }
    g_assert_true(svnic_send_put(&v->o, v->sent, length, head));
}

/* The card takes a frame of the send queue and puts it into the other one. */
static void card_moves(Vif *v, uint32_t length)
{
    uint32_t total = SVNIC_FRAME_HEADER + length;
    uint32_t from = svnic_swap32(v->page->send_cons.index);
    uint32_t to = svnic_swap32(v->page->recv_prod.index);

    for (uint32_t i = 0; i < total; i++) {
        *byte_of(v, RECV_OFFSET, to, i) = *byte_of(v, SEND_OFFSET, from, i);
    }
    v->page->send_cons.index = svnic_swap32(from + SVNIC_FRAME_SLOTS(length));
    v->page->recv_prod.index = svnic_swap32(to + SVNIC_FRAME_SLOTS(length));
}

static const uint32_t lengths[] = {
    SVNIC_MIN_FRAME, 60, SVNIC_SLOT_SIZE - SVNIC_FRAME_HEADER,
    SVNIC_SLOT_SIZE - SVNIC_FRAME_HEADER + 1, 5000, SVNIC_MAX_FRAME,
};

static const uint32_t starts[] = {
    0, 1, SLOTS - 1, 0x7fffffff, UINT32_MAX - 30, UINT32_MAX - 1, UINT32_MAX,
};

/* Every length from every slot, over the queue's end and 2^32. */
static void frames_arrive(void)
{
    for (unsigned s = 0; s < G_N_ELEMENTS(starts); s++) {
        Vif v;

        vif_init(&v, starts[s]);
        for (unsigned i = 0; i < 4 * SLOTS; i++) {
            uint32_t length = lengths[i % G_N_ELEMENTS(lengths)];
            struct svnic_frame head = { .gso_type = 1, .gso_size = i };
            struct svnic_frame got;

            put(&v, length, i % 2 ? &head : NULL);
            g_assert_cmpuint(svnic_send_used(&v.o), ==,
                             SVNIC_FRAME_SLOTS(length));
            svnic_send_publish(&v.o);
            g_assert_cmpuint(svnic_swap32(v.page->send_prod.index), ==,
                             v.o.send_prod);
            card_moves(&v, length);
            g_assert_cmpuint(svnic_recv_ready(&v.o), ==,
                             SVNIC_FRAME_SLOTS(length));
            g_assert_cmpint(svnic_recv_take(&v.o, v.got, SVNIC_MAX_FRAME,
                                            &got), ==, length);
            g_assert_cmpmem(v.got, length, v.sent, length);
            g_assert_cmpuint(got.gso_type, ==, i % 2 ? 1 : 0);
            g_assert_cmpuint(got.gso_size, ==, i % 2 ? i : 0);
            svnic_recv_release(&v.o);
            g_assert_cmpuint(svnic_swap32(v.page->recv_cons.index), ==,
                             v.o.recv_cons);
        }
        g_assert_cmpint(svnic_recv_take(&v.o, v.got, SVNIC_MAX_FRAME, NULL),
                        ==, SVNIC_RECV_NONE);
        vif_end(&v);
    }
}

static void full_queue_refuses(void)
{
    for (unsigned s = 0; s < G_N_ELEMENTS(starts); s++) {
        Vif v;

        vif_init(&v, starts[s]);
        for (unsigned i = 0; i < SLOTS; i++) {
            g_assert_cmpuint(svnic_send_room(&v.o), ==, SLOTS - i);
            put(&v, 60, NULL);
        }
        g_assert_cmpuint(svnic_send_room(&v.o), ==, 0);
        g_assert_false(svnic_send_put(&v.o, v.sent, 60, NULL));
        card_moves(&v, 60);
        g_assert_false(svnic_send_put(&v.o, v.sent, 2048, NULL));
        put(&v, 60, NULL);
        g_assert_cmpuint(v.o.send_prod, ==, starts[s] + SLOTS + 1);
        vif_end(&v);
    }
}

/* The owner's rule against the firmware's, around each edge. */
static void same_rule_as_the_card(void)
{
    static const uint32_t edge[] = { 0, 0x7fffffff, 0x80000000, UINT32_MAX };

    for (unsigned e = 0; e < G_N_ELEMENTS(edge); e++) {
        for (unsigned f = 0; f < G_N_ELEMENTS(edge); f++) {
            for (unsigned i = 0; i < 7 * 7 * 7; i++) {
                uint32_t event = edge[e] + i % 7 - 3;
                uint32_t from = edge[f] + i / 7 % 7 - 3;
                uint32_t to = from + i / 49;

                g_assert_true(svnic_event_passed(event, from, to) ==
                              fw_event_passed(event, from, to));
            }
        }
    }
    g_assert_false(svnic_event_passed(10, 8, 10));
    g_assert_true(svnic_event_passed(10, 8, 11));
    g_assert_true(svnic_event_passed(UINT32_MAX, UINT32_MAX, 0));
    g_assert_false(svnic_event_passed(2, UINT32_MAX, 2));
}

static void rings_when_the_card_asks(void)
{
    for (unsigned s = 0; s < G_N_ELEMENTS(starts); s++) {
        Vif v;

        vif_init(&v, starts[s]);
        /* Asked for the next slot. */
        put(&v, 60, NULL);
        g_assert_true(svnic_send_publish(&v.o));
        g_assert_true(rung(&v, SVNIC_DB_SEND));
        /* Left alone, asked for nothing; publishing nothing is nothing. */
        put(&v, 60, NULL);
        g_assert_false(svnic_send_publish(&v.o));
        g_assert_false(svnic_send_publish(&v.o));
        /* Asked for the third of the next slots, which come in pairs. */
        v.page->send_cons.event = svnic_swap32(v.o.send_prod + 2);
        put(&v, 2048, NULL);
        g_assert_false(svnic_send_publish(&v.o));
        put(&v, 2048, NULL);
        g_assert_true(svnic_send_publish(&v.o));
        g_assert_true(rung(&v, SVNIC_DB_SEND));
        g_assert_false(rung(&v, SVNIC_DB_RECV));

        card_moves(&v, 60);
        g_assert_true(svnic_recv_take(&v.o, v.got, 60, &(struct svnic_frame)
                                      { 0 }) == 60);
        g_assert_false(svnic_recv_release(&v.o));
        v.page->recv_prod.event = svnic_swap32(v.o.recv_cons);
        card_moves(&v, 60);
        g_assert_true(svnic_recv_take(&v.o, v.got, 60, &(struct svnic_frame)
                                      { 0 }) == 60);
        g_assert_true(svnic_recv_release(&v.o));
        g_assert_true(rung(&v, SVNIC_DB_RECV));
        g_assert_false(rung(&v, SVNIC_DB_SEND));
        vif_end(&v);
    }
}

/* Armed, the card's move is signalled when it is what was asked for. */
static void arms_for_what_it_needs(void)
{
    for (unsigned s = 0; s < G_N_ELEMENTS(starts); s++) {
        uint32_t cons;
        uint32_t event;
        Vif v;

        vif_init(&v, starts[s]);
        for (unsigned i = 0; i < SLOTS; i++) {
            put(&v, 60, NULL);
        }
        cons = svnic_swap32(v.page->send_cons.index);
        g_assert_true(svnic_send_arm(&v.o, 3));
        event = svnic_swap32(v.page->send_prod.event);
        g_assert_false(fw_event_passed(event, cons, cons + 2));
        g_assert_true(fw_event_passed(event, cons, cons + 3));
        g_assert_true(fw_event_passed(event, cons + 2, cons + 4));
        v.page->send_cons.index = svnic_swap32(cons + 3);
        g_assert_false(svnic_send_arm(&v.o, 3));

        g_assert_true(svnic_recv_arm(&v.o));
        event = svnic_swap32(v.page->recv_cons.event);
        g_assert_true(fw_event_passed(event, v.o.recv_cons,
                                      v.o.recv_cons + 1));
        v.page->recv_prod.index = svnic_swap32(v.o.recv_cons + 1);
        g_assert_false(svnic_recv_arm(&v.o));
        vif_end(&v);
    }
}

/* What a broken card writes is refused, and nothing of it is used. */
static void broken_card_is_noticed(void)
{
    static const struct {
        uint32_t length, slots, ready;
        int32_t result;
    } row[] = {
        { 60, 1, 1, 60 },
        { 60, 1, SLOTS, 60 },
        { 60, 1, SLOTS + 1, SVNIC_RECV_BROKEN },
        { 60, 1, UINT32_MAX, SVNIC_RECV_BROKEN },
        { 60, 0, 1, SVNIC_RECV_BROKEN },
        { 60, 2, 2, SVNIC_RECV_BROKEN },
        { 13, 1, 1, SVNIC_RECV_BROKEN },
        { 0, 1, 1, SVNIC_RECV_BROKEN },
        { 5000, 3, 2, SVNIC_RECV_BROKEN },
        { SVNIC_MAX_FRAME, 33, SLOTS, SVNIC_MAX_FRAME },
        { SVNIC_MAX_FRAME + 1, 33, SLOTS, SVNIC_RECV_BROKEN },
        { UINT32_MAX, 1, SLOTS, SVNIC_RECV_BROKEN },
        { UINT32_MAX - 30, 0, SLOTS, SVNIC_RECV_BROKEN },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(row); i++) {
        struct svnic_frame head;
        struct svnic_frame *slot;
        Vif v;

        vif_init(&v, SLOTS - 1);
        slot = svnic_owner_at(&v.o, svnic_recv_slot(&v.o, SLOTS - 1));
        slot->length = svnic_swap32(row[i].length);
        slot->slots = svnic_swap16(row[i].slots);
        v.page->recv_prod.index = svnic_swap32(SLOTS - 1 + row[i].ready);
        g_assert_cmpint(svnic_recv_take(&v.o, v.got, SVNIC_MAX_FRAME, &head),
                        ==, row[i].result);
        g_assert_cmpuint(v.o.recv_cons - (SLOTS - 1), ==,
                         row[i].result > 0 ? row[i].slots : 0);
        v.page->send_cons.index = svnic_swap32(v.o.send_prod + 1);
        g_assert_cmpuint(svnic_send_room(&v.o), ==, 0);
        g_assert_false(svnic_send_put(&v.o, v.sent, 60, NULL));
        vif_end(&v);
    }
}

static void long_frame_stays(void)
{
    struct svnic_frame head;
    Vif v;

    vif_init(&v, 0);
    put(&v, 5000, NULL);
    card_moves(&v, 5000);
    v.got[4999] = 0x77;
    g_assert_cmpint(svnic_recv_take(&v.o, v.got, 4999, &head), ==,
                    SVNIC_RECV_TOO_LONG);
    g_assert_cmpuint(svnic_swap32(head.length), ==, 5000);
    g_assert_cmphex(v.got[4999], ==, 0x77);
    g_assert_cmpint(svnic_recv_take(&v.o, v.got, 5000, &head), ==, 5000);
    g_assert_cmpmem(v.got, 5000, v.sent, 5000);
    vif_end(&v);
}

static void bad_page_is_refused(void)
{
    static const struct {
        size_t member;
        uint32_t value;
    } row[] = {
        { SVNIC_PAGE(slot_size), 4096 }, { SVNIC_PAGE(slot_size), 0 },
        { SVNIC_PAGE(send_slots), 0 }, { SVNIC_PAGE(send_slots), 65 },
        { SVNIC_PAGE(send_slots), SLOTS / 2 },
        { SVNIC_PAGE(recv_slots), SVNIC_MAX_SLOTS * 2 },
        { SVNIC_PAGE(recv_slots), SLOTS * 2 },
        { SVNIC_PAGE(send_offset), 0 },
        { SVNIC_PAGE(send_offset), SEND_OFFSET - 32 },
        { SVNIC_PAGE(send_offset), 0xffffffc0 },
        { SVNIC_PAGE(recv_offset), RECV_OFFSET + 64 },
        { SVNIC_PAGE(recv_offset), SIZE }, { SVNIC_PAGE(recv_offset), 64 },
    };
    Vif v;

    vif_init(&v, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(row); i++) {
        uint32_t *word = svnic_owner_at(&v.o, row[i].member);
        uint32_t was = *word;

        *word = svnic_swap32(row[i].value);
        g_assert_false(svnic_owner_attach(&v.o, SIZE));
        *word = was;
        g_assert_true(svnic_owner_attach(&v.o, SIZE));
    }
    vif_end(&v);
}

static void signals_are_registers(void)
{
    Vif v;

    vif_init(&v, 0);
    v.doorbell[SVNIC_DB_SIGNAL_STATUS / 4] =
        svnic_swap32(SVNIC_SIGNAL_LINK | SVNIC_SIGNAL_RECV_WORK);
    g_assert_cmphex(svnic_signals(&v.o), ==,
                    SVNIC_SIGNAL_LINK | SVNIC_SIGNAL_RECV_WORK);
    svnic_signals_clear(&v.o, SVNIC_SIGNAL_LINK);
    svnic_signals_mask(&v.o, SVNIC_SIGNAL_STATE);
    svnic_signals_unmask(&v.o, SVNIC_SIGNAL_RECV_WORK);
    g_assert_cmphex(svnic_db_read(&v.o, SVNIC_DB_SIGNAL_STATUS), ==,
                    SVNIC_SIGNAL_LINK);
    g_assert_cmphex(svnic_db_read(&v.o, SVNIC_DB_SIGNAL_MASK_SET), ==,
                    SVNIC_SIGNAL_STATE);
    g_assert_cmphex(svnic_db_read(&v.o, SVNIC_DB_SIGNAL_MASK_CLEAR), ==,
                    SVNIC_SIGNAL_RECV_WORK);
    vif_end(&v);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ring/frames-arrive-from-every-slot", frames_arrive);
    g_test_add_func("/ring/full-queue-refuses", full_queue_refuses);
    g_test_add_func("/ring/same-rule-as-the-card", same_rule_as_the_card);
    g_test_add_func("/ring/rings-when-the-card-asks",
                    rings_when_the_card_asks);
    g_test_add_func("/ring/arms-for-what-it-needs", arms_for_what_it_needs);
    g_test_add_func("/ring/broken-card-is-noticed", broken_card_is_noticed);
    g_test_add_func("/ring/long-frame-stays", long_frame_stays);
    g_test_add_func("/ring/bad-page-is-refused", bad_page_is_refused);
    g_test_add_func("/ring/signals-are-registers", signals_are_registers);
    return g_test_run();
}
