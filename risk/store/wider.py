"""Reading lists wider than a practice, and practices' own lists by an outcome beside."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, func, select, tuple_

from risk.store.engine import plain
from risk.store.hiding import shown
from risk.store.runs import RunReading
from risk.store.tables import list_entry, run_wider


class WiderLists(RunReading):
    """A run's lists of teams, networks and places."""

    def wider_lists(self, number: int, kind: str | None = None, code: str | None = None) -> list[dict[str, Any]]:
        """A run's, with their numbers and without people: of one kind, or of one code, where it is given."""
        rows = run_wider.c
        held = select(run_wider).where(rows.run == number).order_by(rows.kind, rows.scheme, rows.code)
        if kind is not None:
            held = held.where(rows.kind == kind)
        if code is not None:
            held = held.where(rows.code == code)
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(held).mappings()]

    def wider_people(
        self,
        number: int,
        name: str,
        practices: Collection[tuple[str, str]] | None = None,
        *,
        after: int = 0,
        limit: int | None = None,
    ) -> list[dict[str, Any]]:
        """The people of the list ``name`` who may be shown, in its order from the rank after ``after``, each with the ``scheme`` and ``practice`` that
        they are of; where ``practices`` are given, theirs alone."""
        held = (
            select(*(column for column in list_entry.c if column.name not in ("run", "list")))
            .where(*_shown_of(number, name, practices), list_entry.c.rank > after)
            .order_by(list_entry.c.rank)
            .limit(limit)
        )
        with self.reading() as connection:
            rows = [plain(row) for row in connection.execute(held).mappings()]
        beside = self.outcomes_of(number, [row["person_id"] for row in rows])
        return [{**row, "outcomes": beside.get(row["person_id"], [])} for row in rows]

    def wider_sections(
        self, number: int, name: str, practices: Collection[tuple[str, str]] | None = None
    ) -> dict[str, int]:
        """People of the list who may be shown, by section (none: the empty text); where ``practices`` are given, theirs alone."""
        held = select(list_entry.c.section, func.count()).where(*_shown_of(number, name, practices))
        with self.reading() as connection:
            found = connection.execute(held.group_by(list_entry.c.section))
            return {section or "": int(people) for section, people in found}

    def wider_withheld(self, number: int, name: str) -> int:
        """Of the list's people, how many are not shown any more."""
        on_it = (list_entry.c.run == number, list_entry.c.list == name)
        with self.reading() as connection:
            gone = select(func.count()).select_from(list_entry).where(*on_it, ~shown(list_entry.c.person_id))
            there = connection.scalar(select(func.count()).select_from(list_entry).where(*on_it))
            listed = connection.scalar(
                select(run_wider.c.listed).where(run_wider.c.run == number, run_wider.c.list == name)
            )
            return int(connection.scalar(gone) or 0) + int(listed or 0) - int(there or 0)


def _shown_of(number: int, name: str, practices: Collection[tuple[str, str]] | None) -> list[ColumnElement[bool]]:
    held = [list_entry.c.run == number, list_entry.c.list == name, shown(list_entry.c.person_id)]
    if practices is not None:
        held.append(tuple_(list_entry.c.scheme, list_entry.c.practice).in_(sorted(practices)))
    return held
