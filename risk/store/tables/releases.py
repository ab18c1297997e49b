"""The append-only ledger that says which model is live, and which is tried beside it.

``role`` is what a row is about: ``live``, or ``challenger`` (scored in shadow, shown to analysts alone). ``evidence`` names what the
decision rested on: hashes of the report and of the data.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Integer, String, Table

from risk.store.tables.columns import Instant, Json, code, metadata, text

model_release = Table(
    "model_release",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("name", String(128), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("action", String(16), nullable=False),
    text("by"),
    text("reason"),
    Column("gates", Json, nullable=False),
    code("bundle_sha256"),
    Column("at", Instant, nullable=False),
    Column("role", String(16), nullable=False, server_default="live"),
    Column("evidence", Json),
    CheckConstraint("action IN ('promote', 'rollback', 'retire')", name="action"),
)
