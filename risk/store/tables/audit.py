"""The audit: one row a request about people, numbered without gaps and chained by keyed hashes (:mod:`risk.audit`).

``at`` is text, and lists of people and queries are kept as the JSON that was hashed: what is read back is, byte for byte,
what was sealed.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table

from risk.store.tables.columns import code, metadata, text

audit_event = Table(
    "audit_event",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    code("actor_kind"),
    code("actor"),
    code("role", nullable=True),
    code("organisation", nullable=True),
    code("action"),
    code("outcome"),
    Column("person_id", BigInteger, index=True),
    text("people", nullable=True),
    Column("run", Integer),
    text("reason", nullable=True),
    code("request_id", nullable=True),
    text("detail", nullable=True),
    Column("previous", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
)
