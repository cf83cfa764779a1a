# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2153,SC2317
#
# dom0's half of bench/xen: SV-NIC against HV-NIC in one boot.  Every guest has
# an interface of each kind, netfront over dom0's bridge (whose uplink is a VIF
# that dom0 has of the same card) and a VIF of its own; each measurement is made
# with the one right after the other, so that whatever disturbs the machine
# disturbs both.  Run by bench/svnic_bench/xen.py, which gives:
#
# EXPERIMENTS   of E1 E2 E3 E4 E13 E13s, or E5 alone, which has no HV-NIC; E13s
#               is E13 where all share the processors
# GUESTS        numbers of guests, ascending, the last being how many there are
# ROUNDS SECONDS_EACH PINGS
# OWN           processors that are the guests' alone, from 1 on, in turn; 0: none
# SIGNALS       E5: how the card says which VIF it means
#
# Reports one JSON object a line: {kind, experiment, guests, round, name, value}.

. /lib/svnic/xen.sh
. /lib/svnic/vif.sh

guests=${GUESTS##* }

# The guests' addresses: 10.1.0.N by netfront, 10.2.0.N by the card.
net_of()
{
    case $1 in
    hv-nic) echo 10.1.0 ;;
    *) echo 10.2.0 ;;
    esac
}

# report EXPERIMENT GUESTS NAME VALUE, for $kind in $round
report()
{
    [ -n "$4" ] || fail "$kind: $1 with $2 guests: no value for $3"
    result "{\"kind\": \"$kind\", \"experiment\": \"$1\", \"guests\": $2," \
           "\"round\": $round, \"name\": \"$3\", \"value\": $4}"
}

# wanted EXPERIMENT
wanted()
{
    case " $EXPERIMENTS " in
    *" $1 "*) return 0 ;;
    esac
    return 1
}

# uplink: dom0's own VIF, at the card's other port: as the port of a bridge it
# sees all of its segment, and so would get what the guests' VIFs say to each
# other.  It forwards others' frames: not spoof-checked.
uplink()
{
    port=$(devlink port add "pci/$(cards | head -n 1)" flavour pcisf pfnum 1 \
        sfnum 1 | sed -n '1s/^\(pci[^ ]*\): .*/\1/p') &&
        devlink port function set "$port" hw_addr 00:16:3e:0f:00:01 \
            state active &&
        poll 10 netdev_of 00:16:3e:0f:00:01 >/dev/null || return 1
    for check in /sys/bus/auxiliary/devices/svnic.vif.*/spoof_check; do
        echo 0 >"$check" || return 1
    done
    netdev_of 00:16:3e:0f:00:01
}

setup()
{
    load_back_end || fail 'no card, or no drivers for it'
    modprobe svnic_vif
    bridge_up xenbr0 10.1.0.254/24 "$(uplink)" || fail 'no bridge'
    for n in $(seq "$guests"); do
        number=$(printf '%02x' "$n")
        GUEST_CREATE=svnic-create guest_create "guest$n" \
            "vif = [ 'mac=00:16:3e:01:00:$number,bridge=xenbr0,script=vif-bridge' ]" \
            "svnic = [ 'mac=00:16:3e:02:00:$number' ]" \
            "cpus = '$([ "$OWN" = 0 ] && echo all || echo $((1 + n % OWN)))'" ||
            fail "cannot create guest$n"
        progress "guest$n of $guests"
    done
    for n in $(seq "$guests"); do
        guest_up 120 "guest$n" || fail "guest$n does not come up"
        number=$(printf '%02x' "$n")
        peer=$((n % 2 ? n + 1 : n - 1))
        in_guest "guest$n" "
            sysctl -q -w net.ipv6.conf.all.disable_ipv6=1;
            for subnet in 1 2; do
                wait_for 10 netdev 00:16:3e:0\$subnet:00:$number >/dev/null || exit 1;
                dev=\$(netdev 00:16:3e:0\$subnet:00:$number);
                ip addr add 10.\$subnet.0.$n/24 dev \$dev && ip link set \$dev up;
                ip addr add 10.0.2.\$((subnet * 100 + $n))/32 dev \$dev;
                ip neigh add 10.\$subnet.0.$peer dev \$dev lladdr \
                    00:16:3e:0\$subnet:00:$(printf '%02x' "$peer");
            done; iperf3 -s -D" || fail "guest$n does not have its interfaces"
    done
    # The bridge learns where each guest is.  Frames for addresses that it does
    # not know leave by the uplink, too, and QEMU's user network answers an echo
    # request for whomever it is, with a time stamp of nowhere.
    for n in $(seq "$guests"); do
        in_guest "guest$n" "ping -n -c 1 -w 20 10.1.0.254 >/dev/null" ||
            fail "guest$n does not reach dom0's bridge"
    done
    progress "$guests guests are up after $(cut -d. -f1 /proc/uptime) s"
}

