"""A person's interval beside their probability."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("list_entry", "person_score"):
        for end in ("low", "high"):
            op.add_column(table, sa.Column(end, sa.Double()))
