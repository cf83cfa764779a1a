/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 microengines: contexts, the workers that run them, pause, resume.
 *
 * A context is a step function of the firmware.  Microengine m runs on worker m
 * % workers, an IOThread with its own AioContext; one bottom half a worker runs
 * whatever is runnable there, round robin, in bounded bursts.  With workers=0
 * the same steps run inline, on the thread that signals, with the BQL.
 *
 * Waking: a signal sets a bit in the context, then the context's bit in the
 * worker's runnable words, then reads whether the worker is awake, and only
 * schedules the bottom half if not.  The worker clears awake and then reads the
 * words once more.  Full barriers on both sides.
 *
 * Assisting: an entry with the BQL, of a vCPU or the main loop, that has
 * signalled and finds the worker asleep, runs up to ix->assist steps itself
 * when it ends and only then wakes the worker, for the remaining ones.  That
 * saves a single frame two thread switches, to the worker and from there to the
 * main loop for the interrupt.  claimed is the claim to run steps of a worker's
 * microengines: it is only tried, and a worker that finds it set sleeps until
 * the assisting thread wakes it.
 *
 * Pausing: the pausing thread sets paused and then waits until no worker has
 * claimed set; a worker sets claimed and then reads paused.  Workers never take
 * the BQL, so that waiting for them with the BQL held is safe.  Assisting and
 * pausing both have the BQL.  A pause from below an assisted step on the same
 * stack does not wait for that step.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "block/aio.h"
#include "qemu/host-utils.h"
#include "qemu/main-loop.h"
#include "qemu/processor.h"
#include "qom/object.h"
#include "qom/object_interfaces.h"
#include "ixp2400.h"
#include "trace.h"

/* Steps before returning to a worker's event loop, or to the vCPU. */
#define IXP_BURST           64
/* The same with the BQL where no clock may end a run. */
#define IXP_BURST_UNTIMED   4
/* Reads of claimed before a pausing thread sleeps: some 10 us. */
#define IXP_PAUSE_SPINS     200

static unsigned ixp_context_index(const IxpContext *c)
{
    return c->me * IXP_MAX_CONTEXTS + c->context;
}

IxpContext *ixp_context(Ixp *ix, unsigned me, unsigned context)
{
    if (me >= ix->config.microengines || context >= ix->config.contexts) {
        return NULL;
    }
    return &ix->context[me * IXP_MAX_CONTEXTS + context];
}

static void ixp_set_runnable(const IxpContext *c)
{
    unsigned i = ixp_context_index(c);

    qatomic_or(&c->worker->runnable[i / 32], 1u << (i % 32));
}

static bool ixp_any_runnable(IxpWorker *w)
{
    for (unsigned i = 0; i < IXP_RUNNABLE_WORDS; i++) {
        if (qatomic_read(&w->runnable[i])) {
            return true;
        }
    }
    return false;
}

/* Takes the runnable contexts of @w, a bit each. */
static uint64_t ixp_take_runnable(IxpWorker *w)
{
    uint64_t batch = 0;

    for (unsigned i = 0; i < IXP_RUNNABLE_WORDS; i++) {
        if (qatomic_read(&w->runnable[i])) {
            batch |= (uint64_t)qatomic_xchg(&w->runnable[i], 0) << (i * 32);
        }
    }
    return batch;
}

static void ixp_return_runnable(IxpWorker *w, uint64_t batch)
{
    for (unsigned i = 0; i < IXP_RUNNABLE_WORDS; i++) {
        if ((uint32_t)(batch >> (i * 32))) {
            qatomic_or(&w->runnable[i], (uint32_t)(batch >> (i * 32)));
        }
    }
}

static void ixp_worker_kick(IxpWorker *w)
{
    if (!w->thread) {
        return;
    }
    /* pairs with the barrier in ixp_worker_bh */
    smp_mb();
    if (!qatomic_read(&w->awake) && !qatomic_xchg(&w->awake, true)) {
        trace_ixp_worker_wake(w->index);
        qemu_bh_schedule(w->bh);
    }
}

