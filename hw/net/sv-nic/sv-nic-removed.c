/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC, the board: a card that was removed by surprise, as the fault
 * memory-ones has it.  All reads return ones, all writes have no effect, in
 * memory and in configuration space; the card itself goes on.
 *
 * A region that covers everything else is in front of the CSRs, and another in
 * front of the secondary bus, on which the other BARs are windows.  They are
 * disabled as long as the fault is not set.  BQL.
 */
#include "qemu/osdep.h"
#include "sv-nic.h"

/* Above all that the bridge maps. */
#define SV_NIC_REMOVED_PRIORITY 100
#define SV_NIC_REMOVED_SIZE     (UINT64_C(1) << 32)

bool sv_nic_removed(SvNicState *s)
{
    bool removed = ixp_fault(&s->chip.units, IXP_FAULT_MEMORY_ONES, 0);

    /* It may have been the last time. */
    if (removed) {
        sv_nic_removed_update(s);
    }
    return removed;
}

static uint64_t sv_nic_removed_read(void *opaque, hwaddr addr, unsigned size)
{
    sv_nic_removed(opaque);
    return UINT64_MAX;
}

static void sv_nic_removed_write(void *opaque, hwaddr addr, uint64_t value,
                                 unsigned size)
{
    sv_nic_removed(opaque);
}

static const MemoryRegionOps sv_nic_removed_ops = {
    .read = sv_nic_removed_read,
    .write = sv_nic_removed_write,
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

void sv_nic_removed_update(SvNicState *s)
{
    bool removed = ixp_fault_get(&s->chip.units.faults,
                                 IXP_FAULT_MEMORY_ONES).one_in;

    for (unsigned i = 0; i < ARRAY_SIZE(s->removed); i++) {
        memory_region_set_enabled(&s->removed[i], removed);
    }
}

void sv_nic_removed_init(SvNicState *s)
{
    MemoryRegion *const covered[] = { &s->bridge.bar0, &s->bridge.local };

    QEMU_BUILD_BUG_ON(ARRAY_SIZE(covered) != ARRAY_SIZE(s->removed));
    for (unsigned i = 0; i < ARRAY_SIZE(s->removed); i++) {
        memory_region_init_io(&s->removed[i], OBJECT(s), &sv_nic_removed_ops,
                              s, "sv-nic.removed", SV_NIC_REMOVED_SIZE);
        memory_region_set_enabled(&s->removed[i], false);
        memory_region_add_subregion_overlap(covered[i], 0, &s->removed[i],
                                            SV_NIC_REMOVED_PRIORITY);
    }
    sv_nic_removed_update(s);
}
