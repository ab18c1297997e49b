"""The frailty register: proposals of each run, and clinicians' answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from risk.store.migrations.shapes import history, practice, words

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "frailty_proposal",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *practice(),
        words("proposed", 16),
        sa.Column("rests_on", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run", "person_id", name="pk_frailty_proposal"),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name="fk_frailty_proposal_run"),
    )
    op.create_index("ix_frailty_proposal_practice", "frailty_proposal", ["run", "scheme", "practice"])
    history("frailty")
