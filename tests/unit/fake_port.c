/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fake chip's ports: a queue of frames each way behind one lock, between
 * which and the firmware is the MSF.
 */
#include <stdlib.h>
#include <string.h>

#include "fake_chip_impl.h"

static void put(FakeQueue *q, FakeFrame *f)
{
    f->next = NULL;
    if (q->last) {
        q->last->next = f;
    } else {
        q->first = f;
    }
    q->last = f;
    q->length++;
}

static FakeFrame *take(FakeQueue *q)
{
    FakeFrame *f = q->first;

    if (f) {
        q->first = f->next;
        if (!q->first) {
            q->last = NULL;
        }
        q->length--;
    }
    return f;
}

void fake_port_empty(Ixp *ix, unsigned port)
{
    FakePort *p = &ix->port[port];
    FakeFrame *f;

    while ((f = take(&p->in)) || (f = take(&p->out))) {
        free(f);
    }
    p->building = false;
    p->waiting = 0;
}

void ixp_port_mac(Ixp *ix, unsigned port, uint8_t mac[6])
{
    const uint8_t base[6] = { 0x52, 0x54, 0x00, 0xfa, 0xce, port };

    memcpy(mac, base, sizeof(base));
}

/* ---- what the MSF asks ---- */

bool fake_mac_peek(void *opaque, unsigned port, IxpMacFrame *frame)
{
    Ixp *ix = opaque;
    FakePort *p = &ix->port[port];
    FakeFrame *f;

    if (port >= ix->config.ports) {
        return false;
    }
    pthread_mutex_lock(&p->lock);
    f = p->in.first;
    if (f) {
        *frame = (IxpMacFrame) {
            .data = f->data, .length = f->length, .error = f->error,
            .at = f->at,
        };
    }
    pthread_mutex_unlock(&p->lock);
    return f;
}

void fake_mac_take(void *opaque, unsigned port)
{
    Ixp *ix = opaque;
    FakePort *p = &ix->port[port];

    pthread_mutex_lock(&p->lock);
    free(take(&p->in));
    pthread_mutex_unlock(&p->lock);
}

void fake_mac_short(void *opaque, unsigned port)
{
    Ixp *ix = opaque;

    __atomic_fetch_add(&ix->port[port].shortages, 1, __ATOMIC_RELAXED);
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
    FakeFrame *f;

    if (control & IXP_TBUF_SOP) {
        p->building = true;
        p->built = 0;
        p->offload = (IxpOffload) { 0 };
        if (prepend) {
            memcpy(&p->offload, prepend, sizeof(p->offload));
        }
    }
    if (!p->building || length > SVNIC_MAX_FRAME - p->built) {
        p->building = false;
        return;
    }
    memcpy(p->build + p->built, data, length);
    p->built += length;
    if (!(control & IXP_TBUF_EOP)) {
        return;
    }
    p->building = false;
    f = malloc(sizeof(*f) + p->built);
    *f = (FakeFrame) { .offload = p->offload, .length = p->built };
    memcpy(f->data, p->build, p->built);
    pthread_mutex_lock(&p->lock);
    pm3386_sent(&ix->units, port, f->data, f->length, 1);
    put(&p->out, f);
    pthread_mutex_unlock(&p->lock);
}

bool ixp_port_room(Ixp *ix, unsigned port, unsigned me, unsigned context)
{
    FakePort *p = &ix->port[port];
    bool room;

    pthread_mutex_lock(&p->lock);
    room = p->out.length < p->room;
    if (!room) {
        p->waiting |= UINT64_C(1) << (context * ix->config.microengines + me);
    }
    pthread_mutex_unlock(&p->lock);
    return room;
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
    FakeFrame *f;

    pthread_mutex_lock(&p->lock);
    if (!pm3386_receives(&ix->units, port) ||
        !pm3386_accepts(&ix->units, port, length)) {
        pthread_mutex_unlock(&p->lock);
        return true;
    }
    if (p->in.length >= p->room) {
        pm3386_paused(&ix->units, port);
        pthread_mutex_unlock(&p->lock);
        return false;
    }
    f = malloc(sizeof(*f) + length);
    *f = (FakeFrame) {
        .length = length, .error = error,
        .at = ix->config.stamps ? ixp_stamp(ix) : 0,
    };
    memcpy(f->data, data, length);
    pm3386_received(&ix->units, port, f->data, length, error);
    put(&p->in, f);
    pthread_mutex_unlock(&p->lock);
    ixp_msf_rx_run(&ix->units);
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

unsigned fake_port_shortages(Ixp *ix, unsigned port)
{
    return __atomic_load_n(&ix->port[port].shortages, __ATOMIC_RELAXED);
}

unsigned fake_port_done(Ixp *ix, unsigned port)
{
    return __atomic_load_n(&ix->port[port].done, __ATOMIC_RELAXED);
}

uint32_t fake_port_sent(Ixp *ix, unsigned port, void *data,
                        IxpOffload *offload)
{
    FakePort *p = &ix->port[port];
    uint64_t waiting;
    uint32_t length = 0;
    FakeFrame *f;

    pthread_mutex_lock(&p->lock);
    f = take(&p->out);
    if (f) {
        length = f->length;
        memcpy(data, f->data, length);
        if (offload) {
            *offload = f->offload;
        }
        free(f);
    }
    waiting = p->waiting;
    p->waiting = 0;
    pthread_mutex_unlock(&p->lock);
    while (waiting) {
        fake_signal(ix, __builtin_ctzll(waiting), IXP_SIGNAL_PORT_ROOM);
        waiting &= waiting - 1;
    }
    return length;
}
