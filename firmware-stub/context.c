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

static void serve_vifs(SvnicFw *fw, FwContext *c, unsigned me)
{
    for (unsigned n = 0; n < FW_STEP_BURSTS; n++) {
        unsigned i = next_in_turn(c);

        if (i == SVNIC_MAX_VIFS) {
            break;
        }
        c->next = i + 1;
        if (fw_send_burst(fw, &fw->vif[i], me) == FW_SERVED_ALL) {
            fw_set_remove(&c->work, i);
        }
    }
    fw_queue_kick(fw, me);
}

bool svnic_fw_context_step(SvnicFw *fw, unsigned me, unsigned context,
                           uint32_t signals)
{
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
    serve_vifs(fw, c, me);
    return more || c->ports_work || !fw_set_empty(&c->work);
}
