/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sv_nic_ring.h against a card in every possible order: all interleavings of
 * the two sides' accesses, each with a buffer from which its stores reach
 * memory later.  No wake-up is lost, and no slot is used by both.
 *
 * The owner is the header itself with hooks as its access functions: before
 * each access the card takes any number of its steps, and stores of either side
 * reach memory or do not.  Each such choice is tried, depth first, by running
 * the owner again; a state that was seen before is not explored again.  The
 * card's steps are those of firmware-stub/send.c, queue.c and recv.c.  Queues
 * have two slots, indices start in front of 2^32.
 */
#include <glib.h>
#include <setjmp.h>
#include <string.h>

#include "hw/net/sv-nic/sv_nic_abi.h"

#define SVNIC_RING_MEMORY
#define SVNIC_RING_DOORBELL
struct svnic_owner;
static uint32_t svnic_mem_load(const struct svnic_owner *o, uint32_t offset);
static void svnic_mem_store(const struct svnic_owner *o, uint32_t offset,
                            uint32_t value);
static void svnic_mem_read(const struct svnic_owner *o, uint32_t offset,
                           void *to, uint32_t size);
static void svnic_mem_write(const struct svnic_owner *o, uint32_t offset,
                            const void *from, uint32_t size);
static void svnic_mem_barrier(const struct svnic_owner *o);
static uint32_t svnic_db_read(const struct svnic_owner *o, uint32_t reg);
static void svnic_db_write(const struct svnic_owner *o, uint32_t reg,
                           uint32_t value);

#include "hw/net/sv-nic/sv_nic_ring.h"

#define SLOTS                   2
#define START                   (UINT32_MAX - 1)
#define LENGTH                  60
#define SEND                    0x1000  /* offset of the send slots */
#define RECV                    0x4000
#define BUFFER                  8       /* stores on their way */
#define CHOICES                 512

/* What lies in memory. */
enum {
    SEND_PROD, SEND_PROD_EVENT, SEND_CONS, SEND_CONS_EVENT,
    RECV_PROD, RECV_PROD_EVENT, RECV_CONS, RECV_CONS_EVENT,
    SEND_HEAD, SEND_DATA = SEND_HEAD + SLOTS,
    RECV_HEAD = SEND_DATA + SLOTS, RECV_DATA = RECV_HEAD + SLOTS,
    DOORBELL = RECV_DATA + SLOTS, STATUS_CLEAR,
    WORDS
};

typedef struct Store {
    uint32_t word, value;
    bool release;               /* not before those in front of it */
} Store;

typedef struct Side {
    Store store[BUFFER];
    uint32_t stores;
} Side;

typedef enum CardAt {
    SLEEPS, LOOKS, TAKES, PUBLISHES, ARMS, FENCES, SIGNALS, LOOKS_AGAIN,
    PRODUCES, PRODUCES_DATA, PUBLISHES_RECV, FENCES_RECV, SIGNALS_RECV,
} CardAt;

/* All that there is, without pointers or padding: it is hashed. */
typedef struct State {
    uint32_t mem[WORDS];
    Side owner, card;
    CardAt at;
    uint32_t cons, seen, from;  /* of the card's send side */
    uint32_t prod, produced;    /* of its receive side; frames produced */
    uint32_t status;            /* signals */
    uint32_t accesses;          /* the owner's so far */
    uint32_t loaded;            /* hash of what it has loaded */
} State;

/* What is tried. */
static struct {
    bool no_barrier;            /* the owner's do nothing */
    bool no_second_look;        /* the owner sleeps once it has asked */
    bool one_by_one;            /* the card takes a frame at a time */
    uint32_t frames;            /* that the card is to produce */
} setup;

static State state;
static jmp_buf seen_before;
static GHashTable *visited;
static unsigned choice[CHOICES], limit[CHOICES];
static unsigned depth, depth_end;
static unsigned lost, overwritten, runs;

