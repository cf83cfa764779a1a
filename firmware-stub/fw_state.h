/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firmware's own state: its constants and types.  Included by fw.h, which
 * has the calls.
 *
 * One flat block, SvnicFw, without pointers into itself: everything but the
 * pointers of "derived" could be written to a file and read back.  What
 * guards a field is said at the field, in these words:
 *
 *   paused   written by the XScale while no context is inside a step, read
 *            by anybody
 *   server   the microengine that serves the VIF's send queue: its contexts
 *            run one after the other
 *   lock     whoever holds the VIF's receive lock
 *   atomic   anybody, with the helpers of fw_util.h
 *
 * Guest memory holds copies of indices and geometry for the owner to read;
 * the card's own stand here and are the only ones it believes.
 */
#ifndef FIRMWARE_STUB_FW_STATE_H
#define FIRMWARE_STUB_FW_STATE_H

#include "hw/net/sv-nic/sv_nic_abi.h"
#include "fw_util.h"

_Static_assert(IXP_MAX_CONTEXTS <= 8, "FwMe.waiting has a bit for each");
#define FW_MAX_CONTEXTS         (IXP_MAX_MICROENGINES * IXP_MAX_CONTEXTS)

/* Bounds of one burst of one VIF or port, and of one step of a context. */
#define FW_BURST_FRAMES         32
#define FW_BURST_BYTES          (2 * SVNIC_MAX_FRAME)
#define FW_STEP_BURSTS          8
/* Bytes that the queue program moves in a step before others have theirs. */
#define FW_STEP_BYTES           (8 * FW_BURST_BYTES)
/*
 * What the copies of frames for many may cost in one burst, in bytes; a copy
 * costs its length and what it takes to find the receiver.
 */
#define FW_FLOOD_BYTES          (2 * FW_BURST_BYTES)
#define FW_FLOOD_COPY           1024
/* Elements of RBUF that a context takes at once, and in one step. */
#define FW_RX_ELEMENTS          IXP_MSF_ELEMENTS
#define FW_RX_STEP              4096

/*
 * Of each microengine: words of the ring from its send programs to its queue
 * program, and descriptors.  More of these, so that it is the ring that fills.
 */
#define FW_RING_WORDS           IXP_RING_MIN_WORDS
#define FW_DESCRIPTORS          256
#define FW_DESCRIPTOR_SIZE      sizeof(FwFrame)

/*
 * Small frames cost little but the wait for their memory: the slots that
 * many further on are fetched while one is worked on.  In a row of frames for
 * one receive queue there is less work for each: further on.
 */
#define FW_AHEAD                4
#define FW_ROW_AHEAD            12

/*
 * Below FW_SDRAM_RESERVED SDRAM belongs to the card: page 0 is the command
 * area, and each port has a buffer in which a frame is put together.
 */
#define FW_PORT_BUFFERS         0x10000
#define FW_PORT_BUFFER_SIZE     0x11000
#define FW_SDRAM_RESERVED       (FW_PORT_BUFFERS + \
                                 SVNIC_MAX_PORTS * FW_PORT_BUFFER_SIZE)

/* Pages of SDRAM that are zeroed in one step of the XScale. */
#define FW_SCRUB_PAGES          16

/* Four times as many places as VIFs keep the probes short. */
#define FW_MAC_TABLE            (4 * SVNIC_MAX_VIFS)

/* Where a frame goes: a VIF's id, or one of these. */
#define FW_TO_PORT              (-1)
#define FW_TO_MANY              (-2)    /* fw_switch_targets() says whom */
#define FW_TO_NOBODY            (-3)
#define FW_TO_STOP              (-4)    /* nobody: its owner broke a rule */
#define FW_TO_RESERVED          (-5)    /* nobody: it is for the link itself */

/* The first line of a slot that starts a frame, copied once. */
#define FW_LINE_DATA            32
typedef struct FwLine {
    struct svnic_frame head;
    uint8_t data[FW_LINE_DATA];     /* of the frame; zeros behind its end */
} FwLine;

