# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2317
#
# devlink and ethtool, with two cards: the first with 64 VIFs, the second with
# eight.  Run by tests/guest/run.

. /lib/svnic/tap.sh

# second_cost: CPU time of the host for one second without load, in milliseconds;
# the minimum of three measurements, to exclude other activity.  Returns false
# without an answer of the host.
second_cost()
{
    least=''
    for _ in 1 2 3; do
        from=$(ask cpu)
        usleep 1000000
        to=$(ask cpu)
        # Not 0: QEMU has booted a kernel by now.
        [ "$from" -gt 0 ] && [ "$to" -ge "$from" ] || return 1
        cost=$((to - from))
        if [ "${least:-$cost}" -ge "$cost" ]; then
            least=$cost
        fi
    done
    echo "$least"
}

two_cards()
{
    load_drivers
    poll 10 card_ready
    same 'cards' "$(cards | wc -l)" 2
    for card in $(cards); do
        devlink dev | grep "pci/$card"
    done
}

info()
{
    devlink dev info "pci/$first" >/tmp/info
    cat /tmp/info
    grep -q 'driver svnic' /tmp/info
    grep -q 'fw sv-nic' /tmp/info
    grep -q 'fw.abi 1\.' /tmp/info
}

ports()
{
    devlink port show >/tmp/ports
    cat /tmp/ports
    same 'ports of the first card' \
         "$(grep -c "pci/$first/.*flavour physical" /tmp/ports)" 3
}

inactive()
{
    before=$(find /sys/class/net -mindepth 1 | wc -l)
    devlink port add "pci/$first" flavour pcisf pfnum 0 sfnum 5
    devlink port show "pci/$first/21" | grep 'state inactive opstate detached'
    same 'interfaces' "$(find /sys/class/net -mindepth 1 | wc -l)" "$before"
}

activate()
{
    devlink port function set "pci/$first/21" hw_addr 52:54:00:cc:05:05
    devlink port function set "pci/$first/21" state active
    poll 10 netdev_of 52:54:00:cc:05:05
    devlink port show "pci/$first/21" | grep 'state active opstate attached'
    devlink port show "pci/$first/21" | grep '52:54:00:cc:05:05'
}

deactivate()
{
    devlink port function set "pci/$first/21" state inactive
    netdev_of 52:54:00:cc:05:05 && return 1
    devlink port function set "pci/$first/21" state active
    poll 10 netdev_of 52:54:00:cc:05:05
}

delete()
{
    devlink port del "pci/$first/21"
    netdev_of 52:54:00:cc:05:05 && return 1
    devlink port show "pci/$first/21" && return 1
    return 0
}

refusals()
{
    devlink port add "pci/$first" flavour pcisf pfnum 0 sfnum 5
    refuses 'in use on this port' \
            devlink port add "pci/$first" flavour pcisf pfnum 0 sfnum 5
    refuses '16 plus the id' \
            devlink port add "pci/$first/80" flavour pcisf pfnum 0 sfnum 64
    refuses "beyond the card's ports" \
            devlink port add "pci/$first" flavour pcisf pfnum 3 sfnum 6
    refuses 'flavour must be pcisf' \
            devlink port add "pci/$first" flavour pcipf pfnum 0
    refuses '.' devlink port del "pci/$first/0"
    devlink port add "pci/$first" flavour pcisf pfnum 0 sfnum 6
    devlink port function set "pci/$first/21" hw_addr 52:54:00:cc:05:05
    refuses '.' devlink port function set "pci/$first/22" \
            hw_addr 52:54:00:cc:05:05
    refuses '.' devlink port function set "pci/$first/22" \
            hw_addr 01:00:5e:00:00:01
    devlink port del "pci/$first/21"
    devlink port del "pci/$first/22"
}

# Numbers beyond the card's VIFs, and the same number on two ports.
numbers()
{
    devlink port add "pci/$first" flavour pcisf pfnum 0 sfnum 1000
    devlink port add "pci/$first" flavour pcisf pfnum 1 sfnum 1000
    devlink port add "pci/$first/23" flavour pcisf pfnum 0 sfnum 88
    devlink port add "pci/$first" flavour pcisf pfnum 0
    devlink port add "pci/$first" flavour pcisf pfnum 0 sfnum 7
    devlink port show >/tmp/ports
    cat /tmp/ports
    grep -q "pci/$first/23: .*sfnum 88" /tmp/ports
    same 'ports with sfnum 1000' "$(grep -c 'sfnum 1000' /tmp/ports)" 2
    same 'VIFs' "$(grep -c "pci/$first/.*pcisf" /tmp/ports)" 5
    sed -n "s,^\(pci/$first/[0-9]*\): .*pcisf.*,\1,p" /tmp/ports |
        while read -r port; do
            devlink port del "$port"
        done
    same 'VIFs left' "$(devlink port show | grep -c "pci/$first/.*pcisf")" 0
}

