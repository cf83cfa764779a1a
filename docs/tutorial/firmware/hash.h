/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the host sees of the program of hash.c; used by the program, the board
 * and tests/qtest/sv-nic-program-test.c.
 */
#ifndef DOCS_TUTORIAL_FIRMWARE_HASH_H
#define DOCS_TUTORIAL_FIRMWARE_HASH_H

#define HASH_MAILBOX_NUMBER     0   /* host: the number to hash */
#define HASH_MAILBOX_RESULT     1   /* card: low half of its 64-bit hash */
#define HASH_MAILBOX_COUNT      2   /* card: numbers hashed since boot */
#define HASH_MAILBOX_IDENTITY   3   /* card: HASH_IDENTITY once booted */
#define HASH_IDENTITY           0x48415348u     /* "HASH" */
/* bit of the XScale doorbell, and of the PCI doorbell for the answer */
#define HASH_DOORBELL           (1u << 0)

#ifdef HW_NET_SV_NIC_CHIP_IXP_PROGRAM_H
extern const IxpProgram hash_program;
#endif

#endif /* DOCS_TUTORIAL_FIRMWARE_HASH_H */
