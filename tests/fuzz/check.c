/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must hold in a world, whatever the owners that break rules, the manager
 * and the network do; see world.h.
 */
#include "world.h"

/* A counter, and the drop of that name that the firmware reports. */
typedef struct Name {
    const char *name;
    int drop;                   /* FwDrop, or -1 */
    int sign;                   /* 1: frames that came, -1: that went */
} Name;

static const Name vif_names[WORLD_COUNTERS] = {
    [WORLD_SEND_FRAMES]    = { "send-frames", -1, 1 },
    [WORLD_RECV_FRAMES]    = { "recv-frames", -1, -1 },
    [WORLD_RECV_FULL]      = { "recv-full", FW_DROP_RECV_FULL, -1 },
    [WORLD_RECV_OVERSIZE]  = { "recv-oversize", FW_DROP_RECV_OVERSIZE, -1 },
    [WORLD_RECV_NO_LINK]   = { "recv-no-link", FW_DROP_RECV_NO_LINK, -1 },
    [WORLD_SEND_OVERSIZE]  = { "send-oversize", FW_DROP_SEND_OVERSIZE, -1 },
    [WORLD_SEND_SPOOFED]   = { "send-spoofed", FW_DROP_SEND_SPOOFED, -1 },
    [WORLD_SEND_NO_LINK]   = { "send-no-link", FW_DROP_SEND_NO_LINK, -1 },
    [WORLD_SEND_TO_SELF]   = { "send-to-self", FW_DROP_SEND_TO_SELF, -1 },
    [WORLD_SEND_GSO_SMALL] = { "send-gso-small", FW_DROP_SEND_GSO_SMALL, -1 },
    [WORLD_SEND_RESERVED]  = { "send-reserved", FW_DROP_SEND_RESERVED, -1 },
    [WORLD_STOPS]          = { "stops", -1, 0 },
};

enum {
    PORT_IN,
    PORT_OUT,
    PORT_NO_VIF,
    PORT_RESERVED,
    PORT_ERRORS,
    PORT_NAMES,
};

static const Name port_names[PORT_NAMES] = {
    [PORT_IN]       = { "in-frames", -1, 1 },
    [PORT_OUT]      = { "out-frames", -1, -1 },
    [PORT_NO_VIF]   = { "in-no-vif", FW_DROP_PORT_NO_VIF, -1 },
    [PORT_RESERVED] = { "in-reserved", FW_DROP_PORT_RESERVED, -1 },
    [PORT_ERRORS]   = { "in-errors", FW_DROP_PORT_ERROR, 0 },
};

/* ---- counters ---- */

/* Numbers of the counters in their groups; the first world looks them up. */
static unsigned vif_number[WORLD_COUNTERS];
static unsigned port_number[PORT_NAMES];

static void look_up(World *w, unsigned group, const Name *names, unsigned n,
                    unsigned *number)
{
    for (unsigned i = 0; i < n; i++) {
        const char *found;
        uint64_t value;

        while ((found = fw_counter(w->card->fw, group, number[i], &value)) &&
               strcmp(found, names[i].name)) {
            number[i]++;
        }
        g_assert_nonnull(found);
    }
}

static uint64_t value_of(World *w, unsigned group, unsigned number)
{
    uint64_t value = 0;

    fw_counter(w->card->fw, group, number, &value);
    return value;
}

static void look_up_all(World *w)
{
    static bool done;

    if (!done) {
        look_up(w, 0, vif_names, WORLD_COUNTERS, vif_number);
        look_up(w, WORLD_VIFS, port_names, PORT_NAMES, port_number);
        done = true;
    }
}

uint64_t world_count(World *w, unsigned vif, WorldCounter counter)
{
    look_up_all(w);
    return value_of(w, vif, vif_number[counter]);
}

void world_counters(World *w, unsigned vif, uint64_t value[WORLD_COUNTERS])
{
    for (unsigned i = 0; i < WORLD_COUNTERS; i++) {
        value[i] = world_count(w, vif, i);
    }
}

static void check_drops(World *w, const Name *name, uint64_t counted)
{
    if (name->drop >= 0) {
        g_assert_cmpuint(counted, ==,
                         fake_trace_named(w->card->ix, FW_EVENT_DROP,
                                          name->drop) -
                         w->drops[name->drop]);
    }
}

/*
 * A frame that came to the card went somewhere or was dropped for one cause;
 * each drop was reported and counted.
 */
static void check_counters(World *w)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < WORLD_COUNTERS; i++) {
        uint64_t all = w->lost[i];

        for (unsigned vif = 0; vif < WORLD_VIFS; vif++) {
            all += world_count(w, vif, i);
        }
        sum += vif_names[i].sign * all;
        check_drops(w, &vif_names[i], all);
        if (i == WORLD_STOPS) {
            g_assert_cmpuint(all, ==,
                             fake_trace_count(w->card->ix, FW_EVENT_STOP) -
                             w->stops);
        }
    }
    for (unsigned i = 0; i < PORT_NAMES; i++) {
        uint64_t all = 0;

        for (unsigned port = 0; port < WORLD_PORTS; port++) {
            uint64_t one = value_of(w, WORLD_VIFS + port, port_number[i]);

            all += one;
            if (i == PORT_OUT) {
                g_assert_cmpuint(one, ==, w->port_taken[port]);
            }
        }
        sum += port_names[i].sign * all;
        check_drops(w, &port_names[i], all);
    }
    if (!w->flooded && !w->dma) {
        g_assert_cmpint(sum, ==, 0);
    }
}

