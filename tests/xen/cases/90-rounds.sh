# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2317
#
# Attach and detach, again and again.
#
# ROUNDS  so often (default 100)
# A file of cases: see tests/xen/jobs/life.

# Resources that a cycle might leak: event channels of both domains, mappings and
# interrupts of the guest, module references.
resources()
{
    lsevtchn 0 | wc -l
    lsevtchn "$(domid guest1)" | wc -l
    in_guest guest1 'grep -c ioremap /proc/vmallocinfo; wc -l </proc/interrupts'
    awk '/^svnic/ { print $1, $3 }' /proc/modules
}

round()
{
    svnic-attach guest1 "mac=$(mac 16)" && poll 10 state_is guest1 4 &&
        svnic-detach guest1
}

rounds()
{
    svnic-detach guest1 >/dev/null || return 1
    round >/run/attach 2>&1 || return 1
    before=$(store_lines)
    resources >/run/held-before
    n=0
    until [ "$n" = "${ROUNDS:-100}" ]; do
        if ! round >/run/attach 2>&1; then
            echo "round $n: $(cat /run/attach)"
            return 1
        fi
        n=$((n + 1))
        if [ $((n % 20)) = 0 ]; then
            progress "$n rounds, $(cut -d. -f1 /proc/uptime) s after power-on"
        fi
    done
    resources >/run/held-after
    diff /run/held-before /run/held-after || return 1
    attach guest1 11 && reaches guest1 13 && svnic-detach guest1 &&
        same 'lines in XenStore' "$(store_lines)" "$before"
}

need guest1 11
need guest3 13
check "${ROUNDS:-100} cycles of attach and detach leak nothing" \
    traced rounds
