"""People who were acted on: what befell them is what acting left of their risk, and a model that learns it learns its own effect.

A row whose outcome window saw an action cannot tell what would have happened without one. Two ways to keep a refit from learning it:

- ``exclude``: such rows are left out. Right where enough dates lie before anybody was acted on; where all of the highest risks are acted on,
  nothing tells the model of them any more but those earlier dates.
- ``weight``: they are left out, and those like them (same date, same band of the score that drew the lists) who were not acted on, because they
  declined, were out of reach or in a hold-out, stand for them (inverse probability of treatment: Robins, Hernán and Brumback 2000).

Source of the harm: naive refits "may converge to a point where they predict their own effect" (Liley et al., arXiv 2010.11530), who propose
a hold-out set for it (arXiv 2202.06374).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from features.errors import BadInput, Refused, WrongUsage
from models.dataset import Dataset

Way = Literal["exclude", "weight"]
WAYS: tuple[Way, ...] = ("exclude", "weight")
#: Shares of the people of a date, the highest scores first, at which bands end: narrow where lists are drawn.
BANDS = (0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2)
#: Fewest people not acted on who may stand for a band, and for how many people's rows one of them stands at most.
FEWEST, MOST = 10, 20.0


@dataclass(frozen=True)
class Marks:
    """Who was acted on and when: ``person_id`` int64 (m,), ``acted_on`` datetime64[D] (m,); a person may come several times."""

    person_id: npt.NDArray[np.int64]
    acted_on: npt.NDArray[np.datetime64]

    def __post_init__(self) -> None:
        if len(self.person_id) != len(self.acted_on):
            raise BadInput(
                f"expected a day of action for each of {len(self.person_id)} people, found {len(self.acted_on)}"
            )
        if np.isnat(self.acted_on).any():
            raise BadInput(f"{int(np.isnat(self.acted_on).sum())} people acted on have no day: expected one for each")

    def __len__(self) -> int:
        return len(self.person_id)


def touched(data: Dataset, marks: Marks) -> npt.NDArray[np.bool_]:
    """Rows (n,) whose outcome window ``[t, t + horizon)`` saw an action."""
    order = np.lexsort((marks.acted_on, marks.person_id))
    people, days = marks.person_id[order], marks.acted_on[order].astype("datetime64[D]").astype(np.int64)
    at = data.index_date.astype("datetime64[D]").astype(np.int64)
    # The first action of the person on or after the index date: by person and day as one number.
    _, codes = np.unique(np.concatenate([people, data.person_id]), return_inverse=True)
    span = np.int64(1 << 20)
    held = codes[: len(people)] * span + days
    asked = codes[len(people) :] * span + at
    following = np.searchsorted(held, asked, side="left")
    found = np.append(held, np.iinfo(np.int64).max)[following]
    return np.asarray(found < asked + int(data.about["horizon"]), np.bool_)


def without_effect(
    data: Dataset, marks: Marks, way: Way, score: npt.NDArray[np.float64] | None = None
) -> tuple[Dataset, dict[str, Any]]:
    """The rows from which a refit may learn, and what was done, in counts: ``way``, ``acted_on`` rows left out, ``standing_for_them``,
    ``not_stood_for`` (rows of bands in which too few were not acted on).

    ``score`` (n,) that drew the lists, for ``weight``. :class:`Refused` where no row is left.
    """
    if way not in WAYS:
        raise WrongUsage(f"expected a way to treat people acted on among {', '.join(WAYS)}; found {way!r}")
    hit = touched(data, marks)
    said: dict[str, Any] = {"way": way, "acted_on": int(hit.sum()), "rows": len(data)}
    if hit.all() and len(data):
        raise Refused(f"all of the {len(data):,} rows are of people acted on within the window: nothing is left to learn from; take earlier dates")  # fmt: skip
    if way == "exclude":
        return data.take(~hit), said
    if score is None or len(score) != len(data):
        raise WrongUsage("people acted on are weighted by the score that drew the lists: expected one for each row")
    weight, lost = weights(hit, bands(data.index_date, score))
    kept = data.take(~hit)
    given = weight[~hit] * (1.0 if kept.weight is None else kept.weight)
    return replace(kept, weight=given), {
        **said,
        "standing_for_them": int((weight[~hit] > 1).sum()),
        "not_stood_for": lost,
    }


def bands(index_date: npt.NDArray[np.datetime64], score: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """The band (n,) of each row: its date and how high its score is among those of the date."""
    _, day = np.unique(index_date, return_inverse=True)
    order = np.lexsort((-score, day))
    sizes = np.bincount(day)
    starts = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    place = np.empty(len(score), np.int64)
    place[order] = np.arange(len(score)) - np.repeat(starts, sizes)
    return np.asarray(day * (len(BANDS) + 1) + np.searchsorted(BANDS, (place + 1) / sizes[day], side="left"), np.int64)


def weights(hit: npt.NDArray[np.bool_], band: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.float64], int]:
    """For how many rows each row (n,) not acted on stands, and how many rows acted on nobody stands for."""
    all_, free = np.bincount(band), np.bincount(band, weights=~hit)
    enough = free >= FEWEST
    stands = np.where(enough, np.minimum(all_ / np.maximum(free, 1), MOST), 1.0)
    return np.where(hit, 1.0, stands[band]), int((hit & ~enough[band]).sum())
