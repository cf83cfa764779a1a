/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC, the board: properties for qtests.  They exist only under qtest.
 *
 * "secondary-cycle": makes an access as initiator on the secondary bus, which
 * a test could otherwise cause only by the chip.  Set to
 *
 *   config|csr|memory|xscale read|write ADDRESS SIZE [VALUE]
 *
 * it accesses the configuration space or the CSRs of the bridge from the
 * secondary side, an address of the secondary bus (which can be forwarded
 * upstream), or an address of the XScale with registers of the chip.  A get
 * returns the MemTxResult and the value.
 *
 * "worker-cycles": makes accesses on the thread of the first worker, for tests
 * of races with the main loop.  Set to an address, the worker repeatedly writes
 * 8 bytes there and reads them back, until the property is set to "stop".  Set
 * to "raise", the worker raises random IRQ bits that are not set.  A get
 * returns the number of cycles that were done, that failed, and that read back
 * another value, and 1 while the worker is still running.
 *
 * "idle": true if no worker has work and no port has frames for its network
 * back end.  All work that is not done then waits for the network, for the
 * host, or for a bottom half of the main loop; such a bottom half has run when
 * the property is read again.
 *
 * "late-accesses": a vCPU that waited for the BQL can access a region of the
 * card after unplug.  If this property is set to a guest address, all registers
 * of the card that are mapped now are accessed right after the card is
 * unrealized.  The number of reads, and the number of reads that did not return
 * all ones, are stored at that address, 8 bytes each.
 *
 * All functions run with the BQL, except the cycles of the worker.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/cutils.h"
#include "qemu/main-loop.h"
#include "qemu/processor.h"
#include "qemu/rcu.h"
#include "qemu/sv-nic-compat.h"
#include "system/qtest.h"
#include "sv-nic.h"

static MemTxResult sv_nic_cycle(SvNicState *s, const char *space, bool write,
                                uint64_t addr, unsigned size, uint64_t *value)
{
    I21555 *b = &s->bridge;
    MemTxResult result = MEMTX_OK;
    uint64_t le = cpu_to_le64(*value);

    if (!strcmp(space, "config")) {
        if (write) {
            i21555_config_write(b, I21555_SECONDARY, addr, *value, size);
        } else {
            *value = i21555_config_read(b, I21555_SECONDARY, addr, size);
        }
    } else if (!strcmp(space, "csr")) {
        if (write) {
            i21555_csr_write(b, I21555_SECONDARY, addr, *value, size);
        } else {
            *value = i21555_csr_read(b, I21555_SECONDARY, addr, size);
        }
    } else if (!strcmp(space, "xscale")) {
        if (write) {
            ixp_csr_write(&s->chip.units, addr, *value);
        } else {
            *value = ixp_csr_read(&s->chip.units, addr);
        }
    } else {
        result = i21555_upstream_rw(b, addr, &le, size, write);
        *value = le64_to_cpu(le);
    }
    return result;
}

static bool sv_nic_cycle_valid(char **words, unsigned n, uint64_t addr,
                               uint64_t size)
{
    uint64_t end = !strcmp(words[0], "config") ? PCI_CONFIG_SPACE_SIZE
                                               : SVNIC_CSR_SIZE;

    if (!strcmp(words[0], "memory")) {
        return size >= 1 && size <= 8;
    }
    if (!strcmp(words[0], "xscale")) {
        return size == 4 && addr <= UINT32_MAX;
    }
    return (size == 1 || size == 2 || size == 4) && addr < end &&
           size <= end - addr &&
           (!strcmp(words[0], "csr") || addr % size == 0);
}

