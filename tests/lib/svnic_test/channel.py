# SPDX-License-Identifier: GPL-2.0-or-later
"""
The messages between a job in the guest and the host.

The channel is the guest's second serial port.  A message is a line:

  @up              the job starts; the answer is the number of this boot
  @progress TEXT   shown to the user
  @qmp JSON        a QMP command; the answer is QEMU's, or a refusal
  @host WORD       a request that the test has a function for; its answer
  @cpu             the answer is QEMU's CPU time in milliseconds
  @exit STATUS     the job has ended
  anything else    a result, for the host's stdout

The guest is not trusted: it gets the QMP commands that its test allows, with
the arguments that the test allows, and no others.  A line may have LONGEST
bytes.
"""

import json
from typing import Any, Callable, Dict, Mapping, Optional, Sequence

#: The longest line that is taken from a guest, in bytes.
LONGEST = 65536

Answerer = Callable[[], str]


class LineTooLong(Exception):
    """The guest sent more than LONGEST bytes without the end of a line."""


class Allowed:
    """
    One QMP command that a guest may give.

    arguments: the exact value of each argument that must be there.  Other
    arguments are refused.
    """

    def __init__(self, command: str, **arguments: object):
        self.command = command
        self.arguments = arguments

    def matches(self, command: object, arguments: object) -> bool:
        """Whether a guest's command is this one."""
        return command == self.command and arguments == self.arguments


def refusal(why: str) -> Dict[str, Any]:
    """An answer in the form of QEMU's own errors."""
    return {'error': {'class': 'Refused',
                      'desc': f'refused by the host: {why}'}}


class Channel:
    """
    Takes bytes from the guest and gives back the bytes of the answers.

    qmp: sends a command with its arguments to QEMU; returns the answer.
    allowed: the commands that may be sent so.
    host: the functions for @host, by word.
    cpu: QEMU's CPU time in milliseconds.
    result, progress: take the job's lines.
    """

    def __init__(self,
                 qmp: Callable[[str, Dict[str, object]], Mapping[str, Any]],
                 allowed: Sequence[Allowed],
                 host: Mapping[str, Answerer],
                 cpu: Callable[[], int],
                 result: Callable[[str], None],
                 progress: Callable[[str], None]):
        # pylint: disable=too-many-arguments
        self._qmp = qmp
        self._allowed = allowed
        self._host = host
        self._cpu = cpu
        self._result = result
        self._progress = progress
        self._rest = b''
        self._boots = 0
        #: The job's status, once it has ended.
        self.status: Optional[int] = None

    def feed(self, data: bytes) -> bytes:
        """Handle what the guest sent; return what it is to be answered."""
        *lines, self._rest = (self._rest + data).split(b'\n')
        if len(self._rest) > LONGEST or any(len(line) > LONGEST
                                            for line in lines):
            raise LineTooLong()
        answers = (self._line(line.decode('utf-8', 'replace'))
                   for line in lines)
        return b''.join(answer.encode() + b'\n' for answer in answers
                        if answer is not None)

    def _line(self, line: str) -> Optional[str]:
        """Handle one message; return its answer, if it has one."""
        kind, _, text = line.partition(' ')
        answer = None
        if line == '@up':
            self._boots += 1
            answer = str(self._boots)
        elif line == '@cpu':
            answer = str(self._cpu())
        elif kind == '@progress':
            self._progress(text)
        elif kind == '@qmp':
            answer = json.dumps(self._command(text))
        elif kind == '@host':
            if text in self._host:
                answer = self._host[text]()
            else:
                answer = f'refused by the host: this test has no {text!r}'
        elif kind == '@exit':
            self.status = int(text) if text.isdigit() else 1
        else:
            self._result(line.rstrip())
        return answer

    def _command(self, text: str) -> Mapping[str, Any]:
        """A QMP command of the guest's, if it is one that is allowed."""
        try:
            command = json.loads(text)
        except ValueError as error:
            return refusal(f'not JSON: {error}')
        if not isinstance(command, dict) or \
                not set(command) <= {'execute', 'arguments'}:
            return refusal('not a QMP command: an object with execute and '
                           'arguments')
        execute = command.get('execute')
        arguments = command.get('arguments', {})
        if not any(one.matches(execute, arguments) for one in self._allowed):
            known = ', '.join(json.dumps({'execute': one.command,
                                          'arguments': one.arguments})
                              for one in self._allowed)
            return refusal(f'{json.dumps(command)} is not a command that this '
                           f'test allows; those are: {known or "none"}')
        return self._qmp(str(execute), arguments)
