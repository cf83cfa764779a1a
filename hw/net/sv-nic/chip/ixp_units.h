/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The chip's units that do not use QEMU: scratchpad rings, hash unit, SRAM with
 * its queue arrays, CAP and the microengines' local CSRs, MSF.
 *
 * The same code for QEMU and unit tests:
 * hw/net/sv-nic/ixp2400-{units,scratch,hash,sram,cap,msf, rbuf,freelist}.c and
 * pm3386.c are compiled into QEMU and into the fake chip of tests/unit/.
 * Firmware calls what is declared here, in ixp_msf.h and in pm3386.h; the chip
 * embeds an IxpUnits and gives it callbacks for contexts and ports,
 * IxpUnitsOps.
 *
 * Threads: any, unless said otherwise.  The commands for a ring, a queue or a
 * register are executed one at a time, as by the unit's controller.
 *
 * Spec: "Units of the chip".
 */
#ifndef HW_NET_SV_NIC_CHIP_IXP_UNITS_H
#define HW_NET_SV_NIC_CHIP_IXP_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixp_faults.h"
#include "ixp_msf.h"
#include "pm3386.h"

#define IXP_MAX_MICROENGINES    8
#define IXP_MAX_CONTEXTS        8

/* Memories of the chip with different access times. */
typedef enum IxpMemory {
    IXP_MEMORY_SCRATCH,
    IXP_MEMORY_HASH,
    IXP_MEMORY_SRAM,
    IXP_MEMORY_DRAM,
    IXP_MEMORIES,
} IxpMemory;
/* Most bytes of one access: the transfer registers. */
#define IXP_ACCESS_BYTES        64

/*
 * Sizes and times of the chip, as set by properties.  No document that confirms
 * them was found; firmware can read all of them, from registers or from here.
 */
typedef struct IxpUnitsConfig {
    uint32_t microengines;      /* 1..8 */
    uint32_t contexts;          /* of a microengine, 1..8 */
    uint32_t scratch_size;      /* bytes, a power of two, 4 KiB..64 KiB */
    uint32_t scratch_rings;     /* microengines..16 */
    uint32_t ring_full_room;    /* full: fewer free words than this */
    uint32_t sram_size;         /* bytes, a power of two, 1 MiB..64 MiB */
    uint32_t sram_channels;     /* 1..2 */
    uint32_t sram_queues;       /* of a channel's queue array, 1..256 */
    uint32_t me_mhz;            /* clock of the microengines, 100..1400 */
    uint32_t timestamp_cycles;  /* of that clock for a count, 1..1024 */
    uint32_t product_revision;  /* PRODUCT_ID 7:0 */
    uint32_t msf_element;       /* bytes of an element, for firmware */
    uint32_t latency[IXP_MEMORIES];     /* cycles, 0..10000 */
} IxpUnitsConfig;

#define IXP_SCRATCH_SIZE        (16 * 1024)
#define IXP_SCRATCH_MIN         (4 * 1024)
#define IXP_SCRATCH_MAX         (64 * 1024)
#define IXP_RINGS               16      /* at the most, and by default */
#define IXP_RING_FULL_ROOM      16
#define IXP_RING_FULL_ROOM_MAX  127
#define IXP_SRAM_SIZE           (8 * 1024 * 1024)
#define IXP_SRAM_MIN            (1024 * 1024)
#define IXP_SRAM_MAX            (64 * 1024 * 1024)
#define IXP_SRAM_CHANNELS       2       /* at the most, and by default */
#define IXP_QUEUES              64
#define IXP_QUEUES_MAX          256
#define IXP_ME_MHZ              600
#define IXP_ME_MHZ_MIN          100
#define IXP_ME_MHZ_MAX          1400
#define IXP_TIMESTAMP_CYCLES    16
#define IXP_TIMESTAMP_CYCLES_MAX 1024
#define IXP_PRODUCT_REVISION    0x10    /* step B0 */
#define IXP_PRODUCT_REVISION_MAX 0xff
#define IXP_LATENCY_SCRATCH     60
#define IXP_LATENCY_HASH        60
#define IXP_LATENCY_SRAM        120
#define IXP_LATENCY_DRAM        200
#define IXP_LATENCY_MAX         10000

/* A frame in a MAC's receive FIFO. */
typedef struct IxpMacFrame {
    const uint8_t *data;        /* valid until mac_free() */
    uint32_t length;            /* bytes, without FCS; 0: a fault, no frame */
    bool error;                 /* the MAC found it damaged */
    uint32_t end;               /* FIFO offset of its end */
    uint64_t at;                /* ixp_stamp() of its arrival, or 0 */
} IxpMacFrame;

