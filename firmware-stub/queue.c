/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queue context, and the ring on which handles come to it.
 *
 * Each microengine has a ring in the scratchpad.  Its send contexts put handles
 * of checked frames there and signal the queue context, one context of the same
 * microengine.  That one takes the handles, delivers the frames in order, and
 * returns the slots to their owners.
 *
 * A frame stays in its send queue until it has been delivered.  A frame that
 * cannot be delivered now, because a receive queue is locked or a port is full,
 * does not block frames of other VIFs on the ring: its handle and the following
 * ones of the same VIF become stale, and the VIF's frames are fetched again
 * from there on.  The same happens when the XScale changes a VIF. While the
 * ring is full, send contexts wait.  A signal that is sent while the last one
 * is still pending is lost, which is harmless: the queue context empties the
 * ring each time.
 *
 * Called by context.c; the contexts of a microengine run one at a time.
 */
#include "fw.h"

void fw_queue_boot(SvnicFw *fw)
{
    for (unsigned i = 0; i < fw->microengines; i++) {
        /* Size code 0: FW_RING_WORDS. */
        ixp_csr_write(fw->units, IXP_CSR_RING_BASE(i), i * FW_RING_WORDS * 4);
    }
}

unsigned fw_queue_room(SvnicFw *fw, unsigned me)
{
    FwMe *m = &fw->me[me];
    uint32_t free = FW_DESCRIPTORS - (m->head - m->done);

    if (FW_UNLIKELY(ixp_ring_full(fw->units, me) || !free)) {
        fw_count(&m->ring_full, 1);
        return 0;
    }
    return free < FW_BURST_FRAMES ? free : FW_BURST_FRAMES;
}

unsigned fw_queue_put(SvnicFw *fw, unsigned me, unsigned n)
{
    FwMe *m = &fw->me[me];
    uint32_t handle[IXP_RING_BURST] FW_UNINITIALIZED;
    unsigned put = 0;
    unsigned part;
    unsigned took;

    do {
        if (FW_UNLIKELY(ixp_ring_full(fw->units, me))) {
            fw_count(&m->ring_full, 1);
            break;
        }
        part = n - put < IXP_RING_BURST ? n - put : IXP_RING_BURST;
        for (unsigned i = 0; i < part; i++) {
            handle[i] = (uint8_t *)fw_descriptor(fw, me, m->head + put + i) -
                        fw->units->sram;
        }
        took = ixp_ring_put(fw->units, me, handle, part);
        fw_accessed(fw, me, IXP_MEMORY_SCRATCH, 1);
        put += took;
        if (FW_UNLIKELY(took < part)) {
            fw_count(&m->ring_lost, part - took);
            break;
        }
    } while (put < n);
    m->head += put;
    m->kick |= put;
    if (FW_UNLIKELY(fw->stamps) && put && !m->put_at) {
        m->put_at = fw_stamp(fw);
    }
    fw_count(&m->handles, put);
    return put;
}

void fw_queue_kick(SvnicFw *fw, unsigned me)
{
    FwMe *m = &fw->me[me];

    if (m->kick) {
        m->kick = false;
        if (!ixp_thread_signal(fw->units, me, fw_queue_context(fw),
                               IXP_SIGNAL_THREAD)) {
            fw_count(&m->signals_lost, 1);
        }
    }
}

/* Takes up to a burst of handles off the ring; returns their descriptors. */
static unsigned get_handles(SvnicFw *fw, unsigned me, FwFrame *frame[])
{
    uint32_t handle[FW_BURST_FRAMES] FW_UNINITIALIZED;
    unsigned n = 0;
    unsigned part;
    unsigned commands = 0;

    do {
        commands++;
        part = ixp_ring_get(fw->units, me, handle + n, IXP_RING_BURST);
        n += part;
    } while (part == IXP_RING_BURST && n < FW_BURST_FRAMES);
    fw_accessed(fw, me, IXP_MEMORY_SCRATCH, commands);
    fw_accessed(fw, me, IXP_MEMORY_SRAM, n * FW_DESCRIPTOR_ACCESSES);
    for (unsigned i = 0; i < n; i++) {
        frame[i] = (FwFrame *)(fw->units->sram + handle[i]);
    }
    return n;
}

