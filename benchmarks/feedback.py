"""What retraining does to a list once teams act on it, with and without marks of whom they acted on.

    python -m benchmarks.feedback --record RECORD [--truth DIR] [--effect 0.3,0.5,0.7] [--held-out 0.2] [--share 0.05] [--out FILE]

Simulated people, simulated effect: nothing here says that acting prevents anything. A model is trained at the earlier dates of a record,
where nobody was acted on. At the later dates it draws each date's list; a share of the listed is held out at random, the others are acted
on, and of their events the stated share does not happen. The model is then trained again on those later dates in four ways, and each is
judged on people who never trained, at the last date, by their true risk (``--truth``), or by what would have befallen them had nobody acted:

- ``naive``: on what happened, without marks
- ``exclude``: people acted on left out, the earlier dates kept
- ``weight``: people acted on left out, those held out standing for them
- ``untouched``: on what would have happened: the best that any repair could do
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.outcomes import named, usable_dates
from features.record.permission import AllowAll
from features.record.reader import Record
from models import logistic
from models.acted import Marks, without_effect
from models.dataset import Dataset
from models.discrimination import Ranking
from models.intervals import draw
from models.split import part_of
from models.train import Recipe, train
from risk import truth as truths
from risk.dataset import Wanted, gather
from risk.settings import load
from risk.training import with_truth

Array = npt.NDArray[np.float64]
#: Days after the index date on which listed people are acted on, and the salt of who is held out and whose event does not happen.
AFTER, SEED = 14, 20240406


@dataclass(frozen=True)
class Scene:
    """``before`` rows of dates at which nobody acted, ``later`` those at which lists were acted on, ``judged`` rows of people who never
    train, at the last date. All with what happens if nobody acts."""

    before: Dataset
    later: Dataset
    judged: Dataset


@dataclass(frozen=True)
class Acting:
    """What acting does: of the events of those acted on the share ``effect`` does not happen; ``share`` of a date's people are listed, and
    ``held_out`` of those are not acted on."""

    effect: float = 0.5
    share: float = 0.05
    held_out: float = 0.2


def lived(later: Dataset, raw: Array, acting: Acting, seed: int = SEED) -> tuple[Dataset, Marks, npt.NDArray[np.bool_]]:
    """What is then seen of the later rows, whom was acted on, and who was listed (n,)."""
    chance = np.random.default_rng(seed)
    listed = np.zeros(len(later), bool)
    for day in np.unique(later.index_date):
        rows = np.flatnonzero(later.index_date == day)
        listed[rows[np.argsort(-raw[rows], kind="stable")[: int(np.ceil(acting.share * len(rows)))]]] = True
    on = listed & (chance.random(len(later)) >= acting.held_out)
    prevented = on & (chance.random(len(later)) < acting.effect)
    days = np.asarray(later.index_date[on].astype("datetime64[D]") + np.timedelta64(AFTER, "D"), "datetime64[D]")
    marks = Marks(later.person_id[on], days)
    return replace(later, y=np.where(prevented, 0.0, later.y)), marks, listed


def scene(data: Dataset) -> Scene:
    """The rows by date and by person: the last date judges, of the others the earlier half lies before anybody acted."""
    days = np.unique(data.index_date)
    first = days[: max(1, (len(days) - 1) // 2)]
    trains, at = part_of(data.person_id) == "train", data.index_date
    return Scene(data.take(trains & np.isin(at, first)), data.take(trains & ~np.isin(at, first) & (at != days[-1])),
                 data.take(~trains & (at == days[-1])))  # fmt: skip


def experiment(held: Scene, acting: Acting, recipe: Recipe | None = None) -> dict[str, Any]:
    """How each way of training again fares. ``listed_of_the_first``: mean probability given to those whom the first model lists among the
    judged, beside the share of them with the event if nobody acts."""
    recipe = recipe or Recipe(most_trees=300)

    def fitted(data: Dataset) -> Array:
        return np.asarray(train(data, recipe).booster.predict(held.judged.X, raw_score=True, num_threads=1), np.float64)

    first = train(held.before, recipe).booster
    raw = np.asarray(first.predict(held.later.X, raw_score=True, num_threads=1), np.float64)
    seen, marks, listed = lived(held.later, raw, acting)
    excluded, left_out = without_effect(seen, marks, "exclude")
    weighted, stood = without_effect(seen, marks, "weight", raw)
    scores = {
        "first": np.asarray(first.predict(held.judged.X, raw_score=True, num_threads=1), np.float64),
        "naive": fitted(seen), "exclude": fitted(together(held.before, excluded)), "weight": fitted(weighted),
        "untouched": fitted(held.later),
    }  # fmt: skip
    return {
        "acting": vars(acting), "listed": int(listed.sum()), "acted_on": left_out["acted_on"], "weighting": stood,
        "rows": {"before": len(held.before), "later": len(held.later), "judged": len(held.judged)},
        "events_judged": held.judged.events, "by_true_risk": held.judged.truth is not None, "ways": judged(held.judged, scores, acting.share),
    }  # fmt: skip


def judged(data: Dataset, scores: dict[str, Array], share: float) -> dict[str, dict[str, Any]]:
    """Of each way: AUROC, PPV of the list at ``share``, and how high it scores those whom the first model lists; with 95% intervals by
    resampled people, and of the PPV the difference from ``untouched`` on the same resamples."""
    top = np.argsort(-scores["first"], kind="stable")[: int(np.ceil(share * len(data)))]
    of_first = np.zeros(len(data))
    of_first[top] = 1.0
    y = data.y if data.truth is None else data.truth
    ranked = {way: Ranking(score, y) for way, score in scores.items()}
    given = {way: logistic.sigmoid(score) for way, score in scores.items()}
    name = f"ppv_{100 * share:g}"

    def measure(weights: Array) -> dict[str, Array]:
        found = {f"{way}/auroc": held.auroc(weights) for way, held in ranked.items()}
        found |= {f"{way}/ppv": held.top(weights, (share,))[name] for way, held in ranked.items()}
        on = weights @ of_first
        found["happened"] = weights @ (of_first * y) / on
        return found | {f"{way}/given": weights @ (of_first * p) / on for way, p in given.items()}

    drawn = draw(measure, data.person_id)
    return {
        way: {
            "auroc": drawn.estimate(f"{way}/auroc").to_json(), "ppv": drawn.estimate(f"{way}/ppv").to_json(),
            "ppv_less_untouched": drawn.difference(f"{way}/ppv", "untouched/ppv").to_json(),
            "given_to_listed_of_the_first": drawn.estimate(f"{way}/given").to_json(),
            "happens_to_them_if_nobody_acts": drawn.estimate("happened").to_json(),
        }
        for way in scores
    }  # fmt: skip


def together(one: Dataset, other: Dataset) -> Dataset:
    """The rows of both."""

    def both(part: str) -> Any:
        return np.concatenate([getattr(one, part), getattr(other, part)])

    return replace(
        one, X=both("X"), y=both("y"), person_id=both("person_id"), index_date=both("index_date"), past=both("past"), feeds=both("feeds"),
        slices=pd.concat([one.slices, other.slices], ignore_index=True), truth=None, weight=None,
    )  # fmt: skip


def told(result: dict[str, Any]) -> str:
    """The table in words."""
    lines = [f"{result['listed']:,} listed at the later dates, {result['acted_on']:,} rows acted on, of whose events "
             f"{result['acting']['effect']:.0%} do not happen; judged on {result['rows']['judged']:,} people ({result['events_judged']:,} events){', by their true risk' if result['by_true_risk'] else ''}."]  # fmt: skip
    for way, held in result["ways"].items():
        ppv, less, given = held["ppv"], held["ppv_less_untouched"], held["given_to_listed_of_the_first"]
        lines.append(f"{way:10} AUROC {held['auroc']['value']:.3f}  PPV {ppv['value']:.3f}  less untouched {less['value']:+.3f} ({less['low']:+.3f} to {less['high']:+.3f})"
                     f"  given to the first list {given['value']:.3f} (happens {held['happens_to_them_if_nobody_acts']['value']:.3f})")  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--record", type=Path, required=True)
    ask.add_argument("--outcome", default="unplanned_admission")
    ask.add_argument("--horizon", type=int)
    ask.add_argument("--truth", type=Path)
    ask.add_argument("--effect", default="0.3,0.5,0.7")
    ask.add_argument("--held-out", type=float, default=0.2)
    ask.add_argument("--share", type=float, default=0.05)
    ask.add_argument("--most-dates", type=int, default=7)
    ask.add_argument("--out", type=Path)
    given = ask.parse_args()
    outcome = named(given.outcome)
    horizon = outcome.days(given.horizon)
    with Record(given.record, purpose="training", permissions=AllowAll()) as record:
        dates = apart(usable_dates(record, outcome, horizon), horizon, given.most_dates)
        data = gather(record, Wanted(outcome, horizon, dates, max(18, outcome.minimum_age))).data
    held = scene(data)
    if given.truth:
        known = truths.read(given.truth, load(), outcome.name, horizon, dates[-1:])
        held = replace(held, judged=with_truth(held.judged, known))
    print(f"{data.about['title']}; dates {', '.join(map(str, dates))}")
    results = []
    for effect in given.effect.split(","):
        results.append(experiment(held, Acting(float(effect), given.share, given.held_out)))
        print(told(results[-1]), flush=True)
    if given.out:
        given.out.write_text(json.dumps(results, indent=1) + "\n")


def apart(usable: list[date], horizon: int, most: int) -> list[date]:
    """The latest of the dates, and before it those whose windows have ended by then, at most ``most`` in all."""
    return [day for day in usable[:-1] if day + timedelta(days=horizon) <= usable[-1]][-(most - 1) :] + usable[-1:]


if __name__ == "__main__":
    main()
