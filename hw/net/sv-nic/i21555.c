/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 21555 non-transparent bridge: its CSRs and INTA.
 *
 * Registers are rows of one table.  An access of any width and alignment is
 * cut into the registers that it covers, and each gets its bytes ("lanes"),
 * so that a register never hears of its neighbour's and needs no rule for
 * partial access but its own.
 *
 * Register accesses run on a vCPU thread with the BQL.  i21555_raise() runs
 * on any thread: irq and irq_mask are only touched with sequentially
 * consistent read-modify-writes, and whoever changes one of the two looks at
 * the other afterwards, so that no request stays unnoticed.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "exec/address-spaces.h"
#include "hw/pci/pci.h"
#include "i21555.h"
#include "trace.h"

typedef struct I21555Reg {
    const char *name;
    unsigned width;             /* bytes: 2 or 4 */
    unsigned index;             /* side, or scratchpad */
    uint32_t (*read)(I21555 *b, unsigned index);
    /* @bits are those of the lanes written, in place, others are 0 */
    void (*write)(I21555 *b, unsigned index, uint32_t bits, uint32_t lanes);
} I21555Reg;

static void i21555_update_inta(I21555 *b)
{
    uint32_t irq = qatomic_read(&b->irq[I21555_PRIMARY]);
    uint32_t mask = qatomic_read(&b->irq_mask[I21555_PRIMARY]);
    bool level = irq & ~mask;

    if (level != b->inta) {
        b->inta = level;
        trace_i21555_inta(level, irq, mask);
        b->set_inta(b->opaque, level);
    }
}

static void i21555_inta_bh(void *opaque)
{
    I21555 *b = opaque;

    qatomic_set(&b->inta_kicked, false);
    /* pairs with the xchg in i21555_raise: its bit is seen, or it kicks */
    smp_mb();
    i21555_update_inta(b);
}

void i21555_raise(I21555 *b, unsigned identifier)
{
    uint32_t bit = 1u << identifier;
    uint32_t old = qatomic_fetch_or(&b->irq[I21555_PRIMARY], bit);

    stat64_add(&b->raised, 1);
    trace_i21555_raise(identifier, old);
    if (old & bit) {
        stat64_add(&b->redundant, 1);
        return;
    }
    if (bql_locked()) {
        i21555_update_inta(b);
    } else if (!(qatomic_read(&b->irq_mask[I21555_PRIMARY]) & bit) &&
               !qatomic_xchg(&b->inta_kicked, true)) {
        qemu_bh_schedule(b->inta_bh);
    }
}

static uint32_t i21555_irq_read(I21555 *b, unsigned side)
{
    return qatomic_read(&b->irq[side]);
}

static void i21555_irq_set(I21555 *b, unsigned side, uint32_t bits,
                           uint32_t lanes)
{
    qatomic_fetch_or(&b->irq[side], bits);
    i21555_update_inta(b);
}

static void i21555_irq_clear(I21555 *b, unsigned side, uint32_t bits,
                             uint32_t lanes)
{
    qatomic_fetch_and(&b->irq[side], ~bits);
    i21555_update_inta(b);
}

static uint32_t i21555_mask_read(I21555 *b, unsigned side)
{
    return qatomic_read(&b->irq_mask[side]);
}

static void i21555_mask_set(I21555 *b, unsigned side, uint32_t bits,
                            uint32_t lanes)
{
    qatomic_fetch_or(&b->irq_mask[side], bits);
    i21555_update_inta(b);
}

static void i21555_mask_clear(I21555 *b, unsigned side, uint32_t bits,
                              uint32_t lanes)
{
    qatomic_fetch_and(&b->irq_mask[side], ~bits);
    i21555_update_inta(b);
}

static uint32_t i21555_scratchpad_read(I21555 *b, unsigned n)
{
    return b->scratchpad[n];
}

static void i21555_scratchpad_write(I21555 *b, unsigned n, uint32_t bits,
                                    uint32_t lanes)
{
    b->scratchpad[n] = (b->scratchpad[n] & ~lanes) | bits;
}

#define I21555_IRQ(offset, text, side, op) \
    [(offset) / 2] = { text, 2, side, i21555_irq_read, op }
#define I21555_MASK(offset, text, side, op) \
    [(offset) / 2] = { text, 2, side, i21555_mask_read, op }
