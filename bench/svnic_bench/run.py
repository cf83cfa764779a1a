# SPDX-License-Identifier: GPL-2.0-or-later
"""
What bench/NAME and bench/page do: measure and show; write the JSON; make the
page from it.
"""

import importlib
from pathlib import Path
from typing import Any, Dict, List, Protocol, Sequence, Tuple, cast

from svnic_test import options, page, results
from svnic_test.settings import BUILD, Failure, say

NAMES = ('pair', 'xen', 'dataplane', 'stages')

Data = Dict[str, Any]


class Benchmark(Protocol):
    """What a module of this package has."""

    TITLE: str
    USAGE: str
    PARSERS: Dict[str, options.Parser]
    DEFAULTS: Dict[str, Any]

    def measure(self, wanted: Dict[str, Any]) -> Tuple[List[results.Row],
                                                       Data]:
        """The results, and what stands beside them in the JSON."""

    def rounds(self, data: Data) -> str:
        """How many rounds, of what, in a line."""

    def tables(self, data: Data) -> List[page.Table]:
        """Of the terminal and of the page."""

    def plots(self, data: Data) -> List[page.Plot]:
        """Of the page."""

    def about(self) -> Data:
        """What the description may refer to, beside the JSON."""


def benchmark(name: str) -> Benchmark:
    """A module by name."""
    return cast(Benchmark, importlib.import_module(f'svnic_bench.{name}'))


def make_text(name: str, data: Data) -> str:
    """The page's text."""
    module = benchmark(name)
    return page.page(data, module.TITLE, module.rounds(data),
                     module.tables(data), module.plots(data), module.about())


def make_page(name: str, plots: bool = True) -> None:
    """The page and its plots, from the JSON in docs/benchmarks."""
    data = results.read(page.DOCS / f'{name}.json')
    if plots:
        for plot in benchmark(name).plots(data):
            plot.draw(name, BUILD / 'bench' / 'plots' / name)
    path = page.DOCS / f'{name}.md'
    path.write_text(make_text(name, data), encoding='utf-8')
    say(f'written: docs/benchmarks/{name}.md')


def show(name: str, data: Data) -> None:
    """Machine, command, how often, and the tables."""
    module = benchmark(name)
    print('\n'.join([*page.where(data), module.rounds(data)]))
    for table in module.tables(data):
        print()
        print(table.text())


def main(name: str) -> None:
    """bench/NAME."""
    module = benchmark(name)
    given = options.Options(
        module.USAGE, {'--json': options.writable_file, **module.PARSERS})
    if given.check:
        return
    wanted = {**module.DEFAULTS, **given.given}
    measured, parameters = module.measure(wanted)
    data = results.summary(name, given.command(f'./svnic bench {name}'),
                           parameters, measured)
    show(name, data)
    if 'json' in given.given:
        results.write(data, Path(str(given.given['json'])))
    if not set(given.given) - {'json'}:
        results.write(data, page.DOCS / f'{name}.json')
        make_page(name)


def pages(words: Sequence[str]) -> None:
    """bench/page."""
    check = list(words[:1]) == ['--check']
    names = words[1:] if check else words
    if not set(names) <= set(NAMES):
        raise Failure('usage: bench/page [--check] [NAME...], of: '
                      + ' '.join(NAMES))
    for name in names or NAMES:
        if not check:
            make_page(name)
            continue
        path = page.DOCS / f'{name}.md'
        data = results.read(page.DOCS / f'{name}.json')
        if path.read_text(encoding='utf-8') != make_text(name, data):
            raise Failure(f'{path} is not what its JSON and the template '
                          f"make: run 'bench/page {name}'")
