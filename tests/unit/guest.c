/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See guest.h.
 */
#include <string.h>

#include "guest.h"

static uint32_t read_le32(const svnic_le32 *p)
{
    return ixp_load_acquire(p);
}

void guest_attach(Guest *g, Ixp *ix, uint32_t offset)
{
    guest_attach_run(g, ix, ixp_config(ix)->sdram + offset);
}

void guest_attach_run(Guest *g, Ixp *ix, uint8_t *run)
{
    struct svnic_vif_page *page = (struct svnic_vif_page *)run;

    *g = (Guest) {
        .ix = ix,
        .id = read_le32(&page->vif),
        .page = page,
        .send = run + read_le32(&page->send_offset),
        .recv = run + read_le32(&page->recv_offset),
        .send_slots = read_le32(&page->send_slots),
        .recv_slots = read_le32(&page->recv_slots),
    };
}

uint32_t guest_room(const Guest *g)
{
    return g->send_slots -
           (g->send_prod - read_le32(&g->page->send_cons.index));
}

/* One byte position in a ring of slots, which goes on at its start. */
static void ring_put(uint8_t *ring, uint32_t size, uint32_t at,
                     const void *data, uint32_t n)
{
    uint32_t first = n < size - at ? n : size - at;

    memcpy(ring + at, data, first);
    memcpy(ring, (const uint8_t *)data + first, n - first);
}

static void ring_get(const uint8_t *ring, uint32_t size, uint32_t at,
                     void *data, uint32_t n)
{
    uint32_t first = n < size - at ? n : size - at;

    memcpy(data, ring + at, first);
    memcpy((uint8_t *)data + first, ring, n - first);
}

bool guest_put(Guest *g, const void *data, uint32_t length,
               const struct svnic_frame *head)
{
    uint32_t slots = SVNIC_FRAME_SLOTS(length);
    struct svnic_frame *slot = guest_send_slot(g, g->send_prod);

    if (slots > guest_room(g)) {
        return false;
    }
    *slot = head ? *head : (struct svnic_frame) { 0 };
    slot->length = ixp_swap32(length);
    slot->slots = slots;
    ring_put(g->send, g->send_slots * SVNIC_SLOT_SIZE,
             (uint8_t *)(slot + 1) - g->send, data, length);
    g->send_prod += slots;
    return true;
}

/* The event rule of the spec. */
static bool passed(uint32_t event, uint32_t from, uint32_t to)
{
    return (uint32_t)(to - event - 1) < (uint32_t)(to - from);
}

bool guest_publish(Guest *g)
{
    uint32_t from = g->send_published;

    ixp_store_release(&g->page->send_prod.index, g->send_prod);
    g->send_published = g->send_prod;
    ixp_barrier();
    if (!passed(read_le32(&g->page->send_cons.event), from, g->send_prod)) {
        return false;
    }
    fake_page_ring(g->ix, g->id, IXP_PAGE_SEND);
    return true;
}

bool guest_has_frame(const Guest *g)
{
    return read_le32(&g->page->recv_prod.index) != g->recv_cons;
}

uint32_t guest_get(Guest *g, void *data, struct svnic_frame *head)
{
    struct svnic_frame *slot = guest_recv_slot(g, g->recv_cons);
    uint32_t length;

    if (!guest_has_frame(g)) {
        return 0;
    }
    *head = *slot;
    length = ixp_swap32(head->length);
    ring_get(g->recv, g->recv_slots * SVNIC_SLOT_SIZE,
             (uint8_t *)(slot + 1) - g->recv, data, length);
    g->recv_cons += head->slots;
    return length;
}

bool guest_release(Guest *g)
{
    uint32_t from = g->recv_released;

    ixp_store_release(&g->page->recv_cons.index, g->recv_cons);
    g->recv_released = g->recv_cons;
    ixp_barrier();
    if (!passed(read_le32(&g->page->recv_prod.event), from, g->recv_cons)) {
        return false;
    }
    fake_page_ring(g->ix, g->id, IXP_PAGE_RECV);
    return true;
}

bool guest_wants_recv_signal(Guest *g)
{
    ixp_store_release(&g->page->recv_cons.event, g->recv_cons);
    ixp_barrier();
    return !guest_has_frame(g);
}

void guest_wants_send_signal(Guest *g)
{
    ixp_store_release(&g->page->send_prod.event,
                      read_le32(&g->page->send_cons.index));
    ixp_barrier();
}
