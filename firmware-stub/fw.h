/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls between the firmware's files, and helpers that several of them use.
 * The state is in fw_state.h.  The comment of each group says whether contexts
 * or the XScale may call it.
 */
#ifndef FIRMWARE_STUB_FW_H
#define FIRMWARE_STUB_FW_H

#include <stddef.h>

#include "fw_state.h"
#include "span.h"

/* ---- what the chip calls, see ixp_program.h; the state is an SvnicFw ---- */

bool fw_context_step(void *state, unsigned me, unsigned context,
                     uint32_t signals);
const char *fw_counter(const void *state, unsigned group, unsigned n,
                       uint64_t *value);
uint64_t fw_accesses(const void *state, unsigned me, IxpMemory memory);
void fw_describe(const void *state, IxpVisitor *v);
/* Each VIF can exist with the smallest queues. */
uint64_t fw_sdram_min(uint32_t vifs);

/* ---- small helpers ---- */

/* Where the slot of @index is in a queue in SDRAM. */
static inline const uint8_t *fw_slot(const uint8_t *queue, uint32_t slots,
                                     uint32_t index)
{
    return queue + (index & (slots - 1)) * SVNIC_SLOT_SIZE;
}

/* Fetches the first lines of a slot, to read or to write them. */
static inline void fw_prefetch_slot(const uint8_t *slot)
{
    __builtin_prefetch(slot);
    __builtin_prefetch(slot + sizeof(FwLine));
}

static inline void fw_prefetch_slot_write(const uint8_t *slot)
{
    fw_prefetch_write(slot);
    fw_prefetch_write(slot + sizeof(FwLine));
}

static inline uint32_t fw_vif_state(const FwVif *v)
{
    return __atomic_load_n(&v->state, __ATOMIC_RELAXED) & 0xff;
}

static inline uint32_t fw_vif_error(const FwVif *v)
{
    return __atomic_load_n(&v->state, __ATOMIC_RELAXED) >> 8;
}

/* NULL if it lies in host memory and cannot be accessed. */
static inline struct svnic_vif_page *fw_vif_page(const SvnicFw *fw,
                                                 const FwVif *v)
{
    return (struct svnic_vif_page *)(fw_on_host(v) ? fw_host_at(fw, v, 0)
                                                   : fw->sdram + v->region);
}

/*
 * Prefetches the cache lines of @v that are used when it sends or receives.
 * Without it, the first frame of a burst waits for each of them in turn.
 */
static inline void fw_prefetch_sender(const SvnicFw *fw, const FwVif *v)
{
    const uint8_t *page = fw->sdram + v->region;

    fw_prefetch_write(&v->send_cons);
    __builtin_prefetch(page + offsetof(struct svnic_vif_page, send_prod));
    fw_prefetch_write(page + offsetof(struct svnic_vif_page, send_cons));
}

static inline void fw_prefetch_receiver(const SvnicFw *fw, const FwVif *v)
{
    const uint8_t *page = fw->sdram + v->region;

    fw_prefetch_write(&v->recv_lock);
    __builtin_prefetch(page + offsetof(struct svnic_vif_page, recv_cons));
    fw_prefetch_write(page + offsetof(struct svnic_vif_page, recv_prod));
}

/* Marks the VIF page as written. */
static inline void fw_vif_page_written(SvnicFw *fw, const FwVif *v)
{
    if (fw_on_host(v)) {
        ixp_host_written(fw->ix, v->id, 0, 0, sizeof(struct svnic_vif_page));
    }
}

/* VIF n is served by context n modulo their number, microengines first. */
static inline unsigned fw_server(const SvnicFw *fw, unsigned vif)
{
    return vif % (fw->microengines * fw->contexts);
}

/* The rule of the event index (spec: "Memory of a VIF"). */
static inline bool fw_event_passed(uint32_t event, uint32_t from, uint32_t to)
{
    return (uint32_t)(to - event - 1) < (uint32_t)(to - from);
}

/* ---- control.c ---- */

/*
 * Executes the command that MAILBOX_COMMAND points at.  XScale.  It is answered
 * at once, or, with fw->scrubs, by fw_control_continue().
 */
