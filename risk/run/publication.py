"""From scores to a published run: the folder filled and sealed, the rows written under a staging run, the pointer moved."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as arrow

from features.outcomes import named
from risk import scopes, sections
from risk.run import (
    deliveries,
    folder,
    listing,
    meeting_criteria,
    outcome_lists,
    outcomes,
    practice_details,
    ranking,
    scoring,
    stages,
)
from risk.run.manifest import of_run
from risk.run.ranking import Ranked, flags_of_listed, proposed
from risk.run.resuming import Underway
from risk.run.saying import LOW
from risk.run.stages import Matrix
from risk.run.timing import Timed
from risk.settings import Settings
from risk.store import NewRun, Store

if TYPE_CHECKING:
    from risk.run.weekly import Asked, Prepared


def publish(
    store: Store,
    settings: Settings,
    asked: Asked,
    ready: Prepared,
    ranked: Ranked,
    held: Matrix,
    underway: Underway,
    timed: Timed,
) -> dict[str, Any]:
    """Write everything under the run's number, then move the pointer (not for a shadow run); the run's manifest. What an earlier attempt
    wrote whole stays."""
    scores, kept = ranked.scores, underway.kept
    practices = scoring.practices(scores, ready.registered, asked.fraction)
    valid_until = ready.at + datetime.timedelta(days=settings.list_valid_days)
    number = underway.number or underway.numbered(store.begin_run(new_run(asked, ready)))
    inside = sections.inside(settings.list_sections_inside)
    timed.stage("files", len(scores))
    about_run = {
        **of_run(number, asked, ready, scores, practices, valid_until, inside, settings.list_capacity),
        "outcomes": ranked.said(),
    }
    if (sealed := _whole(settings.runs, number)) is None:
        with folder.Staged(settings.runs, number, within=kept.path) as staged:
            staged.write(folder.SCORES, scoring.score_rows(scores))
            stages.write(staged, held, scores, ready.bundle, ready.kept_names, ranked.others, timed)
            for place, (other, found) in enumerate(ranked.others.items(), 1):
                staged.write(
                    folder.scores_beside(place, other.name),
                    arrow.Table.from_pandas(outcome_lists.kept(found), preserve_index=False),
                )
            for name in (folder.FLAGS, folder.LEAVERS):
                staged.copy(kept.file(name))
            told = {
                **about_run,
                "tie_key": underway.tie_key.hex(),
                "deliveries": ready.deliveries,
                "seconds": timed.seconds,
            }
            sealed = staged.seal(told)
    timed.stage("rows in the store", len(scores))
    _rows(store, number, ranked, practices, underway, inside)
    shown = flags_of_listed(underway)
    reasons = stages.reasons(kept, len(scores))
    for one in ranking.of_scopes(scores, asked, ready, settings, underway):
        _wider(store, number, one, listing.of_scope(one, reasons, shown, inside))
    for place, (other, found) in enumerate(ranked.others.items(), 1):
        if outcome_lists.has_one(other):
            reasons = stages.reasons(kept, len(scores), place)
            for one in outcome_lists.drawn(other, named(other.bundle.outcome).title, found, ready.registered):
                _wider(store, number, one, outcome_lists.entries(one, reasons, shown, inside))
    timed.stage("publish")
    store.publish(
        number,
        content_sha256=sealed["content_sha256"],
        counts=about_run["counts"],
        valid_until=valid_until,
        shadow=asked.shadow,
    )
    resumed = {"found": list(underway.found), "began_again": underway.again}
    return {
        **about_run,
        "caution": LOW,
        "content_sha256": sealed["content_sha256"],
        "resumed": resumed,
        "seconds": timed.end(),
    }


def _whole(runs: Path, number: int) -> dict[str, Any] | None:
    """The manifest of a folder that was sealed before and is as it was; None where there is none."""
    if not (runs / str(number) / folder.MANIFEST).is_file() or folder.faults(runs, number):
        return None
    return folder.manifest(runs, number)


def _rows(
    store: Store, number: int, ranked: Ranked, practices: pd.DataFrame, underway: Underway, inside: tuple[str, ...]
) -> None:
    rows = ranked.scores.rename(columns={"practice_scheme": "scheme"})
    store.clear_lists(number)
    details, at_home = practice_details.found(underway)
    store.write_practices(
        number,
        ({**row, "details": details.get(f"{row['scheme']} {row['practice']}")} for row in scoring.records(practices)),
    )
    store.write_hospital_at_home(number, at_home)
    store.write_frailty_proposals(number, proposed(underway))
    store.write_criteria(number, *meeting_criteria.found(underway))
    store.write_scores(number, {str(name): column for name, column in rows.items()})
    names = ("place", "outcome", "title", "horizon", "minimum_age", "scored")
    store.write_outcomes(number, [
        {**{name: said[name] for name in names}, "model_name": said["model"]["name"], "model_version": said["model"]["version"],
         "model_sha256": said["model"]["sha256"]}
        for said in ranked.said()
    ])  # fmt: skip
    for place, found in enumerate(ranked.others.values(), 1):
        store.write_outcome_scores(number, place, {name: found[name] for name in outcomes.COLUMNS})
    reasons = stages.reasons(underway.kept, len(rows))
    store.write_list(number, listing.entries(rows, practices, reasons, flags_of_listed(underway), inside))


def _wider(store: Store, number: int, one: scopes.Drawn, entries: Iterable[dict[str, Any]]) -> None:
    """A list beside the practices' priority lists: its numbers and its people, under a name of its own in the run."""
    scope = one.scope
    name = f"{scope.kind}-{len(store.wider_lists(number)) + 1}"
    store.write_wider(number, {
        "list": name, "kind": scope.kind, "scheme": scope.scheme, "code": scope.code, "name": scope.name,
        "practices": [list(practice) for practice in scope.practices], "registered": one.registered, "scored": one.scored, "k": one.k,
        "capacity": scope.capacity, "listed": len(one.people), "cut": one.cut,
    })  # fmt: skip
    store.write_list(number, entries, kind=name)


def new_run(asked: Asked, ready: Prepared) -> NewRun:
    """What the store is told when the run begins."""
    return NewRun(
        index_date=ready.at,
        data_as_at=deliveries.newest(ready.deliveries),
        outcome=asked.outcome,
        title=ready.title,
        horizon=asked.horizon,
        minimum_age=asked.minimum_age,
        fraction=asked.fraction,
        model_name=ready.bundle.name,
        model_version=ready.bundle.version,
        model_sha256=ready.bundle.sha256,
        manifest_fingerprint=ready.fingerprint,
        permissions={"purpose": "case_finding", "refused": ready.refused},
        about=ready.about,
        feeds=deliveries.by_table(ready.deliveries),
        waived=ready.waived,
    )
