/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See world.h.  Power, the manager, owners and the network; check.c has what
 * must hold.
 */
#include "world.h"

/* Four cards: sizes, rings and what the board is told of interrupts. */
static const FakeChipConfig cards[WORLD_CARDS] = {
    {
        .microengines = 2, .contexts = 4, .port_room = 64,
        .host_pages = WORLD_VIFS * WORLD_AREA,
    }, {
        .microengines = 3, .contexts = 2, .port_room = 8, .vectors = true,
        .stamps = true, .msf_element = 128,
        .host_pages = WORLD_VIFS * WORLD_AREA,
    }, {
        .microengines = 1, .contexts = 1, .port_room = 4, .irq_bits = 8,
        .msf_element = 256,
    }, {
        .microengines = 2, .contexts = 8, .port_room = 16,
        .ring_full_room = 100, .host_watch = true,
        .host_pages = WORLD_VIFS * WORLD_AREA,
    },
};

static const uint8_t groups[][MAC_BYTES] = {
    { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
    { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x01 },
    { 0x02, 0xee, 0x00, 0x00, 0x00, 0x01 },
    { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x01 },
    { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e },
};

static uint64_t host_address(unsigned vif, uint32_t page, bool reversed)
{
    return FAKE_HOST_BASE + (uint64_t)SVNIC_PAGE_SIZE *
           (vif * WORLD_AREA + (reversed ? WORLD_AREA - 1 - page : page));
}

static bool has_host(const World *w)
{
    return ixp_config(w->card->ix)->host;
}

/* ---- power ---- */

static World *world_new(unsigned n)
{
    World *w = g_new0(World, 1);
    FakeChipConfig config = cards[n];

    config.pages = WORLD_VIFS;
    config.ports = WORLD_PORTS;
    config.sdram_fill = 0xa5;
    /* One more than the smallest, so that queues can grow. */
    config.sdram_size = fw_sdram_min(WORLD_VIFS + 1);
    w->card = card_new(&config);
    for (unsigned vif = 0; vif < WORLD_VIFS && has_host(w); vif++) {
        uint64_t address[WORLD_AREA];

        for (uint32_t i = 0; i < WORLD_AREA; i++) {
            address[i] = host_address(vif, i, true);
        }
        w->view[vif] = fake_host_view(w->card->ix, address, WORLD_AREA);
    }
    return w;
}

uint8_t *world_region(World *w, unsigned vif)
{
    const Owner *o = &w->owner[vif];

    if (!o->on_host) {
        return (uint8_t *)w->card->guest[vif].page;
    }
    return o->reversed ? w->view[vif]
                       : fake_host(w->card->ix, host_address(vif, 0, false));
}

static void forget_owners(World *w)
{
    for (unsigned i = 0; i < WORLD_VIFS; i++) {
        Owner *o = &w->owner[i];
        Owner kept = { .number = o->number };

        memcpy(kept.last, o->last, sizeof(kept.last));
        *o = kept;
    }
    memset(w->lost, 0, sizeof(w->lost));
    for (unsigned i = 0; i < FW_DROPS; i++) {
        w->drops[i] = fake_trace_named(w->card->ix, FW_EVENT_DROP, i);
    }
    w->stops = fake_trace_count(w->card->ix, FW_EVENT_STOP);
    memset(w->port_taken, 0, sizeof(w->port_taken));
    w->flooded = false;
    w->dma = false;
}

void world_workers(World *w, bool run)
{
    if (run && w->threads) {
        w->workers = ixp_config(w->card->ix)->microengines;
        fake_chip_start(w->card->ix, w->workers);
    } else if (!run && w->workers) {
        fake_chip_stop(w->card->ix);
        w->workers = 0;
    }
}

void world_reset(World *w)
{
    world_workers(w, false);
    fake_chip_reset(w->card->ix);
    forget_owners(w);
    world_workers(w, true);
}

/* Brings back what a reset of the card does not. */
static void restore(World *w)
{
    Ixp *ix = w->card->ix;
    IxpFaultSetting off = { 0 };

    for (unsigned i = 0; i < IXP_FAULTS_MAX; i++) {
        ixp_fault_set(&ixp_units(ix)->faults, i, &off);
    }
    for (unsigned i = 0; i < WORLD_PORTS; i++) {
        if (w->unplugged & 1u << i) {
            fake_port_link(ix, i, true);
        }
    }
    for (unsigned vif = 0; vif < WORLD_VIFS && w->any_lost; vif++) {
        for (uint32_t i = 0; i < WORLD_AREA; i++) {
            fake_host_lose(ix, host_address(vif, i, false), false);
        }
    }
    if (has_host(w)) {
        fake_host_no_memory(ix, false);
    }
    if (w->bus_used) {
        memset(fake_bus(ix), 0, FAKE_BUS_SIZE);
    }
    memset(ixp_config(ix)->sdram, 0, SVNIC_CMD_AREA_SIZE);
}

static void start_vif(World *w, unsigned vif, unsigned port, bool host,
                      bool reversed, uint32_t link)
{
    struct svnic_cmd cmd = {
        .version = SVNIC_CMD_VERSION,
        .opcode = SVNIC_CMD_VIF_CREATE,
        .vif = vif,
        .u.attr = {
            .mask = SVNIC_ATTR_MAC | SVNIC_ATTR_PORT | SVNIC_ATTR_LINK |
                    SVNIC_ATTR_PLACEMENT | SVNIC_ATTR_MTU,
            .mtu = vif % 3 ? SVNIC_MAX_MTU : SVNIC_DEFAULT_MTU,
            .port = port,
            .link = link,
            .placement = host && has_host(w) ? SVNIC_PLACEMENT_HOST
                                             : SVNIC_PLACEMENT_CARD,
        },
    };

    memcpy(cmd.u.attr.mac, world_mac(vif), MAC_BYTES);
    g_assert_cmpuint(world_command(w, &cmd), ==, SVNIC_ST_OK);
    if (host && has_host(w)) {
        world_map_all(w, vif, reversed);
    }
    cmd.opcode = SVNIC_CMD_VIF_ACTIVATE;
    g_assert_cmpuint(world_command(w, &cmd), ==, SVNIC_ST_OK);
}

World *world_begin(unsigned n, bool threads)
{
    static World *worlds[WORLD_CARDS];
    World **place = &worlds[n % WORLD_CARDS];
    World fresh = { 0 };
    World *w;

    if (!*place) {
        *place = world_new(n % WORLD_CARDS);
    }
    w = *place;
    restore(w);
    fresh.card = w->card;
    fresh.threads = threads;
    memcpy(fresh.view, w->view, sizeof(fresh.view));
    *w = fresh;
    world_reset(w);
    if (!(n / WORLD_CARDS & 1)) {
        start_vif(w, 0, 0, false, false, SVNIC_LINK_AUTO);
        start_vif(w, 1, 0, false, false, SVNIC_LINK_AUTO);
        start_vif(w, 2, 0, true, false, SVNIC_LINK_AUTO);
        start_vif(w, 3, 1, false, false, SVNIC_LINK_AUTO);
        start_vif(w, 4, 0, true, true, SVNIC_LINK_PORT);
    }
    return w;
}

/* ---- the manager ---- */

static void note_attr(World *w, Owner *o, const struct svnic_cmd *answer)
{
    o->on_host = answer->u.vif_info.attr.placement == SVNIC_PLACEMENT_HOST;
    if (o->region_size != answer->u.vif_info.sdram_size) {
        o->mapped = false;
    }
    o->region_size = answer->u.vif_info.sdram_size;
    w->flooded |= answer->u.vif_info.attr.flags & SVNIC_VIF_F_PROMISC;
}

static void note_start(World *w, unsigned vif,
                       const struct svnic_cmd *answer)
{
    Card *c = w->card;
    Owner *o = &w->owner[vif];

    o->active = true;
    o->broken = false;
    o->must_stop = SVNIC_ERR_NONE;
    o->put = 0;
    o->taken = 0;
    o->send_prod = o->send_event = o->recv_cons = o->recv_event = 0;
    o->sent_before = world_count(w, vif, WORLD_SEND_FRAMES);
    o->received_before = world_count(w, vif, WORLD_RECV_FRAMES);
    if (o->on_host && !o->mapped) {
        /* In pages that the owner has no view of: it does nothing. */
        world_break(w, vif);
        o->active = false;
    } else if (o->on_host) {
        guest_attach_run(&c->guest[vif], c->ix, world_region(w, vif));
    } else {
        guest_attach(&c->guest[vif], c->ix, answer->u.vif_info.sdram_offset);
    }
}

/* Follows a command that was answered with SVNIC_ST_OK. */
static void note_command(World *w, const struct svnic_cmd *cmd,
                         const struct svnic_cmd *answer,
                         const uint64_t before[WORLD_VIFS][WORLD_COUNTERS])
{
    unsigned vif = answer->vif;
    Owner *o = &w->owner[vif];
    Owner fresh = { .number = o->number };

    switch (cmd->opcode) {
    case SVNIC_CMD_VIF_CREATE:
        for (unsigned i = 0; i < WORLD_COUNTERS; i++) {
            w->lost[i] += before[vif][i];
        }
        memcpy(fresh.last, o->last, sizeof(fresh.last));
        fresh.broke = o->broke;
        *o = fresh;
        note_attr(w, o, answer);
        break;
    case SVNIC_CMD_VIF_CHANGE:
        note_attr(w, o, answer);
        break;
    case SVNIC_CMD_VIF_ACTIVATE:
    case SVNIC_CMD_VIF_RESET:
        note_start(w, vif, answer);
        break;
    case SVNIC_CMD_VIF_DEACTIVATE:
    case SVNIC_CMD_VIF_DESTROY:
        o->active = false;
        break;
    case SVNIC_CMD_VIF_MAP:
        o->mapped = false;
        break;
    }
}

uint32_t world_command(World *w, const struct svnic_cmd *cmd)
{
    uint64_t before[WORLD_VIFS][WORLD_COUNTERS];
    uint32_t status;

    for (unsigned vif = 0; vif < WORLD_VIFS; vif++) {
        world_counters(w, vif, before[vif]);
    }
    status = card_command(w->card, cmd);
    if (status == SVNIC_ST_OK && w->card->answer.vif < WORLD_VIFS) {
        note_command(w, cmd, &w->card->answer, before);
    }
    return status;
}

void world_command_at(World *w, uint32_t offset)
{
    const uint8_t *sdram = ixp_config(w->card->ix)->sdram;
    struct svnic_cmd cmd;

    if (offset < SVNIC_CMD_AREA_SIZE && !(offset % SVNIC_CMD_BLOCK_SIZE)) {
        memcpy(&cmd, sdram + offset, sizeof(cmd));
        w->card->block = offset / SVNIC_CMD_BLOCK_SIZE;
        world_command(w, &cmd);
    } else {
        fake_mailbox_set(w->card->ix, SVNIC_MAILBOX_COMMAND, offset);
        fake_xscale_doorbell(w->card->ix, SVNIC_XSCALE_DB_COMMAND);
        g_assert_cmpuint(fake_mailbox(w->card->ix, SVNIC_MAILBOX_STATUS), ==,
                         SVNIC_ST_BAD_POINTER);
    }
}

void world_map_all(World *w, unsigned vif, bool reversed)
{
    Owner *o = &w->owner[vif];
    uint32_t pages = o->region_size / SVNIC_PAGE_SIZE;
    uint32_t each = reversed ? 1 : pages;
    struct svnic_cmd cmd = {
        .version = SVNIC_CMD_VERSION,
        .opcode = SVNIC_CMD_VIF_MAP,
        .vif = vif,
    };
    bool all = true;

    if (!o->on_host || o->active || !pages || pages > WORLD_AREA) {
        return;
    }
    o->reversed = reversed;
    memset(world_region(w, vif), 0, o->region_size);
    for (uint32_t page = 0; page < pages;) {
        uint32_t n = 0;

        for (; n < SVNIC_MAP_EXTENTS && page < pages; page += each) {
            cmd.u.map.extent[n++] = (struct svnic_map_extent) {
                .address = host_address(vif, page, reversed),
                .page = page, .pages = each,
            };
        }
        cmd.u.map.extents = n;
        all &= world_command(w, &cmd) == SVNIC_ST_OK;
    }
    o->mapped = all;
}

bool world_lose(World *w, unsigned vif, uint32_t page, bool lost)
{
    if (!has_host(w)) {
        return false;
    }
    w->any_lost |= lost;
    fake_host_lose(w->card->ix, host_address(vif, page, false), lost);
    if (lost) {
        world_break(w, vif);
    }
    return true;
}

void world_break(World *w, unsigned vif)
{
    w->owner[vif].broken = true;
    w->owner[vif].broke = true;
    w->owner[vif].must_stop = SVNIC_ERR_NONE;
}

/* ---- frames ---- */

const uint8_t *world_mac(unsigned dest)
{
    dest %= WORLD_DESTS;
    return dest < WORLD_VIFS ? card_mac(dest) : groups[dest - WORLD_VIFS];
}

/* What a frame says of itself, behind its addresses. */
typedef struct Label {
    uint32_t magic;
    uint32_t source;
    uint32_t number;
    uint32_t length;
} Label;

#define LABEL_AT                16
#define LABEL_MAGIC             0x53564e46u
#define LABEL_END               (LABEL_AT + sizeof(Label))

const uint8_t *world_frame(World *w, unsigned source, unsigned dest,
                           uint32_t length)
{
    uint32_t *number = source < WORLD_VIFS
                       ? &w->owner[source].number
                       : &w->port_number[source - WORLD_VIFS];
    Label label = {
        .magic = LABEL_MAGIC, .source = source, .number = ++*number,
        .length = length,
    };
    const uint8_t *src = source < WORLD_VIFS
                         ? w->card->guest[source].page->mac : card_stranger;

    memset(w->data, label.number, length);
    memcpy(w->data, world_mac(dest), MAC_BYTES);
    memcpy(w->data + MAC_BYTES, src, MAC_BYTES);
    if (length >= LABEL_END) {
        memcpy(w->data + LABEL_AT, &label, sizeof(label));
    }
    w->flooded |= world_mac(dest)[0] & 1;
    return w->data;
}

/* Checks a frame that has arrived; @last: numbers of the last ones. */
static void arrived(World *w, uint32_t length, uint32_t *last)
{
    const uint8_t *fill = w->data + LABEL_END;
    Label label;

    if (length < LABEL_END || w->dma) {
        return;
    }
    memcpy(&label, w->data + LABEL_AT, sizeof(label));
    if (label.magic != LABEL_MAGIC || label.source >= WORLD_SOURCES) {
        /* Only an owner that broke the rules can have sent it. */
        for (unsigned i = 0; i < WORLD_VIFS; i++) {
            if (w->owner[i].broke) {
                return;
            }
        }
        g_error("a frame that nothing has sent");
    }
    if (label.source < WORLD_VIFS && w->owner[label.source].broke) {
        return;
    }
    if (label.number - last[label.source] - 1 > INT32_MAX) {
        g_error("frame %u of source %u after frame %u", label.number,
                label.source, last[label.source]);
    }
    last[label.source] = label.number;
    if (label.length != length ||
        (length > LABEL_END &&
         (*fill != (uint8_t)label.number ||
          memcmp(fill, fill + 1, length - LABEL_END - 1)))) {
        g_error("frame %u of source %u is not as it was sent", label.number,
                label.source);
    }
}

/*
 * Spec, "Frames": what the card passes on lies within the frame, so that the
 * side that finishes it need not look.  @head is little-endian, as this host.
 */
static void check_offload(uint32_t length, const struct svnic_frame *head)
{
    uint32_t end = head->csum_start + head->csum_offset + 2;

    if (!(head->flags & SVNIC_FRAME_F_NEEDS_CSUM)) {
        g_assert_cmpuint(head->gso_type, ==, SVNIC_GSO_NONE);
        return;
    }
    g_assert_cmpuint(head->csum_start, >=, SVNIC_ETH_HEADER);
    g_assert_cmpuint(end, <=, length);
    g_assert_cmpuint(head->gso_type, <=, SVNIC_GSO_TCPV6);
    if (head->gso_type) {
        g_assert_cmpuint(head->gso_size, >=, SVNIC_MIN_GSO_SIZE);
        g_assert_cmpuint(head->hdr_len, >=, end);
        g_assert_cmpuint(head->hdr_len, <, length);
    }
}

bool world_send(World *w, unsigned vif, unsigned dest, uint32_t length,
                const struct svnic_frame *head)
{
    Owner *o = &w->owner[vif];
    Guest *g = &w->card->guest[vif];

    if (!o->active || o->broken ||
        SVNIC_FRAME_SLOTS(length) > svnic_send_room(g) ||
        !guest_put(g, world_frame(w, vif, dest, length), length, head)) {
        return false;
    }
    o->put++;
    o->send_prod = g->send_prod;
    guest_publish(g);
    return true;
}

void world_take(World *w, unsigned vif, unsigned limit)
{
    Owner *o = &w->owner[vif];
    Guest *g = &w->card->guest[vif];
    struct svnic_frame head;

    if (!o->active || o->broken) {
        return;
    }
    while (limit--) {
        int32_t length = svnic_recv_take(g, w->data, sizeof(w->data), &head);

        if (!length) {
            break;
        }
        if (length < 0) {
            if (w->dma) {
                world_break(w, vif);
                return;
            }
            g_error("VIF %u received a frame against the spec", vif);
        }
        if (!w->dma) {
            check_offload(length, &head);
        }
        arrived(w, length, o->last);
        o->taken++;
    }
    o->recv_cons = g->recv_cons;
    guest_release(g);
}

unsigned world_port_take(World *w, unsigned port, unsigned limit)
{
    Ixp *ix = w->card->ix;
    IxpOffload offload;
    uint32_t length;
    unsigned n;

    for (n = 0; n < limit; n++) {
        length = fake_port_sent(ix, port, w->data, &offload);
        if (!length) {
            break;
        }
        check_offload(length, &(struct svnic_frame) {
            .flags = offload.needs_csum ? SVNIC_FRAME_F_NEEDS_CSUM : 0,
            .gso_type = offload.gso_type, .hdr_len = offload.hdr_len,
            .gso_size = offload.gso_size, .csum_start = offload.csum_start,
            .csum_offset = offload.csum_offset,
        });
        arrived(w, length, w->port_last[port]);
        w->port_taken[port]++;
    }
    return n;
}

#ifdef __clang__
__attribute__((no_sanitize("thread")))
#endif
void world_poke(World *w, unsigned vif, uint32_t offset, uint32_t value)
{
    Owner *o = &w->owner[vif];

    world_break(w, vif);
    if (o->active && o->region_size && (!o->on_host || o->mapped)) {
        uint8_t *region = world_region(w, vif);

        *(uint32_t *)(region + (offset % o->region_size & ~3u)) = value;
    }
}
