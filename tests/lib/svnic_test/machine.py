# SPDX-License-Identifier: GPL-2.0-or-later
"""
One boot of a machine with one job in it.

boot() starts QEMU with QEMU's own `qemu.machine`, talks to the job over the
channel, and judges the run: it fails, with a line that says why, if the job
fails, the deadline passes, the guest dies, or the kernel's log has a warning.
Everything of a run is in one directory: console.log, qemu.log, initrd.
"""

import os
import re
import select
import shlex
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import (
    Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple,
)

from . import qemu_tree  # noqa: F401  # pylint: disable=unused-import
from .archive import Files, cpio
from .channel import Allowed, Answerer, Channel, LineTooLong, refusal
from .settings import QEMU, TOP, Failure, accelerator, require_qemu, say

# pylint: disable=wrong-import-order
from qemu.machine.machine import (  # noqa: E402
    AbnormalShutdown, QEMUMachine, VMLaunchFailure,
)
from qemu.qmp import QMPError  # noqa: E402

#: What a healthy kernel never logs.
TROUBLE = '|'.join((
    'WARNING: ', 'BUG: ', 'Oops', 'Kernel panic', 'general protection',
    'Call Trace:', 'possible (circular|recursive) locking',
    'suspicious RCU usage', 'inconsistent lock state',
    'rcu.*detected stalls', 'NETDEV WATCHDOG', 'blocked for more than',
    'nobody cared', 'DMA-API', 'refcount_t',
    'unregister_netdevice: waiting', 'page allocation failure',
    'segfault at', 'UBSAN', 'KASAN', 'Bad page', 'bad: scheduling',
    r'svnic [^ ]*: .*(failed|timed out)', 'DMAR:.*fault'))

#: A process that ends with the harness, even if that is killed.
TIED = ('setpriv', '--pdeathsig', 'KILL', '--')


@dataclass
class Job:
    """
    What runs in the machine, and the machine.

    script: for the guest's sh, see tests/guest/root/lib.sh.
    name: of the run's directory.
    devices: QEMU arguments.
    deadline: seconds; vcpus; memory: MiB.
    env: variables for the job.
    files: more files for the guest, by their path in it.
    append: words for the kernel's command line.
    expected: regular expression: lines of the kernel's log that are no
    trouble in this job.
    allowed: the QMP commands that the job may give.
    host: functions that answer the job's requests.
    """

    # pylint: disable=too-many-instance-attributes
    script: Path
    name: str
    devices: Sequence[str] = ()
    deadline: int = 120
    vcpus: int = 2
    memory: int = 1024
    env: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    append: str = ''
    expected: str = '^$'
    allowed: Sequence[Allowed] = ()
    host: Mapping[str, Answerer] = field(default_factory=dict)


class Image:
    """What a machine boots, and how; see guest.py and xen.py."""

    #: The directory of the image's files and of its runs.
    directory: Path
    #: The files that must be there.
    needs: Tuple[str, ...]
    #: The script that builds them.
    builder: str
    #: Words for the kernel's command line when a person has its shell.
    shell_words = ''

    def cpu(self, accel: str) -> str:
        """QEMU's CPU model."""
        raise NotImplementedError

    def arguments(self, initrd: Path, append: str) -> List[str]:
        """The QEMU arguments that load the kernel."""
        raise NotImplementedError

    def common(self, accel: str) -> List[str]:
        """The QEMU arguments that every use of the image has."""
        return ['-nodefaults', '-no-user-config', '-accel', accel,
                '-cpu', os.environ.get('SVNIC_CPU') or self.cpu(accel)]

    def check(self) -> None:
        """Fail unless the image and QEMU are there."""
        require_qemu()
        for name in self.needs:
            path = self.directory / name
            if not (path.is_file() and path.stat().st_size):
                raise Failure(f'{path} is missing: run {self.builder} '
                              '(or ./svnic build)')

    def run_directory(self, name: str) -> Path:
        """Where the files of a run are."""
        return self.directory / 'run' / name


