"""Links from another system into the pages: sealed, short-lived, good once.

What a link leads to is within its token, under a key of the installation's own, so that nothing of it is kept and nobody reads it from the address. A link
opens nothing by itself: whoever follows it is logged in, and reaches what they reach without it.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256

import orjson

from features.linkage.sealing import Key, Seal, WrongKey
from risk.keys import Secret
from risk.store import Store

#: Letters of the longest token that is looked at.
LONGEST = 512


@dataclass(frozen=True)
class Link:
    """Made by ``client``, good until ``until`` (seconds since 1970): to a person, or to a practice's list; for one ``user`` alone, or for whoever may see it."""

    client: str
    until: int
    person_id: int | None = None
    practice: str | None = None
    user: str | None = None


class Links:
    """Makes links, opens them, and sees that each is used once."""

    def __init__(self, key: Secret, store: Store) -> None:
        self._seal, self._store = Seal(Key(key.derived("links")), "links"), store

    def made(self, link: Link) -> str:
        """The token of a link, for an address."""
        return urlsafe_b64encode(self._seal.close(orjson.dumps(asdict(link)))).rstrip(b"=").decode()

    def opened(self, token: str, now: datetime | None = None) -> Link | None:
        """What a token leads to; None where it is none of ours or its time is over. It is not used by this."""
        if len(token) > LONGEST:
            return None
        try:
            link = Link(**orjson.loads(self._seal.open(urlsafe_b64decode(token + "=" * (-len(token) % 4)))))
        except (NotBase64, ValueError, TypeError, WrongKey):
            return None
        return link if (now or datetime.now(UTC)).timestamp() < link.until else None

    def first_use(self, link: Link, token: str, now: datetime | None = None) -> bool:
        """Whether a link is followed for the first time; it is used by this. Kept of it is a hash, until its time is over."""
        # Of the sealed bytes, not of their spelling: base 64 has spare bits at its end.
        sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        until = datetime.fromtimestamp(link.until, UTC)
        return self._store.first_use(sha256(sealed).digest(), until, now or datetime.now(UTC))
