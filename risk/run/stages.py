"""The stages that take a run's time, part by part: the matrix, the raw scores and the reasons. Each part is kept once it is whole.

A part is some people of the cohort, in its order; nothing but scores is ever held of more people than that.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pandas as pd
import pyarrow as arrow

from features import matrix
from features.cohort import Cohort
from features.predictors import Declared
from features.progress import Progress
from features.record.reader import Record
from models.bundle import Bundle
from risk.reasons import Explainer, check_additive
from risk.run import folder
from risk.run.keeping import Kept
from risk.run.outcomes import Beside
from risk.run.scoring import stored

#: People a part: what is lost by a kill, and what bounds the memory of a run.
PART = 50_000
#: People explained at a time.
CHUNK = 25_000
Values = npt.NDArray[np.float32]


class Within:
    """Progress of a part, told as progress of its stage."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def stage(self, name: str, total: int | None = None) -> None:
        pass

    def advance(self, by: int = 1) -> None:
        self._progress.advance(by)


def parts(people: int) -> Iterator[tuple[int, slice]]:
    """Number and rows of each part."""
    for number, start in enumerate(range(0, people, PART)):
        yield number, slice(start, min(start + PART, people))


def build(record: Record, cohort: Cohort, wanted: Sequence[Declared], kept: Kept, progress: Progress) -> None:
    """The matrix of the cohort, part by part, one pass of the record for every model's predictors."""
    for number, rows in parts(len(cohort)):
        if kept.done(f"matrix {number}") is None:
            some = dataclasses.replace(cohort, frame=cohort.frame.iloc[rows].reset_index(drop=True))
            values = matrix.build(record, some, wanted, progress=Within(progress)).values
            np.save(kept.file(_values(number)), values, allow_pickle=False)
            kept.finish(f"matrix {number}", [_values(number)])


@dataclasses.dataclass(frozen=True)
class Matrix:
    """The finished matrix: ``values`` of a part, columns by predictor's name."""

    kept: Kept
    names: tuple[str, ...]

    def values(self, part: int, names: Sequence[str]) -> Values:
        """(n, len(names)) of the people of a part."""
        where = {name: i for i, name in enumerate(self.names)}
        held = np.load(self.kept.file(_values(part)), allow_pickle=False)
        chosen = [where[name] for name in names]
        return held if chosen == list(range(held.shape[1])) else np.ascontiguousarray(held[:, chosen])

    def column(self, name: str, people: int) -> npt.NDArray[np.float32]:
        """A predictor's values (n,) of everybody."""
        found = [self.values(part, (name,))[:, 0] for part, _ in parts(people)]
        return np.concatenate(found) if found else np.zeros(0, np.float32)

    def raw(self, bundle: Bundle, people: int) -> npt.NDArray[np.float64]:
        """Raw scores (n,) of everybody by a model."""
        found = [bundle.raw(self.values(part, bundle.names)) for part, _ in parts(people)]
        return np.concatenate(found) if found else np.zeros(0)


def explain(
    held: Matrix,
    kept: Kept,
    scores: pd.DataFrame,
    bundle: Bundle,
    predictors: Sequence[Declared],
    others: Mapping[Beside, pd.DataFrame],
    progress: Progress,
) -> None:
    """Everybody's contributions to every score, and the reasons of whoever some list names (``named``), part by part.

    Every person's contributions must add up to their raw score (:func:`risk.reasons.check_additive`), and what is kept of them does.
    """
    explainer = Explainer(predictors, probability=bundle.probability)
    for part, rows in parts(len(scores)):
        if kept.done(f"reasons {part}") is not None:
            progress.advance(rows.stop - rows.start)
            continue
        own = scores.iloc[rows].reset_index(drop=True)
        made = [_save(kept, part, 0, *_ranking(held, kept, part, own, bundle, explainer, progress)), _said(part)]
        person = own["person_id"].to_numpy(np.int64)
        for place, (other, found) in enumerate(others.items(), 1):
            of = found.iloc[_within(found["person_id"].to_numpy(np.int64), person)]
            here = np.isin(person, of["person_id"].to_numpy(np.int64), assume_unique=True)
            values = held.values(part, other.bundle.names)[here]
            moved = _contributions(other.bundle, values, of["raw"].to_numpy(np.float64))
            made.append(_save(kept, part, place, *moved))
            if "listed" in of:
                made.append(_said(part, place))
                kept.file(made[-1]).write_bytes(_of_listed(other, of, own[here], values, *moved))
        kept.finish(f"reasons {part}", made)


