/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 21555: the four I2O queues, rings of message frame addresses in the
 * chip's memory.
 *
 * The host pops from and pushes to a queue by one register for each direction.
 * The bridge maintains the pointers of the host's ends and all four counters.
 * The local processor maintains the pointers of its ends in its own memory,
 * and updates the counters by writing them.
 *
 * All functions run with the BQL.
 *
 * Spec: "I2O queues".
 */
#include "qemu/osdep.h"
#include "i21555.h"
#include "trace.h"

/* CSR offsets of the bridge's pointer into a queue and of its counter. */
typedef struct I21555Queue {
    uint16_t pointer;
    uint16_t count;
} I21555Queue;

static const I21555Queue i21555_in_free = {
    SVNIC_CSR_I2O_IN_FREE_HEAD, SVNIC_CSR_I2O_IN_FREE_COUNT
};
static const I21555Queue i21555_in_post = {
    SVNIC_CSR_I2O_IN_POST_TAIL, SVNIC_CSR_I2O_IN_POST_COUNT
};
static const I21555Queue i21555_out_free = {
    SVNIC_CSR_I2O_OUT_FREE_TAIL, SVNIC_CSR_I2O_OUT_FREE_COUNT
};
static const I21555Queue i21555_out_post = {
    SVNIC_CSR_I2O_OUT_POST_HEAD, SVNIC_CSR_I2O_OUT_POST_COUNT
};

static bool i21555_i2o_on(I21555 *b)
{
    return !b->held && (i21555_cfg16(b, SVNIC_CFG_CHIP_CONTROL1) &
                        SVNIC_CC1_I2O_ENABLE);
}

/* Size of a queue in bytes; a queue is aligned to its size. */
static uint32_t i21555_i2o_size(I21555 *b)
{
    unsigned code = extract32(i21555_cfg16(b, SVNIC_CFG_CHIP_CONTROL1),
                              SVNIC_CC1_I2O_SIZE_SHIFT,
                              SVNIC_CC1_I2O_SIZE_BITS);

    return 4 * (256u << code);
}

static uint32_t i21555_i2o_count(I21555 *b, const I21555Queue *q)
{
    return i21555_csr32(b, q->count);
}

static void i21555_i2o_add(I21555 *b, const I21555Queue *q, int by)
{
    i21555_csr32_set(b, q->count, (i21555_i2o_count(b, q) + by) &
                                  SVNIC_I2O_COUNT_MASK);
}

static uint32_t i21555_i2o_advance(I21555 *b, const I21555Queue *q)
{
    uint32_t mask = i21555_i2o_size(b) - 1;
    uint32_t at = i21555_csr32(b, q->pointer);

    i21555_csr32_set(b, q->pointer, (at & ~mask) | ((at + 4) & mask));
    return at;
}

/* Queues in registers are refused (attrs.memory): only RAM is accessed. */
static MemTxResult i21555_i2o_rw(I21555 *b, uint32_t at, uint32_t *value,
                                 bool write)
{
    const MemTxAttrs attrs = { .memory = 1 };
    uint32_t le = cpu_to_le32(*value);
    MemTxResult result = address_space_rw(&b->local_as, at, attrs, &le,
                                          sizeof(le), write);

    if (result != MEMTX_OK) {
        b->downstream_aborts++;
        i21555_status(b, I21555_SECONDARY, PCI_STATUS_REC_MASTER_ABORT);
    }
    *value = le32_to_cpu(le);
    return result;
}

static uint32_t i21555_i2o_pop(I21555 *b, const I21555Queue *q)
{
    uint32_t value = SVNIC_I2O_EMPTY;

    if (i21555_i2o_on(b) && i21555_i2o_count(b, q)) {
        uint32_t at = i21555_i2o_advance(b, q);

        i21555_i2o_add(b, q, -1);
        if (i21555_i2o_rw(b, at, &value, false) != MEMTX_OK) {
            value = SVNIC_I2O_EMPTY;
        }
        trace_i21555_i2o_pop(q->pointer, at, value);
        i21555_update_irq(b);
    }
    return value;
}

