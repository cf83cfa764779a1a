/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The transmit side of the ports: copies frames into elements of TBUF and makes
 * these valid; the MSF sends them, in order, to the port's MAC.
 *
 * Elements of TBUF are used in ring order, whichever the port, so one frame is
 * copied at a time: the context that transmits holds tx_lock.  Consecutive
 * frames of one VIF are one batch, under one lock, and made valid together as
 * far as TBUF allows.  Before them the MAC is asked how much space it has, so
 * that a full port does not block another.
 *
 * Called by port.c in any context.
 */
#include "fw.h"

/* Tries to take tx_lock before giving up: some 20 us. */
#define TX_TRIES                2000
/* A frame may begin while less than this many quarters of TBUF are in use. */
#define TX_IN_FLIGHT            3
/* Limit of bytes of a batch: the next frame begins with the next call. */
#define TX_BURST_BYTES          16384
/*
 * A VIF loses its turn after this many refusals of each of the others: longer
 * than a thread takes to wake up, and not much longer than a turn.
 */
#define TX_MAX_SKIPPED          16
/* Bytes of a turn of one VIF while others wait for the port: a burst. */
#define TX_TURN_BYTES           (FW_BURST_FRAMES * 1536)
/* Most elements that are made valid together: a quarter of TBUF. */
#define TX_TOGETHER             (IXP_MSF_ELEMENTS / 4)

/* Elements that are filled but not valid yet. */
typedef struct Filler {
    SvnicFw *fw;
    uint32_t size;              /* bytes of an element */
    uint32_t elements;          /* of TBUF, a power of two */
    unsigned limit;              /* of word[] */
    unsigned filled;
    uint32_t word[TX_TOGETHER];
} Filler;

/* The position in a frame that is being copied. */
typedef struct Source {
    const uint8_t *data;
    uint32_t left;              /* bytes of this part */
    uint32_t done;              /* bytes of payload before the next part */
} Source;

_Static_assert(sizeof(IxpOffloadDesc) <= 31,
               "the offload header can be prepended");

static void make_valid(Filler *e)
{
    if (e->filled) {
        ixp_msf_send(e->fw->units, e->fw->tx_filled & (e->elements - 1),
                     e->word, e->filled);
        e->fw->tx_filled += e->filled;
        e->filled = 0;
    }
}

static void filler_init(Filler *e, SvnicFw *fw)
{
    e->fw = fw;
    e->size = fw->units->msf.tx_size;
    e->elements = ixp_msf_tx_elements(fw->units);
    e->limit = e->elements / 4;
    e->filled = 0;
}

/* Copies the next @n bytes of a frame. */
static void copy_part(const Filler *e, const FwFrame *f, Source *s, uint8_t *to,
                      uint32_t n)
{
    while (n) {
        uint32_t part = s->left < n ? s->left : n;

        memcpy(to, s->data, part);
        s->data += part;
        s->left -= part;
        to += part;
        n -= part;
        if (n) {
            s->left = fw_frame_part(e->fw, f, s->done, &s->data);
            s->done += s->left;
        }
    }
}

/* Prepends the offload descriptor if the port has to finish the frame. */
static uint32_t prepend(const FwFrame *f, uint8_t *element)
{
    const struct svnic_frame *h = &f->line.head;

    if (h->flags & fw_le16(SVNIC_FRAME_F_NEEDS_CSUM)) {
        /* Both are little-endian. */
        const IxpOffloadDesc offload = {
            .flags = IXP_OFFLOAD_CSUM,
            .gso_type = h->gso_type,
            .hdr_len = h->hdr_len,
            .gso_size = h->gso_size,
            .csum_start = h->csum_start,
            .csum_offset = h->csum_offset,
        };

        memcpy(element, &offload, sizeof(offload));
        return sizeof(offload) << IXP_TBUF_PREPEND_SHIFT;
    }
    return 0;
}

/*
 * Makes the control words of contiguous elements that hold @n bytes, all but
 * the last one full; @first has the flags and offset of the first one.
 */
static void put_control_words(Filler *e, uint32_t first, uint32_t n)
{
    uint32_t room = e->size - IXP_TBUF_OFFSET(first);
    uint32_t full = IXP_TBUF_PORT(first) | e->size << IXP_TBUF_LENGTH_SHIFT;

    if (n > room) {
        e->word[e->filled++] = first | room << IXP_TBUF_LENGTH_SHIFT;
        n -= room;
        while (n > e->size) {
            e->word[e->filled++] = full;
            n -= e->size;
        }
        first = IXP_TBUF_PORT(first);
    }
    e->word[e->filled++] = first | n << IXP_TBUF_LENGTH_SHIFT;
}

