/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC, the board: counters as read-only QOM properties.
 *
 *   qom-get /machine/peripheral/ID/vif[0] recv-full
 *
 * The firmware provides the names of its counters; those of the chip start
 * with "chip-", those of the MACs with "mib-".  Counters are read while workers
 * update them, without stopping the workers.  BQL.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qom/object.h"
#include "sv-nic.h"

#define TYPE_SV_NIC_COUNTERS "sv-nic-counters"

/* Source of a counter. */
typedef struct SvNicCounter SvNicCounter;
struct SvNicCounter {
    uint64_t (*get)(const SvNicCounter *counter);
    const void *from;
    unsigned group, n;          /* of the firmware; or n: microengine, fault */
};

static uint64_t sv_nic_counter_plain(const SvNicCounter *c)
{
    return qatomic_read_u64((const uint64_t *)c->from);
}

static uint64_t sv_nic_counter_stat64(const SvNicCounter *c)
{
    return stat64_get(c->from);
}

static uint64_t sv_nic_counter_fault(const SvNicCounter *c)
{
    return ixp_fault_struck(c->from, c->n);
}

static uint64_t sv_nic_counter_firmware(const SvNicCounter *c)
{
    const Ixp *ix = c->from;
    uint64_t value = 0;

    ix->program->counter(ix->state, c->group, c->n, &value);
    return value;
}

/* Cycles that microengine n would have waited for memory on the real chip. */
static uint64_t sv_nic_counter_wait(const SvNicCounter *c)
{
    const Ixp *ix = c->from;
    uint64_t cycles = 0;

    for (unsigned i = 0; i < IXP_MEMORIES; i++) {
        cycles += ix->program->accesses(ix->state, c->n, i) *
                  ix->units.config.latency[i];
    }
    return cycles;
}

static void sv_nic_counter_visit(Object *obj, Visitor *v, const char *name,
                                 void *opaque, Error **errp)
{
    const SvNicCounter *c = opaque;
    uint64_t value = c->get(c);

    visit_type_uint64(v, name, &value, errp);
}

static void sv_nic_counter_release(Object *obj, const char *name, void *opaque)
{
    g_free(opaque);
}

static void sv_nic_counter_add(Object *obj, const char *name,
                               SvNicCounter counter)
{
    object_property_add(obj, name, "uint64", sv_nic_counter_visit, NULL,
                        sv_nic_counter_release,
                        g_memdup2(&counter, sizeof(counter)));
}

static void sv_nic_add_plain(Object *obj, const char *name,
                             const uint64_t *from)
{
    sv_nic_counter_add(obj, name, (SvNicCounter) {
        .get = sv_nic_counter_plain,
        .from = from,
    });
}

static void sv_nic_add_stat64(Object *obj, const char *name,
                              const Stat64 *from)
{
    sv_nic_counter_add(obj, name, (SvNicCounter) {
        .get = sv_nic_counter_stat64,
        .from = from,
    });
}

static void sv_nic_add_firmware(Object *obj, const Ixp *ix, unsigned group)
{
    uint64_t value;
    const char *name;

    if (!ix->program->counter) {
        return;
    }
    for (unsigned n = 0;
         (name = ix->program->counter(ix->state, group, n, &value)); n++) {
        sv_nic_counter_add(obj, name, (SvNicCounter) {
            .get = sv_nic_counter_firmware,
            .from = ix,
            .group = group,
            .n = n,
        });
    }
}

/* Adds a child with counters to the device, which holds the reference. */
static Object *sv_nic_counters_new(SvNicState *s, const char *name)
{
    Object *obj = object_new(TYPE_SV_NIC_COUNTERS);

    object_property_add_child(OBJECT(s), name, obj);
    object_unref(obj);
    return obj;
}

static Object *sv_nic_counters_new_nth(SvNicState *s, const char *name,
                                       unsigned n)
{
    g_autofree char *nth = g_strdup_printf("%s[%u]", name, n);

    return sv_nic_counters_new(s, nth);
}

static void sv_nic_counters_vif(SvNicState *s, unsigned n)
{
    Object *obj = sv_nic_counters_new_nth(s, "vif", n);
    IxpPage *page = &s->chip.page[n];

    sv_nic_add_firmware(obj, &s->chip, n);
    sv_nic_add_stat64(obj, "chip-doorbells", &page->doorbells);
    sv_nic_add_plain(obj, "chip-doorbells-closed", &page->closed);
    sv_nic_add_stat64(obj, "chip-interrupts", &page->interrupts);
}

static void sv_nic_add_stage(Object *obj, const char *name,
                             const IxpStage *stage)
{
    g_autofree char *count = g_strdup_printf("chip-stage-%s-count", name);
    g_autofree char *ns = g_strdup_printf("chip-stage-%s-ns", name);
    g_autofree char *max = g_strdup_printf("chip-stage-%s-max", name);

    sv_nic_add_plain(obj, count, &stage->count);
    sv_nic_add_plain(obj, ns, &stage->ns);
    sv_nic_add_plain(obj, max, &stage->max);
}