#define I21555_SCRATCHPAD(n) \
    [SVNIC_CSR_SCRATCHPAD(n) / 2] = { \
        "SCRATCHPAD" #n, 4, n, i21555_scratchpad_read, \
        i21555_scratchpad_write \
    }

/* By offset in 16-bit units; a 32-bit register stands at its first half. */
static const I21555Reg i21555_regs[] = {
    I21555_IRQ(SVNIC_CSR_PRIMARY_CLEAR_IRQ, "PRIMARY_CLEAR_IRQ",
               I21555_PRIMARY, i21555_irq_clear),
    I21555_IRQ(SVNIC_CSR_SECONDARY_CLEAR_IRQ, "SECONDARY_CLEAR_IRQ",
               I21555_SECONDARY, i21555_irq_clear),
    I21555_IRQ(SVNIC_CSR_PRIMARY_SET_IRQ, "PRIMARY_SET_IRQ",
               I21555_PRIMARY, i21555_irq_set),
    I21555_IRQ(SVNIC_CSR_SECONDARY_SET_IRQ, "SECONDARY_SET_IRQ",
               I21555_SECONDARY, i21555_irq_set),
    I21555_MASK(SVNIC_CSR_PRIMARY_CLEAR_MASK, "PRIMARY_CLEAR_MASK",
                I21555_PRIMARY, i21555_mask_clear),
    I21555_MASK(SVNIC_CSR_SECONDARY_CLEAR_MASK, "SECONDARY_CLEAR_MASK",
                I21555_SECONDARY, i21555_mask_clear),
    I21555_MASK(SVNIC_CSR_PRIMARY_SET_MASK, "PRIMARY_SET_MASK",
                I21555_PRIMARY, i21555_mask_set),
    I21555_MASK(SVNIC_CSR_SECONDARY_SET_MASK, "SECONDARY_SET_MASK",
                I21555_SECONDARY, i21555_mask_set),
    I21555_SCRATCHPAD(0),
    I21555_SCRATCHPAD(1),
    I21555_SCRATCHPAD(2),
    I21555_SCRATCHPAD(3),
    I21555_SCRATCHPAD(4),
    I21555_SCRATCHPAD(5),
    I21555_SCRATCHPAD(6),
    I21555_SCRATCHPAD(7),
};

/* The register that byte @addr belongs to, and where it starts; or NULL. */
static const I21555Reg *i21555_reg(hwaddr addr, hwaddr *start)
{
    hwaddr i = addr / 2;

    if (i < ARRAY_SIZE(i21555_regs) && i21555_regs[i].width) {
        *start = i * 2;
        return &i21555_regs[i];
    }
    if (i && i - 1 < ARRAY_SIZE(i21555_regs) &&
        i21555_regs[i - 1].width == 4) {
        *start = (i - 1) * 2;
        return &i21555_regs[i - 1];
    }
    return NULL;
}

static uint64_t i21555_read(void *opaque, hwaddr addr, unsigned size)
{
    I21555 *b = opaque;
    uint64_t value = 0;
    unsigned at = 0;

    while (at < size) {
        hwaddr start;
        const I21555Reg *reg = i21555_reg(addr + at, &start);
        unsigned skip, n;
        uint32_t part;

        if (!reg) {
            trace_i21555_reserved_read(addr + at);
            qemu_log_mask(LOG_GUEST_ERROR, "i21555: read of reserved CSR "
                          "0x%03" HWADDR_PRIx "\n", addr + at);
            at++;
            continue;
        }
        skip = addr + at - start;
        n = MIN(reg->width - skip, size - at);
        part = extract32(reg->read(b, reg->index), skip * 8, n * 8);
        value |= (uint64_t)part << (at * 8);
        trace_i21555_read(reg->name, addr + at, n, part);
        at += n;
    }
    return value;
}

