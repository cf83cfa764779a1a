/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Send contexts: fetch frames from a VIF's send queue, check them, find their
 * destinations, and put their handles on the microengine's ring.
 *
 * Called by context.c in the context that serves the VIF; the functions for
 * queue.c in the queue context of the same microengine.  A frame's first line
 * is copied once, into its descriptor, and the copy is checked; the guest's
 * line is not read again.  The payload stays in the queue until the frame has
 * been delivered.
 */
#include "fw.h"

/* Longer than any frame: see check_sender(). */
#define SEGMENT_TOO_SMALL       UINT32_MAX

/* Clears a header but for length, slots and flags. */
static inline void clear_offload(struct svnic_frame *head)
{
    *head = (struct svnic_frame) {
        .length = head->length, .slots = head->slots, .flags = head->flags,
    };
}

/*
 * Checks the offload header against the frame (spec: "Frames") and rebuilds it
 * of checked fields.  Only here are its fields read: loads from the line just
 * copied span two of its stores, and wait until those are in the cache.
 */
static enum svnic_vif_error check_offload(FwFrame *f)
{
    struct svnic_frame *head = &f->line.head;
    const struct svnic_frame copy = *head;
    const struct svnic_frame *h = &copy;
    uint32_t start = fw_le16(h->csum_start);
    uint32_t end = start + fw_le16(h->csum_offset) + 2;

    clear_offload(head);
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
        if (gso_size < SVNIC_MIN_GSO_SIZE) {
            f->segment = SEGMENT_TOO_SMALL;
        } else if (hdr_len + gso_size < f->length) {
            f->segment = hdr_len + gso_size;
        }
    }
    return SVNIC_ERR_NONE;
}

/*
 * Fetches the frame at @index into @f; @ready slots are filled from there on.
 * The header in @f is rebuilt of checked fields.
 */
static enum svnic_vif_error fetch_frame(const SvnicFw *fw, const FwVif *v,
                                        uint32_t index, uint32_t ready,
                                        FwFrame *f)
{
    uint32_t at = (index & (v->send_slots - 1)) * SVNIC_SLOT_SIZE;
    uint32_t size = v->send_slots * SVNIC_SLOT_SIZE;
    const uint8_t *line = fw->sdram + v->send_offset + at;
    struct svnic_frame *head = &f->line.head;
    uint32_t flags;

    if (fw_on_host(v)) {
        line = fw_host_at(fw, v, v->send_offset + at);
        if (FW_UNLIKELY(!line)) {
            return SVNIC_ERR_HOST_PAGE;
        }
    }
    fw_copy_once(&f->line, line, sizeof(f->line));
    f->length = fw_le32(head->length);
    flags = fw_le16(head->flags);
    if (FW_UNLIKELY(f->length < SVNIC_MIN_FRAME ||
                    f->length > SVNIC_MAX_FRAME)) {
        return SVNIC_ERR_SEND_LENGTH;
    }
    f->slots = SVNIC_FRAME_SLOTS(f->length);
    f->segment = f->length;
    if (FW_UNLIKELY(fw_le16(head->slots) != f->slots || f->slots > ready)) {
        return SVNIC_ERR_SEND_CHAIN;
    }
    if (FW_UNLIKELY(flags & ~SVNIC_FRAME_F_ALL ||
                    head->gso_type > SVNIC_GSO_TCPV6)) {
        return SVNIC_ERR_SEND_FLAGS;
    }
    if (FW_LIKELY(!(flags & SVNIC_FRAME_F_NEEDS_CSUM))) {
        if (FW_UNLIKELY(head->gso_type != SVNIC_GSO_NONE)) {
            return SVNIC_ERR_SEND_OFFLOAD;
        }
        clear_offload(head);
    } else {
        enum svnic_vif_error error = check_offload(f);

        if (FW_UNLIKELY(error)) {
            return error;
        }
    }

    f->rest_length = 0;
    f->rest = line + sizeof(f->line);
    f->split = false;
    if (FW_UNLIKELY(f->length <= FW_LINE_DATA)) {
        memset(f->line.data + f->length, 0, FW_LINE_DATA - f->length);
        return SVNIC_ERR_NONE;
    }
    at += sizeof(f->line);
    f->rest_length = f->length - FW_LINE_DATA;
    f->rest_at = at;
    f->split = f->rest_length > size - at;
    return fw_on_host(v) ? fw_send_resolve(fw, v, f) : SVNIC_ERR_NONE;
}

