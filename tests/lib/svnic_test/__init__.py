# SPDX-License-Identifier: GPL-2.0-or-later
"""
The harness of the tests and benchmarks that boot a guest or Xen.

settings    directories, errors, progress: what scripts/lib.sh is to the shell
qemu_tree   finds the Python packages of the fetched QEMU source tree
machine     one boot with one job: QEMU, the channel, deadline, log checks
channel     the messages between the job in the guest and the host
guest       the guest's machine
xen         the machine that boots Xen
outside     the HTTP server that guests reach
tap         the cases of a test, numbered
options     the command lines of demos and benchmarks
results     median and spread of a benchmark's rounds, and its JSON
page        a benchmark's page and tables, from its JSON

The scripts that people and meson run import from here; the modules that need
QEMU's packages (machine and those that import it) are imported only after the
command line was checked, since QEMU's source may not be fetched before that.
"""
