# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2317
#
# The peer of the port stops receiving: port 0 leads to a second QEMU, which the
# host stops and continues.  With WATCHDOG=on the card drops what waits for the
# port, and the VIF goes on; with off it waits, until the driver resets it.  Run
# by tests/guest/run.

. /lib/svnic/tap.sh

absent=10.5.0.9     # no VIF has its MAC address: frames for it go to the port

setup()
{
    load_drivers
    poll 10 card_ready
    vif a "$(cards)" 1 52:54:00:cc:06:0a 10.5.0.1/24
    vif b "$(cards)" 2 52:54:00:cc:06:0b 10.5.0.2/24
    vif c "$(cards)" 3 52:54:00:cc:06:0c 10.5.0.3/24
    all_arrive a 20 10.5.0.2
    ip -n a neigh add "$absent" lladdr 52:54:00:cc:06:99 dev eth0 \
       nud permanent
    # No broadcasts in the following cases: they would wait for the port, too.
    ip -n b neigh replace 10.5.0.3 lladdr 52:54:00:cc:06:0c dev eth0 \
       nud permanent
    ip -n c neigh replace 10.5.0.2 lladdr 52:54:00:cc:06:0b dev eth0 \
       nud permanent
}

flood()
{
    same 'answer' "$(ask host STOP)" ok
    ns a ping -q -f -s 60000 -w 60 "$absent" >/dev/null 2>&1 &
    echo "$!" >/tmp/flood
}

wait_for_port()
{
    flood
    poll 20 stands_still
}

# More than the port's FIFO and the peer's socket hold.
goes_on()
{
    flood
    poll 20 has_sent 4000000
    kill -0 "$(cat /tmp/flood)"
}

has_sent()
{
    [ "$(nic_stat a card_send_bytes)" -gt "$1" ]
}

# Three times as long as the driver waits before it resets a VIF.
not_reset()
{
    sleep 15
    same 'resets' "$(nic_stat a resets)" 0
    same 'stops' "$(nic_stat a card_stops)" 0
    all_arrive a 20 10.5.0.2
}

# The driver has sent more than the card has consumed, and the card consumes no
# more.
stands_still()
{
    taken=$(nic_stat a card_send_frames)
    usleep 500000
    [ "$(nic_stat a card_send_frames)" = "$taken" ] &&
        [ "$(nic_stat a tx_packets)" -gt "$taken" ]
}

neighbours()
{
    all_arrive b 100 10.5.0.3
    all_arrive c 100 10.5.0.2
}

was_reset()
{
    [ "$(nic_stat a resets)" -gt 0 ]
}

# Frames of the flood still fill the socket and the port when it ends.
recover()
{
    kill "$(cat /tmp/flood)"
    same 'answer' "$(ask host CONT)" ok
    poll 20 ns a ping -c 1 -W 1 10.5.0.2
    all_arrive a 50 10.5.0.2
    all_arrive b 50 10.5.0.1
}

check 'VIFs of a port with another peer work' setup
if [ "$WATCHDOG" = on ]; then
    check 'a port with a blocked peer does not stop the sender' goes_on
    check 'nor its neighbours' neighbours
    check 'the driver does not reset it, and others are reached' not_reset
else
    check 'a port with a blocked peer makes the sender wait' wait_for_port
    check 'other VIFs are not affected by the waiting sender' neighbours
    check 'after a transmit timeout the driver resets the VIF' \
          poll 30 was_reset
fi
check 'the sender works when the peer receives again' recover
check 'the drivers unload' unload_drivers
