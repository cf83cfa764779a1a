# SPDX-License-Identifier: GPL-2.0-or-later
"""
Fuzzes the device in QEMU without a guest, over qtest and QMP.

An input is a list of steps, each a list of words and numbers: accesses to all
BARs and to configuration space, commands, frames, DMA to any target, MSI-X
messages to any target, filters on the ports, resets, hot plug.  A seed makes
the same steps each time, and with workers=0 the card does the same.  QEMU must
go on to answer, must not abort, and after a reset the card must work.  Steps
that are not needed for a failure are left out.
"""

import json
import random
import struct
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence

from . import qemu_tree  # noqa: F401  # pylint: disable=unused-import
from .settings import QEMU, Failure

# pylint: disable=wrong-import-order
from qemu.machine.machine import (  # noqa: E402
    AbnormalShutdown, VMLaunchFailure,
)
from qemu.machine.qtest import QEMUQtestMachine  # noqa: E402
from qemu.qmp import QMPError  # noqa: E402

Step = List[Any]

#: Q35 has configuration space in memory, which MSI-X messages and DMA reach.
ECAM = 0xb0000000
#: Bus 1 is behind the root port, and has the card as its device 0.
PORT_CONFIG = ECAM + (4 << 15)
CARD_CONFIG = ECAM + (1 << 20)
BARS = {0: 0xe0000000, 1: 0xc000, 2: 0xe0100000, 3: 0xe0200000,
        4: 0xe1000000}
SIZES = {0: 0x4000, 1: 0x100, 2: 0x10000, 3: 0x100000, 4: 0x1000000}
#: Where DMA and messages go: RAM, the card's own BARs and configuration, the
#: interrupt controllers, nothing.
TARGETS = [0x100000, 0x3fffffe, 0xfee00000, 0xfec00000, 0xfed00000, 0xcf8,
           0xffffffff, 0, ECAM, CARD_CONFIG + 4, CARD_CONFIG + 0x10,
           PORT_CONFIG + 0x3e, *BARS.values(), BARS[0] + 0x1000,
           BARS[3] + 0x60, BARS[3] + 0x90, BARS[4] + 0x1000]
#: Of the chip's bus: what the bridge passes on to address 0 of the host.
UPSTREAM = 0x80000000
LIMITS = [0, 1, 2, 3, 4, 13, 64, 255, 256, 2047, 2048, 4095, 4096, 65535,
          0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff]
CARD = {'driver': 'sv-nic', 'id': 'card', 'bus': 'rp', 'workers': 0,
        'vifs': 16, 'sdram-size': SIZES[4], 'msix': True, 'netdev': 'n0',
        'netdev1': 'n1'}
#: Seconds until QEMU must have answered, also on a busy machine.
DEADLINE = 30
FRAME = bytes([2, 0xee, 0, 0, 0, 1, 2, 0x56, 0x49, 0x46, 0, 0, 8, 0])


class Broken(Exception):
    """QEMU did what it must not do."""


# ---- steps of a seed ----

def _number(rand: random.Random) -> int:
    if rand.randrange(3):
        return (rand.choice(LIMITS) + rand.randrange(3)) & 0xffffffff
    return rand.getrandbits(32)


def _address(rand: random.Random) -> int:
    return rand.choice(TARGETS) + rand.choice([0, 0, 0, 1, 2, 4, 0x80])


def _offset(rand: random.Random, bar: int) -> int:
    limit = 0x200 if rand.randrange(3) else SIZES[bar]
    return rand.randrange(min(limit, SIZES[bar]))


def _access(rand: random.Random) -> Step:
    bar = rand.choice([0, 0, 1, 2, 3, 3, 4])
    offset = _offset(rand, bar)
    if bar == 2:
        offset = rand.randrange(20) * 4096 + rand.randrange(0x20)
    size = rand.choice('bwl') if bar == 1 else rand.choice('bwlq')
    return ['access', bar, rand.choice(['read', 'write']), size, offset,
            _number(rand)]


def _config(rand: random.Random) -> Step:
    # Command, BARs and power, more than the rest.
    offset = rand.choice([4, 4, 0x10 + 4 * rand.randrange(6),
                          rand.randrange(256), rand.randrange(4096)])
    return ['config', rand.choice(['read', 'write']), rand.choice('bwl'),
            offset, _number(rand)]


def _command(rand: random.Random) -> Step:
    return ['command', rand.randrange(13), rand.choice([0, 1, 2, 99]),
            rand.randrange(3), rand.randrange(512), rand.randrange(4),
            64 << rand.randrange(4), _number(rand)]


