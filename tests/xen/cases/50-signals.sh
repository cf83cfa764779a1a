# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2317
#
# Identifiers that VIFs share, and VIFs that come at once.
# A file of cases: see tests/xen/jobs/life.

# Attach a VIF to another running guest.  Idle VIFs of dom0 use the irq bits in
# between, so that this one shares the irq bit of guest1's.
share()
{
    card=$(cards | head -n 1)
    # guest1, guest2 and still have the first three VIFs.
    n=3
    while [ "$n" -lt 15 ]; do
        devlink port add "pci/$card" flavour pcisf pfnum 0 >/dev/null ||
            return 1
        n=$((n + 1))
    done
    guest guest3 && attach guest3 13 send-slots=4096 &&
        [ "$(backend guest1 signal)" = "$(backend guest3 signal)" ] &&
        [ "$(backend guest2 signal)" != "$(backend guest3 signal)" ]
}

# events NAME: events that the guest's driver received for its first interface.
events()
{
    in_guest "$1" "awk '\$NF == \"eth0\" { print \$2 }' /proc/interrupts"
}

redundant()
{
    before=$(counter guest3 redundant)
    had=$(events guest3)
    alone=$(counter guest2 redundant)
    in_guest guest2 'ping -q -c 100 -i 0.01 10.0.2.11' >/dev/null &&
        more_than guest3 redundant $((before + 50)) &&
        more "guest3's events" "$(events guest3)" $((had + 50)) &&
        [ "$(counter guest2 redundant)" -lt $((alone + 20)) ] &&
        reaches guest3 11 || return 1
    for port in $(devlink port | sed -n 's/^\(pci[^ ]*\): .*pcisf.*/\1/p'); do
        devlink port del "$port"
    done
}

# Each VIF gets another device number and a random MAC address.
at_once()
{
    there=$(devices)
    svnic-attach guest1 &
    one=$!
    svnic-attach guest1 &
    two=$!
    wait "$one" && wait "$two" && has_devices $((there + 2))
    refuses 'has 3 VIFs: add device=N' svnic-detach guest1
    second=$(xenstore-read "/local/domain/0/backend/svnic/$(domid \
        guest1)/2/mac")
    svnic-detach guest1 device=1 && svnic-detach guest1 "mac=$second" &&
        has_devices "$there"
}

need guest1 11
need guest2 12
need_still_vif
check 'a guest gets a VIF that shares an irq bit' traced share
check 'a signal of one of them is a redundant event of the other' \
    traced redundant
check 'two concurrent attaches give two VIFs' traced at_once
