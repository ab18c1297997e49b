"""From a record to a data set: who was in the cohort at each date, what befell them, their predictors, and how many fell out
on the way and why."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features import matrix
from features.cohort import Cohort, CohortRules, cohort
from features.errors import Refused
from features.outcomes import CENSORED, Outcome, label
from features.predictors import CATALOGUE
from features.progress import SILENT, Progress
from features.record.reader import Record
from models.dataset import Dataset
from risk.laying import laid
from risk.weighing import weighed

#: Which of the people (n,) at dates (n,) to use: bool (n,).
Keep = Callable[[npt.NDArray[np.int64], npt.NDArray[np.datetime64]], npt.NDArray[np.bool_]]
#: The part (any name, n) of each of the people (n,) at dates (n,).
Part = Callable[[npt.NDArray[np.int64], npt.NDArray[np.datetime64]], npt.NDArray[np.str_]]
#: Values of a matrix up to which it is kept in memory: 0.8 GB of them.
IN_MEMORY = 200_000_000
#: Predictors by which the plainest rule ranks, and that tell the people without a recent admission: first those of emergency
#: admissions, then (for records that do not hold how people were admitted) those of any.
EMERGENCY = ("emergency_admissions_1y", "emergency_admissions_2y")
ANY = ("any_admissions_1y", "any_admissions_2y")
AGE_BANDS = {18: "18-39", 40: "40-64", 65: "65-74", 75: "75-84", 85: "85+"}
#: Groups of the NHS Data Dictionary's ethnic categories (2001 census groups).
ETHNIC_GROUPS = {"white": "ABC", "mixed": "DEFG", "asian": "HJKL", "black": "MNP", "other": "RS"}
NOT_RECORDED = "not recorded"


@dataclass(frozen=True)
class Sample:
    """A data set's rows and where they came from. ``flow`` counts, ready for JSON: ``cohort`` people at each date,
    ``left_out`` of it by reason, ``censored`` rows by reason, ``used`` rows with people and events."""

    data: Dataset
    flow: dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """What to gather: the rows that ``keep`` says (None: all of the cohort), in order of the part that ``part`` gives each (None:
    of person and date), so that each part is one stretch of rows and taking it copies nothing. A matrix of more than
    ``in_memory`` values is kept on disk, in ``scratch`` (None: in memory whatever its size). ``matrix`` is a file of the matrix of all
    the rows that ``keep`` says, whatever the outcome: read where it is there, written where it is not."""

    outcome: Outcome
    horizon: int
    dates: Sequence[date]
    minimum_age: int
    keep: Keep | None = None
    part: Part | None = None
    scratch: Path | None = None
    in_memory: int = IN_MEMORY
    matrix: Path | None = None


def gather(record: Record, wanted: Wanted, progress: Progress = SILENT) -> Sample:
    """The rows whose outcome is known. :class:`Refused` where none is, with how many are unknown and why."""
    progress.stage("cohort and outcomes")
    whole = cohort(record, list(wanted.dates), CohortRules(wanted.minimum_age, record.objections))
    chosen = whole
    if wanted.keep is not None:
        frame = whole.frame
        chosen = _rows(whole, wanted.keep(frame["person_id"].to_numpy(np.int64), frame["index_date"].to_numpy()))
    labels = label(record, chosen, wanted.outcome, wanted.horizon)
    told = labels["y"].notna().to_numpy()
    censored = {str(why): int(n) for why, n in labels["censored"].value_counts().items()}
    if not told.any():
        why = "; ".join(f"{n:,} rows: {CENSORED.get(reason, reason)}" for reason, n in censored.items())
        raise Refused(f"no row's outcome is known at {', '.join(map(str, wanted.dates))} ({why or 'nobody is in the cohort'}); take other dates or a shorter horizon")  # fmt: skip
    order = _order(chosen.frame, told, wanted.part)
    y = labels["y"].to_numpy(np.float64)[order]
    built = _built(record, chosen, order, wanted, progress)
    weights = weighed(labels, chosen.frame, wanted.horizon)
    stands_for = None if weights is None else weights.weight[order]
    data = _dataset(record, _rows(chosen, order).frame, y, built, wanted, stands_for)
    flow = {
        "cohort": [
            {"date": str(day), "people": int(people)}
            for day, people in whole.frame["index_date"].dt.date.value_counts(sort=False).sort_index().items()
        ],
        "left_out": [
            {"date": str(day), "reason": reason, "people": int(people)}
            for day, reason, people in zip(
                whole.left_out["index_date"].dt.date, whole.left_out["reason"], whole.left_out["people"], strict=True
            )
        ],
        "censored": censored,
        "weights": None if weights is None else weights.told(),
        "used": {"rows": len(data), "people": data.people, "events": data.events},
    }
    return Sample(data, flow)


def _rows(held: Cohort, rows: npt.NDArray[Any]) -> Cohort:
    """The rows chosen, by a mask or by position."""
    return dataclasses.replace(held, frame=held.frame.loc[held.frame.index[rows]].reset_index(drop=True))


def _order(frame: pd.DataFrame, told: npt.NDArray[np.bool_], part: Part | None) -> npt.NDArray[np.int64]:
    """Positions of the rows that are told, part by part."""
    rows = np.flatnonzero(told)
    if part is None:
        return rows
    held = frame.loc[frame.index[rows]]
    of = part(held["person_id"].to_numpy(np.int64), held["index_date"].to_numpy())
    return rows[np.argsort(of, kind="stable")]


def _built(
    record: Record, kept: Cohort, order: npt.NDArray[np.int64], wanted: Wanted, progress: Progress
) -> matrix.Matrix:
    """The matrix of the rows ``order`` of ``kept``, in memory or, where it is large or written already, on disk."""
    chosen = _rows(kept, order)
    large = wanted.scratch is not None and len(order) * len(CATALOGUE) > wanted.in_memory
    if wanted.matrix is None and not large:
        return matrix.build(record, chosen, progress=progress)
    scratch = wanted.scratch or Path(tempfile.gettempdir())
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        path = wanted.matrix or Path(folder) / "matrix.parquet"
        rows, place = (chosen, np.arange(len(order))) if wanted.matrix is None else (kept, np.full(len(kept.frame), -1))
        place[order if rows is kept else slice(None)] = np.arange(len(order))
        if not path.is_file():
            matrix.write(record, rows, path, progress=progress)
        values = laid(path, place[places(rows.frame)], scratch, progress)
    names = tuple(predictor.name for predictor in CATALOGUE)
    return matrix.Matrix(chosen.frame[["person_id", "index_date"]], values, names)


def places(frame: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Where in ``frame`` each row of its matrix file lies: the file's rows are in order of person and date."""
    found: npt.NDArray[np.int64] = np.lexsort((frame["index_date"].to_numpy(), frame["person_id"].to_numpy()))
    return found


