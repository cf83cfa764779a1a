/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The chip's interface for the program that it runs.
 *
 * This header and the ones that it includes are all that a program may call.
 * The other files of this directory implement it inside QEMU,
 * tests/unit/fake_chip.c in unit tests.  The chip has pages, contexts, ports,
 * mailboxes and SDRAM; VIFs exist in a program only.
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

/* The configuration of this chip; constant while the program runs. */
typedef struct IxpConfig {
    uint32_t microengines;      /* 1..8 */
    uint32_t contexts;          /* of a microengine, 1..8 */
    uint32_t pages;             /* of the aperture, 1..IXP_MAX_PAGES */
    uint32_t ports;             /* 1..3 */
    bool vectors;               /* one interrupt vector per page, plus one */
    uint32_t irq_bits;          /* bits of the primary IRQ register in use */
    uint64_t sdram_size;        /* bytes */
    uint8_t *sdram;             /* byte 0; the host may write at any time */
    const struct IxpHostTable *host; /* [pages]; NULL: no host memory */
    bool stamps;                /* ixp_stamp() may be called */
} IxpConfig;

/*
 * Host memory, accessed through the bridge in pages of SVNIC_PAGE_SIZE. Each
 * page of the doorbell aperture has a table, which is the only access to host
 * memory.  A pointer is valid until the step ends: the chip removes pointers
 * between steps only.
 */
typedef struct IxpHostTable {
    uint32_t pages;             /* entries */
    uint8_t **page;             /* atomic; NULL: call ixp_host_page() */
} IxpHostTable;

/* Any.  The result is valid as long as the chip exists. */
const IxpConfig *ixp_config(Ixp *ix);

/*
 * Nanoseconds of a host clock, to time stages of the data path.  Only with
 * config->stamps, because it costs time.  Any.
 */
uint64_t ixp_stamp(Ixp *ix);

/*
 * Scratchpad, hash unit, SRAM, CAP, MSF. Any.  Valid as long as the chip
 * exists.
 */
IxpUnits *ixp_units(Ixp *ix);

/*
 * Signals to a context, as handed to IxpProgram.context_step.  A bit stays
 * set until the step that sees it.
 */
#define IXP_SIGNAL_DOORBELL     (1u << 1) /* doorbell of a page routed to it */
#define IXP_SIGNAL_PORT_IN      (1u << 2) /* RBUF has elements for it */
#define IXP_SIGNAL_PORT_ROOM    (1u << 3) /* a port that was full has space */
#define IXP_SIGNAL_AGAIN        (1u << 4) /* its last step asked for more */
#define IXP_SIGNAL_START        (1u << 5) /* first step after a resume */
#define IXP_SIGNAL_THREAD       (1u << 6) /* from a context, see ixp_units.h */
#define IXP_SIGNAL_ALL          0x0000007eu

/* Events for the XScale, as handed to IxpProgram.xscale_step. */
#define IXP_XSCALE_DOORBELL     (1u << 0) /* XSCALE_DOORBELL is not 0 */
#define IXP_XSCALE_PORT         (1u << 1) /* link of a port changed */
#define IXP_XSCALE_FAULT        (1u << 2) /* a fault was set, ixp_faults.h */
#define IXP_XSCALE_TIMER(n)     (1u << (4 + (n))) /* by ixp_xscale_later() */

/* Sets @events after @ns; false: too many wait for their time.  Any. */
bool ixp_xscale_later(Ixp *ix, uint64_t ns, uint32_t events);
/* The same for signals of a context.  Any. */
bool ixp_signal_later(Ixp *ix, uint64_t ns, unsigned me, unsigned context,
                      uint32_t signals);

/*
 * Microengines.  ixp_me_pause() returns when no context is inside a step; until
 * ixp_me_resume() none starts one.  Pairs nest.  XScale only; never from a
 * context.  After resume each context is signalled with IXP_SIGNAL_START.
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
 * Doorbell aperture.  A page is closed (writes are dropped and counted) until
 * it is opened: then a doorbell sets the page's bit for that doorbell and
 * signals the context (@me, @context); ixp_page_signal() sets status bits, and
 * if one of @bits is unmasked raises @irq_bit or @vector as
 * ixp_host_interrupt() does.  A write that unmasks a status bit which is set
 * raises it, too.  Opening and closing clear the page's doorbell bits and
 * status, and mask all of its signals.
 */
void ixp_page_open(Ixp *ix, unsigned page, unsigned me, unsigned context,
                   unsigned irq_bit, unsigned vector); /* XScale, paused */
