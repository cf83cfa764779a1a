# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2317
#
# All guests end, and the drivers go: so this is the last.
# A file of cases: see tests/xen/jobs/life.

shut_down()
{
    for name in $(xl list | awk 'NR > 2 { print $1 }'); do
        guest_stop "$name" || return 1
        bad=$(guest_trouble "$name")
        [ -z "$bad" ] || {
            echo "$name: $bad"
            return 1
        }
    done
    poll 10 has_devices 0 && [ -z "$(xenstore-list \
        /local/domain/0/backend/svnic 2>/dev/null)" ]
}

# The driver logs VIFs that an earlier driver left on the card.
unload()
{
    rmmod svnic_xenback && rmmod svnic && modprobe svnic &&
        ! dmesg | grep -q 'of an earlier driver'
}

back_end
check 'guests shut down and their VIFs are destroyed' traced shut_down
check 'the drivers unload and leave no VIF on the card' traced unload
