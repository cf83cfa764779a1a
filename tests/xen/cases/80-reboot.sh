# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2317
#
# guest1 reboots, while guest4 does not run and loses its VIF.
# A file of cases: see tests/xen/jobs/life.

# another_domain NAME OLD: the guest was restarted as another domain.
another_domain()
{
    new=$(xl domid "$1" 2>/dev/null) && [ "$new" != "$2" ]
}

# The VIFs of its xl configuration are attached again.
reboot()
{
    old=$(domid guest1)
    guest_start guest1 'reboot -f' &&
        poll 40 another_domain guest1 "$old" && guest_console guest1 &&
        guest_up 60 guest1 && poll 20 state_is guest1 4 &&
        vif_up guest1 11 && reaches guest1 13 && reaches guest3 11 &&
        [ "$(backend guest1 mac)" = "$(mac 11)" ]
}

# guest4 is paused while its VIF is detached.
begin_silence()
{
    xl pause guest4
    (svnic-detach guest4 >/run/silent 2>&1; echo "$?" >/run/silent.status) &
}

# guest4 handles the detach when it runs again, and can get the VIF back.
silent()
{
    poll 30 [ -s /run/silent.status ] && cat /run/silent &&
        same status "$(cat /run/silent.status)" 0 &&
        grep 'does not close device 0: detached anyway' /run/silent &&
        xl unpause guest4 &&
        in_guest guest4 'until ! [ -e /sys/class/net/eth0 ]; do
            usleep 20000; done' &&
        attach guest4 14 &&
        reaches guest4 13
}

need guest1 11
need guest3 13
need guest4 14
begin_silence
check 'a guest that reboots gets its VIF again' traced reboot
check 'a VIF is detached from a guest that does not answer' traced silent
