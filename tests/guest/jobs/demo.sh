# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Guest part of the demo: four VIFs, traffic, a table.  HTTP_PORT is the port of
# the HTTP server on the host, HTTP_SUM the SHA-256 of its file.

outside=10.0.2.2

progress 'loading the drivers'
load_drivers || fail 'the drivers do not load'
poll 10 card_ready || fail 'the card driver found no card'
card=$(cards | head -n 1)
result "card $card, $(firmware_version "$card"), Linux $(uname -r)"

for n in 1 2 3 4; do
    mac=52:54:00:aa:00:0$n
    progress "creating VIF $n"
    port=$(vif_create "$card" "$n" "$mac") ||
        fail "devlink does not create VIF $n"
    poll 10 netdev_of "$mac" >/dev/null || fail "VIF $n has no interface"
    ns_add "vif$n" "$(netdev_of "$mac")" "10.0.2.10$n/24" ||
        fail "VIF $n does not move into a namespace"
    poll 10 carrier "vif$n" || fail "VIF $n has no link"
    eval "port$n=$port"
done

# lossless_ping FROM ADDRESS COUNT: average round trip in ms; fails on a loss.
lossless_ping()
{
    ns "vif$1" ping -q -c "$3" -i 0.005 -w 20 "$2" >/tmp/ping ||
        fail "VIF $1: ping to $2: $(sed -n 4p /tmp/ping)"
    sed -n 's|^rtt [^=]*= [^/]*/\([^/]*\)/.*|\1|p' /tmp/ping
}

# Room for datagrams while the host does not schedule iperf3's vCPU: the default
# buffer overflows after 20 ms at this rate, and the loss would look like the
# card's.
sysctl -q -w net.core.rmem_default=4194304

# iperf FROM TO ARG...: JSON into /tmp/iperf.
iperf()
{
    from=$1
    to=$2
    shift 2
    iperf_server "vif$to" -1 || fail "VIF $to: iperf3 does not start"
    ns "vif$from" iperf3 -J -i 0 -t 3 "$@" -c "10.0.2.10$to" >/tmp/iperf ||
        fail "VIF $from to VIF $to: $(iperf_value error)"
}

# iperf_value NAME [AFTER]: the first field NAME after the first field AFTER.
iperf_value()
{
    awk -F ':[ \t]*' -v name="\"$1\"" -v after="\"${2-$1}\"" '
        index($1, after) { here = 1 }
        here && index($1, name) { sub(/,$/, "", $2); print $2; exit }' \
        /tmp/iperf
}

result ''
result "$(printf '%-16s %12s %14s %26s' 'VIF to VIF' 'round trip' TCP \
                 'UDP, 1400 bytes')"
for pair in '1 2' '3 4'; do
    # shellcheck disable=SC2086  # two words
    set -- $pair
    progress "VIF $1 to VIF $2"
    rtt=$(lossless_ping "$1" "10.0.2.10$2" 200) || exit 1
    iperf "$1" "$2"
    tcp=$(iperf_value bits_per_second sum_received)
    iperf "$1" "$2" -u -l 1400 -b 50M
    sent=$(iperf_value packets sum)
    lost=$(iperf_value lost_percent sum)
    result "$(awk -v a="$1" -v b="$2" -v rtt="$rtt" -v tcp="$tcp" \
                  -v sent="$sent" -v lost="$lost" 'BEGIN {
        printf "%-16s %9.2f ms %7.0f Mbit/s %12.0f sent, %.1f%% lost",
               "VIF " a " to VIF " b, rtt, tcp / 1e6, sent, lost }')"
    awk -v lost="$lost" 'BEGIN { exit lost > 20 }' ||
        fail "VIF $1 to VIF $2: $lost% of the UDP datagrams were lost"
done

result ''
result "$(printf '%-16s %12s %14s %14s %11s' 'VIF to outside' 'round trip' \
                 download upload bytes)"
head -c 2097152 /dev/urandom >/tmp/upload
upload_sum=$(sha256sum </tmp/upload | cut -d' ' -f1)
for n in 1 2 3 4; do
    progress "VIF $n to the HTTP server on the host"
    rtt=$(lossless_ping "$n" "$outside" 50) || exit 1
    start=$(milliseconds)
    ns "vif$n" timeout 20 wget -q -O /tmp/data "http://$outside:$HTTP_PORT/data" ||
        fail "VIF $n: no download from $outside:$HTTP_PORT"
    down=$(($(milliseconds) - start))
    sum=$(sha256sum </tmp/data | cut -d' ' -f1)
    [ "$sum" = "$HTTP_SUM" ] ||
        fail "VIF $n: the downloaded bytes differ from the file"
    start=$(milliseconds)
    sum=$(http_post "vif$n" "$outside" "$HTTP_PORT" /tmp/upload)
    up=$(($(milliseconds) - start))
    [ "$sum" = "$upload_sum" ] ||
        fail "VIF $n: the uploaded bytes differ from the file"
    result "$(awk -v n="$n" -v rtt="$rtt" -v down="$down" -v up="$up" \
                  -v d="$(stat -c %s /tmp/data)" \
                  -v u="$(stat -c %s /tmp/upload)" 'BEGIN {
        printf "%-16s %9.2f ms %7.0f Mbit/s %7.0f Mbit/s %11s", "VIF " n,
               rtt, d * 8 / 1000 / down, u * 8 / 1000 / up, "identical" }')"
done

result ''
result "$(printf '%-16s %-18s %10s %12s %10s %12s %7s' 'VIF counters' address \
                 'rx packets' 'rx bytes' 'tx packets' 'tx bytes' dropped)"
for n in 1 2 3 4; do
    result "$(printf '%-16s %-18s %10s %12s %10s %12s %7s' "VIF $n" \
                     "52:54:00:aa:00:0$n" \
                     "$(counter "vif$n" rx_packets)" \
                     "$(counter "vif$n" rx_bytes)" \
                     "$(counter "vif$n" tx_packets)" \
                     "$(counter "vif$n" tx_bytes)" \
                     "$(($(counter "vif$n" rx_dropped) +
                         $(counter "vif$n" tx_dropped)))")"
done

progress 'deleting the VIFs'
for n in 1 2 3 4; do
    eval "vif_delete \$port$n" || fail "devlink does not delete VIF $n"
done
unload_drivers || fail 'the drivers do not unload'
