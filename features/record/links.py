"""Two people found to be one, as rows of ``person_link``."""

from __future__ import annotations

import pyarrow as arrow

from features.record.intake import Taken
from features.record.keys import RowIdentities
from features.record.tables import TABLES

REASON = "local_id_met_nhs_number"


class Links:
    """Gathers links over the batches of an ingest: each pair once, known from the earliest row that showed it."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], tuple[int, int]] = {}

    def add(self, taken: Taken) -> None:
        if not taken.links:
            return
        days, feeds = taken.rows["known_at"].cast(arrow.int32()), taken.rows["feed_id"]
        for link in taken.links:
            pair, shown = (link.person_id, link.other_person_id), (days[link.row].as_py(), feeds[link.row].as_py())
            self._found[pair] = min(self._found.get(pair, shown), shown)

    def rows(self, row_ids: RowIdentities) -> arrow.Table:
        """Rows of ``person_link``."""
        pairs = sorted(self._found)
        shown = [self._found[pair] for pair in pairs]
        keys = arrow.array([f"{person}|{other}" for person, other in pairs], arrow.string())
        types = TABLES["person_link"].columns
        columns = {
            "row_id": row_ids.of_keys("person_link", keys),
            "person_id": arrow.array([person for person, _ in pairs], arrow.int64()),
            "feed_id": arrow.array([feed for _, feed in shown], arrow.int64()),
            "known_at": arrow.array([day for day, _ in shown], arrow.int32()).cast(arrow.date32()),
            "known_until": arrow.nulls(len(pairs), arrow.date32()),
            "other_person_id": arrow.array([other for _, other in pairs], arrow.int64()),
            "same": arrow.array([True] * len(pairs), arrow.bool_()),
            "reason": arrow.array([REASON] * len(pairs), arrow.string()),
            "probability": arrow.nulls(len(pairs), arrow.float64()),
        }
        return arrow.table({name: columns[name] for name in types})
