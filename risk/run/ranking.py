"""The stage that scores and ranks everybody, and the one that says what stands beside their names; each kept once it is whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import orjson
import pandas as pd
import pyarrow as arrow
import pyarrow.parquet as parquet

from features.outcomes import named
from features.record.reader import Record
from risk import holdout, lists, scopes, sections
from risk.frailty_register import proposing
from risk.run import drift_guards, flags, folder, guards, leaving, outcome_lists, scoring
from risk.run.outcomes import Beside
from risk.run.resuming import Underway
from risk.run.stages import Matrix
from risk.settings import Settings
from risk.store import Store

if TYPE_CHECKING:
    from risk.run.challenging import Pair
    from risk.run.weekly import Asked, Prepared

STAGE, EVERYBODY = "scores", "everybody.parquet"
BESIDE_NAMES, FLAGS_OF_LISTED = "flags and leavers", "flags-of-listed.json"
REGISTER, PROPOSED = "frailty register", "proposed.json"
About = tuple[npt.NDArray[np.bool_], dict[str, int]]


@dataclasses.dataclass(frozen=True)
class Ranked:
    """``scores``: one row a person, as :func:`risk.run.scoring.score` gives it and with who is held out; ``others``: of each outcome beside, those
    whom it is about (:data:`risk.run.outcomes.COLUMNS`); ``left_out`` of each, by reason; ``waived`` guards and the ``challenger``'s table."""

    scores: pd.DataFrame
    others: Mapping[Beside, pd.DataFrame]
    left_out: Mapping[Beside, dict[str, int]]
    waived: dict[str, dict[str, str]]
    challenger: dict[str, Any] | None

    def said(self) -> list[dict[str, Any]]:
        """What the manifest says of the outcomes beside."""
        return [
            other.said(place, found, self.left_out[other])
            for place, (other, found) in enumerate(self.others.items(), 1)
        ]


def rank(
    held: Matrix, asked: Asked, ready: Prepared, models: Pair, about: Mapping[Beside, About], settings: Settings, store: Store,
    underway: Underway, facts: Record,
) -> Ranked:  # fmt: skip
    """Everybody's scores, places and hold-outs, past the guards that look at scores; and the scores of each outcome beside. ``facts`` is the
    record by confirmed links alone."""
    kept, people = underway.kept, len(ready.cohort)
    files = [EVERYBODY, *(_file(place) for place in range(1, len(about) + 1))]
    if kept.done(STAGE) is None:
        capacity = lists.known(settings.list_capacity, ready.registered)
        scores = scoring.score(
            ready.cohort.frame, held.raw(ready.bundle, people), ready.bundle, asked.fraction, underway.tie_key, capacity
        )
        moved = drift_guards.drift(settings, ready.bundle, scores["raw"].to_numpy())
        waived = guards.check(moved, asked.reasons, guards.SCORED)
        challenger = models.told(
            scores, lambda bundle: held.raw(bundle, people), asked.fraction, underway.tie_key, capacity
        )
        apart = sections.beside(facts, ready.at, scores)
        scores = lists.set_apart(apart, sections.inside(settings.list_sections_inside))
        scores = holdout.apply(settings, store, facts, ready.at, scores)
        others = {other: _scored(held, other, whom, ready, people) for other, (whom, _) in about.items()}
        inside = sections.inside(settings.list_sections_inside)
        for other in filter(outcome_lists.has_one, others):
            others[other] = outcome_lists.placed(others[other], scores, asked.fraction, underway.tie_key, inside)
        wider = [one.people["person_id"] for one in of_scopes(scores, asked, ready, settings, underway)]
        on_one = np.unique(np.concatenate([outcome_lists.named(others), *wider]))
        scores = scores.assign(named=scores["listed"] | scores["person_id"].isin(on_one))
        frames = [scores, *others.values()]
        for name, frame in zip(files, frames, strict=True):
            parquet.write_table(
                arrow.Table.from_pandas(frame, preserve_index=False), kept.file(name), compression="lz4"
            )
        kept.finish(STAGE, files, waived=waived, challenger=challenger)
    told = kept.done(STAGE)
    assert told is not None, "a stage that was finished just now is whole"
    frames = [parquet.read_table(kept.file(name)).to_pandas() for name in files]
    return Ranked(frames[0], dict(zip(about, frames[1:], strict=True)), {other: why for other, (_, why) in about.items()},
                  told["waived"], told["challenger"])  # fmt: skip


def of_scopes(
    scores: pd.DataFrame, asked: Asked, ready: Prepared, settings: Settings, underway: Underway
) -> list[scopes.Drawn]:
    """The lists wider than a practice, in the order of their scopes; drawn anew each time they are asked for, and always the same."""
    inside = sections.inside(settings.list_sections_inside)
    drawn = (
        scopes.draw(scores, one, ready.registered, asked.fraction, underway.tie_key, inside) for one in ready.scopes
    )
    return [one for one in drawn if one is not None]


def _scored(held: Matrix, other: Beside, whom: npt.NDArray[np.bool_], ready: Prepared, people: int) -> pd.DataFrame:
    return other.scored(ready.cohort.frame[whom], held.raw(other.bundle, people)[whom])


def beside_names(
    facts: Record, asked: Asked, ready: Prepared, scores: pd.DataFrame, store: Store, underway: Underway, settings: Settings
) -> None:  # fmt: skip
    """Everybody's flags, those of the listed as they are shown, and who left the lists and why."""
    kept = underway.kept
    if kept.done(BESIDE_NAMES) is not None:
        return
    parts = flags.of_everybody(facts, ready.at, scores["person_id"].tolist())
    with folder.Files(kept.path) as files:
        shown = flags.keep(files, parts, scores, ready.at)
        before = leaving.listed(store, ready.previous)
        before = before[~before["person_id"].isin(store.told_of()[0])]
        otherwise = leaving.IN_CARE_HOME if named(asked.outcome).outside_care_homes else leaving.OTHER
        inside = sections.inside(settings.list_sections_inside)
        as_then = leaving.under_settings_then(
            store, ready.previous, scores, asked.fraction, inside, settings.list_capacity
        )
        files.write(folder.LEAVERS, leaving.leavers(facts, ready.at, before, scores, otherwise, as_then))
    kept.file(FLAGS_OF_LISTED).write_bytes(orjson.dumps(shown, option=orjson.OPT_NON_STR_KEYS))
    kept.finish(BESIDE_NAMES, [folder.FLAGS, folder.LEAVERS, FLAGS_OF_LISTED])


def flags_of_listed(underway: Underway) -> dict[int, dict[str, flags.Flag]]:
    """What is shown of the listed, by person."""
    told = orjson.loads(underway.kept.file(FLAGS_OF_LISTED).read_bytes())
    return {int(person): shown for person, shown in told.items()}


def register(held: Matrix, facts: Record, ready: Prepared, scores: pd.DataFrame, underway: Underway) -> None:
    """What the frailty register proposes of people. The score has no part in it."""
    kept = underway.kept
    if kept.done(REGISTER) is not None:
        return
    counted = held.column(proposing.COUNTED, len(scores))
    rows = list(proposing.proposals(facts, ready.at, scores, counted))
    kept.file(PROPOSED).write_bytes(orjson.dumps(rows))
    kept.finish(REGISTER, [PROPOSED])


def proposed(underway: Underway) -> list[dict[str, Any]]:
    """What the register proposes, a row a person."""
    rows: list[dict[str, Any]] = orjson.loads(underway.kept.file(PROPOSED).read_bytes())
    return rows


def _file(place: int) -> str:
    return f"beside-{place}.parquet"
