"""The one table of what an export may hold. No column holds a code of a diagnosis, a small area, a home's name or a day of birth.

Whoever is not identified is told by months and not by days.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from risk import plans
from risk.clients import Access
from risk.export.cells import nhs_number
from risk.members import told
from risk.pseudonyms import Pseudonyms
from risk.run.saying import notes_of

Row = Mapping[str, Any]
NUMBER = "nhs_number"


@dataclass(frozen=True)
class Reader:
    """For whom rows are told: by which ids, with the reasons and dates of which role; ``numbers`` finds somebody's only NHS number, where they are identified;
    ``beside`` is the same of every row."""

    pseudonyms: Pseudonyms
    access: Access
    beside: Mapping[str, Any]
    numbers: Callable[[int], str | None] | None = field(default=None, repr=False)

    def day(self, on: object) -> str | None:
        """A day: of whoever is not identified its month, and nothing for a role that reads no dates."""
        if on is None or not self.access.dates:
            return None
        return str(on) if self.numbers is not None else str(on)[:7]


@dataclass(frozen=True)
class Column:
    """``says`` what it is, for the documents; ``of`` is its value in a row: text, a number or nothing."""

    says: str
    of: Callable[[Row, Reader], str | int | float | None]


def _plain(name: str, says: str) -> Column:
    return Column(says, lambda row, _: row[name])


def _beside(name: str, says: str) -> Column:
    return Column(says, lambda _, reader: reader.beside[name])


def _number(row: Row, reader: Reader) -> str | None:
    assert reader.numbers is not None, "an NHS number is asked for by whoever may have it"
    digits = reader.numbers(row["person_id"])
    return None if digits is None else nhs_number(digits)


def _flags(row: Row) -> dict[str, Any]:
    return orjson.loads(row["flags"]) if row["flags"] else {}


def _plan(row: Row, _reader: Reader) -> str | None:
    followed = plans.followed(_flags(row))
    return None if followed is None else str(followed["says"])


def _notes(row: Row, reader: Reader) -> str:
    coarse = {name: {**flag, "on": reader.day(flag["on"])} if isinstance(flag, Mapping) else flag for name, flag in _flags(row).items()}  # fmt: skip
    return "; ".join(notes_of(coarse))


def _reasons(row: Row, reader: Reader) -> str:
    held = told(orjson.loads(row["reasons"]), reader.access) if row["reasons"] else {"raises": []}
    return "; ".join(reason["says"] for reason in held["raises"])


COLUMNS: dict[str, Column] = {
    "rank": _plain("rank", "place by risk, 1 the highest"),
    NUMBER: Column("the NHS number as 3 3 4 digits, text; empty where none or more than one is known", _number),
    "person": Column("the caller's own opaque id", lambda row, reader: reader.pseudonyms.of(row["person_id"])),
    "practice": _plain("practice", "the code of the person's practice"),
    "age_band": _plain("age_band", "five years; 90+ is closed"),
    "sex": _plain("sex", "as recorded"),
    "band": _plain("band", "high, medium or low; a low band is not a reason to withhold care"),
    "probability": _plain("probability", "a fraction, 0 to 1"),
    "low": _plain("low", "where the probability lies between: from"),
    "high": _plain("high", "where the probability lies between: to"),
    "listed": Column("yes or no: on the priority list", lambda row, _: "yes" if row["listed"] else "no"),
    "listed_because": _plain("reason", "by the score, or added"),
    "section": _plain("section", "the section of the list; empty: the list itself"),
    "home": _plain("home", "the number of the care home within the practice's list"),
    "follow_the_plan": Column("the plan that suggested actions give way to", _plan),
    "flags": Column("what is recorded beside, in words", _notes),
    "reasons": Column("what raises the risk most, in words", _reasons),
    "because": Column("why the criterion is met, in words", lambda row, _: "; ".join(row["because"])),
    "since": Column("since when in hospital at home", lambda row, reader: reader.day(row["since"])),
    "told_by": _plain("told_by", "the kind of feed that says so"),
    "state": _plain("state", "waiting, look_again, confirmed or rejected"),
    "proposed": _plain("proposed", "mild, moderate or severe, for a clinician to answer; empty: nothing"),
    "rests_on": Column("what the proposal rests on, in words", lambda row, _: "; ".join(one["says"] for one in row["rests_on"])),
    "category": _plain("category", "a clinician's word; empty: nobody's yet"),
    "answered_on": Column("when the person was assessed", lambda row, reader: reader.day(row["on"])),
    "run": _beside("run", "number of the run"),
    "index_date": _beside("index_date", "the day by which the run scored"),
    "data_as_at": _beside("data_as_at", "the newest day of the data"),
    "valid_until": _beside("valid_until", "after which the row holds no more"),
    "marking": _beside("marking", "what data it is from, where they are not real"),
    "not_for": _beside("not_for", "what a row must not be used for"),
}  # fmt: skip
#: Of every export, beside its own.
OF_RUN = ("run", "index_date", "data_as_at", "valid_until", "marking", "not_for")
_WHO, _RISK = ("person", "practice", "age_band", "sex"), ("band", "probability", "low", "high")
_LISTED = ("rank", *_WHO, *_RISK, "listed_because", "section", "home", "follow_the_plan", "flags", "reasons")


@dataclass(frozen=True)
class Export:
    """A kind of export: its ``title``, which is in the file's name; the ``scope`` that it takes; its ``own`` columns; whether people may be ``identified`` in it;
    and whether it is one ``of`` several (a criterion's, an outcome's)."""

    title: str
    scope: str
    own: tuple[str, ...]
    identified: bool = True
    of: bool = False

    @property
    def usual(self) -> tuple[str, ...]:
        """Columns where none are named: each row says by itself of which run it is and how long it holds."""
        return (*self.own, "run", "valid_until")

    @property
    def known(self) -> tuple[str, ...]:
        """Every column that may be named."""
        return (*((NUMBER,) if self.identified else ()), *self.own, *OF_RUN)


EXPORTS: dict[str, Export] = {
    "list": Export("priority-list", "lists:read", _LISTED),
    "outcome": Export("list-by-outcome", "lists:read", _LISTED, of=True),
    "criterion": Export("criterion", "lists:read", ("rank", *_WHO, "band", "probability", "listed", "because"), of=True),
    "hospital_at_home": Export("hospital-at-home", "lists:read", (*_WHO, "since", "told_by", "band", "probability")),
    "register": Export("frailty-register", "register:read", (*_WHO, "state", "proposed", "rests_on", "category", "answered_on")),
    # Of everybody whom a practice has: nobody needs to know who the unlisted are.
    "scores": Export("scores", "scores:read", ("rank", *_WHO, *_RISK, "listed"), identified=False),
}  # fmt: skip
