/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MSF's receive state machine while others give it work as fast as it is
 * done: a call is bounded, and no work is lost.  Without firmware and fake
 * chip: this file implements the MACs, the chip, and the contexts that take
 * elements.
 */
#include <glib.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "hw/net/sv-nic/chip/ixp.h"

#ifdef __SANITIZE_THREAD__
#define FRAMES              30000       /* of each port */
#else
#define FRAMES              300000
#endif
#define DEADLINE            (120 * G_USEC_PER_SEC)
#define LENGTH              100         /* two elements */
#define BATCH               8
/* Most elements that one call moves. */
#define PART                (IXP_MSF_ROUNDS * IXP_MAX_PORTS * IXP_MSF_TURN)

typedef struct Side {
    struct Chip *c;
    unsigned port;
    pthread_t thread;
} Side;

/* Aligned to 64, as its first member asks. */
typedef struct Chip {
    IxpUnits units;
    unsigned feeding;           /* one mac_take() in so many gives some back */
    bool faults;                /* frames without bytes */
    unsigned ports;             /* that have frames */
    gint64 end;
    uint64_t left[IXP_MAX_PORTS];       /* frames; under rx_lock */
    uint32_t freed[IXP_MAX_PORTS];      /* of frames taken; under rx_lock */
    uint8_t frame[LENGTH];
    Side side[IXP_MAX_PORTS + 1];
    bool late;                  /* atomic, as all of these */
    uint32_t running;
    uint32_t due;               /* rx_defer was asked */
    uint64_t laters;
    uint32_t signals[IXP_MAX_CONTEXTS];
    uint64_t elements[IXP_MAX_PORTS];   /* that were given back */
} Chip;

static uint32_t set_signals(void *opaque, unsigned me, unsigned context,
                            uint32_t signals)
{
    Chip *c = opaque;

    return __atomic_fetch_or(&c->signals[context], signals, __ATOMIC_SEQ_CST);
}

/* Takes a few elements of @port and returns them; returns how many. */
static unsigned take_some(Chip *c, unsigned port)
{
    uint32_t rsw[BATCH];
    unsigned n = ixp_msf_receive(&c->units, port, 0, port, rsw, BATCH);

    if (n) {
        __atomic_fetch_add(&c->elements[port], n, __ATOMIC_RELAXED);
        ixp_msf_done(&c->units, rsw, n);
    }
    return n;
}

static unsigned mac_peek(void *opaque, unsigned port, IxpMacFrame *frame,
                         unsigned most)
{
    Chip *c = opaque;
    unsigned n;

    for (n = 0; n < most && n < c->left[port]; n++) {
        frame[n] = (IxpMacFrame) {
            .data = c->frame, .length = c->faults ? 0 : LENGTH,
            .end = FRAMES - c->left[port] + n + 1,
        };
    }
    return n;
}

static void mac_take(void *opaque, unsigned port, unsigned n, uint32_t end)
{
    Chip *c = opaque;

    g_assert_cmpuint(end, ==, FRAMES - c->left[port] + n);
    while (n--) {
        c->left[port]--;
        if (c->feeding && c->left[port] % c->feeding == 0) {
            take_some(c, port);
        }
    }
}

/* In order, and nothing before it was moved. */
static void mac_free(void *opaque, unsigned port, uint32_t end)
{
    Chip *c = opaque;

    g_assert_cmpuint(end, >, c->freed[port]);
    g_assert_cmpuint(end, <=, FRAMES - c->left[port]);
    c->freed[port] = end;
}

static void mac_rbuf_exhausted(void *opaque, unsigned port)
{
}

static void rx_defer(void *opaque)
{
    Chip *c = opaque;

    __atomic_fetch_add(&c->laters, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&c->due, 1, __ATOMIC_SEQ_CST);
}

static void enabled(void *opaque, unsigned me)
{
}

