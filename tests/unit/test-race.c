/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The chip's units from both sides at once, on real threads: the host at the
 * PCI CSRs, the XScale and microengines at rings, queue arrays, signals and
 * their registers.  No firmware and no fake chip: this file is the chip.
 *
 * What must hold whatever the order: no word, buffer, signal or doorbell is
 * lost, doubled or made up, and the counters say how many there were.
 */
#include <glib.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "hw/net/sv-nic/chip/ixp.h"
#include "hw/net/sv-nic/chip/ixp2400-pci.h"

#ifdef __SANITIZE_THREAD__
#define ROUNDS              100000
#else
#define ROUNDS              300000
#endif

#define THREADS_MAX         5
#define SDRAM_SIZE          (1u << 20)
#define DEADLINE            (60 * G_USEC_PER_SEC)

typedef struct Race Race;

typedef struct Thread {
    Race *r;
    unsigned id;
    pthread_t thread;
    GRand *rand;
    const char *complaint;
} Thread;

/* Aligned to 64, as its first member asks. */
struct Race {
    IxpUnits units;
    IxpPci pci;
    uint8_t sdram[SDRAM_SIZE];
    gint64 end;
    Thread thread[THREADS_MAX];
    unsigned threads;

    /* atomic */
    uint64_t now;
    uint32_t signals[IXP_MAX_MICROENGINES][IXP_MAX_CONTEXTS];
    uint32_t doorbells;         /* the XScale has to look */
    unsigned running;           /* threads that have work of their own */
    const char *transfer;       /* what was wrong with one */

    /* of single tests, atomic */
    uint64_t done[THREADS_MAX];
    uint64_t lost[THREADS_MAX];
    uint64_t posted[32];
    uint64_t answered[32];
};

/* ---- the chip around the units ---- */

static uint64_t race_clock(void *opaque)
{
    Race *r = opaque;

    return __atomic_add_fetch(&r->now, 100, __ATOMIC_RELAXED);
}

static uint32_t race_set_signals(void *opaque, unsigned me, unsigned context,
                                 uint32_t signals)
{
    Race *r = opaque;

    return __atomic_fetch_or(&r->signals[me][context], signals,
                             __ATOMIC_SEQ_CST);
}

static uint32_t race_signals(void *opaque, unsigned me, unsigned context)
{
    Race *r = opaque;

    return __atomic_load_n(&r->signals[me][context], __ATOMIC_RELAXED);
}

static int race_active(void *opaque, unsigned me)
{
    return -1;
}

static void race_enabled(void *opaque, unsigned me)
{
}

static const IxpUnitsOps race_units_ops = {
    .clock = race_clock,
    .set_signals = race_set_signals,
    .signals = race_signals,
    .active = race_active,
    .enabled = race_enabled,
};

/* Every other megabyte has a target. */
static bool race_transfer(void *opaque, uint32_t address, uint8_t *sdram,
                          uint32_t *n, bool to_pci)
{
    Race *r = opaque;

    if (sdram < r->sdram || *n > SDRAM_SIZE ||
        (size_t)(sdram - r->sdram) > SDRAM_SIZE - *n) {
        r->transfer = "a transfer beyond SDRAM";
    } else if (!to_pci) {
        memset(sdram, address >> 8, *n);
    }
    return address & (1u << 20);
}

static bool race_dma_over(void *opaque)
{
    return false;
}

static void race_dma_due(void *opaque)
{
}

static void race_doorbell(void *opaque)
{
    Race *r = opaque;

    __atomic_store_n(&r->doorbells, 1, __ATOMIC_SEQ_CST);
}

static const IxpPciOps race_pci_ops = {
    .transfer = race_transfer,
    .dma_over = race_dma_over,
    .dma_due = race_dma_due,
    .doorbell = race_doorbell,
};

