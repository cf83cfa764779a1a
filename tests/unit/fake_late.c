/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fake chip's interrupts, and its time, in which events happen that faults
 * delay or repeat.
 */
#include "fake_chip_impl.h"

/* Time does not pass by itself: fake_chip_wait() looks. */
void fake_late_due(void *opaque, uint64_t at)
{
}

void fake_fault_struck(void *opaque, unsigned id, uint32_t at)
{
}

void fake_raise(Ixp *ix, unsigned irq_bit, unsigned vector)
{
    unsigned *raised = ix->config.vectors ? &ix->vectors[vector]
                                          : &ix->irq_bits[irq_bit];

    __atomic_fetch_add(raised, 1, __ATOMIC_RELAXED);
}

void ixp_host_interrupt(Ixp *ix, unsigned irq_bit, unsigned vector)
{
    if (!ixp_fault_interrupt(&ix->units, irq_bit, vector)) {
        fake_raise(ix, irq_bit, vector);
    }
}

bool ixp_xscale_later(Ixp *ix, uint64_t ns, uint32_t events)
{
    return ixp_late_add(&ix->units, ns, IXP_LATE_XSCALE, events, 0);
}

bool ixp_signal_later(Ixp *ix, uint64_t ns, unsigned me, unsigned context,
                      uint32_t signals)
{
    return ixp_late_add(&ix->units, ns, IXP_LATE_SIGNAL, me << 16 | context,
                        signals);
}

void fake_chip_wait(Ixp *ix, uint64_t ns)
{
    uint64_t now = __atomic_add_fetch(&ix->now, ns, __ATOMIC_RELAXED);
    uint64_t next;
    IxpLate late;

    while (ixp_late_take(&ix->units, now, &late, &next)) {
        switch (late.what) {
        case IXP_LATE_DOORBELL:
            fake_page_rung(ix, late.a, late.b);
            break;
        case IXP_LATE_INTERRUPT:
            fake_raise(ix, late.a, late.b);
            break;
        case IXP_LATE_XSCALE:
            fake_xscale_step(ix, late.a);
            break;
        case IXP_LATE_SIGNAL:
            fake_signal(ix, (late.a & 0xffff) * ix->config.microengines +
                        (late.a >> 16), late.b);
            break;
        case IXP_LATE_RBUF:
            ixp_fault_rbuf_late(&ix->units, late.a);
            break;
        case IXP_LATE_LINK:
        case IXP_LATE_PORT:
        case IXP_LATE_BOOT:
            /* QEMU's chip alone has these. */
            break;
        }
    }
}