/*
 * A frame on its way through the card: its checked first line, and where the
 * rest of it lies, in two parts if it goes over the end of a send queue.  The
 * descriptor lies in SRAM, which nobody but the firmware can reach; its offset
 * there is the handle that travels on a scratch ring.
 */
typedef struct FwFrame {
    FwLine line FW_ALIGN64;
    uint32_t length;                /* bytes, SVNIC_MIN_FRAME and up */
    uint32_t slots;
    uint32_t segment;               /* longest frame that this becomes */
    int to;                         /* a VIF's id, or FW_TO_* */
    uint32_t rest_length;           /* up to where the first part ends */
    uint32_t wrapped_length;        /* what follows */
    const uint8_t *rest;
    const uint8_t *wrapped;
    /* not NULL: the rest lies in pages of its run, from this offset on */
    const struct FwVif *scattered;
    uint32_t scattered_at;
    uint32_t error;                 /* FW_TO_STOP: enum svnic_vif_error */
    uint64_t origin;                /* fw_origin() when it was fetched */
} FwFrame;

/* Parts of a largest frame: its line, then a page each, over the end. */
#define FW_FRAME_PARTS          (SVNIC_MAX_FRAME / SVNIC_PAGE_SIZE + 4)

typedef struct FwVif {
    /* enum svnic_vif_state in bits 7:0, svnic_vif_error above; atomic */
    uint32_t state FW_ALIGN64;
    uint32_t id;                    /* paused, as all up to "server" */
    uint32_t context;               /* of a microengine, that serves it */
    uint32_t port;
    uint32_t mtu;
    uint32_t flags;                 /* SVNIC_VIF_F_* */
    uint32_t link;                  /* 1: up */
    uint32_t run;                   /* its memory in SDRAM; 0: on the host */
    uint32_t send_slots;
    uint32_t send_offset;           /* of slot 0 in SDRAM, or in the run */
    uint32_t recv_slots;
    uint32_t recv_offset;           /* likewise */
    uint64_t mac;                   /* as of fw_mac(); 0: none */
    /* The line ends here: what follows is not for every frame. */
    uint32_t link_policy;           /* enum svnic_link_policy */
    uint32_t generation;            /* counts on over destroy and create */
    uint32_t run_size;              /* bytes */

    /* server */
    uint32_t send_cons FW_ALIGN64;  /* passed on */
    uint32_t send_fetched;          /* put on the ring; see queue.c */
    uint32_t send_seen;             /* the producer, when last looked at */
    uint32_t epoch;                 /* part of fw_origin() */
    uint32_t flood_next;            /* see fw_flood() */
    uint64_t send_frames;
    uint64_t send_bytes;
    uint64_t doorbells;
    uint64_t send_oversize;
    uint64_t send_spoofed;
    uint64_t send_no_link;
    uint64_t send_to_self;
    uint64_t send_gso_small;
    uint64_t send_reserved;

    /* lock */
    IxpLock recv_lock FW_ALIGN64;
    uint32_t recv_prod;
    uint32_t recv_cons;             /* the owner's, when last looked at */
    uint32_t recv_up;               /* atomic: active and link up */
    uint64_t recv_frames;
    uint64_t recv_bytes;
    uint64_t recv_multicast;
    uint64_t recv_full;
    uint64_t recv_oversize;
    uint64_t recv_no_link;

    /* atomic */
    uint64_t signals FW_ALIGN64;
    uint64_t stops;
    uint64_t host_refused;
} FwVif;

