/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Regions in host memory: resolving pages, and copies that go page by page.
 *
 * Called by send.c, recv.c and port.c in any context for VIFs in host memory
 * only, and by vif.c on the XScale.  Everything that a copy accesses is
 * resolved first: a page that is not in the VIF's table is refused before the
 * first byte is copied, and a page in it stays valid until the step ends.
 * Spec: "Host placement".
 */
#include "fw.h"

bool fw_host_complete(const SvnicFw *fw, const FwVif *v)
{
    for (uint32_t i = 0; i < v->region_size; i += SVNIC_PAGE_SIZE) {
        if (!fw_host_at(fw, v, i)) {
            return false;
        }
    }
    return true;
}

bool fw_host_resolve(const SvnicFw *fw, const FwVif *v, uint32_t queue,
                     uint32_t size, uint32_t at, uint32_t n)
{
    if (!fw_host_at(fw, v, 0)) {
        return false;
    }
    while (n) {
        uint32_t part = size - at < n ? size - at : n;
        uint32_t last = (queue + at + part - 1) / SVNIC_PAGE_SIZE;

        for (uint32_t i = (queue + at) / SVNIC_PAGE_SIZE; i <= last; i++) {
            if (!fw_host_at(fw, v, i * SVNIC_PAGE_SIZE)) {
                return false;
            }
        }
        n -= part;
        at = 0;
    }
    return true;
}

/* At most @n bytes, and not beyond the end of the page. */
static uint32_t within_page(uint32_t offset, uint32_t n)
{
    uint32_t left = SVNIC_PAGE_SIZE - offset % SVNIC_PAGE_SIZE;

    return n < left ? n : left;
}

uint32_t fw_frame_part(const SvnicFw *fw, const FwFrame *f, uint32_t done,
                       const uint8_t **part)
{
    bool wraps = done >= f->rest_length;
    uint32_t at = wraps ? done - f->rest_length : done;
    uint32_t left = (wraps ? f->wrapped_length : f->rest_length) - at;
    const FwVif *v = f->scattered;
    uint32_t offset;

    if (!left) {
        return 0;
    }
    if (FW_LIKELY(!v)) {
        *part = (wraps ? f->wrapped : f->rest) + at;
        return left;
    }
    offset = (wraps ? v->send_offset : f->scattered_at) + at;
    *part = fw_host_at(fw, v, offset);
    return within_page(offset, left);
}

/* The position of a copy into a receive queue, in bytes from slot 0. */
typedef struct Cursor {
    SvnicFw *fw;
    const FwVif *v;
    uint32_t at;
} Cursor;

static void put(Cursor *c, const void *from, uint32_t n)
{
    const uint8_t *data = from;
    const FwVif *v = c->v;
    uint32_t size = v->recv_slots * SVNIC_SLOT_SIZE;

    while (n) {
        uint32_t offset = v->recv_offset + c->at;
        uint32_t part = size - c->at < n ? size - c->at : n;

        if (fw_on_host(v)) {
            part = within_page(offset, part);
            memcpy(fw_host_at(c->fw, v, offset), data, part);
            ixp_host_written(c->fw->ix, v->id, offset / SVNIC_PAGE_SIZE,
                             offset % SVNIC_PAGE_SIZE, part);
        } else {
            memcpy(c->fw->sdram + offset, data, part);
        }
        data += part;
        n -= part;
        c->at += part;
        if (c->at == size) {
            c->at = 0;
        }
    }
}

void fw_host_copy(SvnicFw *fw, const FwVif *v, const FwFrame *f)
{
    Cursor c = {
        .fw = fw,
        .v = v,
        .at = (v->recv_prod & (v->recv_slots - 1)) * SVNIC_SLOT_SIZE,
    };
    const uint8_t *data;
    uint32_t done = 0;
    uint32_t n;

    put(&c, &f->line, sizeof(f->line));
    while ((n = fw_frame_part(fw, f, done, &data))) {
        put(&c, data, n);
        done += n;
    }
}
