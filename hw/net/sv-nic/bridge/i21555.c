/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 21555: register accesses, by the table of registers; life cycle.
 *
 * An access of any width and alignment is split by register, and each register
 * gets its own part of the bytes ("lanes").  A register that has an offset in
 * configuration space is stored in config[] and can be accessed as CSR too.
 * Other registers are stored in csr_file[] at their CSR offset; a register that
 * other threads access is stored in a field of its unit instead.
 *
 * All functions run with the BQL: accesses of the host on a vCPU thread, those
 * of the chip on any thread that holds it.
 *
 * Spec: "Configuration space", "Bridge CSRs".
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/sv-nic-compat.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci.h"
#include "i21555.h"
#include "i21555-regs.h"
#include "trace.h"

typedef enum I21555Access {
    I21555_ACCESS_NONE,
    I21555_ACCESS_RO,
    I21555_ACCESS_RW,
    I21555_ACCESS_W1C,
    I21555_ACCESS_W1S,
    I21555_ACCESS_FX,
} I21555Access;

typedef struct I21555Row {
    const char *name;
    uint16_t config, csr;
    uint8_t count, bytes;
    uint8_t access[I21555_SIDES];
    uint16_t rom;
    uint32_t writable, reset;
} I21555Row;

#define I21555_ROW(name, config, csr, count, bytes, primary, secondary, \
                   writable, reset, rom, known) \
    { #name, config, csr, count, bytes, \
      { I21555_ACCESS_##primary, I21555_ACCESS_##secondary }, \
      rom, writable, reset },
#define I21555_FIELD(name, config, csr, count, bytes, primary, secondary, \
                     writable, reset, rom, known) \
    char name;

/* One char per row, so that offsetof() gives the number of the row. */
typedef struct I21555Rows {
    I21555_REGISTERS(I21555_FIELD)
} I21555Rows;

#define I21555_ROWS         sizeof(I21555Rows)
#define I21555_REG(name)    offsetof(I21555Rows, name)

static const I21555Row i21555_rows[I21555_ROWS] = {
    I21555_REGISTERS(I21555_ROW)
};

