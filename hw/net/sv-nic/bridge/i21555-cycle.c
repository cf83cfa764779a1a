/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 21555: own bits, and configuration and I/O cycles that one side has
 * made on the other's bus, by an address and a data register.
 *
 * An access to the data register makes a cycle if that direction is enabled
 * and its own bit is set, that is, somebody has taken it.  Reading the own
 * bit takes it: who reads 0 has it; writing 1 gives it back.  The primary side
 * owns downstream cycles, the secondary side upstream ones.
 *
 * Downstream the chip answers to configuration cycles.  Upstream, a model has
 * nothing to make cycles on the host's buses with that the host did not ask
 * for: they end with a master abort.
 *
 * All with the BQL.
 *
 * Spec: "Indirect cycles".
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "i21555.h"
#include "trace.h"

/* The own bit of @side's direction, and its enable in the CSR beside. */
static uint32_t i21555_own_bit(I21555Side side)
{
    return side == I21555_PRIMARY ? SVNIC_OWN_DOWN : SVNIC_OWN_UP;
}

static uint32_t i21555_own_status(const bool *own)
{
    return (own[I21555_PRIMARY] ? SVNIC_OWN_DOWN : 0) |
           (own[I21555_SECONDARY] ? SVNIC_OWN_UP : 0);
}

static uint32_t i21555_own_read(bool *own, I21555Side side, uint32_t lanes)
{
    uint32_t value = i21555_own_status(own);

    if (lanes & i21555_own_bit(side)) {
        own[side] = true;
    }
    return value;
}

static void i21555_own_write(bool *own, I21555Side side, uint32_t bits)
{
    if (bits & i21555_own_bit(side)) {
        own[side] = false;
    }
}

static uint32_t i21555_config_own_read(I21555 *b, I21555Side side,
                                       unsigned at, uint32_t lanes)
{
    return i21555_own_read(b->config_own, side, lanes);
}

static void i21555_config_own_write(I21555 *b, I21555Side side, unsigned at,
                                    uint32_t bits, uint32_t lanes)
{
    i21555_own_write(b->config_own, side, bits);
}

static uint32_t i21555_io_own_read(I21555 *b, I21555Side side, unsigned at,
                                   uint32_t lanes)
{
    return i21555_own_read(b->io_own, side, lanes);
}

static void i21555_io_own_write(I21555 *b, I21555Side side, unsigned at,
                                uint32_t bits, uint32_t lanes)
{
    i21555_own_write(b->io_own, side, bits);
}

const I21555Handler i21555_config_own = {
    .read = i21555_config_own_read,
    .write = i21555_config_own_write,
};

const I21555Handler i21555_io_own = {
    .read = i21555_io_own_read,
    .write = i21555_io_own_write,
};

/* The status beside the enables takes nothing. */
static uint32_t i21555_config_csr_read(I21555 *b, I21555Side side,
                                       unsigned at, uint32_t lanes)
{
    return i21555_cfg16(b, SVNIC_CFG_CONFIG_CSR) |
           i21555_own_status(b->config_own);
}

static uint32_t i21555_io_csr_read(I21555 *b, I21555Side side, unsigned at,
                                   uint32_t lanes)
{
    return lduw_le_p(b->csr_file + at) | i21555_own_status(b->io_own);
}

const I21555Handler i21555_config_csr = {
    .read = i21555_config_csr_read,
};

const I21555Handler i21555_io_csr = {
    .read = i21555_io_csr_read,
};

/*
 * The generic own bits guard nothing of the bridge's; software of both sides
 * takes them, whoever comes first.
 */
static uint32_t i21555_generic_own_read(I21555 *b, I21555Side side,
                                        unsigned at, uint32_t lanes)
{
    uint32_t value = b->generic_own;

    b->generic_own |= lanes & (SVNIC_OWN_GENERIC0 | SVNIC_OWN_GENERIC1);
    return value;
}

static void i21555_generic_own_write(I21555 *b, I21555Side side, unsigned at,
                                     uint32_t bits, uint32_t lanes)
{
    b->generic_own &= ~bits;
}

const I21555Handler i21555_generic_own = {
    .read = i21555_generic_own_read,
    .write = i21555_generic_own_write,
};

/* ---- cycles ---- */

static bool i21555_cycle_ready(uint16_t enables, const bool *own,
                               I21555Side side)
{
    uint16_t enable = side == I21555_PRIMARY ? SVNIC_OWN_CSR_DOWN_ENABLE
                                             : SVNIC_OWN_CSR_UP_ENABLE;

    return (enables & enable) && own[side];
}

