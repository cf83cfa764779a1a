/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 ports: a NIC object and a MAC with a FIFO in each direction.
 *
 * A port is a MAC with a FIFO each way: on one side the net layer, on the
 * other the MSF, to which frames go and from which they come in elements.
 *
 * The net layer is the main loop's alone (BQL).  Outgoing frames are put
 * together by whichever context transmits and leave in a main-loop bottom
 * half, in bounded bursts, and only while the peer takes them.  Incoming ones
 * are copied by the NIC's receive callback and taken out by the MSF's receive
 * state machine, in whichever thread runs it; what one leaves after its part
 * goes on in another bottom half.  A full FIFO makes the other
 * side wait: the firmware until it is signalled, the net layer until it is
 * flushed, as a link partner that is sent PAUSE frames.
 *
 * Each FIFO has one producer and one consumer at a time: in the transmit one
 * the context that asked ixp_port_room(), of which firmware has one at once.
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "qemu/main-loop.h"
#include "net/eth.h"
#include "system/dma.h"
#include "hw/net/net_tx_pkt.h"
#include "standard-headers/linux/virtio_net.h"
#include "ixp2400.h"
#include "trace.h"

/* Packets out of a port before the main loop does something else */
#define IXP_OUT_BURST       256

static void ixp_fifo_init(IxpFifo *fifo, uint32_t size)
{
    fifo->size = size;
    fifo->data = g_malloc0(size);
}

static void ixp_stage(Ixp *ix, IxpStage *stage, uint64_t at)
{
    uint64_t ns;

    if (likely(!at)) {
        return;
    }
    ns = ixp_stamp(ix) - at;
    qatomic_set_u64(&stage->count, stage->count + 1);
    qatomic_set_u64(&stage->ns, stage->ns + ns);
    qatomic_set_u64(&stage->most, MAX(stage->most, ns));
}

/* ---- towards the network ---- */

/* Tells contexts that wait for room, once half of the buffer is free. */
static void ixp_port_tell_room(IxpPort *port)
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

/* The peer took a packet that it had left in its queue. */
static void ixp_port_sent(NetClientState *nc, ssize_t len)
{
    IxpPort *port = qemu_get_nic_opaque(nc);

    if (!--port->out_blocked) {
        ixp_port_kick_out(port);
    }
}

/* The packets that a frame became: 0, if it is off, or is none. */
static unsigned ixp_port_out_frame(IxpPort *port, IxpRecord *record)
{
    const IxpOffload *o = &record->offload;
    unsigned n;

    port->out_frames++;
    if (!port->nic || !pm3386_transmits(&port->ix->units, port->index)) {
        trace_ixp_port_off(port->index, "out", record->length);
        return 0;
    }
    n = ixp_port_transmit(port, o, record->frame, record->length,
                          ixp_port_sent);
    trace_ixp_port_out(port->index, record->length, n);
    if (n) {
        port->out_packets += n;
        port->out_bytes += record->length;
    } else {
        trace_ixp_port_out_bad(port->index, record->length, o->gso_type,
                               o->hdr_len, o->gso_size, o->csum_start,
                               o->csum_offset);
        port->out_bad++;
    }
    return n;
}

static void ixp_port_out_bh(void *opaque)
{
    IxpPort *port = opaque;
    unsigned packets = 0;
    IxpRecord *record;
    IXP_ENTRY(port->ix);

    qatomic_set(&port->out_kicked, false);
    /* pairs with the barrier in ixp_mac_sent */
    smp_mb();
    if (!ixp_running(port->ix)) {
        return;
    }
    while (!port->out_blocked && packets < IXP_OUT_BURST &&
           (record = ixp_fifo_peek(&port->out))) {
        packets += MAX(ixp_port_out_frame(port, record), 1);
        ixp_stage(port->ix, &port->out_stage, record->at);
        ixp_fifo_pop(&port->out, record);
    }
    if (port->out_blocked) {
        trace_ixp_port_out_blocked(port->index);
    } else if (ixp_fifo_peek(&port->out)) {
        ixp_port_kick_out(port);
    }
    ixp_port_tell_room(port);
}

static bool ixp_port_has_room(IxpPort *port, uint32_t *more)
{
    uint32_t free = ixp_fifo_free(&port->out);

    *more = free - IXP_FIFO_ROOM;
    return free >= IXP_FIFO_ROOM;
}

static void ixp_port_enter_waiter(Ixp *ix, IxpPort *port, unsigned me,
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
    ixp_port_enter_waiter(ix, p, me, context);
    /* pairs with the barrier in ixp_port_tell_room */
    smp_mb();
    if (ixp_port_has_room(p, more)) {
        return true;
    }
    stat64_add(&p->out_full, 1);
    trace_ixp_port_out_full(port);
    return false;
}

