/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 21555: upstream transfers, from the secondary bus to host memory.
 *
 * The chip is the initiator.  It calls these functions on any thread: with the
 * BQL, or from a worker, which must never wait for the BQL.  Therefore only
 * system RAM can be accessed, under RCU and without a bounce buffer.  All other
 * targets, including memory in the BAR of a device, are refused on every
 * thread, so that behaviour does not depend on the number of workers.
 *
 * Each write to a register that defines a window decodes the windows into
 * b->upstream, with the BQL.  Readers take a consistent copy by its sequence
 * lock.  Each entry of the lookup table is accessed atomically.
 *
 * Spec: "Upstream".
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"
#include "qemu/sv-nic-compat.h"
#include "hw/boards.h"
#include "hw/pci/pci.h"
#include "system/hostmem.h"
#include "i21555.h"
#include "trace.h"

/* Translation of an address of the secondary bus. */
typedef struct I21555Target {
    uint64_t addr;              /* on the primary bus */
    uint64_t left;              /* bytes to the end of the window or page */
    int page;                   /* of the lookup table, or -1 */
} I21555Target;

static void i21555_window_decode(I21555 *b, I21555Window *w, unsigned bar,
                                 uint32_t setup, uint32_t translated)
{
    bool on = (setup & SVNIC_SETUP_ENABLE) && !(setup & SVNIC_SETUP_IO);
    uint32_t mask = ~(setup & SVNIC_SETUP_SIZE_MASK);

    qatomic_set(&w->enabled, on);
    qatomic_set(&w->mask, mask);
    qatomic_set(&w->base, i21555_cfg32(b, bar) & ~mask);
    qatomic_set(&w->translated, translated & ~mask);
}

/* log2 of the page size of the lookup table; 0: window is disabled */
static unsigned i21555_page_shift(I21555 *b)
{
    unsigned code = extract32(i21555_cfg16(b, SVNIC_CFG_CHIP_CONTROL1),
                              SVNIC_CC1_PAGE_SIZE_SHIFT,
                              SVNIC_CC1_PAGE_SIZE_BITS);

    code |= extract32(i21555_cfg16(b, SVNIC_CFG_CHIP_CONTROL0),
                      SVNIC_CC0_PAGE_SIZE_EXT_SHIFT, 1)
            << SVNIC_CC1_PAGE_SIZE_BITS;
    return code && code <= SVNIC_LUT_PAGE_CODE_MAX
           ? SVNIC_LUT_PAGE_SHIFT(code) : 0;
}

uint32_t i21555_lookup_size(I21555 *b)
{
    unsigned shift = i21555_page_shift(b);

    return shift ? SVNIC_LUT_ENTRIES << shift : 0;
}

void i21555_upstream_update(I21555 *b)
{
    I21555Upstream *u = &b->upstream;
    uint32_t span = i21555_lookup_size(b);
    bool target = !b->held && (i21555_cfg16(b, SVNIC_CFG_SECONDARY_COMMAND) &
                               PCI_COMMAND_MEMORY);

    seqlock_write_begin(&u->lock);
    qatomic_set(&u->target, target);
    qatomic_set(&u->ones, !(i21555_cfg16(b, SVNIC_CFG_CHIP_CONTROL0) &
                            SVNIC_CC0_MASTER_ABORT_MODE));
    i21555_window_decode(b, &u->direct[0], SVNIC_CFG_UPSTREAM_MEM0_BAR,
                         i21555_cfg32(b, SVNIC_CFG_UPSTREAM_MEM0_SETUP),
                         i21555_cfg32(b, SVNIC_CFG_UPSTREAM_MEM0_BASE));
    i21555_window_decode(b, &u->direct[1], SVNIC_CFG_UPSTREAM_MEM1_BAR,
                         i21555_cfg32(b, SVNIC_CFG_UPSTREAM_MEM1_SETUP),
                         i21555_cfg32(b, SVNIC_CFG_UPSTREAM_MEM1_BASE));
    qatomic_set(&u->lookup.enabled, span != 0);
    qatomic_set(&u->lookup.mask, span - 1);
    qatomic_set(&u->lookup.base,
                i21555_cfg32(b, SVNIC_CFG_UPSTREAM_MEM2_BAR) & -span);
    qatomic_set(&u->page_shift, i21555_page_shift(b));
    qatomic_set(&u->csr, i21555_cfg32(b, SVNIC_CFG_SECONDARY_CSR_BAR));
    seqlock_write_end(&u->lock);
    b->board->upstream_moved(b->opaque);
}

