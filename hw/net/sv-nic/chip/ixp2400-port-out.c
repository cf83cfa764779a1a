/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 ports: frames towards the network.
 *
 * Outgoing frames are completed in the FIFO by the context that transmits, and
 * sent by a main-loop bottom half, one packet at a time.  A run of it is
 * bounded in packets and in time; it may end between two segments of a frame,
 * and continues there.
 *
 * Sending calls the net layer, and with it filters and back ends that may run
 * anything before they return: the bottom half itself, a received frame, a
 * reset, a stop of the machine, the end of this card.  So a run that is nested
 * in such a call does nothing, and each packet is accounted for before it is
 * sent; after it, all state is read again.  The memory of a frame stays
 * allocated while the frame is being sent.
 *
 * A packet that the peer does not take is queued by the net layer, one per
 * port, and nothing is sent until it is taken.  It cannot be cancelled: a back
 * end may have sent a part of it.  For the frames behind it there is a pause
 * watchdog, as in a switch: frames that have waited for its time are dropped,
 * and if the peer has taken nothing in that time, all that follow are dropped
 * until it does.  So no context waits for a port for longer.
 *
 * BQL, except for the functions that firmware calls.
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "qemu/main-loop.h"
#include "system/replay.h"
#include "ixp2400.h"
#include "trace.h"

/* Signals contexts that wait for space, once half of the buffer is free. */
static void ixp_port_signal_room(IxpPort *port)
{
    /* pairs with the barrier in ixp_port_room */
    smp_mb();
    if (ixp_fifo_free(&port->out) < port->out.size / 2) {
        return;
    }
    for (unsigned i = 0; i < IXP_RUNNABLE_WORDS; i++) {
        uint32_t bits = qatomic_read(&port->waiters[i]) ?
                        qatomic_xchg(&port->waiters[i], 0) : 0;

        while (bits) {
            ixp_signal(port->ix, &port->ix->context[i * 32 + ctz32(bits)],
                       IXP_SIGNAL_PORT_ROOM);
            bits &= bits - 1;
        }
    }
}

static void ixp_port_kick_out(IxpPort *port)
{
    if (!qatomic_read(&port->out_kicked) &&
        !qatomic_xchg(&port->out_kicked, true)) {
        ixp_bh_schedule(port->ix, port->out_bh);
    }
}

/* The peer took the packet that the net layer had queued, or it was purged. */
static void ixp_port_sent(NetClientState *nc, ssize_t len)
{
    IxpPort *port = qemu_get_nic_opaque(nc);

    port->out_held = false;
    port->out_dead = false;
    port->out_taken++;
    if (port->ix->live) {
        ixp_port_kick_out(port);
    }
}

/* The peer, or a fault, takes nothing. */
static bool ixp_port_waits(const IxpPort *port)
{
    return port->out_held || port->out_block;
}

/* A fault blocks the port before a packet. */
static bool ixp_port_fault_blocks(IxpPort *port)
{
    port->out_block = ixp_fault_later(&port->ix->units, IXP_FAULT_PORT_BLOCK,
                                      port->index, IXP_LATE_PORT,
                                      port->index, 0);
    return port->out_block;
}

void ixp_port_unblock(IxpPort *port)
{
    port->out_block = false;
    port->out_dead = port->out_dead && port->out_held;
    ixp_port_kick_out(port);
}

/* ---- one frame, one packet ---- */

static void ixp_port_out_pop(IxpPort *port, const IxpRecord *record)
{
    ixp_stage(port->ix, &port->out_stage, record->at);
    port->out_done = 0;
    ixp_fifo_pop(&port->out, record);
}

/*
 * Whether the first frame has waited too long, or is for a peer that is gone.
 */
static bool ixp_port_out_late(IxpPort *port)
{
    if (port->out_dropping &&
        (int32_t)(port->out_drop - port->out.tail) <= 0) {
        port->out_dropping = false;
    }
    return port->out_dead || port->out_dropping;
}

/* Drops frames before @end. */
static void ixp_port_out_drop_to(IxpPort *port, uint32_t end)
{
    uint32_t there = qatomic_load_acquire(&port->out.head) - port->out.tail;

    port->out_drop = end;
    port->out_dropping = end - port->out.tail <= there;
}

static void ixp_port_out_drop(IxpPort *port, const IxpRecord *record)
{
    trace_ixp_port_out_late(port->index, record->length, port->out_done);
    port->out_frames += !port->out_done;
    port->out_late++;
    ixp_port_out_pop(port, record);
}

/*
 * Drops the first frame if transmission is off or it is invalid; true: dropped.
 */
