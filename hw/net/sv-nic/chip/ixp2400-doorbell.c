/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 doorbell aperture: one page of 4 KiB for each owner.
 *
 * The chip turns a doorbell into a bit of the page and a signal for the context
 * that the firmware routed the page to; in the other direction the firmware
 * raises signals, which the page's mask may block.
 *
 * Registers run on a vCPU with the BQL.  Routing changes with the BQL and with
 * microengines paused, so that both a register access and a context may read
 * it.  rung, status and mask are shared with workers: sequentially consistent
 * read-modify-writes, and a change of status or mask is followed by a read of
 * the other, so that no interrupt is lost.
 *
 * Spec: "Doorbell aperture".
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/host-utils.h"
#include "ixp2400.h"
#include "trace.h"

#define IXP_MASK_ALL    0xffffffffu

static void ixp_page_interrupt(Ixp *ix, unsigned n)
{
    IxpPage *page = &ix->page[n];

    stat64_add(&page->interrupts, 1);
    ixp_host_interrupt(ix, page->irq_bit, qatomic_read(&page->vector));
}

/* A doorbell of @page, which is open, sets its bit and signals its context. */
static void ixp_page_rung(Ixp *ix, IxpPage *page, unsigned doorbell)
{
    if (unlikely(ix->config.stamps) && !qatomic_read(&page->rung)) {
        qatomic_set_u64(&page->rung_at, ixp_stamp(ix));
    }
    qatomic_or(&page->rung, doorbell);
    ixp_signal(ix, page->context, IXP_SIGNAL_DOORBELL);
}

static void ixp_page_ring(Ixp *ix, unsigned n, unsigned doorbell)
{
    IxpPage *page = &ix->page[n];

    if (!page->open) {
        page->closed++;
        trace_ixp_doorbell_closed(n, doorbell);
        return;
    }
    trace_ixp_doorbell(n, doorbell);
    stat64_add(&page->doorbells, 1);
    if (!ixp_fault_doorbell(&ix->units, n, doorbell)) {
        ixp_page_rung(ix, page, doorbell);
    }
}

void ixp_page_ring_late(Ixp *ix, unsigned n, unsigned doorbell)
{
    if (ix->page[n].open) {
        ixp_page_rung(ix, &ix->page[n], doorbell);
    }
}

static void ixp_page_mask_clear(Ixp *ix, unsigned n, uint32_t bits)
{
    IxpPage *page = &ix->page[n];
    uint32_t unmasked;

    if (!page->open) {
        return;
    }
    unmasked = qatomic_fetch_and(&page->mask, ~bits) & bits;
    smp_mb__after_rmw();
    if (qatomic_read(&page->status) & unmasked) {
        ixp_page_interrupt(ix, n);
    }
}

static bool ixp_doorbell_valid(Ixp *ix, hwaddr addr, unsigned size)
{
    return size == 4 && !(addr & 3) &&
           addr >> SVNIC_DOORBELL_PAGE_SHIFT < ix->config.pages;
}

static uint64_t ixp_doorbell_read(void *opaque, hwaddr addr, unsigned size)
{
    Ixp *ix = opaque;
    unsigned n = addr >> SVNIC_DOORBELL_PAGE_SHIFT;
    uint32_t value = 0;

    if (!ix->live) {
        return UINT64_MAX;
    }
    if (ixp_doorbell_valid(ix, addr, size)) {
        switch (addr & (SVNIC_DOORBELL_PAGE_SIZE - 1)) {
        case SVNIC_DB_SEND:
        case SVNIC_DB_RECV:
            break;
        case SVNIC_DB_SIGNAL_STATUS:
            value = qatomic_read(&ix->page[n].status);
            break;
        case SVNIC_DB_SIGNAL_MASK_SET:
        case SVNIC_DB_SIGNAL_MASK_CLEAR:
            value = qatomic_read(&ix->page[n].mask);
            break;
        default:
            goto reserved;
        }
        trace_ixp_doorbell_read(n, addr & (SVNIC_DOORBELL_PAGE_SIZE - 1),
                                value);
        return value;
    }

reserved:
    trace_ixp_doorbell_reserved_read(addr, size);
    qemu_log_mask(LOG_GUEST_ERROR, "ixp2400: reserved read of the doorbell "
                  "aperture at 0x%" HWADDR_PRIx ", %u bytes\n", addr, size);
    return 0;
}

