"""People opened outside a relationship, and the review of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from risk.store.migrations.shapes import practice, words

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "break_glass",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        *practice(),
        sa.Column("run", sa.Integer(), nullable=False),
        words("user_id", 64),
        words("role", 64),
        words("selected", 64),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("until", moment, nullable=False),
        sa.Column("reviewed_at", moment),
        words("reviewed_by", 64, nullable=True),
        words("verdict", 64, nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_break_glass"),
    )
    op.create_index("ix_break_glass_person_id", "break_glass", ["person_id"])