# What dom0 has had to do, before and after.
note_start()
{
    cpu_before=$(domain_cpu 0)
    events_before=$(sum_of events)
}

# note_end EXPERIMENT N WHAT
note_end()
{
    report "$1" "$2" "$3_dom0_cpu_ms" $(($(domain_cpu 0) - cpu_before))
    report "$1" "$2" "$3_events" $(($(sum_of events) - events_before))
}

# each_pair N COMMAND: in every odd one of N guests start COMMAND, in which PEER
# stands for the address of the next; the outputs, one after the other.
each_pair()
{
    for pair in $(seq 1 2 $(($1 - 1))); do
        guest_start "guest$pair" \
            "PEER=$(net_of "$kind").$((pair + 1)); $2"
    done
    for pair in $(seq 1 2 $(($1 - 1))); do
        guest_wait "guest$pair" 120 || fail "$kind: guest$pair: $2"
    done
}

# median_and_p99 EXPERIMENT N NAME: of the round trips in /run/rtt
median_and_p99()
{
    sort -n /run/rtt >/run/sorted
    report "$1" "$2" "$3_ms" "$(awk '{ v[NR] = $1 }
        END { print v[int((NR + 1) / 2)] }' /run/sorted)"
    report "$1" "$2" "$3_p99_ms" "$(awk '{ v[NR] = $1 }
        END { print v[int(NR * 0.99 + 0.5)] }' /run/sorted)"
}

# What ping says stays in its guest until it ends: a line at a time would wake a
# reader there, and dom0 for the console, in the middle of the next round trip.
times='>/run/ping; sed -n "s/.*time=\([0-9.]*\) ms/\1/p" /run/ping'

# rtt EXPERIMENT N: N guests in pairs: an echo request as soon as the last one
# is answered, and then one every 20 ms, between which all go to sleep.  Not
# ping's -A: that waits as many whole milliseconds as the last ones have taken.
rtt()
{
    note_start
    each_pair "$2" "ping -n -c $PINGS -i 0 \$PEER $times" >/run/rtt
    median_and_p99 "$1" "$2" rtt
    note_end "$1" "$2" rtt
    each_pair "$2" "ping -n -c $PINGS -i 0.02 \$PEER $times" >/run/rtt
    median_and_p99 "$1" "$2" rtt_idle
}

# rtt_outside: through the card's port to QEMU's user network
rtt_outside()
{
    case $kind in
    hv-nic) subnet=1 ;;
    sv-nic) subnet=2 ;;
    esac
    in_guest guest1 "
        ip route add 10.0.2.2/32 dev \$(netdev 00:16:3e:0$subnet:00:01) \
            src 10.0.2.${subnet}01 &&
        ping -n -c $PINGS -i 0 10.0.2.2 $times;
        ip route del 10.0.2.2/32" >/run/rtt || fail "$kind: no way outside"
    median_and_p99 E1 1 rtt_outside
}

# tcp EXPERIMENT N: the sum over the pairs
tcp()
{
    note_start
    each_pair "$2" "iperf3 -c \$PEER -t $SECONDS_EACH -f m" >/run/tcp
    report "$1" "$2" tcp_mbit "$(awk '
        /receiver/ { for (i = 1; i < NF; i++)
                         if ($(i + 1) == "Mbits/sec") sum += $i }
        END { print sum + 0 }' /run/tcp)"
    note_end "$1" "$2" tcp
}

# datagrams N: sent and read by N guests so far
datagrams()
{
    for n in $(seq "$1"); do
        in_guest "guest$n" "grep '^Udp: [0-9]' /proc/net/snmp"
    done | awk '{ out += $5; in_ += $2 } END { print out + 0, in_ + 0 }'
}

# frames N: that N guests have given to their VIFs and got from them so far
frames()
{
    for n in $(seq "$1"); do
        in_guest "guest$n" "cd /sys/class/net/\$(netdev \
            00:16:3e:02:00:$(printf '%02x' "$n"))/statistics &&
            echo \$(cat tx_packets rx_packets)"
    done | awk '{ tx += $1; rx += $2 } END { print tx - rx }'
}

