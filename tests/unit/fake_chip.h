/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chip for the firmware to run on without QEMU: the other implementation of
 * ixp.h, for tests/unit/ and bench/.
 *
 * Two ways to run the contexts: fake_chip_run() steps them on the caller's
 * thread in an order that is always the same; fake_chip_start() gives them to
 * real threads.  The side of the host (doorbells, masks, mailboxes) is the
 * functions below, named after the registers.  Unlike a test's other helpers
 * these never fail a test: the chip is hardware.
 */
#ifndef TESTS_UNIT_FAKE_CHIP_H
#define TESTS_UNIT_FAKE_CHIP_H

#include "hw/net/sv-nic/sv_nic_abi.h"
#include "hw/net/sv-nic/chip/ixp2400-fifo.h"
#include "hw/net/sv-nic/chip/ixp2400-pci.h"
#include "svnic_fw.h"

typedef struct FakeChipConfig {
    unsigned microengines;
    unsigned contexts;
    unsigned pages;
    unsigned ports;
    bool vectors;
    uint32_t irq_bits;       /* bits in use; 0: all 16 */
    uint64_t sdram_size;
    uint8_t sdram_fill;         /* what SDRAM holds at power-on */
    unsigned port_room;         /* frames that a port's FIFO holds */
    uint32_t host_pages;        /* of host memory; 0: no way to it */
    bool stamps;                /* as in IxpConfig */
    bool host_watch;            /* keep what fake_host_written() tells */
    unsigned ring_full_room;    /* as in IxpUnitsConfig; 0: the default */
    unsigned msf_element;       /* likewise, as all of these */
    unsigned scratch_rings;
    unsigned sram_channels;
    unsigned sram_queues;
    unsigned timestamp_cycles;
    unsigned product_revision;
} FakeChipConfig;

/* Power-on: makes the chip and boots the firmware; no context has run. */
Ixp *fake_chip_new(const FakeChipConfig *config);
void fake_chip_free(Ixp *ix);
/* PCI reset: registers and firmware start again, SDRAM keeps its bytes. */
void fake_chip_reset(Ixp *ix);
void *fake_chip_state(Ixp *ix);
/* The units alone, as they are before the firmware boots. */
void fake_chip_units_reset(Ixp *ix);

/*
 * Runs contexts until all sleep; returns how many steps that took, or 0 if
 * @most steps were not enough.
 */
unsigned fake_chip_run(Ixp *ix, unsigned most);
/*
 * One step of each context that has a signal; returns how many.  For a thread
 * that polls, while others have the host's side.
 */
unsigned fake_chip_sweep(Ixp *ix);
/* One step of the context if it has a signal; true if it made one. */
bool fake_chip_step(Ixp *ix, unsigned me, unsigned context);
/* The same for each context of the microengine, in order; true if any did. */
bool fake_chip_step_me(Ixp *ix, unsigned me);
/* Threads instead: contexts are shared out among @threads until _stop(). */
void fake_chip_start(Ixp *ix, unsigned threads);
void fake_chip_stop(Ixp *ix);
/* How often resume has let contexts run again. */
unsigned fake_chip_resumes(Ixp *ix);

/* The host's side of the PCI CSRs; the XScale serves a doorbell at once. */
uint32_t fake_mailbox(Ixp *ix, unsigned n);
void fake_mailbox_set(Ixp *ix, unsigned n, uint32_t value);
void fake_xscale_doorbell(Ixp *ix, uint32_t bits);
/* Reads and clears. */
uint32_t fake_pci_doorbell_take(Ixp *ix);
/* Times an IRQ bit or a vector was raised. */
unsigned fake_irq_bit_raised(Ixp *ix, unsigned irq_bit);
unsigned fake_vector_raised(Ixp *ix, unsigned vector);

/* The host's side of the other PCI CSRs; false: reserved. */
bool fake_pci_read(Ixp *ix, uint32_t offset, uint32_t *value);
bool fake_pci_write(Ixp *ix, uint32_t offset, uint32_t value);
/*
 * Memory on the chip's PCI bus.  fake_dma_run() goes on with the DMA channels
 * until all rest; returns in how many calls, 0 if nothing was due.
 */
