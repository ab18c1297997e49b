"""Writing a run: rows under a staging number in small transactions, then one short transaction that readers see."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Table, delete, func, insert, select, update

from risk.store.bulk import BATCH, clear, insert_rows
from risk.store.outcomes import OutcomeRows
from risk.store.tables import (
    criterion_entry,
    frailty_proposal,
    hospital_at_home,
    list_entry,
    person_outcome,
    person_score,
    run,
    run_criterion,
    run_outcome,
    run_pointer,
    run_practice,
    run_wider,
)
from risk.store.withdrawing import PUBLISHED, TOLD_PUBLISHED, tell

LOCK = 0x66726103
PRIORITY = "priority"


@dataclass(frozen=True)
class NewRun:
    """What is known of a run when it begins. ``fraction`` is the share of scored adults that a list holds."""

    index_date: date
    data_as_at: date | None
    outcome: str
    title: str
    horizon: int
    minimum_age: int
    fraction: float
    model_name: str
    model_version: int
    model_sha256: str
    manifest_fingerprint: str
    permissions: Any
    about: Mapping[str, Any]
    feeds: Any = None
    waived: Any = None


class RunWriting(OutcomeRows):
    """The staging of a run, and its publication."""

    def begin_run(self, new: NewRun) -> int:
        """Give a run its number, in staging: no reader sees it."""
        with self.writing(alone=LOCK) as connection:
            self._only_holder(connection)
            number = (connection.scalar(select(func.max(run.c.number))) or 0) + 1
            row = {**asdict(new), "number": number, "status": "staging", "started_at": datetime.now(UTC),
                   "fence": self.fence}  # fmt: skip
            connection.execute(insert(run), row)
        return int(number)

    def write_practices(self, number: int, practices: Iterable[Mapping[str, Any]]) -> None:
        """``scheme``, ``practice``, ``registered``, ``scored``, ``k``, ``threshold``, ``listed`` of each practice."""
        self._write(number, run_practice, practices)

    def write_scores(self, number: int, columns: Mapping[str, Any]) -> None:
        """Everyone scored, as columns of equal length (a data frame will do): ``person_id``, ``scheme``, ``practice``,
        ``rank``, ``raw``, ``probability``, ``band``, ``listed``, and ``age_band`` and ``sex`` where known; sorted by person."""
        self._columns(number, person_score, {"run": number}, columns)

    def write_outcome_scores(self, number: int, place: int, columns: Mapping[str, Any]) -> None:
        """Everyone scored for the outcome at ``place``, as columns: ``person_id``, ``raw``, ``probability``, ``low``, ``high``, ``band``."""
        self._columns(number, person_outcome, {"run": number, "place": place}, columns)

    def clear_lists(self, number: int) -> None:
        """Remove the practices and lists that a staged run has so far."""
        for table in (
            list_entry,
            frailty_proposal,
            criterion_entry,
            hospital_at_home,
            run_practice,
            run_wider,
            run_criterion,
        ):
            with self.writing() as connection:
                self._may_write(connection, number)
                connection.execute(delete(table).where(table.c.run == number))

    def write_wider(self, number: int, row: Mapping[str, Any]) -> None:
        """A list wider than a practice, with its numbers (:data:`risk.store.tables.run_wider`); its people come by :meth:`write_list`."""
        self._write(number, run_wider, [row])

    def write_list(self, number: int, entries: Iterable[Mapping[str, Any]], kind: str = PRIORITY) -> None:
        """Listed people: the columns of a score but ``listed``, with ``reason`` (why listed), and ``reasons`` and ``flags`` as
        JSON bytes."""
        now = datetime.now(UTC)
        self._write(number, list_entry, ({"list": kind, "listed_at": now, **entry} for entry in entries))

    def publish(
        self, number: int, *, content_sha256: str, counts: Any, valid_until: date, shadow: bool = False
    ) -> None:
        """Close a staged run and, unless it is a shadow run, move the pointer to it: one short transaction.

        :class:`Refused` where the run is not in staging: a published run never changes.
        """
        now = datetime.now(UTC)
        with self.writing(alone=LOCK) as connection:
            self._may_write(connection, number)
            closed = {"status": "shadow" if shadow else PUBLISHED, "content_sha256": content_sha256, "counts": counts,
                      "valid_until": valid_until, "ended_at": now}  # fmt: skip
            connection.execute(update(run).where(run.c.number == number).values(closed))
            if not shadow:
                moved = {"name": PUBLISHED, "run": number, "moved_at": now}
                connection.execute(delete(run_pointer).where(run_pointer.c.name == PUBLISHED))
                connection.execute(insert(run_pointer), moved)
                tell(
                    connection,
                    TOLD_PUBLISHED,
                    number,
                    now,
                    {"content_sha256": content_sha256, "valid_until": str(valid_until)},
                )

    def fail_run(self, number: int, why: str) -> None:
        """Mark a staged run as failed and clear its rows. ``why`` names no person."""
        with self.writing(alone=LOCK) as connection:
            self._may_write(connection, number)
            closed = {"status": "failed", "failure": why, "ended_at": datetime.now(UTC)}
            connection.execute(update(run).where(run.c.number == number).values(closed))
        for table in (list_entry, run_practice, run_wider, run_criterion, run_outcome):
            with self.writing() as connection:
                connection.execute(delete(table).where(table.c.run == number))
        for table in (person_score, person_outcome, frailty_proposal, criterion_entry, hospital_at_home):
            clear(self, table, number)

    def _columns(self, number: int, table: Table, same: Mapping[str, int], columns: Mapping[str, Any]) -> None:
        """Add rows in the order of ``person_id``, in small transactions, from the one after the last that is there: a run that was killed
        goes on."""
        of_run = [table.c[name] == value for name, value in same.items()]
        with self.writing() as connection:
            self._may_write(connection, number)
            last = connection.scalar(select(func.max(table.c.person_id)).where(*of_run))
        names = [name for name in table.c.keys() if name not in same and name in columns]  # noqa: SIM118
        people = columns["person_id"]
        first = 0 if last is None else bisect_right(people, last)
        for start in range(first, len(people), BATCH):
            part = [_plain(columns[name][start : start + BATCH]) for name in names]
            rows = list(zip(*([value] * len(part[0]) for value in same.values()), *part, strict=True))
            with self.writing() as connection:
                self._may_write(connection, number)
                insert_rows(connection, table, [*same, *names], rows)

    def _write(self, number: int, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        for batch in batches(({"run": number, **row} for row in rows), BATCH):
            with self.writing() as connection:
                self._may_write(connection, number)
                connection.execute(insert(table), batch)


def batches(rows: Iterator[Mapping[str, Any]], size: int) -> Iterator[list[Mapping[str, Any]]]:
    """``rows``, ``size`` at a time."""
    while batch := list(islice(rows, size)):
        yield batch


def _plain(column: Any) -> Sequence[Any]:
    """A column's values as Python's own, missing ones as None."""
    values = column.tolist() if hasattr(column, "tolist") else list(column)
    if values and isinstance(values[0], int | bool):
        return values
    return [None if value is None or value != value else value for value in values]
