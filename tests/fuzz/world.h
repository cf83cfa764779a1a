/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fuzzers of the firmware act on: a card on the fake chip with its
 * manager, several owners of VIFs in card and host memory, and the network at
 * its ports.  It knows which owners keep the rules of the ring protocol, and
 * checks what then must hold whatever everything else does.
 *
 * One thread uses a world.  The contexts run on that thread, or on threads of
 * their own (world.workers).
 */
#ifndef TESTS_FUZZ_WORLD_H
#define TESTS_FUZZ_WORLD_H

#include "card.h"

#define WORLD_VIFS              6
#define WORLD_PORTS             2
/* Pages of host memory for each VIF. */
#define WORLD_AREA              72
#define WORLD_CARDS             4
/* Steps until the contexts must have become idle. */
#define WORLD_STEPS             20000

/* Counters of a VIF that the checks use; check.c has their names. */
typedef enum WorldCounter {
    WORLD_SEND_FRAMES,
    WORLD_RECV_FRAMES,
    WORLD_RECV_FULL,
    WORLD_RECV_OVERSIZE,
    WORLD_RECV_NO_LINK,
    WORLD_SEND_OVERSIZE,
    WORLD_SEND_SPOOFED,
    WORLD_SEND_NO_LINK,
    WORLD_SEND_TO_SELF,
    WORLD_SEND_GSO_SMALL,
    WORLD_SEND_RESERVED,
    WORLD_STOPS,
    WORLD_COUNTERS,
} WorldCounter;

/* Where a frame is from: a VIF, or WORLD_VIFS + port. */
#define WORLD_SOURCES           (WORLD_VIFS + WORLD_PORTS)

/* The destinations of frames, by number. */
enum {
    WORLD_DEST_VIF,                 /* and up */
    WORLD_DEST_BROADCAST = WORLD_VIFS,
    WORLD_DEST_MULTICAST,
    WORLD_DEST_STRANGER,
    WORLD_DEST_PAUSE,               /* reserved addresses */
    WORLD_DEST_LLDP,
    WORLD_DESTS,
};

#define WORLD_ANY_ERROR         UINT32_MAX

/* The owner of a VIF, and what it knows. */
typedef struct Owner {
    bool active;                    /* its VIF was activated */
    bool broken;                    /* it broke a rule since then */
    bool broke;                     /* it broke one since the card's reset */
    /* the card must see the last one: the error, or WORLD_ANY_ERROR */
    uint32_t must_stop;
    bool on_host;
    bool reversed;                  /* the mapping, see world_map_all() */
    bool mapped;                    /* by that, completely */
    uint32_t region_size;
    uint32_t put;                   /* frames since it was activated */
    uint32_t taken;
    uint64_t sent_before;           /* counters at that time */
    uint64_t received_before;
    uint32_t number;                /* of the last frame */
    uint32_t last[WORLD_SOURCES];   /* number of the last frame from there */
    /* what it has written into the VIF page */
    uint32_t send_prod, send_event, recv_cons, recv_event;
} Owner;

typedef struct World {
    Card *card;
    bool threads;
    unsigned workers;               /* running now */
    bool flooded;                   /* frames may have several receivers */
    bool dma;                       /* the manager may have written anywhere */
    bool bus_used;                  /* up to "attr": until the next input */
    bool any_lost;
    uint32_t unplugged;             /* ports whose link went down */
    struct svnic_vif_attr attr;
    Owner owner[WORLD_VIFS];
    uint32_t port_number[WORLD_PORTS];
    uint32_t port_last[WORLD_PORTS][WORLD_SOURCES];
    uint64_t port_taken[WORLD_PORTS];
    uint8_t *view[WORLD_VIFS];      /* of its host pages, in reverse order */
    /* counters of VIFs that were created again meanwhile */
    uint64_t lost[WORLD_COUNTERS];
    unsigned drops[FW_DROPS];       /* reports before the card's reset */
    unsigned stops;
    uint8_t data[SVNIC_MAX_FRAME];
} World;

/* The world with card @n modulo WORLD_CARDS, as after power-on. */
World *world_begin(unsigned n, bool threads);
/* Drains everything, and checks what must hold at the end. */
void world_end(World *w);
/* Runs until all contexts sleep, and checks that they do. */
void world_settle(World *w);
/* Checks what must hold at any time; a failure aborts. */
void world_check(World *w);
void world_reset(World *w);

/* Issues a command, and follows what it has changed. */
uint32_t world_command(World *w, const struct svnic_cmd *cmd);
/* The same for a block that is in the command area already. */
void world_command_at(World *w, uint32_t offset);
/* Maps all pages of a VIF's region. */
void world_map_all(World *w, unsigned vif, bool reversed);

const uint8_t *world_mac(unsigned dest);
/* A frame of that length, which says where it is from. */
const uint8_t *world_frame(World *w, unsigned source, unsigned dest,
                           uint32_t length);
/* Puts and publishes a frame of an owner that keeps the rules. */
bool world_send(World *w, unsigned vif, unsigned dest, uint32_t length,
                const struct svnic_frame *head);
/* Takes frames, checks and releases them. */
void world_take(World *w, unsigned vif, unsigned limit);
/* The network takes frames from a port; returns how many. */
unsigned world_port_take(World *w, unsigned port, unsigned limit);
/* A page of a VIF's host memory goes away, or comes back. */
bool world_lose(World *w, unsigned vif, uint32_t page, bool lost);
/* The start of a VIF's region. */
uint8_t *world_region(World *w, unsigned vif);
uint64_t world_count(World *w, unsigned vif, WorldCounter counter);
void world_counters(World *w, unsigned vif, uint64_t value[WORLD_COUNTERS]);
/* Runs the contexts on threads of their own, or stops those. */
void world_workers(World *w, bool run);
/* The owner breaks, or may break, a rule from here on. */
void world_break(World *w, unsigned vif);
/*
 * A write into a VIF's memory that may race with the card on purpose: not seen
 * by the thread sanitizer.
 */
void world_poke(World *w, unsigned vif, uint32_t offset, uint32_t value);

#endif /* TESTS_FUZZ_WORLD_H */
