/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 MSF, receive: RBUF between the ports' MACs and the firmware, and the
 * receive state machine.
 *
 * A frame in a MAC's FIFO is divided into elements of RBUF, port by port in
 * round-robin order; each full element's status word goes on the freelist that
 * the port is mapped to, and wakes a context that is posted there.  Without a
 * free element the frame stays in its FIFO, as SPI-3 stops the MAC.
 *
 * The model does not copy data into an element: the element refers to the bytes
 * in the FIFO, and the MAC holds them until all elements that refer to them are
 * returned.  While no context is posted, frames are not moved before there is a
 * turn's worth of them: the next context that takes elements moves them.  The
 * lists are in ixp2400-freelist.c.
 *
 * Called by firmware on any thread and by the chip's ports; see ixp_msf.h for
 * locks.  Does not use QEMU.
 *
 * Spec: "MSF".
 */
#include <string.h>

#include "ixp.h"

/* Frames that are read from a MAC together. */
#define PEEK            8

/* ---- elements ---- */

static void count(uint64_t *counter, uint64_t n)
{
    __atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/* A mask of @n elements from @first on, within one word. */
static uint64_t element_mask(unsigned first, unsigned n)
{
    return (n < 64 ? (UINT64_C(1) << n) - 1 : UINT64_MAX) << (first % 64);
}

/* Releases FIFO space of frames with all elements returned. */
static void release_fifo(IxpUnits *u, unsigned port)
{
    IxpMsfPort *p = &u->msf.port[port];
    uint32_t was = p->held_head;
    uint32_t end = 0;

    while (p->held_head != p->held_tail) {
        const IxpMsfHeld *h = &p->held[p->held_head % IXP_MSF_HELD];

        if (h->elements[0] | h->elements[1]) {
            break;
        }
        end = h->end;
        p->held_head++;
    }
    if (p->held_head != was) {
        u->ops->mac_free(u->opaque, port, end);
    }
}

/* Makes elements free that were returned since the last call. */
static void reclaim_elements(IxpUnits *u)
{
    IxpMsf *m = &u->msf;
    uint64_t fresh[IXP_MSF_ELEMENTS / 64];

    for (unsigned i = 0; i < IXP_MSF_ELEMENTS / 64; i++) {
        fresh[i] = __atomic_load_n(&m->rx_done[i], __ATOMIC_SEQ_CST);
        if (fresh[i]) {
            fresh[i] = __atomic_exchange_n(&m->rx_done[i], 0,
                                           __ATOMIC_SEQ_CST);
        }
    }
    if (!(fresh[0] | fresh[1])) {
        return;
    }
    m->rx_free[0] |= fresh[0];
    m->rx_free[1] |= fresh[1];
    for (unsigned i = 0; i < IXP_MAX_PORTS; i++) {
        IxpMsfPort *p = &m->port[i];

        for (uint32_t k = p->held_head; k != p->held_tail; k++) {
            p->held[k % IXP_MSF_HELD].elements[0] &= ~fresh[0];
            p->held[k % IXP_MSF_HELD].elements[1] &= ~fresh[1];
        }
        p->filled[0] &= ~fresh[0];
        p->filled[1] &= ~fresh[1];
        release_fifo(u, i);
    }
}

_Static_assert(IXP_MSF_ELEMENTS == 2 * 64, "two words have a bit for each");

/*
 * Holds the FIFO up to @end until the elements that were filled since the last
 * call are returned.  If there are too many turns to track, the last two are
 * merged.
 */
static void hold_fifo(IxpUnits *u, unsigned port, uint32_t end)
{
    IxpMsfPort *p = &u->msf.port[port];
    IxpMsfHeld *h;

    if (p->held_tail - p->held_head < IXP_MSF_HELD) {
        h = &p->held[p->held_tail++ % IXP_MSF_HELD];
        h->elements[0] = p->filled[0];
        h->elements[1] = p->filled[1];
    } else {
        h = &p->held[(p->held_tail - 1) % IXP_MSF_HELD];
        h->elements[0] |= p->filled[0];
        h->elements[1] |= p->filled[1];
    }
    h->end = end;
    p->filled[0] = 0;
    p->filled[1] = 0;
    release_fifo(u, port);
}

/*
 * Takes the first contiguous free elements, up to @limit; returns how many, and
 * the first one; 0: none is free.
 */
static unsigned take_contiguous(IxpMsf *m, unsigned limit, unsigned *first)
{
    for (unsigned i = 0; i < IXP_MSF_ELEMENTS / 64; i++) {
        uint64_t free = m->rx_free[i];

        if (free) {
            unsigned at = __builtin_ctzll(free);
            uint64_t taken = ~(free >> at);
            unsigned n = taken ? __builtin_ctzll(taken) : 64;

            n = n < limit ? n : limit;
            m->rx_free[i] = free & ~element_mask(at, n);
            *first = i * 64 + at;
            return n;
        }
    }
    return 0;
}

/*
 * No element is free.  From now on, returning one runs the state machine; those
 * returned just before are found by checking once more.
 */
static void set_exhausted(IxpUnits *u, unsigned port)
{
    IxpMsfPort *p = &u->msf.port[port];

    if (!p->rx_exhausted) {
        __atomic_store_n(&p->rx_exhausted, true, __ATOMIC_SEQ_CST);
        count(&p->rx_exhausted_count, 1);
        u->ops->mac_rbuf_exhausted(u->opaque, port);
    }
    reclaim_elements(u);
}

/* ---- the state machine ---- */

static const IxpWords in_order = {
    0, 1u << IXP_RSW_ELEMENT_SHIFT, 2u << IXP_RSW_ELEMENT_SHIFT,
    3u << IXP_RSW_ELEMENT_SHIFT,
};

/*
 * Writes @n status words behind the list's end, at @at: those of contiguous
 * elements, the first one with @word.  Writes whole groups of four words:
 * those behind the last one are not valid.
 */
static void put_status_words(IxpMsfList *l, uint32_t at, uint32_t word,
                             unsigned n)
{
    uint32_t *to = l->rsw + at % IXP_MSF_LIST;
    unsigned end = at % IXP_MSF_LIST + n;
    IxpWords four = in_order + word;

    for (unsigned i = 0; i < n; i += 4) {
        *(IxpWords *)(to + i) = four;
        four += 4u << IXP_RSW_ELEMENT_SHIFT;
    }
    if (end > IXP_MSF_LIST) {
        memcpy(l->rsw, l->rsw + IXP_MSF_LIST,
               (end - IXP_MSF_LIST) * sizeof(*to));
    }
}

/* Makes elements from @first on refer to consecutive pieces of @data. */
static void set_data(IxpMsf *m, unsigned first, unsigned n, const uint8_t *data)
{
    const uint8_t **to = m->rx_data + first;
    const uint32_t size = m->rx_size;

    for (; n >= 4; n -= 4, to += 4, data += 4 * size) {
        to[0] = data;
        to[1] = data + size;
        to[2] = data + 2 * size;
        to[3] = data + 3 * size;
    }
    for (; n; n--, data += size) {
        *to++ = data;
    }
}

/* The stamp of a frame is stored with its last element. */
static void put_stamp(IxpMsf *m, unsigned element, uint64_t at)
{
    if (at) {
        __atomic_store_n(&m->rx_stamps, true, __ATOMIC_RELAXED);
    }
    if (m->rx_stamps) {
        m->rx_stamp[element] = at;
    }
}

/* fill_contiguous() for a frame that fits into one element. */
static unsigned fill_one(IxpMsf *m, unsigned port, const IxpMacFrame *frame,
                         IxpMsfList *l, uint32_t at)
{
    unsigned element;

    if (!take_contiguous(m, 1, &element)) {
        return 0;
    }
    m->port[port].filled[element / 64] |= element_mask(element, 1);
    m->rx_data[element] = frame->data;
    l->rsw[at % IXP_MSF_LIST] =
        element << IXP_RSW_ELEMENT_SHIFT | IXP_RSW_SOP | IXP_RSW_EOP |
        (frame->length & 0xff) << IXP_RSW_COUNT_SHIFT |
        (frame->error ? IXP_RSW_RX_ERROR : 0) | port;
    put_stamp(m, element, frame->at);
    return 1;
}

/*
 * Moves the next part of @frame into up to @limit contiguous elements and
 * writes their status words; returns how many, 0: none is free.
 */
static unsigned fill_contiguous(IxpMsf *m, unsigned port,
                                const IxpMacFrame *frame, IxpMsfList *l,
                                uint32_t at, unsigned limit)
{
    IxpMsfPort *p = &m->port[port];
    uint32_t left = frame->length - p->rx_at;
    unsigned pieces = (left + m->rx_size - 1) >> __builtin_ctz(m->rx_size);
    uint32_t word;
    unsigned first;
    unsigned n = take_contiguous(m, pieces < limit ? pieces : limit, &first);

    if (!n) {
        return 0;
    }
    p->filled[first / 64] |= element_mask(first, n);
    set_data(m, first, n, frame->data + p->rx_at);
    word = first << IXP_RSW_ELEMENT_SHIFT |
           (m->rx_size & 0xff) << IXP_RSW_COUNT_SHIFT | port;
    put_status_words(l, at, word, n);
    if (!p->rx_at) {
        l->rsw[at % IXP_MSF_LIST] |= IXP_RSW_SOP;
    }
    p->rx_at += n * m->rx_size;
    if (n == pieces) {
        uint32_t bytes = left - (n - 1) * m->rx_size;
        uint32_t *last = &l->rsw[(at + n - 1) % IXP_MSF_LIST];

        *last = (*last & ~IXP_RSW_COUNT) | IXP_RSW_EOP |
                (bytes & 0xff) << IXP_RSW_COUNT_SHIFT |
                (frame->error ? IXP_RSW_RX_ERROR : 0);
        put_stamp(m, first + n - 1, frame->at);
        p->rx_at = 0;
    }
    return n;
}

/* A number of no list means list 0. */
static unsigned port_list(const IxpMsf *m, unsigned port)
{
    unsigned list =
        m->reg[(IXP_CSR_MSF_RX_PORT_MAP - IXP_CSR_MSF) / 4] >> 2 * port & 3;

    return list < IXP_MSF_LISTS ? list : 0;
}

/*
 * A port's turn: up to @limit elements, or IXP_MSF_TURN faults.  The first
 * @have of the port's frames are in @frame.  True: the limit was reached, there
 * may be more.
 */
static bool rx_turn(IxpUnits *u, unsigned port, IxpMacFrame *frame,
                    unsigned have, unsigned limit)
{
    IxpMsf *m = &u->msf;
    IxpMsfPort *p = &m->port[port];
    IxpMsfList *l = &m->list[port_list(m, port)];
    bool exhausted = false;
    bool complete = false;
    unsigned faults = 0;
    uint32_t end = 0;
    unsigned moved;
    unsigned n = 0;
    unsigned i = 0;

    while (n < limit && faults < IXP_MSF_TURN) {
        if (i == have) {
            u->ops->mac_take(u->opaque, port, i, end);
            i = 0;
            have = u->ops->mac_peek(u->opaque, port, frame, PEEK);
            if (!have) {
                break;
            }
        }
        if (!frame[i].length) {
            faults++;
            end = frame[i++].end;
            complete = true;
            continue;
        }
        moved = frame[i].length <= m->rx_size
                ? fill_one(m, port, &frame[i], l, l->tail + n)
                : fill_contiguous(m, port, &frame[i], l, l->tail + n,
                                  limit - n);
        if (!moved) {
            if (exhausted) {
                break;
            }
            exhausted = true;
            set_exhausted(u, port);
            continue;
        }
        exhausted = false;
        n += moved;
        if (!p->rx_at) {
            end = frame[i++].end;
            complete = true;
        }
    }
    if (!exhausted && p->rx_exhausted) {
        __atomic_store_n(&p->rx_exhausted, false, __ATOMIC_RELAXED);
    }
    if (i) {
        u->ops->mac_take(u->opaque, port, i, end);
    }
    if (complete) {
        hold_fifo(u, port, end);
    }
    if (n) {
        /* If no element is left, the next free one is for another port. */
        m->rx_next = (port + 1) % IXP_MAX_PORTS;
        count(&p->rx_elements, n);
        ixp_msf_give(u, l, n);
    }
    return n == limit || faults == IXP_MSF_TURN;
}

/*
 * A turn of each port; a port that is alone uses the others' turns.  True:
 * there may be more.
 */
static bool rx_round(IxpUnits *u)
{
    IxpMacFrame frame[IXP_MAX_PORTS][PEEK] IXP_UNINITIALIZED;
    unsigned have[IXP_MAX_PORTS];
    unsigned first = u->msf.rx_next;
    unsigned ports = 0;
    bool more = false;

    for (unsigned i = 0; i < IXP_MAX_PORTS; i++) {
        have[i] = u->ops->mac_peek(u->opaque, i, frame[i], PEEK);
        ports += have[i] > 0;
    }
    reclaim_elements(u);
    for (unsigned i = 0; i < IXP_MAX_PORTS; i++) {
        unsigned port = (first + i) % IXP_MAX_PORTS;

        if (have[port] && ixp_fault_rbuf(u, port)) {
            set_exhausted(u, port);
        } else if (have[port]) {
            more |= rx_turn(u, port, frame[port], have[port],
                            ports > 1 ? IXP_MSF_TURN
                                      : IXP_MSF_TURN * IXP_MAX_PORTS);
        }
    }
    return more;
}

static bool rx_try_claim(IxpMsf *m)
{
    return !__atomic_exchange_n(&m->rx_lock, 1, __ATOMIC_SEQ_CST);
}

/*
 * A read-modify-write, not a store: it continues the release sequence, so that
 * the thread which clears the flag sees the stores of all that set it, not only
 * of the last one.
 */
static void set_pending(IxpMsf *m)
{
    (void)__atomic_exchange_n(&m->rx_pending, 1, __ATOMIC_SEQ_CST);
}

/*
 * Sets the flag; true: the machine is not running, and the caller has claimed
 * it.
 */
static bool set_pending_and_claim(IxpMsf *m)
{
    set_pending(m);
    return rx_try_claim(m);
}

void ixp_msf_rx_run(IxpUnits *u)
{
    IxpMsf *m = &u->msf;
    unsigned rounds = IXP_MSF_ROUNDS;
    bool more;

    /*
     * A thread that finds the machine running sets the flag and leaves the work
     * to it: either the other thread sees the flag after unlocking, or this one
     * finds the lock free.
     */
    while (rx_try_claim(m) || set_pending_and_claim(m)) {
        if (ixp_msf_rx_pending(m)) {
            /* Acquires the stores before the flag was set. */
            (void)__atomic_exchange_n(&m->rx_pending, 0, __ATOMIC_SEQ_CST);
        }
        do {
            more = m->rx_size && rx_round(u);
        } while (--rounds && more);
        if (more) {
            set_pending(m);
        }
        __atomic_store_n(&m->rx_lock, 0, __ATOMIC_SEQ_CST);
        if (!ixp_msf_rx_pending(m)) {
            return;
        }
        if (!rounds) {
            /*
             * Others add work as fast as it is done.  The flag stays set, and
             * the thread that set it may be gone: the chip calls again.
             */
            u->ops->rx_defer(u->opaque);
            return;
        }
    }
}

void ixp_msf_rx_arrived(IxpUnits *u, unsigned port, uint32_t length)
{
    IxpMsf *m = &u->msf;
    IxpMsfPort *p = &m->port[port];

    if (p->rx_full) {
        __atomic_store_n(&p->rx_full, false, __ATOMIC_RELAXED);
    }
    p->rx_arrived += (length + IXP_MSF_ELEMENT_MIN - 1) / IXP_MSF_ELEMENT_MIN;
    /* Pairs with posting a context, and with set_exhausted(). */
    set_pending(m);
    if (__atomic_load_n(&p->rx_exhausted, __ATOMIC_SEQ_CST)) {
        return;
    }
    if (p->rx_arrived >= IXP_MSF_TURN ||
        __atomic_load_n(&m->list[port_list(m, port)].threads,
                        __ATOMIC_SEQ_CST)) {
        p->rx_arrived = 0;
        ixp_msf_rx_run(u);
    }
}

void ixp_msf_rx_full(IxpUnits *u, unsigned port)
{
    __atomic_store_n(&u->msf.port[port].rx_full, true, __ATOMIC_SEQ_CST);
    ixp_msf_rx_run(u);
}

/* ---- returned elements ---- */

/* Whether a frame waits for elements, or for FIFO space held for elements. */
static bool any_waiting(const IxpMsf *m)
{
    bool any = false;

    for (unsigned i = 0; i < IXP_MAX_PORTS; i++) {
        any = any ||
              __atomic_load_n(&m->port[i].rx_exhausted, __ATOMIC_SEQ_CST) ||
              __atomic_load_n(&m->port[i].rx_full, __ATOMIC_SEQ_CST);
    }
    return any;
}

/*
 * Counts the first of @n elements that are contiguous: eight at a time, then
 * one by one.
 */
static unsigned count_contiguous(const uint32_t *rsw, unsigned n)
{
    uint32_t next = rsw[0] & IXP_RSW_ELEMENTS;
    IxpWords low = in_order + next;
    IxpWords high = low + (4u << IXP_RSW_ELEMENT_SHIFT);
    unsigned k = 0;

    while (k + 8 <= n &&
           !ixp_words_differ(rsw + k, low, high, IXP_RSW_ELEMENTS)) {
        low += 8u << IXP_RSW_ELEMENT_SHIFT;
        high += 8u << IXP_RSW_ELEMENT_SHIFT;
        k += 8;
    }
    while (k < n && !((rsw[k] ^ (next + (k << IXP_RSW_ELEMENT_SHIFT))) &
                      IXP_RSW_ELEMENTS)) {
        k++;
    }
    return k;
}

static void report_done(IxpUnits *u, const uint32_t *rsw, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        uint64_t at = rsw[i] & IXP_RSW_EOP
                      ? u->msf.rx_stamp[IXP_RSW_ELEMENT(rsw[i])] : 0;

        if (at) {
            u->ops->mac_done(u->opaque, IXP_RSW_PORT(rsw[i]), at);
        }
    }
}

