"""The signature of a webhook: HMAC-SHA256 over its id, the second of the attempt and the bytes of its body, in the headers of Standard Webhooks 1.0.0
(https://www.standardwebhooks.com). Nothing here needs the rest of the product, so that a receiver can use it alone."""

from __future__ import annotations

import base64
import binascii
import hmac

#: Headers, as they are sent.
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX, VERSION = "whsec_", "v1"
#: Bytes of a secret, which the specification wants to be 24 to 64.
LENGTH = 32


def shown(secret: bytes) -> str:
    """A secret as its holder is given it."""
    return PREFIX + base64.b64encode(secret).decode()


def secret(text: str) -> bytes:
    """The bytes of a secret as :func:`shown` gave it; :class:`ValueError` where it is none."""
    try:
        held = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("expected a webhook's secret, whsec_ and base 64") from error
    if not text.startswith(PREFIX) or not 24 <= len(held) <= 64:
        raise ValueError("expected a webhook's secret, whsec_ and base 64 of 24 to 64 bytes")
    return held


def signature(key: bytes, message: str, timestamp: int, body: bytes) -> str:
    """What the header :data:`SIGNATURE` says of a body sent under the id ``message`` at ``timestamp`` (seconds since 1970)."""
    digest = hmac.digest(key, f"{message}.{timestamp}.".encode() + body, "sha256")
    return f"{VERSION},{base64.b64encode(digest).decode()}"


def is_signed(key: bytes, message: str, timestamp: int, body: bytes, header: str) -> bool:
    """Whether one of the signatures in ``header`` is right; compared in constant time."""
    right = signature(key, message, timestamp, body).encode()
    return any(hmac.compare_digest(right, one.encode()) for one in header.split(" "))
