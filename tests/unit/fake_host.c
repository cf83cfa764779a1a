/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See fake_chip.h: the fake chip's host memory.
 *
 * Host memory is a memfd, so that the owner of a region with scattered pages
 * can map them contiguously, as a kernel does with vmap().  Tables are changed
 * on the XScale, or by a test while contexts are paused.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake_chip_impl.h"

#define LINE                    64
#define LINES                   (SVNIC_PAGE_SIZE / LINE)

static void *check(void *p, const char *what)
{
    if (!p || p == MAP_FAILED) {
        perror(what);
        exit(1);
    }
    return p;
}

static uint8_t *map_pages(int fd, void *at, uint32_t page, uint32_t pages)
{
    return check(mmap(at, (size_t)pages * SVNIC_PAGE_SIZE,
                      PROT_READ | PROT_WRITE,
                      MAP_SHARED | (at ? MAP_FIXED : 0), fd,
                      (off_t)page * SVNIC_PAGE_SIZE), "fake host: mmap");
}

void fake_host_init(Ixp *ix, uint32_t pages)
{
    FakeHost *h = &ix->host;

    h->pages = pages;
    if (!pages) {
        return;
    }
    h->fd = memfd_create("fake-host", 0);
    if (h->fd < 0 || ftruncate(h->fd, (off_t)pages * SVNIC_PAGE_SIZE)) {
        perror("fake host: memory");
        exit(1);
    }
    h->memory = map_pages(h->fd, NULL, 0, pages);
    h->state = check(calloc(pages, sizeof(*h->state)), "fake host: pages");
    ix->config.host = h->table;
}

void fake_host_uninit(Ixp *ix)
{
    FakeHost *h = &ix->host;

    if (!h->pages) {
        return;
    }
    fake_host_reset(ix);
    munmap(h->memory, (size_t)h->pages * SVNIC_PAGE_SIZE);
    close(h->fd);
    free(h->state);
}

void fake_host_reset(Ixp *ix)
{
    for (unsigned i = 0; i < IXP_MAX_PAGES; i++) {
        if (ix->host.table[i].page) {
            ixp_host_resize(ix, i, 0);
        }
    }
}

/* The number of the page at @address, or the number of pages if none. */
static uint32_t page_of(const FakeHost *h, uint64_t address)
{
    uint64_t n = (address - FAKE_HOST_BASE) / SVNIC_PAGE_SIZE;

    return address >= FAKE_HOST_BASE && n < h->pages ? n : h->pages;
}

/* ---- the chip's side ---- */

bool ixp_host_resize(Ixp *ix, unsigned table, uint32_t pages)
{
    IxpHostTable *t = &ix->host.table[table];
    uint8_t **page = NULL;

    if (pages) {
        if (ix->host.no_memory) {
            return false;
        }
        page = check(calloc(pages, sizeof(*page)), "fake host: table");
    }
    for (uint32_t i = 0; i < ix->host.pages; i++) {
        if (ix->host.state[i].table == table + 1) {
            ix->host.state[i].table = 0;
        }
    }
    free(t->page);
    *t = (IxpHostTable) { .pages = pages, .page = page };
    return true;
}

static IxpHostStatus check_page(FakeHost *h, unsigned table, uint32_t entry,
                                uint64_t address)
{
    uint32_t n = page_of(h, address);

    if (n == h->pages || h->state[n].lost) {
        return IXP_HOST_NO_RAM;
    }
    if (h->state[n].taken ||
        (h->state[n].table &&
         (h->state[n].table != table + 1 || h->state[n].entry != entry))) {
        return IXP_HOST_IN_USE;
    }
    h->state[n].taken = true;
    return IXP_HOST_OK;
}

static void unmap_entry(FakeHost *h, unsigned table, uint32_t entry)
{
    for (uint32_t i = 0; i < h->pages; i++) {
        if (h->state[i].table == table + 1 && h->state[i].entry == entry) {
            h->state[i].table = 0;
        }
    }
}

