/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 network processor: the chip that runs the firmware.
 *
 * ixp.h is the interface for the program; this is the interface for the board
 * (sv-nic.c) and between the chip's files.  VIFs exist in the program only.
 *
 * ixp2400.c           life cycle, XScale, PCI CSRs
 * ixp2400-me.c        microengines: contexts, workers, pause and resume
 * ixp2400-doorbell.c  doorbell aperture
 * ixp2400-host.c      tables of host memory
 * ixp2400-port.c      ports: NIC objects, frames from the network
 * ixp2400-port-out.c  ports: frames to the network
 * ixp2400-late.c      timer of events that faults delay or repeat
 * ixp2400-offload.c   checksums and segmentation on the way out of a port
 *
 * and files that do not use QEMU, listed in sources.txt (ixp_units.h,
 * ixp2400-pci.h): scratchpad, hash unit, SRAM, CAP, PCI unit, MSF, the MACs and
 * their FIFOs.
 *
 * Threads: everything with "BQL" runs with the big QEMU lock, on the main loop
 * or a vCPU.  Workers run contexts, and never take it.  With workers=0 there
 * are none, and contexts run with the BQL.
 */
#ifndef HW_NET_SV_NIC_CHIP_IXP2400_H
#define HW_NET_SV_NIC_CHIP_IXP2400_H

#include "qemu/sv-nic-compat.h"
#include "ixp.h"
#include "ixp2400-pci.h"
#include "hw/net/sv-nic/sv_nic_abi.h"
#include "hw/qdev-core.h"
#include "ixp2400-fifo.h"
#include "net/net.h"
#include "qemu/stats64.h"
#include "qemu/thread.h"
#include "qemu/timer.h"
#include "standard-headers/linux/virtio_net.h"
#include "system/iothread.h"

#define IXP_MAX_WORKERS     8
#define IXP_ALL_CONTEXTS    (IXP_MAX_MICROENGINES * IXP_MAX_CONTEXTS)
#define IXP_RUNNABLE_WORDS  (IXP_ALL_CONTEXTS / 32)

/* A run of steps with the BQL before the main loop has its turn. */
#define IXP_RUN_NS          1000000
/* A run that held the main loop for longer is counted as long. */
#define IXP_RUN_LONG_NS     5000000
/* Limits of one run of a port's bottom half. */
#define IXP_PORT_PACKETS    64
#define IXP_PORT_NS         1000000
#define IXP_WATCHDOG        500
#define IXP_WATCHDOG_MAX    60000

typedef struct IxpWorker IxpWorker;

/* A context of a microengine.  Its index is me * IXP_MAX_CONTEXTS + ctx. */
typedef struct IxpContext {
    uint32_t signals;           /* IXP_SIGNAL_* pending; atomic */
    uint8_t me;
    uint8_t context;
    IxpWorker *worker;
    /* written by the thread that has claimed the worker, read by any */
    uint64_t steps;
    uint64_t again;             /* steps that returned true */
} QEMU_ALIGNED(64) IxpContext;

/* A host thread that runs some of the microengines. */
struct IxpWorker {
    Ixp *ix;
    unsigned index;
    IOThread *thread;           /* NULL with workers=0 */
    QEMUBH *bh;                 /* runs runnable contexts, in the thread */
    QemuEvent parked;           /* a pausing thread waits for this */
    uint64_t sleeps;            /* times it slept; written by the worker */
    uint64_t bursts;            /* runs of bh; written by the worker */
    uint64_t assists;           /* times a BQL thread ran steps for it; BQL */
    bool assisted;              /* a BQL thread runs steps for it now; BQL */
    /* contexts that have signals; atomic */
    uint32_t runnable[IXP_RUNNABLE_WORDS] QEMU_ALIGNED(64);
    uint32_t awake;             /* will check runnable again; atomic */
    uint32_t claimed;           /* a thread runs steps of it; atomic */
};

/* A page of the doorbell aperture. */
typedef struct IxpPage {
    uint32_t rung;              /* IXP_PAGE_*; atomic */
    uint64_t rung_at;           /* ixp_stamp() of the first one; atomic */
    uint32_t status;            /* atomic */
    uint32_t mask;              /* atomic */
    /* BQL, and workers paused, to write these */
    bool open;
    IxpContext *context;
    unsigned irq_bit;
    unsigned vector;
    Stat64 doorbells;           /* rung while open */
    Stat64 interrupts;          /* raised for signals of this page */
    uint64_t closed;            /* doorbells dropped: page was closed; BQL */
} QEMU_ALIGNED(64) IxpPage;

