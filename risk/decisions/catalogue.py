"""The area's catalogue of actions, and who answers for each table of the record: a file of the area's own, or the house's."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from features.errors import BadInput
from features.record.tables import PERSON_TABLES
from risk.drivers import DRIVERS

OWN = Path(__file__).parent / "actions.toml"
DEFAULT = "default"


@dataclass(frozen=True)
class Action:
    """Something that a team can do. ``drivers`` of a score that it answers; ``source`` says why it is here; ``letter`` what a letter to the person says of
    it, which may be left out: then no letter does."""

    code: str
    title: str
    domain: str
    drivers: tuple[str, ...]
    service: str
    source: str
    letter: str = ""


@dataclass(frozen=True)
class Catalogue:
    """Actions by code, and owners by table."""

    actions: Mapping[str, Action]
    owners: Mapping[str, str]

    def owner(self, table: str) -> str:
        """Who answers that a fact of ``table`` is not right."""
        return self.owners.get(table, self.owners[DEFAULT])


@cache
def catalogue(path: Path | None = None) -> Catalogue:
    """The catalogue in a file; the house's own without one. :class:`BadInput` names what of it does not fit."""
    place = path or OWN
    try:
        told = tomllib.loads(place.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(
            f"expected a catalogue of actions in {place}, and cannot read it; see the setting actions"
        ) from error
    if unknown := sorted(set(told) - {"action", "owners"}):
        raise BadInput(f"{place}: expected [[action]] and [owners], found {', '.join(unknown)}")
    actions = [_action(place, number, said) for number, said in enumerate(_tables(place, told), 1)]
    codes = [action.code for action in actions]
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise BadInput(f"{place}: expected each code once, found {', '.join(twice)} more than once")
    return Catalogue({action.code: action for action in actions}, _owners(place, told.get("owners", {})))


def _tables(place: Path, told: Mapping[str, Any]) -> list[Any]:
    held = told.get("action")
    if not isinstance(held, list) or not held:
        raise BadInput(f"{place}: expected one [[action]] or more, found none")
    return held


def _action(place: Path, number: int, said: Mapping[str, Any]) -> Action:
    wanted = {column.name for column in fields(Action)} - {"letter"}
    if set(said) - {"letter"} != wanted:
        raise BadInput(
            f"{place}, action {number}: expected {', '.join(sorted(wanted))}, found {', '.join(sorted(said))}"
        )
    if not all(isinstance(said[name], str) and said[name] for name in set(said) - {"drivers"}):
        raise BadInput(f"{place}, action {number}: expected words for each field and a list of drivers")
    known = {driver.name for driver in DRIVERS}
    drivers = said["drivers"]
    if not isinstance(drivers, list) or not set(drivers) <= known:
        raise BadInput(f"{place}, action {number}: expected drivers among {', '.join(sorted(known))}, found another")
    if len(said["code"]) > 64:
        raise BadInput(f"{place}, action {number}: expected a code of at most 64 letters")
    return Action(**{**said, "drivers": tuple(drivers)})


def _owners(place: Path, said: Mapping[str, Any]) -> dict[str, str]:
    if not isinstance(said.get(DEFAULT), str):
        raise BadInput(f"{place}: expected [owners] to have {DEFAULT}, who answers for every table not named")
    if unknown := sorted(set(said) - {DEFAULT, *PERSON_TABLES}):
        raise BadInput(f"{place}: expected [owners] by table of the record, found {', '.join(unknown)}")
    return dict(said)
