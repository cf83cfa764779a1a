/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs of SDRAM pages for VIFs: first fit, so that the same commands always
 * give the same layout.  There is at most one run a VIF: a sorted table is
 * all the bookkeeping, and none of it lies in memory that the host can write.
 * A run is scrubbed when it is given and when it is taken back: at the first
 * moment SDRAM may hold anything, and nobody's bytes outlive their VIF.
 *
 * Called by vif.c on the XScale.
 */
#include "fw.h"

/* Offsets in the ABI have 32 bits. */
static uint32_t sdram_pages(const SvnicFw *fw)
{
    uint64_t pages = fw->sdram_size / SVNIC_PAGE_SIZE;
    uint64_t most = (UINT64_C(1) << 32) / SVNIC_PAGE_SIZE;

    return pages < most ? pages : most;
}

/* The gap in front of run @i (behind the last if @i == runs). */
static uint32_t gap(const SvnicFw *fw, uint32_t i, uint32_t *start)
{
    uint32_t end = i < fw->runs ? fw->run[i].page : sdram_pages(fw);

    *start = i ? fw->run[i - 1].page + fw->run[i - 1].pages
               : FW_SDRAM_RESERVED / SVNIC_PAGE_SIZE;
    return end > *start ? end - *start : 0;
}

static uint32_t find(const SvnicFw *fw, uint32_t page)
{
    uint32_t i = 0;

    while (i < fw->runs && fw->run[i].page != page) {
        i++;
    }
    return i;
}

/* Has it zeroed before the command that is being served is answered. */
static void scrub(SvnicFw *fw, FwRun run)
{
    fw->scrub[fw->scrubs++] = run;
}

void fw_sdram_scrub(SvnicFw *fw)
{
    FwRun *run = &fw->scrub[fw->scrubs - 1];
    uint32_t pages = run->pages < FW_SCRUB_PAGES ? run->pages
                                                 : FW_SCRUB_PAGES;

    memset(fw->sdram + (uint64_t)run->page * SVNIC_PAGE_SIZE, 0,
           pages * SVNIC_PAGE_SIZE);
    run->page += pages;
    run->pages -= pages;
    if (!run->pages) {
        fw->scrubs--;
    }
}

static void insert(SvnicFw *fw, uint32_t i, uint32_t page, uint32_t pages)
{
    memmove(&fw->run[i + 1], &fw->run[i],
            (fw->runs - i) * sizeof(fw->run[0]));
    fw->run[i] = (FwRun) { .page = page, .pages = pages };
    fw->runs++;
}

static void delete(SvnicFw *fw, uint32_t i)
{
    fw->runs--;
    memmove(&fw->run[i], &fw->run[i + 1],
            (fw->runs - i) * sizeof(fw->run[0]));
}

uint32_t fw_sdram_alloc(SvnicFw *fw, uint32_t pages)
{
    if (fw->runs == SVNIC_MAX_VIFS) {
        return 0;
    }
    for (uint32_t i = 0; i <= fw->runs; i++) {
        uint32_t start;

        if (gap(fw, i, &start) >= pages) {
            insert(fw, i, start, pages);
            scrub(fw, fw->run[i]);
            return start;
        }
    }
    return 0;
}

void fw_sdram_free(SvnicFw *fw, uint32_t page)
{
    uint32_t i = find(fw, page);

    scrub(fw, fw->run[i]);
    delete(fw, i);
}

uint32_t fw_sdram_exchange(SvnicFw *fw, uint32_t old, uint32_t pages)
{
    uint32_t i = find(fw, old);
    FwRun run = fw->run[i];
    uint32_t page;

    delete(fw, i);
    page = fw_sdram_alloc(fw, pages);
    if (page) {
        scrub(fw, run);
    } else {
        insert(fw, i, run.page, run.pages);
    }
    return page;
}

uint32_t fw_sdram_largest(const SvnicFw *fw)
{
    uint32_t largest = 0;

    for (uint32_t i = 0; i <= fw->runs; i++) {
        uint32_t start;
        uint32_t pages = gap(fw, i, &start);

        largest = pages > largest ? pages : largest;
    }
    return largest;
}
