/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC, the board: the bus between bridge and chip.
 *
 * Configuration cycles (the chip is in slot 0; the bridge, in slot 1, does not
 * claim its own cycles), the mapping of the chip's memories, the secondary
 * reset line, and the bridge's interrupt to the chip.
 *
 * All functions run with the BQL, except those for upstream transfers, which
 * run on any thread.
 *
 * Spec: "The secondary bus", "Indirect cycles".
 */
#include "qemu/osdep.h"
#include "hw/pci/pci.h"
#include "sv-nic.h"
#include "trace.h"

#define IXP_CLASS               0x0b40      /* co-processor; (m) */

/* ---- the chip's configuration space ---- */

/* The region of BAR @n of the chip, and the mask of its writable bits. */
static MemoryRegion *sv_nic_local_bar(SvNicState *s, unsigned n,
                                      uint32_t *mask)
{
    switch (n) {
    case 0:
        *mask = -s->pci_csr_size;
        return &s->chip.pci_csr;
    case 2:
        *mask = -(uint32_t)s->sdram_size;
        return &s->chip.sdram;
    default:
        *mask = 0;
        return NULL;
    }
}

static void sv_nic_local_map(SvNicState *s)
{
    bool on = s->ixp_config[PCI_COMMAND] & PCI_COMMAND_MEMORY;
    bool master = s->ixp_config[PCI_COMMAND] & PCI_COMMAND_MASTER;

    memory_region_transaction_begin();
    for (unsigned n = 0; n < 3; n++) {
        uint32_t mask;
        MemoryRegion *mr = sv_nic_local_bar(s, n, &mask);
        uint8_t *bar = s->ixp_config + PCI_BASE_ADDRESS_0 + 4 * n;

        if (mr) {
            memory_region_set_enabled(mr, on);
            memory_region_set_address(mr, pci_get_long(bar) & mask);
        }
    }
    memory_region_transaction_commit();
    if (qatomic_xchg(&s->chip_master, master) != master) {
        ixp_host_changed(&s->chip);
    }
}

