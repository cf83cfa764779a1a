/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firmware on real threads: workers run the contexts, one thread an owner
 * sends and receives, the main thread is the manager.
 *
 * Owners look at a queue only when a signal said so, and workers run only
 * when signalled: a wake-up that is lost shows as a deadline that passes.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "card.h"

#define OWNERS                  4
#define WORKERS                 3
#define WINDOW                  100     /* frames in flight from A to B */
#define DEADLINE                (120 * G_USEC_PER_SEC)

#define MANAGED                 20      /* rounds of the manager, at least */

#ifdef __SANITIZE_THREAD__
#define FRAMES                  4000    /* from each to each, at least */
#else
#define FRAMES                  40000
#endif

typedef struct Owner {
    struct Stress *s;
    unsigned id;
    pthread_t thread;
    uint32_t sent[OWNERS];              /* its own thread's, until finished */
    atomic_bool finished;               /* it sends no more */
    atomic_uint received[OWNERS];       /* from that one */
    const char *complaint;
} Owner;

typedef struct Stress {
    Card *card;
    Owner owner[OWNERS];
    gint64 end;
    atomic_bool enough;                 /* FRAMES do; until then, on */
    atomic_uint running;
} Stress;

/* What a test frame says of itself, behind its MACs. */
typedef struct Label {
    uint32_t from;
    uint32_t number;
    uint32_t length;
} Label;

#define LABEL_AT                16

static uint32_t length_of(uint32_t from, uint32_t number)
{
    uint32_t x = number * 2654435761u + from;

    return x % 50 ? 60 + x % 200 : 60 + x % 9000;
}

/* Sends what the windows let through; true if it sent anything. */
static bool owner_send(Owner *o, uint8_t *data)
{
    bool enough = atomic_load(&o->s->enough);
    Guest *g = &o->s->card->guest[o->id];
    bool all = true;
    bool any = false;

    for (unsigned to = 0; to < OWNERS; to++) {
        Owner *peer = &o->s->owner[to];

        while (to != o->id && (o->sent[to] < FRAMES || !enough) &&
               o->sent[to] - atomic_load(&peer->received[o->id]) < WINDOW) {
            Label label = {
                .from = o->id, .number = o->sent[to],
                .length = length_of(o->id, o->sent[to]),
            };

            memcpy(data, card_mac(to), MAC_BYTES);
            memcpy(data + MAC_BYTES, card_mac(o->id), MAC_BYTES);
            memcpy(data + LABEL_AT, &label, sizeof(label));
            memset(data + LABEL_AT + sizeof(label), label.number,
                   label.length - LABEL_AT - sizeof(label));
            if (!guest_put(g, data, label.length, NULL)) {
                break;
            }
            o->sent[to]++;
            any = true;
        }
        all &= to == o->id || o->sent[to] >= FRAMES;
    }
    if (any) {
        guest_publish(g);
    }
    if (enough && all) {
        atomic_store(&o->finished, true);
    }
    return any;
}

static void owner_check(Owner *o, const uint8_t *data, uint32_t length)
{
    Label label;

    memcpy(&label, data + LABEL_AT, sizeof(label));
    if (length != label.length || memcmp(data, card_mac(o->id), MAC_BYTES) ||
        label.from >= OWNERS) {
        o->complaint = "a frame that is not as it was sent";
    } else if (label.number != atomic_load(&o->received[label.from])) {
        o->complaint = "a frame lost, doubled or out of order";
    } else if (data[LABEL_AT + sizeof(label)] != (uint8_t)label.number ||
               data[length - 1] != (uint8_t)label.number) {
        o->complaint = "bytes of another frame";
    } else {
        atomic_fetch_add(&o->received[label.from], 1);
    }
}

/* Takes what there is, then asks for a signal. */
static void owner_receive(Owner *o, uint8_t *data)
{
    Guest *g = &o->s->card->guest[o->id];
    struct svnic_frame head;
    uint32_t length;

    do {
        while ((length = guest_get(g, data, &head))) {
            owner_check(o, data, length);
        }
        guest_release(g);
    } while (!guest_wants_recv_signal(g));
}

static bool owner_done(const Owner *o)
{
    for (unsigned i = 0; i < OWNERS; i++) {
        const Owner *peer = &o->s->owner[i];

        if (!atomic_load(&peer->finished) ||
            atomic_load(&o->received[i]) != peer->sent[o->id]) {
            return false;
        }
    }
    return true;
}

