/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 ports: a MAC's FIFO, frames as records one behind the other in a
 * ring of memory.
 *
 * One piece of code: ixp2400-port.c has two of them a port, and so has the
 * fake chip of tests/unit/.  Nothing of QEMU in here.
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
 * What stands in front of each frame.  A frame starts two bytes off, so that
 * the headers behind the Ethernet header are aligned.
 */
typedef struct IxpRecord {
    uint64_t at;                /* ixp_stamp() of its beginning, or 0 */
    uint32_t length;            /* of the frame, or IXP_RECORD_SKIP */
    bool error;                 /* it came damaged */
    uint8_t reserved[3];
    IxpOffload offload;
    uint8_t frame[];
} IxpRecord;

_Static_assert((offsetof(IxpRecord, frame) + IXP_ETH_HEADER) % 4 == 0,
               "headers are aligned");

/* No frame: go on at the start of the ring. */
#define IXP_RECORD_SKIP     0xffffffffu

_Static_assert(IXP_PORT_FRAME_BYTES >= offsetof(IxpRecord, frame) +
                                       IXP_RECORD_ALIGN - 1,
               "a frame needs no more beside its bytes");

/* Room for a frame of any length, and for what is skipped at the end. */
#define IXP_FIFO_ROOM       (2 * (IXP_MAX_FRAME + IXP_RECORD_ALIGN + \
                                  sizeof(IxpRecord)))

/* Four of the largest frames at the least. */
_Static_assert(IXP_FIFO_MIN >= 4 * (IXP_MAX_FRAME + IXP_RECORD_ALIGN +
                                    sizeof(IxpRecord)),
               "a FIFO holds frames of any length");

/*
 * Offsets run freely; each side writes a line of its own.  A consumer that is
 * done with frames later than it takes them goes on with ixp_fifo_next(); any
 * other has ixp_fifo_peek() and ixp_fifo_pop().
 */
typedef struct IxpFifo {
    uint8_t *data;              /* @size bytes, zeroed, of the chip */
    uint32_t size;              /* bytes, a power of two, IXP_FIFO_MIN and up */
    uint8_t apart[64];
    uint32_t head;              /* producer; atomic */
    IxpRecord *building;        /* likewise: the frame that comes in pieces */
    uint8_t apart_too[64];
    uint32_t tail;              /* consumer; atomic */
    uint32_t next;              /* consumer: looked at, not gone yet */
    uint8_t apart_at_last[64];
} IxpFifo;

static inline uint32_t ixp_record_size(uint32_t length)
{
    return (offsetof(IxpRecord, frame) + length + IXP_RECORD_ALIGN - 1) &
           ~(uint32_t)(IXP_RECORD_ALIGN - 1);
}

/* Bytes that are free.  Any. */
static inline uint32_t ixp_fifo_free(const IxpFifo *f)
{
    return f->size - (__atomic_load_n(&f->head, __ATOMIC_ACQUIRE) -
                      __atomic_load_n(&f->tail, __ATOMIC_ACQUIRE));
}

/* Producer: room for a frame of @length bytes, or NULL. */
IxpRecord *ixp_fifo_reserve(IxpFifo *f, uint32_t length);

/* Producer: the frame for which there was room is there. */
static inline void ixp_fifo_commit(IxpFifo *f, const IxpRecord *record)
{
    __atomic_store_n(&f->head, f->head + ixp_record_size(record->length),
                     __ATOMIC_RELEASE);
}

typedef enum IxpFifoPut {
    IXP_FIFO_GOES_ON,           /* the frame is not at its end */
    IXP_FIFO_WHOLE,             /* it is in the FIFO now */
    IXP_FIFO_LOST,              /* this is of no frame, or of one too long */
} IxpFifoPut;

/*
 * Producer: takes what the MSF sends, as IxpUnitsOps.mac_put has it; @at is
 * looked at with the beginning of a frame.
 */
IxpFifoPut ixp_fifo_put(IxpFifo *f, uint32_t control, const uint8_t *prepend,
                        const uint8_t *data, uint32_t length, uint64_t at);

/*
 * Consumer: the first frame from *@at on, which then is its place; NULL: none.
 * Its length tells where the next one is.
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

/* Consumer: is done with it. */
static inline void ixp_fifo_pop(IxpFifo *f, const IxpRecord *record)
{
    __atomic_store_n(&f->tail, f->tail + ixp_record_size(record->length),
                     __ATOMIC_RELEASE);
}

/* Consumer: is done with all in front of @end. */
static inline void ixp_fifo_free_to(IxpFifo *f, uint32_t end)
{
    __atomic_store_n(&f->tail, end, __ATOMIC_RELEASE);
}

/* Consumer: up to @most frames from f->next on, as IxpUnitsOps.mac_peek. */
unsigned ixp_fifo_look(const IxpFifo *f, IxpMacFrame *frame, unsigned most);

/* Empties it.  Neither producer nor consumer is at it. */
void ixp_fifo_clear(IxpFifo *f);

#endif /* HW_SV_NIC_IXP2400_FIFO_H */
