"""Lists of teams, networks and places, and how many people a team can take on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from risk.store.migrations.shapes import words

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("team", sa.Column("capacity", sa.Integer()))
    op.create_table(
        "run_wider",
        sa.Column("run", sa.Integer(), nullable=False),
        words("list", 64),
        words("kind", 64),
        words("scheme", 16),
        words("code", 64),
        words("name"),
        sa.Column("practices", sa.LargeBinary(), nullable=False),
        sa.Column("registered", sa.Integer(), nullable=False),
        sa.Column("scored", sa.Integer(), nullable=False),
        sa.Column("k", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer()),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("cut", sa.Double()),
        sa.PrimaryKeyConstraint("run", "list", name="pk_run_wider"),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name="fk_run_wider_run"),
    )