/* Sets the values that the board's boot monitor writes. */
static void sv_nic_local_config_reset(SvNicState *s)
{
    uint8_t *config = s->ixp_config;

    memset(config, 0, sizeof(s->ixp_config));
    pci_set_word(config + PCI_VENDOR_ID, SVNIC_IXP_VENDOR_ID);
    pci_set_word(config + PCI_DEVICE_ID, SVNIC_IXP_DEVICE_ID);
    pci_set_word(config + PCI_COMMAND,
                 PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    pci_set_word(config + PCI_STATUS, PCI_STATUS_66MHZ);
    pci_set_word(config + PCI_CLASS_DEVICE, IXP_CLASS);
    pci_set_long(config + PCI_BASE_ADDRESS_0, SVNIC_LOCAL_PCI_CSR);
    pci_set_long(config + PCI_BASE_ADDRESS_2,
                 SVNIC_LOCAL_SDRAM | PCI_BASE_ADDRESS_MEM_PREFETCH);
    config[PCI_INTERRUPT_PIN] = 1;
    sv_nic_local_map(s);
}

/* Mask of the writable bits of byte @addr. */
static uint8_t sv_nic_local_writable(SvNicState *s, unsigned addr)
{
    uint32_t mask = 0;

    switch (addr) {
    case PCI_COMMAND:
        return PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
    case PCI_CACHE_LINE_SIZE:
    case PCI_LATENCY_TIMER:
    case PCI_INTERRUPT_LINE:
        return 0xff;
    case PCI_BASE_ADDRESS_0 ... PCI_BASE_ADDRESS_2 + 3:
        sv_nic_local_bar(s, (addr - PCI_BASE_ADDRESS_0) / 4, &mask);
        return mask >> (addr % 4 * 8);
    default:
        return 0;
    }
}

static void sv_nic_local_chip(SvNicState *s, unsigned addr, unsigned size,
                              bool write, uint32_t *value)
{
    uint32_t got = 0;

    for (unsigned i = 0; i < size; i++) {
        unsigned at = addr + i;
        uint8_t *byte = &s->ixp_config[at];

        if (at >= sizeof(s->ixp_config)) {
            continue;
        }
        if (write) {
            uint8_t mask = sv_nic_local_writable(s, at);

            *byte = (*byte & ~mask) | ((*value >> (i * 8)) & mask);
        }
        got |= (uint32_t)*byte << (i * 8);
    }
    if (write) {
        sv_nic_local_map(s);
    } else {
        *value = got;
    }
}

/* ---- callbacks of the bridge ---- */

static bool sv_nic_local_config(void *opaque, unsigned slot, unsigned addr,
                                unsigned size, bool write, uint32_t *value)
{
    SvNicState *s = opaque;

    /* The bridge does not answer its own cycle. */
    if (slot != SVNIC_LOCAL_SLOT_IXP) {
        return false;
    }
    sv_nic_local_chip(s, addr, size, write, value);
    return true;
}

static void sv_nic_enter(void *opaque)
{
    SvNicState *s = opaque;

    ixp_enter(&s->chip);
}

static void sv_nic_leave(void *opaque)
{
    SvNicState *s = opaque;

    ixp_leave(&(IxpEntry) { .ix = &s->chip });
}

static void sv_nic_pins_due(void *opaque)
{
    sv_nic_deliver_soon(opaque);
}

static void sv_nic_inta(void *opaque, bool level)
{
    SvNicState *s = opaque;

    if (s->chip.live) {
        pci_set_irq(PCI_DEVICE(s), level);
    }
}

static void sv_nic_s_inta(void *opaque, bool level)
{
    SvNicState *s = opaque;

    qatomic_set(&s->s_inta, level);
    /* On the board it is the chip's INTB. */
    qatomic_set(&s->chip.pci.intb, level);
}

/* While reset is asserted, the chip is stopped and in its reset state. */
static void sv_nic_secondary_reset(void *opaque, bool asserted)
{
    SvNicState *s = opaque;

    if (asserted) {
        ixp_me_pause(&s->chip);
        ixp_reset(&s->chip);
        sv_nic_irq_reset(s);
    } else {
        sv_nic_local_config_reset(s);
        ixp_boot(&s->chip);
        ixp_start(&s->chip);
    }
}

static void sv_nic_upstream_moved(void *opaque)
{
    SvNicState *s = opaque;

    ixp_host_changed(&s->chip);
}

const I21555Board sv_nic_board = {
    .enter = sv_nic_enter,
    .leave = sv_nic_leave,
    .pins_due = sv_nic_pins_due,
    .inta = sv_nic_inta,
    .s_inta = sv_nic_s_inta,
    .secondary_reset = sv_nic_secondary_reset,
    .config = sv_nic_local_config,
    .upstream_moved = sv_nic_upstream_moved,
};

/* ---- upstream transfers of the chip; any thread ---- */

/* Without Bus Master Enable the chip starts no cycle. */
static bool sv_nic_chip_not_master(SvNicState *s, uint64_t addr)
{
    if (qatomic_read(&s->chip_master)) {
        return false;
    }
    trace_sv_nic_chip_not_master(addr);
    return true;
}

bool sv_nic_local_reachable(SvNicState *s)
{
    return qatomic_read(&s->chip_master) &&
           i21555_upstream_claims(&s->bridge);
}

static MemTxResult sv_nic_upstream_rw(void *opaque, uint64_t addr, void *buf,
                                      uint32_t len, bool write)
{
    SvNicState *s = opaque;

    if (sv_nic_chip_not_master(s, addr)) {
        return MEMTX_ACCESS_ERROR | MEMTX_ERROR;
    }
    return i21555_upstream_rw(&s->bridge, addr, buf, len, write);
}

static void *sv_nic_upstream_map(void *opaque, uint64_t addr, uint32_t *len,
                                 bool write)
{
    SvNicState *s = opaque;

    return sv_nic_chip_not_master(s, addr) ? NULL :
           i21555_upstream_map(&s->bridge, addr, len, write);
}

static void sv_nic_upstream_unmap(void *opaque, void *host, uint32_t len,
                                  bool write)
{
    SvNicState *s = opaque;

    i21555_upstream_unmap(&s->bridge, host, len, write);
}

static uint64_t sv_nic_upstream_local(void *opaque, uint64_t host)
{
    SvNicState *s = opaque;

    return i21555_upstream_local(&s->bridge, host);
}

static bool sv_nic_upstream_registers(void *opaque, uint64_t addr,
                                      uint32_t len)
{
    SvNicState *s = opaque;

    return i21555_upstream_registers(&s->bridge, addr, len);
}

const IxpUpstream sv_nic_upstream = {
    .rw = sv_nic_upstream_rw,
    .map = sv_nic_upstream_map,
    .unmap = sv_nic_upstream_unmap,
    .local = sv_nic_upstream_local,
    .registers = sv_nic_upstream_registers,
};

/* ---- life cycle ---- */

void sv_nic_local_reset(SvNicState *s)
{
    sv_nic_local_config_reset(s);
}

void sv_nic_local_init(SvNicState *s)
{
    i21555_attach_device(&s->bridge, &s->chip.sdram, SVNIC_LOCAL_SDRAM);
    i21555_attach_device(&s->bridge, &s->chip.pci_csr, SVNIC_LOCAL_PCI_CSR);
    i21555_attach_device(&s->bridge, &s->chip.doorbell, SVNIC_LOCAL_DOORBELL);
    sv_nic_local_config_reset(s);
}
