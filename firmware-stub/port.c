/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ports: frames that came in go to the VIFs of the port's segment,
 * frames of VIFs go out.
 *
 * In: called by context.c in the one context that receives from the port.
 * Out: called in any context, while it moves a burst.
 */
#include "fw.h"

/* Makes the @length bytes at @data @f, a frame without offload. */
static void port_frame(const uint8_t *data, uint32_t length, FwFrame *f)
{
    uint32_t line = length < FW_LINE_DATA ? length : FW_LINE_DATA;

    f->length = length;
    f->segment = length;
    f->slots = SVNIC_FRAME_SLOTS(length);
    memset(&f->line, 0, sizeof(f->line));
    f->line.head.length = fw_le32(f->length);
    f->line.head.slots = fw_le16(f->slots);
    memcpy(f->line.data, data, line);
    f->rest = data + line;
    f->rest_length = length - line;
    f->wrapped = NULL;
    f->wrapped_length = 0;
    f->scattered = NULL;
}

static FwResult port_pass(FwBurst *b, unsigned port, FwFrame *f)
{
    SvnicFw *fw = b->fw;
    FwPort *p = &fw->port[port];
    FwTargets targets = { .known = false };
    FwResult result = FW_DONE;
    int to = fw_switch_route(fw, port, NULL, f->line.data);

    if (to != FW_TO_MANY) {
        p->in_flood_next = 0;       /* if whom it is for has changed */
    }
    if (to >= 0) {
        return fw_recv_put(b, &fw->vif[to], f);
    }
    if (to == FW_TO_MANY) {
        fw_switch_targets(fw, port, NULL, f->line.data, &targets);
        result = fw_flood(b, f, port, &targets, &p->in_flood_next);
    }
    if (result == FW_DONE && !targets.known) {
        fw_count(&p->in_no_vif, 1);
        ixp_trace(fw->ix, IXP_TRACE_DROP, port, IXP_DROP_PORT_NO_VIF,
                  f->length);
    }
    return result;
}

bool fw_port_in_burst(SvnicFw *fw, unsigned port, unsigned me,
                      unsigned context)
{
    FwPort *p = &fw->port[port];
    FwBurst b FW_UNINITIALIZED;
    FwFrame f;
    unsigned elements = FW_RX_STEP;
    const uint8_t *data;
    uint32_t length;
    uint32_t bytes = 0;
    unsigned n;
    bool more = false;

    fw_burst_begin(&b, fw, me, context);
    for (n = 0; ; n++) {
        if (n == FW_BURST_FRAMES || bytes >= FW_BURST_BYTES) {
            more = true;
            break;
        }
        data = fw_rx_frame(fw, port, me, context, &elements, &length);
        if (!data) {
            more = !elements;
            break;
        }
        port_frame(data, length, &f);
        if (port_pass(&b, port, &f) == FW_BUSY) {
            more = true;
            break;
        }
        fw_rx_done(fw, port);
        bytes += f.length;
    }
    fw_rx_give_back(fw, port);
    fw_count(&p->in_frames, n);
    fw_count(&p->in_bytes, bytes);
    fw_accessed(fw, me, IXP_MEMORY_DRAM,
                FW_RX_STEP - elements + 2 * FW_ACCESSES(bytes, n));
    fw_accessed(fw, me, IXP_MEMORY_HASH, n);
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
