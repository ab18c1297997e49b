"""Taking people out of the store: a tombstone in the place of each row of a run, and an amendment that says why."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, insert, or_, select, update

from risk.store.engine import Database, plain
from risk.store.tables import (
    audit_event,
    criterion_entry,
    frailty_proposal,
    hospital_at_home,
    list_entry,
    metadata,
    person_outcome,
    person_score,
    run,
    run_amendment,
    run_tombstone,
)
from risk.store.writing import LOCK

#: Holds who asked about whom, by ``person_id`` alone: it must be kept, and its chain must hold.
KEPT = (audit_event,)


class Amending(Database):
    """Amendments of published runs, and the removal of people from every table."""

    def amend_run(
        self,
        number: int,
        people: Collection[int],
        *,
        forgetting: str,
        ground: str,
        by: str,
        before: str | None,
        after: str | None,
    ) -> int:
        """Put tombstones in the place of ``people`` in a run, whose content's hash was ``before`` and is ``after``; how many there were.

        One transaction; doing it again changes nothing.
        """
        some = person_score.c.person_id.in_(list(people))
        with self.writing(alone=LOCK) as connection:
            rows = connection.execute(select(person_score).where(person_score.c.run == number, some)).mappings().all()
            if rows:
                stones = [{"forgetting": forgetting, **{name: row[name] for name in ("run", "scheme", "practice", "rank", "listed")}}
                          for row in rows]  # fmt: skip
                connection.execute(insert(run_tombstone), stones)
                connection.execute(
                    delete(list_entry).where(list_entry.c.run == number, list_entry.c.person_id.in_(list(people)))
                )
                connection.execute(delete(person_score).where(person_score.c.run == number, some))
                for table in (person_outcome, criterion_entry, frailty_proposal, hospital_at_home):
                    beside = table.c.person_id.in_(list(people))
                    connection.execute(delete(table).where(table.c.run == number, beside))
                said = {"run": number, "forgetting": forgetting, "ground": ground, "by": by, "at": datetime.now(UTC),
                        "people": len(rows), "listed": sum(bool(row["listed"]) for row in rows),
                        "content_before": before, "content_after": after}  # fmt: skip
                connection.execute(insert(run_amendment), said)
                if after is not None:
                    connection.execute(update(run).where(run.c.number == number).values(content_sha256=after))
        return len(rows)

    def remove_people(self, people: Collection[int]) -> dict[str, int]:
        """Remove every row about ``people`` from every table but the audit; rows removed by table."""
        removed = {}
        with self.writing(alone=LOCK) as connection:
            for table in reversed(metadata.sorted_tables):
                columns = about(table)
                if columns and table not in KEPT:
                    test = or_(*(table.c[name].in_(list(people)) for name in columns))
                    if rows := connection.execute(delete(table).where(test)).rowcount:
                        removed[str(table.name)] = int(rows)
        return removed

    def rows_about(self, people: Collection[int]) -> dict[str, int]:
        """Rows about ``people`` in every table, the audit's too, by table; for the proof."""
        found = {}
        with self.reading() as connection:
            for table in metadata.sorted_tables:
                if columns := about(table):
                    test = or_(*(table.c[name].in_(list(people)) for name in columns))
                    if rows := len(connection.execute(select(table.c[columns[0]]).where(test)).all()):
                        found[str(table.name)] = rows
        return found

    def everything_about(self, people: Collection[int]) -> dict[str, list[dict[str, Any]]]:
        """Every row about ``people`` of every table, the audit's too, by table; none of a table that holds none."""
        found: dict[str, list[dict[str, Any]]] = {}
        with self.reading() as connection:
            for table in metadata.sorted_tables:
                tests: list[ColumnElement[bool]] = [table.c[name].in_(list(people)) for name in about(table)]
                if table is audit_event:
                    tests += [audit_event.c.people.regexp_match(rf"[\[,]{person}[\],]") for person in people]
                if tests:
                    rows = [plain(row) for row in connection.execute(select(table).where(or_(*tests))).mappings()]
                    found |= {str(table.name): rows} if rows else {}
        return found

    def runs_about(self, people: Collection[int]) -> list[int]:
        """Runs that scored any of ``people``, whatever became of the run."""
        held = select(person_score.c.run).where(person_score.c.person_id.in_(list(people))).distinct()
        with self.reading() as connection:
            return sorted(int(number) for (number,) in connection.execute(held))

    def scrub(self) -> None:
        """Leave nothing of removed rows beside the database file. On PostgreSQL its own vacuum does it."""
        if self.is_sqlite:
            with self.engine.connect() as connection:
                connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]


def about(table: Table) -> list[str]:
    """Columns of a table that hold a ``person_id``."""
    return [str(column.name) for column in table.columns if str(column.name).endswith("person_id")]
