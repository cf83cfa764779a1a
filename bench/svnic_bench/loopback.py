# SPDX-License-Identifier: GPL-2.0-or-later
"""
DPDK's vhost-user loopback, which bench dataplane compares with: two testpmd
processes, a forwarding core each.
"""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import IO, List, Optional, Type

from svnic_test.settings import Failure

PAGES = Path('/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages')
WANTED = 512


class Impossible(Exception):
    """Why there is no loopback on this machine."""


class Testpmd:
    """One of the two processes."""

    def __init__(self, directory: Path, name: str, main_core: int, size: int,
                 vdev: str, more: List[str]):
        # pylint: disable=too-many-arguments
        self.log = directory / f'{name}.log'
        # Unbuffered: the prompt that is waited for has no end of line.
        command = ['stdbuf', '-o0', 'dpdk-testpmd', '-l', '0,1',
                   '--main-lcore', str(main_core), '-m', '256',
                   '--huge-dir', str(directory / 'huge'), '--iova-mode=va',
                   '--no-pci', f'--file-prefix=svnic-{name}', '--vdev', vdev,
                   *more, '--', '-i', '--forward-mode=io', '--nb-cores=1',
                   '--total-num-mbufs=16384', f'--txpkts={size}']
        with open(self.log, 'wb') as output:
            # pylint: disable=consider-using-with
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=output,
                stderr=subprocess.STDOUT)
        self.waits_for('testpmd>', 1)

    def _input(self) -> IO[bytes]:
        assert self.process.stdin
        return self.process.stdin

    def say(self, command: str) -> None:
        """Give it a command."""
        self._input().write(command.encode() + b'\n')
        self._input().flush()

    def waits_for(self, text: str, lines: int) -> None:
        """Wait until the text stands in so many lines of its log."""
        end = time.monotonic() + 15
        while sum(text in line for line in self.lines()) < lines:
            if time.monotonic() > end or self.process.poll() is not None:
                raise Failure(f'testpmd does not answer: see {self.log}')
            time.sleep(0.1)

    def lines(self) -> List[str]:
        """Its log."""
        return self.log.read_text(encoding='utf-8',
                                  errors='replace').split('\n')

    def end(self) -> None:
        """Stop it, however it is."""
        try:
            self.say('quit')
            self._input().close()
            self.process.wait(timeout=15)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()


class Loopback:
    """Borrows hugepages for as long as the `with` block lasts."""

    def __init__(self, directory: Path):
        self.directory = directory
        self._had: Optional[str] = None
        self._mounted = False
        self._running: List[Testpmd] = []

    def __enter__(self) -> 'Loopback':
        return self

    def prepare(self) -> None:
        """Take hugepages; raises Impossible."""
        if not shutil.which('dpdk-testpmd'):
            raise Impossible('dpdk-testpmd is not installed (packages: '
                             'scripts/packages)')
        if (os.cpu_count() or 1) < 2:
            raise Impossible('it takes two cores')
        if not os.access(PAGES, os.W_OK):
            raise Impossible('hugepages need root, and a kernel that has '
                             'them')
        self._had = PAGES.read_text(encoding='utf-8').strip()
        if int(self._had) < WANTED:
            PAGES.write_text(str(WANTED), encoding='utf-8')
        if int(PAGES.read_text(encoding='utf-8')) < WANTED:
            raise Impossible(f'the kernel has no {WANTED} hugepages of 2 MiB '
                             'to give')
        huge = self.directory / 'huge'
        huge.mkdir(parents=True, exist_ok=True)
        if subprocess.run(['mount', '-t', 'hugetlbfs', 'none', huge],
                          check=False, stderr=subprocess.DEVNULL).returncode:
            raise Impossible('hugetlbfs cannot be mounted here')
        self._mounted = True

    def _start(self, name: str, main_core: int, size: int, vdev: str,
               *more: str) -> Testpmd:
        # pylint: disable=too-many-arguments
        one = Testpmd(self.directory, name, main_core, size, vdev, list(more))
        self._running.append(one)
        return one

    def _stop(self) -> None:
        while self._running:
            self._running.pop().end()

    def measure(self, size: int, length: float) -> float:
        """
        What the vhost side forwards a second; it copies each frame out of the
        guest's ring and into it.
        """
        socket = self.directory / 'sock'
        socket.unlink(missing_ok=True)
        try:
            vhost = self._start('vhost', 0, size,
                                f'net_vhost0,iface={socket},queues=1')
            user = self._start('user', 1, size,
                               f'net_virtio_user0,path={socket},queues=1',
                               '--single-file-segments')
            vhost.say('start')
            user.say('start tx_first 32')
            # The first look only starts testpmd's own clock of frames a
            # second.
            time.sleep(1)
            vhost.say('show port stats 0')
            vhost.waits_for('Rx-pps', 1)
            time.sleep(length)
            vhost.say('show port stats 0')
            vhost.waits_for('Rx-pps', 2)
        finally:
            self._stop()
        found = [re.search(r'Rx-pps:\s*([0-9.]+)', line)
                 for line in vhost.lines()]
        return float([one[1] for one in found if one][-1])

    def __exit__(self, exc_type: Optional[Type[BaseException]],
                 exc_val: Optional[BaseException],
                 exc_tb: Optional[TracebackType]) -> None:
        self._stop()
        if self._mounted:
            subprocess.run(['umount', self.directory / 'huge'], check=False)
        if self._had is not None:
            PAGES.write_text(self._had, encoding='utf-8')
