"""When the people of a run's lists were listed, opened, decided about and acted on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from risk.store.migrations.shapes import practice, words

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "list_timeline",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *practice(),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True)),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        words("decided", 24, nullable=True),
        sa.Column("acted_at", sa.DateTime(timezone=True)),
        words("action", 64, nullable=True),
        sa.PrimaryKeyConstraint("run", "person_id", name="pk_list_timeline"),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name="fk_list_timeline_run"),
    )
