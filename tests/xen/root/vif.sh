# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# VIFs of guests, for dom0's jobs (tests/xen/jobs, bench/xen-dom0.sh): attaching,
# keys of the back end, counters, reachability.  Sourced after xen.sh.

# mac N: MAC address of VIF N.
mac()
{
    printf '00:16:3e:00:00:%02x\n' "$1"
}

# load_back_end: load the drivers of dom0.
load_back_end()
{
    modprobe svnic && modprobe svnic_xenback && [ -n "$(cards)" ]
}

# attach NAME N [SETTING...]: attach VIF N to a running guest, and set it up with
# address 10.0.2.N.
attach()
{
    attach_name=$1
    attach_n=$2
    shift 2
    svnic-attach "$attach_name" "mac=$(mac "$attach_n")" "$@" \
        >/run/attach 2>&1 || {
        cat /run/attach
        return 1
    }
    vif_up "$attach_name" "$attach_n"
}

# vif_up NAME N: set up the guest's interface of VIF N with address 10.0.2.N.
vif_up()
{
    in_guest "$1" "wait_for 10 netdev $(mac "$2") >/dev/null &&
        ip addr add 10.0.2.$2/24 dev \$(netdev $(mac "$2")) &&
        ip link set \$(netdev $(mac "$2")) up"
}

# reaches NAME N: whether the guest gets an answer from 10.0.2.N.
reaches()
{
    in_guest "$1" "ping -q -c 2 -i 0.2 -w 10 10.0.2.$2" >/dev/null
}

# backend NAME KEY: a key of the back end, for the guest's first VIF.
backend()
{
    xenstore-read "/local/domain/0/backend/svnic/$(domid "$1")/0/$2" \
        2>/dev/null
}

state_is()
{
    [ "$(backend "$1" state)" = "$2" ]
}

# counter NAME COUNTER: of back end or card, for the guest's first VIF.
counter()
{
    sed -n "s/^$2 //p" \
        "/sys/bus/xen-backend/devices/svnic-$(domid "$1")-0/counters"
}

# more_than NAME COUNTER N
more_than()
{
    [ "$(counter "$1" "$2")" -gt "$3" ]
}

# sum_of COUNTER: over all guests' VIFs.
sum_of()
{
    cat /sys/bus/xen-backend/devices/svnic-*/counters |
        awk -v name="$1" '$1 == name { sum += $2 }
            END { printf "%.0f\n", sum }'
}

# devices: number of VIFs attached to guests.
devices()
{
    find /sys/bus/xen-backend/devices/ -name 'svnic-*' | wc -l
}

# devices_of NAME: how many of them are that guest's.
devices_of()
{
    find /sys/bus/xen-backend/devices/ -name "svnic-$(domid "$1")-*" | wc -l
}

has_devices()
{
    [ "$(devices)" = "$1" ]
}

# through_dom0: packets and bytes on all interfaces of dom0 except loopback.
through_dom0()
{
    awk 'NR > 2 && sub(":", " ") && $1 != "lo" { p += $3 + $11; b += $2 + $10 }
        END { printf "%.0f %.0f\n", p, b }' /proc/net/dev
}