void fw_control_command(SvnicFw *fw);
/*
 * Answers @cmd, the block of which is at @at: payload, status, and what
 * fw_control_finish() does.
 */
void fw_control_answer(SvnicFw *fw, const struct svnic_cmd *cmd, uint32_t at,
                       uint32_t status);
/* Reports that a command was answered: mailbox, doorbell, interrupt. */
void fw_control_finish(SvnicFw *fw, uint32_t status);
/* Zeroes a part of what fw->scrubs says; behind the last it answers. */
void fw_control_continue(SvnicFw *fw);
/* SVNIC_CAP_* of this card. */
uint32_t fw_capabilities(const SvnicFw *fw);

/* ---- vif.c: XScale, unless said otherwise ---- */

/* Each returns an enum svnic_status; nothing has changed unless it is OK. */
uint32_t fw_vif_create(SvnicFw *fw, uint32_t wanted,
                       const struct svnic_vif_attr *attr, FwVif **vif);
uint32_t fw_vif_activate(SvnicFw *fw, FwVif *v);
uint32_t fw_vif_deactivate(SvnicFw *fw, FwVif *v);
uint32_t fw_vif_change(SvnicFw *fw, FwVif *v, bool while_active,
                       const struct svnic_vif_attr *attr);
uint32_t fw_vif_reset(SvnicFw *fw, FwVif *v);
uint32_t fw_vif_destroy(SvnicFw *fw, FwVif *v);
/* Largest default queues with which all VIFs fit into SDRAM.  Boot. */
void fw_vif_defaults(SvnicFw *fw);
/* Updates the link of VIFs after a port's link has changed; signals owners. */
void fw_vif_update_links(SvnicFw *fw);
void fw_vif_info(const SvnicFw *fw, const FwVif *v,
                 struct svnic_vif_info *info);
uint32_t fw_vif_map(SvnicFw *fw, FwVif *v, const struct svnic_vif_map *map);
/*
 * Stops @v: its owner broke a rule of the ring protocol at @index.  Any
 * context.
 */
void fw_vif_stop(SvnicFw *fw, FwVif *v, enum svnic_vif_error error,
                 uint32_t index);
/* Writes what its owner reads of @v into the VIF page. */
void fw_vif_write_page(SvnicFw *fw, FwVif *v);
/* Raises SVNIC_SIGNAL_* @bits to the owner of @v, and counts.  Any. */
void fw_vif_signal(SvnicFw *fw, FwVif *v, uint32_t bits);

/* ---- sdram.c: XScale ---- */

/*
 * Allocates @pages pages; returns the first, or 0 if none are free.  They are
 * zeroed by fw_sdram_scrub().
 */
uint32_t fw_sdram_alloc(SvnicFw *fw, uint32_t pages);
void fw_sdram_free(SvnicFw *fw, uint32_t page);
/*
 * Frees the region at @old and allocates @pages; returns the first page.  If
 * there is no space, returns 0 and the region at @old is unchanged.
 */
uint32_t fw_sdram_realloc(SvnicFw *fw, uint32_t old, uint32_t pages);
/* Zeroes up to FW_SCRUB_PAGES of what fw->scrubs, not 0, says. */
void fw_sdram_scrub(SvnicFw *fw);
/* Pages of the largest free gap. */
uint32_t fw_sdram_largest(const SvnicFw *fw);

/* ---- span.c: see span.h, too; any context ---- */

/* Whether every page of the region can be accessed. */
bool fw_region_complete(const SvnicFw *fw, const FwVif *v);
/*
 * Finds the next contiguous part of the frame behind its first line, from byte
 * @done on; returns its length, or 0 at the end.  The pages of a frame that is
 * split were looked up in this step.
 */
uint32_t fw_frame_part(const SvnicFw *fw, const FwFrame *f, uint32_t done,
                       const uint8_t **part);

/* ---- switch.c ---- */

