"""The shape of an append-only history of people at practices, and of the words beside it.

``version`` counts a person's rows at a practice, 1 up, without gaps: whoever writes says which they had read. ``request`` and ``asked`` are hashes of
the key with which it was asked for and of what was asked, so that asking again writes nothing. ``body`` holds codes, numbers and days alone; words, in
which a name could stand, are in the table of texts.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from risk.store.tables.columns import Instant, Json, code, metadata, practice, text


def history(name: str) -> tuple[Table, Table]:
    """``{name}_entry`` and ``{name}_text``."""
    entry = Table(
        f"{name}_entry",
        metadata,
        Column("seq", Integer, primary_key=True, autoincrement=False),
        Column("person_id", BigInteger, nullable=False),
        *practice(),
        Column("version", Integer, nullable=False),
        Column("kind", String(24), nullable=False),
        Column("of", Integer),
        Column("supersedes", Integer),
        Column("run", Integer, ForeignKey("run.number"), nullable=False),
        Column("body", Json, nullable=False),
        Column("day", Date, nullable=False),
        code("by"),
        Column("at", Instant, nullable=False),
        Column("request", LargeBinary(32), nullable=False),
        Column("asked", LargeBinary(32), nullable=False),
        UniqueConstraint("person_id", "scheme", "practice", "version"),
        UniqueConstraint("by", "request"),
        Index(f"ix_{name}_entry_practice", "scheme", "practice"),
    )
    words = Table(
        f"{name}_text",
        metadata,
        Column("seq", Integer, ForeignKey(f"{name}_entry.seq"), primary_key=True, autoincrement=False),
        code("name", primary_key=True),
        Column("person_id", BigInteger, nullable=False, index=True),
        text("text"),
    )
    return entry, words