static void sv_nic_add_mib(SvNicState *s, Object *obj, unsigned port)
{
    const uint64_t *from;
    const char *name;

    for (unsigned n = 0;
         (name = pm3386_counter(&s->chip.units, port, n, &from)); n++) {
        sv_nic_add_plain(obj, name, from);
    }
    sv_nic_add_plain(obj, "link", &s->chip.units.mac.link[port]);
}

static void sv_nic_counters_port(SvNicState *s, unsigned n)
{
    Object *obj = sv_nic_counters_new_nth(s, "port", n);
    IxpPort *port = &s->chip.port[n];
    const IxpMsfPort *msf = &s->chip.units.msf.port[n];

    sv_nic_add_firmware(obj, &s->chip, s->chip.config.pages + n);
    sv_nic_add_plain(obj, "chip-in-frames", &port->in_frames);
    sv_nic_add_plain(obj, "chip-in-bytes", &port->in_bytes);
    sv_nic_add_plain(obj, "chip-in-full", &port->in_full);
    sv_nic_add_plain(obj, "chip-in-bad", &port->in_bad);
    sv_nic_add_plain(obj, "chip-out-frames", &port->out_frames);
    sv_nic_add_plain(obj, "chip-out-packets", &port->out_packets);
    sv_nic_add_plain(obj, "chip-out-bytes", &port->out_bytes);
    sv_nic_add_plain(obj, "chip-out-bad", &port->out_bad);
    sv_nic_add_plain(obj, "chip-out-waits", &port->out_waits);
    sv_nic_add_plain(obj, "chip-out-late", &port->out_late);
    sv_nic_add_plain(obj, "chip-out-runs", &port->out_runs.count);
    sv_nic_add_plain(obj, "chip-out-runs-long", &port->out_runs.longer);
    sv_nic_add_plain(obj, "chip-out-longest-ns", &port->out_runs.max);
    sv_nic_add_stat64(obj, "chip-out-full", &port->out_full);
    sv_nic_add_plain(obj, "chip-out-lost", &port->out_lost);
    sv_nic_add_plain(obj, "chip-rbuf-elements", &msf->rx_elements);
    sv_nic_add_plain(obj, "chip-rbuf-exhausted", &msf->rx_exhausted_count);
    sv_nic_add_plain(obj, "chip-tbuf-elements", &msf->tx_elements);
    sv_nic_add_stage(obj, "in", &port->in_stage);
    sv_nic_add_stage(obj, "out", &port->out_stage);
    sv_nic_add_mib(s, obj, n);
}

static void sv_nic_counters_me(SvNicState *s, unsigned n)
{
    Object *obj = sv_nic_counters_new_nth(s, "me", n);

    for (unsigned i = 0; i < s->chip.config.contexts; i++) {
        IxpContext *c = ixp_context(&s->chip, n, i);
        g_autofree char *steps = g_strdup_printf("context%u-steps", i);
        g_autofree char *again = g_strdup_printf("context%u-again", i);

        sv_nic_add_plain(obj, steps, &c->steps);
        sv_nic_add_plain(obj, again, &c->again);
    }
    sv_nic_add_firmware(obj, &s->chip,
                        s->chip.config.pages + s->chip.config.ports + n);
    if (s->chip.program->accesses) {
        sv_nic_counter_add(obj, "chip-wait-cycles", (SvNicCounter) {
            .get = sv_nic_counter_wait,
            .from = &s->chip,
            .n = n,
        });
    }
}

static void sv_nic_counters_ring(SvNicState *s, unsigned n)
{
    Object *obj = sv_nic_counters_new_nth(s, "ring", n);
    IxpScratchRing *ring = &s->chip.units.ring[n];

    sv_nic_add_plain(obj, "chip-puts", &ring->puts);
    sv_nic_add_plain(obj, "chip-gets", &ring->gets);
    sv_nic_add_plain(obj, "chip-overflows", &ring->overflows);
    sv_nic_add_plain(obj, "chip-empties", &ring->empties);
}

static void sv_nic_counters_dma(SvNicState *s, unsigned n)
{
    Object *obj = sv_nic_counters_new_nth(s, "dma", n);
    IxpDma *dma = &s->chip.pci.dma[n];

    sv_nic_add_plain(obj, "chip-transfers", &dma->transfers);
    sv_nic_add_plain(obj, "chip-bytes", &dma->bytes);
    sv_nic_add_plain(obj, "chip-errors", &dma->errors);
}

/* How often each fault has struck. */
static void sv_nic_counters_faults(SvNicState *s)
{
    Object *obj = sv_nic_counters_new(s, "faults");
    const IxpFaultKind *kind;

    for (unsigned i = 0; (kind = ixp_fault_kind(s->chip.program, i)); i++) {
        sv_nic_counter_add(obj, kind->name, (SvNicCounter) {
            .get = sv_nic_counter_fault,
            .from = &s->chip.units.faults,
            .n = i,
        });
    }
}

