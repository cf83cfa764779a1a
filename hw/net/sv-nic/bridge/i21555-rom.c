/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 21555: the serial ROM: preload after reset, and access to it by the
 * ROM registers and as VPD.
 *
 * A ROM operation completes within the write that starts it.  Written data is
 * kept until the device is removed, and is loaded at the next reset.  The
 * board has no parallel ROM.
 *
 * All functions run with the BQL.
 *
 * Spec: "Serial ROM".
 */
#include "qemu/osdep.h"
#include "hw/pci/pci.h"
#include "i21555.h"
#include "trace.h"

#define I21555_SROM_ERASED      0xff

static uint32_t i21555_rom_address(I21555 *b)
{
    /* bits 31:24 are the ROM Control register */
    return i21555_csr32(b, SVNIC_CSR_ROM_ADDRESS) & 0xffffff;
}

static uint8_t *i21555_rom_data(I21555 *b)
{
    return b->csr_file + SVNIC_CSR_ROM_DATA;
}

static void i21555_rom_fill(I21555 *b, uint8_t value)
{
    if (b->srom_writable) {
        memset(b->srom, value, sizeof(b->srom));
    }
}

static void i21555_rom_sub(I21555 *b, unsigned op)
{
    switch (op) {
    case SVNIC_ROM_SUB_WRITE_DISABLE:
        b->srom_writable = false;
        break;
    case SVNIC_ROM_SUB_WRITE_ALL:
        i21555_rom_fill(b, *i21555_rom_data(b));
        break;
    case SVNIC_ROM_SUB_ERASE_ALL:
        i21555_rom_fill(b, I21555_SROM_ERASED);
        break;
    case SVNIC_ROM_SUB_WRITE_ENABLE:
        b->srom_writable = true;
        break;
    }
}

static void i21555_rom_serial(I21555 *b)
{
    uint32_t address = i21555_rom_address(b);
    uint8_t *byte = &b->srom[address & SVNIC_ROM_ADDRESS_MASK];
    unsigned op = extract32(address, SVNIC_ROM_OP_SHIFT, 2);

    switch (op) {
    case SVNIC_ROM_OP_SUB:
        i21555_rom_sub(b, extract32(address, SVNIC_ROM_SUB_SHIFT, 2));
        break;
    case SVNIC_ROM_OP_WRITE:
        if (b->srom_writable) {
            *byte = *i21555_rom_data(b);
        }
        break;
    case SVNIC_ROM_OP_READ:
        *i21555_rom_data(b) = *byte;
        break;
    case SVNIC_ROM_OP_ERASE:
        if (b->srom_writable) {
            *byte = I21555_SROM_ERASED;
        }
        break;
    }
    trace_i21555_rom(op, address & SVNIC_ROM_ADDRESS_MASK, b->srom_writable,
                     *i21555_rom_data(b));
}

static uint32_t i21555_rom_control_read(I21555 *b, I21555Side side,
                                        unsigned at, uint32_t lanes)
{
    return b->csr_file[at];
}

static void i21555_rom_control_write(I21555 *b, I21555Side side, unsigned at,
                                     uint32_t bits, uint32_t lanes)
{
    const uint8_t busy = SVNIC_ROM_SERIAL_START | SVNIC_ROM_PARALLEL_START;

    /* the start bits always read 0: the operation is complete */
    b->csr_file[at] = bits & 0x0f & ~busy;
    if (bits & SVNIC_ROM_SERIAL_START) {
        i21555_rom_serial(b);
    } else if (bits & SVNIC_ROM_PARALLEL_START) {
        *i21555_rom_data(b) = UINT8_MAX;
    }
}

const I21555Handler i21555_rom_control = {
    .read = i21555_rom_control_read,
    .write = i21555_rom_control_write,
};

/* ---- dwords for VPD; outside of the ROM reads 0, writes are ignored ---- */

uint32_t i21555_rom_dword(I21555 *b, unsigned offset)
{
    return offset <= sizeof(b->srom) - 4 ? ldl_le_p(b->srom + offset) : 0;
}

void i21555_rom_dword_write(I21555 *b, unsigned offset, uint32_t value)
{
    if (offset <= sizeof(b->srom) - 4) {
        stl_le_p(b->srom + offset, value);
    }
}

void i21555_rom_preload(I21555 *b)
{
    static const uint8_t nothing[SVNIC_SROM_SIZE];
    bool enabled = (b->srom[SVNIC_SROM_PRELOAD] & SVNIC_SROM_PRELOAD_MASK) ==
                   SVNIC_SROM_PRELOAD_ENABLE;

    b->srom_writable = false;
    trace_i21555_preload(enabled);
    i21555_load_registers(b, enabled ? b->srom : nothing);
    /* The board's boot monitor releases the primary lockout. */
    pci_word_test_and_clear_mask(b->pdev->config + SVNIC_CFG_CHIP_CONTROL0,
                                 SVNIC_CC0_LOCKOUT);
}
