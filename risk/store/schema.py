"""The store's schema and its versions: made on first opening, moved forward by migrations, never guessed."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from features.errors import Refused
from risk.store.engine import Database

MIGRATIONS = Path(__file__).parent / "migrations"
#: The lock that migrating holds on PostgreSQL.
LOCK = 0x66726101


class NewerStore(Refused):
    """A later version of the product wrote the store."""


def config() -> Config:
    """Alembic's configuration, wherever the package is installed; no file of settings is read."""
    held = Config()
    held.set_main_option("script_location", str(MIGRATIONS))
    return held


def newest() -> str:
    """The schema version that this version of the product works with."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    assert head is not None, "the product carries no migration"
    return head


def held(connection: Connection) -> str | None:
    """The schema version of a database; None where it has none yet."""
    return MigrationContext.configure(connection).get_current_revision()


def refuse_newer(version: str) -> None:
    """:class:`NewerStore` unless a schema version is one that this product knows."""
    if version not in {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}:
        raise NewerStore(
            f"expected a store of schema version {newest()} or earlier, found {version}: a later version of frailty-risk "
            "wrote it; install that version, or restore a backup from before it"
        )


def bring_up_to_date(database: Database) -> str:
    """Move the store to :func:`newest`, in one transaction; the version it had before, or "" for an empty database.

    :class:`NewerStore` where its version is not one that this product knows: nothing is changed.
    """
    head = newest()
    with database.reading() as connection:
        before = held(connection)
    if before == head:
        return before
    with database.writing(alone=LOCK) as connection:
        before = held(connection)  # another process may have been first
        if before is not None:
            refuse_newer(before)
        if before != head:
            settings = config()
            settings.attributes["connection"] = connection
            command.upgrade(settings, "head")
    return before or ""
