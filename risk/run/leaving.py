"""Who was on a list of the published run before and is on none now, and why, as the record has it at the run's date.

Whoever objects is not among them: nothing about them is made after it is known. The reasons are kept as codes; who may be told which is for
:mod:`features.governance.leaving` to say.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from types import MappingProxyType

import pandas as pd
import pyarrow as arrow

from features import clocks
from features.record.reader import Record
from risk import lists
from risk.store import Store

#: Codes of reasons beside those of the record's registrations and of :data:`features.cohort.REASONS`.
RISK_FELL, SETTING_CHANGED, MOVED, IN_CARE_HOME, OTHER = (
    "risk_fell",
    "setting_changed",
    "moved",
    "in_care_home",
    "other",
)
NOWHERE: Mapping[str, int] = MappingProxyType({})
SCHEMA = arrow.schema(
    [("person_id", arrow.int64()), ("scheme", arrow.string()), ("practice", arrow.string()), ("rank", arrow.int32()),
     ("reason", arrow.string())]
)  # fmt: skip


def listed(store: Store, number: int | None) -> pd.DataFrame:
    """``person_id``, ``scheme``, ``practice`` and ``rank`` of everybody on a list of run ``number``; nobody where it is None."""
    rows = [] if number is None else store.listed_people(number)
    return pd.DataFrame(rows, columns=["person_id", "scheme", "practice", "rank"])


def leavers(
    record: Record, at: date, before: pd.DataFrame, scores: pd.DataFrame, otherwise: str = OTHER, as_then: Collection[int] = ()
) -> arrow.Table:  # fmt: skip
    """Those of ``before`` (``person_id``, ``scheme``, ``practice``, ``rank`` on the lists of the run before) who are not listed with the same
    practice in ``scores``, sorted by person: these columns and ``reason``.

    Of those who are scored still: ``moved`` with another practice; ``setting_changed`` where the lists of the settings then would hold them
    (``as_then``, :func:`under_settings_then`); else ``risk_fell``. Of the others: ``died``; the kind of a registration
    that is not regular; why the last one ended, or ``not_registered``; and ``otherwise`` of whoever is registered as they were: what an
    outcome leaves them out for.
    """
    now = scores[["person_id", "practice_scheme", "practice", "listed"]].rename(
        columns={"practice_scheme": "scheme_now", "practice": "practice_now"}
    )
    told = before.merge(now, "left", on="person_id")
    same = (told["scheme_now"] == told["scheme"]) & (told["practice_now"] == told["practice"])
    told = told.assign(scored=told["scheme_now"].notna(), same=same)[~(same & told["listed"].eq(True))]
    gone = told.loc[~told["scored"], "person_id"].tolist()
    why = _why(record, at, gone)
    barred = set(gone) & {person for (person,) in record.connection.execute("SELECT id FROM barred_person").fetchall()}
    placed = set(as_then)
    reasons = [
        (MOVED if not same else SETTING_CHANGED if person in placed else RISK_FELL)
        if scored
        else why.get(person, otherwise)
        for person, scored, same in zip(told["person_id"].tolist(), told["scored"], told["same"], strict=True)
    ]
    kept = told.assign(reason=reasons)[~told["person_id"].isin(barred)].sort_values("person_id")
    return arrow.Table.from_pandas(kept[SCHEMA.names], schema=SCHEMA, preserve_index=False)


def under_settings_then(
    store: Store, number: int | None, scores: pd.DataFrame, fraction: float, inside: Collection[str],
    capacity: Mapping[str, int] = NOWHERE,
) -> list[int]:  # fmt: skip
    """Whom of ``scores`` (ranked, with ``section``) the lists would hold by the settings of run ``number``; nobody where they are today's
    ``fraction``, sections ``inside`` and ``capacity`` by practice."""
    run = None if number is None else store.run(number)
    if run is None:
        return []
    counts = run["counts"] or {}
    then = (run["fraction"], set(counts.get("sections_inside", ())), counts.get("capacity", {}))
    if then == (fraction, set(inside), dict(capacity)):
        return []
    of = scores.groupby(lists.PRACTICE, observed=True)["person_id"].transform("size")
    k = [lists.held(int(size), then[0], then[2].get(code)) for size, code in zip(of, scores["practice"], strict=True)]
    apart = lists.set_apart(scores.assign(k=k), then[1])
    return [int(person) for person in apart.loc[apart["listed"], "person_id"]]


def _why(record: Record, at: date, people: list[int]) -> dict[int, str]:
    found = record.connection.execute(
        f"""
        WITH asked AS (SELECT DISTINCT unnest($people::BIGINT[]) AS person_id),
        dead AS (SELECT DISTINCT person_id FROM death d SEMI JOIN asked USING (person_id) WHERE {clocks.visible("d", "$at")}),
        registered AS (
            SELECT person_id, max_by(kind, (event_date, known_at, row_id)) FILTER ({clocks.in_force("r", "$at")}) AS kind,
                max_by(end_reason, (end_date, event_date, row_id)) FILTER (end_date < $at) AS ended
            FROM registration r SEMI JOIN asked USING (person_id) WHERE {clocks.visible("r", "$at")} GROUP BY person_id)
        SELECT a.person_id, CASE WHEN d.person_id IS NOT NULL OR r.kind IS NULL AND r.ended = 'died' THEN 'died'
            WHEN r.kind <> 'regular' THEN r.kind WHEN r.kind IS NULL THEN coalesce(r.ended, 'not_registered') END
        FROM asked a LEFT JOIN dead d USING (person_id) LEFT JOIN registered r USING (person_id)""",
        {"people": people, "at": at},
    ).fetchall()
    return {person: reason for person, reason in found if reason is not None}
