/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The chip as the program that it runs sees it.
 *
 * This header and the ones that it includes are all that a program may call.
 * The other files of this folder implement it inside QEMU,
 * tests/unit/fake_chip.c on the host.  Nothing here knows what a VIF is:
 * pages, contexts, ports, mailboxes and SDRAM are hardware.
 *
 * Two kinds of code call it.  The XScale (IxpProgram.xscale_step) runs on one
 * thread, in QEMU the main loop.  A microengine context
 * (IxpProgram.context_step) runs on any worker, but one context never runs on
 * two at once, nor do two contexts of one microengine, and a step is never
 * interrupted: the chip pauses microengines between steps only.  "Any" below
 * means that both may call.
 */
#ifndef HW_NET_SV_NIC_CHIP_IXP_H
#define HW_NET_SV_NIC_CHIP_IXP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixp_program.h"
#include "ixp_units.h"

#define IXP_MAX_PAGES           256     /* of the doorbell aperture */
/* Bytes of the longest frame that a port's FIFO takes, without FCS. */
#define IXP_MAX_FRAME           65553
#define IXP_ETH_HEADER          14

/* What this chip has; constant while the firmware runs. */
typedef struct IxpConfig {
    uint32_t microengines;      /* 1..8 */
    uint32_t contexts;          /* of a microengine, 1..8 */
    uint32_t pages;             /* of the aperture, 1..IXP_MAX_PAGES */
    uint32_t ports;             /* 1..3 */
    bool vectors;               /* one interrupt vector a page, plus one */
    uint32_t irq_bits;          /* bits of the primary IRQ register in use */
    uint64_t sdram_size;        /* bytes */
    uint8_t *sdram;             /* byte 0; the host writes here at any time */
    const struct IxpHostTable *host; /* [pages]; NULL: no host memory */
    bool stamps;                /* ixp_stamp() may be asked */
} IxpConfig;

/*
 * Host memory, as the chip reaches it through the bridge: in pages of
 * SVNIC_PAGE_SIZE.  Each page of the doorbell aperture has a table of its own
 * and nothing of the host can be reached but by one.  A pointer is good until
 * the step ends: the chip takes pointers away between steps only.
 */
typedef struct IxpHostTable {
    uint32_t pages;             /* entries */
    uint8_t **page;             /* atomic; NULL: ask ixp_host_page() */
} IxpHostTable;

/* Any.  The result lives as long as the chip. */
const IxpConfig *ixp_config(Ixp *ix);

/*
 * Nanoseconds of a clock of the host's own, to say how long stages of the data
 * path take.  Only with config->stamps: it costs time.  Any.
 */
uint64_t ixp_stamp(Ixp *ix);

/* Scratchpad, hash unit, SRAM, CAP.  Any.  Lives as long as the chip. */
IxpUnits *ixp_units(Ixp *ix);

/*
 * Signals to a context, as handed to IxpProgram.context_step.  A bit stays
 * set until the step that sees it.
 */
#define IXP_SIGNAL_DOORBELL     (1u << 1) /* a routed page was rung */
#define IXP_SIGNAL_PORT_IN      (1u << 2) /* RBUF has elements for it */
#define IXP_SIGNAL_PORT_ROOM    (1u << 3) /* a port that was full has room */
#define IXP_SIGNAL_AGAIN        (1u << 4) /* its last step asked for more */
#define IXP_SIGNAL_START        (1u << 5) /* first step after a resume */
#define IXP_SIGNAL_THREAD       (1u << 6) /* from a context, see ixp_units.h */
#define IXP_SIGNAL_ALL          0x0000007eu

/* Events for the XScale, as handed to IxpProgram.xscale_step. */
#define IXP_XSCALE_DOORBELL     (1u << 0) /* XSCALE_DOORBELL is not 0 */
#define IXP_XSCALE_PORT         (1u << 1) /* link of a port changed */

/*
 * Microengines.  pause returns when no context is inside a step; until
 * resume none enters one.  Pairs nest.  XScale only; never from a context.
 * After resume each context is signalled with IXP_SIGNAL_START.
 */
void ixp_me_pause(Ixp *ix);
void ixp_me_resume(Ixp *ix);

/* PCI CSRs.  Any. */
uint32_t ixp_mailbox_read(Ixp *ix, unsigned n);
void ixp_mailbox_write(Ixp *ix, unsigned n, uint32_t value);
/* returns the bits of XSCALE_DOORBELL that were set, and clears them */
uint32_t ixp_xscale_doorbell_take(Ixp *ix);
void ixp_pci_doorbell_set(Ixp *ix, uint32_t bits);

/*
 * The manager's interrupt.  Sets @irq_bit (0..15) in the bridge's primary
 * IRQ register, or with config->vectors sends @vector instead.  Any.
 */
void ixp_host_interrupt(Ixp *ix, unsigned irq_bit, unsigned vector);

/*
 * Doorbell aperture.  A page is closed (writes are dropped and counted)
 * until it is opened: then a doorbell sets the page's bit for that doorbell
 * and signals the context (@me, @context); ixp_page_signal() sets status
 * bits, and if one of @bits is unmasked raises @irq_bit or @vector as
 * ixp_host_interrupt() does.  A write that unmasks a status bit which is set
 * raises too.  Opening and closing clear the page's doorbell bits, status,
 * and set all of the mask.
 */
void ixp_page_open(Ixp *ix, unsigned page, unsigned me, unsigned context,
                   unsigned irq_bit, unsigned vector); /* XScale, paused */
