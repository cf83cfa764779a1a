/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MSF, the chip's media switch fabric interface: RBUF, which receives frames
 * from the ports' MACs in elements, and TBUF, from which frames are
 * transmitted.
 *
 * ixp2400-{msf,rbuf,freelist}.c implement it for QEMU and for the fake chip
 * alike; see ixp_units.h, which includes this header.
 *
 * Threads: any.  The receive state machine runs in the thread that gives it
 * work, one thread at a time.  No thread waits for it, and none runs it for
 * longer than IXP_MSF_ROUNDS: the chip continues later (rx_defer of
 * IxpUnitsOps).  A list of elements has a lock that is held for a few accesses.
 * The transmit state machine runs in the thread that makes an element valid.
 *
 * Spec: "MSF".
 */
#ifndef HW_NET_SV_NIC_CHIP_IXP_MSF_H
#define HW_NET_SV_NIC_CHIP_IXP_MSF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct IxpUnits IxpUnits;

/* QEMU's compiler flags clear variables on the stack; not these large ones. */
#if __has_attribute(uninitialized)
#define IXP_UNINITIALIZED       __attribute__((uninitialized))
#else
#define IXP_UNINITIALIZED
#endif

#define IXP_MAX_PORTS           3

#define IXP_MSF_BUFFER          8192    /* bytes of RBUF, and of TBUF */
#define IXP_MSF_ELEMENT_MIN     64      /* bytes of an element */
#define IXP_MSF_ELEMENT_MAX     256
#define IXP_MSF_ELEMENTS        (IXP_MSF_BUFFER / IXP_MSF_ELEMENT_MIN)
#define IXP_MSF_LISTS           3       /* freelists of receive threads */
#define IXP_MSF_THREADS         64      /* on one of them */
/* Elements that a port fills before the next port's turn. */
#define IXP_MSF_TURN            32
/*
 * Rounds of all ports that one call runs.  A port that is alone fills all of
 * RBUF in fewer.
 */
#define IXP_MSF_ROUNDS          8

/* Receive status word 0: describes an element. */
#define IXP_RSW_ELEMENT(rsw)    ((rsw) >> 24 & 0x7f)
#define IXP_RSW_ELEMENT_SHIFT   24
#define IXP_RSW_ELEMENTS        (0x7fu << IXP_RSW_ELEMENT_SHIFT)
#define IXP_RSW_COUNT_SHIFT     16      /* bytes, 0: 256 */
#define IXP_RSW_COUNT           (0xffu << IXP_RSW_COUNT_SHIFT)
#define IXP_RSW_SOP             (1u << 15)
#define IXP_RSW_EOP             (1u << 14)
#define IXP_RSW_PARITY_IN       (1u << 12)
#define IXP_RSW_PARITY          (1u << 11)
#define IXP_RSW_RX_ERROR        (1u << 10)
#define IXP_RSW_NULL            (1u << 9)
#define IXP_RSW_SOP_ERROR       (1u << 8)
#define IXP_RSW_ERRORS          (IXP_RSW_PARITY_IN | IXP_RSW_PARITY | \
                                 IXP_RSW_RX_ERROR | IXP_RSW_SOP_ERROR)
#define IXP_RSW_PORT(rsw)       ((rsw) & 0x1f)

static inline uint32_t ixp_rsw_count(uint32_t rsw)
{
    uint32_t count = (rsw & IXP_RSW_COUNT) >> IXP_RSW_COUNT_SHIFT;

    return rsw & IXP_RSW_NULL ? 0 : count ? count : IXP_MSF_ELEMENT_MAX;
}

/* TBUF control word 0; the payload begins at the next multiple of 8 bytes. */
#define IXP_TBUF_LENGTH_SHIFT   24      /* bytes of payload, 0: 256 */
#define IXP_TBUF_PREPEND_SHIFT  16      /* bytes in front of it, 0..31 */
#define IXP_TBUF_PREPEND(word)  ((word) >> IXP_TBUF_PREPEND_SHIFT & 0x1f)
#define IXP_TBUF_OFFSET(word)   ((IXP_TBUF_PREPEND(word) + 7) & ~7u)
#define IXP_TBUF_SOP            (1u << 9)
#define IXP_TBUF_EOP            (1u << 8)
#define IXP_TBUF_PORT(word)     ((word) & 0xff)

static inline uint32_t ixp_tbuf_length(uint32_t word)
{
    uint32_t length = word >> IXP_TBUF_LENGTH_SHIFT;

    return length ? length : IXP_MSF_ELEMENT_MAX;
}

/*
 * Four words at a time, for many elements: any four consecutive words can be
 * loaded and stored with one instruction.
 */
typedef uint32_t IxpWords __attribute__((vector_size(16), aligned(4),
                                         may_alias));