uint32_t ixp_signal(Ixp *ix, IxpContext *c, uint32_t signals)
{
    uint32_t old = qatomic_fetch_or(&c->signals, signals);

    trace_ixp_signal(c->me, c->context, signals, old);
    /*
     * If it was not 0, the thread that set it first makes the context runnable.
     */
    if (!old) {
        ixp_set_runnable(c);
        /*
         * The end of an entry wakes it: a worker that wakes while an entry
         * still runs its steps would have nothing to run.
         */
        if (!bql_locked() || !ix->entered) {
            ixp_worker_kick(c->worker);
        }
    }
    return old;
}

/* ---- IxpUnitsOps ---- */

static uint64_t ixp_unit_clock(void *opaque)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static uint32_t ixp_unit_signal(void *opaque, unsigned me, unsigned context,
                                uint32_t signals)
{
    return ixp_signal(opaque, ixp_context(opaque, me, context), signals);
}

static uint32_t ixp_unit_signals(void *opaque, unsigned me, unsigned context)
{
    IxpContext *c = ixp_context(opaque, me, context);

    return c ? qatomic_read(&c->signals) : 0;
}

static int ixp_unit_active(void *opaque, unsigned me)
{
    Ixp *ix = opaque;

    return qatomic_read(&ix->active[me]);
}

/* A disabled context was not made runnable, even with signals pending. */
static void ixp_unit_enabled(void *opaque, unsigned me)
{
    Ixp *ix = opaque;

    for (unsigned i = 0; i < ix->config.contexts; i++) {
        IxpContext *c = ixp_context(ix, me, i);

        if (ixp_context_enabled(&ix->units, me, i) &&
            qatomic_read(&c->signals)) {
            ixp_set_runnable(c);
            ixp_worker_kick(c->worker);
        }
    }
}

const IxpUnitsOps ixp_units_ops = {
    .clock = ixp_unit_clock,
    .set_signals = ixp_unit_signal,
    .signals = ixp_unit_signals,
    .active = ixp_unit_active,
    .enabled = ixp_unit_enabled,
    .mac_peek = ixp_mac_peek,
    .mac_take = ixp_mac_take,
    .mac_free = ixp_mac_free,
    .mac_rbuf_exhausted = ixp_mac_rbuf_exhausted,
    .rx_defer = ixp_rx_defer,
    .mac_done = ixp_mac_done,
    .mac_put = ixp_mac_put,
    .mac_sent = ixp_mac_sent,
    .late_due = ixp_late_due,
    .fault_struck = ixp_fault_reported,
};

/* Runs a step of @c.  False: not now, the chip is paused or @w is claimed. */
static bool ixp_step(IxpWorker *w, IxpContext *c)
{
    Ixp *ix = w->ix;
    bool run;

    if (qatomic_xchg(&w->claimed, true)) {
        return false;
    }
    /* pairs with the barrier in ixp_me_pause */
    smp_mb__after_rmw();
    run = !qatomic_read(&ix->paused);
    if (run && ixp_context_enabled(&ix->units, c->me, c->context)) {
        uint32_t signals = qatomic_xchg(&c->signals, 0);

        if (signals) {
            bool more;

            trace_ixp_step(c->me, c->context, signals);
            qatomic_set_u64(&c->steps, c->steps + 1);
            qatomic_set(&ix->active[c->me], c->context);
            more = ix->program->context_step(ix->state, c->me, c->context,
                                             signals);
            qatomic_set(&ix->active[c->me], -1);
            if (more) {
                qatomic_set_u64(&c->again, c->again + 1);
                qatomic_or(&c->signals, IXP_SIGNAL_AGAIN);
                ixp_set_runnable(c);
            }
            if (unlikely(ix->host_volatile)) {
                ixp_host_step_done(ix);
            }
        }
    }
    qatomic_store_release(&w->claimed, false);
    /*
     * Pairs with qemu_event_reset in ixp_worker_wait; when assisting, with the
     * barrier in ixp_worker_bh.
     */
    smp_mb();
    if (unlikely(qatomic_read(&ix->paused))) {
        qemu_event_set(&w->parked);
    }
    return run;
}

/*
 * Runs up to @left steps, none that begins after @until of get_clock() but the
 * first.  False: contexts may still be runnable.
 */
