"""A lease with a fencing number, and the number under which a run is written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from risk.store.migrations.shapes import words

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lease",
        words("name", 64),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        words("holder", 255, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )
    op.add_column("run", sa.Column("fence", sa.Integer()))