# udp EXPERIMENT N: datagrams of 64 bytes that were read, a second, and how many
# of all were not; of the frames that SV-NIC lost, those that found the
# receiver's queue full, and the others.
udp()
{
    full=$(sum_of recv_full)
    missing=$(frames "$2")
    # shellcheck disable=SC2046  # words
    set -- "$1" "$2" $(datagrams "$2")
    each_pair "$2" "iperf3 -c \$PEER -u -b 0 -l 64 -t $SECONDS_EACH" >/dev/null
    # shellcheck disable=SC2046
    set -- "$@" $(datagrams "$2")
    sent=$(($5 - $3)) got=$(($6 - $4))
    full=$(($(sum_of recv_full) - full))
    missing=$(($(frames "$2") - missing))
    report "$1" "$2" udp64_per_s $((got / SECONDS_EACH))
    report "$1" "$2" udp64_lost_percent "$(awk -v s="$sent" -v g="$got" \
        'BEGIN { printf "%.2f", s ? 100 * (s - g) / s : 0 }')"
    if [ "$kind" = sv-nic ]; then
        report "$1" "$2" udp64_queue_full "$full"
        report "$1" "$2" udp64_unexplained $((missing - full))
    fi
}

# hog: a process of dom0's that takes all the CPU that it gets
hog()
{
    while :; do
        :
    done
}

# ratelimit MICROSECONDS: how long a domain keeps a processor at least; Xen's
# default is 1000.
ratelimit()
{
    xl sched-credit2 -s -r "$1" >/dev/null || fail "no ratelimit of $1 us"
}

# hogs NAME N...: round trip and throughput of one pair, without a hog and then
# with N of them at once, as experiments NAME and NAME-N
hogs()
{
    hogs_name=$1
    both rtt "$1" 2
    both tcp "$1" 2
    shift
    for n_hogs; do
        hog_pids=''
        for _ in $(seq "$n_hogs"); do
            hog &
            hog_pids="$hog_pids $!"
        done
        both rtt "$hogs_name-$n_hogs" 2
        both tcp "$hogs_name-$n_hogs" 2
        # shellcheck disable=SC2086  # words
        kill $hog_pids
    done
}

# both FUNCTION ARG...: with HV-NIC, then with SV-NIC
both()
{
    for kind in hv-nic sv-nic; do
        "$@"
    done
}

measure()
{
    ! wanted E1 || both rtt E1 2
    ! wanted E1 || both rtt_outside
    ! wanted E2 || both tcp E2 2
    for n_guests in $GUESTS; do
        ! wanted E3 || both rtt E3 "$n_guests"
        if wanted E4 && [ "$n_guests" -lt 16 ]; then
            both tcp E4 "$n_guests"
            both udp E4 "$n_guests"
        fi
        if wanted E4 && [ "$n_guests" = 8 ]; then
            ratelimit 10000
            both tcp E4-10 8
            both udp E4-10 8
            ratelimit 1000
        fi
    done
    ! wanted E13 || hogs E13 1 4
    ! wanted E13s || hogs E13s 1
}

# --- E5: how many of the events that dom0 forwards tell nobody anything

vifs_each=8

# sixteen: VIFs for two guests, eight each in turn; the first of each talks
sixteen()
{
    for n in $(seq "$vifs_each"); do
        for guest in 1 2; do
            attach_plain "guest$guest" "$guest" "$n" ||
                fail "cannot give guest$guest VIF $n"
        done
    done
}

# attach_plain NAME GUEST N: VIF N of that guest, up; only the first has an
# address
attach_plain()
{
    address=$(printf '00:16:3e:%02x:00:%02x' "$2" "$3")
    svnic-attach "$1" "mac=$address" >/dev/null &&
        in_guest "$1" "wait_for 10 netdev $address >/dev/null &&
            dev=\$(netdev $address) &&
            sysctl -q -w net.ipv6.conf.\$dev.disable_ipv6=1 &&
            { [ $3 != 1 ] || ip addr add 10.2.0.$2/24 dev \$dev; } &&
            ip link set \$dev up"
}

# redundancy NAME: single talkers, in each round
redundancy()
{
    kind=$1
    for round in $(seq "$ROUNDS"); do
        events=$(sum_of events)
        redundant=$(sum_of redundant)
        rtt E5 2
        events=$(($(sum_of events) - events))
        redundant=$(($(sum_of redundant) - redundant))
        report E5 2 redundant_per_useful "$(awk -v e="$events" \
            -v r="$redundant" 'BEGIN { printf "%.3f", r / (e - r) }')"
    done
}

signals()
{
    load_back_end || fail 'no card, or no drivers for it'
    for guest in guest1 guest2; do
        guest_create "$guest" || fail "cannot create $guest"
    done
    guest_up 60 guest1 guest2 || fail 'the guests do not come up'
    sixteen
    redundancy "$SIGNALS"
}

case $EXPERIMENTS in
E5)
    signals
    exit
    ;;
esac
setup
for round in $(seq "$ROUNDS"); do
    progress "round $round of $ROUNDS"
    measure
done
svnic-list
