# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034
#
# The processor, and the command lines of Xen and of dom0's kernel.  Sourced by
# tests/xen/boot and tests/xen/shell.
#
#   SVNIC_CPU                 QEMU's model of it
#   DOM0_MEMORY, DOM0_VCPUS   dom0's MiB (default 768) and vCPUs (default 1)
#   XEN_ARGUMENTS             more of Xen's arguments

# With a source of random numbers: without one dom0's kernel has none for minutes,
# and xl, which asks libuuid for a guest's UUID, waits three seconds for each.
SVNIC_CPU=${SVNIC_CPU:-qemu64,+rdrand}

# No mitigations: TCG is slow and has none of the hardware's leaks.
xen_arguments="com1=115200,8n1 console=com1 loglvl=warning \
guest_loglvl=warning dom0_mem=${DOM0_MEMORY:-768}M,max:${DOM0_MEMORY:-768}M \
dom0_max_vcpus=${DOM0_VCPUS:-1} ucode=no spec-ctrl=no xpti=no pv-l1tf=no \
noreboot${XEN_ARGUMENTS:+ $XEN_ARGUMENTS}"
dom0_arguments='console=hvc0 loglevel=5 panic=0'
