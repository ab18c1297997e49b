"""Values of a column, drawn from what the record's schema says of it: its type, its checks, and whether it may be null.

A new column or table is filled without a word here; :data:`LIKELY`, :data:`MISSING` and :data:`TYPICAL` only bring known ones nearer
to what they look like in practice.
"""

from __future__ import annotations

import re
import re._constants as parts
import re._parser as parser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandera.pandas as pa
import pyarrow as arrow

from features.record.tables import TABLES

#: A column's values are drawn from so many places of a table, so that a draw is one look-up.
PLACES = 1 << 16
#: Share of a column that may be null that is.
OFTEN_MISSING = 0.15
MISSING = {
    ("gp_event", "event_time"): 0.3, ("person", "language"): 0.6, ("residence", "care_home_id"): 0.97,
    ("residence", "match_confidence"): 0.97, ("spell", "ready_date"): 0.6, ("registration", "end_reason"): 0.8,
}  # fmt: skip
#: Weights of values that are much more common than the others; one that is not named weighs 1.
LIKELY: dict[tuple[str, str], dict[Any, float]] = {
    ("registration", "kind"): {"regular": 400},
    ("registration", "practice_scheme"): {"ods": 1, "local": 0},
    ("residence", "kind"): {"own_home": 200, "care_home": 4, "nursing_home": 4},
    ("objection", "kind"): {"national": 60, "type_1": 30},
    ("person", "sex"): {"female": 500, "male": 490},
    ("gp_contact", "mode"): {"face_to_face": 30, "telephone": 20},
    ("gp_contact", "status"): {"attended": 60, "did_not_attend": 4},
    ("outpatient", "status"): {"attended": 30, "did_not_attend": 3},
    ("community_contact", "status"): {"attended": 30},
    ("community_contact", "team"): {"district_nursing": 12, "rehabilitation": 3},
    ("spell", "patient_class"): {"ordinary": 12, "day_case": 9},
    ("spell", "admission_method"): {"21": 20, "2A": 6, "11": 12, "12": 6},
    ("social_care", "event"): {"service": 3},
    ("social_care", "component"): {"home_care": 6},
    ("ed_attendance", "department"): {"01": 10, "03": 4},
    ("person_link", "same"): {True: 1, False: 0},
}  # fmt: skip
#: Mean and spread of a number, where its bounds do not say enough.
TYPICAL = {("gp_event", "value"): (70, 22), ("social_care", "units_a_week"): (10, 6), ("home_care_week", "minutes"): (600, 250),
           ("prescription", "quantity"): (48, 20), ("prescription", "days"): (28, 5)}  # fmt: skip
#: Text that a check of its own decides on.
WRITTEN = {("residence", "lsoa"): [f"E0100{number:04d}" for number in range(1, 4000)], ("gp_event", "unit"): ["mmol/L", "g/L", "kg/m2", "mm[Hg]"],
           ("spell", "provider"): ["RAA", "RBB", "RCC"], ("person_link", "reason"): ["local_id_met_nhs_number", "probability"]}  # fmt: skip


@dataclass(frozen=True)
class Pool:
    """Values to draw from (Arrow, different ones, perhaps null) and which of them stands in each of :data:`PLACES`."""

    values: arrow.Array
    place: npt.NDArray[np.int32]

    @classmethod
    def of(cls, values: arrow.Array, weights: npt.ArrayLike | None = None) -> Pool:
        share = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
        edges = np.round(np.cumsum(share) / share.sum() * PLACES).astype(np.int64)
        return cls(values, np.searchsorted(edges, np.arange(PLACES), side="right").astype(np.int32))

    def places(self, rng: np.random.Generator, count: int) -> npt.NDArray[np.int32]:
        return self.place[rng.integers(0, PLACES, count, dtype=np.uint16)]

    def draw(self, rng: np.random.Generator, count: int) -> arrow.Array:
        return self.values.take(arrow.array(self.places(rng, count)))


@cache
def pool(table: str, column: str) -> Pool:
    """What to draw a column's values from (neither a key, nor a code, nor a day)."""
    type_, said = TABLES[table].columns[column], TABLES[table].schema.columns[column]
    values = _values(table, column, type_, said)
    likely = LIKELY.get((table, column), {})
    weights = [likely.get(value, 1.0) for value in values]
    missing = MISSING.get((table, column), OFTEN_MISSING) if said.nullable else 0
    if missing:
        values, weights = [*values, None], [*weights, sum(weights) * missing / (1 - missing)]
    return Pool.of(arrow.array(values, type_), weights)


def _values(table: str, column: str, type_: arrow.DataType, said: pa.Column) -> Sequence[Any]:
    rules: dict[str, Any] = {}
    for check in said.checks:
        rules.update(check.statistics or {}) if check.name != "less_than" else rules.update(
            below=check.statistics["max_value"]
        )
    if (table, column) in WRITTEN:
        return WRITTEN[table, column]
    if "allowed_values" in rules:
        return list(rules["allowed_values"])
    if arrow.types.is_boolean(type_):
        return [True, False]
    if arrow.types.is_string(type_):
        return matching(rules["pattern"]) if "pattern" in rules else [f"{column}_{number}" for number in range(20)]
    return _numbers(table, column, type_, rules)


def _numbers(table: str, column: str, type_: arrow.DataType, rules: Mapping[str, Any]) -> Sequence[Any]:
    least = rules.get("min_value", 0)
    if arrow.types.is_integer(type_):
        most = rules["below"] - 1 if "below" in rules else rules.get("max_value", least + 20)
        return [int(number) for number in np.unique(np.linspace(least, most, 4001).round())]
    if "max_value" in rules:
        return [float(number) for number in np.linspace(least, rules["max_value"], 501)]
    mean, spread = TYPICAL.get((table, column), (8, 6))
    drawn = np.random.default_rng(7).normal(mean, spread, 2000).round(1)
    return [float(number) for number in np.unique(np.maximum(drawn, least))]


def matching(pattern: str, how_many: int = 60) -> list[str]:
    """Different texts that match a pattern (all that there are, where they are fewer)."""
    rng, tree = np.random.default_rng(11), parser.parse(pattern)
    found = {_text(tree, rng) for _ in range(how_many * 4)}
    return sorted(text for text in found if re.fullmatch(pattern, text))[:how_many]


def _text(tree: Any, rng: np.random.Generator) -> str:
    said = []
    for operator, given in tree:
        if operator is parts.LITERAL:
            said.append(chr(given))
        elif operator is parts.IN:
            said.append(_one_of(given, rng))
        elif operator is parts.MAX_REPEAT:
            low, high, inner = given
            said += [_text(inner, rng) for _ in range(int(rng.integers(low, min(high, low + 8) + 1)))]
        elif operator is parts.SUBPATTERN:
            said.append(_text(given[-1], rng))
        elif operator is parts.BRANCH:
            said.append(_text(given[1][int(rng.integers(len(given[1])))], rng))
        elif operator is parts.ANY:
            said.append("a")
    return "".join(said)


def _one_of(given: Sequence[tuple[Any, Any]], rng: np.random.Generator) -> str:
    operator, of = given[int(rng.integers(len(given)))]
    if operator is parts.RANGE:
        return chr(int(rng.integers(of[0], of[1] + 1)))
    if operator is parts.LITERAL:
        return chr(of)
    return str(rng.integers(10)) if of is parts.CATEGORY_DIGIT else "t"
