/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The span iterator on regions in SDRAM and in host memory: bounds, pieces,
 * pages that cannot be accessed, and what is marked as written.
 */
#include "card.h"

#define PAGE                    SVNIC_PAGE_SIZE
#define SLOTS                   SVNIC_MIN_SLOTS
#define QUEUE                   (SLOTS * SVNIC_SLOT_SIZE)
#define CARD                    0
#define HOST                    1
#define HOST_PAGES              256

typedef struct Regions {
    Card *c;
    const FwVif *vif[2];
    uint32_t pages;                 /* of each region */
} Regions;

static uint64_t bus_address(const Regions *r, uint32_t page)
{
    /* Adjacent pages of the region are in reverse order in memory. */
    return FAKE_HOST_BASE + (r->pages - 1 - page) * PAGE;
}

static Regions *regions_new(void)
{
    FakeChipConfig config = card_default;
    Regions *r = g_new0(Regions, 1);

    config.host_pages = HOST_PAGES;
    config.host_watch = true;
    r->c = card_new(&config);
    for (unsigned i = 0; i < 2; i++) {
        struct svnic_vif_attr attr = {
            .mask = SVNIC_ATTR_PLACEMENT | SVNIC_ATTR_SEND_SLOTS |
                    SVNIC_ATTR_RECV_SLOTS,
            .placement = i == HOST ? SVNIC_PLACEMENT_HOST
                                   : SVNIC_PLACEMENT_CARD,
            .send_slots = SLOTS,
            .recv_slots = SLOTS,
        };

        g_assert_cmpuint(card_vif_command(r->c, SVNIC_CMD_VIF_CREATE, i, &attr),
                         ==, SVNIC_ST_OK);
        r->vif[i] = &r->c->fw->vif[i];
    }
    r->pages = r->vif[HOST]->region_size / PAGE;
    g_assert_cmpuint(r->pages, <=, HOST_PAGES);
    for (uint32_t i = 0; i < r->pages; i++) {
        struct svnic_cmd cmd = {
            .version = SVNIC_CMD_VERSION,
            .opcode = SVNIC_CMD_VIF_MAP,
            .vif = HOST,
            .u.map = {
                .extents = 1,
                .extent[0] = {
                    .address = bus_address(r, i), .page = i, .pages = 1,
                },
            },
        };

        g_assert_cmpuint(card_command(r->c, &cmd), ==, SVNIC_ST_OK);
        fake_host_written(r->c->ix, bus_address(r, i));
    }
    return r;
}

static void regions_free(Regions *r)
{
    card_free(r->c);
    g_free(r);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Regions, regions_free)

/* Where byte @offset of the region is. */
static uint8_t *byte_at(const Regions *r, unsigned vif, uint32_t offset)
{
    if (vif == CARD) {
        return r->c->fw->sdram + r->vif[CARD]->region + offset;
    }
    return fake_host(r->c->ix, bus_address(r, offset / PAGE)) + offset % PAGE;
}