/* Sets up the hash unit.  XScale, no context runs. */
void fw_switch_boot(SvnicFw *fw);
/* Rebuilds MAC table and sets from the VIFs.  XScale, paused. */
void fw_switch_rebuild(SvnicFw *fw);
/*
 * Returns the destination on the segment of @port of a frame that starts with
 * @eth: a VIF's id or enum FwDest.  @from: the VIF that sent it, or NULL if the
 * port received it.  Any context.
 */
int fw_switch_route(const SvnicFw *fw, uint32_t port, const FwVif *from,
                    const uint8_t *eth);
/* All destinations of a frame with FW_DEST_FLOOD. */
void fw_switch_targets(const SvnicFw *fw, uint32_t port, const FwVif *from,
                       const uint8_t *eth, FwTargets *targets);
/*
 * Delivers @f to all targets: the port first, then the VIFs by id.  Returns
 * FW_BUSY if a target is locked or the burst has copied enough; then *@next is
 * where to continue when the same frame is tried again, so that each target
 * gets it once. 0 is the beginning.
 */
FwResult fw_flood(FwBurst *b, FwFrame *f, uint32_t port,
                  const FwTargets *targets, uint32_t *next);

/* ---- recv.c: any context ---- */

void fw_burst_begin(FwBurst *b, SvnicFw *fw, unsigned me, unsigned context);
/* Puts @f into the receive queue of @v, or drops and counts it. */
FwResult fw_recv_put(FwBurst *b, FwVif *v, const FwFrame *f);
/*
 * Puts a batch: the first frames of @frame that have the same origin, are
 * unicast for @v and have one slot each, as long as there is space.  Returns
 * how many, and adds their lengths to *@bytes.  If 0, fw_recv_put() handles the
 * first one.
 */
unsigned fw_recv_put_batch(FwBurst *b, FwVif *v, FwFrame *const frame[],
                           unsigned n, uint64_t *bytes);
/* Publishes everything that was put, and unlocks. */
void fw_burst_publish(FwBurst *b);
/* Signals the owners, after fw_burst_publish() and a full barrier. */
void fw_burst_signal(FwBurst *b);

/* ---- send.c: the serving context ---- */

typedef enum FwSendResult {
    FW_SEND_DONE,      /* queue is empty, or VIF not active */
    FW_SEND_MORE,     /* frames are left: call again */
    FW_SEND_RING_FULL,     /* not tried: call again */
} FwSendResult;

/* Fetches one burst of frames from the send queue of @v onto the ring. */
FwSendResult fw_send_burst(SvnicFw *fw, FwVif *v, unsigned me);
/*
 * Delivers @f of @v to a destination that is not a single VIF, or drops and
 * counts it.  Called on the microengine that serves @v.
 */
FwResult fw_send_deliver(FwBurst *b, FwVif *v, FwFrame *f);
/*
 * Resolves the payload of @f again: pointers into host memory are valid for one
 * step only.  An error stops the VIF.
 */
enum svnic_vif_error fw_send_resolve(const SvnicFw *fw, const FwVif *v,
                                     FwFrame *f);
/*
 * Asks the owner for a doorbell when it sends; no frame may be in flight.
 * Returns true if it has sent meanwhile.
 */
bool fw_send_sleep(SvnicFw *fw, FwVif *v);

/* ---- queue.c: any context of the microengine ---- */

/* Sets up empty rings and descriptors.  XScale, no context runs. */
void fw_queue_boot(SvnicFw *fw);
/* The origin of a handle: VIF and epoch.  That of another epoch is stale. */
static inline uint64_t fw_origin(const FwVif *v)
{
    return v->id | (uint64_t)v->epoch << 32;
}
#define FW_ORIGIN_VIF(origin)   ((uint32_t)(origin))
/*
 * Makes handles of @v on the ring stale; their frames will be fetched again.
 * Called by the context that serves @v, or while paused.
 */
