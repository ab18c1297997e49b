"""An issuer of log-ins that answers as none should."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

#: By path. What is large would be an object, were it read to its end.
SAYS = {
    "/large": b'{"keys": [' + b'"x",' * 1_000_000 + b'"x"]}',
    "/list": b"[]",
    "/words": b"no keys",
    "/away": b"{}",
    "/target": b'{"keys": []}',
}


class _Astray(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", "/target")
        self.send_header("Content-Length", str(len(SAYS[self.path])))
        self.end_headers()
        try:
            self.wfile.write(SAYS[self.path])
        except OSError:
            self.asked.append("it hung up")

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""


@contextmanager
def astray() -> Iterator[tuple[str, list[str]]]:
    """Its address, on loopback, and the paths that it was asked for."""
    asked: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), type("Astray", (_Astray,), {"asked": asked}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