static bool ixp_burst(IxpWorker *w, unsigned left, int64_t until)
{
    uint64_t batch;

    while ((batch = ixp_take_runnable(w))) {
        while (batch) {
            unsigned i = ctz64(batch);

            if (!left-- || !ixp_step(w, &w->ix->context[i])) {
                ixp_return_runnable(w, batch);
                return false;
            }
            batch &= batch - 1;
            if (until != INT64_MAX && get_clock() >= until) {
                left = 0;
            }
        }
    }
    return true;
}

/* Not if paused or claimed: the end of either wakes the worker. */
static bool ixp_may_step(IxpWorker *w)
{
    return !qatomic_read(&w->ix->paused) && !qatomic_read(&w->claimed);
}

/* Runs in the worker's thread. */
static void ixp_worker_bh(void *opaque)
{
    IxpWorker *w = opaque;

    qatomic_set_u64(&w->bursts, w->bursts + 1);
    do {
        if (!ixp_burst(w, IXP_BURST, INT64_MAX) && ixp_may_step(w)) {
            qemu_bh_schedule(w->bh);
            return;
        }
        qatomic_set_u64(&w->sleeps, w->sleeps + 1);
        /* after the count: "idle" of sv-nic-qtest.c reads both */
        qatomic_store_release(&w->awake, false);
        /*
         * Pairs with the barrier in ixp_worker_kick: either that sees awake
         * cleared, or the bit is seen here.  The same for paused and
         * ixp_me_resume, and for claimed and ixp_step of an assisting thread.
         */
        smp_mb();
    } while (ixp_may_step(w) && ixp_any_runnable(w) &&
             !qatomic_xchg(&w->awake, true));
    trace_ixp_worker_sleep(w->index);
}

/*
 * workers=0.  What is left over is for inline_bh alone: vCPUs that went on with
 * it, one entry after the other, would keep the BQL from the main loop.
 */
static void ixp_run_all(Ixp *ix, int64_t until)
{
    IxpWorker *w = &ix->worker[0];

    qatomic_set_u64(&w->bursts, w->bursts + 1);
    if (!ixp_burst(w, until != INT64_MAX ? IXP_BURST : IXP_BURST_UNTIMED,
                   until)) {
        ix->inline_due = true;
        ixp_bh_schedule(ix, ix->inline_bh);
    }
}

/* Runs a few steps for a worker that sleeps. */
static void ixp_assist(IxpWorker *w, int64_t until)
{
    if (w->ix->assist && !qatomic_read(&w->awake)) {
        qatomic_set_u64(&w->assists, w->assists + 1);
        trace_ixp_assist(w->index);
        w->assisted = true;
        ixp_burst(w, w->ix->assist, until);
        w->assisted = false;
    }
}

void ixp_run_inline(Ixp *ix)
{
    int64_t start = 0, until = INT64_MAX;

    if (ix->inline_running || ix->inline_due || !ixp_running(ix)) {
        return;
    }
    ix->inline_running = true;
    for (unsigned i = 0; i < MAX(ix->workers, 1); i++) {
        if (!ixp_any_runnable(&ix->worker[i])) {
            continue;
        }
        if (!start) {
            start = get_clock();
            until = ixp_timed() ? start + IXP_RUN_NS : INT64_MAX;
        }
        if (ix->workers) {
            ixp_assist(&ix->worker[i], until);
        } else {
            ixp_run_all(ix, until);
        }
    }
    ix->inline_running = false;
    if (start) {
        ixp_run_count(&ix->inline_runs, start);
    }
    /* For what is left, and what these steps have signalled to others. */
    for (unsigned i = 0; i < ix->workers; i++) {
        if (ixp_any_runnable(&ix->worker[i])) {
            ixp_worker_kick(&ix->worker[i]);
        }
    }
}

static void ixp_inline_bh(void *opaque)
{
    Ixp *ix = opaque;
    IXP_ENTRY(ix);

    ix->inline_due = false;
}

static void ixp_worker_wait(IxpWorker *w)
{
    for (unsigned i = 0; i < IXP_PAUSE_SPINS; i++) {
        if (!qatomic_load_acquire(&w->claimed)) {
            return;
        }
        cpu_relax();
    }
    for (;;) {
        qemu_event_reset(&w->parked);
        if (!qatomic_load_acquire(&w->claimed)) {
            return;
        }
        qemu_event_wait(&w->parked);
    }
}

