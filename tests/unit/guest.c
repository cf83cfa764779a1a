/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See guest.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "guest.h"

static void die(const char *what)
{
    fprintf(stderr, "guest: %s\n", what);
    abort();
}

void guest_attach(Guest *g, Ixp *ix, uint32_t offset)
{
    guest_attach_run(g, ix, ixp_config(ix)->sdram + offset);
}

void guest_attach_run(Guest *g, Ixp *ix, uint8_t *run)
{
    *g = (Guest) { .page = (struct svnic_vif_page *)run, .opaque = ix };
    if (!svnic_owner_attach(g, UINT32_MAX)) {
        die("the VIF page is against the spec");
    }
}

uint32_t guest_get(Guest *g, void *data, struct svnic_frame *head)
{
    int32_t length = svnic_recv_take(g, data, SVNIC_MAX_FRAME, head);

    if (length < 0) {
        die("a frame is against the spec");
    }
    return length;
}

uint32_t svnic_db_read(const struct svnic_owner *o, uint32_t reg)
{
    return reg == SVNIC_DB_SIGNAL_STATUS ? fake_page_status(o->opaque, o->id)
                                         : fake_page_mask(o->opaque, o->id);
}

void svnic_db_write(const struct svnic_owner *o, uint32_t reg,
                    uint32_t value)
{
    switch (reg) {
    case SVNIC_DB_SEND:
        fake_page_ring(o->opaque, o->id, IXP_PAGE_SEND);
        break;
    case SVNIC_DB_RECV:
        fake_page_ring(o->opaque, o->id, IXP_PAGE_RECV);
        break;
    case SVNIC_DB_SIGNAL_STATUS:
        fake_page_status_clear(o->opaque, o->id, value);
        break;
    case SVNIC_DB_SIGNAL_MASK_CLEAR:
        fake_page_mask_clear(o->opaque, o->id, value);
        break;
    default:
        die("the fake chip has no such register");
    }
}
