# SPDX-License-Identifier: GPL-2.0-or-later
"""
Measures two VIFs of one card against the pairs of interfaces that QEMU has
without it, all in the same guest and the same run.

bench/pair-guest.sh is the guest's half.
"""

import json
import subprocess
from typing import Any, Dict, List, Tuple

from svnic_test import options
from svnic_test.page import BENCH, Plot, Table, cell
from svnic_test.results import Row, rows
from svnic_test.settings import QEMU, accelerator, build_image

#: A peer's number: the last but one byte of its MACs; of a card, its PCI slot.
PEERS = {'virtio-net': '01', 'e1000e': '02', 'igb-vf': '03',
         'sv-nic-w0': '10', 'sv-nic-w0-host': '13', 'sv-nic-w1': '11',
         'sv-nic-w1-host': '14', 'sv-nic-w1-inta': '12', 'veth': ''}

TITLE = "two VIFs against QEMU's other pairs"
USAGE = ('usage: ./svnic bench pair [--json FILE] [--peers "NAME..."] '
         '[--vcpus "N..."] [--rounds N] [--seconds N] [--pings N]; peers '
         'are: ' + ' '.join(PEERS))
PARSERS: Dict[str, options.Parser] = {
    '--peers': options.words_of(list(PEERS), USAGE),
    '--vcpus': options.numbers(255), '--rounds': options.number(1000),
    '--seconds': options.number(3600), '--pings': options.number(9999)}
DEFAULTS: Dict[str, Any] = {'peers': list(PEERS), 'vcpus': [1, 2],
                            'rounds': 3, 'seconds': 2, 'pings': 500}


def hub(number: int, device: str) -> List[str]:
    """Two of them, joined by a hub."""
    return [word for end in 'ab' for word in (
        '-netdev', f'hubport,id={device}-{end},hubid={number}',
        '-device', f'{device},netdev={device}-{end},'
        f'mac=52:54:00:00:0{number}:0{end}')]


def devices(peers: List[str]) -> List[str]:
    """The QEMU arguments of all chosen peers."""
    arguments: List[str] = []
    for peer in peers:
        if peer == 'virtio-net':
            arguments += hub(1, 'virtio-net-pci')
        elif peer == 'e1000e':
            arguments += hub(2, 'e1000e')
        elif peer == 'igb-vf':
            arguments += [
                '-device', 'pcie-root-port,id=root-port,chassis=1,slot=1',
                '-device', 'igb,bus=root-port,mac=52:54:00:00:03:00']
        elif peer != 'veth':
            workers = 0 if '-w0' in peer else 1
            msix = 'off' if peer.endswith('-inta') else 'on'
            arguments += ['-device', f'sv-nic,addr={PEERS[peer]},'
                          f'workers={workers},msix={msix}']
    return arguments


def quantities(line: Dict[str, Any]) -> Dict[str, float]:
    """What one measurement gives, by the names that the results have."""
    test = line['test']
    if test == 'rtt':
        return {'rtt_median_ms': line['median'], 'rtt_p99_ms': line['p99'],
                'rtt_mean_ms': line['mean']}
    if 'mbit' in line:
        return {f'{test}_mbit': line['mbit']}
    return {f'{test}_pps': line['pps'], f'{test}_lost': line['lost']}


