"""Who is in hospital at home, and what is said of each practice beside its list's numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from risk.store.migrations.shapes import practice, words

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("run_practice", sa.Column("details", sa.LargeBinary()))
    op.create_table(
        "hospital_at_home",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *practice(),
        sa.Column("since", sa.Date(), nullable=False),
        words("told_by", 16),
        sa.PrimaryKeyConstraint("run", "person_id", name="pk_hospital_at_home"),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name="fk_hospital_at_home_run"),
    )
