/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 network processor: the chip that the firmware stub runs on.
 *
 * ixp.h is what the program sees of it; this is what the board
 * (sv-nic.c) sees, and what the chip's units share.  The chip does not know
 * what a VIF is.
 *
 * ixp2400.c           life cycle, XScale, PCI CSRs
 * ixp2400-me.c        microengines: contexts, workers, pause and resume
 * ixp2400-doorbell.c  doorbell aperture
 * ixp2400-host.c      tables of host memory
 * ixp2400-port.c      ports: NIC objects, frames from the network
 * ixp2400-port-out.c  ports: frames towards the network
 * ixp2400-offload.c   checksums and segmentation on the way out of a port
 *
 * and what needs nothing of QEMU, listed in sources.txt (ixp_units.h,
 * ixp2400-pci.h): scratchpad, hash unit, SRAM, CAP, PCI unit,
 * MSF, the MACs and their FIFOs.
 *
 * Threads: everything with "BQL" runs with the big QEMU lock, on the main
 * loop or a vCPU.  Workers run contexts, and never take it.  With workers=0
 * there are none, and contexts run with the BQL, too.
 */
#ifndef HW_NET_SV_NIC_CHIP_IXP2400_H
#define HW_NET_SV_NIC_CHIP_IXP2400_H

#include "exec/memory.h"
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
/* What a bottom half of a port does before the main loop has its turn. */
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
    /* written by who has the worker's in_step, read by anyone */
    uint64_t steps;
    uint64_t again;             /* steps that asked for another one */
} QEMU_ALIGNED(64) IxpContext;

/* A host thread that runs some of the microengines. */
struct IxpWorker {
    Ixp *ix;
    unsigned index;
    IOThread *thread;           /* NULL with workers=0 */
    QEMUBH *bh;                 /* runs what is runnable, in the thread */
    QemuEvent parked;           /* a pausing thread waits for this */
    uint64_t sleeps;            /* times it ran dry; written by it alone */
    uint64_t bursts;            /* runs of bh; likewise */
    uint64_t assists;           /* times others ran steps for it; BQL */
    bool assisted;              /* others run steps for it now; BQL */
    /* contexts that have signals; atomic */
    uint32_t runnable[IXP_RUNNABLE_WORDS] QEMU_ALIGNED(64);
    uint32_t awake;             /* will look at runnable again; atomic */
    uint32_t in_step;           /* claim: somebody is in a step; atomic */
};

