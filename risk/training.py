"""Training a model on a record and judging it: the parts put together, in order."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from features.errors import Refused
from features.governance.permissions import AreaPermissions, together
from features.outcomes import Outcome, named, usable_dates
from features.progress import SILENT, Progress
from features.record.permission import Permissions
from features.record.reader import Record
from features.record.tables import PERSON_TABLES
from models import leakage, patterns, registry, release
from models import report as reports
from models.acted import Way
from models.bundle import Bundle
from models.card import card
from models.crossval import check_folds, cross_validate
from models.dataset import Dataset
from models.patterns import scorer
from models.person_interval import coverage
from models.search import check_minutes, search
from models.split import PARTS, Dates, split_dates
from models.train import Recipe
from models.validate import judge
from models.ways import ways
from risk import acted, learnt
from risk import truth as truths
from risk.dataset import Wanted, gather
from risk.making import FEEDS_OFF, TABLES, Made, make, tried
from risk.permissions import permissions as area_permissions
from risk.settings import Settings
from risk.truth import Truth


@dataclass(frozen=True)
class Asked:
    """What to train. ``at`` empty: at every date that the record can tell; ``folds`` 0: no cross-validation; ``search``: minutes in
    which a better recipe is looked for, 0 for none; ``acted``: marks of people acted on (``published`` or a file), and what is done
    with their rows."""

    record: Path
    outcome: str
    horizon: int | None = None
    at: tuple[date, ...] = ()
    minimum_age: int | None = None
    folds: int = 0
    truth: Path | None = None
    recipe: Recipe = field(default_factory=Recipe)
    search: float = 0.0
    acted: str | None = None
    acted_as: Way = "exclude"


def opened(path: Path, settings: Settings, permissions: Permissions | None, purpose: Any = "training") -> Record:
    """The record, its feeds as the area's rules permit them for the purpose."""
    threads, permitted = settings.threads or None, permissions or area_permissions(settings, path)
    return Record(path, purpose=purpose, permissions=permitted, memory=settings.memory, threads=threads)


def train_model(
    asked: Asked, settings: Settings, *, permissions: Permissions | None = None, progress: Progress = SILENT
) -> tuple[Bundle, dict[str, Any]]:
    """Train, calibrate, validate, release as a candidate and register; the bundle and its report.

    :class:`Refused` where no date is usable or there is too little to learn from.
    """
    if asked.folds:
        check_folds(asked.folds)
    if asked.search:
        check_minutes(asked.search)
    outcome = named(asked.outcome)
    horizon = outcome.days(asked.horizon)
    youngest = max(settings.minimum_age, outcome.minimum_age, asked.minimum_age or 0)
    permitted = permissions or area_permissions(settings, asked.record)
    with opened(asked.record, settings, permitted) as record:
        dates = split_dates(asked.at or usable_dates(record, outcome, horizon), horizon)
        known = truths.read(asked.truth, settings, outcome.name, horizon, dates.test) if asked.truth else None
        keep = None if asked.folds else lambda person, days: dates.rows(person, days) != ""
        scratch = settings.home / "scratch"
        wanted = Wanted(outcome, horizon, dates.all, youngest, keep, dates.rows, scratch)
        sample = gather(record, wanted, progress)
    if asked.acted:
        sample = acted.treated(sample, settings, asked.acted, asked.acted_as, f"{outcome.name}_{horizon}")
    part = dates.rows(sample.data.person_id, sample.data.index_date)
    parts = {name: sample.data.take(part == name) for name in PARTS}
    flow = {**sample.flow, "parts": {name: counts(held) for name, held in parts.items()}}
    for name, held in parts.items():
        if not len(held):
            raise Refused(f"nobody is left to {name}: {flow['parts']}; take more people or other dates")
    found = (
        search(parts["train"], asked.search, asked.recipe, augment=FEEDS_OFF, progress=progress)
        if asked.search
        else None
    )
    recipe = asked.recipe if found is None else found.recipe
    made = make(parts, recipe, progress)
    pooled = (
        cross_validate(sample.data, asked.folds, recipe, progress=progress, augment=FEEDS_OFF) if asked.folds else None
    )
    made = tried(made, parts["test"], recipe, progress)
    judged = {
        **judged_on(with_truth(parts["test"], known), made, progress),
        "patterns": patterns.table(made.curves.patterns),
    }
    judged["leakage"] = looked_at(parts["train"], judged)
    how = {"recipe": recipe.to_json()} | ({} if found is None else {"search": found.to_json()})
    how |= {"acted_on": sample.flow["acted_on"]} if asked.acted else {}
    draft = drafted(outcome, horizon, youngest, dates, parts, made, bases_of(permitted), how)
    version = release.reserve(settings.bundles, draft.name)
    report = reports.compose(subject(draft, version, outcome, flow, made.important), judged, pooled)
    bundle = release.write(settings.bundles, version, draft, report, card(report))
    learnt.keep(settings, bundle.name, bundle.version, parts)
    learnt.keep_reference(settings, bundle, parts)
    progress.stage("registry")
    parameters = {**draft.trained.facts, **draft.provenance, "calibration": draft.calibrator.method}
    parameters["bases"] = "; ".join(sorted({basis["decision"] for basis in draft.provenance["bases"]}))
    registry.log(settings.tracking_uri, bundle, parameters, reports.metrics(report))
    return bundle, report


