"""A client of the service, as a care-coordination tool would be: it knows an address and a token, and nothing else."""

from __future__ import annotations

import base64
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from features.errors import MissingPart


@dataclass(frozen=True)
class Answer:
    """What the service answered."""

    status: int
    body: dict[str, Any]


@dataclass(frozen=True)
class Client:
    """Calls the service at ``address`` with a bearer token (None: as nobody)."""

    address: str
    token: str | None = None

    def get(self, path: str) -> Answer:
        """GET ``path``; a problem document is an answer like any other."""
        return self._send(urllib.request.Request(f"{self.address}{path}", headers=self._headers()))  # noqa: S310

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """POST ``body`` as JSON."""
        headers = {**self._headers(), "Content-Type": "application/json"}
        return self._send(urllib.request.Request(f"{self.address}{path}", json.dumps(body).encode(), headers))  # noqa: S310

    def token_for(self, client_id: str, secret: str) -> Answer:
        """A token for a client's secret (RFC 6749 section 4.4), which goes in the header alone."""
        proof = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
        headers = {"Accept": "application/json", "Authorization": f"Basic {proof}"}
        form = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
        return self._send(urllib.request.Request(f"{self.address}/v1/token", form, headers))  # noqa: S310

    def _headers(self) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {"Accept": "application/json", **bearer}

    def _send(self, request: urllib.request.Request) -> Answer:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return Answer(answer.status, json.load(answer))
        except urllib.error.HTTPError as error:
            return Answer(error.code, json.loads(error.read() or b"{}"))

    def page(self, path: str) -> int:
        """The status of a page for people."""
        try:
            with urllib.request.urlopen(f"{self.address}{path}", timeout=30) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Ask ``/ready`` until it says yes; :class:`MissingPart` when it does not within ``seconds``."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                if self.get("/ready").status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.2)
        raise MissingPart(f"the service at {self.address} was not ready within {seconds:.0f} s; see its log above")
