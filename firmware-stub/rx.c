/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The receive side of the ports: takes elements of RBUF, finds frames in them,
 * and releases each element.
 *
 * Each port has a freelist and one context that is posted there.  The MSF puts
 * a port's elements on the list in order, and the context takes them in order,
 * so the pieces of a frame are found in order; those of other ports are on
 * other lists.  A frame that is complete and contiguous is delivered from RBUF,
 * and its elements are released afterwards.  Any other is reassembled in the
 * port's buffer in SDRAM. Elements of no frame, or of one that is damaged or
 * too long, are skipped up to the next start.
 *
 * Called by port.c in the one context that receives from the port.
 */
#include "fw.h"

enum {
    RX_IDLE,                    /* the next element starts a frame */
    RX_FRAME,
    RX_COMPLETE,                   /* complete, not yet delivered */
    RX_SKIP,                    /* skips the rest of a frame */
};

/*
 * Elements that must not be used, by erratum 69 of the IXP2400: these three for
 * each element size, and element 0.
 */
static const uint8_t errata[][3] = {
    { 9, 18, 27 }, { 4, 9, 13 }, { 2, 4, 6 },
};

static bool is_usable(uint32_t size_code, unsigned element)
{
    for (unsigned i = 0; i < sizeof(errata[0]); i++) {
        if (errata[size_code][i] == element) {
            return false;
        }
    }
    return element;
}

