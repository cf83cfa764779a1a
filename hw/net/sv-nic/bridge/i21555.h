/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 21555 non-transparent bridge, between the host (primary side) and the
 * chip's PCI bus (secondary side).
 *
 * Spec: docs/specs/sv-nic-chip.rst, "Registers of the bridge"
 * to "Aborts".
 *
 * i21555-regs.h      every register, one table
 * i21555.c           register accesses by that table; reset
 * i21555-irq.c       doorbells, masks, chip status; INTA and s_inta
 * i21555-config.c    configuration space, capabilities, reset control
 * i21555-rom.c       serial ROM: contents, preload, access
 * i21555-image.c     layout and check of a ROM image; shared with tools/srom.c
 * i21555-window.c    downstream windows, the secondary bus
 * i21555-upstream.c  upstream windows, lookup table
 * i21555-cycle.c     semaphores, indirect configuration and I/O cycles
 * i21555-i2o.c       I2O queues
 *
 * The board (sv-nic.c) makes the bridge part of a PCI function.  Registers are
 * accessed with the BQL, inside an entry of the board.  The chip raises IRQ
 * bits and starts upstream transfers on any thread; the fields that these use
 * are marked as atomic or have a sequence lock.  All other fields are guarded
 * by the BQL.
 */
#ifndef HW_NET_SV_NIC_BRIDGE_I21555_H
#define HW_NET_SV_NIC_BRIDGE_I21555_H

#include "qemu/sv-nic-compat.h"
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

/* A window of the bridge, decoded from its registers. */
typedef struct I21555Window {
    uint32_t enabled;
    uint32_t base;              /* on the bus of the initiator */
    uint32_t mask;              /* size - 1 */
    uint32_t translated;        /* base on the other bus; unused by lookup */
} I21555Window;

/* Secondary to primary; written with the BQL, read by any thread. */
#define I21555_UPSTREAM_WINDOWS     3

typedef struct I21555Upstream {
    QemuSeqLock lock;
    uint32_t target;            /* the bridge claims cycles of the chip */
    uint32_t ones;              /* an aborted read returns ones, no error */
    uint32_t page_shift;        /* log2 of the lookup table's page size */
    uint32_t csr;               /* base of the CSRs on the secondary bus */
    union {
        I21555Window window[I21555_UPSTREAM_WINDOWS];
        struct {
            I21555Window direct[2];     /* Upstream Memory 0 and 1 */
            I21555Window lookup;        /* Upstream Memory 2 */
        };
    };
} I21555Upstream;

/* Primary to secondary: Downstream Memory 0 to 3 */
#define I21555_DOWN_WINDOWS         4

typedef struct I21555Down {
    MemoryRegion mem;           /* alias of the secondary bus, memory */
    MemoryRegion io;            /* and I/O; only for Downstream Memory 1 */
} I21555Down;

typedef struct I21555 I21555;

/* Callbacks of the board.  All with the BQL unless noted. */
typedef struct I21555Board {
    /* begin and end of an access of the host to a region of the bridge */
    void (*enter)(void *opaque);
    void (*leave)(void *opaque);
    /* asks the board to call i21555_move_pins() soon; any thread */
    void (*pins_due)(void *opaque);
    /* level of the pins: p_inta_l to the host, s_inta_l to the chip */
    void (*inta)(void *opaque, bool level);
    void (*s_inta)(void *opaque, bool level);
    /* secondary reset was asserted or released; resets the chip */
    void (*secondary_reset)(void *opaque, bool asserted);
    /*
     * a configuration cycle of type 0 to @slot of the secondary bus, @size
     * bytes of @value at @addr; returns false if no target claims it
     */
    bool (*config)(void *opaque, unsigned slot, unsigned addr, unsigned size,
                   bool write, uint32_t *value);
    /* an upstream window has changed: cached translations are invalid */
    void (*upstream_moved)(void *opaque);
} I21555Board;

/*
 * A part of BAR 0 for MSI-X: the region that the host accesses, and QEMU's
 * region behind it; see i21555-window.c.
 */
typedef struct I21555Msix {
    I21555 *b;
    MemoryRegion mr;
    MemoryRegion *behind;
} I21555Msix;

struct I21555 {
    PCIDevice *pdev;            /* its config[] is the primary view */
    const I21555Board *board;
    void *opaque;
    bool live;                  /* from attach to uninit; BQL */

