"""Webhooks of clients, and each telling that there are events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from risk.store.migrations.shapes import words

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "webhook",
        words("id", 64),
        words("client_id", 64),
        words("url"),
        sa.Column("begun", sa.BigInteger(), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        words("by"),
        sa.Column("ended_at", moment),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.client_id"], name="fk_webhook_client_id"),
    )
    op.create_table(
        "webhook_message",
        words("id", 64),
        words("webhook", 64),
        sa.Column("after", sa.BigInteger(), nullable=False),
        sa.Column("through", sa.BigInteger(), nullable=False),
        words("status", 64),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", moment, nullable=False),
        words("leased_by", 64, nullable=True),
        sa.Column("leased_until", moment),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("closed_at", moment),
        words("why", 64, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_message"),
        sa.ForeignKeyConstraint(["webhook"], ["webhook.id"], name="fk_webhook_message_webhook"),
    )
