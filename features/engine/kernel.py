"""The compiled pass over the facts of a lane: every aggregate for every index date asked for, each fact looked at once.

The kernel takes arrays and does not care who made them. A fact is seen from a stretch of a person's dates (from the first after it
was known to the last before a later version took its place), and an entry's window from a stretch of those: what a fact
does, it does to each date of that.
"""

from __future__ import annotations

import numpy as np

from features.engine.codes import EVER
from features.engine.compiling import compiled
from features.engine.language import DEVIATION_NEEDS, SLOPE_NEEDS, Kind

_COUNT, _ANY, _LAST, _FIRST = int(Kind.COUNT), int(Kind.ANY), int(Kind.DAYS_SINCE_LAST), int(Kind.DAYS_SINCE_FIRST)
_SUM, _LATEST, _MEAN, _LEAST = int(Kind.SUM), int(Kind.LATEST), int(Kind.MEAN), int(Kind.LEAST)
_GREATEST, _SLOPE, _DISTINCT, _NEW = int(Kind.GREATEST), int(Kind.SLOPE), int(Kind.DISTINCT), int(Kind.NEW)
_DAYS, _OPEN, _OPEN_SUM, _YEARS = int(Kind.DAYS), int(Kind.OPEN), int(Kind.OPEN_SUM), int(Kind.YEARS)
_DEVIATION, _POINTS, _SOON = int(Kind.DEVIATION), int(Kind.POINTS), int(Kind.SOON)

#: What a sum keeps: how many, total, first day, first value, last day, and sums about the first (or mean and squares about it).
_N, _TOTAL, _DAY, _VALUE, _LAST_DAY, _X, _XX, _XY, _KEPT = range(9)


