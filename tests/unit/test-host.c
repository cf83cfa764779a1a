/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VIFs with a region in host memory: the same traffic as with card memory, and
 * only the pages in the VIF's table are accessed.  Spec: "Host placement".
 */
#include "card.h"

/* Pages a VIF; prime, so that a stride reaches each of them once. */
#define AREA                    769
#define AREAS                   4
#define STRIDE                  101
#define SMALL                   SVNIC_MIN_SLOTS
/* Content of memory that is in no region. */
#define FILL                    0xc3

typedef struct Host {
    Card *c;
    uint32_t pages[AREAS];          /* of the region of each VIF; 0: none */
    uint64_t address[AREAS][AREA];
    uint8_t *view[AREAS];
} Host;

static Host *host_new(void)
{
    FakeChipConfig config = card_default;
    Host *h = g_new0(Host, 1);

    config.host_pages = AREAS * AREA;
    config.host_watch = true;
    h->c = card_new(&config);
    memset(fake_host(h->c->ix, FAKE_HOST_BASE), FILL,
           AREAS * AREA * SVNIC_PAGE_SIZE);
    /* Adjacent pages of the region are not adjacent in memory. */
    for (unsigned vif = 0; vif < AREAS; vif++) {
        for (unsigned i = 0; i < AREA; i++) {
            h->address[vif][i] = FAKE_HOST_BASE +
                (vif * AREA + i * STRIDE % AREA) * SVNIC_PAGE_SIZE;
        }
    }
    return h;
}

static void host_free(Host *h)
{
    for (unsigned vif = 0; vif < AREAS; vif++) {
        if (h->view[vif]) {
            fake_host_view_free(h->view[vif], h->pages[vif]);
        }
    }
    card_free(h->c);
    g_free(h);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Host, host_free)

static struct svnic_cmd map_command(uint32_t vif, uint64_t address,
                                    uint32_t page, uint32_t pages)
{
    return (struct svnic_cmd) {
        .version = SVNIC_CMD_VERSION,
        .opcode = SVNIC_CMD_VIF_MAP,
        .vif = vif,
        .u.map = {
            .extents = 1,
            .extent[0] = {
                .address = address, .page = page, .pages = pages,
            },
        },
    };
}

static uint32_t map(Host *h, uint32_t vif, uint64_t address, uint32_t page,
                    uint32_t pages)
{
    struct svnic_cmd cmd = map_command(vif, address, page, pages);

    return card_command(h->c, &cmd);
}

/* Maps all pages of the region but @but. */
static void map_run(Host *h, uint32_t vif, uint32_t but)
{
    struct svnic_cmd cmd = map_command(vif, 0, 0, 0);
    uint32_t n = 0;

    for (uint32_t i = 0; i <= h->pages[vif]; i++) {
        if (n == SVNIC_MAP_EXTENTS || (n && i == h->pages[vif])) {
            cmd.u.map.extents = n;
            g_assert_cmpuint(card_command(h->c, &cmd), ==, SVNIC_ST_OK);
            n = 0;
        }
        if (i < h->pages[vif] && i != but) {
            cmd.u.map.extent[n++] = (struct svnic_map_extent) {
                .address = h->address[vif][i], .page = i, .pages = 1,
            };
        }
    }
}

static void create(Host *h, uint32_t vif, uint32_t slots)
{
    struct svnic_vif_attr attr = {
        .mask = SVNIC_ATTR_MAC | SVNIC_ATTR_PLACEMENT |
                SVNIC_ATTR_SEND_SLOTS | SVNIC_ATTR_RECV_SLOTS,
        .placement = SVNIC_PLACEMENT_HOST,
        .send_slots = slots,
        .recv_slots = slots,
    };

    memcpy(attr.mac, card_mac(vif), MAC_BYTES);
    g_assert_cmpuint(card_vif_command(h->c, SVNIC_CMD_VIF_CREATE, vif, &attr),
                     ==, SVNIC_ST_OK);
    g_assert_cmpuint(h->c->answer.u.vif_info.sdram_offset, ==, 0);
    h->pages[vif] = h->c->answer.u.vif_info.sdram_size / SVNIC_PAGE_SIZE;
    g_assert_cmpuint(h->pages[vif], <=, AREA);
}

