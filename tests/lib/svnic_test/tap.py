# SPDX-License-Identifier: GPL-2.0-or-later
"""The cases of a test in TAP, numbered, with the plan at the end."""

import re
from typing import Iterable, Optional


class Tap:
    """Prints TAP on stdout."""

    def __init__(self) -> None:
        self.cases = 0
        self.failed = 0

    def line(self, text: str) -> None:
        """
        A line of a job: "ok - SENTENCE" and "not ok - SENTENCE" get a number,
        anything else is printed as it is.
        """
        case = re.match(r'(ok|not ok) - (.*)', text, re.DOTALL)
        if not case:
            print(text, flush=True)
            return
        self.cases += 1
        if case[1] != 'ok':
            self.failed += 1
        print(f'{case[1]} {self.cases} - {case[2]}', flush=True)

    def case(self, sentence: str, passed: bool,
             notes: Iterable[str] = ()) -> None:
        """A case of the host's; the notes are shown if it failed."""
        self.line(f'{"ok" if passed else "not ok"} - {sentence}')
        if not passed:
            for note in notes:
                print(f'# {note}', flush=True)

    def matches(self, sentence: str, pattern: str, text: str) -> None:
        """A case: a line of the text matches the regular expression."""
        lines = [line.rstrip('\r') for line in text.splitlines()]
        self.case(sentence, any(re.search(pattern, line) for line in lines),
                  [f'no line matches {pattern!r} in:'] + lines[-12:])

    def skip(self, sentence: str, reason: Optional[str]) -> None:
        """A case that cannot run here."""
        self.line(f'ok - {sentence} # SKIP {reason}')

    def plan(self) -> None:
        """The end."""
        print(f'1..{self.cases}', flush=True)
