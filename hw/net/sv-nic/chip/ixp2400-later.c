/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400: events that a fault delays or repeats, in a bounded list in the
 * order of their time.  See ixp_faults.h.
 *
 * Any thread adds; the chip takes what is due when the time that it was told
 * by IxpUnitsOps.late_due has come.  A reset empties the list.
 */
#include "ixp_units.h"

/* Under late_lock. */
static void set_count(IxpFaults *f, uint32_t n)
{
    __atomic_store_n(&f->lates, n, __ATOMIC_RELAXED);
    if (n) {
        __atomic_fetch_or(&f->armed, IXP_FAULT_LATE, __ATOMIC_RELAXED);
    } else {
        __atomic_fetch_and(&f->armed, ~IXP_FAULT_LATE, __ATOMIC_RELAXED);
    }
}

bool ixp_late_full(IxpUnits *u)
{
    return __atomic_load_n(&u->faults.lates, __ATOMIC_RELAXED) ==
           IXP_LATE_MAX;
}

bool ixp_late_add(IxpUnits *u, uint64_t ns, IxpLateWhat what, uint32_t a,
                  uint32_t b)
{
    IxpFaults *f = &u->faults;
    uint64_t at = u->ops->clock(u->opaque) + ns;
    unsigned i;

    ixp_unit_lock(&f->late_lock);
    i = f->lates;
    if (i == IXP_LATE_MAX) {
        ixp_unit_unlock(&f->late_lock);
        return false;
    }
    /* Behind others of the same time, which stay in their order. */
    for (; i && f->late[i - 1].at > at; i--) {
        f->late[i] = f->late[i - 1];
    }
    f->late[i] = (IxpLate) { .at = at, .what = what, .a = a, .b = b };
    set_count(f, f->lates + 1);
    at = f->late[0].at;
    ixp_unit_unlock(&f->late_lock);
    if (!i) {
        u->ops->late_due(u->opaque, at);
    }
    return true;
}

bool ixp_late_take(IxpUnits *u, uint64_t now, IxpLate *late, uint64_t *next)
{
    IxpFaults *f = &u->faults;
    bool due;

    ixp_unit_lock(&f->late_lock);
    due = f->lates && f->late[0].at <= now;
    if (due) {
        *late = f->late[0];
        set_count(f, f->lates - 1);
        for (unsigned i = 0; i < f->lates; i++) {
            f->late[i] = f->late[i + 1];
        }
    }
    *next = f->lates ? f->late[0].at : 0;
    ixp_unit_unlock(&f->late_lock);
    return due;
}

void ixp_late_reset(IxpUnits *u)
{
    ixp_unit_lock(&u->faults.late_lock);
    set_count(&u->faults, 0);
    ixp_unit_unlock(&u->faults.late_lock);
}
