"""Bearer tokens: signed, short-lived, and no proof of access by themselves.

A token says which client calls and with which scopes (RFC 7519, signed HS256 under the installation's token key); what the
client may read is looked up in the directory on every request. The algorithm is fixed here and never taken from a token.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from risk.keys import Secret

ISSUER, AUDIENCE, ALGORITHM = "urn:frailty:issuer", "urn:frailty:api:v1", "HS256"
#: Longest token that is looked at, in characters.
LONGEST = 4096
#: Seconds by which clocks may differ.
LEEWAY = 5


@dataclass(frozen=True)
class Bearer:
    """What a good token says."""

    client_id: str
    scopes: frozenset[str]
    jti: str


class Tokens:
    """Issues and checks tokens under the installation's key."""

    def __init__(self, key: Secret) -> None:
        self._key = OctKey.import_key(key.derived("sign"))
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            jti={"essential": True},
        )

    def issue(self, client_id: str, scopes: Iterable[str], minutes: int) -> str:
        """A token for a client, good for ``minutes``."""
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": client_id, "iat": now, "exp": now + 60 * minutes,
                  "jti": secrets.token_urlsafe(16), "scope": " ".join(sorted(scopes))}  # fmt: skip
        return jwt.encode({"alg": ALGORITHM, "typ": "JWT"}, claims, self._key)

    def bearer(self, token: str) -> Bearer | None:
        """What the token says; None where it is forged, expired, for another audience, or none at all."""
        if len(token) > LONGEST:
            return None
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims
            self._claims.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError):
            return None
        subject, scope, jti = claims["sub"], claims.get("scope"), claims["jti"]
        if not (isinstance(subject, str) and isinstance(scope, str) and isinstance(jti, str)):
            return None
        return Bearer(subject, frozenset(scope.split()), jti)