/* Any bit of @mask that differs between @rsw and @other, in eight words. */
static inline bool ixp_words_differ(const uint32_t *rsw, IxpWords low,
                                    IxpWords high, uint32_t mask)
{
    const IxpWords *four = (const IxpWords *)rsw;
    IxpWords other = ((four[0] ^ low) | (four[1] ^ high)) & mask;

    return other[0] | other[1] | other[2] | other[3];
}

/* ---- registers, at the XScale's addresses ---- */

#define IXP_CSR_MSF                     0xc8000000u
#define IXP_CSR_MSF_RX_CONTROL          0xc8000000u
#define IXP_CSR_MSF_TX_CONTROL          0xc8000004u
#define IXP_MSF_CONTROL_ENABLE          0xf0000000u /* a bit a channel */
#define IXP_MSF_CONTROL_SIZE_SHIFT      2       /* 0: 64, 1: 128, 2: 256 */
#define IXP_CSR_MSF_INT_STATUS          0xc8000008u
#define IXP_CSR_MSF_INT_ENABLE          0xc800000cu
#define IXP_CSR_MSF_FC_STATUS(n)        (0xc8000014u + 4 * (n))
#define IXP_CSR_MSF_HWM_CONTROL         0xc8000024u
#define IXP_CSR_MSF_CLOCK_CONTROL       0xc800002cu
#define IXP_CSR_MSF_RX_FREELIST(n)      (0xc8000030u + 4 * (n))
#define IXP_MSF_FREELIST_CONTEXT(v)     ((v) >> 20 & 7)
#define IXP_MSF_FREELIST_ME(v)          ((v) >> 23 & 7)
#define IXP_MSF_FREELIST_THREAD(me, ctx) ((me) << 23 | (ctx) << 20)
#define IXP_CSR_MSF_RX_PORT_MAP         0xc8000040u
#define IXP_MSF_PORT_MAP(port, list)    ((list) << 2 * (port))
#define IXP_CSR_MSF_ELEMENT_DONE        0xc8000044u
#define IXP_MSF_DONE_SHIFT              16
#define IXP_CSR_MSF_RX_POLL_LIMIT       0xc8000048u
#define IXP_CSR_MSF_FREELIST_TIMEOUT(n) (0xc8000050u + 4 * (n))
#define IXP_CSR_MSF_TX_SEQUENCE(n)      (0xc8000060u + 4 * (n))
#define IXP_MSF_SEQUENCE_MASK           0xffu
#define IXP_MSF_SEQUENCE_IDLE           (1u << 31)
#define IXP_CSR_MSF_TX_POLL_LIMIT       0xc8000070u
#define IXP_CSR_MSF_RX_UP_CONTROL(n)    (0xc8000080u + 4 * (n))
#define IXP_CSR_MSF_TX_UP_CONTROL(n)    (0xc8000090u + 4 * (n))
#define IXP_CSR_MSF_TBUF_CONTROL(n)     (0xc8001800u + 8 * (n))
#define IXP_MSF_REGISTERS               (0xa0 / 4)  /* below that */

/* ---- state ---- */

/*
 * Words of a list: one for each element, and those that the state machine
 * writes behind them; it continues at the start after writing behind the last.
 */
#define IXP_MSF_LIST            (2 * IXP_MSF_ELEMENTS)
#define IXP_MSF_LIST_AND_ON     (IXP_MSF_LIST + IXP_MSF_ELEMENTS + 8)

/* A freelist: full elements, and contexts that wait for one. */
typedef struct IxpMsfList {
    uint32_t lock __attribute__((aligned(64)));
    uint32_t head;              /* of rsw[], next to be taken; free-running */
    uint32_t tail;
    uint32_t threads;           /* of thread[], in order; atomic */
    uint32_t rsw[IXP_MSF_LIST_AND_ON];
    uint8_t thread[IXP_MSF_THREADS];    /* me * IXP_MAX_CONTEXTS + context */
} IxpMsfList;

/* Turns with elements not yet returned that are tracked separately. */
#define IXP_MSF_HELD            32

/* FIFO space held for elements of one turn that refer to it. */
typedef struct IxpMsfHeld {
    uint64_t elements[IXP_MSF_ELEMENTS / 64];   /* not returned */
    uint32_t end;               /* end of the last frame in it */
} IxpMsfHeld;

/* State of a port in the MSF; written by the state machines, read by any. */
typedef struct IxpMsfPort {
    uint32_t rx_at;             /* bytes of its oldest frame in RBUF */
    bool rx_exhausted;              /* waits for an element; atomic */
    bool rx_fault;                  /* a fault lets it wait; atomic */
    bool rx_full;               /* its FIFO is full; atomic */
    uint32_t rx_arrived;        /* elements of new frames; the producer's */
    uint32_t held_head;         /* of held[], the oldest; free-running */
    uint32_t held_tail;
    IxpMsfHeld held[IXP_MSF_HELD];
    uint64_t filled[IXP_MSF_ELEMENTS / 64];     /* since last held[] */
    uint64_t rx_elements;
    uint64_t rx_exhausted_count;      /* times that no element was free */
    uint64_t tx_elements;
} IxpMsfPort;