@compiled
def run(placed, first, start, end, known_at, known_until, code, class_of, number_of, flags, numbers, row_first, row_t,
        first_of_class, reach, entries, summed, kinds, shift, conditions, numbered, marks, items,
        out):  # fmt: skip
    """Fill the columns of a lane in ``out`` (float32, width × the rows or more; rows sorted by person and date), which holds what they
    begin with: a person's dates lie side by side, and a lane touches its own columns alone.

    Person *i* has the facts ``placed[first[i]:first[i + 1]]`` and the rows ``row_first[i]`` to ``row_first[i + 1]``; the rest is as
    :class:`features.engine.plan.Feeding` says. Arrays that the lane has no use for are empty.
    """
    coded, counted, flagged = class_of.shape[0] > 0, number_of.shape[0] > 0, flags.shape[0] > 0
    mask = (1 << conditions) - 1
    furthest = max(0, reach.max())
    most_rows = 1
    for p in range(row_first.shape[0] - 1):
        most_rows = max(most_rows, row_first[p + 1] - row_first[p])
    sums = np.zeros((most_rows, summed.shape[0], _KEPT))
    touched = np.full(summed.shape[0], -1, dtype=np.int64)
    item_seen = np.full((items, most_rows), -1, dtype=np.int32)
    capacity = 256
    mark_seen = np.full((marks, capacity, most_rows), -1, dtype=np.int32)
    place_of, value_number = np.zeros(capacity, dtype=np.int32), np.zeros(4 * capacity, dtype=np.int32)
    values, stamp = np.zeros(4 * capacity, dtype=np.int64), np.full(4 * capacity, -1, dtype=np.int32)
    for p in range(row_first.shape[0] - 1):
        row0, rows = row_first[p], row_first[p + 1] - row_first[p]
        if rows == 0:
            continue
        begin, until = first[p], first[p + 1]
        if furthest < EVER:
            begin = _since(placed, begin, until, start, row_t[row0] - furthest)
        if begin == until:
            continue
        if marks:
            if until - begin > capacity:
                capacity = 2 * (until - begin)
                mark_seen = np.full((marks, capacity, most_rows), -1, dtype=np.int32)
                place_of, value_number = np.zeros(capacity, dtype=np.int32), np.zeros(4 * capacity, dtype=np.int32)
                values, stamp = np.zeros(4 * capacity, dtype=np.int64), np.full(4 * capacity, -1, dtype=np.int32)
            _number_values(placed, begin, until, code, number_of, numbers, place_of, values, value_number, stamp, p)
        for f in range(begin, until):
            i = placed[f]
            c = class_of[code[i]] if coded else 0
            if flagged:
                c += (flags[i] >> shift) & mask
            v = 1.0
            if numbered:
                v = number_of[code[i]] if counted else numbers[i]
                if v == v:
                    c += 1 << conditions
            s = start[i]
            if s < row_t[row0] - reach[c]:
                continue
            e0, e1 = first_of_class[c], first_of_class[c + 1]
            seen_from = max(s, known_at[i])
            k0, k1 = 0, rows
            while k0 < k1 and row_t[row0 + k0] <= seen_from:
                k0 += 1
            while k1 > k0 and row_t[row0 + k1 - 1] > known_until[i]:
                k1 -= 1
            if k0 == k1:
                continue
            for j in range(e0, e1):
                e = entries[j]
                if not e.low <= v < e.high:
                    continue
                col, kind, within, ago = e.column, e.kind, e.within, e.ago
                a, b = k0, k1
                if ago > 0:
                    while a < b and row_t[row0 + a] - ago <= s:
                        a += 1
                if e.lasting > 0:
                    # How long it has lasted by a date only grows: the first dates fall away.
                    while a < b and min(end[i], row_t[row0 + a] - ago) - s < e.lasting:
                        a += 1
                if kind == _DAYS:
                    for k in range(a, b):
                        t = row_t[row0 + k]
                        ends = min(end[i], t - ago)
                        begins = s if within == 0 else max(s, t - within)
                        if ends > begins:
                            out[col, row0 + k] += ends - begins
                    continue
                if kind in (_OPEN, _OPEN_SUM):
                    while b > a and row_t[row0 + b - 1] - ago >= end[i]:
                        b -= 1
                    if kind == _OPEN:
                        for k in range(a, b):
                            out[col, row0 + k] += 1
                    else:
                        _touch(sums, touched, e.slot, rows, p)
                        for k in range(a, b):
                            sums[k, e.slot, _TOTAL] += v
                    continue
                if kind == _SOON:
                    _touch(sums, touched, e.slot, rows, p)
                    for k in range(a, b):
                        waited = s - sums[k, e.slot, _LAST_DAY]
                        before = sums[k, e.slot, _N] > 0
                        if before and 0 <= waited <= e.gap and (within == 0 or s >= row_t[row0 + k] - within):
                            out[col, row0 + k] += 1
                        latest = max(sums[k, e.slot, _LAST_DAY], end[i]) if before else end[i]
                        sums[k, e.slot, _LAST_DAY] = latest
                        sums[k, e.slot, _N] += 1
                    continue
                if within > 0:
                    while b > a and s < row_t[row0 + b - 1] - within - e.quiet:
                        b -= 1
                if kind == _COUNT:
                    for k in range(a, b):
                        out[col, row0 + k] += 1
                elif kind == _ANY:
                    for k in range(a, b):
                        out[col, row0 + k] = 1
                elif kind == _LAST:
                    for k in range(a, b):
                        out[col, row0 + k] = row_t[row0 + k] - s
                elif kind == _FIRST:
                    for k in range(a, b):
                        if np.isnan(out[col, row0 + k]):
                            out[col, row0 + k] = row_t[row0 + k] - s
                elif kind == _YEARS:
                    for k in range(a, b):
                        out[col, row0 + k] = (row_t[row0 + k] - s) / 365.25
                elif kind == _LATEST:
                    for k in range(a, b):
                        out[col, row0 + k] = v
                elif kind == _LEAST:
                    for k in range(a, b):
                        if not out[col, row0 + k] <= v:
                            out[col, row0 + k] = v
                elif kind == _GREATEST:
                    for k in range(a, b):
                        if not out[col, row0 + k] >= v:
                            out[col, row0 + k] = v
                elif kind == _POINTS:
                    for k in range(a, b):
                        if item_seen[e.slot, k] != p:
                            item_seen[e.slot, k] = p
                            out[col, row0 + k] += e.points
                elif kind in (_DISTINCT, _NEW):
                    value_place = place_of[f - begin]
                    for k in range(a, b):
                        if mark_seen[e.slot, value_place, k] != p:
                            # What a person's own mark says need not be wiped before the next person. Facts come in order of
                            # their day: what the quiet days have is marked before the window begins.
                            mark_seen[e.slot, value_place, k] = p
                            if s >= row_t[row0 + k] - within or within == 0:
                                out[col, row0 + k] += 1
                elif b > a:
                    _touch(sums, touched, e.slot, rows, p)
                    for k in range(a, b):
                        _add(sums, k, e.slot, kind, s, v)
        for q in range(summed.shape[0]):
            if touched[q] == p and kinds[q] != _SOON:
                for k in range(rows):
                    out[summed[q], row0 + k] = _told(sums, k, q, kinds[q])