static void sv_nic_cycle_set(Object *obj, const char *text, Error **errp)
{
    SvNicState *s = SV_NIC(obj);
    g_auto(GStrv) words = g_strsplit(text, " ", 0);
    unsigned n = g_strv_length(words);
    uint64_t addr, size, value = 0;
    IXP_ENTRY(&s->chip);

    if (n < 4 || qemu_strtou64(words[2], NULL, 0, &addr) ||
        qemu_strtou64(words[3], NULL, 0, &size) ||
        (n > 4 && qemu_strtou64(words[4], NULL, 0, &value)) ||
        !sv_nic_cycle_valid(words, n, addr, size)) {
        error_setg(errp, "secondary-cycle: invalid cycle: '%s'", text);
        return;
    }
    s->cycle_result = sv_nic_cycle(s, words[0], !strcmp(words[1], "write"),
                                   addr, size, &value);
    s->cycle_value = value;
}

static char *sv_nic_cycle_get(Object *obj, Error **errp)
{
    SvNicState *s = SV_NIC(obj);

    return g_strdup_printf("%u 0x%" PRIx64, s->cycle_result, s->cycle_value);
}

/* Cycles in one bottom half of the worker. */
#define SV_NIC_LOOP_BURST   64

/* Increments a counter that has only one writer. */
static void sv_nic_loop_count(uint64_t *counter)
{
    qatomic_set_u64(counter, qatomic_read_u64(counter) + 1);
}

static void sv_nic_loop_cycle(SvNicState *s)
{
    SvNicLoop *l = &s->loop;
    uint64_t addr = qatomic_read_u64(&l->addr);
    uint64_t value = qatomic_read_u64(&l->done) + 1, back;

    if (i21555_upstream_rw(&s->bridge, addr, &value, sizeof(value), true) ||
        i21555_upstream_rw(&s->bridge, addr, &back, sizeof(back), false)) {
        sv_nic_loop_count(&l->failed);
    } else if (back != value) {
        sv_nic_loop_count(&l->wrong);
    } else {
        sv_nic_loop_count(&l->done);
    }
}

/* Raises a random IRQ bit, after a random delay. */
static void sv_nic_loop_raise(SvNicState *s)
{
    SvNicLoop *l = &s->loop;
    unsigned irq_bit;

    l->random = l->random * 1103515245 + 12345;
    irq_bit = l->random >> 16 & (SVNIC_IRQ_BITS - 1);
    for (unsigned i = l->random >> 20 & 0xfff; i; i--) {
        cpu_relax();
    }
    if (!(qatomic_read(&s->bridge.irq[I21555_PRIMARY]) >> irq_bit & 1)) {
        i21555_raise(&s->bridge, irq_bit);
        sv_nic_loop_count(&l->done);
    }
}

static AioContext *sv_nic_loop_context(SvNicState *s)
{
    return iothread_get_aio_context(s->chip.worker[0].thread);
}

/* Runs on the worker's thread; after "stop" once more, to clear running. */
static void sv_nic_loop_bh(void *opaque)
{
    SvNicState *s = opaque;
    SvNicLoop *l = &s->loop;

    for (unsigned i = 0; i < SV_NIC_LOOP_BURST &&
         qatomic_read(&l->running) == 1; i++) {
        if (l->raise) {
            sv_nic_loop_raise(s);
        } else {
            sv_nic_loop_cycle(s);
        }
    }
    if (qatomic_read(&l->running) == 1) {
        aio_bh_schedule_oneshot(sv_nic_loop_context(s), sv_nic_loop_bh, s);
    } else {
        qatomic_store_release(&l->running, 0);
    }
}

static void sv_nic_loop_set(Object *obj, const char *text, Error **errp)
{
    SvNicState *s = SV_NIC(obj);
    SvNicLoop *l = &s->loop;
    bool raise = !strcmp(text, "raise");
    uint64_t addr = 0;

    if (!strcmp(text, "stop")) {
        qatomic_cmpxchg(&l->running, 1, 2);
    } else if (!s->chip.workers || qatomic_read(&l->running) ||
               (!raise && qemu_strtou64(text, NULL, 0, &addr))) {
        error_setg(errp, "worker-cycles: no worker, busy, or bad address: "
                   "'%s'", text);
    } else {
        *l = (SvNicLoop) { .addr = addr, .raise = raise, .running = 1 };
        aio_bh_schedule_oneshot(sv_nic_loop_context(s), sv_nic_loop_bh, s);
    }
}

