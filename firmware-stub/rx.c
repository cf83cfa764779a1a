/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The receive program: takes elements of RBUF, finds frames in them, and gives
 * each element back.
 *
 * Each port has a freelist, and one context that is posted there.  The MSF
 * puts a port's elements on the list in order, and the context takes them in
 * order, so frames come together as they were cut; those of other ports lie
 * on other lists.  A frame that is there whole is passed on from RBUF, and its
 * elements are given back when it was.  Any other is put together in the port's
 * buffer in SDRAM.  An element of no frame, or of one that is damaged or too
 * long, is passed over up to the next start.
 *
 * Called by port.c in the one context that receives from the port.
 */
#include "fw.h"

enum {
    RX_IDLE,                    /* the next element starts a frame */
    RX_FRAME,
    RX_WHOLE,                   /* it is there, and not done with */
    RX_SKIP,                    /* passes over what is left of one */
};

/*
 * Elements that must not be given to the MSF, by erratum 69 of the IXP2400:
 * these three of each size's, and the first.
 */
static const uint8_t errata[][3] = {
    { 9, 18, 27 }, { 4, 9, 13 }, { 2, 4, 6 },
};

static bool may_be_given(uint32_t size_code, unsigned element)
{
    for (unsigned i = 0; i < sizeof(errata[0]); i++) {
        if (errata[size_code][i] == element) {
            return false;
        }
    }
    return element;
}

/* The code of a size, as MSF_RX_CONTROL and MSF_TX_CONTROL have it. */
static uint32_t control_word(const SvnicFw *fw, uint32_t *code)
{
    uint32_t size = fw->units->config.msf_element;

    *code = size <= 64 ? 0 : size <= 128 ? 1 : 2;
    return IXP_MSF_CONTROL_ENABLE | *code << IXP_MSF_CONTROL_SIZE_SHIFT;
}

void fw_tx_boot(SvnicFw *fw)
{
    uint32_t code;

    ixp_csr_write(fw->units, IXP_CSR_MSF_TX_CONTROL, control_word(fw, &code));
}

void fw_rx_boot(SvnicFw *fw)
{
    uint32_t code;
    uint32_t map = 0;

    ixp_csr_write(fw->units, IXP_CSR_MSF_RX_CONTROL, control_word(fw, &code));
    for (unsigned i = 0; i < (unsigned)IXP_MSF_ELEMENTS >> code; i++) {
        if (may_be_given(code, i)) {
            ixp_csr_write(fw->units, IXP_CSR_MSF_ELEMENT_DONE,
                          i << IXP_MSF_DONE_SHIFT);
        }
    }
    for (unsigned i = 0; i < fw->ports; i++) {
        map |= IXP_MSF_PORT_MAP(i, i);
    }
    ixp_csr_write(fw->units, IXP_CSR_MSF_RX_PORT_MAP, map);
}

static uint8_t *buffer(const SvnicFw *fw, unsigned port)
{
    return fw->sdram + FW_PORT_BUFFERS + port * FW_PORT_BUFFER_SIZE;
}

static void drop(SvnicFw *fw, unsigned port)
{
    FwPort *p = &fw->port[port];

    fw_count(&p->in_errors, 1);
    ixp_trace(fw->ix, FW_EVENT_DROP, port, FW_DROP_PORT_ERROR,
              p->rx_length);
}

/* What an element is to the frame that it belongs to, if to any. */
static void look(SvnicFw *fw, unsigned port, uint32_t rsw, uint32_t n)
{
    FwPort *p = &fw->port[port];

    if (rsw & IXP_RSW_SOP) {
        if (p->rx_state == RX_FRAME) {
            drop(fw, port);     /* its end never came */
        }
        p->rx_state = RX_FRAME;
        p->rx_length = 0;
    }
    if (p->rx_state == RX_IDLE ||
        (p->rx_state == RX_FRAME &&
         (rsw & IXP_RSW_ERRORS || n > SVNIC_MAX_FRAME - p->rx_length ||
          (rsw & IXP_RSW_EOP && p->rx_length + n < SVNIC_MIN_FRAME)))) {
        drop(fw, port);
        p->rx_state = RX_SKIP;
    }
}

/*
 * Of @most elements, those that hold @n bytes each of the middle of a frame,
 * the first whatever it is; by eights, and then one by one.  An element's place
 * in RBUF does not matter.  What is behind @most is looked at, but does not
 * count.
 */
static unsigned in_a_row(const SvnicFw *fw, const uint32_t *rsw, uint32_t n,
                         unsigned most)
{
    const uint32_t middle = rsw[0] & ~(IXP_RSW_SOP | IXP_RSW_ELEMENTS);
    const IxpWords middles = { middle, middle, middle, middle };
    unsigned row = 1;

    if (n != fw->units->msf.rx_size || rsw[0] & IXP_RSW_EOP) {
        return 1;
    }
    while (row < most && !ixp_words_differ(rsw + row, middles, middles,
                                           ~IXP_RSW_ELEMENTS)) {
        row += 8;
    }
    while (row < most && !((rsw[row] ^ middle) & ~IXP_RSW_ELEMENTS)) {
        row++;
    }
    return row < most ? row : most;
}