/* Callbacks of the units to the chip. */
typedef struct IxpUnitsOps {
    /* monotonic time in nanoseconds */
    uint64_t (*clock)(void *opaque);
    /* sets signals of a context; returns those set before */
    uint32_t (*set_signals)(void *opaque, unsigned me, unsigned context,
                            uint32_t signals);
    /* pending signals of a context */
    uint32_t (*signals)(void *opaque, unsigned me, unsigned context);
    /* context of @me that is inside a step, or -1 */
    int (*active)(void *opaque, unsigned me);
    /* contexts of @me were enabled: make those with signals runnable */
    void (*enabled)(void *opaque, unsigned me);
    /* the next frames in the receive FIFO of @port, in order, up to @limit */
    unsigned (*mac_peek)(void *opaque, unsigned port, IxpMacFrame *frame,
                         unsigned limit);
    /*
     * takes @n of these, up to @end, off; their bytes stay until mac_free() of
     * that end, or of a later one.
     */
    void (*mac_take)(void *opaque, unsigned port, unsigned n, uint32_t end);
    void (*mac_free)(void *opaque, unsigned port, uint32_t end);
    /* no RBUF element is free, so that a frame waits in the FIFO */
    void (*mac_rbuf_exhausted)(void *opaque, unsigned port);
    /*
     * schedules ixp_msf_rx_run(): this call has done its share, and there is
     * more
     */
    void (*rx_defer)(void *opaque);
    /* firmware has finished a frame that arrived @at, which is not 0 */
    void (*mac_done)(void *opaque, unsigned port, uint64_t at);
    /*
     * An element of TBUF for the transmit FIFO of @port, or contiguous elements
     * of one frame; called in order.  @control is the first one's control word,
     * with EOP of the last one, @prepend the prepended bytes or NULL, @length
     * that of all payload.
     */
    void (*mac_put)(void *opaque, unsigned port, uint32_t control,
                    const uint8_t *prepend, const uint8_t *data,
                    uint32_t length);
    /* frames for @port have been completed since the last call */
    void (*mac_sent)(void *opaque, unsigned port);
    /*
     * The first event of the list in ixp_faults.h is due @at on the clock: call
     * ixp_late_take() then.
     */
    void (*late_due)(void *opaque, uint64_t at);
    /* fault @id has struck @at a page, port, ... */
    void (*fault_struck)(void *opaque, unsigned id, uint32_t at);
} IxpUnitsOps;

/* ---- scratchpad: memory with rings ---- */

#define IXP_RING_MIN_WORDS      128
#define IXP_RING_MAX_WORDS      1024
/* words of one command: the transfer registers of a context */
#define IXP_RING_BURST          16

typedef struct IxpScratchRing {
    uint32_t lock __attribute__((aligned(64)));
    uint32_t base;              /* register, as written */
    uint32_t head;              /* words got, free-running */
    uint32_t tail;              /* words put, free-running */
    uint32_t words;             /* 0: not set up */
    uint32_t offset;            /* of word 0 in the scratchpad, in words */
    /* written under lock, read by any thread */
    uint64_t puts;              /* words */
    uint64_t gets;              /* words */
    uint64_t overflows;         /* words lost, as it was full */
    uint64_t empties;           /* gets while it was empty */
} IxpScratchRing;

typedef struct IxpUnits IxpUnits;

/*
 * Puts @n words, at most IXP_RING_BURST, at the end of @ring; returns how many
 * fit.  The others are lost and counted.
 */
unsigned ixp_ring_put(IxpUnits *u, unsigned ring, const uint32_t *words,
                      unsigned n);
/* Takes up to @n words, at most IXP_RING_BURST; returns how many. */
unsigned ixp_ring_get(IxpUnits *u, unsigned ring, uint32_t *words,
                      unsigned n);
/* Status flags, which firmware reads before a put.  No side effect. */
bool ixp_ring_full(const IxpUnits *u, unsigned ring);
bool ixp_ring_empty(const IxpUnits *u, unsigned ring);

/* ---- hash unit ---- */

/*
 * Hashes of 48, 64 and 128 bits: each a one-to-one map of its operand, so
 * that unequal operands have unequal results.
 */
uint64_t ixp_hash48(const IxpUnits *u, uint64_t value);
uint64_t ixp_hash64(const IxpUnits *u, uint64_t value);
/* @value and @result: low 64 bits first. */
void ixp_hash128(const IxpUnits *u, const uint64_t value[2],
                 uint64_t result[2]);