/* Nobody claims a cycle on the bus of @side. */
static uint32_t i21555_cycle_abort(I21555 *b, I21555Side side)
{
    i21555_status(b, side, PCI_STATUS_REC_MASTER_ABORT);
    if (side == I21555_SECONDARY) {
        b->downstream_aborts++;
    } else {
        stat64_add(&b->upstream_aborts, 1);
    }
    return UINT32_MAX;
}

/*
 * Type 0: one of AD[31:16] selects the slot, AD[10:2] function and register.
 * There is no bus behind the secondary one, so no type 1 is answered.
 */
static uint32_t i21555_down_config(I21555 *b, bool write, uint32_t bits,
                                   uint32_t lanes)
{
    uint32_t address = i21555_cfg32(b, SVNIC_CFG_DOWN_CONFIG_ADDR);
    uint32_t select = address >> SVNIC_LOCAL_IDSEL_SHIFT;
    unsigned first = ctz32(lanes) / 8;
    unsigned size = ctpop32(lanes) / 8;
    uint32_t value = bits >> (first * 8);
    bool claimed = !b->held && (address & 3) == 0 && ctpop32(select) == 1 &&
                   !extract32(address, 8, 3) &&
                   b->board->config(b->opaque, ctz32(select),
                                    (address & 0xfc) + first, size, write,
                                    &value);

    trace_i21555_config_cycle(address, first, size, write, claimed, value);
    if (!claimed) {
        return i21555_cycle_abort(b, I21555_SECONDARY);
    }
    return write ? 0 : value << (first * 8);
}

static uint32_t i21555_down_config_read(I21555 *b, I21555Side side,
                                        unsigned at, uint32_t lanes)
{
    if (!i21555_cycle_ready(i21555_cfg16(b, SVNIC_CFG_CONFIG_CSR),
                            b->config_own, side)) {
        return 0;
    }
    return i21555_down_config(b, false, 0, lanes);
}

static void i21555_down_config_write(I21555 *b, I21555Side side, unsigned at,
                                     uint32_t bits, uint32_t lanes)
{
    if (i21555_cycle_ready(i21555_cfg16(b, SVNIC_CFG_CONFIG_CSR),
                           b->config_own, side)) {
        i21555_down_config(b, true, bits, lanes);
    }
}

const I21555Handler i21555_down_config_data = {
    .read = i21555_down_config_read,
    .write = i21555_down_config_write,
};

static uint32_t i21555_up_config_read(I21555 *b, I21555Side side, unsigned at,
                                      uint32_t lanes)
{
    if (!i21555_cycle_ready(i21555_cfg16(b, SVNIC_CFG_CONFIG_CSR),
                            b->config_own, side)) {
        return 0;
    }
    trace_i21555_up_cycle("config",
                          i21555_cfg32(b, SVNIC_CFG_UP_CONFIG_ADDR));
    return i21555_cycle_abort(b, I21555_PRIMARY);
}

static void i21555_up_config_write(I21555 *b, I21555Side side, unsigned at,
                                   uint32_t bits, uint32_t lanes)
{
    i21555_up_config_read(b, side, at, lanes);
}

const I21555Handler i21555_up_config_data = {
    .read = i21555_up_config_read,
    .write = i21555_up_config_write,
};

/*
 * The IXP2400 has no I/O space, and an initiator does not answer itself, so
 * that a downstream I/O cycle finds nobody either.
 */
static uint32_t i21555_io_cycle(I21555 *b, I21555Side side)
{
    bool down = side == I21555_PRIMARY;
    unsigned address = down ? SVNIC_CSR_DOWN_IO_ADDR : SVNIC_CSR_UP_IO_ADDR;

    if (!i21555_cycle_ready(lduw_le_p(b->csr_file + SVNIC_CSR_IO_CSR),
                            b->io_own, side)) {
        return 0;
    }
    trace_i21555_up_cycle(down ? "downstream I/O" : "upstream I/O",
                          i21555_csr32(b, address));
    return i21555_cycle_abort(b, down ? I21555_SECONDARY : I21555_PRIMARY);
}

static uint32_t i21555_io_data_read(I21555 *b, I21555Side side, unsigned at,
                                    uint32_t lanes)
{
    return i21555_io_cycle(b, side);
}

static void i21555_io_data_write(I21555 *b, I21555Side side, unsigned at,
                                 uint32_t bits, uint32_t lanes)
{
    i21555_io_cycle(b, side);
}

const I21555Handler i21555_down_io_data = {
    .read = i21555_io_data_read,
    .write = i21555_io_data_write,
};

const I21555Handler i21555_up_io_data = {
    .read = i21555_io_data_read,
    .write = i21555_io_data_write,
};

void i21555_cycle_reset(I21555 *b)
{
    memset(b->config_own, 0, sizeof(b->config_own));
    memset(b->io_own, 0, sizeof(b->io_own));
    b->generic_own = 0;
}
