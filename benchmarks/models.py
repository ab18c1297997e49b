"""How near the best possible model ours comes, on simulated people: ``python -m benchmarks.models --people 200000``.

The same recipe is trained on one simulated area and on several as large, at four snapshots; both are judged on the same people of
an area of its own at one later date. Beside them: the true risk, which the simulator alone knows; trees taught the true risk itself
(what the record lets anybody learn); every baseline; and the recipe without a limit to the trees' shape. Nobody here exists,
and no figure is clinical performance.

Every step's result is kept in the work folder, and a run that stopped is gone on with. Steps made by other code are made again.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks import deciding, feeds_away, judged, printed, recipes
from benchmarks.judged import LEARNABLE, MANY, UNLIMITED, Figures
from benchmarks.learnable import learnable
from benchmarks.results import Results
from benchmarks.simulated import Area, stacked
from features.outcomes import OUTCOMES, named
from models import patterns
from models.baselines import fit_logistic
from models.blocks import predicted
from models.calibrate import Calibrator, calibrate
from models.dataset import Dataset
from models.ridge import Logistic
from models.split import Dates, split_dates
from models.train import Recipe, booster_of, train
from models.ways import Scored, ways
from risk.console import Shown
from risk.making import FEEDS_OFF

#: The date of judging: its year, and the lag of the slowest feed after it, lie before the simulator's last day.
JUDGED = date(2023, 7, 1)
#: Training dates.
SNAPSHOTS = 4
#: The outcome that trees without limits are grown for too.
MAIN = ("unplanned_admission", 365)
#: Every outcome at its own horizon, and the main one at the shorter ones.
EVERY = (
    MAIN,
    (MAIN[0], 30),
    (MAIN[0], 90),
    *((name, each.horizon) for name, each in OUTCOMES.items() if name != MAIN[0]),
)


@dataclass(frozen=True)
class Bench:
    work: Path
    people: int
    judges: int
    times: int
    seed: int
    years: int
    resamples: int
    threads: int

    @cached_property
    def dates(self) -> Dates:
        quarters = [date(year, month, 1) for year in range(JUDGED.year - 4, JUDGED.year + 1) for month in (1, 4, 7, 10)]
        return split_dates([day for day in quarters if day <= JUDGED], 365, SNAPSHOTS)

    @cached_property
    def results(self) -> Results:
        return Results(self.work / f"models-{self.people}-{self.times}-{self.judges}-{self.seed}-{self.years}")

    @cached_property
    def made_of(self) -> str:
        return deciding.code(self.resamples)

    @cached_property
    def recipe(self) -> Recipe:
        return Recipe(threads=self.threads)

    def area(self, number: int) -> Area:
        seed = self.seed + number
        return Area(self.work / f"learn-{self.people}-{seed}-{self.years}", self.people, seed, self.years)

    @cached_property
    def judge_area(self) -> Area:
        seed = self.seed + 1000
        return Area(self.work / f"judge-{self.judges}-{seed}-{self.years}", self.judges, seed, self.years, told=True)

    def made(self) -> None:
        """The areas, unless they are there."""
        for area in (*(self.area(number) for number in range(self.times)), self.judge_area):
            with Shown() as progress:
                area.made(progress)

    def learned(self, outcome: str, horizon: int, areas: Sequence[Area], recipe: Recipe, name: str) -> Figures:
        """Train on the areas, and calibrate; the model goes to the folder of its name."""
        began, days = time.perf_counter(), (*self.dates.train, *self.dates.calibrate)
        with Shown() as progress:
            held = []
            for area in areas:
                data = area.gathered(named(outcome), horizon, days, progress, self.used, self.dates.rows)
                part = self.dates.rows(data.person_id, data.index_date)
                held.append([data.take(part == one) for one in ("train", "calibrate")])
            learn, later = (stacked(each, self.work / "scratch") for each in zip(*held, strict=True))
            gathered = time.perf_counter()
            trained = train(learn, recipe, augment=FEEDS_OFF, progress=progress)
            grown = time.perf_counter()
            raw = predicted(trained.booster, later)
            calibrator = calibrate(raw, later.y, later.person_id, later.weight)
            folder = self.results.folder / f"{outcome}-{horizon}" / name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "model.txt").write_text(trained.text)
            (folder / "calibrator.json").write_text(json.dumps(calibrator.to_json()))
            if name == "one":
                progress.stage("logistic model")
                (folder / "logistic.json").write_text(json.dumps(fit_logistic(learn).to_json()))
        return {
            "rows": len(learn), "people": learn.people, "events": learn.events, "trees": trained.trees, "dates": learn.dates,
            "calibrated": len(later), "calibration": calibrator.method, "directions": len(trained.directions), "cost": trained.cost,
            "gathering": gathered - began, "growing": grown - gathered, "seconds": time.perf_counter() - began,
            "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }  # fmt: skip

    def judged(self, outcome: str, horizon: int) -> Figures:
        """Every model of the outcome on the people who judge."""
        folder, area = self.results.folder / f"{outcome}-{horizon}", self.judge_area
        with Shown() as progress:
            data = area.with_truth(self.judges_of(outcome, horizon, progress), outcome, horizon, (JUDGED,))
            raws = {name: predicted(booster_of((folder / name / "model.txt").read_text()), data)
                    for name in ("one", "many", "unlimited") if (folder / name / "model.txt").is_file()}  # fmt: skip
            given = {name: Calibrator.from_json(json.loads((folder / name / "calibrator.json").read_text())).probability(raw)
                     for name, raw in raws.items()}  # fmt: skip
            plain = Logistic.from_json(json.loads((folder / "one" / "logistic.json").read_text())).raw(data.X)
            scored = ways(data, raws["one"], given["one"], plain)
            scored[MANY] = Scored(raws["many"], f"the same recipe, {self.times} times the people", given["many"])
            if "unlimited" in raws:
                scored[UNLIMITED] = Scored(raws["unlimited"], "the same people, trees grown without limits")
            if data.truth is not None:
                scored[LEARNABLE] = Scored(learnable(data, progress), "trees taught the true risk, out of fold")
            return judged.figures(data, scored, self.resamples, progress)

    def part(self, outcome: str, horizon: int, part: str, area: Area, progress: Shown) -> Dataset:
        """The rows of an area that train, or those that calibrate."""
        days = (*self.dates.train, *self.dates.calibrate)
        data = area.gathered(named(outcome), horizon, days, progress, self.used, self.dates.rows)
        return data.take(self.dates.rows(data.person_id, data.index_date) == part)

    def judges_of(self, outcome: str, horizon: int, progress: Shown) -> Dataset:
        """The people who judge, at their one date."""
        return self.judge_area.gathered(named(outcome), horizon, (JUDGED,), progress, None, None)

    def away(self, outcome: str, horizon: int) -> Figures:
        """The model of one area with each feed taken away: curves from its calibration people, tried on the judging area's practices."""
        folder = self.results.folder / f"{outcome}-{horizon}" / "one"
        with Shown() as progress:
            raw = patterns.scorer(booster_of((folder / "model.txt").read_text()), self.threads)
            fitted = patterns.fitted(raw, self.part(outcome, horizon, "calibrate", self.area(0), progress), FEEDS_OFF)
            complete = Calibrator.from_json(json.loads((folder / "calibrator.json").read_text()))
            judges = self.judges_of(outcome, horizon, progress)
            progress.stage("each feed away")
            return feeds_away.figures(complete, fitted, raw, judges, FEEDS_OFF, self.resamples)

    def recipes(self, outcome: str, horizon: int) -> Figures:
        """Other recipes on the people of one area, beside the house's, judged on the same others."""
        with Shown() as progress:
            learn = self.part(outcome, horizon, "train", self.area(0), progress)
            judges = self.judges_of(outcome, horizon, progress)
            booster = booster_of((self.results.folder / f"{outcome}-{horizon}" / "one" / "model.txt").read_text())
            raws, trees = {recipes.HOUSE: predicted(booster, judges)}, {recipes.HOUSE: booster.num_trees()}
            for name, recipe in recipes.of(self.recipe).items():
                trained = train(learn, recipe, augment=FEEDS_OFF, progress=progress)
                raws[name], trees[name] = predicted(trained.booster, judges), trained.trees
            return recipes.figures(raws, trees, judges, self.resamples, progress)

    def used(self, person_id: npt.NDArray[np.int64], index_date: npt.NDArray[np.datetime64]) -> npt.NDArray[np.bool_]:
        """Rows that train or calibrate."""
        return self.dates.rows(person_id, index_date) != ""

    def found(self, outcome: str, horizon: int) -> Figures:
        """Every step of an outcome: those that are there, and new ones."""
        one, many = [self.area(0)], [self.area(number) for number in range(self.times)]
        steps = {"one": (one, self.recipe), "many": (many, self.recipe)}
        if (outcome, horizon) == MAIN:
            steps["unlimited"] = (one, replace(self.recipe, limited=False))
        name, told = f"{outcome}-{horizon}", {}
        for step, (areas, recipe) in steps.items():
            learn = partial(self.learned, outcome, horizon, areas, recipe, step)
            told[step] = self.results.one(f"{name}-{step}", learn, self.made_of)
        judging: dict[str, tuple[Callable[[str, int], Figures], tuple[str, ...]]] = {
            "judged": (self.judged, ("benchmarks/judged", "benchmarks/learnable"))
        }
        if (outcome, horizon) == MAIN:
            judging["away"] = self.away, ("models/patterns", "models/person_interval", "benchmarks/feeds_away")
            judging["recipes"] = self.recipes, ("benchmarks/recipes",)
        for step, (judge, more) in judging.items():
            made_of = deciding.code(self.resamples, *more)
            told[step] = self.results.one(f"{name}-{step}", partial(judge, outcome, horizon), made_of)
        return told