static const I21555Handler *const i21555_handlers[I21555_ROWS] = {
    [I21555_REG(SECONDARY_COMMAND)] = &i21555_secondary_command,
    [I21555_REG(SECONDARY_CSR_BAR)] = &i21555_up_register,
    [I21555_REG(UPSTREAM_MEM0_BAR)] = &i21555_upstream_bar,
    [I21555_REG(UPSTREAM_MEM1_BAR)] = &i21555_upstream_bar,
    [I21555_REG(UPSTREAM_MEM2_BAR)] = &i21555_upstream_bar,
    [I21555_REG(DOWN_MEM0_SETUP)] = &i21555_down_setup,
    [I21555_REG(DOWN_MEM1_SETUP)] = &i21555_down_setup,
    [I21555_REG(DOWN_MEM2_SETUP)] = &i21555_down_setup,
    [I21555_REG(DOWN_MEM3_SETUP)] = &i21555_down_setup,
    [I21555_REG(DOWN_MEM3_UPPER_SETUP)] = &i21555_down_setup,
    [I21555_REG(UP_MEM0_SETUP)] = &i21555_up_register,
    [I21555_REG(UP_MEM1_SETUP)] = &i21555_up_register,
    [I21555_REG(CHIP_CONTROL0)] = &i21555_up_register,
    [I21555_REG(CHIP_CONTROL1)] = &i21555_up_register,
    [I21555_REG(RESET_CONTROL)] = &i21555_reset_control,
    [I21555_REG(PMCSR)] = &i21555_pmcsr,
    [I21555_REG(VPD_ADDRESS)] = &i21555_vpd_address,
    [I21555_REG(DOWN_CONFIG_DATA)] = &i21555_down_config_data,
    [I21555_REG(UP_CONFIG_DATA)] = &i21555_up_config_data,
    [I21555_REG(CONFIG_OWN)] = &i21555_config_sem,
    [I21555_REG(CONFIG_CSR)] = &i21555_config_csr,
    [I21555_REG(DOWN_IO_DATA)] = &i21555_down_io_data,
    [I21555_REG(UP_IO_DATA)] = &i21555_up_io_data,
    [I21555_REG(IO_OWN)] = &i21555_io_sem,
    [I21555_REG(IO_CSR)] = &i21555_io_csr,
    [I21555_REG(LUT_DATA)] = &i21555_lut_data,
    [I21555_REG(I2O_OUT_POST_STATUS)] = &i21555_i2o_out_status,
    [I21555_REG(I2O_OUT_POST_MASK)] = &i21555_i2o_mask,
    [I21555_REG(I2O_IN_POST_STATUS)] = &i21555_i2o_in_status,
    [I21555_REG(I2O_IN_POST_MASK)] = &i21555_i2o_mask,
    [I21555_REG(I2O_INBOUND_QUEUE)] = &i21555_i2o_inbound,
    [I21555_REG(I2O_OUTBOUND_QUEUE)] = &i21555_i2o_outbound,
    [I21555_REG(I2O_IN_POST_COUNT)] = &i21555_i2o_in_post_count,
    [I21555_REG(I2O_IN_FREE_COUNT)] = &i21555_i2o_in_free_count,
    [I21555_REG(I2O_OUT_POST_COUNT)] = &i21555_i2o_out_post_count,
    [I21555_REG(I2O_OUT_FREE_COUNT)] = &i21555_i2o_out_free_count,
    [I21555_REG(DOWN_MEM0_BASE)] = &i21555_down_base,
    [I21555_REG(DOWN_MEM1_BASE)] = &i21555_down_base,
    [I21555_REG(DOWN_MEM2_BASE)] = &i21555_down_base,
    [I21555_REG(DOWN_MEM3_BASE)] = &i21555_down_base,
    [I21555_REG(UP_MEM0_BASE)] = &i21555_up_register,
    [I21555_REG(UP_MEM1_BASE)] = &i21555_up_register,
    [I21555_REG(CHIP_STATUS_CSR)] = &i21555_chip_status,
    [I21555_REG(CHIP_SET_IRQ_MASK)] = &i21555_chip_mask_set,
    [I21555_REG(CHIP_CLEAR_IRQ_MASK)] = &i21555_chip_mask_clear,
    [I21555_REG(UP_PAGE_IRQ)] = &i21555_page_irq,
    [I21555_REG(UP_PAGE_IRQ_MASK)] = &i21555_page_mask,
    [I21555_REG(PRIMARY_CLEAR_IRQ)] = &i21555_irq_clear,
    [I21555_REG(SECONDARY_CLEAR_IRQ)] = &i21555_irq_clear,
    [I21555_REG(PRIMARY_SET_IRQ)] = &i21555_irq_set,
    [I21555_REG(SECONDARY_SET_IRQ)] = &i21555_irq_set,
    [I21555_REG(PRIMARY_CLEAR_IRQ_MASK)] = &i21555_irq_clear,
    [I21555_REG(SECONDARY_CLEAR_IRQ_MASK)] = &i21555_irq_clear,
    [I21555_REG(PRIMARY_SET_IRQ_MASK)] = &i21555_irq_set,
    [I21555_REG(SECONDARY_SET_IRQ_MASK)] = &i21555_irq_set,
    [I21555_REG(ROM_CONTROL)] = &i21555_rom_control,
    [I21555_REG(GENERIC_OWN)] = &i21555_generic_sem,
    [I21555_REG(LOOKUP_TABLE)] = &i21555_lut,
};

/* For each byte, the row of its register plus 1; 0: reserved. */
static uint8_t i21555_csr_map[SVNIC_CSR_LUT(SVNIC_LUT_ENTRIES)];
static uint8_t i21555_config_map[PCI_CONFIG_SPACE_SIZE];

QEMU_BUILD_BUG_ON(I21555_ROWS > UINT8_MAX);

