# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2317
#
# A VIF's memory goes from guest to guest.
# A file of cases: see tests/xen/jobs/life.

# Data of a destroyed guest is not visible in the VIF of another guest.
scrubbed()
{
    there=$(devices)
    at=$(last_word guest2)
    in_guest guest2 "devmem $at 32 0x5ec2e7" &&
        in_guest guest2 "devmem $at 32" | grep -qi 5EC2E7 &&
        xl destroy guest2 &&
        poll 10 has_devices $((there - 1)) &&
        ON_CRASH=destroy guest guest4 && attach guest4 14 &&
        [ "$(last_word guest4)" = "$at" ] &&
        in_guest guest4 "devmem $at 32" | grep -q '^0x00000000$'
}

destroy_in_traffic()
{
    in_guest guest2 'iperf3 -s -D && wait_for 20 listening 5201' &&
        guest_start guest1 'iperf3 -c 10.0.2.12 -t 20' || return 1
    frames=$(counter guest2 recv_frames)
    poll 10 more_than guest2 recv_frames $((frames + 100)) || return 1
    scrubbed || return 1
    # Its peer is gone: the result does not matter.
    guest_wait guest1 60 >/dev/null || :
    reaches guest1 14 && reaches guest4 11
}

# Frames that a guest may still have mapped are not used for another guest; but
# its MAC address is free, and the settings of the detached VIF do not remain.
parked()
{
    frame=$(backend guest3 memory-frame)
    other=/local/domain/0/backend/svnic/$(domid guest4)/1
    svnic-detach guest3 && svnic-attach guest4 "mac=$(mac 13)" mtu=9000 &&
        [ "$(xenstore-read "$other/memory-frame")" != "$frame" ] &&
        svnic-detach guest4 device=1 &&
        svnic-attach guest4 "mac=$(mac 13)" &&
        same mtu "$(xenstore-read "$other/mtu")" 1500 &&
        svnic-detach guest4 device=1 &&
        attach guest3 13 && [ "$(backend guest3 memory-frame)" = "$frame" ] &&
        reaches guest3 14
}

need guest1 11
need guest2 12
need guest3 13
check 'memory of a guest destroyed under traffic is zero for the next guest' \
    traced destroy_in_traffic
need guest4 14
check 'memory detached from a running guest is not given to another' traced parked
