"""What meetings write of people, and the words of it apart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from risk.store.migrations.shapes import practice, words

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meeting_entry",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        *practice(),
        sa.Column("version", sa.Integer(), nullable=False),
        words("kind", 24),
        sa.Column("of", sa.Integer()),
        sa.Column("supersedes", sa.Integer()),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        words("by", 64),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request", sa.LargeBinary(32), nullable=False),
        sa.Column("asked", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_meeting_entry"),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name="fk_meeting_entry_run"),
        sa.UniqueConstraint("person_id", "scheme", "practice", "version", name="uq_meeting_entry_person_id"),
        sa.UniqueConstraint("by", "request", name="uq_meeting_entry_by"),
    )
    op.create_index("ix_meeting_entry_practice", "meeting_entry", ["scheme", "practice"])
    op.create_table(
        "meeting_text",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        words("name", 64),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        words("text"),
        sa.PrimaryKeyConstraint("seq", "name", name="pk_meeting_text"),
        sa.ForeignKeyConstraint(["seq"], ["meeting_entry.seq"], name="fk_meeting_text_seq"),
    )
    op.create_index("ix_meeting_text_person_id", "meeting_text", ["person_id"])