void ixp_port_wait(Ixp *ix, unsigned port, unsigned me, unsigned context)
{
    IxpPort *p = &ix->port[port];

    ixp_port_enter_waiter(ix, p, me, context);
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
        /* Firmware has not asked for room, or lost count. */
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

/* ---- from the network ---- */

static bool ixp_port_can_receive(NetClientState *nc)
{
    IxpPort *port = qemu_get_nic_opaque(nc);

    return ixp_running(port->ix) && !qatomic_read(&port->in_stalled);
}

static IxpRecord *ixp_port_in_reserve(IxpPort *port, uint32_t length)
{
    IxpRecord *record = ixp_fifo_reserve(&port->in, length);

    if (!record) {
        qatomic_set(&port->in_stalled, true);
        /* pairs with the barrier in ixp_mac_free */
        smp_mb();
        record = ixp_fifo_reserve(&port->in, length);
        if (record) {
            qatomic_set(&port->in_stalled, false);
        }
    }
    return record;
}

static ssize_t ixp_port_receive(NetClientState *nc, const uint8_t *buf,
                                size_t size)
{
    IxpPort *port = qemu_get_nic_opaque(nc);
    size_t length = size - MIN(size, port->vnet_hdr_len);
    IxpRecord *record;
    IXP_ENTRY(port->ix);

    if (!pm3386_receives(&port->ix->units, port->index)) {
        trace_ixp_port_off(port->index, "in", length);
        return size;
    }
    if (!pm3386_accepts(&port->ix->units, port->index, length)) {
        trace_ixp_port_in_bad(port->index, length);
        port->in_bad++;
        return size;
    }
    record = port->ix->pause ? ixp_port_in_reserve(port, length)
                             : ixp_fifo_reserve(&port->in, length);
    if (!record) {
        trace_ixp_port_in_full(port->index, length, port->ix->pause);
        ixp_msf_rx_full(&port->ix->units, port->index);
        if (!port->ix->pause) {
            pm3386_lost(&port->ix->units, port->index);
            return size;
        }
        pm3386_paused(&port->ix->units, port->index);
        port->in_full++;
        return 0;
    }
    if (unlikely(port->ix->config.stamps)) {
        record->at = ixp_stamp(port->ix);
    }
    memcpy(record->frame, buf + size - length, length);
    pm3386_received(&port->ix->units, port->index, record->frame, length,
                    false);
    ixp_fifo_commit(&port->in, record);
    port->in_frames++;
    port->in_bytes += length;
    trace_ixp_port_in(port->index, length);
    ixp_msf_rx_arrived(&port->ix->units, port->index, length);
    return size;
}

static void ixp_port_in_bh(void *opaque)
{
    IxpPort *port = opaque;
    IXP_ENTRY(port->ix);

    if (ixp_running(port->ix)) {
        qemu_flush_queued_packets(qemu_get_queue(port->nic));
    }
}

unsigned ixp_mac_peek(void *opaque, unsigned port, IxpMacFrame *frame,
                      unsigned most)
{
    Ixp *ix = opaque;

    return ixp_fifo_look(&ix->port[port].in, frame, most);
}

void ixp_mac_take(void *opaque, unsigned port, unsigned n, uint32_t end)
{
    Ixp *ix = opaque;

    ix->port[port].in.next = end;
}

void ixp_mac_free(void *opaque, unsigned port, uint32_t end)
{
    Ixp *ix = opaque;
    IxpPort *p = &ix->port[port];

    ixp_fifo_free_to(&p->in, end);
    /* pairs with the barrier in ixp_port_in_reserve */
    smp_mb();
    if (unlikely(qatomic_read(&p->in_stalled)) &&
        ixp_fifo_free(&p->in) >= p->in.size / 2 &&
        qatomic_xchg(&p->in_stalled, false)) {
        ixp_bh_schedule(ix, p->in_bh);
    }
}

void ixp_mac_short(void *opaque, unsigned port)
{
    trace_ixp_port_short(port);
}

/* Not in the thread that has done its part, and nothing while it rests. */
static void ixp_rx_bh(void *opaque)
{
    Ixp *ix = opaque;
    IXP_ENTRY(ix);

    if (ixp_running(ix)) {
        ixp_msf_rx_run(&ix->units);
    }
}

void ixp_rx_later(void *opaque)
{
    Ixp *ix = opaque;

    trace_ixp_rx_later();
    ixp_bh_schedule(ix, ix->rx_bh);
}

void ixp_mac_done(void *opaque, unsigned port, uint64_t at)
{
    Ixp *ix = opaque;

    ixp_stage(ix, &ix->port[port].in_stage, at);
}

/* ---- link, address ---- */

static bool ixp_port_nic_link(IxpPort *port)
{
    NetClientState *nc = port->nic ? qemu_get_queue(port->nic) : NULL;

    return nc && nc->peer && !nc->link_down;
}

static void ixp_port_link_changed(NetClientState *nc)
{
    IxpPort *port = qemu_get_nic_opaque(nc);
    bool link = ixp_port_nic_link(port);
    IXP_ENTRY(port->ix);

    pm3386_set_link(&port->ix->units, port->index, link);
    trace_ixp_port_link(port->index, link);
    if (!link) {
        /* What waits for a peer that may be gone would wait for ever. */
        qemu_purge_queued_packets(nc);
    }
    ixp_xscale_signal(port->ix, IXP_XSCALE_PORT);
}

void ixp_port_mac(Ixp *ix, unsigned port, uint8_t mac[6])
{
    memcpy(mac, ix->port[port].conf->macaddr.a, sizeof(MACAddr));
}

/* ---- life cycle ---- */

static NetClientInfo ixp_port_info = {
    .type = NET_CLIENT_DRIVER_NIC,
    .size = sizeof(NICState),
    .can_receive = ixp_port_can_receive,
    .receive = ixp_port_receive,
    .link_status_changed = ixp_port_link_changed,
};

/* A NIC of its own name for each port, as set_link and filters need it. */
static void ixp_port_plug(IxpPort *port)
{
    DeviceState *dev = port->ix->dev;
    g_autofree char *name = port->index && dev->id ?
                            g_strdup_printf("%s.%u", dev->id, port->index) :
                            g_strdup(dev->id);
    NetClientState *nc;

    qemu_macaddr_default_if_unset(&port->conf->macaddr);
    port->nic = qemu_new_nic(&ixp_port_info, port->conf,
                             object_get_typename(OBJECT(dev)), name,
                             &dev->mem_reentrancy_guard, port);
    nc = qemu_get_queue(port->nic);
    qemu_format_nic_info_str(nc, port->conf->macaddr.a);
    if (qemu_has_vnet_hdr(nc->peer)) {
        port->vnet_hdr_len = sizeof(struct virtio_net_hdr);
        qemu_set_vnet_hdr_len(nc->peer, port->vnet_hdr_len);
    }
    pm3386_set_link(&port->ix->units, port->index, ixp_port_nic_link(port));
}

/*
 * A port without a cable needs an address, too, but not one of those that
 * QEMU gives to NICs in turn: its first sister's, made locally administered
 * and its own in the fourth byte.
 */
static void ixp_port_derive_mac(IxpPort *port)
{
    static const MACAddr zero;
    MACAddr *mac = &port->conf->macaddr;

    if (!memcmp(mac, &zero, sizeof(zero))) {
        *mac = port->ix->port[0].conf->macaddr;
        mac->a[0] |= 2;
        mac->a[3] ^= port->index << 4;
    }
}

void ixp_ports_init(Ixp *ix, NICConf *conf)
{
    ix->rx_bh = qemu_bh_new_guarded(ixp_rx_bh, ix,
                                    &ix->dev->mem_reentrancy_guard);
    for (unsigned i = 0; i < ix->config.ports; i++) {
        IxpPort *port = &ix->port[i];

        port->ix = ix;
        port->index = i;
        port->conf = &conf[i];
        ixp_fifo_init(&port->out, ix->fifo_size);
        ixp_fifo_init(&port->in, ix->fifo_size);
        port->out_bh = qemu_bh_new_guarded(ixp_port_out_bh, port,
                                           &ix->dev->mem_reentrancy_guard);
        port->in_bh = qemu_bh_new_guarded(ixp_port_in_bh, port,
                                          &ix->dev->mem_reentrancy_guard);
        net_tx_pkt_init(&port->tx_pkt, 1);
        if (!i || port->conf->peers.ncs[0]) {
            ixp_port_plug(port);
        } else {
            ixp_port_derive_mac(port);
        }
    }
}

void ixp_ports_uninit(Ixp *ix)
{
    for (unsigned i = 0; i < ix->config.ports; i++) {
        IxpPort *port = &ix->port[i];

        if (port->nic) {
            qemu_purge_queued_packets(qemu_get_queue(port->nic));
            qemu_del_nic(port->nic);
            port->nic = NULL;
        }
        qemu_bh_delete(port->out_bh);
        qemu_bh_delete(port->in_bh);
        net_tx_pkt_uninit(port->tx_pkt);
        g_free(port->out.data);
        g_free(port->in.data);
    }
    qemu_bh_delete(ix->rx_bh);
    ix->rx_bh = NULL;
}

void ixp_ports_reset(Ixp *ix)
{
    for (unsigned i = 0; i < ix->config.ports; i++) {
        IxpPort *port = &ix->port[i];

        if (port->nic) {
            qemu_purge_queued_packets(qemu_get_queue(port->nic));
            /* The network may be waiting for room. */
            ixp_bh_schedule(ix, port->in_bh);
        }
        ixp_fifo_clear(&port->out);
        ixp_fifo_clear(&port->in);
        for (unsigned w = 0; w < IXP_RUNNABLE_WORDS; w++) {
            qatomic_set(&port->waiters[w], 0);
        }
        qatomic_set(&port->in_stalled, false);
    }
}

/* Both directions go on where they stood. */
void ixp_ports_start(Ixp *ix)
{
    ixp_bh_schedule(ix, ix->rx_bh);
    for (unsigned i = 0; i < ix->config.ports; i++) {
        IxpPort *port = &ix->port[i];

        ixp_bh_schedule(ix, port->out_bh);
        if (port->nic) {
            ixp_bh_schedule(ix, port->in_bh);
        }
    }
}
