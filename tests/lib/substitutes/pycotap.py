# SPDX-License-Identifier: GPL-2.0-or-later
"""
What QEMU's functional tests use of pycotap, which is in no package of Debian
12: a runner for unittest that prints TAP.  tests/functional/run puts it on the
search path where the real one is missing.
"""

import enum
import unittest
from typing import Any, Optional, Union


class LogMode(enum.Enum):
    """Where a test's messages and output go: here always where they are."""

    LogToError = 0  # pylint: disable=invalid-name


class TAPTestResult(unittest.TestResult):
    """Prints a line for each test."""

    number = 0

    def _line(self, word: str, test: unittest.TestCase,
              comment: str = '') -> None:
        self.number += 1
        print(f'{word} {self.number} {test.id()}{comment}', flush=True)

    def addSuccess(self, test: unittest.TestCase) -> None:
        super().addSuccess(test)
        self._line('ok', test)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        super().addSkip(test, reason)
        self._line('ok', test, f' # SKIP {reason}')

    def _bad(self, test: unittest.TestCase, why: str) -> None:
        self._line('not ok', test)
        for line in why.rstrip().split('\n'):
            print(f'# {line}', flush=True)

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        super().addFailure(test, err)
        self._bad(test, self.failures[-1][1])

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        super().addError(test, err)
        self._bad(test, self.errors[-1][1])


class TAPTestRunner:
    """Runs a suite."""

    def __init__(self, message_log: Optional[LogMode] = None,
                 test_output_log: Optional[LogMode] = None):
        del message_log, test_output_log

    @staticmethod
    def run(suite: Union[unittest.TestSuite,
                         unittest.TestCase]) -> TAPTestResult:
        """All tests of a suite, and the plan."""
        result = TAPTestResult()
        suite.run(result)
        print(f'1..{result.number}', flush=True)
        return result
