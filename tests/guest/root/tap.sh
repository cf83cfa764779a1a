# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Test cases of the guest's jobs: a sentence and the command that proves it.
# Sourced by the jobs that tests/guest/run starts, which numbers the results.

# check SENTENCE CMD...: run CMD in a subshell, in which the first command that
# fails ends the case; a failure is reported with the end of the output.
check()
{
    sentence=$1
    shift
    progress "$sentence"
    (
        set -e
        "$@"
    ) >/tmp/case 2>&1 &
    if wait "$!"; then
        result "ok - $sentence"
    else
        result "not ok - $sentence"
        tail -n 12 /tmp/case | while read -r line; do
            result "# $line"
        done
    fi
    cat /tmp/case
}

# refuses PATTERN CMD...: CMD fails with output that matches PATTERN.
refuses()
{
    pattern=$1
    shift
    if "$@" >/tmp/refused 2>&1; then
        echo "was not refused: $*"
        return 1
    fi
    cat /tmp/refused
    grep -qE "$pattern" /tmp/refused
}

# same NAME A B: whether two values are equal; prints both if not.
same()
{
    [ "$2" = "$3" ] || {
        echo "$1: '$2', not '$3'"
        return 1
    }
}

# more NAME A B: whether A is more than B.
more()
{
    [ "$2" -gt "$3" ] || {
        echo "$1: $2 is not more than $3"
        return 1
    }
}

# nic_stat NAME STATISTIC: one of 'ethtool -S' of eth0 in namespace NAME.
nic_stat()
{
    ns "$1" ethtool -S eth0 | awk -v name="$2:" '$1 == name { print $2 }'
}

# all_arrive NAME COUNT ARG...: ping from a namespace, none lost or damaged.
all_arrive()
{
    from=$1
    count=$2
    shift 2
    ns "$from" ping -c "$count" -i 0.01 -W 5 "$@" >/tmp/ping || {
        tail -n 3 /tmp/ping
        return 1
    }
    tail -n 3 /tmp/ping
    same 'echoes' "$(sed -n 's/.* \([0-9]*\) received.*/\1/p' /tmp/ping)" \
         "$count"
    if grep 'wrong data' /tmp/ping; then
        return 1
    fi
}

# receive NAME PORT: accept one TCP connection and print its data.  nc exits at the
# end of its input, which is therefore a pipe that stays open.
receive()
{
    [ -p /tmp/never ] || mkfifo /tmp/never
    ns "$1" timeout 60 nc -l -p "$2" <>/tmp/never
}

# stream FROM TO ADDRESS FILE: send FILE from one namespace to another by TCP and
# compare the received bytes.
stream()
{
    rm -f /tmp/got
    receive "$2" 7000 >/tmp/got &
    receiver=$!
    poll 5 listening "$2" 7000
    ns "$1" timeout 60 nc "$3" 7000 <"$4"
    wait "$receiver"
    same 'SHA-256' "$(sha256sum </tmp/got)" "$(sha256sum <"$4")"
}

# offload NAME FEATURE on|off: set a feature and check it.
offload()
{
    ns "$1" ethtool -K eth0 "$2" "$3"
    ns "$1" ethtool -k eth0 | grep -E "^$(long_name "$2"): $3"
}

long_name()
{
    case $1 in
    tso) echo tcp-segmentation-offload ;;
    tx) echo tx-checksumming ;;
    rx) echo rx-checksumming ;;
    sg) echo scatter-gather ;;
    gso) echo generic-segmentation-offload ;;
    gro) echo generic-receive-offload ;;
    esac
}

# vif NAME BDF N MAC ADDRESS/LENGTH: VIF N of a card, as eth0 of a namespace.
vif()
{
    vif_create "$2" "$3" "$4" >/tmp/port
    poll 10 netdev_of "$4"
    ns_add "$1" "$(netdev_of "$4")" "$5"
    poll 10 carrier "$1"
}
