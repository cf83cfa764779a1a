/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chip that runs the firmware without QEMU: the other implementation of
 * ixp.h, for tests/unit/ and bench/.
 *
 * Two ways to run the contexts: fake_chip_run() steps them on the caller's
 * thread in a fixed order; fake_chip_start() gives them to real threads.  The
 * host's side (doorbells, masks, mailboxes) are the functions below, named
 * after the registers.  They do not fail a test, unlike other helpers.
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
    uint8_t sdram_fill;         /* content of SDRAM at power-on */
    unsigned port_room;         /* frames that fit into a port's FIFO */
    uint32_t host_pages;        /* of host memory; 0: no host memory */
    bool stamps;                /* as in IxpConfig */
    bool host_watch;            /* record for fake_host_written() */
    unsigned ring_full_room;    /* as in IxpUnitsConfig; 0: the default */
    unsigned msf_element;       /* same, up to the end */
    unsigned scratch_rings;
    unsigned sram_channels;
    unsigned sram_queues;
    unsigned timestamp_cycles;
    unsigned product_revision;
} FakeChipConfig;

/* Power-on: creates the chip and boots the firmware; no context has run. */
Ixp *fake_chip_new(const FakeChipConfig *config);
void fake_chip_free(Ixp *ix);
/* PCI reset: registers and firmware start again, SDRAM keeps its content. */
void fake_chip_reset(Ixp *ix);
void *fake_chip_state(Ixp *ix);
/* The units alone, as they are before the firmware boots. */
void fake_chip_units_reset(Ixp *ix);

/*
 * Runs contexts until all sleep; returns the number of steps, or 0 if @limit
 * steps were not enough.
 */
unsigned fake_chip_run(Ixp *ix, unsigned limit);
/*
 * One step of each context that has a signal; returns how many.  For a thread
 * that polls, while other threads are the host.
 */
unsigned fake_chip_sweep(Ixp *ix);
/* One step of the context if it has a signal; true if it ran. */
bool fake_chip_step(Ixp *ix, unsigned me, unsigned context);
/* The same for each context of a microengine, in order; true if any ran. */
bool fake_chip_step_me(Ixp *ix, unsigned me);
/* Runs the contexts on @threads threads until fake_chip_stop(). */
void fake_chip_start(Ixp *ix, unsigned threads);
void fake_chip_stop(Ixp *ix);
/*
 * Passes time: runs what is due meanwhile of the events that faults delay.  Not
 * while there are threads.
 */
void fake_chip_wait(Ixp *ix, uint64_t ns);
/* Number of resumes after a pause. */
unsigned fake_chip_resumes(Ixp *ix);

/* The host's side of the PCI CSRs; the XScale handles a doorbell at once. */
uint32_t fake_mailbox(Ixp *ix, unsigned n);
void fake_mailbox_set(Ixp *ix, unsigned n, uint32_t value);
void fake_xscale_doorbell(Ixp *ix, uint32_t bits);
/* Reads and clears. */
uint32_t fake_pci_doorbell_take(Ixp *ix);
/* Number of times that an IRQ bit or a vector was raised. */
unsigned fake_irq_bit_raised(Ixp *ix, unsigned irq_bit);
unsigned fake_vector_raised(Ixp *ix, unsigned vector);

/* The host's side of the other PCI CSRs; false: reserved. */
bool fake_pci_read(Ixp *ix, uint32_t offset, uint32_t *value);
bool fake_pci_write(Ixp *ix, uint32_t offset, uint32_t value);
/*
 * Memory on the chip's PCI bus. fake_dma_run() runs the DMA channels until all
 * are idle; returns the number of calls, 0 if none was scheduled.
 */
#define FAKE_BUS_BASE           0x40000000u
#define FAKE_BUS_SIZE           (256 * 1024)
uint8_t *fake_bus(Ixp *ix);
unsigned fake_dma_run(Ixp *ix);
/*
 * Limits a part to @limit bytes, and a call to one part, as for registers; 0:
 * no limit.
 */
void fake_dma_limit(Ixp *ix, uint32_t limit);
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
/* Doorbells that were not dropped since the page was opened. */
unsigned fake_page_rings(Ixp *ix, unsigned page);

/* The network's side of a port: one thread at a time for each direction. */
void fake_port_link(Ixp *ix, unsigned port, bool up);
/*
 * Receives a frame; false: the port's FIFO is full.  A frame of an invalid
 * length is dropped.
 */
bool fake_port_receive(Ixp *ix, unsigned port, const void *data,
                       uint32_t length);
/* The same for a frame that the MAC finds damaged. */
bool fake_port_receive_bad(Ixp *ix, unsigned port, const void *data,
                           uint32_t length);
/* Number of times that no RBUF element was free. */
unsigned fake_port_rbuf_exhausted(Ixp *ix, unsigned port);
/* Frames with a time stamp that the firmware has finished. */
unsigned fake_port_done(Ixp *ix, unsigned port);
/* Copies the oldest transmitted frame to @data; its length, or 0 if none. */
uint32_t fake_port_sent(Ixp *ix, unsigned port, void *data,
                        IxpOffload *offload);
/* The same without a copy, valid until fake_port_taken(); NULL: none. */
const uint8_t *fake_port_oldest(Ixp *ix, unsigned port, IxpOffload *offload,
                                uint32_t *length);
void fake_port_taken(Ixp *ix, unsigned port);

/*
 * Host memory: config.host_pages pages from bus address FAKE_HOST_BASE on;
 * elsewhere there is none.
 */
#define FAKE_HOST_BASE          UINT64_C(0x140000000)
uint8_t *fake_host(Ixp *ix, uint64_t address);
/* Maps scattered pages contiguously, as their owner does. */
uint8_t *fake_host_view(Ixp *ix, const uint64_t *address, uint32_t pages);
void fake_host_view_free(uint8_t *view, uint32_t pages);
/* Removes a page, like memory that is unplugged, or restores it. */
void fake_host_lose(Ixp *ix, uint64_t address, bool lost);
/* Makes allocations of tables fail, or succeed again. */
void fake_host_no_memory(Ixp *ix, bool none);
/*
 * A bit for each line of 64 bytes that was marked as written; clears them.
 * With config.host_watch.
 */
uint64_t fake_host_written(Ixp *ix, uint64_t address);
/* Lookups of pages that were missing. */
unsigned fake_host_unreached(Ixp *ix);

/* Trace points, counted. */
/* Those with @value as the second value. */
unsigned fake_trace_named(Ixp *ix, unsigned event, unsigned value);
unsigned fake_trace_count(Ixp *ix, unsigned event);

#endif /* TESTS_UNIT_FAKE_CHIP_H */
