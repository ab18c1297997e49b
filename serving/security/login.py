"""Log-in by authorization code with PKCE (RFC 7636, OpenID Connect Core 1.0): who somebody is and which organisation they selected.

What the browser carries from the way out to the way back is sealed and short-lived. What an issuer says is believed only under a key of its own, for
this client, with the nonce of this very attempt; its algorithm is one of a fixed few.
"""

from __future__ import annotations

import hmac
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from features.errors import Refused
from features.linkage.sealing import Key, Seal, WrongKey
from risk.keys import Secret
from serving.security.issuers import BackChannel, Issuer

ALGORITHMS = ["RS256", "PS256", "ES256"]
#: Seconds from the way out to the way back, and by which clocks may differ.
ATTEMPT, LEEWAY = 600, 30
#: Oldest id token that is believed, in seconds since it was made.
FRESH = 600


class NotLoggedIn(Refused):
    """The log-in is not believed. ``why`` is a word of ours, and nothing of what was sent."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the log-in is not good: {why}")
        self.why = why


@dataclass(frozen=True)
class Somebody:
    """Whom an issuer says it is: ``subject`` as the directory knows them, and the organisation that they selected."""

    subject: str
    scheme: str
    organisation: str


class LogIn:
    """The two ways of a log-in with one issuer, as seen by this service."""

    def __init__(self, issuer: Issuer, channel: BackChannel, key: Secret, redirect: str) -> None:
        self._issuer, self._channel, self._redirect = issuer, channel, redirect
        self._seal = Seal(Key(key.derived("login")), issuer.issuer)

    def begin(self, now: float | None = None, more: Mapping[str, str] | None = None) -> tuple[str, str]:
        """Where the browser goes, with ``more`` in its question, and the sealed attempt that it brings back."""
        attempt = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        asked = {
            "response_type": "code",
            "client_id": self._issuer.client_id,
            "redirect_uri": self._redirect,
            "scope": self._issuer.scope,
            "state": attempt["state"],
            "nonce": attempt["nonce"],
            "code_challenge": challenge(attempt["verifier"]),
            "code_challenge_method": "S256",
            **(more or {}),
        }
        sealed = self._seal.close(orjson.dumps({**attempt, "at": now or time.time()}))
        return f"{self._issuer.authorize}?{urlencode(asked)}", urlsafe_b64encode(sealed).decode()

    def finish(self, sealed: str, answer: Mapping[str, str], now: float | None = None) -> Somebody:
        """Who it is, by the issuer's ``answer`` (``state`` and ``code``) to the attempt. :class:`NotLoggedIn` where any of it does not fit,
        :class:`~serving.security.issuers.Unreachable` where the issuer does not answer."""
        return self.believed(sealed, answer, now)[0]

    def believed(
        self, sealed: str, answer: Mapping[str, str], now: float | None = None
    ) -> tuple[Somebody, dict[str, Any]]:
        """The same, and what the issuer gave beside it."""
        at = now or time.time()
        attempt = self._opened(sealed)
        if not 0 <= at - attempt["at"] <= ATTEMPT:
            raise NotLoggedIn("it took too long")
        if not hmac.compare_digest(attempt["state"].encode(), answer.get("state", "").encode()):
            raise NotLoggedIn("state")
        if not answer.get("code"):
            raise NotLoggedIn("no code")
        given = self._channel.token({
            "grant_type": "authorization_code", "code": answer["code"], "redirect_uri": self._redirect,
            "client_id": self._issuer.client_id, "code_verifier": attempt["verifier"],
        })  # fmt: skip
        claims = self._claims(str(given.get("id_token", "")), attempt["nonce"], at)
        details = self._channel.details(str(given.get("access_token", "")))
        if details and details.get("sub") != claims["sub"]:
            raise NotLoggedIn("the details are somebody else's")
        return self._somebody(claims, details), given

    def _opened(self, sealed: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = orjson.loads(self._seal.open(urlsafe_b64decode(sealed)))
        except (NotBase64, ValueError, WrongKey) as error:
            raise NotLoggedIn("no attempt of ours") from error
        return found

    def _claims(self, token: str, nonce: str, at: float) -> dict[str, Any]:
        wanted = jwt.JWTClaimsRegistry(
            now=int(at),
            leeway=LEEWAY,
            iss={"essential": True, "value": self._issuer.issuer},
            aud={"essential": True, "value": self._issuer.client_id},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            claims: dict[str, Any] = jwt.decode(token, KeySet.import_key_set(self._channel.keys()), algorithms=ALGORITHMS).claims  # type: ignore[arg-type]  # fmt: skip
            wanted.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise NotLoggedIn("id token") from error
        if at - claims["iat"] > FRESH + LEEWAY:
            raise NotLoggedIn("id token too old")
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != self._issuer.client_id:
            raise NotLoggedIn("id token for several")
        return claims

    def _somebody(self, claims: Mapping[str, Any], details: Mapping[str, Any]) -> Somebody:
        """By the role that was selected; several roles of which none was selected say nothing."""
        subject = f"{self._issuer.subjects}{claims['sub']}"
        if self._issuer.claims == "plain":
            scheme, code = claims.get("scheme", "ods"), claims.get("organisation")
        else:
            roles = [role for role in details.get("nhsid_nrbac_roles", []) if isinstance(role, Mapping)]
            selected = claims.get("selected_roleid")
            scheme, code = "ods", next((role.get("org_code") for role in roles if selected and role.get("person_roleid") == selected), None)  # fmt: skip
        if not isinstance(code, str) or not isinstance(scheme, str) or not code:
            raise NotLoggedIn("no organisation was selected")
        return Somebody(subject, scheme, code)


def challenge(verifier: str) -> str:
    """Of a verifier, what goes out before it (RFC 7636 §4.2, S256)."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
