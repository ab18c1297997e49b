"""The compiled pass over a person's facts: every aggregate for every index date asked for.

The kernel takes arrays and does not care who made them. Facts come sorted by person and, within a person, by day, time of
day, ``known_at`` and ``row_id``; rows (a person at a date) sorted by person. A call holds whole persons: a person cut by a batch's edge is
carried over by :mod:`features.engine.passes`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from features.engine.language import SLOPE_NEEDS, Kind

#: An end or a ``known_until`` that is not there.
NEVER = 2**31 - 1
_COUNT, _ANY, _LAST, _FIRST = int(Kind.COUNT), int(Kind.ANY), int(Kind.DAYS_SINCE_LAST), int(Kind.DAYS_SINCE_FIRST)
_SUM, _LATEST, _MEAN, _LEAST = int(Kind.SUM), int(Kind.LATEST), int(Kind.MEAN), int(Kind.LEAST)
_GREATEST, _SLOPE, _DISTINCT = int(Kind.GREATEST), int(Kind.SLOPE), int(Kind.DISTINCT)
_DAYS, _OPEN, _OPEN_SUM, _YEARS = int(Kind.DAYS), int(Kind.OPEN), int(Kind.OPEN_SUM), int(Kind.YEARS)


def _compiled(function: Any) -> Any:
    """Compiled on first use; kept on disk where this user may write, compiled anew in each process where not."""
    try:
        return njit(nogil=True, cache=True)(function)
    except RuntimeError:
        return njit(nogil=True)(function)


@_compiled
def run(person, start, end, known_at, known_until, group, value,
        row_person, row_t, row_feeds, first_of_group, predictor_of, kind, within, lasting, table_bit, out):  # fmt: skip
    """Fill ``out`` (float32, rows × predictors). ``predictor_of[first_of_group[g]:first_of_group[g + 1]]`` are the
    predictors that group *g* feeds; ``within`` is 0 where a window has no beginning."""
    predictors = kind.shape[0]
    n = np.zeros(predictors, dtype=np.int64)
    a = np.zeros(predictors)
    b = np.zeros(predictors)
    c = np.zeros(predictors)
    d = np.zeros(predictors)
    fact, facts = 0, person.shape[0]
    row, rows = 0, row_person.shape[0]
    while row < rows:
        who = row_person[row]
        while fact < facts and person[fact] < who:
            fact += 1
        last = fact
        while last < facts and person[last] == who:
            last += 1
        while row < rows and row_person[row] == who:
            t = row_t[row]
            n[:] = 0
            a[:] = 0.0
            b[:] = 0.0
            c[:] = 0.0
            d[:] = 0.0
            for i in range(fact, last):
                s = start[i]
                if s >= t:
                    break
                if known_at[i] >= t or known_until[i] < t:
                    continue
                ends = min(end[i], t)
                v = value[i]
                for j in range(first_of_group[group[i]], first_of_group[group[i] + 1]):
                    p = predictor_of[j]
                    what = kind[p]
                    if lasting[p] > 0 and ends - s < lasting[p]:
                        continue
                    if what == _DAYS:
                        begins = s if within[p] == 0 else max(s, t - within[p])
                        if ends > begins:
                            a[p] += ends - begins
                        continue
                    if what in (_OPEN, _OPEN_SUM):
                        if end[i] > t:
                            n[p] += 1
                            a[p] += v
                        continue
                    if within[p] > 0 and s < t - within[p]:
                        continue
                    n[p] += 1
                    if n[p] == 1:
                        b[p] = s
                        c[p] = v
                        d[p] = v
                    a[p] += v if what in (_SUM, _MEAN) else 0.0
                    if what == _LEAST:
                        c[p] = min(c[p], v)
                    elif what == _GREATEST:
                        d[p] = max(d[p], v)
                    elif what == _LATEST:
                        c[p] = v
                    elif what in (_LAST, _YEARS):
                        d[p] = s
            for p in range(predictors):
                what = kind[p]
                if (row_feeds[row] >> table_bit[p]) & np.uint64(1) == np.uint64(0):
                    out[row, p] = np.nan
                elif what in (_COUNT, _OPEN):
                    out[row, p] = n[p]
                elif what == _ANY:
                    out[row, p] = 1.0 if n[p] > 0 else 0.0
                elif what in (_SUM, _DAYS, _OPEN_SUM):
                    out[row, p] = a[p]
                elif what in (_DISTINCT, _SLOPE):
                    continue
                elif n[p] == 0:
                    out[row, p] = np.nan
                elif what == _LAST:
                    out[row, p] = t - d[p]
                elif what == _FIRST:
                    out[row, p] = t - b[p]
                elif what == _YEARS:
                    out[row, p] = (t - d[p]) / 365.25
                elif what == _MEAN:
                    out[row, p] = a[p] / n[p]
                elif what == _GREATEST:
                    out[row, p] = d[p]
                else:
                    out[row, p] = c[p]
            row += 1
        _gather(start, end, known_at, known_until, group, value, fact, last, row_person, row_t, row_feeds, row, who,
                first_of_group, predictor_of, kind, within, lasting, table_bit, out)  # fmt: skip
        fact = last


@_compiled
def _gather(start, end, known_at, known_until, group, value, fact, last, row_person, row_t, row_feeds, row, who,
            first_of_group, predictor_of, kind, within, lasting, table_bit, out):  # fmt: skip
    """The aggregates that need a person's values together: distinct values, and slopes (centred, so that dates far from
    zero cost no precision)."""
    days = np.empty(last - fact)
    values = np.empty(last - fact)
    for p in range(kind.shape[0]):
        if kind[p] != _DISTINCT and kind[p] != _SLOPE:
            continue
        r = row - 1
        while r >= 0 and row_person[r] == who:
            t = row_t[r]
            found = 0
            for i in range(fact, last):
                if start[i] >= t:
                    break
                if known_at[i] >= t or known_until[i] < t or (within[p] > 0 and start[i] < t - within[p]):
                    continue
                if lasting[p] > 0 and min(end[i], t) - start[i] < lasting[p]:
                    continue
                for j in range(first_of_group[group[i]], first_of_group[group[i] + 1]):
                    if predictor_of[j] == p:
                        days[found] = start[i]
                        values[found] = value[i]
                        found += 1
            if (row_feeds[r] >> table_bit[p]) & np.uint64(1) == np.uint64(0):
                out[r, p] = np.nan
            elif kind[p] == _DISTINCT:
                out[r, p] = np.unique(values[:found]).shape[0]
            else:
                out[r, p] = _slope(days[:found], values[:found])
            r -= 1


@_compiled
def _slope(days, values):
    """Least-squares change of the value a year; NaN when first and last lie too close."""
    if days.shape[0] < 2 or days.max() - days.min() < SLOPE_NEEDS:
        return np.nan
    x = days - days.mean()
    y = values - values.mean()
    return (x * y).sum() / (x * x).sum() * 365.25
