/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 MSF, transmit: TBUF between the firmware and the ports' MACs, the
 * transmit state machine, and the registers of the whole MSF.
 *
 * Elements that firmware has made valid go to the MAC in the order of their
 * place in TBUF. Reception is in ixp2400-rbuf.c.
 *
 * Called by firmware on any thread; see ixp_msf.h for locks.  Does not use
 * QEMU.
 *
 * Spec: "MSF".
 */
#include <string.h>

#include "ixp.h"

#define ELEMENTS(size)  ((size) ? IXP_MSF_BUFFER / (size) : 0)

static void count(uint64_t *counter, uint64_t n)
{
    __atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/* ---- transmit ---- */

/*
 * Number of the @n valid elements from this one on that are contiguous data of
 * one frame: each is full, and the next starts at offset 0.
 */
static unsigned count_piece(const IxpMsf *m, const uint32_t *control,
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
 * Sends the first of @n valid elements from @element on, and those with
 * contiguous data of the same frame; returns how many, and adds the bit of the
 * port if its frame is complete.
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
        /* Data beyond the element, or for no port, is discarded. */
        count(&m->tx_bad, 1);
        return 1;
    }
    n = count_piece(m, control, n);
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

/* Sends @n valid elements from @element on, not beyond the end of TBUF. */
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

/* ixp_msf_send() of @n elements that do not wrap. */
static void send_part(IxpUnits *u, unsigned element, const uint32_t *control,
                      unsigned n, unsigned *whole)
{
    IxpMsf *m = &u->msf;
    unsigned elements = ELEMENTS(m->tx_size);   /* a power of two */
    unsigned next = m->tx_sequence & (elements - 1);

    memcpy(m->tx_control + element, control, n * sizeof(*control));
    if (element == next && !(m->tx_valid[0] | m->tx_valid[1])) {
        /* In order, and no valid element follows them. */
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

/* Bytes of an element, by the value of a control register. */
static uint32_t size_of(uint32_t control)
{
    uint32_t code = control >> IXP_MSF_CONTROL_SIZE_SHIFT & 3;

    if (!(control & IXP_MSF_CONTROL_ENABLE)) {
        return 0;
    }
    return IXP_MSF_ELEMENT_MIN << (code < 2 ? code : 2);
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
    ixp_msf_rx_clear(u);
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
        /* TBUF is one partition: the others are empty. */
        return IXP_MSF_SEQUENCE_IDLE;
    default:
        return m->reg[(address - IXP_CSR_MSF) / 4];
    }
}

/* A post by register: no element is returned, the context is signalled. */
static void post_word(IxpUnits *u, unsigned list, uint32_t value)
{
    unsigned me = IXP_MSF_FREELIST_ME(value);
    unsigned context = IXP_MSF_FREELIST_CONTEXT(value);

    if (me >= u->config.microengines || context >= u->config.contexts) {
        ixp_unit_reserved(u);
        return;
    }
    ixp_msf_post(u, list, me, context);
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
        ixp_msf_rx_clear(u);
    } else if (address == IXP_CSR_MSF_TX_CONTROL) {
        m->tx_size = size_of(value);
        tx_clear(m);
    }
}