    /* registers that are only CSRs, at their CSR offsets */
    uint8_t csr_file[SVNIC_CSR_IO_SIZE];

    /* i21555-irq.c */
    uint32_t irq[I21555_SIDES];         /* 16 bits; atomic */
    uint32_t irq_mask[I21555_SIDES];    /* 16 bits; atomic */
    uint32_t page_irq[SVNIC_LUT_ENTRIES / 32]; /* events; atomic */
    uint32_t chip_mask;
    bool level[I21555_SIDES];   /* level of the pins */

    /* i21555-config.c */
    uint32_t status[I21555_SIDES];      /* bits to set; atomic */
    bool held;                  /* secondary reset is asserted */
    uint8_t revision;

    /* i21555-rom.c */
    uint8_t srom[SVNIC_SROM_SIZE];
    bool srom_writable;

    /* i21555-window.c */
    MemoryRegion csr;           /* SVNIC_CSR_SIZE bytes of memory */
    MemoryRegion csr_io;        /* SVNIC_CSR_IO_SIZE bytes of I/O */
    MemoryRegion bar0;          /* csr, and window 0 or MSI-X above it */
    MemoryRegion local;         /* the secondary bus, memory */
    MemoryRegion local_io;      /* and I/O */
    MemoryRegion devices;       /* in local: regions of the chip */
    AddressSpace local_as;
    I21555Down down[I21555_DOWN_WINDOWS];
    bool msix;                  /* table and PBA are in bar0 */
    MemoryRegion msix_bar;      /* QEMU's regions of these; not mapped */
    I21555Msix msix_table;
    I21555Msix msix_pba;

    /* i21555-upstream.c */
    I21555Upstream upstream;
    uint32_t lut[SVNIC_LUT_ENTRIES];    /* each atomic */
    uint32_t iommu;             /* an IOMMU translates for this card; atomic */

    /* i21555-cycle.c */
    bool config_sem[I21555_SIDES];      /* primary: downstream cycles */
    bool io_sem[I21555_SIDES];
    uint32_t generic_sem;       /* SVNIC_OWN_GENERIC* bits that are taken */

    Stat64 raised;              /* IRQ bits raised */
    Stat64 redundant;           /* of these, bits that were already set */
    Stat64 upstream_unclaimed;  /* address is in no window */
    Stat64 upstream_invalid;    /* invalid entry of the lookup table */
    Stat64 upstream_aborts;     /* no target on the primary bus */
    Stat64 upstream_refused;    /* target is not system RAM */
    uint64_t downstream_aborts; /* no target on the secondary bus; BQL */
};

/* ---- i21555.c: for the board.  All BQL. ---- */

/**
 * i21555_init: initialize the bridge of @pdev
 *
 * @image: content of the serial ROM, SVNIC_SROM_SIZE bytes, already checked; is
 *         copied
 * @revision: revision ID in both headers
 * @msix: BAR 0 has an MSI-X table above the CSRs
 *
 * BARs and capabilities are registered by i21555_attach().  Undone by
 * i21555_uninit().
 */
void i21555_init(I21555 *b, PCIDevice *pdev, const I21555Board *board,
                 void *opaque, const uint8_t *image, uint8_t revision,
                 bool msix);
/*
 * Maps @mr, a region of the chip, at @addr of the secondary bus.  To be called
 * before i21555_attach(); the mapping lasts until i21555_uninit().
 */
void i21555_attach_device(I21555 *b, MemoryRegion *mr, uint32_t addr);
/*
 * Maps into BAR 0 the regions that msix_init() has put into b->msix_bar, at the
 * same offsets.  To be called before i21555_attach().
 */
void i21555_attach_msix(I21555 *b);
/* Registers BARs and capabilities, loads the serial ROM. */
bool i21555_attach(I21555 *b, Error **errp);
/*
 * No thread may call i21555_raise() or start an upstream transfer any more.  A
 * vCPU can still access a region of the card until the device is finalized:
 * its reads return ones, and its writes are dropped.
 */
void i21555_uninit(I21555 *b);

/*
 * Sets all registers to their reset values, loads the serial ROM, deasserts the
 * pins.  Workers must be quiescent.
 */
void i21555_reset(I21555 *b);

/* ---- i21555-window.c ---- */

/* Downstream Memory 0 to 3, as it is now. */
typedef struct I21555DownInfo {
    unsigned bar;
    uint64_t size;              /* bytes; 0: it is off */
    uint64_t address;           /* on the host's bus, or PCI_BAR_UNMAPPED */
    uint32_t base;              /* on the secondary bus */
} I21555DownInfo;

