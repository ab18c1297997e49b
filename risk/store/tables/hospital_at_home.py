"""Who was in hospital at home on a run's date, by clinical admissions. It has no rank."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Integer, String, Table

from risk.store.tables.columns import metadata, practice

_SCHEME, _PRACTICE = practice()
hospital_at_home = Table(
    "hospital_at_home",
    metadata,
    Column("run", Integer, ForeignKey("run.number"), primary_key=True),
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    _SCHEME,
    _PRACTICE,
    Column("since", Date, nullable=False),
    Column("told_by", String(16), nullable=False),
)
