# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2317
#
# Front ends that misbehave.  The guest "still" is never let run; what its
# front end says is written here.
# A file of cases: see tests/xen/jobs/life.

# paths: set $back and $front to the directories of its devices.
paths()
{
    back=/local/domain/0/backend/svnic/$(domid still)
    front=/local/domain/$(domid still)/device/svnic
}

front_state()
{
    xenstore-write "$front/$1/state" "$2"
}

# back_is N STATE
back_is()
{
    [ "$(xenstore-read "$back/$1/state")" = "$2" ]
}

answered()
{
    xenstore-read "$back/$1/response" 2>/dev/null | grep -q "^$2 "
}

# handled N: wait until the back end has handled all states of device N: a request
# is handled by the same thread after them.
handled()
{
    asked=$((${asked-0} + 1))
    xenstore-write "$front/$1/request" "$asked stats"
    poll 5 answered "$1" "$asked"
}

# bring N STATE: bring the back end of device N to that state.
bring()
{
    case $2 in
    1) return ;;
    2) front_state "$1" 6 && handled "$1" && front_state "$1" 1 ;;
    4) bring "$1" 2 && front_state "$1" 4 ;;
    5) bring "$1" 4 && front_state "$1" 5 ;;
    6) front_state "$1" 6 ;;
    esac
    handled "$1" && back_is "$1" "$2"
}

# walk N: lines "STATE WRITTEN NEXT" on stdin: in STATE, writing a front end state
# leads to NEXT.
walk()
{
    while read -r from written next; do
        { bring "$1" "$from" && front_state "$1" "$written" && handled "$1" &&
            back_is "$1" "$next"; } || {
            echo "in $from, writing $written: $(xenstore-read "$back/$1/state")," \
                 "not $next"
            return 1
        }
    done
}

# Device 1 as created by svnic-attach, before the guest may map anything.
not_granted()
{
    xenstore-write "$back/1/frontend" "$front/1" \
        "$back/1/frontend-id" "$(domid still)" "$back/1/online" 1 \
        "$back/1/mac" "$(mac 21)" "$front/1/backend" "$back/1" \
        "$front/1/backend-id" 0 "$front/1/state" 1 "$back/1/state" 1 &&
        poll 10 xenstore-exists "$back/1/memory-frames"
}

any_order()
{
    paths
    not_granted && walk 1 <<'END' && walk 0 <<'END2'
1 1 1
1 2 1
1 3 1
1 4 1
1 7 1
1 99 1
END
2 1 2
2 2 2
2 3 2
2 7 2
2 99 2
2 4 4
2 5 5
2 6 6
4 1 2
4 2 4
4 99 4
4 5 5
4 6 6
5 1 2
5 2 5
5 4 4
5 6 6
6 1 2
6 2 6
6 5 6
6 4 4
END2
}

gone()
{
    ! [ -e "/sys/bus/xen-backend/devices/svnic-$(domid still)-$1" ]
}

# An invalid state removes that device only.
no_state()
{
    paths
    svnic-attach still && front_state 2 nonsense && poll 10 gone 2 &&
        back_is 2 6 && svnic-detach still device=2 >/run/detach 2>&1 &&
        ! grep 'does not close' /run/detach && svnic-attach still &&
        back_is 2 2
}

no_dir()
{
    ! xenstore-exists "$back"
}

# One device in each state, device 0 in InitWait.
dies()
{
    paths
    others=$(($(devices) - $(devices_of still)))
    svnic-attach still && svnic-attach still && bring 0 2 && back_is 1 1 &&
        bring 2 4 && bring 3 5 && bring 4 6 && xl destroy still &&
        poll 10 has_devices "$others" && poll 10 no_dir &&
        reaches guest1 13 && reaches guest3 11
}

need guest1 11
need guest3 13
need guest4 14
need_still_vif
check 'a front end may write any state in any state' traced any_order
check 'a front end without a state loses its VIF, and can get another' \
    traced no_state
check 'a guest can be destroyed in every state of its VIFs' traced dies
