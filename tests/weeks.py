"""Weeks in a row of a made-up area whose people are born, move, leave and die on stated days, and what the lists must then say.

Everything is written down at once, each fact with the day on which it became known: a run of a week sees what was known by then. ``why`` says
what became of whoever left a practice, so that its register can be checked person by person.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from features.record.tables import PERSON_TABLES
from risk import keys
from risk.pseudonyms import Pseudonyms
from risk.run.reading import READER, short
from risk.settings import Settings
from tests.records import feeds, record

FIRST = datetime.date(2024, 9, 9)
PRACTICES = ("A81001", "A81002", "A81003")
Told = Callable[..., dict[str, Any]]


def day(week: int) -> datetime.date:
    """The date of a week's run."""
    return FIRST + datetime.timedelta(days=7 * week)


@dataclass
class Area:
    """``at``: by week, the practice of everybody who is registered and alive; ``gone``: why and in which week somebody left one."""

    record: Path
    at: list[dict[int, str]] = field(default_factory=list)
    gone: dict[tuple[int, int], str] = field(default_factory=dict)


def area(folder: Path, people: int, weeks: int, seed: int = 1) -> Area:
    """A record of ``weeks`` weeks. Each week some die, move between practices, leave or join, and are admitted."""
    chance = np.random.default_rng(seed)
    made = Area(folder / "record")
    everybody = range(1, people + people // 10)
    where = {n: PRACTICES[n % 3] for n in range(1, people + 1)}
    joining = list(range(people + 1, people + people // 10))
    rows: dict[str, list[dict[str, Any]]] = {"registration": [], "death": [], "spell": []}
    row_of: dict[int, int] = {}

    def begins(person: int, on: str) -> None:
        row_of[person] = 1 + max((row["row_id"] for row in rows["registration"]), default=0)
        rows["registration"].append(
            {"row_id": row_of[person], "person_id": person, "practice": where[person], "event_date": on, "known_at": on}
        )

    def ends(person: int, on: datetime.date, why: str) -> None:
        known = on + datetime.timedelta(days=1)
        first = next(row for row in reversed(rows["registration"]) if row["row_id"] == row_of[person])
        first["known_until"] = str(known)
        rows["registration"].append(
            {**first, "known_until": None, "known_at": str(known), "end_date": str(on), "end_reason": why}
        )

    stays = dict.fromkeys(everybody, 0)

    def stayed(person: int, on: datetime.date) -> None:
        stays[person] += 1
        rows["spell"].append(_stay(person, on))

    for person in where:
        begins(person, "2000-01-01")
    for person in everybody:
        for month in range(chance.poisson(0.4)):
            stayed(person, datetime.date(2024, 1 + month % 8, 1 + person % 27))
    for week in range(weeks):
        on = day(week) - datetime.timedelta(days=3)
        if week:
            often = sorted(where, key=lambda person: stays[person] - person * 7 % 80 / 20)[-max(20, len(where) // 25) :]
            for person in chance.permutation(often)[: len(often) // 2].tolist():
                fate = chance.choice(["died", "moved", "left_area", "admitted", "admitted", "admitted"])
                if fate == "admitted":
                    stayed(person, on)
                    continue
                made.gone[week, person] = str(fate)
                if fate == "died":
                    rows["death"].append(
                        {"person_id": person, "event_date": str(on), "known_at": str(on + datetime.timedelta(days=1))}
                    )
                else:
                    ends(person, on, str(fate))
                old = where.pop(person)
                if fate == "moved":
                    where[person] = PRACTICES[(PRACTICES.index(old) + 1) % 3]
                    begins(person, str(on))
            for person in [joining.pop() for _ in range(min(2, len(joining)))]:
                where[person] = PRACTICES[person % 3]
                begins(person, str(on))
        made.at.append(dict(where))
    record(
        made.record,
        about="simulated",
        person=[{"person_id": n, "birth_month": f"{1925 + n * 7 % 80}-05-01", "known_at": "2000-01-01"} for n in everybody],
        residence=[{"person_id": n, "imd_decile": 1 + n % 10, "event_date": "2000-01-01"} for n in everybody],
        feed=[
            {**row, "known_at": str(begun), "period_to": str(begun), "known_until": None if until is None else str(until)}
            for begun, until in _deliveries(weeks)
            for row in feeds(*PERSON_TABLES)
        ],
        **rows,
    )  # fmt: skip
    return made


def _stay(person: int, on: datetime.date) -> dict[str, Any]:
    return {"person_id": person, "event_date": str(on), "end_date": str(on + datetime.timedelta(days=2)),
            "known_at": str(on + datetime.timedelta(days=2)), "admission_method": "21"}  # fmt: skip


def _deliveries(weeks: int) -> list[tuple[datetime.date, datetime.date | None]]:
    """Every week's delivery, on the day before its run, and when the next took its place."""
    days = [day(week) - datetime.timedelta(days=1) for week in range(weeks)]
    return list(zip(days, [*days[1:], None], strict=True))


def reconciled(made: Area, settings: Settings, weeks: int, told: Told) -> dict[str, int]:
    """Run every week and check its lists and registers person by person; how many joined, left and moved in all."""
    counted = {"joined": 0, "left": 0, "moved": 0}
    was: dict[str, set[str]] = {}
    for week in range(weeks):
        run = told("run", "--record", str(made.record), "--at", str(day(week)), week=week)
        assert (run["number"], run["previous"]) == (week + 1, week or None)
        people = {practice: {n for n, at in made.at[week].items() if at == practice} for practice in PRACTICES}
        assert {row["practice"]: (row["registered"], row["scored"], row["k"]) for row in run["practices"]} == {
            practice: (len(own), len(own), -(-2 * len(own) // 100)) for practice, own in people.items()
        }
        named = _names(settings, made)
        for practice in PRACTICES:
            listed = told("list", "--practice", practice, week=week)["people"]
            now = {person["person"] for person in listed}
            # Who came less than a year ago is in a section of their own, and takes no place.
            assert sum(person["section"] is None for person in listed) == -(-2 * len(people[practice]) // 100)
            assert {named[one] for one in now} <= people[practice]
            if week:
                register = told("list", "--practice", practice, "--changes", "--to-practice", week=week)
                joined, left = ({row["person"]: row for row in register[kind]} for kind in ("joined", "left"))
                assert set(joined) == now - was[practice]
                assert set(left) == was[practice] - now
                assert register["not_shown"] == 0
                for one, row in left.items():
                    fate = {"died": "died", "moved": "moved away", "left_area": "moved away"}
                    became = made.gone.get((week, named[one]))
                    assert row["why"] == (fate[became] if became else "risk fell below the list's"), (week, became)
                assert {row["person"] for row in register["moved"]} <= now & was[practice]
                for kind in counted:
                    counted[kind] += len(register[kind])
            was[practice] = now
    return counted


def _names(settings: Settings, made: Area) -> dict[str, int]:
    pseudonyms = Pseudonyms(keys.held(settings).person, READER)
    return {short(pseudonyms.of(person)): person for person in {n for week in made.at for n in week}}
