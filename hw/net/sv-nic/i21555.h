/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 21555 non-transparent bridge: its CSRs and INTA.
 *
 * Spec: docs/specs/sv-nic.rst, "Bridge CSRs" and "Interrupts".
 *
 * The board (sv-nic.c) maps @csr and @io as BARs; the chip raises identifier
 * bits from any thread.  The request and mask registers are therefore atomic;
 * everything else here is guarded by the BQL.
 */
#ifndef HW_NET_SV_NIC_I21555_H
#define HW_NET_SV_NIC_I21555_H

#include "exec/memory.h"
#include "hw/net/sv-nic/sv_nic_abi.h"
#include "hw/qdev-core.h"
#include "qemu/stats64.h"

/* The two sides of the bridge; the host is the primary one. */
typedef enum I21555Side {
    I21555_PRIMARY,
    I21555_SECONDARY,
    I21555_SIDES,
} I21555Side;

typedef struct I21555 {
    MemoryRegion csr;           /* SVNIC_CSR_SIZE bytes of memory */
    MemoryRegion io;            /* SVNIC_CSR_IO_SIZE bytes of I/O */

    uint32_t irq[I21555_SIDES];         /* 16 bits; atomic */
    uint32_t irq_mask[I21555_SIDES];    /* 16 bits; atomic */
    uint32_t scratchpad[SVNIC_CSR_SCRATCHPADS];

    void (*set_inta)(void *opaque, bool level);
    void *opaque;
    QEMUBH *inta_bh;            /* brings a worker's bit to the pin */
    uint32_t inta_kicked;       /* inta_bh is due; atomic */
    bool inta;                  /* level of the pin */

    Stat64 raised;              /* identifier bits raised */
    Stat64 redundant;           /* of these, bits that were set */
} I21555;

/**
 * i21555_init: make the register windows and start with reset values
 *
 * @dev: owner of the memory regions; its reentrancy guard guards the BH
 * @set_inta: called with the BQL held whenever the level of INTA changes
 *
 * BQL held.  Ends with i21555_uninit().
 */
void i21555_init(I21555 *b, DeviceState *dev,
                 void (*set_inta)(void *opaque, bool level), void *opaque);
/* BQL held; no thread may call i21555_raise() any more. */
void i21555_uninit(I21555 *b);

/* Back to reset values, INTA goes low.  BQL held, workers quiescent. */
void i21555_reset(I21555 *b);

/**
 * i21555_raise: set one bit of the primary IRQ register
 *
 * @identifier: 0 to SVNIC_IDENTIFIER_BITS - 1
 *
 * Any thread.  INTA follows at once if the caller holds the BQL, and from
 * the main loop if not.
 */
void i21555_raise(I21555 *b, unsigned identifier);

#endif /* HW_NET_SV_NIC_I21555_H */
