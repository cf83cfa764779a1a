# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2317
#
# Loading, unloading and unbinding of the drivers under traffic.  Run by
# tests/guest/run; PLACEMENT is the placement of the VIFs.

. /lib/svnic/tap.sh

# Two VIFs with traffic between them that tolerates losses, until stop_load.
start_load()
{
    card=$(cards | head -n 1)
    placement "$card" "$PLACEMENT"
    vif a "$card" 1 52:54:00:cc:03:0a 10.2.0.1/24
    vif b "$card" 2 52:54:00:cc:03:0b 10.2.0.2/24
    ns b iperf3 -s >/dev/null 2>&1 &
    echo "$!" >/tmp/server
    poll 5 listening b 5201
    ns a iperf3 -t 60 -P 2 -c 10.2.0.2 >/dev/null 2>&1 &
    echo "$!" >/tmp/client
    ns b ping -q -f -w 60 10.2.0.1 >/dev/null 2>&1 &
    echo "$!" >/tmp/pinger
    before=$(counter a tx_packets)
    poll 10 flows
}

flows()
{
    [ "$(counter a tx_packets)" -gt "$((before + 200))" ]
}

# Remove the namespaces with all that is left in them.
stop_load()
{
    kill "$(cat /tmp/client)" "$(cat /tmp/server)" "$(cat /tmp/pinger)" || :
    ip netns del a
    ip netns del b
}

load_unload()
{
    for _ in 1 2 3; do
        load_drivers
        poll 10 card_ready
        unload_drivers
        [ ! -e /sys/module/svnic ]
    done
    load_drivers
    poll 10 card_ready
}

unload_vif_driver()
{
    start_load
    modprobe -r svnic_vif
    [ ! -e /sys/module/svnic_vif ]
    ns a ls /sys/class/net/eth0 && return 1
    devlink port show | grep 'opstate detached'
    stop_load
}

reload_vif_driver()
{
    modprobe svnic_vif
    poll 10 netdev_of 52:54:00:cc:03:0a
    poll 10 netdev_of 52:54:00:cc:03:0b
    for end in a b; do
        ns_add "$end" "$(netdev_of "52:54:00:cc:03:0$end")" \
               "10.2.0.$(printf %d "0x$end")/24"
        poll 10 carrier "$end"
    done
    all_arrive a 50 10.2.0.11
    ip netns del a
    ip netns del b
    for n in 1 2; do
        devlink port del "pci/$card/$((16 + n))"
    done
}

unload_card_driver()
{
    start_load
    # svnic_vif does not depend on svnic: it is not unloaded with it.
    modprobe -r svnic || rmmod svnic
    [ ! -e /sys/module/svnic ]
    ns a ls /sys/class/net/eth0 && return 1
    stop_load
    modprobe svnic
    poll 10 card_ready
    same 'VIFs left' "$(devlink port show | grep -c pcisf)" 0
}

unbind()
{
    start_load
    echo "$card" >/sys/bus/pci/drivers/svnic/unbind
    ns a ls /sys/class/net/eth0 && return 1
    stop_load
    echo "$card" >/sys/bus/pci/drivers/svnic/bind
    poll 10 card_ready
}

unload_both()
{
    start_load
    modprobe -r svnic_vif
    modprobe -r svnic
    [ ! -e /sys/module/svnic_vif ] && [ ! -e /sys/module/svnic ]
    stop_load
    load_drivers
    poll 10 card_ready
}

delete_under_load()
{
    start_load
    devlink port function set "pci/$card/17" state inactive
    devlink port function set "pci/$card/17" state active
    poll 10 netdev_of 52:54:00:cc:03:0a
    devlink port del "pci/$card/18"
    devlink port del "pci/$card/17"
    stop_load
    start_load
    devlink port del "pci/$card/17"
    devlink port del "pci/$card/18"
    stop_load
}

card=$(cards | head -n 1)
check 'the drivers load and unload repeatedly' load_unload
check 'the VIF driver unloads under traffic' unload_vif_driver
check 'the VIF driver binds to its VIFs again when loaded' reload_vif_driver
check 'VIFs are deactivated and deleted under traffic' delete_under_load
check 'the card driver is unbound and bound under traffic' unbind
check 'the card driver unloads under traffic and leaves no VIF' \
      unload_card_driver
check 'both drivers unload and load under traffic' unload_both