static Race *race_new(void)
{
    static const IxpUnitsConfig config = {
        .microengines = IXP_MAX_MICROENGINES,
        .contexts = IXP_MAX_CONTEXTS,
        .scratch_size = IXP_SCRATCH_SIZE,
        .scratch_rings = IXP_RINGS,
        .ring_full_room = IXP_RING_FULL_ROOM,
        .sram_size = IXP_SRAM_MIN,
        .sram_channels = IXP_SRAM_CHANNELS,
        .sram_queues = IXP_QUEUES,
        .me_mhz = IXP_ME_MHZ,
        .timestamp_cycles = IXP_TIMESTAMP_CYCLES,
    };
    void *memory;
    Race *r;

    g_assert_cmpint(posix_memalign(&memory, 64, sizeof(*r)), ==, 0);
    r = memory;
    memset(r, 0, sizeof(*r));
    g_assert_true(ixp_units_init(&r->units, &config, &race_units_ops, r));
    r->pci = (IxpPci) {
        .ops = &race_pci_ops, .opaque = r, .sdram = r->sdram,
        .sdram_size = SDRAM_SIZE, .chain_max = 64,
    };
    ixp_pci_reset(&r->pci);
    r->end = g_get_monotonic_time() + DEADLINE;
    return r;
}

static void race_free(Race *r)
{
    ixp_units_free(&r->units);
    free(r);
}

static void race_add(Race *r, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        Thread *t = &r->thread[r->threads];

        t->r = r;
        t->id = r->threads++;
        t->rand = g_rand_new_with_seed(t->id);
    }
}

/* Thread i runs run[i]; @working of them have an end of their own. */
static void race_run(Race *r, void *(*const run[])(void *), unsigned n,
                     unsigned working)
{
    race_add(r, n);
    __atomic_store_n(&r->running, working, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < n; i++) {
        pthread_create(&r->thread[i].thread, NULL, run[i], &r->thread[i]);
    }
    for (unsigned i = 0; i < n; i++) {
        pthread_join(r->thread[i].thread, NULL);
        g_rand_free(r->thread[i].rand);
    }
    for (unsigned i = 0; i < n; i++) {
        g_assert_cmpstr(r->thread[i].complaint, ==, NULL);
    }
    g_assert_cmpstr(r->transfer, ==, NULL);
}

static void thread_ends(Thread *t)
{
    __atomic_fetch_sub(&t->r->running, 1, __ATOMIC_SEQ_CST);
}

static bool others_run(const Thread *t)
{
    return __atomic_load_n(&t->r->running, __ATOMIC_SEQ_CST);
}

/* Nothing to do for now; false: the test has ended. */
static bool thread_waits(Thread *t)
{
    if (g_get_monotonic_time() > t->r->end) {
        t->complaint = "it never came: the deadline has passed";
        return false;
    }
    sched_yield();
    return true;
}

/* ---- a scratch ring ---- */

#define RING                3
#define RING_BASE           1024
#define PRODUCERS           2
#define CONSUMERS           2
#define LABEL(id, number)   ((id) << 24 | (number))

static void *ring_producer(void *opaque)
{
    Thread *t = opaque;
    Race *r = t->r;
    uint32_t number = 0;

    while (number < ROUNDS) {
        uint32_t words[IXP_RING_BURST];
        unsigned n = g_rand_int_range(t->rand, 1, IXP_RING_BURST + 1);
        unsigned fit;

        n = MIN(n, ROUNDS - number);
        for (unsigned i = 0; i < n; i++) {
            words[i] = LABEL(t->id, number + i);
        }
        fit = ixp_ring_put(&r->units, RING, words, n);
        number += fit;
        r->lost[t->id] += n - fit;
        if (fit < n && !thread_waits(t)) {
            break;
        }
    }
    thread_ends(t);
    return NULL;
}

static void *ring_consumer(void *opaque)
{
    Thread *t = opaque;
    Race *r = t->r;
    uint32_t next[PRODUCERS] = { 0 };

    for (;;) {
        uint32_t words[IXP_RING_BURST];
        bool last = !others_run(t);
        unsigned n = g_rand_int_range(t->rand, 1, IXP_RING_BURST + 1);
        unsigned got = ixp_ring_get(&r->units, RING, words, n);

        for (unsigned i = 0; i < got; i++) {
            unsigned from = words[i] >> 24;
            uint32_t number = words[i] & 0xffffff;

            if (from >= PRODUCERS || number < next[from]) {
                t->complaint = "a word made up, doubled or out of order";
                return NULL;
            }
            next[from] = number + 1;
        }
        r->done[t->id] += got;
        if (!got) {
            r->lost[t->id]++;
            if (last || !thread_waits(t)) {
                return NULL;
            }
        }
    }
}

