# SPDX-License-Identifier: GPL-2.0-or-later
"""Xen with Debian's kernel as dom0, of tests/xen/image."""

import subprocess
from pathlib import Path
from typing import List

from .machine import Image
from .settings import BUILD, TOP


class Xen(Image):
    """
    Boots Xen, which starts dom0 with the job.

    dom0_memory: MiB; dom0_vcpus; arguments: more of Xen's.
    """

    directory = BUILD / 'xen'
    needs = ('xen', 'vmlinux', 'initramfs.cpio')
    builder = 'tests/xen/image'

    #: What Xen says at boot about its own settings is no trouble.
    expected = r'^\(XEN\)'

    def __init__(self, dom0_memory: int = 768, dom0_vcpus: int = 1,
                 arguments: str = ''):
        # No mitigations: TCG is slow and has none of the hardware's leaks.
        self._xen = ' '.join((
            'com1=115200,8n1 console=com1 loglvl=warning',
            'guest_loglvl=warning',
            f'dom0_mem={dom0_memory}M,max:{dom0_memory}M',
            f'dom0_max_vcpus={dom0_vcpus} ucode=no spec-ctrl=no xpti=no',
            f'pv-l1tf=no noreboot {arguments}')).strip()

    def cpu(self, accel: str) -> str:
        # With a source of random numbers: without one dom0's kernel has none
        # for minutes, and xl, which asks libuuid for a guest's UUID, waits
        # three seconds for each.
        return 'qemu64,+rdrand'

    def arguments(self, initrd: Path, append: str) -> List[str]:
        words = f'console=hvc0 loglevel=5 panic=0 {append}'.strip()
        return ['-kernel', str(self.directory / 'xen'), '-append', self._xen,
                '-initrd', f'{self.directory}/vmlinux {words},{initrd}']

    @staticmethod
    def version() -> str:
        """Xen's version."""
        return subprocess.run([TOP / 'tests' / 'xen' / 'image', '--version'],
                              check=True, stdout=subprocess.PIPE,
                              text=True).stdout.strip()

    def release(self) -> str:
        """The release of the kernel of dom0 and of the guests."""
        stamp = (self.directory / 'stamp').read_text(encoding='utf-8')
        return stamp.split()[0]