static void i21555_map(uint8_t *map, const I21555Row *row, unsigned start)
{
    if (start != I21555_NONE) {
        memset(map + start, row - i21555_rows + 1, row->count * row->bytes);
    }
}

/* A register, as found by i21555_find(). */
typedef struct I21555Reg {
    const I21555Row *row;
    const I21555Handler *handler;
    uint8_t *storage;
    unsigned at;                /* see I21555Handler */
    unsigned skip;              /* offset of the byte in the register */
} I21555Reg;

static bool i21555_find(I21555 *b, bool csr, unsigned addr, I21555Reg *reg)
{
    unsigned size = csr ? sizeof(i21555_csr_map) : sizeof(i21555_config_map);
    const uint8_t *map = csr ? i21555_csr_map : i21555_config_map;
    const I21555Row *row;
    unsigned start, i;

    if (addr >= size || !map[addr]) {
        return false;
    }
    row = &i21555_rows[map[addr] - 1];
    start = csr ? row->csr : row->config;
    i = (addr - start) / row->bytes * row->bytes;
    reg->row = row;
    reg->handler = i21555_handlers[map[addr] - 1];
    reg->skip = addr - start - i;
    reg->at = (row->csr != I21555_NONE ? row->csr : row->config) + i;
    if (row->config != I21555_NONE) {
        reg->storage = b->pdev->config + row->config + i;
    } else if (row->csr < sizeof(b->csr_file)) {
        reg->storage = b->csr_file + row->csr + i;
    } else {
        reg->storage = NULL;    /* stored by its handler */
    }
    return true;
}

static uint32_t i21555_load(const I21555Reg *reg)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < reg->row->bytes; i++) {
        value |= (uint32_t)reg->storage[i] << (i * 8);
    }
    return value;
}

static void i21555_store(const I21555Reg *reg, uint32_t value)
{
    for (unsigned i = 0; i < reg->row->bytes; i++) {
        reg->storage[i] = value >> (i * 8);
    }
}

static void i21555_store_by_rule(I21555 *b, I21555Side side,
                                 const I21555Reg *reg, uint32_t bits,
                                 uint32_t lanes)
{
    uint32_t mask = reg->row->writable;
    uint32_t old = i21555_load(reg);

    switch (reg->row->access[side]) {
    case I21555_ACCESS_RW:
        mask &= lanes;
        i21555_store(reg, (old & ~mask) | (bits & mask));
        break;
    case I21555_ACCESS_W1C:
        i21555_store(reg, old & ~(bits & mask));
        break;
    case I21555_ACCESS_W1S:
        i21555_store(reg, old | (bits & mask));
        break;
    default:
        qemu_log_mask(LOG_GUEST_ERROR, "i21555: write to %s, which is read "
                      "only on this side\n", reg->row->name);
        return;
    }
    if (reg->handler && reg->handler->changed) {
        reg->handler->changed(b);
    }
}

static bool i21555_visible(I21555 *b, I21555Side side, bool csr, unsigned addr,
                           I21555Reg *reg)
{
    return i21555_find(b, csr, addr, reg) &&
           reg->row->access[side] != I21555_ACCESS_NONE;
}

/*
 * Returns true if the card is unplugged, and QEMU's state of it freed, or if
 * the primary side is locked out until the card is ready (real hardware:
 * retry).
 */
static bool i21555_locked_out(I21555 *b, I21555Side side)
{
    return !b->live ||
           (side == I21555_PRIMARY &&
            (i21555_cfg16(b, SVNIC_CFG_CHIP_CONTROL0) & SVNIC_CC0_LOCKOUT));
}

static void i21555_reserved_read(I21555Side side, bool csr, unsigned addr)
{
    trace_i21555_reserved_read(side, csr, addr);
    qemu_log_mask(LOG_GUEST_ERROR, "i21555: read of reserved %s 0x%03x\n",
                  csr ? "CSR" : "configuration space", addr);
}

static void i21555_reserved_write(I21555Side side, bool csr, unsigned addr,
                                  uint8_t value)
{
    trace_i21555_reserved_write(side, csr, addr, value);
    qemu_log_mask(LOG_GUEST_ERROR, "i21555: write to reserved %s 0x%03x\n",
                  csr ? "CSR" : "configuration space", addr);
}