/* Runs of one kind that held the main loop; BQL. */
typedef struct IxpRuns {
    uint64_t count;
    uint64_t longer;            /* of these, longer than IXP_RUN_LONG_NS */
    uint64_t max;               /* ns, of one */
} IxpRuns;

/* What a stage took, ns; one writer, read by any thread. */
typedef struct IxpStage {
    uint64_t count;
    uint64_t ns;
    uint64_t max;
} IxpStage;

typedef struct IxpPort {
    Ixp *ix;
    unsigned index;
    NICConf *conf;
    NICState *nic;              /* NULL: nothing is plugged in */
    unsigned vnet_hdr_len;      /* 0: the peer takes plain frames only */

    /* calls into the net layer that have not returned; BQL */
    unsigned net_calls;
    bool gone;                  /* the last of these frees the port; BQL */

    /* transmit: from the context that transmits to the main loop */
    IxpFifo out;
    uint32_t waiters[IXP_RUNNABLE_WORDS];   /* for space; atomic */
    QEMUBH *out_bh;
    uint32_t out_kicked;        /* out_bh is scheduled; atomic */
    /* BQL */
    uint8_t *segment;           /* the packet being sent, if segmented */
    uint8_t *out_old;           /* FIFO from before a reset, still in use */
    uint32_t out_done;          /* payload of the first frame already sent */
    uint32_t out_resets;
    bool out_sending;           /* a call of the net layer sends a packet */
    bool out_held;              /* the net layer has one queued for the peer */
    bool out_offer;             /* that one must be offered again */
    /* BQL: pause watchdog */
    QEMUTimer *out_timer;
    uint32_t out_mark;          /* the FIFO's head when the timer was set */
    uint32_t out_drop;          /* end of frames to drop, */
    bool out_dropping;          /* if there are any */
    bool out_dead;              /* the peer takes nothing: drop all frames */
    bool out_block;             /* a fault: as if the peer took nothing */
    uint64_t out_taken;         /* packets that the peer took */
    uint64_t out_taken_then;    /* out_taken when the timer was set */

    bool flapping;              /* a fault: an event for its link is due, */
    bool flap_down;             /* and the link is down; BQL */

    /* receive: from the main loop to the MSF */
    IxpFifo in;
    uint32_t in_stalled;        /* the network waits for space; atomic */
    QEMUBH *in_bh;              /* flushes the network's queue */
    unsigned in_left;           /* frames that in_bh may still take; BQL */
    bool in_bounded;            /* inside in_bh; BQL */
    int64_t in_until;           /* its end, in get_clock() time; BQL */

    /* with config.stamps: from arrival to done, and from out to the peer */
    IxpStage in_stage;          /* the context that receives from it */
    IxpStage out_stage;         /* BQL */

    /* BQL */
    uint64_t in_frames;
    uint64_t in_bytes;
    uint64_t in_full;           /* frames that had to wait for space */
    uint64_t in_bad;            /* too short, too long */
    uint64_t out_frames;        /* frames from firmware */
    uint64_t out_packets;       /* packets that left, after segmentation */
    uint64_t out_bytes;
    uint64_t out_bad;           /* offload does not match the frame: dropped */
    uint64_t out_waits;         /* the peer was not ready */
    uint64_t out_late;          /* frames that waited too long: dropped */
    IxpRuns out_runs;           /* runs of out_bh that found a frame */
    Stat64 out_full;            /* times that firmware had to wait */
    uint64_t out_lost;          /* elements of no frame; by the transmitter */
} IxpPort;

/* Callbacks to the board for interrupts to the host. */
typedef struct IxpInterrupts {
    /*
     * Records an interrupt.  Any thread, also in the middle of a step: sends
     * no message and moves no pin.
     */
    void (*raise)(void *opaque, unsigned irq_bit, unsigned vector);
    /*
     * Sends the recorded interrupts.  A message goes to an address that the
     * guest chooses and may reset or unplug the card, so this is called last in
     * the outermost entry, when no step of the chip is below it on the stack.
     * BQL.
     */
    void (*deliver)(void *opaque);
} IxpInterrupts;

/*
 * The chip as initiator on its PCI bus: through the bridge to the host's
 * memory.  Addresses are the bus's, SVNIC_LOCAL_*, or from 4 GiB on the
 * host's own.  Any thread; none waits for the BQL.  See i21555.h for what
 * each returns.
 */
