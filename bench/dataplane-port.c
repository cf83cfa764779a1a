/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench/dataplane: frames that a port receives and transmits.
 *
 * Called by dataplane.c.  What a wire does is on the same core and in the time,
 * as far as the device does it: a frame that comes in is copied into the MAC's
 * FIFO, one that leaves is looked at there and taken off.  The FIFO is the
 * device's own code, ixp2400-fifo.c, and so is the MSF behind it.  What the
 * device's main loop does beyond that is not: the net layer's calls, checksums
 * and segmentation on the way out.
 */
#include <stdlib.h>
#include <string.h>

#include "dataplane.h"
#include "hw/net/sv-nic/chip/ixp2400-fifo.h"

/*
 * VIFs with owners that send together: all of their largest frames fit into the
 * FIFO.
 */
#define GROUP_IN                8
#define GROUP_OUT               4
/* Beyond Ethernet's length, with its longest header, none comes in. */
#define MOST_IN                 (SVNIC_DEFAULT_MTU + SVNIC_ETH_MAX_HEADER)

/* The frames on the wire, one for each VIF. */
static uint32_t length;
static uint8_t *frame[SVNIC_MAX_VIFS];

static void run(Ixp *ix)
{
    if (!fake_chip_run(ix, MOST_STEPS)) {
        die("the firmware does not come to rest");
    }
}

/*
 * A turn of frames for each VIF, and each frame for another one of a group
 * than the frame before: they share a wire.  It gives a turn at once.
 */
static uint64_t turn_in(Ixp *ix, Owner *owner, uint32_t senders, uint32_t vifs)
{
    uint64_t frames = 0;

    for (uint32_t first = 0; first < vifs; first += GROUP_IN) {
        uint32_t n = first + GROUP_IN < vifs ? GROUP_IN : vifs - first;

        for (uint32_t i = 0; i < n; i++) {
            for (uint32_t k = 0; k < TURN; k++) {
                if (!fake_port_receive(ix, 0, frame[first + k % n], length)) {
                    die("the port's FIFO is too small for a turn");
                }
            }
            run(ix);
        }
        for (uint32_t i = first; i < first + n; i++) {
            frames += owner_drain(&owner[i]);
        }
    }
    return frames;
}

/* Takes all frames off the port; returns how many. */
static uint32_t wire_drain(Ixp *ix)
{
    uint32_t frames = 0;
    const uint8_t *oldest;
    uint32_t n;

    while ((oldest = fake_port_oldest(ix, 0, NULL, &n))) {
        if (n != length || oldest[0] != 0x02) {
            die("a frame has changed on its way");
        }
        fake_port_taken(ix, 0);
        frames++;
    }
    return frames;
}

static uint64_t turn_out(Ixp *ix, Owner *owner, uint32_t senders,
                         uint32_t vifs)
{
    uint64_t frames = 0;

    for (uint32_t first = 0; first < vifs; first += GROUP_OUT) {
        for (uint32_t i = first; i < vifs && i < first + GROUP_OUT; i++) {
            owner_fill(&owner[i]);
        }
        run(ix);
        frames += wire_drain(ix);
    }
    return frames;
}

static uint64_t counted(const Setting *s, const char *name)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < s->vifs; i++) {
        sum += counter(s->ix, i, name);
    }
    return sum;
}

static void check(const Setting *s, const char *moved, const char *at_port)
{
    if (!counted(s, moved) || counted(s, "stops") || counted(s, "recv-full") ||
        counted(s, moved) != counter(s->ix, s->vifs, at_port) ||
        counter(s->ix, s->vifs, "out-full")) {
        die("frames were lost: the figures would be wrong");
    }
}

static void measure_in(uint32_t vifs, double seconds, uint32_t slots)
{
    Setting s = set_up(length, vifs, slots, SVNIC_PLACEMENT_CARD, false);

    for (uint32_t i = 0; i < vifs; i++) {
        frame[i] = malloc(length);
        memset(frame[i], 0x5a, length);
        vif_mac(i, frame[i]);
    }
    clocked("in", turn_in, s.ix, s.owner, vifs, vifs, seconds);
    check(&s, "recv-frames", "in-frames");
    for (uint32_t i = 0; i < vifs; i++) {
        free(frame[i]);
    }
    tear_down(&s);
}

static void measure_out(uint32_t vifs, double seconds, uint32_t slots)
{
    Setting s = set_up(length, vifs, slots, SVNIC_PLACEMENT_CARD, false);

    for (uint32_t i = 0; i < s.vifs; i++) {
        prepare(&s.owner[i], i, SVNIC_MAX_VIFS, length);
    }
    clocked("out", turn_out, s.ix, s.owner, vifs, vifs, seconds);
    check(&s, "send-frames", "out-frames");
    tear_down(&s);
}

void measure_port(uint32_t size, uint32_t vifs, double seconds, uint32_t slots)
{
    length = size;
    if (size <= MOST_IN) {
        measure_in(vifs, seconds, slots);
    }
    measure_out(vifs, seconds, slots);
}
