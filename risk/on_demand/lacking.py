"""What there is too little of for a score: tables, columns, months of history. A number is never made of what is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from features import alone
from features.coverage import tables_of
from features.observation import FOLLOWS
from models.bundle import Bundle, mask_of
from risk import sections

#: Days of history that a score needs: what the section "little history" of a list asks.
HISTORY = sections.SHORT
MONTH = 365.25 / 12
#: Why somebody is not scored of whom that is as good as not being there.
NOT_THERE = ("died", "objection_")


#: What a person must have rows of to be scored, by why they are not.
_NEEDS = {
    "birth_unknown": ("person", ("birth_month", "sex")),
    "not_registered": ("registration", ("event_date", "practice", "practice_scheme", "kind")),
}


class TooLittle(Exception):
    """What was posted is too little for a score: ``lacking`` says what, a table at a time."""

    def __init__(self, lacking: Sequence[Mapping[str, Any]]) -> None:
        super().__init__("too little")
        self.lacking = [dict(one) for one in lacking]


def lacking(bundle: Bundle, tables: alone.Tables, stood: alone.Alone) -> Iterator[dict[str, Any]]:
    """What there is too little of, table by table."""
    if stood.reason in _NEEDS:
        table, columns = _NEEDS[stood.reason]
        yield {"table": table, "columns": list(columns), "why": f"no row of it holds on {stood.at}"}
    elif stood.reason is not None:
        yield {"table": "registration" if stood.reason != "under_age" else "person", "columns": [],
               "why": f"nobody is scored who is {stood.reason.replace('_', ' ')}"}  # fmt: skip
    if not bundle.serves(stood.feeds):
        yield from ({"table": name, "columns": [], "why": f"no feed of it reaches {stood.at}, and the model knows nobody without"}
                    for name in _nearest(bundle, stood.feeds))  # fmt: skip
    first = alone.first_registered(tables.get("registration", ()), stood.at)
    if first is not None and (stood.at - first).days < HISTORY:
        yield _short("registration", (stood.at - first).days)
    read = {name for name in tables_of(stood.feeds) if name in bundle.tables} - FOLLOWS
    for name in sorted(read):
        observed = (stood.at - alone.covered_from(tables["feed"], name, stood)).days
        if observed < HISTORY:
            yield _short(name, observed)


def _nearest(bundle: Bundle, feeds: int) -> tuple[str, ...]:
    """The fewest tables that would make the feeds a pattern that the model may score."""
    held = feeds & mask_of(bundle.tables)
    lacking = min((served & ~held for served in bundle.served), key=lambda mask: (mask == 0, mask.bit_count()), default=0)  # fmt: skip
    return tables_of(lacking) or bundle.tables


def hidden(stood: alone.Alone) -> bool:
    """Whether the rows themselves say that the person died or objects."""
    return stood.reason is not None and stood.reason.startswith(NOT_THERE)


def _short(table: str, days: int) -> dict[str, Any]:
    return {"table": table, "columns": [], "months": {"found": int(days / MONTH), "needed": round(HISTORY / MONTH)},
            "why": "too few months of history"}  # fmt: skip
