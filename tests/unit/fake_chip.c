/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See fake_chip.h.  Power, mailboxes, interrupts and the two ways to run
 * contexts; fake_page.c has the doorbell aperture, fake_port.c the ports,
 * fake_host.c host memory.
 *
 * With threads: signals and pages are atomic; a worker holds its own lock while
 * it is inside a step, and pause takes all of these locks.  pthread rather than
 * GLib, because the thread sanitizer does not instrument GLib's locks.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "fake_chip_impl.h"

#define HUGE_PAGE               (2 << 20)

static const IxpPciOps fake_pci_ops;

/* ---- power ---- */

static void *aligned(size_t alignment, size_t size, int fill)
{
    void *p;

    if (posix_memalign(&p, alignment, size)) {
        perror("fake chip: memory");
        exit(1);
    }
    /* As QEMU allocates guest memory. */
    if (alignment == HUGE_PAGE) {
        madvise(p, size, MADV_HUGEPAGE);
    }
    memset(p, fill, size);
    return p;
}

/* ---- IxpUnitsOps ---- */

static uint64_t fake_clock(void *opaque)
{
    Ixp *ix = opaque;

    return __atomic_add_fetch(&ix->now, FAKE_TICK_NS, __ATOMIC_RELAXED);
}

static uint32_t fake_unit_signal(void *opaque, unsigned me, unsigned context,
                                 uint32_t signals)
{
    Ixp *ix = opaque;

    return fake_signal(ix, context * ix->config.microengines + me, signals);
}

static uint32_t fake_unit_signals(void *opaque, unsigned me, unsigned context)
{
    Ixp *ix = opaque;
    unsigned n = context * ix->config.microengines + me;

    return __atomic_load_n(&ix->context[n].signals, __ATOMIC_RELAXED);
}

static int fake_unit_active(void *opaque, unsigned me)
{
    Ixp *ix = opaque;

    return __atomic_load_n(&ix->active[me], __ATOMIC_RELAXED);
}

static void fake_unit_enabled(void *opaque, unsigned me)
{
    Ixp *ix = opaque;

    for (unsigned i = 0; i < ix->config.contexts; i++) {
        fake_signal(ix, i * ix->config.microengines + me, 0);
    }
}

static const IxpUnitsOps fake_units_ops = {
    .clock = fake_clock,
    .set_signals = fake_unit_signal,
    .signals = fake_unit_signals,
    .active = fake_unit_active,
    .enabled = fake_unit_enabled,
    .mac_peek = fake_mac_peek,
    .mac_take = fake_mac_take,
    .mac_free = fake_mac_free,
    .mac_rbuf_exhausted = fake_mac_rbuf_exhausted,
    .rx_defer = fake_rx_defer,
    .mac_done = fake_mac_done,
    .mac_put = fake_mac_put,
    .mac_sent = fake_mac_sent,
    .late_due = fake_late_due,
    .fault_struck = fake_fault_struck,
};

IxpUnits *ixp_units(Ixp *ix)
{
    return &ix->units;
}

Ixp *fake_chip_new(const FakeChipConfig *config)
{
    Ixp *ix = aligned(64, sizeof(*ix), 0);
    IxpUnitsConfig units = {
        .microengines = config->microengines,
        .contexts = config->contexts,
        .scratch_size = IXP_SCRATCH_SIZE,
        .scratch_rings = config->scratch_rings ? config->scratch_rings
                                               : IXP_RINGS,
        .ring_full_room = config->ring_full_room ? config->ring_full_room
                                                 : IXP_RING_FULL_ROOM,
        .sram_size = IXP_SRAM_MIN,
        .sram_channels = config->sram_channels ? config->sram_channels
                                               : IXP_SRAM_CHANNELS,
        .sram_queues = config->sram_queues ? config->sram_queues
                                           : IXP_QUEUES,
        .me_mhz = IXP_ME_MHZ,
        .timestamp_cycles = config->timestamp_cycles
                            ? config->timestamp_cycles
                            : IXP_TIMESTAMP_CYCLES,
        .product_revision = config->product_revision
                            ? config->product_revision : IXP_PRODUCT_REVISION,
        .msf_element = config->msf_element ? config->msf_element
                                           : IXP_MSF_ELEMENT_MIN,
    };

    ix->config = (IxpConfig) {
        .microengines = config->microengines,
        .contexts = config->contexts,
        .pages = config->pages,
        .ports = config->ports,
        .vectors = config->vectors,
        .stamps = config->stamps,
        .irq_bits = config->irq_bits ? config->irq_bits
                                           : SVNIC_IRQ_BITS,
        .sdram_size = config->sdram_size,
    };
    ix->config.sdram = aligned(HUGE_PAGE, config->sdram_size,
                               config->sdram_fill);
    ix->state = aligned(64, svnic_program.state_size, 0xa5);
    if (!ixp_units_init(&ix->units, &units, &fake_units_ops, ix)) {
        perror("fake chip: units");
        exit(1);
    }
    for (unsigned i = 0; i < IXP_MAX_MICROENGINES; i++) {
        ix->active[i] = -1;
    }
    ix->pci.ops = &fake_pci_ops;
    ix->pci.opaque = ix;
    ix->pci.sdram = ix->config.sdram;
    ix->pci.sdram_size = config->sdram_size;
    ix->pci.chain_max = IXP_DMA_CHAIN_MAX;
    pthread_mutex_init(&ix->xscale_lock, NULL);
    for (unsigned i = 0; i < config->ports; i++) {
        fake_port_init(ix, i, config->port_room);
        pm3386_set_link(&ix->units, i, true);
    }
    fake_host_init(ix, config->host_pages);
    ix->host.watch = config->host_watch;
    fake_chip_reset(ix);
    return ix;
}

