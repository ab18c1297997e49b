"""A fresh installation, driven as its users drive it: by command line and over HTTP."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from risk.demo.client import Client
from tests.area import FRAILTY, frailty


class Installation:
    """A fresh installation in a folder."""

    def __init__(self, folder: Path, today: str) -> None:
        self.folder = folder
        self.environment = {
            "FRAILTY_HOME": str(folder / "home"),
            "FRAILTY_ENVIRONMENT": "test",
            "FRAILTY_TRACKING": f"sqlite:///{folder / 'mlflow.db'}",
            "FRAILTY_TODAY": today,
        }

    def run(self, *arguments: str) -> dict[str, Any]:
        """Run ``frailty`` with ``--json``; what it printed."""
        print(f"\n$ frailty {' '.join(re.sub(r'.*/', '…/', word) for word in arguments)}", flush=True)
        done = frailty(self.environment, *arguments, "--json", cwd=self.folder)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def accounted_for(ingested: dict[str, Any]) -> Counter[str]:
    """Every row read was accepted, quarantined or dropped; how many were caught, by reason or rule."""
    caught: Counter[str] = Counter()
    for extract in ingested["extracts"]:
        for row in extract["entries"]:
            assert row["read"] == row["accepted"] + sum(row["quarantined"].values()) + sum(row["dropped"].values()), row
            caught.update(row["quarantined"])
            caught.update(row["dropped"])
    return caught


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def serving(installation: Installation, practice: str) -> Iterator[tuple[str, str]]:
    """The service on loopback, and a token of a client granted ``practice``."""
    client = installation.run("client", "add", "acceptance", "--practice", practice)
    token = installation.run("client", "token", client["client_id"])["token"]
    port = free_port()
    process = subprocess.Popen(
        [str(FRAILTY), "serve", "--port", str(port)],
        env={**os.environ, **installation.environment},
        cwd=installation.folder,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        Client(address).wait_until_ready()
        yield address, token
    finally:
        process.terminate()
        process.wait(20)


def ask(address: str, path: str, token: str) -> dict[str, Any]:
    """GET ``path`` as the client; the answer must be 200."""
    answer = Client(address, token).get(path)
    assert answer.status == 200, answer.body
    return answer.body