void ixp_msf_done(IxpUnits *u, const uint32_t *rsw, unsigned n)
{
    IxpMsf *m = &u->msf;
    uint64_t done[IXP_MSF_ELEMENTS / 64] = { 0 };
    unsigned contiguous;

    if (__atomic_load_n(&m->rx_stamps, __ATOMIC_RELAXED)) {
        report_done(u, rsw, n);
    }
    for (; n; n -= contiguous, rsw += contiguous) {
        unsigned first = IXP_RSW_ELEMENT(rsw[0]);
        unsigned in_word = 64 - first % 64;

        contiguous = count_contiguous(rsw, n < in_word ? n : in_word);
        done[first / 64] |= element_mask(first, contiguous);
    }
    /* Either this sees the waiting port, or that port the free elements. */
    for (unsigned i = 0; i < IXP_MSF_ELEMENTS / 64; i++) {
        if (done[i]) {
            __atomic_fetch_or(&m->rx_done[i], done[i], __ATOMIC_SEQ_CST);
        }
    }
    if (any_waiting(m)) {
        ixp_msf_rx_run(u);
    }
}

/* Makes no element free or full: another size has other elements. */
void ixp_msf_rx_clear(IxpUnits *u)
{
    IxpMsf *m = &u->msf;

    memset(m->rx_free, 0, sizeof(m->rx_free));
    memset(m->rx_done, 0, sizeof(m->rx_done));
    for (unsigned i = 0; i < IXP_MSF_ELEMENTS; i++) {
        m->rx_data[i] = m->rx_nothing;
    }
    m->rx_next = 0;
    for (unsigned i = 0; i < IXP_MSF_LISTS; i++) {
        m->list[i].head = m->list[i].tail;
    }
    for (unsigned i = 0; i < IXP_MAX_PORTS; i++) {
        IxpMsfPort *p = &m->port[i];

        if (p->held_head != p->held_tail) {
            u->ops->mac_free(u->opaque, i,
                             p->held[(p->held_tail - 1) % IXP_MSF_HELD].end);
        }
        p->held_head = p->held_tail;
        memset(p->filled, 0, sizeof(p->filled));
        p->rx_at = 0;
        p->rx_arrived = 0;
        p->rx_exhausted = false;
        p->rx_fault = false;
        p->rx_full = false;
    }
}