void ixp_page_close(Ixp *ix, unsigned page);              /* XScale, paused */
#define IXP_PAGE_SEND           (1u << 0)
#define IXP_PAGE_RECV           (1u << 1)
/* returns which doorbells of the page were rung, and clears them.  Any. */
unsigned ixp_page_take(Ixp *ix, unsigned page);
/* By ixp_stamp(), the first time since ixp_page_take().  Any. */
uint64_t ixp_page_rung_at(Ixp *ix, unsigned page);
/* Any. */
void ixp_page_signal(Ixp *ix, unsigned page, uint32_t bits);

/*
 * Tables of host memory; all are without entries after a reset.  XScale,
 * paused or with no context using @table.
 */
typedef struct IxpHostExtent {
    uint64_t address;           /* on the host's bus, page-aligned */
    uint32_t page;              /* first entry */
    uint32_t pages;             /* all within the table */
} IxpHostExtent;

typedef enum IxpHostStatus {
    IXP_HOST_OK,
    IXP_HOST_NO_RAM,            /* not RAM of the host, or out of reach */
    IXP_HOST_IN_USE,            /* stands in a table already */
    IXP_HOST_NO_MEMORY,
} IxpHostStatus;

/* Gives it @pages empty entries; false: no memory, it is as it was. */
bool ixp_host_resize(Ixp *ix, unsigned table, uint32_t pages);
/* Fills entries, in place of what was there: all of them or none. */
IxpHostStatus ixp_host_map(Ixp *ix, unsigned table,
                           const IxpHostExtent *extent, unsigned extents);
/* The page of an entry; NULL if it is empty, or out of reach.  Any. */
uint8_t *ixp_host_page(Ixp *ix, unsigned table, uint32_t page);
/* @length bytes at @offset of an entry's page were written.  Any. */
void ixp_host_written(Ixp *ix, unsigned table, uint32_t page,
                      uint32_t offset, uint32_t length);

/*
 * Ports.  Frames cross the MSF (ixp_msf.h) in elements, without FCS.
 *
 * What the port has to finish travels in front of a frame, as the prepended
 * bytes of its first element; none for a frame that is ready.  All fields are
 * little-endian.
 */
typedef struct IxpOffloadDesc {
    uint8_t flags;              /* IXP_OFFLOAD_* */
    uint8_t gso_type;           /* enum IxpGso */
    uint16_t hdr_len;           /* bytes in front of the payload, with GSO */
    uint16_t gso_size;          /* bytes of payload in a packet, with GSO */
    uint16_t csum_start;        /* with IXP_OFFLOAD_CSUM: where it begins */
    uint16_t csum_offset;       /* and, from there, where it is stored */
} IxpOffloadDesc;

#define IXP_OFFLOAD_CSUM        (1u << 0)
/* Smaller segments than any TCP sends: such a frame is refused. */
#define IXP_MIN_GSO_SIZE        8

typedef enum IxpGso {
    IXP_GSO_NONE,
    IXP_GSO_TCPV4,
    IXP_GSO_TCPV6,
} IxpGso;

/* The address the board was given for this port.  Any. */
void ixp_port_mac(Ixp *ix, unsigned port, uint8_t mac[6]);
/*
 * The MAC has room for a frame of any length, and in front of it for others of
 * *@more bytes in all, IXP_PORT_FRAME_BYTES for each of them among these; they
 * then have to come whole before it is asked again.  False: (@me, @context)
 * gets IXP_SIGNAL_PORT_ROOM when it has, and none is lost if room came in
 * between.  One context at a time for each port.
 */
#define IXP_PORT_FRAME_BYTES    64
bool ixp_port_room(Ixp *ix, unsigned port, unsigned me, unsigned context,
                   uint32_t *more);
/*
 * Room that there is shall be others': (@me, @context) gets
 * IXP_SIGNAL_PORT_ROOM when the MAC's other side has looked the next time, as
 * if there had been none.
 */
void ixp_port_wait(Ixp *ix, unsigned port, unsigned me, unsigned context);

/*
 * Reports event @event of the program's table, with its values: a trace point
 * in QEMU, counted on the host.  Any.
 */
void ixp_trace(Ixp *ix, unsigned event, uint32_t a, uint32_t b, uint32_t c);

/*
 * Shared memory, in the chip's order (little-endian).  The only way in which
 * firmware touches an index that the host or another context also touches.
 */
static inline uint32_t ixp_swap32(uint32_t v)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap32(v);
#else
    return v;
#endif
}

static inline uint16_t ixp_swap16(uint16_t v)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap16(v);
#else
    return v;
#endif
}

static inline uint32_t ixp_load_acquire(const uint32_t *p)
{
    return ixp_swap32(__atomic_load_n(p, __ATOMIC_ACQUIRE));
}

static inline void ixp_store_release(uint32_t *p, uint32_t v)
{
    __atomic_store_n(p, ixp_swap32(v), __ATOMIC_RELEASE);
}

static inline void ixp_barrier(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* A lock that is only ever tried: a context that finds it taken yields. */
typedef struct IxpLock {
    uint32_t taken;
} IxpLock;

static inline bool ixp_trylock(IxpLock *lock)
{
    return !__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE);
}

static inline void ixp_unlock(IxpLock *lock)
{
    __atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
}

#endif /* HW_NET_SV_NIC_CHIP_IXP_H */
