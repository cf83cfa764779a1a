# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2317
#
# guest3 breaks the rules; the others do not notice.
# A file of cases: see tests/xen/jobs/life.

# Write a producer index beyond the queue and ring the doorbell.  The guest's driver
# may publish a valid index in between, so the caller repeats this.
bad_index()
{
    in_guest guest3 "devmem $((frame * 4096)) 32 0x7fffffff;
        devmem $((page * 4096)) 32 1" &&
        more_than guest3 stops 0
}

hostile()
{
    frame=$(backend guest3 memory-frame)
    page=$(backend guest3 doorbell-frame)
    [ "$(counter guest3 stops)" = 0 ] && poll 10 bad_index &&
        [ "$(counter guest1 stops)" = 0 ] &&
        poll 10 reaches guest3 11 && reaches guest1 13
}

# pktgen NAME COUNT TO FROM: send frames from a guest, with any source address.
pktgen()
{
    guest_start "$1" "modprobe pktgen &&
        echo add_device eth0 >/proc/net/pktgen/kpktgend_0 &&
        for set in 'count $2' 'pkt_size 60' 'dst_mac $3' 'src_mac $4' \
            'dst 10.0.2.99' 'delay 0'; do
            echo \$set >/proc/net/pktgen/eth0; done &&
        echo start >/proc/net/pktgen/pgctrl"
}

forged()
{
    before=$(counter guest1 recv_frames)
    pktgen guest3 1000 "$(mac 11)" 00:16:3e:66:66:66 &&
        guest_wait guest3 30 &&
        poll 10 more_than guest3 send_spoofed 999 &&
        [ "$(counter guest1 recv_frames)" -lt $((before + 50)) ] &&
        in_guest guest3 'rmmod pktgen'
}

# guest3 keeps its send queue full of frames for a guest that does not receive,
# while two other guests exchange echoes.  One microengine serves all three.
flood()
{
    memory=$(frame guest3 memory-frame)
    page=$(frame guest3 doorbell-frame)
    before=$(counter guest3 send_frames)
    in_guest guest3 'ip link set eth0 down' &&
        guest_start guest3 "flood $memory $page $(xenstore-read \
            "/local/domain/0/backend/svnic/$(domid still)/0/mac") 4" &&
        poll 10 more_than guest3 send_frames $((before + 100000)) || return 1
    in_guest guest1 'ping -q -c 50 -i 0.02 -W 10 10.0.2.14' >/run/ping || :
    cat /run/ping
    guest_wait guest3 60 && grep ' 50 received' /run/ping &&
        in_guest guest3 'ip link set eth0 up' && reaches guest3 14 &&
        result "# $(tail -n 1 /run/ping)"
}

# Repeatedly write random values to indices, event indices and first headers of
# both queues, to the VIF page and to all registers of the doorbell page.
garbage()
{
    memory=$(frame guest3 memory-frame)
    page=$(frame guest3 doorbell-frame)
    stops=$(counter guest3 stops)
    guest_start guest3 "seed=1; n=0; while [ \$n -lt 10 ]; do
        for at in 0 4 128 132 256 260 384 388 512 516 520 4096 4100; do
            seed=\$(((seed * 1103515245 + 12345) % 4294967296));
            devmem \$(($memory + at)) 32 \$seed;
        done;
        for at in 0 4 8 12 16; do
            devmem \$(($page + at)) 32 \$seed;
        done;
        n=\$((n + 1)); done"
    in_guest guest1 'ping -q -c 50 -i 0.02 -W 10 10.0.2.14' |
        grep ' 50 received' && guest_wait guest3 60 &&
        more_than guest3 stops "$stops" &&
        [ "$(counter guest1 stops)" = 0 ] &&
        [ "$(counter guest4 stops)" = 0 ] &&
        in_guest guest3 'ip link set eth0 down && ip link set eth0 up' &&
        reaches guest3 11
}

# Each change of the MTU is a request to dom0.
requests()
{
    asked=$(counter guest3 requests)
    delayed=$(counter guest3 requests_delayed)
    # One process for all, so that a request follows the last answer at once.
    # shellcheck disable=SC2016 # expands in the guest
    in_guest guest3 'n=0; while [ $n -lt 30 ]; do
            echo "link set eth0 mtu $((1400 + n))"; n=$((n + 1)); done |
            ip -batch - && ip link set eth0 mtu 1500' &&
        same requests "$(counter guest3 requests)" $((asked + 31)) &&
        more_than guest3 requests_delayed "$delayed"
}

need guest1 11
need guest3 13
need guest4 14
need_still_vif
check 'an index beyond the queue stops only the VIF of its owner' \
    traced hostile
check 'frames with a forged source are dropped and counted' traced forged
check 'a guest that floods the card does not starve its neighbours' traced flood
check 'requests in a loop are delayed and all answered' traced requests
check 'random values in all pages of a VIF stop only that VIF' traced garbage
