"""What the service works with: settings, store, keys, tokens and audit of one installation; and when it refuses to start."""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy.engine import make_url

from features.errors import Refused
from risk import keys
from risk import store as stores
from risk.audit import Audit
from risk.keys import Keys
from risk.sessions import Sessions
from risk.settings import Settings
from risk.store import Store
from risk.today import today
from risk.tokens import Tokens
from serving.kept import Kept
from serving.security.limits import Limits


@dataclass(frozen=True)
class Installation:
    """One installation, opened."""

    settings: Settings
    store: Store
    keys: Keys
    tokens: Tokens
    audit: Audit
    sessions: Sessions
    limits: Limits
    kept: Kept = field(default_factory=Kept)

    @property
    def today(self) -> date:
        return today(self.settings)


def open_installation(settings: Settings) -> Installation:
    """Open it. In production nothing is made up for: :class:`features.errors.MissingPart` where a key is missing,
    :class:`Refused` where others may read a key or the database, or a setting is for tests alone."""
    production = settings.environment == "production"
    if production and settings.today is not None:
        raise Refused("FRAILTY_TODAY is for tests and the demo alone, and this installation says that it is production")
    if production and settings.demo_login:
        raise Refused("FRAILTY_DEMO_LOGIN lets anybody be anybody, and this installation says that it is production")
    held = keys.held(settings, make=not production)
    store = stores.open(settings)
    if production:
        _private(store)
    return Installation(
        settings,
        store,
        held,
        Tokens(held.token),
        Audit(store, held.audit, settings),
        Sessions(store, held.token, settings),
        Limits(settings),
    )


def _private(store: Store) -> None:
    """The database's own file must not be open to others on the machine."""
    url = make_url(store.engine.url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    path = Path(url.database)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        store.close()
        raise Refused(
            f"expected {path} to be readable by its owner alone (0600), found {mode:04o}; run chmod 600 on it"
        )
