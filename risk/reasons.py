"""Why a person's score is what it is: contributions in the words of the predictors' declarations.

Contributions (TreeSHAP, on the scale of the raw score) add up: baseline + all contributions = raw score. What is shown of
them adds up too: baseline + the reasons shown + ``rest`` = raw score, and baseline + the domains = raw score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from features.coverage import tables_of
from features.errors import Refused
from features.governance.sensitive import of_predictor

RAISE, LOWER = 5, 3
#: What stands for a predictor whose detail the reader may not see, and what is said of it.
WITHHELD = "withheld"
WITHHELD_SAYS = "{domain}: the record says more, which is shown to those whose role allows it"
#: How far contributions may be from adding up to the raw score.
TOLERANCE = 1e-6
#: In place of a predictor's phrase where it reads rows that are the person's by probability alone.
UNCONFIRMED = "{}: rests on records not yet confirmed to be this person's"


class Declared(Protocol):
    """What a reason needs of a predictor's declaration."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def domain(self) -> str: ...
    @property
    def actionable(self) -> bool: ...
    @property
    def tables(self) -> Sequence[str]: ...
    def phrase(self, value: float) -> str: ...


def check_additive(contributions: npt.NDArray[np.float64], raw: npt.NDArray[np.float64]) -> None:
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
    """Puts people's contributions into words. ``predictors`` in the order of the columns.

    Of what is sensitive (:mod:`features.governance.sensitive`) a reason says the domain alone, unless ``detail``: for a reader whose
    role allows it, and never for what is kept.
    """

    predictors: Sequence[Declared]
    detail: bool = False
    _domains: tuple[str, ...] = field(init=False)
    _withheld: tuple[bool, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_domains", tuple(dict.fromkeys(p.domain for p in self.predictors)))
        withheld = tuple(not self.detail and of_predictor(p) is not None for p in self.predictors)
        object.__setattr__(self, "_withheld", withheld)

    def explain(
        self,
        contributions: npt.NDArray[np.float64],
        values: npt.NDArray[np.floating[Any]],
        feeds: npt.NDArray[np.uint64],
        unconfirmed: npt.NDArray[np.uint64] | None = None,
    ) -> list[dict[str, Any]]:
        """Reasons of n people, ready for JSON.

        ``contributions`` (n, p+1), ``values`` (n, p) with NaN for absent, ``feeds`` (n,) masks of the tables that a
        permitted feed filled for the person, ``unconfirmed`` (n,) masks of those of which a row is theirs by probability
        alone: what rests on them says so, and no value. Each result has ``baseline``, ``raw``, ``raises`` (at most 5) and
        ``lowers`` (at most 3) of the strongest first, ``rest`` and ``domains``.
        """
        unsure = np.zeros_like(feeds) if unconfirmed is None else unconfirmed
        rows = zip(contributions, values, feeds.tolist(), unsure.tolist(), strict=True)
        return [self._one(row, given, fed, beyond) for row, given, fed, beyond in rows]

    def _one(
        self, row: npt.NDArray[np.float64], values: npt.NDArray[np.floating[Any]], feeds: int, unsure: int
    ) -> dict[str, Any]:
        each, baseline = row[:-1], float(row[-1])
        order = np.argsort(each, kind="stable")
        lowers = [i for i in order[:LOWER] if each[i] < 0]
        raises = [i for i in order[::-1][:RAISE] if each[i] > 0]
        domains = dict.fromkeys(self._domains, 0.0)
        for predictor, contribution in zip(self.predictors, each.tolist(), strict=True):
            domains[predictor.domain] += contribution
        return {
            "baseline": baseline,
            "raw": float(row.sum()),
            "raises": [self._reason(i, each[i], values[i], feeds, unsure) for i in raises],
            "lowers": [self._reason(i, each[i], values[i], feeds, unsure) for i in lowers],
            "rest": float(each.sum() - each[raises].sum() - each[lowers].sum()),
            "domains": [
                {"domain": domain, "contribution": total}
                for domain, total in sorted(domains.items(), key=lambda item: -item[1])
            ],
        }

    def _reason(self, i: int, contribution: float, value: float, feeds: int, unsure: int) -> dict[str, Any]:
        predictor = self.predictors[i]
        if self._withheld[i]:
            return {"predictor": WITHHELD, "domain": predictor.domain, "says": WITHHELD_SAYS.format(domain=predictor.domain),
                    "value": None, "contribution": float(contribution), "actionable": False}  # fmt: skip
        guessed = bool(set(tables_of(unsure)) & set(predictor.tables))
        return {
            "predictor": predictor.name,
            "domain": predictor.domain,
            "says": UNCONFIRMED.format(predictor.title) if guessed else says(predictor, float(value), feeds),
            "value": None if np.isnan(value) or guessed else float(f"{value:.7g}"),
            "contribution": float(contribution),
            "actionable": predictor.actionable,
        }


def says(predictor: Declared, value: float, feeds: int) -> str:
    """The predictor's value in words; an absent one says whether nobody sent the data, or else what its absence means."""
    if np.isnan(value):
        unfed = [table.replace("_", " ") for table in predictor.tables if table not in tables_of(feeds)]
        if unfed:
            return f"{predictor.title}: not known, no {' or '.join(unfed)} feed"
    return predictor.phrase(value)