/* What HEAD and TAIL may show. */
static bool in_ring(uint32_t offset)
{
    return offset % 4 == 0 && offset >= RING_BASE &&
           offset < RING_BASE + IXP_RING_MIN_WORDS * 4;
}

static void *ring_watcher(void *opaque)
{
    Thread *t = opaque;
    IxpUnits *u = &t->r->units;

    while (others_run(t)) {
        uint32_t head = ixp_csr_read(u, IXP_CSR_RING_HEAD(RING));
        uint32_t tail = ixp_csr_read(u, IXP_CSR_RING_TAIL(RING));

        if (!in_ring(head) || !in_ring(tail)) {
            t->complaint = "HEAD or TAIL outside of the ring";
        }
        t->r->done[t->id] += ixp_ring_full(u, RING) ||
                             ixp_ring_empty(u, RING);
        sched_yield();
    }
    return NULL;
}

static void ring(void)
{
    void *(*const run[])(void *) = {
        ring_producer, ring_producer, ring_consumer, ring_consumer,
        ring_watcher,
    };
    Race *r = race_new();
    const IxpScratchRing *ring = &r->units.ring[RING];

    ixp_csr_write(&r->units, IXP_CSR_RING_BASE(RING), RING_BASE);
    race_run(r, run, G_N_ELEMENTS(run), PRODUCERS);
    g_assert_cmpuint(r->done[2] + r->done[3], ==, PRODUCERS * ROUNDS);
    g_assert_cmpuint(ring->puts, ==, PRODUCERS * ROUNDS);
    g_assert_cmpuint(ring->gets, ==, PRODUCERS * ROUNDS);
    g_assert_cmpuint(ring->overflows, ==, r->lost[0] + r->lost[1]);
    g_assert_cmpuint(ring->empties, ==, r->lost[2] + r->lost[3]);
    race_free(r);
}

/* ---- queue arrays ---- */

#define BUFFERS             48
#define BUFFER_SIZE         64
#define QUEUES              4

/* Word 0 is the controller's link, word 1 the thread that has the buffer. */
static uint32_t *buffer_owner(Race *r, uint32_t offset)
{
    return (uint32_t *)(r->units.sram + offset) + 1;
}

static void *queue_user(void *opaque)
{
    Thread *t = opaque;
    Race *r = t->r;
    unsigned moved = 0;

    while (moved < ROUNDS) {
        unsigned from = g_rand_int_range(t->rand, 0, QUEUES);
        unsigned to = g_rand_int_range(t->rand, 0, QUEUES);
        uint32_t offset;

        if (!ixp_queue_dequeue(&r->units, from % 2, from, &offset)) {
            continue;
        }
        if (offset % BUFFER_SIZE || offset >= BUFFERS * BUFFER_SIZE ||
            __atomic_exchange_n(buffer_owner(r, offset), t->id + 1,
                                __ATOMIC_RELAXED)) {
            t->complaint = "a buffer made up, or of another thread";
            break;
        }
        __atomic_store_n(buffer_owner(r, offset), 0, __ATOMIC_RELAXED);
        ixp_queue_enqueue(&r->units, to % 2, to, offset);
        moved++;
    }
    return NULL;
}

