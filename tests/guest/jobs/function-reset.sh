# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2317
#
# Reset of the PCI function and sleep of the machine under traffic, with the
# first card's VIFs in card memory and MSI-X, and the second card's in host
# memory and INTA.  Run by tests/guest/run.

. /lib/svnic/tap.sh

first=$(cards | sed -n 1p)
second=$(cards | sed -n 2p)

# pair CARD NAME NET: VIFs 1 and 2 in the namespaces NAMEa and NAMEb, with
# attributes that differ from the defaults.
pair()
{
    vif "$2a" "$1" 1 "52:54:00:cc:0$3:0a" "10.$3.0.1/24"
    vif "$2b" "$1" 2 "52:54:00:cc:0$3:0b" "10.$3.0.2/24"
    for end in a b; do
        ns "$2$end" ip link set eth0 mtu 4000
        ns "$2$end" ethtool -G eth0 tx 128 rx 512
        poll 10 carrier "$2$end"
    done
    ns "$2a" ip link set eth0 promisc on
    echo 0 | tee /sys/bus/auxiliary/devices/svnic.vif.*/spoof_check
}

setup()
{
    placement "$second" host
    pair "$first" m 6
    pair "$second" h 7
    # One VIF that is inactive, one that is active with its interface down.
    devlink port add "pci/$first" flavour pcisf pfnum 0 sfnum 5
    devlink port function set "pci/$first/21" hw_addr 52:54:00:cc:06:05
    devlink port add "pci/$first" flavour pcisf pfnum 0 sfnum 6
    devlink port function set "pci/$first/22" hw_addr 52:54:00:cc:06:06 \
            state active
    poll 10 netdev_of 52:54:00:cc:06:06
    state >/tmp/before
    cat /tmp/before
}

# state: what must be as it was.
state()
{
    devlink port show | grep pcisf
    ip link show dev "$(netdev_of 52:54:00:cc:06:06)"
    for end in ma mb ha hb; do
        ip -n "$end" link show dev eth0
        ns "$end" ethtool -g eth0
    done
    tail -n +1 /sys/bus/auxiliary/devices/svnic.vif.*/spoof_check
}

load()
{
    for net in m h; do
        ns "${net}b" iperf3 -s >/dev/null 2>&1 &
        poll 5 listening "${net}b" 5201
        [ "$net" = m ] && peer=10.6.0.2 || peer=10.7.0.2
        ns "${net}a" iperf3 -t 120 -P 2 -c "$peer" >/dev/null 2>&1 &
        ns "${net}b" ping -q -f -w 120 "${peer%2}1" >/dev/null 2>&1 &
        before=$(counter "${net}a" tx_packets)
        poll 10 flows "${net}a"
    done
}

flows()
{
    [ "$(counter "$1" tx_packets)" -gt "$((before + 100))" ]
}

# After it: each byte arrives, and everything is as before.
works()
{
    for end in ma mb ha hb; do
        poll 10 carrier "$end"
    done
    all_arrive ma 50 10.6.0.2
    all_arrive ha 50 10.7.0.2
    stream ma mb 10.6.0.2 /tmp/big
    stream ha hb 10.7.0.2 /tmp/big
    state >/tmp/after
    diff /tmp/before /tmp/after
}

# Ends the load, also its children.
unload()
{
    killall iperf3 ping
    poll 10 unloaded
}

unloaded()
{
    ! pidof iperf3 ping
}

function_reset()
{
    load
    for card in "$first" "$second" "$first"; do
        echo pm >"/sys/bus/pci/devices/$card/reset_method"
        echo 1 >"/sys/bus/pci/devices/$card/reset"
    done
    unload
    works
}

others_undisturbed()
{
    ns ha ping -q -c 200 -i 0.02 -W 10 10.7.0.2 >/tmp/ping &
    pinger=$!
    for _ in 1 2 3; do
        echo 1 >"/sys/bus/pci/devices/$first/reset"
    done
    wait "$pinger" || :
    cat /tmp/ping
    grep ' 200 received' /tmp/ping
    works
}

new_vifs()
{
    up=$(netdev_of 52:54:00:cc:06:06)
    ip link set "$up" up
    poll 10 grep -q 1 "/sys/class/net/$up/carrier"
    ip link set "$up" down
    devlink port add "pci/$first" flavour pcisf pfnum 0 sfnum 8
    devlink port function set "pci/$first/24" state active
    devlink port del "pci/$first/24"
    state >/tmp/before
}

# sleep_by STATE LEVEL: all steps up to LEVEL of the kernel's test of sleep, which
# ends by itself after 5 seconds.
sleep_by()
{
    load
    echo "$2" >/sys/power/pm_test
    echo "$1" >/sys/power/state
    unload
    works
}

load_drivers
poll 10 card_ready
head -c 1048576 /dev/urandom >/tmp/big
cat /sys/power/state /sys/power/mem_sleep
check 'VIFs of two cards are set up' setup
check 'VIFs work as before' works
check 'a reset of the function under traffic restores all VIFs' function_reset
check 'and does not disturb another card' others_undisturbed
check 'and VIFs can be started, created and deleted afterwards' new_vifs
check 'VIFs work after suspend to idle under traffic' sleep_by freeze devices
check 'VIFs work after suspend to RAM under traffic' sleep_by mem platform
check 'the drivers unload' unload_drivers
