/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocation of SDRAM pages to regions of VIFs: first fit, so that the same
 * commands always give the same layout.  Each VIF has at most one region: a
 * sorted table holds all the state, and none of it is in memory that the host
 * can write.  A region is cleared when it is allocated and when it is freed: at
 * power-up SDRAM may hold anything, and no data of a VIF remains for the next
 * one.
 *
 * Called by vif.c on the XScale.
 */
#include "fw.h"

/* Offsets in the ABI have 32 bits. */
static uint32_t sdram_pages(const SvnicFw *fw)
{
    uint64_t pages = fw->sdram_size / SVNIC_PAGE_SIZE;
    uint64_t limit = (UINT64_C(1) << 32) / SVNIC_PAGE_SIZE;

    return pages < limit ? pages : limit;
}

/* Pages free before region @i (behind the last if @i == regions). */
static uint32_t free_gap(const SvnicFw *fw, uint32_t i, uint32_t *start)
{
    uint32_t end = i < fw->regions ? fw->region[i].page : sdram_pages(fw);

    *start = i ? fw->region[i - 1].page + fw->region[i - 1].pages
               : FW_SDRAM_RESERVED / SVNIC_PAGE_SIZE;
    return end > *start ? end - *start : 0;
}

static uint32_t find_region(const SvnicFw *fw, uint32_t page)
{
    uint32_t i = 0;

    while (i < fw->regions && fw->region[i].page != page) {
        i++;
    }
    return i;
}

/* Zeroes it before the command that is being executed is answered. */
static void scrub(SvnicFw *fw, FwRegion region)
{
    fw->scrub[fw->scrubs++] = region;
}

void fw_sdram_scrub(SvnicFw *fw)
{
    FwRegion *region = &fw->scrub[fw->scrubs - 1];
    uint32_t pages = region->pages < FW_SCRUB_PAGES ? region->pages
                                                 : FW_SCRUB_PAGES;

    memset(fw->sdram + (uint64_t)region->page * SVNIC_PAGE_SIZE, 0,
           pages * SVNIC_PAGE_SIZE);
    region->page += pages;
    region->pages -= pages;
    if (!region->pages) {
        fw->scrubs--;
    }
}

static void insert_region(SvnicFw *fw, uint32_t i, uint32_t page,
                          uint32_t pages)
{
    memmove(&fw->region[i + 1], &fw->region[i],
            (fw->regions - i) * sizeof(fw->region[0]));
    fw->region[i] = (FwRegion) { .page = page, .pages = pages };
    fw->regions++;
}

static void remove_region(SvnicFw *fw, uint32_t i)
{
    fw->regions--;
    memmove(&fw->region[i], &fw->region[i + 1],
            (fw->regions - i) * sizeof(fw->region[0]));
}

uint32_t fw_sdram_alloc(SvnicFw *fw, uint32_t pages)
{
    if (fw->regions == SVNIC_MAX_VIFS) {
        return 0;
    }
    for (uint32_t i = 0; i <= fw->regions; i++) {
        uint32_t start;

        if (free_gap(fw, i, &start) >= pages) {
            insert_region(fw, i, start, pages);
            scrub(fw, fw->region[i]);
            return start;
        }
    }
    return 0;
}

void fw_sdram_free(SvnicFw *fw, uint32_t page)
{
    uint32_t i = find_region(fw, page);

    scrub(fw, fw->region[i]);
    remove_region(fw, i);
}

uint32_t fw_sdram_realloc(SvnicFw *fw, uint32_t old, uint32_t pages)
{
    uint32_t i = find_region(fw, old);
    FwRegion region = fw->region[i];
    uint32_t page;

    remove_region(fw, i);
    page = fw_sdram_alloc(fw, pages);
    if (page) {
        scrub(fw, region);
    } else {
        insert_region(fw, i, region.page, region.pages);
    }
    return page;
}

uint32_t fw_sdram_largest(const SvnicFw *fw)
{
    uint32_t largest = 0;

    for (uint32_t i = 0; i <= fw->regions; i++) {
        uint32_t start;
        uint32_t pages = free_gap(fw, i, &start);

        largest = pages > largest ? pages : largest;
    }
    return largest;
}
