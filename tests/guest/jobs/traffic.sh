# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2317,SC2016
#
# Traffic, compared byte for byte: three VIFs a, b and c on port 0, which leads to
# the user network, and VIF d on port 1.  Run by tests/guest/run.
#
# HTTP_PORT  port of the HTTP server on the host, HTTP_SUM the SHA-256 of its file
# PLACEMENT  placement of the VIFs, card or host
# IOMMU      not empty if the card is behind an IOMMU

. /lib/svnic/tap.sh
outside=10.0.2.2

setup()
{
    load_drivers
    poll 10 card_ready
    card=$(cards | head -n 1)
    placement "$card" "$PLACEMENT"
    vif a "$card" 1 52:54:00:cc:00:0a 10.0.2.101/24
    vif b "$card" 2 52:54:00:cc:00:0b 10.0.2.102/24
    vif c "$card" 3 52:54:00:cc:00:0c 10.0.2.103/24
    port=$(devlink port add "pci/$card" flavour pcisf pfnum 1 sfnum 4 |
           sed -n '1s/^\(pci[^ ]*\): .*/\1/p')
    devlink port function set "$port" hw_addr 52:54:00:cc:00:0d state active
    poll 10 netdev_of 52:54:00:cc:00:0d
    ns_add d "$(netdev_of 52:54:00:cc:00:0d)" 10.0.2.104/24
    poll 10 carrier d
}

# Whether the kernel maps DMA of the card with an IOMMU.
behind_iommu()
{
    case $(cat "/sys/bus/pci/devices/$1/iommu_group/type") in
    DMA*) ;;
    *) return 1 ;;
    esac
}

# An invalid placement is refused, and each VIF has the requested one.
placements()
{
    refuses 'placement must be card or host' \
        devlink dev param set "pci/$(cards | head -n 1)" \
        name placement value moon \
        cmode runtime
    [ -z "$IOMMU" ] || behind_iommu "$(cards | head -n 1)"
    for file in /sys/bus/auxiliary/devices/svnic.vif.*/placement; do
        same "$file" "$(cat "$file")" "$PLACEMENT"
    done
    # Resized queues are in newly allocated memory.
    ns c ethtool -G eth0 rx 2048 tx 512
    ns c ethtool -G eth0 rx 1024 tx 256
    same 'inaccessible pages' "$(nic_stat a card_host_refused)" 0
}

echoes()
{
    all_arrive a 100 10.0.2.102
    all_arrive b 100 10.0.2.101
    all_arrive a 20 -s 60000 10.0.2.102
}

outside_echoes()
{
    all_arrive a 20 "$outside"
    all_arrive a 20 -s 8000 "$outside"
}

offloads_on()
{
    for end in a b; do
        for feature in rx tx sg tso gso gro; do
            offload "$end" "$feature" on
        done
    done
}

with_offloads()
{
    offloads_on
    stream a b 10.0.2.102 /tmp/big
    iperf_server b -1
    before=$(counter a tx_packets)
    ns a timeout 30 iperf3 -n 16M -c 10.0.2.102
    frames=$(($(counter a tx_packets) - before))
    # 16 MiB are 11,586 segments of 1448 bytes.  Fewer frames mean that some
    # were larger than a segment; their size depends on TCP's estimate of the
    # path's speed.
    more 'fewer frames than segments' 11586 "$frames"
    stream b a 10.0.2.101 /tmp/big
}

without()
{
    offloads_on
    for end in a b; do
        offload "$end" "$1" off
    done
    stream a b 10.0.2.102 /tmp/big
    stream b a 10.0.2.101 /tmp/big
}

without_any()
{
    for end in a b; do
        for feature in tso gso gro sg tx rx; do
            offload "$end" "$feature" off
        done
    done
    before=$(counter a tx_packets)
    stream a b 10.0.2.102 /tmp/big
    more 'frames' "$(($(counter a tx_packets) - before))" 11500
}

ipv6()
{
    offloads_on
    for end in a b; do
        ns "$end" sysctl -q -w net.ipv6.conf.eth0.disable_ipv6=0
        ip -n "$end" addr add "fd00::$end/64" dev eth0 nodad
    done
    all_arrive a 20 fd00::b
    stream a b fd00::b /tmp/big
    for end in a b; do
        offload "$end" tso off
        offload "$end" tx off
    done
    stream a b fd00::b /tmp/big
    offloads_on
    for end in a b; do
        ns "$end" sysctl -q -w net.ipv6.conf.eth0.disable_ipv6=1
    done
}

jumbo()
{
    offloads_on
    for end in a b; do
        ip -n "$end" link set eth0 mtu 9000
    done
    all_arrive a 20 -M 'do' -s 8972 10.0.2.102
    stream a b 10.0.2.102 /tmp/big
    for end in a b; do
        offload "$end" tso off
    done
    stream a b 10.0.2.102 /tmp/big
}

