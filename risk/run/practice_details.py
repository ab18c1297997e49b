"""The stage that says of each practice who of the registered was not scored, by reason, who is in hospital at home, which feeds the
frailty register lacks, and what is known of each care home; kept once it is whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson
import pandas as pd
import pyarrow as arrow
import pyarrow.compute as pc
import pyarrow.parquet as parquet

from features.record.reader import Record
from risk import care_homes, hospital_at_home
from risk.frailty_register import missing
from risk.run.folder import FLAGS
from risk.run.resuming import Underway
from risk.run.stages import Matrix

if TYPE_CHECKING:
    from risk.run.weekly import Prepared

STAGE, SAID = "practices", "practices.json"
#: Why somebody who could be scored by the record was not: told of since by another, or not whom the outcome is about.
OTHERWISE = "suppressed_or_not_in_scope"
#: Which objection it was is nobody's business.
OBJECTS = "objection"
Practice = tuple[str, str]


def not_scored(practices: pd.DataFrame, frame: pd.DataFrame) -> dict[Practice, dict[str, int]]:
    """Of the registered of each practice, who was not scored, by reason: with those of ``frame`` they add up to the registered. ``practices`` is a
    cohort's; objections are one reason, whichever they are."""
    scored = Counter(zip(frame["practice_scheme"], frame["practice"], strict=True))
    found: dict[Practice, dict[str, int]] = {}
    for row in practices.to_dict("records"):
        here = (str(row["practice_scheme"]), str(row["practice"]))
        told: Mapping[str, int] = row["left_out"] if isinstance(row["left_out"], Mapping) else {}
        reasons: Counter[str] = Counter()
        for reason, people in told.items():
            reasons[OBJECTS if reason.startswith("objection_") else reason] += int(people)
        reasons[OTHERWISE] += int(row["registered"]) - scored[here] - sum(reasons.values())
        found[here] = {reason: people for reason, people in sorted(reasons.items()) if people}
    return found


def find(held: Matrix, facts: Record, ready: Prepared, scores: pd.DataFrame, underway: Underway) -> None:
    """Of every practice with people in ``scores``; ``facts`` is the record by confirmed links alone."""
    kept = underway.kept
    if kept.done(STAGE) is not None:
        return
    there = scores[["practice_scheme", "practice"]].drop_duplicates()
    reach = hospital_at_home.reached(facts, ready.at, there["practice"].tolist())
    without = missing.unreached(scores)
    counted = {name: held.column(name, len(scores)) for name in care_homes.PREDICTORS}
    homes = care_homes.measures(scores, counted, _plans(underway, scores))
    details = {f"{scheme} {practice}": {"not_scored": ready.not_scored[scheme, practice], "hospital_at_home": reach[practice],
                                        "register_without": without.get((scheme, practice), {}), "homes": homes.get((scheme, practice), [])}
               for scheme, practice in there.itertuples(index=False)}  # fmt: skip
    at_home = hospital_at_home.admitted(facts, ready.at, scores, reach)
    kept.file(SAID).write_bytes(orjson.dumps({"details": details, "at_home": at_home}))
    kept.finish(STAGE, [SAID])


def _plans(underway: Underway, scores: pd.DataFrame) -> dict[int, str]:
    """Whether each resident of a home has a plan, from the flags that the run keeps of everybody."""
    residents = arrow.array(scores.loc[scores["lives_in"].notna(), "person_id"], arrow.int64())
    flags = parquet.read_table(underway.kept.file(FLAGS), columns=["person_id", *care_homes.PLANS])
    flags = flags.filter(pc.is_in(flags["person_id"], residents))
    said = care_homes.with_plan({name: flags[name].to_pylist() for name in care_homes.PLANS})
    return dict(zip(flags["person_id"].to_pylist(), said, strict=True))


def found(underway: Underway) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """What is said of each practice, by scheme and code; and who is in hospital at home, as the store takes it."""
    told = orjson.loads(underway.kept.file(SAID).read_bytes())
    return told["details"], told["at_home"]
