# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2317
#
# A guest tries at what is not its own.
# A file of cases: see tests/xen/jobs/life.

# faults NAME ADDRESS: a write of the guest faults, and the guest survives.
faults()
{
    in_guest "$1" "devmem $2 32 0xbad" && status=0 || status=$?
    # 128 and SIGBUS
    [ "$status" = 135 ]
}

# Region and doorbell page of another guest, pages next to its own, and the card's
# registers are not accessible.
neighbour()
{
    at=$(last_word guest1)
    in_guest guest1 "devmem $at 32 0x600d" &&
        faults guest4 "$at" &&
        faults guest4 "$(frame guest1 memory-frame)" &&
        faults guest4 "$(frame guest1 doorbell-frame)" &&
        faults guest4 "$(frame guest4 memory-frame \
            "$(backend guest4 memory-frames)")" &&
        faults guest4 "$(frame guest4 memory-frame -1)" &&
        faults guest4 "$(frame guest4 doorbell-frame 1)" &&
        faults guest4 "$(sed -n '1s/ .*//p' \
            "/sys/bus/pci/devices/$(cards | head -n 1)/resource")" &&
        in_guest guest1 "devmem $at 32" | grep -qi '^0x0000600d$' &&
        reaches guest1 13 && reaches guest4 11
}

need guest1 11
need guest3 13
need guest4 14
check "access to pages of another guest or of the card faults" \
    traced neighbour