static void i21555_i2o_push(I21555 *b, const I21555Queue *q, uint32_t value)
{
    if (i21555_i2o_on(b)) {
        uint32_t at = i21555_i2o_advance(b, q);

        i21555_i2o_add(b, q, 1);
        i21555_i2o_rw(b, at, &value, true);
        trace_i21555_i2o_push(q->pointer, at, value);
        i21555_update_irq(b);
    }
}

static uint32_t i21555_inbound_read(I21555 *b, I21555Side side, unsigned at,
                                    uint32_t lanes)
{
    return i21555_i2o_pop(b, &i21555_in_free);
}

static void i21555_inbound_write(I21555 *b, I21555Side side, unsigned at,
                                 uint32_t bits, uint32_t lanes)
{
    i21555_i2o_push(b, &i21555_in_post, bits);
}

static uint32_t i21555_outbound_read(I21555 *b, I21555Side side, unsigned at,
                                     uint32_t lanes)
{
    return i21555_i2o_pop(b, &i21555_out_post);
}

static void i21555_outbound_write(I21555 *b, I21555Side side, unsigned at,
                                  uint32_t bits, uint32_t lanes)
{
    i21555_i2o_push(b, &i21555_out_free, bits);
}

const I21555Handler i21555_i2o_inbound = {
    .read = i21555_inbound_read,
    .write = i21555_inbound_write,
};

const I21555Handler i21555_i2o_outbound = {
    .read = i21555_outbound_read,
    .write = i21555_outbound_write,
};

/* ---- counters: bit 31 loads a value, else a write adds or subtracts 1 ---- */

static void i21555_count_write(I21555 *b, unsigned at, uint32_t bits,
                               uint32_t lanes, int by)
{
    uint32_t old = i21555_csr32(b, at);

    if (!(lanes & SVNIC_I2O_COUNT_SET)) {
        return; /* the byte with bit 31 is not written */
    }
    if (bits & SVNIC_I2O_COUNT_SET) {
        lanes &= SVNIC_I2O_COUNT_MASK;
        old = (old & ~lanes) | (bits & lanes);
    } else {
        old += by;
    }
    i21555_csr32_set(b, at, old & SVNIC_I2O_COUNT_MASK);
    i21555_update_irq(b);
}

static void i21555_count_down(I21555 *b, I21555Side side, unsigned at,
                              uint32_t bits, uint32_t lanes)
{
    i21555_count_write(b, at, bits, lanes, -1);
}

static void i21555_count_up(I21555 *b, I21555Side side, unsigned at,
                            uint32_t bits, uint32_t lanes)
{
    i21555_count_write(b, at, bits, lanes, 1);
}

const I21555Handler i21555_i2o_in_post_count = { .write = i21555_count_down };
const I21555Handler i21555_i2o_in_free_count = { .write = i21555_count_up };
const I21555Handler i21555_i2o_out_post_count = { .write = i21555_count_up };
const I21555Handler i21555_i2o_out_free_count = {
    .write = i21555_count_down
};

/* ---- status: the post queue of that direction is not empty ---- */

static uint32_t i21555_out_status_read(I21555 *b, I21555Side side,
                                       unsigned at, uint32_t lanes)
{
    return i21555_i2o_count(b, &i21555_out_post) ? SVNIC_I2O_POST : 0;
}

static uint32_t i21555_in_status_read(I21555 *b, I21555Side side, unsigned at,
                                      uint32_t lanes)
{
    return i21555_i2o_count(b, &i21555_in_post) ? SVNIC_I2O_POST : 0;
}

const I21555Handler i21555_i2o_out_status = {
    .read = i21555_out_status_read
};

const I21555Handler i21555_i2o_in_status = {
    .read = i21555_in_status_read
};

const I21555Handler i21555_i2o_mask = {
    .changed = i21555_update_irq
};

bool i21555_i2o_pending(I21555 *b, I21555Side side)
{
    bool primary = side == I21555_PRIMARY;
    uint32_t mask = i21555_csr32(b, primary ? SVNIC_CSR_I2O_OUT_POST_MASK
                                            : SVNIC_CSR_I2O_IN_POST_MASK);

    return !(mask & SVNIC_I2O_POST) &&
           i21555_i2o_count(b, primary ? &i21555_out_post : &i21555_in_post);
}