/* Activates or resets VIF @vif and initializes its owner's queues. */
static Guest *start(Host *h, uint16_t opcode, uint32_t vif)
{
    Guest *g = &h->c->guest[vif];

    g_assert_cmpuint(card_vif_command(h->c, opcode, vif, NULL), ==,
                     SVNIC_ST_OK);
    if (!h->view[vif]) {
        h->view[vif] = fake_host_view(h->c->ix, h->address[vif],
                                      h->pages[vif]);
    }
    guest_attach_run(g, h->c->ix, h->view[vif]);
    g_assert_cmpuint(g->id, ==, vif);
    return g;
}

/* An active VIF in host memory. */
static Guest *host_vif(Host *h, uint32_t vif)
{
    create(h, vif, SMALL);
    map_run(h, vif, UINT32_MAX);
    return start(h, SVNIC_CMD_VIF_ACTIVATE, vif);
}

/* ---- the same as with card memory ---- */

/* One slot, over pages, over the end; with 64 slots all of them come round. */
static const uint32_t lengths[] = {
    14, 32, 33, 64, 1514, 2016, 2017, 4000, 4096, 9018, 40000,
    SVNIC_MAX_FRAME,
};

/* From VIF @from to VIF @to, and over the port, with regions in any memory. */
static void exchange(Card *c, unsigned from, unsigned to)
{
    struct svnic_vif_attr mtu = {
        .mask = SVNIC_ATTR_MTU, .mtu = SVNIC_MAX_MTU,
    };

    card_change_active(c, from, &mtu);
    card_change_active(c, to, &mtu);
    card_run(c);
    for (unsigned i = 0; i < 20 * G_N_ELEMENTS(lengths); i++) {
        uint32_t length = lengths[i % G_N_ELEMENTS(lengths)];
        g_autofree Frame *f = frame_new(card_mac(to), card_mac(from), length);

        if (length > SVNIC_MAX_MTU) {
            f->head.flags = SVNIC_FRAME_F_NEEDS_CSUM;
            f->head.gso_type = SVNIC_GSO_TCPV4;
            f->head.hdr_len = 66;
            f->head.gso_size = 1448;
            f->head.csum_start = 34;
            f->head.csum_offset = 16;
        }
        card_send(c, &c->guest[from], f);
        card_receives(&c->guest[to], f);
        card_assert_error(c, from, SVNIC_ERR_NONE);
        card_assert_error(c, to, SVNIC_ERR_NONE);

        memcpy(f->data, card_stranger, MAC_BYTES);
        card_send(c, &c->guest[from], f);
        card_port_sends(c, 0, f, NULL);

        if (length <= SVNIC_MAX_MTU) {
            g_autofree Frame *in = frame_new(card_mac(to), card_stranger,
                                             length);

            card_port_receive(c, 0, in);
            card_receives(&c->guest[to], in);
        }
    }
}

static void traffic(gconstpointer data)
{
    unsigned on_host = GPOINTER_TO_UINT(data);
    g_autoptr(Host) h = host_new();

    for (unsigned i = 0; i < 2; i++) {
        if (on_host & 1u << i) {
            host_vif(h, i);
        } else {
            card_vif(h->c, i, NULL);
        }
    }
    exchange(h->c, 0, 1);
    g_assert_cmpuint(card_count(h->c, 0, "host-refused"), ==, 0);
}

static void layout(void)
{
    g_autoptr(Host) h = host_new();
    struct svnic_vif_page page;
    struct svnic_vif_attr placement = { .mask = SVNIC_ATTR_PLACEMENT };

    host_vif(h, 0);
    page = *h->c->guest[0].page;
    card_vif_command(h->c, SVNIC_CMD_VIF_DEACTIVATE, 0, NULL);
    g_assert_cmpuint(card_vif_command(h->c, SVNIC_CMD_VIF_CHANGE, 0,
                                      &placement), ==, SVNIC_ST_OK);
    g_assert_cmpuint(h->c->answer.u.vif_info.attr.placement, ==,
                     SVNIC_PLACEMENT_CARD);
    g_assert_cmpuint(h->c->answer.u.vif_info.sdram_offset, >, 0);
    g_assert_cmpuint(h->c->answer.u.vif_info.sdram_size, ==,
                     h->pages[0] * SVNIC_PAGE_SIZE);
    card_start(h->c, SVNIC_CMD_VIF_ACTIVATE, 0);
    page.generation++;
    g_assert_cmpmem(h->c->guest[0].page, sizeof(page), &page, sizeof(page));
}