static uint32_t mix(uint32_t hash, uint32_t value)
{
    hash = (hash ^ value) * 2654435761u;
    return hash ^ hash >> 15;
}

/* One of @n ways to go on. */
static unsigned choose(unsigned n)
{
    if (n == 1) {
        return 0;
    }
    if (depth == depth_end) {
        GBytes *key = g_bytes_new(&state, sizeof(state));

        if (!g_hash_table_add(visited, key)) {
            longjmp(seen_before, 1);
        }
        g_assert_cmpuint(depth, <, CHOICES);
        choice[depth_end] = 0;
        limit[depth_end++] = n;
    }
    g_assert_cmpuint(limit[depth], ==, n);
    return choice[depth++];
}

/* ---- memory ---- */

static void reaches_memory(uint32_t word, uint32_t value)
{
    switch (word) {
    case DOORBELL:
        if (state.at == SLEEPS) {
            state.at = LOOKS;
        } else {
            state.mem[DOORBELL] = 1;
        }
        break;
    case STATUS_CLEAR:
        state.status &= ~value;
        break;
    default:
        state.mem[word] = value;
    }
}

static uint32_t side_load(const Side *s, uint32_t word)
{
    for (unsigned i = s->stores; i--;) {
        if (s->store[i].word == word) {
            return s->store[i].value;
        }
    }
    return state.mem[word];
}

/* Whether store @i may reach memory now: no older one has to be first. */
static bool may_leave(const Side *s, unsigned i)
{
    for (unsigned k = 0; k < i; k++) {
        if (s->store[i].release || s->store[k].release ||
            s->store[k].word == s->store[i].word) {
            return false;
        }
    }
    return i < s->stores;
}

static void leave(Side *s, unsigned i)
{
    Store store = s->store[i];

    memmove(&s->store[i], &s->store[i + 1],
            (--s->stores - i) * sizeof(*s->store));
    s->store[s->stores] = (Store) { 0 };
    reaches_memory(store.word, store.value);
}

/* A full buffer waits for its oldest store. */
static void side_store(Side *s, uint32_t word, uint32_t value, bool release)
{
    if (s->stores == BUFFER) {
        leave(s, 0);
    }
    s->store[s->stores++] = (Store) { word, value, release };
}

static void flush(Side *s)
{
    while (s->stores) {
        leave(s, 0);
    }
}

/* ---- the card ---- */

static bool card_may_step(void)
{
    bool room = state.prod - state.mem[RECV_CONS] < SLOTS;

    return state.at != SLEEPS || (state.produced < setup.frames && room);
}

/* Frame number of the one at @index; its slot holds that, once written. */
static uint32_t frame_at(uint32_t index)
{
    return index - START + 1;
}

static void card_takes(void)
{
    state.from = state.cons;
    do {
        uint32_t slot = state.cons % SLOTS;

        if (side_load(&state.card, SEND_HEAD + slot) !=
            frame_at(state.cons) ||
            side_load(&state.card, SEND_DATA + slot) !=
            frame_at(state.cons)) {
            overwritten++;
        }
        state.cons++;
    } while (state.cons != state.seen && !setup.one_by_one);
}

static void card_asleep(void)
{
    if (state.mem[DOORBELL]) {
        state.mem[DOORBELL] = 0;
        state.at = LOOKS;
    } else {
        state.at = SLEEPS;
    }
}

static void card_step_recv(void)
{
    Side *s = &state.card;
    uint32_t slot = state.prod % SLOTS;

    switch (state.at) {
    case PRODUCES:
        side_store(s, RECV_HEAD + slot, frame_at(state.prod), false);
        state.at = PRODUCES_DATA;
        break;
    case PRODUCES_DATA:
        side_store(s, RECV_DATA + slot, frame_at(state.prod), false);
        state.prod++;
        state.produced++;
        state.at = PUBLISHES_RECV;
        break;
    case PUBLISHES_RECV:
        side_store(s, RECV_PROD, state.prod, true);
        state.at = FENCES_RECV;
        break;
    case FENCES_RECV:
        flush(s);
        state.at = SIGNALS_RECV;
        break;
    default:
        if (svnic_event_passed(side_load(s, RECV_CONS_EVENT), state.prod - 1,
                               state.prod)) {
            state.status |= SVNIC_SIGNAL_RECV_WORK;
        }
        card_asleep();
    }
}

