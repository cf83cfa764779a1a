/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The send program: takes frames out of a VIF's send queue, checks them, and
 * passes them on.
 *
 * Called by context.c in the one context that serves the VIF.  A burst goes
 * in stages: gather (copy each frame's first line once, check the copy, decide
 * where it goes), pass (copy), publish (indices, one barrier, signals).  A
 * frame that cannot be passed on now ends the burst and stays in the queue.
 */
#include "fw.h"

/* Decisions of this file, beside FW_TO_*. */
#define DROP_NO_LINK            (-16)
#define DROP_SPOOFED            (-17)
#define DROP_OVERSIZE           (-18)

/* The offload header against the frame (spec: "Frames"). */
static enum svnic_vif_error check_offload(FwFrame *f,
                                          const struct svnic_frame *h)
{
    struct svnic_frame *head = &f->line.head;
    uint32_t start = fw_le16(h->csum_start);
    uint32_t end = start + fw_le16(h->csum_offset) + 2;

    if (start < SVNIC_ETH_HEADER || end > f->length) {
        return SVNIC_ERR_SEND_OFFLOAD;
    }
    head->csum_start = h->csum_start;
    head->csum_offset = h->csum_offset;
    if (h->gso_type != SVNIC_GSO_NONE) {
        uint32_t hdr_len = fw_le16(h->hdr_len);
        uint32_t gso_size = fw_le16(h->gso_size);

        if (!gso_size || hdr_len < end || hdr_len >= f->length) {
            return SVNIC_ERR_SEND_OFFLOAD;
        }
        head->gso_type = h->gso_type;
        head->hdr_len = h->hdr_len;
        head->gso_size = h->gso_size;
        if (hdr_len + gso_size < f->length) {
            f->segment = hdr_len + gso_size;
        }
    }
    return SVNIC_ERR_NONE;
}

/*
 * The rest of a frame that begins at @at of a queue on the host: all of it is
 * within reach, or nothing of it is moved.
 */
static enum svnic_vif_error scatter(const SvnicFw *fw, const FwVif *v,
                                    uint32_t at, FwFrame *f)
{
    uint32_t offset = v->send_offset + at;

    if (!fw_host_reach(fw, v, v->send_offset, v->send_slots * SVNIC_SLOT_SIZE,
                       at, f->rest_length + f->wrapped_length)) {
        return SVNIC_ERR_HOST_PAGE;
    }
    if (f->wrapped_length ||
        offset % SVNIC_PAGE_SIZE + f->rest_length > SVNIC_PAGE_SIZE) {
        f->scattered = v;
        f->scattered_at = offset;
    }
    return SVNIC_ERR_NONE;
}

/*
 * Takes the frame at @index, of which @ready slots are filled, into @f.
 * What goes on from here is a header made anew of checked fields.
 */
static enum svnic_vif_error gather_frame(const SvnicFw *fw, const FwVif *v,
                                         uint32_t index, uint32_t ready,
                                         FwFrame *f)
{
    uint32_t at = (index & (v->send_slots - 1)) * SVNIC_SLOT_SIZE;
    const uint8_t *ring = fw->sdram + v->send_offset;
    uint32_t size = v->send_slots * SVNIC_SLOT_SIZE;
    const uint8_t *line = ring + at;
    struct svnic_frame h;
    uint32_t flags;
    uint32_t rest;

    if (fw_on_host(v)) {
        line = fw_host_at(fw, v, v->send_offset + at);
        if (FW_UNLIKELY(!line)) {
            return SVNIC_ERR_HOST_PAGE;
        }
    }
    fw_copy_once(&f->line, line, sizeof(f->line));
    h = f->line.head;
    f->length = fw_le32(h.length);
    flags = fw_le16(h.flags);
    if (FW_UNLIKELY(f->length < SVNIC_MIN_FRAME ||
                    f->length > SVNIC_MAX_FRAME)) {
        return SVNIC_ERR_SEND_LENGTH;
    }
    f->slots = SVNIC_FRAME_SLOTS(f->length);
    f->segment = f->length;
    if (FW_UNLIKELY(fw_le16(h.slots) != f->slots || f->slots > ready)) {
        return SVNIC_ERR_SEND_CHAIN;
    }
    if (FW_UNLIKELY(flags & ~SVNIC_FRAME_F_ALL ||
                    h.gso_type > SVNIC_GSO_TCPV6)) {
        return SVNIC_ERR_SEND_FLAGS;
    }
    f->line.head = (struct svnic_frame) {
        .length = h.length, .slots = h.slots, .flags = h.flags,
    };
    if (flags & SVNIC_FRAME_F_NEEDS_CSUM) {
        enum svnic_vif_error error = check_offload(f, &h);

        if (FW_UNLIKELY(error)) {
            return error;
        }
    } else if (FW_UNLIKELY(h.gso_type != SVNIC_GSO_NONE)) {
        return SVNIC_ERR_SEND_OFFLOAD;
    }

    f->rest_length = 0;
    f->wrapped_length = 0;
    f->rest = line + sizeof(f->line);
    f->wrapped = ring;
    f->scattered = NULL;
    if (FW_UNLIKELY(f->length <= FW_LINE_DATA)) {
        memset(f->line.data + f->length, 0, FW_LINE_DATA - f->length);
        return SVNIC_ERR_NONE;
    }
    rest = f->length - FW_LINE_DATA;
    at += sizeof(f->line);
    f->rest_length = rest < size - at ? rest : size - at;
    f->wrapped_length = rest - f->rest_length;
    return fw_on_host(v) ? scatter(fw, v, at, f) : SVNIC_ERR_NONE;
}

