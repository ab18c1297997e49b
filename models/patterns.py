"""What a raw score means on a day on which a feed does not come: a curve and an interval for each pattern of feeds.

A feed that is away takes from a model what told people apart, so its scores crowd together and lie too low or too high; one curve for
all cannot put that right. So the calibration people are scored once more with each feed taken away, as training takes it
(:mod:`models.augment`), and a curve and an interval of their own are fitted to those scores. The people who test, the same feed taken
away, say whether they hold: only then does a model serve the pattern. The complete pattern keeps the curve that it has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from models.augment import FeedsOff, mask_of
from models.calibrate import Calibrator, calibrate
from models.dataset import Dataset
from models.discrimination import Ranking
from models.feeds import FEEDS
from models.intervals import TIMES, draw
from models.person_interval import PersonInterval, person_interval
from models.reliability import Reliability

if TYPE_CHECKING:
    import lightgbm

Array = npt.NDArray[np.float64]
Masks = npt.NDArray[np.uint64]
#: Raw scores (n,) of rows of predictors (n, p).
Raw = Callable[[npt.NDArray[np.float32]], Array]

#: A pattern is served unless the interval of its calibration slope lies wholly outside these, or that of its ICI above this, on the people
#: who test with the feed taken away.
SLOPE, ICI = (0.9, 1.1), 0.02
#: Groups that the curves of calibration are fitted to, and what is told of each pattern.
GROUPS = 200
TOLD = ("auroc", "slope", "ici", "observed_expected")


@dataclass(frozen=True)
class Pattern:
    """The tables ``without`` which it is, its curve and interval, and ``tested``: each of :data:`TOLD` on the people who test
    with its interval, None where they were too few to say."""

    without: tuple[str, ...]
    calibrator: Calibrator
    interval: PersonInterval
    tested: Mapping[str, Any] | None = None

    @property
    def served(self) -> bool:
        """Whether the people who test did not contradict the curve."""
        if self.tested is None:
            return False
        slope, ici = self.tested["slope"], self.tested["ici"]
        if any(told.get(end) is None for told in (slope, ici) for end in ("low", "high")):
            return False
        return bool(slope["low"] <= SLOPE[1] and slope["high"] >= SLOPE[0] and ici["low"] <= ICI)

    def to_json(self) -> dict[str, Any]:
        return {"without": list(self.without), "calibrator": self.calibrator.to_json(), "interval": self.interval.to_json(),
                "tested": None if self.tested is None else dict(self.tested)}  # fmt: skip

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> Pattern:
        return cls(tuple(held["without"]), Calibrator.from_json(held["calibrator"]),
                   PersonInterval.from_json(held["interval"]), held["tested"])  # fmt: skip


@dataclass(frozen=True)
class Curves:
    """From raw scores to probabilities and intervals, by the feeds of each row.

    ``complete`` and ``interval`` are of the patterns that training saw (``seen``, masks of ``tables``), ``patterns`` of those less a feed.
    """

    complete: Calibrator
    interval: PersonInterval | None
    seen: frozenset[int]
    tables: int
    patterns: tuple[Pattern, ...] = ()

    @property
    def by_mask(self) -> dict[int, Pattern]:
        """The pattern of each mask that is a seen one less the tables of a pattern; a seen one has none."""
        found: dict[int, Pattern] = {}
        for pattern in self.patterns:
            gone = mask_of(pattern.without)
            for mask in self.seen:
                less = mask & ~gone
                if less not in self.seen:
                    found.setdefault(less, pattern)
        return found

    @property
    def served(self) -> frozenset[int]:
        """Masks, of the tables that the model reads, which it may score: seen in training, or validated less a feed."""
        return self.seen | {mask for mask, pattern in self.by_mask.items() if pattern.served}

    def probability(self, raw: Array, feeds: Masks | None = None) -> Array:
        """Probabilities (n,) of raw scores; by ``feeds`` (n,) where they are given, else as if every feed had come. A pattern that is
        not known takes the curve of the complete one."""
        found = self.complete.probability(raw)
        for rows, pattern in self._others(feeds):
            if pattern is not None:
                found[rows] = pattern.calibrator.probability(raw[rows])
        return found

    def bounds(self, raw: Array, feeds: Masks | None = None) -> tuple[Array, Array]:
        """The interval (n,) of each, its probability within; NaN where there is none that was shown to hold."""
        probability = self.probability(raw, feeds)
        unknown = np.full(np.shape(raw), np.nan)
        low, high = (unknown, unknown.copy()) if self.interval is None else self.interval.around(raw, probability)
        for rows, pattern in self._others(feeds):
            if pattern is None or not pattern.served:
                low[rows] = high[rows] = np.nan
            else:
                low[rows], high[rows] = pattern.interval.around(raw[rows], probability[rows])
        return low, high

    def _others(self, feeds: Masks | None) -> Iterator[tuple[npt.NDArray[np.int64], Pattern | None]]:
        """Rows of each pattern that training did not see, and what is known of it."""
        if feeds is None:
            return
        held, known = feeds & np.uint64(self.tables), self.by_mask
        for mask in np.unique(held).tolist():
            if mask not in self.seen:
                yield np.flatnonzero(held == mask), known.get(mask)


def scorer(booster: lightgbm.Booster, threads: int = 0) -> Raw:
    """Raw scores by a model's trees, on so many threads."""
    return lambda X: np.asarray(booster.predict(X, raw_score=True, num_threads=threads), np.float64)


