# SPDX-License-Identifier: GPL-2.0-or-later
"""
Puts the Python packages of the QEMU source tree on the search path.

Import this before `qemu.machine` or `qemu.qmp`.  It is the only place that
knows where they are.  The tree is the fetched one (qemu/fetch), or QEMU_SRC.
"""

import logging
import sys

from .settings import QEMU_SOURCE, program

PACKAGES = QEMU_SOURCE / 'python'

for _name in ('machine', 'qmp'):
    if not (PACKAGES / 'qemu' / _name).is_dir():
        # Not a Failure: scripts import this before they run anything.
        sys.exit(f'{program()}: {PACKAGES} has no package qemu.{_name}: run '
                 './svnic build, which fetches QEMU, or set QEMU_SRC to a '
                 'QEMU 10.0 tree')
if str(PACKAGES) not in sys.path:
    sys.path.insert(1, str(PACKAGES))

# A guest that powers off ends the QMP connection.  That is no error here, and
# what is one is reported by the harness.
logging.getLogger('qemu').addHandler(logging.NullHandler())
