"""What a record says of who is shown no more, kept in the overlay: from then on it holds for lists of earlier runs too."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as arrow

from features.clocks import current
from features.cohort import Cohort
from features.governance.permissions import hidden
from features.record.one_person import as_last_known, held_links, with_linked
from features.record.permission import AsSent
from features.record.reader import Record
from risk import copies, operator
from risk.grounds import DIED, LEFT_PRACTICE, OPTED_OUT, RESTRICTED
from risk.settings import Settings
from risk.store import Store
from risk.store.hiding import DERIVED, LINKED, RECORD, UNLINKED, Told
from risk.today import today

#: What is known at the end of the day.
_KNOWN = f"d.known_at <= $today AND {current('d', '$today')}"
#: Where the record's people are today, each read as whoever they are now known to be. Of several regular registrations in force the latest
#: begun holds, as for whom a run scores (:mod:`features.standing`).
_TODAY = """
CREATE TEMP TABLE dead AS
    SELECT DISTINCT person_id FROM death d WHERE {known} AND event_date <= $today
    UNION
    SELECT person_id FROM registration d WHERE {known} AND event_date <= $today GROUP BY person_id
    HAVING arg_max_null(end_reason, (coalesce(end_date, DATE 'infinity'), event_date, row_id)) = 'died' AND max(coalesce(end_date, DATE 'infinity')) <= $today;
CREATE TEMP TABLE with_practice AS
    SELECT person_id, max_by({'scheme': practice_scheme, 'practice': practice}, (event_date, known_at, row_id)) AS at FROM registration d
    WHERE {known} AND kind = 'regular' AND event_date <= $today AND (end_date IS NULL OR end_date > $today) GROUP BY person_id;
"""


def refresh(settings: Settings, store: Store, record: Path, drawn: pd.DataFrame | None = None) -> int:
    """Bring the overlay to what ``record`` says today: who objects or is restricted, who died, and whom a practice has no longer that a run
    scored them in. What the record says no more is lifted; what others told stays. How many of its people are shown nowhere.

    ``drawn`` (``person_id``, ``practice_scheme``, ``practice``) are the scores of a run about to be published: its date may lie before today, and
    whoever left since is hidden from it before anybody reads it. Downtime copies of whom this concerns are made anew.
    """
    day = today(settings)
    objecting, everybody = hidden(record, settings.permissions_file, day)
    scored = set(store.scored_anywhere())
    if drawn is not None:
        scored |= set(zip(drawn["person_id"].tolist(), drawn["practice_scheme"], drawn["practice"], strict=True))
    dead, left = _dead_and_left(record, day, sorted(scored), everybody)
    everywhere = {person: RESTRICTED if kind == "restricted" else OPTED_OUT for person, kind in objecting.items()}
    by = operator.name()
    rows = [Told(person, ground, day, RECORD, by) for person, ground in sorted(everywhere.items())]
    rows += [Told(person, DIED, day, RECORD, by) for person in sorted(dead)]
    rows += [Told(person, LEFT_PRACTICE, day, RECORD, by, True, scheme, code) for person, scheme, code in sorted(left)]
    rows += _told_of_others(store, record, day, by)
    before = {row["seq"]: row["person_id"] for row in store.standing()}
    store.tell_of_record(rows, everybody)
    after = {row["seq"]: row["person_id"] for row in store.standing()}
    if concerned := {person for _, person in before.items() ^ after.items()}:
        copies.renew(settings, store, concerned)
    return len(dead | set(everywhere))


def without_told(store: Store, held: Cohort) -> Cohort:
    """The cohort less those of whom somebody told what the record does not know yet: a list is drawn without the dead, and their places go to
    others. Counted as ``suppressed``."""
    everywhere, left = store.told_of()
    if not everywhere and not left:
        return held
    frame = held.frame
    places = zip(frame["person_id"].tolist(), frame["practice_scheme"], frame["practice"], strict=True)
    out = np.array([place[0] in everywhere or place in left for place in places], dtype=np.bool_)
    if not out.any():
        return held
    gone = pd.DataFrame({"index_date": frame["index_date"].max(), "reason": ["suppressed"], "people": [int(out.sum())]})
    left_out = pd.concat([held.left_out, gone], ignore_index=True)
    return dataclasses.replace(held, frame=frame[~out].reset_index(drop=True), left_out=left_out)


def _told_of_others(store: Store, record: Path, day: date, by: str) -> list[Told]:
    """What others than the record told of somebody, of whoever is one person with them: an earlier run may have shown them apart."""
    told = [row for row in store.standing() if row["source"] not in DERIVED and row["ground"] != UNLINKED]
    if not told:
        return []
    with Record(record, purpose="ingest", permissions=AsSent()) as held:
        linked = {person for row in held_links(held.connection) for person in row.pair}
        found = {
            Told(other, row["ground"], day, LINKED, by, True, row["scheme"], row["practice"])
            for row in told
            if row["person_id"] in linked
            for other in with_linked(held.connection, [row["person_id"]])
            if other != row["person_id"]
        }
    return sorted(found, key=lambda row: row.key)


def _dead_and_left(
    record: Path, day: date, scored: list[tuple[int, str, str]], everybody: Collection[int]
) -> tuple[set[int], set[tuple[int, str, str]]]:
    """Who of the record or of ``scored`` (person, scheme, practice) is dead; and those of ``scored`` who are registered there no longer."""
    with Record(record, purpose="ingest", permissions=AsSent(), follow="all") as held:
        for statement in _TODAY.split(";\n"):
            if statement.strip():
                held.connection.execute(statement.replace("{known}", _KNOWN), {"today": day})
        dead = {person for (person,) in held.connection.execute("SELECT person_id FROM dead").fetchall()}
        mine = [row for row in scored if row[0] in everybody]
        now = as_last_known(held.same, np.array([person for person, _, _ in mine], dtype=np.int64))
        asked = arrow.table(
            {
                "scored": arrow.array([person for person, _, _ in mine], arrow.int64()),
                "person_id": arrow.array(now.tolist(), arrow.int64()),
                "scheme": arrow.array([scheme for _, scheme, _ in mine], arrow.string()),
                "practice": arrow.array([code for _, _, code in mine], arrow.string()),
            }
        )
        held.connection.register("asked", asked)
        left = held.connection.execute(
            "SELECT scored, a.scheme, a.practice FROM asked a LEFT JOIN with_practice w USING (person_id) "
            "WHERE w.at IS DISTINCT FROM {'scheme': a.scheme, 'practice': a.practice}"
        ).fetchall()
        died = held.connection.execute("SELECT DISTINCT scored FROM asked SEMI JOIN dead USING (person_id)").fetchall()
    return dead | {person for (person,) in died}, {(person, scheme, code) for person, scheme, code in left}