typedef struct IxpHash {
    uint32_t multiplier[8];     /* registers: 48 (2), 64 (2), 128 (4) */
    /* tables of results for each value of each four bits */
    uint64_t table48[12][16];
    uint64_t table64[16][16];
    uint64_t table128[32][16][2];
} IxpHash;

/* ---- SRAM ---- */

#define IXP_SRAM_ALIGN          64      /* alignment of its first byte */

/* A queue of buffers, linked through their first word in SRAM. */
typedef struct IxpSramQueue {
    uint32_t lock;
    uint32_t head;              /* byte offset; valid if count is not 0 */
    uint32_t tail;
    uint32_t count;
} IxpSramQueue;

/* Empties queue @queue of @channel. */
void ixp_queue_clear(IxpUnits *u, unsigned channel, unsigned queue);
/*
 * Puts the buffer at @offset, a multiple of 4 in SRAM, at the end.  False: it
 * is outside SRAM, and the queue is unchanged.
 */
bool ixp_queue_enqueue(IxpUnits *u, unsigned channel, unsigned queue,
                       uint32_t offset);
/* Takes the first buffer; false: the queue is empty. */
bool ixp_queue_dequeue(IxpUnits *u, unsigned channel, unsigned queue,
                       uint32_t *offset);
uint32_t ixp_queue_count(IxpUnits *u, unsigned channel, unsigned queue);

/* ---- CAP ---- */

/*
 * Counts every timestamp_cycles of a microengine while enabled by MISC_CONTROL.
 */
uint64_t ixp_timestamp(IxpUnits *u);
/*
 * Signals a context, of any microengine.  A signal that is still pending is
 * lost and counted; false then.
 */
bool ixp_thread_signal(IxpUnits *u, unsigned me, unsigned context,
                       uint32_t signals);

/* ---- registers, at the XScale's addresses ---- */

/* A row of a register table of the spec. */
typedef struct IxpRegister {
    const char *name;
    uint32_t address;
    uint16_t count;             /* how many of them */
    uint32_t stride;            /* bytes from one to the next */
    const char *access;         /* of the XScale: RW, RO, WO, R W1C... */
    const char *host;           /* of the host; "-": none */
    uint32_t reset;
    const char *what;           /* behaviour of the model */
    const char *source;         /* "remembered" where there is none */
} IxpRegister;

/* All registers, in order; *@n is their number. */
const IxpRegister *ixp_registers(size_t *n);
/* XScale, or a context.  Reserved: reads 0, ignores writes, counted. */
uint32_t ixp_csr_read(IxpUnits *u, uint32_t address);
void ixp_csr_write(IxpUnits *u, uint32_t address, uint32_t value);

#define IXP_CSR_RING_BASE(n)            (0xc0004800u + 16 * (n))
#define IXP_CSR_RING_HEAD(n)            (0xc0004804u + 16 * (n))
#define IXP_CSR_RING_TAIL(n)            (0xc0004808u + 16 * (n))
#define IXP_RING_BASE_SIZE              30      /* 0: 128 to 3: 1024 words */
#define IXP_RING_BASE_STATUS_EMPTY      (1u << 26)
#define IXP_RING_BASE_OFFSET            0x0000ffffu
#define IXP_CSR_HASH_MULTIPLIER(n)      (0xc0004900u + 4 * (n))
#define IXP_CSR_PRODUCT_ID              0xc0004a00u
#define IXP_PRODUCT_ID                  0x00000200u     /* IXP2400 */
#define IXP_CSR_MISC_CONTROL            0xc0004a04u
#define IXP_MISC_CONTROL_TIMESTAMP      (1u << 7)
#define IXP_CSR_MSF_CLK_CNTRL           0xc0004a08u
#define IXP_CSR_RESET0                  0xc0004a0cu
#define IXP_CSR_RESET1                  0xc0004a10u
#define IXP_CSR_CCR                     0xc0004a14u
#define IXP_CSR_STRAP                   0xc0004a18u
#define IXP_CSR_INTERTHREAD_SIGNAL      0xc0004b00u
/* a word put or taken by a plain store or load */
#define IXP_CSR_RING_PORT(n)            (0xcb400000u + 4 * (n))
#define IXP_CSR_SRAM_CONTROL(ch)        (0xcc010000u + 0x400000u * (ch))
/* microengine @me, 0 to 7, has number 0 to 3 and 0x10 to 0x13 */
#define IXP_ME_NUMBER(me)               (((me) & 3) | ((me) & 4) << 2)
#define IXP_CSR_ME(me, csr)             (0xc0018000u + \
                                         IXP_ME_NUMBER(me) * 0x400u + (csr))
