/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 scratchpad: on-chip memory with rings.
 *
 * A ring has 128 to 1024 words, at a multiple of its size.  Put and get are
 * commands of up to 16 words, each atomic; any number of contexts may issue
 * them.  Its status is full while fewer words than config.ring_full_room are
 * free: a program reads it before a put, which does not check it.  A word for
 * which there is no space is lost and counted.  A ring with a number from
 * config.scratch_rings on does not exist: it is always full and empty, and
 * commands for it are counted.
 *
 * Called by firmware on any thread.  Each ring has a lock, a leaf, held for at
 * most 16 words; its status and registers are read without it, each one
 * atomically.  Does not use QEMU.
 *
 * Spec: "Scratchpad".  BASE, HEAD and TAIL as Linux ixpdev_priv.h has them;
 * (m): the flag's threshold and the effect of an overflow.
 */
#include <string.h>

#include "ixp_units.h"

static void count(uint64_t *counter, uint64_t n)
{
    __atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/* Stores a value that is read without the lock. */
static inline void set(uint32_t *word, uint32_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELAXED);
}

static inline uint32_t get(const uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_RELAXED);
}

/* Word @index of the ring, and how many are contiguous from there. */
static inline uint32_t *ring_word(IxpUnits *u, const IxpScratchRing *r,
                                  uint32_t index, unsigned *contiguous)
{
    uint32_t at = index & (r->words - 1);

    *contiguous = r->words - at;
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
    unsigned contiguous;

    ixp_unit_lock(&r->lock);
    room = r->words - (r->tail - r->head);
    fit = n < room ? n : room;
    at = ring_word(u, r, r->tail, &contiguous);
    contiguous = fit < contiguous ? fit : contiguous;
    copy_words(at, words, contiguous);
    copy_words(&u->scratch[r->offset], words + contiguous, fit - contiguous);
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
    unsigned contiguous;

    ixp_unit_lock(&r->lock);
    used = r->tail - r->head;
    got = n < used ? n : used;
    at = ring_word(u, r, r->head, &contiguous);
    contiguous = got < contiguous ? got : contiguous;
    copy_words(words, at, contiguous);
    copy_words(words + contiguous, &u->scratch[r->offset], got - contiguous);
    set(&r->head, r->head + got);
    count(&r->gets, got);
    if (!got) {
        not_there(u, ring);
        count(&r->empties, 1);
    }
    ixp_unit_unlock(&r->lock);
    return got;
}

/* Words in @ring, read without the lock. */
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

/* Sets up an empty ring.  One that does not fit has 0 words. */
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

/* Sets one end to the offset @value. */
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
