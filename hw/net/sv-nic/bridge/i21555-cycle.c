/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 21555: semaphores (CONFIG_OWN, IO_OWN, GENERIC_OWN), and indirect
 * configuration and I/O cycles: one side of the bridge starts a cycle on the
 * bus of the other side by an address register and a data register.
 *
 * An access to the data register starts a cycle if that direction is enabled
 * and its semaphore is taken.  A read of the semaphore returns the old value
 * and takes it, so a reader that gets 0 holds it; writing 1 releases it.  The
 * primary side uses downstream cycles, the secondary side upstream cycles.
 *
 * Downstream configuration cycles are answered by the chip.  QEMU has no
 * interface for a device to start configuration or I/O cycles on the host's
 * buses, so all upstream cycles end with a master abort.
 *
 * All functions run with the BQL.
 *
 * Spec: "Indirect cycles".
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "i21555.h"
#include "trace.h"

/* The semaphore of the direction that @side uses. */
static uint32_t i21555_sem_bit(I21555Side side)
{
    return side == I21555_PRIMARY ? SVNIC_OWN_DOWN : SVNIC_OWN_UP;
}

static uint32_t i21555_sem_status(const bool *sem)
{
    return (sem[I21555_PRIMARY] ? SVNIC_OWN_DOWN : 0) |
           (sem[I21555_SECONDARY] ? SVNIC_OWN_UP : 0);
}

static uint32_t i21555_sem_read(bool *sem, I21555Side side, uint32_t lanes)
{
    uint32_t value = i21555_sem_status(sem);

    if (lanes & i21555_sem_bit(side)) {
        sem[side] = true;
    }
    return value;
}

static void i21555_sem_write(bool *sem, I21555Side side, uint32_t bits)
{
    if (bits & i21555_sem_bit(side)) {
        sem[side] = false;
    }
}

static uint32_t i21555_config_sem_read(I21555 *b, I21555Side side,
                                       unsigned at, uint32_t lanes)
{
    return i21555_sem_read(b->config_sem, side, lanes);
}

static void i21555_config_sem_write(I21555 *b, I21555Side side, unsigned at,
                                    uint32_t bits, uint32_t lanes)
{
    i21555_sem_write(b->config_sem, side, bits);
}

static uint32_t i21555_io_sem_read(I21555 *b, I21555Side side, unsigned at,
                                   uint32_t lanes)
{
    return i21555_sem_read(b->io_sem, side, lanes);
}

static void i21555_io_sem_write(I21555 *b, I21555Side side, unsigned at,
                                uint32_t bits, uint32_t lanes)
{
    i21555_sem_write(b->io_sem, side, bits);
}

const I21555Handler i21555_config_sem = {
    .read = i21555_config_sem_read,
    .write = i21555_config_sem_write,
};

const I21555Handler i21555_io_sem = {
    .read = i21555_io_sem_read,
    .write = i21555_io_sem_write,
};

/* A read of the status in the CSR does not take the semaphore. */
static uint32_t i21555_config_csr_read(I21555 *b, I21555Side side,
                                       unsigned at, uint32_t lanes)
{
    return i21555_cfg16(b, SVNIC_CFG_CONFIG_CSR) |
           i21555_sem_status(b->config_sem);
}

static uint32_t i21555_io_csr_read(I21555 *b, I21555Side side, unsigned at,
                                   uint32_t lanes)
{
    return lduw_le_p(b->csr_file + at) | i21555_sem_status(b->io_sem);
}

const I21555Handler i21555_config_csr = {
    .read = i21555_config_csr_read,
};

const I21555Handler i21555_io_csr = {
    .read = i21555_io_csr_read,
};

/*
 * The generic semaphores control no function of the bridge.  Either side can
 * take each of them; software decides what they guard.
 */
static uint32_t i21555_generic_sem_read(I21555 *b, I21555Side side,
                                        unsigned at, uint32_t lanes)
{
    uint32_t value = b->generic_sem;

    b->generic_sem |= lanes & (SVNIC_OWN_GENERIC0 | SVNIC_OWN_GENERIC1);
    return value;
}

static void i21555_generic_sem_write(I21555 *b, I21555Side side, unsigned at,
                                     uint32_t bits, uint32_t lanes)
{
    b->generic_sem &= ~bits;
}

const I21555Handler i21555_generic_sem = {
    .read = i21555_generic_sem_read,
    .write = i21555_generic_sem_write,
};

/* ---- cycles ---- */

static bool i21555_cycle_ready(uint16_t enables, const bool *sem,
                               I21555Side side)
{
    uint16_t enable = side == I21555_PRIMARY ? SVNIC_OWN_CSR_DOWN_ENABLE
                                             : SVNIC_OWN_CSR_UP_ENABLE;

    return (enables & enable) && sem[side];
}

/* No target claims a cycle on the bus of @side. */
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
 * The secondary bus has no bridge, so type 1 cycles are not answered.
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
                            b->config_sem, side)) {
        return 0;
    }
    return i21555_down_config(b, false, 0, lanes);
}

static void i21555_down_config_write(I21555 *b, I21555Side side, unsigned at,
                                     uint32_t bits, uint32_t lanes)
{
    if (i21555_cycle_ready(i21555_cfg16(b, SVNIC_CFG_CONFIG_CSR),
                           b->config_sem, side)) {
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
                            b->config_sem, side)) {
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
 * The IXP2400 has no I/O space and the bridge does not claim its own cycles,
 * so a downstream I/O cycle has no target and also ends with a master abort.
 */
static uint32_t i21555_io_cycle(I21555 *b, I21555Side side)
{
    bool down = side == I21555_PRIMARY;
    unsigned address = down ? SVNIC_CSR_DOWN_IO_ADDR : SVNIC_CSR_UP_IO_ADDR;

    if (!i21555_cycle_ready(lduw_le_p(b->csr_file + SVNIC_CSR_IO_CSR),
                            b->io_sem, side)) {
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
    memset(b->config_sem, 0, sizeof(b->config_sem));
    memset(b->io_sem, 0, sizeof(b->io_sem));
    b->generic_sem = 0;
}