/* BQL. */
void i21555_window_info(I21555 *b, unsigned n, I21555DownInfo *info);

/* ---- i21555-irq.c ---- */

/**
 * i21555_raise: set one bit of the primary IRQ register
 *
 * @irq_bit: 0 to SVNIC_IRQ_BITS - 1
 *
 * Any thread.  INTA follows when the board calls i21555_move_pins().
 */
void i21555_raise(I21555 *b, unsigned irq_bit);
/*
 * Sets the pins to the level that results from the registers.  BQL; can cause
 * accesses of other devices to the card (re-entrancy).
 */
void i21555_move_pins(I21555 *b);

/* ---- i21555-config.c: configuration space from either side.  BQL. ---- */

/*
 * @addr: offset in the view of @side; @size: 1, 2 or 4 bytes, aligned
 */
uint32_t i21555_config_read(I21555 *b, I21555Side side, unsigned addr,
                            unsigned size);
void i21555_config_write(I21555 *b, I21555Side side, unsigned addr,
                         uint32_t value, unsigned size);

/* ---- i21555.c: the CSRs from either side.  BQL. ---- */

/* @size: 1 to 8 bytes at any address below SVNIC_CSR_SIZE */
uint64_t i21555_csr_read(I21555 *b, I21555Side side, hwaddr addr,
                         unsigned size);
void i21555_csr_write(I21555 *b, I21555Side side, hwaddr addr, uint64_t value,
                      unsigned size);

/* ---- i21555-upstream.c ---- */

/**
 * i21555_upstream_rw: a transfer that the chip starts on the secondary bus
 *
 * @addr: on the secondary bus; from 4 GiB on a dual address cycle, which is
 *        forwarded without translation
 * @buf: source or destination, @len bytes
 *
 * Returns MEMTX_OK or an error.  The error includes MEMTX_ERROR if the real
 * bridge reports an error to the initiator.  Bytes before the failing one are
 * transferred.  A failed read fills the rest of @buf: with zeros if the error
 * includes MEMTX_ERROR, else with ones.  Any thread; never waits for the BQL.
 */
MemTxResult i21555_upstream_rw(I21555 *b, uint64_t addr, void *buf,
                               uint32_t len, bool write);

/*
 * Returns true if i21555_upstream_rw() would access the CSRs of the bridge.
 * Any thread.
 */
bool i21555_upstream_registers(I21555 *b, uint64_t addr, uint32_t len);

/**
 * i21555_upstream_map: get a pointer to the host's RAM at an address
 *
 * @len: in: bytes wanted; out: bytes mapped, not more than wanted
 *
 * Returns NULL if i21555_upstream_rw() would fail.  The pointer is valid until
 * i21555_upstream_unmap() with the same @len and @write, which must be called
 * in the same step.  Counts as a transfer of @len bytes.  Any thread; never
 * waits for the BQL.
 */
void *i21555_upstream_map(I21555 *b, uint64_t addr, uint32_t *len, bool write);
void i21555_upstream_unmap(I21555 *b, void *host, uint32_t len, bool write);

/*
 * Returns the address on the secondary bus that is translated to @host on the
 * primary bus, by a direct window or a dual address cycle; UINT64_MAX if there
 * is none.  Any thread.
 */
uint64_t i21555_upstream_local(I21555 *b, uint64_t host);

/* Returns true if the bridge is a target on the secondary bus.  Any thread. */
bool i21555_upstream_claims(I21555 *b);

/* ---- between units of the bridge.  BQL unless noted. ---- */

/* A register of configuration space; @offset is that of the primary view. */
static inline uint16_t i21555_cfg16(I21555 *b, unsigned offset)
{
    return lduw_le_p(b->pdev->config + offset);
}

static inline uint32_t i21555_cfg32(I21555 *b, unsigned offset)
{
    return ldl_le_p(b->pdev->config + offset);
}

static inline void i21555_cfg32_set(I21555 *b, unsigned offset, uint32_t value)
{
    stl_le_p(b->pdev->config + offset, value);
}

/* The function is in D0. */
static inline bool i21555_awake(I21555 *b)
{
    return !(i21555_cfg16(b, SVNIC_CFG_PM + PCI_PM_CTRL) &
             PCI_PM_CTRL_STATE_MASK);
}