def _dma(rand: random.Random) -> Step:
    return ['dma', rand.randrange(3), _number(rand) & 0xc0ffffff,
            (_address(rand) + rand.choice([0, UPSTREAM])) & 0xffffffff,
            _number(rand) & 0xffffff, _address(rand),
            rand.choice([1, 0x11, 0x11, 0x91, _number(rand)])]


def _message(rand: random.Random) -> Step:
    return ['message', rand.randrange(20), _address(rand), _number(rand),
            rand.randrange(2)]


def _send(rand: random.Random) -> Step:
    return ['send', rand.randrange(2), rand.randrange(4), _number(rand),
            rand.randrange(40), rand.randrange(4), _number(rand) & 0xffff,
            _number(rand) & 0xffff]


def _filter(rand: random.Random) -> Step:
    return ['filter', rand.randrange(2), rand.choice(
        ['filter-buffer', 'filter-mirror', 'filter-replay', 'remove'])]


#: What a seed chooses from, and how often.
KINDS: Sequence[Any] = (
    (_access, 30), (_config, 4), (_command, 8), (_dma, 8), (_message, 8),
    (_send, 20), (_filter, 2),
    (lambda rand: ['clock', rand.choice([1000, 10 ** 6, 10 ** 9])], 3),
    (lambda rand: ['restore'], 6),
    (lambda rand: ['reset', rand.choice(['machine', 'bus', 'power',
                                         'control'])], 2),
    (lambda rand: ['cycle', rand.choice(['memory', 'io', 'config']),
                   rand.choice(['read', 'write']), _number(rand),
                   rand.choice([1, 2, 4]), _number(rand)], 4),
    (lambda rand: ['plug'], 1),
    (lambda rand: [rand.choice(['stop', 'cont', 'look'])], 2),
)


def steps_of(seed: int, count: int) -> List[Step]:
    """The steps of a seed."""
    rand = random.Random(seed)
    kinds = [kind for kind, _ in KINDS]
    weights = [weight for _, weight in KINDS]
    return [rand.choices(kinds, weights)[0](rand) for _ in range(count)]


# ---- the machine ----

