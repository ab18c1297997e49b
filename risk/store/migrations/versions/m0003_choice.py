"""People who are shown no more, amendments of published runs, and the audit's free text outside its chain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from risk.store.migrations.shapes import practice, words

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "not_shown",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        words("why", 64),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_not_shown"),
    )
    op.create_table(
        "run_amendment",
        sa.Column("run", sa.Integer(), nullable=False),
        words("forgetting", 64),
        words("ground", 64),
        words("by"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        words("content_before", 64, nullable=True),
        words("content_after", 64, nullable=True),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name="fk_run_amendment_run"),
        sa.PrimaryKeyConstraint("run", "forgetting", name="pk_run_amendment"),
    )
    op.create_table(
        "run_tombstone",
        sa.Column("run", sa.Integer(), nullable=False),
        *practice(),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        words("forgetting", 64),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name="fk_run_tombstone_run"),
        sa.PrimaryKeyConstraint("run", "scheme", "practice", "rank", name="pk_run_tombstone"),
    )
    op.create_table(
        "audit_text",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        words("name", 64),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        words("text"),
        sa.ForeignKeyConstraint(["seq"], ["audit_event.seq"], name="fk_audit_text_seq"),
        sa.PrimaryKeyConstraint("seq", "name", name="pk_audit_text"),
    )
