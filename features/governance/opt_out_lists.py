"""Opt-outs that come as lists of NHS numbers, as an extract that the record takes in.

The national service for checking opt-outs is sent a list of numbers and gives back those that may be used: whoever was sent and
did not come back has opted out, whoever came back has not (NHS England, Check for National Data Opt-outs Service: a number a
line, with a comma). A local list names those who opted out, and another those who took it back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow as arrow

from features.coding import NHS_NUMBER
from features.errors import BadInput
from features.progress import Progress
from features.sources.contract import Batch, Fault, InputFile

NAME = "opt_outs"


def numbers(path: Path) -> frozenset[str]:
    """The NHS numbers in a file, one a line, each with or without a comma; :class:`BadInput` names the line that is none, and
    never what is on it."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"expected a list of NHS numbers in {path}, and cannot read it; nothing was written") from error
    found = set()
    for number, line in enumerate(lines, 1):
        bare = line.strip().rstrip(",").replace(" ", "").replace("-", "").strip('"')
        if bare and not NHS_NUMBER.well_formed(bare):
            raise BadInput(
                f"{path}, line {number}: expected an NHS number, found none that is well formed; nothing was written"
            )
        if bare:
            found.add(bare)
    return frozenset(found)


@dataclass
class OptOutList:
    """A :class:`~features.sources.contract.Source` of objections of one ``kind`` as told on a day: those who object from that day, and
    those whose objection, begun on a known day, ends."""

    kind: str
    on: date
    objecting: tuple[str, ...]
    ending: Mapping[str, date]
    about_: Mapping[str, str]
    name: str = NAME

    @property
    def is_empty(self) -> bool:
        return not self.objecting and not self.ending

    def inputs(self) -> list[InputFile]:
        said = repr((self.kind, self.on, sorted(self.objecting), sorted(self.ending.items())))
        return [InputFile(f"{self.kind} {self.on}", hashlib.sha256(said.encode()).hexdigest())]

    def check(self) -> list[Fault]:
        return []

    def about(self) -> dict[str, str]:
        return dict(self.about_)

    def feeds(self) -> arrow.Table:
        row = {"feed": NAME, "known_at": self.on, "known_until": None, "source": NAME, "table_name": "objection",
               "organisation": self.kind, "organisation_scheme": "local", "covers": "*", "period_from": self.on,
               "period_to": self.on + timedelta(days=1), "purposes": "*"}  # fmt: skip
        return arrow.table({name: [value] for name, value in row.items()})

    def batches(self, progress: Progress) -> Iterator[Batch]:
        progress.stage("reading rows", len(self.objecting) + len(self.ending))
        rows: list[tuple[str, date, date | None]] = [(number, self.on, None) for number in self.objecting]
        rows += [(number, begun, self.on) for number, begun in sorted(self.ending.items())]
        columns = {
            "nhs_number": [number for number, *_ in rows],
            "row_key": [f"{self.kind}|{number}|{begun}" for number, begun, _ in rows],
            "feed": [NAME] * len(rows),
            "kind": [self.kind] * len(rows),
            "event_date": arrow.array([begun for _, begun, _ in rows], arrow.date32()),
            "end_date": arrow.array([end for *_, end in rows], arrow.date32()),
            "known_at": arrow.array([self.on] * len(rows), arrow.date32()),
        }
        yield Batch("objection", f"{self.kind} opt-outs", arrow.table(columns))


def changes(
    objecting: Iterable[str], withdrawn: Iterable[str], begun: Mapping[str, date]
) -> tuple[tuple[str, ...], dict[str, date]]:
    """Numbers that object anew, and those whose objection ends with the day it began on; ``begun`` holds the objections in force.
    A number that is in both lists objects."""
    wanted = set(objecting)
    fresh = tuple(sorted(wanted - set(begun)))
    return fresh, {number: begun[number] for number in sorted((set(withdrawn) - wanted) & set(begun))}
