/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls between the firmware's files, and the small helpers that several
 * of them use.  No state of its own: that is in fw_state.h.  What may call
 * each, a context or the XScale, is said at its group.
 */
#ifndef FIRMWARE_STUB_FW_H
#define FIRMWARE_STUB_FW_H

#include <stddef.h>

#include "fw_state.h"

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

/* A VIF that was created has its run in SDRAM, or in the host's memory. */
static inline bool fw_on_host(const FwVif *v)
{
    return FW_UNLIKELY(!v->run);
}

/* Byte @offset of a run on the host if its page was looked up, else NULL. */
static inline uint8_t *fw_host_known(const SvnicFw *fw, const FwVif *v,
                                     uint32_t offset)
{
    uint8_t *page =
        __atomic_load_n(&fw->host[v->id].page[offset / SVNIC_PAGE_SIZE],
                        __ATOMIC_RELAXED);

    return page ? page + offset % SVNIC_PAGE_SIZE : NULL;
}

/*
 * Byte @offset of a run on the host, good up to the end of that page; NULL if
 * the page cannot be reached.
 */
static inline uint8_t *fw_host_at(const SvnicFw *fw, const FwVif *v,
                                  uint32_t offset)
{
    uint8_t *at = fw_host_known(fw, v, offset);

    if (FW_UNLIKELY(!at)) {
        at = ixp_host_page(fw->ix, v->id, offset / SVNIC_PAGE_SIZE);
        at = at ? at + offset % SVNIC_PAGE_SIZE : NULL;
    }
    return at;
}

/* NULL if it lies on the host and cannot be reached. */
static inline struct svnic_vif_page *fw_vif_page(const SvnicFw *fw,
                                                 const FwVif *v)
{
    return (struct svnic_vif_page *)(fw_on_host(v) ? fw_host_at(fw, v, 0)
                                                   : fw->sdram + v->run);
}

/*
 * Fetches what of @v is looked at when frames come from it, or for it: there
 * is a wait for each line else, and no frames among which it would be lost.
 */
static inline void fw_prefetch_sender(const SvnicFw *fw, const FwVif *v)
{
    const uint8_t *page = fw->sdram + v->run;

    fw_prefetch_write(&v->send_cons);
    __builtin_prefetch(page + offsetof(struct svnic_vif_page, send_prod));
    fw_prefetch_write(page + offsetof(struct svnic_vif_page, send_cons));
}

static inline void fw_prefetch_receiver(const SvnicFw *fw, const FwVif *v)
{
    const uint8_t *page = fw->sdram + v->run;

    fw_prefetch_write(&v->recv_lock);
    __builtin_prefetch(page + offsetof(struct svnic_vif_page, recv_cons));
    fw_prefetch_write(page + offsetof(struct svnic_vif_page, recv_prod));
}

/* Something in the VIF page was written. */
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
 * Serves the command that MAILBOX_COMMAND points at.  XScale.  It is answered
 * at once, or, with fw->scrubs, by fw_control_go_on().
 */
void fw_control_command(SvnicFw *fw);
/* Zeroes a part of what fw->scrubs says; behind the last it answers. */
void fw_control_go_on(SvnicFw *fw);
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
/* Link of VIFs after a link of a port has changed; tells their owners. */
void fw_vif_links(SvnicFw *fw);
void fw_vif_info(const SvnicFw *fw, const FwVif *v,
                 struct svnic_vif_info *info);
uint32_t fw_vif_map(SvnicFw *fw, FwVif *v, const struct svnic_vif_map *map);
/* Stops @v: its owner broke a rule at @index.  Any context. */
void fw_vif_stop(SvnicFw *fw, FwVif *v, enum svnic_vif_error error,
                 uint32_t index);
/* Writes what its owner reads of @v into the VIF page. */
void fw_vif_write_page(SvnicFw *fw, FwVif *v);
/* Raises SVNIC_SIGNAL_* @bits to the owner of @v, and counts.  Any. */
void fw_vif_signal(SvnicFw *fw, FwVif *v, uint32_t bits);

/* ---- sdram.c: XScale ---- */

/*
 * A run of @pages pages: its first page, or 0 if there is none.  It is zeroed
 * by fw_sdram_scrub().
 */
uint32_t fw_sdram_alloc(SvnicFw *fw, uint32_t pages);
void fw_sdram_free(SvnicFw *fw, uint32_t page);
/*
 * As free of @old and alloc of @pages, but if there is no room @old stays
 * as it was, and 0 is returned.
 */
uint32_t fw_sdram_exchange(SvnicFw *fw, uint32_t old, uint32_t pages);
/* Zeroes up to FW_SCRUB_PAGES of what fw->scrubs, not 0, says. */
void fw_sdram_scrub(SvnicFw *fw);
/* Pages of the largest free run. */
uint32_t fw_sdram_largest(const SvnicFw *fw);

