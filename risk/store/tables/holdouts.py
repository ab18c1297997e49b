"""The ledger of hold-outs: who approved keeping some people off the lists, for how long, within which bounds. Rows are added, never changed."""

from __future__ import annotations

from sqlalchemy import Column, Date, Double, Integer, String, Table

from risk.store.tables.columns import Instant, metadata, text

holdout = Table(
    "holdout",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("action", String(8), nullable=False),
    Column("of", Integer, nullable=False),
    Column("share", Double, nullable=False),
    Column("highest_risk", Double, nullable=False),
    text("approver"),
    text("approval"),
    Column("until", Date, nullable=False),
    text("by"),
    text("reason"),
    Column("at", Instant, nullable=False),
)
