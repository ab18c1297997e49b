"""Who was opened outside a relationship, by whom and until when; and what information governance found. The reason lies beside the audit's row ``seq``."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table

from risk.store.tables.columns import Instant, code, metadata, practice

break_glass = Table(
    "break_glass",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("person_id", BigInteger, nullable=False, index=True),
    *practice(),
    Column("run", Integer, nullable=False),
    code("user_id"),
    code("role", nullable=False),
    code("selected"),
    Column("opened_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("reviewed_at", Instant),
    code("reviewed_by", nullable=True),
    code("verdict", nullable=True),
)
