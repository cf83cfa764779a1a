# SPDX-License-Identifier: GPL-2.0-or-later
"""
The outside that guests talk to: an HTTP server on the host's loopback, which
a guest finds at 10.0.2.2 of QEMU's user network.
"""

import errno
import hashlib
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Dict, Optional, Type

from .settings import Failure


class _Handler(BaseHTTPRequestHandler):
    """GET /data; POST /cgi-bin/sum gives the SHA-256 of what is posted."""

    #: Seconds without a byte after which a guest's connection is dropped.
    timeout = 60
    data = b''

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header('Content-Type', 'application/octet-stream')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:  # pylint: disable=invalid-name
        """The file."""
        if self.path == '/data':
            self._reply(200, self.data)
        else:
            self._reply(404, b'')

    def do_POST(self) -> None:  # pylint: disable=invalid-name
        """The sum of a file."""
        length = self.headers.get('Content-Length', '')
        if self.path != '/cgi-bin/sum' or not length.isdigit():
            self._reply(404, b'')
            return
        left = int(length)
        total = hashlib.sha256()
        while left:
            part = self.rfile.read(min(left, 65536))
            if not part:
                return
            total.update(part)
            left -= len(part)
        self._reply(200, total.hexdigest().encode() + b'\n')

    def log_message(self, format: str, *args: object) -> None:
        # pylint: disable=redefined-builtin
        """Nothing: the guest's job says what it does."""


class Outside:
    """
    The server, in a thread of its own, for as long as the `with` block lasts.

    size: bytes of the file; port: any free one if it is 0.
    """

    def __init__(self, size: int, port: int = 0):
        self.size = size
        data = os.urandom(size)
        self.sum = hashlib.sha256(data).hexdigest()
        handler: Type[_Handler] = type('Handler', (_Handler,), {'data': data})
        try:
            self._server = ThreadingHTTPServer(('127.0.0.1', port), handler)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Failure(
                    f'cannot serve at port {port} of the loopback, it is in '
                    'use: choose another --port, or none to have a free one '
                    'found') from error
            raise Failure(f'cannot serve at port {port} of the loopback: '
                          f'{error.strerror}') from error
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever,
                                        daemon=True)

    def env(self) -> Dict[str, object]:
        """What the guest's jobs know of it."""
        return {'HTTP_PORT': self.port, 'HTTP_SUM': self.sum,
                'HTTP_SIZE': self.size}

    def __enter__(self) -> 'Outside':
        self._thread.start()
        return self

    def __exit__(self, exc_type: Optional[Type[BaseException]],
                 exc_val: Optional[BaseException],
                 exc_tb: Optional[TracebackType]) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
