# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs bench/dataplane.c: the firmware on the fake chip, without QEMU."""

import os
import subprocess
from typing import List

from svnic_test.settings import BUILD, Failure

PROGRAM = BUILD / 'bench' / 'dataplane-firmware'

#: The one that most of it runs on.
LAST_CORE = (os.cpu_count() or 1) - 1


def firmware(*arguments: object, pinned: bool = True) -> List[List[str]]:
    """What it prints, a list of words a line."""
    if not os.access(PROGRAM, os.X_OK):
        raise Failure(f'{PROGRAM} is not built: run ./svnic build')
    command = ['taskset', '-c', str(LAST_CORE)] if pinned else []
    command += [str(PROGRAM)] + [f'{one:g}' if isinstance(one, float)
                                 else str(one) for one in arguments]
    done = subprocess.run(command, check=False, text=True,
                          stdout=subprocess.PIPE)
    if done.returncode:
        raise Failure(f"'{' '.join(command)}' ended with status "
                      f'{done.returncode}; what it said is above')
    return [line.split() for line in done.stdout.splitlines()]
