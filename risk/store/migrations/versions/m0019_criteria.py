"""Lists by criteria."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from risk.store.migrations.shapes import practice, words

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "run_criterion",
        sa.Column("run", sa.Integer(), nullable=False),
        words("criterion", 64),
        *practice(),
        sa.Column("scored", sa.Integer(), nullable=False),
        sa.Column("met", sa.Integer(), nullable=False),
        sa.Column("unknown", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("run", "criterion", "scheme", "practice", name="pk_run_criterion"),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name="fk_run_criterion_run"),
    )
    op.create_table(
        "criterion_entry",
        sa.Column("run", sa.Integer(), nullable=False),
        words("criterion", 64),
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *practice(),
        sa.Column("because", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run", "criterion", "person_id", name="pk_criterion_entry"),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name="fk_criterion_entry_run"),
    )
    op.create_index("ix_criterion_entry_practice", "criterion_entry", ["run", "scheme", "practice", "criterion"])