static void i21555_write(void *opaque, hwaddr addr, uint64_t value,
                         unsigned size)
{
    I21555 *b = opaque;
    unsigned at = 0;

    while (at < size) {
        hwaddr start;
        const I21555Reg *reg = i21555_reg(addr + at, &start);
        unsigned skip, n;
        uint32_t part;

        if (!reg) {
            trace_i21555_reserved_write(addr + at, value >> (at * 8) & 0xff);
            qemu_log_mask(LOG_GUEST_ERROR, "i21555: write to reserved CSR "
                          "0x%03" HWADDR_PRIx "\n", addr + at);
            at++;
            continue;
        }
        skip = addr + at - start;
        n = MIN(reg->width - skip, size - at);
        part = extract64(value, at * 8, n * 8);
        trace_i21555_write(reg->name, addr + at, n, part);
        reg->write(b, reg->index, part << (skip * 8),
                   MAKE_64BIT_MASK(skip * 8, n * 8));
        at += n;
    }
}

static const MemoryRegionOps i21555_ops = {
    .read = i21555_read,
    .write = i21555_write,
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

/* What the serial ROM and the board's boot monitor set, see the spec. */
static void i21555_upstream_reset(I21555 *b)
{
    i21555_cfg16_set(b, SVNIC_CFG_SECONDARY_COMMAND,
                     PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    i21555_cfg32_set(b, SVNIC_CFG_UPSTREAM_MEM0_BAR,
                     SVNIC_LOCAL_UPSTREAM_MEM0);
    i21555_cfg32_set(b, SVNIC_CFG_UPSTREAM_MEM1_BAR,
                     SVNIC_LOCAL_UPSTREAM_MEM1);
    i21555_cfg32_set(b, SVNIC_CFG_UPSTREAM_MEM2_BAR,
                     SVNIC_LOCAL_UPSTREAM_MEM2);
    i21555_cfg32_set(b, SVNIC_CFG_UPSTREAM_MEM0_BASE, 0);
    i21555_cfg32_set(b, SVNIC_CFG_UPSTREAM_MEM1_BASE,
                     SVNIC_LOCAL_UPSTREAM_MEM0_SIZE);
    i21555_cfg32_set(b, SVNIC_CFG_UPSTREAM_MEM0_SETUP,
                     -SVNIC_LOCAL_UPSTREAM_MEM0_SIZE);
    i21555_cfg32_set(b, SVNIC_CFG_UPSTREAM_MEM1_SETUP,
                     -SVNIC_LOCAL_UPSTREAM_MEM1_SIZE);
    i21555_cfg16_set(b, SVNIC_CFG_CHIP_CONTROL0, 0);
    i21555_cfg16_set(b, SVNIC_CFG_CHIP_CONTROL1,
                     SVNIC_LUT_PAGE_CODE_4K << SVNIC_CC1_PAGE_SIZE_SHIFT);
    i21555_upstream_update(b);
}

void i21555_reset(I21555 *b)
{
    for (unsigned side = 0; side < I21555_SIDES; side++) {
        qatomic_set(&b->irq[side], 0);
        qatomic_set(&b->irq_mask[side], 0xffff);
    }
    memset(b->scratchpad, 0, sizeof(b->scratchpad));
    for (unsigned i = 0; i < SVNIC_LUT_ENTRIES; i++) {
        qatomic_set(&b->lut[i], 0);
    }
    qatomic_set(&b->page_irq[0], 0);
    qatomic_set(&b->page_irq[1], 0);
    qatomic_set(&b->iommu, pci_device_iommu_address_space(b->pdev) !=
                           &address_space_memory);
    i21555_upstream_reset(b);
    i21555_update_inta(b);
}

void i21555_init(I21555 *b, PCIDevice *pdev,
                 void (*set_inta)(void *opaque, bool level), void *opaque)
{
    DeviceState *dev = DEVICE(pdev);

    b->pdev = pdev;
    seqlock_init(&b->upstream.lock);
    b->set_inta = set_inta;
    b->opaque = opaque;
    b->inta_bh = qemu_bh_new_guarded(i21555_inta_bh, b,
                                     &dev->mem_reentrancy_guard);
    memory_region_init_io(&b->csr, OBJECT(dev), &i21555_ops, b,
                          "sv-nic.csr", SVNIC_CSR_SIZE);
    memory_region_init_io(&b->io, OBJECT(dev), &i21555_ops, b,
                          "sv-nic.csr-io", SVNIC_CSR_IO_SIZE);
    i21555_reset(b);
}

void i21555_uninit(I21555 *b)
{
    qemu_bh_delete(b->inta_bh);
    b->inta_bh = NULL;
}