#define IXP_ME_CTX_ENABLES              0x018
#define IXP_ME_CSR_CTX_POINTER          0x020
#define IXP_ME_INDIRECT_CTX_STS         0x040
#define IXP_ME_ACTIVE_CTX_STS           0x044
#define IXP_ME_INDIRECT_CTX_SIG_EVENTS  0x048
#define IXP_ME_ACTIVE_CTX_SIG_EVENTS    0x04c
#define IXP_ME_INDIRECT_CTX_WAKEUP      0x050
#define IXP_ME_ACTIVE_CTX_WAKEUP        0x054
#define IXP_ME_TIMESTAMP_LOW            0x0c0
#define IXP_ME_TIMESTAMP_HIGH           0x0c4
#define IXP_ME_NEXT_NEIGHBOR_SIGNAL     0x100
#define IXP_ME_PREV_NEIGHBOR_SIGNAL     0x104
#define IXP_ME_SAME_ME_SIGNAL           0x108
#define IXP_ME_LOCAL_CSR_STATUS         0x180
#define IXP_CTX_ENABLES_SHIFT           8
#define IXP_CTX_STS_RUNNING             (1u << 31)

/* ---- all units ---- */

typedef struct IxpUnitsMe {     /* atomic, all of it */
    uint32_t ctx_enables;
    uint32_t ctx_pointer;
    uint32_t timestamp_high;    /* latched by a read of the low half */
} IxpUnitsMe;

struct IxpUnits {
    IxpUnitsConfig config;
    const IxpUnitsOps *ops;
    void *opaque;

    uint32_t *scratch;          /* config.scratch_size bytes */
    uint8_t *sram;              /* config.sram_size bytes */
    uint32_t misc_control;      /* atomic, as the next four */
    uint32_t clk_control;
    uint32_t reset0;
    uint32_t reset1;
    uint32_t ccr;
    IxpUnitsMe me[IXP_MAX_MICROENGINES];
    uint32_t sram_control[IXP_SRAM_CHANNELS];

    IxpScratchRing ring[IXP_RINGS];
    IxpSramQueue queue[IXP_SRAM_CHANNELS][IXP_QUEUES_MAX];
    IxpHash hash;
    IxpMsf msf;
    Pm3386 mac;
    IxpFaults faults;           /* kept over a reset, but for late events */

    /* atomic */
    uint64_t signals_sent;
    uint64_t signals_lost;
    uint64_t reserved;          /* accesses to reserved addresses */
};

/*
 * Allocates memories.  @u: zeroed, aligned to 64.  False: no memory.  Called
 * before any other thread has access to @u.
 */
bool ixp_units_init(IxpUnits *u, const IxpUnitsConfig *config,
                    const IxpUnitsOps *ops, void *opaque);
void ixp_units_free(IxpUnits *u);
/* Resets registers, rings and queues; memories keep their content.  Paused. */
void ixp_units_reset(IxpUnits *u);

/* The data of the element that @rsw describes. */
static inline const uint8_t *ixp_rbuf(const IxpUnits *u, uint32_t rsw)
{
    return u->msf.rx_data[IXP_RSW_ELEMENT(rsw)];
}

/*
 * The data of @n consecutive elements of one frame, all but the last full, if
 * it is contiguous; else NULL.
 */
static inline const uint8_t *ixp_rbuf_piece(const IxpUnits *u,
                                            const uint32_t *rsw, unsigned n)
{
    const uint8_t *first = ixp_rbuf(u, rsw[0]);

    return ixp_rbuf(u, rsw[n - 1]) == first + (n - 1) * u->msf.rx_size
           ? first : NULL;
}

/* The context may run. */
static inline bool ixp_context_enabled(const IxpUnits *u, unsigned me,
                                       unsigned context)
{
    return __atomic_load_n(&u->me[me].ctx_enables, __ATOMIC_RELAXED) >>
           (IXP_CTX_ENABLES_SHIFT + context) & 1;
}

/* ---- faults, see ixp_faults.h; any thread ---- */

/*
 * Whether any kind of fault may strike, or has put something off: the one
 * branch of a data path.
 */
static inline bool ixp_faults_armed(const IxpUnits *u)
{
    return __builtin_expect(
        __atomic_load_n(&u->faults.armed, __ATOMIC_RELAXED) != 0, 0);
}

/* ixp2400-faults.c: the slow half of ixp_fault(). */
bool ixp_fault_strikes(IxpUnits *u, unsigned id, uint32_t at);