/* Exactly the lines that the card changes are marked as written. */
static void says_what_it_writes(gconstpointer data)
{
    uint32_t length = GPOINTER_TO_UINT(data);
    struct svnic_vif_attr mtu = {
        .mask = SVNIC_ATTR_MTU, .mtu = SVNIC_MAX_MTU,
    };
    g_autoptr(Host) h = host_new();
    g_autofree uint8_t *before = NULL;
    g_autofree Frame *f = NULL;
    size_t bytes = AREA * SVNIC_PAGE_SIZE;
    unsigned changed = 0;

    host_vif(h, 0);
    card_vif(h->c, 1, &mtu);
    card_change_active(h->c, 0, &mtu);
    card_run(h->c);
    for (unsigned i = 0; i < AREA; i++) {
        fake_host_written(h->c->ix, FAKE_HOST_BASE + i * SVNIC_PAGE_SIZE);
    }
    before = g_memdup2(fake_host(h->c->ix, FAKE_HOST_BASE), bytes);
    f = card_send_new(h->c, &h->c->guest[1], card_mac(0), length);
    for (unsigned i = 0; i < AREA; i++) {
        uint64_t address = FAKE_HOST_BASE + i * SVNIC_PAGE_SIZE;
        uint64_t written = fake_host_written(h->c->ix, address);

        for (unsigned n = 0; n < 64; n++) {
            size_t at = i * SVNIC_PAGE_SIZE + n * 64;

            if (memcmp(before + at, fake_host(h->c->ix, FAKE_HOST_BASE) + at,
                       64)) {
                g_assert_true(written >> n & 1);
                changed++;
            }
        }
        if (address != h->address[0][0]) {
            g_assert_cmpuint(__builtin_popcountll(written), <=,
                             (length + SVNIC_FRAME_HEADER) / 64 + 1);
        }
    }
    g_assert_cmpuint(changed, >=, length / 64);
    card_receives(&h->c->guest[0], f);
}

/* ---- the manager fills the table ---- */

#define END     (FAKE_HOST_BASE + AREAS * AREA * SVNIC_PAGE_SIZE)
#define PAGE    ((uint64_t)SVNIC_PAGE_SIZE)
/* Pages of a region with 64 slots per queue. */
#define RUN     66
/* First page of VIF 1, and its last. */
#define NEXT    (FAKE_HOST_BASE + AREA * PAGE)
#define LAST    (NEXT + (RUN - 1) * STRIDE % AREA * PAGE)

static void refuses_maps(void)
{
    static const struct {
        uint32_t status, vif;
        uint64_t address;
        uint32_t page, pages;
    } bad[] = {
        { SVNIC_ST_NO_SUCH_VIF, 3, FAKE_HOST_BASE, 0, 1 },
        { SVNIC_ST_VIF_ACTIVE, 1, FAKE_HOST_BASE, 0, 1 },
        { SVNIC_ST_VIF_ACTIVE, 2, FAKE_HOST_BASE, 0, 1 },
        { SVNIC_ST_BAD_MAP, 0, FAKE_HOST_BASE + 1, 0, 1 },
        { SVNIC_ST_BAD_MAP, 0, FAKE_HOST_BASE + PAGE / 2, 0, 1 },
        { SVNIC_ST_BAD_MAP, 0, FAKE_HOST_BASE, 0, 0 },
        { SVNIC_ST_BAD_MAP, 0, FAKE_HOST_BASE, 0, RUN + 1 },
        { SVNIC_ST_BAD_MAP, 0, FAKE_HOST_BASE, 1, RUN },
        { SVNIC_ST_BAD_MAP, 0, FAKE_HOST_BASE, RUN, 1 },
        { SVNIC_ST_BAD_MAP, 0, FAKE_HOST_BASE, UINT32_MAX, 1 },
        { SVNIC_ST_BAD_MAP, 0, FAKE_HOST_BASE, UINT32_MAX, 2 },
        { SVNIC_ST_BAD_MAP, 0, FAKE_HOST_BASE, 0, UINT32_MAX },
        { SVNIC_ST_BAD_MAP, 0, FAKE_HOST_BASE, 1, UINT32_MAX },
        /* below memory, its end, over its end, over the end of addresses */
        { SVNIC_ST_BAD_ADDRESS, 0, 0, 0, 1 },
        { SVNIC_ST_BAD_ADDRESS, 0, FAKE_HOST_BASE - PAGE, 0, 2 },
        { SVNIC_ST_BAD_ADDRESS, 0, END, 0, 1 },
        { SVNIC_ST_BAD_ADDRESS, 0, END - PAGE, 0, 2 },
        { SVNIC_ST_BAD_ADDRESS, 0, -PAGE, 0, 1 },
        { SVNIC_ST_BAD_ADDRESS, 0, -PAGE, 0, 2 },
        /* the neighbour's pages, the first and the last */
        { SVNIC_ST_PAGE_IN_USE, 0, NEXT, 0, 1 },
        { SVNIC_ST_PAGE_IN_USE, 0, LAST, 3, 1 },
    };
    g_autoptr(Host) h = host_new();
    struct svnic_cmd cmd;

    create(h, 0, SMALL);
    g_assert_cmpuint(h->pages[0], ==, RUN);
    host_vif(h, 1);
    card_vif(h->c, 2, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        cmd = map_command(bad[i].vif, bad[i].address, bad[i].page,
                          bad[i].pages);
        card_refuses(h->c, bad[i].status, &cmd);
        g_assert_cmpuint(h->c->fw->host[0].page[0] ||
                         h->c->fw->host[0].page[1] ||
                         h->c->fw->host[0].page[3], ==, 0);
    }
    cmd = map_command(0, FAKE_HOST_BASE, 0, 1);
    cmd.u.map.extents = 0;
    card_refuses(h->c, SVNIC_ST_BAD_MAP, &cmd);
    cmd.u.map.extents = SVNIC_MAP_EXTENTS + 1;
    card_refuses(h->c, SVNIC_ST_BAD_MAP, &cmd);
    cmd.flags = SVNIC_CMD_F_WHILE_ACTIVE;
    card_refuses(h->c, SVNIC_ST_BAD_FLAGS, &cmd);
    /* One bad extent spoils the good one in front of it. */
    cmd = map_command(0, FAKE_HOST_BASE, 0, 1);
    cmd.u.map.extents = 2;
    cmd.u.map.extent[1] = (struct svnic_map_extent) {
        .address = END, .page = 1, .pages = 1,
    };
    card_refuses(h->c, SVNIC_ST_BAD_ADDRESS, &cmd);
    g_assert_null(h->c->fw->host[0].page[0]);

    card_vif_command(h->c, SVNIC_CMD_VIF_DEACTIVATE, 2, NULL);
    cmd = map_command(2, FAKE_HOST_BASE, 0, 1);
    card_refuses(h->c, SVNIC_ST_NOT_ON_HOST, &cmd);
}