/* Copies a consistent state of the windows.  Any thread. */
static void i21555_upstream_snapshot(I21555 *b, I21555Upstream *copy)
{
    I21555Upstream *u = &b->upstream;
    unsigned start;

    do {
        start = seqlock_read_begin(&u->lock);
        copy->target = qatomic_read(&u->target);
        copy->ones = qatomic_read(&u->ones);
        copy->page_shift = qatomic_read(&u->page_shift);
        copy->csr = qatomic_read(&u->csr);
        for (unsigned i = 0; i < I21555_UPSTREAM_WINDOWS; i++) {
            I21555Window *from = &u->window[i], *to = &copy->window[i];

            to->enabled = qatomic_read(&from->enabled);
            to->base = qatomic_read(&from->base);
            to->mask = qatomic_read(&from->mask);
            to->translated = qatomic_read(&from->translated);
        }
    } while (seqlock_read_retry(&u->lock, start));
}

static bool i21555_window_hit(const I21555Window *w, uint64_t addr)
{
    return w->enabled && (addr & ~(uint64_t)w->mask) == w->base;
}

uint64_t i21555_upstream_local(I21555 *b, uint64_t host)
{
    I21555Upstream u;

    i21555_upstream_snapshot(b, &u);
    if (host > UINT32_MAX) {
        return host;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(u.direct); i++) {
        const I21555Window *w = &u.direct[i];

        if (w->enabled && (host & ~(uint64_t)w->mask) == w->translated) {
            return w->base | (host & w->mask);
        }
    }
    return UINT64_MAX;
}

bool i21555_upstream_claims(I21555 *b)
{
    return qatomic_read(&b->upstream.target);
}

/* Result for the initiator if no target answers; see Chip Control 0. */
static MemTxResult i21555_upstream_no_target(I21555 *b,
                                             const I21555Upstream *u)
{
    if (u->ones) {
        return MEMTX_DECODE_ERROR;
    }
    i21555_status(b, I21555_SECONDARY, PCI_STATUS_SIG_TARGET_ABORT);
    return MEMTX_ERROR;
}

static MemTxResult i21555_lookup(I21555 *b, const I21555Upstream *u,
                                 uint64_t addr, I21555Target *t)
{
    uint32_t offset = addr & u->lookup.mask;
    uint32_t in_page = offset & ((1u << u->page_shift) - 1);
    unsigned page = offset >> u->page_shift;
    uint32_t entry = qatomic_read(&b->lut[page]);

    if (!(entry & SVNIC_LUT_VALID)) {
        stat64_add(&b->upstream_invalid, 1);
        trace_i21555_upstream_invalid(addr, page, entry);
        return i21555_upstream_no_target(b, u);
    }
    t->addr = (entry & ~((1u << u->page_shift) - 1)) | in_page;
    t->left = (1u << u->page_shift) - in_page;
    t->page = page;
    return MEMTX_OK;
}

/* Translates @addr of the secondary bus.  Any thread. */
static MemTxResult i21555_translate(I21555 *b, const I21555Upstream *u,
                                    uint64_t addr, I21555Target *t)
{
    t->page = -1;
    if (u->target && addr > UINT32_MAX) {
        t->addr = addr;
        t->left = -addr;
        return MEMTX_OK;
    }
    for (unsigned i = 0; u->target && i < ARRAY_SIZE(u->direct); i++) {
        const I21555Window *w = &u->direct[i];

        if (i21555_window_hit(w, addr)) {
            t->addr = w->translated | (addr & w->mask);
            t->left = (uint64_t)w->mask + 1 - (addr & w->mask);
            return MEMTX_OK;
        }
    }
    if (u->target && i21555_window_hit(&u->lookup, addr)) {
        return i21555_lookup(b, u, addr, t);
    }
    stat64_add(&b->upstream_unclaimed, 1);
    trace_i21555_upstream_unclaimed(addr);
    return MEMTX_DECODE_ERROR | MEMTX_ERROR;
}

/*
 * Returns true for machine RAM and for plugged memory devices, false for memory
 * in the BAR of a device.  A memory device can map its memory by aliases
 * (nvdimm, virtio-mem); such a region has no container, but a region of a PCI
 * device has its bus as container.  Containers are guarded by the BQL, so this
 * only compares pointers.  Any thread.
 */
static bool i21555_system_ram(MemoryRegion *mr)
{
    MemoryRegion *ram = current_machine->ram;
    DeviceMemoryState *modules = current_machine->device_memory;

    if (mr == ram) {
        return true;
    }
    if (!mr->container) {
        return modules && mr->owner &&
               object_dynamic_cast(mr->owner, TYPE_MEMORY_BACKEND);
    }
    return mr->container == ram ||
           (modules && mr->container == &modules->mr);
}