typedef struct IxpUpstream {
    MemTxResult (*rw)(void *opaque, uint64_t addr, void *buf, uint32_t len,
                      bool write);
    void *(*map)(void *opaque, uint64_t addr, uint32_t *len, bool write);
    void (*unmap)(void *opaque, void *host, uint32_t len, bool write);
    /* the bus address that maps to @host, or 2^64 - 1 */
    uint64_t (*local)(void *opaque, uint64_t host);
    /* whether rw() of @len bytes would access registers of the bridge */
    bool (*registers)(void *opaque, uint64_t addr, uint32_t len);
} IxpUpstream;

struct Ixp {
    IxpConfig config;
    IxpUnits units;
    unsigned workers;           /* 0: contexts run inline */
    unsigned assist;            /* steps run for a worker that sleeps */
    uint32_t fifo_size;         /* of a port, each way; a power of two */
    bool pause;                 /* a full FIFO stops the network */
    uint32_t watchdog;          /* ms until waiting frames drop; 0: never */
    uint32_t pci_csr_size;      /* bytes of its BAR 0, a power of two */
    DeviceState *dev;
    const IxpProgram *program;
    void *state;                /* of the program */
    const IxpInterrupts *interrupts;
    const IxpUpstream *upstream;
    void *opaque;               /* of both */
    bool live;                  /* between init and uninit; BQL */
    unsigned entered;           /* entries on the stack, see IxpEntry; BQL */

    MemoryRegion pci_csr;
    MemoryRegion doorbell;
    MemoryRegion sdram;

    IxpPci pci;
    QEMUBH *dma_bh;
    bool dma_over;              /* a run of it has accessed registers; BQL */
    int64_t dma_until;          /* get_clock() when it has to end; BQL */
    IxpRuns dma_runs;           /* of dma_bh; BQL */
    QEMUBH *rx_bh;              /* runs the MSF's receive state machine */
    QEMUTimer *late_timer;      /* for the first event of units.faults */

    /* XScale */
    uint32_t xscale_events;     /* IXP_XSCALE_*; atomic */
    QEMUBH *xscale_bh;
    bool xscale_more;           /* its last step returned true; BQL */
    bool booting;               /* a fault: IXP_LATE_BOOT is due; BQL */
    uint64_t xscale_steps;      /* BQL */
    IxpRuns xscale_runs;        /* BQL */

    /* microengines */
    int active[IXP_MAX_MICROENGINES];   /* context in a step, or -1; atomic */
    uint32_t paused;            /* nesting; written with the BQL, atomic */
    uint64_t pauses;            /* BQL */
    bool inline_running;        /* steps run with the BQL; BQL */
    QEMUBH *inline_bh;          /* workers=0: runs remaining steps, */
    bool inline_due;            /* which only it runs; BQL */
    IxpRuns inline_runs;        /* BQL */
    IxpContext context[IXP_ALL_CONTEXTS];
    IxpWorker worker[IXP_MAX_WORKERS];

    /* ixp2400-host.c */
    IxpHostTable host[IXP_MAX_PAGES];      /* its pointers are atomic */
    uint64_t *host_address[IXP_MAX_PAGES]; /* for each of these */
    GHashTable *host_in_use;    /* pointers to entries, by address; BQL */
    GArray *host_used;          /* host_volatile: pointers to drop; BQL */
    bool host_volatile;         /* pointers are dropped after each step; BQL */
    bool host_dirty;            /* the listener has seen a change; BQL */
    bool host_wait;             /* wait for steps with old pointers; BQL */
    GPtrArray *host_blocks;     /* of IxpHostBlocks; BQL */
    bool host_hold;             /* host_bh will resume the chip; BQL */
    QEMUBH *host_bh;
    MemoryListener host_listener;
    uint64_t host_refused;      /* maps refused; BQL */
    IxpRuns host_changes;       /* times that all pointers were dropped; BQL */
    Stat64 host_unreached;      /* entries in use without accessible RAM */

    IxpPage page[IXP_MAX_PAGES];
    IxpPort port[IXP_MAX_PORTS];
};

/* ---- ixp2400.c: for the board.  All BQL. ---- */

/*
 * * ixp_init: make the chip, paused, with its firmware booted
 *
 * @config: its configuration; .sdram is ignored @units: the configuration of
 * the units, ixp_units.h @workers: host threads, 0 to IXP_MAX_WORKERS @assist:
 * steps that an entry which signals a sleeping worker runs itself @poll_max_ns:
 * how long an idle worker polls before it sleeps @conf: config->ports NIC
 * configurations, which must outlive the chip
 *
 * On error everything is freed.  ixp_me_resume() starts it.
 */
