"""What the removal of things past their time must remember between two runs of it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Table

from risk.store.tables.columns import metadata

#: People of the identity store who were found in no record, and the day on which that was first so.
without_rows = Table(
    "without_rows",
    metadata,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("noticed", Date, nullable=False),
)
