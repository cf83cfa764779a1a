# SPDX-License-Identifier: GPL-2.0-or-later
"""
The page of a benchmark in docs/benchmarks, from its JSON and one template.

What is measured is described in bench/about/NAME.md; what was found out at
some time is a dated note in docs/benchmarks/notes.  No figure is typed in.
"""

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any, Dict, List, Sequence

from .settings import TOP, Failure

DOCS = TOP / 'docs' / 'benchmarks'
BENCH = TOP / 'bench'


def cell(row: Dict[str, Any], form: str) -> str:
    """Median, and in parentheses the least and the most of the rounds."""
    low, high = (format(row[name], form) for name in ('min', 'max'))
    return f'{row["median"]:{form}} ({low}-{high})'


@dataclass
class Table:
    """
    title: a heading, or nothing.
    widths: of the columns but the last, when shown as text.
    """

    header: Sequence[str]
    widths: Sequence[int]
    rows: List[Sequence[str]] = field(default_factory=list)
    title: str = ''

    def text(self) -> str:
        """For a terminal."""
        return '\n'.join(
            ' '.join([f'{one:{width}}' for one, width
                      in zip(row, self.widths)] + [row[-1]]).rstrip()
            for row in [self.header, *self.rows])

    def markdown(self) -> str:
        """For the page."""
        lines = ['| ' + ' | '.join(row) + ' |' for row in
                 [self.header, ['---'] * len(self.header), *self.rows]]
        if self.title:
            lines = [f'## {self.title}', '', *lines]
        return '\n'.join(lines)


@dataclass
class Plot:
    """
    An SVG by gnuplot.

    name: of the file, and of its data; label: of the picture; script: in
    bench/; data: lines of the file; more: of gnuplot's variables.
    """

    name: str
    label: str
    script: str
    data: Dict[str, List[str]]
    more: Dict[str, str] = field(default_factory=dict)

    def draw(self, benchmark: str, scratch: Path) -> None:
        """Make the SVG."""
        scratch.mkdir(parents=True, exist_ok=True)
        into = DOCS / benchmark / f'{self.name}.svg'
        into.parent.mkdir(parents=True, exist_ok=True)
        variables = {'out': str(into), **self.more}
        for name, lines in self.data.items():
            path = scratch / f'{self.name}.{name}'
            path.write_text('\n'.join(lines) + '\n', encoding='utf-8')
            variables[name] = str(path)
        settings = '; '.join(f"{name}='{value}'"
                             for name, value in variables.items())
        done = subprocess.run(
            ['gnuplot', '-e', settings, str(BENCH / self.script)],
            check=False)
        if done.returncode:
            raise Failure(f'gnuplot does not draw {into}: see above')


def where(data: Dict[str, Any]) -> List[str]:
    """Machine, command and how often, a line each."""
    lines = [f'Machine: {data["machine"]}; {data["kernel"]}']
    if 'qemu' in data:
        xen = f'Xen {data["xen"]}; ' if 'xen' in data else ''
        lines.append(f'{data["qemu"]}, accelerator {data["accelerator"]}; '
                     f'{xen}Debian kernel {data["guest_kernel"]}')
    lines.append(f'Command: `{data["command"]}`, on {data["date"]}'
                 + (f', commit {data["commit"]}' if 'commit' in data else ''))
    return lines


def without_licence(text: str) -> str:
    """A file's text behind its first comment."""
    return re.sub(r'\A<!-- SPDX[^\n]*-->\n', '', text).strip('\n')


def notes(benchmark: str) -> str:
    """A list of the dated notes on a benchmark, newest first."""
    found = sorted((DOCS / 'notes').glob(f'*-{benchmark}*.md'), reverse=True)
    lines = []
    for path in found:
        text = path.read_text(encoding='utf-8')
        title = re.search(r'^# (.*)', text, re.MULTILINE)
        lines.append(f'* [{title[1] if title else path.stem}]'
                     f'(notes/{path.name})')
    return '\n'.join(lines) or 'None yet.'


def page(data: Dict[str, Any], title: str, rounds: str,
         tables: Sequence[Table], plots: Sequence[Plot],
         about: Dict[str, Any]) -> str:
    """The page's text."""
    # pylint: disable=too-many-arguments
    name = data['benchmark']
    described = without_licence(
        (BENCH / 'about' / f'{name}.md').read_text(encoding='utf-8'))
    template = Template((BENCH / 'page.md.in').read_text(encoding='utf-8'))
    return template.substitute(
        name=name, title=title,
        where='\n'.join(f'* {line}' for line in [*where(data), rounds]),
        about=Template(described).substitute({**about, **data}),
        tables='\n\n'.join(table.markdown() for table in tables),
        plots='\n'.join(f'![{plot.label}]({name}/{plot.name}.svg)'
                        for plot in plots),
        notes=notes(name))
