/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400: life cycle, XScale, and the callbacks of the PCI unit
 * (ixp2400-pci.c).
 *
 * The XScale is the firmware's control plane.  Its steps run with the BQL: in a
 * main-loop bottom half, or with workers=0 inline in the register write that
 * woke it.  The mailboxes and doorbells are shared with it and with contexts,
 * hence atomic.
 *
 * The chip starts paused, and is paused while the machine is stopped: XScale,
 * contexts and ports do not run, and events stay pending.
 *
 * Spec: "PCI CSRs".
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/memalign.h"
#include "qemu/timer.h"
#include "qemu/units.h"
#include "migration/vmstate.h"
#include "system/replay.h"
#include "ixp2400.h"
#include "trace.h"

/* XScale steps before returning to the main loop */
#define IXP_XSCALE_BURST    16
#define IXP_STATE_ALIGN     64

const IxpConfig *ixp_config(Ixp *ix)
{
    return &ix->config;
}

uint64_t ixp_stamp(Ixp *ix)
{
    return get_clock();
}

IxpUnits *ixp_units(Ixp *ix)
{
    return &ix->units;
}

void ixp_bh_schedule(Ixp *ix, QEMUBH *bh)
{
    if (ix->workers) {
        qemu_bh_schedule(bh);
    } else {
        replay_bh_schedule_event(bh);
    }
}

bool ixp_timed(void)
{
    return replay_mode == REPLAY_MODE_NONE && !icount_enabled();
}

void ixp_run_count(IxpRuns *runs, int64_t start)
{
    uint64_t ns = get_clock() - start;

    qatomic_set_u64(&runs->count, runs->count + 1);
    qatomic_set_u64(&runs->longer,
                    runs->longer + (ns > IXP_RUN_LONG_NS));
    qatomic_set_u64(&runs->max, MAX(runs->max, ns));
}

/* ---- XScale ---- */

/*
 * A watchdog that resets the chip: everything is as after power-on, but the
 * firmware boots later.  Until then no context is enabled, and no XScale runs.
 */
static bool ixp_fault_reboots(Ixp *ix)
{
    if (!ixp_fault(&ix->units, IXP_FAULT_REBOOT, 0)) {
        return false;
    }
    ixp_me_pause(ix);
    ixp_reset(ix);
    ix->booting = ixp_late_add(&ix->units,
                               ixp_fault_ns(&ix->units, IXP_FAULT_REBOOT),
                               IXP_LATE_BOOT, 0, 0);
    ixp_me_resume(ix);
    return true;
}

void ixp_reboot_late(Ixp *ix)
{
    ixp_me_pause(ix);
    /* What was rung while there was no firmware is lost. */
    ixp_xscale_doorbell_take(ix);
    ixp_boot(ix);
    ixp_me_resume(ix);
    ixp_late_start(ix);
    ixp_bh_schedule(ix, ix->xscale_bh);
}

void ixp_xscale_run(Ixp *ix)
{
    int64_t start = get_clock();
    bool more = false;

    if (!ixp_running(ix) || ix->booting || ixp_fault_reboots(ix)) {
        return;
    }
    for (unsigned i = 0; i < IXP_XSCALE_BURST; i++) {
        uint32_t events;

        if (i && ixp_timed() && get_clock() - start >= IXP_RUN_NS) {
            break;
        }
        events = qatomic_xchg(&ix->xscale_events, 0);
        if (!events && !more && !ix->xscale_more) {
            break;
        }
        ix->xscale_steps++;
        trace_ixp_xscale_step(events);
        ix->xscale_more = false;
        more = ix->program->xscale_step(ix->state, events);
    }
    if (ix->host_volatile) {
        ixp_host_step_done(ix);
    }
    ix->xscale_more = more;
    ixp_run_count(&ix->xscale_runs, start);
    if (more || qatomic_read(&ix->xscale_events)) {
        ixp_bh_schedule(ix, ix->xscale_bh);
    }
}