static void refuses_holes(void)
{
    const uint32_t holes[] = { 0, 1, 5, UINT32_MAX };
    g_autoptr(Host) h = host_new();
    struct svnic_cmd activate = {
        .version = SVNIC_CMD_VERSION, .opcode = SVNIC_CMD_VIF_ACTIVATE,
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(holes); i++) {
        uint32_t hole = holes[i];

        create(h, 0, SMALL);
        hole = hole == UINT32_MAX ? h->pages[0] - 1 : hole;
        card_refuses(h->c, SVNIC_ST_NOT_MAPPED, &activate);
        map_run(h, 0, hole);
        card_refuses(h->c, SVNIC_ST_NOT_MAPPED, &activate);
        g_assert_false(fake_page_is_open(h->c->ix, 0));
        g_assert_cmpuint(map(h, 0, h->address[0][hole], hole, 1), ==,
                         SVNIC_ST_OK);
        start(h, SVNIC_CMD_VIF_ACTIVATE, 0);
        card_vif_command(h->c, SVNIC_CMD_VIF_DEACTIVATE, 0, NULL);
        g_assert_cmpuint(card_vif_command(h->c, SVNIC_CMD_VIF_DESTROY, 0,
                                          NULL), ==, SVNIC_ST_OK);
    }
}

/* An entry can be filled anew, and its old page is free again. */
static void maps_anew(void)
{
    g_autoptr(Host) h = host_new();
    uint64_t other = h->address[0][AREA - 1];

    host_vif(h, 0);
    card_vif_command(h->c, SVNIC_CMD_VIF_DEACTIVATE, 0, NULL);
    g_assert_cmpuint(map(h, 0, other, 7, 1), ==, SVNIC_ST_OK);
    g_assert_cmpuint(map(h, 0, other, 8, 1), ==, SVNIC_ST_PAGE_IN_USE);
    create(h, 1, SMALL);
    g_assert_cmpuint(map(h, 1, h->address[0][7], 0, 1), ==, SVNIC_ST_OK);
    g_assert_cmpuint(map(h, 1, h->address[0][6], 0, 1), ==,
                     SVNIC_ST_PAGE_IN_USE);
}

