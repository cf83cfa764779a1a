/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fake chip's doorbell aperture.
 */
#include "fake_chip_impl.h"

/* The host may access a page while it is opened or closed: all atomic. */
void fake_page_clear(FakePage *p)
{
    __atomic_store_n(&p->open, false, __ATOMIC_SEQ_CST);
    __atomic_store_n(&p->rung, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&p->status, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&p->mask, UINT32_MAX, __ATOMIC_RELAXED);
    __atomic_store_n(&p->rings, 0, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < FAKE_SIGNALS; i++) {
        __atomic_store_n(&p->signals[i], 0, __ATOMIC_RELAXED);
    }
}

static bool page_open(const FakePage *p)
{
    return __atomic_load_n(&p->open, __ATOMIC_ACQUIRE);
}

void ixp_page_open(Ixp *ix, unsigned page, unsigned me, unsigned context,
                   unsigned irq_bit, unsigned vector)
{
    FakePage *p = &ix->page[page];

    fake_page_clear(p);
    __atomic_store_n(&p->target, context * ix->config.microengines + me,
                     __ATOMIC_RELAXED);
    __atomic_store_n(&p->irq_bit, irq_bit, __ATOMIC_RELAXED);
    __atomic_store_n(&p->vector, vector, __ATOMIC_RELAXED);
    __atomic_store_n(&p->open, true, __ATOMIC_RELEASE);
}

void ixp_page_vector(Ixp *ix, unsigned page, unsigned vector)
{
    __atomic_store_n(&ix->page[page].vector, vector, __ATOMIC_RELAXED);
}

void ixp_page_close(Ixp *ix, unsigned page)
{
    fake_page_clear(&ix->page[page]);
}

static void page_interrupt(Ixp *ix, const FakePage *p)
{
    ixp_host_interrupt(ix, __atomic_load_n(&p->irq_bit, __ATOMIC_RELAXED),
                       __atomic_load_n(&p->vector, __ATOMIC_RELAXED));
}

uint64_t ixp_page_rung_at(Ixp *ix, unsigned page)
{
    return __atomic_load_n(&ix->page[page].rung_at, __ATOMIC_RELAXED);
}

unsigned ixp_page_take(Ixp *ix, unsigned page)
{
    uint32_t *rung = &ix->page[page].rung;

    if (!__atomic_load_n(rung, __ATOMIC_RELAXED)) {
        return 0;
    }
    return __atomic_exchange_n(rung, 0, __ATOMIC_ACQ_REL);
}

void ixp_page_signal(Ixp *ix, unsigned page, uint32_t bits)
{
    FakePage *p = &ix->page[page];

    if (!page_open(p)) {
        return;
    }
    __atomic_fetch_or(&p->status, bits, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < FAKE_SIGNALS; i++) {
        if (bits & 1u << i) {
            __atomic_fetch_add(&p->signals[i], 1, __ATOMIC_RELAXED);
        }
    }
    if (bits & ~__atomic_load_n(&p->mask, __ATOMIC_SEQ_CST)) {
        page_interrupt(ix, p);
    }
}

void fake_page_ring(Ixp *ix, unsigned page, unsigned doorbell)
{
    if (!ixp_fault_doorbell(&ix->units, page, doorbell)) {
        fake_page_rung(ix, page, doorbell);
    }
}

void fake_page_rung(Ixp *ix, unsigned page, unsigned doorbell)
{
    FakePage *p = &ix->page[page];

    if (!page_open(p)) {
        return;
    }
    __atomic_fetch_add(&p->rings, 1, __ATOMIC_RELAXED);
    if (ix->config.stamps && !__atomic_load_n(&p->rung, __ATOMIC_RELAXED)) {
        __atomic_store_n(&p->rung_at, ixp_stamp(ix), __ATOMIC_RELAXED);
    }
    __atomic_fetch_or(&p->rung, doorbell, __ATOMIC_ACQ_REL);
    fake_signal(ix, __atomic_load_n(&p->target, __ATOMIC_RELAXED),
                IXP_SIGNAL_DOORBELL);
}

bool fake_page_is_open(Ixp *ix, unsigned page)
{
    return page_open(&ix->page[page]);
}

uint32_t fake_page_status(Ixp *ix, unsigned page)
{
    return __atomic_load_n(&ix->page[page].status, __ATOMIC_SEQ_CST);
}

void fake_page_status_clear(Ixp *ix, unsigned page, uint32_t bits)
{
    __atomic_fetch_and(&ix->page[page].status, ~bits, __ATOMIC_SEQ_CST);
}

uint32_t fake_page_mask(Ixp *ix, unsigned page)
{
    return __atomic_load_n(&ix->page[page].mask, __ATOMIC_SEQ_CST);
}

void fake_page_mask_clear(Ixp *ix, unsigned page, uint32_t bits)
{
    FakePage *p = &ix->page[page];

    if (!page_open(p)) {
        return;
    }
    __atomic_fetch_and(&p->mask, ~bits, __ATOMIC_SEQ_CST);
    if (fake_page_status(ix, page) & bits) {
        page_interrupt(ix, p);
    }
}

unsigned fake_page_signals(Ixp *ix, unsigned page, uint32_t bit)
{
    return __atomic_load_n(&ix->page[page].signals[__builtin_ctz(bit)],
                           __ATOMIC_RELAXED);
}

unsigned fake_page_rings(Ixp *ix, unsigned page)
{
    return __atomic_load_n(&ix->page[page].rings, __ATOMIC_RELAXED);
}
