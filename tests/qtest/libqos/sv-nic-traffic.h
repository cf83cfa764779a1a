/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traffic of two VIFs and a wire, for tests of the card's life cycle.
 *
 * Single-threaded, like all of libqos.
 */
#ifndef QGRAPH_SV_NIC_TRAFFIC_H
#define QGRAPH_SV_NIC_TRAFFIC_H

#include "sv-nic.h"
#include "sv-nic-port.h"

/* Length of every frame here, in bytes. */
#define SV_NIC_TRAFFIC_LENGTH   1400

/* The address of a station outside of the card. */
extern const uint8_t sv_nic_outside[6];

/* Queues @n frames with seeds from @seed on, without publishing them. */
void sv_nic_traffic_queue(QSvNicVif *from, const uint8_t dst[6], uint32_t seed,
                          uint32_t n);
/*
 * Waits for the frame.  Frames that an earlier card put on the wire can precede
 * it, but no other frames.
 */
void sv_nic_traffic_expect(QSvNicVif *to, const uint8_t *bytes);
/* Sends a frame from VIF to VIF and waits for it. */
void sv_nic_traffic_pass(QSvNicVif *from, QSvNicVif *to, uint32_t seed);
/*
 * Opens VIFs 0 and 1 as @a and @b and starts traffic in every direction without
 * waiting for it: VIF to VIF, to a wire that is not read, from the wire.
 * @wire: NULL for a card without one.
 */
void sv_nic_traffic_start(QSvNic *nic, QSvNicVif *a, QSvNicVif *b,
                          QSvNicWire *wire);
/* The card is in its reset state, and everything works. */
void sv_nic_traffic_as_new(QSvNic *nic, QSvNicWire *wire);

/* Rounds of a test: @few, or more if the environment has SVNIC_ROUNDS. */
unsigned sv_nic_rounds(unsigned few);

/* What QEMU's process uses. */
typedef struct QSvNicUse {
    uint64_t resident;          /* bytes of memory */
    unsigned descriptors;       /* open files */
    unsigned threads;
} QSvNicUse;

/* Growth of resident memory that is no leak, however many the rounds: bytes. */
#define SV_NIC_USE_SLACK        (8 * 1024 * 1024)

QSvNicUse sv_nic_use(QTestState *qts);
/*
 * Prints what QEMU used before and uses now, after @what was done @times times,
 * and fails if that is more: descriptors, threads, or memory beyond the slack.
 */
void sv_nic_use_check(QTestState *qts, const QSvNicUse *before,
                      const char *what, unsigned times);

#endif