static void ixp_xscale_bh(void *opaque)
{
    Ixp *ix = opaque;
    IXP_ENTRY(ix);

    ixp_xscale_run(ix);
}

void ixp_xscale_signal(Ixp *ix, uint32_t events)
{
    qatomic_or(&ix->xscale_events, events);
    /* With workers=0 the end of the entry runs it. */
    if (ix->workers) {
        qemu_bh_schedule(ix->xscale_bh);
    }
}

/* ---- entries ---- */

IxpEntry ixp_enter(Ixp *ix)
{
    if (!ix->entered++) {
        object_ref(OBJECT(ix->dev));
    }
    return (IxpEntry) { .ix = ix };
}

void ixp_leave(IxpEntry *entry)
{
    Ixp *ix = entry->ix;

    if (ix->entered == 1) {
        if (!ix->workers && qatomic_read(&ix->xscale_events)) {
            ixp_xscale_run(ix);
        }
        ixp_run_inline(ix);
    }
    if (!--ix->entered) {
        DeviceState *dev = ix->dev;

        ix->interrupts->deliver(ix->opaque);
        object_unref(OBJECT(dev));
    }
}

/* ---- PCI CSRs ---- */

/*
 * An access to a register is a separate part, and the last one of a run: it may
 * move a window, which costs more than many KiB of memory do.
 */
static bool ixp_pci_transfer(void *opaque, uint32_t address, uint8_t *sdram,
                             uint32_t *n, bool to_pci)
{
    Ixp *ix = opaque;
    MemTxResult result;

    if (ix->upstream->registers(ix->opaque, address, *n)) {
        *n = MIN(*n, 4 - (address & 3));
        ix->dma_over = true;
    }
    result = ix->upstream->rw(ix->opaque, address, sdram, *n, to_pci);
    trace_ixp_dma(address, sdram - ix->config.sdram, *n, to_pci, result);
    /* Without MEMTX_ERROR the bridge did not report the failure. */
    return !(result & MEMTX_ERROR);
}

/* Without workers the card is deterministic, and so are its runs. */
static bool ixp_pci_dma_over(void *opaque)
{
    Ixp *ix = opaque;

    return ix->dma_over || (ix->workers && get_clock() >= ix->dma_until);
}

static void ixp_pci_dma_due(void *opaque)
{
    Ixp *ix = opaque;

    ixp_bh_schedule(ix, ix->dma_bh);
}

static void ixp_pci_doorbell(void *opaque)
{
    ixp_xscale_signal(opaque, IXP_XSCALE_DOORBELL);
}

static const IxpPciOps ixp_pci_ops = {
    .transfer = ixp_pci_transfer,
    .dma_over = ixp_pci_dma_over,
    .dma_due = ixp_pci_dma_due,
    .doorbell = ixp_pci_doorbell,
};

static void ixp_dma_bh(void *opaque)
{
    Ixp *ix = opaque;
    int64_t start = get_clock();
    bool more;
    IXP_ENTRY(ix);

    if (!ixp_running(ix)) {
        return;
    }
    ix->dma_over = false;
    ix->dma_until = start + IXP_RUN_NS;
    more = ixp_pci_dma_run(&ix->pci);
    ixp_run_count(&ix->dma_runs, start);
    if (more) {
        ixp_bh_schedule(ix, ix->dma_bh);
    }
}

static uint64_t ixp_pci_csr_read(void *opaque, hwaddr addr, unsigned size)
{
    Ixp *ix = opaque;
    uint32_t value;

    if (!ix->live) {
        return UINT64_MAX;
    }
    if (size != 4 || (addr & 3) || !ixp_pci_read(&ix->pci, addr, &value)) {
        trace_ixp_pci_csr_reserved_read(addr, size);
        qemu_log_mask(LOG_GUEST_ERROR, "ixp2400: reserved read of the PCI "
                      "CSRs at 0x%" HWADDR_PRIx ", %u bytes\n", addr, size);
        return 0;
    }
    trace_ixp_pci_csr_read(addr, value);
    return value;
}