static inline void fw_queue_invalidate(FwVif *v)
{
    v->epoch++;
    v->send_fetched = v->send_cons;
}
/* The queue context of each microengine. */
static inline unsigned fw_queue_context(const SvnicFw *fw)
{
    return fw->contexts - 1;
}
static inline FwFrame *fw_descriptor(const SvnicFw *fw, unsigned me,
                                     uint32_t n)
{
    FwFrame *all = (FwFrame *)fw->units->sram;

    return &all[me * FW_DESCRIPTORS + (n & (FW_DESCRIPTORS - 1))];
}
/* Number of free descriptors of @me; 0 if the ring is full. */
unsigned fw_queue_room(SvnicFw *fw, unsigned me);
/*
 * Puts handles of the first @n free descriptors on the ring; returns how many
 * fit.
 */
unsigned fw_queue_put(SvnicFw *fw, unsigned me, unsigned n);
/* Signals the queue context if handles were put since the last call. */
void fw_queue_kick(SvnicFw *fw, unsigned me);
/* Delivers the frames on the ring.  Returns true if handles are left. */
bool fw_queue_step(SvnicFw *fw, unsigned me);

/* ---- port.c ---- */

/* Handles one burst of received frames.  Returns true if frames are left. */
bool fw_port_in_burst(SvnicFw *fw, unsigned port, unsigned me,
                      unsigned context);
/* Transmits one frame; the burst counts it. */
FwResult fw_port_out(FwBurst *b, unsigned port, FwFrame *f);
/*
 * Transmits a batch: the first of @n frames, and the following ones that have
 * the same origin and go to the port, too, as far as there is space.  *@batch
 * is how many were transmitted.
 */
FwResult fw_port_out_batch(FwBurst *b, unsigned port, FwFrame *const frame[],
                           unsigned n, unsigned *batch);
/* Adds the frames counted by the burst to the counters of its port. */
void fw_port_out_count(FwBurst *b);

/* ---- attr.c: XScale ---- */

/*
 * Checks the attributes that @attr->mask says are to be set on @v.  Returns
 * enum svnic_status.
 */
uint32_t fw_attr_check(const SvnicFw *fw, const FwVif *v,
                       const struct svnic_vif_attr *attr);
/* Sets checked attributes, except queue sizes and placement. */
void fw_attr_set(FwVif *v, const struct svnic_vif_attr *attr);

/* ---- mac.c: XScale ---- */

/* Initializes the MAC of @port.  No context runs. */
void fw_mac_boot(SvnicFw *fw, unsigned port);
bool fw_mac_link(SvnicFw *fw, unsigned port);

/* ---- rx.c ---- */

/* Sets up RBUF. XScale, no context runs. */
void fw_rx_boot(SvnicFw *fw);
/* A received frame, in RBUF or reassembled in SDRAM. */
typedef struct FwRxFrame {
    const uint8_t *data;
    uint32_t length;            /* bytes, SVNIC_MIN_FRAME and up */
    uint32_t elements;          /* of RBUF that it occupies */
} FwRxFrame;
/*
 * Finds the next received frames of @port, up to @limit, in order; returns 0 if
 * none is complete.  They keep their elements until fw_rx_done(); until then,
 * the next call finds them again.  At most *@elements elements are examined,
 * which is reduced; 0 means that there may be more.
 */
unsigned fw_rx_frames(SvnicFw *fw, unsigned port, unsigned me,
                      unsigned context, unsigned *elements, FwRxFrame *frame,
                      unsigned limit);
/* Ends the first @n of the frames found: they were delivered or dropped. */
void fw_rx_done(SvnicFw *fw, unsigned port, const FwRxFrame *frame,
                unsigned n);
/* Returns elements of frames that are done to the MSF. */
void fw_rx_release(SvnicFw *fw, unsigned port);

/* ---- tx.c ---- */

/* Sets up TBUF. XScale, no context runs. */
void fw_tx_boot(SvnicFw *fw);
/*
 * Copies whole frames, at least one of @n, into TBUF for @port; *@sent is how
 * many.  If the result is not FW_DONE, it is 0.
 */
FwResult fw_tx_frames(SvnicFw *fw, unsigned port, FwFrame *const frame[],
                      unsigned n, unsigned me, unsigned context,
                      unsigned *sent);

/* ---- faults.c: what is only called if ixp_faults_armed() ---- */

