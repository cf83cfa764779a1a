/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 MSF: receive and transmit buffers between the ports' MACs and the
 * firmware, and the state machines on their other side.
 *
 * Receive: a frame in a MAC's FIFO is cut into elements of RBUF, port by port
 * in turn; each full element's status word goes on the freelist that the port
 * is mapped to, and wakes a context that is posted there.  Without a free
 * element the frame stays in its FIFO, as SPI-3 holds the MAC off; what comes
 * of that is the MAC's business.  Transmit: elements that firmware has made
 * valid go to the MAC in the order in which they lie in TBUF.
 *
 * Called by firmware on any thread and by the chip's ports; see ixp_msf.h
 * for what guards what.  Nothing of QEMU in here.
 *
 * Spec: "MSF".
 */
#include <string.h>

#include "firmware-stub/ixp.h"

#define ELEMENTS(size)  ((size) ? IXP_MSF_BUFFER / (size) : 0)

/* ---- lists of full elements ---- */

static unsigned take_threads(IxpMsfList *l, uint8_t *thread, unsigned n)
{
    n = n < l->threads ? n : l->threads;
    memcpy(thread, l->thread, n);
    l->threads -= n;
    memmove(l->thread, l->thread + n, l->threads);
    return n;
}

static void wake(IxpUnits *u, const uint8_t *thread, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        u->ops->set_signals(u->opaque, thread[i] / IXP_MAX_CONTEXTS,
                            thread[i] % IXP_MAX_CONTEXTS, IXP_SIGNAL_PORT_IN);
    }
}

/* Copies @n words from or to the list, at @at; goes round its end. */
static void copy_in(IxpMsfList *l, uint32_t at, const uint32_t *rsw,
                    unsigned n)
{
    uint32_t first = at % IXP_MSF_ELEMENTS;
    unsigned part = IXP_MSF_ELEMENTS - first;

    part = n < part ? n : part;
    memcpy(l->rsw + first, rsw, part * sizeof(*rsw));
    memcpy(l->rsw, rsw + part, (n - part) * sizeof(*rsw));
}

static void copy_out(const IxpMsfList *l, uint32_t at, uint32_t *rsw,
                     unsigned n)
{
    uint32_t first = at % IXP_MSF_ELEMENTS;
    unsigned part = IXP_MSF_ELEMENTS - first;

    part = n < part ? n : part;
    memcpy(rsw, l->rsw + first, part * sizeof(*rsw));
    memcpy(rsw + part, l->rsw, (n - part) * sizeof(*rsw));
}

static void give(IxpUnits *u, unsigned list, const uint32_t *rsw, unsigned n)
{
    IxpMsfList *l = &u->msf.list[list];
    uint8_t thread[IXP_MSF_TURN] IXP_UNINITIALIZED;
    unsigned threads = 0;

    ixp_unit_lock(&l->lock);
    copy_in(l, l->tail, rsw, n);
    l->tail += n;
    if (l->threads) {
        threads = take_threads(l, thread, n);
    }
    ixp_unit_unlock(&l->lock);
    wake(u, thread, threads);
}

static void post(IxpMsfList *l, unsigned me, unsigned context)
{
    uint8_t thread = me * IXP_MAX_CONTEXTS + context;

    if (!memchr(l->thread, thread, l->threads) &&
        l->threads < IXP_MSF_THREADS) {
        l->thread[l->threads++] = thread;
    }
}

unsigned ixp_msf_receive(IxpUnits *u, unsigned list, unsigned me,
                         unsigned context, uint32_t *rsw, unsigned most)
{
    IxpMsfList *l = &u->msf.list[list];
    unsigned n;

    ixp_unit_lock(&l->lock);
    n = l->tail - l->head;
    n = n < most ? n : most;
    copy_out(l, l->head, rsw, n);
    l->head += n;
    if (!n) {
        post(l, me, context);
    }
    ixp_unit_unlock(&l->lock);
    return n;
}

/* ---- receive ---- */

/* Elements that the state machine has found free, and takes some of. */
typedef struct Free {
    uint64_t found[IXP_MSF_ELEMENTS / 64];
    uint64_t left[IXP_MSF_ELEMENTS / 64];
} Free;