static void fill_frame(Filler *e, unsigned port, const FwFrame *f)
{
    uint32_t length = f->length;
    uint32_t control = IXP_TBUF_SOP | port;
    uint8_t *tbuf = e->fw->units->msf.tbuf;
    Source s = {
        .data = f->line.data,
        .left = length < FW_LINE_DATA ? length : FW_LINE_DATA,
    };

    while (length) {
        uint32_t at = (e->fw->tx_filled + e->filled) & (e->elements - 1);
        uint32_t limit = e->limit - e->filled;
        uint8_t *to = tbuf + at * e->size;
        uint32_t n;

        if (control & IXP_TBUF_SOP) {
            control |= prepend(f, to);
        }
        /* The elements up to the end of TBUF are contiguous. */
        limit = limit < e->elements - at ? limit : e->elements - at;
        n = limit * e->size - IXP_TBUF_OFFSET(control);
        n = length < n ? length : n;
        copy_part(e, f, &s, to + IXP_TBUF_OFFSET(control), n);
        put_control_words(e, control, n);
        length -= n;
        control = port;
        if (!length) {
            e->word[e->filled - 1] |= IXP_TBUF_EOP;
        }
        if (e->filled == e->limit) {
            make_valid(e);
        }
    }
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

/* Whether TBUF has enough elements for a frame to begin. */
static bool tbuf_has_room(const Filler *e)
{
    return e->fw->tx_filled + e->filled - ixp_msf_tx_sequence(e->fw->units) <
           e->elements / 4 * TX_IN_FLIGHT;
}

static void wait_for_port(FwPort *p, unsigned vif)
{
    if (!fw_set_has(&p->out_waiting, vif)) {
        fw_set_add(&p->out_waiting, vif);
        p->out_waiters++;
    }
}

static void stop_waiting(FwPort *p, unsigned vif)
{
    if (fw_set_has(&p->out_waiting, vif)) {
        fw_set_remove(&p->out_waiting, vif);
        p->out_waiters--;
    }
}

/* The VIF that may send next: the current one until its deficit is used up. */
static unsigned next_in_turn(const FwPort *p)
{
    unsigned i = p->out_current;

    if (p->out_deficit > 0 && fw_set_has(&p->out_waiting, i)) {
        return i;
    }
    i = fw_set_next(&p->out_waiting, p->out_next_turn);
    return i < SVNIC_MAX_VIFS ? i : fw_set_next(&p->out_waiting, 0);
}

/*
 * Whether @vif may send to a port that has space and for which others wait.
 * Contexts run in a fixed order, so the first one would take all the space each
 * time.  VIFs that found the port full, or were refused here, are served in
 * deficit round robin.  If the next one does not send any more, it loses its
 * turn after TX_MAX_SKIPPED refusals of each of the others.
 */
static FW_COLD bool has_turn(FwPort *p, unsigned vif)
{
    unsigned next = next_in_turn(p);

    if (p->out_current == vif && p->out_deficit > 0) {
        return true;
    }
    if (next != vif && ++p->out_skipped > TX_MAX_SKIPPED * p->out_waiters) {
        stop_waiting(p, next);
        p->out_skipped = 0;
        next = next_in_turn(p);
    }
    if (next != vif) {
        return false;
    }
    p->out_next_turn = vif + 1;
    p->out_current = vif;
    p->out_deficit = TX_TURN_BYTES;
    return true;
}

FwResult fw_tx_frames(SvnicFw *fw, unsigned port, FwFrame *const frame[],
                      unsigned n, unsigned me, unsigned context,
                      unsigned *sent)
{
    FwPort *p = &fw->port[port];
    unsigned vif = FW_ORIGIN_VIF(frame[0]->origin);
    FwResult result = FW_DONE;
    Filler e FW_UNINITIALIZED;
    uint32_t before = 0;        /* bytes, as the MAC counts them */
    uint32_t room;

    *sent = 0;
    if (FW_UNLIKELY(!lock(fw))) {
        fw_count_shared(&p->out_busy, 1);
        return FW_BUSY;
    }
    filler_init(&e, fw);
    if (FW_UNLIKELY(!tbuf_has_room(&e))) {
        fw_count_shared(&p->out_busy, 1);
        result = FW_BUSY;
    } else if (FW_UNLIKELY(!ixp_port_room(fw->ix, port, me, context,
                                          &room))) {
        fw_count_shared(&p->out_full, 1);
        wait_for_port(p, vif);
        result = FW_NO_ROOM;
    } else if (FW_UNLIKELY(p->out_waiters) && !has_turn(p, vif)) {
        wait_for_port(p, vif);
        ixp_port_yield(fw->ix, port, me, context);
        result = FW_NO_ROOM;
    } else {
        room = room < TX_BURST_BYTES ? room : TX_BURST_BYTES;
        do {
            const FwFrame *f = frame[(*sent)++];

            fill_frame(&e, port, f);
            before += f->length + IXP_PORT_FRAME_BYTES;
        } while (*sent < n && before <= room && tbuf_has_room(&e));
        make_valid(&e);
        if (FW_UNLIKELY(p->out_waiters)) {
            stop_waiting(p, vif);
            p->out_deficit -= before;
            p->out_skipped = 0;
        }
    }
    ixp_unlock(&fw->tx_lock);
    return result;
}
