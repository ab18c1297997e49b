"""People who were separated: not shown from the runs that read them as one, until a later run has scored them anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from risk.store.engine import plain
from risk.store.hiding import UNLINKED, Hiding, Told
from risk.store.tables import person_score, run

#: Runs that somebody may have read.
SHOWN = ("published", "shadow")


class Separating(Hiding):
    """Separated people are not shown to anybody, on whatever list, from a run before."""

    def separate(self, people: Sequence[int], source: str, by: str = "") -> int:
        """Show ``people`` no more from any run that there is; the number of the last of them."""
        day = datetime.now(UTC).date()
        self.tell(Told(person, UNLINKED, day, source, by or source) for person in people)
        with self.reading() as connection:
            return int(connection.scalar(select(func.max(run.c.number))) or 0)

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