static char *sv_nic_loop_get(Object *obj, Error **errp)
{
    SvNicLoop *l = &SV_NIC(obj)->loop;

    return g_strdup_printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %u",
                           qatomic_read_u64(&l->done),
                           qatomic_read_u64(&l->failed),
                           qatomic_read_u64(&l->wrong),
                           qatomic_load_acquire(&l->running) != 0);
}

/* ---- accesses after unplug ---- */

/* Bytes that are accessed at the start and at the end of a range. */
#define SV_NIC_LATE_BYTES   0x2000

typedef struct SvNicLateRange {
    MemoryRegion *mr;           /* holds a reference, and so one on the card */
    hwaddr offset, size;
} SvNicLateRange;

typedef struct SvNicLate {
    DeviceListener listener;
    SvNicState *s;
    uint64_t report;
    GArray *ranges;
    uint64_t reads, wrong;
} SvNicLate;

static bool sv_nic_late_collect(Int128 start, Int128 len,
                                const MemoryRegion *mr, hwaddr offset,
                                void *opaque)
{
    SvNicLate *late = opaque;
    SvNicLateRange range = {
        .mr = (MemoryRegion *)mr,
        .offset = offset,
        .size = int128_get64(len),
    };

    if (mr->owner == OBJECT(late->s) && !mr->ram) {
        memory_region_ref(range.mr);
        g_array_append_val(late->ranges, range);
    }
    return false;
}

static void sv_nic_late_access(SvNicLate *late, MemoryRegion *mr, hwaddr addr,
                               unsigned size)
{
    const MemTxAttrs attrs = MEMTXATTRS_UNSPECIFIED;
    const MemOp op = size_memop(size) | MO_LE;
    uint64_t ones = MAKE_64BIT_MASK(0, size * 8);
    uint64_t value;

    for (unsigned i = 0; i < 2; i++) {
        if (memory_region_dispatch_read(mr, addr, &value, op, attrs) ==
            MEMTX_DECODE_ERROR) {
            return; /* no access of this size possible */
        }
        late->reads++;
        late->wrong += value != ones;
        memory_region_dispatch_write(mr, addr, i ? 0 : ones, op, attrs);
    }
}

static void sv_nic_late_range(SvNicLate *late, const SvNicLateRange *range)
{
    for (hwaddr at = 0; at < range->size; at += 4) {
        if (at >= SV_NIC_LATE_BYTES &&
            range->size - at > SV_NIC_LATE_BYTES) {
            at = range->size - SV_NIC_LATE_BYTES;
        }
        for (unsigned size = 1; size <= 8 && at + size <= range->size;
             size *= 2) {
            sv_nic_late_access(late, range->mr, range->offset + at, size);
        }
    }
}

/* Deferred, because unrealize iterates over the list of listeners. */
static void sv_nic_late_free(void *opaque)
{
    SvNicLate *late = opaque;

    device_listener_unregister(&late->listener);
    for (unsigned i = 0; i < late->ranges->len; i++) {
        memory_region_unref(g_array_index(late->ranges, SvNicLateRange,
                                          i).mr);
    }
    g_array_free(late->ranges, true);
    g_free(late);
}

static void sv_nic_late_unrealize(DeviceListener *listener, DeviceState *dev)
{
    SvNicLate *late = container_of(listener, SvNicLate, listener);

    if (dev != DEVICE(late->s)) {
        return;
    }
    for (unsigned i = 0; i < late->ranges->len; i++) {
        sv_nic_late_range(late, &g_array_index(late->ranges, SvNicLateRange,
                                               i));
    }
    address_space_stq_le(&address_space_memory, late->report, late->reads,
                         MEMTXATTRS_UNSPECIFIED, NULL);
    address_space_stq_le(&address_space_memory, late->report + 8, late->wrong,
                         MEMTXATTRS_UNSPECIFIED, NULL);
    aio_bh_schedule_oneshot(qemu_get_aio_context(), sv_nic_late_free, late);
}