/* Has frames of @v fetched again, at once or when the port has space. */
static void refetch(SvnicFw *fw, FwVif *v, FwResult reason)
{
    unsigned server = fw_server(fw, v->id);
    FwContext *c = &fw->context[server];

    fw_queue_invalidate(v);
    if (reason == FW_NO_ROOM) {
        fw_set_remove(&c->pending, v->id);
        fw_set_add(&c->wait_port, v->id);
        return;
    }
    fw_set_add(&c->pending, v->id);
    ixp_thread_signal(fw->units, server % fw->microengines,
                      server / fw->microengines, IXP_SIGNAL_THREAD);
}

/* Delivers a frame that is not for a single VIF, or stops @v. */
static FwResult deliver_other(FwBurst *b, FwVif *v, FwFrame *f)
{
    if (f->dest == FW_DEST_STOP) {
        fw_vif_stop(b->fw, v, f->error, f->segment);
        return FW_STOPPED;
    }
    return fw_send_deliver(b, v, f);
}

/*
 * Passes on the frames in a batch that are from @v, in order; returns how many.
 * If there is one that can't go on, *@result says reason.
 */
static unsigned deliver_batch(FwBurst *b, FwVif *v, FwFrame *frame[],
                              unsigned n, FwResult *result)
{
    SvnicFw *fw = b->fw;
    uint64_t origin = fw_origin(v);
    uint64_t bytes = 0;
    uint32_t slots = 0;
    unsigned i = 0;

    while (i < n && frame[i]->origin == origin) {
        FwFrame *f = frame[i];
        unsigned batch;

        if (FW_UNLIKELY(v->flood_next) && f->dest != FW_DEST_FLOOD) {
            v->flood_next = 0;      /* the destination changed */
        }
        if (fw_on_host(v) && f->dest != FW_DEST_STOP) {
            f->error = fw_send_resolve(fw, v, f);
            f->dest = f->error ? FW_DEST_STOP : f->dest;
        } else if (FW_LIKELY(f->dest >= 0)) {
            batch = fw_recv_put_batch(b, &fw->vif[f->dest], &frame[i], n - i,
                                      &bytes);
            if (FW_LIKELY(batch)) {
                slots += batch;
                i += batch;
                continue;
            }
        } else if (f->dest == FW_DEST_PORT && fw->port[v->port].link) {
            *result = fw_port_out_batch(b, v->port, &frame[i], n - i, &batch);
            if (FW_UNLIKELY(*result != FW_DONE)) {
                break;
            }
            for (; batch; batch--, i++) {
                slots += frame[i]->slots;
                bytes += frame[i]->length;
            }
            continue;
        }
        *result = f->dest >= 0 ? fw_recv_put(b, &fw->vif[f->dest], f)
                             : deliver_other(b, v, f);
        if (FW_UNLIKELY(*result != FW_DONE)) {
            break;
        }
        slots += f->slots;
        bytes += f->length;
        i++;
    }
    v->send_cons += slots;
    b->moved += bytes;
    fw_count(&v->send_frames, i);
    fw_count(&v->send_bytes, bytes);
    /* A read from the send queue, and a write to a receive queue or TBUF. */
    fw_accessed(fw, b->me, IXP_MEMORY_DRAM, 2 * FW_ACCESSES(bytes, i));
    return i;
}

/* Delivers frames in order; counts those that are stale. */
static void deliver(FwBurst *b, FwFrame *frame[], unsigned n)
{
    SvnicFw *fw = b->fw;
    uint64_t stale = 0;
    unsigned i = 0;

    while (i < n) {
        FwVif *v = &fw->vif[FW_ORIGIN_VIF(frame[i]->origin)];
        FwResult result = FW_DONE;

        if (FW_UNLIKELY(frame[i]->origin != fw_origin(v) ||
                        fw_vif_state(v) != SVNIC_VIF_ACTIVE)) {
            stale++;
            i++;
            continue;
        }
        b->context = v->context;
        b->sender[b->senders++] = (FwSender) {
            .vif = v, .from = v->send_cons,
        };
        i += deliver_batch(b, v, &frame[i], n - i, &result);
        if (FW_UNLIKELY(result != FW_DONE)) {
            i++;
            if (result != FW_STOPPED) {
                stale++;
                refetch(fw, v, result);
            }
        }
    }
    if (stale) {
        fw_count(&fw->me[b->me].stale, stale);
    }
}

