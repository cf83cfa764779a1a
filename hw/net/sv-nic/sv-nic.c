/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC, a self-virtualizing NIC: the board, as a PCI function.
 *
 * An Intel IXP2400 network processor behind an Intel 21555 bridge, as on the
 * Radisys ENP-2611.  This file has the PCI function: identity and life cycle.
 * The properties are in sv-nic-props.c, the bridge in bridge/, the chip in
 * chip/; the program that provides virtual interfaces is in firmware-stub/.
 *
 * All functions run with the BQL.  Teardown order: counters, state change
 * handler, chip with its worker threads, interrupts, bridge.
 *
 * Spec: docs/specs/sv-nic.rst; how to use it: docs/system/devices/sv-nic.rst.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "qemu/sv-nic-compat.h"
#include "hw/pci/pci.h"
#include "hw/qdev-core.h"
#include "migration/blocker.h"
#include "system/replay.h"
#include "sv-nic.h"
#include "trace.h"

static const char *sv_nic_id(SvNicState *s)
{
    return DEVICE(s)->id ? DEVICE(s)->id : TYPE_SV_NIC;
}

static void sv_nic_run(SvNicState *s, bool running)
{
    if (running == s->running) {
        return;
    }
    trace_sv_nic_run(sv_nic_id(s), running);
    s->running = running;
    if (running) {
        ixp_start(&s->chip);
    } else {
        ixp_stop(&s->chip);
    }
}

static void sv_nic_vm_state(void *opaque, bool running, RunState state)
{
    sv_nic_run(opaque, running);
}

static uint32_t sv_nic_config_read(PCIDevice *pdev, uint32_t addr, int len)
{
    SvNicState *s = SV_NIC(pdev);
    IXP_ENTRY(&s->chip);

    if (sv_nic_removed(s)) {
        return UINT32_MAX;
    }
    return i21555_config_read(&s->bridge, I21555_PRIMARY, addr, len);
}

static void sv_nic_config_write(PCIDevice *pdev, uint32_t addr, uint32_t val,
                                int len)
{
    SvNicState *s = SV_NIC(pdev);
    IXP_ENTRY(&s->chip);

    if (sv_nic_removed(s)) {
        return;
    }
    i21555_config_write(&s->bridge, I21555_PRIMARY, addr, val, len);
    /* Enabling MSI-X sends pending messages, and these can unplug the card. */
    if (s->chip.live) {
        sv_nic_irq_config(s);
    }
}

/* ---- reset ---- */

static void sv_nic_reset_enter(Object *obj, ResetType type)
{
    SvNicState *s = SV_NIC(obj);

    trace_sv_nic_reset(sv_nic_id(s), "enter");
    if (!s->bridge.held) {
        ixp_me_pause(&s->chip);
    }
    ixp_reset(&s->chip);
    sv_nic_irq_reset(s);
}

static void sv_nic_reset_hold(Object *obj, ResetType type)
{
    SvNicState *s = SV_NIC(obj);

    trace_sv_nic_reset(sv_nic_id(s), "hold");
    i21555_reset(&s->bridge);
    sv_nic_local_reset(s);
    ixp_host_set_volatile(&s->chip, s->bridge.iommu);
    ixp_boot(&s->chip);
}

static void sv_nic_reset_exit(Object *obj, ResetType type)
{
    SvNicState *s = SV_NIC(obj);

    trace_sv_nic_reset(sv_nic_id(s), "exit");
    sv_nic_irq_config(s);
    ixp_start(&s->chip);
}

/* ---- life cycle ---- */

static bool sv_nic_block_migration(SvNicState *s, Error **errp)
{
    error_setg(&s->migration_blocker,
               "The state of device '%s' (sv-nic) can be neither migrated nor "
               "saved in a snapshot yet: unplug it with device_del first",
               sv_nic_id(s));
    return migrate_add_blocker(&s->migration_blocker, errp) >= 0;
}

