/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Spans: how the firmware reaches a VIF's region, in SDRAM and in host memory
 * alike.  A span is an offset and a length in the region, or in a queue, where
 * it wraps at the end; bounds are checked once, when it begins.  The iterator
 * yields pieces that are contiguous for the card: all up to the end in SDRAM,
 * up to the end of the page in host memory.  Bytes of a span that writes are
 * marked as written when the iterator leaves their piece, after the access.
 *
 * Any context; a pointer is valid until the step ends.  Spec: "Host placement".
 */
#ifndef FIRMWARE_STUB_SPAN_H
#define FIRMWARE_STUB_SPAN_H

#include "fw_state.h"

typedef enum FwDirection {
    FW_READ,
    FW_WRITE,
} FwDirection;

typedef struct FwSpan {
    const SvnicFw *fw;
    const FwVif *vif;
    uint32_t begin;             /* offsets in the region: after @end, */
    uint32_t end;               /* the span continues at @begin */
    uint32_t at;                /* of the piece last yielded, or the next one */
    uint32_t left;              /* bytes from @at on */
    uint32_t piece;             /* bytes of the piece last yielded */
    FwDirection direction;
} FwSpan;

/* Whether the region of @v, which exists, lies in host memory. */
static inline bool fw_on_host(const FwVif *v)
{
    return FW_UNLIKELY(!v->region);
}

/* Byte @offset of a region in host memory if its page is cached, else NULL. */
static inline uint8_t *fw_host_cached(const SvnicFw *fw, const FwVif *v,
                                      uint32_t offset)
{
    uint8_t *page =
        __atomic_load_n(&fw->host[v->id].page[offset / SVNIC_PAGE_SIZE],
                        __ATOMIC_RELAXED);

    return page ? page + offset % SVNIC_PAGE_SIZE : NULL;
}

/*
 * Byte @offset of a region in host memory, valid up to the end of that page;
 * NULL if the page cannot be accessed.
 */
static inline uint8_t *fw_host_at(const SvnicFw *fw, const FwVif *v,
                                  uint32_t offset)
{
    uint8_t *at = fw_host_cached(fw, v, offset);

    if (FW_UNLIKELY(!at)) {
        at = ixp_host_page(fw->ix, v->id, offset / SVNIC_PAGE_SIZE);
        at = at ? at + offset % SVNIC_PAGE_SIZE : NULL;
    }
    return at;
}

/*
 * Begins a span of @length bytes at @at of the part of the region that starts
 * at @begin and has @size bytes.  False: not all of it is within the region.
 */
static inline bool fw_span_begin(FwSpan *s, const SvnicFw *fw, const FwVif *v,
                                 uint32_t begin, uint32_t size, uint32_t at,
                                 uint32_t length, FwDirection direction)
{
    *s = (FwSpan) {
        .fw = fw, .vif = v, .begin = begin, .end = begin + size,
        .at = begin + at, .left = length, .direction = direction,
    };
    return begin <= v->region_size && size <= v->region_size - begin &&
           at <= size && length <= size;
}

/* A span of the region, which does not wrap. */
static inline bool fw_span_region(FwSpan *s, const SvnicFw *fw, const FwVif *v,
                                  uint32_t offset, uint32_t length,
                                  FwDirection direction)
{
    return fw_span_begin(s, fw, v, offset, length, 0, length, direction);
}

/* Spans of the send queue, to read, and of the receive queue, to write. */
static inline bool fw_span_send(FwSpan *s, const SvnicFw *fw, const FwVif *v,
                                uint32_t at, uint32_t length)
{
    return fw_span_begin(s, fw, v, v->send_offset - v->region,
                         v->send_slots * SVNIC_SLOT_SIZE, at, length, FW_READ);
}

static inline bool fw_span_recv(FwSpan *s, const SvnicFw *fw, const FwVif *v,
                                uint32_t at, uint32_t length)
{
    return fw_span_begin(s, fw, v, v->recv_offset - v->region,
                         v->recv_slots * SVNIC_SLOT_SIZE, at, length, FW_WRITE);
}

/* Leaves the piece last yielded; the last call of a span that ends early. */
static inline void fw_span_end(FwSpan *s)
{
    if (s->piece && s->direction == FW_WRITE && fw_on_host(s->vif)) {
        ixp_host_written(s->fw->ix, s->vif->id, s->at / SVNIC_PAGE_SIZE,
                         s->at % SVNIC_PAGE_SIZE, s->piece);
    }
    s->at += s->piece;
    s->left -= s->piece;
    s->piece = 0;
}

/*
 * Leaves the last piece and yields the next one, of at most @limit bytes;
 * returns its length.  0: the span or @limit is used up, or the page cannot be
 * accessed.
 */
static inline uint32_t fw_span_next(FwSpan *s, uint32_t limit, uint8_t **piece)
{
    uint32_t n;

    fw_span_end(s);
    if (s->at == s->end) {
        s->at = s->begin;
    }
    n = s->end - s->at;
    n = s->left < n ? s->left : n;
    n = limit < n ? limit : n;
    if (!n) {
        return 0;
    }
    if (!fw_on_host(s->vif)) {
        *piece = s->fw->sdram + s->vif->region + s->at;
    } else {
        uint32_t page = SVNIC_PAGE_SIZE - s->at % SVNIC_PAGE_SIZE;

        n = n < page ? n : page;
        *piece = fw_host_at(s->fw, s->vif, s->at);
        if (FW_UNLIKELY(!*piece)) {
            return 0;
        }
    }
    s->piece = n;
    return n;
}

/*
 * Yields a whole span, of which nothing was yielded yet, if it is one piece;
 * otherwise returns NULL, and it is as before.
 */
static inline uint8_t *fw_span_whole(FwSpan *s)
{
    uint8_t *piece;

    if (fw_span_next(s, s->left, &piece) == s->left && s->left) {
        return piece;
    }
    s->piece = 0;
    return NULL;
}

/* Whether all pages of what is left can be accessed. */
bool fw_span_accessible(const FwSpan *s);
/*
 * Copies @n bytes to where the span is; false if it has fewer, or a page
 * cannot be accessed.
 */
bool fw_span_write(FwSpan *s, const void *data, uint32_t n);

#endif /* FIRMWARE_STUB_SPAN_H */
