/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 MSF, receive: RBUF between the ports' MACs and the firmware, and the
 * state machine on its other side.
 *
 * A frame in a MAC's FIFO is cut into elements of RBUF, port by port in turn;
 * each full element's status word goes on the freelist that the port is mapped
 * to, and wakes a context that is posted there.  Without a free element the
 * frame stays in its FIFO, as SPI-3 holds the MAC off; what comes of that is
 * the MAC's business.
 *
 * The model does not copy what it moves into an element: the element refers to
 * the bytes where they are, and the MAC keeps them until all elements that
 * were filled with them are given back.  Nor does it move what nobody asks for
 * before it is a turn's worth: a frame that comes while no context is posted
 * is left to the one that looks for elements next.  The lists are in
 * ixp2400-freelist.c.
 *
 * Called by firmware on any thread and by the chip's ports; see ixp_msf.h
 * for what guards what.  Nothing of QEMU in here.
 *
 * Spec: "MSF".
 */
#include <string.h>

#include "ixp.h"

/* Frames that are asked of a MAC together. */
#define PEEK            8

/* ---- elements ---- */

static void count(uint64_t *counter, uint64_t n)
{
    __atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/* A mask of @n elements from @first on, of those of one word. */
static uint64_t mask_of(unsigned first, unsigned n)
{
    return (n < 64 ? (UINT64_C(1) << n) - 1 : UINT64_MAX) << (first % 64);
}

/* What a MAC keeps for elements that are all given back goes. */
static void release(IxpUnits *u, unsigned port)
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

/* Elements that were given back since the last time are free. */
static void settle(IxpUnits *u)
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
        release(u, i);
    }
}

_Static_assert(IXP_MSF_ELEMENTS == 2 * 64, "two words have a bit for each");

/*
 * The MAC is to keep what is in front of @end until the elements that were
 * filled since the last time are given back.  Where there are too many turns to
 * know apart, the last two are one.
 */
static void hold(IxpUnits *u, unsigned port, uint32_t end)
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
    release(u, port);
}

/*
 * Takes the first elements that are free and lie one behind the other, @most
 * of them: how many, and the first; 0: none is free.
 */
static unsigned take_row(IxpMsf *m, unsigned most, unsigned *first)
{
    for (unsigned i = 0; i < IXP_MSF_ELEMENTS / 64; i++) {
        uint64_t free = m->rx_free[i];

        if (free) {
            unsigned at = __builtin_ctzll(free);
            uint64_t taken = ~(free >> at);
            unsigned n = taken ? __builtin_ctzll(taken) : 64;

            n = n < most ? n : most;
            m->rx_free[i] = free & ~mask_of(at, n);
            *first = i * 64 + at;
            return n;
        }
    }
    return 0;
}

/*
 * No element is free.  Who gives one back from now on runs the machine; what
 * came back just before is found by looking once more.
 */
static void set_short(IxpUnits *u, unsigned port)
{
    IxpMsfPort *p = &u->msf.port[port];

    if (!p->rx_short) {
        __atomic_store_n(&p->rx_short, true, __ATOMIC_SEQ_CST);
        count(&p->rx_shortages, 1);
        u->ops->mac_short(u->opaque, port);
    }
    settle(u);
}

/* ---- the state machine ---- */

static const IxpWords in_order = {
    0, 1u << IXP_RSW_ELEMENT_SHIFT, 2u << IXP_RSW_ELEMENT_SHIFT,
    3u << IXP_RSW_ELEMENT_SHIFT,
};

/*
 * Writes @n status words behind the list's end, at @at: those of elements one
 * behind the other, the first with @word.  What is behind the last is written
 * over, up to four words in all.
 */
static void put_words(IxpMsfList *l, uint32_t at, uint32_t word, unsigned n)
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

/* Elements from @first on refer to @data, one behind the other. */
static void refer(IxpMsf *m, unsigned first, unsigned n, const uint8_t *data)
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

/* The stamp of a frame goes with its last element. */
static void put_stamp(IxpMsf *m, unsigned element, uint64_t at)
{
    if (at) {
        __atomic_store_n(&m->rx_stamps, true, __ATOMIC_RELAXED);
    }
    if (m->rx_stamps) {
        m->rx_stamp[element] = at;
    }
}

