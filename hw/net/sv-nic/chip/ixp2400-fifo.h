/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 ports: a MAC's FIFO, a ring of memory with frames as consecutive
 * records.
 *
 * ixp2400-port.c and the fake chip of tests/unit/ use two per port.  Does not
 * use QEMU.
 *
 * Threads: one producer and one consumer at a time, each any thread.
 *
 * Spec: "Ports".
 */
#ifndef HW_SV_NIC_IXP2400_FIFO_H
#define HW_SV_NIC_IXP2400_FIFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hw/net/sv-nic/sv_nic_abi.h"
#include "ixp.h"

#define IXP_FIFO_MIN        (512 * 1024)
#define IXP_FIFO_MAX        (8 * 1024 * 1024)
#define IXP_RECORD_ALIGN    32

/* IxpOffloadDesc in the host's byte order. */
typedef struct IxpOffload {
    bool needs_csum;
    uint8_t gso_type;
    uint16_t hdr_len;
    uint16_t gso_size;
    uint16_t csum_start;
    uint16_t csum_offset;
} IxpOffload;

/*
 * The header of a record.  The frame starts at an offset of 2, so that the
 * headers behind the Ethernet header are aligned.
 */
typedef struct IxpRecord {
    uint64_t at;                /* ixp_stamp() of its beginning, or 0 */
    uint32_t length;            /* of the frame, or IXP_RECORD_SKIP */
    bool error;                 /* damaged */
    uint8_t reserved[3];
    IxpOffload offload;
    uint8_t frame[];
} IxpRecord;

_Static_assert((offsetof(IxpRecord, frame) + IXP_ETH_HEADER) % 4 == 0,
               "headers are aligned");

/* No frame: continue at the start of the ring. */
#define IXP_RECORD_SKIP     0xffffffffu

_Static_assert(IXP_PORT_FRAME_BYTES >= offsetof(IxpRecord, frame) +
                                       IXP_RECORD_ALIGN - 1,
               "a frame needs no more beside its bytes");

/* Space for a frame of any length, and for a skip at the end of the ring. */
#define IXP_FIFO_ROOM       (2 * (IXP_MAX_FRAME + IXP_RECORD_ALIGN + \
                                  sizeof(IxpRecord)))

/* At least four of the largest frames. */
_Static_assert(IXP_FIFO_MIN >= 4 * (IXP_MAX_FRAME + IXP_RECORD_ALIGN +
                                    sizeof(IxpRecord)),
               "a FIFO holds frames of any length");

/*
 * Offsets are free-running; each side writes a separate cache line.  A consumer
 * that releases frames later than it takes them uses ixp_fifo_next() and
 * ixp_fifo_free_to(); any other uses ixp_fifo_peek() and ixp_fifo_pop().
 */
typedef struct IxpFifo {
    uint8_t *data;              /* @size bytes, zeroed, of the chip */
    uint32_t size;              /* bytes, a power of two, IXP_FIFO_MIN and up */
    uint8_t apart[64];
    uint32_t head;              /* producer; atomic */
    IxpRecord *building;        /* producer: frame that arrives in elements */
    uint8_t apart_too[64];
    uint32_t tail;              /* consumer; atomic */
    uint32_t next;              /* consumer: taken, not released yet */
    uint8_t apart_at_last[64];
} IxpFifo;

static inline uint32_t ixp_record_size(uint32_t length)
{
    return (offsetof(IxpRecord, frame) + length + IXP_RECORD_ALIGN - 1) &
           ~(uint32_t)(IXP_RECORD_ALIGN - 1);
}

/* Free bytes.  Any. */
static inline uint32_t ixp_fifo_free(const IxpFifo *f)
{
    return f->size - (__atomic_load_n(&f->head, __ATOMIC_ACQUIRE) -
                      __atomic_load_n(&f->tail, __ATOMIC_ACQUIRE));
}

/* Producer: space for a frame of @length bytes, or NULL. */
IxpRecord *ixp_fifo_reserve(IxpFifo *f, uint32_t length);

/* Producer: publishes the frame that was reserved. */
static inline void ixp_fifo_commit(IxpFifo *f, const IxpRecord *record)
{
    __atomic_store_n(&f->head, f->head + ixp_record_size(record->length),
                     __ATOMIC_RELEASE);
}

typedef enum IxpFifoPut {
    IXP_FIFO_GOES_ON,           /* more of the frame is to come */
    IXP_FIFO_WHOLE,             /* the frame is in the FIFO */
    IXP_FIFO_LOST,              /* of no frame, or of one too long */
} IxpFifoPut;

/*
 * Producer: adds elements from the MSF, see IxpUnitsOps.mac_put; @at is used at
 * the beginning of a frame.
 */
IxpFifoPut ixp_fifo_put(IxpFifo *f, uint32_t control, const uint8_t *prepend,
                        const uint8_t *data, uint32_t length, uint64_t at);

/*
 * Consumer: finds the first frame from *@at on and sets *@at to its offset;
 * NULL: none.  Its length gives the offset of the next one.
 */
static inline IxpRecord *ixp_fifo_next(const IxpFifo *f, uint32_t *at)
{
    while (*at != __atomic_load_n(&f->head, __ATOMIC_ACQUIRE)) {
        uint32_t offset = *at & (f->size - 1);
        IxpRecord *record = (void *)(f->data + offset);

        if (record->length != IXP_RECORD_SKIP) {
            return record;
        }
        *at += f->size - offset;
    }
    return NULL;
}

/* Consumer: the oldest frame, or NULL. */
static inline IxpRecord *ixp_fifo_peek(IxpFifo *f)
{
    uint32_t at = f->tail;
    IxpRecord *record = ixp_fifo_next(f, &at);

    if (at != f->tail) {
        __atomic_store_n(&f->tail, at, __ATOMIC_RELEASE);
    }
    return record;
}

/* Consumer: releases the oldest frame. */
static inline void ixp_fifo_pop(IxpFifo *f, const IxpRecord *record)
{
    __atomic_store_n(&f->tail, f->tail + ixp_record_size(record->length),
                     __ATOMIC_RELEASE);
}

/* Consumer: releases all frames before @end. */
static inline void ixp_fifo_free_to(IxpFifo *f, uint32_t end)
{
    __atomic_store_n(&f->tail, end, __ATOMIC_RELEASE);
}

/* Consumer: up to @limit frames from f->next on; see IxpUnitsOps.mac_peek. */
unsigned ixp_fifo_peek_batch(const IxpFifo *f, IxpMacFrame *frame,
                             unsigned limit);

/* Empties it.  Neither producer nor consumer uses it meanwhile. */
void ixp_fifo_clear(IxpFifo *f);

#endif /* HW_SV_NIC_IXP2400_FIFO_H */
