/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firmware's own state: its constants and types.  Included by fw.h, which
 * declares the functions.
 *
 * SvnicFw is one flat block without pointers into itself: everything but the
 * pointers of "derived" could be written to a file and read back.  The comment
 * of a field, or of a group of fields, names what protects it:
 *
 *   paused   written by the XScale while no context is inside a step; any
 *            thread reads it
 *   server   used by the contexts of the microengine that serves the VIF's
 *            send queue, of which one runs at a time
 *   lock     used while holding the VIF's receive lock
 *   atomic   used by any thread, with the helpers of fw_util.h
 *
 * Guest memory has copies of indices and geometry for the owner to read; the
 * firmware trusts only the values here.
 */
#ifndef FIRMWARE_STUB_FW_STATE_H
#define FIRMWARE_STUB_FW_STATE_H

#include "hw/net/sv-nic/sv_nic_abi.h"
#include "fw_faults.h"
#include "fw_util.h"

_Static_assert(IXP_MAX_CONTEXTS <= 8, "FwMe.waiting has a bit for each");
#define FW_MAX_CONTEXTS         (IXP_MAX_MICROENGINES * IXP_MAX_CONTEXTS)

/* Limits of one burst of one VIF or port, and of one step of a context. */
#define FW_BURST_FRAMES         32
#define FW_BURST_BYTES          (2 * SVNIC_MAX_FRAME)
#define FW_STEP_BURSTS          8
/* Bytes that the queue context delivers in a step; then others run. */
#define FW_STEP_BYTES           (8 * FW_BURST_BYTES)
/*
 * Limit of the cost of flooded frames in one burst, in bytes.  A copy costs its
 * length plus FW_FLOOD_COPY for finding the receiver.
 */
#define FW_FLOOD_BYTES          (2 * FW_BURST_BYTES)
#define FW_FLOOD_COPY           1024
/* Elements of RBUF that a context takes in one call, and in one step. */
#define FW_RX_ELEMENTS          IXP_MSF_ELEMENTS
#define FW_RX_STEP              4096

/*
 * Of each microengine: words of the ring from its send contexts to its queue
 * context, and descriptors.  There are more descriptors than words, so that the
 * ring is what fills up.
 */
#define FW_RING_WORDS           IXP_RING_MIN_WORDS
#define FW_DESCRIPTORS          256
#define FW_DESCRIPTOR_SIZE      sizeof(FwFrame)

/*
 * Small frames cost little but the wait for their memory: while one is handled,
 * the slot that many slots ahead is prefetched.  In a batch for one receive
 * queue the work for each frame is less, so the distance is larger.
 */
#define FW_AHEAD                4
#define FW_BATCH_AHEAD            12

/*
 * SDRAM below FW_SDRAM_RESERVED is reserved: page 0 is the command area, and
 * each port has a buffer in which frames are reassembled.
 */
#define FW_PORT_BUFFERS         0x10000
#define FW_PORT_BUFFER_SIZE     0x11000
#define FW_SDRAM_RESERVED       (FW_PORT_BUFFERS + \
                                 SVNIC_MAX_PORTS * FW_PORT_BUFFER_SIZE)

/* Pages of SDRAM that are zeroed in one step of the XScale. */
#define FW_SCRUB_PAGES          16

/* Four slots for each VIF keep probe sequences short. */
#define FW_MAC_TABLE            (4 * SVNIC_MAX_VIFS)

/*
 * The destination of a frame: a VIF's id, or one of these.  From
 * FW_DEST_RESERVED on, the frame is dropped and counted.
 */
typedef enum FwDest {
    FW_DEST_PORT = -1,
    FW_DEST_FLOOD = -2,             /* those of fw_switch_targets() */
    FW_DEST_NONE = -3,
    FW_DEST_STOP = -4,              /* no frame: its owner broke a rule */
    FW_DEST_RESERVED = -5,          /* an address that is not forwarded */
    FW_DEST_NO_LINK = -16,
    FW_DEST_SPOOFED = -17,
    FW_DEST_OVERSIZE = -18,
    FW_DEST_GSO_SMALL = -19,
} FwDest;

/* The first 64 bytes of a frame's first slot, copied once. */
#define FW_LINE_DATA            32
typedef struct FwLine {
    struct svnic_frame head;
    uint8_t data[FW_LINE_DATA];     /* of the frame, padded with zeros */
} FwLine;

/*
 * The descriptor of a frame: its checked first line, and where its payload is.
 * Descriptors are in SRAM, which only the firmware can access; the offset there
 * is the handle that travels on a scratch ring.
 */
