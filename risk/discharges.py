"""PARR-30 beside our model on the same discharges: a cohort of people who leave hospital, each on the day after they left.

Each sees what it would see. PARR-30 is filled in at the bedside, so it knows the stay that ends and those before it as they
were. Ours reads the record as the area held it that morning, in which the stay that ended may not have arrived yet. From the day after, since
a stay without a night begins and ends on one day, and would otherwise be its own readmission; whoever was back that same day is in
hospital then, and is no discharge.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features import clocks, coverage, matrix
from features.cohort import Cohort, CohortRules
from features.errors import Refused
from features.outcomes import label, usable_dates
from features.outcomes import named as outcome_named
from features.predictors import CATALOGUE
from features.progress import SILENT, Progress
from features.record.hospital import EMERGENCY_METHODS
from features.record.reader import Record
from features.standing import CARE_HOMES
from models import parr30
from models.bundle import Bundle
from models.compared import compare
from models.dataset import Dataset
from models.intervals import TIMES
from models.recalibration import recalibrated
from models.split import part_of
from models.ways import OURS, Scored
from risk.dataset import about, slices

OUTCOME, HORIZON = "unplanned_admission", 30
#: Discharges of so many days, up to the last day whose outcome the record can tell; events that make figures worth having.
DAYS, FEWEST = 365, 10


def readmissions(record: Record, bundle: Bundle, times: int = TIMES, progress: Progress = SILENT) -> dict[str, Any]:
    """Rows of :func:`~models.compared.compare` against PARR-30, with ``discharges``, ``people``, ``events``, ``from`` and ``to``.

    :class:`Refused` for a model of anything but unplanned admission within 30 days, or where too few came back.
    """
    if (bundle.outcome, bundle.horizon) != (OUTCOME, HORIZON):
        raise Refused("PARR-30 is set beside a model of unplanned admission within 30 days; train one with `frailty train --outcome unplanned_admission --horizon 30`")  # fmt: skip
    usable = usable_dates(record, outcome_named(OUTCOME), HORIZON)
    if not usable:
        raise Refused("the record can tell at no date who came back within 30 days")
    progress.stage("discharges")
    first, last = usable[-1] - timedelta(days=DAYS), usable[-1]
    found = discharged(record, first, last, bundle.minimum_age)
    found = found[part_of(found["person_id"].to_numpy(np.int64)) == "test"].reset_index(drop=True)
    feeds = (
        coverage.masks(record, [day.date() for day in sorted(set(found["index_date"]))], found["practice"])
        if len(found)
        else None
    )
    if feeds is None:
        raise Refused("nobody of those who test left hospital in the last year")
    found = found.merge(feeds, on=["index_date", "practice"], how="left", validate="many_to_one")
    cohort = Cohort(found, pd.DataFrame(), pd.DataFrame(), CohortRules(bundle.minimum_age, record.objections))
    y = label(record, cohort, OUTCOME, HORIZON)["y"].to_numpy(np.float64)
    known = np.isfinite(y)
    cohort = replace(cohort, frame=found[known].reset_index(drop=True))
    data, inputs = _data(record, bundle, cohort, y[known], progress)
    if min(data.events, len(data) - data.events) < FEWEST:
        raise Refused(
            f"expected {FEWEST} readmissions among those who test, found {data.events} of {len(data)} discharges"
        )
    raw = bundle.raw(data.X)
    published = parr30.log_odds(inputs)
    scored = {
        "parr30": Scored(published, "PARR-30 as published, without the hospital's own term", parr30.probability(inputs)),
        "parr30_recalibrated": Scored(published, "PARR-30, recalibrated on these discharges", recalibrated(published, data.y, data.person_id)),
        OURS: Scored(raw, "this model of everybody, on the day after discharge", bundle.probability(raw, data.feeds)),
        "ours_recalibrated": Scored(raw, "this model, recalibrated on these discharges", recalibrated(raw, data.y, data.person_id)),
    }  # fmt: skip
    rows = compare(data, scored, "parr30", times, progress=progress, name="PARR-30")
    return {
        "discharges": len(data),
        "people": data.people,
        "events": data.events,
        "from": str(first),
        "to": str(last),
        "ways": rows,
    }


def discharged(record: Record, first: date, last: date, minimum_age: int) -> pd.DataFrame:
    """One row a person and day after a discharge, in ``[first, last)``: the columns of a cohort's frame, without ``feeds``, and
    ``emergency``, ``emergencies`` and ``last_month`` as :func:`models.parr30.log_odds` wants them.

    Ordinary stays that did not end in death, of people alive, registered, old enough and without an objection that day.
    """
    with record.connection.cursor() as cursor:
        asked = {"first": first, "last": last, "minimum": minimum_age, "methods": list(EMERGENCY_METHODS),
                 "objections": sorted(record.objections), "homes": list(CARE_HOMES)}  # fmt: skip
        found = cursor.execute(_SQL, asked).df()
    found["index_date"] = found["index_date"].astype("datetime64[s]")
    found["imd_decile"] = found["imd_decile"].astype("float64")
    found["care_home"] = found["care_home"].astype("boolean")
    return found.astype(dict.fromkeys(("practice", "practice_scheme", "sex", "ethnicity"), "str"))


def _data(
    record: Record, bundle: Bundle, cohort: Cohort, y: npt.NDArray[np.float64], progress: Progress
) -> tuple[Dataset, pd.DataFrame]:
    """The discharges as a data set of the model's predictors, and as PARR-30 wants them."""
    frame = cohort.frame
    built = matrix.build(record, cohort, progress=progress)
    fingerprints = {predictor.name: predictor.fingerprint for predictor in CATALOGUE}
    columns = [built.names.index(name) for name in bundle.names]
    data = Dataset(
        X=np.ascontiguousarray(built.values[:, columns]),
        y=y,
        names=bundle.names,
        fingerprints=tuple(fingerprints[name] for name in bundle.names),
        person_id=frame["person_id"].to_numpy(np.int64),
        index_date=frame["index_date"].to_numpy().astype("datetime64[D]"),
        slices=slices(frame, built.column("emergency_admissions_2y")),
        past=frame[["emergencies", "age"]].to_numpy(np.float64),
        feeds=frame["feeds"].to_numpy(np.uint64),
        about={**about(record), "outcome": OUTCOME, "horizon": HORIZON},
    )
    conditions = {name: np.nan_to_num(built.column(f"charlson_{name}")) > 0 for name in parr30.CONDITIONS}
    return data, frame.assign(**conditions)


