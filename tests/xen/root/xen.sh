# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Functions for dom0's jobs (tests/xen/jobs), in addition to
# tests/guest/root/lib.sh: Xen's daemons, bridges, guests and commands in guests.
# Sourced by init and jobs.
#
# Commands are sent over the guest's PV console (tests/xen/domu/init answers), and
# thus do not use what is tested.  One command at a time per guest.

domu=/run/domu

# busybox's sh prefers its applets to programs in PATH.
ip()
{
    /bin/ip "$@"
}

# start_xen: start xenstored and xenconsoled, and write dom0's keys.
start_xen()
{
    xenstored --pid-file /run/xenstored.pid || return 1
    poll 20 xenstore-exists / || return 1
    xen-init-dom0 >/dev/null || return 1
    xenstore-write /local/domain/0/name dom0
    xenconsoled --pid-file=/run/xenconsoled.pid
}

# bridge_up NAME ADDRESS/LENGTH [NETDEV]: create a bridge with that address and an
# optional uplink.
bridge_up()
{
    ip link add "$1" type bridge forward_delay 0 || return 1
    ip addr add "$2" dev "$1"
    if [ -n "${3-}" ]; then
        ip link set "$3" master "$1" up || return 1
    fi
    ip link set "$1" up
}

# first_netdev: dom0's first interface on a PCI device.
first_netdev()
{
    for net in /sys/class/net/*; do
        if [ -e "$net/device/vendor" ]; then
            echo "${net##*/}"
            return 0
        fi
    done
    return 1
}

# guest_create NAME [XL-LINE...]: create a PV guest with 192 MB and one vCPU, with
# additional lines in its xl configuration; does not wait until it is up.
# GUEST_CREATE, GUEST_MEMORY, ON_CRASH override the defaults.
guest_create()
{
    guest_name=$1
    shift
    {
        cat <<END
name = "$guest_name"
type = "pv"
kernel = "/guest/vmlinux"
ramdisk = "/guest/initramfs"
extra = "console=hvc0 loglevel=4 panic=-1 tsc=reliable clocksource=tsc"
memory = ${GUEST_MEMORY:-192}
vcpus = 1
tsc_mode = "native"
on_crash = "${ON_CRASH:-preserve}"
END
        printf '%s\n' "$@"
    } >"$domu/$guest_name.cfg"
    ${GUEST_CREATE:-xl create} "$domu/$guest_name.cfg" -q || return 1
    guest_console "$guest_name"
}

# guest_console NAME: log the guest's console to $domu/NAME.console.
guest_console()
{
    guest_id=$(xl domid "$1") || return 1
    echo "$guest_id" >"$domu/$1.id"
    poll 10 xenstore-exists "/local/domain/$guest_id/console/tty" || return 1
    guest_tty=$(xenstore-read "/local/domain/$guest_id/console/tty")
    stty raw -echo <"$guest_tty"
    ln -sf "$guest_tty" "$domu/$1.tty"
    : >"$domu/$1.console"
    echo 0 >"$domu/$1.count"
    rm -f "$domu/$1.done"
    mkfifo "$domu/$1.done"
    guest_reader "$1" "$guest_tty" 2>/dev/null &
}

# guest_reader NAME TTY: log the guest's console; lines that end a command also go
# to a FIFO, because polling the log would cost dom0 much of its CPU time.
guest_reader()
{
    exec 7<>"$domu/$1.done"
    while IFS='' read -r line; do
        printf '%s\n' "$line" >>"$domu/$1.console"
        case $line in
        '@x '*) printf '%s\n' "$line" >&7 ;;
        esac
    done <"$2"
}

# domid NAME: domain id of a guest that was created here; faster than xl domid.
domid()
{
    cat "$domu/$1.id"
}

# guest_up SECONDS NAME...: wait until the guests answer.
guest_up()
{
    up_seconds=$1
    shift
    for up_name; do
        poll "$up_seconds" grep -q '^@up' "$domu/$up_name.console" || return 1
    done
}

# guest_start NAME COMMAND: start a shell command in a guest; its lines are joined
# to one.
guest_start()
{
    start_count=$(($(cat "$domu/$1.count") + 1))
    echo "$start_count" >"$domu/$1.count"
    printf '%s %s\n' "$start_count" "$(echo "$2" | tr '\n' ' ')" \
        >"$domu/$1.tty"
}

# guest_wait NAME SECONDS: wait for the command started last; prints its output;
# returns its status, or 124 after the timeout.
guest_wait()
{
    wait_count=$(cat "$domu/$1.count")
    wait_number=''
    while [ "$wait_number" != "$wait_count" ]; do
        # shellcheck disable=SC3045  # busybox has read -t
        read -r -t "$2" _ wait_number wait_status || return 124
    done <>"$domu/$1.done"
    sed -n "s/^@o $wait_count //p" "$domu/$1.console"
    return "$wait_status"
}

# in_guest NAME COMMAND: run a shell command in a guest, for at most a minute.
in_guest()
{
    guest_start "$1" "$2"
    guest_wait "$1" 60
}

# guest_stop NAME: shut a guest down; false if it does not stop.
guest_stop()
{
    domid "$1" >/dev/null || return 1
    guest_start "$1" 'poweroff -f'
    poll 30 guest_gone "$1"
}

guest_gone()
{
    ! xl domid "$1" >/dev/null 2>&1
}

# Brackets keep the pattern from matching itself in a trace of the shell.
guest_bad='[W]ARNING: |[B]UG: |[O]ops|[K]ernel panic|[C]all Trace|[g]eneral prot'

# guest_trouble NAME: lines of the guest's kernel log that report a problem.
guest_trouble()
{
    grep -vE '^@' "$domu/$1.console" |
        grep -E "$guest_bad" || :
}

# fail TEXT: end the job, with the end of the guests' logs on dom0's console.
fail()
{
    result "FAILED $*"
    for fail_log in "$domu"/*.console; do
        echo "===== the end of $fail_log"
        tail -n 30 "$fail_log"
    done
    exit 1
}

# domain_cpu ID: CPU time of a domain, in milliseconds.
domain_cpu()
{
    xl list "$1" | awk 'NR == 2 { printf "%.0f\n", $6 * 1000 }'
}
