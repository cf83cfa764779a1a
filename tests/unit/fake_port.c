/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fake chip's ports: a MAC's FIFO each way, as QEMU's device has it and
 * with the same code, between which and the firmware is the MSF.
 *
 * The network's side of a port is one thread per direction, the other side the
 * thread that runs the MSF's state machine of that direction.
 */
#include <stdlib.h>
#include <string.h>

#include "fake_chip_impl.h"

static void fifo_init(IxpFifo *f)
{
    f->size = IXP_FIFO_MIN;
    f->data = calloc(1, f->size);
}

void fake_port_init(Ixp *ix, unsigned port, unsigned room)
{
    FakePort *p = &ix->port[port];

    p->room = room;
    fifo_init(&p->in);
    fifo_init(&p->out);
}

void fake_port_uninit(Ixp *ix, unsigned port)
{
    free(ix->port[port].in.data);
    free(ix->port[port].out.data);
}

void fake_port_empty(Ixp *ix, unsigned port)
{
    FakePort *p = &ix->port[port];

    ixp_fifo_clear(&p->in);
    ixp_fifo_clear(&p->out);
    p->in_taken = p->in_put;
    p->out_taken = p->out_put;
    p->waiting = 0;
}

/* A counter with one writer. */
static void count(unsigned *counter, unsigned n)
{
    __atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

static bool is_full(const FakePort *p, const unsigned *put,
                    const unsigned *taken)
{
    return __atomic_load_n(put, __ATOMIC_RELAXED) -
           __atomic_load_n(taken, __ATOMIC_RELAXED) >= p->room;
}

void ixp_port_mac(Ixp *ix, unsigned port, uint8_t mac[6])
{
    const uint8_t base[6] = { 0x52, 0x54, 0x00, 0xfa, 0xce, port };

    memcpy(mac, base, sizeof(base));
}

/* ---- IxpUnitsOps ---- */

unsigned fake_mac_peek(void *opaque, unsigned port, IxpMacFrame *frame,
                       unsigned limit)
{
    Ixp *ix = opaque;

    return port < ix->config.ports
           ? ixp_fifo_peek_batch(&ix->port[port].in, frame, limit) : 0;
}

void fake_mac_take(void *opaque, unsigned port, unsigned n, uint32_t end)
{
    Ixp *ix = opaque;
    FakePort *p = &ix->port[port];

    count(&p->in_taken, n);
    p->in.next = end;
}

void fake_mac_free(void *opaque, unsigned port, uint32_t end)
{
    Ixp *ix = opaque;

    ixp_fifo_free_to(&ix->port[port].in, end);
    /* As in the device: wakes a network that waits. */
    ixp_barrier();
}

void fake_mac_rbuf_exhausted(void *opaque, unsigned port)
{
    Ixp *ix = opaque;

    __atomic_fetch_add(&ix->port[port].shortages, 1, __ATOMIC_RELAXED);
}

bool fake_rx_run(Ixp *ix)
{
    if (!__atomic_load_n(&ix->rx_due, __ATOMIC_RELAXED) ||
        !__atomic_exchange_n(&ix->rx_due, 0, __ATOMIC_ACQ_REL)) {
        return false;
    }
    ixp_msf_rx_run(&ix->units);
    return true;
}

void fake_rx_defer(void *opaque)
{
    Ixp *ix = opaque;

    __atomic_store_n(&ix->rx_due, 1, __ATOMIC_RELEASE);
    fake_wake(ix, 0);
}

void fake_mac_done(void *opaque, unsigned port, uint64_t at)
{
    Ixp *ix = opaque;

    __atomic_fetch_add(&ix->port[port].done, 1, __ATOMIC_RELAXED);
}

void fake_mac_put(void *opaque, unsigned port, uint32_t control,
                  const uint8_t *prepend, const uint8_t *data,
                  uint32_t length)
{
    Ixp *ix = opaque;
    FakePort *p = &ix->port[port];

    if (ixp_fifo_put(&p->out, control, prepend, data, length, 0) ==
        IXP_FIFO_WHOLE) {
        count(&p->out_put, 1);
    }
}

void fake_mac_sent(void *opaque, unsigned port)
{
    /* As in the device: wakes a main loop that sleeps. */
    ixp_barrier();
}

/* If frames are counted, each one counts as a shortest one. */
static bool has_room(const FakePort *p, uint32_t *more)
{
    unsigned used = __atomic_load_n(&p->out_put, __ATOMIC_RELAXED) -
                    __atomic_load_n(&p->out_taken, __ATOMIC_RELAXED);
    uint32_t free = ixp_fifo_free(&p->out);
    uint64_t frames;

    if (used >= p->room || free < IXP_FIFO_ROOM) {
        return false;
    }
    *more = free - IXP_FIFO_ROOM;
    frames = p->room - used - 1;
    frames *= SVNIC_MIN_FRAME + IXP_PORT_FRAME_BYTES;
    *more = frames < *more ? frames : *more;
    return true;
}

static void add_waiter(Ixp *ix, FakePort *p, unsigned me, unsigned context)
{
    __atomic_fetch_or(&p->waiting,
                      UINT64_C(1) << (context * ix->config.microengines + me),
                      __ATOMIC_RELAXED);
}

bool ixp_port_room(Ixp *ix, unsigned port, unsigned me, unsigned context,
                   uint32_t *more)
{
    FakePort *p = &ix->port[port];

    if (has_room(p, more)) {
        return true;
    }
    add_waiter(ix, p, me, context);
    /* pairs with the barrier in fake_port_taken */
    ixp_barrier();
    return has_room(p, more);
}

static void signal_room(Ixp *ix, FakePort *p)
{
    uint64_t waiting;

    /* pairs with the barrier in ixp_port_room */
    ixp_barrier();
    if (!__atomic_load_n(&p->waiting, __ATOMIC_RELAXED)) {
        return;
    }
    waiting = __atomic_exchange_n(&p->waiting, 0, __ATOMIC_RELAXED);
    while (waiting) {
        fake_signal(ix, __builtin_ctzll(waiting), IXP_SIGNAL_PORT_ROOM);
        waiting &= waiting - 1;
    }
}

void ixp_port_yield(Ixp *ix, unsigned port, unsigned me, unsigned context)
{
    /* The network may take the frame at once. */
    add_waiter(ix, &ix->port[port], me, context);
    signal_room(ix, &ix->port[port]);
}

/* ---- the wire ---- */

void fake_port_link(Ixp *ix, unsigned port, bool up)
{
    pm3386_set_link(&ix->units, port, up);
    fake_xscale_step(ix, IXP_XSCALE_PORT);
}

static bool receive(Ixp *ix, unsigned port, const void *data, uint32_t length,
                    bool error)
{
    FakePort *p = &ix->port[port];
    IxpRecord *record;

    if (!pm3386_receives(&ix->units, port) ||
        !pm3386_accepts(&ix->units, port, length)) {
        return true;
    }
    record = is_full(p, &p->in_put, &p->in_taken)
             ? NULL : ixp_fifo_reserve(&p->in, length);
    if (!record) {
        pm3386_paused(&ix->units, port);
        ixp_msf_rx_full(&ix->units, port);
        return false;
    }
    record->error = error;
    record->at = ix->config.stamps ? ixp_stamp(ix) : 0;
    memcpy(record->frame, data, length);
    pm3386_received(&ix->units, port, record->frame, length, error);
    count(&p->in_put, 1);
    ixp_fifo_commit(&p->in, record);
    ixp_msf_rx_arrived(&ix->units, port, length);
    return true;
}

bool fake_port_receive(Ixp *ix, unsigned port, const void *data,
                       uint32_t length)
{
    return receive(ix, port, data, length, false);
}

bool fake_port_receive_bad(Ixp *ix, unsigned port, const void *data,
                           uint32_t length)
{
    return receive(ix, port, data, length, true);
}

unsigned fake_port_rbuf_exhausted(Ixp *ix, unsigned port)
{
    return __atomic_load_n(&ix->port[port].shortages, __ATOMIC_RELAXED);
}

unsigned fake_port_done(Ixp *ix, unsigned port)
{
    return __atomic_load_n(&ix->port[port].done, __ATOMIC_RELAXED);
}

const uint8_t *fake_port_oldest(Ixp *ix, unsigned port, IxpOffload *offload,
                                uint32_t *length)
{
    const IxpRecord *record = ixp_fifo_peek(&ix->port[port].out);

    if (!record) {
        return NULL;
    }
    if (offload) {
        *offload = record->offload;
    }
    *length = record->length;
    return record->frame;
}

void fake_port_taken(Ixp *ix, unsigned port)
{
    FakePort *p = &ix->port[port];
    const IxpRecord *record = ixp_fifo_peek(&p->out);

    pm3386_sent(&ix->units, port, record->frame, record->length, 1);
    ixp_fifo_pop(&p->out, record);
    count(&p->out_taken, 1);
    signal_room(ix, p);
}

uint32_t fake_port_sent(Ixp *ix, unsigned port, void *data,
                        IxpOffload *offload)
{
    uint32_t length;
    const uint8_t *frame = fake_port_oldest(ix, port, offload, &length);

    if (!frame) {
        return 0;
    }
    memcpy(data, frame, length);
    fake_port_taken(ix, port);
    return length;
}
