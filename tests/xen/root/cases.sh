# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2317
#
# What the case files of tests/xen/cases share, above all the guests that a file
# needs: those that an earlier file of the same boot has left, or new ones, so
# that a file can also run alone.  Sourced by tests/xen/jobs/life after vif.sh.

# guest NAME: a guest that is up; its console is at hand.
guest()
{
    guest_create "$@" && guest_up 60 "$1"
}

# guest_with NAME N: the same, and it has VIF N from its xl file on.
guest_with()
{
    GUEST_CREATE=svnic-create guest "$1" "svnic = [ \"mac=$(mac "$2")\" ]" \
        "cpus = 'all'" &&
        vif_up "$1" "$2"
}

# back_end: the drivers of dom0 are there.
back_end()
{
    load_back_end || fail 'no card, or no drivers for it'
}

# need NAME N: the guest NAME is up and has VIF N as its first.
need()
{
    back_end
    if ! xl domid "$1" >/dev/null 2>&1; then
        ON_CRASH=$(on_crash "$1") guest_with "$1" "$2" ||
            fail "$1 does not start with VIF $2"
    elif ! backend "$1" mac >/dev/null; then
        attach "$1" "$2" || fail "$1 does not get VIF $2"
    fi
}

# on_crash NAME: guest4 is the one that crashes, in 84-crash.sh.
on_crash()
{
    if [ "$1" = guest4 ]; then
        echo destroy
    else
        echo preserve
    fi
}

create_paused()
{
    xl create "$1" -p -q
}

still()
{
    GUEST_CREATE=create_paused guest_create still
}

# need_still: the guest "still", which is never let run.
need_still()
{
    back_end
    xl domid still >/dev/null 2>&1 || still || fail 'no guest starts'
}

# need_still_vif: and it has a VIF.
need_still_vif()
{
    need_still
    backend still mac >/dev/null || svnic-attach still ||
        fail 'still does not get a VIF'
}

# last_word NAME: where the last bytes of the guest's VIF are, beyond what
# traffic touches.
last_word()
{
    echo $((($(backend "$1" memory-frame) +
             $(backend "$1" memory-frames)) * 4096 - 16))
}

# frame NAME KEY [PAGES]: the address of the frame, and so many pages on.
frame()
{
    echo $((($(backend "$1" "$2") + ${3-0}) * 4096))
}

# store_lines: how many lines the XenStore has, so that what is left behind shows.
store_lines()
{
    xenstore-ls | wc -l
}

# The commands of a case, one by one, to be shown if it fails.
traced()
{
    set -x
    "$@"
}
