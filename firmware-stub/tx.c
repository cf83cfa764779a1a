/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The transmit program: moves frames into elements of TBUF and makes these
 * valid, from where the MSF sends them, in order, to the port's MAC.
 *
 * One frame after the other, whichever the ports, as their elements lie in
 * TBUF one behind the other: who transmits has tx_lock.  Frames of one VIF in a
 * row are one burst, under one lock and made valid together as far as TBUF
 * allows.  The MAC is asked before them for how many it has room, so that no
 * port that is full stands in the way of another.
 *
 * Called by port.c in any context.
 */
#include "fw.h"

/* What is tried before somebody else's turn: some 20 us. */
#define TX_TRIES                2000
/* Elements that are not sent yet and let a frame begin, of four. */
#define TX_IN_FLIGHT            3
/* Bytes behind which no other frame begins before others have their turn. */
#define TX_BURST_BYTES          16384
/*
 * How often the others may come in vain, each, before a VIF loses its turn:
 * longer than another thread takes to wake up, and not much longer than a turn.
 */
#define TX_VAIN                 16
/* Of a turn of one VIF while others wait for the port: a burst of frames. */
#define TX_TURN_BYTES           (FW_BURST_FRAMES * 1536)
/* Elements that are made valid together: a quarter of TBUF, or of all. */
#define TX_TOGETHER             (IXP_MSF_ELEMENTS / 4)

/* Elements that are filled and not valid yet. */
typedef struct Filler {
    SvnicFw *fw;
    uint32_t size;              /* bytes of an element */
    uint32_t elements;          /* of TBUF, a power of two */
    unsigned most;              /* of word[] */
    unsigned filled;
    uint32_t word[TX_TOGETHER];
} Filler;

/* Where the next byte of a frame is read. */
typedef struct Source {
    const uint8_t *data;
    uint32_t left;              /* bytes of this part */
    uint32_t done;              /* bytes of parts that follow the line */
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

static void begin(Filler *e, SvnicFw *fw)
{
    e->fw = fw;
    e->size = fw->units->msf.tx_size;
    e->elements = ixp_msf_tx_elements(fw->units);
    e->most = e->elements / 4;
    e->filled = 0;
}

/* Moves the next @n bytes of a frame. */
static void move(const Filler *e, const FwFrame *f, Source *s, uint8_t *to,
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

/* What the port has to finish, if there is anything, goes in front. */
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
 * Control words of elements that hold @n bytes, all but the last full, which
 * stand behind each other; those of the first one are in @first.
 */
static void put_words(Filler *e, uint32_t first, uint32_t n)
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

static void fill(Filler *e, unsigned port, const FwFrame *f)
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
        uint32_t most = e->most - e->filled;
        uint8_t *to = tbuf + at * e->size;
        uint32_t n;

        if (control & IXP_TBUF_SOP) {
            control |= prepend(f, to);
        }
        /* The elements up to the end of TBUF lie in one piece. */
        most = most < e->elements - at ? most : e->elements - at;
        n = most * e->size - IXP_TBUF_OFFSET(control);
        n = length < n ? length : n;
        move(e, f, &s, to + IXP_TBUF_OFFSET(control), n);
        put_words(e, control, n);
        length -= n;
        control = port;
        if (!length) {
            e->word[e->filled - 1] |= IXP_TBUF_EOP;
        }
        if (e->filled == e->most) {
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

/* TBUF has elements for a frame to begin. */
static bool may_begin(const Filler *e)
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

static void wait_no_more(FwPort *p, unsigned vif)
{
    if (fw_set_has(&p->out_waiting, vif)) {
        fw_set_remove(&p->out_waiting, vif);
        p->out_waiters--;
    }
}

/* Of those that wait, whose turn it is; whoever had begun one ends it. */
static unsigned next_in_turn(const FwPort *p)
{
    unsigned i = p->out_holder;

    if (p->out_left > 0 && fw_set_has(&p->out_waiting, i)) {
        return i;
    }
    i = fw_set_next(&p->out_waiting, p->out_turn);
    return i < SVNIC_MAX_VIFS ? i : fw_set_next(&p->out_waiting, 0);
}

/*
 * Whether @vif may send to a port that has room and for which others wait.
 * Contexts run in a fixed order, so whoever comes first would take all the room
 * each time.  Those that found the port full, or not their turn, have turns one
 * after the other.  One that does not come any more, whatever its owner has
 * done meanwhile, loses its turn when the others have come TX_VAIN times each.
 */
static FW_COLD bool has_turn(FwPort *p, unsigned vif)
{
    unsigned next = next_in_turn(p);

    if (p->out_holder == vif && p->out_left > 0) {
        return true;
    }
    if (next != vif && ++p->out_put_off > TX_VAIN * p->out_waiters) {
        wait_no_more(p, next);
        p->out_put_off = 0;
        next = next_in_turn(p);
    }
    if (next != vif) {
        return false;
    }
    p->out_turn = vif + 1;
    p->out_holder = vif;
    p->out_left = TX_TURN_BYTES;
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
    uint32_t before = 0;        /* bytes of frames, as the MAC counts them */
    uint32_t room;

    *sent = 0;
    if (FW_UNLIKELY(!lock(fw))) {
        fw_count_shared(&p->out_busy, 1);
        return FW_BUSY;
    }
    begin(&e, fw);
    if (FW_UNLIKELY(!may_begin(&e))) {
        fw_count_shared(&p->out_busy, 1);
        result = FW_BUSY;
    } else if (FW_UNLIKELY(!ixp_port_room(fw->ix, port, me, context,
                                          &room))) {
        fw_count_shared(&p->out_full, 1);
        wait_for_port(p, vif);
        result = FW_NO_ROOM;
    } else if (FW_UNLIKELY(p->out_waiters) && !has_turn(p, vif)) {
        wait_for_port(p, vif);
        ixp_port_wait(fw->ix, port, me, context);
        result = FW_NO_ROOM;
    } else {
        room = room < TX_BURST_BYTES ? room : TX_BURST_BYTES;
        do {
            const FwFrame *f = frame[(*sent)++];

            fill(&e, port, f);
            before += f->length + IXP_PORT_FRAME_BYTES;
        } while (*sent < n && before <= room && may_begin(&e));
        make_valid(&e);
        if (FW_UNLIKELY(p->out_waiters)) {
            wait_no_more(p, vif);
            p->out_left -= before;
            p->out_put_off = 0;
        }
    }
    ixp_unlock(&fw->tx_lock);
    return result;
}
