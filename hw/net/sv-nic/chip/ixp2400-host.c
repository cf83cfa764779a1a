/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400: tables of host memory, one for each page of the doorbell aperture.
 *
 * An entry is an address on the host's bus.  It is translated by the bridge's
 * upstream windows.  The memory there is looked up when it is first used, by
 * any thread, and cached as a pointer with a reference on its memory region.
 * Pointers are dropped before they become invalid:
 *
 *  - when the memory that the card sees changes (RAM is unplugged, bus master
 *    is turned off, a BAR moves), a memory listener drops them all, with the
 *    BQL and the microengines paused; so does a window that moves, and memory
 *    of which the guest unplugs blocks (virtio-mem);
 *  - behind an IOMMU, which can change its mind without telling, the card
 *    runs inline, and they are dropped after every step;
 *  - a reset empties the tables.
 *
 * Entries change with the BQL, while no context uses their table; pointers
 * appear in any step, and disappear as above.
 *
 * Spec: "Host placement".
 */
#include "qemu/osdep.h"
#include "qemu/sv-nic-compat.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"
#include "qemu/timer.h"
#include "system/tcg.h"
#include "ixp2400.h"
#include "trace.h"

#define IXP_HOST_EMPTY      UINT64_MAX

/* The RAM at @address if all of the page is writable RAM, or NULL. Any. */
static uint8_t *ixp_host_lookup(Ixp *ix, uint64_t address)
{
    uint32_t len = SVNIC_PAGE_SIZE;
    uint64_t local = ix->upstream->local(ix->opaque, address);
    uint8_t *p;

    if (local == UINT64_MAX) {
        return NULL;
    }
    p = ix->upstream->map(ix->opaque, local, &len, true);
    if (p && len != SVNIC_PAGE_SIZE) {
        ix->upstream->unmap(ix->opaque, p, len, true);
        p = NULL;
    }
    return p;
}

static void ixp_host_release(Ixp *ix, uint8_t *p)
{
    ix->upstream->unmap(ix->opaque, p, SVNIC_PAGE_SIZE, true);
}

uint8_t *ixp_host_page(Ixp *ix, unsigned table, uint32_t page)
{
    uint8_t **pointer = &ix->host[table].page[page];
    uint64_t address = ix->host_address[table][page];
    uint8_t *other;
    uint8_t *p;

    if (address == IXP_HOST_EMPTY) {
        return NULL;
    }
    p = ixp_host_lookup(ix, address);
    if (!p) {
        stat64_add(&ix->host_unreached, 1);
        trace_ixp_host_unreached(table, page, address);
        return NULL;
    }
    trace_ixp_host_lookup(table, page, address);
    other = qatomic_cmpxchg(pointer, NULL, p);
    if (other) {
        /* Another thread was faster. */
        ixp_host_release(ix, p);
        return other;
    }
    if (ix->host_volatile) {
        g_array_append_val(ix->host_used, pointer);
    }
    return p;
}

void ixp_host_written(Ixp *ix, unsigned table, uint32_t page, uint32_t offset,
                      uint32_t length)
{
    uint8_t *p = ix->host[table].page[page] + offset;
    ram_addr_t ignored;

    /*
     * TCG must drop code translated from there.  No other dirty-memory client
     * uses it: the card blocks migration.
     */
    if (tcg_enabled()) {
        RCU_READ_LOCK_GUARD();
        memory_region_ref(memory_region_from_host(p, &ignored));
        address_space_unmap(&address_space_memory, p, length, true, length);
    }
}

/* ---- dropping pointers; BQL, and no context is inside a step ---- */

static void ixp_host_drop_pointer(Ixp *ix, uint8_t **pointer)
{
    if (*pointer) {
        ixp_host_release(ix, *pointer);
        *pointer = NULL;
    }
}

void ixp_host_step_done(Ixp *ix)
{
    for (unsigned i = 0; i < ix->host_used->len; i++) {
        ixp_host_drop_pointer(ix, g_array_index(ix->host_used, uint8_t **, i));
    }
    g_array_set_size(ix->host_used, 0);
}

static bool ixp_host_has_tables(Ixp *ix)
{
    for (unsigned i = 0; i < ix->config.pages; i++) {
        if (ix->host[i].pages) {
            return true;
        }
    }
    return false;
}

void ixp_host_changed(Ixp *ix)
{
    int64_t start = get_clock();

    if (!ix->live || !ixp_host_has_tables(ix)) {
        return;
    }
    ixp_me_pause(ix);
    for (unsigned t = 0; t < ix->config.pages; t++) {
        for (uint32_t i = 0; i < ix->host[t].pages; i++) {
            ixp_host_drop_pointer(ix, &ix->host[t].page[i]);
        }
    }
    g_array_set_size(ix->host_used, 0);
    trace_ixp_host_changed();
    ixp_me_resume(ix);
    ixp_run_count(&ix->host_changes, start);
}