void ixp_page_close(Ixp *ix, unsigned page);              /* XScale, paused */
/* Interrupts of an open page raise @vector from now on.  XScale. */
void ixp_page_vector(Ixp *ix, unsigned page, unsigned vector);
#define IXP_PAGE_SEND           (1u << 0)
#define IXP_PAGE_RECV           (1u << 1)
/* returns the doorbells of the page that were rung, and clears them.  Any. */
unsigned ixp_page_take(Ixp *ix, unsigned page);
/* ixp_stamp() of the first doorbell since ixp_page_take().  Any. */
uint64_t ixp_page_rung_at(Ixp *ix, unsigned page);
/* Any. */
void ixp_page_signal(Ixp *ix, unsigned page, uint32_t bits);

/*
 * Tables of host memory; all are empty after a reset.  XScale, paused or with
 * no context using @table.
 */
typedef struct IxpHostExtent {
    uint64_t address;           /* on the host's bus, page-aligned */
    uint32_t page;              /* first entry */
    uint32_t pages;             /* all within the table */
} IxpHostExtent;

typedef enum IxpHostStatus {
    IXP_HOST_OK,
    IXP_HOST_NO_RAM,            /* not RAM, or not accessible */
    IXP_HOST_IN_USE,            /* already in a table */
    IXP_HOST_NO_MEMORY,
} IxpHostStatus;

/* Resizes a table to @pages empty entries; false: no memory, no change. */
bool ixp_host_resize(Ixp *ix, unsigned table, uint32_t pages);
/* Replaces entries: all of them or none. */
IxpHostStatus ixp_host_map(Ixp *ix, unsigned table,
                           const IxpHostExtent *extent, unsigned extents);
/* The page of an entry; NULL if it is empty or not accessible.  Any. */
uint8_t *ixp_host_page(Ixp *ix, unsigned table, uint32_t page);
/* Marks @length bytes at @offset of an entry's page as written.  Any. */
void ixp_host_written(Ixp *ix, unsigned table, uint32_t page,
                      uint32_t offset, uint32_t length);

/*
 * Offload that the port has to complete: the prepended bytes of a frame's first
 * element; none for a frame without offload.  All fields are little-endian.
 */
typedef struct IxpOffloadDesc {
    uint8_t flags;              /* IXP_OFFLOAD_* */
    uint8_t gso_type;           /* enum IxpGso */
    uint16_t hdr_len;           /* bytes in front of the payload, with GSO */
    uint16_t gso_size;          /* bytes of payload in a packet, with GSO */
    uint16_t csum_start;        /* with IXP_OFFLOAD_CSUM: first byte summed */
    uint16_t csum_offset;       /* offset from csum_start of the sum */
} IxpOffloadDesc;

#define IXP_OFFLOAD_CSUM        (1u << 0)
/* Frames with smaller segments, which no TCP sends, are refused. */
#define IXP_MIN_GSO_SIZE        8

typedef enum IxpGso {
    IXP_GSO_NONE,
    IXP_GSO_TCPV4,
    IXP_GSO_TCPV6,
} IxpGso;

/* The address the board was given for this port.  Any. */
void ixp_port_mac(Ixp *ix, unsigned port, uint8_t mac[6]);
/*
 * Whether the MAC has space for a frame of any length, and before it for other
 * frames of *@more bytes in all, where each counts IXP_PORT_FRAME_BYTES more
 * than its length.  The caller transmits these whole before it asks again.
 * False: (@me, @context) will get IXP_SIGNAL_PORT_ROOM when there is space; the
 * signal is not lost if space appeared in between.  One context at a time for
 * each port.
 */
#define IXP_PORT_FRAME_BYTES    64
bool ixp_port_room(Ixp *ix, unsigned port, unsigned me, unsigned context,
                   uint32_t *more);
/*
 * Yields the port: queues (@me, @context) for IXP_SIGNAL_PORT_ROOM, although
 * there is space.  The signal comes when the MAC has next checked its FIFO.
 */
void ixp_port_yield(Ixp *ix, unsigned port, unsigned me, unsigned context);

/*
 * Reports event @event of the program's table, with its values: a trace point
 * in QEMU, a count in unit tests.  Any.
 */
void ixp_trace(Ixp *ix, unsigned event, uint32_t a, uint32_t b, uint32_t c);

/*
 * Shared memory, in the chip's order (little-endian).  Programs use only these
 * functions for an index that the host or another context also accesses.
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

/* A lock that is only tried: a context that finds it held yields. */
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
