"""How each practice stood in the year before go-live. Frozen once: a row is added and never changed."""

from __future__ import annotations

from sqlalchemy import Column, Date, Double, Integer, String, Table

from risk.store.tables.columns import Instant, code, metadata, text

baseline = Table(
    "baseline",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("index_date", Date, nullable=False),
    code("manifest_fingerprint"),
    code("content_sha256"),
    text("by"),
    Column("at", Instant, nullable=False),
)

baseline_practice = Table(
    "baseline_practice",
    metadata,
    Column("scheme", String(16), primary_key=True),
    code("practice", primary_key=True),
    Column("people", Integer, nullable=False),
    Column("admitted", Integer, nullable=False),
    Column("admissions", Integer, nullable=False),
    Column("bed_days", Double, nullable=False),
    #: People of whom no feed says whether they were admitted.
    Column("unknown", Integer, nullable=False),
)
