"""Shapes of columns that migrations share. What a released migration uses here is never changed, only added to."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


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