/* A register in csr_file[]. */
static inline uint32_t i21555_csr32(I21555 *b, unsigned offset)
{
    return ldl_le_p(b->csr_file + offset);
}

static inline void i21555_csr32_set(I21555 *b, unsigned offset, uint32_t value)
{
    stl_le_p(b->csr_file + offset, value);
}

/*
 * Side effects of a register.  @at is its offset in the CSRs, or in
 * configuration space if it is not a CSR.  @lanes: mask of the accessed bits;
 * @bits: the written value, 0 outside of @lanes.
 */
typedef struct I21555Handler {
    uint32_t (*read)(I21555 *b, I21555Side side, unsigned at, uint32_t lanes);
    void (*write)(I21555 *b, I21555Side side, unsigned at, uint32_t bits,
                  uint32_t lanes);
    void (*changed)(I21555 *b); /* after a write without handler */
} I21555Handler;

/* i21555.c: loads registers from @image of the serial ROM. */
void i21555_load_registers(I21555 *b, const uint8_t *image);

/* i21555-irq.c */
void i21555_irq_reset(I21555 *b);
/* A register has changed that the pins depend on.  Any thread. */
void i21555_update_irq(I21555 *b);
/* A page boundary was crossed upstream.  Any thread. */
void i21555_page_event(I21555 *b, unsigned page);
/* Sets @bits of the Chip Status CSR. */
void i21555_chip_event(I21555 *b, uint32_t bits);
extern const I21555Handler i21555_irq_set, i21555_irq_clear,
                           i21555_chip_mask_set, i21555_chip_mask_clear,
                           i21555_chip_status, i21555_page_irq,
                           i21555_page_mask;

/* i21555-config.c */
void i21555_config_reset(I21555 *b);
bool i21555_config_init(I21555 *b, Error **errp);
/* pci_default_write_config(); outside of D0 also disables bus mastering. */
void i21555_default_write(I21555 *b, unsigned offset, uint32_t value,
                          unsigned size);
/* Stores bits set by i21555_status() in configuration space. */
void i21555_config_sync(I21555 *b);
/* Sets @bits, PCI_STATUS_*, of that side's status register.  Any thread. */
void i21555_status(I21555 *b, I21555Side side, uint16_t bits);
extern const I21555Handler i21555_upstream_bar, i21555_pmcsr,
                           i21555_vpd_address, i21555_reset_control,
                           i21555_secondary_command;

/* i21555-rom.c */
void i21555_rom_preload(I21555 *b);
uint32_t i21555_rom_dword(I21555 *b, unsigned offset);
void i21555_rom_dword_write(I21555 *b, unsigned offset, uint32_t value);
extern const I21555Handler i21555_rom_control;

/* i21555-window.c */
void i21555_window_init(I21555 *b);
void i21555_window_uninit(I21555 *b);
/* Registers the BARs according to the Setup registers. */
void i21555_window_setup(I21555 *b);
/* Applies the translated bases and Bus Master Enable of the secondary side. */
void i21555_window_update(I21555 *b);
extern const I21555Handler i21555_down_setup, i21555_down_base;

/* i21555-upstream.c: decodes the upstream windows again. */
void i21555_upstream_update(I21555 *b);
void i21555_upstream_reset(I21555 *b);
/* Size of Upstream Memory 2 in bytes; 0: disabled. */
uint32_t i21555_lookup_size(I21555 *b);
extern const I21555Handler i21555_up_register, i21555_lut, i21555_lut_data;

/* i21555-cycle.c */
void i21555_cycle_reset(I21555 *b);
extern const I21555Handler i21555_config_sem, i21555_config_csr,
                           i21555_down_config_data, i21555_up_config_data,
                           i21555_io_sem, i21555_io_csr, i21555_generic_sem,
                           i21555_down_io_data, i21555_up_io_data;

/* i21555-i2o.c */
/* The post queue for @side is not empty, and its interrupt not masked. */
bool i21555_i2o_pending(I21555 *b, I21555Side side);
extern const I21555Handler i21555_i2o_out_status, i21555_i2o_in_status,
                           i21555_i2o_mask, i21555_i2o_inbound,
                           i21555_i2o_outbound, i21555_i2o_in_post_count,
                           i21555_i2o_in_free_count,
                           i21555_i2o_out_post_count,
                           i21555_i2o_out_free_count;

#endif /* HW_NET_SV_NIC_BRIDGE_I21555_H */
