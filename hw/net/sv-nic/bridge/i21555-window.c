/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 21555: downstream windows, and the secondary bus behind them.
 *
 * The secondary bus is two memory regions, memory and I/O.  An access to an
 * address without device ends with a master abort.  A downstream window is an
 * alias of one of these regions, and its alias offset is the translated base.
 * The window can thus be moved at any time, and card memory behind it stays
 * mapped as RAM.
 *
 * Size, type and enable of a window come from its Setup register.  QEMU's PCI
 * core takes the size and type of a BAR when it is registered, so a change of
 * the Setup register unregisters and registers the BAR.
 *
 * All functions run with the BQL.
 *
 * Spec: "BARs", "The secondary bus".
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "hw/pci/pci.h"
#include "i21555.h"
#include "trace.h"

#define I21555_LOCAL_SIZE       (UINT64_C(1) << 32)
#define I21555_LOCAL_IO_SIZE    (UINT64_C(1) << 16)

/* BAR and registers of Downstream Memory 0 to 3. */
static const struct {
    uint8_t bar, setup, base;
} i21555_down[I21555_DOWN_WINDOWS] = {
    { SVNIC_BAR_CSR, SVNIC_CFG_DOWN_MEM0_SETUP, SVNIC_CFG_DOWN_MEM0_BASE },
    { SVNIC_BAR_DOORBELL, SVNIC_CFG_DOWN_MEM1_SETUP,
      SVNIC_CFG_DOWN_MEM1_BASE },
    { SVNIC_BAR_PCI_CSR, SVNIC_CFG_DOWN_MEM2_SETUP,
      SVNIC_CFG_DOWN_MEM2_BASE },
    { SVNIC_BAR_SDRAM, SVNIC_CFG_DOWN_MEM3_SETUP, SVNIC_CFG_DOWN_MEM3_BASE },
};

/* ---- accesses without target: master abort ---- */

static MemTxResult i21555_abort(I21555 *b, hwaddr addr, bool write,
                                uint64_t *value)
{
    bool error = b->live && (i21555_cfg16(b, SVNIC_CFG_CHIP_CONTROL0) &
                             SVNIC_CC0_MASTER_ABORT_MODE);

    b->downstream_aborts++;
    i21555_status(b, I21555_SECONDARY, PCI_STATUS_REC_MASTER_ABORT);
    if (error) {
        i21555_status(b, I21555_PRIMARY, PCI_STATUS_SIG_TARGET_ABORT);
    }
    trace_i21555_downstream_abort(addr, write);
    qemu_log_mask(LOG_GUEST_ERROR, "i21555: no target at 0x%" HWADDR_PRIx
                  " of the secondary bus\n", addr);
    if (value) {
        *value = UINT64_MAX;
    }
    return error ? MEMTX_ERROR : MEMTX_OK;
}

static MemTxResult i21555_local_read(void *opaque, hwaddr addr,
                                     uint64_t *value, unsigned size,
                                     MemTxAttrs attrs)
{
    return i21555_abort(opaque, addr, false, value);
}

static MemTxResult i21555_local_write(void *opaque, hwaddr addr,
                                      uint64_t value, unsigned size,
                                      MemTxAttrs attrs)
{
    return i21555_abort(opaque, addr, true, NULL);
}

