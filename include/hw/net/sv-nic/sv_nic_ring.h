/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * SV-NIC: the owner's side of a VIF's two queues.
 *
 * The one implementation for everything that owns a VIF and is not a kernel:
 * programs in user space (docs/tutorial/driver.rst), tests/unit, tests/qtest,
 * bench/dataplane.  Plain C without a library.  Spec: "Memory of a VIF".
 *
 * One thread at a time uses a send queue, and one a receive queue; these may
 * be two.  Nothing here waits: functions that find no room or no frame say so.
 *
 * What the card has written is checked before it is used, so that a broken
 * card cannot make the owner read or write outside the VIF's memory or the
 * caller's buffer.
 *
 * Memory is reached by offsets from the start of the VIF's memory (the VIF
 * page) and by the functions svnic_mem_*(), the doorbell page by svnic_db_*().
 * Those below are for memory that is mapped: svnic_owner.page and .doorbell.
 * To use other means, define SVNIC_RING_MEMORY or SVNIC_RING_DOORBELL before
 * including this file, declare struct svnic_owner, and declare or define the
 * functions of that group with the same types.  Being inline they cost nothing.
 */
#ifndef HW_NET_SV_NIC_RING_H
#define HW_NET_SV_NIC_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "hw/net/sv-nic/sv_nic_abi.h"

/* An owner's view of its VIF.  Indices count slots and wrap at 2^32. */
struct svnic_owner {
    struct svnic_vif_page *page;    /* start of the VIF's memory, mapped */
    volatile uint32_t *doorbell;    /* the VIF's doorbell page, mapped */
    void *opaque;                   /* for the user's access functions */
    uint32_t id;
    /* of the VIF page, as svnic_owner_attach() has checked them */
    uint32_t send_slots;
    uint32_t recv_slots;
    uint32_t send_offset;           /* of slot 0, from the VIF page */
    uint32_t recv_offset;
    /* this side's indices */
    uint32_t send_prod;             /* next slot to fill */
    uint32_t send_published;        /* send_prod as the card knows it */
    uint32_t recv_cons;             /* next slot to take */
    uint32_t recv_released;         /* recv_cons as the card knows it */
};

/* What svnic_recv_take() returns beside a length. */
#define SVNIC_RECV_NONE         0       /* no frame is there */
#define SVNIC_RECV_BROKEN       (-1)    /* against the spec: reset the VIF */
#define SVNIC_RECV_TOO_LONG     (-2)    /* longer than the buffer */

static inline uint16_t svnic_swap16(uint16_t v)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap16(v);
#else
    return v;
#endif
}

static inline uint32_t svnic_swap32(uint32_t v)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap32(v);
#else
    return v;
#endif
}

/* Offset of a dword of the VIF page. */
#define SVNIC_PAGE(member)      offsetof(struct svnic_vif_page, member)

/*
 * ==== Access to the VIF's memory ====
 *
 * A load is done before all accesses that follow it, a store after all that
 * precede it; the barrier orders any two.  That holds for cached and uncached
 * mappings.  A write-combining mapping on x86 needs sfence before each store,
 * and so functions of the user's own.
 */
#ifndef SVNIC_RING_MEMORY

static inline void *svnic_owner_at(const struct svnic_owner *o, size_t offset)
{
    return (uint8_t *)o->page + offset;
}

/* A dword in the processor's byte order; @offset is a multiple of 4. */
static inline uint32_t svnic_mem_load(const struct svnic_owner *o,
                                      uint32_t offset)
{
    return svnic_swap32(__atomic_load_n((uint32_t *)svnic_owner_at(o, offset),
                                        __ATOMIC_ACQUIRE));
}

static inline void svnic_mem_store(const struct svnic_owner *o,
                                   uint32_t offset, uint32_t value)
{
    __atomic_store_n((uint32_t *)svnic_owner_at(o, offset),
                     svnic_swap32(value), __ATOMIC_RELEASE);
}

