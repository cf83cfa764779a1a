/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the files of dataplane-firmware: the VIFs of a measurement with their
 * owners, simulated on the same core, and the clock.
 */
#ifndef BENCH_DATAPLANE_H
#define BENCH_DATAPLANE_H

#include "fw.h"
#include "guest.h"

#define TURN                    32      /* frames of an owner, at the most */
#define MOST_STEPS              1000000

typedef struct Owner {
    Guest g;
    FwLine line;                /* first line of each frame that it sends */
} Owner;

/* The VIFs of a measurement and their owners. */
typedef struct Setting {
    Ixp *ix;
    Owner *owner;
    uint32_t senders;
    uint32_t vifs;
} Setting;

/* One turn of all owners; returns the number of frames. */
typedef uint64_t Turn(Ixp *ix, Owner *owner, uint32_t senders, uint32_t vifs);

/* dataplane.c */
void die(const char *what);
/* The address of a VIF; SVNIC_MAX_VIFS and above: not on the card. */
void vif_mac(uint32_t vif, uint8_t *mac);
/* Sends a turn of frames, or as many as fit. */
void owner_fill(Owner *o);
/* Takes all frames; returns how many. */
uint32_t owner_drain(Owner *o);
/* Fills the whole send queue with payload, and makes the line before it. */
void prepare(Owner *o, uint32_t from, uint32_t to, uint32_t size);
Setting set_up(uint32_t size, uint32_t senders, uint32_t slots,
               enum svnic_vif_placement placement, bool stamps);
void tear_down(Setting *s);
/* Takes turns for @seconds and prints a line. */
void clocked(const char *name, Turn *one_turn, Ixp *ix, Owner *owner,
             uint32_t senders, uint32_t vifs, double seconds);
uint64_t counter(Ixp *ix, uint32_t vif, const char *name);

/* dataplane-port.c: prints a line for frames in, if there are any, and out. */
void measure_port(uint32_t size, uint32_t vifs, double seconds,
                  uint32_t slots);

#endif /* BENCH_DATAPLANE_H */