void ixp_me_pause(Ixp *ix)
{
    qatomic_set(&ix->paused, ix->paused + 1);
    if (ix->paused > 1) {
        return;
    }
    ix->pauses++;
    /* pairs with the barrier in ixp_step */
    smp_mb();
    for (unsigned i = 0; i < ix->workers; i++) {
        if (!ix->worker[i].assisted) {
            ixp_worker_wait(&ix->worker[i]);
        }
    }
    trace_ixp_pause();
}

void ixp_me_resume(Ixp *ix)
{
    qatomic_set(&ix->paused, ix->paused - 1);
    if (ix->paused) {
        return;
    }
    trace_ixp_resume();
    for (unsigned m = 0; m < ix->config.microengines; m++) {
        for (unsigned n = 0; n < ix->config.contexts; n++) {
            IxpContext *c = ixp_context(ix, m, n);

            qatomic_or(&c->signals, IXP_SIGNAL_START);
            ixp_set_runnable(c);
        }
    }
    for (unsigned i = 0; i < ix->workers; i++) {
        ixp_worker_kick(&ix->worker[i]);
    }
    if (!ix->workers) {
        ixp_bh_schedule(ix, ix->inline_bh);
    }
}

void ixp_me_reset(Ixp *ix)
{
    for (unsigned i = 0; i < IXP_ALL_CONTEXTS; i++) {
        qatomic_set(&ix->context[i].signals, 0);
    }
    for (unsigned i = 0; i < IXP_MAX_WORKERS; i++) {
        ixp_take_runnable(&ix->worker[i]);
    }
}

static bool ixp_worker_start(IxpWorker *w, int64_t poll_max_ns, Error **errp)
{
    g_autofree char *name = g_strdup_printf("worker%u", w->index);
    g_autofree char *poll = g_strdup_printf("%" PRId64, poll_max_ns);
    Object *thread = object_new_with_props(TYPE_IOTHREAD, OBJECT(w->ix->dev),
                                           name, errp, "poll-max-ns", poll,
                                           NULL);

    if (!thread) {
        return false;
    }
    w->thread = IOTHREAD(thread);
    w->bh = aio_bh_new(iothread_get_aio_context(w->thread), ixp_worker_bh, w);
    trace_ixp_worker_start(w->index);
    return true;
}

bool ixp_me_init(Ixp *ix, int64_t poll_max_ns, Error **errp)
{
    unsigned spread = MAX(ix->workers, 1);

    for (unsigned i = 0; i < IXP_MAX_MICROENGINES; i++) {
        ix->active[i] = -1;
    }
    for (unsigned i = 0; i < IXP_ALL_CONTEXTS; i++) {
        IxpContext *c = &ix->context[i];

        c->me = i / IXP_MAX_CONTEXTS;
        c->context = i % IXP_MAX_CONTEXTS;
        c->worker = &ix->worker[c->me % spread];
    }
    ix->inline_bh = qemu_bh_new_guarded(ixp_inline_bh, ix,
                                        &ix->dev->mem_reentrancy_guard);
    for (unsigned i = 0; i < IXP_MAX_WORKERS; i++) {
        ix->worker[i].ix = ix;
        ix->worker[i].index = i;
        qemu_event_init(&ix->worker[i].parked, false);
    }
    for (unsigned i = 0; i < ix->workers; i++) {
        if (!ixp_worker_start(&ix->worker[i], poll_max_ns, errp)) {
            ixp_me_uninit(ix);
            return false;
        }
    }
    return true;
}

void ixp_me_uninit(Ixp *ix)
{
    for (unsigned i = 0; i < IXP_MAX_WORKERS; i++) {
        IxpWorker *w = &ix->worker[i];

        if (w->thread) {
            /*
             * In this order: an AioContext must not be freed with a BH in it.
             */
            qemu_bh_delete(w->bh);
            object_unparent(OBJECT(w->thread));
            w->bh = NULL;
            w->thread = NULL;
            trace_ixp_worker_stop(i);
        }
        qemu_event_destroy(&w->parked);
    }
    qemu_bh_delete(ix->inline_bh);
    ix->inline_bh = NULL;
}