/*
 * With virtio-mem, the guest plugs and unplugs memory in blocks.  Returns true
 * if the block of @offset is plugged, and limits *@len to the end of the block.
 * The RamDiscardManager is valid here: it is removed only after the listener
 * of ixp2400-host.c has handled the removal of its memory, and after that no
 * step uses this memory.  Under RCU.  Any thread.
 */
static bool i21555_populated(MemoryRegion *mr, hwaddr offset, hwaddr *len)
{
    RamDiscardManager *rdm = memory_region_get_ram_discard_manager(mr);
    MemoryRegionSection section;
    uint64_t block;

    if (likely(!rdm)) {
        return true;
    }
    block = ram_discard_manager_get_min_granularity(rdm, mr);
    block -= offset % block;
    *len = MIN(*len, block);
    section = (MemoryRegionSection) {
        .mr = mr,
        .offset_within_region = offset,
        .size = int128_make64(*len),
    };
    return ram_discard_manager_is_populated(rdm, &section);
}

/*
 * Finds the RAM at @addr of the primary bus, and limits *@len to what is
 * contiguous in host memory.  Takes a reference to the memory region.  Under
 * RCU.  Any thread.
 */
static MemTxResult i21555_ram(I21555 *b, const I21555Upstream *u,
                              uint64_t addr, hwaddr *len, bool write,
                              void **host)
{
    const MemTxAttrs attrs = {
        .memory = 1,
        .requester_id = pci_requester_id(b->pdev),
    };
    hwaddr offset;
    MemoryRegion *mr;
    bool no_target;

    /* Translation by an IOMMU can take the BQL. */
    if (qatomic_read(&b->iommu) && !bql_locked()) {
        goto refused;
    }
    mr = address_space_translate(pci_get_address_space(b->pdev), addr,
                                 &offset, len, write, attrs);
    /* QEMU's region for unassigned addresses: no container, not RAM */
    no_target = !mr->container && !memory_region_is_ram(mr);
    if (memory_access_is_direct(mr, write, attrs) && i21555_system_ram(mr)) {
        if (i21555_populated(mr, offset, len)) {
            memory_region_ref(mr);
            *host = (uint8_t *)memory_region_get_ram_ptr(mr) + offset;
            return MEMTX_OK;
        }
        no_target = true;
    }
    if (no_target) {
        stat64_add(&b->upstream_aborts, 1);
        i21555_status(b, I21555_PRIMARY, PCI_STATUS_REC_MASTER_ABORT);
        trace_i21555_upstream_abort(addr, write);
        return i21555_upstream_no_target(b, u);
    }

refused:
    i21555_status(b, I21555_PRIMARY, PCI_STATUS_REC_TARGET_ABORT);
    i21555_status(b, I21555_SECONDARY, PCI_STATUS_SIG_TARGET_ABORT);
    stat64_add(&b->upstream_refused, 1);
    trace_i21555_upstream_refused(addr, write);
    return MEMTX_ACCESS_ERROR | MEMTX_ERROR;
}

/* As i21555_ram(), but @addr is on the secondary bus. */
static MemTxResult i21555_upstream_ram(I21555 *b, const I21555Upstream *u,
                                       uint64_t addr, hwaddr *len, bool write,
                                       void **host)
{
    I21555Target t;
    MemTxResult result = i21555_translate(b, u, addr, &t);

    if (result != MEMTX_OK) {
        return result;
    }
    *len = MIN(*len, t.left);
    result = i21555_ram(b, u, t.addr, len, write, host);
    if (result == MEMTX_OK && t.page >= 0 && t.left - *len < 4) {
        i21555_page_event(b, t.page);
    }
    return result;
}

static void i21555_upstream_done(I21555 *b, void *host, hwaddr len, bool write)
{
    /* @host is no bounce buffer: marks RAM dirty, drops the reference. */
    address_space_unmap(pci_get_address_space(b->pdev), host, len, write, len);
}

/*
 * The chip accesses the CSRs of the bridge, one dword at a time; the first and
 * the last dword can be partial.  The CSRs are guarded by the BQL, so an access
 * from a worker is refused.
 */
static MemTxResult i21555_chip_csr(I21555 *b, uint32_t offset, uint8_t *p,
                                   uint32_t len, bool write)
{
    if (!bql_locked()) {
        stat64_add(&b->upstream_refused, 1);
        trace_i21555_upstream_refused(offset, write);
        return MEMTX_ACCESS_ERROR | MEMTX_ERROR;
    }
    while (len) {
        unsigned n = MIN(len, 4 - (offset & 3));
        uint8_t dword[4] = { };

        if (write) {
            memcpy(dword, p, n);
            i21555_csr_write(b, I21555_SECONDARY, offset, ldl_le_p(dword), n);
        } else {
            stl_le_p(dword, i21555_csr_read(b, I21555_SECONDARY, offset, n));
            memcpy(p, dword, n);
        }
        p += n;
        offset += n;
        len -= n;
    }
    return MEMTX_OK;
}

