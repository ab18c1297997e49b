"""The outcomes that a run scored beside the one that its lists rank by, and what each says of people: a narrow row a person and outcome."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Double, ForeignKey, Integer, String, Table

from risk.store.tables.columns import code, metadata, text

run_outcome = Table(
    "run_outcome",
    metadata,
    Column("run", Integer, ForeignKey("run.number"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    code("outcome"),
    text("title"),
    Column("horizon", Integer, nullable=False),
    Column("minimum_age", Integer, nullable=False),
    Column("model_name", String(128), nullable=False),
    Column("model_version", Integer, nullable=False),
    code("model_sha256"),
    Column("scored", Integer, nullable=False),
)

person_outcome = Table(
    "person_outcome",
    metadata,
    Column("run", Integer, ForeignKey("run.number"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("raw", Double, nullable=False),
    Column("probability", Double, nullable=False),
    Column("low", Double),
    Column("high", Double),
    Column("band", String(8), nullable=False),
    CheckConstraint("probability >= 0 AND probability <= 1", name="fraction"),
    sqlite_with_rowid=False,
)