static void placement(void)
{
    g_autoptr(Host) h = host_new();
    struct svnic_vif_attr attr = {
        .mask = SVNIC_ATTR_PLACEMENT, .placement = SVNIC_PLACEMENT_HOST,
    };
    struct svnic_cmd cmd = {
        .version = SVNIC_CMD_VERSION, .opcode = SVNIC_CMD_VIF_CREATE,
        .u.attr = { .mask = SVNIC_ATTR_PLACEMENT, .placement = 2 },
    };
    struct svnic_vif_info info;

    card_refuses(h->c, SVNIC_ST_BAD_PLACEMENT, &cmd);
    cmd.u.attr.placement = UINT32_MAX;
    card_refuses(h->c, SVNIC_ST_BAD_PLACEMENT, &cmd);

    /* Never while active, not even where it is. */
    host_vif(h, 0);
    g_assert_cmpuint(card_change_active(h->c, 0, &attr), ==,
                     SVNIC_ST_NOT_CHANGEABLE);
    card_vif_command(h->c, SVNIC_CMD_VIF_DEACTIVATE, 0, NULL);

    /* Other queues: the table is empty. */
    attr = (struct svnic_vif_attr) {
        .mask = SVNIC_ATTR_SEND_SLOTS, .send_slots = 2 * SMALL,
    };
    fake_host_no_memory(h->c->ix, true);
    cmd.opcode = SVNIC_CMD_VIF_CHANGE;
    cmd.u.attr = attr;
    card_refuses(h->c, SVNIC_ST_NO_MEMORY, &cmd);
    g_assert_nonnull(h->c->fw->host[0].page[0]);
    fake_host_no_memory(h->c->ix, false);
    g_assert_cmpuint(card_command(h->c, &cmd), ==, SVNIC_ST_OK);
    info = h->c->answer.u.vif_info;
    g_assert_cmpuint(info.sdram_size / SVNIC_PAGE_SIZE, ==,
                     h->pages[0] + SMALL / 2);
    g_assert_null(h->c->fw->host[0].page[0]);
    g_assert_cmpuint(h->c->fw->regions, ==, 0);

    /* To the card and back: neither keeps what the other has. */
    attr = (struct svnic_vif_attr) { .mask = SVNIC_ATTR_PLACEMENT };
    card_vif_command(h->c, SVNIC_CMD_VIF_CHANGE, 0, &attr);
    g_assert_cmpuint(h->c->fw->regions, ==, 1);
    g_assert_cmpuint(h->c->fw->host[0].pages, ==, 0);
    attr.placement = SVNIC_PLACEMENT_HOST;
    card_vif_command(h->c, SVNIC_CMD_VIF_CHANGE, 0, &attr);
    g_assert_cmpuint(h->c->fw->regions, ==, 0);
    g_assert_cmpuint(h->c->fw->host[0].pages, ==,
                     info.sdram_size / SVNIC_PAGE_SIZE);
    card_vif_command(h->c, SVNIC_CMD_VIF_DESTROY, 0, NULL);
    g_assert_cmpuint(h->c->fw->host[0].pages, ==, 0);

    fake_host_no_memory(h->c->ix, true);
    cmd.opcode = SVNIC_CMD_VIF_CREATE;
    cmd.u.attr = attr;
    card_refuses(h->c, SVNIC_ST_NO_MEMORY, &cmd);
}

static void no_way_to_the_host(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_cmd cmd = {
        .version = SVNIC_CMD_VERSION, .opcode = SVNIC_CMD_VIF_CREATE,
        .u.attr = {
            .mask = SVNIC_ATTR_PLACEMENT, .placement = SVNIC_PLACEMENT_HOST,
        },
    };

    card_refuses(c, SVNIC_ST_BAD_PLACEMENT, &cmd);
    card_vif_command(c, SVNIC_CMD_QUERY, 0, NULL);
    g_assert_false(c->answer.u.card.capabilities & SVNIC_CAP_HOST_PLACEMENT);
    cmd.u.attr.placement = SVNIC_PLACEMENT_CARD;
    g_assert_cmpuint(card_command(c, &cmd), ==, SVNIC_ST_OK);
}

static void reset(void)
{
    g_autoptr(Host) h = host_new();

    host_vif(h, 0);
    card_vif_command(h->c, SVNIC_CMD_QUERY, 0, NULL);
    g_assert_true(h->c->answer.u.card.capabilities &
                  SVNIC_CAP_HOST_PLACEMENT);
    fake_chip_reset(h->c->ix);
    g_assert_cmpuint(h->c->fw->host[0].pages, ==, 0);
    create(h, 1, SMALL);
    g_assert_cmpuint(map(h, 1, h->address[0][0], 0, 1), ==, SVNIC_ST_OK);
}

/* ---- pages that go while they are in use ---- */