static bool ixp_port_out_refuse(IxpPort *port, IxpRecord *record,
                                uint32_t *done, IxpPacket *packet)
{
    const IxpOffload *o = &record->offload;

    if (!port->nic || !pm3386_transmits(&port->ix->units, port->index)) {
        trace_ixp_port_off(port->index, "out", record->length);
    } else if (!ixp_port_packet(port, o, record->frame, record->length, done,
                                packet)) {
        trace_ixp_port_out_bad(port->index, record->length, o->gso_type,
                               o->hdr_len, o->gso_size, o->csum_start,
                               o->csum_offset);
        port->out_bad++;
    } else {
        return false;
    }
    port->out_frames += !port->out_done;
    ixp_port_out_pop(port, record);
    return true;
}

/* Sends the next packet of the first frame. */
static void ixp_port_out_next(IxpPort *port, IxpRecord *record)
{
    uint32_t resets = port->out_resets;
    uint32_t done = port->out_done;
    IxpPacket packet;

    if (ixp_port_fault_blocks(port) ||
        ixp_port_out_refuse(port, record, &done, &packet)) {
        return;
    }
    if (!port->out_done) {
        port->out_frames++;
        port->out_bytes += record->length;
        trace_ixp_port_out(port->index, record->length);
    }
    port->out_packets++;
    port->out_done = done;
    port->out_sending = true;
    if (qemu_sendv_packet_async(qemu_get_queue(port->nic), packet.iov,
                                packet.parts, ixp_port_sent)) {
        port->out_taken++;
    } else {
        port->out_held = true;
        port->out_waits++;
    }
    port->out_sending = false;
    g_clear_pointer(&port->out_old, g_free);
    if (resets == port->out_resets && !done) {
        ixp_port_out_pop(port, record);
    }
}

/* ---- pause watchdog ---- */

/*
 * Frames that are in the FIFO now have this long, in virtual time, which does
 * not advance while the machine is stopped.  Not with icount or in a qtest, as
 * the network does not run in that time.
 */
static void ixp_port_watch(IxpPort *port)
{
    port->out_mark = qatomic_load_acquire(&port->out.head);
    port->out_taken_then = port->out_taken;
    timer_mod(port->out_timer, qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL_RT) +
              port->ix->watchdog);
}

static void ixp_port_watchdog(void *opaque)
{
    IxpPort *port = opaque;

    if (!ixp_port_waits(port) || !ixp_fifo_peek(&port->out)) {
        return;
    }
    ixp_port_out_drop_to(port, port->out_mark);
    port->out_dead = port->out_taken == port->out_taken_then;
    trace_ixp_port_watchdog(port->index, port->out_dead);
    ixp_port_kick_out(port);
    ixp_port_watch(port);
}

/* ---- the bottom half ---- */

/* Whether there is a frame that can be sent or dropped. */
static IxpRecord *ixp_port_out_first(IxpPort *port)
{
    if (!ixp_running(port->ix) ||
        (ixp_port_waits(port) && !ixp_port_out_late(port))) {
        return NULL;
    }
    return ixp_fifo_peek(&port->out);
}

static void ixp_port_out_some(IxpPort *port)
{
    int64_t begin = get_clock();
    uint64_t ns = 0;
    IxpRecord *record;
    unsigned n;

    /* A replay must end a run where its recording did. */
    for (n = 0; n < IXP_PORT_PACKETS &&
         (ns < IXP_PORT_NS || replay_mode != REPLAY_MODE_NONE) &&
         (record = ixp_port_out_first(port)); n++) {
        if (ixp_port_out_late(port)) {
            ixp_port_out_drop(port, record);
        } else {
            ixp_port_out_next(port, record);
        }
        ns = get_clock() - begin;
    }
    if (n) {
        ixp_run_count(&port->out_runs, begin);
    }
}

static void ixp_port_out_bh(void *opaque)
{
    IxpPort *port = opaque;
    IXP_ENTRY(port->ix);

    qatomic_set(&port->out_kicked, false);
    /* pairs with the barrier in ixp_mac_sent */
    smp_mb();
    if (!ixp_running(port->ix) || port->out_sending) {
        return;
    }
    ixp_port_enter_net(port);
    if (port->out_offer && port->out_held) {
        port->out_offer = false;
        qemu_flush_queued_packets(qemu_get_queue(port->nic)->peer);
    }
    ixp_port_out_some(port);
    if (!ixp_port_leave_net(port) || !ixp_running(port->ix)) {
        return;
    }
    if (ixp_port_out_first(port)) {
        ixp_port_kick_out(port);
    } else if (ixp_port_waits(port)) {
        trace_ixp_port_out_blocked(port->index);
        if (port->ix->watchdog && !timer_pending(port->out_timer)) {
            ixp_port_watch(port);
        }
    }
    ixp_port_signal_room(port);
}

