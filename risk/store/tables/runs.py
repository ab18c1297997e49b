"""Runs, and what each says of practices and people. A published run's rows never change.

``person_score`` has a row for everyone scored, kept narrow: a run may have millions. ``raw`` is the raw score, which
ranks; ``probability`` a calibrated fraction, 0-1, between ``low`` and ``high`` where its interval is known. Ages are kept as five-year bands.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from risk.store.tables.columns import Instant, Json, code, metadata, practice, text

run = Table(
    "run",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    code("status"),
    Column("index_date", Date, nullable=False),
    Column("data_as_at", Date),
    code("outcome"),
    text("title"),
    Column("horizon", Integer, nullable=False),
    Column("minimum_age", Integer, nullable=False),
    Column("fraction", Double, nullable=False),
    Column("model_name", String(128), nullable=False),
    Column("model_version", Integer, nullable=False),
    code("model_sha256"),
    code("manifest_fingerprint"),
    Column("permissions", Json, nullable=False),
    Column("about", Json, nullable=False),
    Column("counts", Json),
    Column("waived", Json),
    Column("feeds", Json),
    code("content_sha256", nullable=True),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("valid_until", Date),
    text("failure", nullable=True),
    #: The lease's number under which it is written; None where it was made without one.
    Column("fence", Integer),
)

#: One row: the run that readers see.
run_pointer = Table(
    "run_pointer",
    metadata,
    code("name", primary_key=True),
    Column("run", Integer, ForeignKey("run.number"), nullable=False),
    Column("moved_at", Instant, nullable=False),
)

run_practice = Table(
    "run_practice",
    metadata,
    Column("run", Integer, ForeignKey("run.number"), primary_key=True),
    Column("scheme", String(16), primary_key=True),
    code("practice", primary_key=True),
    Column("registered", Integer, nullable=False),
    Column("scored", Integer, nullable=False),
    Column("k", Integer, nullable=False),
    Column("threshold", Double),
    Column("listed", Integer, nullable=False),
    #: The probability at the threshold, and people as high as the last of one list of the whole area; None in runs made before they were kept.
    Column("cut", Double),
    Column("above_area_cut", Integer),
    #: What is said of the practice beside numbers of its list: who of the registered was not scored, by reason; how far feeds reach.
    Column("details", Json),
)

#: Lists wider than a practice: a team's, a network's, a place's. ``list`` names it in the run; ``practices`` are those that it was drawn over.
run_wider = Table(
    "run_wider",
    metadata,
    Column("run", Integer, ForeignKey("run.number"), primary_key=True),
    code("list", primary_key=True),
    code("kind"),
    Column("scheme", String(16), nullable=False),
    code("code"),
    text("name"),
    Column("practices", Json, nullable=False),
    Column("registered", Integer, nullable=False),
    Column("scored", Integer, nullable=False),
    Column("k", Integer, nullable=False),
    Column("capacity", Integer),
    Column("listed", Integer, nullable=False),
    Column("cut", Double),
)

#: ``list`` names the kind of list: there is one a purpose, and they are never mixed.
list_entry = Table(
    "list_entry",
    metadata,
    Column("run", Integer, ForeignKey("run.number"), primary_key=True),
    code("list", primary_key=True),
    Column("scheme", String(16), primary_key=True),
    code("practice", primary_key=True),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    Column("person_id", BigInteger, nullable=False),
    Column("raw", Double, nullable=False),
    Column("probability", Double, nullable=False),
    Column("band", String(8), nullable=False),
    Column("age_band", String(16)),
    Column("sex", String(16)),
    text("reason"),
    Column("reasons", LargeBinary, nullable=False),
    Column("flags", LargeBinary, nullable=False),
    Column("listed_at", Instant, nullable=False),
    Column("low", Double),
    Column("high", Double),
    #: The section of the list; None: in none. ``home``: which care home of the practice, by a number that names none.
    Column("section", String(16)),
    Column("home", Integer),
    UniqueConstraint("run", "list", "person_id"),
    CheckConstraint("probability >= 0 AND probability <= 1", name="fraction"),
)

_SCHEME, _PRACTICE = practice()
person_score = Table(
    "person_score",
    metadata,
    Column("run", Integer, ForeignKey("run.number"), primary_key=True),
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    _SCHEME,
    _PRACTICE,
    Column("rank", Integer, nullable=False),
    Column("raw", Double, nullable=False),
    Column("probability", Double, nullable=False),
    Column("band", String(8), nullable=False),
    Column("age_band", String(16)),
    Column("sex", String(16)),
    Column("listed", Boolean(create_constraint=False), nullable=False),
    Column("low", Double),
    Column("high", Double),
    CheckConstraint("probability >= 0 AND probability <= 1", name="fraction"),
    sqlite_with_rowid=False,
)
