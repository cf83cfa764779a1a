/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program for the chip, which the board loads and the chip runs.
 *
 * A program is one constant structure of this type.  Its state is one flat
 * block that the chip owns: it has no pointer that must stay valid after a
 * step, so that it can be cleared at reset and migrated.
 *
 * Threads: boot and xscale_step run on the XScale's thread, context_step on any
 * worker, see ixp.h; counter and accesses on any thread.
 *
 * Tutorial: docs/tutorial/firmware.rst.
 */
#ifndef HW_NET_SV_NIC_CHIP_IXP_PROGRAM_H
#define HW_NET_SV_NIC_CHIP_IXP_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixp_units.h"

typedef struct Ixp Ixp;

/*
 * An event that a program reports by ixp_trace().  It has three values, each
 * with a label; the second one may have names.
 */
typedef struct IxpEvent {
    const char *name;
    const char *label[3];       /* NULL: the event has no such value */
    const char *const *value;   /* names of the second value, or NULL */
    unsigned values;            /* how many there are */
} IxpEvent;

/*
 * Takes a description, piece by piece: named values, groups of them, and lists
 * of groups.  A group of a list has no name, NULL, and holds values alone.
 * Names are words in lower case with hyphens.  end() ends the last list or
 * group that was begun.
 */
typedef struct IxpVisitor IxpVisitor;
struct IxpVisitor {
    void (*group)(IxpVisitor *v, const char *name);
    void (*list)(IxpVisitor *v, const char *name);
    void (*end)(IxpVisitor *v);
    void (*number)(IxpVisitor *v, const char *name, uint64_t value);
    /* a number that is read in hexadecimal: a size, an address */
    void (*hex)(IxpVisitor *v, const char *name, uint64_t value);
    void (*text)(IxpVisitor *v, const char *name, const char *value);
};

typedef struct IxpProgram {
    const char *name;           /* as the property firmware= has it */
    size_t state_size;          /* bytes; the chip aligns the block to 64 */
    const IxpEvent *event;      /* numbered as in ixp_trace() */
    unsigned events;
    /* Kinds of faults that it can inject: their ids follow the chip's. */
    const IxpFaultKind *fault;
    unsigned faults;

    /* Bytes of SDRAM that it needs at least to serve @pages pages. */
    uint64_t (*sdram_min)(uint32_t pages);
    /*
     * Power-on and reset.  @state: state_size bytes of any value; SDRAM, too,
     * may have any content.  No context runs.
     */
    void (*boot)(void *state, Ixp *ix);
    /*
     * One step of the XScale, a bounded amount of work.  @events:
     * IXP_XSCALE_*.  True: call again.  Contexts may be running.
     */
    bool (*xscale_step)(void *state, uint32_t events);
    /*
     * One step of a context: runs to completion over a bounded burst.
     * @signals: IXP_SIGNAL_* since its last step.  True: there is more to do,
     * call again with IXP_SIGNAL_AGAIN; false: sleep until signalled.
     */
    bool (*context_step)(void *state, unsigned me, unsigned context,
                         uint32_t signals);
    /*
     * Counter @n of group @group: first the pages' groups, then the ports',
     * then the microengines'.  Returns its name, or NULL past the last;
     * *@value is the value now.  May be NULL.
     */
    const char *(*counter)(const void *state, unsigned group, unsigned n,
                           uint64_t *value);
    /* Number of accesses of the contexts of @me to a memory.  May be NULL. */
    uint64_t (*accesses)(const void *state, unsigned me, IxpMemory memory);
    /*
     * Describes the state for the monitor.  On the XScale's thread; contexts
     * may be running, so that each value is whole, but they need not be of one
     * moment.  May be NULL.
     */
    void (*describe)(const void *state, IxpVisitor *v);
} IxpProgram;

#endif /* HW_NET_SV_NIC_CHIP_IXP_PROGRAM_H */
