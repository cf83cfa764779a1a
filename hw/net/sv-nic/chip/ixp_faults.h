/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fault injection: what the chip can do wrong on request, and the engine that
 * decides when, for faults of the chip and of the program alike.
 *
 * A kind of fault has occasions: each doorbell, each interrupt, each command.
 * At an occasion it strikes or not: once in N on average, by a generator that
 * has the same sequence for the same seed, or on each of the next n, or both;
 * only on one page, port, vector or opcode if it is set so.  The board sets
 * kinds while the chip is paused, all other functions run on any thread.
 * Those that chip and program call are in ixp_units.h.
 *
 * Something delayed or repeated waits in a bounded list on the chip's clock.
 *
 * Each kind is one entry of the list of the chip, ixp_faults.h.inc, or of the
 * program, firmware-stub/fw_faults.h.inc; properties, help and counters are
 * made of them.
 * What a driver should do about each: docs/faults.rst.
 */
#ifndef HW_NET_SV_NIC_CHIP_IXP_FAULTS_H
#define HW_NET_SV_NIC_CHIP_IXP_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum IxpFaultId {
#define FAULT(id, name, scope, value, normal, min, max, text) IXP_FAULT_##id
#include "ixp_faults.h.inc"
#undef FAULT
    /* the kinds of the program follow */
    IXP_FAULT_PROGRAM,
} IxpFaultId;

/* Kinds of chip and program together; the last bit of .armed is no kind. */
#define IXP_FAULTS_MAX          63
/* No page, port, vector or opcode: all of them. */
#define IXP_FAULT_ANY           UINT32_MAX

/* What an occasion belongs to, to which a fault can be restricted. */
typedef enum IxpFaultScope {
    IXP_FAULT_CARD,             /* nothing */
    IXP_FAULT_STATE,            /* nothing; it has no "one-in" field */
    IXP_FAULT_PAGE,
    IXP_FAULT_PORT,
    IXP_FAULT_VECTOR,
    IXP_FAULT_OPCODE,
} IxpFaultScope;

typedef struct IxpFaultKind {
    const char *name;           /* words in lower case with hyphens */
    IxpFaultScope scope;
    const char *value;          /* name of its number; NULL: none */
    uint32_t normal, min, max;  /* default and range of the number */
    const char *text;
} IxpFaultKind;

/* An entry of a list as an element of a table. */
#define IXP_FAULT_KIND(id, name, scope, value, normal, min, max, text) \
    { name, IXP_FAULT_##scope, value, normal, min, max, text }

extern const IxpFaultKind ixp_fault_kinds[IXP_FAULT_PROGRAM];

/* How a kind is set.  Zero: off. */
typedef struct IxpFaultSetting {
    uint32_t one_in;            /* strikes once in so many on average; 0: off */
    bool limited;               /* only .next times more */
    uint32_t next;
    uint32_t at;                /* page, port, ..., or IXP_FAULT_ANY */
    uint32_t value;
} IxpFaultSetting;

typedef struct IxpFault {
    IxpFaultSetting set;        /* .next is atomic */
    uint64_t occasions;         /* since it was set; atomic */
    uint64_t struck;            /* atomic */
} IxpFault;

/* ---- events that are due later ---- */

typedef enum IxpLateWhat {
    IXP_LATE_DOORBELL,          /* page, doorbell */
    IXP_LATE_INTERRUPT,         /* IRQ bit, vector */
    IXP_LATE_XSCALE,            /* events */
    IXP_LATE_SIGNAL,            /* microengine << 16 | context, signals */
    IXP_LATE_LINK,              /* port, 1: the link may go down, 0: it is up */
    IXP_LATE_PORT,              /* port: does not block any more */
    IXP_LATE_RBUF,              /* port: has free elements again */
    IXP_LATE_BOOT,              /* nothing */
} IxpLateWhat;

typedef struct IxpLate {
    uint64_t at;                /* on IxpUnitsOps.clock, ns */
    IxpLateWhat what;
    uint32_t a, b;
} IxpLate;

/* More than these are not delayed, and the fault does not strike. */
#define IXP_LATE_MAX            64

/* Bit of IxpFaults.armed: there are late events. */
#define IXP_FAULT_LATE          (UINT64_C(1) << IXP_FAULTS_MAX)

typedef struct IxpFaults {
    /* bit for each kind that may strike, and IXP_FAULT_LATE; atomic */
    uint64_t armed __attribute__((aligned(64)));
    uint32_t seed;
    IxpFault fault[IXP_FAULTS_MAX] __attribute__((aligned(64)));

    uint32_t late_lock;
    uint32_t lates;             /* under late_lock, as the list */
    IxpLate late[IXP_LATE_MAX]; /* in the order of .at */
} IxpFaults;

/* ---- for the board: paused, or before there is another thread ---- */

/* Sets kind @id, and begins its sequence again.  The counter goes on. */
void ixp_fault_set(IxpFaults *f, unsigned id, const IxpFaultSetting *set);
/* How it is set now: .next counts down; .one_in is 0 after the last. */
IxpFaultSetting ixp_fault_get(const IxpFaults *f, unsigned id);
/* Sets the seed, and begins the sequences of all kinds again. */
void ixp_fault_seed(IxpFaults *f, uint32_t seed);

static inline uint64_t ixp_fault_struck(const IxpFaults *f, unsigned id)
{
    return __atomic_load_n(&f->fault[id].struck, __ATOMIC_RELAXED);
}

#endif /* HW_NET_SV_NIC_CHIP_IXP_FAULTS_H */
