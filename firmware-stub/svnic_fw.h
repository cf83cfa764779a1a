/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program that provides VIFs, as the board loads it.
 *
 * Used by hw/net/sv-nic/ in QEMU and by tests/unit/ and bench/ on the host.
 */
#ifndef FIRMWARE_STUB_SVNIC_FW_H
#define FIRMWARE_STUB_SVNIC_FW_H

#include "hw/net/sv-nic/chip/ixp.h"

/* The program, see ixp_program.h. */
extern const IxpProgram svnic_program;

#endif /* FIRMWARE_STUB_SVNIC_FW_H */