void fake_chip_free(Ixp *ix)
{
    for (unsigned i = 0; i < ix->config.ports; i++) {
        fake_port_uninit(ix, i);
    }
    pthread_mutex_destroy(&ix->xscale_lock);
    fake_host_uninit(ix);
    ixp_units_free(&ix->units);
    free(ix->config.sdram);
    free(ix->state);
    free(ix);
}

void fake_chip_reset(Ixp *ix)
{
    ixp_pci_reset(&ix->pci);
    ix->dma_due = false;
    memset(ix->context, 0, sizeof(ix->context));
    ix->ready = 0;
    ix->rx_due = 0;
    ixp_units_reset(&ix->units);
    for (unsigned i = 0; i < ix->config.pages; i++) {
        fake_page_clear(&ix->page[i]);
    }
    for (unsigned i = 0; i < ix->config.ports; i++) {
        fake_port_empty(ix, i);
    }
    fake_host_reset(ix);
    svnic_program.boot(ix->state, ix);
}

void fake_chip_units_reset(Ixp *ix)
{
    ixp_units_reset(&ix->units);
}

void *fake_chip_state(Ixp *ix)
{
    return ix->state;
}

/* ---- contexts ---- */

static unsigned context_count(const Ixp *ix)
{
    return ix->config.microengines * ix->config.contexts;
}

void fake_wake(Ixp *ix, unsigned n)
{
    FakeWorker *w;

    if (ix->workers) {
        w = &ix->worker[n % ix->workers];
        pthread_mutex_lock(&w->wake_lock);
        w->woken = true;
        pthread_cond_signal(&w->wake);
        pthread_mutex_unlock(&w->wake_lock);
    }
}

uint32_t fake_signal(Ixp *ix, unsigned n, uint32_t bits)
{
    uint32_t old = __atomic_fetch_or(&ix->context[n].signals, bits,
                                     __ATOMIC_ACQ_REL);

    __atomic_fetch_or(&ix->ready, UINT64_C(1) << n, __ATOMIC_ACQ_REL);
    fake_wake(ix, n % ix->config.microengines);
    return old;
}

static bool step(Ixp *ix, unsigned n)
{
    FakeContext *c = &ix->context[n];
    unsigned me = n % ix->config.microengines;
    unsigned context = n / ix->config.microengines;
    uint32_t signals;

    if (!ixp_context_enabled(&ix->units, me, context)) {
        return false;
    }
    signals = __atomic_exchange_n(&c->signals, 0, __ATOMIC_ACQ_REL);
    if (!signals) {
        return false;
    }
    __atomic_store_n(&ix->active[me], context, __ATOMIC_RELAXED);
    if (svnic_program.context_step(ix->state, me, context, signals)) {
        __atomic_fetch_or(&c->signals, IXP_SIGNAL_AGAIN, __ATOMIC_ACQ_REL);
        __atomic_fetch_or(&ix->ready, UINT64_C(1) << n, __ATOMIC_ACQ_REL);
    }
    __atomic_store_n(&ix->active[me], -1, __ATOMIC_RELAXED);
    return true;
}

/* One step of each context of @mask that has a signal; returns how many. */
static unsigned step_ready(Ixp *ix, uint64_t mask)
{
    uint64_t ready =
        __atomic_fetch_and(&ix->ready, ~mask, __ATOMIC_ACQ_REL) & mask;
    unsigned steps = 0;

    for (; ready; ready &= ready - 1) {
        steps += step(ix, __builtin_ctzll(ready));
    }
    return steps;
}

bool fake_chip_step(Ixp *ix, unsigned me, unsigned context)
{
    return step(ix, context * ix->config.microengines + me);
}