static void ixp_doorbell_write(void *opaque, hwaddr addr, uint64_t value,
                               unsigned size)
{
    Ixp *ix = opaque;
    unsigned n = addr >> SVNIC_DOORBELL_PAGE_SHIFT;
    IXP_ENTRY(ix);

    if (!ix->live) {
        return;
    }
    if (ixp_doorbell_valid(ix, addr, size)) {
        trace_ixp_doorbell_write(n, addr & (SVNIC_DOORBELL_PAGE_SIZE - 1),
                                 value);
        switch (addr & (SVNIC_DOORBELL_PAGE_SIZE - 1)) {
        case SVNIC_DB_SEND:
            ixp_page_ring(ix, n, IXP_PAGE_SEND);
            return;
        case SVNIC_DB_RECV:
            ixp_page_ring(ix, n, IXP_PAGE_RECV);
            return;
        case SVNIC_DB_SIGNAL_STATUS:
            qatomic_and(&ix->page[n].status, ~(uint32_t)value);
            return;
        case SVNIC_DB_SIGNAL_MASK_SET:
            qatomic_or(&ix->page[n].mask, (uint32_t)value);
            return;
        case SVNIC_DB_SIGNAL_MASK_CLEAR:
            ixp_page_mask_clear(ix, n, value);
            return;
        default:
            break;
        }
    }
    trace_ixp_doorbell_reserved_write(addr, size, value);
    qemu_log_mask(LOG_GUEST_ERROR, "ixp2400: reserved write to the doorbell "
                  "aperture at 0x%" HWADDR_PRIx ", %u bytes\n", addr, size);
}

static const MemoryRegionOps ixp_doorbell_ops = {
    .read = ixp_doorbell_read,
    .write = ixp_doorbell_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {
        .min_access_size = 1,
        .max_access_size = 8,
        .unaligned = true,
    },
    .impl = {
        .min_access_size = 1,
        .max_access_size = 8,
        .unaligned = true,
    },
};

static void ixp_page_clear(IxpPage *page)
{
    qatomic_set(&page->rung, 0);
    qatomic_set(&page->status, 0);
    qatomic_set(&page->mask, IXP_MASK_ALL);
}

void ixp_page_open(Ixp *ix, unsigned page, unsigned me, unsigned context,
                   unsigned irq_bit, unsigned vector)
{
    IxpPage *p = &ix->page[page];

    ixp_page_clear(p);
    p->context = ixp_context(ix, me, context);
    p->irq_bit = irq_bit;
    qatomic_set(&p->vector, vector);
    p->open = true;
    trace_ixp_page_open(page, me, context, irq_bit, vector);
}

void ixp_page_close(Ixp *ix, unsigned page)
{
    ix->page[page].open = false;
    ixp_page_clear(&ix->page[page]);
    trace_ixp_page_close(page);
}

void ixp_page_vector(Ixp *ix, unsigned page, unsigned vector)
{
    qatomic_set(&ix->page[page].vector, vector);
}

uint64_t ixp_page_rung_at(Ixp *ix, unsigned page)
{
    return qatomic_read_u64(&ix->page[page].rung_at);
}

unsigned ixp_page_take(Ixp *ix, unsigned page)
{
    uint32_t *rung = &ix->page[page].rung;

    return qatomic_read(rung) ? qatomic_xchg(rung, 0) : 0;
}

void ixp_page_signal(Ixp *ix, unsigned page, uint32_t bits)
{
    IxpPage *p = &ix->page[page];

    if (!p->open) {
        return;
    }
    qatomic_or(&p->status, bits);
    smp_mb__after_rmw();
    trace_ixp_page_signal(page, bits, qatomic_read(&p->mask));
    if (bits & ~qatomic_read(&p->mask)) {
        ixp_page_interrupt(ix, page);
    }
}

void ixp_doorbell_init(Ixp *ix)
{
    uint64_t size = pow2ceil((uint64_t)ix->config.pages <<
                             SVNIC_DOORBELL_PAGE_SHIFT);

    memory_region_init_io(&ix->doorbell, OBJECT(ix->dev), &ixp_doorbell_ops,
                          ix, "sv-nic.doorbell", size);
    ixp_doorbell_reset(ix);
}

void ixp_doorbell_reset(Ixp *ix)
{
    for (unsigned i = 0; i < IXP_MAX_PAGES; i++) {
        ix->page[i].open = false;
        ixp_page_clear(&ix->page[i]);
    }
}
