/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A microengine context's step: from signals to bursts.
 *
 * Every context runs the send program for the VIFs that it serves, and the
 * port program for the ports that are routed to it; the last one of each
 * microengine runs its queue program, too.
 *
 * Called by the chip on any worker, for one microengine never on two at once.
 * FwContext is the microengine's own; the XScale changes it while paused.
 */
#include "fw.h"

/* Looks which pages were rung. */
static void take_doorbells(SvnicFw *fw, FwContext *c, unsigned me)
{
    for (unsigned i = fw_set_next(&c->mine, 0); i < SVNIC_MAX_VIFS;
         i = fw_set_next(&c->mine, i + 1)) {
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
         * A full receive queue drops, so nothing waits for IXP_PAGE_RECV.
         * A VIF that waits for the port is not helped by asking again.
         */
        if (rung & IXP_PAGE_SEND && !fw_set_has(&c->room, i)) {
            fw_set_add(&c->work, i);
        }
    }
}

static void take_signals(SvnicFw *fw, FwContext *c, unsigned me,
                         uint32_t signals)
{
    if (signals & IXP_SIGNAL_START) {
        /* The XScale may have changed anything: look at everything. */
        c->work = c->mine;
        memset(&c->room, 0, sizeof(c->room));
        c->ports_work = c->ports;
    }
    if (signals & IXP_SIGNAL_PORT_ROOM) {
        for (unsigned i = 0; i < FW_SET_WORDS; i++) {
            c->work.word[i] |= c->room.word[i];
        }
        memset(&c->room, 0, sizeof(c->room));
    }
    if (signals & IXP_SIGNAL_PORT_IN) {
        c->ports_work = c->ports;
    }
    if (signals & (IXP_SIGNAL_DOORBELL | IXP_SIGNAL_START)) {
        take_doorbells(fw, c, me);
    }
}

/* The VIF with work whose turn it is, or SVNIC_MAX_VIFS. */
static unsigned next_in_turn(const FwContext *c)
{
    unsigned i = fw_set_next(&c->work, c->next);

    return i < SVNIC_MAX_VIFS ? i : fw_set_next(&c->work, 0);
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
 * Whether it is the turn of @context to put frames on its microengine's ring.
 * Steps come in a fixed order: whoever is first behind the queue program would
 * fill the ring each time.  So those that found it full have the next turns,
 * one after the other.
 */
static bool has_turn(const FwMe *m, unsigned context)
{
    uint32_t from = m->waiting >> m->turn << m->turn;

    return FW_LIKELY(!m->waiting) ||
           (unsigned)__builtin_ctz(from ? from : m->waiting) == context;
}

/* Fetches frames of the VIFs that have work, each in turn. */
static void fetch_in_turn(SvnicFw *fw, FwContext *c, unsigned me,
                          unsigned context)
{
    FwMe *m = &fw->me[me];

    m->waiting &= ~(1u << context);
    for (unsigned n = 0; n < FW_STEP_BURSTS; n++) {
        unsigned i = next_in_turn(c);
        FwServed served;

        if (i == SVNIC_MAX_VIFS) {
            break;
        }
        served = fw_send_burst(fw, &fw->vif[i], me);
        if (FW_UNLIKELY(served == FW_SERVED_NONE)) {
            /* Goes on there; if this was a turn, after those of the others. */
            c->next = i;
            m->waiting |= 1u << context;
            m->turn = (context + !!n) % IXP_MAX_CONTEXTS;
            break;
        }
        c->next = i + 1;
        if (served == FW_SERVED_ALL) {
            fw_set_remove(&c->work, i);
        }
    }
}

static void serve_vifs(SvnicFw *fw, FwContext *c, unsigned me,
                       unsigned context)
{
    FwMe *m = &fw->me[me];

    if (has_turn(m, context)) {
        fetch_in_turn(fw, c, me, context);
    } else if (!fw_set_empty(&c->work)) {
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

    if (context == fw_queue_context(fw)) {
        more = fw_queue_step(fw, me);
    }
    if (signals & ~IXP_SIGNAL_THREAD) {
        take_signals(fw, c, me, signals);
    }
    if (c->ports_work) {
        serve_ports(fw, c, me, context);
    }
    serve_vifs(fw, c, me, context);
    return more || c->ports_work || !fw_set_empty(&c->work);
}
