"""The audit: one row a request about people, numbered without gaps and chained by keyed hashes (:mod:`risk.audit`).

Free text, in which a name could stand, is kept beside the chain in ``audit_text``; the row that it belongs to holds a salted hash
of it. So a text can be removed and the chain still holds, and a text that is there can be shown to be the one that was written.

``at`` is text, and lists of people and queries are kept as the JSON that was hashed: what is read back is, byte for byte,
what was sealed.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table

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

audit_text = Table(
    "audit_text",
    metadata,
    Column("seq", BigInteger, ForeignKey("audit_event.seq"), primary_key=True, autoincrement=False),
    code("name", primary_key=True),
    Column("salt", LargeBinary(16), nullable=False),
    text("text"),
)