static const IxpUnitsOps ops = {
    .set_signals = set_signals,
    .enabled = enabled,
    .mac_peek = mac_peek,
    .mac_take = mac_take,
    .mac_free = mac_free,
    .mac_rbuf_exhausted = mac_rbuf_exhausted,
    .rx_defer = rx_defer,
};

static Chip *chip_new(unsigned ports)
{
    static const IxpUnitsConfig config = {
        .microengines = 1,
        .contexts = IXP_MAX_CONTEXTS,
        .scratch_size = IXP_SCRATCH_MIN,
        .scratch_rings = IXP_RINGS,
        .ring_full_room = IXP_RING_FULL_ROOM,
        .sram_size = IXP_SRAM_MIN,
        .sram_channels = IXP_SRAM_CHANNELS,
        .sram_queues = IXP_QUEUES,
        .me_mhz = IXP_ME_MHZ,
        .timestamp_cycles = IXP_TIMESTAMP_CYCLES,
    };
    void *memory = NULL;
    uint32_t map = 0;
    Chip *c;

    g_assert_cmpint(posix_memalign(&memory, 64, sizeof(*c)), ==, 0);
    c = memory;
    memset(c, 0, sizeof(*c));
    g_assert_true(ixp_units_init(&c->units, &config, &ops, c));
    c->ports = ports;
    c->end = g_get_monotonic_time() + DEADLINE;
    for (unsigned i = 0; i < IXP_MAX_PORTS; i++) {
        map |= IXP_MSF_PORT_MAP(i, i);
        c->left[i] = i < ports ? FRAMES : 0;
    }
    ixp_csr_write(&c->units, IXP_CSR_MSF_RX_PORT_MAP, map);
    ixp_csr_write(&c->units, IXP_CSR_MSF_RX_CONTROL, IXP_MSF_CONTROL_ENABLE);
    return c;
}

static void chip_free(Chip *c)
{
    ixp_units_free(&c->units);
    free(c);
}

/* All elements of RBUF are free now, which gives the machine work. */
static void give_all(Chip *c)
{
    for (unsigned i = 0; i < IXP_MSF_ELEMENTS; i++) {
        c->units.msf.rx_free[i / 64] |= UINT64_C(1) << (i % 64);
    }
}

static uint64_t moved(const Chip *c)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < IXP_MAX_PORTS; i++) {
        n += c->units.msf.port[i].rx_elements;
    }
    return n;
}

/* Each frame that is taken sets elements free: there is always more to do. */
static void one_call(gconstpointer data)
{
    unsigned ports = GPOINTER_TO_UINT(data);
    Chip *c = chip_new(ports);
    uint64_t calls = 0;
    uint64_t before = 0;

    c->feeding = 1;
    give_all(c);
    do {
        c->due = 0;
        ixp_msf_rx_run(&c->units);
        calls++;
        g_assert_cmpuint(moved(c) - before, <=, PART);
        before = moved(c);
    } while (c->due);
    g_assert_cmpuint(calls, >=, FRAMES / PART);
    g_assert_cmpuint(c->laters, ==, calls - 1);
    for (unsigned i = 0; i < ports; i++) {
        g_assert_cmpuint(c->left[i], ==, 0);
        while (take_some(c, i)) {
            continue;
        }
        g_assert_cmpuint(c->elements[i], ==, 2 * FRAMES);
    }
    g_assert_cmpuint(c->units.msf.rx_lock, ==, 0);
    chip_free(c);
}

/* Faults, which take no element, do not prolong a call, either. */
static void faults(void)
{
    Chip *c = chip_new(1);
    unsigned calls = 0;

    c->faults = true;
    give_all(c);
    do {
        uint64_t before = c->left[0];

        c->due = 0;
        ixp_msf_rx_run(&c->units);
        calls++;
        g_assert_cmpuint(before - c->left[0], <=, PART);
    } while (c->due);
    g_assert_cmpuint(c->left[0], ==, 0);
    g_assert_cmpuint(calls, >, 1);
    g_assert_cmpuint(moved(c), ==, 0);
    chip_free(c);
}