/* Why the sender itself is in the way of the frame, or 0. */
static int check_sender(const FwVif *v, const FwFrame *f)
{
    if (FW_UNLIKELY(!v->link)) {
        return DROP_NO_LINK;
    }
    if (FW_UNLIKELY(v->flags & SVNIC_VIF_F_SPOOF_CHECK &&
                    fw_mac(f->line.data + 6) != v->mac)) {
        return DROP_SPOOFED;
    }
    if (FW_UNLIKELY(f->segment > v->mtu + SVNIC_ETH_MAX_HEADER)) {
        return DROP_OVERSIZE;
    }
    return 0;
}

/* Fetches what of a send queue is looked at soon. */
static void prefetch_line(const SvnicFw *fw, const FwVif *v, uint32_t index)
{
    uint32_t at = (index & (v->send_slots - 1)) * SVNIC_SLOT_SIZE;

    if (fw_on_host(v)) {
        __builtin_prefetch(fw_host_at(fw, v, v->send_offset + at));
    } else {
        fw_prefetch_slot(fw->sdram + v->send_offset, v->send_slots, index);
    }
}

/* Takes up to a burst of the @ready slots; returns how many frames. */
static unsigned gather(const SvnicFw *fw, const FwVif *v, uint32_t ready,
                       FwFrame *frame, enum svnic_vif_error *error)
{
    uint32_t index = v->send_cons;
    uint32_t end = index + ready;
    uint32_t bytes = 0;
    uint64_t last_mac = UINT64_MAX;
    int last_to = FW_TO_NOBODY;
    unsigned n = 0;

    *error = SVNIC_ERR_NONE;
    while (n < FW_BURST_FRAMES && index != end && bytes < FW_BURST_BYTES) {
        FwFrame *f = &frame[n];
        uint64_t mac;

        prefetch_line(fw, v, index + FW_AHEAD);
        *error = gather_frame(fw, v, index, end - index, f);
        if (FW_UNLIKELY(*error)) {
            break;
        }
        f->to = check_sender(v, f);
        mac = fw_mac(f->line.data);
        if (FW_LIKELY(!f->to)) {
            if (mac != last_mac) {
                last_mac = mac;
                last_to = fw_switch_route(fw, v->port, v, f->line.data);
            }
            f->to = last_to;
        }
        index += f->slots;
        bytes += f->length;
        n++;
    }
    return n;
}

static FwResult drop(FwBurst *b, const FwVif *v, const FwFrame *f,
                     uint64_t *counter, IxpDrop why)
{
    fw_count(counter, 1);
    ixp_trace(b->fw->ix, IXP_TRACE_DROP, v->id, why, f->length);
    return FW_DONE;
}

