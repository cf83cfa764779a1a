/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Helpers for byte order, addresses, counters and sets of VIFs.  They have no
 * state; any context may call them.  Included by fw_state.h.
 */
#ifndef FIRMWARE_STUB_FW_UTIL_H
#define FIRMWARE_STUB_FW_UTIL_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "hw/net/sv-nic/sv_nic_abi.h"
#include "hw/net/sv-nic/chip/ixp.h"

#define FW_ALIGN64              __attribute__((aligned(64)))
#define FW_LIKELY(x)            __builtin_expect(!!(x), 1)
#define FW_UNLIKELY(x)          __builtin_expect(!!(x), 0)
/* Keep it out of line, away from the fast path. */
#define FW_COLD                 __attribute__((cold, noinline))
#define FW_UNINITIALIZED        IXP_UNINITIALIZED
#define FW_BIG_ENDIAN           (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

/*
 * Prefetches a line for writing: with ownership, taken from all other cores.  A
 * compiler for generic x86-64 would prefetch it for reading, and the write
 * would wait for the other core after all.  Processors without the instruction
 * treat it as a nop, but for the first few Pentium 4 of 64 bits.
 */
static inline void fw_prefetch_write(const void *line)
{
#ifdef __x86_64__
    __asm__ volatile("prefetchw %0" : : "m"(*(const char *)line));
#else
    __builtin_prefetch(line, 1);
#endif
}

static inline uint16_t fw_le16(uint16_t v)
{
    return FW_BIG_ENDIAN ? __builtin_bswap16(v) : v;
}

static inline uint32_t fw_le32(uint32_t v)
{
    return ixp_swap32(v);
}

static inline uint64_t fw_le64(uint64_t v)
{
    return FW_BIG_ENDIAN ? __builtin_bswap64(v) : v;
}

/*
 * Copies from memory that the host may be writing.  What the caller checks and
 * uses afterwards is the copy: the compiler cannot read @src again.
 */
static inline void fw_copy_once(void *dst, const void *src, size_t n)
{
    memcpy(dst, src, n);
    __asm__ volatile("" : : "r"(dst) : "memory");
}

/* An address as a number; the same six bytes give the same number. */
static inline uint64_t fw_mac(const uint8_t *mac)
{
    uint32_t low;
    uint16_t high;

    memcpy(&low, mac, sizeof(low));
    memcpy(&high, mac + sizeof(low), sizeof(high));
    return low | (uint64_t)high << 32;
}

static inline void fw_mac_bytes(uint64_t number, uint8_t *mac)
{
    uint32_t low = number;
    uint16_t high = number >> 32;

    memcpy(mac, &low, sizeof(low));
    memcpy(mac + sizeof(low), &high, sizeof(high));
}

static inline bool fw_mac_multicast(const uint8_t *mac)
{
    return mac[0] & 1;
}

/* A counter with one writer at a time; other threads may read it. */
static inline void fw_count(uint64_t *counter, uint64_t n)
{
    __atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/* A counter with several writers. */
static inline void fw_count_shared(uint64_t *counter, uint64_t n)
{
    __atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

static inline uint64_t fw_counted(const uint64_t *counter)
{
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

/* A set of VIFs. */
#define FW_SET_WORDS            (SVNIC_MAX_VIFS / 64)
typedef struct FwSet {
    uint64_t word[FW_SET_WORDS];
} FwSet;

static inline void fw_set_add(FwSet *set, unsigned n)
{
    set->word[n / 64] |= UINT64_C(1) << (n % 64);
}

static inline void fw_set_remove(FwSet *set, unsigned n)
{
    set->word[n / 64] &= ~(UINT64_C(1) << (n % 64));
}

static inline bool fw_set_has(const FwSet *set, unsigned n)
{
    return set->word[n / 64] >> (n % 64) & 1;
}

static inline bool fw_set_empty(const FwSet *set)
{
    uint64_t any = 0;

    for (unsigned i = 0; i < FW_SET_WORDS; i++) {
        any |= set->word[i];
    }
    return !any;
}

/* The first member from @n on, or SVNIC_MAX_VIFS. */
static inline unsigned fw_set_next(const FwSet *set, unsigned n)
{
    while (n < SVNIC_MAX_VIFS) {
        uint64_t word = set->word[n / 64] >> (n % 64);

        if (word) {
            return n + __builtin_ctzll(word);
        }
        n = (n / 64 + 1) * 64;
    }
    return SVNIC_MAX_VIFS;
}

#endif /* FIRMWARE_STUB_FW_UTIL_H */