static void sv_nic_counters_worker(SvNicState *s, unsigned n)
{
    Object *obj = sv_nic_counters_new_nth(s, "worker", n);
    IxpWorker *w = &s->chip.worker[n];

    sv_nic_add_plain(obj, "bursts", &w->bursts);
    sv_nic_add_plain(obj, "assists", &w->assists);
    sv_nic_add_plain(obj, "sleeps", &w->sleeps);
}

/* @name has no "s". */
static void sv_nic_add_runs(Object *obj, const char *name,
                            const IxpRuns *runs)
{
    g_autofree char *count = g_strdup_printf("%ss", name);
    g_autofree char *longer = g_strdup_printf("%ss-long", name);
    g_autofree char *max = g_strdup_printf("%s-max", name);

    sv_nic_add_plain(obj, count, &runs->count);
    sv_nic_add_plain(obj, longer, &runs->longer);
    sv_nic_add_plain(obj, max, &runs->max);
}

void sv_nic_counters_init(SvNicState *s)
{
    Ixp *ix = &s->chip;
    Object *card = sv_nic_counters_new(s, "card");

    sv_nic_add_plain(card, "pauses", &ix->pauses);
    sv_nic_add_plain(card, "xscale-steps", &ix->xscale_steps);
    sv_nic_add_runs(card, "inline-run", &ix->inline_runs);
    sv_nic_add_runs(card, "xscale-run", &ix->xscale_runs);
    sv_nic_add_plain(card, "dma-runs", &ix->pci.dma_runs);
    sv_nic_add_plain(card, "dma-runs-long", &ix->dma_runs.longer);
    sv_nic_add_plain(card, "dma-run-max", &ix->dma_runs.max);
    sv_nic_add_plain(card, "dma-parts", &ix->pci.dma_parts);
    sv_nic_add_plain(card, "chip-signals-sent", &ix->units.signals_sent);
    sv_nic_add_plain(card, "chip-signals-lost", &ix->units.signals_lost);
    sv_nic_add_plain(card, "chip-csr-reserved", &ix->units.reserved);
    sv_nic_add_stat64(card, "irq-bits-raised", &s->bridge.raised);
    sv_nic_add_stat64(card, "irq-bits-redundant", &s->bridge.redundant);
    sv_nic_add_stat64(card, "upstream-unclaimed",
                      &s->bridge.upstream_unclaimed);
    sv_nic_add_stat64(card, "upstream-invalid", &s->bridge.upstream_invalid);
    sv_nic_add_stat64(card, "upstream-aborts", &s->bridge.upstream_aborts);
    sv_nic_add_stat64(card, "upstream-refused", &s->bridge.upstream_refused);
    sv_nic_add_plain(card, "host-maps-refused", &ix->host_refused);
    sv_nic_add_stat64(card, "host-unreached", &ix->host_unreached);
    sv_nic_add_runs(card, "host-change", &ix->host_changes);
    sv_nic_add_plain(card, "downstream-aborts",
                     &s->bridge.downstream_aborts);
    sv_nic_add_stat64(card, "vectors-raised", &s->vectors_raised);
    sv_nic_add_stat64(card, "vectors-redundant", &s->vectors_redundant);
    sv_nic_add_stat64(card, "interrupts-lost", &s->interrupts_lost);

    for (unsigned i = 0; i < ix->config.pages; i++) {
        sv_nic_counters_vif(s, i);
    }
    for (unsigned i = 0; i < ix->config.ports; i++) {
        sv_nic_counters_port(s, i);
    }
    for (unsigned i = 0; i < ix->config.microengines; i++) {
        sv_nic_counters_me(s, i);
    }
    for (unsigned i = 0; i < ix->units.config.scratch_rings; i++) {
        sv_nic_counters_ring(s, i);
    }
    for (unsigned i = 0; i < SVNIC_PCI_CSR_DMA_CHANNELS; i++) {
        sv_nic_counters_dma(s, i);
    }
    for (unsigned i = 0; i < MAX(ix->workers, 1); i++) {
        sv_nic_counters_worker(s, i);
    }
    sv_nic_counters_faults(s);
}

static int sv_nic_counters_collect(Object *child, void *opaque)
{
    if (object_dynamic_cast(child, TYPE_SV_NIC_COUNTERS)) {
        g_ptr_array_add(opaque, child);
    }
    return 0;
}

void sv_nic_counters_uninit(SvNicState *s)
{
    g_autoptr(GPtrArray) children = g_ptr_array_new();

    object_child_foreach(OBJECT(s), sv_nic_counters_collect, children);
    for (unsigned i = 0; i < children->len; i++) {
        object_unparent(children->pdata[i]);
    }
}

static const TypeInfo sv_nic_counters_info = {
    .name = TYPE_SV_NIC_COUNTERS,
    .parent = TYPE_OBJECT,
    .instance_size = sizeof(Object),
};

static void sv_nic_counters_register(void)
{
    type_register_static(&sv_nic_counters_info);
}

type_init(sv_nic_counters_register)
