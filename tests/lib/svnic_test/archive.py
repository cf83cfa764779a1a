# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes a cpio archive (newc), which the kernel unpacks as initramfs."""

import stat
from pathlib import PurePosixPath
from typing import Dict, List, Tuple

#: Path in the archive, without a leading slash: contents and permissions.
Files = Dict[str, Tuple[bytes, int]]


def _entry(number: int, name: str, mode: int, data: bytes) -> bytes:
    """One file or directory; see Documentation/driver-api/early-userspace."""
    path = name.encode() + b'\0'
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(path), 0)
    head = b'070701' + b''.join(b'%08X' % field for field in fields) + path
    return (head + b'\0' * (-len(head) % 4) + data
            + b'\0' * (-len(data) % 4))


def cpio(files: Files) -> bytes:
    """An archive of files and of their directories, all owned by root."""
    directories: List[str] = []
    for name in files:
        for parent in reversed(PurePosixPath(name).parents):
            if str(parent) != '.' and str(parent) not in directories:
                directories.append(str(parent))
    entries = [(name, stat.S_IFDIR | 0o755, b'') for name in directories]
    entries += [(name, stat.S_IFREG | mode, data)
                for name, (data, mode) in files.items()]
    entries.append(('TRAILER!!!', 0, b''))
    archive = b''.join(_entry(number, *entry)
                       for number, entry in enumerate(entries, 1))
    return archive + b'\0' * (-len(archive) % 512)
