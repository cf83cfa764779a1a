/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fake chip's ports: a queue of frames each way behind one lock.
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
    p->waiting = 0;
}

void ixp_port_route(Ixp *ix, unsigned port, unsigned me, unsigned context)
{
    ix->port[port].target = context * ix->config.microengines + me;
}

bool ixp_port_link(Ixp *ix, unsigned port)
{
    return __atomic_load_n(&ix->port[port].link, __ATOMIC_RELAXED);
}

void ixp_port_mac(Ixp *ix, unsigned port, uint8_t mac[6])
{
    const uint8_t base[6] = { 0x52, 0x54, 0x00, 0xfa, 0xce, port };

    memcpy(mac, base, sizeof(base));
}

bool ixp_port_in(Ixp *ix, unsigned port, IxpFrame *frame)
{
    FakePort *p = &ix->port[port];
    FakeFrame *f;

    pthread_mutex_lock(&p->lock);
    f = p->in.first;
    if (f) {
        *frame = (IxpFrame) { .data = f->data, .length = f->length };
    }
    pthread_mutex_unlock(&p->lock);
    return f;
}

void ixp_port_in_done(Ixp *ix, unsigned port)
{
    FakePort *p = &ix->port[port];

    pthread_mutex_lock(&p->lock);
    free(take(&p->in));
    pthread_mutex_unlock(&p->lock);
}

bool ixp_port_out(Ixp *ix, unsigned port, const IxpOffload *offload,
                  const IxpPart *parts, unsigned n,
                  unsigned me, unsigned context)
{
    FakePort *p = &ix->port[port];
    uint32_t length = 0;
    FakeFrame *f;

    pthread_mutex_lock(&p->lock);
    if (p->out.length >= p->room) {
        p->waiting |= UINT64_C(1) << (context * ix->config.microengines + me);
        pthread_mutex_unlock(&p->lock);
        return false;
    }
    for (unsigned i = 0; i < n; i++) {
        length += parts[i].length;
    }
    f = malloc(sizeof(*f) + length);
    f->offload = *offload;
    f->length = 0;
    for (unsigned i = 0; i < n; i++) {
        memcpy(f->data + f->length, parts[i].data, parts[i].length);
        f->length += parts[i].length;
    }
    put(&p->out, f);
    pthread_mutex_unlock(&p->lock);
    return true;
}

void fake_port_link(Ixp *ix, unsigned port, bool up)
{
    __atomic_store_n(&ix->port[port].link, up, __ATOMIC_RELAXED);
    fake_xscale_step(ix, IXP_XSCALE_PORT);
}

bool fake_port_receive(Ixp *ix, unsigned port, const void *data,
                       uint32_t length)
{
    FakePort *p = &ix->port[port];
    FakeFrame *f;

    pthread_mutex_lock(&p->lock);
    if (p->in.length >= p->room) {
        pthread_mutex_unlock(&p->lock);
        return false;
    }
    f = malloc(sizeof(*f) + length);
    f->length = length;
    memcpy(f->data, data, length);
    put(&p->in, f);
    pthread_mutex_unlock(&p->lock);
    fake_signal(ix, p->target, IXP_SIGNAL_PORT_IN);
    return true;
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
