/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC, the board: interrupts of the chip to the host.
 *
 * The chip raises an interrupt by a write to the bridge; if that write does not
 * reach the bridge, the interrupt is lost and counted.  If MSI-X is disabled,
 * an interrupt sets a bit of the bridge's Primary IRQ register, else it sends
 * a vector.
 *
 * An interrupt can be raised by a worker or in the middle of a step.  The pin
 * change or message is not delivered there, because the guest chooses the
 * address of a message, and it can be a register of this card or of the slot
 * above it.  Delivery is deferred to the end of the outermost entry, or to a
 * bottom half in the main loop if there is no entry.
 *
 * Spec: "Interrupts".
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/host-utils.h"
#include "qemu/main-loop.h"
#include "hw/pci/msix.h"
#include "sv-nic.h"
#include "trace.h"

/* Delivery rounds before the main loop runs other handlers. */
#define SV_NIC_DELIVER_ROUNDS   4

/* True if @vector is masked and pending: one message will report both. */
static bool sv_nic_vector_pending(SvNicState *s, unsigned vector)
{
    return PCI_DEVICE(s)->msix_pba[vector / 8] >> (vector % 8) & 1;
}

static void sv_nic_vector_send(SvNicState *s, unsigned vector)
{
    trace_sv_nic_vector_send(vector);
    if (sv_nic_vector_pending(s, vector)) {
        stat64_add(&s->vectors_redundant, 1);
    }
    msix_notify(PCI_DEVICE(s), vector);
}

static void sv_nic_vectors_send(SvNicState *s)
{
    for (unsigned i = 0; i < SVNIC_VECTOR_WORDS; i++) {
        uint32_t bits = qatomic_read(&s->vectors[i]) ?
                        qatomic_xchg(&s->vectors[i], 0) : 0;

        /* Each message can disable MSI-X or unplug the card. */
        while (bits && s->chip.live && msix_enabled(PCI_DEVICE(s))) {
            sv_nic_vector_send(s, i * 32 + ctz32(bits));
            bits &= bits - 1;
        }
    }
}

void sv_nic_deliver_soon(SvNicState *s)
{
    if (qatomic_xchg(&s->deliver_due, true)) {
        return;
    }
    if (!bql_locked() || !s->chip.entered) {
        ixp_bh_schedule(&s->chip, s->deliver_bh);
    }
}

/*
 * A message can cause an entry, which calls this function again: the nested
 * call returns, and the outer loop delivers what it has recorded.
 */
static void sv_nic_deliver(void *opaque)
{
    SvNicState *s = opaque;

    if (s->delivering) {
        return;
    }
    s->delivering = true;
    for (unsigned i = 0; i < SV_NIC_DELIVER_ROUNDS && s->chip.live &&
         qatomic_xchg(&s->deliver_due, false); i++) {
        i21555_move_pins(&s->bridge);
        sv_nic_vectors_send(s);
    }
    s->delivering = false;
    if (s->chip.live && qatomic_read(&s->deliver_due)) {
        ixp_bh_schedule(&s->chip, s->deliver_bh);
    }
}

static void sv_nic_deliver_bh(void *opaque)
{
    SvNicState *s = opaque;
    IXP_ENTRY(&s->chip);
}

static void sv_nic_raise(void *opaque, unsigned irq_bit, unsigned vector)
{
    SvNicState *s = opaque;
    uint32_t bit = 1u << (vector % 32);
    uint32_t old;

    if (!sv_nic_local_reachable(s)) {
        stat64_add(&s->interrupts_lost, 1);
        trace_sv_nic_interrupt_lost(irq_bit, vector);
        return;
    }
    if (!qatomic_read(&s->msix_on)) {
        i21555_raise(&s->bridge, irq_bit);
        return;
    }
    stat64_add(&s->vectors_raised, 1);
    old = qatomic_fetch_or(&s->vectors[vector / 32], bit);
    trace_sv_nic_vector_raise(vector, old & bit);
    if (old & bit) {
        stat64_add(&s->vectors_redundant, 1);
        return;
    }
    sv_nic_deliver_soon(s);
}

const IxpInterrupts sv_nic_interrupts = {
    .raise = sv_nic_raise,
    .deliver = sv_nic_deliver,
};

void sv_nic_irq_config(SvNicState *s)
{
    qatomic_set(&s->msix_on, msix_enabled(PCI_DEVICE(s)) != 0);
}

void sv_nic_irq_reset(SvNicState *s)
{
    for (unsigned i = 0; i < SVNIC_VECTOR_WORDS; i++) {
        qatomic_set(&s->vectors[i], 0);
    }
    sv_nic_irq_config(s);
}

bool sv_nic_irq_init(SvNicState *s, Error **errp)
{
    PCIDevice *pdev = PCI_DEVICE(s);

    if (s->msix) {
        unsigned vectors = SVNIC_VECTOR(s->vifs - 1) + 1;

        if (msix_init(pdev, vectors, &s->bridge.msix_bar, SVNIC_BAR_CSR,
                      SVNIC_MSIX_TABLE_OFFSET, &s->bridge.msix_bar,
                      SVNIC_BAR_CSR, SVNIC_MSIX_PBA_OFFSET, SVNIC_CFG_MSIX,
                      errp)) {
            error_prepend(errp, "msix=on: ");
            return false;
        }
        i21555_attach_msix(&s->bridge);
        for (unsigned i = 0; i < vectors; i++) {
            msix_vector_use(pdev, i);
        }
    }
    s->deliver_bh = qemu_bh_new_guarded(sv_nic_deliver_bh, s,
                                        &DEVICE(s)->mem_reentrancy_guard);
    return true;
}

void sv_nic_irq_uninit(SvNicState *s)
{
    qemu_bh_delete(s->deliver_bh);
    s->deliver_bh = NULL;
    qatomic_set(&s->msix_on, false);
    if (s->msix) {
        msix_unuse_all_vectors(PCI_DEVICE(s));
        msix_uninit(PCI_DEVICE(s), &s->bridge.msix_bar, &s->bridge.msix_bar);
    }
}