/* Returns true if [@addr, @addr + @len) is within the CSRs of the bridge. */
static bool i21555_csr_hit(const I21555Upstream *u, uint64_t addr,
                           uint32_t len)
{
    return u->target && u->csr && addr >= u->csr &&
           addr - u->csr < SVNIC_CSR_SIZE &&
           len <= SVNIC_CSR_SIZE - (addr - u->csr);
}

bool i21555_upstream_registers(I21555 *b, uint64_t addr, uint32_t len)
{
    I21555Upstream u;

    i21555_upstream_snapshot(b, &u);
    return i21555_csr_hit(&u, addr, len);
}

MemTxResult i21555_upstream_rw(I21555 *b, uint64_t addr, void *buf,
                               uint32_t len, bool write)
{
    uint8_t *p = buf;
    I21555Upstream u;

    RCU_READ_LOCK_GUARD();
    i21555_upstream_snapshot(b, &u);
    if (i21555_csr_hit(&u, addr, len)) {
        return i21555_chip_csr(b, addr - u.csr, p, len, write);
    }
    while (len) {
        hwaddr n = len;
        void *host;
        MemTxResult result = i21555_upstream_ram(b, &u, addr, &n, write,
                                                 &host);

        if (result != MEMTX_OK) {
            if (!write) {
                memset(p, result & MEMTX_ERROR ? 0 : 0xff, len);
            }
            return result;
        }
        if (write) {
            memcpy(host, p, n);
        } else {
            memcpy(p, host, n);
        }
        i21555_upstream_done(b, host, n, write);
        p += n;
        addr += n;
        len -= n;
    }
    return MEMTX_OK;
}

void *i21555_upstream_map(I21555 *b, uint64_t addr, uint32_t *len, bool write)
{
    I21555Upstream u;
    hwaddr n = *len;
    void *host;

    RCU_READ_LOCK_GUARD();
    i21555_upstream_snapshot(b, &u);
    if (i21555_upstream_ram(b, &u, addr, &n, write, &host) != MEMTX_OK) {
        return NULL;
    }
    *len = n;
    return host;
}

void i21555_upstream_unmap(I21555 *b, void *host, uint32_t len, bool write)
{
    RCU_READ_LOCK_GUARD();
    i21555_upstream_done(b, host, len, write);
}

/* ---- registers ---- */

const I21555Handler i21555_up_register = {
    .changed = i21555_upstream_update,
};

static uint32_t i21555_lut_get(I21555 *b, unsigned n)
{
    return qatomic_read(&b->lut[n]);
}

static void i21555_lut_set(I21555 *b, unsigned n, uint32_t bits,
                           uint32_t lanes)
{
    lanes &= SVNIC_LUT_BASE_MASK | SVNIC_LUT_PREFETCHABLE | SVNIC_LUT_VALID;
    qatomic_set(&b->lut[n], (i21555_lut_get(b, n) & ~lanes) | (bits & lanes));
}

static uint32_t i21555_lut_read(I21555 *b, I21555Side side, unsigned at,
                                uint32_t lanes)
{
    return i21555_lut_get(b, (at - SVNIC_CSR_LUT(0)) / 4);
}

static void i21555_lut_write(I21555 *b, I21555Side side, unsigned at,
                             uint32_t bits, uint32_t lanes)
{
    i21555_lut_set(b, (at - SVNIC_CSR_LUT(0)) / 4, bits, lanes);
}

const I21555Handler i21555_lut = {
    .read = i21555_lut_read,
    .write = i21555_lut_write,
};

/* Indirect access: LUT_OFFSET has the byte offset of the entry. */
static unsigned i21555_lut_index(I21555 *b)
{
    return b->csr_file[SVNIC_CSR_LUT_OFFSET] / 4;
}

static uint32_t i21555_lut_data_read(I21555 *b, I21555Side side, unsigned at,
                                     uint32_t lanes)
{
    return i21555_lut_get(b, i21555_lut_index(b));
}

static void i21555_lut_data_write(I21555 *b, I21555Side side, unsigned at,
                                  uint32_t bits, uint32_t lanes)
{
    i21555_lut_set(b, i21555_lut_index(b), bits, lanes);
}

const I21555Handler i21555_lut_data = {
    .read = i21555_lut_data_read,
    .write = i21555_lut_data_write,
};

void i21555_upstream_reset(I21555 *b)
{
    for (unsigned i = 0; i < SVNIC_LUT_ENTRIES; i++) {
        qatomic_set(&b->lut[i], 0);
    }
    i21555_upstream_update(b);
}
