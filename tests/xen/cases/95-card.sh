# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2317
#
# The card's driver goes from under guests, and comes back.
# A file of cases: see tests/xen/jobs/life.

# Unbind and bind the card driver: guests lose their VIFs in order, and frames that
# they may still have mapped are not used for another guest.
card_goes()
{
    card=$(cards | head -n 1)
    driver=/sys/bus/pci/drivers/svnic
    frame=$(backend guest3 memory-frame)
    echo "$card" >$driver/unbind
    poll 10 state_is guest3 6 &&
        in_guest guest3 '! [ -e /sys/class/net/eth0 ]' || return 1
    echo "$card" >$driver/bind
    # Large enough to cover the frames that guest3 had.
    for n in 31 32 33 34 11; do
        svnic-attach guest1 "mac=$(mac "$n")" send-slots=4096 \
            recv-slots=4096 || return 1
    done
    for n in 0 1 2 3 4; do
        other=/local/domain/0/backend/svnic/$(domid guest1)/$n
        first=$(xenstore-read "$other/memory-frame")
        end=$((first + $(xenstore-read "$other/memory-frames")))
        [ "$frame" -lt "$first" ] || [ "$frame" -ge "$end" ] || return 1
    done
    svnic-detach guest3 && attach guest3 13 && vif_up guest1 11 &&
        reaches guest1 13 && reaches guest3 11
}

# No VIF is attached, but guests may still have theirs mapped.
unload_while_parked()
{
    svnic-detach guest1 all && svnic-detach guest3 && has_devices 0 &&
        ! rmmod svnic_xenback 2>/dev/null && ! rmmod svnic 2>/dev/null
}

need guest1 11
need guest3 13
check "the card driver can be unbound and bound while guests have VIFs" \
    traced card_goes
check 'the drivers stay loaded while a guest may have a VIF mapped' \
    traced unload_while_parked
