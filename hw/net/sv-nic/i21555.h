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
#include "hw/pci/pci_device.h"
#include "qemu/bswap.h"
#include "qemu/seqlock.h"
#include "qemu/stats64.h"

/* The two sides of the bridge; the host is the primary one. */
typedef enum I21555Side {
    I21555_PRIMARY,
    I21555_SECONDARY,
    I21555_SIDES,
} I21555Side;

/* A window of the bridge, as its registers say. */
typedef struct I21555Window {
    uint32_t enabled;
    uint32_t base;              /* on the bus that it is seen from */
    uint32_t mask;              /* size - 1 */
    uint32_t translated;        /* base on the other bus; not of the lookup */
} I21555Window;

/* Secondary to primary; written with the BQL, read by any thread. */
#define I21555_UPSTREAM_WINDOWS     3

typedef struct I21555Upstream {
    QemuSeqLock lock;
    uint32_t target;            /* the bridge claims what the chip sends */
    uint32_t ones;              /* an aborted read gives ones, and no error */
    uint32_t page_shift;        /* of the lookup table */
    union {
        I21555Window window[I21555_UPSTREAM_WINDOWS];
        struct {
            I21555Window direct[2];     /* Upstream Memory 0 and 1 */
            I21555Window lookup;        /* Upstream Memory 2 */
        };
    };
} I21555Upstream;

typedef struct I21555 {
    PCIDevice *pdev;            /* its config[] is the primary view */
    MemoryRegion csr;           /* SVNIC_CSR_SIZE bytes of memory */
    MemoryRegion io;            /* SVNIC_CSR_IO_SIZE bytes of I/O */

    uint32_t irq[I21555_SIDES];         /* 16 bits; atomic */
    uint32_t irq_mask[I21555_SIDES];    /* 16 bits; atomic */
    uint32_t scratchpad[SVNIC_CSR_SCRATCHPADS];

    /* i21555-upstream.c */
    I21555Upstream upstream;
    uint32_t lut[SVNIC_LUT_ENTRIES];    /* each atomic */
    uint32_t page_irq[SVNIC_LUT_ENTRIES / 32]; /* events; atomic */
    uint32_t iommu;             /* the host has one for this card; atomic */
    void (*upstream_moved)(void *opaque);   /* NULL, or told of a change; BQL */

    void (*set_inta)(void *opaque, bool level);
    void *opaque;
    QEMUBH *inta_bh;            /* brings a worker's bit to the pin */
    uint32_t inta_kicked;       /* inta_bh is due; atomic */
    bool inta;                  /* level of the pin */

    Stat64 raised;              /* identifier bits raised */
    Stat64 redundant;           /* of these, bits that were set */
    Stat64 upstream_unclaimed;  /* no window there: nobody answered */
    Stat64 upstream_invalid;    /* entry of the lookup table not valid */
    Stat64 upstream_aborts;     /* nobody there on the primary bus */
    Stat64 upstream_refused;    /* no RAM there: devices are not reached */
} I21555;

/**
 * i21555_init: make the register windows and start with reset values
 *
 * @pdev: the function, owner of the memory regions; its reentrancy guard guards the BH
 * @set_inta: called with the BQL held whenever the level of INTA changes
 *
 * BQL held.  Ends with i21555_uninit().
 */
void i21555_init(I21555 *b, PCIDevice *pdev,
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

/* ---- i21555-upstream.c ---- */

/**
 * i21555_upstream_rw: a transfer that the chip begins on the secondary bus
 *
 * @addr: on the secondary bus; from 4 GiB on a dual address cycle, which goes
 *        up untranslated
 * @buf: @len bytes, from where or where to
 *
 * Returns MEMTX_OK; or an error, with MEMTX_ERROR in it if the initiator of the
 * real bridge would see one, too.  What came before the failing byte has been
 * done.  A failed read fills the rest of @buf, with ones if the initiator sees
 * no error.  Any thread; never waits for the BQL.
 */
MemTxResult i21555_upstream_rw(I21555 *b, uint64_t addr, void *buf,
                               uint32_t len, bool write);

/**
 * i21555_upstream_map: the host's RAM behind an address
 *
 * @len: in: bytes wanted; out: bytes there, not more
 *
 * Returns NULL if i21555_upstream_rw() would fail.  The pointer is good until
 * i21555_upstream_unmap() with the same @len and @write, which has to come
 * before the step that asked for it ends.  Counts as a transfer of all of
 * @len.  Any thread; never waits for the BQL.
 */
void *i21555_upstream_map(I21555 *b, uint64_t addr, uint32_t *len, bool write);
void i21555_upstream_unmap(I21555 *b, void *host, uint32_t len, bool write);

/*
 * The address on the secondary bus that leads to @host on the primary one, by
 * a direct window or a dual address cycle; or 2^64 - 1.  Any thread.
 */
uint64_t i21555_upstream_local(I21555 *b, uint64_t host);

/* A register that the upstream windows are made of has changed.  BQL. */
void i21555_upstream_update(I21555 *b);

/* ---- between units ---- */

/* A register of the configuration space, at its offset in the primary view. */
static inline uint16_t i21555_cfg16(I21555 *b, unsigned offset)
{
    return lduw_le_p(b->pdev->config + offset);
}

static inline uint32_t i21555_cfg32(I21555 *b, unsigned offset)
{
    return ldl_le_p(b->pdev->config + offset);
}

static inline void i21555_cfg16_set(I21555 *b, unsigned offset, uint16_t value)
{
    stw_le_p(b->pdev->config + offset, value);
}

static inline void i21555_cfg32_set(I21555 *b, unsigned offset, uint32_t value)
{
    stl_le_p(b->pdev->config + offset, value);
}

#endif /* HW_NET_SV_NIC_I21555_H */