/* The reason to drop the frame that depends on the sender alone, or 0. */
static int check_sender(const FwVif *v, const FwFrame *f)
{
    if (FW_UNLIKELY(!v->link)) {
        return FW_DEST_NO_LINK;
    }
    if (FW_UNLIKELY(v->flags & SVNIC_VIF_F_SPOOF_CHECK &&
                    fw_mac(f->line.data + 6) != v->mac)) {
        return FW_DEST_SPOOFED;
    }
    if (FW_UNLIKELY(f->segment > v->mtu + SVNIC_ETH_MAX_HEADER)) {
        return f->segment == SEGMENT_TOO_SMALL ? FW_DEST_GSO_SMALL
                                               : FW_DEST_OVERSIZE;
    }
    return 0;
}

/*
 * Prefetches a frame header that will be read soon.  A page of host memory that
 * is not cached yet is left alone: its frame may never be sent.
 */
static void prefetch_line(const SvnicFw *fw, const FwVif *v, uint32_t index)
{
    uint32_t at = (index & (v->send_slots - 1)) * SVNIC_SLOT_SIZE;

    if (fw_on_host(v)) {
        __builtin_prefetch(fw_host_cached(fw, v, v->send_offset + at));
    } else {
        fw_prefetch_slot(fw_slot(fw->sdram + v->send_offset, v->send_slots,
                                 index));
    }
}

/* Makes a descriptor with which the queue context will stop @v. */
static void fetch_stop(const FwVif *v, enum svnic_vif_error error,
                       uint32_t index, FwFrame *f)
{
    f->dest = FW_DEST_STOP;
    f->error = error;
    f->segment = index;
    f->slots = 0;
    f->length = 0;
    f->origin = fw_origin(v);
}

/* fw_switch_route(), timed. */
static FW_COLD int route_stamped(SvnicFw *fw, FwVif *v, unsigned me,
                                 const uint8_t *eth)
{
    uint64_t from = fw_stamp(fw);
    int dest = fw_switch_route(fw, v->port, v, eth);
    uint64_t ns = fw_stamp(fw) - from;

    fw->me[me].classify_ns += ns;
    fw_stage(fw, me, FW_STAGE_CLASSIFY, ns);
    return dest;
}

/*
 * Fetches up to @limit frames from the slots up to @prod into free descriptors;
 * returns how many, and in @end the index behind the last frame.
 */
static unsigned fetch_burst(SvnicFw *fw, FwVif *v, unsigned me,
                            uint32_t prod, unsigned limit, uint32_t *end)
{
    uint32_t next = fw->me[me].head;
    uint32_t index = v->send_fetched;
    uint32_t bytes = 0;
    uint64_t origin = fw_origin(v);
    uint64_t last_mac = UINT64_MAX;
    int last_dest = FW_DEST_NONE;
    unsigned hashed = 0;
    unsigned n = 0;

    while (n < limit && index != prod && bytes < FW_BURST_BYTES) {
        FwFrame *f = fw_descriptor(fw, me, next + n);
        enum svnic_vif_error error;
        uint64_t mac;

        if (prod - index > FW_AHEAD) {
            prefetch_line(fw, v, index + FW_AHEAD);
        }
        error = fetch_frame(fw, v, index, prod - index, f);
        if (FW_UNLIKELY(error)) {
            fetch_stop(v, error, index, f);
            n++;
            break;
        }
        f->origin = origin;
        f->dest = check_sender(v, f);
        mac = fw_mac(f->line.data);
        if (FW_LIKELY(!f->dest)) {
            if (mac != last_mac) {
                last_mac = mac;
                hashed++;
                last_dest = FW_UNLIKELY(fw->stamps)
                    ? route_stamped(fw, v, me, f->line.data)
                    : fw_switch_route(fw, v->port, v, f->line.data);
                if (last_dest >= 0) {
                    fw_prefetch_receiver(fw, &fw->vif[last_dest]);
                }
            }
            f->dest = last_dest;
        }
        index += f->slots;
        bytes += f->length;
        n++;
    }
    fw_accessed(fw, me, IXP_MEMORY_HASH, hashed);
    /* The first line of each frame, and its descriptor. */
    fw_accessed(fw, me, IXP_MEMORY_DRAM, n);
    fw_accessed(fw, me, IXP_MEMORY_SRAM, n * FW_DESCRIPTOR_ACCESSES);
    *end = index;
    return n;
}

static FwResult drop(FwBurst *b, const FwVif *v, const FwFrame *f,
                     uint64_t *counter, FwDrop reason)
{
    fw_count(counter, 1);
    ixp_trace(b->fw->ix, FW_EVENT_DROP, v->id, reason, f->length);
    return FW_DONE;
}

