/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ports: frames that came in go to the VIFs of the port's segment,
 * frames of VIFs go out.
 *
 * In: called by context.c in the one context that receives from the port.
 * Out: called in any context, while it moves a burst.
 */
#include "fw.h"

/* Makes what came in @f, a frame without offload. */
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
    f->wrapped = NULL;
    f->wrapped_length = 0;
    f->scattered = NULL;
    f->origin = 0;
}

/*
 * Makes frames of @n that came in, and finds whom they are for: like the one in
 * front, if that has the same address.  Returns how many addresses there were.
 */
static unsigned port_frames(SvnicFw *fw, unsigned port, const FwRxFrame *in,
                            unsigned n, FwFrame *made, FwFrame **frame)
{
    uint64_t last_mac = UINT64_MAX;
    int last_to = FW_TO_NOBODY;
    unsigned hashed = 0;

    for (unsigned i = 0; i < n; i++) {
        FwFrame *f = frame[i] = &made[i];
        uint64_t mac;

        port_frame(&in[i], f);
        mac = fw_mac(in[i].data);
        if (mac != last_mac) {
            last_mac = mac;
            hashed++;
            last_to = fw_switch_route(fw, port, NULL, f->line.data);
            if (last_to >= 0) {
                fw_prefetch_receiver(fw, &fw->vif[last_to]);
            }
        }
        f->to = last_to;
    }
    return hashed;
}

static FwResult port_pass(FwBurst *b, unsigned port, FwFrame *f)
{
    SvnicFw *fw = b->fw;
    FwPort *p = &fw->port[port];
    FwTargets targets = { .known = false };
    FwResult result = FW_DONE;

    if (f->to >= 0) {
        return fw_recv_put(b, &fw->vif[f->to], f);
    }
    if (f->to == FW_TO_MANY) {
        fw_switch_targets(fw, port, NULL, f->line.data, &targets);
        result = fw_flood(b, f, port, &targets, &p->in_flood_next);
    }
    if (FW_UNLIKELY(f->to == FW_TO_RESERVED)) {
        fw_count(&p->in_reserved, 1);
        ixp_trace(fw->ix, FW_EVENT_DROP, port, FW_DROP_PORT_RESERVED,
                  f->length);
    } else if (result == FW_DONE && !targets.known) {
        fw_count(&p->in_no_vif, 1);
        ixp_trace(fw->ix, FW_EVENT_DROP, port, FW_DROP_PORT_NO_VIF,
                  f->length);
    }
    return result;
}

/* Passes frames on, in order; returns how many, and adds their lengths. */
static unsigned port_pass_all(FwBurst *b, unsigned port, FwFrame *frame[],
                              unsigned n, uint64_t *bytes)
{
    SvnicFw *fw = b->fw;
    unsigned i = 0;

    while (i < n) {
        FwFrame *f = frame[i];
        unsigned row = 0;

        if (f->to != FW_TO_MANY) {
            fw->port[port].in_flood_next = 0;   /* if that has changed */
        }
        if (f->to >= 0 && i + 1 < n && frame[i + 1]->to == f->to) {
            row = fw_recv_put_row(b, &fw->vif[f->to], &frame[i], n - i, bytes);
        }
        if (!row) {
            if (port_pass(b, port, f) == FW_BUSY) {
                break;
            }
            *bytes += f->length;
            row = 1;
        }
        i += row;
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
        passed = port_pass_all(&b, port, frame, n, &bytes);
        fw_rx_done(fw, port, in, passed);
        all += passed;
        more = passed < n || all == FW_BURST_FRAMES || bytes >= FW_BURST_BYTES;
    }
    fw_rx_give_back(fw, port);
    fw_count(&p->in_frames, all);
    fw_count(&p->in_bytes, bytes);
    fw_accessed(fw, me, IXP_MEMORY_DRAM, FW_ACCESSES(bytes, all));
    fw_accessed(fw, me, IXP_MEMORY_HASH, hashed);
    fw_burst_publish(&b);
    if (b.touched_count) {
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

FwResult fw_port_out_row(FwBurst *b, unsigned port, FwFrame *const frame[],
                         unsigned n, unsigned *row)
{
    const uint64_t origin = frame[0]->origin;
    uint64_t bytes = 0;
    FwResult result;
    unsigned most = 1;

    while (most < n && frame[most]->origin == origin &&
           frame[most]->to == FW_TO_PORT) {
        most++;
    }
    result = fw_tx_frames(b->fw, port, frame, most, b->me, b->context, row);
    for (unsigned i = 0; i < *row; i++) {
        bytes += frame[i]->length;
    }
    count_out(b, port, *row, bytes);
    return result;
}

FwResult fw_port_out(FwBurst *b, unsigned port, FwFrame *f)
{
    unsigned row;

    return fw_port_out_row(b, port, &f, 1, &row);
}
