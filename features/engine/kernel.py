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
        row_person, row_t, row_feeds, first_of_class, predictor_of, kind, within, lasting, table_bit, out):  # fmt: skip
    """Fill ``out`` (float32, rows × predictors). ``predictor_of[first_of_class[c]:first_of_class[c + 1]]`` are the
    predictors that a fact whose ``group`` is *c* feeds; ``within`` is 0 where a window has no beginning."""
    predictors = kind.shape[0]
    # Of one row: how many facts, their sum, first day, value held, last day; of a slope also sums about the first fact.
    n, total, first, held, last = (np.zeros(predictors, dtype=np.int64), np.zeros(predictors), np.zeros(predictors),
                                   np.zeros(predictors), np.zeros(predictors))  # fmt: skip
    x, xx, xy = np.zeros(predictors), np.zeros(predictors), np.zeros(predictors)
    place, places = _places(kind)
    seen = np.zeros((places, 0), dtype=np.int64)
    number = np.zeros(0, dtype=np.int64)
    fact, facts = 0, person.shape[0]
    row, rows = 0, row_person.shape[0]
    while row < rows:
        who = row_person[row]
        while fact < facts and person[fact] < who:
            fact += 1
        until = fact
        while until < facts and person[until] == who:
            until += 1
        if places > 0:
            if until - fact > number.shape[0]:
                number = np.zeros(2 * (until - fact), dtype=np.int64)
                seen = np.zeros((places, 2 * (until - fact)), dtype=np.int64)
            _number_values(value, fact, until, number)
        while row < rows and row_person[row] == who:
            t = row_t[row]
            for p in range(predictors):
                n[p] = 0
                total[p] = x[p] = xx[p] = xy[p] = 0.0
            for i in range(fact, until):
                s = start[i]
                if s >= t:
                    break
                if known_at[i] >= t or known_until[i] < t:
                    continue
                ends = min(end[i], t)
                v = value[i]
                for j in range(first_of_class[group[i]], first_of_class[group[i] + 1]):
                    p = predictor_of[j]
                    what = kind[p]
                    if lasting[p] > 0 and ends - s < lasting[p]:
                        continue
                    if what == _DAYS:
                        begins = s if within[p] == 0 else max(s, t - within[p])
                        if ends > begins:
                            total[p] += ends - begins
                        continue
                    if what in (_OPEN, _OPEN_SUM):
                        if end[i] > t:
                            n[p] += 1
                            total[p] += v
                        continue
                    if within[p] > 0 and s < t - within[p]:
                        continue
                    if what == _DISTINCT:
                        # A row's own mark, so that nothing need be wiped between rows.
                        if seen[place[p], number[i - fact]] != row + 1:
                            seen[place[p], number[i - fact]] = row + 1
                            n[p] += 1
                        continue
                    n[p] += 1
                    last[p] = s
                    if n[p] == 1:
                        first[p] = s
                        held[p] = v
                    elif what == _LATEST:
                        held[p] = v
                    elif what == _LEAST:
                        held[p] = min(held[p], v)
                    elif what == _GREATEST:
                        held[p] = max(held[p], v)
                    elif what == _SLOPE:
                        day, rise = s - first[p], v - held[p]
                        x[p] += day
                        xx[p] += day * day
                        xy[p] += day * rise
                        total[p] += rise
                    if what in (_SUM, _MEAN):
                        total[p] += v
            for p in range(predictors):
                what = kind[p]
                if (row_feeds[row] >> table_bit[p]) & np.uint64(1) == np.uint64(0):
                    out[row, p] = np.nan
                elif what in (_COUNT, _OPEN, _DISTINCT):
                    out[row, p] = n[p]
                elif what == _ANY:
                    out[row, p] = 1.0 if n[p] > 0 else 0.0
                elif what in (_SUM, _DAYS, _OPEN_SUM):
                    out[row, p] = total[p]
                elif n[p] == 0:
                    out[row, p] = np.nan
                elif what == _LAST:
                    out[row, p] = t - last[p]
                elif what == _FIRST:
                    out[row, p] = t - first[p]
                elif what == _YEARS:
                    out[row, p] = (t - last[p]) / 365.25
                elif what == _MEAN:
                    out[row, p] = total[p] / n[p]
                elif what == _SLOPE:
                    if n[p] < 2 or last[p] - first[p] < SLOPE_NEEDS:
                        out[row, p] = np.nan
                    else:
                        out[row, p] = (n[p] * xy[p] - x[p] * total[p]) / (n[p] * xx[p] - x[p] * x[p]) * 365.25
                else:
                    out[row, p] = held[p]
            row += 1
        fact = until


@_compiled
def _places(kind):
    """The place of each predictor that counts different values among those that do, and how many do."""
    place = np.zeros(kind.shape[0], dtype=np.int64)
    places = 0
    for p in range(kind.shape[0]):
        if kind[p] == _DISTINCT:
            place[p] = places
            places += 1
    return place, places


@_compiled
def _number_values(value, fact, until, number):
    """Number the different values of one person's facts from 0: equal values, equal numbers."""
    order = np.argsort(value[fact:until])
    count = -1
    for k in range(order.shape[0]):
        if k == 0 or value[fact + order[k]] != value[fact + order[k - 1]]:
            count += 1
        number[order[k]] = count