def away(off: FeedsOff, data: Dataset) -> list[tuple[str, ...]]:
    """What may be away of the tables that came to anybody in ``data`` and that predictors read: each kind of feed, each table by itself,
    and the tables that come together; the same set once."""
    came = int(np.bitwise_or.reduce(data.feeds)) if len(data) else 0
    found: dict[int, tuple[str, ...]] = {}
    for tables in (*FEEDS.values(), *off.feeds):
        there = tuple(table for table in tables if table in off.absent and mask_of([table]) & came)
        if there:
            found.setdefault(mask_of(there), there)
    return list(found.values())


def fitted(raw: Raw, data: Dataset, off: FeedsOff) -> tuple[Pattern, ...]:
    """A curve and an interval for each feed that may be away, from the calibration rows with it taken away."""
    found = []
    for without in away(off, data):
        score = raw(off.without(data, without).X)
        curve = calibrate(score, data.y, data.person_id, data.weight)
        found.append(Pattern(without, curve, person_interval(score, data.y, data.person_id, data.weight)))
    return tuple(found)


def tried(
    patterns: Sequence[Pattern], raw: Raw, data: Dataset, off: FeedsOff, times: int = TIMES
) -> tuple[Pattern, ...]:
    """The same patterns, each with its figures on the rows of ``data`` that test, the feed taken away; without figures where the rows
    hold no event or nothing else."""
    if not patterns or not 0 < data.events < len(data):
        return tuple(patterns)
    ranked, reliable = [], []
    for pattern in patterns:
        score = raw(off.without(data, pattern.without).X)
        ranked.append(Ranking(score, data.y))
        reliable.append(Reliability(pattern.calibrator.probability(score), data.y, GROUPS))

    def measure(weights: Array) -> dict[str, Array]:
        found: dict[str, Array] = {}
        for i, (ranking, reliability) in enumerate(zip(ranked, reliable, strict=True)):
            told = {"auroc": ranking.auroc(weights), **reliability.measures(weights)}
            found |= {f"{i}/{figure}": told[figure] for figure in TOLD}
        return found

    drawn = draw(measure, data.person_id, times, weight=data.weight)
    told = [{figure: drawn.estimate(f"{i}/{figure}").to_json() for figure in TOLD} for i in range(len(patterns))]
    return tuple(replace(pattern, tested=figures) for pattern, figures in zip(patterns, told, strict=True))


def table(patterns: Sequence[Pattern]) -> list[dict[str, Any]]:
    """One row a pattern, ready for a report: ``without`` its tables, ``says``, the curve's ``method``, whether it is ``served``, and its
    figures on the people who test where there are any."""
    return [
        {"without": list(each.without), "says": said(each.without), "method": each.calibrator.method, "served": each.served,
         **(each.tested or {})}
        for each in patterns
    ]  # fmt: skip


def said(without: Sequence[str]) -> str:
    """A pattern in words."""
    kinds = [kind for kind, tables in FEEDS.items() if set(without) == set(tables)]
    return f"without {kinds[0] if kinds else ', '.join(table.replace('_', ' ') for table in without)}"