/*
 * Publishes send_cons, and the event where the queue is empty now.  Then, after
 * one barrier for all of them, signals the owners that asked for it, and checks
 * again the queues that were empty.
 */
static void notify_senders(FwBurst *b)
{
    SvnicFw *fw = b->fw;

    fw_fault_completions(b);
    for (unsigned i = 0; i < b->senders; i++) {
        FwVif *v = b->sender[i].vif;
        struct svnic_vif_page *page = fw_vif_page(fw, v);

        if (FW_UNLIKELY(!page)) {
            continue;
        }
        if (FW_LIKELY(!b->sender[i].withheld)) {
            ixp_store_release(&page->send_cons.index,
                              v->send_cons + b->sender[i].add);
        }
        if (v->send_cons == v->send_seen) {
            ixp_store_release(&page->send_cons.event, v->send_cons);
        }
        fw_vif_page_written(fw, v);
    }
    ixp_barrier();
    fw_burst_signal(b);
    for (unsigned i = 0; i < b->senders; i++) {
        FwVif *v = b->sender[i].vif;
        struct svnic_vif_page *page = fw_vif_page(fw, v);

        if (FW_UNLIKELY(!page)) {
            /* The send context finds this, too, and stops it. */
            refetch(fw, v, FW_BUSY);
            continue;
        }
        if (FW_LIKELY(!b->sender[i].withheld) &&
            fw_event_passed(ixp_load_acquire(&page->send_prod.event),
                            b->sender[i].from, v->send_cons)) {
            fw_vif_signal(fw, v, SVNIC_SIGNAL_SEND_DONE);
        }
        if (v->send_cons == v->send_seen &&
            ixp_load_acquire(&page->send_prod.index) != v->send_seen) {
            refetch(fw, v, FW_BUSY);
        }
    }
}

/* One burst, and how long its stages took. */
static FW_COLD void burst_stamped(FwBurst *b, FwFrame *frame[], unsigned n)
{
    SvnicFw *fw = b->fw;
    FwMe *m = &fw->me[b->me];
    uint64_t begin = fw_stamp(fw);
    uint64_t copied;

    if (m->put_at) {
        fw_stage(fw, b->me, FW_STAGE_RING, begin - m->put_at);
        m->put_at = 0;
    }
    deliver(b, frame, n);
    copied = fw_stamp(fw);
    fw_stage(fw, b->me, FW_STAGE_COPY, copied - begin);
    fw_burst_publish(b);
    notify_senders(b);
    fw_stage(fw, b->me, FW_STAGE_SIGNAL, fw_stamp(fw) - copied);
}

bool fw_queue_step(SvnicFw *fw, unsigned me)
{
    FwMe *m = &fw->me[me];
    FwFrame *frame[FW_BURST_FRAMES] FW_UNINITIALIZED;
    FwBurst b FW_UNINITIALIZED;
    uint64_t moved = 0;
    uint32_t flooded = 0;

    for (unsigned i = 0; i < FW_STEP_BURSTS && moved < FW_STEP_BYTES &&
         flooded < FW_FLOOD_BYTES; i++) {
        unsigned n = get_handles(fw, me, frame);

        if (!n) {
            return false;
        }
        fw_burst_begin(&b, fw, me, 0);
        if (FW_UNLIKELY(fw->stamps)) {
            burst_stamped(&b, frame, n);
        } else {
            deliver(&b, frame, n);
            fw_burst_publish(&b);
            notify_senders(&b);
        }
        moved += b.moved;
        flooded += b.flooded;
        m->done += n;
        if (m->done == m->head) {
            /* Those used last are in the cache: use them again. */
            m->done = 0;
            m->head = 0;
        }
    }
    return !ixp_ring_empty(fw->units, me);
}