#define FAKE_BUS_BASE           0x40000000u
#define FAKE_BUS_SIZE           (256 * 1024)
uint8_t *fake_bus(Ixp *ix);
unsigned fake_dma_run(Ixp *ix);
/* @most bytes a part, and a part a call, as at registers; 0: no more so. */
void fake_dma_limit(Ixp *ix, uint32_t most);
IxpPci *fake_pci(Ixp *ix);

/* The host's side of the doorbell aperture; @doorbell: IXP_PAGE_*. */
void fake_page_ring(Ixp *ix, unsigned page, unsigned doorbell);
bool fake_page_is_open(Ixp *ix, unsigned page);
uint32_t fake_page_status(Ixp *ix, unsigned page);
void fake_page_status_clear(Ixp *ix, unsigned page, uint32_t bits);
uint32_t fake_page_mask(Ixp *ix, unsigned page);
void fake_page_mask_clear(Ixp *ix, unsigned page, uint32_t bits);
/* Signals that the firmware raised on this page since it was opened. */
unsigned fake_page_signals(Ixp *ix, unsigned page, uint32_t bit);
/* Doorbells that took effect since it was opened. */
unsigned fake_page_rings(Ixp *ix, unsigned page);

/* The wire's side of a port: one thread at a time each way. */
void fake_port_link(Ixp *ix, unsigned port, bool up);
/*
 * A frame comes in; false: the port's buffer is full.  One that is shorter or
 * longer than any is dropped.
 */
bool fake_port_receive(Ixp *ix, unsigned port, const void *data,
                       uint32_t length);
/* The same of one that the MAC finds damaged. */
bool fake_port_receive_bad(Ixp *ix, unsigned port, const void *data,
                           uint32_t length);
/* Times that a frame had to wait for an element of RBUF. */
unsigned fake_port_rbuf_exhausted(Ixp *ix, unsigned port);
/* Frames with a stamp that the firmware was done with. */
unsigned fake_port_done(Ixp *ix, unsigned port);
/* The oldest frame that went out, into @data; its length, or 0 if none. */
uint32_t fake_port_sent(Ixp *ix, unsigned port, void *data,
                        IxpOffload *offload);
/*
 * The same where it lies, until fake_port_taken(); NULL: none.
 */
const uint8_t *fake_port_oldest(Ixp *ix, unsigned port, IxpOffload *offload,
                                uint32_t *length);
void fake_port_taken(Ixp *ix, unsigned port);

/*
 * Host memory: config.host_pages pages from bus address FAKE_HOST_BASE on;
 * elsewhere there is none.
 */
#define FAKE_HOST_BASE          UINT64_C(0x140000000)
uint8_t *fake_host(Ixp *ix, uint64_t address);
/* Pages anywhere in one piece, as their owner sees them. */
uint8_t *fake_host_view(Ixp *ix, const uint64_t *address, uint32_t pages);
void fake_host_view_free(uint8_t *view, uint32_t pages);
/* The page goes, as memory that is unplugged, or comes back. */
void fake_host_lose(Ixp *ix, uint64_t address, bool lost);
/* From now on the chip has no memory for a table, or has again. */
void fake_host_no_memory(Ixp *ix, bool none);
/*
 * A bit for each line of 64 bytes that was said to be written; clears them.
 * With config.host_watch.
 */
uint64_t fake_host_written(Ixp *ix, uint64_t address);
/* Pages of tables that were looked up, and not there. */
unsigned fake_host_unreached(Ixp *ix);

/* Trace points, counted. */
/* Of these, those with @value as the second value. */
unsigned fake_trace_named(Ixp *ix, unsigned event, unsigned value);
unsigned fake_trace_count(Ixp *ix, unsigned event);

#endif /* TESTS_UNIT_FAKE_CHIP_H */
