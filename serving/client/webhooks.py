"""For whoever receives webhooks: whether what came is the service's own, and from where to read on."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from risk.webhooks import signing

#: Seconds that a webhook may be old, or ahead of the receiver's clock: one that was overheard cannot be sent again later.
TOLERANCE = 300


class NotGenuine(Exception):
    """What came is not a webhook of this secret, or is too old to be taken for one."""


@dataclass(frozen=True)
class Waiting:
    """There are events to read, from ``since`` on (:meth:`~serving.client.Client.events`). ``id`` is the same of each attempt."""

    id: str
    since: str


def verify(
    secret: str, headers: Mapping[str, str], body: bytes, *, now: float | None = None, tolerance: float = TOLERANCE
) -> Waiting:  # fmt: skip
    """What a webhook says, whose ``body`` is the very bytes that came and whose ``headers`` go by any case; :class:`NotGenuine` where it was not signed with
    ``secret`` (whsec_…) within ``tolerance`` seconds of ``now`` (seconds since 1970). :class:`ValueError` where the secret is none."""
    key = signing.secret(secret)
    given = {name.lower(): value for name, value in headers.items()}
    message, second = given.get(signing.ID, ""), given.get(signing.TIMESTAMP, "")
    if not message or not (second.isascii() and second.isdecimal() and len(second) <= 12):
        raise NotGenuine("it lacks the headers of a webhook")
    if abs((time.time() if now is None else now) - int(second)) > tolerance:
        raise NotGenuine("it was not sent just now")
    if not signing.is_signed(key, message, int(second), body, given.get(signing.SIGNATURE, "")):
        raise NotGenuine("it was not signed with this secret")
    return Waiting(message, str(orjson.loads(body)["data"]["since"]))