# a has an MTU of 9000, c one of 1500: c counts drops, and no VIF is stopped.
too_long()
{
    before=$(nic_stat c card_recv_oversize)
    ns a ping -c 3 -i 0.01 -W 1 -M 'do' -s 4000 10.0.2.103 && return 1
    same 'frames refused' "$(($(nic_stat c card_recv_oversize) - before))" 3
    all_arrive a 3 10.0.2.103
}

mtu_range()
{
    refuses 'mtu greater' ip -n a link set eth0 mtu 9001
    refuses 'mtu less' ip -n a link set eth0 mtu 67
    ip -n a link set eth0 mtu 68
    ip -n a link set eth0 mtu 1500
    ip -n b link set eth0 mtu 1500
    all_arrive a 3 10.0.2.102
}

iperf_streams()
{
    offloads_on
    iperf_server b -1
    ns a timeout 30 iperf3 -t 2 -P 4 -c 10.0.2.102
    iperf_server b -1
    ns a timeout 30 iperf3 -t 2 -R -P 4 -c 10.0.2.102
}

# The card loses none.  The socket of b may drop datagrams while the host does
# not schedule the guest's vCPUs; those do not count.
datagrams()
{
    for size in 16 64 1400; do
        sent=$(counter a tx_packets)
        received=$(counter b rx_packets)
        iperf_server b -1
        ns a timeout 30 iperf3 -u -t 2 -b "$((size * 8 * 500))" -l "$size" \
           -c 10.0.2.102 >/tmp/iperf
        cat /tmp/iperf
        grep receiver /tmp/iperf
        more 'frames sent' "$(counter a tx_packets)" "$((sent + 200))"
        poll 5 all_received
    done
}

# Compares against $sent and $received.
all_received()
{
    more_sent=$(($(counter a tx_packets) - sent))
    [ "$(counter b rx_packets)" -ge "$((received + more_sent))" ]
}

download()
{
    ns a timeout 30 wget -q -O /tmp/down "http://$outside:$HTTP_PORT/data"
    same 'SHA-256' "$(sha256sum </tmp/down | cut -d' ' -f1)" "$HTTP_SUM"
}

upload()
{
    same 'SHA-256' "$(http_post a "$outside" "$HTTP_PORT" /tmp/small)" \
         "$(sha256sum </tmp/small | cut -d' ' -f1)"
}

outside_with_offloads()
{
    offloads_on
    download
    upload
}

outside_without_offloads()
{
    for feature in tso gso gro sg tx rx; do
        offload a "$feature" off
    done
    download
    upload
    offloads_on
}

# group_frames NAME COUNTER: number of broadcasts or multicasts received.
group_frames()
{
    ns "$1" awk -v field="$2" '
        /^IpExt:/ && !n {
            for (i = 2; i <= NF; i++) if ($i == field) n = i
            next
        }
        /^IpExt:/ { print $n }' /proc/net/netstat
}

# reaches_all ADDRESS COUNTER: echo requests to it arrive at both other VIFs.
# libslirp answers broadcasts as well, with an invalid timestamp; ping derives its
# final wait from that, so it has a deadline.
reaches_all()
{
    before_b=$(group_frames b "$2")
    before_c=$(group_frames c "$2")
    ns a ping -q -b -c 3 -i 0.2 -w 5 -I eth0 "$1" || :
    poll 5 received b "$((before_b + 3))" "$2"
    poll 5 received c "$((before_c + 3))" "$2"
}

received()
{
    [ "$(group_frames "$1" "$3")" -ge "$2" ]
}

stays_on_port()
{
    before=$(counter d rx_packets)
    reaches_all 10.0.2.255 InBcastPkts
    same 'frames on port 1' "$(counter d rx_packets)" "$before"
    ns a ping -c 2 -i 0.2 -W 1 10.0.2.104 && return 1
    ns d ping -c 2 -i 0.2 -W 1 10.0.2.101 && return 1
    return 0
}

# c receives the echoes between a and b only in promiscuous mode.
promiscuous()
{
    all_arrive a 1 10.0.2.102
    before=$(counter c rx_packets)
    all_arrive a 50 10.0.2.102
    quiet=$(($(counter c rx_packets) - before))
    ip -n c link set eth0 promisc on
    before=$(counter c rx_packets)
    all_arrive a 50 10.0.2.102
    loud=$(($(counter c rx_packets) - before))
    ip -n c link set eth0 promisc off
    before=$(counter c rx_packets)
    all_arrive a 50 10.0.2.102
    after=$(($(counter c rx_packets) - before))
    more 'frames seen, promiscuous' "$loud" 99
    more 'ten less those seen before' "$((10 - quiet))" 0
    more 'ten less those seen after' "$((10 - after))" 0
}

