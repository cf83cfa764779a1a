# SPDX-License-Identifier: GPL-2.0-or-later
"""
Measures SV-NIC against HV-NIC under Xen: guests that drive the card themselves
against netfront and netback over dom0's bridge.

bench/xen-dom0.sh is dom0's half.
"""

import json
import subprocess
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from svnic_test import options
from svnic_test.page import BENCH, Plot, Table, cell
from svnic_test.results import Row, rows
from svnic_test.settings import QEMU, Failure, accelerator, build_image, say

EXPERIMENTS = ['E1', 'E2', 'E3', 'E4', 'E5', 'E13']
GUESTS = [2, 4, 8, 16]

TITLE = 'guests that drive the card, against netfront and netback'
USAGE = ('usage: ./svnic bench xen [--json FILE] [--experiments "E1 ..."] '
         '[--guests "N ..."] [--rounds N] [--seconds N] [--pings N]; '
         f'experiments are: {" ".join(EXPERIMENTS)}; guests: '
         + ' '.join(str(one) for one in GUESTS))


def some_guests(name: str, text: str) -> List[int]:
    """Numbers of guests, ascending as given."""
    if not text.split():
        raise Failure(USAGE)
    if not set(text.split()) <= {str(one) for one in GUESTS}:
        raise Failure(f"{name} '{text}': of 2, 4, 8 and 16")
    return [int(word) for word in text.split()]


PARSERS: Dict[str, options.Parser] = {
    '--experiments': options.words_of(EXPERIMENTS, USAGE),
    '--guests': some_guests, '--rounds': options.number(1000),
    '--seconds': options.number(3600), '--pings': options.number(9999)}
DEFAULTS: Dict[str, Any] = {
    'experiments': EXPERIMENTS, 'guests': GUESTS, 'rounds': 3, 'seconds': 4,
    'pings': 100}


class Processors(NamedTuple):
    """
    How many the machine has; how many of those are the guests' alone, from the
    second on; Xen's arguments.
    """

    total: int
    own: int
    arguments: str


#: dom0 and each of two guests have a processor, and each processor a run queue
#: of Xen's scheduler.
OWN = Processors(3, 2, 'dom0_vcpus_pin credit2_runqueue=cpu')
#: Of two processors dom0 has one and the guests the other, so that a hog does
#: not make three busy ones, which the host may not have.
APART = Processors(2, 1, 'dom0_vcpus_pin')
#: All share two.
SHARED = Processors(2, 0, '')


class Boot(NamedTuple):
    """One boot of Xen: experiments in dom0's own names, guests, the card."""

    name: str
    experiments: List[str]
    guests: List[int]
    card: str
    processors: Processors


def boots(wanted: Dict[str, Any]) -> List[Boot]:
    """Those that the wanted experiments need."""
    def chosen(*names: str, suffix: str = '') -> List[str]:
        return [name + suffix for name in names
                if name in wanted['experiments']]

    pair = [2]
    return [one for one in (
        Boot('pair', chosen('E1', 'E2'), pair, 'msix=on', OWN),
        Boot('apart', chosen('E13'), pair, 'msix=on', APART),
        Boot('hog', chosen('E13', suffix='s'), pair, 'msix=on', SHARED),
        Boot('many', chosen('E3', 'E4'), wanted['guests'], 'msix=on', SHARED),
        Boot('vectors', chosen('E5'), pair, 'msix=on', SHARED),
        Boot('identifiers-16', chosen('E5'), pair,
             'msix=off,irq-bits=16', SHARED),
        Boot('identifiers-8', chosen('E5'), pair,
             'msix=off,irq-bits=8', SHARED)) if one.experiments]


def measure_in(one: Boot, wanted: Dict[str, Any]) -> List[str]:
    """dom0's half, in one boot; its lines."""
    # pylint: disable=import-outside-toplevel
    from svnic_test.machine import Job, boot
    from svnic_test.xen import Xen
    most = one.guests[-1]
    experiments = ' '.join(one.experiments)
    say(f'booting Xen for {experiments}: {one.name}')
    lines: List[str] = []
    boot(Xen(arguments=one.processors.arguments), Job(
        script=BENCH / 'xen-dom0.sh', name=f'bench-{one.name}',
        memory=1100 + most * 224, vcpus=one.processors.total,
        deadline=300 + most * 30 + wanted['rounds'] * 400,
        expected=Xen.expected,
        env={'EXPERIMENTS': experiments,
             'GUESTS': ' '.join(str(guests) for guests in one.guests),
             'ROUNDS': wanted['rounds'], 'OWN': one.processors.own,
             'SECONDS_EACH': wanted['seconds'], 'PINGS': wanted['pings'],
             'SIGNALS': one.name},
        devices=['-netdev', 'user,id=outside', '-netdev', 'user,id=other',
                 '-device', 'sv-nic,netdev=outside,netdev1=other,'
                 + one.card]), lines.append)
    for line in lines:
        if line.startswith('FAILED'):
            raise Failure(f'not all could be measured: {line}')
    return lines


def measure(wanted: Dict[str, Any]) -> Tuple[List[Row], Dict[str, Any]]:
    """All boots."""
    # pylint: disable=import-outside-toplevel
    from svnic_test.xen import Xen
    build_image('xen')
    lines = [line for one in boots(wanted)
             for line in measure_in(one, wanted)]
    version = subprocess.run([QEMU, '--version'], check=True, text=True,
                             stdout=subprocess.PIPE).stdout.split('\n')[0]
    return rows(map(json.loads, lines),
                ('kind', 'experiment', 'guests', 'name')), {
        'qemu': version, 'xen': Xen.version(),
        'guest_kernel': Xen().release(), 'accelerator': accelerator(),
        'rounds': wanted['rounds'], 'seconds': wanted['seconds'],
        'pings': wanted['pings']}