/* ---- for firmware ---- */

static bool ixp_port_has_room(IxpPort *port, uint32_t *more)
{
    uint32_t free = ixp_fifo_free(&port->out);

    *more = free - IXP_FIFO_ROOM;
    return free >= IXP_FIFO_ROOM;
}

static void ixp_port_add_waiter(Ixp *ix, IxpPort *port, unsigned me,
                                unsigned context)
{
    unsigned index = ixp_context(ix, me, context) - ix->context;

    qatomic_or(&port->waiters[index / 32], 1u << (index % 32));
}

bool ixp_port_room(Ixp *ix, unsigned port, unsigned me, unsigned context,
                   uint32_t *more)
{
    IxpPort *p = &ix->port[port];

    if (likely(ixp_port_has_room(p, more))) {
        return true;
    }
    ixp_port_add_waiter(ix, p, me, context);
    /* pairs with the barrier in ixp_port_signal_room */
    smp_mb();
    if (ixp_port_has_room(p, more)) {
        return true;
    }
    stat64_add(&p->out_full, 1);
    trace_ixp_port_out_full(port);
    return false;
}

void ixp_port_yield(Ixp *ix, unsigned port, unsigned me, unsigned context)
{
    IxpPort *p = &ix->port[port];

    ixp_port_add_waiter(ix, p, me, context);
    /* pairs with the barrier in ixp_port_out_bh */
    smp_mb();
    ixp_port_kick_out(p);
}

void ixp_mac_put(void *opaque, unsigned port, uint32_t control,
                 const uint8_t *prepend, const uint8_t *data, uint32_t length)
{
    Ixp *ix = opaque;
    IxpPort *p = &ix->port[port];
    uint64_t at = unlikely(ix->config.stamps) && control & IXP_TBUF_SOP ?
                  ixp_stamp(ix) : 0;

    if (ixp_fifo_put(&p->out, control, prepend, data, length, at) ==
        IXP_FIFO_LOST) {
        /* Firmware has not called ixp_port_room(), or has exceeded it. */
        qatomic_set_u64(&p->out_lost, p->out_lost + 1);
    }
}

void ixp_mac_sent(void *opaque, unsigned port)
{
    Ixp *ix = opaque;

    /* pairs with the barrier in ixp_port_out_bh */
    smp_mb();
    ixp_port_kick_out(&ix->port[port]);
}

/* ---- link, life cycle ---- */

void ixp_port_out_link(IxpPort *port, bool up)
{
    if (up) {
        port->out_offer = port->out_held;
    } else {
        ixp_port_out_drop_to(port, qatomic_load_acquire(&port->out.head));
    }
    ixp_port_kick_out(port);
}

void ixp_port_out_init(IxpPort *port)
{
    port->out.size = port->ix->fifo_size;
    port->out.data = g_malloc0(port->out.size);
    port->segment = g_malloc(IXP_MAX_FRAME);
    port->out_bh = qemu_bh_new_guarded(ixp_port_out_bh, port,
                                       &port->ix->dev->mem_reentrancy_guard);
    port->out_timer = timer_new_ms(QEMU_CLOCK_VIRTUAL_RT, ixp_port_watchdog,
                                   port);
}

/* A packet that the net layer has queued counts as sent. */
void ixp_port_out_reset(IxpPort *port)
{
    timer_del(port->out_timer);
    port->out_resets++;
    port->out_done = 0;
    port->out_dropping = false;
    port->out_dead = port->out_dead && port->out_held;
    port->out_block = false;
    if (port->out_sending && !port->out_old) {
        port->out_old = port->out.data;
        port->out.data = g_malloc0(port->out.size);
    }
    ixp_fifo_clear(&port->out);
    for (unsigned w = 0; w < IXP_RUNNABLE_WORDS; w++) {
        qatomic_set(&port->waiters[w], 0);
    }
}

void ixp_port_out_start(IxpPort *port)
{
    ixp_bh_schedule(port->ix, port->out_bh);
}

void ixp_port_out_stop(IxpPort *port)
{
    timer_free(port->out_timer);
    port->out_timer = NULL;
    qemu_bh_delete(port->out_bh);
    port->out_bh = NULL;
}

void ixp_port_out_free(IxpPort *port)
{
    g_clear_pointer(&port->out.data, g_free);
    g_clear_pointer(&port->segment, g_free);
}
