/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A microengine context's step: from signals to bursts.
 *
 * Each context is the send context of the VIFs that it serves, and receives
 * from the ports that are routed to it.  The last context of each microengine
 * is its queue context, too.
 *
 * Called by the chip on any worker, for one microengine never on two at once.
 * No other thread accesses FwContext, but for the XScale while the contexts are
 * paused.
 */
#include "fw.h"

/* Takes the doorbells of the VIFs that the context serves. */
static void take_doorbells(SvnicFw *fw, FwContext *c, unsigned me)
{
    for (unsigned i = fw_set_next(&c->served, 0); i < SVNIC_MAX_VIFS;
         i = fw_set_next(&c->served, i + 1)) {
        uint64_t at = FW_UNLIKELY(fw->stamps) ? ixp_page_rung_at(fw->ix, i)
                                              : 0;
        unsigned rung = ixp_page_take(fw->ix, i);

        if (!rung) {
            continue;
        }
        if (FW_UNLIKELY(at)) {
            fw_stage(fw, me, FW_STAGE_DOORBELL, fw_stamp(fw) - at);
        }
        fw_prefetch_sender(fw, &fw->vif[i]);
        fw_count(&fw->vif[i].doorbells, __builtin_popcount(rung));
        /*
         * A full receive queue drops, so nothing waits for IXP_PAGE_RECV. A VIF
         * that waits for its port would find it full again.
         */
        if (rung & IXP_PAGE_SEND && !fw_set_has(&c->wait_port, i)) {
            fw_set_add(&c->pending, i);
        }
    }
}

static void take_signals(SvnicFw *fw, FwContext *c, unsigned me,
                         uint32_t signals)
{
    if (signals & IXP_SIGNAL_START) {
        /* The XScale may have changed anything: check everything. */
        c->pending = c->served;
        memset(&c->wait_port, 0, sizeof(c->wait_port));
        c->ports_work = c->ports;
    }
    if (signals & IXP_SIGNAL_PORT_ROOM) {
        for (unsigned i = 0; i < FW_SET_WORDS; i++) {
            c->pending.word[i] |= c->wait_port.word[i];
        }
        memset(&c->wait_port, 0, sizeof(c->wait_port));
    }
    if (signals & IXP_SIGNAL_PORT_IN) {
        c->ports_work = c->ports;
    }
    if (signals & (IXP_SIGNAL_DOORBELL | IXP_SIGNAL_START)) {
        take_doorbells(fw, c, me);
    }
}

/* The next pending VIF in round-robin order, or SVNIC_MAX_VIFS. */
static unsigned next_in_turn(const FwContext *c)
{
    unsigned i = fw_set_next(&c->pending, c->next);

    return i < SVNIC_MAX_VIFS ? i : fw_set_next(&c->pending, 0);
}

static void serve_ports(SvnicFw *fw, FwContext *c, unsigned me,
                        unsigned context)
{
    for (unsigned i = 0; i < fw->ports; i++) {
        if (c->ports_work & 1u << i &&
            !fw_port_in_burst(fw, i, me, context)) {
            c->ports_work &= ~(1u << i);
        }
    }
}

/*
 * Whether @context may put handles on its microengine's ring now.  Contexts run
 * in a fixed order, so the first one after the queue context would fill the
 * ring each time.  Therefore those that found it full come next, in round-robin
 * order.
 */
static bool has_turn(const FwMe *m, unsigned context)
{
    uint32_t from = m->waiting >> m->next_turn << m->next_turn;

    return FW_LIKELY(!m->waiting) ||
           (unsigned)__builtin_ctz(from ? from : m->waiting) == context;
}

/* Fetches frames of pending VIFs in round-robin order. */
static void fetch_in_turn(SvnicFw *fw, FwContext *c, unsigned me,
                          unsigned context)
{
    FwMe *m = &fw->me[me];

    m->waiting &= ~(1u << context);
    for (unsigned n = 0; n < FW_STEP_BURSTS; n++) {
        unsigned i = next_in_turn(c);
        FwSendResult result;

        if (i == SVNIC_MAX_VIFS) {
            break;
        }
        result = fw_send_burst(fw, &fw->vif[i], me);
        if (FW_UNLIKELY(result == FW_SEND_RING_FULL)) {
            /*
             * Continue with this VIF; after the other contexts if this one has
             * put handles.
             */
            c->next = i;
            m->waiting |= 1u << context;
            m->next_turn = (context + !!n) % IXP_MAX_CONTEXTS;
            break;
        }
        c->next = i + 1;
        if (result == FW_SEND_DONE) {
            fw_set_remove(&c->pending, i);
        }
    }
}

static void serve_vifs(SvnicFw *fw, FwContext *c, unsigned me,
                       unsigned context)
{
    FwMe *m = &fw->me[me];

    if (has_turn(m, context)) {
        fetch_in_turn(fw, c, me, context);
    } else if (!fw_set_empty(&c->pending)) {
        m->waiting |= 1u << context;
    } else {
        m->waiting &= ~(1u << context);
    }
    fw_queue_kick(fw, me);
}

bool fw_context_step(void *state, unsigned me, unsigned context,
                     uint32_t signals)
{
    SvnicFw *fw = state;
    FwContext *c = &fw->context[context * fw->microengines + me];
    bool more = false;

    if (context == fw_queue_context(fw) &&
        !fw_fault_slow(fw, c, me, context, FW_FAULT_DELIVER_SLOW)) {
        more = fw_queue_step(fw, me);
    }
    if (signals & ~IXP_SIGNAL_THREAD) {
        take_signals(fw, c, me, signals);
    }
    if (c->ports_work &&
        !fw_fault_slow(fw, c, me, context, FW_FAULT_RECEIVE_SLOW)) {
        serve_ports(fw, c, me, context);
        more |= c->ports_work;
    }
    if (!fw_fault_slow(fw, c, me, context, FW_FAULT_FETCH_SLOW)) {
        serve_vifs(fw, c, me, context);
        more |= !fw_set_empty(&c->pending);
    }
    return more;
}
