"""Which runs showed people who were separated since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from risk.store.engine import plain
from risk.store.hiding import Hiding
from risk.store.tables import person_score, run

#: Runs that somebody may have read.
SHOWN = ("published", "shadow")


class Separating(Hiding):
    """Separated people are hidden, on whatever list, in every run that there is (:data:`risk.store.hiding.UNLINKED`)."""

    def newest_run(self) -> int:
        """The number of the last run that there is; 0 where there is none."""
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
