"""Who of the identity store was found in no record, and since when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "without_rows",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("noticed", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_without_rows"),
    )
