/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The owner of a VIF, see "Memory of a VIF" in the spec: sv_nic_ring.h on the
 * fake chip, for tests/unit/ and bench/dataplane.  One thread per owner.
 */
#ifndef TESTS_UNIT_GUEST_H
#define TESTS_UNIT_GUEST_H

#include "fake_chip.h"

/* The VIF's memory is mapped; the doorbell page is the fake chip's. */
#define SVNIC_RING_DOORBELL
struct svnic_owner;
uint32_t svnic_db_read(const struct svnic_owner *o, uint32_t reg);
void svnic_db_write(const struct svnic_owner *o, uint32_t reg,
                    uint32_t value);

#include "hw/net/sv-nic/sv_nic_ring.h"

/* .opaque is the fake chip. */
typedef struct svnic_owner Guest;

/* Initializes the owner of an activated VIF with a region at SDRAM @offset. */
void guest_attach(Guest *g, Ixp *ix, uint32_t offset);
/* The same with any region that is mapped contiguously. */
void guest_attach_run(Guest *g, Ixp *ix, uint8_t *run);

/* The send slot of an index. */
static inline struct svnic_frame *guest_send_slot(Guest *g, uint32_t index)
{
    return svnic_owner_at(g, svnic_send_slot(g, index));
}

static inline struct svnic_frame *guest_recv_slot(Guest *g, uint32_t index)
{
    return svnic_owner_at(g, svnic_recv_slot(g, index));
}

/* Wrappers of the functions of sv_nic_ring.h with the same names. */
static inline uint32_t guest_room(const Guest *g)
{
    return svnic_send_room(g);
}

static inline bool guest_put(Guest *g, const void *data, uint32_t length,
                             const struct svnic_frame *head)
{
    return svnic_send_put(g, data, length, head);
}

static inline bool guest_publish(Guest *g)
{
    return svnic_send_publish(g);
}

static inline bool guest_has_frame(const Guest *g)
{
    return svnic_recv_ready(g);
}

/*
 * Takes the oldest frame of the receive queue into @data, which has
 * SVNIC_MAX_FRAME bytes, and its header into @head; returns its length, or 0 if
 * there is none.  Fails the test if the frame violates the spec.
 */
uint32_t guest_get(Guest *g, void *data, struct svnic_frame *head);

static inline bool guest_release(Guest *g)
{
    return svnic_recv_release(g);
}

static inline bool guest_wants_recv_signal(Guest *g)
{
    return svnic_recv_arm(g);
}

/* Asks for a signal when the card has taken one more frame. */
static inline void guest_wants_send_signal(Guest *g)
{
    svnic_send_arm(g, svnic_send_room(g) + 1);
}

#endif /* TESTS_UNIT_GUEST_H */