/* As move_row(), of a frame that one element has room for. */
static unsigned move_one(IxpMsf *m, unsigned port, const IxpMacFrame *frame,
                         IxpMsfList *l, uint32_t at)
{
    unsigned element;

    if (!take_row(m, 1, &element)) {
        return 0;
    }
    m->port[port].filled[element / 64] |= mask_of(element, 1);
    m->rx_data[element] = frame->data;
    l->rsw[at % IXP_MSF_LIST] =
        element << IXP_RSW_ELEMENT_SHIFT | IXP_RSW_SOP | IXP_RSW_EOP |
        (frame->length & 0xff) << IXP_RSW_COUNT_SHIFT |
        (frame->error ? IXP_RSW_RX_ERROR : 0) | port;
    put_stamp(m, element, frame->at);
    return 1;
}

/*
 * Moves the next of @frame into up to @most elements that lie one behind the
 * other, and writes their status words; returns how many, 0: none is free.
 */
static unsigned move_row(IxpMsf *m, unsigned port, const IxpMacFrame *frame,
                         IxpMsfList *l, uint32_t at, unsigned most)
{
    IxpMsfPort *p = &m->port[port];
    uint32_t left = frame->length - p->rx_at;
    unsigned pieces = (left + m->rx_size - 1) >> __builtin_ctz(m->rx_size);
    uint32_t word;
    unsigned first;
    unsigned n = take_row(m, pieces < most ? pieces : most, &first);

    if (!n) {
        return 0;
    }
    p->filled[first / 64] |= mask_of(first, n);
    refer(m, first, n, frame->data + p->rx_at);
    word = first << IXP_RSW_ELEMENT_SHIFT |
           (m->rx_size & 0xff) << IXP_RSW_COUNT_SHIFT | port;
    put_words(l, at, word, n);
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

/* What names no list is list 0. */
static unsigned list_of(const IxpMsf *m, unsigned port)
{
    unsigned list =
        m->reg[(IXP_CSR_MSF_RX_PORT_MAP - IXP_CSR_MSF) / 4] >> 2 * port & 3;

    return list < IXP_MSF_LISTS ? list : 0;
}

/*
 * A port's turn, of @most elements, or so many faults; of the frames that it
 * has, @have are in @frame.  True: it was cut short, there may be more.
 */
static bool rx_turn(IxpUnits *u, unsigned port, IxpMacFrame *frame,
                    unsigned have, unsigned most)
{
    IxpMsf *m = &u->msf;
    IxpMsfPort *p = &m->port[port];
    IxpMsfList *l = &m->list[list_of(m, port)];
    bool is_short = false;
    bool whole = false;
    unsigned faults = 0;
    uint32_t end = 0;
    unsigned moved;
    unsigned n = 0;
    unsigned i = 0;

    while (n < most && faults < IXP_MSF_TURN) {
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
            whole = true;
            continue;
        }
        moved = frame[i].length <= m->rx_size
                ? move_one(m, port, &frame[i], l, l->tail + n)
                : move_row(m, port, &frame[i], l, l->tail + n, most - n);
        if (!moved) {
            if (is_short) {
                break;
            }
            is_short = true;
            set_short(u, port);
            continue;
        }
        is_short = false;
        n += moved;
        if (!p->rx_at) {
            end = frame[i++].end;
            whole = true;
        }
    }
    if (!is_short && p->rx_short) {
        __atomic_store_n(&p->rx_short, false, __ATOMIC_RELAXED);
    }
    if (i) {
        u->ops->mac_take(u->opaque, port, i, end);
    }
    if (whole) {
        hold(u, port, end);
    }
    if (n) {
        /* If no element is left after that, another port has the next. */
        m->rx_next = (port + 1) % IXP_MAX_PORTS;
        count(&p->rx_elements, n);
        ixp_msf_give(u, l, n);
    }
    return n == most || faults == IXP_MSF_TURN;
}

