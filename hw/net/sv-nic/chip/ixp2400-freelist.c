/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 MSF, receive: the lists of elements that are full, and of contexts
 * that wait for one, RX_THREAD_FREELIST.
 *
 * The state machine of ixp2400-rbuf.c puts elements on them; firmware takes
 * them off, and runs the state machine if it has pending work.
 *
 * Called by firmware on any thread; each list has a lock of a few accesses.
 * Does not use QEMU.
 *
 * Spec: "MSF".
 */
#include <string.h>

#include "ixp.h"

/* Written under the list's lock; read without when a frame arrives. */
static void set_threads(IxpMsfList *l, uint32_t n)
{
    __atomic_store_n(&l->threads, n, __ATOMIC_RELAXED);
}

static unsigned take_threads(IxpMsfList *l, uint8_t *thread, unsigned n)
{
    n = n < l->threads ? n : l->threads;
    memcpy(thread, l->thread, n);
    set_threads(l, l->threads - n);
    memmove(l->thread, l->thread + n, l->threads);
    return n;
}

static void wake(IxpUnits *u, const uint8_t *thread, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        u->ops->set_signals(u->opaque, thread[i] / IXP_MAX_CONTEXTS,
                            thread[i] % IXP_MAX_CONTEXTS, IXP_SIGNAL_PORT_IN);
    }
}

void ixp_msf_give(IxpUnits *u, IxpMsfList *l, unsigned n)
{
    uint8_t thread[IXP_MSF_THREADS] IXP_UNINITIALIZED;
    unsigned threads = 0;

    ixp_unit_lock(&l->lock);
    l->tail += n;
    if (l->threads) {
        threads = take_threads(l, thread, n);
    }
    ixp_unit_unlock(&l->lock);
    wake(u, thread, threads);
}

static void post(IxpMsfList *l, unsigned me, unsigned context)
{
    uint8_t thread = me * IXP_MAX_CONTEXTS + context;

    if (!memchr(l->thread, thread, l->threads) &&
        l->threads < IXP_MSF_THREADS) {
        l->thread[l->threads] = thread;
        set_threads(l, l->threads + 1);
    }
}

/* Takes words off the list, wrapping at its end. */
static unsigned take(IxpMsfList *l, uint32_t *rsw, unsigned limit)
{
    uint32_t first = l->head % IXP_MSF_LIST;
    unsigned part = IXP_MSF_LIST - first;
    unsigned n = l->tail - l->head;

    n = n < limit ? n : limit;
    part = n < part ? n : part;
    memcpy(rsw, l->rsw + first, part * sizeof(*rsw));
    if (part < n) {
        memcpy(rsw + part, l->rsw, (n - part) * sizeof(*rsw));
    }
    l->head += n;
    return n;
}

unsigned ixp_msf_receive(IxpUnits *u, unsigned list, unsigned me,
                         unsigned context, uint32_t *rsw, unsigned limit)
{
    IxpMsfList *l = &u->msf.list[list];
    unsigned n = 0;

    if (ixp_msf_rx_pending(&u->msf)) {
        ixp_msf_rx_run(u);
    }
    for (unsigned again = 0; again < 2 && !n; again++) {
        ixp_unit_lock(&l->lock);
        n = take(l, rsw, limit);
        if (!n) {
            post(l, me, context);
        }
        ixp_unit_unlock(&l->lock);
        if (!n) {
            /*
             * Either this sees the pending work, or the thread that set it the
             * context.
             */
            ixp_barrier();
            if (!ixp_msf_rx_pending(&u->msf)) {
                break;
            }
            ixp_msf_rx_run(u);
        }
    }
    return n;
}

void ixp_msf_post(IxpUnits *u, unsigned list, unsigned me, unsigned context)
{
    IxpMsfList *l = &u->msf.list[list];
    uint8_t thread[IXP_MSF_THREADS] IXP_UNINITIALIZED;
    unsigned n;

    ixp_unit_lock(&l->lock);
    post(l, me, context);
    n = take_threads(l, thread, l->tail - l->head);
    ixp_unit_unlock(&l->lock);
    wake(u, thread, n);
    ixp_barrier();
    if (ixp_msf_rx_pending(&u->msf)) {
        ixp_msf_rx_run(u);
    }
}