def rounds(data: Dict[str, Any]) -> str:
    """How often."""
    return (f'{data["rounds"]} rounds; a stream runs {data["seconds"]} s, a '
            f'round trip is measured {data["pings"]} times')


#: What a value is compared with, as SV-NIC / HV-NIC: the papers on
#: self-virtualizing devices (those for eight guests from memory), and what was
#: to be reached here.
GOALS = {
    ('E1', 2, 'rtt_ms'): ('0.47-0.50', '0.40'),
    ('E2', 2, 'tcp_mbit'): ('1.77', '2.00'),
    ('E3', 8, 'rtt_ms'): ('0.61', '-'),
    ('E4', 8, 'tcp_mbit'): ('2.03', '2.50'),
    ('E4-10', 8, 'tcp_mbit'): ('2.03', '2.50'),
}
HOG_GOAL = ('sv-nic', 'tcp_mbit', '0.90')


def find(data: Dict[str, Any], **wanted: object) -> Optional[Row]:
    """The first row with these values."""
    return next((row for row in data['results']
                 if all(row[name] == value for name, value
                        in wanted.items())), None)


def number(value: float) -> str:
    """With a fraction only if it is small and has one."""
    return f'{value:.2f}' if value < 10 and value != int(value) else \
        f'{value:.0f}'


def figures(row: Optional[Row]) -> str:
    """Median and spread, or nothing."""
    if not row:
        return '-'
    return (f'{number(row["median"])} ({number(row["min"])}-'
            f'{number(row["max"])})')


def main_table(data: Dict[str, Any]) -> Table:
    """All but E5."""
    table = Table(['', 'guests', 'quantity', 'HV-NIC', 'SV-NIC', 'SV / HV',
                   'papers', 'goal'], [6, 6, 22, 24, 24, 8, 10],
                  title='HV-NIC and SV-NIC')
    keys = dict.fromkeys((row['experiment'], row['guests'], row['name'])
                         for row in data['results']
                         if row['experiment'] != 'E5')
    for experiment, guests, name in keys:
        hv, sv = (find(data, kind=kind, experiment=experiment, guests=guests,
                       name=name) for kind in ('hv-nic', 'sv-nic'))
        ratio = f'{sv["median"] / hv["median"]:.2f}' \
            if hv and sv and hv['median'] else '-'
        papers, goal = GOALS.get((experiment, guests, name), ('-', '-'))
        table.rows.append([experiment, str(guests), name, figures(hv),
                           figures(sv), ratio, papers, goal])
    return table


def signals_table(data: Dict[str, Any]) -> Table:
    """E5."""
    table = Table(['E5: signals', 'redundant a useful', 'RTT ms', 'events',
                   'dom0 CPU ms'], [16, 22, 20, 18], title='Signals')
    kinds: Sequence[str] = sorted({row['kind'] for row in data['results']
                                   if row['experiment'] == 'E5'})
    for kind in kinds:
        cells = []
        for name, form in (('redundant_per_useful', '.2f'),
                           ('rtt_ms', '.2f'), ('rtt_events', '.0f'),
                           ('rtt_dom0_cpu_ms', '.0f')):
            row = find(data, kind=kind, experiment='E5', name=name)
            cells.append(cell(row, form) if row else '-')
        table.rows.append([kind, *cells])
    return table


def hog_table(data: Dict[str, Any]) -> Table:
    """E13 and E13s: what is left with hogs of what there was without."""
    table = Table(['', '', 'quantity', 'without hog', 'one, ratio',
                   'four, ratio', 'goal'], [5, 8, 10, 14, 14, 14],
                  title='What a hog in dom0 takes')
    for experiment in ('E13', 'E13s'):
        for kind in ('hv-nic', 'sv-nic'):
            for name in ('rtt_ms', 'tcp_mbit'):
                alone = find(data, kind=kind, experiment=experiment,
                             name=name)
                if not alone:
                    continue
                ratios = []
                for hogs in ('-1', '-4'):
                    row = find(data, kind=kind, experiment=experiment + hogs,
                               name=name)
                    ratios.append(f'{row["median"] / alone["median"]:.2f}'
                                  if row else '-')
                goal = HOG_GOAL[2] if (kind, name) == HOG_GOAL[:2] else '-'
                table.rows.append([experiment, kind, name,
                                   f'{alone["median"]:.2f}', *ratios, goal])
    return table


def tables(data: Dict[str, Any]) -> List[Table]:
    """Those that have rows."""
    return [table for table in (main_table(data), signals_table(data),
                                hog_table(data)) if table.rows]


def plots(data: Dict[str, Any]) -> List[Plot]:
    """Both kinds over guests."""
    def plot(name: str, label: str, what: str, experiment: str,
             quantity: str) -> Plot:
        lines = {variable: ['\t'.join(str(one) for one in (
            row['guests'], row['median'], row['min'], row['max']))
            for row in data['results']
            if (row['kind'], row['experiment'], row['name'])
            == (kind, experiment, quantity)]
            for variable, kind in (('hv', 'hv-nic'), ('sv', 'sv-nic'))}
        return Plot(name, label, 'xen.gnuplot', lines,
                    {'what': what, 'shown': data['command']})

    return [plot('rtt', 'round trip', 'round trip, ms', 'E3', 'rtt_ms'),
            plot('tcp', 'TCP', 'TCP, sum of the pairs, Mbit/s', 'E4',
                 'tcp_mbit'),
            plot('udp', 'UDP, 64 bytes', 'UDP, 64 bytes, read a second',
                 'E4', 'udp64_per_s')]


def about() -> Dict[str, Any]:
    """Of the description."""
    return {}
