"""Sessions of people who logged in. The browser holds 256 random bits; the store holds their hash, so that nobody who reads the store can
be anybody.

A session ends when it was idle, when it is old, when its owner logs out, and when it is revoked. It says who is there and which organisation they
selected, and nothing of what they may read: that is asked of the directory at each request (:mod:`risk.members`).
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from risk.keys import Secret
from risk.settings import Settings
from risk.store import Store

#: How seldom it is written that a session was used: a write for each page would be one too many.
TOUCHED = timedelta(seconds=30)


@dataclass(frozen=True)
class Session:
    """An open session: whose, and the organisation of the role that they selected."""

    user_id: str
    scheme: str
    organisation: str
    id_hash: bytes = field(repr=False)


class Sessions:
    """Opens, finds and ends sessions. Moments are UTC."""

    def __init__(self, store: Store, key: Secret, settings: Settings) -> None:
        self._store = store
        self._form = key.derived("form")
        self.idle = timedelta(minutes=settings.session_idle_minutes)
        self.longest = timedelta(hours=settings.session_hours)

    def open(self, user_id: str, scheme: str, organisation: str, now: datetime | None = None) -> str:
        """A new session; what the browser is to hold. Never one that the browser proposed."""
        held, at = secrets.token_urlsafe(32), now or datetime.now(UTC)
        self._store.add_session({"id_hash": _hash(held), "user_id": user_id, "scheme": scheme, "organisation": organisation,
                                 "began_at": at, "seen_at": at, "ended_at": None})  # fmt: skip
        return held

    def held(self, secret: str, now: datetime | None = None) -> Session | None:
        """The session of what a browser holds; None where there is none, or it ended, was idle too long or is too old."""
        at, row = now or datetime.now(UTC), self._store.session(_hash(secret))
        if row is None or row["ended_at"] is not None:
            return None
        if at - row["began_at"] >= self.longest or at - row["seen_at"] >= self.idle:
            return None
        if at - row["seen_at"] >= TOUCHED:
            self._store.touch_session(row["id_hash"], at)
        return Session(row["user_id"], row["scheme"], row["organisation"], row["id_hash"])

    def end(self, session: Session, now: datetime | None = None) -> None:
        """Log out: it opens nothing from the next request on."""
        self._store.end_sessions(now or datetime.now(UTC), id_hash=session.id_hash)

    def revoke(self, user_id: str | None, now: datetime | None = None) -> int:
        """End every session of a user, or of everybody (None); how many were open."""
        return self._store.end_sessions(now or datetime.now(UTC), user_id=user_id)

    def form_token(self, session: Session) -> str:
        """What every form of the session carries, and no other site can know."""
        return hmac.new(self._form, session.id_hash, sha256).hexdigest()

    def of_form(self, session: Session, given: str) -> bool:
        """Whether a form carried it."""
        return hmac.compare_digest(self.form_token(session).encode(), given.encode())


def _hash(secret: str) -> bytes:
    """No salt: there is nothing to guess in 256 random bits."""
    return sha256(secret.encode()).digest()