static uint64_t i21555_read(I21555 *b, I21555Side side, bool csr,
                            unsigned addr, unsigned size)
{
    uint64_t value = 0;
    unsigned at = 0;

    while (at < size) {
        I21555Reg reg;
        unsigned n;
        uint32_t part, lanes;

        if (!i21555_visible(b, side, csr, addr + at, &reg)) {
            i21555_reserved_read(side, csr, addr + at);
            at++;
            continue;
        }
        n = MIN(reg.row->bytes - reg.skip, size - at);
        lanes = MAKE_64BIT_MASK(reg.skip * 8, n * 8);
        part = reg.handler && reg.handler->read ?
               reg.handler->read(b, side, reg.at, lanes) : i21555_load(&reg);
        part = extract32(part, reg.skip * 8, n * 8);
        value |= (uint64_t)part << (at * 8);
        trace_i21555_read(side, reg.row->name, addr + at, n, part);
        at += n;
    }
    return value;
}

static void i21555_write(I21555 *b, I21555Side side, bool csr, unsigned addr,
                         uint64_t value, unsigned size)
{
    unsigned at = 0;

    while (at < size) {
        I21555Reg reg;
        unsigned n;
        uint32_t part, lanes;

        if (!i21555_visible(b, side, csr, addr + at, &reg)) {
            i21555_reserved_write(side, csr, addr + at, value >> (at * 8));
            at++;
            continue;
        }
        n = MIN(reg.row->bytes - reg.skip, size - at);
        lanes = MAKE_64BIT_MASK(reg.skip * 8, n * 8);
        part = extract64(value, at * 8, n * 8);
        trace_i21555_write(side, reg.row->name, addr + at, n, part);
        part <<= reg.skip * 8;
        if (reg.handler && reg.handler->write &&
            reg.row->access[side] != I21555_ACCESS_RO) {
            reg.handler->write(b, side, reg.at, part, lanes);
        } else {
            i21555_store_by_rule(b, side, &reg, part, lanes);
        }
        at += n;
    }
}

uint64_t i21555_csr_read(I21555 *b, I21555Side side, hwaddr addr,
                         unsigned size)
{
    if (i21555_locked_out(b, side)) {
        trace_i21555_locked_out(addr);
        return UINT64_MAX;
    }
    return i21555_read(b, side, true, addr, size);
}

void i21555_csr_write(I21555 *b, I21555Side side, hwaddr addr, uint64_t value,
                      unsigned size)
{
    if (i21555_locked_out(b, side)) {
        trace_i21555_locked_out(addr);
        return;
    }
    i21555_write(b, side, true, addr, value, size);
}

/*
 * ---- configuration space ----
 *
 * QEMU's PCI core stores the primary header and the MSI-X capability; all other
 * registers are those of the table.
 */

static bool i21555_config_in_core(I21555 *b, unsigned addr)
{
    return addr < SVNIC_CFG_SECONDARY_HEADER ||
           (b->msix && addr >= SVNIC_CFG_MSIX &&
            addr < SVNIC_CFG_MSIX + MSIX_CAP_LENGTH);
}

/* QEMU's PCI core accepts accesses to reserved bytes of the header silently. */
static bool i21555_header_reserved(unsigned addr)
{
    return addr < SVNIC_CFG_SECONDARY_HEADER && !i21555_config_map[addr];
}

/* Converts @addr to an offset in the primary view. */
static unsigned i21555_config_offset(I21555Side side, unsigned addr)
{
    if (side == I21555_SECONDARY && addr < 2 * SVNIC_CFG_SECONDARY_HEADER) {
        return addr ^ SVNIC_CFG_SECONDARY_HEADER;
    }
    return addr;
}

