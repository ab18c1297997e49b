"""What is worked out of a row's numbers once its facts have been passed over, column by column.

A step is done to a stretch of rows at a time, so that the loop over rows is the inner one and runs many rows at once. Numbers are put
together as float64, part after part in their order, and kept as float32.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from features.engine.absent import TILE, absent, observed_days
from features.engine.arrange import only_read
from features.engine.compiling import compiled
from features.engine.language import OBSERVED_AT_MOST, Op, What
from features.engine.plan import Plan
from features.engine.program import CIRCUMSTANCES
from features.engine.rows import Rows

_SUM, _DIFFERENCE, _RATIO, _BAND = int(Op.SUM), int(Op.DIFFERENCE), int(Op.RATIO), int(Op.BAND)
_EITHER, _BOTH, _NEITHER, _LARGEST = int(Op.EITHER), int(Op.BOTH), int(Op.NEITHER), int(Op.LARGEST)
_FED, _OBSERVED, _AGE = (CIRCUMSTANCES + int(what) for what in (What.FED, What.OBSERVED, What.FEED_AGE))
_SIN, _COS = CIRCUMSTANCES + int(What.SEASON_SIN), CIRCUMSTANCES + int(What.SEASON_COS)


def finish(plan: Plan, rows: Rows, out: npt.NDArray[np.float32]) -> None:
    """Mark in ``out`` (plan.width or more × the rows or more) what no feed or no whole observation speaks for, and fill the columns of
    the program."""
    absent(plan, rows, out)
    steps = plan.program
    if len(steps):
        said = (rows.t, rows.feeds, rows.place, rows.came, rows.spoken.since, rows.spoken.stays, rows.spoken.age)
        arrays = (*said, steps.op, steps.table, steps.first_part, steps.part, steps.weight, steps.first_cut, steps.cut)
        _work_out(*map(only_read, arrays), steps.first, out)


@compiled
def _work_out(  # type: ignore[no-untyped-def]
    t, feeds, place, came, since, stays, age, op, table, first_part, part, weight, first_cut, cut, first, out
):  # fmt: skip
    held = np.empty(TILE, dtype=np.float64)
    decided, unknown = np.empty(TILE, dtype=np.bool_), np.empty(TILE, dtype=np.bool_)
    for begin in range(0, t.shape[0], TILE):
        size = min(begin + TILE, t.shape[0]) - begin
        until = begin + size
        for i in range(op.shape[0]):
            what, parts, ends, to = op[i], first_part[i], first_part[i + 1], out[first + i, begin:until]
            if what >= CIRCUMSTANCES:
                for k in range(size):
                    row = begin + k
                    days = observed_days(t[row], place[row], came[row], since, stays, table[i])
                    to[k] = _circumstance(what, t[row], feeds[row], days, age[place[row], table[i]], table[i])
                continue
            one = out[part[parts], begin:until]
            if what == _SUM:
                held[:size] = 0.0
                for j in range(parts, ends):
                    _add(held, weight[j], out[part[j], begin:until])
                _give(held, to)
            elif what == _DIFFERENCE:
                _difference(one, out[part[parts + 1], begin:until], to)
            elif what == _RATIO:
                _ratio(one, out[part[parts + 1], begin:until], to)
            elif what == _BAND:
                held[:size] = 0.0
                for j in range(first_cut[i], first_cut[i + 1]):
                    _reach(held, cut[j], one)
                _give(held, to)
            elif what == _LARGEST:
                held[:size] = -np.inf
                for j in range(parts, ends):
                    _raise(held, out[part[j], begin:until])
                _give(held, to)
            else:
                decided[:size], unknown[:size] = False, False
                for j in range(parts, ends):
                    _decide(decided, unknown, out[part[j], begin:until], what == _BOTH)
                _conclude(decided, unknown, what == _EITHER, to)


@compiled
def _circumstance(what, t, feeds, days, age, table):  # type: ignore[no-untyped-def]
    if what in (_SIN, _COS):
        turn = 2 * np.pi * (t % 365.25) / 365.25
        return np.sin(turn) if what == _SIN else np.cos(turn)
    fed = (feeds >> np.uint64(table)) & np.uint64(1) == np.uint64(1)
    if what == _FED:
        return 1.0 if fed else 0.0
    if fed and what == _AGE:
        return np.float64(age)
    if fed and what == _OBSERVED:
        return np.float64(min(OBSERVED_AT_MOST, max(0, days)))
    return np.nan


@compiled
def _give(held, to):  # type: ignore[no-untyped-def]
    for k in range(to.shape[0]):
        to[k] = held[k]


@compiled
def _add(held, weight, part):  # type: ignore[no-untyped-def]
    # What is absent makes the sum absent.
    for k in range(part.shape[0]):
        held[k] += weight * np.float64(part[k])


@compiled
def _reach(held, cut, part):  # type: ignore[no-untyped-def]
    for k in range(part.shape[0]):
        one = np.float64(part[k])
        held[k] = held[k] + (1.0 if one >= cut else 0.0) if one == one else np.nan


@compiled
def _raise(held, part):  # type: ignore[no-untyped-def]
    for k in range(part.shape[0]):
        one = np.float64(part[k])
        held[k] = np.nan if one != one or held[k] != held[k] else (one if one > held[k] else held[k])


@compiled
def _difference(one, other, to):  # type: ignore[no-untyped-def]
    for k in range(to.shape[0]):
        to[k] = np.float64(one[k]) - np.float64(other[k])


@compiled
def _ratio(one, other, to):  # type: ignore[no-untyped-def]
    for k in range(to.shape[0]):
        below = np.float64(other[k])
        to[k] = np.float64(one[k]) / below if below != 0 else np.nan


@compiled
def _decide(decided, unknown, part, decides):  # type: ignore[no-untyped-def]
    for k in range(part.shape[0]):
        held = part[k]
        known = held == held
        decided[k] |= known & ((held == 0) == decides)
        unknown[k] |= not known


@compiled
def _conclude(decided, unknown, either, to):  # type: ignore[no-untyped-def]
    yes, no = np.float32(1.0 if either else 0.0), np.float32(0.0 if either else 1.0)
    for k in range(to.shape[0]):
        to[k] = yes if decided[k] else (np.float32(np.nan) if unknown[k] else no)
