"""Outcomes scored beside the one that the lists rank by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from risk.store.migrations.shapes import words

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "run_outcome",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        words("outcome", 64),
        words("title"),
        sa.Column("horizon", sa.Integer(), nullable=False),
        sa.Column("minimum_age", sa.Integer(), nullable=False),
        words("model_name", 128),
        sa.Column("model_version", sa.Integer(), nullable=False),
        words("model_sha256", 64),
        sa.Column("scored", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("run", "place", name="pk_run_outcome"),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name="fk_run_outcome_run"),
    )
    op.create_table(
        "person_outcome",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("raw", sa.Double(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("low", sa.Double()),
        sa.Column("high", sa.Double()),
        words("band", 8),
        sa.PrimaryKeyConstraint("run", "place", "person_id", name="pk_person_outcome"),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name="fk_person_outcome_run"),
        sa.CheckConstraint("probability >= 0 AND probability <= 1", name="ck_person_outcome_fraction"),
        sqlite_with_rowid=False,
    )
