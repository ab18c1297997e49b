"""Sections of a list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("list_entry", sa.Column("section", sa.String(16)))
    op.add_column("list_entry", sa.Column("home", sa.Integer()))