static void sv_nic_late_set(Object *obj, const char *text, Error **errp)
{
    SvNicLate *late;
    uint64_t report;

    if (qemu_strtou64(text, NULL, 0, &report)) {
        error_setg(errp, "late-accesses: bad address: '%s'", text);
        return;
    }
    late = g_new0(SvNicLate, 1);
    late->s = SV_NIC(obj);
    late->report = report;
    late->ranges = g_array_new(false, false, sizeof(SvNicLateRange));
    WITH_RCU_READ_LOCK_GUARD() {
        flatview_for_each_range(address_space_to_flatview(
                                    &address_space_memory),
                                sv_nic_late_collect, late);
        flatview_for_each_range(address_space_to_flatview(&address_space_io),
                                sv_nic_late_collect, late);
    }
    late->listener.unrealize = sv_nic_late_unrealize;
    device_listener_register(&late->listener);
}

/* ---- property idle ---- */

static uint64_t sv_nic_sleeps(SvNicState *s)
{
    uint64_t sleeps = 0;

    for (unsigned i = 0; i < s->chip.workers; i++) {
        sleeps += qatomic_read_u64(&s->chip.worker[i].sleeps);
    }
    return sleeps;
}

static bool sv_nic_worker_idle(IxpWorker *w)
{
    /* pair with the releases in ixp_worker_bh and in ixp_step */
    if (qatomic_load_acquire(&w->awake) || qatomic_load_acquire(&w->claimed)) {
        return false;
    }
    for (unsigned i = 0; i < IXP_RUNNABLE_WORDS; i++) {
        if (qatomic_read(&w->runnable[i])) {
            return false;
        }
    }
    return true;
}

/*
 * A worker that was checked can be woken by one that is not checked yet, so
 * each worker is checked twice.  If the number of sleeps has not changed, no
 * worker that was asleep in both checks was awake between them, so there was a
 * moment when all workers were asleep.  After that only the main loop, which
 * runs this function, can wake a worker.
 */
static bool sv_nic_idle_get(Object *obj, Error **errp)
{
    SvNicState *s = SV_NIC(obj);
    uint64_t sleeps = sv_nic_sleeps(s);
    unsigned n = MAX(s->chip.workers, 1);

    /* checks after the count: pairs with the release in ixp_worker_bh */
    smp_rmb();
    for (unsigned i = 0; i < 2 * n; i++) {
        if (!sv_nic_worker_idle(&s->chip.worker[i % n])) {
            return false;
        }
    }
    for (unsigned i = 0; i < s->chip.config.ports; i++) {
        if (qatomic_read(&s->chip.port[i].out_kicked)) {
            return false;
        }
    }
    return sleeps == sv_nic_sleeps(s);
}

static bool sv_nic_s_inta_get(Object *obj, Error **errp)
{
    return qatomic_read(&SV_NIC(obj)->s_inta);
}

void sv_nic_qtest_init(SvNicState *s)
{
    if (qtest_enabled()) {
        object_property_add_str(OBJECT(s), "secondary-cycle",
                                sv_nic_cycle_get, sv_nic_cycle_set);
        object_property_add_str(OBJECT(s), "worker-cycles",
                                sv_nic_loop_get, sv_nic_loop_set);
        object_property_add_str(OBJECT(s), "late-accesses", NULL,
                                sv_nic_late_set);
        object_property_add_bool(OBJECT(s), "s-inta", sv_nic_s_inta_get,
                                 NULL);
        object_property_add_bool(OBJECT(s), "idle", sv_nic_idle_get, NULL);
    }
}
