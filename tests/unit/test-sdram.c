/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The allocator of SDRAM regions. */
#include "card.h"

static uint32_t pages_of(Card *c)
{
    return c->fw->sdram_size / SVNIC_PAGE_SIZE;
}

static bool all_zero(Card *c, uint32_t page, uint32_t pages)
{
    const uint8_t *p = c->fw->sdram + (uint64_t)page * SVNIC_PAGE_SIZE;
    uint64_t n = (uint64_t)pages * SVNIC_PAGE_SIZE;

    return !p[0] && !memcmp(p, p + 1, n - 1);
}

static void dirty(Card *c, uint32_t page, uint32_t pages)
{
    memset(c->fw->sdram + (uint64_t)page * SVNIC_PAGE_SIZE, 0x5a,
           (uint64_t)pages * SVNIC_PAGE_SIZE);
}

/* As a command does; each step zeroes so many pages at the most. */
static void scrub(Card *c)
{
    while (c->fw->scrubs) {
        FwRegion last = c->fw->scrub[c->fw->scrubs - 1];
        uint32_t left = last.pages > FW_SCRUB_PAGES
                        ? last.pages - FW_SCRUB_PAGES : 0;

        fw_sdram_scrub(c->fw);
        g_assert_true(all_zero(c, last.page, last.pages - left));
        g_assert_cmpuint(c->fw->scrubs ? c->fw->scrub[0].pages : 0, >=, left);
    }
}

static uint32_t take(Card *c, uint32_t pages)
{
    uint32_t page = fw_sdram_alloc(c->fw, pages);

    scrub(c);
    return page;
}

static void give(Card *c, uint32_t page)
{
    fw_sdram_free(c->fw, page);
    scrub(c);
}

static uint32_t swap(Card *c, uint32_t old, uint32_t pages)
{
    uint32_t page = fw_sdram_realloc(c->fw, old, pages);

    scrub(c);
    return page;
}

static void first_fit(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    uint32_t first = FW_SDRAM_RESERVED / SVNIC_PAGE_SIZE;

    g_assert_cmpuint(take(c, 10), ==, first);
    g_assert_cmpuint(take(c, 20), ==, first + 10);
    g_assert_cmpuint(take(c, 30), ==, first + 30);
    give(c, first + 10);
    g_assert_cmpuint(take(c, 21), ==, first + 60);
    g_assert_cmpuint(take(c, 15), ==, first + 10);
    g_assert_cmpuint(take(c, 5), ==, first + 25);
    give(c, first);
    g_assert_cmpuint(take(c, 1), ==, first);
    g_assert_cmpuint(take(c, 9), ==, first + 1);
}

static void neighbours_join(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    uint32_t largest = fw_sdram_largest(c->fw);
    uint32_t run[4];

    for (unsigned i = 0; i < 4; i++) {
        run[i] = take(c, 100);
    }
    g_assert_cmpuint(fw_sdram_largest(c->fw), ==, largest - 400);
    give(c, run[1]);
    give(c, run[3]);
    give(c, run[2]);
    g_assert_cmpuint(fw_sdram_largest(c->fw), ==, largest - 100);
    give(c, run[0]);
    g_assert_cmpuint(fw_sdram_largest(c->fw), ==, largest);
}

static void to_the_last_page(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    uint32_t largest = fw_sdram_largest(c->fw);
    uint32_t page;

    g_assert_cmpuint(largest, ==,
                     pages_of(c) - FW_SDRAM_RESERVED / SVNIC_PAGE_SIZE);
    g_assert_cmpuint(take(c, largest + 1), ==, 0);
    g_assert_cmpuint(take(c, UINT32_MAX), ==, 0);
    page = take(c, largest);
    g_assert_cmpuint(page + largest, ==, pages_of(c));
    g_assert_cmpuint(fw_sdram_largest(c->fw), ==, 0);
    g_assert_cmpuint(take(c, 1), ==, 0);
    give(c, page);
    g_assert_cmpuint(fw_sdram_largest(c->fw), ==, largest);
}