/* Pages of the region of VIF 0 with 64 slots per queue, by content. */
typedef struct Loss {
    const char *what;
    uint32_t page;
    bool receives;                  /* VIF 0 is to receive; else it sends */
} Loss;

static void lose(gconstpointer data)
{
    const Loss *loss = data;
    g_autoptr(Host) h = host_new();
    Card *c = h->c;
    Guest *g = host_vif(h, 0);
    Guest *other = host_vif(h, 1);
    g_autofree uint8_t *untouched = NULL;
    g_autofree Frame *f = NULL;
    uint64_t address = h->address[0][loss->page];
    unsigned to = loss->receives ? 0 : 1;
    struct svnic_cmd reset = {
        .version = SVNIC_CMD_VERSION, .opcode = SVNIC_CMD_VIF_RESET,
    };

    exchange(c, 0, 1);
    start(h, SVNIC_CMD_VIF_RESET, 0);
    start(h, SVNIC_CMD_VIF_RESET, 1);
    card_run(c);
    /* Both queues: five slots of which the first ones are good. */
    f = frame_new(card_mac(to), card_mac(1 - to), 9000);
    g_assert_true(guest_put(loss->receives ? other : g, f->data, f->length,
                            &f->head));
    fake_host_lose(c->ix, address, true);
    card_run(c);
    untouched = g_memdup2(guest_recv_slot(&c->guest[to], 0),
                          c->guest[to].recv_slots * SVNIC_SLOT_SIZE);
    guest_publish(loss->receives ? other : g);
    card_run(c);

    /* Stopped, and not a byte has moved. */
    card_vif_command(c, SVNIC_CMD_VIF_QUERY, 0, NULL);
    g_assert_cmpuint(c->answer.u.vif_info.state, ==, SVNIC_VIF_STOPPED);
    g_assert_cmpuint(c->answer.u.vif_info.error, ==, SVNIC_ERR_HOST_PAGE);
    if (loss->page) {
        g_assert_cmpuint(g->page->state, ==, SVNIC_VIF_STOPPED);
        g_assert_cmpuint(g->page->error, ==, SVNIC_ERR_HOST_PAGE);
    }
    g_assert_cmpmem(guest_recv_slot(&c->guest[to], 0),
                    c->guest[to].recv_slots * SVNIC_SLOT_SIZE, untouched,
                    c->guest[to].recv_slots * SVNIC_SLOT_SIZE);
    g_assert_true(fake_page_status(c->ix, 0) & SVNIC_SIGNAL_STATE);
    g_assert_cmpuint(card_count(c, 0, "host-refused"), ==, 1);
    g_assert_cmpuint(card_count(c, 0, "stops"), ==, 1);
    g_assert_cmpuint(fake_trace_count(c->ix, FW_EVENT_STOP), ==, 1);
    card_assert_error(c, 1, SVNIC_ERR_NONE);

    /* It cannot start before the page is there again. */
    card_refuses(c, SVNIC_ST_NOT_MAPPED, &reset);
    fake_host_lose(c->ix, address, false);
    start(h, SVNIC_CMD_VIF_RESET, 0);
    start(h, SVNIC_CMD_VIF_RESET, 1);
    exchange(c, 0, 1);
    exchange(c, 1, 0);
}

/* A rule broken on the host has the same name as on the card. */
static void broken_rule(void)
{
    g_autoptr(Host) h = host_new();
    Card *c = h->c;
    Guest *g = host_vif(h, 0);
    g_autofree Frame *f = frame_new(card_mac(1), card_mac(0), 2000);

    host_vif(h, 1);
    card_run(c);
    for (unsigned i = 0; i < 2; i++) {
        /*
         * The descriptor was used for a frame with much behind its line, and
         * for one without.
         */
        f->length = i ? 20 : 2000;
        for (unsigned k = 0; k < FW_DESCRIPTORS; k++) {
            card_send(c, g, f);
            if (f->length <= SVNIC_DEFAULT_MTU) {
                card_receives(&c->guest[1], f);
            }
        }
        guest_put(g, f->data, 64, NULL);
        guest_send_slot(g, g->send_prod - 1)->length = SVNIC_MIN_FRAME - 1;
        guest_publish(g);
        card_run(c);
        card_assert_error(c, 0, SVNIC_ERR_SEND_LENGTH);
        start(h, SVNIC_CMD_VIF_RESET, 0);
        start(h, SVNIC_CMD_VIF_RESET, 1);
        card_run(c);
    }
}