static const MemoryRegionOps i21555_local_ops = {
    .read_with_attrs = i21555_local_read,
    .write_with_attrs = i21555_local_write,
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

/* ---- the host's accesses to the CSRs ---- */

static uint64_t i21555_host_read(void *opaque, hwaddr addr, unsigned size)
{
    I21555 *b = opaque;
    uint64_t value;

    b->board->enter(b->opaque);
    value = i21555_csr_read(b, I21555_PRIMARY, addr, size);
    b->board->leave(b->opaque);
    return value;
}

static void i21555_host_write(void *opaque, hwaddr addr, uint64_t value,
                              unsigned size)
{
    I21555 *b = opaque;

    b->board->enter(b->opaque);
    i21555_csr_write(b, I21555_PRIMARY, addr, value, size);
    b->board->leave(b->opaque);
}

static const MemoryRegionOps i21555_csr_ops = {
    .read = i21555_host_read,
    .write = i21555_host_write,
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

/*
 * ---- MSI-X, in BAR 0 above the CSRs ----
 *
 * QEMU frees table and PBA at unplug, but a vCPU can still be on its way to
 * their handlers.  Therefore QEMU's regions are in a container that is not
 * mapped, and the host accesses them through the regions below, which check
 * that the card is live.  A quadword is split into dwords, because a message
 * that the first dword sends can unplug the card.
 */

static MemTxResult i21555_msix_read(void *opaque, hwaddr addr,
                                    uint64_t *value, unsigned size,
                                    MemTxAttrs attrs)
{
    I21555Msix *m = opaque;

    if (!m->b->live) {
        *value = UINT64_MAX;
        return MEMTX_OK;
    }
    return memory_region_dispatch_read(m->behind, addr, value,
                                       size_memop(size) | MO_LE, attrs);
}

static MemTxResult i21555_msix_write(void *opaque, hwaddr addr,
                                     uint64_t value, unsigned size,
                                     MemTxAttrs attrs)
{
    I21555Msix *m = opaque;

    if (!m->b->live) {
        return MEMTX_OK;
    }
    return memory_region_dispatch_write(m->behind, addr, value,
                                        size_memop(size) | MO_LE, attrs);
}

static const MemoryRegionOps i21555_msix_ops = {
    .read_with_attrs = i21555_msix_read,
    .write_with_attrs = i21555_msix_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {
        .min_access_size = 4,
        .max_access_size = 8,
    },
    .impl = {
        .min_access_size = 4,
        .max_access_size = 4,
    },
};

static void i21555_show_msix(I21555 *b, I21555Msix *m, MemoryRegion *behind,
                             const char *name)
{
    m->b = b;
    m->behind = behind;
    /* the outer access already holds this device's re-entrancy guard */
    behind->disable_reentrancy_guard = true;
    memory_region_init_io(&m->mr, OBJECT(b->pdev), &i21555_msix_ops, m, name,
                          memory_region_size(behind));
    memory_region_add_subregion(&b->bar0, behind->addr, &m->mr);
}

void i21555_attach_msix(I21555 *b)
{
    i21555_show_msix(b, &b->msix_table, &b->pdev->msix_table_mmio,
                     "sv-nic.msix-table");
    i21555_show_msix(b, &b->msix_pba, &b->pdev->msix_pba_mmio,
                     "sv-nic.msix-pba");
}

/* ---- BARs ---- */

typedef struct I21555Bar {
    uint64_t mask;              /* bits that can be written; 0: disabled */
    uint8_t type;               /* PCI_BASE_ADDRESS_* */
} I21555Bar;

/* Decodes the Setup register of window @n. */
static I21555Bar i21555_bar(I21555 *b, unsigned n)
{
    uint32_t setup = i21555_cfg32(b, i21555_down[n].setup);
    bool wide = n == 3 && (setup & SVNIC_SETUP_TYPE_MASK) == SVNIC_SETUP_64BIT;
    bool io = n == 1 && (setup & SVNIC_SETUP_IO);
    uint32_t upper = wide ? i21555_cfg32(b, SVNIC_CFG_DOWN_MEM3_UPPER_SETUP)
                          : UINT32_MAX;
    uint32_t enable = wide ? upper : setup;
    uint32_t low = setup & SVNIC_SETUP_SIZE_MASK;
    I21555Bar bar = { 0 };

    if (!io) {
        low &= -SVNIC_SETUP_MEMORY_MIN;
    }
    if (!(enable & SVNIC_SETUP_ENABLE)) {
        if (n == 0) {
            /* the BAR of the CSRs cannot be disabled */
            bar.mask = -(uint64_t)SVNIC_SETUP_MEMORY_MIN & UINT32_MAX;
        }
        return bar;
    }
    bar.mask = wide ? (uint64_t)upper << 32 | low : low;
    if (io) {
        bar.type = PCI_BASE_ADDRESS_SPACE_IO;
    } else {
        bar.type = (wide ? PCI_BASE_ADDRESS_MEM_TYPE_64
                         : setup & SVNIC_SETUP_BELOW_1M) |
                   (setup & SVNIC_SETUP_PREFETCHABLE);
    }
    return bar;
}

/* The size of a BAR is its lowest writable bit. */
static uint64_t i21555_bar_size(const I21555Bar *bar)
{
    return bar->mask & -bar->mask;
}

static void i21555_bar_remove(I21555 *b, unsigned n)
{
    unsigned bar = i21555_down[n].bar;
    PCIIORegion *r = &b->pdev->io_regions[bar];
    unsigned at = pci_bar(b->pdev, bar);

    if (r->size && r->addr != PCI_BAR_UNMAPPED) {
        memory_region_del_subregion(r->address_space, r->memory);
    }
    r->addr = PCI_BAR_UNMAPPED;
    r->size = 0;
    r->type = 0;
    pci_set_long(b->pdev->config + at, 0);
    pci_set_long(b->pdev->wmask + at, 0);
    if (n == 3) {
        pci_set_long(b->pdev->config + at + 4, 0);
        pci_set_long(b->pdev->wmask + at + 4, 0);
    }
}

static MemoryRegion *i21555_bar_memory(I21555 *b, unsigned n,
                                       const I21555Bar *bar)
{
    uint64_t size = i21555_bar_size(bar);
    I21555Down *down = &b->down[n];

    if (n == 0) {
        /* the first 4 KiB of the BAR are always the CSRs */
        memory_region_set_size(&b->bar0, size);
        if (size > SVNIC_CSR_SIZE) {
            memory_region_set_size(&down->mem, size - SVNIC_CSR_SIZE);
        }
        memory_region_set_enabled(&down->mem,
                                  size > SVNIC_CSR_SIZE && !b->msix);
        return &b->bar0;
    }
    if (bar->type & PCI_BASE_ADDRESS_SPACE_IO) {
        memory_region_set_size(&down->io, size);
        return &down->io;
    }
    memory_region_set_size(&down->mem, size);
    return &down->mem;
}

void i21555_window_setup(I21555 *b)
{
    memory_region_transaction_begin();
    for (unsigned n = 0; n < I21555_DOWN_WINDOWS; n++) {
        PCIIORegion *r = &b->pdev->io_regions[i21555_down[n].bar];
        I21555Bar bar = i21555_bar(b, n);
        unsigned at = pci_bar(b->pdev, i21555_down[n].bar);

        if (r->size == i21555_bar_size(&bar) && r->type == bar.type) {
            continue;
        }
        trace_i21555_bar(i21555_down[n].bar, bar.mask, bar.type);
        i21555_bar_remove(b, n);
        if (!bar.mask) {
            continue;
        }
        pci_register_bar(b->pdev, i21555_down[n].bar, bar.type,
                         i21555_bar_memory(b, n, &bar));
        if (bar.type & PCI_BASE_ADDRESS_MEM_TYPE_64) {
            pci_set_quad(b->pdev->wmask + at, bar.mask);
        } else {
            pci_set_long(b->pdev->wmask + at, bar.mask);
        }
    }
    /* map the new BARs if the command register enables them */
    i21555_default_write(b, PCI_COMMAND, i21555_cfg16(b, PCI_COMMAND), 2);
    i21555_window_update(b);
    memory_region_transaction_commit();
}

/* ---- translation ---- */

void i21555_window_update(I21555 *b)
{
    bool master = i21555_cfg16(b, SVNIC_CFG_SECONDARY_COMMAND) &
                  PCI_COMMAND_MASTER;

    memory_region_transaction_begin();
    for (unsigned n = 0; n < I21555_DOWN_WINDOWS; n++) {
        I21555Bar bar = i21555_bar(b, n);
        uint32_t base = i21555_cfg32(b, i21555_down[n].base) & bar.mask;
        uint32_t skip = n == 0 ? SVNIC_CSR_SIZE : 0;

        memory_region_set_alias_offset(&b->down[n].mem,
                                       (uint64_t)base + skip);
        if (n == 1) {
            memory_region_set_alias_offset(&b->down[n].io, base);
        }
    }
    /* no device answers in reset or without Bus Master Enable */
    memory_region_set_enabled(&b->devices, master && !b->held);
    memory_region_transaction_commit();
}

void i21555_window_info(I21555 *b, unsigned n, I21555DownInfo *info)
{
    const PCIIORegion *r = &b->pdev->io_regions[i21555_down[n].bar];

    *info = (I21555DownInfo) {
        .bar = i21555_down[n].bar,
        .size = r->size,
        .address = r->addr,
        .base = i21555_cfg32(b, i21555_down[n].base) & i21555_bar(b, n).mask,
    };
}

const I21555Handler i21555_down_base = {
    .changed = i21555_window_update,
};

const I21555Handler i21555_down_setup = {
    .changed = i21555_window_setup,
};

/* ---- life cycle ---- */

void i21555_attach_device(I21555 *b, MemoryRegion *mr, uint32_t addr)
{
    memory_region_add_subregion_overlap(&b->devices, addr, mr, 1);
}

void i21555_window_init(I21555 *b)
{
    Object *owner = OBJECT(b->pdev);
    uint64_t bar0 = b->msix ? SVNIC_MSIX_BAR_SIZE : SVNIC_CSR_SIZE;

    memory_region_init_io(&b->csr, owner, &i21555_csr_ops, b, "sv-nic.csr",
                          SVNIC_CSR_SIZE);
    memory_region_init_io(&b->csr_io, owner, &i21555_csr_ops, b,
                          "sv-nic.csr-io", SVNIC_CSR_IO_SIZE);
    memory_region_init_io(&b->local, owner, &i21555_local_ops, b,
                          "sv-nic.local", I21555_LOCAL_SIZE);
    memory_region_init_io(&b->local_io, owner, &i21555_local_ops, b,
                          "sv-nic.local-io", I21555_LOCAL_IO_SIZE);
    memory_region_init(&b->devices, owner, "sv-nic.local-devices",
                       I21555_LOCAL_SIZE);
    memory_region_add_subregion_overlap(&b->local, 0, &b->devices, 1);
    address_space_init(&b->local_as, &b->local, "sv-nic.local");
    memory_region_init(&b->bar0, owner, "sv-nic.bar0", bar0);
    memory_region_add_subregion(&b->bar0, 0, &b->csr);
    memory_region_init(&b->msix_bar, owner, "sv-nic.msix",
                       SVNIC_MSIX_BAR_SIZE);
    for (unsigned n = 0; n < I21555_DOWN_WINDOWS; n++) {
        g_autofree char *name = g_strdup_printf("sv-nic.window%u", n);

        memory_region_init_alias(&b->down[n].mem, owner, name, &b->local, 0,
                                 SVNIC_SETUP_MEMORY_MIN);
    }
    memory_region_add_subregion(&b->bar0, SVNIC_CSR_SIZE, &b->down[0].mem);
    memory_region_set_enabled(&b->down[0].mem, false);
    memory_region_init_alias(&b->down[1].io, owner, "sv-nic.window1-io",
                             &b->local_io, 0, SVNIC_CSR_IO_SIZE);
    pci_register_bar(b->pdev, SVNIC_BAR_CSR_IO, PCI_BASE_ADDRESS_SPACE_IO,
                     &b->csr_io);
}

/*
 * A container holds references to its subregions, that is, to the card, which
 * owns the container: break that cycle.
 */
static void i21555_empty(MemoryRegion *container)
{
    MemoryRegion *mr, *next;

    QTAILQ_FOREACH_SAFE(mr, &container->subregions, subregions_link, next) {
        memory_region_del_subregion(container, mr);
    }
}

void i21555_window_uninit(I21555 *b)
{
    i21555_empty(&b->bar0);
    i21555_empty(&b->devices);
    i21555_empty(&b->local);
    address_space_destroy(&b->local_as);
}
