"""The frailty register: what each run proposes of people, and what clinicians answered.

``proposed`` is a category of :mod:`risk.frailty_register.categories`; ``rests_on`` says on what, in words and days and never in codes. The answers are
a history of their own (:mod:`risk.store.tables.histories`), apart from what meetings write of the priority list.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table

from risk.store.tables.columns import Json, metadata, practice
from risk.store.tables.histories import history

_SCHEME, _PRACTICE = practice()
frailty_proposal = Table(
    "frailty_proposal",
    metadata,
    Column("run", Integer, ForeignKey("run.number"), primary_key=True),
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    _SCHEME,
    _PRACTICE,
    Column("proposed", String(16), nullable=False),
    Column("rests_on", Json, nullable=False),
    Index("ix_frailty_proposal_practice", "run", "scheme", "practice"),
)

frailty_entry, frailty_text = history("frailty")
