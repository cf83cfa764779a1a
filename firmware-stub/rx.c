/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The receive program: takes elements of RBUF, puts frames together in the
 * port's buffer in SDRAM, and gives each element back.
 *
 * Each port has a freelist, and one context that is posted there.  The MSF
 * puts a port's elements on the list in order, and the context takes them in
 * order, so frames come together as they were cut; those of other ports lie
 * on other lists.  An element of no frame, or of one that is damaged or too
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
    ixp_trace(fw->ix, IXP_TRACE_DROP, port, IXP_DROP_PORT_ERROR,
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
 * Of @most elements, those that hold @n bytes each of the middle of a frame and
 * lie in RBUF one behind the other, the first whatever it is.
 */
static unsigned in_a_row(const SvnicFw *fw, const uint32_t *rsw, uint32_t n,
                         unsigned most)
{
    uint32_t next = rsw[0] & ~IXP_RSW_SOP;
    unsigned row = 1;

    if (n == fw->units->msf.rx_size && !(rsw[0] & IXP_RSW_EOP)) {
        while (row < most &&
               rsw[row] == (next += 1u << IXP_RSW_ELEMENT_SHIFT)) {
            row++;
        }
    }
    return row;
}

/* Takes the next element, and those that go on from it; returns how many. */
static unsigned take(SvnicFw *fw, unsigned port, const uint32_t *rsw,
                     unsigned most)
{
    FwPort *p = &fw->port[port];
    uint32_t n = ixp_rsw_count(rsw[0]);
    unsigned row = 1;

    look(fw, port, rsw[0], n);
    if (FW_LIKELY(p->rx_state == RX_FRAME)) {
        row = in_a_row(fw, rsw, n, most);
        if (FW_UNLIKELY(row * n > SVNIC_MAX_FRAME - p->rx_length)) {
            row = 1;
        }
        memcpy(buffer(fw, port) + p->rx_length, ixp_rbuf(fw->units, rsw[0]),
               row * n);
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

const uint8_t *fw_rx_frame(SvnicFw *fw, unsigned port, unsigned me,
                           unsigned context, unsigned *elements,
                           uint32_t *length)
{
    FwPort *p = &fw->port[port];
    unsigned left;
    unsigned row;

    while (p->rx_state != RX_WHOLE) {
        if (p->rx_at == p->rx_count) {
            fw_rx_give_back(fw, port);
            p->rx_given = 0;
            p->rx_at = 0;
            p->rx_count = ixp_msf_receive(fw->units, port, me, context,
                                          p->rsw, FW_RX_ELEMENTS);
        }
        if (!p->rx_count || !*elements) {
            return NULL;
        }
        left = p->rx_count - p->rx_at;
        row = take(fw, port, p->rsw + p->rx_at,
                   left < *elements ? left : *elements);
        *elements -= row;
        p->rx_at += row - (p->rx_state == RX_WHOLE);
    }
    *length = p->rx_length;
    return buffer(fw, port);
}

void fw_rx_done(SvnicFw *fw, unsigned port)
{
    FwPort *p = &fw->port[port];

    p->rx_state = RX_IDLE;
    p->rx_at++;                 /* its last element was kept until now */
}