typedef struct FwPort {
    uint8_t mac[6] FW_ALIGN64;      /* paused, as all up to "in" */
    uint8_t reserved[2];
    uint32_t link;
    FwSet members;                  /* active VIFs of this port */
    FwSet promiscuous;              /* those of them that see everything */
    bool has_promiscuous;
    /* the context that receives from it */
    uint32_t in_flood_next FW_ALIGN64;
    uint32_t rx_state;              /* see rx.c, as all up to "in" */
    uint32_t rx_length;             /* bytes of the frame that are there */
    uint32_t rx_count;              /* of rsw[] that hold */
    uint32_t rx_at;                 /* next of them */
    uint32_t rx_given;              /* those before it were given back */
    uint32_t rsw[FW_RX_ELEMENTS + 8];   /* the last are looked at only */
    uint64_t in_frames;
    uint64_t in_bytes;
    uint64_t in_no_vif;
    uint64_t in_reserved;           /* to an address of the link itself */
    uint64_t in_errors;             /* frames damaged, or pieces of some */
    /* tx_lock: whose turn it is where more is sent than the port takes */
    FwSet out_waiting FW_ALIGN64;   /* VIFs */
    uint32_t out_waiters;           /* of these, how many */
    uint32_t out_turn;              /* the first of these from here on */
    uint32_t out_holder;            /* the VIF that had the last turn */
    int32_t out_left;               /* bytes of that */
    uint32_t out_put_off;           /* who came before the next one did */
    /* atomic */
    uint64_t out_frames FW_ALIGN64;
    uint64_t out_bytes;
    uint64_t out_full;
    uint64_t out_busy;              /* others were transmitting for long */
} FwPort;

/* A context's own; the XScale touches it while paused. */
typedef struct FwContext {
    FwSet mine FW_ALIGN64;          /* active VIFs that it serves */
    FwSet room;                     /* of those: wait for room in the port */
    FwSet work;                     /* of those: look at the send queue */
    uint32_t ports;                 /* bit n: port n comes in here */
    uint32_t ports_work;            /* of those: look */
    uint32_t next;                  /* VIF after the one served last */
} FwContext;

/*
 * Stages of the data path whose time is taken if the chip has stamps=on; see
 * the spec, "Time stamps".
 */
typedef enum FwStageName {
    FW_STAGE_DOORBELL,              /* from the ring to the step that sees it */
    FW_STAGE_FETCH,                 /* of a burst, without CLASSIFY */
    FW_STAGE_CLASSIFY,              /* finding out where frames go */
    FW_STAGE_RING,                  /* from the put to the queue program */
    FW_STAGE_COPY,                  /* of a burst, into receive queues */
    FW_STAGE_SIGNAL,                /* publishing it and telling owners */
    FW_STAGES,
} FwStageName;

typedef struct FwStage {
    uint64_t count;
    uint64_t ns;                    /* of all */
    uint64_t most;                  /* ns, of one */
} FwStage;

/*
 * A microengine's own, whichever of its contexts runs: descriptors of frames
 * that its send programs have put on its ring.  They are used in turn.
 */
typedef struct FwMe {
    bool kick FW_ALIGN64;           /* the queue program is to be told */
    uint8_t waiting;                /* contexts that found the ring full */
    uint8_t turn;                   /* the first of these from here on */
    uint32_t head;                  /* descriptors in use: from done to head */
    uint32_t done;
    uint64_t ring_full;             /* bursts that found the ring full */
    uint64_t ring_lost;             /* handles that the ring did not take */
    uint64_t handles;               /* that travelled */
    uint64_t stale;                 /* of these, fetched again later */
    uint64_t put_at;                /* stamp of the oldest on the ring, or 0 */
    uint64_t classify_ns;           /* of the burst that is being fetched */
    FwStage stage[FW_STAGES];
    uint64_t signals_lost;          /* its queue program still had the last */
    uint64_t accesses[IXP_MEMORIES];
} FwMe;

/* A run of SDRAM in use, in pages. */
typedef struct FwRun {
    uint32_t page;
    uint32_t pages;
} FwRun;