/* ---- host.c: runs in the host's memory; any context ---- */

/* Every page of the run is within reach. */
bool fw_host_complete(const SvnicFw *fw, const FwVif *v);
/*
 * The VIF page and the @n bytes that follow @at of a queue, which begins at
 * @queue of the run and has @size bytes, over its end if need be.
 */
bool fw_host_reach(const SvnicFw *fw, const FwVif *v, uint32_t queue,
                   uint32_t size, uint32_t at, uint32_t n);
/*
 * A contiguous part of what follows the frame's line, from its byte @done on:
 * its length, or 0 at the end.
 */
uint32_t fw_frame_part(const SvnicFw *fw, const FwFrame *f, uint32_t done,
                       const uint8_t **part);
/*
 * Copies @f behind recv_prod of @v, where sender or receiver, or both, are on
 * the host.  All of it is within reach.
 */
void fw_host_copy(SvnicFw *fw, const FwVif *v, const FwFrame *f);

/* ---- switch.c ---- */

/* Sets the hash unit up.  XScale, no context runs. */
void fw_switch_boot(SvnicFw *fw);
/* Makes MAC table and sets anew from the VIFs.  XScale, paused. */
void fw_switch_rebuild(SvnicFw *fw);
/*
 * Where a frame that starts with @eth goes, on the segment of @port; @from:
 * the VIF that sent it, or NULL if it came in at the port.  Any context.
 */
int fw_switch_route(const SvnicFw *fw, uint32_t port, const FwVif *from,
                    const uint8_t *eth);
/* Everybody who gets it, where that said FW_TO_MANY. */
void fw_switch_targets(const SvnicFw *fw, uint32_t port, const FwVif *from,
                       const uint8_t *eth, FwTargets *targets);
/*
 * Passes @f to all targets: the port first, then the VIFs by id.  FW_BUSY, too,
 * if the burst has copied enough.  If it can't go on, *@next says where it has
 * to when the same frame is tried again, so that each target gets it once; 0 is
 * the beginning.
 */
FwResult fw_flood(FwBurst *b, FwFrame *f, uint32_t port,
                  const FwTargets *targets, uint32_t *next);

/* ---- recv.c: any context ---- */

void fw_burst_begin(FwBurst *b, SvnicFw *fw, unsigned me, unsigned context);
/* Puts @f into the receive queue of @v, or drops and counts it. */
FwResult fw_recv_put(FwBurst *b, FwVif *v, const FwFrame *f);
/*
 * The same for frames in a row of one origin that are all for @v, unicast,
 * and have a slot each, as long as nothing is in the way; returns how many,
 * and adds their lengths to *@bytes.  fw_recv_put() says what is in the way.
 */
unsigned fw_recv_put_row(FwBurst *b, FwVif *v, FwFrame *const frame[],
                         unsigned n, uint64_t *bytes);
/* Publishes everything that was put and unlocks. */
void fw_burst_publish(FwBurst *b);
/* Signals the owners, after fw_burst_publish() and a full barrier. */
void fw_burst_signal(FwBurst *b);

/* ---- send.c: the serving context ---- */

typedef enum FwServed {
    FW_SERVED_ALL,      /* all that is there was fetched; or not active */
    FW_SERVED_MORE,     /* come back */
    FW_SERVED_NONE,     /* the ring is full: not looked at, come back */
} FwServed;

/* Fetches one burst of frames from the send queue of @v onto the ring. */
FwServed fw_send_burst(SvnicFw *fw, FwVif *v, unsigned me);
/*
 * Passes @f of @v on, other than to one VIF, or drops and counts it.  The
 * microengine of the server.
 */
FwResult fw_send_pass(FwBurst *b, FwVif *v, FwFrame *f);
/*
 * Finds the rest of @f, which begins at @index, once more: pointers into the
 * host's memory do not outlive a step.  An error stops the VIF.
 */
enum svnic_vif_error fw_send_renew(const SvnicFw *fw, const FwVif *v,
                                   uint32_t index, FwFrame *f);
/* Nothing is in flight: asks the owner to ring.  True: look again. */
bool fw_send_sleep(SvnicFw *fw, FwVif *v);

/* ---- queue.c: any context of the microengine ---- */