static void card_step(void)
{
    Side *s = &state.card;

    switch (state.at) {
    case SLEEPS:
        state.at = PRODUCES;
        break;
    case LOOKS:
        state.seen = side_load(s, SEND_PROD);
        state.at = state.seen == state.cons ? ARMS : TAKES;
        break;
    case TAKES:
        card_takes();
        state.at = PUBLISHES;
        break;
    case PUBLISHES:
        side_store(s, SEND_CONS, state.cons, true);
        state.at = state.cons == state.seen ? ARMS : FENCES;
        break;
    case ARMS:
        side_store(s, SEND_CONS_EVENT, state.cons, true);
        state.at = FENCES;
        break;
    case FENCES:
        flush(s);
        state.at = SIGNALS;
        break;
    case SIGNALS:
        if (svnic_event_passed(side_load(s, SEND_PROD_EVENT), state.from,
                               state.cons)) {
            state.status |= SVNIC_SIGNAL_SEND_DONE;
        }
        state.from = state.cons;
        state.at = state.cons == state.seen ? LOOKS_AGAIN : TAKES;
        break;
    case LOOKS_AGAIN:
        if (side_load(s, SEND_PROD) != state.cons) {
            state.at = LOOKS;
        } else {
            card_asleep();
        }
        break;
    default:
        card_step_recv();
    }
}

/* ---- every order ---- */

/*
 * Everything but the owner goes on by one step, if @more can stop it before,
 * by none.  False: it was stopped, or nothing can go on.
 */
static bool others_step(bool more)
{
    unsigned way[2 * BUFFER + 2];
    unsigned n = 0;
    unsigned taken;

    if (more) {
        way[n++] = UINT_MAX;
    }
    if (card_may_step()) {
        way[n++] = UINT_MAX - 1;
    }
    for (unsigned i = 0; i < BUFFER; i++) {
        if (may_leave(&state.owner, i)) {
            way[n++] = i;
        }
        if (may_leave(&state.card, i)) {
            way[n++] = BUFFER + i;
        }
    }
    if (!n) {
        return false;
    }
    taken = way[choose(n)];
    if (taken == UINT_MAX) {
        return false;
    }
    if (taken == UINT_MAX - 1) {
        card_step();
    } else if (taken < BUFFER) {
        leave(&state.owner, taken);
    } else {
        leave(&state.card, taken - BUFFER);
    }
    return true;
}

static void in_front_of_an_access(void)
{
    while (others_step(true)) {
        continue;
    }
    state.accesses++;
}

/* The owner sleeps until one of @bits is signalled; false: it never is. */
static bool sleeps(uint32_t bits)
{
    do {
        if (state.status & bits) {
            return true;
        }
    } while (others_step(false));
    return false;
}

/* ---- the owner's accesses ---- */

static uint32_t word_of(uint32_t offset)
{
    switch (offset) {
    case SVNIC_PAGE(send_prod.index):
        return SEND_PROD;
    case SVNIC_PAGE(send_prod.event):
        return SEND_PROD_EVENT;
    case SVNIC_PAGE(send_cons.index):
        return SEND_CONS;
    case SVNIC_PAGE(send_cons.event):
        return SEND_CONS_EVENT;
    case SVNIC_PAGE(recv_prod.index):
        return RECV_PROD;
    case SVNIC_PAGE(recv_prod.event):
        return RECV_PROD_EVENT;
    case SVNIC_PAGE(recv_cons.index):
        return RECV_CONS;
    case SVNIC_PAGE(recv_cons.event):
        return RECV_CONS_EVENT;
    }
    g_assert_not_reached();
}

