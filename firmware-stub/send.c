/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The send program: fetches frames from a VIF's send queue, checks them,
 * decides where they go, and puts their handles on the microengine's ring.
 *
 * Called by context.c in the one context that serves the VIF; what is here
 * for the queue program (queue.c), in that one's context of the same
 * microengine.  A frame's first line is copied once, into its descriptor, and
 * the copy is checked; from there on nobody looks at the guest's again.  The
 * frame itself stays in the queue until it has been passed on.
 */
#include "fw.h"

/* Decisions of this file, beside FW_TO_*. */
#define DROP_NO_LINK            (-16)
#define DROP_SPOOFED            (-17)
#define DROP_OVERSIZE           (-18)
#define DROP_GSO_SMALL          (-19)

/* Longer than any frame: see check_sender(). */
#define SEGMENT_TOO_SMALL       UINT32_MAX

/* All of a header but length, slots and flags. */
static inline void clear_offload(struct svnic_frame *head)
{
    *head = (struct svnic_frame) {
        .length = head->length, .slots = head->slots, .flags = head->flags,
    };
}

/*
 * The offload header against the frame (spec: "Frames"), and made anew.  Its
 * fields are looked at here alone: they lie across the stores of the line that
 * was just copied, and the load would wait until those are in the cache.
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
    struct svnic_frame *head = &f->line.head;
    uint32_t flags;
    uint32_t rest;

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
        return f->segment == SEGMENT_TOO_SMALL ? DROP_GSO_SMALL
                                               : DROP_OVERSIZE;
    }
    return 0;
}

/*
 * Fetches what of a send queue is looked at soon.  A page of the host's that
 * nobody has looked up yet is left alone: its frame may never come.
 */
static void prefetch_line(const SvnicFw *fw, const FwVif *v, uint32_t index)
{
    uint32_t at = (index & (v->send_slots - 1)) * SVNIC_SLOT_SIZE;

    if (fw_on_host(v)) {
        __builtin_prefetch(fw_host_known(fw, v, v->send_offset + at));
    } else {
        fw_prefetch_slot(fw_slot(fw->sdram + v->send_offset, v->send_slots,
                                 index));
    }
}

/* A descriptor that has the queue program stop @v when it comes to it. */
static void fetch_stop(const FwVif *v, enum svnic_vif_error error,
                       uint32_t index, FwFrame *f)
{
    f->to = FW_TO_STOP;
    f->error = error;
    f->segment = index;
    f->slots = 0;
    f->length = 0;
    f->origin = fw_origin(v);
}

/* The same as fw_switch_route(), and how long it took. */
static FW_COLD int route_stamped(SvnicFw *fw, FwVif *v, unsigned me,
                                 const uint8_t *eth)
{
    uint64_t from = fw_stamp(fw);
    int to = fw_switch_route(fw, v->port, v, eth);
    uint64_t ns = fw_stamp(fw) - from;

    fw->me[me].classify_ns += ns;
    fw_stage(fw, me, FW_STAGE_CLASSIFY, ns);
    return to;
}

/*
 * Takes up to @most frames of the slots up to @prod into free descriptors;
 * returns how many, and in @end the index behind the last frame.
 */
static unsigned gather(SvnicFw *fw, FwVif *v, unsigned me,
                       uint32_t prod, unsigned most, uint32_t *end)
{
    uint32_t next = fw->me[me].head;
    uint32_t index = v->send_fetched;
    uint32_t bytes = 0;
    uint64_t origin = fw_origin(v);
    uint64_t last_mac = UINT64_MAX;
    int last_to = FW_TO_NOBODY;
    unsigned hashed = 0;
    unsigned n = 0;

    while (n < most && index != prod && bytes < FW_BURST_BYTES) {
        FwFrame *f = fw_descriptor(fw, me, next + n);
        enum svnic_vif_error error;
        uint64_t mac;

        if (prod - index > FW_AHEAD) {
            prefetch_line(fw, v, index + FW_AHEAD);
        }
        error = gather_frame(fw, v, index, prod - index, f);
        if (FW_UNLIKELY(error)) {
            fetch_stop(v, error, index, f);
            n++;
            break;
        }
        f->origin = origin;
        f->to = check_sender(v, f);
        mac = fw_mac(f->line.data);
        if (FW_LIKELY(!f->to)) {
            if (mac != last_mac) {
                last_mac = mac;
                hashed++;
                last_to = FW_UNLIKELY(fw->stamps)
                    ? route_stamped(fw, v, me, f->line.data)
                    : fw_switch_route(fw, v->port, v, f->line.data);
                if (last_to >= 0) {
                    fw_prefetch_receiver(fw, &fw->vif[last_to]);
                }
            }
            f->to = last_to;
        }
        index += f->slots;
        bytes += f->length;
        n++;
    }
    fw_accessed(fw, me, IXP_MEMORY_HASH, hashed);
    /* A line of each frame, and its descriptor. */
    fw_accessed(fw, me, IXP_MEMORY_DRAM, n);
    fw_accessed(fw, me, IXP_MEMORY_SRAM, n * FW_DESCRIPTOR_ACCESSES);
    *end = index;
    return n;
}

