"""The weekly run: stages from the record to a published, numbered, immutable set of scores, reasons and lists.

Nothing is seen by a reader before the last step, which moves the store's pointer in one transaction. A run that is
refused, fails or is killed leaves the published run as it was. What it finished before a kill is kept in its staging folder, and the next run
goes on from the last whole stage where all that the stages rest on is the same (:mod:`risk.run.resuming`); else it says why it begins again.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from features.cohort import Cohort, CohortRules, cohort
from features.coverage import tables_of
from features.engine.language import Declared
from features.errors import Refused
from features.outcomes import named
from features.outcomes.living import in_care_home
from features.predictors import CATALOGUE
from features.predictors import named as predictors_named
from features.progress import SILENT, Progress
from features.record import unconfirmed
from features.record.permission import Permissions
from features.record.reader import Record
from models.bundle import Bundle
from risk import baseline, care_homes, criteria, events, hiding, holdout, operator, scopes
from risk import store as stores
from risk.dataset import about
from risk.decisions import timeline
from risk.frailty_register import proposing
from risk.permissions import permissions as area_permissions
from risk.run import (
    challenging,
    deliveries,
    feed_guards,
    guards,
    lease,
    meeting_criteria,
    outcomes,
    practice_details,
    publication,
    ranking,
    resuming,
    stages,
)
from risk.run.timing import Timed
from risk.settings import Settings
from risk.store import Store
from risk.today import today

#: What a run reads of everybody beside the predictors of its models.
BESIDE = predictors_named(tuple(dict.fromkeys((proposing.COUNTED, *criteria.PREDICTORS, *care_homes.PREDICTORS))))


@dataclass(frozen=True)
class Asked:
    """What a run is asked to do. ``at`` None: the day after the newest delivery, so that it counts. ``reasons``: why a
    guard may be passed, by the guard's name."""

    record: Path
    outcome: str
    horizon: int
    minimum_age: int
    fraction: float
    at: datetime.date | None = None
    shadow: bool = False
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """What is known before anybody is scored. ``registered`` people of any age, by practice; ``beside``: how the
    challenger's scores differ (:mod:`risk.run.challenging`); ``others``: the predictors of each outcome beside; ``scopes``: the lists wider than
    a practice; ``not_scored``: of the registered of each practice, by reason."""

    at: datetime.date
    title: str
    bundle: Bundle
    predictors: tuple[Declared, ...]
    cohort: Cohort
    registered: Mapping[str, int]
    deliveries: list[dict[str, Any]]
    refused: list[dict[str, str]]
    about: Mapping[str, str]
    fingerprint: str
    waived: dict[str, dict[str, str]]
    previous: int | None
    beside: Mapping[str, Any] | None = None
    others: tuple[tuple[Declared, ...], ...] = ()
    scopes: tuple[scopes.Scope, ...] = ()
    not_scored: Mapping[tuple[str, str], Mapping[str, int]] = field(default_factory=dict)

    @property
    def kept_predictors(self) -> tuple[Declared, ...]:
        """The predictors whose values the run keeps: the ranking model's, and after them those that the outcomes beside need too."""
        return outcomes.union(self.predictors, *self.others)

    @property
    def kept_names(self) -> tuple[str, ...]:
        return tuple(predictor.name for predictor in self.kept_predictors)

    @property
    def left_out(self) -> dict[str, int]:
        """People not scored, by reason."""
        counted = self.cohort.left_out
        return dict(zip(counted["reason"].tolist(), counted["people"].tolist(), strict=True))

    @property
    def people(self) -> int:
        """People known to the record at the date: scored and left out."""
        return len(self.cohort) + sum(self.left_out.values())