bool fake_chip_step_me(Ixp *ix, unsigned me)
{
    bool any = false;

    for (unsigned i = 0; i < ix->config.contexts; i++) {
        any |= fake_chip_step(ix, me, i);
    }
    return any;
}

unsigned fake_chip_sweep(Ixp *ix)
{
    fake_rx_run(ix);
    /* A load first: an exchange would take the cache line from signallers. */
    return __atomic_load_n(&ix->ready, __ATOMIC_RELAXED)
           ? step_ready(ix, UINT64_MAX) : 0;
}

unsigned fake_chip_run(Ixp *ix, unsigned limit)
{
    unsigned steps = 0;
    unsigned n;

    do {
        n = fake_rx_run(ix);
        n += step_ready(ix, UINT64_MAX);
        steps += n;
        if (steps > limit) {
            return 0;
        }
    } while (n);
    return steps ? steps : 1;
}

static void *worker(void *opaque)
{
    FakeWorker *w = opaque;
    Ixp *ix = w->ix;
    uint64_t mine = 0;

    for (unsigned n = 0; n < context_count(ix); n++) {
        if (n % ix->config.microengines % ix->workers == w->id) {
            mine |= UINT64_C(1) << n;
        }
    }
    for (;;) {
        unsigned steps;

        pthread_mutex_lock(&w->step_lock);
        steps = step_ready(ix, mine);
        steps += !w->id && fake_rx_run(ix);
        pthread_mutex_unlock(&w->step_lock);
        if (steps) {
            continue;
        }
        pthread_mutex_lock(&w->wake_lock);
        while (!w->woken && !w->quit) {
            pthread_cond_wait(&w->wake, &w->wake_lock);
        }
        w->woken = false;
        if (w->quit) {
            pthread_mutex_unlock(&w->wake_lock);
            return NULL;
        }
        pthread_mutex_unlock(&w->wake_lock);
    }
}

void fake_chip_start(Ixp *ix, unsigned threads)
{
    ix->workers = threads;
    for (unsigned i = 0; i < threads; i++) {
        FakeWorker *w = &ix->worker[i];

        *w = (FakeWorker) { .ix = ix, .id = i, .woken = true };
        pthread_mutex_init(&w->step_lock, NULL);
        pthread_mutex_init(&w->wake_lock, NULL);
        pthread_cond_init(&w->wake, NULL);
    }
    for (unsigned i = 0; i < threads; i++) {
        pthread_create(&ix->worker[i].thread, NULL, worker, &ix->worker[i]);
    }
}

void fake_chip_stop(Ixp *ix)
{
    for (unsigned i = 0; i < ix->workers; i++) {
        FakeWorker *w = &ix->worker[i];

        pthread_mutex_lock(&w->wake_lock);
        w->quit = true;
        pthread_cond_signal(&w->wake);
        pthread_mutex_unlock(&w->wake_lock);
    }
    for (unsigned i = 0; i < ix->workers; i++) {
        pthread_join(ix->worker[i].thread, NULL);
    }
    for (unsigned i = 0; i < ix->workers; i++) {
        FakeWorker *w = &ix->worker[i];

        pthread_mutex_destroy(&w->step_lock);
        pthread_mutex_destroy(&w->wake_lock);
        pthread_cond_destroy(&w->wake);
    }
    ix->workers = 0;
}

void ixp_me_pause(Ixp *ix)
{
    if (ix->paused++ == 0) {
        for (unsigned i = 0; i < ix->workers; i++) {
            pthread_mutex_lock(&ix->worker[i].step_lock);
        }
    }
}

void ixp_me_resume(Ixp *ix)
{
    if (--ix->paused) {
        return;
    }
    ix->resumes++;
    for (unsigned i = ix->workers; i-- > 0;) {
        pthread_mutex_unlock(&ix->worker[i].step_lock);
    }
    for (unsigned n = 0; n < context_count(ix); n++) {
        fake_signal(ix, n, IXP_SIGNAL_START);
    }
}

unsigned fake_chip_resumes(Ixp *ix)
{
    return ix->resumes;
}

/* ---- PCI unit ---- */

static bool fake_pci_transfer(void *opaque, uint32_t address, uint8_t *sdram,
                              uint32_t *n, bool to_pci)
{
    Ixp *ix = opaque;
    uint32_t at = address - FAKE_BUS_BASE;

    if (address < FAKE_BUS_BASE || at > FAKE_BUS_SIZE ||
        *n > FAKE_BUS_SIZE - at) {
        return false;
    }
    if (ix->dma_max && *n > ix->dma_max) {
        *n = ix->dma_max;
    }
    memcpy(to_pci ? ix->bus + at : sdram, to_pci ? sdram : ix->bus + at, *n);
    return true;
}