uint32_t i21555_config_read(I21555 *b, I21555Side side, unsigned addr,
                            unsigned size)
{
    unsigned offset = i21555_config_offset(side, addr);

    if (i21555_locked_out(b, side)) {
        trace_i21555_locked_out(addr);
        return UINT32_MAX;
    }
    i21555_config_sync(b);
    if (i21555_config_in_core(b, offset)) {
        for (unsigned i = 0; i < size; i++) {
            if (i21555_header_reserved(offset + i)) {
                i21555_reserved_read(side, false, offset + i);
            }
        }
        return pci_default_read_config(b->pdev, offset, size);
    }
    return i21555_read(b, side, false, offset, size);
}

void i21555_config_write(I21555 *b, I21555Side side, unsigned addr,
                         uint32_t value, unsigned size)
{
    unsigned offset = i21555_config_offset(side, addr);

    if (i21555_locked_out(b, side)) {
        trace_i21555_locked_out(addr);
        return;
    }
    i21555_config_sync(b);
    if (i21555_config_in_core(b, offset)) {
        for (unsigned i = 0; i < size; i++) {
            if (i21555_header_reserved(offset + i)) {
                i21555_reserved_write(side, false, offset + i,
                                      value >> (i * 8));
            }
        }
        i21555_default_write(b, offset, value, size);
    } else {
        i21555_write(b, side, false, offset, value, size);
    }
}

/* ---- life cycle ---- */

/* Reset values of the table; of the primary header only the revision. */
static void i21555_table_reset(I21555 *b)
{
    memset(b->csr_file, 0, sizeof(b->csr_file));
    for (unsigned r = 0; r < I21555_ROWS; r++) {
        const I21555Row *row = &i21555_rows[r];
        bool csr = row->config == I21555_NONE;
        I21555Reg reg;

        if (row->config < SVNIC_CFG_SECONDARY_HEADER) {
            continue;
        }
        for (unsigned i = 0; i < row->count; i++) {
            i21555_find(b, csr, (csr ? row->csr : row->config) +
                        i * row->bytes, &reg);
            if (reg.storage) {
                i21555_store(&reg, row->reset);
            }
        }
    }
    b->pdev->config[PCI_REVISION_ID] = b->revision;
    b->pdev->config[SVNIC_CFG_SECONDARY_HEADER + PCI_REVISION_ID] =
        b->revision;
}

void i21555_load_registers(I21555 *b, const uint8_t *image)
{
    for (unsigned r = 0; r < I21555_ROWS; r++) {
        const I21555Row *row = &i21555_rows[r];

        for (unsigned i = 0; row->rom && i < row->bytes; i++) {
            b->pdev->config[row->config + i] =
                image[row->rom + i] &
                (i21555_rom_bits(row->writable) >> (i * 8));
        }
    }
}

void i21555_reset(I21555 *b)
{
    qatomic_set(&b->iommu, pci_device_iommu_address_space(b->pdev) !=
                           &address_space_memory);
    i21555_table_reset(b);
    i21555_irq_reset(b);
    i21555_config_reset(b);
    i21555_rom_preload(b);
    i21555_cycle_reset(b);
    i21555_upstream_reset(b);
    i21555_window_setup(b);
}

void i21555_init(I21555 *b, PCIDevice *pdev, const I21555Board *board,
                 void *opaque, const uint8_t *image, uint8_t revision,
                 bool msix)
{
    for (unsigned r = 0; r < I21555_ROWS; r++) {
        i21555_map(i21555_csr_map, &i21555_rows[r], i21555_rows[r].csr);
        i21555_map(i21555_config_map, &i21555_rows[r], i21555_rows[r].config);
    }
    b->pdev = pdev;
    b->board = board;
    b->opaque = opaque;
    b->revision = revision;
    b->msix = msix;
    memcpy(b->srom, image, sizeof(b->srom));
    seqlock_init(&b->upstream.lock);
    i21555_window_init(b);
}

bool i21555_attach(I21555 *b, Error **errp)
{
    if (!i21555_config_init(b, errp)) {
        return false;
    }
    i21555_reset(b);
    b->live = true;
    return true;
}

void i21555_uninit(I21555 *b)
{
    b->live = false;
    i21555_window_uninit(b);
}
