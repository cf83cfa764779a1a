# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2317
#
# dom0's tools without a back end, and with one that has no card: so this is
# the first.
# A file of cases: see tests/xen/jobs/life.

# Without a back end, and with a back end but no card.
no_card()
{
    refuses "not loaded: run 'modprobe svnic_xenback'" svnic-attach still &&
        modprobe svnic_xenback &&
        refuses 'no card: check that svnic is loaded' svnic-attach still
}

still || fail 'no guest starts'
check 'svnic-attach reports a missing back end and a missing card' traced no_card