/* A frame over the end of the queue, of which slot 0 is lost. */
static void lose_wrapped(void)
{
    g_autoptr(Host) h = host_new();
    Card *c = h->c;
    Guest *g = host_vif(h, 0);
    g_autofree Frame *f = frame_new(card_mac(1), card_mac(0), 9000);

    host_vif(h, 1);
    exchange(c, 0, 1);
    start(h, SVNIC_CMD_VIF_RESET, 0);
    start(h, SVNIC_CMD_VIF_RESET, 1);
    card_run(c);
    card_set_index(c, 0, g->send_slots - 2);
    g_assert_true(guest_put(g, f->data, f->length, &f->head));
    fake_host_lose(c->ix, h->address[0][1], true);
    guest_publish(g);
    card_run(c);
    card_assert_error(c, 0, SVNIC_ERR_HOST_PAGE);
    card_receives_nothing(&c->guest[1]);
    card_assert_error(c, 1, SVNIC_ERR_NONE);
}

/*
 * A page that is lost and not needed does not disturb: not even one where a
 * frame may come soon is looked up before it has.
 */
static void lose_unused(void)
{
    g_autoptr(Host) h = host_new();
    const FwVif *v = &h->c->fw->vif[0];
    g_autofree Frame *f = NULL;
    unsigned unreached;
    uint32_t soon;

    host_vif(h, 0);
    host_vif(h, 1);
    card_run(h->c);
    unreached = fake_host_unreached(h->c->ix);
    soon = (v->send_offset + FW_AHEAD * SVNIC_SLOT_SIZE) / SVNIC_PAGE_SIZE;
    fake_host_lose(h->c->ix, h->address[0][soon], true);
    fake_host_lose(h->c->ix, h->address[0][h->pages[0] - 2], true);
    f = card_send_new(h->c, &h->c->guest[0], card_mac(1), 1514);
    card_receives(&h->c->guest[1], f);
    card_assert_error(h->c, 0, SVNIC_ERR_NONE);
    g_assert_cmpuint(fake_host_unreached(h->c->ix), ==, unreached);
}

/* Whatever its owner writes, a VIF reaches its own pages alone. */
static void neighbours_memory(void)
{
    static const uint32_t values[] = {
        0, 1, 13, 14, 63, 64, 65, 2016, 4096, 65553, 65554, 0x7fffffff,
        0x80000000, 0xfffff000, 0xffffffff,
    };
    g_autoptr(Host) h = host_new();
    Card *c = h->c;
    uint8_t *memory = fake_host(c->ix, FAKE_HOST_BASE);
    g_autofree bool *mine = g_new0(bool, AREAS * AREA);
    unsigned stops = 0;

    host_vif(h, 0);
    host_vif(h, 1);
    card_run(c);
    for (unsigned i = 0; i < h->pages[0]; i++) {
        mine[(h->address[0][i] - FAKE_HOST_BASE) / SVNIC_PAGE_SIZE] = true;
    }
    for (unsigned i = 0; i < h->pages[1]; i++) {
        mine[(h->address[1][i] - FAKE_HOST_BASE) / SVNIC_PAGE_SIZE] = true;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(values); i++) {
        for (unsigned n = 0; n < G_N_ELEMENTS(values); n++) {
            Guest *g = &c->guest[0];
            g_autofree Frame *in = frame_new(card_mac(0), card_mac(1), 1514);

            /* The last slot, so that what follows is not the queue's. */
            card_set_index(c, 0, SMALL - 1);
            memset(guest_send_slot(g, SMALL - 1), 0, SVNIC_SLOT_SIZE);
            *guest_send_slot(g, SMALL - 1) = (struct svnic_frame) {
                .length = values[n],
                .slots = SVNIC_FRAME_SLOTS(values[n]),
            };
            ixp_store_release(&g->page->send_prod.index,
                              SMALL - 1 + values[i]);
            ixp_store_release(&g->page->recv_cons.index,
                              SMALL - 1 - values[i]);
            fake_page_ring(c->ix, 0, IXP_PAGE_SEND);
            card_run(c);
            card_send(c, &c->guest[1], in);
            if (card_count(c, 0, "stops") != stops) {
                stops++;
                start(h, SVNIC_CMD_VIF_RESET, 0);
                card_run(c);
            }
            card_set_index(c, 0, 0);
            while (guest_has_frame(&c->guest[1])) {
                g_autofree Frame *got = g_new0(Frame, 1);

                guest_get(&c->guest[1], got->data, &got->head);
                guest_release(&c->guest[1]);
            }
        }
    }
    g_assert_cmpuint(stops, >, G_N_ELEMENTS(values));
    for (unsigned i = 0; i < AREAS * AREA; i++) {
        for (unsigned n = 0; n < SVNIC_PAGE_SIZE && !mine[i]; n++) {
            g_assert_cmphex(memory[i * SVNIC_PAGE_SIZE + n], ==, FILL);
        }
    }
}