/* A turn of each port; who is alone has the others', too.  True: go on. */
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
    settle(u);
    for (unsigned i = 0; i < IXP_MAX_PORTS; i++) {
        unsigned port = (first + i) % IXP_MAX_PORTS;

        if (have[port]) {
            more |= rx_turn(u, port, frame[port], have[port],
                            ports > 1 ? IXP_MSF_TURN
                                      : IXP_MSF_TURN * IXP_MAX_PORTS);
        }
    }
    return more;
}

static bool rx_try(IxpMsf *m)
{
    return !__atomic_exchange_n(&m->rx_lock, 1, __ATOMIC_SEQ_CST);
}

/*
 * Exchanged, not stored: who takes the note sees what was done before by all
 * who left it, not by the last of them alone.
 */
static void leave_note(IxpMsf *m)
{
    (void)__atomic_exchange_n(&m->rx_again, 1, __ATOMIC_SEQ_CST);
}

/* Leaves a note; true: the machine runs no longer, and is the caller's. */
static bool rx_note(IxpMsf *m)
{
    leave_note(m);
    return rx_try(m);
}

void ixp_msf_rx_run(IxpUnits *u)
{
    IxpMsf *m = &u->msf;
    unsigned rounds = IXP_MSF_ROUNDS;
    bool more;

    /*
     * Who finds the machine running leaves what there is to it, by a note:
     * either the other one sees it behind its unlocking, or this one the lock
     * free.
     */
    while (rx_try(m) || rx_note(m)) {
        if (ixp_msf_rx_left(m)) {
            /* What was done before the note is to be seen here. */
            (void)__atomic_exchange_n(&m->rx_again, 0, __ATOMIC_SEQ_CST);
        }
        do {
            more = m->rx_size && rx_round(u);
        } while (--rounds && more);
        if (more) {
            leave_note(m);
        }
        __atomic_store_n(&m->rx_lock, 0, __ATOMIC_SEQ_CST);
        if (!ixp_msf_rx_left(m)) {
            return;
        }
        if (!rounds) {
            /*
             * Others give it work as fast as it is done.  The note stands, and
             * whoever set it may have gone: the chip comes back for it.
             */
            u->ops->rx_later(u->opaque);
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
    /* Pairs with those who post contexts, or find no element free. */
    leave_note(m);
    if (__atomic_load_n(&p->rx_short, __ATOMIC_SEQ_CST)) {
        return;
    }
    if (p->rx_arrived >= IXP_MSF_TURN ||
        __atomic_load_n(&m->list[list_of(m, port)].threads,
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

/* ---- elements that are given back ---- */

/* A frame waits for elements, or for what the MAC keeps for elements. */
static bool any_waits(const IxpMsf *m)
{
    bool any = false;

    for (unsigned i = 0; i < IXP_MAX_PORTS; i++) {
        any = any ||
              __atomic_load_n(&m->port[i].rx_short, __ATOMIC_SEQ_CST) ||
              __atomic_load_n(&m->port[i].rx_full, __ATOMIC_SEQ_CST);
    }
    return any;
}

/*
 * Of @n elements, those from the first on that stand one behind the other: by
 * eights, and then one by one.
 */
static unsigned done_row(const uint32_t *rsw, unsigned n)
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

static void tell_done(IxpUnits *u, const uint32_t *rsw, unsigned n)
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
    unsigned row;

    if (__atomic_load_n(&m->rx_stamps, __ATOMIC_RELAXED)) {
        tell_done(u, rsw, n);
    }
    for (; n; n -= row, rsw += row) {
        unsigned first = IXP_RSW_ELEMENT(rsw[0]);
        unsigned in_word = 64 - first % 64;

        row = done_row(rsw, n < in_word ? n : in_word);
        done[first / 64] |= mask_of(first, row);
    }
    /* Either this sees who waits, or that one what is free now. */
    for (unsigned i = 0; i < IXP_MSF_ELEMENTS / 64; i++) {
        if (done[i]) {
            __atomic_fetch_or(&m->rx_done[i], done[i], __ATOMIC_SEQ_CST);
        }
    }
    if (any_waits(m)) {
        ixp_msf_rx_run(u);
    }
}

/* No element is free, or full: another size has other elements. */
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
        p->rx_short = false;
        p->rx_full = false;
    }
}