static FwResult drop(FwBurst *b, const FwVif *v, const FwFrame *f,
                     uint64_t *counter, FwDrop why)
{
    fw_count(counter, 1);
    ixp_trace(b->fw->ix, FW_EVENT_DROP, v->id, why, f->length);
    return FW_DONE;
}

FwResult fw_send_pass(FwBurst *b, FwVif *v, FwFrame *f)
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
        return drop(b, v, f, &v->send_no_link, FW_DROP_SEND_NO_LINK);
    case FW_TO_MANY:
        fw_switch_targets(fw, v->port, v, f->line.data, &targets);
        return fw_flood(b, f, v->port, &targets, &v->flood_next);
    case DROP_SPOOFED:
        return drop(b, v, f, &v->send_spoofed, FW_DROP_SEND_SPOOFED);
    case DROP_OVERSIZE:
        return drop(b, v, f, &v->send_oversize, FW_DROP_SEND_OVERSIZE);
    case DROP_GSO_SMALL:
        return drop(b, v, f, &v->send_gso_small, FW_DROP_SEND_GSO_SMALL);
    case FW_TO_RESERVED:
        return drop(b, v, f, &v->send_reserved, FW_DROP_SEND_RESERVED);
    default:
        return drop(b, v, f, &v->send_to_self, FW_DROP_SEND_TO_SELF);
    }
}

enum svnic_vif_error fw_send_renew(const SvnicFw *fw, const FwVif *v,
                                   uint32_t index, FwFrame *f)
{
    uint32_t at = (index & (v->send_slots - 1)) * SVNIC_SLOT_SIZE +
                  sizeof(f->line);

    if (!f->rest_length) {
        return SVNIC_ERR_NONE;
    }
    f->rest = fw_host_at(fw, v, v->send_offset + at);
    f->scattered = NULL;
    return f->rest ? scatter(fw, v, at, f) : SVNIC_ERR_HOST_PAGE;
}

bool fw_send_sleep(SvnicFw *fw, FwVif *v)
{
    struct svnic_vif_page *page = fw_vif_page(fw, v);

    if (FW_UNLIKELY(!page)) {
        return true;
    }
    /* The owner rings only when it passes the event: tell it, look again. */
    ixp_store_release(&page->send_cons.event, v->send_cons);
    fw_vif_page_written(fw, v);
    ixp_barrier();
    return ixp_load_acquire(&page->send_prod.index) != v->send_cons;
}

FwServed fw_send_burst(SvnicFw *fw, FwVif *v, unsigned me)
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
        return FW_SERVED_ALL;
    }
    if (FW_UNLIKELY(!page)) {
        fw_vif_stop(fw, v, SVNIC_ERR_HOST_PAGE, v->send_fetched);
        return FW_SERVED_ALL;
    }
    room = fw_queue_room(fw, me);
    if (FW_UNLIKELY(!room)) {
        return FW_SERVED_NONE;
    }
    prod = ixp_load_acquire(&page->send_prod.index);
    if (FW_UNLIKELY(prod - v->send_fetched > v->send_slots - flying)) {
        fetch_stop(v, SVNIC_ERR_SEND_INDEX, prod,
                   fw_descriptor(fw, me, fw->me[me].head));
        return fw_queue_put(fw, me, 1) ? FW_SERVED_ALL : FW_SERVED_MORE;
    }
    v->send_seen = prod;
    if (prod == v->send_fetched) {
        return !flying && fw_send_sleep(fw, v) ? FW_SERVED_MORE
                                               : FW_SERVED_ALL;
    }
    from = fw_stamp(fw);
    n = gather(fw, v, me, prod, room, &end);
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
        return FW_SERVED_MORE;
    }
    v->send_fetched = end;
    return end == prod ? FW_SERVED_ALL : FW_SERVED_MORE;
}