class Device:
    """A QEMU with the card, and what each step does."""

    def __init__(self, binary: Path, directory: str):
        self.machine = QEMUQtestMachine(
            str(binary), ['-M', 'q35', '-m', '64', '-nodefaults', '-device',
                          'pcie-root-port,id=rp,addr=4,chassis=1',
                          '-netdev', 'hubport,id=n0,hubid=0',
                          '-netdev', 'hubport,id=n1,hubid=0',
                          '-chardev', 'null,id=null0',
                          '-device', json.dumps(CARD),
                          '-qtest-log', 'none'],
            base_temp_dir=directory, qmp_timer=DEADLINE)
        self.vifs: Dict[int, int] = {}      # SDRAM offset of the region
        self.filters: List[str] = []

    def q(self, text: str) -> str:
        """A line of the qtest protocol."""
        answer = self.machine.qtest(text)
        if not answer:
            raise Broken(f'QEMU ended in: {text}')
        return answer

    def read(self, address: int) -> int:
        """A dword."""
        return int(self.q(f'readl {address:#x}').split()[1], 16)

    def write(self, address: int, value: int) -> None:
        """A dword."""
        self.q(f'writel {address:#x} {value & 0xffffffff:#x}')

    def qmp(self, name: str, **args: object) -> Any:
        """A QMP command, which may fail."""
        return self.machine.qmp(name, args or None)

    def start(self) -> None:
        """Launch, map the card, make two VIFs."""
        try:
            self.machine.launch()
        except VMLaunchFailure as failure:
            raise Failure(f'QEMU does not start: {failure}') from failure
        # pylint: disable=protected-access
        assert self.machine._qtest
        self.machine._qtest.settimeout(DEADLINE)
        self.q('outl 0xcf8 0x80000060')
        self.q(f'outl 0xcfc {ECAM | 1:#x}')
        self.restore()
        for vif in (0, 1):
            self.command(2, vif, 0, 1, 0, 64, 0)
            self.command(3, vif, 0, 0, 0, 64, 0)
            self.vifs[vif] = self.read(BARS[4] + vif * 256 + 40)

    def restore(self) -> None:
        """Map everything again."""
        self.write(PORT_CONFIG + 0x18, 0x010100)
        self.write(PORT_CONFIG + 0x1c, 0xc0c0)
        self.write(PORT_CONFIG + 0x20, 0xe1f0e000)
        self.write(PORT_CONFIG + 0x24, 0x0000fff0)
        self.write(PORT_CONFIG + 4, 7)
        for bar, address in BARS.items():
            self.write(CARD_CONFIG + 0x10 + 4 * bar, address)
        self.write(CARD_CONFIG + 0x24, 0)
        self.write(CARD_CONFIG + 4, 7)
        for register, local in ((0x6c, 0x40100000), (0x70, 0x40000000),
                                (0x74, 0)):
            self.write(BARS[0] + register, local)

    # pylint: disable=too-many-arguments
    def command(self, opcode: int, vif: int, flags: int, mask: int, port: int,
                slots: int, mtu: int) -> int:
        """A command in the block of the VIF's number; returns its status."""
        block = vif % 16 * 256
        data = struct.pack('<HHIIIQIIIIIIIII6sHI', 1, opcode, flags, vif,
                           port, 0, 0, 0xffffffff, mask, 1, port, slots,
                           slots, mtu, 0, bytes([2, 0x56, 0x49, 0x46, 0,
                                                 vif]), 0, 0)
        self.q(f'write {BARS[4] + block:#x} {len(data)} 0x{data.hex()}')
        self.write(BARS[3] + 0x50, block)
        self.write(BARS[3] + 0x60, 1)
        for _ in range(200):
            status = self.read(BARS[4] + block + 28)
            if status != 0xffffffff:
                break
            self.q('clock_step 100000')
        return status

    # ---- one function for each kind of step ----

    def step_access(self, bar: int, kind: str, size: str, offset: int,
                    value: int) -> None:
        """Any access to a BAR."""
        if bar == 1:
            word = ('in' if kind == 'read' else 'out') + size
        else:
            word = kind + size
        last = f' {value & ((1 << {"b": 8, "w": 16}.get(size, 32)) - 1):#x}'
        self.q(f'{word} {BARS[bar] + offset:#x}' +
               (last if kind == 'write' else ''))

    def step_config(self, kind: str, size: str, offset: int,
                    value: int) -> None:
        """Any access to configuration space."""
        bits = {'b': 8, 'w': 16, 'l': 32}[size]
        last = f' {value & ((1 << bits) - 1):#x}' if kind == 'write' else ''
        self.q(f'{kind}{size} {CARD_CONFIG + offset:#x}{last}')

    def step_command(self, *args: int) -> None:
        """A command."""
        self.command(*args)

    def step_dma(self, channel: int, count: int, pci: int, dram: int,
                 chain: int, control: int) -> None:
        """A DMA channel of the chip."""
        base = BARS[3] + 0x80 + 0x20 * channel
        for i, value in enumerate((count, pci, dram, chain, control)):
            self.write(base + 4 * i, value)

    def step_message(self, vector: int, address: int, data: int,
                     masked: int) -> None:
        """The target of an MSI-X vector; MSI-X is enabled."""
        entry = BARS[0] + 0x1000 + 16 * vector
        for i, value in enumerate((address, 0, data, masked)):
            self.write(entry + 4 * i, value)
        at = self.read(CARD_CONFIG + 0x34) & 0xfc
        for _ in range(8):
            if self.q(f'readb {CARD_CONFIG + at:#x}').split()[1] == \
                    '0x0000000000000011':
                self.q(f'writew {CARD_CONFIG + at + 2:#x} 0x8000')
            at = int(self.q(f'readb {CARD_CONFIG + at + 1:#x}').split()[1],
                     16) & 0xfc

    def step_send(self, vif: int, dest: int, length: int, slots: int,
                  kind: int, gso: int, start: int) -> None:
        """A frame, good or not, in slot 0 of a VIF, and its doorbell."""
        page = BARS[4] + (self.vifs.get(vif, 0) & 0xfff000)
        if self.read(page + 512 + 8) == 3:
            self.command(6, vif, 0, 0, 0, 0, 0)     # stopped: reset it
        index = self.read(page + 128)
        offset = self.read(page + 512 + 40) & 0xffffff
        if kind:
            length = 60 + length % 9000
            slots = (length + 32 + 2047) // 2048
            gso, start = 1000 + gso % 400, 34
        head = struct.pack('<IHHBBHHHH14x', length, slots & 0xffff,
                           int(kind != 2), int(kind == 3), 0, 54, gso, start,
                           16)
        dst = (bytes([2, 0x56, 0x49, 0x46, 0, 1 - vif]), b'\xff' * 6,
               FRAME[:6], bytes([1, 0x80, 0xc2, 0, 0, 1]))[dest]
        data = head + dst + bytes([2, 0x56, 0x49, 0x46, 0, vif, 8, 0])
        slot = page + offset + index % 64 * 2048
        self.q(f'write {slot:#x} {len(data)} 0x{data.hex()}')
        self.write(page, index + slots)
        self.q(f'writel {BARS[2] + vif * 4096 + 16:#x} 0xffffffff')
        self.q(f'writel {BARS[2] + vif * 4096:#x} 0x1')

    def step_filter(self, port: int, kind: str) -> None:
        """A filter on a port, or all of them away."""
        if kind == 'remove':
            for name in self.filters:
                self.qmp('object-del', id=name)
            self.filters.clear()
            return
        name = f'f{len(self.filters)}'
        args: Dict[str, object] = {'qom-type': kind, 'id': name,
                                   'netdev': f'n{port}'}
        if kind == 'filter-buffer':
            args['interval'] = 1000
        if kind == 'filter-mirror':
            args['outdev'] = 'null0'
        self.qmp('object-add', **args)
        self.filters.append(name)

    def step_clock(self, ns: int) -> None:
        """Time."""
        self.q(f'clock_step {ns}')

    def step_restore(self) -> None:
        """What makes the card accessible again."""
        self.restore()

    def step_reset(self, kind: str) -> None:
        """A reset of the machine, the bus, or the function."""
        if kind == 'machine':
            self.qmp('system_reset')
        elif kind == 'bus':
            self.q(f'writew {PORT_CONFIG + 0x3e:#x} 0x40')
            self.q(f'writew {PORT_CONFIG + 0x3e:#x} 0x0')
        elif kind == 'power':
            self.q(f'writew {CARD_CONFIG + 0xe0:#x} 0x3')
            self.q(f'writew {CARD_CONFIG + 0xe0:#x} 0x0')
        else:
            for value in (1, 0, 2):
                self.write(CARD_CONFIG + 0xd8, value)

    def step_cycle(self, space: str, kind: str, address: int, size: int,
                   value: int) -> None:
        """A cycle of another master on the secondary bus."""
        text = f'{space} {kind} {address:#x} {size}'
        self.qmp('qom-set', path='/machine/peripheral/card',
                 property='secondary-cycle',
                 value=text + (f' {value:#x}' if kind == 'write' else ''))

    def step_plug(self) -> None:
        """Unplugs the card and plugs a new one."""
        self.qmp('device_del', id='card')
        self.q('outl 0xcd0 0x0')
        self.q('outl 0xcc8 0x1')
        self.q('clock_step 1000000')
        self.qmp('device_add', **CARD)
        self.restore()

    def step_stop(self) -> None:
        """The machine stops."""
        self.qmp('stop')

    def step_cont(self) -> None:
        """The machine goes on."""
        self.qmp('cont')

    def step_look(self) -> None:
        """Everything that the monitor shows."""
        self.qmp('human-monitor-command', **{'command-line': 'info sv-nic'})
        for name in ('state', 'idle', 'late-accesses'):
            self.qmp('qom-get', path='/machine/peripheral/card',
                     property=name)

    def works(self) -> None:
        """After a reset of the machine the card answers a command."""
        self.qmp('cont')
        self.qmp('system_reset')
        self.q('outl 0xcf8 0x80000060')
        self.q(f'outl 0xcfc {ECAM | 1:#x}')
        self.q('clock_step 1000000000')
        if not self.qmp('qom-get', path='/machine/peripheral/card',
                        property='type').get('return'):
            self.qmp('device_add', **CARD)
        self.restore()
        status = self.command(1, 0, 0, 0, 0, 0, 0)
        if status:
            raise Broken(f'after a reset the card answers {status:#x}')