static void *owner_run(void *opaque)
{
    Owner *o = opaque;
    Ixp *ix = o->s->card->ix;
    g_autofree uint8_t *data = g_malloc0(SVNIC_MAX_FRAME);

    while (!o->complaint && !owner_done(o)) {
        bool any = owner_send(o, data);

        if (fake_page_status(ix, o->id) & SVNIC_SIGNAL_RECV_WORK) {
            fake_page_status_clear(ix, o->id, SVNIC_SIGNAL_RECV_WORK);
            owner_receive(o, data);
            any = true;
        }
        if (g_get_monotonic_time() > o->s->end) {
            o->complaint = "a wake-up lost: the deadline has passed";
        }
        if (!any) {
            sched_yield();
        }
    }
    atomic_fetch_sub(&o->s->running, 1);
    return NULL;
}

static Stress *stress_new(bool enough)
{
    static const struct svnic_vif_attr large = {
        .mask = SVNIC_ATTR_MTU | SVNIC_ATTR_SEND_SLOTS |
                SVNIC_ATTR_RECV_SLOTS,
        .mtu = SVNIC_MAX_MTU, .send_slots = 64, .recv_slots = 2048,
    };
    FakeChipConfig config = card_default;
    Stress *s = g_new0(Stress, 1);

    config.sdram_size = 64 << 20;
    s->card = card_new(&config);
    for (unsigned i = 0; i < OWNERS; i++) {
        Owner *o = &s->owner[i];
        Guest *g = card_vif(s->card, i, &large);

        o->s = s;
        o->id = i;
        g_assert_true(guest_wants_recv_signal(g));
    }
    s->end = g_get_monotonic_time() + DEADLINE;
    atomic_store(&s->enough, enough);
    atomic_store(&s->running, OWNERS);
    return s;
}

static void stress_start(Stress *s)
{
    fake_chip_start(s->card->ix, WORKERS);
    for (unsigned i = 0; i < OWNERS; i++) {
        pthread_create(&s->owner[i].thread, NULL, owner_run, &s->owner[i]);
    }
}

static void stress_finish(Stress *s)
{
    for (unsigned i = 0; i < OWNERS; i++) {
        pthread_join(s->owner[i].thread, NULL);
    }
    fake_chip_stop(s->card->ix);
    for (unsigned i = 0; i < OWNERS; i++) {
        uint32_t sent = 0;
        uint32_t received = 0;

        g_assert_cmpstr(s->owner[i].complaint, ==, NULL);
        for (unsigned k = 0; k < OWNERS; k++) {
            sent += s->owner[i].sent[k];
            received += atomic_load(&s->owner[i].received[k]);
        }
        g_assert_cmpuint(sent, >=, (OWNERS - 1) * FRAMES);
        card_assert_error(s->card, i, SVNIC_ERR_NONE);
        g_assert_cmpuint(card_count(s->card, i, "recv-full"), ==, 0);
        g_assert_cmpuint(card_count(s->card, i, "send-frames"), ==, sent);
        g_assert_cmpuint(card_count(s->card, i, "recv-frames"), ==,
                         received);
        card_receives_nothing(&s->card->guest[i]);
    }
    card_free(s->card);
    g_free(s);
}

static void all_to_all(void)
{
    Stress *s = stress_new(true);

    stress_start(s);
    stress_finish(s);
}

/*
 * The manager makes, changes, resets and destroys other VIFs, and flips the
 * links, all the time; frames go on until it has done so MANAGED times,
 * however little of the processor it gets.
 */
static void commands_meanwhile(void)
{
    Stress *s = stress_new(false);
    Card *c = s->card;
    unsigned rounds = 0;

    stress_start(s);
    while (atomic_load(&s->running)) {
        struct svnic_vif_attr attr = {
            .mask = SVNIC_ATTR_MTU, .mtu = 1000 + rounds % 1000,
        };
        g_autofree Frame *f = NULL;
        Guest *g = card_vif(c, OWNERS, &attr);

        f = frame_new(card_mac(OWNERS), card_mac(OWNERS), 64);
        guest_put(g, f->data, f->length, NULL);
        guest_publish(g);
        g_assert_cmpuint(card_change_active(c, OWNERS, &attr), ==,
                         SVNIC_ST_OK);
        card_start(c, SVNIC_CMD_VIF_RESET, OWNERS);
        fake_port_link(c->ix, 0, rounds % 2);
        for (unsigned i = 0; i < OWNERS; i++) {
            g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_STATS, i,
                                              NULL), ==, SVNIC_ST_OK);
            card_count(c, i, "recv-bytes");
        }
        g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_DEACTIVATE, OWNERS,
                                          NULL), ==, SVNIC_ST_OK);
        g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_DESTROY, OWNERS,
                                          NULL), ==, SVNIC_ST_OK);
        if (++rounds >= MANAGED) {
            atomic_store(&s->enough, true);
        }
        sched_yield();
    }
    stress_finish(s);
}