typedef struct FwFrame {
    FwLine line FW_ALIGN64;
    uint32_t length;                /* bytes, SVNIC_MIN_FRAME and up */
    uint32_t slots;
    uint32_t segment;               /* longest frame after segmentation */
    int dest;                       /* a VIF's id, or enum FwDest */
    uint32_t rest_length;           /* bytes behind the first line */
    uint32_t rest_at;               /* where in the origin's send queue */
    const uint8_t *rest;            /* unless split */
    bool split;                     /* over pages, or the end of the queue */
    uint32_t error;                 /* FW_DEST_STOP: enum svnic_vif_error */
    uint64_t origin;                /* fw_origin() when it was fetched */
} FwFrame;

typedef struct FwVif {
    /* enum svnic_vif_state in bits 7:0, svnic_vif_error above; atomic */
    uint32_t state FW_ALIGN64;
    uint32_t id;                    /* paused, up to "server" */
    uint32_t context;               /* context number that serves it */
    uint32_t port;
    uint32_t mtu;
    uint32_t flags;                 /* SVNIC_VIF_F_* */
    uint32_t link;                  /* 1: up */
    uint32_t region;                   /* its offset in SDRAM; 0: host memory */
    uint32_t send_slots;
    uint32_t send_offset;           /* of slot 0 in SDRAM, or in the region */
    uint32_t recv_slots;
    uint32_t recv_offset;           /* same for the receive queue */
    uint64_t mac;                   /* as of fw_mac(); 0: none */
    /*
     * The cache line ends here; the fields below are not used for each frame.
     */
    uint32_t link_policy;           /* enum svnic_link_policy */
    uint32_t vector;                /* of its signals, with MSI-X */
    uint32_t generation;            /* not reset by destroy and create */
    uint32_t region_size;              /* bytes */

    /* server */
    uint32_t send_cons FW_ALIGN64;  /* delivered up to here */
    uint32_t send_fetched;          /* put on the ring; see queue.c */
    uint32_t send_seen;             /* send_prod when last read */
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
    uint32_t recv_cons;             /* recv_cons of the owner when last read */
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
    uint8_t mac[6] FW_ALIGN64;      /* paused, up to "in" */
    uint8_t reserved[2];
    uint32_t link;
    FwSet members;                  /* active VIFs of this port */
    FwSet promiscuous;              /* of these, with F_PROMISC */
    bool has_promiscuous;
    /* in: the context that receives from the port */
    uint32_t in_flood_next FW_ALIGN64;
    uint32_t rx_state;              /* enum in rx.c */
    uint32_t rx_length;             /* bytes of the frame so far */
    uint32_t rx_count;              /* valid entries of rsw[] */
    uint32_t rx_at;                 /* index of the next entry */
    uint32_t rx_released;              /* entries before it were released */
    uint32_t rsw[FW_RX_ELEMENTS + 8];   /* 8 more for vector reads */
    uint64_t in_frames;
    uint64_t in_bytes;
    uint64_t in_no_vif;
    uint64_t in_reserved;           /* reserved group addresses */
    uint64_t in_errors;             /* damaged frames, and fragments */
    /* tx_lock: deficit round robin of VIFs that found the port full */
    FwSet out_waiting FW_ALIGN64;   /* VIFs */
    uint32_t out_waiters;           /* number of VIFs in out_waiting */
    uint32_t out_next_turn;              /* where to search for the next one */
    uint32_t out_current;            /* VIF of the last turn */
    int32_t out_deficit;               /* bytes left of that turn */
    uint32_t out_skipped;           /* VIFs refused since the next was due */
    /* atomic */
    uint64_t out_frames FW_ALIGN64;
    uint64_t out_bytes;
    uint64_t out_full;
    uint64_t out_busy;              /* tx_lock or TBUF was busy */
} FwPort;

/* Used by one context; by the XScale while paused. */
typedef struct FwContext {
    FwSet served FW_ALIGN64;        /* active VIFs that it serves */
    FwSet wait_port;                     /* of these: wait for PORT_ROOM */
    FwSet pending;                     /* of these: read the send queue */
    uint32_t ports;                 /* bit n: receives from port n */
    uint32_t ports_work;            /* of these: may have frames */
    uint32_t next;                  /* VIF after the one served last */
    uint32_t slow;                  /* a fault: FwFaultId of a stage, or 0, */
    uint64_t slow_until;            /* that is put off to this time stamp */
} FwContext;

/*
 * Stages of the data path that are timed with stamps=on; spec: "Time stamps".
 */
typedef enum FwStageName {
    FW_STAGE_DOORBELL,              /* from doorbell to step */
    FW_STAGE_FETCH,                 /* of a burst, without CLASSIFY */
    FW_STAGE_CLASSIFY,              /* finding destinations */
    FW_STAGE_RING,                  /* from put to queue context */
    FW_STAGE_COPY,                  /* of a burst to its destinations */
    FW_STAGE_SIGNAL,                /* publishing and signalling */
    FW_STAGES,
} FwStageName;