vlan()
{
    for end in a b; do
        ip -n "$end" link add link eth0 name eth0.7 type vlan id 7
        ip -n "$end" link set eth0.7 up
    done
    ip -n a addr add 10.7.0.1/24 dev eth0.7
    ip -n b addr add 10.7.0.2/24 dev eth0.7
    all_arrive a 20 -M 'do' -s 1472 10.7.0.2
    stream a b 10.7.0.2 /tmp/big
    for end in a b; do
        ip -n "$end" link del eth0.7
    done
}

# A frame with a foreign source address is dropped and counted.
spoofed()
{
    before=$(nic_stat a card_send_spoofed)
    ip -n a link add link eth0 name mac0 address 52:54:00:cc:00:aa type macvlan
    ip -n a addr add 10.8.0.1/24 dev mac0
    ip -n a link set mac0 up
    ns a ping -c 2 -i 0.2 -W 1 -I mac0 10.8.0.2 && return 1
    ip -n a link del mac0
    more 'spoofed frames' "$(nic_stat a card_send_spoofed)" "$before"
}

new_address()
{
    ip -n b link set eth0 address 52:54:00:cc:00:bb
    ip -n a neigh flush dev eth0
    all_arrive a 20 10.0.2.102
    refuses '.' ip -n b link set eth0 address 52:54:00:cc:00:0c
    all_arrive a 5 10.0.2.102
    all_arrive a 5 10.0.2.103
}

down_and_up()
{
    iperf_server b
    ns a iperf3 -t 4 -c 10.0.2.102 &
    load=$!
    for _ in 1 2 3; do
        usleep 400000
        ip -n b link set eth0 down
        usleep 100000
        ip -n b link set eth0 up
    done
    wait "$load"
    all_arrive a 20 10.0.2.102
    ns b killall iperf3
}

# Both directions and a download at the same time, all compared.
together()
{
    offloads_on
    receive b 7001 >/tmp/got1 &
    r1=$!
    receive a 7002 >/tmp/got2 &
    r2=$!
    poll 5 listening b 7001
    poll 5 listening a 7002
    ns a timeout 60 nc 10.0.2.102 7001 </tmp/big &
    s1=$!
    ns b timeout 60 nc 10.0.2.101 7002 </tmp/big &
    s2=$!
    ns c timeout 30 wget -q -O /tmp/down "http://$outside:$HTTP_PORT/data"
    wait "$s1" "$s2" "$r1" "$r2"
    sum=$(sha256sum </tmp/big)
    same 'SHA-256 a to b' "$(sha256sum </tmp/got1)" "$sum"
    same 'SHA-256 b to a' "$(sha256sum </tmp/got2)" "$sum"
    same 'SHA-256 outside to c' "$(sha256sum </tmp/down | cut -d' ' -f1)" \
         "$HTTP_SUM"
}

head -c 16777216 /dev/urandom >/tmp/big
head -c 2097152 /dev/urandom >/tmp/small

check 'four VIFs come up in network namespaces' setup
check 'the VIFs have the requested placement' placements
check 'echoes of all sizes pass from VIF to VIF and back, undamaged' echoes
check 'a TCP stream arrives byte for byte with all offloads, unsegmented' \
      with_offloads
check 'datagrams of 16, 64 and 1400 bytes arrive' datagrams
check 'echoes reach the outside through the port' outside_echoes
check 'a download from and an upload to the outside are the same bytes' \
      outside_with_offloads
if [ "${SHORT-}" = yes ]; then
    check 'both directions and the outside at once are the same bytes' together
    exit 0
fi
check 'the same, with all offloads off' outside_without_offloads
check 'a TCP stream arrives byte for byte without segmentation offload' \
      without tso
check 'a TCP stream arrives byte for byte without checksum offload' without tx
check 'a TCP stream arrives byte for byte without receive checksums' without rx
check 'a TCP stream arrives byte for byte without scatter-gather' without sg
check 'a TCP stream arrives byte for byte with all offloads off, segmented' \
      without_any
check 'IPv6 streams arrive byte for byte, with and without offloads' ipv6
check 'an MTU of 9000 carries whole frames and streams, byte for byte' jumbo
check "a frame above the receiver's MTU is dropped for it alone and counted" \
      too_long
check 'an MTU below 68 or above 9000 is refused' mtu_range
check 'four TCP streams each way run' iperf_streams
check 'a broadcast reaches every VIF of the port' reaches_all 10.0.2.255 \
      InBcastPkts
check 'a multicast reaches every VIF of the port' reaches_all 224.0.0.1 \
      InMcastPkts
check 'VIFs of different ports do not see each other' stays_on_port
check 'only a promiscuous VIF receives frames of other VIFs' promiscuous
check 'VLAN frames of full size pass' vlan
check 'a frame with a foreign source address is dropped and counted' spoofed
check "a VIF's address can be changed, but not to another VIF's" new_address
check 'an interface can be set down and up under traffic' down_and_up
check 'both directions and the outside at once are the same bytes' together
