"""The issuers by which people log in: a file of the area's, and the only addresses that the log-in ever asks.

An address is never taken from a token, from an answer or from a discovery document: what the file does not name is not asked.
"""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from features.errors import MissingPart

#: Largest answer of an issuer that is read, in bytes, and how long it may take, in seconds.
LARGEST, LONGEST = 256 * 1024, 10
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def _address(said: str) -> str:
    found = urllib.parse.urlsplit(said)
    if found.username or found.fragment or not found.hostname:
        raise ValueError("expected an address without a user or a fragment")
    if found.scheme != "https" and not (found.scheme == "http" and found.hostname in LOOPBACK):
        raise ValueError("expected https, or http on this machine alone")
    return said


Address = Annotated[str, AfterValidator(_address)]


class Issuer(BaseModel):
    """One issuer. ``claims``: ``cis2``, whose *selected* role's organisation counts (``selected_roleid`` of the id token, found in
    ``nhsid_nrbac_roles`` of the user's details: https://digital.nhs.uk/services/care-identity-service, Role selection); or ``plain``, whose id token has
    ``organisation`` and ``scheme``. ``subjects`` goes before what it calls somebody, so that two issuers' people stay apart in the directory."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(min_length=1, max_length=100)
    issuer: str = Field(min_length=1)
    client_id: str = Field(min_length=1)
    secret: Path | None = None
    authorize: Address
    token: Address
    jwks: Address
    userinfo: Address | None = None
    scope: str = "openid profile selectedrole nationalrbacaccess"
    claims: Literal["cis2", "plain"] = "cis2"
    subjects: str = ""

    def client_secret(self) -> str | None:
        """The secret in its file; :class:`MissingPart` where it is not there."""
        if self.secret is None:
            return None
        try:
            return self.secret.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise MissingPart(f"expected the secret of the issuer {self.name} in {self.secret}, could not read it") from error  # fmt: skip


class Unreachable(MissingPart):
    """An issuer does not answer, or not as it should."""


class BackChannel(Protocol):
    """What the service itself asks an issuer, past the browser."""

    def token(self, form: dict[str, str]) -> dict[str, Any]: ...

    def details(self, access_token: str) -> dict[str, Any]: ...

    def keys(self) -> dict[str, Any]: ...


class OverHttp:
    """The addresses of the file, and nothing that they point to: a redirect is an error."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self._opener = urllib.request.build_opener(_NoRedirects)

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        secret = self._issuer.client_secret()
        sent = form | ({"client_secret": secret} if secret else {})
        return self._ask(self._issuer.token, urllib.parse.urlencode(sent).encode())

    def details(self, access_token: str) -> dict[str, Any]:
        if self._issuer.userinfo is None:
            return {}
        return self._ask(self._issuer.userinfo, None, {"Authorization": f"Bearer {access_token}"})

    def keys(self) -> dict[str, Any]:
        return self._ask(self._issuer.jwks, None)

    def _ask(self, address: str, body: bytes | None, headers: dict[str, str] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(address, body, {"Accept": "application/json", **(headers or {})})  # noqa: S310
        try:
            with self._opener.open(request, timeout=LONGEST) as answer:
                found = orjson.loads(answer.read(LARGEST))
        except (OSError, urllib.error.URLError, orjson.JSONDecodeError) as error:
            raise Unreachable(f"the issuer {self._issuer.name} does not answer as it should; try again") from error
        if not isinstance(found, dict):
            raise Unreachable(f"the issuer {self._issuer.name} answered with something else than an object")
        return found


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None