static void queues(void)
{
    void *(*const run[])(void *) = { queue_user, queue_user, queue_user };
    Race *r = race_new();
    bool seen[BUFFERS] = { false };

    for (uint32_t i = 0; i < BUFFERS; i++) {
        *buffer_owner(r, i * BUFFER_SIZE) = 0;
        g_assert_true(ixp_queue_enqueue(&r->units, 0, 0, i * BUFFER_SIZE));
    }
    race_run(r, run, G_N_ELEMENTS(run), 0);
    for (unsigned q = 0; q < QUEUES; q++) {
        uint32_t offset;

        while (ixp_queue_dequeue(&r->units, q % 2, q, &offset)) {
            g_assert_false(seen[offset / BUFFER_SIZE]);
            seen[offset / BUFFER_SIZE] = true;
        }
        g_assert_cmpuint(ixp_queue_count(&r->units, q % 2, q), ==, 0);
    }
    for (unsigned i = 0; i < BUFFERS; i++) {
        g_assert_true(seen[i]);
    }
    race_free(r);
}

/* ---- signals from thread to thread ---- */

static void *signal_sender(void *opaque)
{
    Thread *t = opaque;
    Race *r = t->r;

    for (unsigned i = 0; i < ROUNDS; i++) {
        uint32_t bit = 1u << g_rand_int_range(t->rand, 1, 16);

        if (ixp_thread_signal(&r->units, 1, 2, bit)) {
            r->done[t->id]++;
        } else {
            r->lost[t->id]++;
        }
    }
    thread_ends(t);
    return NULL;
}

static void *signal_receiver(void *opaque)
{
    Thread *t = opaque;
    Race *r = t->r;
    bool last;

    do {
        uint32_t seen;

        last = !others_run(t);
        seen = __atomic_exchange_n(&r->signals[1][2], 0, __ATOMIC_SEQ_CST);
        r->done[t->id] += __builtin_popcount(seen);
        if (!seen) {
            sched_yield();
        }
    } while (!last);
    return NULL;
}

static void signals(void)
{
    void *(*const run[])(void *) = {
        signal_sender, signal_sender, signal_receiver,
    };
    Race *r = race_new();

    race_run(r, run, G_N_ELEMENTS(run), 2);
    g_assert_cmpuint(r->done[2], ==, r->done[0] + r->done[1]);
    g_assert_cmpuint(r->units.signals_sent, ==, 2 * ROUNDS);
    g_assert_cmpuint(r->units.signals_lost, ==, r->lost[0] + r->lost[1]);
    race_free(r);
}

/* ---- doorbells and mailboxes ---- */

#define HOST_BITS           8       /* 7:0 of XSCALE_DOORBELL */
#define CARD_BIT(id)        (16 + (id))
#define POSTS               (ROUNDS / 100)

/*
 * One side counts up and rings, the other clears the bit, then looks.  Each
 * waits for the answer before it rings with that bit again, so that a single
 * ring that is lost is found.
 */
static bool is_answered(Race *r, unsigned bit)
{
    return __atomic_load_n(&r->answered[bit], __ATOMIC_RELAXED) ==
           __atomic_load_n(&r->posted[bit], __ATOMIC_RELAXED);
}

static void answer(Race *r, uint32_t bits)
{
    for (; bits; bits &= bits - 1) {
        unsigned bit = __builtin_ctz(bits);

        __atomic_store_n(&r->answered[bit],
                         __atomic_load_n(&r->posted[bit], __ATOMIC_RELAXED),
                         __ATOMIC_RELAXED);
    }
}

static bool host_rings(Thread *t)
{
    Race *r = t->r;
    bool any = false;

    for (unsigned bit = 0; bit < HOST_BITS; bit++) {
        if (is_answered(r, bit)) {
            __atomic_fetch_add(&r->posted[bit], 1, __ATOMIC_RELAXED);
            ixp_pci_write(&r->pci, SVNIC_PCI_CSR_XSCALE_DOORBELL, 1u << bit);
            any = true;
        }
    }
    return any;
}

static bool host_answers(Thread *t)
{
    Race *r = t->r;
    uint32_t value, mailbox;

    ixp_pci_read(&r->pci, SVNIC_PCI_CSR_PCI_DOORBELL, &value);
    ixp_pci_write(&r->pci, SVNIC_PCI_CSR_PCI_DOORBELL, value);
    answer(r, value);
    ixp_pci_read(&r->pci, SVNIC_PCI_CSR_MAILBOX(1), &mailbox);
    if (mailbox >> 16 != (mailbox & 0xffff)) {
        t->complaint = "half of a mailbox";
    }
    return value;
}