def judged_on(data: Dataset, model: Made | Bundle, progress: Progress = SILENT) -> dict[str, Any]:
    """The figures of a model and its baselines on people it has not seen, or why there are none."""
    if not 0 < data.events < len(data):
        return {
            "not_validated": f"{data.events} of the {len(data)} rows that test had the event: no figure can be told"
        }
    if isinstance(model, Bundle):
        raw, plain = model.raw(data.X), model.baseline.raw(data.X)
    else:
        raw, plain = scorer(model.trained.booster, 1)(data.X), model.logistic.raw(data.X)
    probability, (low, high) = model.curves.probability(raw, data.feeds), model.curves.bounds(raw, data.feeds)
    judged = judge(data, ways(data, raw, probability, plain), progress=progress)
    sure = ~np.isnan(low)
    if not sure.any():
        return judged
    weight = None if data.weight is None else data.weight[sure]
    return {**judged, "interval": coverage(low[sure], high[sure], data.y[sure], raw[sure], weight=weight)}


def looked_at(data: Dataset, judged: Mapping[str, Any]) -> dict[str, Any]:
    """What a look for leakage finds in the training rows and in the model's AUROC on the test people."""
    auroc = judged.get("performance", {}).get("ours", {}).get("auroc", {}).get("value")
    return leakage.look(data.X, data.y, data.names, auroc)


def with_truth(data: Dataset, known: Truth | None) -> Dataset:
    """The data set with the true risk of its rows, where there is one."""
    return data if known is None else replace(data, truth=known.of(data.person_id, data.index_date))


def counts(data: Dataset) -> dict[str, int]:
    return {"rows": len(data), "people": data.people, "events": data.events}


def bases_of(permitted: Permissions) -> list[dict[str, Any]]:
    """The legal bases of the feeds that were read."""
    read = permitted.bases.values() if isinstance(permitted, AreaPermissions) else ()
    return together(read, PERSON_TABLES)


def drafted(
    outcome: Outcome,
    horizon: int,
    youngest: int,
    dates: Dates,
    parts: Mapping[str, Dataset],
    made: Made,
    bases: list[dict[str, Any]],
    how: Mapping[str, Any],
) -> release.Draft:
    """What is released. ``bases`` of the feeds that it learned from, ``how`` it was trained."""
    learnt = parts["train"]
    provenance = {
        "trained_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "record": str(learnt.about["record"]),
        "outcome_fingerprint": outcome.fingerprint,
        "bases": bases,
        **how,
        **{f"{name}_data": held.fingerprint for name, held in parts.items()},
    }
    return release.Draft(
        name=f"{outcome.name}_{horizon}", outcome=outcome.name, horizon=horizon, minimum_age=youngest,
        names=learnt.names, fingerprints=learnt.fingerprints, tables=TABLES,
        patterns=release.patterns_of(learnt.feeds, TABLES), bands=release.bands_of(made.calibrated),
        dates=dates.to_json(), about={key: learnt.about[key] for key in ("kind", "title")},
        trained=made.trained, calibrator=made.curves.complete, logistic=made.logistic, provenance=provenance, interval=made.curves.interval,
        without=made.curves.patterns,
    )  # fmt: skip


def subject(
    draft: release.Draft, version: int, outcome: Outcome, flow: Mapping[str, Any], important: list[tuple[str, float]]
) -> reports.Subject:
    """What the report on a draft is about."""
    return reports.Subject(
        name=draft.name, version=version, outcome=outcome.name, title=outcome.title, definition=outcome.says,
        horizon=draft.horizon, minimum_age=draft.minimum_age, about=draft.about, split=draft.dates, flow=flow,
        recipe=draft.trained.facts, calibration=draft.calibrator.to_json(), bands=draft.bands._asdict(),
        predictors=len(draft.names), importance=important, provenance=draft.provenance,
    )  # fmt: skip
