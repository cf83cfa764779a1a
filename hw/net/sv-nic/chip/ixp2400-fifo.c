/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 ports: a MAC's FIFO, the producer's functions, and the MSF's.
 *
 * Called by ixp2400-port.c, and by the fake chip's ports: a frame from the
 * network arrives whole, one from firmware in elements of TBUF. See
 * ixp2400-fifo.h for threads.  Does not use QEMU.
 */
#include <string.h>

#include "ixp2400-fifo.h"

IxpRecord *ixp_fifo_reserve(IxpFifo *f, uint32_t length)
{
    uint32_t size = ixp_record_size(length);
    uint32_t to_end = f->size - (f->head & (f->size - 1));
    uint32_t skip = size > to_end ? to_end : 0;
    IxpRecord *record;

    if (skip + size > ixp_fifo_free(f)) {
        return NULL;
    }
    if (skip) {
        record = (void *)(f->data + (f->head & (f->size - 1)));
        record->length = IXP_RECORD_SKIP;
        __atomic_store_n(&f->head, f->head + skip, __ATOMIC_RELEASE);
    }
    record = (void *)(f->data + (f->head & (f->size - 1)));
    record->length = length;
    record->at = 0;
    record->error = false;
    return record;
}

static IxpOffload offload(const uint8_t *prepend)
{
    IxpOffloadDesc desc;

    memcpy(&desc, prepend, sizeof(desc));
    return (IxpOffload) {
        .needs_csum = desc.flags & IXP_OFFLOAD_CSUM,
        .gso_type = desc.gso_type,
        .hdr_len = ixp_swap16(desc.hdr_len),
        .gso_size = ixp_swap16(desc.gso_size),
        .csum_start = ixp_swap16(desc.csum_start),
        .csum_offset = ixp_swap16(desc.csum_offset),
    };
}

/* Starts a frame of unknown length. */
static IxpRecord *begin(IxpFifo *f, const uint8_t *prepend, uint64_t at)
{
    IxpRecord *record = ixp_fifo_reserve(f, IXP_MAX_FRAME);

    if (record) {
        record->length = 0;
        record->at = at;
        record->offload = prepend ? offload(prepend) : (IxpOffload) { 0 };
    }
    return record;
}

IxpFifoPut ixp_fifo_put(IxpFifo *f, uint32_t control, const uint8_t *prepend,
                        const uint8_t *data, uint32_t length, uint64_t at)
{
    if (control & IXP_TBUF_SOP) {
        f->building = begin(f, prepend, at);
    }
    if (!f->building || length > IXP_MAX_FRAME - f->building->length) {
        f->building = NULL;
        return IXP_FIFO_LOST;
    }
    if (length == IXP_MSF_ELEMENT_MIN) {
        memcpy(f->building->frame + f->building->length, data,
               IXP_MSF_ELEMENT_MIN);
    } else {
        memcpy(f->building->frame + f->building->length, data, length);
    }
    f->building->length += length;
    if (!(control & IXP_TBUF_EOP)) {
        return IXP_FIFO_GOES_ON;
    }
    ixp_fifo_commit(f, f->building);
    f->building = NULL;
    return IXP_FIFO_WHOLE;
}

unsigned ixp_fifo_peek_batch(const IxpFifo *f, IxpMacFrame *frame,
                             unsigned limit)
{
    uint32_t at = f->next;
    unsigned n;

    for (n = 0; n < limit; n++) {
        const IxpRecord *record = ixp_fifo_next(f, &at);

        if (!record) {
            break;
        }
        frame[n].data = record->frame;
        frame[n].length = record->length;
        frame[n].error = record->error;
        frame[n].at = record->at;
        at += ixp_record_size(record->length);
        frame[n].end = at;
    }
    return n;
}

void ixp_fifo_clear(IxpFifo *f)
{
    f->next = 0;
    f->building = NULL;
    __atomic_store_n(&f->head, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&f->tail, 0, __ATOMIC_RELAXED);
}
