"""People who were separated: not shown from the runs that read them as one, until a later run has scored them anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, exists, func, insert, select

from risk.store.engine import Database, plain
from risk.store.tables import hidden_person, person_score, run

#: Runs that somebody may have read.
SHOWN = ("published", "shadow")


def unseparated(rows: Table) -> ColumnElement[bool]:
    """The person of a row of ``rows`` (which has ``run`` and ``person_id``) was not separated since its run."""
    return ~exists().where(hidden_person.c.person_id == rows.c.person_id, hidden_person.c.through_run >= rows.c.run)


class Separating(Database):
    """Separated people are not shown to anybody, on whatever list, from a run before."""

    def separate(self, people: Sequence[int], ground: str) -> int:
        """Show ``people`` no more from any run that there is; the number of the last of them."""
        with self.writing() as connection:
            last = int(connection.scalar(select(func.max(run.c.number))) or 0)
            rows = [
                {"person_id": person, "through_run": last, "ground": ground, "at": datetime.now(UTC)}
                for person in people
            ]
            if rows:
                connection.execute(insert(hidden_person), rows)
        return last

    def separations(self) -> int:
        """How often people were separated: whoever keeps an answer about a run must ask anew when it grows."""
        with self.reading() as connection:
            return int(connection.scalar(select(func.max(hidden_person.c.seq))) or 0)

    def runs_that_showed(self, people: Sequence[int]) -> list[dict[str, Any]]:
        """Runs that scored any of ``people``: ``run``, ``index_date``, ``status``, ``person_id``, ``scheme``, ``practice``, ``listed``,
        by run."""
        held = (
            select(run.c.number.label("run"), run.c.index_date, run.c.status, person_score.c.person_id, person_score.c.scheme,
                   person_score.c.practice, person_score.c.listed)
            .join(run, run.c.number == person_score.c.run)
            .where(person_score.c.person_id.in_(list(people)), run.c.status.in_(SHOWN))
            .order_by(run.c.number, person_score.c.person_id)
        )  # fmt: skip
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(held).mappings()]