static void *host_side(void *opaque)
{
    Thread *t = opaque;
    unsigned rounds = 0;

    while (others_run(t)) {
        bool any = host_answers(t);

        if (rounds < POSTS && host_rings(t)) {
            any = true;
            rounds++;
        } else if (rounds == POSTS) {
            rounds++;
            thread_ends(t);
        }
        if (!any && !thread_waits(t)) {
            if (rounds <= POSTS) {
                thread_ends(t);
            }
            break;
        }
    }
    return NULL;
}

static void *xscale_side(void *opaque)
{
    Thread *t = opaque;
    Race *r = t->r;
    bool last;

    do {
        last = !others_run(t);
        if (__atomic_exchange_n(&r->doorbells, 0, __ATOMIC_SEQ_CST)) {
            answer(r, __atomic_exchange_n(&r->pci.xscale_doorbell, 0,
                                          __ATOMIC_SEQ_CST));
        } else {
            sched_yield();
        }
    } while (!last);
    return NULL;
}

static void *context_side(void *opaque)
{
    Thread *t = opaque;
    Race *r = t->r;
    unsigned bit = CARD_BIT(t->id);

    for (uint32_t i = 0; i < POSTS; i++) {
        __atomic_store_n(&r->pci.mailbox[1], (i & 0xffff) * 0x10001,
                         __ATOMIC_RELEASE);
        __atomic_fetch_add(&r->posted[bit], 1, __ATOMIC_RELAXED);
        __atomic_fetch_or(&r->pci.pci_doorbell, 1u << bit, __ATOMIC_SEQ_CST);
        while (!is_answered(r, bit)) {
            if (!thread_waits(t)) {
                thread_ends(t);
                return NULL;
            }
        }
    }
    thread_ends(t);
    return NULL;
}

static void doorbells(void)
{
    void *(*const run[])(void *) = {
        host_side, xscale_side, context_side, context_side,
    };
    Race *r = race_new();

    race_run(r, run, G_N_ELEMENTS(run), 3);
    for (unsigned bit = 0; bit < 32; bit++) {
        g_assert_cmpuint(r->answered[bit], ==, r->posted[bit]);
    }
    g_assert_cmpuint(r->posted[0], >, 0);
    g_assert_cmpuint(r->posted[CARD_BIT(2)], ==, POSTS);
    g_assert_cmpuint(r->posted[CARD_BIT(3)], ==, POSTS);
    g_assert_cmphex(r->pci.pci_doorbell, ==, 0);
    g_assert_cmphex(r->pci.xscale_doorbell, ==, 0);
    race_free(r);
}

/* ---- any value in any register ---- */

/* Many zeros and ones, and few values in between. */
static uint32_t hostile(Thread *t)
{
    static const uint32_t edges[] = {
        0, 1, UINT32_MAX, SDRAM_SIZE, SDRAM_SIZE - 16, 1u << 31, 0x7fffffff,
    };
    unsigned n = g_rand_int_range(t->rand, 0, 2 * G_N_ELEMENTS(edges));

    return n < G_N_ELEMENTS(edges) ? edges[n] : g_rand_int(t->rand);
}

static const IxpRegister *any_register(Thread *t, const IxpRegister *table,
                                       size_t rows, unsigned *n)
{
    const IxpRegister *row = &table[g_rand_int_range(t->rand, 0, rows)];

    *n = g_rand_int_range(t->rand, 0, row->count);
    return row;
}

/* The DMA channels are its thread's, too, as the BQL has it in QEMU. */
static void *hostile_host(void *opaque)
{
    Thread *t = opaque;
    Race *r = t->r;
    size_t rows;
    const IxpRegister *table = ixp_pci_registers(&rows);

    for (unsigned i = 0; i < ROUNDS; i++) {
        unsigned n;
        const IxpRegister *row = any_register(t, table, rows, &n);
        uint32_t offset = row->address + n * row->stride;
        uint32_t value;

        if (g_rand_int_range(t->rand, 0, 3)) {
            ixp_pci_write(&r->pci, offset, hostile(t));
        } else if (!ixp_pci_read(&r->pci, offset, &value)) {
            t->complaint = "a register of the table is reserved";
        }
        if (i % 16 == 0) {
            ixp_pci_dma_run(&r->pci);
        }
    }
    thread_ends(t);
    return NULL;
}

