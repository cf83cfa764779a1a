/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 SRAM: memory that only firmware can access, and the controllers'
 * queue arrays.
 *
 * A queue is a list of buffers, linked through the first word of each; the
 * queue array of a channel has head, tail and count of config.sram_queues of
 * them, so that enqueue and dequeue are one command each.  A command for a
 * queue that does not exist is ignored and counted.  The host has no window on
 * SRAM.
 *
 * Called by firmware on any thread.  Each queue has a lock, a leaf, held for
 * one link.  Does not use QEMU.
 *
 * Spec: "SRAM".  Channels and size codes: QNX ixp2400.h; (m): the number of
 * queues and the commands.
 */
#include <string.h>

#include "ixp_units.h"

static uint32_t *link_of(const IxpUnits *u, uint32_t offset)
{
    return (uint32_t *)(u->sram + offset);
}

/* Returns NULL if it does not exist. */
static IxpSramQueue *queue_of(IxpUnits *u, unsigned channel, unsigned queue)
{
    if (channel >= u->config.sram_channels ||
        queue >= u->config.sram_queues) {
        ixp_unit_reserved(u);
        return NULL;
    }
    return &u->queue[channel][queue];
}

void ixp_queue_clear(IxpUnits *u, unsigned channel, unsigned queue)
{
    IxpSramQueue *q = queue_of(u, channel, queue);

    if (!q) {
        return;
    }
    ixp_unit_lock(&q->lock);
    __atomic_store_n(&q->count, 0, __ATOMIC_RELAXED);
    ixp_unit_unlock(&q->lock);
}

bool ixp_queue_enqueue(IxpUnits *u, unsigned channel, unsigned queue,
                       uint32_t offset)
{
    IxpSramQueue *q = queue_of(u, channel, queue);

    if (!q || offset & 3 || offset >= u->config.sram_size) {
        return false;
    }
    ixp_unit_lock(&q->lock);
    if (q->count) {
        *link_of(u, q->tail) = offset;
    } else {
        q->head = offset;
    }
    q->tail = offset;
    __atomic_store_n(&q->count, q->count + 1, __ATOMIC_RELAXED);
    ixp_unit_unlock(&q->lock);
    return true;
}

bool ixp_queue_dequeue(IxpUnits *u, unsigned channel, unsigned queue,
                       uint32_t *offset)
{
    IxpSramQueue *q = queue_of(u, channel, queue);
    bool any;

    if (!q) {
        return false;
    }
    ixp_unit_lock(&q->lock);
    any = q->count;
    if (any) {
        *offset = q->head;
        /* Firmware may have changed the link: stay inside SRAM. */
        q->head = *link_of(u, q->head) & (u->config.sram_size - 4);
        __atomic_store_n(&q->count, q->count - 1, __ATOMIC_RELAXED);
    }
    ixp_unit_unlock(&q->lock);
    return any;
}

uint32_t ixp_queue_count(IxpUnits *u, unsigned channel, unsigned queue)
{
    const IxpSramQueue *q = queue_of(u, channel, queue);

    return q ? __atomic_load_n(&q->count, __ATOMIC_RELAXED) : 0;
}
