/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 21555 non-transparent bridge, between the host (primary side) and the
 * chip's PCI bus (secondary side).
 *
 * Spec: docs/specs/sv-nic.rst, "Configuration space" to "Interrupts".
 *
 * i21555-regs.h      every register, one table
 * i21555.c           that table at work; reset
 * i21555-irq.c       doorbells, masks, chip status; INTA and s_inta
 * i21555-config.c    configuration space, capabilities, reset control
 * i21555-rom.c       serial ROM: contents, preload, access
 * i21555-image.c     what a ROM image may hold; shared with tools/srom.c
 * i21555-window.c    downstream windows, the secondary bus
 * i21555-upstream.c  upstream windows, lookup table
 * i21555-cycle.c     own bits, indirect configuration and I/O cycles
 * i21555-i2o.c       I2O queues
 *
 * The board (sv-nic.c) makes it part of a PCI function.  Registers are
 * accessed with the BQL, in an entry of the board's.  The chip raises
 * IRQ bits and goes upstream from any thread: what these touch is atomic or
 * under a sequence lock, and said to be; all else here is guarded by the BQL.
 */
#ifndef HW_NET_SV_NIC_BRIDGE_I21555_H
#define HW_NET_SV_NIC_BRIDGE_I21555_H

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
    uint32_t csr;               /* its own CSRs on the secondary bus */
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
    MemoryRegion mem;           /* alias into the secondary bus's memory */
    MemoryRegion io;            /* and its I/O space; Memory 1 alone */
} I21555Down;

typedef struct I21555 I21555;

/* What the bridge is on.  All with the BQL. */
typedef struct I21555Board {
    /* begin and end of a host's access to a region of the bridge */
    void (*enter)(void *opaque);
    void (*leave)(void *opaque);
    /* i21555_move_pins() has to be called soon; any thread */
    void (*pins_due)(void *opaque);
    /* level of the pins: p_inta_l to the host, s_inta_l to the chip */
    void (*inta)(void *opaque, bool level);
    void (*s_inta)(void *opaque, bool level);
    /* secondary reset is asserted, or no more: the chip starts anew */
    void (*secondary_reset)(void *opaque, bool asserted);
    /*
     * a configuration cycle of type 0 for @slot of the secondary bus, @size
     * bytes of @value at @addr; false: nobody is there
     */
    bool (*config)(void *opaque, unsigned slot, unsigned addr, unsigned size,
                   bool write, uint32_t *value);
    /* an upstream window may lead elsewhere now */
    void (*upstream_moved)(void *opaque);
} I21555Board;

/*
 * What QEMU has behind a part of BAR 0 for MSI-X, and what the host sees of
 * it; see i21555-window.c.
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

    /* registers that are not in configuration space, at their offsets */
    uint8_t csr_file[SVNIC_CSR_IO_SIZE];

    /* i21555-irq.c */
    uint32_t irq[I21555_SIDES];         /* 16 bits; atomic */
    uint32_t irq_mask[I21555_SIDES];    /* 16 bits; atomic */
    uint32_t page_irq[SVNIC_LUT_ENTRIES / 32]; /* events; atomic */
    uint32_t chip_mask;
    bool level[I21555_SIDES];   /* of the pins */

    /* i21555-config.c */
    uint32_t status[I21555_SIDES];      /* bits to be set; atomic */
    bool held;                  /* secondary reset is asserted */
    uint8_t revision;

    /* i21555-rom.c */
    uint8_t srom[SVNIC_SROM_SIZE];
    bool srom_writable;

    /* i21555-window.c */
    MemoryRegion csr;           /* SVNIC_CSR_SIZE bytes of memory */
    MemoryRegion csr_io;        /* SVNIC_CSR_IO_SIZE bytes of I/O */
    MemoryRegion bar0;          /* csr, and what lies above it */
    MemoryRegion local;         /* the secondary bus, memory */
    MemoryRegion local_io;      /* and I/O */
    MemoryRegion devices;       /* in local: what the chip answers */
    AddressSpace local_as;
    I21555Down down[I21555_DOWN_WINDOWS];
    bool msix;                  /* table and PBA are in bar0 */
    MemoryRegion msix_bar;      /* where QEMU puts them; mapped nowhere */
    I21555Msix msix_table;
    I21555Msix msix_pba;

    /* i21555-upstream.c */
    I21555Upstream upstream;
    uint32_t lut[SVNIC_LUT_ENTRIES];    /* each atomic */
    uint32_t iommu;             /* the host has one for this card; atomic */

    /* i21555-cycle.c */
    bool config_own[I21555_SIDES];      /* primary: downstream cycles */
    bool io_own[I21555_SIDES];
    uint32_t generic_own;       /* SVNIC_OWN_GENERIC* that are taken */

    Stat64 raised;              /* IRQ bits raised */
    Stat64 redundant;           /* of these, bits that were set */
    Stat64 upstream_unclaimed;  /* no window there: nobody answered */
    Stat64 upstream_invalid;    /* entry of the lookup table not valid */
    Stat64 upstream_aborts;     /* nobody there on the primary bus */
    Stat64 upstream_refused;    /* no RAM there: devices are not reached */
    uint64_t downstream_aborts; /* nobody there on the secondary bus; BQL */
};

/* ---- i21555.c: for the board.  All BQL. ---- */

/**
 * i21555_init: make the bridge of @pdev
 *
 * @image: the serial ROM's SVNIC_SROM_SIZE bytes, copied; has been checked
 * @revision: of the function, as both headers show it
 * @msix: BAR 0 has an MSI-X table above the CSRs
 *
 * The function has its BARs and capabilities after i21555_attach().  Ends with
 * i21555_uninit().
 */
