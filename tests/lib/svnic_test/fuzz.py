# SPDX-License-Identifier: GPL-2.0-or-later
"""
What tests/fuzz/run needs to build the fuzzers of the firmware, to translate
their inputs, and to measure what they reach.
"""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import List, Tuple

from .settings import BUILD, TOP, Failure

HERE = TOP / 'tests' / 'fuzz'
#: The newest clang that both Debian 12 and 13 have.
CLANG = 'clang-19'
LLVM = Path('/usr/lib/llvm-19/bin')
OUT = BUILD / 'fuzz'

#: Compiler flags, and whether coverage guides, by binary.
VARIANTS = {
    'firmware': ('-fsanitize=address,undefined -fno-sanitize-recover=all',
                 True),
    'threads': ('-fsanitize=thread', True),
    'coverage': ('-fprofile-instr-generate -fcoverage-mapping', False),
}
FLAGS = ('-std=gnu11 -g -O2 -fno-omit-frame-pointer -Wall -Wextra -Werror '
         '-Wno-unused-parameter -Wno-missing-field-initializers '
         '-fno-strict-aliasing -fno-common -fwrapv '
         '-Ifirmware-stub -I. -Iinclude -Itests/unit -Itests/fuzz')
#: Comparisons are no help: operations carry numbers, not magic values.
GUIDE = '-fsanitize=fuzzer-no-link -fno-sanitize-coverage=trace-cmp'


def sources(main: str) -> List[Tuple[str, bool]]:
    """The files of a fuzzer, and whether it is they that are fuzzed."""
    files = []
    for directory in ('firmware-stub', 'hw/net/sv-nic/chip'):
        listed = (TOP / directory / 'sources.txt').read_text('ascii')
        files += [(f'{directory}/{name}', True) for name in listed.split()]
    files += [(f'tests/unit/{path.name}', False)
              for path in sorted((TOP / 'tests/unit').glob('fake_*.c'))]
    files += [(f'tests/unit/{name}.c', False) for name in ('guest', 'card')]
    files += [(f'tests/fuzz/{name}.c', False)
              for name in ('world', 'check', 'ops', main)]
    return files


