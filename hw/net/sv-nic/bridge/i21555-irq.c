/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 21555: doorbells and their masks, chip status, page boundaries, and
 * the two pins that they assert, INTA to the host and s_inta to the chip.
 *
 * The pins change when the board calls i21555_move_pins(), after the access or
 * step that changed a register, because a new level can lead to an access to
 * the card (re-entrancy).
 *
 * Register accesses run with the BQL.  i21555_raise() and i21555_page_event()
 * run on any thread.  Request and mask registers are changed only by
 * sequentially consistent read-modify-writes, and each change of one register
 * is followed by a read of the other, so that no request is lost.
 *
 * Spec: "Interrupts".
 */
#include "qemu/osdep.h"
#include "i21555.h"
#include "trace.h"

static bool i21555_chip_pending(I21555 *b)
{
    return lduw_le_p(b->csr_file + SVNIC_CSR_CHIP_STATUS) & ~b->chip_mask;
}

static bool i21555_page_pending(I21555 *b)
{
    for (unsigned i = 0; i < ARRAY_SIZE(b->page_irq); i++) {
        if (qatomic_read(&b->page_irq[i]) &
            ~i21555_csr32(b, SVNIC_CSR_PAGE_MASK(i))) {
            return true;
        }
    }
    return false;
}

static bool i21555_pending(I21555 *b, I21555Side side)
{
    if (side == I21555_PRIMARY && !i21555_awake(b)) {
        return false;
    }
    return (qatomic_read(&b->irq[side]) & ~qatomic_read(&b->irq_mask[side])) ||
           i21555_i2o_pending(b, side) || i21555_chip_pending(b) ||
           (side == I21555_SECONDARY && i21555_page_pending(b));
}

void i21555_update_irq(I21555 *b)
{
    b->board->pins_due(b->opaque);
}

void i21555_move_pins(I21555 *b)
{
    for (unsigned side = 0; side < I21555_SIDES; side++) {
        bool level = i21555_pending(b, side);

        if (level == b->level[side]) {
            continue;
        }
        b->level[side] = level;
        trace_i21555_pin(side == I21555_PRIMARY ? "p_inta" : "s_inta", level);
        if (side == I21555_PRIMARY) {
            b->board->inta(b->opaque, level);
        } else {
            b->board->s_inta(b->opaque, level);
        }
    }
}

void i21555_raise(I21555 *b, unsigned irq_bit)
{
    uint32_t bit = 1u << irq_bit;
    uint32_t old = qatomic_fetch_or(&b->irq[I21555_PRIMARY], bit);

    stat64_add(&b->raised, 1);
    trace_i21555_raise(irq_bit, old);
    if (old & bit) {
        stat64_add(&b->redundant, 1);
        return;
    }
    if (!(qatomic_read(&b->irq_mask[I21555_PRIMARY]) & bit)) {
        i21555_update_irq(b);
    }
}

void i21555_page_event(I21555 *b, unsigned page)
{
    uint32_t bit = 1u << (page % 32);

    if (!(qatomic_fetch_or(&b->page_irq[page / 32], bit) & bit)) {
        i21555_update_irq(b);
    }
}

void i21555_chip_event(I21555 *b, uint32_t bits)
{
    uint8_t *status = b->csr_file + SVNIC_CSR_CHIP_STATUS;

    stw_le_p(status, lduw_le_p(status) | bits);
    i21555_update_irq(b);
}

/*
 * ---- request and mask registers ----
 *
 * Order of the offsets: clear request, set request, clear mask, set mask.  In
 * each pair the primary register is at a multiple of 4, and the secondary
 * register 2 bytes above it.
 */

static uint32_t *i21555_irq_at(I21555 *b, unsigned at)
{
    I21555Side side = at & 2 ? I21555_SECONDARY : I21555_PRIMARY;

    return at < SVNIC_CSR_PRIMARY_CLEAR_MASK ? &b->irq[side]
                                             : &b->irq_mask[side];
}

static uint32_t i21555_irq_read(I21555 *b, I21555Side side, unsigned at,
                                uint32_t lanes)
{
    return qatomic_read(i21555_irq_at(b, at));
}

static void i21555_irq_w1s(I21555 *b, I21555Side side, unsigned at,
                           uint32_t bits, uint32_t lanes)
{
    qatomic_fetch_or(i21555_irq_at(b, at), bits);
    i21555_update_irq(b);
}

static void i21555_irq_w1c(I21555 *b, I21555Side side, unsigned at,
                           uint32_t bits, uint32_t lanes)
{
    qatomic_fetch_and(i21555_irq_at(b, at), ~bits);
    i21555_update_irq(b);
}

const I21555Handler i21555_irq_set = {
    .read = i21555_irq_read,
    .write = i21555_irq_w1s,
};

const I21555Handler i21555_irq_clear = {
    .read = i21555_irq_read,
    .write = i21555_irq_w1c,
};

/* ---- chip status ---- */

static uint32_t i21555_chip_mask_read(I21555 *b, I21555Side side, unsigned at,
                                      uint32_t lanes)
{
    return b->chip_mask;
}

static void i21555_chip_mask_w1s(I21555 *b, I21555Side side, unsigned at,
                                 uint32_t bits, uint32_t lanes)
{
    b->chip_mask |= bits & (SVNIC_CHIP_D0 | SVNIC_CHIP_SUBSYSTEM);
    i21555_update_irq(b);
}

static void i21555_chip_mask_w1c(I21555 *b, I21555Side side, unsigned at,
                                 uint32_t bits, uint32_t lanes)
{
    b->chip_mask &= ~bits;
    i21555_update_irq(b);
}

const I21555Handler i21555_chip_mask_set = {
    .read = i21555_chip_mask_read,
    .write = i21555_chip_mask_w1s,
};

const I21555Handler i21555_chip_mask_clear = {
    .read = i21555_chip_mask_read,
    .write = i21555_chip_mask_w1c,
};

const I21555Handler i21555_chip_status = {
    .changed = i21555_update_irq,
};

/* ---- page boundaries ---- */

static uint32_t i21555_page_irq_read(I21555 *b, I21555Side side, unsigned at,
                                     uint32_t lanes)
{
    return qatomic_read(&b->page_irq[(at - SVNIC_CSR_PAGE_IRQ(0)) / 4]);
}

static void i21555_page_irq_w1c(I21555 *b, I21555Side side, unsigned at,
                                uint32_t bits, uint32_t lanes)
{
    qatomic_fetch_and(&b->page_irq[(at - SVNIC_CSR_PAGE_IRQ(0)) / 4], ~bits);
    i21555_update_irq(b);
}

const I21555Handler i21555_page_irq = {
    .read = i21555_page_irq_read,
    .write = i21555_page_irq_w1c,
};

const I21555Handler i21555_page_mask = {
    .changed = i21555_update_irq,
};

/* ---- life cycle ---- */

void i21555_irq_reset(I21555 *b)
{
    for (unsigned side = 0; side < I21555_SIDES; side++) {
        qatomic_set(&b->irq[side], 0);
        qatomic_set(&b->irq_mask[side], MAKE_64BIT_MASK(
                                            0, SVNIC_IRQ_BITS));
    }
    for (unsigned i = 0; i < ARRAY_SIZE(b->page_irq); i++) {
        qatomic_set(&b->page_irq[i], 0);
    }
    b->chip_mask = SVNIC_CHIP_D0 | SVNIC_CHIP_SUBSYSTEM;
    /* Now, not later: QEMU's PCI reset has already lowered INTA. */
    i21555_move_pins(b);
}