@compiled
def _since(placed, begin, until, start, day):
    """The first of a person's facts, in order, that began on ``day`` or later."""
    while begin < until:
        middle = (begin + until) // 2
        if start[placed[middle]] < day:
            begin = middle + 1
        else:
            until = middle
    return begin


@compiled
def _touch(sums, touched, slot, rows, p):
    """Wipe what a sum keeps, the first time that person *p* adds to it."""
    if touched[slot] != p:
        touched[slot] = p
        for k in range(rows):
            for kept in range(_KEPT):
                sums[k, slot, kept] = 0.0


@compiled
def _add(sums, k, q, kind, s, v):
    """Add a value to what sum *q* of date *k* keeps."""
    sums[k, q, _N] += 1
    if kind == _DEVIATION:
        # Welford: mean and squares about it.
        apart = v - sums[k, q, _VALUE]
        sums[k, q, _VALUE] += apart / sums[k, q, _N]
        sums[k, q, _XX] += apart * (v - sums[k, q, _VALUE])
        return
    if kind != _SLOPE:
        sums[k, q, _TOTAL] += v
        return
    if sums[k, q, _N] == 1:
        sums[k, q, _DAY], sums[k, q, _VALUE] = s, v
    sums[k, q, _LAST_DAY] = s
    day, rise = s - sums[k, q, _DAY], v - sums[k, q, _VALUE]
    sums[k, q, _X] += day
    sums[k, q, _XX] += day * day
    sums[k, q, _XY] += day * rise
    sums[k, q, _TOTAL] += rise


@compiled
def _told(sums, k, q, kind):
    """What a sum comes to."""
    n, total = sums[k, q, _N], sums[k, q, _TOTAL]
    if kind in (_SUM, _OPEN_SUM):
        return total
    if kind == _DEVIATION:
        return np.sqrt(sums[k, q, _XX] / (n - 1)) if n >= DEVIATION_NEEDS else np.nan
    if n == 0:
        return np.nan
    if kind == _MEAN:
        return total / n
    if n < 2 or sums[k, q, _LAST_DAY] - sums[k, q, _DAY] < SLOPE_NEEDS:
        return np.nan
    x = sums[k, q, _X]
    return (n * sums[k, q, _XY] - x * total) / (n * sums[k, q, _XX] - x * x) * 365.25


@compiled
def _number_values(placed, begin, until, code, number_of, numbers, place_of, values, value_number, stamp, p):
    """Number the different values (whole numbers) of person *p*'s facts from 0: equal values, equal numbers."""
    size = values.shape[0]
    count = 0
    for f in range(begin, until):
        i = placed[f]
        number = number_of[code[i]] if number_of.shape[0] > 0 else numbers[i]
        value = np.int64(number) if number == number else np.int64(0)
        at = (value ^ (value >> 17)) % size
        while stamp[at] == p and values[at] != value:
            at = (at + 1) % size
        if stamp[at] != p:
            stamp[at], values[at], value_number[at] = p, value, count
            count += 1
        place_of[f - begin] = value_number[at]
