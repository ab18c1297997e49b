"""The plain reference: predictors worked out row by row from their declarations alone, slowly, to say what is right.

It shares nothing with the planner, the fact stream or the kernel but the language and the code sets.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from features.codelists import CodeSet, load
from features.engine.language import (
    DEVIATION_NEEDS,
    DIFFERENT,
    OBSERVED_AT_MOST,
    SLOPE_NEEDS,
    Between,
    Circumstance,
    Declared,
    Derived,
    Facts,
    Kind,
    Op,
    Predictor,
    What,
)
from features.record.tables import PERSON_TABLES

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]
NAN = float("nan")


@dataclass(frozen=True)
class At:
    """Of whom and when: ``feeds`` is the mask of the tables fed, ``observed`` the first day on which a table speaks for the
    person (left out: always), ``age`` the days by which a feed is older than the area's freshest."""

    person: int
    t: date
    feeds: int
    observed: Mapping[str, date] = field(default_factory=dict)
    age: Mapping[str, int] = field(default_factory=dict)

    def fed(self, table: str) -> bool:
        return bool(self.feeds >> PERSON_TABLES.index(table) & 1)


def matrix(predictors: Sequence[Declared], tables: Tables, asked: Sequence[At]) -> np.ndarray:
    """float32 (len(asked), len(predictors)): one row for each of ``asked``."""
    out = np.empty((len(asked), len(predictors)), dtype=np.float32)
    for i, at in enumerate(asked):
        own = {name: [row for row in rows if row["person_id"] == at.person] for name, rows in tables.items()}
        for j, predictor in enumerate(predictors):
            out[i, j] = value(predictor, own, at)
    return out


def value(predictor: Declared, tables: Tables, at: At) -> np.float32:
    """The predictor of one person from that person's rows, as plain dicts in the record's own columns."""
    if isinstance(predictor, Circumstance):
        return np.float32(_circumstance(predictor, at))
    if isinstance(predictor, Derived):
        parts = [float(value(part, tables, at)) for part in predictor.parts]
        return np.float32(_DERIVED[predictor.op](predictor, parts))
    table = predictor.of.table
    if not at.fed(table):
        return np.float32(NAN)
    kept = made_of(predictor, tables.get(table, ()), at.t)
    found = _AGGREGATES[predictor.kind](predictor, kept, at.t)
    if (
        predictor.claims_zero
        and found == 0
        and at.observed.get(table, date.min) > at.t - timedelta(days=predictor.within or 0)
    ):
        return np.float32(NAN)
    return np.float32(found)


def made_of(predictor: Predictor, rows: Iterable[Row], t: date) -> list[Row]:
    """The rows that make the predictor's value at ``t``, in the order of the facts."""
    kept = [
        row for row in rows if _picked(predictor.of, row) and _visible(predictor, row, t) and _lasts(predictor, row, t)
    ]
    kept.sort(key=lambda row: (_start(predictor.of, row), _time(row), row["known_at"], row["row_id"]))
    kind, until = predictor.kind, t - timedelta(days=predictor.ago)
    if kind in (Kind.OPEN, Kind.OPEN_SUM):
        return [row for row in kept if row["end_date"] is None or row["end_date"] > until]
    first = date.min if predictor.within is None else t - timedelta(days=predictor.within)
    if kind is Kind.DAYS:
        return [row for row in kept if _end(row, until) > max(_start(predictor.of, row), first)]
    if kind is Kind.SOON:
        return _soon(predictor, kept, first)
    windowed = [row for row in kept if _start(predictor.of, row) >= first]
    if kind is Kind.NEW:
        quiet = first - timedelta(days=predictor.quiet)
        before = {_text(predictor, row) for row in kept if quiet <= _start(predictor.of, row) < first}
        return [row for row in windowed if _text(predictor, row) not in before]
    return windowed


def _soon(predictor: Predictor, rows: Sequence[Row], first: date) -> list[Row]:
    found, latest = [], None
    for row in rows:
        start = _start(predictor.of, row)
        if latest is not None and start >= first and 0 <= (start - latest).days <= predictor.gap:
            found.append(row)
        end = row["end_date"] or date.max
        latest = end if latest is None else max(latest, end)
    return found


def _picked(of: Facts, row: Row) -> bool:
    if not all(_meets(of, row, column, values) for column, values in of.where):
        return False
    if of.codes and not load(of.codes).holds(row["system"], row["code"]):
        return False
    return not any(column and row.get(column) is None for column in (of.value, of.distinct, of.date))


def _meets(of: Facts, row: Row, column: str, values: tuple[Any, ...] | Between) -> bool:
    if isinstance(values, Between):
        return values.holds(row.get(column))
    day = row.get(of.date)
    if column in ("weekday", "month"):
        return day is not None and (day.isoweekday() if column == "weekday" else day.month) in values
    return row.get(column) in values


def _visible(predictor: Predictor, row: Row, t: date) -> bool:
    until = row.get("known_until")
    begun = _start(predictor.of, row) < t - timedelta(days=predictor.ago)
    return begun and row["known_at"] < t and (until is None or until >= t)


def _lasts(predictor: Predictor, row: Row, t: date) -> bool:
    until = t - timedelta(days=predictor.ago)
    return not predictor.lasting or (_end(row, until) - _start(predictor.of, row)).days >= predictor.lasting


def _start(of: Facts, row: Row) -> date:
    start: date = row[of.date]
    return start


def _end(row: Row, t: date) -> date:
    return t if row["end_date"] is None else min(row["end_date"], t)


def _time(row: Row) -> int:
    time = row.get("event_time")
    return -1 if time is None else time


def _text(predictor: Predictor, row: Row) -> str:
    text: str = row[predictor.of.distinct or ""][: predictor.of.prefix]
    return text


