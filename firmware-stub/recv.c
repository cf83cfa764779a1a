/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Receive queues: copying frames, publishing indices, signalling owners.
 *
 * Any context may write the receive queue of any VIF, under the VIF's receive
 * lock.  The lock is only tried: if it is held, the frame stays where it is and
 * the caller tries again later.  A burst holds the lock over a batch of frames
 * for the same VIF, and one lock at a time.
 */
#include "fw.h"

void fw_burst_begin(FwBurst *b, SvnicFw *fw, unsigned me, unsigned context)
{
    b->fw = fw;
    b->me = me;
    b->context = context;
    b->open = NULL;
    b->dirty_count = 0;
    b->senders = 0;
    b->out_port = 0;
    b->out_frames = 0;
    b->out_bytes = 0;
    b->moved = 0;
    b->flooded = 0;
}

static bool recv_up(const FwVif *v)
{
    return __atomic_load_n(&v->recv_up, __ATOMIC_RELAXED);
}

/* Reads recv_cons of the owner once, and checks the copy. */
static void recv_update(SvnicFw *fw, FwVif *v)
{
    struct svnic_vif_page *page = fw_vif_page(fw, v);
    uint32_t cons;

    if (FW_UNLIKELY(!page)) {
        fw_vif_stop(fw, v, SVNIC_ERR_HOST_PAGE, v->recv_prod);
        return;
    }
    cons = ixp_load_acquire(&page->recv_cons.index);
    if (FW_UNLIKELY(cons - v->recv_cons > v->recv_prod - v->recv_cons)) {
        fw_vif_stop(fw, v, SVNIC_ERR_RECV_INDEX, cons);
    } else {
        v->recv_cons = cons;
    }
}

static void recv_close(FwBurst *b)
{
    FwVif *v = b->open;

    if (!v) {
        return;
    }
    b->open = NULL;
    if (v->recv_prod != b->open_from) {
        if (b->dirty_count == FW_BURST_FRAMES) {
            ixp_barrier();
            fw_burst_signal(b);
        }
        b->dirty[b->dirty_count++] = (FwDirtyQueue) {
            .vif = v, .from = b->open_from, .to = v->recv_prod,
        };
        ixp_store_release(&fw_vif_page(b->fw, v)->recv_prod.index,
                          v->recv_prod + fw_fault_received(b, v));
        fw_vif_page_written(b->fw, v);
    }
    ixp_unlock(&v->recv_lock);
}

static bool recv_open(FwBurst *b, FwVif *v)
{
    recv_close(b);
    if (!ixp_trylock(&v->recv_lock)) {
        return false;
    }
    b->open = v;
    b->open_from = v->recv_prod;
    if (recv_up(v)) {
        recv_update(b->fw, v);
    }
    return true;
}

/* recv_copy() if it takes more than two pieces, or to host memory. */
static FW_COLD bool recv_copy_span(SvnicFw *fw, const FwVif *v, uint32_t at,
                                   const FwFrame *f)
{
    const uint8_t *data;
    uint32_t done = 0;
    uint32_t n;
    uint8_t *slot;
    FwSpan s;

    if (!fw_vif_page(fw, v) ||
        !fw_span_recv(&s, fw, v, at, sizeof(f->line) + f->rest_length)) {
        return false;
    }
    slot = f->split ? NULL : fw_span_whole(&s);
    if (slot) {
        memcpy(slot, &f->line, sizeof(f->line));
        memcpy(slot + sizeof(f->line), f->rest, f->rest_length);
        fw_span_end(&s);
        return true;
    }
    if (!fw_span_accessible(&s) ||
        !fw_span_write(&s, &f->line, sizeof(f->line))) {
        return false;
    }
    while ((n = fw_frame_part(fw, f, done, &data))) {
        if (!fw_span_write(&s, data, n)) {
            return false;
        }
        done += n;
    }
    return done == f->rest_length;
}

/*
 * Copies the frame; false if a page cannot be accessed, and nothing was copied.
 */
static bool recv_copy(SvnicFw *fw, FwVif *v, const FwFrame *f)
{
    uint8_t *ring = fw->sdram + v->recv_offset;
    uint32_t size = v->recv_slots * SVNIC_SLOT_SIZE;
    uint32_t at = (v->recv_prod & (v->recv_slots - 1)) * SVNIC_SLOT_SIZE;

    if (FW_UNLIKELY(fw_on_host(v) || f->split ||
                    f->rest_length > size - at - sizeof(f->line))) {
        return recv_copy_span(fw, v, at, f);
    }
    fw_prefetch_slot_write(fw_slot(ring, v->recv_slots,
                                   v->recv_prod + FW_AHEAD));
    memcpy(ring + at, &f->line, sizeof(f->line));
    memcpy(ring + at + sizeof(f->line), f->rest, f->rest_length);
    return true;
}