def run_steps(steps: Sequence[Step], directory: str) -> Optional[str]:
    """Run steps in a new QEMU; returns what went wrong, or None."""
    device = Device(QEMU, directory)
    done: Sequence[Any] = ['start']
    try:
        device.start()
        for step in steps:
            done = step
            getattr(device, f'step_{step[0]}')(*step[1:])
        done = ['end']
        device.works()
        device.machine.shutdown(timeout=DEADLINE)
    except (Broken, QMPError, OSError, AbnormalShutdown, EOFError) as failure:
        try:
            device.machine.kill()
        except (AbnormalShutdown, QMPError, OSError):
            pass
        log = device.machine.get_log() or ''
        return f'{type(failure).__name__}: {failure} in step {done}\n{log}'
    log = device.machine.get_log() or ''
    if 'runtime error' in log or 'Sanitizer' in log:
        return f'a sanitizer reported\n{log}'
    return None


def minimize(steps: List[Step],
             fails: Callable[[Sequence[Step]], bool]) -> List[Step]:
    """Leave out steps as long as the rest fails."""
    part = max(len(steps) // 2, 1)
    while True:
        at = 0
        while at < len(steps):
            rest = steps[:at] + steps[at + part:]
            if rest and fails(rest):
                steps = rest
            else:
                at += part
        if part == 1:
            return steps
        part = max(part // 2, 1)


def scratch() -> 'tempfile.TemporaryDirectory[str]':
    """A directory for a QEMU's sockets and log."""
    return tempfile.TemporaryDirectory(prefix='svnic-fuzz-')
