"""What whoever pulls must be told of runs, and runs taken back. Runs that were published before are told of too, in their order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from risk.store.migrations.shapes import words

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = op.create_table(
        "outbox",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        words("kind", 64),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_outbox"),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name="fk_outbox_run"),
    )
    op.create_table(
        "withdrawal",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        words("by"),
        words("reason"),
        sa.Column("instead", sa.Integer()),
        sa.PrimaryKeyConstraint("run", name="pk_withdrawal"),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name="fk_withdrawal_run"),
        sa.ForeignKeyConstraint(["instead"], ["run.number"], name="fk_withdrawal_instead"),
    )
    runs = sa.table("run", sa.column("number"), sa.column("status"), sa.column("ended_at", sa.DateTime(timezone=True)))
    before = sa.select(runs.c.number, runs.c.ended_at).where(runs.c.status == "published").order_by(runs.c.number)
    rows = [
        {"seq": seq, "kind": "run.published", "run": number, "at": at, "body": b"{}"}
        for seq, (number, at) in enumerate(op.get_bind().execute(before).all(), 1)
    ]
    if rows:
        op.bulk_insert(table, rows)
