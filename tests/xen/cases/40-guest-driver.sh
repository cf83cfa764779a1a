# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2317
#
# The guest's driver goes and comes back, and what a guest may set.
# A file of cases: see tests/xen/jobs/life.

unload_refused()
{
    ! rmmod svnic_xenback 2>/dev/null && ! rmmod svnic 2>/dev/null &&
        reaches guest1 12
}

# The xenbus holds a reference on the module while it has a device.
reload_front()
{
    in_guest guest1 'echo svnic-0 >/sys/bus/xen/drivers/svnic/unbind &&
            rmmod svnic_vif' &&
        poll 10 state_is guest1 6 &&
        in_guest guest1 'modprobe svnic_vif' && vif_up guest1 11 &&
        reaches guest1 12
}

mtu()
{
    in_guest guest1 'ip link set eth0 mtu 9000' &&
        in_guest guest2 'ip link set eth0 mtu 9000' &&
        in_guest guest1 'ping -q -M do -s 8900 -c 2 -w 10 10.0.2.12' \
            >/dev/null &&
        ! in_guest guest1 'ip link set eth0 address 00:16:3e:00:00:55' \
            >/dev/null
}

need guest1 11
need guest2 12
check 'the drivers in dom0 cannot be unloaded while guests have VIFs' \
    traced unload_refused
check "a guest's driver can be unloaded and loaded" traced reload_front
check 'a guest sets its MTU, but not its MAC address' traced mtu