static void ixp_pci_csr_write(void *opaque, hwaddr addr, uint64_t value,
                              unsigned size)
{
    Ixp *ix = opaque;
    IXP_ENTRY(ix);

    if (!ix->live) {
        return;
    }
    trace_ixp_pci_csr_write(addr, value);
    if (size != 4 || (addr & 3) || !ixp_pci_write(&ix->pci, addr, value)) {
        trace_ixp_pci_csr_reserved_write(addr, size, value);
        qemu_log_mask(LOG_GUEST_ERROR, "ixp2400: reserved write to the PCI "
                      "CSRs at 0x%" HWADDR_PRIx ", %u bytes\n", addr, size);
    }
}

static const MemoryRegionOps ixp_pci_csr_ops = {
    .read = ixp_pci_csr_read,
    .write = ixp_pci_csr_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {
        .min_access_size = 1,
        .max_access_size = 8,
        .unaligned = true,
    },
    .impl = {
        .min_access_size = 1,
        .max_access_size = 8,
        .unaligned = true,
    },
};

uint32_t ixp_mailbox_read(Ixp *ix, unsigned n)
{
    return qatomic_load_acquire(&ix->pci.mailbox[n]);
}

void ixp_mailbox_write(Ixp *ix, unsigned n, uint32_t value)
{
    trace_ixp_mailbox(n, value);
    qatomic_store_release(&ix->pci.mailbox[n], value);
}

uint32_t ixp_xscale_doorbell_take(Ixp *ix)
{
    return qatomic_xchg(&ix->pci.xscale_doorbell, 0);
}

void ixp_pci_doorbell_set(Ixp *ix, uint32_t bits)
{
    trace_ixp_pci_doorbell(bits);
    qatomic_or(&ix->pci.pci_doorbell, bits);
}

void ixp_host_interrupt(Ixp *ix, unsigned irq_bit, unsigned vector)
{
    if (!ixp_fault_interrupt(&ix->units, irq_bit, vector)) {
        ix->interrupts->raise(ix->opaque, irq_bit, vector);
    }
}

bool ixp_xscale_later(Ixp *ix, uint64_t ns, uint32_t events)
{
    return ixp_late_add(&ix->units, ns, IXP_LATE_XSCALE, events, 0);
}

bool ixp_signal_later(Ixp *ix, uint64_t ns, unsigned me, unsigned context,
                      uint32_t signals)
{
    return ixp_late_add(&ix->units, ns, IXP_LATE_SIGNAL, me << 16 | context,
                        signals);
}

/* ---- events of the program ---- */

void ixp_trace(Ixp *ix, unsigned event, uint32_t a, uint32_t b, uint32_t c)
{
    const IxpEvent *e = &ix->program->event[event];
    const uint32_t value[] = { a, b, c };
    g_autoptr(GString) text = NULL;

    if (!trace_event_get_state_backends(TRACE_IXP_PROGRAM_EVENT)) {
        return;
    }
    text = g_string_new(NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(value) && e->label[i]; i++) {
        if (i == 1 && b < e->values) {
            g_string_append_printf(text, " %s %s", e->label[i], e->value[b]);
        } else {
            g_string_append_printf(text, " %s %u", e->label[i], value[i]);
        }
    }
    trace_ixp_program_event(ix->program->name, e->name, text->str);
}

/* ---- life cycle ---- */

void ixp_reset(Ixp *ix)
{
    ixp_pci_reset(&ix->pci);
    qatomic_set(&ix->xscale_events, 0);
    ix->xscale_more = false;
    ix->booting = false;
    ixp_units_reset(&ix->units);
    ixp_me_reset(ix);
    ixp_doorbell_reset(ix);
    ixp_host_reset(ix);
    ixp_ports_reset(ix);
}

