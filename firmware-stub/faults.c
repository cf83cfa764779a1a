/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the program does wrong on request, see fw_faults.h.  Nothing here runs
 * unless a kind of fault is set.
 *
 * Called on the XScale by control.c and boot.c, in contexts by context.c,
 * queue.c, recv.c and send.c.
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

/* ---- the program as a whole ---- */

bool fw_fault_no_boot(SvnicFw *fw)
{
    fw->faults.dead = ixp_fault(fw->units, FW_FAULT_BOOT_FAIL, 0);
    return fw->faults.dead;
}

bool fw_fault_dies(SvnicFw *fw)
{
    if (!fw->faults.dead && ixp_fault(fw->units, FW_FAULT_DIE, 0)) {
        fw->faults.dead = true;
        for (unsigned i = 0; i < fw->microengines; i++) {
            ixp_csr_write(fw->units, IXP_CSR_ME(i, IXP_ME_CTX_ENABLES), 0);
        }
    }
    return fw->faults.dead;
}

/* ---- stages ---- */

/* Whether a pending VIF has sent something; it may only have to be read. */
static bool has_frames(const SvnicFw *fw, const FwContext *c)
{
    for (unsigned i = fw_set_next(&c->pending, 0); i < SVNIC_MAX_VIFS;
         i = fw_set_next(&c->pending, i + 1)) {
        const FwVif *v = &fw->vif[i];
        const struct svnic_vif_page *page = fw_vif_page(fw, v);

        if (page && fw_vif_state(v) == SVNIC_VIF_ACTIVE &&
            ixp_load_acquire(&page->send_prod.index) != v->send_fetched) {
            return true;
        }
    }
    return false;
}

static bool has_work(const SvnicFw *fw, const FwContext *c, unsigned me,
                     FwFaultId stage)
{
    switch (stage) {
    case FW_FAULT_DELIVER_SLOW:
        return !ixp_ring_empty(fw->units, me);
    case FW_FAULT_FETCH_SLOW:
        return has_frames(fw, c);
    default:
        return c->ports_work;
    }
}

/* One stage of a context is put off at a time. */
bool fw_fault_stage_slow(SvnicFw *fw, FwContext *c, unsigned me,
                         unsigned context, FwFaultId stage)
{
    const IxpUnitsConfig *config = &fw->units->config;
    uint64_t now = ixp_timestamp(fw->units);
    uint64_t us = ixp_fault_value(fw->units, stage);

    if (c->slow == (uint32_t)stage && now < c->slow_until &&
        ixp_fault_is_set(fw->units, stage)) {
        return true;
    }
    if (c->slow == (uint32_t)stage) {
        c->slow = 0;
        return false;
    }
    if (c->slow || !has_work(fw, c, me, stage) ||
        !ixp_fault(fw->units, stage, 0) ||
        !ixp_signal_later(fw->ix, us * UINT64_C(1000), me, context,
                          IXP_SIGNAL_THREAD)) {
        return false;
    }
    c->slow = stage;
    c->slow_until = now + us * config->me_mhz / config->timestamp_cycles;
    return true;
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
    if ((__atomic_load_n(word_of(fw, v), __ATOMIC_RELAXED) & bit_of(v) &&
         ixp_fault_is_set(fw->units, FW_FAULT_COMPLETION_DELAY)) ||
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
        if (!b->sender[i].withheld &&
            ixp_fault(fw->units, FW_FAULT_SEND_INDEX, v->id)) {
            b->sender[i].add = ixp_fault_value(fw->units, FW_FAULT_SEND_INDEX);
        }
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

/* ---- VIFs, received frames ---- */

bool fw_fault_stops(SvnicFw *fw, FwVif *v)
{
    if (!ixp_fault(fw->units, FW_FAULT_VIF_STOP, v->id)) {
        return false;
    }
    fw_vif_stop(fw, v, ixp_fault_value(fw->units, FW_FAULT_VIF_STOP),
                v->send_fetched);
    return true;
}

static void wrong_header(SvnicFw *fw, const FwVif *v, struct svnic_frame *head)
{
    uint32_t random;

    if (ixp_fault(fw->units, FW_FAULT_RECV_LENGTH, v->id)) {
        head->length = fw_le32(ixp_fault_value(fw->units,
                                               FW_FAULT_RECV_LENGTH));
    }
    if (ixp_fault(fw->units, FW_FAULT_RECV_HEADER, v->id)) {
        random = ixp_fault_random(fw->units, FW_FAULT_RECV_HEADER);
        head->flags = random;
        head->gso_type = random >> 8;
        head->hdr_len = random >> 3;
        head->gso_size = random >> 5;
        head->csum_start = random >> 11;
        head->csum_offset = random >> 16;
    }
}

/*
 * The owner can write the slots, too: the number of slots of a frame is only
 * believed as far as what is published goes.
 */
uint32_t fw_fault_received_wrong(FwBurst *b, FwVif *v)
{
    SvnicFw *fw = b->fw;
    uint32_t index = b->open_from;

    while (index != v->recv_prod) {
        uint32_t at = (index & (v->recv_slots - 1)) * SVNIC_SLOT_SIZE;
        struct svnic_frame *head = NULL;
        uint32_t slots;
        FwSpan s;

        if (fw_span_recv(&s, fw, v, at, sizeof(*head))) {
            head = (struct svnic_frame *)fw_span_whole(&s);
        }
        slots = head ? fw_le16(head->slots) : 0;

        if (!slots || slots > v->recv_prod - index) {
            break;
        }
        wrong_header(fw, v, head);
        fw_span_end(&s);
        index += slots;
    }
    return ixp_fault(fw->units, FW_FAULT_RECV_INDEX, v->id)
           ? ixp_fault_value(fw->units, FW_FAULT_RECV_INDEX) : 0;
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