/* ---- a frame that changes while it is read ---- */

typedef struct Flipper {
    Guest *g;
    atomic_bool quit;
} Flipper;

/* Two headers, each good by itself, written over each other at full speed. */
static void *flip(void *opaque)
{
    Flipper *f = opaque;
    uint32_t round = 0;

    while (!atomic_load(&f->quit)) {
        for (uint32_t i = 0; i < f->g->send_slots; i++) {
            struct svnic_frame *slot = guest_send_slot(f->g, i);
            uint8_t *mac = (uint8_t *)(slot + 1);
            bool odd = (round + i) % 2;

            __atomic_store_n(&slot->length, odd ? 64 : 3000,
                             __ATOMIC_RELAXED);
            __atomic_store_n(&slot->slots, odd ? 1 : 2, __ATOMIC_RELAXED);
            __atomic_store_n(mac + 5, odd ? 1 : 2, __ATOMIC_RELAXED);
            __atomic_store_n(mac + 11, odd ? 0 : 9, __ATOMIC_RELAXED);
            __atomic_store_n(mac + 6, odd ? 0x02 : 0xff, __ATOMIC_RELAXED);
        }
        round++;
    }
    return NULL;
}

static void changed_while_read(void)
{
    struct svnic_vif_attr large = {
        .mask = SVNIC_ATTR_MTU, .mtu = SVNIC_MAX_MTU,
    };
    g_autoptr(Card) c = NULL;
    Flipper flipper = { 0 };
    pthread_t thread;
    uint8_t *data;
    unsigned received = 0;
    unsigned stopped = 0;
    gint64 end = g_get_monotonic_time() + DEADLINE;

#ifdef __SANITIZE_THREAD__
    g_test_skip("what this test does is a data race");
    return;
#endif
    c = card_new(&card_default);
    data = g_malloc(SVNIC_MAX_FRAME);
    for (unsigned i = 0; i < 3; i++) {
        card_vif(c, i, &large);
    }
    flipper.g = g_new(Guest, 1);
    *flipper.g = c->guest[0];
    for (uint32_t i = 0; i < c->guest[0].send_slots; i++) {
        uint8_t *eth = (uint8_t *)(guest_send_slot(&c->guest[0], i) + 1);

        memcpy(eth, card_mac(1), MAC_BYTES);
        memcpy(eth + MAC_BYTES, card_mac(0), MAC_BYTES);
    }
    pthread_create(&thread, NULL, flip, &flipper);
    /* however long the two are kept from running at the same time */
    while ((received < 20000 || !stopped ||
            !card_count(c, 0, "send-spoofed")) &&
           g_get_monotonic_time() < end) {
        Guest *g = &c->guest[0];

        g->page->send_prod.index = g->page->send_cons.index + 64;
        fake_page_ring(c->ix, 0, IXP_PAGE_SEND);
        card_run(c);
        for (unsigned to = 1; to < 3; to++) {
            struct svnic_frame head;
            uint32_t length;

            while ((length = guest_get(&c->guest[to], data, &head))) {
                /* What was checked is what arrives. */
                g_assert_cmpmem(data, MAC_BYTES, card_mac(to), MAC_BYTES);
                g_assert_cmpmem(data + MAC_BYTES, MAC_BYTES, card_mac(0),
                                MAC_BYTES);
                g_assert_true(length == 64 || length == 3000);
                g_assert_cmpuint(head.slots, ==, SVNIC_FRAME_SLOTS(length));
                received++;
            }
            guest_release(&c->guest[to]);
        }
        if (g->page->state == SVNIC_VIF_STOPPED) {
            stopped++;
            card_start(c, SVNIC_CMD_VIF_RESET, 0);
        }
    }
    atomic_store(&flipper.quit, true);
    pthread_join(thread, NULL);
    g_assert_cmpuint(received, >=, 20000);
    g_assert_cmpuint(stopped, >, 0);
    g_assert_cmpuint(card_count(c, 0, "send-spoofed"), >, 0);
    g_free(flipper.g);
    g_free(data);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stress/each frame arrives once and in order",
                    all_to_all);
    g_test_add_func("/stress/so it does while the manager changes other VIFs",
                    commands_meanwhile);
    g_test_add_func("/stress/a frame that changes while it is read arrives as "
                    "it was checked", changed_while_read);
    return g_test_run();
}