/* With contexts on threads, pages are removed and restored: VIFs recover. */
static void lose_under_traffic(void)
{
    g_autoptr(Host) h = host_new();
    Card *c = h->c;
    unsigned stops = 0;
    unsigned frames = 0;

    for (unsigned i = 0; i < 3; i++) {
        host_vif(h, i);
    }
    fake_chip_start(c->ix, 3);
    for (unsigned i = 0; i < 2000 || stops < 10; i++) {
        uint32_t page = i / 8 * 7 % h->pages[0];
        unsigned from = i % 3;
        Guest *g = &c->guest[from];
        g_autofree Frame *f = frame_new(card_mac((from + 1) % 3),
                                        card_mac(from), 1514 + i % 5 * 1000);

        if (i % 8 == 3) {
            fake_host_lose(c->ix, h->address[0][page], true);
        }
        if (guest_put(g, f->data, f->length, &f->head)) {
            guest_publish(g);
        }
        while (guest_has_frame(&c->guest[from])) {
            guest_get(g, f->data, &f->head);
            guest_release(g);
            frames++;
        }
        if (i % 8 == 6) {
            fake_host_lose(c->ix, h->address[0][page], false);
            if (fw_vif_state(&c->fw->vif[0]) == SVNIC_VIF_STOPPED) {
                g_assert_cmpuint(fw_vif_error(&c->fw->vif[0]), ==,
                                 SVNIC_ERR_HOST_PAGE);
                stops++;
                start(h, SVNIC_CMD_VIF_RESET, 0);
            }
        }
    }
    fake_chip_stop(c->ix);
    g_assert_cmpuint(frames, >, 0);
    start(h, SVNIC_CMD_VIF_RESET, 0);
    start(h, SVNIC_CMD_VIF_RESET, 1);
    start(h, SVNIC_CMD_VIF_RESET, 2);
    exchange(c, 0, 1);
    exchange(c, 1, 2);
}

int main(int argc, char **argv)
{
    static const Loss losses[] = {
        { "VIF page, sending", 0, false },
        { "first send slot", 1, false },
        { "tail of a frame sent", 3, false },
        { "VIF page, receiving", 0, true },
        { "first receive slot", 33, true },
        { "tail of a frame received", 35, true },
    };

    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/host/frames pass from host to host",
                         GUINT_TO_POINTER(3), traffic);
    g_test_add_data_func("/host/frames pass from host to card",
                         GUINT_TO_POINTER(1), traffic);
    g_test_add_data_func("/host/frames pass from card to host",
                         GUINT_TO_POINTER(2), traffic);
    g_test_add_func("/host/the layout of a region is that of card memory",
                    layout);
    g_test_add_data_func("/host/the chip is told what was written",
                         GUINT_TO_POINTER(1514), says_what_it_writes);
    g_test_add_data_func("/host/and of a frame of many pages, too",
                         GUINT_TO_POINTER(9000), says_what_it_writes);
    g_test_add_func("/host/a map of anything but free RAM is refused",
                    refuses_maps);
    g_test_add_func("/host/a table with a hole does not start", refuses_holes);
    g_test_add_func("/host/an entry is replaced, and its page free", maps_anew);
    g_test_add_func("/host/placement and queues change while inactive",
                    placement);
    g_test_add_func("/host/a chip without a way to the host refuses",
                    no_way_to_the_host);
    g_test_add_func("/host/reset empties the tables", reset);
    for (unsigned i = 0; i < G_N_ELEMENTS(losses); i++) {
        g_autofree char *path = g_strdup_printf("/host/a lost page stops its "
                                                "VIF before a byte moves: %s",
                                                losses[i].what);

        g_test_add_data_func(path, &losses[i], lose);
    }
    g_test_add_func("/host/a broken rule is told as on the card", broken_rule);
    g_test_add_func("/host/a page lost behind the end of the queue stops, "
                    "too", lose_wrapped);
    g_test_add_func("/host/a lost page that is not needed does not matter",
                    lose_unused);
    g_test_add_func("/host/no index or length reaches foreign memory",
                    neighbours_memory);
    g_test_add_func("/host/pages come and go under traffic",
                    lose_under_traffic);
    return g_test_run();
}
