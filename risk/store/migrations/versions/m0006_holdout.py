"""The ledger of hold-outs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from risk.store.migrations.shapes import words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "holdout",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        words("action", 8),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("highest_risk", sa.Double(), nullable=False),
        words("approver"),
        words("approval"),
        sa.Column("until", sa.Date(), nullable=False),
        words("by"),
        words("reason"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_holdout"),
    )
