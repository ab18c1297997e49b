"""One append-only overlay of people who are shown no more, in place of two tables; their rows go over to it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from risk.store.migrations.shapes import words

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = op.create_table(
        "overlay",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        words("ground", 64),
        words("scheme", 16),
        words("practice", 64),
        words("source", 64),
        sa.Column("hides", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("through_run", sa.Integer()),
        words("by"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_overlay"),
    )
    op.create_index("ix_overlay_person_id_seq", "overlay", ["person_id", "seq"])
    rows = sorted(_before(), key=lambda row: row["at"])
    if rows:
        op.bulk_insert(table, [{"seq": seq, "scheme": "", "practice": "", "hides": True, **row} for seq, row in enumerate(rows, 1)])  # fmt: skip
    op.drop_table("not_shown")
    op.drop_index("ix_hidden_person_person_id", "hidden_person")
    op.drop_table("hidden_person")


def _before() -> list[dict[str, Any]]:
    """Those who object, as their record said, and those who were separated: the latest separation of each counts."""
    moment = sa.DateTime(timezone=True)
    objects = sa.table("not_shown", sa.column("person_id"), sa.column("why"), sa.column("since", moment))
    separated = sa.table(
        "hidden_person", sa.column("seq"), sa.column("person_id"), sa.column("through_run"), sa.column("at", moment)
    )
    held = op.get_bind()
    found = [
        {"person_id": person, "ground": "restricted" if why == "restricted" else "opted_out", "source": "record",
         "since": since.date(), "through_run": None, "by": "record", "at": since}
        for person, why, since in held.execute(sa.select(objects.c.person_id, objects.c.why, objects.c.since))
    ]  # fmt: skip
    found += [
        {"person_id": person, "ground": "unlinked", "source": "separated", "since": at.date(), "through_run": through,
         "by": "separated", "at": at}
        for person, through, at in held.execute(
            sa.select(separated.c.person_id, separated.c.through_run, separated.c.at).order_by(separated.c.seq)
        )
    ]  # fmt: skip
    return found