/* Adds those that were freed since the last time, or at all. */
static void free_find(IxpMsf *m, Free *f)
{
    for (unsigned i = 0; i < IXP_MSF_ELEMENTS / 64; i++) {
        uint64_t fresh = __atomic_load_n(&m->rx_free[i], __ATOMIC_SEQ_CST) &
                         ~f->found[i];

        f->found[i] |= fresh;
        f->left[i] |= fresh;
    }
}

/* A mask of @n elements from @first on, of those of one word. */
static uint64_t mask_of(unsigned first, unsigned n)
{
    return (n < 64 ? (UINT64_C(1) << n) - 1 : UINT64_MAX) << (first % 64);
}

/* How many elements from @element on are free, up to @most. */
static unsigned free_run(const Free *f, unsigned element, unsigned most)
{
    unsigned n = 0;

    while (n < most && element + n < IXP_MSF_ELEMENTS) {
        unsigned at = element + n;
        uint64_t taken = ~(f->left[at / 64] >> (at % 64));
        unsigned in_word = 64 - at % 64;
        unsigned run = taken ? __builtin_ctzll(taken) : 64;

        n += run < in_word ? run : in_word;
        if (run < in_word) {
            break;
        }
    }
    return n < most ? n : most;
}

/*
 * Takes elements that are free and lie one behind the other, @most of them if
 * there are so many in a row, or the first that there are: the first, and in
 * *@n how many; 0: none is free.
 */
static unsigned free_take(Free *f, unsigned most, unsigned *n)
{
    unsigned taken = 0;

    *n = 0;
    for (unsigned at = 0; at < IXP_MSF_ELEMENTS;) {
        uint64_t left = f->left[at / 64] >> (at % 64);
        unsigned run;

        if (!left) {
            at = (at / 64 + 1) * 64;
            continue;
        }
        at += __builtin_ctzll(left);
        run = free_run(f, at, most);
        if (!*n || run == most) {
            taken = at;
            *n = run;
        }
        if (run == most) {
            break;
        }
        at += run;
    }
    for (unsigned at = taken, left = *n; left;) {
        unsigned part = 64 - at % 64 < left ? 64 - at % 64 : left;

        f->left[at / 64] &= ~mask_of(at, part);
        at += part;
        left -= part;
    }
    return taken;
}

/* Those that were taken are free no longer.  Others only free some. */
static void free_settle(IxpMsf *m, const Free *f)
{
    for (unsigned i = 0; i < IXP_MSF_ELEMENTS / 64; i++) {
        if (f->found[i] != f->left[i]) {
            __atomic_fetch_and(&m->rx_free[i], ~(f->found[i] ^ f->left[i]),
                               __ATOMIC_RELAXED);
        }
    }
}