/* Page of the doorbell aperture. */
typedef struct IxpPage {
    uint32_t rung;              /* IXP_PAGE_*; atomic */
    uint64_t rung_at;           /* ixp_stamp() when it became so; atomic */
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

/* What a stage took, ns; one writer, read by anyone. */
typedef struct IxpStage {
    uint64_t count;
    uint64_t ns;
    uint64_t most;
} IxpStage;

typedef struct IxpPort {
    Ixp *ix;
    unsigned index;
    NICConf *conf;
    NICState *nic;              /* NULL: nothing is plugged in */
    unsigned vnet_hdr_len;      /* 0: the peer takes plain frames only */

    /* calls into the net layer that have not come back; BQL */
    unsigned net_calls;
    bool gone;                  /* the last of these frees what is left; BQL */

    /* towards the network: the context that transmits to the main loop */
    IxpFifo out;
    uint32_t waiters[IXP_RUNNABLE_WORDS];   /* for room; atomic */
    QEMUBH *out_bh;
    uint32_t out_kicked;        /* out_bh is due; atomic */
    /* BQL */
    uint8_t *segment;           /* the packet that is being sent, if made */
    uint8_t *out_old;           /* FIFO of before a reset, still being sent */
    uint32_t out_done;          /* payload of the first frame that is sent */
    uint32_t out_resets;
    bool out_sending;           /* inside the net layer with a packet */
    bool out_held;              /* the net layer keeps one for the peer */
    bool out_offer;             /* that is to be offered again */
    /* BQL: pause watchdog */
    QEMUTimer *out_timer;
    uint32_t out_mark;          /* the FIFO's head when it was set */
    uint32_t out_drop;          /* frames before this are dropped, */
    bool out_dropping;          /* if there are some */
    bool out_dead;              /* the peer takes nothing: all are */
    uint64_t out_taken;         /* packets that left, or were held and left */
    uint64_t out_taken_then;    /* of these when the timer was set */

    /* from the network: the main loop to the MSF */
    IxpFifo in;
    uint32_t in_stalled;        /* the network waits for room; atomic */
    QEMUBH *in_bh;              /* tells the network of room */
    unsigned in_left;           /* frames that in_bh still takes; BQL */
    bool in_bounded;            /* inside in_bh; BQL */
    int64_t in_until;           /* when it ends, of get_clock(); BQL */

    /* with config.stamps: from arrival to done, and from out to the peer */
    IxpStage in_stage;          /* the context that receives from it */
    IxpStage out_stage;         /* BQL */

    /* BQL */
    uint64_t in_frames;
    uint64_t in_bytes;
    uint64_t in_full;           /* frames that had to wait for room */
    uint64_t in_bad;            /* too short, too long */
    uint64_t out_frames;        /* frames that firmware gave */
    uint64_t out_packets;       /* packets that left, after segmentation */
    uint64_t out_bytes;
    uint64_t out_bad;           /* offload contradicts the frame: dropped */
    uint64_t out_waits;         /* the peer was not ready */
    uint64_t out_late;          /* frames that waited too long: dropped */
    IxpRuns out_runs;           /* runs of out_bh that found a frame */
    Stat64 out_full;            /* firmware was told to wait */
    uint64_t out_lost;          /* elements of no frame; the transmitter */
} IxpPort;

/* What the chip asks of the board for its interrupts towards the host. */
typedef struct IxpInterrupts {
    /*
     * Records an interrupt.  Any thread, also in the middle of a step: sends
     * no message and moves no pin.
     */
    void (*raise)(void *opaque, unsigned irq_bit, unsigned vector);
    /*
     * Sends what has been recorded.  A message goes to an address of the
     * guest's choice and may reset or unplug the card, so this comes last in
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
    /* the bus's address that leads to @host, or 2^64 - 1 */
    uint64_t (*local)(void *opaque, uint64_t host);
    /* whether rw() of @len bytes would be at registers of the bridge */
    bool (*registers)(void *opaque, uint64_t addr, uint32_t len);
} IxpUpstream;

struct Ixp {
    IxpConfig config;
    IxpUnits units;
    unsigned workers;           /* 0: contexts run inline */
    unsigned assist;            /* steps run for a worker that sleeps */
    uint32_t fifo_size;         /* of a port, each way; a power of two */
    bool pause;                 /* a full one makes the network wait */
    uint32_t watchdog;          /* ms a frame waits for the network; 0: ever */
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
    bool dma_over;              /* a run of it has had registers; BQL */
    int64_t dma_until;          /* get_clock() when it has to end; BQL */
    IxpRuns dma_runs;           /* of dma_bh; BQL */
    QEMUBH *rx_bh;              /* goes on with the MSF's receive machine */

    /* XScale */
    uint32_t xscale_events;     /* IXP_XSCALE_*; atomic */
    QEMUBH *xscale_bh;
    bool xscale_more;           /* its last step asked for more; BQL */
    uint64_t xscale_steps;      /* BQL */
    IxpRuns xscale_runs;        /* BQL */

    /* microengines */
    int active[IXP_MAX_MICROENGINES];   /* context in a step, or -1; atomic */
    uint32_t paused;            /* nesting; written with the BQL, atomic */
    uint64_t pauses;            /* BQL */
    bool inline_running;        /* steps run with the BQL; BQL */
    QEMUBH *inline_bh;          /* workers=0: what was left over, */
    bool inline_due;            /* which nothing else runs; BQL */
    IxpRuns inline_runs;        /* BQL */
    IxpContext context[IXP_ALL_CONTEXTS];
    IxpWorker worker[IXP_MAX_WORKERS];

    /* ixp2400-host.c */
    IxpHostTable host[IXP_MAX_PAGES];      /* its pointers are atomic */
    uint64_t *host_address[IXP_MAX_PAGES]; /* for each of these */
    GHashTable *host_in_use;    /* pointers to these, by address; BQL */
    GArray *host_used;          /* host_volatile: pointers to forget; BQL */
    bool host_volatile;         /* no pointer outlives a step; BQL */
    bool host_dirty;            /* the listener has seen a change; BQL */
    bool host_wait;             /* for steps that saw what was; BQL */
    GPtrArray *host_blocks;     /* of IxpHostBlocks; BQL */
    bool host_hold;             /* host_bh will start the chip again; BQL */
    QEMUBH *host_bh;
    MemoryListener host_listener;
    uint64_t host_refused;      /* maps refused; BQL */
    IxpRuns host_changes;       /* times that all pointers were dropped; BQL */
    Stat64 host_unreached;      /* entries in use with nothing behind them */

    IxpPage page[IXP_MAX_PAGES];
    IxpPort port[IXP_MAX_PORTS];
};

/* ---- ixp2400.c: for the board.  All BQL. ---- */

/**
 * ixp_init: make the chip, paused, with its firmware booted
 *
 * @config: how large it is; .sdram is ignored
 * @units: the same of the units of ixp_units.h
 * @workers: host threads, 0 to IXP_MAX_WORKERS
 * @assist: steps that whoever signals a sleeping worker runs itself
 * @poll_max_ns: how long an idle worker polls before it sleeps
 * @conf: config->ports NIC configurations, which must outlive the chip
 *
 * On error nothing is left behind.  ixp_me_resume() starts it.
 */
bool ixp_init(Ixp *ix, DeviceState *dev, const IxpConfig *config,
              const IxpUnitsConfig *units, unsigned workers, unsigned assist,
              int64_t poll_max_ns, NICConf *conf,
              const IxpInterrupts *interrupts, const IxpUpstream *upstream,
              void *opaque, Error **errp);
/*
 * Stops and frees all but the memory regions, which go with @dev.  They may
 * be accessed until then: registers read ones, and writes are dropped.
 */
void ixp_uninit(Ixp *ix);
/* Reset, in two halves: registers while paused; then the firmware boots. */
void ixp_reset(Ixp *ix);
void ixp_boot(Ixp *ix);
/* The machine runs (again) or stops: starts or quiesces the whole chip. */
void ixp_start(Ixp *ix);
void ixp_stop(Ixp *ix);

/* What the card reaches of the host's memory has changed.  BQL. */
void ixp_host_changed(Ixp *ix);
/* Follows changes of @as, as which the card sees the host.  BQL. */
void ixp_host_watch(Ixp *ix, AddressSpace *as);
void ixp_host_unwatch(Ixp *ix);
/*
 * Whether what stands behind an address can change without ixp_host_changed(),
 * as behind an IOMMU.  BQL, paused, before a boot.
 */
void ixp_host_set_volatile(Ixp *ix, bool is_volatile);

/* ---- entries ---- */

/*
 * An entry into the card with the BQL: a register access, a bottom half, a
 * frame from the network, a reset.  Entries nest, since a call out of the card
 * (a message, a packet) may lead back into it.  The outermost one, when it
 * ends, runs what was signalled meanwhile (see ixp_run_inline() for how much)
 * and then has the board deliver interrupts.  Until then the device is kept
 * from being freed; it may have been unplugged.
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

/* ixp2400.c: tells the XScale.  BQL, in an entry. */
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
/* ixp2400.c: main loop runs @bh soon, in replay at the same point.  Any. */
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
 * Sets signals, and wakes the worker; in an entry, the end of the entry does
 * the latter.  Returns the signals that it had.  Any thread.
 */
uint32_t ixp_signal(Ixp *ix, IxpContext *c, uint32_t signals);
/*
 * Runs contexts that have signals, for a bounded number of steps and, if
 * ixp_timed(), IXP_RUN_NS: with workers=0 all of them, and inline_bh, and no
 * other entry, does the rest; else ix->assist for each worker that sleeps,
 * which is woken for the rest.  BQL; ixp_leave() calls it.
 */
void ixp_run_inline(Ixp *ix);

/* What the units ask of the chip; the opaque is the Ixp. */
extern const IxpUnitsOps ixp_units_ops;

/* ixp2400-doorbell.c.  BQL; reset also paused. */
void ixp_doorbell_init(Ixp *ix);
void ixp_doorbell_reset(Ixp *ix);

/* ixp2400-host.c.  BQL; reset also paused. */
void ixp_host_init(Ixp *ix);
void ixp_host_uninit(Ixp *ix);
void ixp_host_reset(Ixp *ix);
/* A step has ended; with host_volatile only. */
void ixp_host_step_done(Ixp *ix);

/* ixp2400-port.c.  BQL; reset also paused. */
void ixp_ports_init(Ixp *ix, NICConf *conf);
void ixp_ports_uninit(Ixp *ix);
void ixp_ports_reset(Ixp *ix);
void ixp_ports_start(Ixp *ix);
/* What the MSF asks of the ports, see IxpUnitsOps.  Any thread. */
unsigned ixp_mac_peek(void *opaque, unsigned port, IxpMacFrame *frame,
                      unsigned most);
void ixp_mac_take(void *opaque, unsigned port, unsigned n, uint32_t end);
void ixp_mac_free(void *opaque, unsigned port, uint32_t end);
void ixp_mac_short(void *opaque, unsigned port);
void ixp_rx_later(void *opaque);
void ixp_mac_done(void *opaque, unsigned port, uint64_t at);
void ixp_mac_put(void *opaque, unsigned port, uint32_t control,
                 const uint8_t *prepend, const uint8_t *data, uint32_t length);
void ixp_mac_sent(void *opaque, unsigned port);

/* One packet for the net layer, and its header where the peer takes one. */
typedef struct IxpPacket {
    struct virtio_net_hdr header;
    struct iovec iov[2];
    int parts;                  /* of iov */
} IxpPacket;

/*
 * ixp2400-offload.c: makes the next packet of @frame, @length bytes that may be
 * changed, for the peer of @port, and counts it as sent.  *@done: TCP payload
 * that packets before it had; then with this one, or 0 if it is the last.
 * False: the offload contradicts the frame, of which nothing is sent.  The
 * packet lies in @frame, or in port->segment until the next call.  BQL.
 */
bool ixp_port_packet(IxpPort *port, const IxpOffload *offload, uint8_t *frame,
                     uint32_t length, uint32_t *done, IxpPacket *packet);

/* ixp2400-port-out.c.  BQL; reset also paused. */
void ixp_port_out_init(IxpPort *port);
void ixp_port_out_reset(IxpPort *port);
/* The link changed: what waits is for a peer that may be gone. */
void ixp_port_out_link(IxpPort *port, bool up);
void ixp_port_out_start(IxpPort *port);
/* Nothing is sent any more. */
void ixp_port_out_stop(IxpPort *port);
/* Frees it; the port does not send. */
void ixp_port_out_free(IxpPort *port);

/*
 * ixp2400-port.c: around every call into the net layer that may run anything,
 * the end of this card included.  False: the card has ended meanwhile, and the
 * port is freed but for what is in the device itself.  BQL.
 */
void ixp_port_enter_net(IxpPort *port);
bool ixp_port_leave_net(IxpPort *port);
/* What a stage of the data path that began at @at took.  One writer. */
void ixp_stage(Ixp *ix, IxpStage *stage, uint64_t at);

#endif /* HW_NET_SV_NIC_CHIP_IXP2400_H */
