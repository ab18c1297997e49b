"""People who are no longer shown from earlier runs. The runs themselves stay as they were published."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table

from risk.store.tables.columns import Instant, code, metadata

#: Not shown from runs up to ``through_run``; a later run, which scored the person anew, shows them.
hidden_person = Table(
    "hidden_person",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("person_id", BigInteger, nullable=False, index=True),
    Column("through_run", Integer, nullable=False),
    code("ground"),
    Column("at", Instant, nullable=False),
)
