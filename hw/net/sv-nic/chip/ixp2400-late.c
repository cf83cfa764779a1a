/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400: the timer for events that a fault delays or repeats (ixp_faults.h).
 *
 * On the virtual clock, so that events wait while the machine is stopped.  The
 * timer is armed on any thread and runs on the main loop (BQL).
 */
#include "qemu/osdep.h"
#include "ixp2400.h"
#include "trace.h"

void ixp_late_due(void *opaque, uint64_t at)
{
    Ixp *ix = opaque;

    /* An earlier event of another thread may have come in between. */
    timer_mod_anticipate_ns(ix->late_timer, at);
}

static void ixp_late_happen(Ixp *ix, const IxpLate *late)
{
    trace_ixp_late(late->what, late->a, late->b);
    switch (late->what) {
    case IXP_LATE_DOORBELL:
        ixp_page_ring_late(ix, late->a, late->b);
        break;
    case IXP_LATE_INTERRUPT:
        ix->interrupts->raise(ix->opaque, late->a, late->b);
        break;
    case IXP_LATE_XSCALE:
        ixp_xscale_signal(ix, late->a);
        break;
    }
}

static void ixp_late_timer(void *opaque)
{
    Ixp *ix = opaque;
    uint64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    uint64_t next = 0;
    IxpLate late;
    IXP_ENTRY(ix);

    /* ixp_late_start() continues. */
    if (!ixp_running(ix)) {
        return;
    }
    /* What an event causes is not due before the next run. */
    for (unsigned i = 0; i < IXP_LATE_MAX &&
         ixp_late_take(&ix->units, now, &late, &next); i++) {
        ixp_late_happen(ix, &late);
    }
    if (next) {
        ixp_late_due(ix, next);
    }
}

void ixp_late_init(Ixp *ix)
{
    ix->late_timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, ixp_late_timer, ix);
}

void ixp_late_uninit(Ixp *ix)
{
    timer_free(ix->late_timer);
    ix->late_timer = NULL;
}

void ixp_late_start(Ixp *ix)
{
    if (qatomic_read(&ix->units.faults.lates)) {
        ixp_late_due(ix, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL));
    }
}

const IxpFaultKind *ixp_fault_kind(const IxpProgram *program, unsigned id)
{
    if (id < IXP_FAULT_PROGRAM) {
        return &ixp_fault_kinds[id];
    }
    id -= IXP_FAULT_PROGRAM;
    return id < program->faults ? &program->fault[id] : NULL;
}

void ixp_fault_reported(void *opaque, unsigned id, uint32_t at)
{
    Ixp *ix = opaque;

    trace_ixp_fault(ixp_fault_kind(ix->program, id)->name, at);
}
