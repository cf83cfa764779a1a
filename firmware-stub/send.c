/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The send program: takes frames out of a VIF's send queue, checks them, and
 * passes them on.
 *
 * Called by context.c in the one context that serves the VIF.  A burst goes
 * in stages: gather (copy each frame's first line once and check the copy),
 * pass (switch and copy), publish (indices, one barrier, signals).  A frame
 * that cannot be passed on now ends the burst and stays in the queue.
 */
#include "fw.h"

/* How many frames ahead memory is fetched. */
#define AHEAD                   4

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
    struct svnic_frame h;
    uint32_t flags;
    uint32_t rest;

    fw_copy_once(&f->line, ring + at, sizeof(f->line));
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
    f->rest = ring + at + sizeof(f->line);
    f->wrapped = ring;
    if (FW_UNLIKELY(f->length <= FW_LINE_DATA)) {
        memset(f->line.data + f->length, 0, FW_LINE_DATA - f->length);
        return SVNIC_ERR_NONE;
    }
    rest = f->length - FW_LINE_DATA;
    at += sizeof(f->line);
    f->rest_length = rest < size - at ? rest : size - at;
    f->wrapped_length = rest - f->rest_length;
    return SVNIC_ERR_NONE;
}

/* Takes up to a burst of the @ready slots; returns how many frames. */
static unsigned gather(const SvnicFw *fw, const FwVif *v, uint32_t ready,
                       FwFrame *frame, enum svnic_vif_error *error)
{
    const uint8_t *ring = fw->sdram + v->send_offset;
    uint32_t index = v->send_cons;
    uint32_t end = index + ready;
    uint32_t bytes = 0;
    unsigned n = 0;

    *error = SVNIC_ERR_NONE;
    while (n < FW_BURST_FRAMES && index != end && bytes < FW_BURST_BYTES) {
        uint32_t ahead = (index + AHEAD) & (v->send_slots - 1);

        __builtin_prefetch(ring + ahead * SVNIC_SLOT_SIZE);
        __builtin_prefetch(ring + ahead * SVNIC_SLOT_SIZE + 64);
        *error = gather_frame(fw, v, index, end - index, &frame[n]);
        if (FW_UNLIKELY(*error)) {
            break;
        }
        index += frame[n].slots;
        bytes += frame[n].length;
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

/* Passes one frame to where the switch says. */
static FwResult pass_to(FwBurst *b, FwVif *v, FwFrame *f, int to)
{
    SvnicFw *fw = b->fw;
    FwTargets targets;

    switch (to) {
    case FW_TO_PORT:
        if (!fw->port[v->port].link) {
            return drop(b, v, f, &v->send_no_link, IXP_DROP_SEND_NO_LINK);
        }
        return fw_port_out(b, v->port, f);
    case FW_TO_NOBODY:
        return drop(b, v, f, &v->send_to_self, IXP_DROP_SEND_TO_SELF);
    case FW_TO_MANY:
        fw_switch_targets(fw, v->port, v, f->line.data, &targets);
        return fw_flood(b, f, v->port, &targets, &v->flood_next);
    default:
        return fw_recv_put(b, &fw->vif[to], f);
    }
}

/* Passes the frames on, in order; returns how many are done. */
static unsigned pass(FwBurst *b, FwVif *v, FwFrame *frame, unsigned n,
                     FwResult *result)
{
    const SvnicFw *fw = b->fw;
    uint32_t limit = v->mtu + SVNIC_ETH_MAX_HEADER;
    bool check_source = v->flags & SVNIC_VIF_F_SPOOF_CHECK;
    uint64_t last_mac = 0;
    int to = FW_TO_NOBODY;
    uint64_t bytes = 0;
    unsigned i;

    *result = FW_DONE;
    for (i = 0; i < n; i++) {
        FwFrame *f = &frame[i];
        const uint8_t *eth = f->line.data;

        if (FW_UNLIKELY(!v->link)) {
            drop(b, v, f, &v->send_no_link, IXP_DROP_SEND_NO_LINK);
        } else if (FW_UNLIKELY(check_source && fw_mac(eth + 6) != v->mac)) {
            drop(b, v, f, &v->send_spoofed, IXP_DROP_SEND_SPOOFED);
        } else if (FW_UNLIKELY(f->segment > limit)) {
            drop(b, v, f, &v->send_oversize, IXP_DROP_SEND_OVERSIZE);
        } else {
            uint64_t mac = fw_mac(eth);

            if (mac != last_mac || !i) {
                to = fw_switch_route(fw, v->port, v, eth);
                last_mac = mac;
            }
            *result = pass_to(b, v, f, to);
            if (FW_UNLIKELY(*result != FW_DONE)) {
                break;
            }
        }
        bytes += f->length;
    }
    fw_count(&v->send_frames, i);
    fw_count(&v->send_bytes, bytes);
    return i;
}

FwServed fw_send_burst(SvnicFw *fw, FwVif *v, unsigned me, unsigned context)
{
    struct svnic_vif_page *page = fw_vif_page(fw, v);
    FwFrame frame[FW_BURST_FRAMES];
    FwBurst b;
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
    prod = ixp_load_acquire(&page->send_prod.index);
    if (FW_UNLIKELY(prod - from > v->send_slots)) {
        fw_vif_stop(fw, v, SVNIC_ERR_SEND_INDEX, prod);
        return FW_SERVED_ALL;
    }

    n = gather(fw, v, prod - from, frame, &error);
    fw_burst_begin(&b, fw, me, context);
    done = pass(&b, v, frame, n, &result);
    for (unsigned i = 0; i < done; i++) {
        v->send_cons += frame[i].slots;
    }

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

void fw_send_prefetch(const SvnicFw *fw, const FwVif *v)
{
    __builtin_prefetch(v);
    __builtin_prefetch(&v->send_cons, 1);
    __builtin_prefetch(&fw_vif_page(fw, v)->send_prod);
}
