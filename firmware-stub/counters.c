/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters: where the data path has them, for commands and for the counters
 * property of the card.
 *
 * Read by any thread while contexts count: each value is read whole, but the
 * values need not be of the same moment.
 */
#include "fw.h"

/* A counter: its name and where it lies in FwVif, FwPort or FwMe. */
typedef struct Counter {
    const char *name;
    size_t offset;
} Counter;

/* In the order of struct svnic_vif_stats. */
static const Counter vif_counters[] = {
#define COUNTER(name, label, meaning)   { label, offsetof(FwVif, name) },
    SVNIC_VIF_COUNTERS(COUNTER)
#undef COUNTER
};
#define VIF_COUNTERS    (sizeof(vif_counters) / sizeof(vif_counters[0]))

static const Counter port_counters[] = {
    { "in-frames", offsetof(FwPort, in_frames) },
    { "in-bytes", offsetof(FwPort, in_bytes) },
    { "in-no-vif", offsetof(FwPort, in_no_vif) },
    { "out-frames", offsetof(FwPort, out_frames) },
    { "out-bytes", offsetof(FwPort, out_bytes) },
    { "out-full", offsetof(FwPort, out_full) },
    { "in-errors", offsetof(FwPort, in_errors) },
    { "out-busy", offsetof(FwPort, out_busy) },
    { "in-reserved", offsetof(FwPort, in_reserved) },
};
#define PORT_COUNTERS   (sizeof(port_counters) / sizeof(port_counters[0]))

#define STAGE(n, member)    offsetof(FwMe, stage[FW_STAGE_##n].member)

static const Counter me_counters[] = {
    { "handles", offsetof(FwMe, handles) },
    { "handles-stale", offsetof(FwMe, stale) },
    { "handles-lost", offsetof(FwMe, ring_lost) },
    { "ring-full", offsetof(FwMe, ring_full) },
    { "signals-lost", offsetof(FwMe, signals_lost) },
    { "accesses-scratch", offsetof(FwMe, accesses[IXP_MEMORY_SCRATCH]) },
    { "accesses-hash", offsetof(FwMe, accesses[IXP_MEMORY_HASH]) },
    { "accesses-sram", offsetof(FwMe, accesses[IXP_MEMORY_SRAM]) },
    { "accesses-dram", offsetof(FwMe, accesses[IXP_MEMORY_DRAM]) },
    { "stage-doorbell-count", STAGE(DOORBELL, count) },
    { "stage-doorbell-ns", STAGE(DOORBELL, ns) },
    { "stage-doorbell-max", STAGE(DOORBELL, max) },
    { "stage-fetch-count", STAGE(FETCH, count) },
    { "stage-fetch-ns", STAGE(FETCH, ns) },
    { "stage-fetch-max", STAGE(FETCH, max) },
    { "stage-classify-count", STAGE(CLASSIFY, count) },
    { "stage-classify-ns", STAGE(CLASSIFY, ns) },
    { "stage-classify-max", STAGE(CLASSIFY, max) },
    { "stage-ring-count", STAGE(RING, count) },
    { "stage-ring-ns", STAGE(RING, ns) },
    { "stage-ring-max", STAGE(RING, max) },
    { "stage-copy-count", STAGE(COPY, count) },
    { "stage-copy-ns", STAGE(COPY, ns) },
    { "stage-copy-max", STAGE(COPY, max) },
    { "stage-signal-count", STAGE(SIGNAL, count) },
    { "stage-signal-ns", STAGE(SIGNAL, ns) },
    { "stage-signal-max", STAGE(SIGNAL, max) },
};
#define ME_COUNTERS     (sizeof(me_counters) / sizeof(me_counters[0]))

static uint64_t value_of(const void *base, const Counter *c)
{
    return fw_counted((const uint64_t *)((const char *)base + c->offset));
}

void fw_stage(SvnicFw *fw, unsigned me, FwStageName stage, uint64_t ns)
{
    FwStage *s = &fw->me[me].stage[stage];

    fw_count(&s->count, 1);
    fw_count(&s->ns, ns);
    if (ns > s->max) {
        fw_count(&s->max, ns - s->max);
    }
}

void fw_vif_stats_clear(FwVif *v)
{
    for (unsigned i = 0; i < VIF_COUNTERS; i++) {
        uint64_t *p = (uint64_t *)((char *)v + vif_counters[i].offset);

        __atomic_store_n(p, 0, __ATOMIC_RELAXED);
    }
}

void fw_vif_stats(const FwVif *v, struct svnic_vif_stats *stats)
{
    svnic_le64 *out = &stats->send_frames;

    for (unsigned i = 0; i < VIF_COUNTERS; i++) {
        out[i] = fw_le64(value_of(v, &vif_counters[i]));
    }
}

void fw_port_info(const SvnicFw *fw, unsigned port,
                  struct svnic_port_info *info)
{
    const FwPort *p = &fw->port[port];

    *info = (struct svnic_port_info) {
        .link = fw_le32(p->link),
        .in_frames = fw_le64(fw_counted(&p->in_frames)),
        .in_bytes = fw_le64(fw_counted(&p->in_bytes)),
        .in_no_vif = fw_le64(fw_counted(&p->in_no_vif)),
        .out_frames = fw_le64(fw_counted(&p->out_frames)),
        .out_bytes = fw_le64(fw_counted(&p->out_bytes)),
        .out_full = fw_le64(fw_counted(&p->out_full)),
    };
    memcpy(info->mac, p->mac, sizeof(info->mac));
}

const char *fw_counter(const void *state, unsigned group, unsigned n,
                       uint64_t *value)
{
    const SvnicFw *fw = state;
    const Counter *c;
    const void *base;

    if (group < fw->vifs) {
        if (n >= VIF_COUNTERS) {
            return NULL;
        }
        c = &vif_counters[n];
        base = &fw->vif[group];
    } else if (group - fw->vifs < fw->ports) {
        if (n >= PORT_COUNTERS) {
            return NULL;
        }
        c = &port_counters[n];
        base = &fw->port[group - fw->vifs];
    } else {
        group -= fw->vifs + fw->ports;
        if (group >= fw->microengines || n >= ME_COUNTERS) {
            return NULL;
        }
        c = &me_counters[n];
        base = &fw->me[group];
    }
    *value = value_of(base, c);
    return c->name;
}

uint64_t fw_accesses(const void *state, unsigned me, IxpMemory memory)
{
    const SvnicFw *fw = state;

    return fw_counted(&fw->me[me].accesses[memory]);
}