/* A port that is alone fills RBUF in one call, without rx_defer. */
static void alone(void)
{
    Chip *c = chip_new(IXP_MAX_PORTS);

    give_all(c);
    ixp_msf_rx_run(&c->units);
    g_assert_cmpuint(moved(c), ==, IXP_MSF_ELEMENTS);
    g_assert_cmpuint(c->laters, ==, 0);
    chip_free(c);
}

/* ---- on threads ---- */

/*
 * A context that receives: gives elements back, which gives work to the
 * machine.  When there is none it sleeps until it is signalled, and does
 * nothing that would have the machine look again.
 */
static void *receiver(void *opaque)
{
    Side *s = opaque;
    Chip *c = s->c;

    while (__atomic_load_n(&c->elements[s->port], __ATOMIC_RELAXED) <
           2 * FRAMES) {
        if (take_some(c, s->port)) {
            continue;
        }
        while (!__atomic_exchange_n(&c->signals[s->port], 0,
                                    __ATOMIC_SEQ_CST)) {
            if (g_get_monotonic_time() > c->end) {
                __atomic_store_n(&c->late, true, __ATOMIC_RELAXED);
                goto out;
            }
            sched_yield();
        }
    }
out:
    __atomic_fetch_sub(&c->running, 1, __ATOMIC_RELEASE);
    return NULL;
}

/* The chip's main loop: comes back when it was asked to, and only then. */
static void *main_loop(void *opaque)
{
    Side *s = opaque;
    Chip *c = s->c;

    while (__atomic_load_n(&c->running, __ATOMIC_ACQUIRE)) {
        if (__atomic_exchange_n(&c->due, 0, __ATOMIC_SEQ_CST)) {
            ixp_msf_rx_run(&c->units);
        } else {
            sched_yield();
        }
    }
    return NULL;
}

static void on_threads(void)
{
    Chip *c = chip_new(IXP_MAX_PORTS);

    c->feeding = BATCH / 2;
    c->running = IXP_MAX_PORTS;
    give_all(c);
    for (unsigned i = 0; i <= IXP_MAX_PORTS; i++) {
        c->side[i] = (Side) { .c = c, .port = i };
        g_assert_cmpint(pthread_create(&c->side[i].thread, NULL,
                                       i < IXP_MAX_PORTS ? receiver
                                                         : main_loop,
                                       &c->side[i]), ==, 0);
    }
    /*
     * The first frames come; from then on elements keep it going, those that
     * the receivers give back and those that come back while it runs.
     */
    ixp_msf_rx_run(&c->units);
    for (unsigned i = 0; i <= IXP_MAX_PORTS; i++) {
        g_assert_cmpint(pthread_join(c->side[i].thread, NULL), ==, 0);
    }
    g_test_message("left to others %" PRIu64 " times", c->laters);
    g_assert_false(c->late);
    g_assert_cmpuint(c->laters, >, 0);
    for (unsigned i = 0; i < IXP_MAX_PORTS; i++) {
        g_assert_cmpuint(c->left[i], ==, 0);
        g_assert_cmpuint(c->elements[i], ==, 2 * FRAMES);
    }
    chip_free(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/msf-rounds/a call is bounded with endless frames "
                         "of a port",
                         GUINT_TO_POINTER(1), one_call);
    g_test_add_data_func("/msf-rounds/a call is bounded with endless frames "
                         "of all ports",
                         GUINT_TO_POINTER(IXP_MAX_PORTS), one_call);
    g_test_add_func("/msf-rounds/a call is bounded with endless faults",
                    faults);
    g_test_add_func("/msf-rounds/a port that is alone uses all of RBUF", alone);
    g_test_add_func("/msf-rounds/no frame is left behind between threads",
                    on_threads);
    return g_test_run();
}
