"""Who is shown no more, as an append-only history: whoever is hidden has a row, and whoever is shown again has another.

What stands is the latest row of each person, ground, place and source (:func:`risk.store.hiding.shown`). Nothing is updated; rows go only when a
person is forgotten.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, String, Table

from risk.store.tables.columns import Instant, code, metadata, text

overlay = Table(
    "overlay",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("person_id", BigInteger, nullable=False),
    code("ground"),
    #: A practice where the ground holds there alone; empty where it holds everywhere.
    Column("scheme", String(16), nullable=False),
    code("practice"),
    #: Whoever told it. Only what the same source told is lifted by a row.
    code("source"),
    Column("hides", Boolean(create_constraint=False), nullable=False),
    Column("since", Date, nullable=False),
    #: Where it is given, later runs show the person: they were scored anew.
    Column("through_run", Integer),
    text("by"),
    Column("at", Instant, nullable=False),
    Index("ix_overlay_person_id_seq", "person_id", "seq"),
)
