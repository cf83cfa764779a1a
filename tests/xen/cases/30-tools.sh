# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2317
#
# dom0's tools, svnic-attach and its kin: what they say and show.
# A file of cases: see tests/xen/jobs/life.

# listed NAME N: the line of svnic-list for the guest's only VIF is correct.
listed()
{
    sent=$(counter "$1" send_frames)
    # shellcheck disable=SC2046  # words
    set -- "$1" "$2" $(svnic-list "$1" | sed 1d)
    [ $# = 17 ] && same guest "$3" "$1" && same id "$4" "$(domid "$1")" &&
        same device "$5" 0 && same VIF "$6" "$(backend "$1" vif)" &&
        same mac "$7" "$(mac "$2")" && same state "$8" connected &&
        same signal "$9 ${10}" "$(backend "$1" signal)" &&
        more events "${11}" 0 && [ "${12}" -le "${11}" ] &&
        [ "${13}" -ge "$sent" ] && more frames "${14}" 0 &&
        same 'dropped, forged, stops' "${15} ${16} ${17}" '0 0 0'
}

list()
{
    listed guest1 11 && listed guest2 12 &&
        [ "$(svnic-list | sed 1d | awk '{ print $1 }' | sort | tr '\n' ' ')" = \
          'guest1 guest2 ' ]
}

tools_refuse()
{
    # The first error creates the directory for errors, which remains.
    refuses 'in use by another VIF or a port' \
        svnic-attach guest1 "mac=$(mac 12)"
    before=$(store_lines)
    refuses '^usage: svnic-attach DOMAIN' svnic-attach
    refuses "no domain 'missing': see 'xl list'" svnic-attach missing
    refuses 'VIFs of dom0 are created with devlink' svnic-attach 0
    refuses "unknown setting 'colour=red'" svnic-attach guest1 colour=red
    refuses 'mac=00:16:3e:00:00: must be like' \
        svnic-attach guest1 mac=00:16:3e:00:00
    refuses 'port=east: must be a number' svnic-attach guest1 port=east
    refuses 'in use by another VIF or a port' \
        svnic-attach guest1 "mac=$(mac 11)"
    refuses 'zero or multicast' svnic-attach guest1 mac=01:00:5e:00:00:01
    refuses "out of the card's range" svnic-attach guest1 port=9
    refuses "out of the card's range" svnic-attach guest1 mtu=9001
    refuses "out of the card's range" svnic-attach guest1 send-slots=65
    refuses "no domain 'missing': see 'xl list'" svnic-detach missing
    refuses '^usage: svnic-detach DOMAIN' svnic-detach
    refuses 'no such VIF: see svnic-list' svnic-detach guest1 device=1
    refuses 'no such VIF: see svnic-list' \
        svnic-detach guest1 "mac=$(mac 12)"
    refuses "no domain 'missing': see 'xl list'" svnic-list missing
    refuses '^usage: svnic-list' svnic-list --all
    echo 'name = "lost"' >/run/lost.cfg
    refuses "needs lines 'name = ...' and 'svnic = " svnic-create /run/lost.cfg
    same 'lines in XenStore' "$(store_lines)" "$before"
}

# In the log of xenstored all keys of a VIF are written in one transaction of
# dom0's kernel, which uses relative paths.  Keys written outside of a
# transaction cause watch events at once.
one_transaction()
{
    rm -f /run/xenstored.log
    xenstore-control logfile /run/xenstored.log &&
        svnic-attach still && xenstore-control log off
    awk '
        $1 == "OUT" && $5 == "WATCH_EVENT" && now[$2] &&
            /svnic\/[0-9\/]*\/(vif|doorbell|memory|event|abi|features)/ {
            print 0, "early"
        }
        $1 != "IN" { next }
        $5 == "TRANSACTION_START" { now[$2] = ++count }
        $5 == "TRANSACTION_END" { now[$2] = 0 }
        / WRITE .backend\/svnic\// {
            key = $0
            sub(/.*backend\/svnic\/[0-9]*\/[0-9]*\//, "", key)
            sub(/ .*/, "", key)
            print now[$2] + 0, key
        }' /run/xenstored.log >/run/written
    cat /run/written
    # The last write of each key: a transaction may have been repeated.
    first=$(sed -n 's/ vif$//p' /run/written | tail -n 1)
    more transaction "$first" 0 && ! grep early /run/written || return 1
    for key in doorbell-frame memory-frame memory-frames send-slots \
        recv-slots mtu event-channel abi features firmware signal; do
        same "$key" "$(sed -n "s/ $key\$//p" /run/written | tail -n 1)" \
            "$first"
    done
}

need guest1 11
need guest2 12
reaches guest1 12
check 'svnic-list shows guests, VIFs, states and counters' traced list
check 'the tools report errors and leave no keys behind' \
    traced tools_refuse
need_still
check 'all keys of a VIF are written in one transaction' \
    traced one_transaction