typedef struct FwStage {
    uint64_t count;
    uint64_t ns;                    /* of all */
    uint64_t max;                   /* ns, longest */
} FwStage;

/*
 * Used by the contexts of one microengine, of which one runs at a time: the
 * descriptors of frames that its send contexts have put on its ring, and its
 * counters.  Descriptors are used in ring order.
 */
typedef struct FwMe {
    bool kick FW_ALIGN64;           /* the queue context must be signalled */
    uint8_t waiting;                /* bit n: context n found the ring full */
    uint8_t next_turn;              /* where to search for the next of them */
    uint32_t head;                  /* descriptors in use: from done to head */
    uint32_t done;
    uint64_t ring_full;             /* bursts that found the ring full */
    uint64_t ring_lost;             /* handles that did not fit */
    uint64_t handles;               /* put on the ring */
    uint64_t stale;                 /* of these, discarded; fetched again */
    uint64_t put_at;                /* stamp of the oldest on the ring, or 0 */
    uint64_t classify_ns;           /* of the burst being fetched */
    FwStage stage[FW_STAGES];
    uint64_t signals_lost;          /* the last one was still pending */
    uint64_t accesses[IXP_MEMORIES];
} FwMe;

/* A region of SDRAM in use, in pages. */
typedef struct FwRegion {
    uint32_t page;
    uint32_t pages;
} FwRegion;

/*
 * What faults have put off.  XScale, but for the set: contexts add to it with
 * atomic operations.
 */
typedef struct FwFaultState {
    bool dead;                  /* the program has died, or not booted */
    bool answer_due;            /* at FW_TIMER_ANSWER: */
    bool answer_again;          /* only report it, it was answered */
    struct svnic_cmd answer;
    uint32_t answer_at;         /* its block in SDRAM */
    uint32_t answer_status;
    FwSet completions;          /* VIFs to publish at FW_TIMER_COMPLETIONS */
} FwFaultState;

typedef struct SvnicFw {
    /* derived: set again when the state is loaded into a chip */
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
    uint32_t regions;               /* of region[], sorted by page */
    FwRegion region[SVNIC_MAX_VIFS];
    /* XScale: a command that is answered once these are zeroed */
    uint32_t scrubs;
    FwRegion scrub[2];
    struct svnic_cmd command;
    uint32_t command_at;            /* its block in SDRAM */
    uint32_t command_status;
    uint64_t mac_table[FW_MAC_TABLE] FW_ALIGN64; /* see switch.c */
    FwPort port[SVNIC_MAX_PORTS];
    FwVif vif[SVNIC_MAX_VIFS];

    uint64_t stops FW_ALIGN64;      /* atomic */
    /* tx_lock: held by the context that transmits */
    IxpLock tx_lock FW_ALIGN64;
    uint32_t tx_filled;             /* elements of TBUF, free-running */
    FwContext context[FW_MAX_CONTEXTS];
    FwMe me[IXP_MAX_MICROENGINES];
    FwFaultState faults FW_ALIGN64;
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
 * State of one burst, on the stack of a step; see FwBurst.  At most one receive
 * queue is locked at any time.
 */
typedef struct FwDirtyQueue {
    FwVif *vif;
    uint32_t from;                  /* recv_prod before and after */
    uint32_t to;
} FwDirtyQueue;

/* A VIF with frames that the burst has delivered. */
typedef struct FwSender {
    FwVif *vif;
    uint32_t from;                  /* send_cons before the burst */
    uint32_t add;                   /* a fault: to the index, and */
    bool withheld;                  /* do not publish, nor signal */
} FwSender;

typedef struct FwBurst {
    SvnicFw *fw;
    unsigned me;
    unsigned context;
    FwVif *open;                    /* its receive queue is locked */
    uint32_t open_from;             /* recv_prod as last published */
    unsigned dirty_count;
    FwDirtyQueue dirty[FW_BURST_FRAMES];
    unsigned senders;
    FwSender sender[FW_BURST_FRAMES];
    uint64_t out_frames;            /* of out_port, not yet counted */
    uint64_t out_bytes;
    unsigned out_port;
    uint64_t moved;                 /* bytes, delivered or dropped */
    uint32_t flooded;               /* see FW_FLOOD_BYTES */
} FwBurst;

/* The result of delivering a frame. */
typedef enum FwResult {
    FW_DONE,            /* delivered, or dropped and counted */
    FW_BUSY,            /* receive queue or TBUF is locked: try again */
    FW_NO_ROOM,         /* port is full: wait for IXP_SIGNAL_PORT_ROOM */
    FW_STOPPED,         /* the frame broke a rule, the VIF is stopped */
} FwResult;

typedef struct FwTargets {
    FwSet vifs;
    bool port;
    bool has_receiver;        /* the address is known or a group */
} FwTargets;

#endif /* FIRMWARE_STUB_FW_STATE_H */