static void count(uint64_t *counter, uint64_t n)
{
    __atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/*
 * No element is free.  Who gives one back from now on runs the machine; what
 * came back just before is found by looking once more.
 */
static void set_short(IxpUnits *u, unsigned port, Free *free)
{
    IxpMsfPort *p = &u->msf.port[port];

    if (!p->rx_short) {
        __atomic_store_n(&p->rx_short, true, __ATOMIC_SEQ_CST);
        count(&p->rx_shortages, 1);
        u->ops->mac_short(u->opaque, port);
    }
    free_find(&u->msf, free);
}

/*
 * Moves the next of @frame into up to @most elements that lie one behind the
 * other, and writes their status words; returns how many, 0: none is free.
 */
static unsigned move_pieces(IxpMsf *m, unsigned port, const IxpMacFrame *frame,
                            Free *free, uint32_t *rsw, unsigned most)
{
    IxpMsfPort *p = &m->port[port];
    uint32_t left = frame->length - p->rx_at;
    unsigned pieces = (left + m->rx_size - 1) / m->rx_size;
    unsigned n;
    unsigned first = free_take(free, pieces < most ? pieces : most, &n);
    uint32_t bytes = n < pieces ? n * m->rx_size : left;
    uint32_t word;

    if (!n) {
        return 0;
    }
    memcpy(m->rbuf + first * m->rx_size, frame->data + p->rx_at, bytes);
    word = first << IXP_RSW_ELEMENT_SHIFT |
           (m->rx_size & 0xff) << IXP_RSW_COUNT_SHIFT | port;
    for (unsigned i = 0; i < n; i++) {
        rsw[i] = word + (i << IXP_RSW_ELEMENT_SHIFT);
    }
    if (!p->rx_at) {
        rsw[0] |= IXP_RSW_SOP;
    }
    p->rx_at += bytes;
    if (n == pieces) {
        bytes -= (n - 1) * m->rx_size;
        rsw[n - 1] &= ~(0xffu << IXP_RSW_COUNT_SHIFT);
        rsw[n - 1] |= IXP_RSW_EOP | (bytes & 0xff) << IXP_RSW_COUNT_SHIFT |
                      (frame->error ? IXP_RSW_RX_ERROR : 0);
        m->rx_stamp[first + n - 1] = frame->at;
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
 * A port's turn, of so many elements or faults; true: it was cut short, there
 * may be more.
 */
static bool rx_turn(IxpUnits *u, unsigned port)
{
    IxpMsf *m = &u->msf;
    uint32_t rsw[IXP_MSF_TURN] IXP_UNINITIALIZED;
    bool is_short = false;
    IxpMacFrame frame;
    bool have;
    unsigned moved;
    unsigned faults = 0;
    unsigned n = 0;
    Free free = { 0 };

    have = u->ops->mac_peek(u->opaque, port, &frame);
    if (!have) {
        return false;
    }
    free_find(m, &free);
    while (n < IXP_MSF_TURN && faults < IXP_MSF_TURN) {
        if (!have && !u->ops->mac_peek(u->opaque, port, &frame)) {
            break;
        }
        if (!frame.length) {
            u->ops->mac_take(u->opaque, port);
            faults++;
            have = false;
            continue;
        }
        have = true;
        moved = move_pieces(m, port, &frame, &free, &rsw[n],
                            IXP_MSF_TURN - n);
        if (!moved) {
            if (is_short) {
                break;
            }
            is_short = true;
            set_short(u, port, &free);
            continue;
        }
        is_short = false;
        n += moved;
        if (rsw[n - 1] & IXP_RSW_EOP) {
            u->ops->mac_take(u->opaque, port);
            have = false;
        }
    }
    if (!is_short && m->port[port].rx_short) {
        __atomic_store_n(&m->port[port].rx_short, false, __ATOMIC_RELAXED);
    }
    if (n) {
        free_settle(m, &free);
        /* If no element is left after that, another port has the next. */
        m->rx_next = (port + 1) % IXP_MAX_PORTS;
        count(&m->port[port].rx_elements, n);
        give(u, list_of(m, port), rsw, n);
    }
    return n == IXP_MSF_TURN || faults == IXP_MSF_TURN;
}

static bool rx_try(IxpMsf *m)
{
    return !__atomic_exchange_n(&m->rx_lock, 1, __ATOMIC_SEQ_CST);
}

/* Leaves a note; true: the machine runs no longer, and is the caller's. */
static bool rx_note(IxpMsf *m)
{
    __atomic_store_n(&m->rx_again, 1, __ATOMIC_SEQ_CST);
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
        if (__atomic_load_n(&m->rx_again, __ATOMIC_SEQ_CST)) {
            /* What was done before the note is to be seen here. */
            (void)__atomic_exchange_n(&m->rx_again, 0, __ATOMIC_SEQ_CST);
        }
        do {
            unsigned first = m->rx_next;

            more = false;
            for (unsigned i = 0; m->rx_size && i < IXP_MAX_PORTS; i++) {
                more |= rx_turn(u, (first + i) % IXP_MAX_PORTS);
            }
        } while (--rounds && more);
        if (more) {
            __atomic_store_n(&m->rx_again, 1, __ATOMIC_SEQ_CST);
        }
        __atomic_store_n(&m->rx_lock, 0, __ATOMIC_SEQ_CST);
        if (!__atomic_load_n(&m->rx_again, __ATOMIC_SEQ_CST)) {
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

/* A frame waits for elements. */
static bool any_short(const IxpMsf *m)
{
    bool any = false;

    for (unsigned i = 0; i < IXP_MAX_PORTS; i++) {
        any |= __atomic_load_n(&m->port[i].rx_short, __ATOMIC_SEQ_CST);
    }
    return any;
}

/* As many elements as stand one behind the other, from the first on. */
static unsigned done_row(IxpUnits *u, const uint32_t *rsw, unsigned n)
{
    unsigned first = IXP_RSW_ELEMENT(rsw[0]);
    unsigned k = 0;

    do {
        uint64_t at = rsw[k] & IXP_RSW_EOP ? u->msf.rx_stamp[first + k] : 0;

        if (at) {
            u->ops->mac_done(u->opaque, IXP_RSW_PORT(rsw[k]), at);
        }
        k++;
    } while (k < n && IXP_RSW_ELEMENT(rsw[k]) == first + k &&
             (first + k) % 64);
    return k;
}

void ixp_msf_done(IxpUnits *u, const uint32_t *rsw, unsigned n)
{
    IxpMsf *m = &u->msf;
    uint64_t done[IXP_MSF_ELEMENTS / 64] = { 0 };
    unsigned row;

    for (; n; n -= row, rsw += row) {
        unsigned first = IXP_RSW_ELEMENT(rsw[0]);

        row = done_row(u, rsw, n);
        done[first / 64] |= mask_of(first, row);
    }
    /* Either this sees who waits, or that one what is free now. */
    for (unsigned i = 0; i < IXP_MSF_ELEMENTS / 64; i++) {
        if (done[i]) {
            __atomic_fetch_or(&m->rx_free[i], done[i], __ATOMIC_SEQ_CST);
        }
    }
    if (any_short(m)) {
        ixp_msf_rx_run(u);
    }
}

/* ---- transmit ---- */

/*
 * Elements of @n valid ones from this one on that are one piece of a frame:
 * each has filled its own to the end, and the next goes on there.
 */
static unsigned in_a_piece(const IxpMsf *m, const uint32_t *control,
                           unsigned n)
{
    uint32_t first = control[0];
    uint32_t full = IXP_TBUF_PORT(first) |
                    m->tx_size << IXP_TBUF_LENGTH_SHIFT;
    unsigned k = 1;

    if (first & IXP_TBUF_EOP ||
        IXP_TBUF_OFFSET(first) + ixp_tbuf_length(first) != m->tx_size) {
        return 1;
    }
    while (k < n && control[k] == full) {
        k++;
    }
    if (k < n && !(control[k] & IXP_TBUF_SOP) &&
        !IXP_TBUF_PREPEND(control[k]) &&
        IXP_TBUF_PORT(control[k]) == IXP_TBUF_PORT(first) &&
        ixp_tbuf_length(control[k]) <= m->tx_size) {
        k++;
    }
    return k;
}

/*
 * Sends the first of @n valid elements from @element on, and those that are
 * one piece with it; returns how many, and adds a bit for a port to which a
 * frame is whole.
 */
static unsigned transmit_piece(IxpUnits *u, unsigned element, unsigned n,
                               unsigned *whole)
{
    IxpMsf *m = &u->msf;
    const uint32_t *control = m->tx_control + element;
    const uint8_t *data = m->tbuf + element * m->tx_size;
    uint32_t offset = IXP_TBUF_OFFSET(control[0]);
    uint32_t length = ixp_tbuf_length(control[0]);
    unsigned port = IXP_TBUF_PORT(control[0]);
    uint32_t eop;

    if (port >= IXP_MAX_PORTS || offset + length > m->tx_size) {
        /* What is beyond the element goes nowhere, nor what has no port. */
        count(&m->tx_bad, 1);
        return 1;
    }
    n = in_a_piece(m, control, n);
    if (n > 1) {
        length += (n - 2) * m->tx_size + ixp_tbuf_length(control[n - 1]);
    }
    eop = control[n - 1] & IXP_TBUF_EOP;
    count(&m->port[port].tx_elements, n);
    u->ops->mac_put(u->opaque, port, control[0] | eop, offset ? data : NULL,
                    data + offset, length);
    *whole |= eop ? 1u << port : 0;
    return n;
}

/* Sends @n valid elements from @element on; none is behind the end of TBUF. */
static void transmit(IxpUnits *u, unsigned element, unsigned n,
                     unsigned *whole)
{
    uint32_t sequence = u->msf.tx_sequence + n;
    unsigned sent;

    for (; n; n -= sent) {
        sent = transmit_piece(u, element, n, whole);
        element += sent;
    }
    __atomic_store_n(&u->msf.tx_sequence, sequence, __ATOMIC_RELEASE);
}

/* Elements that are valid from @element on, up to the end of this word. */
static unsigned valid_from(const IxpMsf *m, unsigned element)
{
    uint64_t bits = m->tx_valid[element / 64] >> (element % 64);

    return ~bits ? __builtin_ctzll(~bits) : 64;
}

static void set_valid(IxpMsf *m, unsigned element, unsigned n, bool valid)
{
    uint64_t bits = n < 64 ? (UINT64_C(1) << n) - 1 : UINT64_MAX;

    if (valid) {
        m->tx_valid[element / 64] |= bits << (element % 64);
    } else {
        m->tx_valid[element / 64] &= ~(bits << (element % 64));
    }
}

/* As ixp_msf_send(), of @n elements that do not go over the end. */
static void send_part(IxpUnits *u, unsigned element, const uint32_t *control,
                      unsigned n, unsigned *whole)
{
    IxpMsf *m = &u->msf;
    unsigned elements = ELEMENTS(m->tx_size);   /* a power of two */
    unsigned next = m->tx_sequence & (elements - 1);

    memcpy(m->tx_control + element, control, n * sizeof(*control));
    if (element == next && !(m->tx_valid[0] | m->tx_valid[1])) {
        /* In turn, and nothing waits behind them. */
        transmit(u, element, n, whole);
        return;
    }
    for (unsigned i = element; i < element + n; i++) {
        set_valid(m, i, 1, true);
    }
    while ((n = valid_from(m, next))) {
        n = n < elements - next ? n : elements - next;
        set_valid(m, next, n, false);
        transmit(u, next, n, whole);
        next = (next + n) & (elements - 1);
    }
}

_Static_assert(IXP_MSF_ELEMENTS == 2 * 64, "two words have a bit for each");

void ixp_msf_send(IxpUnits *u, unsigned element, const uint32_t *control,
                  unsigned n)
{
    IxpMsf *m = &u->msf;
    unsigned elements = ELEMENTS(m->tx_size);
    unsigned whole = 0;
    unsigned part;

    if (element >= elements || n > elements) {
        return;
    }
    part = n < elements - element ? n : elements - element;
    ixp_unit_lock(&m->tx_lock);
    send_part(u, element, control, part, &whole);
    if (part < n) {
        send_part(u, 0, control + part, n - part, &whole);
    }
    ixp_unit_unlock(&m->tx_lock);
    for (unsigned i = 0; whole >> i; i++) {
        if (whole >> i & 1) {
            u->ops->mac_sent(u->opaque, i);
        }
    }
}

unsigned ixp_msf_tx_elements(const IxpUnits *u)
{
    return ELEMENTS(u->msf.tx_size);
}

uint32_t ixp_msf_tx_sequence(const IxpUnits *u)
{
    return __atomic_load_n(&u->msf.tx_sequence, __ATOMIC_ACQUIRE);
}

/* ---- registers ---- */

/* Bytes of an element, as a control register says. */
static uint32_t size_of(uint32_t control)
{
    uint32_t code = control >> IXP_MSF_CONTROL_SIZE_SHIFT & 3;

    if (!(control & IXP_MSF_CONTROL_ENABLE)) {
        return 0;
    }
    return IXP_MSF_ELEMENT_MIN << (code < 2 ? code : 2);
}

/* No element is free, or full: another size has other elements. */
static void rx_clear(IxpMsf *m)
{
    memset(m->rx_free, 0, sizeof(m->rx_free));
    m->rx_next = 0;
    for (unsigned i = 0; i < IXP_MSF_LISTS; i++) {
        m->list[i].head = m->list[i].tail;
    }
    for (unsigned i = 0; i < IXP_MAX_PORTS; i++) {
        m->port[i].rx_at = 0;
        m->port[i].rx_short = false;
    }
}

static void tx_clear(IxpMsf *m)
{
    memset(m->tx_control, 0, sizeof(m->tx_control));
    memset(m->tx_valid, 0, sizeof(m->tx_valid));
    m->tx_sequence = 0;
}

void ixp_msf_reset(IxpUnits *u)
{
    IxpMsf *m = &u->msf;

    memset(m->reg, 0, sizeof(m->reg));
    m->rx_size = 0;
    m->tx_size = 0;
    rx_clear(m);
    tx_clear(m);
    for (unsigned i = 0; i < IXP_MSF_LISTS; i++) {
        m->list[i].threads = 0;
    }
}

static uint32_t sequence_word(const IxpMsf *m)
{
    bool idle = true;

    for (unsigned i = 0; i < IXP_MSF_ELEMENTS / 64; i++) {
        idle &= !m->tx_valid[i];
    }
    return (m->tx_sequence & IXP_MSF_SEQUENCE_MASK) |
           (idle ? IXP_MSF_SEQUENCE_IDLE : 0);
}

uint32_t ixp_msf_csr_read(IxpUnits *u, uint32_t address)
{
    IxpMsf *m = &u->msf;

    if (address >= IXP_CSR_MSF_TBUF_CONTROL(0)) {
        return m->tx_control[(address - IXP_CSR_MSF_TBUF_CONTROL(0)) / 8];
    }
    switch (address) {
    case IXP_CSR_MSF_TX_SEQUENCE(0):
        return sequence_word(m);
    case IXP_CSR_MSF_TX_SEQUENCE(1):
    case IXP_CSR_MSF_TX_SEQUENCE(2):
        /* TBUF is one piece: nothing is in the others. */
        return IXP_MSF_SEQUENCE_IDLE;
    default:
        return m->reg[(address - IXP_CSR_MSF) / 4];
    }
}

/* A post by register: its writer sees no element, the context is told. */
static void post_word(IxpUnits *u, unsigned list, uint32_t value)
{
    IxpMsfList *l = &u->msf.list[list];
    unsigned me = IXP_MSF_FREELIST_ME(value);
    unsigned context = IXP_MSF_FREELIST_CONTEXT(value);
    uint8_t thread[IXP_MSF_THREADS];
    unsigned n;

    if (me >= u->config.microengines || context >= u->config.contexts) {
        ixp_unit_reserved(u);
        return;
    }
    ixp_unit_lock(&l->lock);
    post(l, me, context);
    n = take_threads(l, thread, l->tail - l->head);
    ixp_unit_unlock(&l->lock);
    wake(u, thread, n);
}

void ixp_msf_csr_write(IxpUnits *u, uint32_t address, uint32_t value)
{
    IxpMsf *m = &u->msf;
    uint32_t element = value >> IXP_MSF_DONE_SHIFT & (IXP_MSF_ELEMENTS - 1);

    if (address >= IXP_CSR_MSF_TBUF_CONTROL(0)) {
        ixp_msf_send(u, (address - IXP_CSR_MSF_TBUF_CONTROL(0)) / 8, &value,
                     1);
        return;
    }
    switch (address) {
    case IXP_CSR_MSF_RX_FREELIST(0):
    case IXP_CSR_MSF_RX_FREELIST(1):
    case IXP_CSR_MSF_RX_FREELIST(2):
        post_word(u, (address - IXP_CSR_MSF_RX_FREELIST(0)) / 4, value);
        return;
    case IXP_CSR_MSF_ELEMENT_DONE:
        if (element < ELEMENTS(m->rx_size)) {
            value = element << IXP_RSW_ELEMENT_SHIFT;
            ixp_msf_done(u, &value, 1);
        }
        return;
    default:
        break;
    }
    m->reg[(address - IXP_CSR_MSF) / 4] = value;
    if (address == IXP_CSR_MSF_RX_CONTROL) {
        m->rx_size = size_of(value);
        rx_clear(m);
    } else if (address == IXP_CSR_MSF_TX_CONTROL) {
        m->tx_size = size_of(value);
        tx_clear(m);
    }
}