/* Header or data of a slot. */
static uint32_t slot_word(uint32_t offset)
{
    bool recv = offset >= RECV;
    uint32_t at = offset - (recv ? RECV : SEND);
    bool data = at % SVNIC_SLOT_SIZE;

    g_assert_cmpuint(at, <, SLOTS * SVNIC_SLOT_SIZE);
    g_assert_cmpuint(at % SVNIC_SLOT_SIZE, ==, data ? SVNIC_FRAME_HEADER : 0);
    return at / SVNIC_SLOT_SIZE + (recv ? data ? RECV_DATA : RECV_HEAD
                                        : data ? SEND_DATA : SEND_HEAD);
}

static uint32_t svnic_mem_load(const struct svnic_owner *o, uint32_t offset)
{
    uint32_t value;

    in_front_of_an_access();
    value = side_load(&state.owner, word_of(offset));
    state.loaded = mix(state.loaded, value);
    return value;
}

static void svnic_mem_store(const struct svnic_owner *o, uint32_t offset,
                            uint32_t value)
{
    in_front_of_an_access();
    side_store(&state.owner, word_of(offset), value, true);
}

static void svnic_mem_read(const struct svnic_owner *o, uint32_t offset,
                           void *to, uint32_t size)
{
    uint32_t word = slot_word(offset);
    uint32_t value;

    in_front_of_an_access();
    value = side_load(&state.owner, word);
    state.loaded = mix(state.loaded, value);
    memset(to, 0, size);
    if (word < RECV_DATA) {
        *(struct svnic_frame *)to = (struct svnic_frame) {
            .length = svnic_swap32(value ? LENGTH : 0),
            .slots = svnic_swap16(1),
            .hdr_len = value,
        };
    } else {
        *(uint8_t *)to = value;
    }
}

static void svnic_mem_write(const struct svnic_owner *o, uint32_t offset,
                            const void *from, uint32_t size)
{
    const struct svnic_frame *head = from;
    uint32_t word = slot_word(offset);

    in_front_of_an_access();
    side_store(&state.owner, word, word < SEND_DATA ? head->hdr_len
                                                    : *(uint8_t *)from, false);
}

static void svnic_mem_barrier(const struct svnic_owner *o)
{
    if (!setup.no_barrier) {
        in_front_of_an_access();
        flush(&state.owner);
    }
}

static uint32_t svnic_db_read(const struct svnic_owner *o, uint32_t reg)
{
    in_front_of_an_access();
    state.loaded = mix(state.loaded, state.status);
    return state.status;
}

static void svnic_db_write(const struct svnic_owner *o, uint32_t reg,
                           uint32_t value)
{
    in_front_of_an_access();
    side_store(&state.owner, reg == SVNIC_DB_SEND ? DOORBELL : STATUS_CLEAR,
               value, true);
}

/* ---- what the owner does ---- */

/* Sends four frames through two slots and sleeps while there is no room. */
static void sends(struct svnic_owner *o)
{
    for (uint32_t frame = 1; frame <= 4; frame++) {
        const uint8_t data[LENGTH] = { frame };
        struct svnic_frame head = { .hdr_len = frame };

        while (!svnic_send_put(o, data, sizeof(data), &head)) {
            svnic_signals_clear(o, SVNIC_SIGNAL_SEND_DONE);
            if ((svnic_send_arm(o, 1) || setup.no_second_look) &&
                !sleeps(SVNIC_SIGNAL_SEND_DONE)) {
                lost++;
                return;
            }
        }
        svnic_send_publish(o);
    }
    while (others_step(false)) {
        continue;
    }
    lost += state.cons != o->send_prod;
}