/* Sets rings and descriptors up, empty.  XScale, no context runs. */
void fw_queue_boot(SvnicFw *fw);
/* Where a handle is from; that of another epoch of the VIF is stale. */
static inline uint64_t fw_origin(const FwVif *v)
{
    return v->id | (uint64_t)v->epoch << 32;
}
#define FW_ORIGIN_VIF(origin)   ((uint32_t)(origin))
/* What of @v is on the ring is fetched again.  Server, or paused. */
static inline void fw_queue_forget(FwVif *v)
{
    v->epoch++;
    v->send_fetched = v->send_cons;
}
/* The context whose queue program serves @me. */
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
/* Descriptors of @me that are free, and the ring is not full. */
unsigned fw_queue_room(SvnicFw *fw, unsigned me);
/* Puts the first @n of them on the ring; returns how many it took. */
unsigned fw_queue_put(SvnicFw *fw, unsigned me, unsigned n);
/* Tells the queue program if there was a put. */
void fw_queue_kick(SvnicFw *fw, unsigned me);
/* Passes on what is on the ring.  True: come back. */
bool fw_queue_step(SvnicFw *fw, unsigned me);

/* ---- port.c ---- */

/* One burst of frames that came in.  True: come back. */
bool fw_port_in_burst(SvnicFw *fw, unsigned port, unsigned me,
                      unsigned context);
/* One frame out; the burst counts it. */
FwResult fw_port_out(FwBurst *b, unsigned port, FwFrame *f);
/*
 * The same for the first of @n frames, and as many of those that follow as are
 * of the same origin and for the port, too; *@row is how many went.
 */
FwResult fw_port_out_row(FwBurst *b, unsigned port, FwFrame *const frame[],
                         unsigned n, unsigned *row);
/* Adds what the burst has counted to its port. */
void fw_port_out_count(FwBurst *b);

/* ---- mac.c: XScale ---- */

/* Brings the MAC of @port up.  No context runs. */
void fw_mac_boot(SvnicFw *fw, unsigned port);
bool fw_mac_link(SvnicFw *fw, unsigned port);

/* ---- rx.c ---- */

/* Sets RBUF up.  XScale, no context runs. */
void fw_rx_boot(SvnicFw *fw);
/* A frame that came in, in RBUF or put together in SDRAM. */
typedef struct FwRxFrame {
    const uint8_t *data;
    uint32_t length;            /* bytes, SVNIC_MIN_FRAME and up */
    uint32_t elements;          /* that are held for it */
} FwRxFrame;
/*
 * The next frames that came in at @port, up to @most, in order; 0: none is
 * whole.  They lie where they are until fw_rx_done(), and are found again until
 * then.  *@elements is how many more may be looked at; 0 then: there are more.
 */
unsigned fw_rx_frames(SvnicFw *fw, unsigned port, unsigned me,
                      unsigned context, unsigned *elements, FwRxFrame *frame,
                      unsigned most);
/* The first @n of those that were found were passed on. */
void fw_rx_done(SvnicFw *fw, unsigned port, const FwRxFrame *frame,
                unsigned n);
/* Gives back the elements that are done with. */
void fw_rx_give_back(SvnicFw *fw, unsigned port);

/* ---- tx.c ---- */

/* Sets TBUF up.  XScale, no context runs. */
void fw_tx_boot(SvnicFw *fw);
/*
 * Moves frames, at least one of @n, into TBUF for @port, each of them whole;
 * *@sent is how many, not counted.  If not FW_DONE, it is none.
 */
FwResult fw_tx_frames(SvnicFw *fw, unsigned port, FwFrame *const frame[],
                      unsigned n, unsigned me, unsigned context,
                      unsigned *sent);

/* ---- counters.c ---- */

/* @ns went by in a stage.  Any context of @me. */
void fw_stage(SvnicFw *fw, unsigned me, FwStageName stage, uint64_t ns);
/* @me has accessed a memory @n times.  Its contexts. */
static inline void fw_accessed(SvnicFw *fw, unsigned me, IxpMemory memory,
                               uint64_t n)
{
    fw_count(&fw->me[me].accesses[memory], n);
}
/* Accesses that move @n runs of @bytes in all, each up to the end of a line. */
#define FW_ACCESSES(bytes, n)   ((bytes) / IXP_ACCESS_BYTES + (n))
/* What a descriptor takes to be written, or read. */
#define FW_DESCRIPTOR_ACCESSES  (FW_DESCRIPTOR_SIZE / IXP_ACCESS_BYTES)
/* Now; 0 if nobody wants to know. */
static inline uint64_t fw_stamp(const SvnicFw *fw)
{
    return FW_UNLIKELY(fw->stamps) ? ixp_stamp(fw->ix) : 0;
}

void fw_vif_stats(const FwVif *v, struct svnic_vif_stats *stats);
void fw_vif_stats_clear(FwVif *v);
void fw_port_info(const SvnicFw *fw, unsigned port,
                  struct svnic_port_info *info);

#endif /* FIRMWARE_STUB_FW_H */