all_vifs()
{
    for n in 0 1 2 3 4 5 6 7; do
        vif_create "$second" "$n" "52:54:00:cc:02:0$n"
        poll 10 netdev_of "52:54:00:cc:02:0$n"
    done
    refuses '.' devlink port add "pci/$second" flavour pcisf pfnum 0
    for n in 0 1 2 3 4 5 6 7; do
        devlink port del "pci/$second/$((16 + n))"
    done
    same 'VIFs left' "$(devlink port show | grep -c "pci/$second/.*pcisf")" 0
}

# Two VIFs of the second card, used by all further cases.
pair()
{
    vif a "$second" 0 52:54:00:cc:02:0a 10.1.0.1/24
    vif b "$second" 1 52:54:00:cc:02:0b 10.1.0.2/24
    all_arrive a 10 10.1.0.2
}

driver()
{
    ns a ethtool -i eth0 >/tmp/i
    cat /tmp/i
    grep -q '^driver: svnic_vif$' /tmp/i
    grep -q '^firmware-version: sv-nic' /tmp/i
    grep -q "^bus-info: .*$second" /tmp/i
}

statistics()
{
    for name in tx_packets rx_packets card_send_frames card_recv_frames; do
        eval "before_$name=$(nic_stat a "$name")"
    done
    all_arrive a 100 10.1.0.2
    for name in tx_packets rx_packets card_send_frames card_recv_frames; do
        eval "before=\$before_$name"
        more "$name" "$(nic_stat a "$name")" "$((before + 99))"
    done
    poll 5 counts_agree
}

# ARP traffic may change a counter between two reads: the caller polls.
counts_agree()
{
    same 'sent by the card and by the driver' "$(nic_stat a card_send_frames)" \
         "$(nic_stat a tx_packets)" &&
        same 'in both places' "$(nic_stat a tx_packets)" \
             "$(counter a tx_packets)"
}

rings()
{
    for slots in 64 128 4096; do
        ns a ethtool -G eth0 rx "$slots" tx "$slots"
        same 'slots' "$(ns a ethtool -g eth0 | awk '/^[RT]X:/ { print $2 }' |
                        tail -n 2 | tr '\n' ' ')" "$slots $slots "
        poll 10 carrier a
        all_arrive a 20 10.1.0.2
        stream a b 10.1.0.2 /tmp/big
    done
    for slots in 32 100 8192; do
        refuses '.' ns a ethtool -G eth0 rx "$slots"
        refuses '.' ns a ethtool -G eth0 tx "$slots"
    done
    all_arrive a 20 10.1.0.2
}

rings_under_load()
{
    iperf_server b
    ns a iperf3 -t 4 -c 10.1.0.2 &
    load=$!
    for slots in 64 1024 256; do
        usleep 500000
        ns a ethtool -G eth0 tx "$slots"
        ns b ethtool -G eth0 rx "$slots"
    done
    wait "$load"
    ns b killall iperf3
    all_arrive a 20 10.1.0.2
}

# Receive delay in microseconds that the driver uses now.
wait_usecs()
{
    ns "$1" ethtool -S eth0 | awk '/ rx_wait_usecs:/ { print $2 }'
}

waits()
{
    [ "$(wait_usecs "$1")" -gt 0 ]
}

coalescing()
{
    refuses 'adaptive-rx' ns b ethtool -C eth0 rx-usecs 500
    ns b ethtool -C eth0 adaptive-rx off rx-usecs 500 rx-frames 16
    same 'rx-usecs' "$(ns b ethtool -c eth0 | awk '/^rx-usecs:/ { print $2 }')" \
         500
    same 'usecs in force' "$(wait_usecs b)" 500
    all_arrive a 20 10.1.0.2
    stream a b 10.1.0.2 /tmp/big
    refuses '.' ns b ethtool -C eth0 rx-usecs 10001
    ns b ethtool -C eth0 rx-usecs 0 rx-frames 1
    all_arrive a 20 10.1.0.2
    ns b ethtool -C eth0 adaptive-rx on
}

# The timer may expire on another processor before the one that started it has
# executed its next instruction, if the host does not schedule that vCPU.  The
# last echo of each series is delivered by the timer only: no frame follows it.
held_back()
{
    for end in a b; do
        ns "$end" ethtool -C eth0 adaptive-rx off rx-usecs 5 rx-frames 200
    done
    (while :; do :; done) &
    load=$!
    status=0
    for _ in $(seq 20); do
        all_arrive a 50 -i 0.001 10.1.0.2 || status=1
    done
    kill "$load"
    for end in a b; do
        ns "$end" ethtool -C eth0 rx-usecs 0 rx-frames 1
        ns "$end" ethtool -C eth0 adaptive-rx on
    done
    return "$status"
}

# Datagrams without answers: adaptive moderation selects a delay.
adaptive()
{
    ns b ethtool -c eth0 | grep 'Adaptive RX: on'
    ns b ip link set eth0 down
    ns b ip link set eth0 up
    poll 10 carrier b
    same 'usecs in force' "$(wait_usecs b)" 0
    iperf_server b
    ns a iperf3 -u -b 0 -l 64 -t 30 -c 10.1.0.2 >/dev/null 2>&1 &
    load=$!
    poll 20 waits b
    kill "$load"
    ns b killall iperf3
    all_arrive a 20 10.1.0.2
}