static void recv_drop(FwBurst *b, FwVif *v, const FwFrame *f,
                      uint64_t *counter, FwDrop reason)
{
    fw_count(counter, 1);
    ixp_trace(b->fw->ix, FW_EVENT_DROP, v->id, reason, f->length);
}

static bool recv_has_room(const FwVif *v, const FwFrame *f)
{
    return f->slots <= v->recv_slots - (v->recv_prod - v->recv_cons);
}

FwResult fw_recv_put(FwBurst *b, FwVif *v, const FwFrame *f)
{
    if (b->open != v && !recv_open(b, v)) {
        return FW_BUSY;
    }
    if (FW_UNLIKELY(!recv_has_room(v, f)) && recv_up(v)) {
        recv_update(b->fw, v);
    }
    if (FW_UNLIKELY(!recv_up(v))) {
        recv_drop(b, v, f, &v->recv_no_link, FW_DROP_RECV_NO_LINK);
    } else if (FW_UNLIKELY(f->segment > v->mtu + SVNIC_ETH_MAX_HEADER)) {
        recv_drop(b, v, f, &v->recv_oversize, FW_DROP_RECV_OVERSIZE);
    } else if (FW_UNLIKELY(!recv_has_room(v, f))) {
        recv_drop(b, v, f, &v->recv_full, FW_DROP_RECV_FULL);
    } else if (FW_UNLIKELY(!recv_copy(b->fw, v, f))) {
        fw_vif_stop(b->fw, v, SVNIC_ERR_HOST_PAGE, v->recv_prod);
        recv_drop(b, v, f, &v->recv_no_link, FW_DROP_RECV_NO_LINK);
    } else {
        v->recv_prod += f->slots;
        fw_count(&v->recv_frames, 1);
        fw_count(&v->recv_bytes, f->length);
        if (fw_mac_multicast(f->line.data)) {
            fw_count(&v->recv_multicast, 1);
        }
    }
    return FW_DONE;
}

/* Prefetches the payload. */
static inline void prefetch_rest(const FwFrame *f)
{
    for (uint32_t i = sizeof(FwLine); i < f->rest_length;
         i += sizeof(FwLine)) {
        __builtin_prefetch(f->rest + i);
    }
}

unsigned fw_recv_put_batch(FwBurst *b, FwVif *v, FwFrame *const frame[],
                           unsigned n, uint64_t *bytes)
{
    const uint64_t origin = frame[0]->origin;
    const uint32_t limit = v->mtu + SVNIC_ETH_MAX_HEADER;
    const int dest = v->id;
    uint8_t *ring = b->fw->sdram + v->recv_offset;
    uint64_t sum = 0;
    uint32_t prod;
    uint32_t room;
    unsigned i;

    if (fw_on_host(v) || (b->open != v && !recv_open(b, v)) || !recv_up(v)) {
        return 0;
    }
    prod = v->recv_prod;
    room = v->recv_slots - (prod - v->recv_cons);
    for (i = 0; i < n && i < room; i++) {
        const FwFrame *f = frame[i];
        uint8_t *slot;

        if (f->origin != origin || f->dest != dest || f->slots != 1 ||
            f->segment > limit) {
            break;
        }
        /*
         * A descriptor of another kind, such as FW_DEST_STOP, has no payload.
         */
        if (i + 1 < n && frame[i + 1]->slots == 1) {
            prefetch_rest(frame[i + 1]);
        }
        /*
         * Not beyond the batch: those slots may stay unused and displace other
         * lines.
         */
        if (i + FW_BATCH_AHEAD < n) {
            fw_prefetch_slot_write(fw_slot(ring, v->recv_slots,
                                           prod + FW_BATCH_AHEAD));
        }
        slot = ring + (prod & (v->recv_slots - 1)) * SVNIC_SLOT_SIZE;
        memcpy(slot, &f->line, sizeof(f->line));
        memcpy(slot + sizeof(f->line), f->rest, f->rest_length);
        sum += f->length;
        prod++;
    }
    v->recv_prod = prod;
    fw_count(&v->recv_frames, i);
    fw_count(&v->recv_bytes, sum);
    *bytes += sum;
    return i;
}

void fw_burst_publish(FwBurst *b)
{
    recv_close(b);
    fw_port_out_count(b);
}

void fw_burst_signal(FwBurst *b)
{
    for (unsigned i = 0; i < b->dirty_count; i++) {
        const FwDirtyQueue *t = &b->dirty[i];
        uint32_t event =
            ixp_load_acquire(&fw_vif_page(b->fw, t->vif)->recv_cons.event);

        if (fw_event_passed(event, t->from, t->to)) {
            fw_vif_signal(b->fw, t->vif, SVNIC_SIGNAL_RECV_WORK);
        }
    }
    b->dirty_count = 0;
}
