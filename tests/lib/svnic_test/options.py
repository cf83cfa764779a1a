# SPDX-License-Identifier: GPL-2.0-or-later
"""
The command lines of the demos and benchmarks: words in pairs, "--name value".

Each program can be called with --check first: it then only says whether it
understands the rest.  svnic does that before it builds anything.
"""

import os
import re
import shlex
import sys
from typing import Callable, Dict, List, Mapping

from .settings import Failure

#: Takes an option's name and its text; raises Failure if that cannot be.
Parser = Callable[[str, str], object]


def number(most: int, least: int = 1) -> Parser:
    """A number in that range, without leading zeros."""
    def parse(name: str, text: str) -> int:
        if not re.fullmatch('0|[1-9][0-9]{0,8}', text) or \
                not least <= int(text) <= most:
            raise Failure(f"{name} '{text}': must be {least} to {most}")
        return int(text)
    return parse


def numbers(most: int) -> Parser:
    """Several numbers, at least one."""
    def parse(name: str, text: str) -> List[int]:
        one = number(most)
        if not text.split():
            raise Failure(f"{name} '{text}': must be 1 to {most}, one or more")
        return [int(str(one(name, word))) for word in text.split()]
    return parse


def seconds(name: str, text: str) -> float:
    """More than none and less than an hour, with a fraction or without."""
    if not re.fullmatch(r'(0|[1-9][0-9]*)(\.[0-9]+)?', text) or \
            len(text) > 6 or not 0 < float(text) < 3600:
        raise Failure(f"{name} '{text}': must be seconds, as 0.5 or 2, and "
                      'less than 3600')
    return float(text)


def writable_file(_name: str, text: str) -> str:
    """A file that can be written."""
    where = text if os.path.exists(text) else os.path.dirname(text) or '.'
    if os.path.isdir(text) or not text or not os.access(where, os.W_OK):
        raise Failure(f'{text} cannot be written: name another file')
    return text


def words_of(known: List[str], usage: str) -> Parser:
    """Words of a list, at least one."""
    def parse(_name: str, text: str) -> List[str]:
        if not text.split() or not set(text.split()) <= set(known):
            raise Failure(usage)
        return text.split()
    return parse


class Options:
    """
    The command line, taken apart.

    usage: the whole message; parsers: by option; what is given is in `given`.
    """

    def __init__(self, usage: str, parsers: Mapping[str, Parser]):
        words = sys.argv[1:]
        #: Only say whether the rest is understood.
        self.check = words[:1] == ['--check']
        if self.check:
            del words[0]
        self.words = words
        self.given: Dict[str, object] = {}
        while words:
            if words[0] not in parsers or len(words) < 2:
                raise Failure(usage)
            name = words[0]
            self.given[name[2:]] = parsers[name](name, words[1])
            words = words[2:]

    def command(self, start: str) -> str:
        """The command as the user gave it."""
        return shlex.join([*start.split(), *self.words])
