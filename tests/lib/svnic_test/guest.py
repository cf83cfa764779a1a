# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest: Debian's kernel and the initramfs of tests/guest/image."""

from pathlib import Path
from typing import List

from .machine import Image
from .settings import BUILD


class Guest(Image):
    """Boots the kernel by PVH, with the job's words on its command line."""

    directory = BUILD / 'guest'
    needs = ('vmlinux', 'initramfs.cpio')
    builder = 'tests/guest/image'
    shell_words = 'quiet panic=-1'

    def cpu(self, accel: str) -> str:
        return 'host' if accel == 'kvm' else 'qemu64'

    def arguments(self, initrd: Path, append: str) -> List[str]:
        words = 'console=ttyS0 loglevel=5 panic=0 tsc=reliable ' + append
        return ['-kernel', str(self.directory / 'vmlinux'),
                '-initrd', str(initrd), '-append', words.strip()]

    def release(self) -> str:
        """The kernel's release."""
        stamp = (self.directory / 'stamp').read_text(encoding='utf-8')
        return stamp.split()[0]
