"""People who are no longer shown from earlier runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from risk.store.migrations.shapes import words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hidden_person",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("through_run", sa.Integer(), nullable=False),
        words("ground", 64),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_hidden_person"),
    )
    op.create_index("ix_hidden_person_person_id", "hidden_person", ["person_id"])
