"""Judging a released model on a record: the people who never train, at the dates asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from features.errors import Refused, WrongUsage
from features.outcomes import Outcome, usable_dates
from features.predictors import CATALOGUE
from features.progress import SILENT, Progress
from features.record.permission import Permissions
from features.record.reader import Record
from models import patterns, registry, release
from models import report as reports
from models.augment import FeedsOff
from models.bundle import Bundle
from models.card import card
from models.page import page
from models.public import public
from models.refits import ROWS
from models.split import part_of
from risk import truth as truths
from risk.dataset import Wanted, gather
from risk.same_outcome import same_outcome
from risk.settings import Settings
from risk.thorough import as_trained, thorough
from risk.training import counts, judged_on, opened, with_truth

LIVE, CHALLENGER = "live", "challenger"


@dataclass(frozen=True)
class Judged:
    """What to judge: a model as ``NAME``, ``NAME@VERSION`` or ``NAME@ALIAS``; ``at`` empty: where training tested it; ``thorough``: also
    what takes long (:mod:`risk.thorough`), on at most so many ``rows`` of training."""

    record: Path
    model: str
    at: tuple[date, ...] = ()
    truth: Path | None = None
    thorough: bool = False
    rows: int = ROWS


def validate(
    asked: Judged, settings: Settings, *, permissions: Permissions | None = None, progress: Progress = SILENT
) -> dict[str, Any]:
    """The report on the test people of the record. :class:`Refused` where a declaration has changed or no outcome is known."""
    bundle = find(asked.model, settings)
    predictors = bundle.check(CATALOGUE)
    outcome = same_outcome(bundle)
    with opened(asked.record, settings, permissions, "evaluation") as record:
        days = asked.at or _dates(bundle, record, outcome)
        known = truths.read(asked.truth, settings, outcome.name, bundle.horizon, days) if asked.truth else None
        wanted = Wanted(outcome, bundle.horizon, days, bundle.minimum_age, lambda person, _: part_of(person) == "test")
        sample = gather(record, wanted, progress)
        data = as_trained(sample.data, bundle)
        extra = thorough(record, bundle, data, asked.rows, progress=progress) if asked.thorough else None
    judged = judged_on(with_truth(data, known), bundle, progress)
    progress.stage("each feed away")
    judged["patterns"] = patterns.table(patterns.tried(bundle.patterns, bundle.raw, data, FeedsOff.of(predictors)))
    judged |= {name: bundle.report[name] for name in ("leakage",) if name in bundle.report}
    trained = bundle.report["model"]
    flow = {**sample.flow, "parts": {**bundle.report["flow"]["parts"], "test": counts(data)}}
    subject = reports.Subject(
        name=bundle.name, version=bundle.version, outcome=outcome.name, title=outcome.title, definition=outcome.says,
        horizon=bundle.horizon, minimum_age=bundle.minimum_age,
        about={key: data.about[key] for key in ("kind", "title")}, split=_split(bundle, days), flow=flow,
        recipe=trained["recipe"], calibration=bundle.calibrator.to_json(), bands=bundle.bands._asdict(),
        predictors=len(bundle.names), importance=[(row["predictor"], row["mean_contribution"]) for row in trained["importance"]],
        provenance={**bundle.provenance, "sha256": bundle.sha256, "validated_on_record": data.about["record"],
                    "validated_data": data.fingerprint},
    )  # fmt: skip
    report = reports.compose(subject, judged, bundle.report.get("cross_validation"))
    return report if extra is None else {**report, "thorough": extra}


def write(report: dict[str, Any], out: Path, *, for_all: bool = False) -> list[Path]:
    """Write ``report.html``, ``report.json`` and ``card.md`` into a folder; with ``for_all`` also, into its folder ``public``, the
    same without small counts and without what would give them away (:func:`models.public.public`)."""
    written = _write(report, out)
    return [*written, *_write(public(report), out / "public")] if for_all else written


def _write(report: dict[str, Any], out: Path) -> list[Path]:
    out.mkdir(parents=True, exist_ok=True)
    texts = {"report.html": page(report), "report.json": json.dumps(report, indent=1) + "\n", "card.md": card(report)}
    for name, text in texts.items():
        (out / name).write_text(text)
    return [out / name for name in texts]


def find(model: str, settings: Settings) -> Bundle:
    """The bundle named: ``NAME`` (its newest version), ``NAME@VERSION``, ``NAME@live`` and ``NAME@challenger`` (by the ledger) or ``NAME@ALIAS`` (by the
    registry). :class:`WrongUsage` where there is none."""
    name, _, which = model.partition("@")
    held = release.versions(settings.bundles, name)
    if not held:
        raise WrongUsage(f"expected a model that has been trained, found none named {name!r}; `frailty models` lists those there are")  # fmt: skip
    if not which:
        version = held[-1]
    elif which.isdigit():
        version = int(which)
    elif which == LIVE:
        from risk import store

        live = store.open(settings).live_release(name)
        if live is None:
            raise WrongUsage(f"no version of {name} is live; `frailty promote {name} {held[-1]}` makes one so")
        version = int(live["version"])
    elif which == CHALLENGER:
        from risk import store

        tried = store.open(settings).challenger(name)
        if tried is None:
            raise WrongUsage(
                f"no version of {name} is tried beside the live one; `frailty promote {name} VERSION --shadow` makes one so"
            )
        version = int(tried["version"])
    else:
        version = registry.version_at(settings.tracking_uri, name, which)
    if version not in held:
        raise WrongUsage(f"expected a version of {name} among {', '.join(map(str, held))}; found {version}")
    return Bundle.load(settings.bundles / name / str(version), threads=settings.threads)


def _dates(bundle: Bundle, record: Record, outcome: Outcome) -> tuple[date, ...]:
    """Where training tested it; on another record, the latest date that the record can tell."""
    if bundle.provenance.get("record") == record.fingerprint:
        return tuple(date.fromisoformat(day) for day in bundle.dates["test"])
    usable = usable_dates(record, outcome, bundle.horizon)
    if not usable:
        raise Refused(f"the record can tell {outcome.name} within {bundle.horizon} days at no date; name dates with --at, or ingest more")  # fmt: skip
    return (usable[-1],)


def _split(bundle: Bundle, days: Sequence[date]) -> dict[str, Any]:
    """The split as training made it, with the dates that test here, and what that makes of it."""
    split = {**bundle.dates, "test": [str(day) for day in sorted(days)]}
    ends = [
        date.fromisoformat(bundle.dates[part][-1]) + timedelta(days=bundle.horizon) for part in ("train", "calibrate")
    ]
    if split["test"] == bundle.dates["test"]:
        return split
    if max(ends) <= min(days):
        return {**split, "temporal": True, "says": "tested on people who never train, at dates after every window of training and calibration has ended"}  # fmt: skip
    return {**split, "temporal": False, "says": "no temporal validation: the dates that test lie within the windows of training or calibration; the people never trained"}  # fmt: skip
