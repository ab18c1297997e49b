"""Challengers and evidence in the ledger of releases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("model_release", sa.Column("role", sa.String(16), nullable=False, server_default="live"))
    op.add_column("model_release", sa.Column("evidence", sa.LargeBinary()))