_SQL = f"""
WITH newest AS (SELECT max(known_at) + 1 AS day FROM spell),
stay AS (
    SELECT s.person_id, s.event_date, s.end_date, s.row_id, s.discharge_method,
        list_contains($methods::VARCHAR[], s.admission_method) AS emergency, s.patient_class
    FROM spell s, newest WHERE {clocks.current("s", "newest.day")} AND s.patient_class IN ('ordinary', 'maternity')
),
leaving AS (
    SELECT person_id, end_date + 1 AS t, min(event_date) AS began, bool_or(emergency) AS emergency FROM stay
    WHERE end_date + 1 >= $first AND end_date + 1 < $last AND patient_class = 'ordinary' AND discharge_method IS DISTINCT FROM '4'
    GROUP BY ALL
),
before AS (
    SELECT l.person_id, l.t, count(s.row_id) AS emergencies, coalesce(bool_or(s.event_date >= l.began - 30), false) AS last_month
    FROM leaving l LEFT JOIN stay s ON s.person_id = l.person_id AND s.emergency AND s.patient_class = 'ordinary'
        AND s.event_date < l.began AND s.event_date >= l.began - 365
    GROUP BY ALL
),
home AS (
    SELECT l.person_id, l.t, max_by(r.imd_decile, (r.event_date, r.known_at, r.row_id)) AS decile,
        max_by(r.kind, (r.event_date, r.known_at, r.row_id)) AS kind
    FROM leaving l JOIN residence r ON r.person_id = l.person_id AND {clocks.in_force("r", "l.t")} GROUP BY ALL
),
told AS (
    SELECT l.person_id, l.t, max_by(struct_pack(born := p.birth_month, sex := p.sex, ethnicity := p.ethnicity), (p.known_at, p.row_id)) AS who
    FROM leaving l JOIN person p ON p.person_id = l.person_id AND {clocks.known("p", "l.t")} GROUP BY ALL
),
registered AS (
    SELECT l.person_id, l.t, max_by(struct_pack(practice := r.practice, scheme := r.practice_scheme), (r.event_date, r.known_at, r.row_id)) AS with_
    FROM leaving l JOIN registration r ON r.person_id = l.person_id AND r.kind = 'regular' AND {clocks.in_force("r", "l.t")} GROUP BY ALL
)
SELECT l.person_id, l.t AS index_date, g.with_.practice AS practice, g.with_.scheme AS practice_scheme,
    date_diff('year', d.who.born, l.t) - (month(l.t) < month(d.who.born))::INTEGER AS age, d.who.sex AS sex, d.who.ethnicity AS ethnicity,
    h.decile AS imd_decile, list_contains($homes::VARCHAR[], h.kind) AS care_home, false AS in_hospital,
    l.emergency, b.emergencies, b.last_month
FROM leaving l JOIN before b USING (person_id, t) JOIN told d USING (person_id, t) JOIN registered g USING (person_id, t)
    LEFT JOIN home h USING (person_id, t)
WHERE age >= $minimum
    AND NOT EXISTS (SELECT 1 FROM death x WHERE x.person_id = l.person_id AND x.event_date <= l.t)
    AND NOT EXISTS (SELECT 1 FROM objection o WHERE o.person_id = l.person_id AND list_contains($objections::VARCHAR[], o.kind)
        AND {clocks.in_force("o", "l.t")})
    AND NOT EXISTS (SELECT 1 FROM stay s WHERE s.person_id = l.person_id AND s.event_date <= l.t AND (s.end_date IS NULL OR s.end_date > l.t))
ORDER BY l.person_id, l.t
"""
