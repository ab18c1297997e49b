"""Events of listed people, and who is in hospital by the record of a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from risk.store.migrations.shapes import practice, words

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "listed_event",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        words("kind", 64),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger()),
        *practice(),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        words("band", 8, nullable=True),
        words("band_before", 8, nullable=True),
        words("package", 16, nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_listed_event"),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name="fk_listed_event_run"),
        sa.UniqueConstraint("kind", "run", "person_id", "on", name="uq_listed_event_kind"),
    )
    op.create_index("ix_listed_event_person_id", "listed_event", ["person_id"])
    op.create_table(
        "event_mark",
        words("name", 64),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_event_mark"),
    )
    # Of runs that there are already, nothing is news: years of them would be told at once.
    op.execute(
        "INSERT INTO event_mark (name, value) SELECT 'outbox', told.last FROM (SELECT max(seq) AS last FROM outbox) AS told "
        "WHERE told.last IS NOT NULL"
    )
    op.create_table(
        "in_hospital",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *practice(),
        sa.Column("since", sa.Date(), nullable=False),
        words("kind", 16),
        words("admission", 16),
        sa.Column("ready", sa.Date()),
        words("package", 16),
        sa.Column("package_on", sa.Date()),
        sa.PrimaryKeyConstraint("person_id", name="pk_in_hospital"),
    )
    op.create_table(
        "in_hospital_reach",
        *practice(),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("up_to", sa.Date()),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("scheme", "practice", name="pk_in_hospital_reach"),
    )
