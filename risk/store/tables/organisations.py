"""The organisation directory: who exists, what belongs to what, who covers whom, and who may call."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from risk.store.tables.columns import Instant, code, metadata, practice, text, validity

organisation = Table(
    "organisation",
    metadata,
    Column("scheme", String(16), primary_key=True),
    code("code", primary_key=True),
    text("name"),
    code("kind"),
    *validity(),
)

#: A practice in its network, a network in its place.
organisation_part = Table(
    "organisation_part",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("scheme", String(16), nullable=False),
    code("code"),
    Column("whole_scheme", String(16), nullable=False),
    code("whole"),
    *validity(),
    UniqueConstraint("scheme", "code", "whole_scheme", "whole", "valid_from"),
    ForeignKeyConstraint(["scheme", "code"], ["organisation.scheme", "organisation.code"]),
    ForeignKeyConstraint(["whole_scheme", "whole"], ["organisation.scheme", "organisation.code"]),
)

team = Table(
    "team",
    metadata,
    code("team_id", primary_key=True),
    text("name"),
    code("kind"),
    Column("scheme", String(16), nullable=False),
    code("organisation"),
    *validity(),
    #: People that it can take on at a time; None: its list holds the practices' share.
    Column("capacity", Integer),
    ForeignKeyConstraint(["scheme", "organisation"], ["organisation.scheme", "organisation.code"]),
)

team_cover = Table(
    "team_cover",
    metadata,
    Column("id", Integer, primary_key=True),
    code("team_id", ForeignKey("team.team_id")),
    *practice(),
    *validity(),
    UniqueConstraint("team_id", "scheme", "practice", "valid_from"),
    ForeignKeyConstraint(["scheme", "practice"], ["organisation.scheme", "organisation.code"]),
)

app_user = Table(
    "app_user",
    metadata,
    code("user_id", primary_key=True),
    Column("subject", String(255), nullable=False, unique=True),
    text("name"),
    *validity(),
)

#: A role is held at an organisation or in a team, never both.
user_role = Table(
    "user_role",
    metadata,
    Column("id", Integer, primary_key=True),
    code("user_id", ForeignKey("app_user.user_id")),
    code("role"),
    Column("scheme", String(16)),
    code("organisation", nullable=True),
    code("team_id", ForeignKey("team.team_id"), nullable=True),
    *validity(),
    UniqueConstraint("user_id", "role", "scheme", "organisation", "team_id", "valid_from"),
    ForeignKeyConstraint(["scheme", "organisation"], ["organisation.scheme", "organisation.code"]),
    CheckConstraint("(organisation IS NULL) <> (team_id IS NULL)", name="held_somewhere"),
)

api_client = Table(
    "api_client",
    metadata,
    code("client_id", primary_key=True),
    text("name"),
    Column("secret_hash", LargeBinary),
    text("public_key", nullable=True),
    Column("created_at", Instant, nullable=False),
    *validity(),
)

#: What a client may read: one practice, or all (``scheme`` and ``practice`` both ``*``).
client_grant = Table(
    "client_grant",
    metadata,
    Column("id", Integer, primary_key=True),
    code("client_id", ForeignKey("api_client.client_id"), index=True),
    *practice(),
    text("scopes"),
    *validity(),
)
