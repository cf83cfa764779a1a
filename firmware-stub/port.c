/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ports: received frames go to the VIFs of the port's segment, frames of
 * VIFs are transmitted.
 *
 * Receive: called by context.c in the one context that receives from the port.
 * Transmit: called in any context during a burst.
 */
#include "fw.h"

/* Makes a descriptor of a received frame, without offload. */
static void port_frame(const FwRxFrame *in, FwFrame *f)
{
    uint32_t line = FW_LINE_DATA;

    f->length = in->length;
    f->segment = in->length;
    f->slots = SVNIC_FRAME_SLOTS(in->length);
    f->line.head = (struct svnic_frame) {
        .length = fw_le32(f->length), .slots = fw_le16(f->slots),
    };
    if (FW_LIKELY(in->length >= FW_LINE_DATA)) {
        memcpy(f->line.data, in->data, FW_LINE_DATA);
    } else {
        line = in->length;
        memset(f->line.data, 0, FW_LINE_DATA);
        memcpy(f->line.data, in->data, line);
    }
    f->rest = in->data + line;
    f->rest_length = in->length - line;
    f->split = false;
    f->origin = 0;
}

/*
 * Makes descriptors of @n received frames and finds their destinations.
 * Consecutive frames with the same address share one lookup.  Returns the
 * number of lookups.
 */
static unsigned port_frames(SvnicFw *fw, unsigned port, const FwRxFrame *in,
                            unsigned n, FwFrame *made, FwFrame **frame)
{
    uint64_t last_mac = UINT64_MAX;
    int last_dest = FW_DEST_NONE;
    unsigned hashed = 0;

    for (unsigned i = 0; i < n; i++) {
        FwFrame *f = frame[i] = &made[i];
        uint64_t mac;

        port_frame(&in[i], f);
        mac = fw_mac(in[i].data);
        if (mac != last_mac) {
            last_mac = mac;
            hashed++;
            last_dest = fw_switch_route(fw, port, NULL, f->line.data);
            if (last_dest >= 0) {
                fw_prefetch_receiver(fw, &fw->vif[last_dest]);
            }
        }
        f->dest = last_dest;
    }
    return hashed;
}

static FwResult port_deliver(FwBurst *b, unsigned port, FwFrame *f)
{
    SvnicFw *fw = b->fw;
    FwPort *p = &fw->port[port];
    FwTargets targets = { .has_receiver = false };
    FwResult result = FW_DONE;

    if (f->dest >= 0) {
        return fw_recv_put(b, &fw->vif[f->dest], f);
    }
    if (f->dest == FW_DEST_FLOOD) {
        fw_switch_targets(fw, port, NULL, f->line.data, &targets);
        result = fw_flood(b, f, port, &targets, &p->in_flood_next);
    }
    if (FW_UNLIKELY(f->dest == FW_DEST_RESERVED)) {
        fw_count(&p->in_reserved, 1);
        ixp_trace(fw->ix, FW_EVENT_DROP, port, FW_DROP_PORT_RESERVED,
                  f->length);
    } else if (result == FW_DONE && !targets.has_receiver) {
        fw_count(&p->in_no_vif, 1);
        ixp_trace(fw->ix, FW_EVENT_DROP, port, FW_DROP_PORT_NO_VIF,
                  f->length);
    }
    return result;
}

/* Delivers frames in order; returns how many, and adds their lengths. */
static unsigned port_deliver_all(FwBurst *b, unsigned port, FwFrame *frame[],
                                 unsigned n, uint64_t *bytes)
{
    SvnicFw *fw = b->fw;
    unsigned i = 0;

    while (i < n) {
        FwFrame *f = frame[i];
        unsigned batch = 0;

        if (f->dest != FW_DEST_FLOOD) {
            fw->port[port].in_flood_next = 0;   /* if the destination changed */
        }
        if (f->dest >= 0 && i + 1 < n && frame[i + 1]->dest == f->dest) {
            batch = fw_recv_put_batch(b, &fw->vif[f->dest], &frame[i], n - i,
                                      bytes);
        }
        if (!batch) {
            if (port_deliver(b, port, f) == FW_BUSY) {
                break;
            }
            *bytes += f->length;
            batch = 1;
        }
        i += batch;
    }
    return i;
}

bool fw_port_in_burst(SvnicFw *fw, unsigned port, unsigned me,
                      unsigned context)
{
    FwPort *p = &fw->port[port];
    FwBurst b FW_UNINITIALIZED;
    FwRxFrame in[FW_BURST_FRAMES] FW_UNINITIALIZED;
    FwFrame made[FW_BURST_FRAMES] FW_UNINITIALIZED;
    FwFrame *frame[FW_BURST_FRAMES] FW_UNINITIALIZED;
    unsigned elements = FW_RX_STEP;
    uint64_t bytes = 0;
    unsigned hashed = 0;
    unsigned passed = 0;
    unsigned all = 0;
    bool more = false;

    fw_burst_begin(&b, fw, me, context);
    while (!more) {
        unsigned n = fw_rx_frames(fw, port, me, context, &elements, in,
                                  FW_BURST_FRAMES - all);

        if (!n) {
            more = !elements;
            break;
        }
        hashed += port_frames(fw, port, in, n, made, frame);
        passed = port_deliver_all(&b, port, frame, n, &bytes);
        fw_rx_done(fw, port, in, passed);
        all += passed;
        more = passed < n || all == FW_BURST_FRAMES || bytes >= FW_BURST_BYTES;
    }
    fw_rx_release(fw, port);
    fw_count(&p->in_frames, all);
    fw_count(&p->in_bytes, bytes);
    fw_accessed(fw, me, IXP_MEMORY_DRAM, FW_ACCESSES(bytes, all));
    fw_accessed(fw, me, IXP_MEMORY_HASH, hashed);
    fw_burst_publish(&b);
    if (b.dirty_count) {
        ixp_barrier();
        fw_burst_signal(&b);
    }
    return more;
}

void fw_port_out_count(FwBurst *b)
{
    if (b->out_frames) {
        FwPort *p = &b->fw->port[b->out_port];

        fw_count_shared(&p->out_frames, b->out_frames);
        fw_count_shared(&p->out_bytes, b->out_bytes);
        b->out_frames = 0;
        b->out_bytes = 0;
    }
}

/* The burst counts frames of one port at a time. */
static void count_out(FwBurst *b, unsigned port, uint64_t frames,
                      uint64_t bytes)
{
    if (b->out_port != port) {
        fw_port_out_count(b);
    }
    b->out_port = port;
    b->out_frames += frames;
    b->out_bytes += bytes;
}

FwResult fw_port_out_batch(FwBurst *b, unsigned port, FwFrame *const frame[],
                           unsigned n, unsigned *batch)
{
    const uint64_t origin = frame[0]->origin;
    uint64_t bytes = 0;
    FwResult result;
    unsigned limit = 1;

    while (limit < n && frame[limit]->origin == origin &&
           frame[limit]->dest == FW_DEST_PORT) {
        limit++;
    }
    result = fw_tx_frames(b->fw, port, frame, limit, b->me, b->context, batch);
    for (unsigned i = 0; i < *batch; i++) {
        bytes += frame[i]->length;
    }
    count_out(b, port, *batch, bytes);
    return result;
}

FwResult fw_port_out(FwBurst *b, unsigned port, FwFrame *f)
{
    unsigned batch;

    return fw_port_out_batch(b, port, &f, 1, &batch);
}
