/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs between the versions of QEMU that the card can be built in.  The
 * card's files include it in place of the headers below; qemu/lay links it to
 * include/qemu/ of QEMU's tree.  Patches that differ are in qemu/patches/10.2/.
 */
#ifndef QEMU_SV_NIC_COMPAT_H
#define QEMU_SV_NIC_COMPAT_H

#include "system/runstate.h"

/* QEMU 10.2, known by the path of a header. */
#if __has_include("system/memory.h")
#include "exec/icount.h"
#include "system/address-spaces.h"
#include "system/memory.h"

/* The data of class_init and the interfaces of a type are constant. */
#define SV_NIC_TYPE_CONST const

/* A handler of changes of the machine's state may also return an error. */
#define sv_nic_add_vm_change_state_handler(dev, cb, opaque) \
    qdev_add_vm_change_state_handler(dev, cb, NULL, opaque)
#else
#include "exec/address-spaces.h"
#include "exec/memory.h"
#include "system/cpu-timers.h"

#define SV_NIC_TYPE_CONST

#define sv_nic_add_vm_change_state_handler(dev, cb, opaque) \
    qdev_add_vm_change_state_handler(dev, cb, opaque)
#endif

#endif
