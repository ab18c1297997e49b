"""What the record proposes of each person of 65 and over, and on what it rests.

What a clinician recorded comes before what is counted from codes: of a Clinical Frailty Scale of the last two years and a recorded diagnosis the later
decides, on one day the scale; only where there is neither, an electronic frailty index that the practice recorded, and last the one counted here. All
that there is, is shown. Rows that are somebody's by probability alone propose nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features import clocks, coverage
from features.codelists import load
from risk.frailty_register.categories import AGE_BANDS, DEFICITS, FRAIL, SPEAKS, of_index, of_scale

if TYPE_CHECKING:
    from features.record.reader import Record

#: The predictor that counts the deficits, and the tables that it reads of people.
COUNTED, READS = "efi_deficits", ("gp_event", "prescription")
#: Feeds that can propose anything; a register without them says so.
FEEDS = ("assessment", *READS)
SCALE, DIAGNOSIS, INDEX, INDEX_COUNTED = (
    "clinical_frailty_scale",
    "recorded_diagnosis",
    "recorded_index",
    "counted_index",
)


@dataclass(frozen=True)
class Basis:
    """One thing that is recorded: its ``kind``, in words, since when (None: as at the run), and which category it proposes (None: none)."""

    kind: str
    says: str
    on: date | None
    category: str | None

    def told(self, decides: bool) -> dict[str, Any]:
        return {"kind": self.kind, "says": self.says, "on": None if self.on is None else str(self.on),
                "category": self.category, "decides": decides}  # fmt: skip


def aged(scores: pd.DataFrame) -> pd.Series:
    """Whose age is the register's, by their band."""
    return scores["age_band"].isin(AGE_BANDS)


def decides(held: list[Basis]) -> Basis | None:
    """The basis that the proposal rests on; None where nothing proposes a category."""
    speaking = [basis for basis in held if basis.category is not None]
    clinical = [basis for basis in speaking if basis.kind in (SCALE, DIAGNOSIS)]
    if clinical:
        return max(clinical, key=lambda basis: (basis.on or date.min, basis.kind == SCALE))
    order = (INDEX, INDEX_COUNTED)
    return min(
        (basis for basis in speaking if basis.kind in order), key=lambda basis: order.index(basis.kind), default=None
    )


def proposals(
    facts: Record, at: date, scores: pd.DataFrame, deficits: npt.NDArray[np.floating[Any]]
) -> Iterator[dict[str, Any]]:
    """A row of the store for each person of 65 and over of whom frailty is proposed. ``facts`` follows confirmed links alone; ``scores`` has
    ``person_id``, ``practice_scheme``, ``practice``, ``age_band`` and ``unconfirmed``; ``deficits`` (n,) are counted beside, NaN where a feed is
    missing."""
    old = aged(scores).to_numpy()
    people = scores[old]
    unsure = np.any([coverage.has(people["unconfirmed"], table) for table in READS], axis=0)
    counted = np.where(unsure, np.nan, deficits[old])
    recorded = _recorded(facts, at)
    columns = (people[name].tolist() for name in ("person_id", "practice_scheme", "practice"))
    for person, scheme, practice, count in zip(*columns, counted.tolist(), strict=True):
        held = recorded.get(person, []) + ([] if count != count else [_counted(count)])
        chosen = decides(held)
        if chosen is not None and chosen.category in FRAIL:
            yield {"person_id": person, "scheme": scheme, "practice": practice, "proposed": chosen.category,
                   "rests_on": [basis.told(basis is chosen) for basis in held]}  # fmt: skip


def _counted(deficits: float) -> Basis:
    words = (
        f"{int(deficits)} of the {DEFICITS} deficits of the electronic frailty index, counted from codes and medicines"
    )
    return Basis(INDEX_COUNTED, words, None, of_index(deficits / DEFICITS))


def _recorded(facts: Record, at: date) -> Mapping[int, list[Basis]]:
    """The latest Clinical Frailty Scale and index of the last two years, and the latest diagnosis, by person."""
    found: dict[int, list[Basis]] = {}
    latest = "max_by(struct_pack(score := r.score, day := r.event_date), (r.event_date, r.known_at, r.row_id))"
    assessed = f"""
        SELECT person_id, tool, held.score, held.day FROM (
            SELECT r.person_id, r.tool, {latest} AS held FROM assessment r
            WHERE r.tool IN ('cfs', 'efi') AND r.score IS NOT NULL AND {clocks.visible("r", "$at")} AND r.event_date >= $at::DATE - {SPEAKS}
            GROUP BY r.person_id, r.tool) ORDER BY person_id, tool"""
    for person, tool, score, day in facts.connection.execute(assessed, {"at": at}).fetchall():
        basis = (
            Basis(SCALE, f"Clinical Frailty Scale {score:g}", day, of_scale(score))
            if tool == "cfs"
            else Basis(INDEX, f"electronic frailty index {score:.2f} as the practice recorded it", day, of_index(score))
        )
        found.setdefault(person, []).append(basis)
    codes = load("frailty_snomed")
    coded = f"""
        SELECT r.person_id, max_by(c.category, (r.event_date, r.known_at, r.row_id)), max(r.event_date) FROM gp_event r
        JOIN (SELECT unnest($codes::VARCHAR[]) AS code, unnest($categories::VARCHAR[]) AS category) c ON c.code = r.code
        WHERE r.system = 'snomed' AND {clocks.visible("r", "$at")} GROUP BY r.person_id"""
    asked = {"at": at, "codes": list(codes.categories), "categories": list(codes.categories.values())}
    for person, category, day in facts.connection.execute(coded, asked).fetchall():
        found.setdefault(person, []).append(
            Basis(DIAGNOSIS, f"{category} frailty in the practice's record", day, category)
        )
    return found
