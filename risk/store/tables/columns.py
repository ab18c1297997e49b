"""Types of columns that read and write alike on SQLite and PostgreSQL, and the columns that many tables share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Column, Date, DateTime, LargeBinary, MetaData, String, TypeDecorator
from sqlalchemy.engine import Dialect

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """A moment, kept as UTC; a moment without a zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A JSON value, kept as its UTF-8 bytes."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


def code(name: str, *args: Any, **options: Any) -> Column[str]:
    """A short code or name of the product's own."""
    return Column(name, String(64), *args, **{"nullable": False, **options})


def text(name: str, **options: Any) -> Column[str]:
    """Words of any length."""
    return Column(name, String, **{"nullable": False, **options})


def validity() -> tuple[Column[Any], Column[Any]]:
    """``valid_from`` and ``valid_to``: half-open, in days."""
    return Column("valid_from", Date, nullable=False), Column("valid_to", Date)


def practice() -> tuple[Column[str], Column[str]]:
    """``scheme`` and ``practice``: a practice's code and what kind of code it is."""
    return Column("scheme", String(16), nullable=False), code("practice")