def measure(wanted: Dict[str, Any]) -> Tuple[List[Row], Dict[str, Any]]:
    """A boot for each number of processors."""
    # pylint: disable=import-outside-toplevel
    from svnic_test.guest import Guest
    from svnic_test.machine import Job, boot
    build_image('guest')
    guest = Guest()
    lines: List[str] = []
    for vcpus in wanted['vcpus']:
        boot(guest, Job(
            script=BENCH / 'pair-guest.sh', name='bench-pair', vcpus=vcpus,
            deadline=3000, devices=devices(wanted['peers']),
            env={'PEERS': ' '.join(wanted['peers']),
                 'NUMBERS': ' '.join(f'{peer}={number}' for peer, number
                                     in PEERS.items() if number),
                 'ROUNDS': wanted['rounds'],
                 'SECONDS_EACH': wanted['seconds'],
                 'PINGS': wanted['pings']}), lines.append)
    measured = [{'vcpus': line['vcpus'], 'peer': line['peer'], 'name': name,
                 'value': value}
                for line in map(json.loads, lines)
                for name, value in quantities(line).items()]
    version = subprocess.run([QEMU, '--version'], check=True, text=True,
                             stdout=subprocess.PIPE).stdout.split('\n')[0]
    return rows(measured, ('vcpus', 'peer', 'name')), {
        'qemu': version, 'guest_kernel': guest.release(),
        'accelerator': accelerator(), 'rounds': wanted['rounds'],
        'seconds': wanted['seconds'], 'pings': wanted['pings']}


def rounds(data: Dict[str, Any]) -> str:
    """How often."""
    return (f'{data["rounds"]} rounds, peers in turn; a stream runs '
            f'{data["seconds"]} s, a round trip is measured {data["pings"]} '
            'times')


def by_pair(data: Dict[str, Any]) -> Dict[Tuple[int, str], Dict[str, Row]]:
    """The results' rows by number of processors and peer, then by name."""
    found: Dict[Tuple[int, str], Dict[str, Row]] = {}
    for row in data['results']:
        found.setdefault((row['vcpus'], row['peer']), {})[row['name']] = row
    return dict(sorted(found.items(), key=lambda item: item[0][0]))


def tables(data: Dict[str, Any]) -> List[Table]:
    """One table."""
    table = Table(['vCPUs', 'pair', 'RTT median ms', 'RTT p99 ms',
                   'TCP 1 Mbit/s', 'TCP 4 Mbit/s', 'UDP 64 B /s, lost',
                   'UDP 1400 B /s, lost'], [5, 15, 19, 19, 18, 18, 27])

    def datagrams(row: Dict[str, Row], size: int) -> str:
        lost = row[f'udp{size}_lost']['median'] * 100
        return f'{cell(row[f"udp{size}_pps"], ".0f")} {lost:.0f}%'

    for (vcpus, peer), row in by_pair(data).items():
        table.rows.append([
            str(vcpus), peer, cell(row['rtt_median_ms'], '.2f'),
            cell(row['rtt_p99_ms'], '.2f'), cell(row['tcp1_mbit'], '.0f'),
            cell(row['tcp4_mbit'], '.0f'), datagrams(row, 64),
            datagrams(row, 1400)])
    return [table]


def plots(data: Dict[str, Any]) -> List[Plot]:
    """Two bars a peer, a panel a number of processors."""
    found = by_pair(data)
    panels = ' '.join(str(one) for one in
                      dict.fromkeys(vcpus for vcpus, _ in found))

    def plot(name: str, label: str, what: str, first: Tuple[str, str],
             second: Tuple[str, str]) -> Plot:
        lines = ['\t'.join([str(vcpus), peer] + [
            str(row[quantity][one]) for quantity in (first[0], second[0])
            for one in ('median', 'min', 'max')])
            for (vcpus, peer), row in found.items()]
        return Plot(name, label, 'pair.gnuplot', {'data': lines},
                    {'what': what, 'a': first[1], 'b': second[1],
                     'panels': panels})

    return [plot('rtt', 'round trip', 'milliseconds',
                 ('rtt_median_ms', 'median'),
                 ('rtt_p99_ms', '99th percentile')),
            plot('tcp', 'TCP', 'Mbit/s', ('tcp1_mbit', '1 stream'),
                 ('tcp4_mbit', '4 streams')),
            plot('udp', 'UDP', 'datagrams/s', ('udp64_pps', '64 bytes'),
                 ('udp1400_pps', '1400 bytes'))]


def about() -> Dict[str, Any]:
    """Of the description."""
    return {}
