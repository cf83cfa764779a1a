# SPDX-License-Identifier: GPL-2.0-or-later
"""
Measures the firmware's path from VIF to VIF on one host core, and in the same
run, round by round, what DPDK's vhost-user loopback moves on one.

bench/dataplane.c is what runs the firmware, with the VIFs' owners on the same
core and, where there are two, on another.  The loopback is in loopback.py.
"""

import os
import statistics
from typing import Any, Dict, List, Tuple

from svnic_bench.firmware import firmware
from svnic_bench.loopback import Impossible, Loopback
from svnic_test import options
from svnic_test.page import Plot, Table
from svnic_test.results import Row, spread
from svnic_test.settings import BUILD, Failure, say

TITLE = 'from VIF to VIF on one core'
USAGE = ('usage: ./svnic bench dataplane [--json FILE] [--rounds N] '
         '[--seconds S]')
PARSERS: Dict[str, options.Parser] = {
    '--rounds': options.number(1000), '--seconds': options.seconds}
DEFAULTS: Dict[str, Any] = {'rounds': 3, 'seconds': 0.5}

SIZES = (64, 256, 1500, 65536)
SENDERS = (1, 8, 64, 256)
PORT_VIFS = (1, 8, 64)
LOOPBACK_SIZES = (64, 1500)
SLOTS = 64
PARTS = 5

#: One point: what, size, senders, frames a second, part of the time busy.
Point = Tuple[str, int, int, float, float]


def on_one_core(length: float) -> List[Point]:
    """The firmware with the owners on its core: card, host and copy."""
    return [(words[0], int(words[1]), int(words[2]),
             float(words[3]) / float(words[4]), 1.0)
            for size in SIZES for senders in SENDERS
            for words in firmware(length, SLOTS, size, senders)]


def at_port(length: float) -> List[Point]:
    """Frames that come in at a port, but for the largest, and that leave."""
    return [(words[0], int(words[1]), int(words[2]),
             float(words[3]) / float(words[4]), 1.0)
            for size in SIZES for senders in PORT_VIFS
            for words in firmware('port', length, SLOTS, size, senders)]


def apart(length: float, size: int) -> List[Point]:
    """
    The owners on another core.  In parts, each with all numbers of VIFs: how
    fast two cores reach each other may change from second to second, and what
    is compared has to stand together.
    """
    return [(words[0], int(words[1]), int(words[2]),
             float(words[3]) / float(words[4]),
             float(words[5]) / float(words[4]))
            for _ in range(PARTS) for senders in SENDERS
            for words in firmware('apart', length / PARTS, SLOTS, size,
                                  senders, pinned=False)]


def measure(wanted: Dict[str, Any]) -> Tuple[List[Row], Dict[str, Any]]:
    """All rounds."""
    points: List[Point] = []
    count, length = wanted['rounds'], wanted['seconds']
    with Loopback(BUILD / 'bench' / 'dataplane-run') as loopback:
        why = ''
        try:
            loopback.prepare()
        except Impossible as impossible:
            why = str(impossible)
            say(f'no DPDK loopback in this run: {why}')
        for number in range(1, count + 1):
            start = f'round {number} of {count}: '
            say(start + 'firmware')
            points += on_one_core(length)
            say(start + 'the port')
            points += at_port(length)
            for size in SIZES:
                if (os.cpu_count() or 1) >= 2:
                    say(f'{start}owners on another core, {size} bytes')
                    points += apart(length, size)
                if not why and size in LOOPBACK_SIZES:
                    say(f"{start}DPDK's vhost-user loopback, {size} bytes")
                    points.append(('dpdk', size, 1,
                                   loopback.measure(size, length), 1.0))
    return summarize(points), {
        'rounds': count, 'seconds': length, 'slots': SLOTS, 'parts': PARTS,
        'no_dpdk': why}


def summarize(points: List[Point]) -> List[Row]:
    """Median and spread of each point."""
    values: Dict[Tuple[str, int, int], List[Tuple[float, float]]] = {}
    for what, size, senders, pps, busy in points:
        values.setdefault((what, size, senders), []).append((pps, busy))
    result = []
    for (what, size, senders), measured in sorted(values.items()):
        row = {'what': what, 'size': size, 'senders': senders,
               **spread([pps for pps, _ in measured])}
        if what == 'apart':
            one = values[what, size, 1]
            row['busy'] = statistics.median(busy for _, busy in measured)
            # In a part that was too short one VIF may have sent nothing.
            ratios = [mine[0] / theirs[0]
                      for mine, theirs in zip(measured, one) if theirs[0]]
            if not ratios:
                raise Failure('no frame was sent in the time of a part: give '
                              'more --seconds')
            row['of_one'] = statistics.median(ratios)
        result.append(row)
    return result


def rounds(data: Dict[str, Any]) -> str:
    """How often, and why there is no loopback, if there is none."""
    text = (f'{data["rounds"]} rounds of {data["seconds"]} s a point, in '
            'turn')
    if data['no_dpdk']:
        text += f'; no DPDK loopback: {data["no_dpdk"]}'
    return text


NAMES = {'card': 'firmware', 'host': 'host memory', 'copy': 'bare memcpy',
         'apart': 'owners on another core', 'in': 'port in',
         'out': 'port out'}


def tables(data: Dict[str, Any]) -> List[Table]:
    """One table."""
    table = Table(['what', 'bytes', 'million frames a second (least-most)'],
                  [42, 8])
    for row in data['results']:
        vifs = f'{row["senders"]} VIF' + ('s' if row['senders'] > 1 else '')
        if row['what'] not in ('in', 'out'):
            vifs = vifs.replace(' ', ' sending ')
        name = f'{NAMES.get(row["what"])}, {vifs}'
        if row['what'] == 'dpdk':
            name = 'DPDK vhost-user loopback'
        figures = (f'{row["median"] / 1e6:.2f} ({row["min"] / 1e6:.2f}-'
                   f'{row["max"] / 1e6:.2f})')
        if row['what'] == 'apart':
            figures += (f', busy {row["busy"] * 100:.0f} %, '
                        f'{row["of_one"] * 100:.0f} % of one VIF')
        table.rows.append([name, str(row['size']), figures])
    return [table]


def plots(data: Dict[str, Any]) -> List[Plot]:
    """Frames a second against VIFs."""
    lines = ['\t'.join(str(one) for one in (
        row['size'], row['senders'], row['median'] / 1e6, row['min'] / 1e6,
        row['max'] / 1e6)) for row in data['results']
        if row['what'] == 'card']
    return [Plot('frames', 'frames a second', 'dataplane.gnuplot',
                 {'data': lines}, {'caption': data['command']})]


def about() -> Dict[str, Any]:
    """Of the description."""
    return {'slots': SLOTS, 'parts': PARTS}