def _glib(what: str) -> str:
    done = subprocess.run(['pkg-config', what, 'glib-2.0'], check=False,
                          stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise Failure('pkg-config does not know glib-2.0: run ./svnic build')
    return done.stdout.strip()


def _ninja_file() -> str:
    """A build file for all variants."""
    launcher = '/usr/lib/ccache' if os.path.isdir('/usr/lib/ccache') else ''
    compiler = f'ccache {CLANG}' if launcher else CLANG
    lines = [f'cflags = {FLAGS} {_glib("--cflags")}',
             f'libs = {_glib("--libs")} -lpthread',
             'rule cc',
             f'  command = cd {TOP} && {compiler} $cflags $extra -MD -MF '
             '$out.d -c $in -o $out',
             '  depfile = $out.d',
             '  description = CC $out',
             'rule link',
             f'  command = {CLANG} -fsanitize=fuzzer $extra $in -o $out $libs',
             '  description = LINK $out']
    for variant, (flags, guided) in VARIANTS.items():
        main = 'fuzz-threads' if variant == 'threads' else 'fuzz-firmware'
        objects = []
        for name, fuzzed in sources(main):
            # The hash unit builds tables at each reset: it would drown all.
            guide = guided and fuzzed and 'hash' not in name
            out = f'{OUT}/{variant}.p/{name.replace("/", "_")}.o'
            objects.append(out)
            lines += [f'build {out}: cc {TOP}/{name}',
                      f'  extra = {flags} {GUIDE if guide else ""}']
        lines += [f'build {OUT}/fuzz-{variant}: link {" ".join(objects)}',
                  f'  extra = {flags}']
    return '\n'.join(lines) + '\n'


def build(variants: List[str]) -> None:
    """Build fuzzers; what the compiler says is shown if it fails."""
    OUT.mkdir(parents=True, exist_ok=True)
    file = OUT / 'build.ninja'
    text = _ninja_file()
    if not file.exists() or file.read_text('utf-8') != text:
        file.write_text(text, 'utf-8')
    done = subprocess.run(['ninja', '-C', str(OUT)] +
                          [f'{OUT}/fuzz-{name}' for name in variants],
                          check=False, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode:
        raise Failure(f'the build failed:\n{done.stdout[-3000:]}')


# ---- inputs ----

def operations() -> List[Tuple[str, str]]:
    """Names and arguments, from ops.h."""
    text = (HERE / 'ops.h').read_text('ascii')
    return re.findall(r'\bOP\((\w+), "([bwd]*)"\)', text)


def translate(text: str) -> bytes:
    """The input that operations by name are; see ops.h."""
    numbers = {name: (number, args)
               for number, (name, args) in enumerate(operations())}
    data = bytearray()
    for line in text.splitlines():
        words = line.split('#')[0].split()
        if not words:
            continue
        if words[0] == 'card':
            data.append(int(words[1]))
            continue
        number, args = numbers[words[0]]
        if len(args) != len(words) - 1:
            raise Failure(f"'{line}': {len(args)} arguments are needed")
        data.append(number)
        for kind, word in zip(args, words[1:]):
            size = {'b': 1, 'w': 2, 'd': 4}[kind]
            if not 0 <= int(word) < 1 << 8 * size:
                raise Failure(f"'{line}': {word} has over {size} bytes")
            data += int(word).to_bytes(size, 'little')
    return bytes(data)


def explain(data: bytes) -> List[str]:
    """The operations of an input."""
    known = operations()
    lines = [f'card {data[0]}'] if data else []
    at = 1
    while at < len(data):
        name, args = known[data[at] % len(known)]
        at += 1
        words = [name]
        for kind in args:
            size = {'b': 1, 'w': 2, 'd': 4}[kind]
            words.append(str(int.from_bytes(data[at:at + size], 'little')))
            at += size
        lines.append(' '.join(words))
    return lines


def write_seeds(directory: Path) -> None:
    """Translate seeds/ into a corpus."""
    directory.mkdir(parents=True, exist_ok=True)
    for path in sorted((HERE / 'seeds').glob('*.ops')):
        data = translate(path.read_text('ascii'))
        (directory / path.stem).write_bytes(data)


# ---- coverage ----

def coverage(corpora: List[Path]) -> Tuple[float, List[str]]:
    """Percent of lines of firmware-stub that inputs reach, and by file."""
    raw = OUT / 'coverage.profraw'
    profile = OUT / 'coverage.profdata'
    binary = str(OUT / 'fuzz-coverage')
    done = subprocess.run([binary, '-runs=0', '-detect_leaks=0',
                           *map(str, corpora)], check=False,
                          env={**os.environ, 'LLVM_PROFILE_FILE': str(raw)},
                          stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise Failure(f'the corpus does not run:\n{done.stderr[-2000:]}')
    files = [str(TOP / name) for name, _ in sources('fuzz-firmware')
             if name.startswith('firmware-stub/')]
    subprocess.run([str(LLVM / 'llvm-profdata'), 'merge', str(raw), '-o',
                    str(profile)], check=True)
    report = json.loads(subprocess.run(
        [str(LLVM / 'llvm-cov'), 'export', '-summary-only', binary,
         f'-instr-profile={profile}', *files], check=True,
        stdout=subprocess.PIPE).stdout)['data'][0]
    table = []
    for entry in report['files']:
        lines = entry['summary']['lines']
        table.append(f'{os.path.basename(entry["filename"]):12}'
                     f'{lines["covered"]:5} of {lines["count"]:4} lines '
                     f'{lines["percent"]:6.1f} %')
    return float(report['totals']['lines']['percent']), table


def shell(words: List[str]) -> str:
    """A command as a user types it."""
    return shlex.join(words)