/* An occasion for kind @id, of page, port, ... @at.  True: it strikes. */
static inline bool ixp_fault(IxpUnits *u, unsigned id, uint32_t at)
{
    return __builtin_expect(
        __atomic_load_n(&u->faults.armed, __ATOMIC_RELAXED) >> id & 1, 0) &&
        ixp_fault_strikes(u, id, at);
}

static inline uint32_t ixp_fault_value(const IxpUnits *u, unsigned id)
{
    return u->faults.fault[id].set.value;
}

/* Not switched off; it may have struck for the last time. */
static inline bool ixp_fault_is_set(const IxpUnits *u, unsigned id)
{
    return u->faults.fault[id].set.one_in != 0;
}

/* A number of the sequence of @id, another one at each occasion. */
uint32_t ixp_fault_random(const IxpUnits *u, unsigned id);

/*
 * ixp2400-faults.c: whether a fault takes this doorbell or interrupt away: it
 * is lost, or comes later.
 */
bool ixp_fault_doorbell_taken(IxpUnits *u, unsigned page, unsigned doorbell);
bool ixp_fault_interrupt_taken(IxpUnits *u, unsigned irq_bit, unsigned vector);
/* Whether a port has no free element now; the end of that. */
bool ixp_fault_rbuf_taken(IxpUnits *u, unsigned port);
void ixp_fault_rbuf_late(IxpUnits *u, unsigned port);
/* The time that is set for @id, of the chip. */
uint64_t ixp_fault_ns(const IxpUnits *u, unsigned id);
/*
 * An occasion for @id, of the chip, which makes an event due after its time;
 * false: it does not strike, or the list is full.
 */
bool ixp_fault_later(IxpUnits *u, unsigned id, uint32_t at, IxpLateWhat what,
                     uint32_t a, uint32_t b);

static inline bool ixp_fault_rbuf(IxpUnits *u, unsigned port)
{
    return ixp_faults_armed(u) && ixp_fault_rbuf_taken(u, port);
}

static inline bool ixp_fault_doorbell(IxpUnits *u, unsigned page,
                                      unsigned doorbell)
{
    return ixp_faults_armed(u) &&
           ixp_fault_doorbell_taken(u, page, doorbell);
}

static inline bool ixp_fault_interrupt(IxpUnits *u, unsigned irq_bit,
                                       unsigned vector)
{
    return ixp_faults_armed(u) &&
           ixp_fault_interrupt_taken(u, irq_bit, vector);
}

/* ixp2400-later.c: adds an event due in @ns; false: the list is full. */
bool ixp_late_add(IxpUnits *u, uint64_t ns, IxpLateWhat what, uint32_t a,
                  uint32_t b);
bool ixp_late_full(IxpUnits *u);
/*
 * Takes the first event that is due @now; false: there is none.  *@next is when
 * the next one is due, 0 if there is none.
 */
bool ixp_late_take(IxpUnits *u, uint64_t now, IxpLate *late, uint64_t *next);
void ixp_late_reset(IxpUnits *u);

/* For the units alone: counts an access to a reserved address. */
static inline void ixp_unit_reserved(IxpUnits *u)
{
    __atomic_fetch_add(&u->reserved, 1, __ATOMIC_RELAXED);
}

/* For the units alone: a spin lock, held for a few memory accesses. */
static inline void ixp_unit_lock(uint32_t *lock)
{
    while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE)) {
        while (__atomic_load_n(lock, __ATOMIC_RELAXED)) {
            __asm__ volatile("" : : : "memory");
        }
    }
}

static inline void ixp_unit_unlock(uint32_t *lock)
{
    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

/* ixp2400-cap.c: registers of microengine @me, and INTERTHREAD_SIGNAL. */
uint32_t ixp_me_csr_read(IxpUnits *u, unsigned me, uint32_t csr);
void ixp_me_csr_write(IxpUnits *u, unsigned me, uint32_t csr, uint32_t value);
void ixp_interthread_signal(IxpUnits *u, uint32_t value);
/* ixp2400-hash.c: a multiplier was written. */
void ixp_hash_rebuild(IxpHash *h);
/* ixp2400-scratch.c: registers of ring @ring. */
void ixp_ring_set_base(IxpUnits *u, unsigned ring, uint32_t value);
uint32_t ixp_ring_position(const IxpUnits *u, unsigned ring, bool tail);
void ixp_ring_set_position(IxpUnits *u, unsigned ring, bool tail,
                           uint32_t value);

#endif /* HW_NET_SV_NIC_CHIP_IXP_UNITS_H */
