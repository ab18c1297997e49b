"""How a client proves who it is: by a secret, or by an assertion that it signs anew each time (RFC 7523; SMART App Launch 2.2, Backend Services)."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Protocol

#: The kind of assertion that the service takes (RFC 7523 section 2.2); and seconds for which one is good: the service takes no longer than five minutes.
SIGNED, LIFE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", 240
#: By kind of key, as the service takes them: RSA of 2048 bits and more, or the curve P-384.
ALGORITHMS = {"RSA": "RS384", "EC": "ES384"}


class Proof(Protocol):
    """What goes to the address of the token beside the grant type: fields of the form, and id and secret of HTTP Basic."""

    def shown(self, client_id: str, address: str) -> tuple[dict[str, str], tuple[str, str] | None]: ...


@dataclass(frozen=True)
class Secret:
    """A secret that is shared with the service."""

    secret: str = field(repr=False)

    def shown(self, client_id: str, address: str) -> tuple[dict[str, str], tuple[str, str] | None]:
        return {}, (client_id, self.secret)


@dataclass(frozen=True)
class Key:
    """A private key that never leaves the client: a JWK, or its PEM. ``kid`` is the name under which the public key is registered (`frailty client add --keys`).
    ``audience`` is the address of the token as the service knows itself, where that is not the one that is called. It needs ``joserfc``."""

    key: dict[str, Any] | str | bytes = field(repr=False)
    kid: str
    audience: str | None = None

    def shown(self, client_id: str, address: str) -> tuple[dict[str, str], tuple[str, str] | None]:
        """:class:`ValueError` where the key is neither RSA nor of the curve P-384."""
        return {
            "client_assertion_type": SIGNED,
            "client_assertion": self._signed(client_id, self.audience or address),
        }, None

    def _signed(self, client_id: str, audience: str) -> str:
        from joserfc import jwt

        private, now = self._private(), int(time.time())
        algorithm = ALGORITHMS[private.key_type]
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            "iat": now,
            "exp": now + LIFE,
            "jti": uuid.uuid4().hex,
        }
        return jwt.encode({"typ": "JWT", "alg": algorithm, "kid": self.kid}, claims, private, algorithms=[algorithm])

    def _private(self) -> Any:
        from joserfc.errors import JoseError
        from joserfc.jwk import ECKey, RSAKey

        for kind in (ECKey, RSAKey):
            try:
                held = kind.import_key(self.key)
            except (JoseError, ValueError, TypeError, KeyError):
                continue
            if held.is_private and getattr(held, "curve_name", "P-384") == "P-384":
                return held
        raise ValueError("expected a private key that is RSA or of the curve P-384")
