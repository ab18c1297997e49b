"""The answer of one person's score on demand: what was posted checked, permission asked again of what it says, scored, audited, told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NoReturn

import orjson
from fastapi import Response

from features.alone import Alone, in_force, standing
from features.errors import FrailtyError
from features.outcomes import named
from features.record.posted import Row, Unfit, checked
from risk import plans
from risk.on_demand.lacking import TooLittle, hidden
from risk.on_demand.live import Scorers
from risk.on_demand.permitted import permitted
from risk.on_demand.scorer import Scored, Scorer
from risk.run.flags import some_of_person
from serving import answers
from serving.problems import Problem
from serving.security.caller import Caller
from serving.shapes.score import ScoreBody

Tables = dict[str, list[Row]]


def scorers(state: Any) -> Scorers:
    """Those of the application whose ``state`` it is, made on first use."""
    if not hasattr(state, "scorers"):
        state.scorers = Scorers(state.installation.settings, state.installation.store)
    held: Scorers = state.scorers
    return held


@dataclass(frozen=True)
class Asked:
    """A score asked for by a ``caller`` who may read the person's ``row`` in the current ``run``."""

    caller: Caller
    run: dict[str, Any]
    row: dict[str, Any]
    body: ScoreBody

    def answer(self, live: Scorers, scope: str, action: str) -> Response:
        """The answer, once the audit has it; :class:`Problem` where there is none."""
        at, tables = self._at(), _checked(self.body.rows)
        allowed = permitted(self.caller.installation.settings, self.run["about"] or {})
        if refused := allowed.refused(tables):
            _unfit((f"rows.feed.{place}", "a feed that may not be used for case finding here") for place in refused)
        scorer = self._scorer(live)
        stood = standing(tables, at, scorer.bundle.minimum_age, allowed.objections)
        if hidden(stood) or self._elsewhere(stood, scope):
            self._audit(action, "refused")
            raise Problem("not-found")
        try:
            scored = scorer.score(tables, stood, area=self._freshest(at))
        except TooLittle as error:
            self._audit(action, "refused", {"why": "too little"})
            raise Problem("too-little", lacking=error.lacking) from None
        except FrailtyError as error:
            raise Problem("model-unavailable") from error
        answer = answers.json(self._told(scorer, scored, tables))
        used = sorted(name for name in tables if tables[name])
        model = {"name": scorer.bundle.name, "version": scorer.bundle.version}
        self._audit(action, "answered", {"model": model, "at": at.isoformat(), "tables": used})
        return answer

    def _at(self) -> date:
        today = self.caller.installation.today
        if self.body.at is not None and self.body.at > today:
            _unfit([("body.at", "expected today or a day before")])
        return self.body.at or today

    def _freshest(self, at: date) -> dict[str, date]:
        """The day up to which the area's freshest feed of each table reaches, as the run knew: how far a practice's lies behind it is a predictor, and nobody
        can post of other practices. Of a day before the run it says nothing."""
        if at < self.run["index_date"]:
            return {}
        known = {table: held.get("freshest") for table, held in (self.run["feeds"] or {}).items()}
        return {table: date.fromisoformat(day) for table, day in known.items() if day is not None}

    def _scorer(self, live: Scorers) -> Scorer:
        try:
            return live.live(self.run["model_name"])
        except FrailtyError as error:
            raise Problem("model-unavailable") from error

    def _elsewhere(self, stood: Alone, scope: str) -> bool:
        """Whether the rows say that the person is registered where the caller has nobody."""
        return stood.practice is not None and not self.caller.access.may(scope, str(stood.scheme), stood.practice)

    def _audit(self, action: str, outcome: str, detail: Mapping[str, Any] | None = None) -> None:
        row, run = self.row, self.run["number"]
        self.caller.audit(
            action, outcome, organisation=row["practice"], person_id=row["person_id"], run=run, detail=detail
        )

    def _told(self, scorer: Scorer, scored: Scored, tables: Tables) -> dict[str, Any]:
        stood, plan = scored.stood, self._plan(tables, scored.stood.at)
        return {
            "person": self.body.person,
            "practice": stood.practice,
            "scheme": stood.scheme,
            **self._provenance(scorer, scored),
            "feeds": scored.feeds,
            "unused": scored.unused,
            "band": scored.band,
            "probability": scored.probability,
            "interval": scored.interval,
            "age_band": scored.age_band,
            "sex": stood.sex,
            "plan": plan,
            "reasons": plans.giving_way(scored.reasons) if plan else scored.reasons,
        }

    def _plan(self, tables: Tables, at: date) -> dict[str, Any] | None:
        """What the current run knows of the person's wishes, and what the rows say."""
        flags = self._flags() or {}
        held = [row for row in tables.get("preference", ()) if in_force(row, at)]
        return plans.followed({**flags, **{row["kind"]: {"value": "yes", "on": row["event_date"]} for row in held}})

    def _flags(self) -> Any:
        """As the list has them, or of somebody who is not listed those that tell of a plan, from the run's own files."""
        if self.row["flags"] is not None:
            return orjson.loads(self.row["flags"])
        try:
            return some_of_person(self.caller.installation.settings.runs, self.run, self.row["person_id"], plans.PLANS)
        except (FrailtyError, OSError) as error:
            raise Problem("reasons-unavailable") from error

    def _provenance(self, scorer: Scorer, scored: Scored) -> dict[str, Any]:
        """Model and data behind the score, how old they are, and until when it holds."""
        bundle, settings, release = scorer.bundle, self.caller.installation.settings, scorer.release
        at, learned = scored.stood.at, bundle.about.get("kind", "unknown")
        run = {
            **self.run,
            "index_date": at,
            "data_as_at": scored.data_as_at,
            "valid_until": at + timedelta(days=settings.list_valid_days),
            **{f"model_{name}": getattr(bundle, name) for name in ("name", "version", "sha256")},
            **{name: getattr(bundle, name) for name in ("outcome", "horizon", "minimum_age")},
            "title": named(bundle.outcome).title,
        }
        said = {name: value for name, value in answers.provenance(run, settings).items() if name != "run"}
        taught = None if learned == "real" else f"a model of {learned} data: {bundle.about.get('title', '')}"
        return {
            **said,
            "marking": said["marking"] or taught,
            "validated": {
                "live_since": release["at"].date(),
                "gates": release["gates"],
                "override": release["reason"] or None,
                "learned_from": {"kind": learned, "title": bundle.about.get("title")},
                "report_sha256": (release["evidence"] or {}).get("report_sha256"),
            },
        }


def _checked(rows: Mapping[str, Any]) -> Tables:
    try:
        return checked(rows)
    except Unfit as error:
        _unfit(error.faults)


def _unfit(faults: Iterable[tuple[str, str]]) -> NoReturn:
    raise Problem("unfit-parameter", errors=[{"where": where, "why": why} for where, why in faults]) from None