/* Each ring in a part of the scratchpad of its own. */
static uint32_t hostile_base(Thread *t, unsigned n)
{
    return n * (IXP_SCRATCH_SIZE / IXP_RINGS) | (hostile(t) & 1u << 26) |
           (uint32_t)g_rand_boolean(t->rand) << IXP_RING_BASE_SIZE;
}

/* Written before contexts run, say the hash unit and the MSF. */
static bool is_set_up_once(const IxpRegister *row)
{
    return row->address == IXP_CSR_HASH_MULTIPLIER(0) ||
           row->address >> 24 == IXP_CSR_MSF >> 24;
}

static void *hostile_card(void *opaque)
{
    Thread *t = opaque;
    IxpUnits *u = &t->r->units;
    size_t rows;
    const IxpRegister *table = ixp_registers(&rows);

    while (others_run(t)) {
        unsigned n;
        const IxpRegister *row = any_register(t, table, rows, &n);
        uint32_t address = row->stride == 0x400
                           ? row->address + IXP_ME_NUMBER(n) * row->stride
                           : row->address + n * row->stride;
        uint32_t value = hostile(t);

        if (is_set_up_once(row)) {
            continue;
        }
        if (row->address == IXP_CSR_RING_BASE(0)) {
            value = hostile_base(t, n);
        }
        if (g_rand_boolean(t->rand)) {
            ixp_csr_write(u, address, value);
        } else {
            ixp_csr_read(u, address);
        }
        ixp_ring_full(u, n % IXP_RINGS);
        ixp_timestamp(u);
        __atomic_fetch_or(&t->r->pci.pci_doorbell, value, __ATOMIC_SEQ_CST);
        __atomic_store_n(&t->r->pci.mailbox[n % SVNIC_PCI_CSR_MAILBOXES],
                         value, __ATOMIC_RELEASE);
        __atomic_exchange_n(&t->r->pci.xscale_doorbell, 0, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

static void hostile_values(void)
{
    void *(*const run[])(void *) = {
        hostile_host, hostile_card, hostile_card,
    };
    Race *r = race_new();
    const IxpRegister *table;
    size_t rows;

    race_run(r, run, G_N_ELEMENTS(run), 1);
    for (unsigned i = 0; i < SVNIC_PCI_CSR_DMA_CHANNELS; i++) {
        const IxpDma *d = &r->pci.dma[i];

        g_assert_cmpuint(d->errors + d->transfers, >, 0);
    }
    ixp_pci_reset(&r->pci);
    ixp_units_reset(&r->units);
    table = ixp_pci_registers(&rows);
    for (size_t i = 0; i < rows; i++) {
        for (unsigned n = 0; n < table[i].count; n++) {
            uint32_t value;

            g_assert_true(ixp_pci_read(&r->pci, table[i].address +
                                       n * table[i].stride, &value));
            g_assert_cmphex(value, ==,
                            table[i].address == SVNIC_PCI_CSR_DRAM_BASE_MASK
                            ? (SDRAM_SIZE - 1) & SVNIC_PCI_BASE_MASK
                            : table[i].reset);
        }
    }
    for (unsigned i = 0; i < IXP_RINGS; i++) {
        g_assert_true(ixp_ring_empty(&r->units, i));
    }
    race_free(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/race/a ring loses, doubles and makes up no word", ring);
    g_test_add_func("/race/a buffer belongs to one thread", queues);
    g_test_add_func("/race/a signal is seen or counted as lost", signals);
    g_test_add_func("/race/no doorbell is lost between host and card",
                    doorbells);
    g_test_add_func("/race/hostile values in every register from both sides "
                    "do no harm", hostile_values);
    return g_test_run();
}
