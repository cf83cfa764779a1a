# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034 # what it sets, its callers use
#
# Shared by svnic, qemu/ and scripts/: paths, progress of a step, error messages.
# Sourced, never run; the caller sets $top (the checkout) first.
#
# Variables for callers and for programs that svnic starts:
#   SVNIC_BUILD  build directory, absolute       (default: $top/build)
#   SVNIC_CACHE  downloads, kept between clones  (default: the user's cache)
#   SVNIC_QEMU   the built qemu-system-x86_64
#   QEMU         series of QEMU, 10.0 or 10.2    (default: 10.0)
#   QEMU_SRC     the user's QEMU tree, used in place (may be empty)
#   SVNIC_WERROR yes: the compilers' warnings are errors, as for developers and in
#                CI; no: they stop no user.  Default: as the build directory was
#                configured

: "${top:?set top to the checkout before sourcing scripts/lib.sh}"

SVNIC_BUILD=${SVNIC_BUILD:-$top/build}
SVNIC_CACHE=${SVNIC_CACHE:-${XDG_CACHE_HOME:-${HOME:?set HOME or XDG_CACHE_HOME}/.cache}/svnic}
# Absolute paths: commands run in other directories.
case ${QEMU_SRC-} in
'' | /*) ;;
*) export QEMU_SRC="$PWD/$QEMU_SRC" ;;
esac
case ${KDIR-} in
'' | /*) ;;
*) export KDIR="$PWD/$KDIR" ;;
esac
QEMU=${QEMU:-10.0}
# A directory for each series, so that both can be built.
qemu_dir=$SVNIC_BUILD/qemu
[ "$QEMU" = 10.0 ] || qemu_dir=$qemu_dir-$QEMU
qemu_src=${QEMU_SRC:-$qemu_dir/src}
qemu_build=$qemu_dir/build
SVNIC_QEMU=${SVNIC_QEMU:-$qemu_build/qemu-system-x86_64}
logs=$SVNIC_BUILD/logs
if [ -z "${SVNIC_WERROR-}" ]; then
    SVNIC_WERROR=no
    if [ "${CI-}" = true ]; then
        SVNIC_WERROR=yes
    elif [ -f "$SVNIC_BUILD/werror" ]; then
        read -r SVNIC_WERROR <"$SVNIC_BUILD/werror"
    fi
fi
export QEMU SVNIC_BUILD SVNIC_CACHE SVNIC_QEMU SVNIC_WERROR

# The system's Python, not the first one in PATH: Debian's packages (meson,
# setuptools) are installed for it.
python=/usr/bin/python3

# die MESSAGE: print one line to stderr and exit.
die()
{
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# say MESSAGE: print one line to stderr; stdout is for the caller's output.
say()
{
    printf '%s\n' "$*" >&2
}

# can_write FILE: exit if FILE cannot be written; an empty FILE is not checked.
can_write()
{
    [ -n "$1" ] || return 0
    where=$1
    [ -e "$1" ] || where=$(dirname "$1")
    if [ -d "$1" ] || [ ! -w "$where" ]; then
        die "$1 cannot be written: name another file"
    fi
}

# check_count OPTION MAX VALUE: exit unless VALUE is a number from 1 to MAX, which
# has at most four digits.
check_count()
{
    case $3 in
    '' | 0* | *[!0-9]* | ?????*) ;;
    *) [ "$3" -gt "$2" ] || return 0 ;;
    esac
    die "$1 '$3': must be 1 to $2"
}

# check_seconds OPTION VALUE: exit unless VALUE is a number of seconds, also with a
# fraction, above 0 and below an hour.
check_seconds()
{
    case $2 in
    *[!0-9.]* | *.*.* | .* | *. | 0[0-9]* | ???????*) ;;
    *[1-9]*) [ "${2%.*}" -ge 3600 ] || return 0 ;;
    esac
    die "$1 '$2': must be seconds, as 0.5 or 2, and less than 3600"
}

# can_write_in DIR VARIABLE: exit if DIR, which VARIABLE sets, cannot be written.
can_write_in()
{
    if ! mkdir -p "$1" 2>/dev/null || [ ! -w "$1" ]; then
        die "$1 cannot be written: set $2 to another directory, or run this as" \
            "its owner"
    fi
}

# as_root CMD...: run a command that needs root.
as_root()
{
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        die "'$*' needs root: run this as root, or install sudo"
    fi
}

# step_last: the last line of the step's log, in printable characters.
step_last()
{
    tail -n 1 "$step_log" 2>/dev/null | tr '\r\t' '  ' | tr -cd '[:print:]' |
        cut -c1-50
}

# step_reports: print the progress of the step every $SVNIC_REPORT seconds, until
# killed or until the caller has ended.
step_reports()
{
    step_told=$step_start
    while sleep 1 >/dev/null 2>&1 && kill -0 "$$" 2>/dev/null; do
        step_now=$(date +%s)
        if [ $((step_now - step_told)) -ge "${SVNIC_REPORT:-30}" ]; then
            printf '%s  %3ss  %s\n' "$step_name" $((step_now - step_start)) \
                   "$(step_last)"
            step_told=$step_now
        fi
    done
}

# step NAME LOG CMD...: run CMD with its output in $logs/LOG, and show name,
# seconds and the last line of the log: continuously on a terminal, otherwise a
# line at intervals.  On failure show the end of the log and return CMD's status.
step()
{
    step_name=$1
    step_log=$logs/$2
    shift 2
    mkdir -p "$logs"
    : >"$step_log"
    step_start=$(date +%s)
    if [ -t 2 ]; then
        # In a separate process group, so that an interrupt ends all of it.
        set -m
        "$@" >"$step_log" 2>&1 </dev/null &
        step_pid=$!
        set +m
        trap 'kill -s TERM -- "-$step_pid"; exit 130' INT TERM
        while kill -0 "$step_pid" 2>/dev/null; do
            printf '\r\033[K%s  %3ss  %s' "$step_name" \
                   "$(($(date +%s) - step_start))" "$(step_last)" >&2
            sleep 1
        done
        step_rc=0
        wait "$step_pid" || step_rc=$?
        trap - INT TERM
        printf '\r\033[K' >&2
    else
        printf '%s ... (log: %s)\n' "$step_name" "$step_log" >&2
        step_reports >&2 &
        step_reporter=$!
        step_rc=0
        "$@" >"$step_log" 2>&1 </dev/null || step_rc=$?
        kill "$step_reporter" 2>/dev/null || :
        wait "$step_reporter" 2>/dev/null || :
    fi
    step_secs=$(($(date +%s) - step_start))
    if [ "$step_rc" = 0 ]; then
        printf '%s: done in %ss\n' "$step_name" "$step_secs" >&2
    else
        printf '%s: FAILED after %ss, the end of %s:\n' \
               "$step_name" "$step_secs" "$step_log" >&2
        tail -n 25 "$step_log" | sed 's/^/    /' >&2
    fi
    return "$step_rc"
}
