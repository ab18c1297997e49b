"""Shapes of columns that migrations share. What a released migration uses here is never changed, only added to."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op


def words(name: str, length: int | None = None, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=nullable)


def days() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return sa.Column("valid_from", sa.Date(), nullable=False), sa.Column("valid_to", sa.Date())


def practice() -> tuple[sa.Column[str], sa.Column[str]]:
    return words("scheme", 16), words("practice", 64)


def organisation(table: str, scheme: str, code: str) -> sa.ForeignKeyConstraint:
    of = ["organisation.scheme", "organisation.code"]
    return sa.ForeignKeyConstraint([scheme, code], of, name=f"fk_{table}_{scheme}_{code}")


def score() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("raw", sa.Double(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        words("band", 8),
        words("age_band", 16, nullable=True),
        words("sex", 16, nullable=True),
    )


def history(name: str) -> None:
    """The two tables of an append-only history of people at practices."""
    op.create_table(
        f"{name}_entry",
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
        sa.PrimaryKeyConstraint("seq", name=f"pk_{name}_entry"),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name=f"fk_{name}_entry_run"),
        sa.UniqueConstraint("person_id", "scheme", "practice", "version", name=f"uq_{name}_entry_person_id"),
        sa.UniqueConstraint("by", "request", name=f"uq_{name}_entry_by"),
    )
    op.create_index(f"ix_{name}_entry_practice", f"{name}_entry", ["scheme", "practice"])
    op.create_table(
        f"{name}_text",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        words("name", 64),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        words("text"),
        sa.PrimaryKeyConstraint("seq", "name", name=f"pk_{name}_text"),
        sa.ForeignKeyConstraint(["seq"], [f"{name}_entry.seq"], name=f"fk_{name}_text_seq"),
    )
    op.create_index(f"ix_{name}_text_person_id", f"{name}_text", ["person_id"])