IxpHostStatus ixp_host_map(Ixp *ix, unsigned table,
                           const IxpHostExtent *extent, unsigned extents)
{
    FakeHost *h = &ix->host;

    for (uint32_t i = 0; i < h->pages; i++) {
        h->state[i].taken = false;
    }
    for (unsigned i = 0; i < extents; i++) {
        for (uint32_t n = 0; n < extent[i].pages; n++) {
            IxpHostStatus status =
                check_page(h, table, extent[i].page + n,
                           extent[i].address + n * SVNIC_PAGE_SIZE);

            if (status != IXP_HOST_OK) {
                return status;
            }
        }
    }
    for (unsigned i = 0; i < extents; i++) {
        for (uint32_t n = 0; n < extent[i].pages; n++) {
            uint32_t page = page_of(h, extent[i].address +
                                    n * SVNIC_PAGE_SIZE);
            uint32_t entry = extent[i].page + n;

            unmap_entry(h, table, entry);
            h->state[page].table = table + 1;
            h->state[page].entry = entry;
            h->table[table].page[entry] = NULL;
        }
    }
    return IXP_HOST_OK;
}

uint8_t *ixp_host_page(Ixp *ix, unsigned table, uint32_t page)
{
    FakeHost *h = &ix->host;

    for (uint32_t i = 0; i < h->pages; i++) {
        if (h->state[i].table == table + 1 && h->state[i].entry == page &&
            !h->state[i].lost) {
            uint8_t *p = h->memory + (size_t)i * SVNIC_PAGE_SIZE;

            __atomic_store_n(&h->table[table].page[page], p,
                             __ATOMIC_RELAXED);
            return p;
        }
    }
    __atomic_fetch_add(&h->unreached, 1, __ATOMIC_RELAXED);
    return NULL;
}

void ixp_host_written(Ixp *ix, unsigned table, uint32_t page, uint32_t offset,
                      uint32_t length)
{
    FakeHost *h = &ix->host;
    size_t n;

    if (!h->watch) {
        return;
    }
    n = (h->table[table].page[page] - h->memory) / SVNIC_PAGE_SIZE;
    for (uint32_t i = offset / LINE; i < (offset + length + LINE - 1) / LINE;
         i++) {
        __atomic_fetch_or(&h->state[n].written, UINT64_C(1) << i,
                          __ATOMIC_RELAXED);
    }
}

/* ---- the host's side ---- */

uint8_t *fake_host(Ixp *ix, uint64_t address)
{
    return ix->host.memory + (address - FAKE_HOST_BASE);
}

uint8_t *fake_host_view(Ixp *ix, const uint64_t *address, uint32_t pages)
{
    uint8_t *view = check(mmap(NULL, (size_t)pages * SVNIC_PAGE_SIZE,
                               PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                          "fake host: view");

    for (uint32_t i = 0; i < pages; i++) {
        map_pages(ix->host.fd, view + (size_t)i * SVNIC_PAGE_SIZE,
                  page_of(&ix->host, address[i]), 1);
    }
    return view;
}

void fake_host_view_free(uint8_t *view, uint32_t pages)
{
    munmap(view, (size_t)pages * SVNIC_PAGE_SIZE);
}

void fake_host_lose(Ixp *ix, uint64_t address, bool lost)
{
    FakeHost *h = &ix->host;
    uint32_t n = page_of(h, address);
    FakeHostPage *page = &h->state[n];

    ixp_me_pause(ix);
    page->lost = lost;
    if (page->table) {
        h->table[page->table - 1].page[page->entry] = NULL;
    }
    ixp_me_resume(ix);
}

void fake_host_no_memory(Ixp *ix, bool none)
{
    ix->host.no_memory = none;
}

unsigned fake_host_unreached(Ixp *ix)
{
    return __atomic_load_n(&ix->host.unreached, __ATOMIC_RELAXED);
}

uint64_t fake_host_written(Ixp *ix, uint64_t address)
{
    return __atomic_exchange_n(&ix->host.state[page_of(&ix->host,
                                                       address)].written, 0,
                               __ATOMIC_RELAXED);
}
