"""An issuer for the demonstration: whoever asks is whom they choose to be. It exists in no installation that says production.

It says what a real issuer says, under a key of its own that lives as long as the process, and the log-in checks it no less.
"""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from features.errors import Refused
from risk.settings import Settings
from serving.security.doors import PAGES
from serving.security.issuers import Issuer
from serving.security.login import NotLoggedIn, challenge

#: Seconds for which a code is good, and how many may wait to be fetched.
CODE, WAITING = 60, 1000


@dataclass(frozen=True)
class _Granted:
    asked: dict[str, str]
    subject: str
    organisation: str
    scheme: str
    at: float


class DemoIssuer:
    """Grants codes and, for each once, a token. It answers as a back channel does, within the process."""

    def __init__(self, settings: Settings, address: str) -> None:
        if settings.environment == "production":
            raise Refused(
                "the demonstration's issuer lets anybody be anybody, and this installation says that it is production"
            )
        self.issuer = Issuer(
            name="the demonstration", issuer="urn:frailty:demo-issuer", client_id="pages", claims="plain", scope="openid",
            authorize=f"{address}{PAGES}/demo-issuer/authorize", token=f"{address}{PAGES}/demo-issuer/token",
            jwks=f"{address}{PAGES}/demo-issuer/jwks",
        )  # fmt: skip
        self._key = ECKey.generate_key("P-256", {"kid": secrets.token_hex(8)})
        self._granted: dict[str, _Granted] = {}

    def grant(self, asked: dict[str, str], subject: str, scheme: str, organisation: str) -> str:
        """A code for somebody, for the request that the browser brought."""
        now = time.time()
        self._granted = {code: held for code, held in self._granted.items() if now - held.at <= CODE}
        if len(self._granted) >= WAITING:
            raise NotLoggedIn("too many at once")
        code = secrets.token_urlsafe(32)
        self._granted[code] = _Granted(asked, subject, organisation, scheme, now)
        return code

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        held = self._granted.pop(form["code"], None)
        if held is None or time.time() - held.at > CODE:
            raise NotLoggedIn("the code was used, or is too old")
        if not hmac.compare_digest(
            challenge(form["code_verifier"]).encode(), held.asked.get("code_challenge", "").encode()
        ):
            raise NotLoggedIn("verifier")
        if form["redirect_uri"] != held.asked.get("redirect_uri"):
            raise NotLoggedIn("another way back")
        now = int(time.time())
        claims = {"iss": self.issuer.issuer, "aud": self.issuer.client_id, "sub": held.subject, "iat": now, "exp": now + CODE,
                  "nonce": held.asked.get("nonce", ""), "scheme": held.scheme, "organisation": held.organisation}  # fmt: skip
        signed = jwt.encode({"alg": "ES256", "kid": self._key.kid}, claims, self._key)
        return {"id_token": signed, "access_token": secrets.token_urlsafe(32), "token_type": "Bearer"}

    def details(self, access_token: str) -> dict[str, Any]:
        return {}

    def keys(self) -> dict[str, Any]:
        return {"keys": [self._key.as_dict(private=False)]}