/* Receives what the card produces and sleeps while there is nothing. */
static void receives(struct svnic_owner *o)
{
    for (uint32_t frame = 1; frame <= setup.frames; frame++) {
        uint8_t data[LENGTH];
        struct svnic_frame head;
        int32_t length;

        while (!(length = svnic_recv_take(o, data, sizeof(data), &head))) {
            svnic_signals_clear(o, SVNIC_SIGNAL_RECV_WORK);
            if ((svnic_recv_arm(o) || setup.no_second_look) &&
                !sleeps(SVNIC_SIGNAL_RECV_WORK)) {
                lost++;
                return;
            }
        }
        if (length != LENGTH || head.hdr_len != frame || data[0] != frame) {
            overwritten++;
        }
        svnic_recv_release(o);
    }
}

static void start(struct svnic_owner *o)
{
    static const uint32_t indices[] = {
        SEND_PROD, SEND_CONS, SEND_CONS_EVENT, RECV_PROD, RECV_CONS,
    };

    memset(&state, 0, sizeof(state));
    for (unsigned i = 0; i < G_N_ELEMENTS(indices); i++) {
        state.mem[indices[i]] = START;
    }
    /* Behind both indices: asks for nothing. */
    state.mem[SEND_PROD_EVENT] = state.mem[RECV_PROD_EVENT] = START - 1;
    state.mem[RECV_CONS_EVENT] = START - 1;
    state.cons = state.seen = state.from = state.prod = START;
    *o = (struct svnic_owner) {
        .send_slots = SLOTS, .recv_slots = SLOTS,
        .send_offset = SEND, .recv_offset = RECV,
        .send_prod = START, .send_published = START,
        .recv_cons = START, .recv_released = START,
    };
}

/* With @stop no further than to the first wake-up that is lost. */
static void every_order(void (*owner)(struct svnic_owner *), bool stop)
{
    struct svnic_owner o;

    visited = g_hash_table_new_full(g_bytes_hash, g_bytes_equal,
                                    (GDestroyNotify)g_bytes_unref, NULL);
    lost = overwritten = runs = depth_end = 0;
    do {
        depth = 0;
        start(&o);
        runs++;
        if (!setjmp(seen_before)) {
            owner(&o);
        }
        while (depth_end && ++choice[depth_end - 1] == limit[depth_end - 1]) {
            depth_end--;
        }
    } while (depth_end && !(stop && lost));
    g_test_message("%u runs, %u states", runs, g_hash_table_size(visited));
    g_hash_table_destroy(visited);
}

static void send_loses_nothing(void)
{
    for (unsigned i = 0; i < 2; i++) {
        memset(&setup, 0, sizeof(setup));
        setup.one_by_one = i;
        every_order(sends, false);
        g_assert_cmpuint(lost, ==, 0);
        g_assert_cmpuint(overwritten, ==, 0);
    }
}

static void recv_loses_nothing(void)
{
    memset(&setup, 0, sizeof(setup));
    setup.frames = 4;
    every_order(receives, false);
    g_assert_cmpuint(lost, ==, 0);
    g_assert_cmpuint(overwritten, ==, 0);
}

/* The model finds what it is for. */
static void barriers_are_needed(void)
{
    memset(&setup, 0, sizeof(setup));
    setup.no_barrier = true;
    every_order(sends, true);
    g_assert_cmpuint(lost, >, 0);
    setup.frames = 4;
    every_order(receives, true);
    g_assert_cmpuint(lost, >, 0);
}

static void second_looks_are_needed(void)
{
    memset(&setup, 0, sizeof(setup));
    setup.no_second_look = true;
    every_order(sends, true);
    g_assert_cmpuint(lost, >, 0);
    setup.frames = 4;
    every_order(receives, true);
    g_assert_cmpuint(lost, >, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ring-order/send-loses-nothing", send_loses_nothing);
    g_test_add_func("/ring-order/recv-loses-nothing", recv_loses_nothing);
    g_test_add_func("/ring-order/barriers-are-needed", barriers_are_needed);
    g_test_add_func("/ring-order/second-looks-are-needed",
                    second_looks_are_needed);
    return g_test_run();
}
