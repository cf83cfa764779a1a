# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034 # what it sets, the tests use
#
# TAP for tests of scripts.  Sourced by tests/scripts/*-test, which set $top before.
# $tmp is a scratch directory of the test, removed at the end.  It is in the build
# directory, because the tests run programs there and /tmp may be mounted noexec.

mkdir -p "${SVNIC_BUILD:-$top/build}/tmp"
tmp=$(mktemp -d "${SVNIC_BUILD:-$top/build}/tmp/test.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cases=0

# ok NAME CMD...: the case NAME passes if CMD succeeds.
ok()
{
    ok_name=$1
    shift
    cases=$((cases + 1))
    if "$@" >"$tmp/ok.log" 2>&1; then
        echo "ok $cases - $ok_name"
    else
        echo "not ok $cases - $ok_name"
        sed 's/^/# /' "$tmp/ok.log"
    fi
}

# skip NAME REASON: skip a case that cannot run on this machine.
skip()
{
    cases=$((cases + 1))
    echo "ok $cases - $1 # SKIP $2"
}

# refuses REGEX CMD...: CMD fails, and the last line of its output matches.
refuses()
{
    refuses_re=$1
    shift
    if refuses_out=$("$@" 2>&1 </dev/null); then
        echo "did not fail: $*"
        return 1
    fi
    printf '%s\n' "$refuses_out"
    printf '%s\n' "$refuses_out" | tail -n 1 | grep -qE "$refuses_re"
}

# no CMD...: CMD fails.
no()
{
    ! "$@"
}

# same TEXT TEXT
same()
{
    [ "$1" = "$2" ] || {
        printf 'expected: %s\n     got: %s\n' "$1" "$2"
        return 1
    }
}

finish()
{
    echo "1..$cases"
}
