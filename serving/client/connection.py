"""One connection to the service: a token when one is needed, an answer or the problem in its place."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, TypeVar

import httpx2
from pydantic import BaseModel

from serving.client.problems import ApiProblem, Unauthenticated
from serving.client.proof import Proof
from serving.shapes.service import Token

T = TypeVar("T", bound=BaseModel)
#: Seconds before a token's end at which another is asked for.
EARLY = 30


class Connection:
    """Client credentials (RFC 6749 section 4.4) kept fresh. The proof goes to ``/v1/token`` alone."""

    def __init__(
        self, address: str, client_id: str, proof: Proof, *, scope: str | None = None, http: httpx2.Client | None = None
    ) -> None:
        self._owned = http is None
        self._http = http or httpx2.Client(timeout=30)
        self._address = address.rstrip("/")
        self._client_id, self._proof, self._scope = client_id, proof, scope
        self._token, self._until = "", 0.0

    def close(self) -> None:
        """Close the connection, unless it was given from outside."""
        if self._owned:
            self._http.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """The answer, 2xx or 304; :class:`ApiProblem` for any other. A token that the service takes no more is replaced once."""
        given = {name: value for name, value in (params or {}).items() if value is not None}
        for again in (False, True):
            bearer = {"Authorization": f"Bearer {self._fresh(again)}", "Accept": "application/json"}
            answer = self._http.request(
                method, self._address + path, params=given, json=json, headers={**bearer, **(headers or {})}
            )
            if answer.status_code == 304 or answer.is_success:
                return answer
            problem = _problem(answer)
            if again or not isinstance(problem, Unauthenticated):
                raise problem
        raise AssertionError("the second answer is given or raised")

    def _fresh(self, anew: bool) -> str:
        if anew or time.monotonic() > self._until:
            address = f"{self._address}/v1/token"
            proof, auth = self._proof.shown(self._client_id, address)
            form = {"grant_type": "client_credentials", **proof, **({"scope": self._scope} if self._scope else {})}
            basic: dict[str, Any] = {} if auth is None else {"auth": auth}
            answer = self._http.post(address, data=form, **basic)
            if not answer.is_success:
                raise _problem(answer)
            token = read(Token, answer)
            self._token, self._until = token.access_token, time.monotonic() + token.expires_in - EARLY
        return self._token


def read(shape: type[T], answer: httpx2.Response) -> T:
    """The answer as ``shape``; what a later service adds is passed over."""
    return shape.model_validate_json(answer.content, extra="ignore")


def _problem(answer: httpx2.Response) -> ApiProblem:
    try:
        document = answer.json()
    except ValueError:
        document = {}
    return ApiProblem.of(
        answer.status_code, document if isinstance(document, dict) else {}, answer.headers.get("x-request-id")
    )
