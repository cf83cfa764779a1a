/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The transmit program: moves frames into elements of TBUF and makes these
 * valid, from where the MSF sends them, in order, to the port's MAC.
 *
 * One frame after the other, whichever the ports, as their elements lie in
 * TBUF one behind the other: who transmits has tx_lock.  The MAC is asked
 * before a frame whether it has room for it, so that no port that is full
 * stands in the way of another.
 *
 * Called by port.c in any context.
 */
#include "fw.h"

/* What is tried before somebody else's turn: some 20 us. */
#define TX_TRIES                2000
/* Elements that are not sent yet and let a frame begin, of four. */
#define TX_IN_FLIGHT            3
/* Elements that are made valid together. */
#define TX_TOGETHER             16

/* The element that is being filled. */
typedef struct Element {
    SvnicFw *fw;
    uint8_t *payload;
    uint32_t control;           /* without length and EOP */
    uint32_t room;              /* bytes of payload that fit */
    uint32_t length;            /* that are there */
    uint32_t size;              /* of any element */
    uint32_t elements;
    unsigned filled;            /* of word[], not valid yet */
    uint32_t word[TX_TOGETHER];
} Element;

_Static_assert(sizeof(IxpOffload) <= 31,
               "the offload header can be prepended");

static void next_element(Element *e, uint32_t control)
{
    uint32_t n = (e->fw->tx_filled + e->filled) & (e->elements - 1);

    e->control = control;
    e->payload = e->fw->units->msf.tbuf + n * e->size +
                 IXP_TBUF_OFFSET(control);
    e->room = e->size - IXP_TBUF_OFFSET(control);
    e->length = 0;
}

static void make_valid(Element *e)
{
    ixp_msf_send(e->fw->units, e->fw->tx_filled & (e->elements - 1), e->word,
                 e->filled);
    e->fw->tx_filled += e->filled;
    e->filled = 0;
}

/* Ends an element; the last one of a frame has EOP. */
static void end_element(Element *e, uint32_t flags)
{
    e->word[e->filled++] = e->control |
                           e->length << IXP_TBUF_LENGTH_SHIFT | flags;
    if (e->filled == TX_TOGETHER || flags) {
        make_valid(e);
    }
}

/*
 * Elements from this one on, which is empty, that @n bytes fill, up to the end
 * of TBUF and to where they are made valid.
 */
static uint32_t whole_elements(const Element *e, uint32_t n)
{
    uint32_t at = (e->fw->tx_filled + e->filled) & (e->elements - 1);
    uint32_t most = TX_TOGETHER - e->filled;

    most = most < e->elements - at ? most : e->elements - at;
    return n / e->size < most ? n / e->size : most;
}

static void put_bytes(Element *e, const uint8_t *data, uint32_t n)
{
    while (n) {
        uint32_t part;
        uint32_t whole = 1;

        if (e->length == e->room) {
            end_element(e, 0);
            next_element(e, IXP_TBUF_PORT(e->control));
        }
        part = e->room - e->length < n ? e->room - e->length : n;
        if (part == e->size) {
            whole = whole_elements(e, n);
            part *= whole;
        }
        memcpy(e->payload + e->length, data, part);
        while (--whole) {
            e->length = e->size;
            end_element(e, 0);
            next_element(e, IXP_TBUF_PORT(e->control));
            part -= e->size;
            data += e->size;
            n -= e->size;
        }
        e->length += part;
        data += part;
        n -= part;
    }
}

/* The first element; what the port has to finish goes in front. */
static void first_element(Element *e, unsigned port, const FwFrame *f)
{
    const struct svnic_frame *h = &f->line.head;
    uint32_t control = IXP_TBUF_SOP | port;

    if (h->flags & fw_le16(SVNIC_FRAME_F_NEEDS_CSUM)) {
        const IxpOffload offload = {
            .needs_csum = true,
            .gso_type = h->gso_type,
            .hdr_len = fw_le16(h->hdr_len),
            .gso_size = fw_le16(h->gso_size),
            .csum_start = fw_le16(h->csum_start),
            .csum_offset = fw_le16(h->csum_offset),
        };

        control |= sizeof(offload) << IXP_TBUF_PREPEND_SHIFT;
        next_element(e, control);
        memcpy(e->payload - IXP_TBUF_OFFSET(control), &offload,
               sizeof(offload));
    } else {
        next_element(e, control);
    }
}

static void fill(SvnicFw *fw, unsigned port, const FwFrame *f)
{
    Element e FW_UNINITIALIZED;
    const uint8_t *data;
    uint32_t done = 0;
    uint32_t length;

    e.fw = fw;
    e.elements = ixp_msf_tx_elements(fw->units);
    e.size = IXP_MSF_BUFFER / e.elements;
    e.filled = 0;
    first_element(&e, port, f);
    put_bytes(&e, f->line.data,
              f->length < FW_LINE_DATA ? f->length : FW_LINE_DATA);
    while ((length = fw_frame_part(fw, f, done, &data))) {
        put_bytes(&e, data, length);
        done += length;
    }
    end_element(&e, IXP_TBUF_EOP);
}

static bool lock(SvnicFw *fw)
{
    for (unsigned i = 0; i < TX_TRIES; i++) {
        if (FW_LIKELY(ixp_trylock(&fw->tx_lock))) {
            return true;
        }
    }
    return false;
}

FwResult fw_tx_frame(SvnicFw *fw, unsigned port, const FwFrame *f,
                     unsigned me, unsigned context)
{
    FwPort *p = &fw->port[port];
    FwResult result = FW_DONE;

    if (FW_UNLIKELY(!lock(fw))) {
        fw_count_shared(&p->out_busy, 1);
        return FW_BUSY;
    }
    if (FW_UNLIKELY(fw->tx_filled - ixp_msf_tx_sequence(fw->units) >=
                    ixp_msf_tx_elements(fw->units) / 4 * TX_IN_FLIGHT)) {
        fw_count_shared(&p->out_busy, 1);
        result = FW_BUSY;
    } else if (FW_UNLIKELY(!ixp_port_room(fw->ix, port, me, context))) {
        fw_count_shared(&p->out_full, 1);
        result = FW_NO_ROOM;
    } else {
        fill(fw, port, f);
    }
    ixp_unlock(&fw->tx_lock);
    return result;
}
