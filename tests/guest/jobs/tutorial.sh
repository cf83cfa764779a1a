# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2317
#
# The driver of docs/tutorial/driver.rst does what the page says, and says so
# when it cannot.  Run by tests/guest/run with the driver in /lib/svnic.

. /lib/svnic/tap.sh

driver=/lib/svnic/driver
card=$(cards | head -n 1)

# Twice: it leaves the card as it was.
sends_a_frame()
{
    for _ in 1 2; do
        $driver "$card" >/tmp/said
        cat /tmp/said
        grep -qE '^.+: 64 VIFs, 3 ports$' /tmp/said
        same 'VIFs' "$(grep -cE '^VIF [01]: 256 and 1024 slots$' /tmp/said)" 2
        grep -qx 'VIF 0 sends 60 bytes and rings' /tmp/said
        same 'the last line' "$(tail -n 1 /tmp/said)" \
             'VIF 1 receives 60 bytes: hello, VIF'
    done
}

# The first device that is no card.
another_device()
{
    for dev in /sys/bus/pci/devices/*; do
        [ "${dev##*/}" = "$card" ] || {
            echo "${dev##*/}"
            return
        }
    done
}

taken_card()
{
    load_drivers
    poll 10 card_ready
    refuses 'does another driver have it\?' $driver "$card"
}

check "the tutorial's driver sends a frame from VIF to VIF" sends_a_frame
check 'it refuses what is no card' \
      refuses 'is [0-9a-f]*:[0-9a-f]*, no SV-NIC' $driver "$(another_device)"
check 'and a device that is not there' \
      refuses 'No such file' $driver 0000:00:1e.7
check 'and a card that another driver has' taken_card