static void bounds(gconstpointer data)
{
    unsigned i = GPOINTER_TO_UINT(data);
    g_autoptr(Regions) r = regions_new();
    const SvnicFw *fw = r->c->fw;
    const FwVif *v = r->vif[i];
    uint32_t size = v->region_size;
    FwSpan s;

    g_assert_true(fw_span_region(&s, fw, v, 0, size, FW_READ));
    g_assert_true(fw_span_region(&s, fw, v, size - 1, 1, FW_READ));
    g_assert_true(fw_span_region(&s, fw, v, size, 0, FW_READ));
    g_assert_false(fw_span_region(&s, fw, v, 0, size + 1, FW_READ));
    g_assert_false(fw_span_region(&s, fw, v, size - 1, 2, FW_READ));
    g_assert_false(fw_span_region(&s, fw, v, size, 1, FW_READ));
    g_assert_false(fw_span_region(&s, fw, v, size + 1, 0, FW_READ));
    /* Offset plus length wrap in 32 bits, to 0 and to within the region. */
    g_assert_false(fw_span_region(&s, fw, v, UINT32_MAX, 1, FW_READ));
    g_assert_false(fw_span_region(&s, fw, v, PAGE, UINT32_MAX, FW_READ));
    g_assert_false(fw_span_region(&s, fw, v, UINT32_MAX, PAGE, FW_READ));

    g_assert_true(fw_span_send(&s, fw, v, QUEUE - 1, QUEUE));
    g_assert_false(fw_span_send(&s, fw, v, 0, QUEUE + 1));
    g_assert_false(fw_span_send(&s, fw, v, QUEUE + 1, 0));
    g_assert_true(fw_span_recv(&s, fw, v, QUEUE - 1, QUEUE));
    g_assert_false(fw_span_recv(&s, fw, v, 0, UINT32_MAX));
    g_assert_false(fw_span_recv(&s, fw, v, UINT32_MAX, 1));
}

static void empty(gconstpointer data)
{
    unsigned i = GPOINTER_TO_UINT(data);
    g_autoptr(Regions) r = regions_new();
    uint8_t *piece;
    FwSpan s;

    g_assert_true(fw_span_region(&s, r->c->fw, r->vif[i], PAGE, 0,
                                 FW_WRITE));
    g_assert_cmpuint(fw_span_next(&s, UINT32_MAX, &piece), ==, 0);
    g_assert_null(fw_span_whole(&s));
    g_assert_true(fw_span_accessible(&s));
    g_assert_true(fw_span_write(&s, "", 0));
    g_assert_false(fw_span_write(&s, "", 1));
    fw_span_end(&s);
    g_assert_cmphex(fake_host_written(r->c->ix, bus_address(r, 1)), ==, 0);
}

/* Each byte of a span that wraps is yielded once, in order, where it is. */
static void pieces(gconstpointer data)
{
    unsigned i = GPOINTER_TO_UINT(data);
    g_autoptr(Regions) r = regions_new();
    const FwVif *v = r->vif[i];
    uint32_t begin = v->recv_offset - v->region;
    static const uint32_t limits[] = { 1, 64, 1000, PAGE, UINT32_MAX };

    for (unsigned k = 0; k < G_N_ELEMENTS(limits); k++) {
        uint32_t at = QUEUE - 3 * SVNIC_SLOT_SIZE - 10;
        uint32_t left = QUEUE;
        unsigned n = 0;
        uint8_t *piece;
        uint32_t part;
        FwSpan s;

        g_assert_true(fw_span_recv(&s, r->c->fw, v, at, left));
        while ((part = fw_span_next(&s, limits[k], &piece))) {
            g_assert_cmpuint(part, <=, limits[k]);
            g_assert_cmpuint(part, <=, left);
            for (uint32_t j = 0; j < part; j++) {
                g_assert_true(piece + j ==
                              byte_at(r, i, begin + (at + j) % QUEUE));
            }
            at += part;
            left -= part;
            n++;
        }
        g_assert_cmpuint(left, ==, 0);
        if (i == CARD && limits[k] == UINT32_MAX) {
            g_assert_cmpuint(n, ==, 2);
        }
    }
}

