/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Spans: what is not inline, and the payload of a frame piece by piece.
 *
 * Called by send.c, recv.c and tx.c in any context, and by vif.c on the XScale.
 * Everything that a copy accesses is looked up first: a page that is not in the
 * VIF's table is refused before the first byte is copied, and a page in it
 * stays valid until the step ends.
 */
#include "fw.h"

bool fw_span_accessible(const FwSpan *s)
{
    FwSpan look = *s;
    uint8_t *piece;

    look.direction = FW_READ;
    while (fw_span_next(&look, look.left, &piece)) {
        continue;
    }
    return !look.left;
}

bool fw_span_write(FwSpan *s, const void *data, uint32_t n)
{
    const uint8_t *from = data;
    uint8_t *piece;
    uint32_t part;

    while (n && (part = fw_span_next(s, n, &piece))) {
        memcpy(piece, from, part);
        from += part;
        n -= part;
    }
    fw_span_end(s);
    return !n;
}

bool fw_region_complete(const SvnicFw *fw, const FwVif *v)
{
    FwSpan s;

    return fw_span_region(&s, fw, v, 0, v->region_size, FW_READ) &&
           fw_span_accessible(&s);
}

uint32_t fw_frame_part(const SvnicFw *fw, const FwFrame *f, uint32_t done,
                       const uint8_t **part)
{
    const FwVif *v = &fw->vif[FW_ORIGIN_VIF(f->origin)];
    uint32_t left = f->rest_length - done;
    uint32_t at = f->rest_at + done;
    uint8_t *piece = NULL;
    FwSpan s;

    if (FW_LIKELY(!f->split)) {
        *part = f->rest + done;
        return left;
    }
    at &= v->send_slots * SVNIC_SLOT_SIZE - 1;
    if (!left || !fw_span_send(&s, fw, v, at, left)) {
        return 0;
    }
    left = fw_span_next(&s, left, &piece);
    *part = piece;
    return left;
}