void ixp_boot(Ixp *ix)
{
    trace_ixp_boot(ix->program->name);
    ix->booting = false;
    ix->program->boot(ix->state, ix);
}

/* The boot before the first reset, which no host sees: no fault strikes. */
static void ixp_boot_unseen(Ixp *ix)
{
    uint64_t armed = ix->units.faults.armed;

    ix->units.faults.armed = 0;
    ixp_boot(ix);
    ix->units.faults.armed = armed;
}

void ixp_start(Ixp *ix)
{
    trace_ixp_start();
    ixp_me_resume(ix);
    ixp_bh_schedule(ix, ix->xscale_bh);
    ixp_bh_schedule(ix, ix->dma_bh);
    ixp_late_start(ix);
    ixp_ports_start(ix);
}

void ixp_stop(Ixp *ix)
{
    ixp_me_pause(ix);
    trace_ixp_stop();
}

bool ixp_init(Ixp *ix, DeviceState *dev, const IxpConfig *config,
              const IxpUnitsConfig *units, unsigned workers, unsigned assist,
              int64_t poll_max_ns, NICConf *conf,
              const IxpInterrupts *interrupts, const IxpUpstream *upstream,
              void *opaque, Error **errp)
{
    ix->dev = dev;
    ix->config = *config;
    ix->workers = workers;
    ix->assist = assist;
    ix->interrupts = interrupts;
    ix->upstream = upstream;
    ix->opaque = opaque;
    ix->paused = 1;

    if (!ixp_units_init(&ix->units, units, &ixp_units_ops, ix)) {
        error_setg(errp, "no memory for sram-size=%uM", units->sram_size /
                   (uint32_t)MiB);
        return false;
    }
    if (!memory_region_init_ram(&ix->sdram, OBJECT(dev), "sv-nic.sdram",
                                config->sdram_size, errp)) {
        ixp_units_free(&ix->units);
        return false;
    }
    if (!ixp_me_init(ix, poll_max_ns, errp)) {
        vmstate_unregister_ram(&ix->sdram, dev);
        ixp_units_free(&ix->units);
        return false;
    }
    ix->config.sdram = memory_region_get_ram_ptr(&ix->sdram);
    memory_region_init_io(&ix->pci_csr, OBJECT(dev), &ixp_pci_csr_ops, ix,
                          "sv-nic.pci-csr", ix->pci_csr_size);
    ixp_doorbell_init(ix);
    ixp_host_init(ix);
    ixp_late_init(ix);
    ix->xscale_bh = qemu_bh_new_guarded(ixp_xscale_bh, ix,
                                        &dev->mem_reentrancy_guard);
    ix->dma_bh = qemu_bh_new_guarded(ixp_dma_bh, ix,
                                     &dev->mem_reentrancy_guard);
    ix->pci.ops = &ixp_pci_ops;
    ix->pci.opaque = ix;
    ix->pci.sdram = ix->config.sdram;
    ix->pci.sdram_size = config->sdram_size;
    ixp_pci_reset(&ix->pci);
    ixp_ports_init(ix, conf);

    ix->state = qemu_memalign(IXP_STATE_ALIGN, ix->program->state_size);
    memset(ix->state, 0, ix->program->state_size);
    ix->live = true;
    ixp_boot_unseen(ix);
    return true;
}

void ixp_uninit(Ixp *ix)
{
    ixp_me_pause(ix);
    ix->live = false;
    ixp_me_uninit(ix);
    ixp_ports_uninit(ix);
    ixp_host_uninit(ix);
    ixp_late_uninit(ix);
    qemu_bh_delete(ix->dma_bh);
    ix->dma_bh = NULL;
    qemu_bh_delete(ix->xscale_bh);
    ix->xscale_bh = NULL;
    qemu_vfree(ix->state);
    ix->state = NULL;
    ixp_units_free(&ix->units);
    /* The next card in this slot may be created before this RAM is freed. */
    vmstate_unregister_ram(&ix->sdram, ix->dev);
}
