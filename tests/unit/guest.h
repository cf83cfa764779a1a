/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The owner of a VIF, as the spec's "Memory of a VIF" has it: for tests/unit/
 * and bench/dataplane.  One thread an owner.
 */
#ifndef TESTS_UNIT_GUEST_H
#define TESTS_UNIT_GUEST_H

#include "fake_chip.h"

typedef struct Guest {
    Ixp *ix;
    uint32_t id;
    struct svnic_vif_page *page;
    uint8_t *send;              /* slot 0 of each queue */
    uint8_t *recv;
    uint32_t send_slots;
    uint32_t recv_slots;
    uint32_t send_prod;
    uint32_t send_published;
    uint32_t recv_cons;
    uint32_t recv_released;
} Guest;

/* Takes over the VIF whose run starts at SDRAM @offset; it was activated. */
void guest_attach(Guest *g, Ixp *ix, uint32_t offset);
/* The same with a run anywhere, mapped in one piece. */
void guest_attach_run(Guest *g, Ixp *ix, uint8_t *run);

/* Where the send slot of an index is. */
static inline struct svnic_frame *guest_send_slot(Guest *g, uint32_t index)
{
    return (struct svnic_frame *)
        (g->send + (index & (g->send_slots - 1)) * SVNIC_SLOT_SIZE);
}

static inline struct svnic_frame *guest_recv_slot(Guest *g, uint32_t index)
{
    return (struct svnic_frame *)
        (g->recv + (index & (g->recv_slots - 1)) * SVNIC_SLOT_SIZE);
}

/* Slots that are free to send from. */
uint32_t guest_room(const Guest *g);
/*
 * Puts a frame of @length bytes into the send queue without telling the card;
 * of @head, which may be NULL, the offload fields and flags are taken.
 * False: no room.
 */
bool guest_put(Guest *g, const void *data, uint32_t length,
               const struct svnic_frame *head);
/* Publishes what was put; true if that took a doorbell. */
bool guest_publish(Guest *g);

/* True if the receive queue holds a frame. */
bool guest_has_frame(const Guest *g);
/*
 * Takes the oldest frame of the receive queue into @data, which has room for
 * SVNIC_MAX_FRAME bytes, and its header into @head; returns its length, or 0
 * if there is none.  The slots stay the owner's until guest_release().
 */
uint32_t guest_get(Guest *g, void *data, struct svnic_frame *head);
/* Gives the slots of taken frames back; true if that took a doorbell. */
bool guest_release(Guest *g);
/*
 * Asks to be signalled for the next frame, then looks once more: true if
 * there is none, so that the owner may sleep.
 */
bool guest_wants_recv_signal(Guest *g);
/* The same for the send queue: signalled when the card takes more. */
void guest_wants_send_signal(Guest *g);

#endif /* TESTS_UNIT_GUEST_H */
