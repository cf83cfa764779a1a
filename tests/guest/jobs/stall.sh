# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2317
#
# The port's other end stops taking frames: port 0 leads to a second QEMU, which
# the host stops and continues.  Run by tests/guest/run.

. /lib/svnic/tap.sh

nobody=10.5.0.9     # its MAC is no VIF's, so frames for it go to the port

setup()
{
    load_drivers
    poll 10 card_ready
    vif a "$(cards)" 1 52:54:00:cc:06:0a 10.5.0.1/24
    vif b "$(cards)" 2 52:54:00:cc:06:0b 10.5.0.2/24
    vif c "$(cards)" 3 52:54:00:cc:06:0c 10.5.0.3/24
    all_arrive a 20 10.5.0.2
    ip -n a neigh add "$nobody" lladdr 52:54:00:cc:06:99 dev eth0 \
       nud permanent
    # No broadcasts in what follows: they, too, would wait for the port.
    ip -n b neigh replace 10.5.0.3 lladdr 52:54:00:cc:06:0c dev eth0 \
       nud permanent
    ip -n c neigh replace 10.5.0.2 lladdr 52:54:00:cc:06:0b dev eth0 \
       nud permanent
}

wait_for_port()
{
    same 'answer' "$(ask host STOP)" ok
    ns a ping -q -f -s 60000 -w 60 "$nobody" >/dev/null 2>&1 &
    echo "$!" >/tmp/flood
    poll 20 stands_still
}

# The driver has sent more than the card has taken, and the card takes nothing.
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

# The flood's frames still fill the socket and the port when it is over.
recover()
{
    kill "$(cat /tmp/flood)"
    same 'answer' "$(ask host CONT)" ok
    poll 20 ns a ping -c 1 -W 1 10.5.0.2
    all_arrive a 50 10.5.0.2
    all_arrive b 50 10.5.0.1
}

check 'VIFs of a port that leads elsewhere work' setup
check 'a port that takes nothing makes the sender wait' wait_for_port
check "the sender's neighbours on the card do not notice" neighbours
check 'a sender that waits too long has its VIF reset by the driver' \
      poll 30 was_reset
check 'when the port takes frames again, the sender works' recover
check 'the drivers unload' unload_drivers
