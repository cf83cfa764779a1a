# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Runs the job that the host has put into the guest, with the second serial port
# as its channel to the host; called by init.  The messages are described in
# tests/lib/svnic_test/channel.py.

exec 3<>/dev/ttyS1
stty raw -echo <&3
echo @up >&3
read -r BOOT_NUMBER <&3     # 1, incremented by each reset of the machine
export BOOT_NUMBER
# shellcheck source=/dev/null
[ ! -e /job.env ] || . /job.env

. /lib/svnic/lib.sh
(. /job)
status=$?

echo '===== the kernel log'
dmesg
echo '===== end of the kernel log'
echo "@exit $status" >&3
exec 3>&-                   # waits until all is sent
