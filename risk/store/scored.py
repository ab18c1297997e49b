"""Whom runs scored and listed, and where: as columns, of everybody at once."""

from __future__ import annotations

import numpy as np
import pyarrow as arrow
from sqlalchemy import String, cast, func, select

from risk.store.engine import Database
from risk.store.tables import list_entry, person_score


class Scored(Database):
    """The people of all runs there are."""

    def scored_anywhere(self) -> list[tuple[int, str, str]]:
        """``person_id``, ``scheme`` and ``practice`` of everybody whom a run scored or listed, with each practice that it did so in."""
        columns = self.scored_columns()
        return list(zip(*(columns[name].to_pylist() for name in columns.column_names), strict=True))

    def scored_columns(self) -> arrow.Table:
        """The same as a table of the columns ``person_id`` (int64), ``scheme`` and ``practice``, a row once. The database gives a practice's people as one
        text: a row each would make a million objects of as many people, and several of each run."""
        held: dict[tuple[str, str], list[str]] = {}
        with self.reading() as connection:
            for table in (person_score, list_entry):
                people = func.aggregate_strings(cast(table.c.person_id, String), ",")
                of_practice = select(table.c.scheme, table.c.practice, people).group_by(
                    table.c.scheme, table.c.practice
                )
                for scheme, practice, text in connection.execute(of_practice):
                    held.setdefault((str(scheme), str(practice)), []).append(text)
        each_once = [np.unique(np.fromstring(",".join(texts), dtype=np.int64, sep=",")) for texts in held.values()]
        each = np.repeat(np.arange(len(each_once), dtype=np.int32), [len(of) for of in each_once])
        named = {
            name: arrow.DictionaryArray.from_arrays(each, arrow.array([key[at] for key in held], arrow.string()))
            for at, name in enumerate(("scheme", "practice"))
        }
        return arrow.table({"person_id": np.concatenate(each_once) if each_once else np.zeros(0, np.int64), **named})