static void too_small(void)
{
    FakeChipConfig config = card_default;

    config.sdram_size = FW_SDRAM_RESERVED / 2;
    g_autoptr(Card) c = card_new(&config);

    g_assert_cmpuint(fw_sdram_largest(c->fw), ==, 0);
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_CREATE, 0, NULL), ==,
                     SVNIC_ST_NO_MEMORY);
}

static void scrubbed(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    uint32_t page = take(c, 64);
    uint32_t next = take(c, 64);

    /* SDRAM held 0xa5 everywhere. */
    g_assert_true(all_zero(c, page, 64));
    dirty(c, page, 64);
    dirty(c, next, 64);
    give(c, page);
    g_assert_true(all_zero(c, page, 64));
    g_assert_false(all_zero(c, next, 64));
    /* Written after it was freed: scrubbed before it is allocated again. */
    dirty(c, page, 64);
    g_assert_cmpuint(take(c, 64), ==, page);
    g_assert_true(all_zero(c, page, 64));
    g_assert_false(all_zero(c, next, 1));
}

static void exchange(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    uint32_t first = take(c, 100);
    uint32_t second = take(c, 100);
    uint32_t page;

    /* Into its own place and beyond what was its own. */
    dirty(c, second, 100);
    page = swap(c, second, 200);
    g_assert_cmpuint(page, ==, second);
    g_assert_true(all_zero(c, page, 200));
    /* Away: the old place is free and scrubbed. */
    dirty(c, first, 100);
    page = swap(c, first, 150);
    g_assert_cmpuint(page, ==, second + 200);
    g_assert_true(all_zero(c, first, 100));
    g_assert_cmpuint(take(c, 100), ==, first);
    /* No room: as it was. */
    dirty(c, second, 200);
    g_assert_cmpuint(swap(c, second, pages_of(c)), ==, 0);
    g_assert_cmpuint(c->fw->region[1].page, ==, second);
    g_assert_cmpuint(c->fw->region[1].pages, ==, 200);
    g_assert_cmphex(c->fw->sdram[(uint64_t)second * SVNIC_PAGE_SIZE], ==,
                    0x5a);
}

/* Random commands give regions that never overlap, twice in the same places. */
static void random_runs(void)
{
    uint32_t given[2][2000];

    for (unsigned round = 0; round < 2; round++) {
        g_autoptr(Card) c = card_new(&card_default);
        g_autoptr(GRand) rand = g_rand_new_with_seed(2007);
        uint32_t held[SVNIC_MAX_VIFS];
        unsigned n = 0;

        for (unsigned i = 0; i < G_N_ELEMENTS(given[0]); i++) {
            uint32_t *page = &given[round][i];

            *page = 0;
            if (n == SVNIC_MAX_VIFS || (n && g_rand_boolean(rand))) {
                unsigned k = g_rand_int_range(rand, 0, n);

                give(c, held[k]);
                held[k] = held[--n];
            } else {
                *page = take(c, g_rand_int_range(rand, 1, 200));
                if (*page) {
                    held[n++] = *page;
                }
            }
            g_assert_cmpuint(c->fw->regions, ==, n);
            for (unsigned k = 0; k < n; k++) {
                const FwRegion *r = &c->fw->region[k];

                g_assert_cmpuint(r->page, >=, k ? r[-1].page + r[-1].pages
                                 : FW_SDRAM_RESERVED / SVNIC_PAGE_SIZE);
                g_assert_cmpuint(r->page + r->pages, <=, pages_of(c));
            }
        }
    }
    g_assert_cmpmem(given[0], sizeof(given[0]), given[1], sizeof(given[1]));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdram/the first gap that fits is taken", first_fit);
    g_test_add_func("/sdram/adjacent free regions are one gap",
                    neighbours_join);
    g_test_add_func("/sdram/the last page can be given, no page behind it",
                    to_the_last_page);
    g_test_add_func("/sdram/a card with too little has no room for a VIF",
                    too_small);
    g_test_add_func("/sdram/a region is scrubbed when allocated and when freed",
                    scrubbed);
    g_test_add_func("/sdram/realloc gives a region or keeps the old one",
                    exchange);
    g_test_add_func("/sdram/regions never overlap and their places are "
                    "deterministic", random_runs);
    return g_test_run();
}
