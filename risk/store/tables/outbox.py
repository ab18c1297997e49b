"""What whoever pulls must be told of runs: published, or taken back. Rows are added, never changed."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table

from risk.store.tables.columns import Instant, Json, code, metadata, text

outbox = Table(
    "outbox",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    code("kind"),
    Column("run", Integer, ForeignKey("run.number"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("body", Json, nullable=False),
)

withdrawal = Table(
    "withdrawal",
    metadata,
    Column("run", Integer, ForeignKey("run.number"), primary_key=True),
    Column("at", Instant, nullable=False),
    text("by"),
    text("reason"),
    #: The run that readers have in its place; None where there is none, or where another was current already.
    Column("instead", Integer, ForeignKey("run.number")),
)
