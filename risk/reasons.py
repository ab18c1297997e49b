"""Why a person's score is what it is: contributions by driver, in the words of the predictors' declarations.

Contributions (TreeSHAP, on the scale of the raw score) add up: baseline + all contributions = raw score. They are put together by
driver (:mod:`risk.drivers`), and what is shown of them adds up too: baseline + the reasons shown + ``rest`` = raw score, baseline +
the domains = raw score, and ``rest`` is what is in the background, what support in place adds, and all other.

A value that is not there is no reason: what it adds is background, and what is not known is said apart. A time since something that a
feed covering the person never told of is not absent: there was none on record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from features.coverage import tables_of
from features.errors import Refused
from features.governance.sensitive import of_predictor
from risk.drivers import Driver, Told, driver_of
from risk.phrases import SUPPORT, UNCONFIRMED, Declared, says, says_when

RAISE, LOWER = 5, 3
#: How many sentences of what is not known, and of support in place, are said at most.
MISSING, SUPPORTED = 3, 3
BACKGROUND, OTHER, IN_PLACE = "background", "other", "support in place"
#: What stands for a predictor whose detail the reader may not see, and what is said of it.
WITHHELD = "withheld"
WITHHELD_SAYS = "{domain}: the record says more, which is shown to those whose role allows it"
#: How far contributions may be from adding up to the raw score.
TOLERANCE = 1e-6

Floats = npt.NDArray[np.float64]
Values = npt.NDArray[np.floating[Any]]


def check_additive(contributions: Floats, raw: Floats) -> None:
    """Every person's contributions (n, p+1; the last column the baseline) add up to their raw score (n,).

    :class:`Refused` otherwise: a reason that does not account for the score is no reason for it.
    """
    off = np.abs(contributions.sum(axis=1) - raw)
    wrong = ~(off <= TOLERANCE)
    if wrong.any():
        raise Refused(
            f"the reasons of {int(wrong.sum())} of {len(raw)} people do not add up to their score (expected within "
            f"{TOLERANCE:g}, found {np.nanmax(off):.2g} or no number); nothing is published; train the model again"
        )


@dataclass(frozen=True)
class Explainer:
    """Puts people's contributions into words. ``predictors`` in the order of the columns; ``probability`` of raw scores, by which a
    reason's effect is told; ``belongs`` names a predictor's driver.

    Of what is sensitive (:mod:`features.governance.sensitive`) a reason says the domain alone, unless ``detail``: for a reader whose
    role allows it, and never for what is kept.
    """

    predictors: Sequence[Declared]
    detail: bool = False
    probability: Callable[[Floats], Floats] | None = None
    belongs: Callable[[str], Driver] = driver_of
    _drivers: tuple[Driver, ...] = field(init=False)
    _of: npt.NDArray[np.int64] = field(init=False)
    _withheld: npt.NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        each = [self.belongs(predictor.name) for predictor in self.predictors]
        drivers = tuple(dict.fromkeys(each))
        withheld = [not self.detail and of_predictor(predictor) is not None for predictor in self.predictors]
        object.__setattr__(self, "_drivers", drivers)
        object.__setattr__(self, "_of", np.array([drivers.index(driver) for driver in each], np.int64))
        object.__setattr__(self, "_withheld", np.array(withheld, bool))

    def explain(
        self,
        contributions: npt.NDArray[np.floating[Any]],
        values: Values,
        feeds: npt.NDArray[np.uint64],
        unconfirmed: npt.NDArray[np.uint64] | None = None,
        other: Floats | None = None,
    ) -> list[dict[str, Any]]:
        """Reasons of n people, ready for JSON.

        ``contributions`` (n, p+1), ``values`` (n, p) with NaN for absent, ``feeds`` (n,) masks of the tables that a
        permitted feed filled for the person, ``unconfirmed`` (n,) masks of those of which a row is theirs by probability
        alone: what rests on them says so, and no value. ``other`` (n,) is what the contributions leave out of the raw score. Each
        result has ``baseline``, ``raw``, ``raises`` (at most 5 drivers) and ``lowers`` (at most 3) of the strongest first, ``rest``
        and what it is made of, ``support`` in place, what is ``missing`` and ``domains``.
        """
        unsure = np.zeros_like(feeds) if unconfirmed is None else unconfirmed
        small = np.zeros(len(feeds)) if other is None else other
        rows = zip(
            contributions.astype(np.float64), values, feeds.tolist(), unsure.tolist(), small.tolist(), strict=True
        )
        return [self._one(_Person(self, *row)) for row in rows]

    def _one(self, person: _Person) -> dict[str, Any]:
        totals = person.totals
        reasons = [i for i, driver in enumerate(self._drivers) if driver.told is Told.REASON]
        order = sorted(reasons, key=lambda i: -totals[i])
        raises = [i for i in order[:RAISE] if totals[i] > 0]
        lowers = [i for i in order[::-1][:LOWER] if totals[i] < 0]
        support = float(sum(totals[i] for i, driver in enumerate(self._drivers) if driver.told is Told.SUPPORT))
        rest = float(person.raw - person.baseline - totals[raises].sum() - totals[lowers].sum())
        return {
            "baseline": person.baseline,
            "raw": person.raw,
            "raises": [person.reason(i) for i in raises],
            "lowers": [person.reason(i) for i in lowers],
            "rest": rest,
            "rest_of": {BACKGROUND: person.background, "support": support, OTHER: rest - person.background - support},
            "support": person.support(),
            "missing": person.missing(),
            "domains": person.domains(),
        }


class _Person:
    """One person's contributions and values, by driver."""

    def __init__(self, by: Explainer, row: Floats, values: Values, feeds: int, unsure: int, other: float) -> None:
        self.by, self.values, self.feeds, self.other = by, values, feeds, other
        self.each, self.baseline = row[:-1], float(row[-1])
        self.raw = float(row.sum() + other)
        self.unsure = set(tables_of(unsure))
        fed = set(tables_of(feeds))
        nothing_on_record = [getattr(p, "time_since", False) and fed.issuperset(p.tables) for p in by.predictors]
        self.absent = np.isnan(values) & ~np.array(nothing_on_record, bool)
        known = np.where(self.absent, 0.0, self.each)
        self.totals = np.bincount(by._of, known, minlength=len(by._drivers))
        behind = sum(self.totals[i] for i, driver in enumerate(by._drivers) if driver.told is Told.BACKGROUND)
        self.background = float(behind + self.each[self.absent].sum())

    def reason(self, i: int) -> dict[str, Any]:
        """A driver, said by the predictor of it that moves the score most its way."""
        total, driver = float(self.totals[i]), self.by._drivers[i]
        of = np.flatnonzero((self.by._of == i) & ~self.absent)
        best = int(of[np.argmax(self.each[of] * np.sign(total))])
        predictor, value = self.by.predictors[best], float(self.values[best])
        told = {"contribution": total, "effect": self._effect(total)}
        if self.by._withheld[best]:
            return {"driver": WITHHELD, "title": WITHHELD, "predictor": WITHHELD, "domain": driver.domain,
                    "says": WITHHELD_SAYS.format(domain=driver.domain), "value": None, **told, "actionable": False}  # fmt: skip
        guessed = bool(self.unsure & set(predictor.tables))
        beside = [self.by.predictors[j] for j in of.tolist() if not self.by._withheld[j]]
        held = {self.by.predictors[j].name: float(self.values[j]) for j in of.tolist()}
        return {
            "driver": driver.name,
            "title": driver.title,
            "predictor": predictor.name,
            "domain": driver.domain,
            "says": UNCONFIRMED.format(predictor.title)
            if guessed
            else says_when(predictor, value, self.feeds, held, beside),
            "value": None if np.isnan(value) or guessed else float(f"{value:.7g}"),
            **told,
            "actionable": driver.actionable or predictor.actionable,
        }

    def _strongest(self) -> list[int]:
        return [int(j) for j in np.argsort(-np.abs(self.each), kind="stable")]

    def _effect(self, contribution: float) -> float | None:
        """By how much the probability would be lower without the contribution."""
        if self.by.probability is None:
            return None
        now, without = self.by.probability(np.array([self.raw, self.raw - contribution]))
        return float(now - without)

    def support(self) -> list[dict[str, Any]]:
        """What somebody already does for the person, of the drivers that move the score most; nothing of what is not there."""
        found: dict[str, dict[str, Any]] = {}
        for j in self._strongest():
            predictor, driver = self.by.predictors[j], self.by._drivers[self.by._of[j]]
            there = self.values[j] > 0 and not getattr(predictor, "time_since", False)
            if (
                driver.told is not Told.SUPPORT
                or not there
                or self.by._withheld[j]
                or self.unsure & set(predictor.tables)
            ):
                continue
            said = SUPPORT.format(predictor.phrase(float(self.values[j])))
            found.setdefault(driver.name, {"driver": driver.name, "title": driver.title, "says": said})
        return list(found.values())[:SUPPORTED]

    def missing(self) -> list[str]:
        """What is not known, of what moves the score most; nothing that is sensitive."""
        order = [j for j in self._strongest() if self.absent[j] and self.each[j] != 0]
        told = [says(self.by.predictors[j], float("nan"), self.feeds) for j in order if not self.by._withheld[j]]
        return list(dict.fromkeys(told))[:MISSING]

    def domains(self) -> list[dict[str, Any]]:
        """Totals by domain, the greatest first; what support in place adds is of no domain but its own."""
        held: dict[str, float] = {}
        for driver, total in zip(self.by._drivers, self.totals.tolist(), strict=True):
            if driver.told is not Told.BACKGROUND:
                domain = IN_PLACE if driver.told is Told.SUPPORT else driver.domain
                held[domain] = held.get(domain, 0.0) + total
        held |= {BACKGROUND: self.background} if self.background else {}
        held |= {OTHER: self.other} if self.other else {}
        return [
            {"domain": domain, "contribution": total}
            for domain, total in sorted(held.items(), key=lambda item: -item[1])
        ]