/* The value of MSF_RX_CONTROL and MSF_TX_CONTROL, and its size code. */
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
        if (is_usable(code, i)) {
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

/* Updates the state of reassembly by an element's status word. */
static void check_status(SvnicFw *fw, unsigned port, uint32_t rsw, uint32_t n)
{
    FwPort *p = &fw->port[port];

    if (rsw & IXP_RSW_SOP) {
        if (p->rx_state == RX_FRAME) {
            drop(fw, port);     /* the end is missing */
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
 * Counts the first of @limit elements that hold @n bytes each of the middle of
 * a frame; element 0 always counts.  Eight at a time, then one by one.  Where
 * they lie in RBUF does not matter.  Status words behind @limit are read, but
 * not counted.
 */
static unsigned count_middle(const SvnicFw *fw, const uint32_t *rsw, uint32_t n,
                             unsigned limit)
{
    const uint32_t middle = rsw[0] & ~(IXP_RSW_SOP | IXP_RSW_ELEMENTS);
    const IxpWords middles = { middle, middle, middle, middle };
    unsigned count = 1;

    if (n != fw->units->msf.rx_size || rsw[0] & IXP_RSW_EOP) {
        return 1;
    }
    while (count < limit && !ixp_words_differ(rsw + count, middles, middles,
                                              ~IXP_RSW_ELEMENTS)) {
        count += 8;
    }
    while (count < limit && !((rsw[count] ^ middle) & ~IXP_RSW_ELEMENTS)) {
        count++;
    }
    return count < limit ? count : limit;
}

/*
 * Appends the next element, and middle elements that follow it contiguously, to
 * the port's buffer; returns how many.
 */
static unsigned reassemble_next(SvnicFw *fw, unsigned port, const uint32_t *rsw,
                                unsigned limit)
{
    FwPort *p = &fw->port[port];
    uint32_t n = ixp_rsw_count(rsw[0]);
    const uint8_t *data = ixp_rbuf(fw->units, rsw[0]);
    unsigned count = 1;

    check_status(fw, port, rsw[0], n);
    if (FW_LIKELY(p->rx_state == RX_FRAME)) {
        count = count_middle(fw, rsw, n, limit);
        if (FW_UNLIKELY(count * n > SVNIC_MAX_FRAME - p->rx_length) ||
            !ixp_rbuf_piece(fw->units, rsw, count)) {
            count = 1;
        }
        memcpy(buffer(fw, port) + p->rx_length, data, count * n);
        p->rx_length += count * n;
    }
    if (rsw[0] & IXP_RSW_EOP) {
        p->rx_state = p->rx_state == RX_FRAME ? RX_COMPLETE : RX_IDLE;
    }
    return count;
}

void fw_rx_release(SvnicFw *fw, unsigned port)
{
    FwPort *p = &fw->port[port];

    if (p->rx_released != p->rx_at) {
        ixp_msf_done(fw->units, p->rsw + p->rx_released,
                     p->rx_at - p->rx_released);
        p->rx_released = p->rx_at;
    }
}

/* Takes more elements, behind those not yet released; false: none. */
static bool fetch(SvnicFw *fw, unsigned port, unsigned me, unsigned context)
{
    FwPort *p = &fw->port[port];
    unsigned n = 0;

    fw_rx_release(fw, port);
    p->rx_count -= p->rx_at;
    memmove(p->rsw, p->rsw + p->rx_at, p->rx_count * sizeof(p->rsw[0]));
    p->rx_at = 0;
    p->rx_released = 0;
    if (p->rx_count < FW_RX_ELEMENTS) {
        n = ixp_msf_receive(fw->units, port, me, context,
                            p->rsw + p->rx_count,
                            FW_RX_ELEMENTS - p->rx_count);
    }
    p->rx_count += n;
    return n;
}

/*
 * Returns the number of elements of a complete, undamaged frame that is
 * contiguous in RBUF; 0 if there is none at @rsw, or not yet.
 */
static unsigned frame_in_place(const SvnicFw *fw, const uint32_t *rsw,
                               unsigned limit, FwRxFrame *frame)
{
    const uint32_t size = fw->units->msf.rx_size;
    unsigned last = 0;

    if (!limit ||
        (rsw[0] & (IXP_RSW_SOP | IXP_RSW_ERRORS | IXP_RSW_NULL)) !=
        IXP_RSW_SOP) {
        return 0;
    }
    if (!(rsw[0] & IXP_RSW_EOP)) {
        if (ixp_rsw_count(rsw[0]) != size) {
            return 0;
        }
        last = count_middle(fw, rsw, size, limit);
        if (last == limit || !(rsw[last] & IXP_RSW_EOP) ||
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

/* Finds complete, contiguous frames from the next element on. */
static unsigned frames_in_place(SvnicFw *fw, unsigned port, unsigned *elements,
                                FwRxFrame *frame, unsigned limit)
{
    FwPort *p = &fw->port[port];
    unsigned at = p->rx_at;
    unsigned n;

    for (n = 0; n < limit; n++) {
        unsigned left = p->rx_count - at;
        unsigned count = frame_in_place(fw, p->rsw + at,
                             left < *elements ? left : *elements, &frame[n]);

        if (!count) {
            break;
        }
        *elements -= count;
        at += count;
    }
    return n;
}

/* Reassembles one frame in SDRAM; false: none is complete. */
static bool reassemble(SvnicFw *fw, unsigned port, unsigned me,
                       unsigned context, unsigned *elements, FwRxFrame *frame)
{
    FwPort *p = &fw->port[port];
    unsigned left;
    unsigned count;

    while (p->rx_state != RX_COMPLETE) {
        if ((p->rx_at == p->rx_count && !fetch(fw, port, me, context)) ||
            !*elements) {
            return false;
        }
        left = p->rx_count - p->rx_at;
        count = reassemble_next(fw, port, p->rsw + p->rx_at,
                                left < *elements ? left : *elements);
        *elements -= count;
        fw_accessed(fw, me, IXP_MEMORY_DRAM, count);
        p->rx_at += count - (p->rx_state == RX_COMPLETE);
    }
    fw_accessed(fw, me, IXP_MEMORY_DRAM, FW_ACCESSES(p->rx_length, 1));
    /* Its last element is held until it is delivered. */
    *frame = (FwRxFrame) {
        .data = buffer(fw, port), .length = p->rx_length, .elements = 1,
    };
    return true;
}

unsigned fw_rx_frames(SvnicFw *fw, unsigned port, unsigned me,
                      unsigned context, unsigned *elements, FwRxFrame *frame,
                      unsigned limit)
{
    FwPort *p = &fw->port[port];
    unsigned n = 0;

    if (p->rx_state == RX_IDLE) {
        n = frames_in_place(fw, port, elements, frame, limit);
        if (!n) {
            if (!fetch(fw, port, me, context) && !p->rx_count) {
                return 0;
            }
            n = frames_in_place(fw, port, elements, frame, limit);
        }
    }
    return n ? n : reassemble(fw, port, me, context, elements, frame);
}

void fw_rx_done(SvnicFw *fw, unsigned port, const FwRxFrame *frame, unsigned n)
{
    FwPort *p = &fw->port[port];

    for (unsigned i = 0; i < n; i++) {
        p->rx_state = RX_IDLE;
        p->rx_at += frame[i].elements;
    }
}