static bool fake_pci_dma_over(void *opaque)
{
    Ixp *ix = opaque;

    return ix->dma_max != 0;
}

void fake_dma_limit(Ixp *ix, uint32_t limit)
{
    ix->dma_max = limit;
}

static void fake_pci_dma_due(void *opaque)
{
    Ixp *ix = opaque;

    ix->dma_due = true;
}

static void fake_pci_doorbell(void *opaque)
{
    fake_xscale_step(opaque, IXP_XSCALE_DOORBELL);
}

static const IxpPciOps fake_pci_ops = {
    .transfer = fake_pci_transfer,
    .dma_over = fake_pci_dma_over,
    .dma_due = fake_pci_dma_due,
    .doorbell = fake_pci_doorbell,
};

bool fake_pci_read(Ixp *ix, uint32_t offset, uint32_t *value)
{
    return ixp_pci_read(&ix->pci, offset, value);
}

bool fake_pci_write(Ixp *ix, uint32_t offset, uint32_t value)
{
    return ixp_pci_write(&ix->pci, offset, value);
}

uint8_t *fake_bus(Ixp *ix)
{
    return ix->bus;
}

IxpPci *fake_pci(Ixp *ix)
{
    return &ix->pci;
}

unsigned fake_dma_run(Ixp *ix)
{
    unsigned calls = 0;

    if (!ix->dma_due) {
        return 0;
    }
    ix->dma_due = false;
    do {
        calls++;
    } while (ixp_pci_dma_run(&ix->pci));
    return calls;
}

/* ---- mailboxes, doorbells, interrupts ---- */

const IxpConfig *ixp_config(Ixp *ix)
{
    return &ix->config;
}

uint64_t ixp_stamp(Ixp *ix)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * UINT64_C(1000000000) + t.tv_nsec;
}

uint32_t ixp_mailbox_read(Ixp *ix, unsigned n)
{
    return __atomic_load_n(&ix->pci.mailbox[n], __ATOMIC_ACQUIRE);
}

void ixp_mailbox_write(Ixp *ix, unsigned n, uint32_t value)
{
    __atomic_store_n(&ix->pci.mailbox[n], value, __ATOMIC_RELEASE);
}

uint32_t ixp_xscale_doorbell_take(Ixp *ix)
{
    return __atomic_exchange_n(&ix->pci.xscale_doorbell, 0, __ATOMIC_ACQ_REL);
}

void ixp_pci_doorbell_set(Ixp *ix, uint32_t bits)
{
    __atomic_fetch_or(&ix->pci.pci_doorbell, bits, __ATOMIC_ACQ_REL);
}

uint32_t fake_mailbox(Ixp *ix, unsigned n)
{
    return ixp_mailbox_read(ix, n);
}

void fake_mailbox_set(Ixp *ix, unsigned n, uint32_t value)
{
    ixp_mailbox_write(ix, n, value);
}

void fake_xscale_step(Ixp *ix, uint32_t events)
{
    pthread_mutex_lock(&ix->xscale_lock);
    while (svnic_program.xscale_step(ix->state, events)) {
        continue;
    }
    pthread_mutex_unlock(&ix->xscale_lock);
}

void fake_xscale_doorbell(Ixp *ix, uint32_t bits)
{
    fake_pci_write(ix, SVNIC_PCI_CSR_XSCALE_DOORBELL, bits);
}

uint32_t fake_pci_doorbell_take(Ixp *ix)
{
    return __atomic_exchange_n(&ix->pci.pci_doorbell, 0, __ATOMIC_ACQ_REL);
}

unsigned fake_irq_bit_raised(Ixp *ix, unsigned irq_bit)
{
    return __atomic_load_n(&ix->irq_bits[irq_bit], __ATOMIC_RELAXED);
}

unsigned fake_vector_raised(Ixp *ix, unsigned vector)
{
    return __atomic_load_n(&ix->vectors[vector], __ATOMIC_RELAXED);
}

/* ---- trace ---- */

void ixp_trace(Ixp *ix, unsigned event, uint32_t a, uint32_t b, uint32_t c)
{
    const IxpEvent *e = &svnic_program.event[event];

    __atomic_fetch_add(&ix->events[event], 1, __ATOMIC_RELAXED);
    if (b < e->values) {
        __atomic_fetch_add(&ix->named[event][b], 1, __ATOMIC_RELAXED);
    }
}

unsigned fake_trace_named(Ixp *ix, unsigned event, unsigned value)
{
    return __atomic_load_n(&ix->named[event][value], __ATOMIC_RELAXED);
}

unsigned fake_trace_count(Ixp *ix, unsigned event)
{
    return __atomic_load_n(&ix->events[event], __ATOMIC_RELAXED);
}
