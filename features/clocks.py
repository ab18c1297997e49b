"""The two clocks as SQL: which versions of a row an index date sees, and which hold now.

A version is *visible* at *t* when it happened and was known before *t* and nothing had taken its place before *t*. An
interval is *in force* at *t* when a visible version of it began before *t* and does not say that it ended by *t*: an end that is unknown,
or lies later than *t*, reads as open. A version is *current* when nothing has taken its place up to a day: what training knows.
"""

from __future__ import annotations


def known(row: str, t: str) -> str:
    """The version was the area's knowledge at ``t`` (for rows without an event date, such as ``person``)."""
    return f"({row}.known_at < {t} AND ({row}.known_until IS NULL OR {row}.known_until >= {t}))"


def visible(row: str, t: str) -> str:
    """It happened before ``t``, as then known."""
    return f"({row}.event_date < {t} AND {known(row, t)})"


def in_force(row: str, t: str) -> str:
    """It began before ``t`` and goes on at ``t``, as then known."""
    return f"({visible(row, t)} AND ({row}.end_date IS NULL OR {row}.end_date > {t}))"


def current(row: str, day: str) -> str:
    """The version that stands at the end of ``day``."""
    return f"({row}.known_until IS NULL OR {row}.known_until > {day})"
