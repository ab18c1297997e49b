"""Telling the overlay, by a file, who is shown no more: whole or not at all, and at once.

Columns of the file: ``person`` (an opaque id as `frailty list` shows it, or an NHS number), ``ground`` (:data:`risk.grounds.GROUNDS`), ``from``
(a day that has come), ``source`` (who says so), and where needed ``practice`` (the one that was left) and ``act`` (``hide``, which is meant where nothing is
said, or ``lift``).
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as arrow

from features.coding import NHS_NUMBER
from features.errors import BadInput, WrongUsage
from features.linkage.identity import NOBODY, IdentityStore
from risk import hiding, operator, telling
from risk import store as stores
from risk.grounds import GROUNDS
from risk.linkage.opening import PREFIX, Names
from risk.settings import Settings
from risk.store import Store
from risk.store.hiding import DERIVED, Told
from risk.today import today

NEEDED, MAY = ("person", "ground", "from", "source"), ("practice", "act")
ACTS = {"hide": True, "lift": False}
#: Words without what may be somebody's number.
SOURCE = re.compile(r"(?!.*\d{6})[A-Za-z0-9 .,:/_'-]{1,64}")
#: Lines that are said to be wrong, before "and N more".
MOST = 10


@dataclass(frozen=True)
class Line:
    """A line of the file, in which nothing has been looked up yet."""

    number: int
    person: str
    ground: str
    since: date
    source: str
    practice: str
    hides: bool

    @property
    def nhs_number(self) -> str | None:
        bare = self.person.replace(" ", "").replace("-", "")
        return bare if bare.isdecimal() else None


def take(settings: Settings, file: Path | None, record: Path | None, *, skip_unknown: bool = False) -> dict[str, Any]:
    """Tell the overlay what ``file`` says, and bring it to what ``record`` says today; counts, ready for JSON.

    :class:`BadInput` names the lines that do not fit, and nothing of any is told. ``skip_unknown``: numbers that nobody here has are counted and
    passed over, as of a list of a wider area.
    """
    if file is None and record is None:
        raise WrongUsage("expected a FILE that says who is shown no more, or --record, or both")
    operator.ready(settings)
    store = stores.open(settings)
    counts, unknown = {"hidden": 0, "lifted": 0, "unchanged": 0}, 0
    if file is not None:
        lines = read(file, today(settings))
        if record is None and any(line.nhs_number for line in lines):
            raise WrongUsage("expected --record beside NHS numbers: it says who is one person with somebody")
        scored = store.scored_anywhere() if any(line.practice or not line.nhs_number for line in lines) else []
        people = _looked_up(settings, lines, {person for person, _, _ in scored})
        schemes = {(person, code): scheme for person, scheme, code in scored}
        _refuse(file, _faults(store, lines, people, schemes, skip_unknown))
        rows = [_told(line, people[line.number], schemes) for line in lines if line.number in people]
        unknown = len(lines) - len(rows)
        counts = telling.tell(settings, store, rows)
        operator.record(settings, store, "overlay.told", people=sorted({row.person_id for row in rows}),
                        detail={**counts, "grounds": sorted({row.ground for row in rows})})  # fmt: skip
    shown_nowhere = None if record is None else hiding.refresh(settings, store, record)
    return {**counts, "unknown": unknown, "of_record": shown_nowhere, "standing": store.hidden_by_ground()}


def read(file: Path, day: date) -> list[Line]:
    """The lines of the file; :class:`BadInput` says which do not fit and what was expected, and never what is on them."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"expected a CSV file in UTF-8 in {file}, and cannot read it; nothing was written") from error
    rows = csv.reader(text.splitlines())
    names = [name.strip() for name in next(rows, [])]
    if sorted(set(names)) != sorted(names) or not set(NEEDED) <= set(names) <= {*NEEDED, *MAY}:
        raise BadInput(
            f"{file}: expected the columns {', '.join(NEEDED)}, and where needed {', '.join(MAY)}; found others; nothing was written"
        )
    found, faults = [], {}
    for number, cells in enumerate(rows, 2):
        if not any(cell.strip() for cell in cells):
            continue
        try:
            found.append(_line(number, dict(zip(names, map(str.strip, cells), strict=True)), day))
        except ValueError as error:
            faults[number] = (
                str(error) if isinstance(error, _Fault) else f"expected {len(names)} cells, found {len(cells)}"
            )
    _refuse(file, faults)
    return found


class _Fault(ValueError):
    """What is wrong with a line, without what is on it."""


