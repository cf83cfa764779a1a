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

/* The link of a port goes down, and up again, while the fault strikes. */
static void ixp_late_link(Ixp *ix, IxpPort *port, bool may_fall)
{
    IxpUnits *u = &ix->units;

    if (may_fall && ixp_fault(u, IXP_FAULT_LINK_FLAP, port->index)) {
        ixp_port_flap(port, true);
        may_fall = false;
    } else if (!may_fall) {
        ixp_port_flap(port, false);
        may_fall = true;
    }
    port->flapping = (!may_fall ||
                      ixp_fault_get(&u->faults, IXP_FAULT_LINK_FLAP).one_in) &&
                     ixp_late_add(u, ixp_fault_ns(u, IXP_FAULT_LINK_FLAP),
                                  IXP_LATE_LINK, port->index, may_fall);
    /* The list is full: it stays up. */
    if (!port->flapping && port->flap_down) {
        ixp_port_flap(port, false);
    }
}

void ixp_faults_begin(Ixp *ix)
{
    IxpUnits *u = &ix->units;

    for (unsigned i = 0; i < ix->config.ports; i++) {
        IxpPort *port = &ix->port[i];

        if (!port->flapping && port->nic &&
            ixp_fault_get(&u->faults, IXP_FAULT_LINK_FLAP).one_in) {
            port->flapping = ixp_late_add(u, 0, IXP_LATE_LINK, i, true);
        }
    }
    ixp_xscale_signal(ix, IXP_XSCALE_FAULT);
}

static void ixp_late_signal(Ixp *ix, const IxpLate *late)
{
    ixp_signal(ix, ixp_context(ix, late->a >> 16, late->a & 0xffff), late->b);
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
    case IXP_LATE_SIGNAL:
        ixp_late_signal(ix, late);
        break;
    case IXP_LATE_LINK:
        ixp_late_link(ix, &ix->port[late->a], late->b);
        break;
    case IXP_LATE_PORT:
        ixp_port_unblock(&ix->port[late->a]);
        break;
    case IXP_LATE_RBUF:
        ixp_fault_rbuf_late(&ix->units, late->a);
        break;
    case IXP_LATE_BOOT:
        ixp_reboot_late(ix);
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
    if (ixp_faults_armed(&ix->units)) {
        ixp_faults_begin(ix);
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
