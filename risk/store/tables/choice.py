"""What people's choices do to what is kept: how published runs were amended.

A run that was published does not change but by an amendment: somebody's row goes, a tombstone that names nobody takes its place
(so that the rows and the counts still agree), and the amendment says on what ground, and what the run's hash was and is.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table

from risk.store.tables.columns import Instant, code, metadata, practice, text

run_amendment = Table(
    "run_amendment",
    metadata,
    Column("run", Integer, ForeignKey("run.number"), primary_key=True),
    code("forgetting", primary_key=True),
    code("ground"),
    text("by"),
    Column("at", Instant, nullable=False),
    Column("people", Integer, nullable=False),
    Column("listed", Integer, nullable=False),
    Column("content_before", String(64)),
    Column("content_after", String(64)),
)

_SCHEME, _PRACTICE = practice()
run_tombstone = Table(
    "run_tombstone",
    metadata,
    Column("run", Integer, ForeignKey("run.number"), primary_key=True),
    Column("scheme", String(16), primary_key=True),
    code("practice", primary_key=True),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    Column("listed", Boolean(create_constraint=False), nullable=False),
    code("forgetting"),
)