def asked_for(given: str) -> list[tuple[str, int]]:
    """Outcomes as NAME or NAME-DAYS, separated by commas; ``every`` for all of them."""
    if given == "every":
        return list(EVERY)
    found = []
    for word in given.split(","):
        name, _, days = word.partition("-")
        found.append((name, int(days) if days else named(name).horizon))
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--people", type=int, default=200_000, help="people of the area that trains")
    asked.add_argument("--judge-people", type=int, default=300_000, help="people of the area that judges")
    asked.add_argument("--times", type=int, default=5, help="areas of as many people that the other model trains on")
    asked.add_argument("--outcomes", default="every", help="NAME or NAME-DAYS, separated by commas; every for all")
    asked.add_argument("--years", type=int, default=8, help="years of history, up to 30 November 2024; 6 at least")
    asked.add_argument("--resamples", type=int, default=200)
    asked.add_argument("--threads", type=int, default=0, help="0: as many as are worth it")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--work", type=Path, default=Path(".bench"))
    asked.add_argument("--json", type=Path, help="write the figures to this file")
    given = asked.parse_args()
    if given.years < 6 or given.times < 2:
        asked.error("expected 6 years or more and 2 times the people or more")
    given.work.mkdir(parents=True, exist_ok=True)
    bench = Bench(given.work, given.people, given.judge_people, given.times, given.seed, given.years, given.resamples, given.threads)  # fmt: skip
    bench.made()
    found: Figures = {}
    for outcome, horizon in asked_for(given.outcomes):
        told = found[f"{outcome}-{horizon}"] = bench.found(outcome, horizon)
        print(printed.table(outcome, horizon, told, given.times), flush=True)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1, default=np.asarray))


if __name__ == "__main__":
    main()
