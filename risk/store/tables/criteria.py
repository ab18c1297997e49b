"""Lists by criteria of a run: who met each, with why in words; and of how many of each practice it was not known."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table

from risk.store.tables.columns import Json, code, metadata, practice

run_criterion = Table(
    "run_criterion",
    metadata,
    Column("run", Integer, ForeignKey("run.number"), primary_key=True),
    code("criterion", primary_key=True),
    Column("scheme", String(16), primary_key=True),
    code("practice", primary_key=True),
    Column("scored", Integer, nullable=False),
    Column("met", Integer, nullable=False),
    Column("unknown", Integer, nullable=False),
)

_SCHEME, _PRACTICE = practice()
criterion_entry = Table(
    "criterion_entry",
    metadata,
    Column("run", Integer, ForeignKey("run.number"), primary_key=True),
    code("criterion", primary_key=True),
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    _SCHEME,
    _PRACTICE,
    Column("because", Json, nullable=False),
    Index("ix_criterion_entry_practice", "run", "scheme", "practice", "criterion"),
)
