"""The risk at a list's cut, and people above the area's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("run_practice", sa.Column("cut", sa.Double()))
    op.add_column("run_practice", sa.Column("above_area_cut", sa.Integer()))