void i21555_init(I21555 *b, PCIDevice *pdev, const I21555Board *board,
                 void *opaque, const uint8_t *image, uint8_t revision,
                 bool msix);
/*
 * Puts @mr, of the chip, onto the secondary bus; before i21555_attach() and
 * until i21555_uninit().
 */
void i21555_attach_device(I21555 *b, MemoryRegion *mr, uint32_t addr);
/*
 * Shows in BAR 0 what msix_init() has put into b->msix_bar, each at its offset
 * there; before i21555_attach().
 */
void i21555_attach_msix(I21555 *b);
/* BARs, capabilities, values of the serial ROM. */
bool i21555_attach(I21555 *b, Error **errp);
/*
 * No thread may call i21555_raise() or go upstream any more.  A vCPU that was
 * on its way to a region of the card may arrive until the device's memory
 * goes: it reads ones, and what it writes is dropped.
 */
void i21555_uninit(I21555 *b);

/*
 * Back to reset values and what the serial ROM loads; the pins go low.
 * Workers quiescent.
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
 * Brings the pins to the level that the registers ask for.  BQL; may lead to
 * other devices and from there back to the card.
 */
void i21555_move_pins(I21555 *b);

/* ---- i21555-config.c: configuration space from either side.  BQL. ---- */

/*
 * @addr: offset as that side sees it; @size: 1, 2 or 4 bytes, aligned
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

/*
 * Whether i21555_upstream_rw() of @len bytes would be at the bridge's CSRs.
 * Any thread.
 */
bool i21555_upstream_registers(I21555 *b, uint64_t addr, uint32_t len);

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

/* Whether it claims what it knows of the chip's cycles.  Any thread. */
bool i21555_upstream_claims(I21555 *b);

/* ---- between units.  BQL, but where it is said. ---- */

/* A register of the configuration space, at its offset in the primary view. */
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

/* The host has the function in D0. */
static inline bool i21555_awake(I21555 *b)
{
    return !(i21555_cfg16(b, SVNIC_CFG_PM + PCI_PM_CTRL) &
             PCI_PM_CTRL_STATE_MASK);
}

/* A register that is a CSR alone and has no storage of its own. */
static inline uint32_t i21555_csr32(I21555 *b, unsigned offset)
{
    return ldl_le_p(b->csr_file + offset);
}

static inline void i21555_csr32_set(I21555 *b, unsigned offset, uint32_t value)
{
    stl_le_p(b->csr_file + offset, value);
}

/*
 * What a register does beyond the table's rules.  @at is its offset in the
 * CSRs, or, where it has none, in configuration space.  @lanes: the bits that
 * are accessed; @bits: these bits, 0 elsewhere.
 */
typedef struct I21555Handler {
    uint32_t (*read)(I21555 *b, I21555Side side, unsigned at, uint32_t lanes);
    void (*write)(I21555 *b, I21555Side side, unsigned at, uint32_t bits,
                  uint32_t lanes);
    void (*changed)(I21555 *b); /* after a write by the table's rules */
} I21555Handler;

/* i21555.c: what the ROM @image loads. */
void i21555_load_registers(I21555 *b, const uint8_t *image);

/* i21555-irq.c */
void i21555_irq_reset(I21555 *b);
/* The pins may have to follow a register.  Any thread. */
void i21555_update_irq(I21555 *b);
/* A page boundary was crossed upstream.  Any thread. */
void i21555_page_event(I21555 *b, unsigned page);
/* An event of the Chip Status CSR. */
void i21555_chip_event(I21555 *b, uint32_t bits);
extern const I21555Handler i21555_irq_set, i21555_irq_clear,
                           i21555_chip_mask_set, i21555_chip_mask_clear,
                           i21555_chip_status, i21555_page_irq,
                           i21555_page_mask;

/* i21555-config.c */
void i21555_config_reset(I21555 *b);
bool i21555_config_init(I21555 *b, Error **errp);
/* pci_default_write_config(), and the function masters nothing unless in D0. */
void i21555_default_write(I21555 *b, unsigned offset, uint32_t value,
                          unsigned size);
/* Takes over what i21555_status() left. */
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
/* BARs as the Setup registers have them. */
void i21555_window_setup(I21555 *b);
/* Translated bases, and whether the bridge is an initiator there. */
void i21555_window_update(I21555 *b);
extern const I21555Handler i21555_down_setup, i21555_down_base;

/* i21555-upstream.c: a register that the windows are made of has changed. */
void i21555_upstream_update(I21555 *b);
void i21555_upstream_reset(I21555 *b);
/* Bytes of the lookup table's window, or 0: there is none. */
uint32_t i21555_lookup_size(I21555 *b);
extern const I21555Handler i21555_up_register, i21555_lut, i21555_lut_data;

/* i21555-cycle.c */
void i21555_cycle_reset(I21555 *b);
extern const I21555Handler i21555_config_own, i21555_config_csr,
                           i21555_down_config_data, i21555_up_config_data,
                           i21555_io_own, i21555_io_csr, i21555_generic_own,
                           i21555_down_io_data, i21555_up_io_data;

/* i21555-i2o.c */
/* The post list that @side is to look at is not empty and not masked. */
bool i21555_i2o_pending(I21555 *b, I21555Side side);
extern const I21555Handler i21555_i2o_out_status, i21555_i2o_in_status,
                           i21555_i2o_mask, i21555_i2o_inbound,
                           i21555_i2o_outbound, i21555_i2o_in_post_count,
                           i21555_i2o_in_free_count,
                           i21555_i2o_out_post_count,
                           i21555_i2o_out_free_count;

#endif /* HW_NET_SV_NIC_BRIDGE_I21555_H */
