# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2317
#
# A card is taken out under traffic and another is put in, both from the host's
# side.  Run by tests/guest/run, which has put the card with id=card into the
# slot "hot-plug".  PLACEMENT says where the queues lie.

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

take_out()
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

# The slot is free for the next one when QEMU no longer knows the first.
gone()
{
    ask qmp '{"execute": "qom-get", "arguments":
        {"path": "/machine/peripheral/card", "property": "type"}}' |
        grep -q error
}

put_in()
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
check 'device_del takes the card out under traffic' take_out
check 'device_add puts one in, which works at once' put_in
check 'and can be taken out and put in again' take_out
check 'so that VIFs work for a third time' put_in
check 'the drivers unload' unload