/* Takes the next element, and those that go on from it; returns how many. */
static unsigned take(SvnicFw *fw, unsigned port, const uint32_t *rsw,
                     unsigned most)
{
    FwPort *p = &fw->port[port];
    uint32_t n = ixp_rsw_count(rsw[0]);
    const uint8_t *data = ixp_rbuf(fw->units, rsw[0]);
    unsigned row = 1;

    look(fw, port, rsw[0], n);
    if (FW_LIKELY(p->rx_state == RX_FRAME)) {
        row = in_a_row(fw, rsw, n, most);
        if (FW_UNLIKELY(row * n > SVNIC_MAX_FRAME - p->rx_length) ||
            !ixp_rbuf_piece(fw->units, rsw, row)) {
            row = 1;
        }
        memcpy(buffer(fw, port) + p->rx_length, data, row * n);
        p->rx_length += row * n;
    }
    if (rsw[0] & IXP_RSW_EOP) {
        p->rx_state = p->rx_state == RX_FRAME ? RX_WHOLE : RX_IDLE;
    }
    return row;
}

void fw_rx_give_back(SvnicFw *fw, unsigned port)
{
    FwPort *p = &fw->port[port];

    if (p->rx_given != p->rx_at) {
        ixp_msf_done(fw->units, p->rsw + p->rx_given,
                     p->rx_at - p->rx_given);
        p->rx_given = p->rx_at;
    }
}

/* Takes more elements, behind those that are not done with; false: none. */
static bool fetch(SvnicFw *fw, unsigned port, unsigned me, unsigned context)
{
    FwPort *p = &fw->port[port];
    unsigned n = 0;

    fw_rx_give_back(fw, port);
    p->rx_count -= p->rx_at;
    memmove(p->rsw, p->rsw + p->rx_at, p->rx_count * sizeof(p->rsw[0]));
    p->rx_at = 0;
    p->rx_given = 0;
    if (p->rx_count < FW_RX_ELEMENTS) {
        n = ixp_msf_receive(fw->units, port, me, context,
                            p->rsw + p->rx_count,
                            FW_RX_ELEMENTS - p->rx_count);
    }
    p->rx_count += n;
    return n;
}

/*
 * How many of @most elements are a frame, whole and sound, that can be read
 * where it is; 0: it is not so, or not yet.
 */
static unsigned whole(const SvnicFw *fw, const uint32_t *rsw, unsigned most,
                      FwRxFrame *frame)
{
    const uint32_t size = fw->units->msf.rx_size;
    unsigned last = 0;

    if (!most ||
        (rsw[0] & (IXP_RSW_SOP | IXP_RSW_ERRORS | IXP_RSW_NULL)) !=
        IXP_RSW_SOP) {
        return 0;
    }
    if (!(rsw[0] & IXP_RSW_EOP)) {
        if (ixp_rsw_count(rsw[0]) != size) {
            return 0;
        }
        last = in_a_row(fw, rsw, size, most);
        if (last == most || !(rsw[last] & IXP_RSW_EOP) ||
            (rsw[last] ^ rsw[0] ^ IXP_RSW_SOP) &
            ~(IXP_RSW_EOP | IXP_RSW_COUNT | IXP_RSW_ELEMENTS)) {
            return 0;
        }
    }
    frame->data = ixp_rbuf_piece(fw->units, rsw, last + 1);
    frame->length = last * size + ixp_rsw_count(rsw[last]);
    frame->elements = last + 1;
    return frame->data && frame->length >= SVNIC_MIN_FRAME ? last + 1 : 0;
}

/* Frames that are whole from the next element on, as they are in RBUF. */
static unsigned rows(SvnicFw *fw, unsigned port, unsigned *elements,
                     FwRxFrame *frame, unsigned most)
{
    FwPort *p = &fw->port[port];
    unsigned at = p->rx_at;
    unsigned n;

    for (n = 0; n < most; n++) {
        unsigned left = p->rx_count - at;
        unsigned row = whole(fw, p->rsw + at,
                             left < *elements ? left : *elements, &frame[n]);

        if (!row) {
            break;
        }
        *elements -= row;
        at += row;
    }
    return n;
}

/* One frame that is put together in SDRAM; false: none is whole. */
static bool in_pieces(SvnicFw *fw, unsigned port, unsigned me,
                      unsigned context, unsigned *elements, FwRxFrame *frame)
{
    FwPort *p = &fw->port[port];
    unsigned left;
    unsigned row;

    while (p->rx_state != RX_WHOLE) {
        if ((p->rx_at == p->rx_count && !fetch(fw, port, me, context)) ||
            !*elements) {
            return false;
        }
        left = p->rx_count - p->rx_at;
        row = take(fw, port, p->rsw + p->rx_at,
                   left < *elements ? left : *elements);
        *elements -= row;
        fw_accessed(fw, me, IXP_MEMORY_DRAM, row);
        p->rx_at += row - (p->rx_state == RX_WHOLE);
    }
    fw_accessed(fw, me, IXP_MEMORY_DRAM, FW_ACCESSES(p->rx_length, 1));
    /* Its last element is kept until it is passed on. */
    *frame = (FwRxFrame) {
        .data = buffer(fw, port), .length = p->rx_length, .elements = 1,
    };
    return true;
}

unsigned fw_rx_frames(SvnicFw *fw, unsigned port, unsigned me,
                      unsigned context, unsigned *elements, FwRxFrame *frame,
                      unsigned most)
{
    FwPort *p = &fw->port[port];
    unsigned n = 0;

    if (p->rx_state == RX_IDLE) {
        n = rows(fw, port, elements, frame, most);
        if (!n) {
            if (!fetch(fw, port, me, context) && !p->rx_count) {
                return 0;
            }
            n = rows(fw, port, elements, frame, most);
        }
    }
    return n ? n : in_pieces(fw, port, me, context, elements, frame);
}

void fw_rx_done(SvnicFw *fw, unsigned port, const FwRxFrame *frame, unsigned n)
{
    FwPort *p = &fw->port[port];

    for (unsigned i = 0; i < n; i++) {
        p->rx_state = RX_IDLE;
        p->rx_at += frame[i].elements;
    }
}