def _dataset(
    record: Record, frame: pd.DataFrame, y: npt.NDArray[np.float64], built: matrix.Matrix, wanted: Wanted,
    weight: npt.NDArray[np.float64] | None,
) -> Dataset:  # fmt: skip
    last_year, two_years = EMERGENCY if knows_methods(record) else ANY
    person, days = frame["person_id"].to_numpy(np.int64), frame["index_date"].to_numpy().astype("datetime64[D]")
    past = np.column_stack([built.column(last_year).astype(np.float64), frame["age"].to_numpy(np.float64)])
    return Dataset(
        X=built.values,
        y=y,
        names=built.names,
        fingerprints=tuple(predictor.fingerprint for predictor in CATALOGUE),
        person_id=person,
        index_date=days,
        slices=slices(frame, built.column(two_years)),
        past=past,
        feeds=frame["feeds"].to_numpy(np.uint64),
        weight=weight,
        about={**about(record), "outcome": wanted.outcome.name, "horizon": wanted.horizon, "record": record.fingerprint,
               "outcome_fingerprint": wanted.outcome.fingerprint,
               "past": last_year, "prior": "emergency admission" if last_year in EMERGENCY else "admission"},
    )  # fmt: skip


def about(record: Record) -> dict[str, str]:
    """What data the record is from: ``kind`` (simulated, real, demonstration, or unknown) and ``title``."""
    held = json.loads(record.manifest.notes.get("about", "{}"))
    return {"kind": held.get("kind", "unknown"), "title": held.get("title", "a record of unstated origin")}


def knows_methods(record: Record) -> bool:
    """Whether the record says how anybody was admitted."""
    found = record.connection.execute("SELECT count(admission_method) > 0 FROM spell").fetchone()
    return bool(found and found[0])


def slices(frame: pd.DataFrame, admissions: npt.NDArray[np.float32]) -> pd.DataFrame:
    """What performance is shown by, as text, and whether there was an admission in the two years before."""
    edges = [*AGE_BANDS, 200]
    group = {code: name for name, codes in ETHNIC_GROUPS.items() for code in codes}
    fifth = np.ceil(frame["imd_decile"] / 2)
    return pd.DataFrame(
        {
            "age_band": pd.cut(frame["age"], edges, right=False, labels=list(AGE_BANDS.values())).astype("str"),
            "sex": frame["sex"].astype("str"),
            "imd_fifth": fifth.map(lambda n: NOT_RECORDED if pd.isna(n) else f"{int(n)}{_ENDS.get(int(n), '')}"),
            "ethnicity": frame["ethnicity"].map(group).astype(object).fillna(NOT_RECORDED),
            "practice": frame["practice"].astype("str"),
            "care_home": frame["care_home"].map({True: "yes", False: "no"}).astype(object).fillna(NOT_RECORDED),
            "prior_emergency": np.nan_to_num(admissions) > 0,
        }
    ).reset_index(drop=True)


_ENDS = {1: " (most deprived)", 5: " (least deprived)"}
