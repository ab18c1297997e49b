"""How each practice stood before go-live."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from risk.store.migrations.shapes import practice, words

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "baseline",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("index_date", sa.Date(), nullable=False),
        words("manifest_fingerprint", 64),
        words("content_sha256", 64),
        words("by"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_baseline"),
    )
    op.create_table(
        "baseline_practice",
        *practice(),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("admitted", sa.Integer(), nullable=False),
        sa.Column("admissions", sa.Integer(), nullable=False),
        sa.Column("bed_days", sa.Double(), nullable=False),
        sa.Column("unknown", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scheme", "practice", name="pk_baseline_practice"),
    )
