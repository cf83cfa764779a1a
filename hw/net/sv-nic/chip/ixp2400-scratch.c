/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 scratchpad: memory of the chip with rings in it.
 *
 * A ring is a run of 128 to 1024 words, at a multiple of its own size.  Put
 * and get are commands of up to 16 words, each done as a whole; any number of
 * contexts may give them.  Its status is full while fewer words than
 * config.ring_full_room are free: that is what a program looks at before it
 * puts, as the put itself asks nobody.  A word that finds no room is lost and
 * counted.  A ring behind the config.scratch_rings that there are never has
 * any room, nor a word, and whoever asks it is counted.
 *
 * Called by firmware on any thread.  A ring has a lock of its own, a leaf,
 * held for at most 16 words; its status and its registers are read without,
 * so that what they show is atomic, each alone.  Nothing of QEMU in here.
 *
 * Spec: "Scratchpad".  BASE, HEAD and TAIL as Linux ixpdev_priv.h has them;
 * the flag's threshold and what an overflow does are remembered.
 */
#include <string.h>

#include "ixp_units.h"

static void count(uint64_t *counter, uint64_t n)
{
    __atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/* What somebody may read who has not the lock. */
static inline void set(uint32_t *word, uint32_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELAXED);
}

static inline uint32_t get(const uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_RELAXED);
}

/* Word @index of the ring, and how many lie in a row from there. */
static inline uint32_t *ring_word(IxpUnits *u, const IxpScratchRing *r,
                                  uint32_t index, unsigned *row)
{
    uint32_t at = index & (r->words - 1);

    *row = r->words - at;
    return &u->scratch[r->offset + at];
}

static inline void copy_words(uint32_t *to, const uint32_t *from, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        to[i] = from[i];
    }
}

static void not_there(IxpUnits *u, unsigned ring)
{
    if (ring >= u->config.scratch_rings) {
        ixp_unit_reserved(u);
    }
}

unsigned ixp_ring_put(IxpUnits *u, unsigned ring, const uint32_t *words,
                      unsigned n)
{
    IxpScratchRing *r = &u->ring[ring];
    uint32_t room;
    uint32_t *at;
    unsigned fit;
    unsigned row;

    ixp_unit_lock(&r->lock);
    room = r->words - (r->tail - r->head);
    fit = n < room ? n : room;
    at = ring_word(u, r, r->tail, &row);
    row = fit < row ? fit : row;
    copy_words(at, words, row);
    copy_words(&u->scratch[r->offset], words + row, fit - row);
    set(&r->tail, r->tail + fit);
    count(&r->puts, fit);
    if (__builtin_expect(fit < n, 0)) {
        not_there(u, ring);
        count(&r->overflows, n - fit);
    }
    ixp_unit_unlock(&r->lock);
    return fit;
}

unsigned ixp_ring_get(IxpUnits *u, unsigned ring, uint32_t *words, unsigned n)
{
    IxpScratchRing *r = &u->ring[ring];
    uint32_t used;
    uint32_t *at;
    unsigned got;
    unsigned row;

    ixp_unit_lock(&r->lock);
    used = r->tail - r->head;
    got = n < used ? n : used;
    at = ring_word(u, r, r->head, &row);
    row = got < row ? got : row;
    copy_words(words, at, row);
    copy_words(words + row, &u->scratch[r->offset], got - row);
    set(&r->head, r->head + got);
    count(&r->gets, got);
    if (!got) {
        not_there(u, ring);
        count(&r->empties, 1);
    }
    ixp_unit_unlock(&r->lock);
    return got;
}

/* Words in @ring, as somebody who holds no lock sees it. */
static uint32_t ring_used(const IxpUnits *u, unsigned ring)
{
    const IxpScratchRing *r = &u->ring[ring];

    return get(&r->tail) - get(&r->head);
}

bool ixp_ring_full(const IxpUnits *u, unsigned ring)
{
    uint32_t room = get(&u->ring[ring].words) - ring_used(u, ring);

    return !room || room < u->config.ring_full_room;
}

bool ixp_ring_empty(const IxpUnits *u, unsigned ring)
{
    return !ring_used(u, ring);
}

/* Sets the ring up, empty.  One that does not fit is as long as 0 words. */
void ixp_ring_set_base(IxpUnits *u, unsigned ring, uint32_t value)
{
    IxpScratchRing *r = &u->ring[ring];
    uint32_t words = IXP_RING_MIN_WORDS << (value >> IXP_RING_BASE_SIZE);
    uint32_t offset = value & IXP_RING_BASE_OFFSET & ~(words * 4 - 1);

    ixp_unit_lock(&r->lock);
    set(&r->base, value);
    set(&r->words, offset + words * 4 <= u->config.scratch_size ? words : 0);
    set(&r->offset, offset / 4);
    set(&r->head, 0);
    set(&r->tail, 0);
    ixp_unit_unlock(&r->lock);
}

/* HEAD and TAIL are byte offsets in the scratchpad. */
uint32_t ixp_ring_position(const IxpUnits *u, unsigned ring, bool tail)
{
    const IxpScratchRing *r = &u->ring[ring];
    uint32_t index = get(tail ? &r->tail : &r->head);
    uint32_t words = get(&r->words);

    return words ? (get(&r->offset) + (index & (words - 1))) * 4 : 0;
}

/*
 * Moves one end to where @value points.  The registers cannot tell a full
 * ring from an empty one: equal ends mean that it is empty.
 */
void ixp_ring_set_position(IxpUnits *u, unsigned ring, bool tail,
                           uint32_t value)
{
    IxpScratchRing *r = &u->ring[ring];
    uint32_t index;

    ixp_unit_lock(&r->lock);
    if (r->words) {
        index = (value / 4 - r->offset) & (r->words - 1);
        if (tail) {
            set(&r->tail, r->head + ((index - r->head) & (r->words - 1)));
        } else {
            set(&r->head, r->tail - ((r->tail - index) & (r->words - 1)));
        }
    }
    ixp_unit_unlock(&r->lock);
}
