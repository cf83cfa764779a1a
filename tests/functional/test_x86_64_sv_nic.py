#!/usr/bin/env python3
#
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Functional test of the device sv-nic: boots a Linux guest with the card, makes
two virtual interfaces by devlink and moves traffic from one to the other and
to the outside.

The guest is that of the project's own tests: a Debian kernel and an
initramfs with the card's drivers.  QEMU_TEST_SV_NIC_GUEST names the directory
with vmlinux and initramfs.cpio; without it the test is skipped.
"""

import os

from qemu_test import QemuSystemTest
from qemu_test import exec_command_and_wait_for_pattern
from qemu_test import wait_for_console_pattern


class SvNic(QemuSystemTest):
    """Two interfaces of one card, each in a network namespace."""

    timeout = 120

    prompt = '# '
    panic = 'Kernel panic - not syncing'

    def run_in_guest(self, command):
        """Run a command at the shell; fail if it fails."""
        # The word is not in what the console echoes.
        exec_command_and_wait_for_pattern(
            self, f"{command} && echo 'pass'ed || echo 'fail'ed", 'passed',
            'failed')
        wait_for_console_pattern(self, self.prompt, self.panic)

    def boot(self, properties):
        """Boot the guest, up to its shell."""
        self.set_machine('q35')
        self.require_netdev('user')
        self.require_device('sv-nic')
        guest = os.getenv('QEMU_TEST_SV_NIC_GUEST')
        if not guest:
            self.skipTest('QEMU_TEST_SV_NIC_GUEST names no guest')
        self.vm.add_args(
            '-nodefaults', '-accel', os.getenv('SVNIC_ACCEL', 'tcg'),
            '-m', '1024', '-smp', '2',
            '-kernel', os.path.join(guest, 'vmlinux'),
            '-initrd', os.path.join(guest, 'initramfs.cpio'),
            '-append', 'console=ttyS0 quiet panic=-1 tsc=reliable',
            '-no-reboot', '-netdev', 'user,id=outside',
            '-device', f'sv-nic,netdev=outside,{properties}')
        self.vm.set_console()
        self.vm.launch()
        wait_for_console_pattern(self, 'To leave:', self.panic)
        wait_for_console_pattern(self, self.prompt, self.panic)

    def make_vif(self, number):
        """VIF and namespace of that number, with the address 10.0.2.10N."""
        mac = f'52:54:00:00:00:0{number}'
        self.run_in_guest(f'vif v{number} $(cards) {number} {mac} '
                          f'10.0.2.10{number}/24')

    def move_traffic(self, properties):
        """From VIF to VIF and to the outside."""
        self.boot(properties)
        self.run_in_guest('. /lib/svnic/tap.sh && card_ready')
        self.make_vif(1)
        self.make_vif(2)
        self.run_in_guest('all_arrive v1 100 10.0.2.102')
        self.run_in_guest('all_arrive v2 20 -s 60000 10.0.2.101')
        self.run_in_guest('all_arrive v1 20 10.0.2.2')
        self.run_in_guest('head -c 4194304 /dev/urandom >/tmp/big')
        self.run_in_guest('stream v1 v2 10.0.2.102 /tmp/big')
        self.run_in_guest('[ $(nic_stat v1 card_send_frames) -gt 100 ]')
        self.run_in_guest('unload_drivers')
        self.vm.shutdown()

    def test_workers(self):
        """The firmware on a thread of its own, MSI-X."""
        self.move_traffic('workers=1,msix=on')

    def test_inline(self):
        """Deterministic: no worker thread, one INTA interrupt."""
        self.move_traffic('workers=0,msix=off')


if __name__ == '__main__':
    QemuSystemTest.main()