/* @size bytes, in any order and pieces of any size. */
static inline void svnic_mem_read(const struct svnic_owner *o,
                                  uint32_t offset, void *to, uint32_t size)
{
    memcpy(to, svnic_owner_at(o, offset), size);
}

static inline void svnic_mem_write(const struct svnic_owner *o,
                                   uint32_t offset, const void *from,
                                   uint32_t size)
{
    memcpy(svnic_owner_at(o, offset), from, size);
}

static inline void svnic_mem_barrier(const struct svnic_owner *o)
{
    (void)o;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

#endif /* SVNIC_RING_MEMORY */

/*
 * ==== Access to the doorbell page ====
 *
 * Spec: "Doorbell aperture".  @reg is one of SVNIC_DB_*.
 */
#ifndef SVNIC_RING_DOORBELL

static inline uint32_t svnic_db_read(const struct svnic_owner *o, uint32_t reg)
{
    return svnic_swap32(o->doorbell[reg / sizeof(*o->doorbell)]);
}

static inline void svnic_db_write(const struct svnic_owner *o, uint32_t reg,
                                  uint32_t value)
{
    o->doorbell[reg / sizeof(*o->doorbell)] = svnic_swap32(value);
}

#endif /* SVNIC_RING_DOORBELL */

/*
 * ==== The VIF ====
 */

/* A queue that lies in @size bytes behind the VIF page. */
static inline bool svnic_queue_fits(uint32_t slots, uint32_t offset,
                                    uint32_t size)
{
    return slots >= SVNIC_MIN_SLOTS && slots <= SVNIC_MAX_SLOTS &&
           !(slots & (slots - 1)) && !(offset % 64) &&
           offset >= sizeof(struct svnic_vif_page) && offset <= size &&
           size - offset >= slots * SVNIC_SLOT_SIZE;
}

/*
 * Takes over a VIF of which ACTIVATE or RESET has just answered, so that all
 * indices are 0; @size is svnic_vif_info.sdram_size.  What the access functions
 * need is in @o already.  False: the VIF page says something that cannot be.
 */
static inline bool svnic_owner_attach(struct svnic_owner *o, uint32_t size)
{
    o->id = svnic_mem_load(o, SVNIC_PAGE(vif));
    o->send_slots = svnic_mem_load(o, SVNIC_PAGE(send_slots));
    o->recv_slots = svnic_mem_load(o, SVNIC_PAGE(recv_slots));
    o->send_offset = svnic_mem_load(o, SVNIC_PAGE(send_offset));
    o->recv_offset = svnic_mem_load(o, SVNIC_PAGE(recv_offset));
    o->send_prod = 0;
    o->send_published = 0;
    o->recv_cons = 0;
    o->recv_released = 0;
    return svnic_mem_load(o, SVNIC_PAGE(slot_size)) == SVNIC_SLOT_SIZE &&
           svnic_queue_fits(o->send_slots, o->send_offset, size) &&
           svnic_queue_fits(o->recv_slots, o->recv_offset, size);
}

/*
 * The rule of events: whether a side that has moved its index from @from to
 * @to tells the other, which has asked for that at @event.
 */
static inline bool svnic_event_passed(uint32_t event, uint32_t from,
                                      uint32_t to)
{
    return (uint32_t)(to - event - 1) < (uint32_t)(to - from);
}

/* Offset from the VIF page of the slot that an index means. */
static inline size_t svnic_send_slot(const struct svnic_owner *o,
                                     uint32_t index)
{
    return o->send_offset +
           (size_t)(index & (o->send_slots - 1)) * SVNIC_SLOT_SIZE;
}

static inline size_t svnic_recv_slot(const struct svnic_owner *o,
                                     uint32_t index)
{
    return o->recv_offset +
           (size_t)(index & (o->recv_slots - 1)) * SVNIC_SLOT_SIZE;
}

/*
 * Byte @skip of the frame that starts at slot @index, as a byte of the queue,
 * and how many of @size bytes are in front of the queue's end.
 */
static inline uint32_t svnic_ring_at(uint32_t slots, uint32_t index,
                                     uint32_t skip, uint32_t size,
                                     uint32_t *first)
{
    uint32_t bytes = slots * SVNIC_SLOT_SIZE;
    uint32_t at = (index * SVNIC_SLOT_SIZE + skip) & (bytes - 1);

    *first = size < bytes - at ? size : bytes - at;
    return at;
}

/*
 * ==== The send queue ====
 */

/* Writes @size bytes, at most all of the queue, behind @skip of a frame. */
static inline void svnic_send_write(const struct svnic_owner *o,
                                    uint32_t index, uint32_t skip,
                                    const void *from, uint32_t size)
{
    uint32_t first;
    uint32_t at = svnic_ring_at(o->send_slots, index, skip, size, &first);

    svnic_mem_write(o, o->send_offset + at, from, first);
    if (first < size) {
        svnic_mem_write(o, o->send_offset, (const uint8_t *)from + first,
                        size - first);
    }
}

/* Slots with frames that the card has not taken yet. */
static inline uint32_t svnic_send_used(const struct svnic_owner *o)
{
    return o->send_prod - svnic_mem_load(o, SVNIC_PAGE(send_cons.index));
}

/* Free slots; none if the card's index cannot be. */
static inline uint32_t svnic_send_room(const struct svnic_owner *o)
{
    uint32_t used = svnic_send_used(o);

    return used <= o->send_slots ? o->send_slots - used : 0;
}

/*
 * Puts a frame of @length bytes, SVNIC_MIN_FRAME to SVNIC_MAX_FRAME, into the
 * queue; the card sees it once it is published.  @head, which may be NULL, has
 * the offload fields and flags (spec: "Frames"), little-endian; length and
 * slots are filled in here.  False: no room.
 */
static inline bool svnic_send_put(struct svnic_owner *o, const void *data,
                                  uint32_t length,
                                  const struct svnic_frame *head)
{
    uint32_t slots = SVNIC_FRAME_SLOTS(length);
    struct svnic_frame full = { 0 };

    if (slots > svnic_send_room(o)) {
        return false;
    }
    if (head) {
        full = *head;
    }
    full.length = svnic_swap32(length);
    full.slots = svnic_swap16(slots);
    svnic_send_write(o, o->send_prod, 0, &full, sizeof(full));
    svnic_send_write(o, o->send_prod, sizeof(full), data, length);
    o->send_prod += slots;
    return true;
}

/*
 * Lets the card see what was put, and rings if the card waits for that.
 * Returns whether it did.
 */
static inline bool svnic_send_publish(struct svnic_owner *o)
{
    uint32_t from = o->send_published;

    svnic_mem_store(o, SVNIC_PAGE(send_prod.index), o->send_prod);
    o->send_published = o->send_prod;
    /* The card writes its event and then looks at the index once more. */
    svnic_mem_barrier(o);
    if (!svnic_event_passed(svnic_mem_load(o, SVNIC_PAGE(send_cons.event)),
                            from, o->send_prod)) {
        return false;
    }
    svnic_db_write(o, SVNIC_DB_SEND, 1);
    return true;
}

/*
 * Asks for SEND_DONE as soon as @slots are free, and looks once more: true if
 * they are not yet, so that the owner may sleep.
 */
static inline bool svnic_send_arm(struct svnic_owner *o, uint32_t slots)
{
    svnic_mem_store(o, SVNIC_PAGE(send_prod.event),
                    o->send_prod - o->send_slots + slots - 1);
    svnic_mem_barrier(o);
    return svnic_send_room(o) < slots;
}

/*
 * ==== The receive queue ====
 */

static inline void svnic_recv_read(const struct svnic_owner *o,
                                   uint32_t index, uint32_t skip,
                                   void *to, uint32_t size)
{
    uint32_t first;
    uint32_t at = svnic_ring_at(o->recv_slots, index, skip, size, &first);

    svnic_mem_read(o, o->recv_offset + at, to, first);
    if (first < size) {
        svnic_mem_read(o, o->recv_offset, (uint8_t *)to + first, size - first);
    }
}

/* Slots with frames that were not taken yet. */
static inline uint32_t svnic_recv_ready(const struct svnic_owner *o)
{
    return svnic_mem_load(o, SVNIC_PAGE(recv_prod.index)) - o->recv_cons;
}

/*
 * Copies the oldest frame to @to, which has @size bytes, and its header to
 * @head; returns its length, or one of SVNIC_RECV_*.  A frame that is too long
 * stays where it is, with its header in @head.  The slots stay the owner's
 * until svnic_recv_release().
 */
static inline int32_t svnic_recv_take(struct svnic_owner *o, void *to,
                                      uint32_t size, struct svnic_frame *head)
{
    uint32_t ready = svnic_recv_ready(o);
    uint32_t length;
    uint32_t slots;

    if (!ready) {
        return SVNIC_RECV_NONE;
    }
    svnic_recv_read(o, o->recv_cons, 0, head, sizeof(*head));
    length = svnic_swap32(head->length);
    slots = svnic_swap16(head->slots);
    if (ready > o->recv_slots || slots > ready ||
        length < SVNIC_MIN_FRAME || length > SVNIC_MAX_FRAME ||
        slots != SVNIC_FRAME_SLOTS(length)) {
        return SVNIC_RECV_BROKEN;
    }
    if (length > size) {
        return SVNIC_RECV_TOO_LONG;
    }
    svnic_recv_read(o, o->recv_cons, sizeof(*head), to, length);
    o->recv_cons += slots;
    return length;
}

/*
 * Gives the slots of taken frames back, and rings if the card waits for that.
 * Returns whether it did.
 */
static inline bool svnic_recv_release(struct svnic_owner *o)
{
    uint32_t from = o->recv_released;

    svnic_mem_store(o, SVNIC_PAGE(recv_cons.index), o->recv_cons);
    o->recv_released = o->recv_cons;
    svnic_mem_barrier(o);
    if (!svnic_event_passed(svnic_mem_load(o, SVNIC_PAGE(recv_prod.event)),
                            from, o->recv_cons)) {
        return false;
    }
    svnic_db_write(o, SVNIC_DB_RECV, 1);
    return true;
}

/*
 * Asks for RECV_WORK with the next frame, and looks once more: true if there
 * is none, so that the owner may sleep.
 */
static inline bool svnic_recv_arm(struct svnic_owner *o)
{
    svnic_mem_store(o, SVNIC_PAGE(recv_cons.event), o->recv_cons);
    svnic_mem_barrier(o);
    return !svnic_recv_ready(o);
}

/*
 * ==== Signals ====
 *
 * @bits are of SVNIC_SIGNAL_*.  After reset all are masked: they are in the
 * status and raise no interrupt.  A signal that is unmasked while it is in the
 * status raises one.
 */

static inline uint32_t svnic_signals(const struct svnic_owner *o)
{
    return svnic_db_read(o, SVNIC_DB_SIGNAL_STATUS);
}

/*
 * Takes signals out of the status.  The queues are looked at afterwards: what
 * comes later than this is signalled again.
 */
static inline void svnic_signals_clear(const struct svnic_owner *o,
                                       uint32_t bits)
{
    svnic_db_write(o, SVNIC_DB_SIGNAL_STATUS, bits);
}

static inline void svnic_signals_mask(const struct svnic_owner *o,
                                      uint32_t bits)
{
    svnic_db_write(o, SVNIC_DB_SIGNAL_MASK_SET, bits);
}

static inline void svnic_signals_unmask(const struct svnic_owner *o,
                                        uint32_t bits)
{
    svnic_db_write(o, SVNIC_DB_SIGNAL_MASK_CLEAR, bits);
}

#endif /* HW_NET_SV_NIC_RING_H */
