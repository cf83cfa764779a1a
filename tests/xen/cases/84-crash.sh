# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2317
#
# A guest's kernel panics.
# A file of cases: see tests/xen/jobs/life.

# The kernel of guest4 panics under traffic; xl destroys the guest.
crash()
{
    there=$(devices)
    guest_start guest4 'ping -q -i 0.01 10.0.2.11 >/dev/null &
        echo c >/proc/sysrq-trigger'
    poll 30 guest_gone guest4 && poll 10 has_devices $((there - 1)) &&
        reaches guest1 13 && reaches guest3 11
}

need guest1 11
need guest3 13
need guest4 14
check 'the VIF of a crashed guest is destroyed' traced crash
