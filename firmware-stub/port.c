/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ports: frames that came in go to the VIFs of the port's segment,
 * frames of VIFs go out.
 *
 * In: called by context.c in the one context that the port is routed to.
 * Out: called in any context, while it moves a burst.
 */
#include "fw.h"

/* Takes what the port holds into @f, as a frame without offload. */
static void port_frame(const IxpFrame *in, FwFrame *f)
{
    uint32_t line = in->length < FW_LINE_DATA ? in->length : FW_LINE_DATA;

    f->length = in->length;
    f->segment = in->length;
    f->slots = SVNIC_FRAME_SLOTS(in->length);
    memset(&f->line, 0, sizeof(f->line));
    f->line.head.length = fw_le32(f->length);
    f->line.head.slots = fw_le16(f->slots);
    memcpy(f->line.data, in->data, line);
    f->rest = in->data + line;
    f->rest_length = in->length - line;
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
    IxpFrame in;
    uint32_t bytes = 0;
    unsigned n;
    bool more = false;

    fw_burst_begin(&b, fw, me, context);
    for (n = 0; ; n++) {
        if (n == FW_BURST_FRAMES || bytes >= FW_BURST_BYTES) {
            more = true;
            break;
        }
        if (!ixp_port_in(fw->ix, port, &in)) {
            break;
        }
        port_frame(&in, &f);
        if (port_pass(&b, port, &f) == FW_BUSY) {
            more = true;
            break;
        }
        ixp_port_in_done(fw->ix, port);
        bytes += f.length;
    }
    fw_count(&p->in_frames, n);
    fw_count(&p->in_bytes, bytes);
    fw_burst_publish(&b);
    if (b.touched_count) {
        ixp_barrier();
        fw_burst_signal(&b);
    }
    return more;
}

FwResult fw_port_out(FwBurst *b, unsigned port, const FwFrame *f)
{
    const struct svnic_frame *h = &f->line.head;
    IxpOffload offload = {
        .needs_csum = fw_le16(h->flags) & SVNIC_FRAME_F_NEEDS_CSUM,
        .gso_type = h->gso_type,
        .hdr_len = fw_le16(h->hdr_len),
        .gso_size = fw_le16(h->gso_size),
        .csum_start = fw_le16(h->csum_start),
        .csum_offset = fw_le16(h->csum_offset),
    };
    IxpPart part[FW_FRAME_PARTS] FW_UNINITIALIZED;
    const uint8_t *data;
    uint32_t done = 0;
    uint32_t length;
    unsigned n = 1;

    part[0] = (IxpPart) {
        f->line.data, f->length < FW_LINE_DATA ? f->length : FW_LINE_DATA,
    };
    while ((length = fw_frame_part(b->fw, f, done, &data))) {
        part[n++] = (IxpPart) { data, length };
        done += length;
    }

    if (!ixp_port_out(b->fw->ix, port, &offload, part, n, b->me,
                      b->context)) {
        fw_count_shared(&b->fw->port[port].out_full, 1);
        return FW_NO_ROOM;
    }
    b->out_port = port;
    b->out_frames++;
    b->out_bytes += f->length;
    return FW_DONE;
}