def _line(number: int, cells: Mapping[str, str], day: date) -> Line:
    ground, act = GROUNDS.get(cells["ground"]), cells.get("act") or "hide"
    since = _day(cells["from"])
    practice = cells.get("practice", "")
    tests = (
        (cells["person"], "expected an opaque id or an NHS number in `person`, found nothing"),
        (ground, f"expected a ground among {', '.join(GROUNDS)}, found another"),
        (act in ACTS, "expected `act` to be hide or lift, found another"),
        (since, "expected a day such as 2024-11-30 in `from`, found something else"),
        (since is None or since <= day, f"expected a day up to {day} in `from`, found a later one: tell it when it has come"),
        (SOURCE.fullmatch(cells["source"]), "expected in `source` who says so, in up to 64 plain letters and no long number"),
        (cells["source"] not in DERIVED, "expected a source other than `record` and `link`: what the record says, `--record` reads"),
        (ground is None or ground.of_a_practice == bool(practice), "expected `practice` with the ground left_practice, and with no other"),
        (ground is None or ground.lifts or act != "lift", "expected no lift of a registered death: the record alone takes it back"),
    )  # fmt: skip
    for fits, says in tests:
        if not fits:
            raise _Fault(says)
    assert ground is not None
    assert since is not None
    return Line(number, cells["person"], ground.name, since, cells["source"], practice, ACTS[act])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None


def _looked_up(settings: Settings, lines: Sequence[Line], scored: Collection[int]) -> dict[int, int]:
    """``person_id`` by line; lines whose person is nobody, or of whose opaque id there are several, are left out."""
    found: dict[int, int] = {}
    by_number = {line.number: line.nhs_number for line in lines if line.nhs_number}
    fit = {number: nhs for number, nhs in by_number.items() if NHS_NUMBER.well_formed(nhs)}
    if fit:
        with IdentityStore.open(settings.identity_folder, settings.identity_key_file) as identity:
            ids = identity.find(arrow.array(list(fit.values())), "", arrow.nulls(len(fit), arrow.string()))
        found |= {number: person for number, person in zip(fit, ids.tolist(), strict=True) if person != NOBODY}
    begins = {line.number: line.person.replace("-", "").lower() for line in lines if not line.nhs_number}
    if begins:
        names, by_letters = Names.of(settings), defaultdict(list)
        for person in scored:
            text = names.pseudonyms.of(person)
            by_letters[text[:PREFIX]].append((text, person))
        for number, letters in begins.items():
            fits = [person for text, person in by_letters.get(letters[:PREFIX], ()) if text.startswith(letters)]
            if len(fits) == 1:
                found[number] = fits[0]
    return found


def _faults(
    store: Store,
    lines: Sequence[Line],
    people: Mapping[int, int],
    scored: Collection[tuple[int, str]],
    skip_unknown: bool,
) -> dict[int, str]:
    """What is wrong with lines that fit in themselves, by number of line."""
    held = store.standing(set(people.values()))
    standing = {(row["person_id"], row["ground"], row["practice"], row["source"]) for row in held}
    faults = {}
    for line in lines:
        person, nhs = people.get(line.number), line.nhs_number
        key = (person, line.ground, line.practice, line.source)
        if nhs and not NHS_NUMBER.well_formed(nhs):
            faults[line.number] = "expected an NHS number, found one that is not well formed"
        elif person is None and not (nhs and skip_unknown):
            faults[line.number] = (
                "nobody here has that NHS number; --skip-unknown passes over such lines" if nhs
                else "expected an opaque id of somebody whom a run scored, 8 or more letters of it, found that of nobody or of several"
            )  # fmt: skip
        elif person is not None and line.practice and (person, line.practice) not in scored:
            faults[line.number] = "expected a practice that a run scored the person in, found another"
        elif person is not None and not line.hides and key not in standing:
            faults[line.number] = "expected a lift of what the same source told and what stands, found nothing such"
        if line.hides and person is not None:
            standing.add((person, line.ground, line.practice, line.source))
    return faults


def _told(line: Line, person: int, schemes: Mapping[tuple[int, str], str]) -> Told:
    scheme = schemes[person, line.practice] if line.practice else ""
    return Told(person, line.ground, line.since, line.source, operator.name(), line.hides, scheme, line.practice)


def _refuse(file: Path, faults: Mapping[int, str]) -> None:
    if faults:
        said = "; ".join(f"line {number}: {says}" for number, says in sorted(faults.items())[:MOST])
        more = f"; and {len(faults) - MOST} more lines" if len(faults) > MOST else ""
        raise BadInput(f"{file}, {said}{more}; nothing was written")