/* Does what was decided, other than to pass the frame to one VIF. */
static FwResult pass_other(FwBurst *b, FwVif *v, FwFrame *f)
{
    SvnicFw *fw = b->fw;
    FwTargets targets;

    switch (f->to) {
    case FW_TO_PORT:
        if (fw->port[v->port].link) {
            return fw_port_out(b, v->port, f);
        }
        /* fall through */
    case DROP_NO_LINK:
        return drop(b, v, f, &v->send_no_link, IXP_DROP_SEND_NO_LINK);
    case FW_TO_MANY:
        fw_switch_targets(fw, v->port, v, f->line.data, &targets);
        return fw_flood(b, f, v->port, &targets, &v->flood_next);
    case DROP_SPOOFED:
        return drop(b, v, f, &v->send_spoofed, IXP_DROP_SEND_SPOOFED);
    case DROP_OVERSIZE:
        return drop(b, v, f, &v->send_oversize, IXP_DROP_SEND_OVERSIZE);
    default:
        return drop(b, v, f, &v->send_to_self, IXP_DROP_SEND_TO_SELF);
    }
}

/* Fetches what of the frame is still to be copied. */
static void prefetch_rest(const FwFrame *f)
{
    for (uint32_t i = sizeof(FwLine); i < f->rest_length;
         i += sizeof(FwLine)) {
        __builtin_prefetch(f->rest + i);
    }
}

/* Passes the frames on, in order; returns how many are done. */
static unsigned pass(FwBurst *b, FwVif *v, FwFrame *frame, unsigned n,
                     FwResult *result)
{
    SvnicFw *fw = b->fw;
    uint32_t slots = 0;
    uint64_t bytes = 0;
    unsigned i;

    *result = FW_DONE;
    for (i = 0; i < n; i++) {
        FwFrame *f = &frame[i];

        if (i + 1 < n && FW_LIKELY(!f[1].scattered)) {
            prefetch_rest(f + 1);
        }
        *result = FW_LIKELY(f->to >= 0) ? fw_recv_put(b, &fw->vif[f->to], f)
                                        : pass_other(b, v, f);
        if (FW_UNLIKELY(*result != FW_DONE)) {
            break;
        }
        slots += f->slots;
        bytes += f->length;
    }
    v->send_cons += slots;
    fw_count(&v->send_frames, i);
    fw_count(&v->send_bytes, bytes);
    return i;
}

FwServed fw_send_burst(SvnicFw *fw, FwVif *v, unsigned me, unsigned context)
{
    struct svnic_vif_page *page = fw_vif_page(fw, v);
    FwFrame frame[FW_BURST_FRAMES] FW_UNINITIALIZED;
    FwBurst b FW_UNINITIALIZED;
    enum svnic_vif_error error;
    FwResult result;
    uint32_t prod;
    uint32_t from = v->send_cons;
    unsigned n;
    unsigned done;
    bool idle;

    if (fw_vif_state(v) != SVNIC_VIF_ACTIVE) {
        return FW_SERVED_ALL;
    }
    if (FW_UNLIKELY(!page)) {
        fw_vif_stop(fw, v, SVNIC_ERR_HOST_PAGE, from);
        return FW_SERVED_ALL;
    }
    prod = ixp_load_acquire(&page->send_prod.index);
    if (FW_UNLIKELY(prod - from > v->send_slots)) {
        fw_vif_stop(fw, v, SVNIC_ERR_SEND_INDEX, prod);
        return FW_SERVED_ALL;
    }

    n = gather(fw, v, prod - from, frame, &error);
    fw_burst_begin(&b, fw, me, context);
    done = pass(&b, v, frame, n, &result);
    fw_burst_publish(&b);
    ixp_store_release(&page->send_cons.index, v->send_cons);
    if (FW_UNLIKELY(error && done == n)) {
        fw_vif_stop(fw, v, error, v->send_cons);
    }
    /* The owner rings only when it passes the event: tell it, look again. */
    idle = v->send_cons == prod;
    if (idle) {
        ixp_store_release(&page->send_cons.event, prod);
    }
    fw_vif_page_written(fw, v);
    ixp_barrier();
    fw_burst_signal(&b);
    if (fw_event_passed(ixp_load_acquire(&page->send_prod.event),
                        from, v->send_cons)) {
        fw_vif_signal(fw, v, SVNIC_SIGNAL_SEND_DONE);
    }
    if (result == FW_NO_ROOM) {
        return FW_SERVED_ROOM;
    }
    if (idle && ixp_load_acquire(&page->send_prod.index) == prod) {
        return FW_SERVED_ALL;
    }
    return FW_SERVED_MORE;
}
