# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2317
#
# Guests get VIFs and talk to each other.
# A file of cases: see tests/xen/jobs/life.

# with_vifs: guest1 has VIF 11, guest2 VIF 12.
with_vifs()
{
    guest_with guest1 11 && guest_with guest2 12
}

traffic()
{
    reaches guest1 12 && reaches guest2 11 && reaches guest1 2
}

# dom0 has no interface but loopback, and no packets crossed it.
not_dom0()
{
    [ "$(find /sys/class/net -type l | grep -vc '/lo$')" = 0 ] &&
        [ "$(through_dom0)" = '0 0' ] &&
        [ "$(counter guest1 send_frames)" -ge 4 ]
}

# Traffic causes no requests to dom0.
no_requests()
{
    asked=$(counter guest1 requests)
    in_guest guest1 'ping -q -c 50 -i 0.01 -W 10 10.0.2.12' |
            grep ' 50 received' &&
        same requests "$(counter guest1 requests)" "$asked"
}

back_end
check 'guests get the VIFs of their xl configuration' traced with_vifs
check 'two guests reach each other and the outside' traced traffic
check 'no packet crossed dom0' traced not_dom0
check 'a guest sends and receives without requests to dom0' traced no_requests