def _job_files(job: Job) -> Files:
    """What the guest gets beside its image."""
    if not os.access(job.script, os.R_OK):
        raise Failure(f'{job.script}: no such job')
    files: Files = {
        'job': (job.script.read_bytes(), 0o755),
        'job.env': (''.join(f'{name}={shlex.quote(str(value))}\n'
                            for name, value in job.env.items()).encode(),
                    0o644)}
    for name, path in job.files.items():
        files[name] = (path.read_bytes(), path.stat().st_mode & 0o777)
    return files


def _write_initrd(image: Image, files: Files, into: Path) -> None:
    """The image's archive with another one of these files behind it."""
    with open(into, 'wb') as initrd:
        with open(image.directory / 'initramfs.cpio', 'rb') as base:
            shutil.copyfileobj(base, initrd, 1 << 20)
        initrd.write(cpio(files))


def cpu_milliseconds(pid: int) -> int:
    """CPU time that a process has taken, all of its threads."""
    stat = Path(f'/proc/{pid}/stat').read_text(encoding='utf-8')
    fields = stat.rpartition(')')[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return ticks * 1000 // os.sysconf('SC_CLK_TCK')


class _Console:
    """Looks through the console's log as it grows."""

    def __init__(self, path: Path):
        self.path = path
        self._at = 0
        self._end = b''

    def panics(self) -> bool:
        """Whether the kernel has panicked since the last look."""
        if not self.path.exists():
            return False
        with open(self.path, 'rb') as log:
            log.seek(self._at)
            new = log.read()
        self._at += len(new)
        text = self._end + new
        self._end = text[-20:]
        return b'Kernel panic' in text

    def lines(self) -> List[str]:
        """All of it."""
        if not self.path.exists():
            return []
        text = self.path.read_text(encoding='utf-8', errors='replace')
        return [line.rstrip('\r') for line in text.split('\n')]


class _Run:
    """A machine from its launch to its end."""

    def __init__(self, image: Image, job: Job,
                 result: Callable[[str], None],
                 progress: Callable[[str], None]):
        self.job = job
        self.directory = image.run_directory(job.name)
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        _write_initrd(image, _job_files(job), self.directory / 'initrd')
        self.console = _Console(self.directory / 'console.log')
        self.sock, far = socket.socketpair()
        self.vm = QEMUMachine(
            str(QEMU), name='qemu', wrapper=TIED, log_dir=str(self.directory),
            args=image.common(accelerator())
            + ['-smp', str(job.vcpus), '-m', str(job.memory)]
            + image.arguments(self.directory / 'initrd', job.append)
            + ['-serial', f'file:{self.console.path}',
               '-chardev', f'socket,id=channel,fd={far.fileno()}',
               '-serial', 'chardev:channel', *job.devices])
        self.vm.set_machine('q35')
        self.channel = Channel(
            self._qmp, job.allowed, job.host, self._cpu, result, progress)
        self.exitcode: Optional[int] = None
        os.set_inheritable(far.fileno(), True)
        self._launch(far)

    def _qmp(self, command: str,
             arguments: Dict[str, object]) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = self.vm.qmp(command, arguments)
            return answer
        except (QMPError, EOFError) as error:
            return refusal(f'QEMU does not answer: {error}')

    def _cpu(self) -> int:
        return cpu_milliseconds(self.vm.get_pid() or os.getpid())

    def _launch(self, far: socket.socket) -> None:
        try:
            self.vm.launch()
        except VMLaunchFailure as failure:
            raise self.failure('QEMU ended with status '
                               f'{failure.exitcode}: {self._last_words()}'
                               ) from failure
        finally:
            far.close()

    def _last_words(self) -> str:
        """The last line that QEMU printed."""
        log = self.directory / 'qemu.log'
        lines = log.read_text(encoding='utf-8', errors='replace').split('\n') \
            if log.exists() else []
        return next((line for line in reversed(lines) if line), 'nothing')

    def failure(self, why: str) -> Failure:
        """With what helps to find out more."""
        return Failure(f'{self.job.name}: {why}\n'
                       f'    console: {self.console.path}')

    def serve(self) -> None:
        """Answer the guest until it is gone."""
        end = time.monotonic() + self.job.deadline
        while True:
            left = end - time.monotonic()
            if left <= 0:
                raise self.failure(f'not finished after {self.job.deadline} '
                                   's, stopped')
            ready, _, _ = select.select([self.sock], [], [], min(left, 0.5))
            if ready:
                data = self._receive()
                if not data:
                    return
                self._answer(data)
            elif self.console.panics():
                raise self.failure(self._panic())

    def _receive(self) -> bytes:
        try:
            return self.sock.recv(65536)
        except ConnectionResetError:
            return b''

    def _answer(self, data: bytes) -> None:
        try:
            answer = self.channel.feed(data)
        except LineTooLong as error:
            raise self.failure('the guest sent a line without an end'
                               ) from error
        try:
            self.sock.sendall(answer)
        except BrokenPipeError:
            pass    # the end is seen by the next receive

    def _panic(self) -> str:
        line = next((line for line in self.console.lines()
                     if 'Kernel panic' in line), 'no reason is given')
        return f'the guest died: {line}'

    def finish(self) -> None:
        """Wait for QEMU's end, after the guest's."""
        try:
            self.vm.wait(timeout=30)
        except AbnormalShutdown as error:
            raise self.failure('the guest has ended its job and QEMU still '
                               'ran 30 s later, stopped') from error
        self.exitcode = self.vm.exitcode()

    def judge(self) -> None:
        """Fail unless all went well."""
        log = self.console.lines()
        logged = re.compile(rf'^\[ *[0-9.]+\] .*({TROUBLE})')
        expected = re.compile(self.job.expected)
        bad = [line for line in log
               if logged.search(line) and not expected.search(line)]
        if any('Kernel panic' in line for line in log):
            raise self.failure(self._panic())
        if self.exitcode != 0:
            raise self.failure(f'QEMU ended with status {self.exitcode}: '
                               f'{self._last_words()}')
        if self.channel.status is None:
            raise self.failure('the guest went away before its job was done')
        if bad:
            raise self.failure(f'trouble in the kernel log: {bad[0]}')
        if self.channel.status:
            raise self.failure('the job ended with status '
                               f'{self.channel.status}')

    def close(self) -> None:
        """End the machine if it still runs."""
        if self.vm.is_running():
            self.vm.kill()
        self.sock.close()


def boot(image: Image, job: Job, result: Callable[[str], None] = print,
         progress: Callable[[str], None] = say) -> None:
    """
    Boot an image and run a job in it, to its end.

    result and progress take the lines that the job reports.  Raises Failure,
    which says what went wrong and where to look.
    """
    image.check()
    run = _Run(image, job, result, progress)
    try:
        run.serve()
        run.finish()
    finally:
        run.close()
    run.judge()


def shell(image: Image, arguments: Sequence[str], leave: str,
          files: Optional[Files] = None) -> None:
    """
    Give the machine's console on this terminal, with a root shell.  Does not
    return.  The arguments come last, so that a user's win.
    files: more files for the guest.
    """
    image.check()
    initrd = image.directory / 'initramfs.cpio'
    if files:
        initrd = image.directory / 'shell.cpio'
        _write_initrd(image, files, initrd)
    if not os.isatty(0):
        say('standard input is no terminal: reading commands from it')
    say(f'booting; to leave: Ctrl-A x (QEMU ends), or {leave}')
    command = [str(QEMU), *image.common(accelerator()),
               '-machine', 'q35', '-smp', '2', '-display', 'none',
               '-no-reboot', '-serial', 'mon:stdio',
               *image.arguments(initrd, image.shell_words),
               '-netdev', 'user,id=outside',
               '-device', 'sv-nic,netdev=outside,msix=on', *arguments]
    os.execv(command[0], command)


def start_process(command: Sequence[str],
                  log: Path) -> 'subprocess.Popen[bytes]':
    """Start a helper of a test, which ends with the harness."""
    with open(log, 'wb') as output:
        # pylint: disable=consider-using-with
        return subprocess.Popen([*TIED, *command], stdin=subprocess.DEVNULL,
                                stdout=output, stderr=subprocess.STDOUT)


def job_script(*parts: str) -> Path:
    """A job of this checkout."""
    return TOP.joinpath('tests', *parts)
