/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operations of the fuzzers of the firmware: an input is a byte that
 * selects the card (see world.c), then operations.  An operation is a byte, its
 * number in this list modulo their count, then its arguments, little-endian:
 * b has one byte, w two, d four.  Where the input ends, arguments are 0.
 *
 * tests/fuzz/run reads this list, too: it translates seeds/, which have
 * operations by name, into inputs, and a saved input back into operations.
 */
#ifndef TESTS_FUZZ_OPS_H
#define TESTS_FUZZ_OPS_H

#include "world.h"

#define FUZZ_OPS(OP)                                                        \
    /* the manager */                                                       \
    OP(attr, "bd")          /* field, value: for the next create, change */ \
    OP(command, "bbb")      /* opcode, VIF, flags */                        \
    OP(map, "bbbwb")        /* VIF, page, pages, host page, extents */      \
    OP(map_all, "bb")       /* VIF, 1: its pages in reverse order */        \
    OP(block, "bbd")        /* block, dword of it, value */                 \
    OP(ring_command, "d")   /* mailbox */                                   \
    OP(xscale, "d")         /* doorbell bits */                             \
    OP(csr, "wd")           /* PCI CSR, value */                            \
    OP(csr_read, "w")                                                       \
    OP(dma, "bdddd")        /* channel, PCI, SDRAM, next, count */          \
    /* owners that keep the rules */                                        \
    OP(send, "bbwb")        /* VIF, destination, length, frames */          \
    OP(offload, "bbwbwb")   /* VIF, destination, length, type, size, flags */ \
    OP(take, "bb")          /* VIF, frames */                               \
    OP(arm, "bb")           /* VIF, 1: receive, 2: send */                  \
    OP(unmask, "bb")        /* VIF, bits */                                 \
    OP(clear, "bb")         /* VIF, bits */                                 \
    OP(ring, "bb")          /* VIF, doorbells */                            \
    /* owners that do not */                                                \
    OP(header, "bbdwwbwwww") /* VIF, destination, length, slots, flags, */  \
                            /* type, hdr_len, gso_size, csum start, offset */ \
    OP(index, "bbd")        /* VIF, dword, difference from its value */     \
    OP(poke, "bdd")         /* VIF, offset in its region, value */          \
    /* the network */                                                       \
    OP(port_in, "bbwbb")    /* port, destination, length, frames, kind */   \
    OP(port_out, "bb")      /* port, frames */                              \
    OP(link, "bb")          /* port, up */                                  \
    /* the machine */                                                       \
    OP(lose, "bbb")         /* VIF, page, lost */                           \
    OP(no_memory, "b")                                                      \
    OP(fault, "bbb")        /* kind, one in, next; 0: off, no end */        \
    OP(step, "bb")          /* microengine, context */                      \
    OP(run, "b")            /* rounds; 0: until all sleep */                \
    OP(look, "")            /* everything that the monitor shows */         \
    OP(reset, "")

/* Executes an input from its second byte on. */
void fuzz_execute(World *w, const uint8_t *data, size_t size);

/* What libFuzzer calls; fuzz-firmware.c and fuzz-threads.c have it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif /* TESTS_FUZZ_OPS_H */
