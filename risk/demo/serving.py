"""The service of the demonstration: started by its own command, with a client that may read one practice."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from features.errors import MissingPart
from risk.demo.client import Client
from risk.demo.people import write_directory
from risk.demo.story import FRAILTY, Demo


@dataclass(frozen=True)
class Service:
    """A running service: its address, a practice, and the token of a client that may read that practice."""

    address: str
    practice: str
    token: str
    process: subprocess.Popen[str]

    @property
    def client(self) -> Client:
        return Client(self.address, self.token)

    @property
    def nobody(self) -> Client:
        return Client(self.address)

    def wait(self) -> None:
        """Until the service ends, or the user ends it."""
        try:
            self.process.wait()
        except KeyboardInterrupt:
            self.process.terminate()
            self.process.wait(20)


@contextmanager
def served(demo: Demo, practice: str, port: int) -> Iterator[Service]:
    """Register a client, issue its token and start the service; it ends with the context."""
    demo.step("directory", "org", "import", str(write_directory(demo.folder, practice)))
    client = demo.step("client", "client", "add", "demo tool", "--practice", practice)
    token = demo.frailty("client", "token", client["client_id"], "--minutes", "480")["token"]
    log = demo.folder / "service.log"
    with log.open("w") as heard:
        process = subprocess.Popen(
            [*FRAILTY, "serve", "--port", str(port), "--json"],
            env=demo.environment, stdout=subprocess.PIPE, stderr=heard, text=True,
        )  # fmt: skip
        try:
            yield Service(_address(process, log.name), practice, token, process)
        finally:
            process.terminate()
            process.wait(20)


def _address(process: subprocess.Popen[str], log: str) -> str:
    """The address that the service printed, once it is ready; :class:`MissingPart` where it ended instead."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line.startswith("}"):
            address: str = json.loads(said)["address"]
            Client(address).wait_until_ready()
            return address
    raise MissingPart(f"the service ended before it was ready; {log} in the demo's folder says why")
