# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2317,SC2016
#
# The guest's half of bench/pair: joins the two ends of every peer, each end in
# a network namespace of its own, and measures all peers in turn, round by
# round, so that whatever disturbs the machine disturbs all of them.
# Run by bench/svnic_bench/pair.py, from which PEERS, NUMBERS, ROUNDS,
# SECONDS_EACH and PINGS come.  Reports one JSON object a line.

# ends PEER: the netdevs of its two ends, on two lines.
ends()
{
    case $1 in
    veth)
        ip link add veth-a type veth peer name veth-b || return 1
        echo veth-a
        echo veth-b
        ;;
    igb-vf)
        ends_igb
        ;;
    sv-nic*)
        ends_sv_nic "$1"
        ;;
    *)
        # MACs as svnic_bench/pair.py gives them: 52:54:00:00:PEER:END.
        number=$(peer_number "$1")
        poll 10 netdev_of "52:54:00:00:$number:0a" &&
            poll 10 netdev_of "52:54:00:00:$number:0b"
        ;;
    esac
}

# peer_number NAME: two digits, its number in svnic_bench/pair.py.
peer_number()
{
    for pair in $NUMBERS; do
        [ "${pair%=*}" != "$1" ] || echo "${pair#*=}"
    done
}

# Two virtual functions of one igb, which has to be up for them to have a link.
ends_igb()
{
    poll 10 netdev_of 52:54:00:00:03:00 >/dev/null || return 1
    pf=$(netdev_of 52:54:00:00:03:00)
    ip link set "$pf" up
    poll 10 up "$pf" || return 1
    echo 2 >"/sys/class/net/$pf/device/sriov_numvfs" || return 1
    modprobe igbvf
    poll 10 igb_vfs_up || return 1
    for vf in "/sys/class/net/$pf"/device/virtfn*/net/*; do
        echo "${vf##*/}"
    done
}

up()
{
    [ "$(cat "/sys/class/net/$1/carrier" 2>/dev/null)" = 1 ]
}

igb_vfs_up()
{
    set -- "/sys/class/net/$pf"/device/virtfn*/net/*
    [ $# = 2 ] && [ -e "$2" ]
}

# Two VIFs of the card with that name; cards are told apart by their slot.
ends_sv_nic()
{
    bdf=0000:00:$(peer_number "$1").0
    number=$(peer_number "$1")
    case $1 in
    *-host) placement "$bdf" host || return 1 ;;
    esac
    vif_create "$bdf" 1 "52:54:00:00:$number:0a" >/dev/null || return 1
    vif_create "$bdf" 2 "52:54:00:00:$number:0b" >/dev/null || return 1
    poll 10 netdev_of "52:54:00:00:$number:0a" &&
        poll 10 netdev_of "52:54:00:00:$number:0b"
}

# join PEER: its two ends into namespaces, an iperf3 server at the far one.
join()
{
    # shellcheck disable=SC2046  # two words
    set -- "$1" $(ends "$1")
    if [ $# != 3 ]; then
        echo "$1: cannot set up its two ends"
        return 1
    fi
    ns_add "$1.a" "$2" 10.1.0.1/24 && ns_add "$1.b" "$3" 10.1.0.2/24 &&
        poll 10 carrier "$1.a" && poll 10 carrier "$1.b" &&
        ns "$1.b" iperf3 -s -D &&
        ns "$1.a" ping -q -c 3 -i 0.2 -w 10 10.1.0.2 >/dev/null
}

# rtt PEER: median, 99th percentile and mean of PINGS echoes, in milliseconds.
rtt()
{
    ns "$1.a" ping -n -i 0.002 -c "$PINGS" -w 60 10.1.0.2 |
        sed -n 's/.*time=\([0-9.]*\) ms/\1/p' | sort -n | awk '
        { t[NR] = $1; sum += $1 }
        END {
            if (!NR)
                exit 1
            printf "\"median\": %s, \"p99\": %s, \"mean\": %.4f, \"n\": %d",
                   t[int((NR + 1) / 2)], t[int(NR * 0.99 + 0.5)], sum / NR, NR
        }'
}

# tcp PEER STREAMS: what the far end received, in Mbit a second.
tcp()
{
    ns "$1.a" iperf3 -J -i 0 -t "$SECONDS_EACH" -P "$2" -c 10.1.0.2 \
        >/tmp/iperf || return 1
    awk '/"sum_received"/ { here = 1 }
         here && /"bits_per_second"/ {
             printf "\"mbit\": %.1f", $2 / 1e6
             exit
         }' /tmp/iperf
}

# udp_count NAMESPACE FIELD: InDatagrams (read by a process) or OutDatagrams.
udp_count()
{
    ns "$1" awk -v field="$2" '
        /^Udp:/ && !n { for (i = 2; i <= NF; i++) if ($i == field) n = i; next }
        /^Udp:/ { print $n; exit }' /proc/net/snmp
}

# udp PEER BYTES: datagrams a second that the far end's process has read, and
# the share that was lost on the way.
udp()
{
    sent=$(udp_count "$1.a" OutDatagrams)
    read=$(udp_count "$1.b" InDatagrams)
    ns "$1.a" iperf3 -J -i 0 -t "$SECONDS_EACH" -u -b 0 -l "$2" -c 10.1.0.2 \
        >/tmp/iperf || return 1
    awk -v s="$(($(udp_count "$1.a" OutDatagrams) - sent))" \
        -v r="$(($(udp_count "$1.b" InDatagrams) - read))" \
        -v t="$SECONDS_EACH" 'BEGIN {
            printf "\"pps\": %.0f, \"sent\": %.0f, \"lost\": %.4f",
                   r / t, s / t, s ? 1 - r / s : 0
        }'
}

# report PEER ROUND TEST VALUES
report()
{
    if [ -z "$4" ]; then
        echo "$1: $3 in round $2 gave nothing"
        cat /tmp/iperf
        failed=1
        return
    fi
    result "{\"vcpus\": $(nproc), \"peer\": \"$1\", \"round\": $2," \
           "\"test\": \"$3\", $4}"
}

failed=0
for module in virtio_pci virtio_net e1000e igb veth; do
    modprobe "$module"
done
case $PEERS in
*sv-nic*) load_drivers || exit 1 ;;
esac
for peer in $PEERS; do
    join "$peer" || exit 1
done
for round in $(seq "$ROUNDS"); do
    for peer in $PEERS; do
        progress "$(nproc) vCPU, round $round of $ROUNDS: $peer"
        report "$peer" "$round" rtt "$(rtt "$peer")"
        report "$peer" "$round" tcp1 "$(tcp "$peer" 1)"
        report "$peer" "$round" tcp4 "$(tcp "$peer" 4)"
        report "$peer" "$round" udp64 "$(udp "$peer" 64)"
        report "$peer" "$round" udp1400 "$(udp "$peer" 1400)"
    done
done
exit "$failed"
