# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Functions for the guest's jobs (tests/guest/jobs, bench/pair-guest.sh): channel to
# the host, devlink, network namespaces, polling.  Sourced by runjob.sh before a
# job, and by the login shell.

# --- the channel to the host: file descriptor 3, one line a message

# result TEXT: a line for the host's stdout.
result()
{
    printf '%s\n' "$*" >&3
}

# progress TEXT: a progress message for the host's terminal.
progress()
{
    printf '@progress %s\n' "$*" >&3
}

# ask KIND TEXT: a request to the host; prints its answer, one line.  KIND is
# qmp (TEXT is a command in JSON, one that the test in tests/guest/run allows),
# host (a word that the test has a function for) or cpu (the milliseconds of
# CPU time that QEMU has taken; no TEXT).  What is not allowed is answered
# "refused by the host", with the reason.
ask()
{
    printf '@%s\n' "$(printf %s "$*" | tr '\n' ' ')" >&3
    read -r answer <&3
    printf '%s\n' "$answer"
}

# fail TEXT: report an error and end the job (or the subshell).
fail()
{
    progress "failed: $*"
    exit 1
}

# --- waiting

# poll SECONDS CMD...: repeat CMD until it succeeds; false after the timeout.
poll()
{
    poll_end=$(($(cut -d. -f1 /proc/uptime) + $1))
    shift
    until "$@"; do
        [ "$(cut -d. -f1 /proc/uptime)" -lt "$poll_end" ] || return 1
        usleep 20000
    done
}

# --- the card

# cards: the PCI addresses of all cards.
cards()
{
    for dev in /sys/bus/pci/devices/*; do
        if [ "$(cat "$dev/vendor" "$dev/device")" = '0x8086
0xb555' ]; then
            echo "${dev##*/}"
        fi
    done
}

load_drivers()
{
    modprobe svnic && modprobe svnic_vif
}

unload_drivers()
{
    modprobe -r svnic_vif && modprobe -r svnic
}

# card_ready: whether the card driver is bound to a card.
card_ready()
{
    devlink dev | grep -q "^pci/$(cards | head -n 1)\$"
}

# firmware_version BDF: firmware version text from devlink.
firmware_version()
{
    devlink dev info "pci/$1" | sed -n "s,^ *fw \(.*\),\1,p"
}

# placement BDF PLACEMENT: placement of VIFs that are created from now on.
placement()
{
    devlink dev param set "pci/$1" name placement value "$2" cmode runtime
}

# vif_create BDF N MAC: create VIF N of a card by devlink and activate it;
# prints its devlink port.
vif_create()
{
    port=$(devlink port add "pci/$1" flavour pcisf pfnum 0 sfnum "$2" |
           sed -n '1s/^\(pci[^ ]*\): .*/\1/p')
    [ -n "$port" ] || return 1
    devlink port function set "$port" hw_addr "$3" state active || return 1
    echo "$port"
}

vif_delete()
{
    devlink port del "$1"
}

# netdev_of MAC: the interface of this namespace with that address, excluding
# stacked interfaces.
netdev_of()
{
    for net in /sys/class/net/*; do
        [ -e "$net/device" ] || continue
        if [ "$(cat "$net/address")" = "$1" ]; then
            echo "${net##*/}"
            return 0
        fi
    done
    return 1
}

# --- network namespaces

# ns NAME CMD...: run CMD in a namespace.
ns()
{
    ns_name=$1
    shift
    ip netns exec "$ns_name" "$@"
}

# ns_add NAME NETDEV ADDRESS/LENGTH: a namespace with NETDEV as eth0, up, with that
# IPv4 address and without IPv6, which would send frames by itself.
ns_add()
{
    ip netns add "$1" || return 1
    ns "$1" sysctl -q -w net.ipv6.conf.default.disable_ipv6=1 \
                         net.ipv6.conf.all.disable_ipv6=1
    ip link set "$2" netns "$1" name eth0 || return 1
    ip -n "$1" link set lo up
    ip -n "$1" addr add "$3" dev eth0 || return 1
    ip -n "$1" link set eth0 up
}

carrier()
{
    [ "$(ns "$1" cat /sys/class/net/eth0/carrier 2>/dev/null)" = 1 ]
}

# counter NAME COUNTER: one of eth0's, as in /sys/class/net/*/statistics.
counter()
{
    ns "$1" cat "/sys/class/net/eth0/statistics/$2"
}

# --- traffic

# listening NAME PORT: whether a process of the namespace accepts connections.
listening()
{
    ns "$1" netstat -ltn | grep -q ":$2 "
}

not_listening()
{
    ! listening "$@"
}

# iperf_server NAME ARG...: start iperf3's server in a namespace, in the
# background, after the previous one has ended: with both, the new one would fail
# to listen and the old one would exit.
iperf_server()
{
    server=$1
    shift
    poll 20 not_listening "$server" 5201 &&
        ns "$server" iperf3 -s -D "$@" &&
        poll 20 listening "$server" 5201
}

# http_post NAME HOST PORT FILE: post FILE; prints the answer without headers.
http_post()
{
    {
        printf 'POST /cgi-bin/sum HTTP/1.0\r\nContent-Length: %s\r\n\r\n' \
               "$(stat -c %s "$4")"
        cat "$4"
    } | ns "$1" nc -w 20 "$2" "$3" | tail -n 1
}

# milliseconds: since boot, in steps of 10.
milliseconds()
{
    awk '{ printf "%d", $1 * 1000 }' /proc/uptime
}