/* ---- owners ---- */

static bool keeps_rules(World *w, unsigned vif)
{
    return w->owner[vif].active && !w->owner[vif].broken && !w->dma;
}

void world_check(World *w)
{
    for (unsigned vif = 0; vif < WORLD_VIFS; vif++) {
        const Owner *o = &w->owner[vif];
        const Guest *g = &w->card->guest[vif];

        if (!keeps_rules(w, vif)) {
            continue;
        }
        if (svnic_mem_load(g, SVNIC_PAGE(state)) != SVNIC_VIF_ACTIVE) {
            g_error("VIF %u was stopped: error %u", vif,
                    svnic_mem_load(g, SVNIC_PAGE(error)));
        }
        g_assert_cmpuint(svnic_mem_load(g, SVNIC_PAGE(send_prod.index)), ==,
                         o->send_prod);
        g_assert_cmpuint(svnic_mem_load(g, SVNIC_PAGE(send_prod.event)), ==,
                         o->send_event);
        g_assert_cmpuint(svnic_mem_load(g, SVNIC_PAGE(recv_cons.index)), ==,
                         o->recv_cons);
        g_assert_cmpuint(svnic_mem_load(g, SVNIC_PAGE(recv_cons.event)), ==,
                         o->recv_event);
        g_assert_cmpuint(svnic_send_used(g), <=, g->send_slots);
        g_assert_cmpuint(svnic_recv_ready(g), <=, g->recv_slots);
    }
}

static void check_zero(const uint8_t *from, const uint8_t *to)
{
    if (to > from) {
        g_assert_cmpuint(*from, ==, 0);
        g_assert_true(!memcmp(from, from + 1, to - from - 1));
    }
}

/* Nothing was written beside the VIF page and the queues. */
static void check_gaps(World *w, unsigned vif)
{
    const Guest *g = &w->card->guest[vif];
    uint8_t *region = world_region(w, vif);
    uint8_t *send = region + g->send_offset;
    uint8_t *recv = region + g->recv_offset;

    check_zero(region + sizeof(struct svnic_vif_page), send);
    check_zero(send + g->send_slots * SVNIC_SLOT_SIZE, recv);
    check_zero(recv + g->recv_slots * SVNIC_SLOT_SIZE,
               region + w->owner[vif].region_size);
}

/* Everything was sent, received and counted. */
static void check_owner(World *w, unsigned vif)
{
    const Owner *o = &w->owner[vif];
    const Guest *g = &w->card->guest[vif];

    g_assert_cmpuint(svnic_send_used(g), ==, 0);
    g_assert_cmpuint(svnic_recv_ready(g), ==, 0);
    g_assert_cmpuint(world_count(w, vif, WORLD_SEND_FRAMES) - o->sent_before,
                     ==, o->put);
    g_assert_cmpuint(world_count(w, vif, WORLD_RECV_FRAMES) -
                     o->received_before, ==, o->taken);
    if (!o->broke) {
        check_gaps(w, vif);
    }
}

/* An owner whose last act broke a rule that the card cannot overlook. */
static void check_stopped(World *w, unsigned vif)
{
    const Guest *g = &w->card->guest[vif];
    uint32_t error = w->owner[vif].must_stop;

    if (error) {
        g_assert_cmpuint(svnic_mem_load(g, SVNIC_PAGE(state)), ==,
                         SVNIC_VIF_STOPPED);
    }
    if (error && error != WORLD_ANY_ERROR) {
        g_assert_cmpuint(svnic_mem_load(g, SVNIC_PAGE(error)), ==, error);
    }
}

/* ---- the end ---- */

void world_settle(World *w)
{
    if (!fake_chip_run(w->card->ix, WORLD_STEPS)) {
        g_error("the contexts do not become idle");
    }
}

/* Receives and transmits everything; true if there was any. */
static bool drain(World *w)
{
    bool any = false;

    for (unsigned port = 0; port < WORLD_PORTS; port++) {
        any |= world_port_take(w, port, UINT32_MAX);
    }
    for (unsigned vif = 0; vif < WORLD_VIFS; vif++) {
        uint32_t taken = w->owner[vif].taken;

        world_take(w, vif, UINT32_MAX);
        any |= w->owner[vif].taken != taken;
    }
    return any;
}

void world_end(World *w)
{
    unsigned rounds = 0;

    world_workers(w, false);
    do {
        world_settle(w);
        g_assert_cmpuint(rounds++, <, WORLD_STEPS);
    } while (drain(w));
    world_check(w);
    check_counters(w);
    for (unsigned vif = 0; vif < WORLD_VIFS; vif++) {
        if (keeps_rules(w, vif)) {
            check_owner(w, vif);
        } else if (w->owner[vif].active && !w->dma) {
            check_stopped(w, vif);
        }
    }
}