/* A page is missing in the middle: what lies before it is yielded. */
static void missing(void)
{
    g_autoptr(Regions) r = regions_new();
    SvnicFw *fw = r->c->fw;
    const FwVif *v = r->vif[HOST];
    g_autofree uint8_t *bytes = g_malloc0(4 * PAGE);
    uint8_t *piece;
    FwSpan s;

    fake_host_lose(r->c->ix, bus_address(r, 2), true);
    g_assert_false(fw_region_complete(fw, v));
    g_assert_true(fw_span_region(&s, fw, v, PAGE - 8, 3 * PAGE, FW_WRITE));
    g_assert_null(fw_span_whole(&s));
    g_assert_false(fw_span_accessible(&s));
    g_assert_cmpuint(fw_span_next(&s, UINT32_MAX, &piece), ==, 8);
    g_assert_cmpuint(fw_span_next(&s, UINT32_MAX, &piece), ==, PAGE);
    g_assert_cmpuint(fw_span_next(&s, UINT32_MAX, &piece), ==, 0);
    g_assert_cmpuint(fw_span_next(&s, UINT32_MAX, &piece), ==, 0);
    g_assert_true(fw_span_region(&s, fw, v, PAGE - 8, 3 * PAGE, FW_WRITE));
    g_assert_false(fw_span_write(&s, bytes, 3 * PAGE));

    g_assert_true(fw_span_region(&s, fw, v, PAGE - 8, PAGE + 8, FW_WRITE));
    g_assert_true(fw_span_accessible(&s));
    fake_host_lose(r->c->ix, bus_address(r, 2), false);
    g_assert_true(fw_region_complete(fw, v));
    g_assert_true(fw_region_complete(fw, r->vif[CARD]));
}

static uint64_t written(Regions *r, uint32_t page)
{
    return fake_host_written(r->c->ix, bus_address(r, page));
}

/* Marked are pieces that the iterator has left, of spans that write alone. */
static void marks(void)
{
    g_autoptr(Regions) r = regions_new();
    SvnicFw *fw = r->c->fw;
    const FwVif *v = r->vif[HOST];
    uint8_t bytes[256] = { 0 };
    uint8_t *piece;
    FwSpan s;

    g_assert_true(fw_span_region(&s, fw, v, PAGE, 128, FW_READ));
    g_assert_nonnull(fw_span_whole(&s));
    fw_span_end(&s);
    g_assert_cmphex(written(r, 1), ==, 0);

    g_assert_true(fw_span_region(&s, fw, v, 2 * PAGE - 128, 256, FW_WRITE));
    g_assert_true(fw_span_accessible(&s));
    g_assert_null(fw_span_whole(&s));
    g_assert_cmpuint(fw_span_next(&s, 256, &piece), ==, 128);
    g_assert_cmphex(written(r, 1), ==, 0);
    g_assert_cmpuint(fw_span_next(&s, 64, &piece), ==, 64);
    g_assert_cmphex(written(r, 1), ==, UINT64_C(3) << 62);
    g_assert_cmphex(written(r, 2), ==, 0);
    fw_span_end(&s);
    fw_span_end(&s);
    g_assert_cmphex(written(r, 2), ==, 1);
    g_assert_cmphex(written(r, 1), ==, 0);

    g_assert_true(fw_span_region(&s, fw, v, 2 * PAGE - 64, 256, FW_WRITE));
    g_assert_true(fw_span_write(&s, bytes, 65));
    g_assert_cmphex(written(r, 1), ==, UINT64_C(1) << 63);
    g_assert_cmphex(written(r, 2), ==, 1);
    g_assert_true(fw_span_write(&s, bytes, 191));
    g_assert_cmphex(written(r, 2), ==, 7);
    g_assert_false(fw_span_write(&s, bytes, 1));
    g_assert_cmphex(written(r, 2), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < 2; i++) {
        const char *where = i == HOST ? "host memory" : "SDRAM";
        const struct {
            const char *what;
            GTestDataFunc run;
        } tests[] = {
            { "a span beyond the region or queue is refused", bounds },
            { "an empty span yields no piece", empty },
            { "the pieces are the bytes in order", pieces },
        };

        for (unsigned k = 0; k < G_N_ELEMENTS(tests); k++) {
            g_autofree char *path = g_strdup_printf("/span/%s/%s", where,
                                                    tests[k].what);

            g_test_add_data_func(path, GUINT_TO_POINTER(i), tests[k].run);
        }
    }
    g_test_add_func("/span/a missing page ends the span", missing);
    g_test_add_func("/span/a piece that was written is marked when it is left",
                    marks);
    return g_test_run();
}