typedef struct SvnicFw {
    /* derived: set again whenever the state is put to a chip */
    Ixp *ix;
    IxpUnits *units;
    uint8_t *sdram;
    const IxpHostTable *host;

    /* paused, from here; a copy of IxpConfig */
    uint64_t sdram_size;
    uint32_t microengines;
    uint32_t contexts;              /* of a microengine */
    uint32_t vifs;
    uint32_t ports;
    uint32_t vectors;
    uint32_t stamps;
    uint32_t irq_bits;           /* bits in use */

    uint32_t vifs_used;
    uint32_t default_send_slots;
    uint32_t default_recv_slots;
    uint32_t runs;                  /* of run[], sorted by page */
    FwRun run[SVNIC_MAX_VIFS];
    /* XScale: a command that is answered once these runs are zeroed */
    uint32_t scrubs;
    FwRun scrub[2];
    struct svnic_cmd command;
    uint32_t command_at;            /* its block in SDRAM */
    uint32_t command_status;
    uint64_t mac_table[FW_MAC_TABLE] FW_ALIGN64; /* see switch.c */
    FwPort port[SVNIC_MAX_PORTS];
    FwVif vif[SVNIC_MAX_VIFS];

    uint64_t stops FW_ALIGN64;      /* atomic */
    /* whoever transmits */
    IxpLock tx_lock FW_ALIGN64;
    uint32_t tx_filled;             /* elements of TBUF, runs freely */
    FwContext context[FW_MAX_CONTEXTS];
    FwMe me[IXP_MAX_MICROENGINES];
} SvnicFw;

/* Events that the program reports by ixp_trace(). */
typedef enum FwEvent {
    FW_EVENT_COMMAND,           /* opcode, VIF, status */
    FW_EVENT_STATE,             /* VIF, enum svnic_vif_state */
    FW_EVENT_STOP,              /* VIF, enum svnic_vif_error, index */
    FW_EVENT_DROP,              /* VIF or port, FwDrop, length */
    FW_EVENTS,
} FwEvent;

/* Why a frame is dropped; boot.c has the names, which are those of counters. */
typedef enum FwDrop {
    FW_DROP_RECV_FULL,
    FW_DROP_RECV_OVERSIZE,
    FW_DROP_RECV_NO_LINK,
    FW_DROP_SEND_OVERSIZE,
    FW_DROP_SEND_SPOOFED,
    FW_DROP_SEND_NO_LINK,
    FW_DROP_PORT_NO_VIF,
    FW_DROP_SEND_TO_SELF,
    FW_DROP_SEND_GSO_SMALL,
    FW_DROP_SEND_RESERVED,
    FW_DROP_PORT_RESERVED,
    FW_DROP_PORT_ERROR,
    FW_DROPS,
} FwDrop;

/*
 * One burst: what a context has open while it moves frames.  Lives on the
 * stack of a step.  At most one receive queue is locked at any time.
 */
typedef struct FwTouched {
    FwVif *vif;
    uint32_t from;                  /* recv_prod before and after */
    uint32_t to;
} FwTouched;

/* A sender of which a burst has passed frames on. */
typedef struct FwSender {
    FwVif *vif;
    uint32_t from;                  /* send_cons before */
} FwSender;

typedef struct FwBurst {
    SvnicFw *fw;
    unsigned me;
    unsigned context;
    FwVif *open;                    /* its receive queue is locked */
    uint32_t open_from;             /* recv_prod as the owner knows it */
    unsigned touched_count;
    FwTouched touched[FW_BURST_FRAMES];
    unsigned senders;
    FwSender sender[FW_BURST_FRAMES];
    uint64_t out_frames;            /* of port out_port, not yet counted */
    uint64_t out_bytes;
    unsigned out_port;
    uint64_t moved;                 /* bytes, whatever became of them */
    uint32_t flooded;               /* see FW_FLOOD_BYTES */
} FwBurst;

/* What became of a frame. */
typedef enum FwResult {
    FW_DONE,            /* passed on, or dropped and counted */
    FW_BUSY,            /* a receive queue, or TBUF, is locked: ask again */
    FW_NO_ROOM,         /* the port is full: IXP_SIGNAL_PORT_ROOM will come */
    FW_STOPPED,         /* the VIF is stopped, the frame was a bad one */
} FwResult;

typedef struct FwTargets {
    FwSet vifs;
    bool port;
    bool known;         /* there is somebody whom it is for */
} FwTargets;

#endif /* FIRMWARE_STUB_FW_STATE_H */
