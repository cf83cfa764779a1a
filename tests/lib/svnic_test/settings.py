# SPDX-License-Identifier: GPL-2.0-or-later
"""
Directories, errors and progress of the Python scripts.

The variables and their defaults are those of scripts/lib.sh.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Callable, NoReturn, Optional

TOP = Path(__file__).resolve().parents[3]


def _directory(variable: str, default: Path) -> Path:
    """The directory that an environment variable names, absolute."""
    return Path(os.path.abspath(os.environ.get(variable) or default))


BUILD = _directory('SVNIC_BUILD', TOP / 'build')
_SERIES = os.environ.get('QEMU') or '10.0'
_QEMU = BUILD / ('qemu' if _SERIES == '10.0' else f'qemu-{_SERIES}')
QEMU_SOURCE = _directory('QEMU_SRC', _QEMU / 'src')
QEMU_BUILD = _QEMU / 'build'
QEMU = _directory('SVNIC_QEMU', QEMU_BUILD / 'qemu-system-x86_64')


class Failure(Exception):
    """What a user can do something about; its text is all they see."""


def say(text: str) -> None:
    """One line on stderr, so that stdout stays the caller's."""
    print(text, file=sys.stderr, flush=True)


def program() -> str:
    """The name of the script that runs."""
    return os.path.basename(sys.argv[0])


def _terminated(_number: int, _frame: Optional[FrameType]) -> NoReturn:
    sys.exit(130)


def run_main(function: Callable[[], None]) -> NoReturn:
    """
    Run a script: a Failure is one line "SCRIPT: what" and status 1; an
    interrupt ends it with status 130, after all `finally` blocks have run.
    """
    signal.signal(signal.SIGTERM, _terminated)
    try:
        function()
    except Failure as failure:
        say(f'{program()}: {failure}')
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stdout = None  # type: ignore[assignment]
        sys.exit(1)
    sys.exit(0)


def accelerator() -> str:
    """"kvm" or "tcg", by scripts/accel, which says on stderr why not KVM."""
    done = subprocess.run([TOP / 'scripts' / 'accel'], check=False,
                          stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise Failure('no accelerator for the guest: see above')
    return done.stdout.strip()


def build_image(kind: str) -> None:
    """Bring the image of "guest" or "xen" up to date."""
    if subprocess.run([TOP / 'tests' / kind / 'image'],
                      check=False).returncode:
        raise Failure(f'no image to boot: tests/{kind}/image says why, above')


def require_qemu() -> None:
    """Fail unless QEMU is built."""
    if not os.access(QEMU, os.X_OK):
        raise Failure(f'{QEMU} is not built: run ./svnic build')
