"""Tokens for clients that prove who they are (OAuth 2.0 client credentials, RFC 6749 §4.4): by an assertion that they sign (RFC 7523 §2.2; SMART App
Launch 2.2, "Backend Services"), or by a secret where the installation still takes one."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, unquote_plus

import orjson
from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response

from risk import clients
from risk.audit import Event
from risk.client_keys import of_client
from risk.clients import Access
from serving.documented import documents, token_request
from serving.installation import Installation
from serving.problems import Problem
from serving.security import assertions
from serving.shapes.service import Token

router = APIRouter(prefix="/v1", tags=["tokens"])
PATH = "/v1/token"
#: The one kind of assertion that is taken (RFC 7523 §2.2).
SIGNED = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#: Secrets checked at once, and callers who may wait: checking one is made costly on purpose.
AT_ONCE, WAITING = 2, 32
_limiter = CapacityLimiter(AT_ONCE)


@router.post(
    "/token",
    summary="A bearer token for a client that proves who it is",
    responses=documents(
        Token, "invalid-client", "invalid-request", "too-large", "busy", "too-many", "not-ready", "unavailable"
    ),
    openapi_extra=token_request(),
)
async def token(request: Request) -> Response:
    """By an assertion that the client signs (`client_assertion_type`, `client_assertion`): RS384 or ES384 under one of its registered keys (`kid`), `iss` and `sub`
    its id, `aud` this very address, `exp` at most five minutes ahead, a `jti` that is used once. Or by id and secret, in the form or as HTTP Basic, where the
    installation takes secrets. `scope` asks for fewer scopes than are granted."""
    form = _form(await request.body())
    if form.get("grant_type") != "client_credentials":
        raise Problem(
            "invalid-request", "expected grant_type=client_credentials in a form", error="unsupported_grant_type"
        )
    named, prove = _proof(request.app.state.installation, request.headers.get("authorization"), form)
    if _limiter.statistics().tasks_waiting >= WAITING:
        raise Problem("busy")
    body = await to_thread.run_sync(_issue, request, named, prove, form.get("scope"), limiter=_limiter)
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _issue(request: Request, named: str, prove: Callable[[], Access | None], asked: str | None) -> bytes:
    installation: Installation = request.app.state.installation
    access = prove()
    scopes = _scopes(access, asked)
    client_id = access.client_id if access else named
    known = client_id if installation.store.client(client_id) else "unknown"
    outcome = "answered" if scopes else "refused"
    installation.audit.record(Event("client", known, "token.issue", outcome, request_id=request.state.request_id))
    if access is None:
        raise Problem("invalid-client", error="invalid_client")
    if not scopes:
        raise Problem("invalid-request", "none of these scopes is granted", error="invalid_scope")
    request.state.client_id = client_id
    minutes = installation.settings.token_minutes
    issued = installation.tokens.issue(client_id, scopes, minutes)
    return orjson.dumps({"access_token": issued, "token_type": "Bearer", "expires_in": 60 * minutes,
                         "scope": " ".join(sorted(scopes))})  # fmt: skip


def _proof(
    installation: Installation, authorization: str | None, form: Mapping[str, str]
) -> tuple[str, Callable[[], Access | None]]:
    """Who the client says it is, as far as that is said beside the proof, and the proof to be tried: one of the two kinds, and not both."""
    if "client_assertion" not in form and "client_assertion_type" not in form:
        client_id, secret = _credentials(authorization, form)
        if not installation.settings.client_secrets:
            return client_id, lambda: None
        return client_id, lambda: clients.proven(installation.store, client_id, secret, installation.today)
    if authorization or "client_secret" in form or form.get("client_assertion_type") != SIGNED:
        raise Problem("invalid-request", f"expected a client_assertion of the type {SIGNED}, and no other proof", error="invalid_request")  # fmt: skip
    return form.get("client_id", "")[:64], lambda: _signed(installation, form)


def _signed(installation: Installation, form: Mapping[str, str]) -> Access | None:
    """The access of whoever signed; None where it does not prove who that is, or is somebody else than the form says (RFC 7521 §4.2)."""
    try:
        client_id = assertions.proven(
            installation, form.get("client_assertion", ""), PATH, of_client, essential=("sub",)
        )
    except assertions.NotBelieved:
        return None
    if form.get("client_id", client_id) != client_id:
        return None
    return clients.access(installation.store, client_id, installation.today)


def _scopes(access: Access | None, asked: str | None) -> frozenset[str]:
    if access is None:
        return frozenset()
    return access.scopes & frozenset(asked.split()) if asked else access.scopes


def _form(body: bytes) -> dict[str, str]:
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=16, keep_blank_values=True)
    except (UnicodeDecodeError, ValueError) as error:
        raise Problem("invalid-request", "expected a URL-encoded form", error="invalid_request") from error
    if any(len(values) > 1 for values in fields.values()):
        raise Problem("invalid-request", "a field is given twice", error="invalid_request")
    return {name: values[0] for name, values in fields.items()}


def _credentials(authorization: str | None, form: Mapping[str, str]) -> tuple[str, str]:
    """Id and secret, from the header where there is one; :class:`Problem` where there are none."""
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    if authorization and authorization.lower().startswith("basic "):
        try:
            plain = base64.b64decode(authorization[6:].strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise Problem("invalid-client", error="invalid_client") from error
        client_id, _, secret = (unquote_plus(part) for part in plain.partition(":"))
    if not (0 < len(client_id) <= 64 and client_id.isprintable() and 0 < len(secret) <= 256):
        raise Problem("invalid-client", error="invalid_client")
    return client_id, secret
