"""Tokens of clients' own making that were used: a hash each, until it would be refused for its age alone."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, Table

from risk.store.tables.columns import Instant, metadata

hook_token = Table(
    "hook_token",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("until", Instant, nullable=False),
)
