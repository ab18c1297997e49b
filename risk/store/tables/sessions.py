"""Sessions of people who logged in: what the browser holds is kept as a hash alone."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, LargeBinary, String, Table

from risk.store.tables.columns import Instant, code, metadata

web_session = Table(
    "web_session",
    metadata,
    Column("id_hash", LargeBinary(32), primary_key=True),
    code("user_id", ForeignKey("app_user.user_id"), index=True),
    #: Of the role that the person selected.
    Column("scheme", String(16), nullable=False),
    code("organisation"),
    Column("began_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ended_at", Instant),
)