bool ixp_init(Ixp *ix, DeviceState *dev, const IxpConfig *config,
              const IxpUnitsConfig *units, unsigned workers, unsigned assist,
              int64_t poll_max_ns, NICConf *conf,
              const IxpInterrupts *interrupts, const IxpUpstream *upstream,
              void *opaque, Error **errp);
/*
 * Stops the chip and frees all but the memory regions, which are freed with
 * @dev.  Until then they may be accessed: reads return ones, writes are
 * dropped.
 */
void ixp_uninit(Ixp *ix);
/* Reset, in two halves: registers while paused; then the firmware boots. */
void ixp_reset(Ixp *ix);
void ixp_boot(Ixp *ix);
/* Boots after the time of a fault that has reset the chip. */
void ixp_reboot_late(Ixp *ix);
/* The machine was started or stopped: starts or quiesces the whole chip. */
void ixp_start(Ixp *ix);
void ixp_stop(Ixp *ix);

/* The host memory that the card can access has changed.  BQL. */
void ixp_host_changed(Ixp *ix);
/* Watches for changes of @as, the address space of the card.  BQL. */
void ixp_host_watch(Ixp *ix, AddressSpace *as);
void ixp_host_unwatch(Ixp *ix);
/*
 * Whether the memory at an address can change without ixp_host_changed(), as
 * with an IOMMU. BQL, paused, before a boot.
 */
void ixp_host_set_volatile(Ixp *ix, bool is_volatile);

/* ---- entries ---- */

/*
 * An entry into the card with the BQL: a register access, a bottom half, a
 * frame from the network, a reset.  Entries nest, since a call out of the card
 * (a message, a packet) may lead back into it.  The outermost one, when it
 * ends, runs contexts that were signalled meanwhile (see ixp_run_inline() for
 * the limit) and then has the board deliver interrupts.  Until then the device
 * is kept from being freed; it may have been unplugged.
 *
 *     IXP_ENTRY(ix);
 *
 * declares one that ends with its block.
 */
typedef struct IxpEntry {
    Ixp *ix;
} IxpEntry;

IxpEntry ixp_enter(Ixp *ix);
void ixp_leave(IxpEntry *entry);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IxpEntry, ixp_leave)
#define IXP_ENTRY(ix)   g_auto(IxpEntry) entry G_GNUC_UNUSED = ixp_enter(ix)

/* ---- between units ---- */

/* ixp2400.c: sets events of the XScale.  BQL, in an entry. */
void ixp_xscale_signal(Ixp *ix, uint32_t events);
/* ixp2400.c: a bounded number of XScale steps.  BQL, in an entry. */
void ixp_xscale_run(Ixp *ix);
/*
 * ixp2400.c: whether a run may end by the clock.  Not where it has to do the
 * same again: there only the number of its steps bounds it.
 */
bool ixp_timed(void);
/* ixp2400.c: counts a run that began at @start, of get_clock(). */
void ixp_run_count(IxpRuns *runs, int64_t start);
/* ixp2400.c: schedules @bh; at the same point in replay.  Any. */
void ixp_bh_schedule(Ixp *ix, QEMUBH *bh);
/* The machine is running and the chip is not paused.  BQL. */
static inline bool ixp_running(Ixp *ix)
{
    return ix->live && !qatomic_read(&ix->paused);
}

/* ixp2400-me.c */
bool ixp_me_init(Ixp *ix, int64_t poll_max_ns, Error **errp); /* BQL */
void ixp_me_uninit(Ixp *ix);                                  /* BQL */
void ixp_me_reset(Ixp *ix);                                   /* BQL, paused */
/* NULL if the chip has no such context.  Any. */
IxpContext *ixp_context(Ixp *ix, unsigned me, unsigned context);
/*
 * Sets signals of a context, and wakes its worker; in an entry, the end of the
 * entry wakes it.  Returns the signals set before.  Any thread.
 */
uint32_t ixp_signal(Ixp *ix, IxpContext *c, uint32_t signals);
/*
 * Runs contexts that have signals, for a bounded number of steps and, if
 * ixp_timed(), IXP_RUN_NS: with workers=0 all of them, and inline_bh, and no
 * other entry, does the rest; else ix->assist for each worker that sleeps,
 * which is woken for the rest.  BQL; ixp_leave() calls it.
 */
void ixp_run_inline(Ixp *ix);

/* IxpUnitsOps; the opaque is the Ixp. */
extern const IxpUnitsOps ixp_units_ops;