FwResult fw_send_deliver(FwBurst *b, FwVif *v, FwFrame *f)
{
    SvnicFw *fw = b->fw;
    FwTargets targets;

    switch (f->dest) {
    case FW_DEST_PORT:
        if (fw->port[v->port].link) {
            return fw_port_out(b, v->port, f);
        }
        /* fall through */
    case FW_DEST_NO_LINK:
        return drop(b, v, f, &v->send_no_link, FW_DROP_SEND_NO_LINK);
    case FW_DEST_FLOOD:
        fw_switch_targets(fw, v->port, v, f->line.data, &targets);
        return fw_flood(b, f, v->port, &targets, &v->flood_next);
    case FW_DEST_SPOOFED:
        return drop(b, v, f, &v->send_spoofed, FW_DROP_SEND_SPOOFED);
    case FW_DEST_OVERSIZE:
        return drop(b, v, f, &v->send_oversize, FW_DROP_SEND_OVERSIZE);
    case FW_DEST_GSO_SMALL:
        return drop(b, v, f, &v->send_gso_small, FW_DROP_SEND_GSO_SMALL);
    case FW_DEST_RESERVED:
        return drop(b, v, f, &v->send_reserved, FW_DROP_SEND_RESERVED);
    default:
        return drop(b, v, f, &v->send_to_self, FW_DROP_SEND_TO_SELF);
    }
}

enum svnic_vif_error fw_send_resolve(const SvnicFw *fw, const FwVif *v,
                                     FwFrame *f)
{
    FwSpan s;

    if (!f->rest_length) {
        return SVNIC_ERR_NONE;
    }
    if (!fw_vif_page(fw, v) ||
        !fw_span_send(&s, fw, v, f->rest_at, f->rest_length)) {
        return SVNIC_ERR_HOST_PAGE;
    }
    f->rest = fw_span_whole(&s);
    f->split = !f->rest;
    return f->split && !fw_span_accessible(&s) ? SVNIC_ERR_HOST_PAGE
                                               : SVNIC_ERR_NONE;
}

bool fw_send_sleep(SvnicFw *fw, FwVif *v)
{
    struct svnic_vif_page *page = fw_vif_page(fw, v);

    if (FW_UNLIKELY(!page)) {
        return true;
    }
    /*
     * The owner rings only when it passes the event: publish it, check again.
     */
    ixp_store_release(&page->send_cons.event, v->send_cons);
    fw_vif_page_written(fw, v);
    ixp_barrier();
    return ixp_load_acquire(&page->send_prod.index) != v->send_cons;
}

FwSendResult fw_send_burst(SvnicFw *fw, FwVif *v, unsigned me)
{
    struct svnic_vif_page *page = fw_vif_page(fw, v);
    uint32_t flying = v->send_fetched - v->send_cons;
    uint64_t from;
    uint32_t prod;
    uint32_t end;
    unsigned room;
    unsigned n;
    unsigned put;

    if (fw_vif_state(v) != SVNIC_VIF_ACTIVE) {
        return FW_SEND_DONE;
    }
    if (FW_UNLIKELY(!page)) {
        fw_vif_stop(fw, v, SVNIC_ERR_HOST_PAGE, v->send_fetched);
        return FW_SEND_DONE;
    }
    room = fw_queue_room(fw, me);
    if (FW_UNLIKELY(!room)) {
        return FW_SEND_RING_FULL;
    }
    prod = ixp_load_acquire(&page->send_prod.index);
    if (FW_UNLIKELY(prod - v->send_fetched > v->send_slots - flying)) {
        fetch_stop(v, SVNIC_ERR_SEND_INDEX, prod,
                   fw_descriptor(fw, me, fw->me[me].head));
        return fw_queue_put(fw, me, 1) ? FW_SEND_DONE : FW_SEND_MORE;
    }
    v->send_seen = prod;
    if (prod == v->send_fetched) {
        return !flying && fw_send_sleep(fw, v) ? FW_SEND_MORE
                                               : FW_SEND_DONE;
    }
    if (fw_fault_stop(fw, v)) {
        return FW_SEND_DONE;
    }
    from = fw_stamp(fw);
    n = fetch_burst(fw, v, me, prod, room, &end);
    if (FW_UNLIKELY(from)) {
        fw_stage(fw, me, FW_STAGE_FETCH,
                 fw_stamp(fw) - from - fw->me[me].classify_ns);
        fw->me[me].classify_ns = 0;
    }
    put = fw_queue_put(fw, me, n);
    if (FW_UNLIKELY(put < n)) {
        for (unsigned i = 1; i <= put; i++) {
            v->send_fetched +=
                fw_descriptor(fw, me, fw->me[me].head - i)->slots;
        }
        return FW_SEND_MORE;
    }
    v->send_fetched = end;
    return end == prod ? FW_SEND_DONE : FW_SEND_MORE;
}
