"""What a record says of who is shown no more, kept in the overlay: from then on it holds for lists of earlier runs too."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as arrow

from features.clocks import current
from features.cohort import Cohort
from features.governance.permissions import strictest
from features.record import one_person
from features.record.one_person import held_links, with_linked
from features.record.permission import AsSent
from features.record.reader import Record
from risk import copies, operator
from risk.grounds import DIED, LEFT_PRACTICE, OPTED_OUT, RESTRICTED
from risk.settings import Settings
from risk.store import Store
from risk.store.hiding import DERIVED, LINKED, RECORD, Key
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
    SELECT person_id, max_by({{'scheme': practice_scheme, 'practice': practice}}, (event_date, known_at, row_id)) AS at FROM registration d
    WHERE {known} AND kind = 'regular' AND event_date <= $today AND (end_date IS NULL OR end_date > $today) GROUP BY person_id;
CREATE TEMP TABLE in_record AS
    SELECT person_id FROM {as_held}person UNION SELECT person_id FROM {as_held}registration UNION SELECT person_id FROM {as_held}objection;
CREATE TEMP TABLE asked AS
    SELECT s.person_id AS scored, coalesce(p.one, s.person_id) AS person_id, s.scheme, s.practice
    FROM (SELECT person_id, scheme, practice FROM scored UNION SELECT person_id, scheme, practice FROM drawn) s
    SEMI JOIN in_record USING (person_id)
    LEFT JOIN (SELECT person_id, one FROM periods WHERE known_until IS NULL) p USING (person_id);
"""
#: Whoever is dead of the record or of those who were scored.
_DEAD = "SELECT person_id FROM dead UNION SELECT scored FROM asked SEMI JOIN dead USING (person_id)"
#: Whom a run scored where they are registered no longer.
_LEFT = """
SELECT scored, a.scheme, a.practice FROM asked a LEFT JOIN with_practice w USING (person_id)
WHERE w.at IS DISTINCT FROM {'scheme': a.scheme, 'practice': a.practice}
"""


def refresh(settings: Settings, store: Store, record: Path, drawn: pd.DataFrame | None = None) -> int:
    """Bring the overlay to what ``record`` says today: who objects or is restricted, who died, and whom a practice has no longer that a run
    scored them in. What the record says no more is lifted; what others told stays. How many of its people are shown nowhere.

    ``drawn`` (``person_id``, ``practice_scheme``, ``practice``) are the scores of a run about to be published: its date may lie before today, and
    whoever left since is hidden from it before anybody reads it. Downtime copies of whom this concerns are made anew.
    """
    day = today(settings)
    objecting = strictest(record, settings.permissions_file, day).hidden_people()
    with Record(record, purpose="ingest", permissions=AsSent(), follow="all") as held:
        _lay(held, day, store.scored_columns(), drawn)
        everywhere = _everybody_who(held, objecting)
        dead = {person for (person,) in held.connection.execute(_DEAD).fetchall()}
        left = held.connection.execute(_LEFT).fetchall()
        said = {(person, ground, "", "", RECORD) for person, ground in everywhere.items()}
        said |= {(person, DIED, "", "", RECORD) for person in dead}
        said |= {(person, LEFT_PRACTICE, scheme, code, RECORD) for person, scheme, code in left}
        said |= _told_of_others(store, held)
        end = store.told_end()
        store.tell_of_record(said, partial(_among, held), day, operator.name())
    if concerned := store.told_of_since(end):
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


def _lay(held: Record, day: date, scored: arrow.Table, drawn: pd.DataFrame | None) -> None:
    """The tables of :data:`_TODAY`, of everybody at once. ``scored`` and ``drawn``: whom runs have scored, and where."""
    connection = held.connection
    connection.register("scored", scored)
    connection.register("drawn", scored.slice(0, 0) if drawn is None else _columns(drawn))
    connection.register("periods", one_person.table(held.same, ()))
    as_held = "unfollowed." if held.same else ""
    for statement in _TODAY.split(";\n"):
        if statement.strip():
            connection.execute(
                statement.format(known=_KNOWN, as_held=as_held), {"today": day} if "$today" in statement else None
            )


def _columns(drawn: pd.DataFrame) -> arrow.Table:
    named = drawn[["person_id", "practice_scheme", "practice"]].rename(columns={"practice_scheme": "scheme"})
    return arrow.Table.from_pandas(named, preserve_index=False)


def _everybody_who(held: Record, objecting: Mapping[int, str]) -> dict[int, str]:
    """The ground on which nobody is shown whoever objects, whoever is one person with them among them: of several the strictest."""
    found: dict[int, str] = {}
    for kind in sorted(set(objecting.values()), reverse=True):
        of_kind = [person for person, why in objecting.items() if why == kind]
        ground = RESTRICTED if kind == "restricted" else OPTED_OUT
        found.update(dict.fromkeys(with_linked(held.connection, of_kind), ground))
    return found


def _told_of_others(store: Store, held: Record) -> set[Key]:
    """What others than the record told of somebody, of whoever is one person with them: an earlier run may have shown them apart."""
    told = store.told_by(DERIVED)
    if not told:
        return set()
    linked = {person for row in held_links(held.connection) for person in row.pair}
    return {
        (other, ground, scheme, practice, LINKED)
        for person, ground, scheme, practice, _ in told
        if person in linked
        for other in with_linked(held.connection, [person])
        if other != person
    }


def _among(held: Record, people: Collection[int]) -> set[int]:
    """Those of ``people`` who are in the record."""
    held.connection.register("asked_about", arrow.table({"person_id": arrow.array(people, arrow.int64())}))
    rows = held.connection.execute("SELECT person_id FROM asked_about SEMI JOIN in_record USING (person_id)").fetchall()
    return {person for (person,) in rows}
