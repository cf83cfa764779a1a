/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400: when a fault that was asked for strikes; what it does to doorbells,
 * interrupts and RBUF.  See ixp_faults.h.
 *
 * Any thread.  The decision depends on the seed, the kind and the number of the
 * occasion alone, so that it needs no lock: threads that race for an occasion
 * get different numbers.
 */
#include "ixp_units.h"

const IxpFaultKind ixp_fault_kinds[IXP_FAULT_PROGRAM] = {
#define FAULT IXP_FAULT_KIND
#include "ixp_faults.h.inc"
#undef FAULT
};

/* The finalizer of SplitMix64: each bit of the input changes half of them. */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static uint64_t number(const IxpFaults *f, unsigned id, uint64_t occasion)
{
    return mix(mix((uint64_t)f->seed << 32 | id) ^ occasion);
}

void ixp_fault_set(IxpFaults *f, unsigned id, const IxpFaultSetting *set)
{
    uint64_t bit = UINT64_C(1) << id;

    f->fault[id].set = *set;
    __atomic_store_n(&f->fault[id].occasions, 0, __ATOMIC_RELAXED);
    if (set->one_in && (!set->limited || set->next)) {
        __atomic_fetch_or(&f->armed, bit, __ATOMIC_RELEASE);
    } else {
        __atomic_fetch_and(&f->armed, ~bit, __ATOMIC_RELEASE);
    }
}

IxpFaultSetting ixp_fault_get(const IxpFaults *f, unsigned id)
{
    IxpFaultSetting set = f->fault[id].set;

    set.next = __atomic_load_n(&f->fault[id].set.next, __ATOMIC_RELAXED);
    if (set.limited && !set.next) {
        set.one_in = 0;
    }
    return set;
}

void ixp_fault_seed(IxpFaults *f, uint32_t seed)
{
    f->seed = seed;
    for (unsigned i = 0; i < IXP_FAULTS_MAX; i++) {
        __atomic_store_n(&f->fault[i].occasions, 0, __ATOMIC_RELAXED);
    }
}

uint64_t ixp_fault_ns(const IxpUnits *u, unsigned id)
{
    bool ms = ixp_fault_kinds[id].value[0] == 'm';

    return ixp_fault_value(u, id) * (ms ? UINT64_C(1000000) : UINT64_C(1000));
}

uint32_t ixp_fault_random(const IxpUnits *u, unsigned id)
{
    const IxpFaults *f = &u->faults;
    uint64_t occasion = __atomic_load_n(&f->fault[id].occasions,
                                        __ATOMIC_RELAXED);

    return number(f, id, ~occasion) >> 32;
}

/* Takes one of the remaining times; the last one disarms the kind. */
static bool take(IxpFaults *f, unsigned id)
{
    uint32_t *next = &f->fault[id].set.next;
    uint32_t left = __atomic_load_n(next, __ATOMIC_RELAXED);

    do {
        if (!left) {
            return false;
        }
    } while (!__atomic_compare_exchange_n(next, &left, left - 1, true,
                                          __ATOMIC_RELAXED,
                                          __ATOMIC_RELAXED));
    if (left == 1) {
        __atomic_fetch_and(&f->armed, ~(UINT64_C(1) << id), __ATOMIC_RELAXED);
    }
    return true;
}

bool ixp_fault_strikes(IxpUnits *u, unsigned id, uint32_t at)
{
    IxpFaults *f = &u->faults;
    IxpFault *fault = &f->fault[id];
    uint64_t occasion;

    if (fault->set.at != IXP_FAULT_ANY && fault->set.at != at) {
        return false;
    }
    occasion = __atomic_fetch_add(&fault->occasions, 1, __ATOMIC_RELAXED);
    if (number(f, id, occasion) % fault->set.one_in ||
        (fault->set.limited && !take(f, id))) {
        return false;
    }
    __atomic_fetch_add(&fault->struck, 1, __ATOMIC_RELAXED);
    u->ops->fault_struck(u->opaque, id, at);
    return true;
}

/* ---- what the units ask ---- */

bool ixp_fault_later(IxpUnits *u, unsigned id, uint32_t at, IxpLateWhat what,
                     uint32_t a, uint32_t b)
{
    return !ixp_late_full(u) && ixp_fault(u, id, at) &&
           ixp_late_add(u, ixp_fault_ns(u, id), what, a, b);
}

bool ixp_fault_doorbell_taken(IxpUnits *u, unsigned page, unsigned doorbell)
{
    if (ixp_fault(u, IXP_FAULT_DOORBELL_LOSE, page)) {
        return true;
    }
    ixp_fault_later(u, IXP_FAULT_DOORBELL_DUPLICATE, page, IXP_LATE_DOORBELL,
                    page, doorbell);
    return ixp_fault_later(u, IXP_FAULT_DOORBELL_DELAY, page,
                           IXP_LATE_DOORBELL, page, doorbell);
}

bool ixp_fault_interrupt_taken(IxpUnits *u, unsigned irq_bit, unsigned vector)
{
    if (ixp_fault(u, IXP_FAULT_INTERRUPT_LOSE, vector)) {
        return true;
    }
    ixp_fault_later(u, IXP_FAULT_INTERRUPT_DUPLICATE, vector,
                    IXP_LATE_INTERRUPT, irq_bit, vector);
    return ixp_fault_later(u, IXP_FAULT_INTERRUPT_DELAY, vector,
                           IXP_LATE_INTERRUPT, irq_bit, vector);
}

bool ixp_fault_rbuf_taken(IxpUnits *u, unsigned port)
{
    IxpMsfPort *p = &u->msf.port[port];

    if (!__atomic_load_n(&p->rx_fault, __ATOMIC_RELAXED) &&
        ixp_fault_later(u, IXP_FAULT_RBUF_OUT, port, IXP_LATE_RBUF, port, 0)) {
        __atomic_store_n(&p->rx_fault, true, __ATOMIC_RELAXED);
    }
    return __atomic_load_n(&p->rx_fault, __ATOMIC_RELAXED);
}

void ixp_fault_rbuf_late(IxpUnits *u, unsigned port)
{
    __atomic_store_n(&u->msf.port[port].rx_fault, false, __ATOMIC_RELAXED);
    /* As when an element was returned. */
    ixp_msf_rx_run(u);
}