def run(
    asked: Asked, settings: Settings, *, permissions: Permissions | None = None, progress: Progress = SILENT
) -> dict[str, Any]:
    """Score, explain, band, draw and publish; the run's manifest. :class:`Refused` where a guard or gate says no.

    Feeds are read for ``case_finding`` alone, as the area's rules permit unless ``permissions`` says otherwise.
    """
    title = named(asked.outcome).title
    operator.ready(settings)
    with lease.held(settings, stores.open(settings)) as store:
        hiding.refresh(settings, store, asked.record)
        timed = Timed(progress)
        timed.stage("cohort")
        ranking_model = f"{asked.outcome}_{asked.horizon}"
        models = challenging.pair(store, settings, ranking_model, shadow=asked.shadow)
        others = outcomes.beside(store, settings, ranking_model)
        may = permissions or area_permissions(settings, asked.record)
        opened = partial(
            Record, asked.record, purpose="case_finding", memory=settings.memory, threads=settings.threads or None
        )
        with opened(permissions=may) as record:
            ready = prepare(record, asked, settings, store, models.bundle, title)
            ready = dataclasses.replace(ready, others=tuple(other.predictors for other in others))
            wanted = outcomes.union(ready.kept_predictors, models.predictors(ready.predictors), BESIDE)
            about = {other: other.about(record, ready.cohort) for other in others}
            underway = resuming.take_up(store, settings, resuming.facts(asked, settings, ready, models, others, wanted))
            with resuming.cleared_unless_cut_off(store, settings.runs, underway):
                timed.stage("predictors", len(ready.cohort))
                stages.build(record, ready.cohort, wanted, underway.kept, timed)
                held = stages.Matrix(underway.kept, tuple(predictor.name for predictor in wanted))
        with (
            resuming.cleared_unless_cut_off(store, settings.runs, underway),
            opened(permissions=may, follow="confirmed") as facts,
        ):
            timed.stage("scores and lists")
            ranked = ranking.rank(held, asked, ready, models, about, settings, store, underway, facts)
            ready = dataclasses.replace(ready, waived={**ready.waived, **ranked.waived}, beside=ranked.challenger)
            timed.stage("reasons", len(ranked.scores))
            stages.explain(held, underway.kept, ranked.scores, ready.bundle, ready.predictors, ranked.others, timed)
            timed.stage("flags")
            ranking.beside_names(facts, asked, ready, ranked.scores, store, underway, settings)
            ranking.register(held, facts, ready, ranked.scores, underway)
            meeting_criteria.find(held, ranked.scores, underway)
            practice_details.find(held, facts, ready, ranked.scores, underway)
            if not asked.shadow:
                baseline.ensure(settings, store, asked.record, ready.at, permissions)
            hiding.refresh(settings, store, asked.record, ranked.scores)
            done = publication.publish(store, settings, asked, ready, ranked, held, underway, timed)
            underway.kept.remove()
        if not asked.shadow:
            timeline.keep(store)
        why = "; ".join(f"{guard}: {said['reason']}" for guard, said in ready.waived.items())
        operator.record(settings, store, f"run.{done['status']}", run=done["number"], reason=why or None,
                        detail={"waived": sorted(ready.waived), "held_out": int(ranked.scores[holdout.COLUMN].sum())})  # fmt: skip
        if not asked.shadow:
            events.bring_up_to_date(settings, store, asked.record, permissions)
        return done


def prepare(record: Record, asked: Asked, settings: Settings, store: Store, bundle: Bundle, title: str) -> Prepared:
    """The cohort and what else is known of the record at the index date, past every guard."""
    predictors = bundle.check(CATALOGUE)
    at = asked.at or latest(record)
    everybody = cohort(record, [at], CohortRules(asked.minimum_age, record.objections))
    people = whom(asked.outcome, hiding.without_told(store, everybody), record)
    sure = unconfirmed.beside(record, at, people.frame["person_id"])
    people = dataclasses.replace(people, frame=people.frame.join(sure))
    delivered = deliveries.in_force(record, at)
    newest = deliveries.newest(delivered)
    before = store.current_run()
    waived = guards.check(
        guards.Facts(
            at=at,
            today=today(settings),
            newest=newest,
            asked=(asked.outcome, asked.horizon, asked.minimum_age),
            model=(bundle.outcome, bundle.horizon, bundle.minimum_age),
            feeds=people.frame["feeds"],
            used=frozenset(bundle.tables),
            seen=frozenset(frozenset(tables_of(mask)) for mask in bundle.served),
            scored=Counter(zip(people.frame["practice_scheme"], people.frame["practice"], strict=True)),
            before=None if before is None else store.scored_by_practice(before["number"]),
            pulse=feed_guards.pulse(record, newest, at, bundle.tables, predictors),
        ),
        asked.reasons,
    )
    return Prepared(
        at=at,
        title=title,
        bundle=bundle,
        predictors=predictors,
        cohort=people,
        registered=dict(zip(people.practices["practice"], people.practices["registered"].tolist(), strict=True)),
        deliveries=delivered,
        refused=deliveries.refused(record),
        about=about(record),
        fingerprint=record.fingerprint,
        waived=waived,
        previous=None if before is None else before["number"],
        not_scored=practice_details.not_scored(people.practices, people.frame),
        scopes=scopes.scopes(store.directory(), at, scopes.over(settings.list_over)),
    )


def whom(outcome: str, held: Cohort, record: Record) -> Cohort:
    """The cohort less the people whom the outcome is not about: an outcome that a move into a care home makes up has
    nothing to say of people who live in one, by their residence or by a placement of the council's."""
    if not named(outcome).outside_care_homes:
        return held
    at_home = ~in_care_home(record, held.frame)
    gone = pd.DataFrame({"index_date": held.frame["index_date"].max(), "reason": ["in_care_home"],
                         "people": [int((~at_home).sum())]})  # fmt: skip
    left_out = pd.concat([held.left_out, gone[gone["people"] > 0]], ignore_index=True)
    return dataclasses.replace(held, frame=held.frame[at_home].reset_index(drop=True), left_out=left_out)


def latest(record: Record) -> datetime.date:
    """The first day at which all that was delivered counts; :class:`Refused` where nothing was."""
    newest = record.newest_known_at()
    if newest is None:
        raise Refused("the record holds no delivery that may be read for case finding; ingest an extract first")
    return newest + datetime.timedelta(days=1)
