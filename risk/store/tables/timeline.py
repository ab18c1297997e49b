"""Of everybody on a run's lists: when they were listed, first opened, decided about and acted on. What an evaluation rests on, kept with the run."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table

from risk.store.tables.columns import Instant, metadata, practice

_SCHEME, _PRACTICE = practice()
list_timeline = Table(
    "list_timeline",
    metadata,
    Column("run", Integer, ForeignKey("run.number"), primary_key=True),
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    _SCHEME,
    _PRACTICE,
    Column("rank", Integer, nullable=False),
    Column("listed_at", Instant, nullable=False),
    Column("opened_at", Instant),
    Column("decided_at", Instant),
    Column("decided", String(24)),
    Column("acted_at", Instant),
    Column("action", String(64)),
)
