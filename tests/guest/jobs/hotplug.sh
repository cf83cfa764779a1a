# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2317
#
# The host unplugs the card under traffic and plugs another one.  Run by
# tests/guest/run with the card id=card in the slot "hot-plug".  PLACEMENT is the
# placement of the VIFs.

. /lib/svnic/tap.sh

setup()
{
    load_drivers
    poll 10 card_ready
    placement "$(cards)" "$PLACEMENT"
    vif a "$(cards)" 1 52:54:00:cc:04:0a 10.3.0.1/24
    vif b "$(cards)" 2 52:54:00:cc:04:0b 10.3.0.2/24
    all_arrive a 20 10.3.0.2
}

load()
{
    ns b iperf3 -s >/dev/null 2>&1 &
    poll 5 listening b 5201
    ns a iperf3 -t 60 -P 2 -c 10.3.0.2 >/dev/null 2>&1 &
    before=$(counter a tx_packets)
    poll 10 flows
}

flows()
{
    [ "$(counter a tx_packets)" -gt "$((before + 200))" ]
}

no_card()
{
    [ -z "$(cards)" ]
}

one_card()
{
    [ -n "$(cards)" ]
}

unplug()
{
    load
    same 'answer' "$(ask qmp '{"execute": "device_del",
        "arguments": {"id": "card"}}' | tr -d ' ')" '{"return":{}}'
    poll 30 no_card
    ns a ls /sys/class/net/eth0 && return 1
    killall iperf3
    ip netns del a
    ip netns del b
}

# The slot is free when QEMU has deleted the first card.
gone()
{
    ask qmp '{"execute": "qom-get", "arguments":
        {"path": "/machine/peripheral/card", "property": "type"}}' |
        grep -q error
}

plug()
{
    poll 30 gone
    same 'answer' "$(ask qmp '{"execute": "device_add", "arguments":
        {"driver": "sv-nic", "id": "card", "bus": "hot-plug", "msix": true}}' |
        tr -d ' ')" '{"return":{}}'
    poll 30 one_card
    setup
}

unload()
{
    ip netns del a
    ip netns del b
    unload_drivers
}

check 'a card in a hot-plug slot works' setup
check 'device_del unplugs the card under traffic' unplug
check 'device_add plugs a card, which works at once' plug
check 'the second card can be unplugged under traffic' unplug
check 'a third card works' plug
check 'the drivers unload' unload
