# SPDX-License-Identifier: GPL-2.0-or-later
"""
Measures how long each stage of the firmware's path from VIF to VIF takes,
with 1 and with 8 sending VIFs, a frame a doorbell and 32 frames a doorbell.

What runs is bench/dataplane.c.
"""

from typing import Any, Dict, List, Tuple

from svnic_bench.firmware import firmware
from svnic_test import options
from svnic_test.page import Plot, Table, cell
from svnic_test.results import Row, rows
from svnic_test.settings import say

TITLE = 'where the time of a frame goes'
USAGE = ('usage: ./svnic bench stages [--json FILE] [--rounds N] '
         '[--seconds S]')
PARSERS: Dict[str, options.Parser] = {
    '--rounds': options.number(1000), '--seconds': options.seconds}
DEFAULTS: Dict[str, Any] = {'rounds': 5, 'seconds': 0.5}

SIZE = 64
CASES = [(senders, frames) for senders in (1, 8) for frames in (1, 32)]
STAGES = ('doorbell', 'fetch', 'classify', 'ring', 'copy', 'signal')


def measure(wanted: Dict[str, Any]) -> Tuple[List[Row], Dict[str, Any]]:
    """All rounds: a point is a stage's mean of a round."""
    measured: List[Row] = []
    most: Dict[Tuple[int, int, str], int] = {}
    for count in range(1, wanted['rounds'] + 1):
        say(f'round {count} of {wanted["rounds"]}')
        for senders, frames in CASES:
            for words in firmware('stages', wanted['seconds'], SIZE, senders,
                                  frames):
                if words[0] != 'stage':
                    continue
                stage, bursts, spent, longest = words[4:8]
                measured.append({'senders': senders, 'frames': frames,
                                 'stage': stage,
                                 'value': int(spent) / int(bursts)})
                key = (senders, frames, stage)
                most[key] = max(most.get(key, 0), int(longest))
    result = rows(measured, ('senders', 'frames', 'stage'))
    for row in result:
        row['most'] = most[row['senders'], row['frames'], row['stage']]
    result.sort(key=lambda row: (row['senders'], row['frames'],
                                 STAGES.index(row['stage'])))
    return result, {'rounds': wanted['rounds'], 'seconds': wanted['seconds'],
                    'size': SIZE}


def rounds(data: Dict[str, Any]) -> str:
    """How often."""
    return f'{data["rounds"]} rounds of {data["seconds"]} s a point'


def tables(data: Dict[str, Any]) -> List[Table]:
    """One table."""
    table = Table(['sending VIFs', 'frames a doorbell', 'stage',
                   'ns (least-most of the rounds)'], [13, 18, 10])
    table.rows = [[str(row['senders']), str(row['frames']), row['stage'],
                   cell(row, '.0f')] for row in data['results']]
    return [table]


def plots(data: Dict[str, Any]) -> List[Plot]:
    """A stack a case."""
    lines = []
    for senders, frames in CASES:
        medians = [str(row['median']) for row in data['results']
                   if (row['senders'], row['frames']) == (senders, frames)]
        lines.append('\t'.join([f'{senders} VIF, {frames} a doorbell',
                                *medians]))
    return [Plot('stages', 'stages', 'stages.gnuplot', {'data': lines},
                 {'caption': data['command']})]


def about() -> Dict[str, Any]:
    """Of the description."""
    return {'size': SIZE}
