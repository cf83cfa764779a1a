/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 hash unit: hashes of 48, 64 and 128 bits.
 *
 * The operand, as a polynomial over GF(2), is multiplied by a polynomial that
 * firmware chooses and divided by a fixed one that has no divisors; the
 * remainder is the hash.  So the map is one-to-one as long as the multiplier is
 * not 0: firmware may store the hash instead of the operand.
 *
 * The map is linear: the hash is the sum of those of its operand's groups of
 * four bits, which are in tables computed when a multiplier is written.
 *
 * Called by firmware: hashing on any thread, the registers on the XScale before
 * contexts run.  Does not use QEMU.
 *
 * Spec: "Hash unit".  (m): the unit, its three widths, the polynomials and the
 * addresses of the multiplier registers.
 */
#include <string.h>

#include "ixp_units.h"

/* Remainders of x^48, x^64 and x^128 by the fixed polynomials. */
#define POLY48      (UINT64_C(1) << 36 | UINT64_C(1) << 25 | \
                     UINT64_C(1) << 10 | 1)
#define POLY64      (UINT64_C(1) << 54 | UINT64_C(1) << 35 | \
                     UINT64_C(1) << 17 | 1)
#define POLY128_LOW     (UINT64_C(1) << 33 | 1)
#define POLY128_HIGH    (UINT64_C(1) << (98 - 64) | UINT64_C(1) << (69 - 64))

/* A polynomial of up to 128 bits. */
typedef struct Poly {
    uint64_t low;
    uint64_t high;
} Poly;

/* @p times x, modulo the polynomial of @bits bits. */
static Poly times_x(Poly p, unsigned bits)
{
    if (bits == 128) {
        bool carry = p.high >> 63;

        p.high = p.high << 1 | p.low >> 63;
        p.low <<= 1;
        if (carry) {
            p.low ^= POLY128_LOW;
            p.high ^= POLY128_HIGH;
        }
    } else if (bits == 64) {
        p.low = p.low << 1 ^ (p.low >> 63 ? POLY64 : 0);
    } else {
        p.low = p.low << 1 ^ (p.low >> 47 & 1
                              ? POLY48 | UINT64_C(1) << 48 : 0);
    }
    return p;
}

/* The hashes of all values of the operand's bits @at to @at + 3. */
static void make_group(Poly of_bit[4], Poly group[16])
{
    group[0] = (Poly) { 0, 0 };
    for (unsigned bit = 0; bit < 4; bit++) {
        for (unsigned v = 0; v < 1u << bit; v++) {
            group[1u << bit | v] = (Poly) {
                group[v].low ^ of_bit[bit].low,
                group[v].high ^ of_bit[bit].high,
            };
        }
    }
}

static void make_table(IxpHash *h, unsigned bits, Poly power)
{
    for (unsigned i = 0; i < bits / 4; i++) {
        Poly of_bit[4];
        Poly group[16];

        for (unsigned bit = 0; bit < 4; bit++) {
            of_bit[bit] = power;
            power = times_x(power, bits);
        }
        make_group(of_bit, group);
        for (unsigned v = 0; v < 16; v++) {
            if (bits == 48) {
                h->table48[i][v] = group[v].low;
            } else if (bits == 64) {
                h->table64[i][v] = group[v].low;
            } else {
                h->table128[i][v][0] = group[v].low;
                h->table128[i][v][1] = group[v].high;
            }
        }
    }
}

static uint64_t pair(const uint32_t *words)
{
    return words[0] | (uint64_t)words[1] << 32;
}

void ixp_hash_rebuild(IxpHash *h)
{
    const uint32_t *m = h->multiplier;

    make_table(h, 48, (Poly) { pair(m) & ((UINT64_C(1) << 48) - 1), 0 });
    make_table(h, 64, (Poly) { pair(m + 2), 0 });
    make_table(h, 128, (Poly) { pair(m + 4), pair(m + 6) });
}

uint64_t ixp_hash48(const IxpUnits *u, uint64_t value)
{
    uint64_t hash = 0;

    for (unsigned i = 0; i < 12; i++) {
        hash ^= u->hash.table48[i][value >> (4 * i) & 0xf];
    }
    return hash;
}

uint64_t ixp_hash64(const IxpUnits *u, uint64_t value)
{
    uint64_t hash = 0;

    for (unsigned i = 0; i < 16; i++) {
        hash ^= u->hash.table64[i][value >> (4 * i) & 0xf];
    }
    return hash;
}

void ixp_hash128(const IxpUnits *u, const uint64_t value[2],
                 uint64_t result[2])
{
    uint64_t low = 0;
    uint64_t high = 0;

    for (unsigned i = 0; i < 32; i++) {
        const uint64_t *entry =
            u->hash.table128[i][value[i / 16] >> (4 * (i % 16)) & 0xf];

        low ^= entry[0];
        high ^= entry[1];
    }
    result[0] = low;
    result[1] = high;
}
