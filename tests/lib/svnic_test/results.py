# SPDX-License-Identifier: GPL-2.0-or-later
"""
A benchmark's results: median and spread of its rounds, where and how they were
measured, and the JSON that all of it is kept in.
"""

import json
import statistics
import subprocess
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict, Iterable, List, Sequence

from .settings import TOP

#: One row of results: what was measured, median, min, max and rounds.
Row = Dict[str, Any]


def spread(values: Sequence[float]) -> Row:
    """Median, least and most of the rounds, and how many there were."""
    return {'median': statistics.median(values), 'min': min(values),
            'max': max(values), 'rounds': len(values)}


def rows(measured: Iterable[Row], keys: Sequence[str]) -> List[Row]:
    """
    From one object a measurement, {keys..., "value"}, to one a quantity, in
    the order in which they were first measured.
    """
    values: Dict[Any, List[float]] = {}
    for one in measured:
        key = tuple(one[name] for name in keys)
        values.setdefault(key, []).append(one['value'])
    return [{**dict(zip(keys, key)), **spread(list_)}
            for key, list_ in values.items()]


def commit() -> str:
    """The commit of this checkout, with "-dirty" if files were changed."""
    done = subprocess.run(
        ['git', '-c', f'safe.directory={TOP}', '-C', str(TOP), 'describe',
         '--always', '--dirty', '--exclude=*'], check=False,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return done.stdout.strip() or 'unknown'


def machine() -> Dict[str, str]:
    """The processors and the kernel."""
    cpuinfo = Path('/proc/cpuinfo').read_text(encoding='utf-8')
    models = Counter(line.split(': ', 1)[1] for line in cpuinfo.split('\n')
                     if line.startswith('model name') and ': ' in line)
    kernel = subprocess.run(['uname', '-sr'], check=True, text=True,
                            stdout=subprocess.PIPE).stdout.strip()
    return {'machine': '; '.join(f'{count} x {model}'
                                 for model, count in models.items()),
            'kernel': kernel}


def summary(benchmark: str, command: str, parameters: Dict[str, Any],
            results: List[Row]) -> Dict[str, Any]:
    """Everything that the JSON file says."""
    return {'benchmark': benchmark,
            'date': datetime.now(timezone.utc).strftime('%Y-%m-%d'),
            'command': command, 'commit': commit(), **machine(),
            **parameters, 'results': results}


def write(data: Dict[str, Any], path: Path) -> None:
    """The JSON file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=2) + '\n', encoding='utf-8')


def read(path: Path) -> Dict[str, Any]:
    """What write() has written."""
    data: Dict[str, Any] = json.loads(path.read_text(encoding='utf-8'))
    return data
