"""Each token that a client made itself is good once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from risk.store.engine import Database
from risk.store.tables import hook_token


class HookTokens(Database):
    """Tokens that were used, by hash."""

    def first_use(self, token_hash: bytes, until: datetime, now: datetime) -> bool:
        """Whether a token is used for the first time; it is not from then on. Those whose time is over go."""
        try:
            with self.writing() as connection:
                connection.execute(delete(hook_token).where(hook_token.c.until < now))
                connection.execute(insert(hook_token), {"token_hash": token_hash, "until": until})
        except IntegrityError:
            return False
        return True