def _ranking(
    held: Matrix, kept: Kept, part: int, own: pd.DataFrame, bundle: Bundle, explainer: Explainer, progress: Progress
) -> tuple[Values, npt.NDArray[np.float64]]:
    values, raw = held.values(part, bundle.names), own["raw"].to_numpy(np.float64)
    feeds, unsure = own["feeds"].to_numpy(np.uint64), own["unconfirmed"].to_numpy(np.uint64)
    listed, person = own["named"].to_numpy(bool), own["person_id"].to_numpy(np.int64)
    kept_of_all, other_of_all, reasons = [], [], {}
    for start in range(0, len(own), CHUNK):
        rows = slice(start, start + CHUNK)
        moved, other = _contributions(bundle, values[rows], raw[rows])
        of = listed[rows]
        said = explainer.explain(moved[of], values[rows][of], feeds[rows][of], unsure[rows][of], other[of])
        reasons.update({str(one): why for one, why in zip(person[rows][of].tolist(), said, strict=True)})
        kept_of_all.append(moved)
        other_of_all.append(other)
        progress.advance(len(moved))
    kept.file(_said(part)).write_bytes(orjson.dumps(reasons, option=orjson.OPT_SERIALIZE_NUMPY))
    return np.concatenate(kept_of_all), np.concatenate(other_of_all)


def _of_listed(
    other: Beside, of: pd.DataFrame, own: pd.DataFrame, values: Values, moved: Values, rest: npt.NDArray[np.float64]
) -> bytes:
    """The reasons of those whom the outcome's own list names, by person."""
    on_it = of["listed"].to_numpy(bool)
    explainer = Explainer(other.predictors, probability=other.bundle.probability)
    feeds, unsure = (own[name].to_numpy(np.uint64)[on_it] for name in ("feeds", "unconfirmed"))
    said = explainer.explain(moved[on_it], values[on_it], feeds, unsure, rest[on_it])
    people = map(str, of["person_id"].to_numpy(np.int64)[on_it].tolist())
    return orjson.dumps(dict(zip(people, said, strict=True)), option=orjson.OPT_SERIALIZE_NUMPY)


def _contributions(
    bundle: Bundle, values: Values, raw: npt.NDArray[np.float64]
) -> tuple[Values, npt.NDArray[np.float64]]:
    if not len(raw):
        return np.zeros((0, len(bundle.names) + 1), np.float32), np.zeros(0)
    contributions = bundle.contributions(values)
    check_additive(contributions, raw)
    return stored(contributions, raw)


def _save(kept: Kept, part: int, place: int, moved: Values, other: npt.NDArray[np.float64]) -> str:
    name = f"reasons-{part:04}-{place}.npz"
    np.savez(kept.file(name), moved=moved, other=other)
    return name


def reasons(kept: Kept, people: int, place: int = 0) -> dict[int, dict[str, Any]]:
    """The reasons of the listed, by person; at ``place``, of the list by an outcome beside."""
    found: dict[int, dict[str, Any]] = {}
    for part, _ in parts(people):
        told = orjson.loads(kept.file(_said(part, place)).read_bytes())
        found.update({int(person): why for person, why in told.items()})
    return found


def write(
    staged: folder.Staged, held: Matrix, scores: pd.DataFrame, bundle: Bundle, names: tuple[str, ...], others: Mapping[Beside, pd.DataFrame],
    progress: Progress,
) -> None:  # fmt: skip
    """Everybody's values of the predictors ``names`` and contributions, as the run's folder holds them."""
    everybody = scores["person_id"].to_numpy(np.int64)
    for part, rows in parts(len(scores)):
        person = everybody[rows]
        staged.write(folder.VALUES, folder.matrix_rows(person, names, held.values(part, names)))
        staged.write(folder.CONTRIBUTIONS, _moved(held.kept, part, 0, person, bundle))
        for place, (other, found) in enumerate(others.items(), 1):
            of = found["person_id"].to_numpy(np.int64)
            some = of[_within(of, person)]
            staged.write(
                folder.contributions_beside(place, other.name), _moved(held.kept, part, place, some, other.bundle)
            )
        progress.advance(len(person))


def _within(people: npt.NDArray[np.int64], part: npt.NDArray[np.int64]) -> slice:
    """Where in ``people`` those of a part are; both sorted."""
    return slice(int(np.searchsorted(people, part[0])), int(np.searchsorted(people, part[-1], side="right")))


def _moved(kept: Kept, part: int, place: int, person: npt.NDArray[np.int64], bundle: Bundle) -> arrow.Table:
    with np.load(kept.file(f"reasons-{part:04}-{place}.npz"), allow_pickle=False) as held:
        rows = folder.matrix_rows(person, (*bundle.names, folder.BASELINE), held["moved"])
        return rows.append_column(folder.OTHER, arrow.array(held["other"]))


def _values(part: int) -> str:
    return f"matrix-{part:04}.npy"


def _said(part: int, place: int = 0) -> str:
    return f"reasons-{part:04}-{place}.json"