static void sv_nic_realize(PCIDevice *pdev, Error **errp)
{
    SvNicState *s = SV_NIC(pdev);
    DeviceState *dev = DEVICE(pdev);
    uint8_t image[SVNIC_SROM_SIZE];
    IxpConfig config;

    if (!sv_nic_check_properties(s, errp) || !sv_nic_srom(s, image, errp)) {
        return;
    }
    /* Translation by an IOMMU can take the BQL, which a worker must not. */
    if (replay_mode != REPLAY_MODE_NONE || icount_enabled() ||
        pci_device_iommu_address_space(pdev) != &address_space_memory) {
        s->workers = 0;
    }
    config = (IxpConfig) {
        .microengines = s->microengines,
        .contexts = s->contexts,
        .pages = s->vifs,
        .ports = IXP_MAX_PORTS,
        .vectors = s->msix,
        .stamps = s->stamps,
        .irq_bits = s->irq_bits,
        .sdram_size = s->sdram_size,
    };
    if (!sv_nic_block_migration(s, errp)) {
        return;
    }
    i21555_init(&s->bridge, pdev, &sv_nic_board, s, image, s->bridge_revision,
                s->msix);
    if (!sv_nic_irq_init(s, errp)) {
        goto fail_irq;
    }
    s->units.microengines = s->microengines;
    s->units.contexts = s->contexts;
    s->chip.pci.chain_max = s->dma_chain_max;
    s->chip.fifo_size = s->fifo_size;
    s->chip.pci_csr_size = s->pci_csr_size;
    s->chip.pause = s->pause;
    s->chip.watchdog = s->watchdog;
    if (!ixp_init(&s->chip, dev, &config, &s->units, s->workers, s->assist,
                  s->poll_max_ns, s->conf, &sv_nic_interrupts, &sv_nic_upstream,
                  s, errp)) {
        goto fail_chip;
    }
    ixp_host_watch(&s->chip, pci_get_address_space(pdev));
    sv_nic_local_init(s);
    if (!i21555_attach(&s->bridge, errp)) {
        goto fail_attach;
    }
    sv_nic_removed_init(s);
    pdev->config_read = sv_nic_config_read;
    pdev->config_write = sv_nic_config_write;
    sv_nic_counters_init(s);
    sv_nic_info_init(s);
    s->vm_state = sv_nic_add_vm_change_state_handler(dev, sv_nic_vm_state, s);
    sv_nic_run(s, runstate_is_running());
    trace_sv_nic_realize(sv_nic_id(s), s->vifs, s->sdram_size,
                         s->microengines, s->contexts, s->workers, s->msix);
    return;

fail_attach:
    ixp_host_unwatch(&s->chip);
    ixp_uninit(&s->chip);
fail_chip:
    sv_nic_irq_uninit(s);
fail_irq:
    i21555_uninit(&s->bridge);
    migrate_del_blocker(&s->migration_blocker);
}

static void sv_nic_exit(PCIDevice *pdev)
{
    SvNicState *s = SV_NIC(pdev);

    trace_sv_nic_exit(sv_nic_id(s));
    sv_nic_info_uninit(s);
    sv_nic_counters_uninit(s);
    qemu_del_vm_change_state_handler(s->vm_state);
    ixp_host_unwatch(&s->chip);
    ixp_uninit(&s->chip);
    sv_nic_irq_uninit(s);
    i21555_uninit(&s->bridge);
    migrate_del_blocker(&s->migration_blocker);
}

static void sv_nic_class_init(ObjectClass *klass, SV_NIC_TYPE_CONST void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);

    pc->realize = sv_nic_realize;
    pc->exit = sv_nic_exit;
    pc->vendor_id = SVNIC_PCI_VENDOR_ID;
    pc->device_id = SVNIC_PCI_DEVICE_ID;
    pc->class_id = SVNIC_PCI_CLASS;
    pc->subsystem_vendor_id = SVNIC_PCI_SUBVENDOR_ID;
    pc->subsystem_id = SVNIC_PCI_SUBDEVICE_ID;
    rc->phases.enter = sv_nic_reset_enter;
    rc->phases.hold = sv_nic_reset_hold;
    rc->phases.exit = sv_nic_reset_exit;
    dc->desc = "SV-NIC: self-virtualizing NIC (IXP2400 behind Intel 21555)";
    set_bit(DEVICE_CATEGORY_NETWORK, dc->categories);
    sv_nic_add_properties(klass);
}

static void sv_nic_instance_init(Object *obj)
{
    sv_nic_qtest_init(SV_NIC(obj));
}

static const TypeInfo sv_nic_info = {
    .name = TYPE_SV_NIC,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(SvNicState),
    .instance_init = sv_nic_instance_init,
    .class_init = sv_nic_class_init,
    .interfaces = (SV_NIC_TYPE_CONST InterfaceInfo[]) {
        { INTERFACE_CONVENTIONAL_PCI_DEVICE },
        { }
    },
};

static void sv_nic_register(void)
{
    type_register_static(&sv_nic_info);
}

type_init(sv_nic_register)
