"""What changed in a practice's list since the published run before: who joined, who left and why, who moved.

Outside the practice a reason other than death or a move says something of the person's own, and is not told (:mod:`features.governance.leaving`).
People who are not shown any more are counted, and nothing else is said of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import orjson

from features.governance.leaving import TOLD_TO_ALL, told
from risk.changed import Reasons, most
from risk.run import folder
from risk.store import Store

#: What must be alike of two runs for their lists to be compared.
ALIKE = ("outcome", "horizon", "minimum_age")
#: What must differ of somebody on both lists for them to have moved.
MOVES = ("rank", "band", "section")


#: Reasons that a run gave people, by person; of whom there are none, nothing.
Told = Callable[[int, Collection[int]], Mapping[int, Reasons]]


def changes(
    store: Store, runs: Path, run: dict[str, Any], practice: str, scheme: str, *, to_the_practice: bool,
    reasons: Told = lambda number, people: {},
) -> dict[str, Any]:  # fmt: skip
    """``run``'s list of the practice against that of the run published before it. ``previous`` is None, and nothing is said, where there
    is none, it ranked by something else, or its rows are past their time. People by ``person_id``."""
    nothing: dict[str, Any] = {
        "run": run["number"],
        "previous": None,
        "joined": [],
        "left": [],
        "moved": [],
        "not_shown": 0,
    }
    before = previous(store, runs, run)
    if before is None or any(before[name] != run[name] for name in ALIKE):
        return nothing
    number = before["number"]
    now = {row["person_id"]: row for row in store.practice_list(run["number"], practice, scheme)}
    was = {row["person_id"]: row for row in store.practice_list(number, practice, scheme)}
    gone = {row["person_id"]: row for row in store.gone_from_list(number, practice, scheme)}
    why = leavers(runs, run["number"], practice, scheme)
    came = [one for one in now if one not in was]
    before_it = reasons(number, came)
    # Who died or moved, and so is shown no more, has left: of them it is told, once, by the run that left them out.
    left = {one: row for one, row in gone.items() if why.get(one) in TOLD_TO_ALL}
    return {
        "run": run["number"],
        "previous": number,
        "joined": [
            {"person_id": one, "rank": now[one]["rank"], "band": now[one]["band"], "section": now[one]["section"],
             "changed": most(orjson.loads(now[one]["reasons"]), before_it.get(one))}
            for one in came
        ],
        "left": [
            {"person_id": one, "rank_before": row["rank"], "section_before": row["section"], "why": told(why.get(one, ""), to_the_practice=to_the_practice)}
            for one, row in sorted((was | left).items(), key=lambda told: told[1]["rank"])
            if one not in now
        ],
        "moved": [
            {"person_id": one, "rank": row["rank"], "rank_before": was[one]["rank"], "band": row["band"],
             "band_before": was[one]["band"], "section": row["section"], "section_before": was[one]["section"],
             "changed": most(orjson.loads(row["reasons"]), orjson.loads(was[one]["reasons"]))}
            for one, row in now.items()
            if one in was and any(row[name] != was[one][name] for name in MOVES)
        ],
        "not_shown": store.withheld(number, practice, scheme) - len(left),
    }  # fmt: skip


def previous(store: Store, runs: Path, run: Mapping[str, Any]) -> dict[str, Any] | None:
    """The run published before ``run``; None where there is none, it was withdrawn, or its rows are past their time."""
    number = folder.manifest(runs, run["number"]).get("previous")
    before = None if number is None else store.run(number)
    if number is None or before is None or before["status"] != "published" or not store.rows_of_run(number):
        return None
    return before


def leavers(runs: Path, number: int, practice: str, scheme: str) -> dict[int, str]:
    """Why each left the practice's list by a run, by ``person_id``."""
    import pyarrow.parquet as parquet

    file = runs / str(number) / folder.LEAVERS
    if not file.is_file():
        return {}
    of_practice = [("practice", "=", practice), ("scheme", "=", scheme)]
    rows: list[dict[str, Any]] = parquet.read_table(file, filters=of_practice).to_pylist()
    return {row["person_id"]: row["reason"] for row in rows}
