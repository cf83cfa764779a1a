/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 ports: a NIC object and a MAC with a FIFO in each direction.
 *
 * A port is a MAC with two FIFOs between the net layer and the MSF, which takes
 * and gives frames in elements.  This file has the NIC object and reception;
 * ixp2400-port-out.c has transmission.
 *
 * The net layer runs in the main loop only (BQL).  Received frames are copied
 * by the NIC's receive callback and taken out by the MSF's receive state
 * machine in any thread; work beyond the limit of one call continues in a
 * bottom half.  A full FIFO stops the producer: firmware until it is signalled,
 * the net layer until it is flushed, like a link partner that receives PAUSE
 * frames.
 *
 * Each FIFO has one producer and one consumer at a time: that of the transmit
 * FIFO is the context that called ixp_port_room(), of which firmware has one at
 * a time.
 *
 * The card may be destroyed inside a call into the net layer, the objects of
 * which must stay until that returns: the last such call frees them.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "block/aio.h"
#include "system/replay.h"
#include "ixp2400.h"
#include "trace.h"

void ixp_stage(Ixp *ix, IxpStage *stage, uint64_t at)
{
    uint64_t ns;

    if (likely(!at)) {
        return;
    }
    ns = ixp_stamp(ix) - at;
    qatomic_set_u64(&stage->count, stage->count + 1);
    qatomic_set_u64(&stage->ns, stage->ns + ns);
    qatomic_set_u64(&stage->max, MAX(stage->max, ns));
}

/* ---- reception ---- */

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

/* Whether in_bh has reached its limit of frames from the net layer's queue. */
static bool ixp_port_in_spent(IxpPort *port)
{
    if (!port->in_bounded) {
        return false;
    }
    /* A replay has to end where its recording did. */
    if (port->in_left &&
        (replay_mode != REPLAY_MODE_NONE || get_clock() < port->in_until)) {
        port->in_left--;
        return false;
    }
    ixp_bh_schedule(port->ix, port->in_bh);
    return true;
}

static ssize_t ixp_port_receive(NetClientState *nc, const uint8_t *buf,
                                size_t size)
{
    IxpPort *port = qemu_get_nic_opaque(nc);
    size_t length = size - MIN(size, port->vnet_hdr_len);
    IxpRecord *record;
    IXP_ENTRY(port->ix);

    if (!port->ix->live) {
        return size;
    }
    /* The net layer calls ixp_port_can_receive() for the first frame only. */
    if (!ixp_running(port->ix) || ixp_port_in_spent(port)) {
        return 0;
    }
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

    if (!ixp_running(port->ix) || port->in_bounded) {
        return;
    }
    port->in_left = IXP_PORT_PACKETS;
    port->in_until = get_clock() + IXP_PORT_NS;
    port->in_bounded = true;
    ixp_port_enter_net(port);
    qemu_flush_queued_packets(qemu_get_queue(port->nic));
    port->in_bounded = false;
    ixp_port_leave_net(port);
}

unsigned ixp_mac_peek(void *opaque, unsigned port, IxpMacFrame *frame,
                      unsigned limit)
{
    Ixp *ix = opaque;

    return ixp_fifo_peek_batch(&ix->port[port].in, frame, limit);
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

void ixp_mac_rbuf_exhausted(void *opaque, unsigned port)
{
    trace_ixp_port_rbuf_exhausted(port);
}

/* Continues in the main loop, not in this thread; not while stopped. */
static void ixp_rx_bh(void *opaque)
{
    Ixp *ix = opaque;
    IXP_ENTRY(ix);

    if (ixp_running(ix)) {
        ixp_msf_rx_run(&ix->units);
    }
}

void ixp_rx_defer(void *opaque)
{
    Ixp *ix = opaque;

    trace_ixp_rx_defer();
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

    return nc && nc->peer && !nc->link_down && !port->flap_down;
}

static void ixp_port_link_changed(NetClientState *nc)
{
    IxpPort *port = qemu_get_nic_opaque(nc);
    bool link = ixp_port_nic_link(port);
    IXP_ENTRY(port->ix);

    if (!port->ix->live) {
        return;
    }
    pm3386_set_link(&port->ix->units, port->index, link);
    trace_ixp_port_link(port->index, link);
    ixp_port_out_link(port, link);
    ixp_xscale_signal(port->ix, IXP_XSCALE_PORT);
}

void ixp_port_flap(IxpPort *port, bool down)
{
    port->flap_down = down;
    ixp_port_link_changed(qemu_get_queue(port->nic));
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

/* A separate NIC name for each port, as set_link and filters need it. */
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
 * A port without a backend needs an address, too, but not one that QEMU
 * allocates to NICs: the first port's, made locally administered, with the
 * port's number in the fourth byte.
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
        port->gone = false;
        ixp_port_out_init(port);
        port->in.size = ix->fifo_size;
        port->in.data = g_malloc0(port->in.size);
        port->in_bh = qemu_bh_new_guarded(ixp_port_in_bh, port,
                                          &ix->dev->mem_reentrancy_guard);
        if (!i || port->conf->peers.ncs[0]) {
            ixp_port_plug(port);
        } else {
            ixp_port_derive_mac(port);
        }
    }
}

static void ixp_port_free(IxpPort *port)
{
    if (port->nic) {
        qemu_purge_queued_packets(qemu_get_queue(port->nic));
        qemu_del_nic(port->nic);
        port->nic = NULL;
    }
    ixp_port_out_free(port);
    g_clear_pointer(&port->in.data, g_free);
}

void ixp_port_enter_net(IxpPort *port)
{
    port->net_calls++;
}

bool ixp_port_leave_net(IxpPort *port)
{
    if (--port->net_calls || !port->gone) {
        return !port->gone;
    }
    ixp_port_free(port);
    /* The bottom half that calls this still accesses the device. */
    aio_bh_schedule_oneshot(qemu_get_aio_context(),
                            object_unref, port->ix->dev);
    return false;
}

void ixp_ports_uninit(Ixp *ix)
{
    for (unsigned i = 0; i < ix->config.ports; i++) {
        IxpPort *port = &ix->port[i];

        ixp_port_out_stop(port);
        qemu_bh_delete(port->in_bh);
        port->in_bh = NULL;
        port->gone = true;
        if (port->net_calls) {
            object_ref(OBJECT(ix->dev));
        } else {
            ixp_port_free(port);
        }
    }
    qemu_bh_delete(ix->rx_bh);
    ix->rx_bh = NULL;
}

void ixp_ports_reset(Ixp *ix)
{
    for (unsigned i = 0; i < ix->config.ports; i++) {
        IxpPort *port = &ix->port[i];

        port->flapping = false;
        if (port->flap_down) {
            port->flap_down = false;
            pm3386_set_link(&ix->units, i, ixp_port_nic_link(port));
        }
        ixp_port_out_reset(port);
        ixp_fifo_clear(&port->in);
        qatomic_set(&port->in_stalled, false);
        if (port->nic) {
            /* The network may be waiting for space. */
            ixp_bh_schedule(ix, port->in_bh);
        }
    }
}

/* Both directions continue where they were. */
void ixp_ports_start(Ixp *ix)
{
    ixp_bh_schedule(ix, ix->rx_bh);
    for (unsigned i = 0; i < ix->config.ports; i++) {
        IxpPort *port = &ix->port[i];

        ixp_port_out_start(port);
        if (port->nic) {
            ixp_bh_schedule(ix, port->in_bh);
        }
    }
}