typedef struct IxpMsf {
    uint8_t tbuf[IXP_MSF_BUFFER] __attribute__((aligned(64)));
    uint32_t reg[IXP_MSF_REGISTERS];    /* as written */
    uint32_t rx_size;           /* bytes of an element; 0: disabled */
    uint32_t tx_size;
    IxpMsfPort port[IXP_MAX_PORTS];

    uint32_t rx_lock __attribute__((aligned(64)));
    uint32_t rx_pending;          /* atomic: work for the holder of rx_lock */
    uint64_t rx_done[IXP_MSF_ELEMENTS / 64];    /* returned, not free yet */
    /* under rx_lock; of an element on a list, or taken from it: any */
    uint32_t rx_next;           /* first port of the next round */
    bool rx_stamps;             /* atomic: rx_stamp[] is valid */
    uint64_t rx_free[IXP_MSF_ELEMENTS / 64];    /* a bit each */
    uint64_t rx_stamp[IXP_MSF_ELEMENTS];        /* of an EOP element */
    const uint8_t *rx_data[IXP_MSF_ELEMENTS];   /* data in the MAC's FIFO */
    uint8_t rx_nothing[IXP_MSF_ELEMENT_MAX];    /* of elements never filled */
    IxpMsfList list[IXP_MSF_LISTS];

    uint32_t tx_lock __attribute__((aligned(64)));
    uint32_t tx_sequence;       /* elements sent, free-running */
    uint64_t tx_bad;            /* elements for no port */
    uint64_t tx_valid[IXP_MSF_ELEMENTS / 64];
    uint32_t tx_control[IXP_MSF_ELEMENTS];
} IxpMsf;

/* ---- firmware ---- */

/*
 * Takes the status words of up to @limit full elements off freelist @list, in
 * order, as that many posts of the context would. 0: there is none; the context
 * is posted, and gets IXP_SIGNAL_PORT_IN when there is one.  A context that is
 * posted already is not posted twice.
 */
unsigned ixp_msf_receive(IxpUnits *u, unsigned list, unsigned me,
                         unsigned context, uint32_t *rsw, unsigned limit);
/* Returns elements, as that many writes of RBUF_ELEMENT_DONE. */
void ixp_msf_done(IxpUnits *u, const uint32_t *rsw, unsigned n);
/*
 * Makes @n elements of TBUF valid, from @element on, wrapping at its end, each
 * with its control word 0; elements are sent in order, each as soon as it and
 * all before it are valid.  An element that does not exist is ignored.
 */
void ixp_msf_send(IxpUnits *u, unsigned element, const uint32_t *control,
                  unsigned n);
/*
 * Elements of TBUF, 0: transmission is disabled; and elements sent,
 * free-running.
 */
unsigned ixp_msf_tx_elements(const IxpUnits *u);
uint32_t ixp_msf_tx_sequence(const IxpUnits *u);

/* ---- the chip ---- */

/* The FIFO of @port has a new frame of @length bytes.  The MAC's thread. */
void ixp_msf_rx_arrived(IxpUnits *u, unsigned port, uint32_t length);
/*
 * There was no space for a frame: elements returned from now on free space in
 * the FIFO at once.  The same thread.
 */
void ixp_msf_rx_full(IxpUnits *u, unsigned port);
/* Runs the receive state machine: a FIFO has frames, or rx_defer was called. */
void ixp_msf_rx_run(IxpUnits *u);

/* ---- for the units alone ---- */

void ixp_msf_reset(IxpUnits *u);
/* ixp2400-rbuf.c; no context receives meanwhile. */
void ixp_msf_rx_clear(IxpUnits *u);
/* Whether the receive state machine has pending work. */
static inline bool ixp_msf_rx_pending(const IxpMsf *m)
{
    return __atomic_load_n(&m->rx_pending, __ATOMIC_SEQ_CST);
}

/*
 * ixp2400-freelist.c: the @n words that the state machine has written behind
 * the list's end are on it.
 */
void ixp_msf_give(IxpUnits *u, IxpMsfList *l, unsigned n);
/* Posts a context, as its write of RX_THREAD_FREELIST. */
void ixp_msf_post(IxpUnits *u, unsigned list, unsigned me, unsigned context);
uint32_t ixp_msf_csr_read(IxpUnits *u, uint32_t address);
void ixp_msf_csr_write(IxpUnits *u, uint32_t address, uint32_t value);

#endif /* HW_NET_SV_NIC_CHIP_IXP_MSF_H */