/* ---- entries; BQL, and no context uses the table ---- */

static void ixp_host_set(Ixp *ix, unsigned table, uint32_t page,
                         uint64_t address)
{
    uint64_t *entry = &ix->host_address[table][page];

    ixp_host_drop_pointer(ix, &ix->host[table].page[page]);
    if (*entry != IXP_HOST_EMPTY) {
        g_hash_table_remove(ix->host_in_use, entry);
    }
    *entry = address;
    if (address != IXP_HOST_EMPTY) {
        g_hash_table_add(ix->host_in_use, entry);
    }
}

bool ixp_host_resize(Ixp *ix, unsigned table, uint32_t pages)
{
    IxpHostTable *t = &ix->host[table];
    uint8_t **pointer = g_try_new0(uint8_t *, pages);
    uint64_t *address = g_try_new(uint64_t, pages);

    if (pages && (!pointer || !address)) {
        g_free(pointer);
        g_free(address);
        return false;
    }
    trace_ixp_host_resize(table, pages);
    ixp_host_step_done(ix);
    for (uint32_t i = 0; i < t->pages; i++) {
        ixp_host_set(ix, table, i, IXP_HOST_EMPTY);
    }
    g_free(t->page);
    g_free(ix->host_address[table]);
    for (uint32_t i = 0; i < pages; i++) {
        address[i] = IXP_HOST_EMPTY;
    }
    t->pages = pages;
    t->page = pointer;
    ix->host_address[table] = address;
    return true;
}

static IxpHostStatus ixp_host_check(Ixp *ix, unsigned table,
                                    const IxpHostExtent *e)
{
    for (uint32_t i = 0; i < e->pages; i++) {
        uint64_t address = e->address + (uint64_t)i * SVNIC_PAGE_SIZE;
        uint64_t *holder = g_hash_table_lookup(ix->host_in_use, &address);
        uint8_t *p;

        if (holder && holder != &ix->host_address[table][e->page + i]) {
            trace_ixp_host_refused(table, e->page + i, address, "in use");
            return IXP_HOST_IN_USE;
        }
        p = ixp_host_lookup(ix, address);
        if (!p) {
            trace_ixp_host_refused(table, e->page + i, address, "no RAM");
            return IXP_HOST_NO_RAM;
        }
        ixp_host_release(ix, p);
    }
    return IXP_HOST_OK;
}

/* Two extents would fill one entry twice, or two entries with one page. */
static bool ixp_host_overlap(const IxpHostExtent *a, const IxpHostExtent *b)
{
    return (a->page < b->page + b->pages && b->page < a->page + a->pages) ||
           (a->address < b->address + b->pages * SVNIC_PAGE_SIZE &&
            b->address < a->address + a->pages * SVNIC_PAGE_SIZE);
}

IxpHostStatus ixp_host_map(Ixp *ix, unsigned table,
                           const IxpHostExtent *extent, unsigned extents)
{
    for (unsigned i = 0; i < extents; i++) {
        IxpHostStatus status = ixp_host_check(ix, table, &extent[i]);

        for (unsigned n = 0; n < i && status == IXP_HOST_OK; n++) {
            if (ixp_host_overlap(&extent[i], &extent[n])) {
                trace_ixp_host_refused(table, extent[i].page,
                                       extent[i].address, "twice");
                status = IXP_HOST_IN_USE;
            }
        }
        if (status != IXP_HOST_OK) {
            ix->host_refused++;
            return status;
        }
    }
    for (unsigned i = 0; i < extents; i++) {
        const IxpHostExtent *e = &extent[i];

        trace_ixp_host_map(table, e->page, e->pages, e->address);
        for (uint32_t n = 0; n < e->pages; n++) {
            ixp_host_set(ix, table, e->page + n,
                         e->address + (uint64_t)n * SVNIC_PAGE_SIZE);
        }
    }
    return IXP_HOST_OK;
}

/* ---- changes of host memory; BQL ---- */

/* A section of a RamDiscardManager, which adds and removes blocks. */
typedef struct IxpHostBlocks {
    Ixp *ix;
    MemoryRegion *mr;
    hwaddr offset;              /* of the section in its memory region */
    RamDiscardListener listener;
} IxpHostBlocks;

static int ixp_host_plugged(RamDiscardListener *listener,
                            MemoryRegionSection *section)
{
    return 0;
}

/*
 * Blocks are being removed.  A lookup still finds them until this has returned,
 * so the chip stays paused until then.
 */
