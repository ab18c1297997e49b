"""A MESH of the tests' own: mesh-sandbox as a process, with its own mailboxes."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

from risk.parts import mesh_sandbox

#: Mailboxes that the sandbox knows, and what it asks for.
OURS, FIRST, SECOND = "X26ABC1", "X26ABC2", "X26ABC3"
PASSWORD, SHARED_KEY = "password", "a-key-of-the-tests"


@contextmanager
def sandbox() -> Iterator[str]:
    """A sandbox; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "STORE_MODE": "memory", "AUTH_MODE": "full", "SHARED_KEY": SHARED_KEY}
    command = [
        mesh_sandbox() or "",
        "-m",
        "uvicorn",
        "mesh_sandbox.api:app",
        "--port",
        str(port),
        "--log-level",
        "warning",
    ]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            _answers(f"{address}/health", process)
            yield address
        finally:
            process.terminate()


def _answers(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, ConnectionError):
            time.sleep(0.05)
    raise AssertionError("the sandbox did not answer")