def _numbers(predictor: Predictor, rows: Sequence[Row]) -> list[float]:
    return [float(row[predictor.of.value or ""]) for row in rows]


def _days_since(predictor: Predictor, row: Row, t: date) -> int:
    return (t - _start(predictor.of, row)).days


def _days(predictor: Predictor, rows: Sequence[Row], t: date) -> float:
    first = (t - timedelta(days=predictor.within)) if predictor.within else date.min
    until = t - timedelta(days=predictor.ago)
    return sum((_end(row, until) - max(_start(predictor.of, row), first)).days for row in rows)


def _slope(predictor: Predictor, rows: Sequence[Row], t: date) -> float:
    days = np.array([_start(predictor.of, row).toordinal() for row in rows], dtype=float)
    if len(days) < 2 or max(days) - min(days) < SLOPE_NEEDS:
        return NAN
    x, y = days - days.mean(), np.array(_numbers(predictor, rows))
    return float((x * (y - y.mean())).sum() / (x * x).sum() * 365.25)


def _deviation(predictor: Predictor, rows: Sequence[Row], t: date) -> float:
    return float(np.std(_numbers(predictor, rows), ddof=1)) if len(rows) >= DEVIATION_NEEDS else NAN


def _points(predictor: Predictor, rows: Sequence[Row], t: date) -> float:
    held = load(predictor.of.codes or "")
    return sum(held.points[category] for category in {_category(held, row["system"], row["code"]) for row in rows})


def _category(held: CodeSet, system: str, code: str) -> str:
    """The category of a code of the set: of several that it lies beneath, that of the longest."""
    above = [own for own in held.codes if CodeSet.holds(replace(held, terms={own: ""}), system, code)]
    return held.categories[max(above, key=len)]


def _if_any(
    then: Callable[[Predictor, Sequence[Row], date], float],
) -> Callable[[Predictor, Sequence[Row], date], float]:
    return lambda predictor, rows, t: then(predictor, rows, t) if rows else NAN


def _circumstance(predictor: Circumstance, at: At) -> float:
    table, turn = predictor.table, 2 * math.pi * ((at.t - date(1970, 1, 1)).days % 365.25) / 365.25
    if predictor.what is What.SEASON_SIN or predictor.what is What.SEASON_COS:
        return math.sin(turn) if predictor.what is What.SEASON_SIN else math.cos(turn)
    if predictor.what is What.FED:
        return float(at.fed(table or ""))
    if not at.fed(table or ""):
        return NAN
    if predictor.what is What.FEED_AGE:
        return at.age.get(table or "", 0)
    return min(OBSERVED_AT_MOST, max(0, (at.t - at.observed.get(table or "", date.min)).days))


def _either(parts: Sequence[float]) -> float:
    if any(part == part and part != 0 for part in parts):
        return 1.0
    return NAN if any(part != part for part in parts) else 0.0


def _both(parts: Sequence[float]) -> float:
    if any(part == 0 for part in parts):
        return 0.0
    return NAN if any(part != part for part in parts) else 1.0


def _whole(then: Callable[[Derived, Sequence[float]], float]) -> Callable[[Derived, Sequence[float]], float]:
    return lambda predictor, parts: NAN if any(part != part for part in parts) else then(predictor, parts)


_DERIVED: dict[Op, Callable[[Derived, Sequence[float]], float]] = {
    Op.SUM: _whole(
        lambda d, parts: sum(w * part for w, part in zip(d.weights or [1.0] * len(parts), parts, strict=True))
    ),
    Op.DIFFERENCE: _whole(lambda d, parts: parts[0] - parts[1]),
    Op.RATIO: _whole(lambda d, parts: parts[0] / parts[1] if parts[1] else NAN),
    Op.BAND: _whole(lambda d, parts: sum(parts[0] >= cut for cut in d.cuts)),
    Op.EITHER: lambda d, parts: _either(parts),
    Op.BOTH: lambda d, parts: _both(parts),
    Op.NEITHER: lambda d, parts: 1 - _either(parts),
    Op.LARGEST: _whole(lambda d, parts: max(parts)),
}

_AGGREGATES: dict[Kind, Callable[[Predictor, Sequence[Row], date], float]] = {
    **dict.fromkeys((Kind.COUNT, Kind.OPEN, Kind.SOON), lambda p, rows, t: len(rows)),
    **dict.fromkeys(DIFFERENT, lambda p, rows, t: len({_text(p, row) for row in rows})),
    Kind.ANY: lambda p, rows, t: float(bool(rows)),
    Kind.DAYS_SINCE_LAST: _if_any(lambda p, rows, t: _days_since(p, rows[-1], t)),
    Kind.DAYS_SINCE_FIRST: _if_any(lambda p, rows, t: _days_since(p, rows[0], t)),
    Kind.SUM: lambda p, rows, t: sum(_numbers(p, rows)),
    Kind.LATEST: _if_any(lambda p, rows, t: _numbers(p, rows)[-1]),
    Kind.MEAN: _if_any(lambda p, rows, t: sum(_numbers(p, rows)) / len(rows)),
    Kind.LEAST: _if_any(lambda p, rows, t: min(_numbers(p, rows))),
    Kind.GREATEST: _if_any(lambda p, rows, t: max(_numbers(p, rows))),
    Kind.SLOPE: _slope,
    Kind.DEVIATION: _deviation,
    Kind.POINTS: _points,
    Kind.DAYS: _days,
    Kind.OPEN_SUM: lambda p, rows, t: sum(_numbers(p, rows)),
    Kind.YEARS: _if_any(lambda p, rows, t: _days_since(p, rows[-1], t) / 365.25),
}
