/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the program does wrong on request, see fw_faults.h.  Nothing here runs
 * unless a kind of fault is set.
 *
 * Called on the XScale by control.c and boot.c, in contexts by queue.c.
 */
#include "fw.h"

const IxpFaultKind fw_fault_kinds[FW_FAULT_KINDS] = {
#define FAULT IXP_FAULT_KIND
#include "fw_faults.h.inc"
#undef FAULT
};

static uint64_t nanoseconds(const SvnicFw *fw, FwFaultId id)
{
    return ixp_fault_value(fw->units, id) * UINT64_C(1000);
}

/* ---- commands ---- */

bool fw_fault_command_taken(SvnicFw *fw)
{
    uint32_t opcode = fw_le16(fw->command.opcode);

    if (ixp_fault(fw->units, FW_FAULT_COMMAND_SILENT, opcode)) {
        return true;
    }
    if (ixp_fault(fw->units, FW_FAULT_COMMAND_FAIL, opcode)) {
        fw_control_answer(fw, &fw->command, fw->command_at,
                          ixp_fault_value(fw->units, FW_FAULT_COMMAND_FAIL));
        return true;
    }
    return false;
}

/* One answer at a time is put off; false: it is not, and no fault strikes. */
static bool put_off(SvnicFw *fw, FwFaultId id)
{
    FwFaultState *s = &fw->faults;

    if (s->answer_due ||
        !ixp_fault(fw->units, id, fw_le16(fw->command.opcode)) ||
        !ixp_xscale_later(fw->ix, nanoseconds(fw, id), FW_TIMER_ANSWER)) {
        return false;
    }
    s->answer_due = true;
    s->answer_again = id == FW_FAULT_ANSWER_DUPLICATE;
    s->answer = fw->command;
    s->answer_at = fw->command_at;
    s->answer_status = fw->command_status;
    return true;
}

bool fw_fault_answer_taken(SvnicFw *fw)
{
    if (ixp_fault(fw->units, FW_FAULT_ANSWER_LOSE,
                  fw_le16(fw->command.opcode)) ||
        put_off(fw, FW_FAULT_ANSWER_DELAY)) {
        return true;
    }
    put_off(fw, FW_FAULT_ANSWER_DUPLICATE);
    return false;
}

static void answer_late(SvnicFw *fw)
{
    FwFaultState *s = &fw->faults;

    if (!s->answer_due) {
        return;
    }
    s->answer_due = false;
    if (s->answer_again) {
        fw_control_finish(fw, s->answer_status);
    } else {
        fw_control_answer(fw, &s->answer, s->answer_at, s->answer_status);
    }
}

/* ---- completions of sent frames ---- */

static uint64_t bit_of(const FwVif *v)
{
    return UINT64_C(1) << (v->id % 64);
}

static uint64_t *word_of(SvnicFw *fw, const FwVif *v)
{
    return &fw->faults.completions.word[v->id / 64];
}

static bool withhold(SvnicFw *fw, FwVif *v)
{
    if (__atomic_load_n(word_of(fw, v), __ATOMIC_RELAXED) & bit_of(v) ||
        ixp_fault(fw->units, FW_FAULT_COMPLETION_LOSE, v->id)) {
        return true;
    }
    if (!ixp_fault(fw->units, FW_FAULT_COMPLETION_DELAY, v->id) ||
        !ixp_xscale_later(fw->ix, nanoseconds(fw, FW_FAULT_COMPLETION_DELAY),
                          FW_TIMER_COMPLETIONS)) {
        return false;
    }
    __atomic_fetch_or(word_of(fw, v), bit_of(v), __ATOMIC_RELAXED);
    return true;
}

void fw_fault_completions_taken(FwBurst *b)
{
    SvnicFw *fw = b->fw;

    for (unsigned i = 0; i < b->senders; i++) {
        FwVif *v = b->sender[i].vif;

        b->sender[i].withheld = withhold(fw, v);
        if (ixp_fault(fw->units, FW_FAULT_COMPLETION_DUPLICATE, v->id)) {
            fw_vif_signal(fw, v, SVNIC_SIGNAL_SEND_DONE);
        }
    }
}

/* Publishes what was delivered while completions were withheld. */
static void complete_late(SvnicFw *fw)
{
    FwSet *held = &fw->faults.completions;

    if (fw_set_empty(held)) {
        return;
    }
    ixp_me_pause(fw->ix);
    for (unsigned i = fw_set_next(held, 0); i < SVNIC_MAX_VIFS;
         i = fw_set_next(held, i + 1)) {
        FwVif *v = &fw->vif[i];
        struct svnic_vif_page *page = fw_vif_page(fw, v);

        if (fw_vif_state(v) == SVNIC_VIF_ACTIVE && page) {
            ixp_store_release(&page->send_cons.index, v->send_cons);
            fw_vif_page_written(fw, v);
            fw_vif_signal(fw, v, SVNIC_SIGNAL_SEND_DONE);
        }
    }
    memset(held, 0, sizeof(*held));
    ixp_me_resume(fw->ix);
}

void fw_fault_events(SvnicFw *fw, uint32_t events)
{
    if (events & FW_TIMER_ANSWER) {
        answer_late(fw);
    }
    if (events & FW_TIMER_COMPLETIONS) {
        complete_late(fw);
    }
}