/* ixp2400-doorbell.c.  BQL; reset also paused. */
void ixp_doorbell_init(Ixp *ix);
void ixp_doorbell_reset(Ixp *ix);
/* Rings a doorbell that a fault has delayed or repeats.  In an entry. */
void ixp_page_ring_late(Ixp *ix, unsigned page, unsigned doorbell);

/* ixp2400-late.c: a timer for events that a fault delays or repeats.  BQL. */
void ixp_late_init(Ixp *ix);
void ixp_late_uninit(Ixp *ix);
/* Continues after the machine was stopped. */
void ixp_late_start(Ixp *ix);
/* Faults have been set, or the chip starts: those that need no occasion. */
void ixp_faults_begin(Ixp *ix);
/* The kind of fault @id, of the chip or of @program; NULL: no more. */
const IxpFaultKind *ixp_fault_kind(const IxpProgram *program, unsigned id);
/* IxpUnitsOps; any thread. */
void ixp_late_due(void *opaque, uint64_t at);
void ixp_fault_reported(void *opaque, unsigned id, uint32_t at);

/* ixp2400-host.c.  BQL; reset also paused. */
void ixp_host_init(Ixp *ix);
void ixp_host_uninit(Ixp *ix);
void ixp_host_reset(Ixp *ix);
/* Drops pointers after a step; with host_volatile only. */
void ixp_host_step_done(Ixp *ix);

/* ixp2400-port.c.  BQL; reset also paused. */
void ixp_ports_init(Ixp *ix, NICConf *conf);
void ixp_ports_uninit(Ixp *ix);
void ixp_ports_reset(Ixp *ix);
void ixp_ports_start(Ixp *ix);
/* IxpUnitsOps for the MSF. Any thread. */
unsigned ixp_mac_peek(void *opaque, unsigned port, IxpMacFrame *frame,
                      unsigned limit);
void ixp_mac_take(void *opaque, unsigned port, unsigned n, uint32_t end);
void ixp_mac_free(void *opaque, unsigned port, uint32_t end);
void ixp_mac_rbuf_exhausted(void *opaque, unsigned port);
void ixp_rx_defer(void *opaque);
void ixp_mac_done(void *opaque, unsigned port, uint64_t at);
void ixp_mac_put(void *opaque, unsigned port, uint32_t control,
                 const uint8_t *prepend, const uint8_t *data, uint32_t length);
void ixp_mac_sent(void *opaque, unsigned port);
/* The link of a port that a fault takes down, or up again.  In an entry. */
void ixp_port_flap(IxpPort *port, bool down);

/*
 * A packet for the net layer, with a virtio-net header if the peer takes one.
 */
typedef struct IxpPacket {
    struct virtio_net_hdr header;
    struct iovec iov[2];
    int parts;                  /* of iov */
} IxpPacket;

/*
 * ixp2400-offload.c: makes the next packet of @frame, @length bytes that may be
 * changed, for the peer of @port, and counts it as sent.  *@done: TCP payload
 * of the packets before it; set to include this one, or to 0 if it is the last.
 * False: the offload does not match the frame, and nothing of it is sent.  The
 * packet lies in @frame, or in port->segment until the next call.  BQL.
 */
bool ixp_port_packet(IxpPort *port, const IxpOffload *offload, uint8_t *frame,
                     uint32_t length, uint32_t *done, IxpPacket *packet);

/* ixp2400-port-out.c.  BQL; reset also paused. */
void ixp_port_out_init(IxpPort *port);
void ixp_port_out_reset(IxpPort *port);
/* The link changed: drops frames that wait for the old peer. */
void ixp_port_out_link(IxpPort *port, bool up);
/* A fault does not block it any more. */
void ixp_port_unblock(IxpPort *port);
void ixp_port_out_start(IxpPort *port);
/* Stops sending. */
void ixp_port_out_stop(IxpPort *port);
/* Frees it, after ixp_port_out_stop(). */
void ixp_port_out_free(IxpPort *port);

/*
 * ixp2400-port.c: around every call into the net layer, which may run anything,
 * also the end of this card.  False: the card was destroyed meanwhile, and the
 * port is freed but for its fields in the device.  BQL.
 */
void ixp_port_enter_net(IxpPort *port);
bool ixp_port_leave_net(IxpPort *port);
/* Records the time of a stage that began at @at.  One writer. */
void ixp_stage(Ixp *ix, IxpStage *stage, uint64_t at);

#endif /* HW_NET_SV_NIC_CHIP_IXP2400_H */
