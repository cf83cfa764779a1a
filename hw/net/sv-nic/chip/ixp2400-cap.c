/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 CAP and the microengines' local CSRs: product id, time stamp, signals
 * from thread to thread, context status and enables.
 *
 * A signal is a bit of the context that receives it.  A signal sent while the
 * bit is still set is lost and counted.  A context that CTX_ENABLES does not
 * enable keeps its signals and does not run.
 *
 * Called by firmware: signals on any thread, registers on the XScale and in
 * contexts.  The chip schedules the contexts (IxpUnitsOps).  Does not use QEMU.
 *
 * Spec: "CAP and microengines".
 */
#include "ixp.h"

uint64_t ixp_timestamp(IxpUnits *u)
{
    uint64_t ns = u->ops->clock(u->opaque);
    uint64_t us = ns / 1000;

    if (!(__atomic_load_n(&u->misc_control, __ATOMIC_RELAXED) &
          IXP_MISC_CONTROL_TIMESTAMP)) {
        return 0;
    }
    return (us * u->config.me_mhz +
            (ns % 1000) * u->config.me_mhz / 1000) /
           u->config.timestamp_cycles;
}

bool ixp_thread_signal(IxpUnits *u, unsigned me, unsigned context,
                       uint32_t signals)
{
    uint32_t old;

    if (me >= u->config.microengines || context >= u->config.contexts) {
        return false;
    }
    old = u->ops->set_signals(u->opaque, me, context, signals);
    __atomic_fetch_add(&u->signals_sent, 1, __ATOMIC_RELAXED);
    if (old & signals) {
        __atomic_fetch_add(&u->signals_lost, 1, __ATOMIC_RELAXED);
        return false;
    }
    return true;
}

/* 2:0 context, 6:3 signal, 7: next context instead. */
static void me_signal(IxpUnits *u, int me, uint32_t value)
{
    unsigned context = value & 7;

    if (value & 0x80) {
        int active = u->ops->active(u->opaque, me);

        context = ((active < 0 ? 0 : active) + 1) % u->config.contexts;
    }
    if (me >= 0 && value >> 3 & 0xf) {
        ixp_thread_signal(u, me, context, 1u << (value >> 3 & 0xf));
    }
}

/* The context that the indirect registers of @me access. */
static unsigned selected_context(const IxpUnits *u, unsigned me)
{
    return __atomic_load_n(&u->me[me].ctx_pointer, __ATOMIC_RELAXED);
}

static unsigned active_or_0(IxpUnits *u, unsigned me)
{
    int active = u->ops->active(u->opaque, me);

    return active < 0 ? 0 : active;
}

uint32_t ixp_me_csr_read(IxpUnits *u, unsigned me, uint32_t csr)
{
    uint64_t stamp;
    int active;

    switch (csr) {
    case IXP_ME_CTX_ENABLES:
        return __atomic_load_n(&u->me[me].ctx_enables, __ATOMIC_RELAXED);
    case IXP_ME_CSR_CTX_POINTER:
        return selected_context(u, me);
    case IXP_ME_ACTIVE_CTX_STS:
        active = u->ops->active(u->opaque, me);
        return IXP_ME_NUMBER(me) << 3 |
               (active < 0 ? 0 : IXP_CTX_STS_RUNNING | (uint32_t)active);
    case IXP_ME_INDIRECT_CTX_SIG_EVENTS:
        return u->ops->signals(u->opaque, me, selected_context(u, me));
    case IXP_ME_ACTIVE_CTX_SIG_EVENTS:
        return u->ops->signals(u->opaque, me, active_or_0(u, me));
    case IXP_ME_INDIRECT_CTX_WAKEUP:
    case IXP_ME_ACTIVE_CTX_WAKEUP:
        return IXP_SIGNAL_ALL;
    case IXP_ME_TIMESTAMP_LOW:
        stamp = ixp_timestamp(u);
        __atomic_store_n(&u->me[me].timestamp_high, stamp >> 32,
                         __ATOMIC_RELAXED);
        return stamp;
    case IXP_ME_TIMESTAMP_HIGH:
        return __atomic_load_n(&u->me[me].timestamp_high, __ATOMIC_RELAXED);
    default:
        /* step functions have no program counter; no access is refused */
        return 0;
    }
}

static void write_enables(IxpUnits *u, unsigned me, uint32_t value)
{
    __atomic_store_n(&u->me[me].ctx_enables, value, __ATOMIC_SEQ_CST);
    u->ops->enabled(u->opaque, me);
}

void ixp_me_csr_write(IxpUnits *u, unsigned me, uint32_t csr, uint32_t value)
{
    switch (csr) {
    case IXP_ME_CTX_ENABLES:
        write_enables(u, me, value);
        break;
    case IXP_ME_CSR_CTX_POINTER:
        __atomic_store_n(&u->me[me].ctx_pointer, value & 7, __ATOMIC_RELAXED);
        break;
    case IXP_ME_SAME_ME_SIGNAL:
        me_signal(u, me, value);
        break;
    case IXP_ME_NEXT_NEIGHBOR_SIGNAL:
        me_signal(u, me + 1u < u->config.microengines ? (int)me + 1 : -1,
                  value);
        break;
    case IXP_ME_PREV_NEIGHBOR_SIGNAL:
        me_signal(u, (int)me - 1, value);
        break;
    default:
        break;
    }
}

/* 3:0 signal, 6:4 context, 11:7 number of the microengine. */
void ixp_interthread_signal(IxpUnits *u, uint32_t value)
{
    unsigned number = value >> 7 & 0x1f;
    unsigned me = (number & 3) | (number & 0x10) >> 2;

    if (!(number & ~0x13u) && value & 0xf) {
        ixp_thread_signal(u, me, value >> 4 & 7, 1u << (value & 0xf));
    }
}
