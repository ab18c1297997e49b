"""What happened to people whom clients follow, numbered and only ever added to; and who is in hospital by the record of a day."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from risk.store.tables.columns import Instant, code, metadata, practice

_SCHEME, _PRACTICE = practice()
listed_event = Table(
    "listed_event",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    code("kind"),
    Column("run", Integer, ForeignKey("run.number"), nullable=False),
    #: None of an event of the run itself, whose practice is empty.
    Column("person_id", BigInteger),
    _SCHEME,
    _PRACTICE,
    Column("on", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("band", String(8)),
    Column("band_before", String(8)),
    #: Whether a home-care package is held, as a flag says it.
    Column("package", String(16)),
    UniqueConstraint("kind", "run", "person_id", "on"),
    Index("ix_listed_event_person_id", "person_id"),
)

#: How far events were made: of the outbox, of the record's days; the last number given, and the last one past its time.
event_mark = Table("event_mark", metadata, code("name", primary_key=True), Column("value", BigInteger, nullable=False))

_SCHEME, _PRACTICE = practice()
in_hospital = Table(
    "in_hospital",
    metadata,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    _SCHEME,
    _PRACTICE,
    Column("since", Date, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("admission", String(16), nullable=False),
    Column("ready", Date),
    Column("package", String(16), nullable=False),
    Column("package_on", Date),
)

in_hospital_reach = Table(
    "in_hospital_reach",
    metadata,
    Column("scheme", String(16), primary_key=True),
    code("practice", primary_key=True),
    Column("day", Date, nullable=False),
    Column("up_to", Date),
    Column("fresh", Boolean, nullable=False),
)
