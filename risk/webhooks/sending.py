"""One attempt: a signed POST to an address that was asked about, which follows nobody anywhere and reads no answer but its status."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping

from features.errors import FrailtyError
from risk.settings import Settings
from risk.webhooks.addresses import Target, resolved, target

#: Seconds without a byte, and seconds in all, after which an attempt is given up.
SILENT, WHOLE = 10, 20
#: Why an attempt failed, beside ``status NNN``: words of ours, since what a receiver says may be anything.
NOT_ALLOWED, NO_ANSWER = "address not allowed", "no answer"


class Failed(Exception):
    """The attempt was not taken in; ``why`` in a word or two, ``status`` where the receiver gave one."""

    def __init__(self, why: str, status: int | None = None) -> None:
        super().__init__(why)
        self.why, self.status = why, status


def post(url: str, body: bytes, headers: Mapping[str, str], settings: Settings) -> int:
    """POST ``body``; the status, of 200 to 299. :class:`Failed` else: a redirect is not followed, a proxy of the environment not used."""
    try:
        to = target(url, settings)
        address = resolved(to, settings)
    except FrailtyError as error:
        raise Failed(NOT_ALLOWED) from error
    connection = _Pinned(to, address)
    late = threading.Timer(WHOLE, connection.cut)
    late.daemon = True
    late.start()
    try:
        connection.request(
            "POST", to.path, body, {"Content-Type": "application/json", "User-Agent": "frailty-risk", **headers}
        )
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise Failed(NO_ANSWER) from error
    finally:
        late.cancel()
        connection.close()
    if not 200 <= status < 300:
        raise Failed(f"status {status}", status)
    return status


class _Pinned(http.client.HTTPConnection):
    """A connection to ``address``, which says and proves that it is to the target's host."""

    def __init__(self, to: Target, address: str) -> None:
        super().__init__(to.host, to.port, timeout=SILENT)
        self._to, self._address = to, address
        self.default_port = 443 if to.scheme == "https" else 80  # which the header Host leaves out

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._to.scheme == "https":
            context = ssl.create_default_context()
            # Its own step, so that whoever is slow at it can be cut off.
            safe = context.wrap_socket(self.sock, server_hostname=self._to.host, do_handshake_on_connect=False)
            self.sock = safe
            safe.do_handshake()

    def cut(self) -> None:
        """End the attempt, whatever it waits for."""
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return