features()
{
    for feature in tso tx sg rx; do
        offload a "$feature" off
    done
    for feature in rx sg tx tso; do
        offload a "$feature" on
    done
    # Segmentation needs scatter-gather and checksums.
    ns a ethtool -K eth0 sg off
    ns a ethtool -k eth0 | grep 'tcp-segmentation-offload: off'
    ns a ethtool -K eth0 sg on tso on
    ns a ethtool -k eth0 | grep 'tcp-segmentation-offload: on'
}

self_test()
{
    for mode in online offline; do
        ns a ethtool -t eth0 "$mode" >/tmp/t
        cat /tmp/t
        grep -q 'result is PASS' /tmp/t
        poll 10 carrier a
        all_arrive a 5 10.1.0.2
    done
}

# A polling thread costs 1000 ms.  Occasional polling is less than the cost of an
# idle guest; the qtest idle-card-costs-no-host-cpu detects that.
idle()
{
    [ -n "$before" ]
    cost=$(second_cost)
    result "# an idle second costs the host $cost ms, $before without drivers"
    more 'milliseconds allowed' "$((before + 100))" "$cost"
}

byte_queue_limit()
{
    stream a b 10.1.0.2 /tmp/big
    more 'limit' "$(ns a cat \
        /sys/class/net/eth0/queues/tx-0/byte_queue_limits/limit)" 0
}

health()
{
    devlink health show >/tmp/health
    cat /tmp/health
    same 'reporters in error' "$(grep -c 'state error' /tmp/health)" 0
    devlink health diagnose "pci/$second" reporter fw | grep 'broken: false'
    devlink health dump show "pci/$second" reporter fw | grep mailboxes
    devlink health diagnose "pci/$second" reporter vif
    devlink health recover "pci/$second" reporter fw
    devlink health recover "pci/$second" reporter vif
    all_arrive a 5 10.1.0.2
}

# signals VIF NAME: a signal counter of the driver, for a VIF of the second card.
signals()
{
    devlink health diagnose "pci/$second" reporter vif | tr -s ' \n' '  ' |
        sed -n "s/.*vif: $1 \([^v]*\).*/\1/p" | sed -n "s/.*$2: \([0-9]*\).*/\1/p"
}

# Of eight irq bits seven are for VIFs, so that VIF 7 shares the irq bit of VIF 0:
# each signal of one is a redundant one of the other.
shared_irq_bit()
{
    vif c "$second" 7 52:54:00:cc:02:0c 10.1.0.3/24
    all_arrive a 10 10.1.0.2
    useful=$(signals 0 useful)
    redundant=$(signals 7 redundant)
    second_before=$(signals 1 redundant)
    all_arrive a 50 -i 0.02 10.1.0.2
    devlink health diagnose "pci/$second" reporter vif
    more 'useful signals of VIF 0' "$(signals 0 useful)" "$((useful + 20))"
    redundant=$(($(signals 7 redundant) - redundant))
    more 'redundant signals of VIF 7' "$redundant" 20
    more 'redundant signals of VIF 7, against VIF 1 with an irq bit alone' \
         "$redundant" "$(($(signals 1 redundant) - second_before + 20))"
}

head -c 4194304 /dev/urandom >/tmp/big
before=$(second_cost) || before=''
first=$(cards | head -n 1)
second=$(cards | tail -n 1)

check 'the drivers load and find both cards' two_cards
check 'devlink shows the versions of firmware and ABI' info
check "devlink lists the card's three ports" ports
check 'devlink creates a VIF, which has no interface while inactive' inactive
check 'activating a VIF makes its interface appear, with its address' activate
check 'deactivating takes the interface away, activating brings it back' \
      deactivate
check 'deleting an active VIF removes interface and port' delete
check 'each invalid devlink request is refused with a reason' refusals
check 'sfnum may be any number, also one of another port' numbers
check 'all VIFs of a card can be created, one more is refused' all_vifs
check 'two VIFs of the second card reach each other' pair
check 'ethtool -i shows driver, firmware and card' driver
check "ethtool -S counts what was sent, by driver and card alike" statistics
check 'ethtool -g and -G show and set the queues, streams stay whole' rings
check 'ethtool -G resizes queues under traffic' rings_under_load
check 'ethtool -c and -C show and set coalescing' coalescing
check 'frames delayed by coalescing arrive when the timer expires' held_back
check 'adaptive coalescing delays frames of a one-way stream' adaptive
check 'ethtool -k and -K show and set offloads' features
check 'ethtool -t passes, on-line and off-line' self_test
check 'byte queue limits are active' byte_queue_limit
check 'idle cards with VIFs up cost the host no CPU time' idle
check 'devlink health shows, dumps, diagnoses and recovers' health
check 'VIFs that share an irq bit count redundant signals, others do not' \
      shared_irq_bit
