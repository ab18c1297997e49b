"""The plain reference: predictors worked out row by row from their declarations alone, slowly, to say what is right.

It shares nothing with the planner, the fact stream or the kernel but the language and the code sets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from features.codelists import load
from features.engine.language import SLOPE_NEEDS, Facts, Kind, Predictor
from features.record.tables import PERSON_TABLES

Row = Mapping[str, Any]
NAN = float("nan")


def value(predictor: Predictor, rows: Iterable[Row], t: date, feeds: int) -> np.float32:
    """The predictor of one person at ``t``, from the person's rows of the predictor's table (plain dicts in the record's own
    columns) and the feed mask."""
    if not feeds >> PERSON_TABLES.index(predictor.of.table) & 1:
        return np.float32(NAN)
    kept = [
        row
        for row in rows
        if _picked(predictor.of, row) and _visible(predictor.of, row, t) and _lasts(predictor, row, t)
    ]
    kept.sort(key=lambda row: (_start(predictor.of, row), _time(row), row["known_at"], row["row_id"]))
    if predictor.kind in (Kind.OPEN, Kind.OPEN_SUM):
        kept = [row for row in kept if row["end_date"] is None or row["end_date"] > t]
    elif predictor.kind is not Kind.DAYS and predictor.within is not None:
        first = t - timedelta(days=predictor.within)
        kept = [row for row in kept if _start(predictor.of, row) >= first]
    return np.float32(_AGGREGATES[predictor.kind](predictor, kept, t))


def matrix(predictors: Sequence[Predictor], tables: Mapping[str, Sequence[Row]],
           asked: Sequence[tuple[int, date, int]]) -> np.ndarray:  # fmt: skip
    """float32 (len(asked), len(predictors)): one row for each ``(person_id, t, feed mask)``."""
    out = np.empty((len(asked), len(predictors)), dtype=np.float32)
    for i, (person, t, feeds) in enumerate(asked):
        for j, predictor in enumerate(predictors):
            rows = [row for row in tables.get(predictor.of.table, ()) if row["person_id"] == person]
            out[i, j] = value(predictor, rows, t, feeds)
    return out


def _picked(of: Facts, row: Row) -> bool:
    if any(row.get(column) not in values for column, values in of.where):
        return False
    if of.codes and not load(of.codes).holds(row["system"], row["code"]):
        return False
    return not any(column and row.get(column) is None for column in (of.value, of.distinct, of.date))


def _visible(of: Facts, row: Row, t: date) -> bool:
    until = row.get("known_until")
    return _start(of, row) < t and row["known_at"] < t and (until is None or until >= t)


def _lasts(predictor: Predictor, row: Row, t: date) -> bool:
    return not predictor.lasting or (_end(row, t) - row["event_date"]).days >= predictor.lasting


def _start(of: Facts, row: Row) -> date:
    start: date = row[of.date]
    return start


def _end(row: Row, t: date) -> date:
    return t if row["end_date"] is None else min(row["end_date"], t)


def _time(row: Row) -> int:
    time = row.get("event_time")
    return -1 if time is None else time


def _numbers(predictor: Predictor, rows: Sequence[Row]) -> list[float]:
    return [float(row[predictor.of.value or ""]) for row in rows]


def _days_since(predictor: Predictor, row: Row, t: date) -> int:
    return (t - _start(predictor.of, row)).days


def _days(predictor: Predictor, rows: Sequence[Row], t: date) -> float:
    window = (t - timedelta(days=predictor.within)) if predictor.within else date.min
    return sum(max(0, (_end(row, t) - max(row["event_date"], window)).days) for row in rows)


def _slope(predictor: Predictor, rows: Sequence[Row], t: date) -> float:
    days = np.array([_start(predictor.of, row).toordinal() for row in rows], dtype=float)
    if len(days) < 2 or max(days) - min(days) < SLOPE_NEEDS:
        return NAN
    x, y = days - days.mean(), np.array(_numbers(predictor, rows))
    return float((x * (y - y.mean())).sum() / (x * x).sum() * 365.25)


def _distinct(predictor: Predictor, rows: Sequence[Row], t: date) -> float:
    prefix, column = predictor.of.prefix, predictor.of.distinct or ""
    return len({row[column][:prefix] for row in rows})


def _if_any(
    then: Callable[[Predictor, Sequence[Row], date], float],
) -> Callable[[Predictor, Sequence[Row], date], float]:
    return lambda predictor, rows, t: then(predictor, rows, t) if rows else NAN


_AGGREGATES: dict[Kind, Callable[[Predictor, Sequence[Row], date], float]] = {
    Kind.COUNT: lambda p, rows, t: len(rows),
    Kind.ANY: lambda p, rows, t: float(bool(rows)),
    Kind.DAYS_SINCE_LAST: _if_any(lambda p, rows, t: _days_since(p, rows[-1], t)),
    Kind.DAYS_SINCE_FIRST: _if_any(lambda p, rows, t: _days_since(p, rows[0], t)),
    Kind.SUM: lambda p, rows, t: sum(_numbers(p, rows)),
    Kind.LATEST: _if_any(lambda p, rows, t: _numbers(p, rows)[-1]),
    Kind.MEAN: _if_any(lambda p, rows, t: sum(_numbers(p, rows)) / len(rows)),
    Kind.LEAST: _if_any(lambda p, rows, t: min(_numbers(p, rows))),
    Kind.GREATEST: _if_any(lambda p, rows, t: max(_numbers(p, rows))),
    Kind.SLOPE: _slope,
    Kind.DISTINCT: _distinct,
    Kind.DAYS: _days,
    Kind.OPEN: lambda p, rows, t: len(rows),
    Kind.OPEN_SUM: lambda p, rows, t: sum(_numbers(p, rows)),
    Kind.YEARS: _if_any(lambda p, rows, t: _days_since(p, rows[-1], t) / 365.25),
}