static void ixp_host_unplugged(RamDiscardListener *listener,
                               MemoryRegionSection *section)
{
    IxpHostBlocks *blocks = container_of(listener, IxpHostBlocks, listener);

    trace_ixp_host_unplugged(section->offset_within_region,
                             int128_get64(section->size));
    if (!blocks->ix->host_hold) {
        blocks->ix->host_hold = true;
        ixp_stop(blocks->ix);
    }
    ixp_bh_schedule(blocks->ix, blocks->ix->host_bh);
}

static void ixp_host_bh(void *opaque)
{
    Ixp *ix = opaque;
    IXP_ENTRY(ix);

    if (ix->host_hold) {
        ix->host_hold = false;
        ixp_host_changed(ix);
        ixp_start(ix);
    }
}

static void ixp_host_watch_section(Ixp *ix, MemoryRegionSection *section)
{
    RamDiscardManager *rdm =
        memory_region_get_ram_discard_manager(section->mr);
    IxpHostBlocks *blocks;

    if (rdm) {
        blocks = g_new0(IxpHostBlocks, 1);
        blocks->ix = ix;
        blocks->mr = section->mr;
        blocks->offset = section->offset_within_region;
        g_ptr_array_add(ix->host_blocks, blocks);
        ram_discard_listener_init(&blocks->listener, ixp_host_plugged,
                                  ixp_host_unplugged, true);
        ram_discard_manager_register_listener(rdm, &blocks->listener, section);
    }
}

static void ixp_host_unwatch_section(Ixp *ix, MemoryRegionSection *section)
{
    for (unsigned i = 0; i < ix->host_blocks->len; i++) {
        IxpHostBlocks *blocks = g_ptr_array_index(ix->host_blocks, i);

        if (blocks->mr == section->mr &&
            blocks->offset == section->offset_within_region) {
            ram_discard_manager_unregister_listener(
                memory_region_get_ram_discard_manager(section->mr),
                &blocks->listener);
            g_ptr_array_remove_index(ix->host_blocks, i);
            g_free(blocks);
            ix->host_wait = true;
            return;
        }
    }
}

static void ixp_host_region_add(MemoryListener *listener,
                                MemoryRegionSection *section)
{
    Ixp *ix = container_of(listener, Ixp, host_listener);

    ixp_host_watch_section(ix, section);
    ix->host_dirty = true;
}

static void ixp_host_region_del(MemoryListener *listener,
                                MemoryRegionSection *section)
{
    Ixp *ix = container_of(listener, Ixp, host_listener);

    ixp_host_unwatch_section(ix, section);
    ix->host_dirty = true;
}

static void ixp_host_commit(MemoryListener *listener)
{
    Ixp *ix = container_of(listener, Ixp, host_listener);

    if (ix->host_dirty) {
        ix->host_dirty = false;
        ixp_host_changed(ix);
    }
    if (ix->host_wait && ix->live) {
        /* A step that still uses a manager being removed ends first. */
        ixp_me_pause(ix);
        ixp_me_resume(ix);
    }
    ix->host_wait = false;
}

void ixp_host_watch(Ixp *ix, AddressSpace *as)
{
    ix->host_listener = (MemoryListener) {
        .name = "sv-nic",
        .region_add = ixp_host_region_add,
        .region_del = ixp_host_region_del,
        .commit = ixp_host_commit,
    };
    memory_listener_register(&ix->host_listener, as);
}

void ixp_host_unwatch(Ixp *ix)
{
    memory_listener_unregister(&ix->host_listener);
}

void ixp_host_reset(Ixp *ix)
{
    for (unsigned i = 0; i < ix->config.pages; i++) {
        ixp_host_resize(ix, i, 0);
    }
}

void ixp_host_set_volatile(Ixp *ix, bool is_volatile)
{
    ix->host_volatile = is_volatile;
    /* Workers must not use pointers of inline steps. */
    ix->config.host = is_volatile && ix->workers ? NULL : ix->host;
}

void ixp_host_init(Ixp *ix)
{
    ix->host_in_use = g_hash_table_new(g_int64_hash, g_int64_equal);
    ix->host_blocks = g_ptr_array_new();
    ix->host_bh = qemu_bh_new_guarded(ixp_host_bh, ix,
                                      &ix->dev->mem_reentrancy_guard);
    ix->host_used = g_array_new(false, false, sizeof(uint8_t **));
    ixp_host_set_volatile(ix, false);
}

void ixp_host_uninit(Ixp *ix)
{
    ixp_host_reset(ix);
    qemu_bh_delete(ix->host_bh);
    ix->host_bh = NULL;
    g_ptr_array_unref(ix->host_blocks);
    g_hash_table_unref(ix->host_in_use);
    g_array_unref(ix->host_used);
}
