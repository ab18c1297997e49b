"""Where clients want to be told that there are events, and each telling. Of nobody: a telling holds no person and no event."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table

from risk.store.tables.columns import Instant, code, metadata, text

webhook = Table(
    "webhook",
    metadata,
    code("id", primary_key=True),
    code("client_id", ForeignKey("api_client.client_id")),
    text("url"),
    #: The last event that there was when it began: of those before nothing is said.
    Column("begun", BigInteger, nullable=False),
    Column("made_at", Instant, nullable=False),
    text("by"),
    Column("ended_at", Instant),
)

webhook_message = Table(
    "webhook_message",
    metadata,
    code("id", primary_key=True),
    code("webhook", ForeignKey("webhook.id")),
    #: It says that there are events after the one, and there are some up to the other.
    Column("after", BigInteger, nullable=False),
    Column("through", BigInteger, nullable=False),
    code("status"),
    Column("attempts", Integer, nullable=False),
    Column("due", Instant, nullable=False),
    code("leased_by", nullable=True),
    Column("leased_until", Instant),
    Column("made_at", Instant, nullable=False),
    Column("closed_at", Instant),
    #: Of the last attempt, why it failed; never what the receiver answered.
    code("why", nullable=True),
)
