# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2317
#
# The project's drivers meet each injected fault (docs/faults.rst): VIF a sends to
# b and receives from it while the fault strikes, c and d are the neighbours, and
# lose nothing.  After the fault is cleared traffic is back within the stated time,
# or, where a row says so, once the interface was set down and up.  A card that was
# removed, has rebooted or died needs drivers that are loaded again, after a reset
# of the function.  Run by tests/guest/run, which allows the settings of FAULTS.

. /lib/svnic/tap.sh

# Seconds until traffic is back: twice the driver's watchdog, and the reset.
BACK=20

# set_fault KIND SETTING
set_fault()
{
    same 'qom-set' "$(ask qmp "{ \"execute\": \"qom-set\", \"arguments\":
        { \"path\": \"/machine/peripheral/card\",
          \"property\": \"fault-$1\", \"value\": \"$2\" } }")" '{"return": {}}'
}

# struck KIND: how often it has struck.
struck()
{
    ask qmp "{ \"execute\": \"qom-get\", \"arguments\":
        { \"path\": \"/machine/peripheral/card/faults\",
          \"property\": \"$1\" } }" | sed 's/[^0-9]//g'
}

setup()
{
    load_drivers
    poll 20 card_ready
    n=1
    for name in a b c d; do
        vif "$name" "$(cards)" "$n" "52:54:00:cc:07:0$n" "10.7.0.$n/24"
        n=$((n + 1))
    done
    # No broadcasts: they would take the neighbours into what a meets.
    for name in a b c d; do
        for n in 1 2 3 4; do
            ip -n "$name" neigh replace "10.7.0.$n" \
               lladdr "52:54:00:cc:07:0$n" dev eth0 nud permanent
        done
    done
    all_arrive a 20 10.7.0.2
    ip -n a addr add 10.0.2.20/24 dev eth0
    poll 10 outside
}

# QEMU's user network, by the port.
outside()
{
    ns a ping -q -c 1 -W 1 10.0.2.2 >/dev/null
}

# Traffic in both directions that the fault may disturb.
busy()
{
    ns a ping -q -f -s 1000 -w 3 10.7.0.2 >/dev/null 2>&1 &
    ns b ping -q -f -s 100 -w 3 10.7.0.1 >/dev/null 2>&1 &
    ns a ping -q -i 0.01 -w 3 10.0.2.2 >/dev/null 2>&1 &
}

back()
{
    ns a ping -q -c 3 -i 0.05 -W 1 10.7.0.2 >/dev/null &&
        ns b ping -q -c 3 -i 0.05 -W 1 10.7.0.1 >/dev/null
}

down_up()
{
    for name in a b; do
        ip -n "$name" link set eth0 down
        ip -n "$name" link set eth0 up
        ip -n "$name" neigh replace 10.7.0.1 lladdr 52:54:00:cc:07:01 \
           dev eth0 nud permanent
        ip -n "$name" neigh replace 10.7.0.2 lladdr 52:54:00:cc:07:02 \
           dev eth0 nud permanent
    done
    ip -n a addr replace 10.0.2.20/24 dev eth0
}

# survives KIND SETTING [halts]: a cell of the matrix.
survives()
{
    before=$(struck "$1")
    set_fault "$1" "$2"
    busy
    all_arrive c 100 10.7.0.4
    all_arrive d 100 10.7.0.3
    wait
    more 'struck' "$(struck "$1")" "$before"
    set_fault "$1" off
    if [ "${3-}" = halts ] && ! poll 2 back; then
        down_up
    fi
    poll "$BACK" back
    poll "$BACK" outside
    all_arrive a 50 10.7.0.2
    all_arrive c 50 10.7.0.4
}

# A command that fails, is late or is never answered.
command_fails()
{
    set_fault command-fail opcode=2:next=1:status=9
    refuses 'memory' vif_create "$(cards)" 9 52:54:00:cc:07:09
    port=$(vif_create "$(cards)" 9 52:54:00:cc:07:09)
    vif_delete "$port"
    all_arrive a 20 10.7.0.2
}

answer_is_late()
{
    set_fault "$1" "$2"
    port=$(vif_create "$(cards)" 9 52:54:00:cc:07:09)
    set_fault "$1" off
    vif_delete "$port"
    all_arrive a 20 10.7.0.2
}

# The driver gives up after 10 s, and the administrator has it try again.
command_unanswered()
{
    set_fault "$1" next=1
    refuses '.' vif_create "$(cards)" 9 52:54:00:cc:07:09
    # The VIFs go on without the command channel.
    all_arrive a 20 10.7.0.2
    all_arrive c 20 10.7.0.4
    poll 20 devlink health recover "pci/$(cards)" reporter fw
    port=$(vif_create "$(cards)" 10 52:54:00:cc:07:0e)
    vif_delete "$port"
}

# --- the card as a whole

# The drivers leave, whatever the card does.
leave()
{
    timeout 120 modprobe -r svnic_vif
    timeout 120 modprobe -r svnic
    for name in a b c d; do
        ip netns del "$name"
    done
}

reset_card()
{
    echo 1 >"/sys/bus/pci/devices/$(cards)/reset"
}

# The card goes, and the drivers are told by what they read.
removed()
{
    address=$(cards)
    set_fault memory-ones on
    ns a ping -q -c 20 -i 0.05 -W 1 10.7.0.2 >/dev/null 2>&1 || :
    refuses '.' vif_create "$address" 9 52:54:00:cc:07:09
    leave
    more 'struck' "$(struck memory-ones)" 100
    set_fault memory-ones off
    reset_card
    setup
}

# dies KIND SETTING: the firmware stops, or starts again without the VIFs.
dies()
{
    set_fault "$1" "$2"
    sleep 2
    same 'struck' "$(struck "$1")" 1
    ns a ping -q -c 5 -i 0.1 -W 1 10.7.0.2 >/dev/null 2>&1 || :
    leave
    set_fault "$1" off
    reset_card
    setup
}

does_not_boot()
{
    leave
    set_fault boot-fail next=1
    reset_card
    modprobe svnic
    ! card_ready
    modprobe -r svnic
    dmesg | grep -q 'the firmware has not booted'
    reset_card
    setup
}

check 'VIFs of a card without faults work' setup
while read -r kind setting halts; do
    check "the drivers survive $kind $setting${halts:+, $halts}" \
          survives "$kind" "$setting" "$halts"
done <<EOT
doorbell-lose one-in=4:vif=1
doorbell-duplicate one-in=2:us=500
doorbell-delay one-in=4:vif=1:us=20000
interrupt-lose one-in=4:vector=2
interrupt-duplicate one-in=2:us=500
interrupt-delay one-in=4:vector=2:us=20000
completion-lose one-in=4:vif=1
completion-duplicate one-in=2:vif=1
completion-delay one-in=4:vif=1:us=20000
send-index next=1:vif=1:add=65536 halts
recv-index next=1:vif=1:add=65536 halts
recv-length next=1:vif=1:length=70000 halts
recv-header one-in=2:vif=1 halts
vif-stop next=1:vif=1:error=1
fetch-slow one-in=10:us=5000
deliver-slow one-in=10:us=5000
receive-slow one-in=4:us=5000
rbuf-out one-in=4:port=0:us=5000
port-block one-in=20:port=0:ms=100
link-flap port=0:ms=500
EOT
check 'a refused command is reported, and the next one works' command_fails
check 'a late answer is waited for' answer_is_late answer-delay us=2000000
check 'a second answer is ignored' answer_is_late answer-duplicate us=1000
check 'a lost answer does not stop the VIFs' command_unanswered answer-lose
check 'a command that is ignored does not, either' \
      command_unanswered command-silent
check 'a card that is removed lets the drivers leave' removed
check 'so does firmware that has rebooted' dies reboot next=1:ms=500
check 'so does firmware that has died' dies die next=1
check 'firmware that does not boot is reported' does_not_boot
check 'the drivers unload' unload_drivers
