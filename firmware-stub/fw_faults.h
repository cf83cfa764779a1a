/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the program can do wrong on request; chip/ixp_faults.h decides when.
 * Included by fw_state.h.
 *
 * Occasions of commands are on the XScale, all others in any context.  An event
 * of the state that must not be lost, such as an index, is only published late,
 * wrong or not at all: the program's own state stays right, and the next
 * publication is.
 */
#ifndef FIRMWARE_STUB_FW_FAULTS_H
#define FIRMWARE_STUB_FW_FAULTS_H

#include "hw/net/sv-nic/sv_nic_abi.h"
#include "hw/net/sv-nic/chip/ixp.h"

typedef enum FwFaultId {
    FW_FAULT_BEFORE_FIRST = IXP_FAULT_PROGRAM - 1,
#define FAULT(id, name, scope, value, normal, min, max, text) FW_FAULT_##id
#include "fw_faults.h.inc"
#undef FAULT
    FW_FAULT_END,
} FwFaultId;
#define FW_FAULT_KINDS  (FW_FAULT_END - IXP_FAULT_PROGRAM)

extern const IxpFaultKind fw_fault_kinds[];

#endif /* FIRMWARE_STUB_FW_FAULTS_H */
