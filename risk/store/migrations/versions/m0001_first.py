"""The first schema: organisation directory, audit, ledger of releases, runs and their lists.

A migration says what it makes in full and imports nothing of the product but :mod:`risk.store.migrations.shapes`, which
never changes: it must still mean the same in ten years.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from risk.store.migrations.shapes import days, organisation, practice, score, words

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    directory()
    audit()
    releases()
    runs()


def directory() -> None:
    """Who exists, what belongs to what, who covers whom, and who may call; each with the days it is in force."""
    op.create_table(
        "organisation",
        words("scheme", 16),
        words("code", 64),
        words("name"),
        words("kind", 64),
        *days(),
        sa.PrimaryKeyConstraint("scheme", "code", name="pk_organisation"),
    )
    op.create_table(
        "organisation_part",
        sa.Column("id", sa.Integer(), nullable=False),
        words("scheme", 16),
        words("code", 64),
        words("whole_scheme", 16),
        words("whole", 64),
        *days(),
        organisation("organisation_part", "scheme", "code"),
        organisation("organisation_part", "whole_scheme", "whole"),
        sa.PrimaryKeyConstraint("id", name="pk_organisation_part"),
        sa.UniqueConstraint(
            "scheme", "code", "whole_scheme", "whole", "valid_from", name="uq_organisation_part_scheme"
        ),
    )
    op.create_table(
        "team",
        words("team_id", 64),
        words("name"),
        words("kind", 64),
        words("scheme", 16),
        words("organisation", 64),
        *days(),
        organisation("team", "scheme", "organisation"),
        sa.PrimaryKeyConstraint("team_id", name="pk_team"),
    )
    op.create_table(
        "team_cover",
        sa.Column("id", sa.Integer(), nullable=False),
        words("team_id", 64),
        *practice(),
        *days(),
        organisation("team_cover", "scheme", "practice"),
        sa.ForeignKeyConstraint(["team_id"], ["team.team_id"], name="fk_team_cover_team_id"),
        sa.PrimaryKeyConstraint("id", name="pk_team_cover"),
        sa.UniqueConstraint("team_id", "scheme", "practice", "valid_from", name="uq_team_cover_team_id"),
    )
    op.create_table(
        "app_user",
        words("user_id", 64),
        words("subject", 255),
        words("name"),
        *days(),
        sa.PrimaryKeyConstraint("user_id", name="pk_app_user"),
        sa.UniqueConstraint("subject", name="uq_app_user_subject"),
    )
    op.create_table(
        "user_role",
        sa.Column("id", sa.Integer(), nullable=False),
        words("user_id", 64),
        words("role", 64),
        words("scheme", 16, nullable=True),
        words("organisation", 64, nullable=True),
        words("team_id", 64, nullable=True),
        *days(),
        sa.CheckConstraint("(organisation IS NULL) <> (team_id IS NULL)", name="ck_user_role_held_somewhere"),
        organisation("user_role", "scheme", "organisation"),
        sa.ForeignKeyConstraint(["team_id"], ["team.team_id"], name="fk_user_role_team_id"),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.user_id"], name="fk_user_role_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_user_role"),
        sa.UniqueConstraint(
            "user_id", "role", "scheme", "organisation", "team_id", "valid_from", name="uq_user_role_user_id"
        ),
    )
    op.create_table(
        "api_client",
        words("client_id", 64),
        words("name"),
        sa.Column("secret_hash", sa.LargeBinary()),
        words("public_key", nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *days(),
        sa.PrimaryKeyConstraint("client_id", name="pk_api_client"),
    )
    op.create_table(
        "client_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        words("client_id", 64),
        *practice(),
        words("scopes"),
        *days(),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.client_id"], name="fk_client_grant_client_id"),
        sa.PrimaryKeyConstraint("id", name="pk_client_grant"),
    )
    op.create_index("ix_client_grant_client_id", "client_grant", ["client_id"])


def audit() -> None:
    """One row a request about people, numbered and chained."""
    op.create_table(
        "audit_event",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        words("at", 32),
        words("actor_kind", 64),
        words("actor", 64),
        words("role", 64, nullable=True),
        words("organisation", 64, nullable=True),
        words("action", 64),
        words("outcome", 64),
        sa.Column("person_id", sa.BigInteger()),
        words("people", nullable=True),
        sa.Column("run", sa.Integer()),
        words("reason", nullable=True),
        words("request_id", 64, nullable=True),
        words("detail", nullable=True),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_event"),
    )
    op.create_index("ix_audit_event_person_id", "audit_event", ["person_id"])


def releases() -> None:
    """Which model is live, append-only."""
    op.create_table(
        "model_release",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        words("name", 128),
        sa.Column("version", sa.Integer(), nullable=False),
        words("action", 16),
        words("by"),
        words("reason"),
        sa.Column("gates", sa.LargeBinary(), nullable=False),
        words("bundle_sha256", 64),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("action IN ('promote', 'rollback', 'retire')", name="ck_model_release_action"),
        sa.PrimaryKeyConstraint("seq", name="pk_model_release"),
    )
    op.create_index("ix_model_release_name", "model_release", ["name"])


def runs() -> None:
    """Runs, the pointer that readers follow, and what each run says of practices and people."""
    op.create_table(
        "run",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        words("status", 64),
        sa.Column("index_date", sa.Date(), nullable=False),
        sa.Column("data_as_at", sa.Date()),
        words("outcome", 64),
        words("title"),
        sa.Column("horizon", sa.Integer(), nullable=False),
        sa.Column("minimum_age", sa.Integer(), nullable=False),
        sa.Column("fraction", sa.Double(), nullable=False),
        words("model_name", 128),
        sa.Column("model_version", sa.Integer(), nullable=False),
        words("model_sha256", 64),
        words("manifest_fingerprint", 64),
        sa.Column("permissions", sa.LargeBinary(), nullable=False),
        sa.Column("about", sa.LargeBinary(), nullable=False),
        sa.Column("counts", sa.LargeBinary()),
        sa.Column("waived", sa.LargeBinary()),
        sa.Column("feeds", sa.LargeBinary()),
        words("content_sha256", 64, nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("valid_until", sa.Date()),
        words("failure", nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_run"),
    )
    op.create_table(
        "run_pointer",
        words("name", 64),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name="fk_run_pointer_run"),
        sa.PrimaryKeyConstraint("name", name="pk_run_pointer"),
    )
    op.create_table(
        "run_practice",
        sa.Column("run", sa.Integer(), nullable=False),
        *practice(),
        sa.Column("registered", sa.Integer(), nullable=False),
        sa.Column("scored", sa.Integer(), nullable=False),
        sa.Column("k", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.Double()),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name="fk_run_practice_run"),
        sa.PrimaryKeyConstraint("run", "scheme", "practice", name="pk_run_practice"),
    )
    op.create_table(
        "list_entry",
        sa.Column("run", sa.Integer(), nullable=False),
        words("list", 64),
        *practice(),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        *score(),
        words("reason"),
        sa.Column("reasons", sa.LargeBinary(), nullable=False),
        sa.Column("flags", sa.LargeBinary(), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("probability >= 0 AND probability <= 1", name="ck_list_entry_fraction"),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name="fk_list_entry_run"),
        sa.PrimaryKeyConstraint("run", "list", "scheme", "practice", "rank", name="pk_list_entry"),
        sa.UniqueConstraint("run", "list", "person_id", name="uq_list_entry_run"),
    )
    op.create_table(
        "person_score",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *practice(),
        sa.Column("rank", sa.Integer(), nullable=False),
        *score(),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("probability >= 0 AND probability <= 1", name="ck_person_score_fraction"),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name="fk_person_score_run"),
        sa.PrimaryKeyConstraint("run", "person_id", name="pk_person_score"),
        sqlite_with_rowid=False,
    )
