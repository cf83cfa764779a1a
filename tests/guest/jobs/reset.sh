# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2317
#
# The host resets the machine under traffic; it boots and runs this script again.
# Run by tests/guest/run.

. /lib/svnic/tap.sh

setup()
{
    load_drivers
    poll 10 card_ready
    same 'VIFs of an earlier boot' "$(devlink port show | grep -c pcisf)" 0
    vif a "$(cards)" 1 52:54:00:cc:05:0a 10.4.0.1/24
    vif b "$(cards)" 2 52:54:00:cc:05:0b 10.4.0.2/24
    all_arrive a 50 10.4.0.2
    stream a b 10.4.0.2 /tmp/big
}

load()
{
    ns b iperf3 -s >/dev/null 2>&1 &
    poll 5 listening b 5201
    ns a iperf3 -t 60 -P 2 -c 10.4.0.2 >/dev/null 2>&1 &
    before=$(counter a tx_packets)
    poll 10 flows
}

flows()
{
    [ "$(counter a tx_packets)" -gt "$((before + 200))" ]
}

# What this test may ask of QEMU is system_reset, see tests/guest/run.
refused()
{
    for command in '{"execute": "quit"}' \
        '{"execute": "system_reset", "arguments": {"x": 1}}' \
        '{"execute": "human-monitor-command",
          "arguments": {"command-line": "quit"}}' \
        '{"execute": "device_add", "arguments": {"driver": "e1000e"}}'; do
        ask qmp "$command" | grep 'refused by the host.*not a command that'
    done
    ask host STOP | grep 'refused by the host'
}

head -c 4194304 /dev/urandom >/tmp/big
if [ "$BOOT_NUMBER" = 1 ]; then
    check 'the card works after power-on' setup
    check 'a guest may ask of QEMU what its test allows, and no more' refused
    check 'traffic runs' load
    ask qmp '{"execute": "system_reset"}'
    usleep 20000000
    fail 'the machine was not reset'
fi
check 'after a reset under traffic the card works and has no VIF' setup
if [ "$BOOT_NUMBER" = 2 ]; then
    check 'traffic runs again' load
    echo b >/proc/sysrq-trigger
    usleep 20000000
    fail 'the machine was not reset'
fi
check 'the drivers unload' unload_drivers
