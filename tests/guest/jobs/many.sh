# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2317
#
# All 256 VIFs of a card with MSI-X on one CPU, which has fewer vectors.  Run by
# tests/guest/run.

. /lib/svnic/tap.sh

card=$(cards)

mac_of()
{
    printf '52:54:00:cc:08:%02x' "$1"
}

all_up()
{
    n=0
    while [ "$n" -lt 256 ]; do
        vif_create "$card" "$n" "$(mac_of "$n")" >/dev/null
        n=$((n + 1))
    done
    for net in /sys/class/net/*; do
        case $(cat "$net/address") in
        52:54:00:cc:08:*) ip link set "${net##*/}" up ;;
        esac
    done
    poll 20 same 'interfaces with a carrier' "$(carriers)" 256
}

carriers()
{
    for net in /sys/class/net/*; do
        case $(cat "$net/address") in
        52:54:00:cc:08:*) cat "$net/carrier" ;;
        esac
    done | grep -c 1
}

# Fewer vectors than VIFs, and devlink says which VIFs share one.
shared()
{
    devlink health diagnose "pci/$card" reporter vif >/tmp/vifs
    sed -n 's/.*vector: \([0-9]*\).*/\1/p' /tmp/vifs | sort -n | uniq -c \
        >/tmp/vectors
    more 'vectors' "$(wc -l </tmp/vectors)" 2
    more 'VIFs with one vector' \
         "$(sort -rn /tmp/vectors | awk 'NR == 1 { print $1 }')" 1
    dmesg | grep 'no free interrupt vector for VIF .* share vectors'
}

# Echoes between two VIFs that share a vector.
echoes()
{
    double=$(sort -rn /tmp/vectors | awk 'NR == 1 { print $2 }')
    sed -n "s/.*vif: \([0-9]*\).*vector: $double .*/\1/p" /tmp/vifs >/tmp/pair
    cat /tmp/pair
    ns_add a "$(netdev_of "$(mac_of "$(sed -n 1p /tmp/pair)")")" 10.8.0.1/24
    ns_add b "$(netdev_of "$(mac_of "$(sed -n 2p /tmp/pair)")")" 10.8.0.2/24
    poll 10 carrier a
    poll 10 carrier b
    all_arrive a 100 10.8.0.2
}

load_drivers
poll 10 card_ready
check 'all 256 VIFs come up' all_up
check 'several VIFs share a vector, and devlink shows which' shared
check 'two VIFs with one vector exchange echoes' echoes
check 'the drivers unload' unload_drivers
