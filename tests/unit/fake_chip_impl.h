/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of the fake chip: for fake_chip.c, fake_late.c, fake_page.c and
 * fake_port.c.
 */
#ifndef TESTS_UNIT_FAKE_CHIP_IMPL_H
#define TESTS_UNIT_FAKE_CHIP_IMPL_H

#include <pthread.h>

#include "fake_chip.h"
#include "hw/net/sv-nic/chip/ixp2400-fifo.h"

#define FAKE_SIGNALS            4
/* Events of the program, and names of a value of them, that are counted. */
#define FAKE_EVENTS             8
#define FAKE_NAMES              32
/* Time that passes between two reads of the clock. */
#define FAKE_TICK_NS            100
#define FAKE_MAX_WORKERS        8
#define FAKE_CONTEXTS           (IXP_MAX_MICROENGINES * IXP_MAX_CONTEXTS)

typedef struct FakePage {       /* atomic, all of it */
    bool open;
    unsigned target;            /* context that its doorbells signal */
    unsigned irq_bit;
    unsigned vector;
    uint32_t rung;
    uint64_t rung_at;
    uint32_t status;
    uint32_t mask;
    unsigned signals[FAKE_SIGNALS];
    unsigned rings;
} __attribute__((aligned(64))) FakePage;

typedef struct FakeContext {
    uint32_t signals;           /* atomic */
} __attribute__((aligned(64))) FakeContext;

typedef struct FakeWorker {
    Ixp *ix;
    unsigned id;
    pthread_t thread;
    pthread_mutex_t step_lock;  /* held inside a step, and by pause */
    pthread_mutex_t wake_lock;  /* guards woken and quit */
    pthread_cond_t wake;
    bool woken;
    bool quit;
} FakeWorker;

typedef struct FakePort {
    unsigned room;              /* frames that fit into a FIFO */
    IxpFifo in;                 /* from the network to the MSF */
    IxpFifo out;                /* from the MSF to the network */
    /* frames put and taken, free-running; atomic */
    unsigned in_put;
    unsigned in_taken;
    unsigned out_put;
    unsigned out_taken;
    unsigned shortages;         /* atomic, as what follows */
    unsigned done;              /* frames with a time stamp */
    uint64_t waiting;           /* contexts that found it full */
} FakePort;

/* A page of host memory. */
typedef struct FakeHostPage {
    unsigned table;             /* 1 + the table that it is in; 0: none */
    uint32_t entry;             /* of that */
    bool lost;
    bool taken;                 /* by the map that is being checked */
    uint64_t written;           /* a bit per line; atomic */
} FakeHostPage;

typedef struct FakeHost {
    uint32_t pages;
    int fd;
    bool no_memory;
    bool watch;
    unsigned unreached;         /* failed lookups; atomic */
    uint8_t *memory;
    FakeHostPage *state;        /* [pages] */
    IxpHostTable table[IXP_MAX_PAGES];
} FakeHost;

struct Ixp {
    IxpConfig config;
    FakeHost host;
    IxpUnits units;
    void *state;                /* of svnic_program */
    IxpPci pci;
    bool dma_due;
    uint32_t dma_max;          /* see fake_dma_limit() */
    uint32_t rx_due;                            /* see rx_defer; atomic */
    uint8_t bus[FAKE_BUS_SIZE];                 /* from FAKE_BUS_BASE on */
    pthread_mutex_t xscale_lock;                /* one XScale, one step */
    unsigned paused;                            /* XScale only */
    unsigned resumes;
    FakeContext context[FAKE_CONTEXTS];
    int active[IXP_MAX_MICROENGINES];           /* atomic, as the next */
    uint64_t now;                               /* time for the units */
    uint64_t ready;                             /* atomic: have a signal */
    FakePage page[IXP_MAX_PAGES];
    FakePort port[IXP_MAX_PORTS];
    unsigned workers;
    FakeWorker worker[FAKE_MAX_WORKERS];
    /* atomic */
    unsigned irq_bits[SVNIC_IRQ_BITS];
    unsigned vectors[IXP_MAX_PAGES + 1];
    unsigned events[FAKE_EVENTS];
    unsigned named[FAKE_EVENTS][FAKE_NAMES];
};

/* Contexts are numbered context * microengines + me.  Returns the old. */
uint32_t fake_signal(Ixp *ix, unsigned target, uint32_t bits);
/* Wakes worker @n, if there are workers. */
void fake_wake(Ixp *ix, unsigned n);
void fake_page_clear(FakePage *p);
/* A doorbell that no fault takes away. */
void fake_page_rung(Ixp *ix, unsigned page, unsigned doorbell);
/* An interrupt that no fault takes away. */
void fake_raise(Ixp *ix, unsigned irq_bit, unsigned vector);
void fake_late_due(void *opaque, uint64_t at);
void fake_fault_struck(void *opaque, unsigned id, uint32_t at);
void fake_xscale_step(Ixp *ix, uint32_t events);
void fake_port_init(Ixp *ix, unsigned port, unsigned room);
void fake_port_uninit(Ixp *ix, unsigned port);
void fake_port_empty(Ixp *ix, unsigned port);
unsigned fake_mac_peek(void *opaque, unsigned port, IxpMacFrame *frame,
                       unsigned limit);
void fake_mac_take(void *opaque, unsigned port, unsigned n, uint32_t end);
void fake_mac_free(void *opaque, unsigned port, uint32_t end);
void fake_mac_rbuf_exhausted(void *opaque, unsigned port);
/* Runs what rx_defer has scheduled; true if there was any. */
bool fake_rx_run(Ixp *ix);
void fake_rx_defer(void *opaque);
void fake_mac_done(void *opaque, unsigned port, uint64_t at);
void fake_mac_put(void *opaque, unsigned port, uint32_t control,
                  const uint8_t *prepend, const uint8_t *data,
                  uint32_t length);
void fake_mac_sent(void *opaque, unsigned port);
void fake_host_init(Ixp *ix, uint32_t pages);
void fake_host_uninit(Ixp *ix);
void fake_host_reset(Ixp *ix);

#endif /* TESTS_UNIT_FAKE_CHIP_IMPL_H */
