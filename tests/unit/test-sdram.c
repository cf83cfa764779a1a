/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The allocator of SDRAM runs.
 */
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

static void first_fit(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    uint32_t first = FW_SDRAM_RESERVED / SVNIC_PAGE_SIZE;

    g_assert_cmpuint(fw_sdram_alloc(c->fw, 10), ==, first);
    g_assert_cmpuint(fw_sdram_alloc(c->fw, 20), ==, first + 10);
    g_assert_cmpuint(fw_sdram_alloc(c->fw, 30), ==, first + 30);
    fw_sdram_free(c->fw, first + 10);
    g_assert_cmpuint(fw_sdram_alloc(c->fw, 21), ==, first + 60);
    g_assert_cmpuint(fw_sdram_alloc(c->fw, 15), ==, first + 10);
    g_assert_cmpuint(fw_sdram_alloc(c->fw, 5), ==, first + 25);
    fw_sdram_free(c->fw, first);
    g_assert_cmpuint(fw_sdram_alloc(c->fw, 1), ==, first);
    g_assert_cmpuint(fw_sdram_alloc(c->fw, 9), ==, first + 1);
}

static void neighbours_join(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    uint32_t largest = fw_sdram_largest(c->fw);
    uint32_t run[4];

    for (unsigned i = 0; i < 4; i++) {
        run[i] = fw_sdram_alloc(c->fw, 100);
    }
    g_assert_cmpuint(fw_sdram_largest(c->fw), ==, largest - 400);
    fw_sdram_free(c->fw, run[1]);
    fw_sdram_free(c->fw, run[3]);
    fw_sdram_free(c->fw, run[2]);
    g_assert_cmpuint(fw_sdram_largest(c->fw), ==, largest - 100);
    fw_sdram_free(c->fw, run[0]);
    g_assert_cmpuint(fw_sdram_largest(c->fw), ==, largest);
}

static void to_the_last_page(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    uint32_t largest = fw_sdram_largest(c->fw);
    uint32_t page;

    g_assert_cmpuint(largest, ==,
                     pages_of(c) - FW_SDRAM_RESERVED / SVNIC_PAGE_SIZE);
    g_assert_cmpuint(fw_sdram_alloc(c->fw, largest + 1), ==, 0);
    g_assert_cmpuint(fw_sdram_alloc(c->fw, UINT32_MAX), ==, 0);
    page = fw_sdram_alloc(c->fw, largest);
    g_assert_cmpuint(page + largest, ==, pages_of(c));
    g_assert_cmpuint(fw_sdram_largest(c->fw), ==, 0);
    g_assert_cmpuint(fw_sdram_alloc(c->fw, 1), ==, 0);
    fw_sdram_free(c->fw, page);
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
    uint32_t page = fw_sdram_alloc(c->fw, 64);
    uint32_t next = fw_sdram_alloc(c->fw, 64);

    /* SDRAM held 0xa5 everywhere. */
    g_assert_true(all_zero(c, page, 64));
    dirty(c, page, 64);
    dirty(c, next, 64);
    fw_sdram_free(c->fw, page);
    g_assert_true(all_zero(c, page, 64));
    g_assert_false(all_zero(c, next, 64));
    /* Written after it was taken back: scrubbed before it is given again. */
    dirty(c, page, 64);
    g_assert_cmpuint(fw_sdram_alloc(c->fw, 64), ==, page);
    g_assert_true(all_zero(c, page, 64));
    g_assert_false(all_zero(c, next, 1));
}

static void exchange(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    uint32_t first = fw_sdram_alloc(c->fw, 100);
    uint32_t second = fw_sdram_alloc(c->fw, 100);
    uint32_t page;

    /* Into its own place and beyond what was its own. */
    dirty(c, second, 100);
    page = fw_sdram_exchange(c->fw, second, 200);
    g_assert_cmpuint(page, ==, second);
    g_assert_true(all_zero(c, page, 200));
    /* Away: the old place is free and scrubbed. */
    dirty(c, first, 100);
    page = fw_sdram_exchange(c->fw, first, 150);
    g_assert_cmpuint(page, ==, second + 200);
    g_assert_true(all_zero(c, first, 100));
    g_assert_cmpuint(fw_sdram_alloc(c->fw, 100), ==, first);
    /* No room: as it was. */
    dirty(c, second, 200);
    g_assert_cmpuint(fw_sdram_exchange(c->fw, second, pages_of(c)), ==, 0);
    g_assert_cmpuint(c->fw->run[1].page, ==, second);
    g_assert_cmpuint(c->fw->run[1].pages, ==, 200);
    g_assert_cmphex(c->fw->sdram[(uint64_t)second * SVNIC_PAGE_SIZE], ==,
                    0x5a);
}

/* Random commands give runs that never overlap, twice in the same places. */
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

                fw_sdram_free(c->fw, held[k]);
                held[k] = held[--n];
            } else {
                *page = fw_sdram_alloc(c->fw, g_rand_int_range(rand, 1, 200));
                if (*page) {
                    held[n++] = *page;
                }
            }
            g_assert_cmpuint(c->fw->runs, ==, n);
            for (unsigned k = 0; k < n; k++) {
                const FwRun *r = &c->fw->run[k];

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
    g_test_add_func("/sdram/the first run that fits is taken", first_fit);
    g_test_add_func("/sdram/neighbours that are free are one run",
                    neighbours_join);
    g_test_add_func("/sdram/the last page can be given, no page behind it",
                    to_the_last_page);
    g_test_add_func("/sdram/a card with too little has no room for a VIF",
                    too_small);
    g_test_add_func("/sdram/a run is scrubbed when given and when taken back",
                    scrubbed);
    g_test_add_func("/sdram/an exchange gives a run or leaves the old one",
                    exchange);
    g_test_add_func("/sdram/runs never overlap and their places are "
                    "deterministic", random_runs);
    return g_test_run();
}