/*
 * A command that was fetched: true if it is not executed: a fault has answered
 * it, or never will.  XScale.
 */
bool fw_fault_command_taken(SvnicFw *fw);
/* The answer to fw->command: true if it is lost or comes later.  XScale. */
bool fw_fault_answer_taken(SvnicFw *fw);
/* Chooses the senders of @b the completion of which is withheld. */
void fw_fault_completions_taken(FwBurst *b);
/* Events of the XScale: does what was put off. */
#define FW_TIMER_ANSWER         IXP_XSCALE_TIMER(0)
#define FW_TIMER_COMPLETIONS    IXP_XSCALE_TIMER(1)
#define FW_FAULT_EVENTS         (FW_TIMER_ANSWER | FW_TIMER_COMPLETIONS)
void fw_fault_events(SvnicFw *fw, uint32_t events);

/* Whether the program dies now.  XScale. */
bool fw_fault_dies(SvnicFw *fw);
/* Whether it does not boot.  Boot. */
bool fw_fault_no_boot(SvnicFw *fw);
/*
 * Frames of the burst are to be published from b->open_from on to the owner of
 * @v: makes their headers wrong; returns what to add to the index.
 */
uint32_t fw_fault_received_wrong(FwBurst *b, FwVif *v);
/* Stops @v, which sends; true: it did. */
bool fw_fault_stops(SvnicFw *fw, FwVif *v);
/* Whether a stage of a context that has work for it is put off. */
bool fw_fault_stage_slow(SvnicFw *fw, FwContext *c, unsigned me,
                         unsigned context, FwFaultId stage);

static inline uint32_t fw_fault_received(FwBurst *b, FwVif *v)
{
    return ixp_faults_armed(b->fw->units) ? fw_fault_received_wrong(b, v) : 0;
}

static inline bool fw_fault_stop(SvnicFw *fw, FwVif *v)
{
    return ixp_faults_armed(fw->units) && fw_fault_stops(fw, v);
}

static inline bool fw_fault_slow(SvnicFw *fw, FwContext *c, unsigned me,
                                 unsigned context, FwFaultId stage)
{
    return ixp_faults_armed(fw->units) &&
           fw_fault_stage_slow(fw, c, me, context, stage);
}

static inline bool fw_fault_command(SvnicFw *fw)
{
    return ixp_faults_armed(fw->units) && fw_fault_command_taken(fw);
}

static inline bool fw_fault_answer(SvnicFw *fw)
{
    return ixp_faults_armed(fw->units) && fw_fault_answer_taken(fw);
}

static inline void fw_fault_completions(FwBurst *b)
{
    if (ixp_faults_armed(b->fw->units)) {
        fw_fault_completions_taken(b);
    }
}

/* ---- counters.c ---- */

/* Records that a stage took @ns.  Any context of @me. */
void fw_stage(SvnicFw *fw, unsigned me, FwStageName stage, uint64_t ns);
/* Counts @n accesses of @me to a memory.  Contexts of @me. */
static inline void fw_accessed(SvnicFw *fw, unsigned me, IxpMemory memory,
                               uint64_t n)
{
    fw_count(&fw->me[me].accesses[memory], n);
}
/* Accesses that copy @n blocks of @bytes in all, each rounded up to a line. */
#define FW_ACCESSES(bytes, n)   ((bytes) / IXP_ACCESS_BYTES + (n))
/* Accesses that read or write a descriptor. */
#define FW_DESCRIPTOR_ACCESSES  (FW_DESCRIPTOR_SIZE / IXP_ACCESS_BYTES)
/* The current time stamp; 0 if stamps are off. */
static inline uint64_t fw_stamp(const SvnicFw *fw)
{
    return FW_UNLIKELY(fw->stamps) ? ixp_stamp(fw->ix) : 0;
}

void fw_vif_stats(const FwVif *v, struct svnic_vif_stats *stats);
void fw_vif_stats_clear(FwVif *v);
void fw_port_info(const SvnicFw *fw, unsigned port,
                  struct svnic_port_info *info);

#endif /* FIRMWARE_STUB_FW_H */
