"""What is done to a row once its facts have been passed over: what is absent, and what is worked out from the rest."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from features.engine.arrange import only_read
from features.engine.compiling import compiled
from features.engine.language import OBSERVED_AT_MOST, Op, What
from features.engine.plan import Plan
from features.engine.program import CIRCUMSTANCES
from features.engine.rows import Rows

_SUM, _DIFFERENCE, _RATIO, _BAND = int(Op.SUM), int(Op.DIFFERENCE), int(Op.RATIO), int(Op.BAND)
_EITHER, _BOTH, _NEITHER, _LARGEST = int(Op.EITHER), int(Op.BOTH), int(Op.NEITHER), int(Op.LARGEST)
_FED, _OBSERVED, _AGE = (CIRCUMSTANCES + int(what) for what in (What.FED, What.OBSERVED, What.FEED_AGE))
#: Rows that are finished together.
TILE = 64
_SIN, _COS = CIRCUMSTANCES + int(What.SEASON_SIN), CIRCUMSTANCES + int(What.SEASON_COS)


def finish(plan: Plan, rows: Rows, out: npt.NDArray[np.float32]) -> None:
    """Mark in ``out`` (rows × plan.width) what no feed or no whole observation speaks for, and fill the columns of the program."""
    _absent(*map(only_read, (rows.t, rows.feeds, rows.observed, plan.table_of, plan.claims)), out)
    steps = plan.program
    if len(steps):
        arrays = (rows.t, rows.feeds, rows.observed, rows.age, steps.op, steps.table, steps.first_part, steps.part,
                  steps.weight, steps.first_cut, steps.cut)  # fmt: skip
        _work_out(*map(only_read, arrays), steps.first, out)


@compiled
def _absent(t, feeds, observed, table_of, claims, out):  # type: ignore[no-untyped-def]
    tables = observed.shape[1]
    read = np.zeros(tables, dtype=np.bool_)
    longest = np.zeros(tables, dtype=np.int64)
    for c in range(table_of.shape[0]):
        read[table_of[c]] = True
        longest[table_of[c]] = max(longest[table_of[c]], claims[c])
    fed = np.zeros(tables, dtype=np.bool_)
    unseen = np.zeros(tables, dtype=np.int64)
    for row in range(out.shape[0]):
        whole = True
        for table in range(tables):
            fed[table] = (feeds[row] >> np.uint64(table)) & np.uint64(1) == np.uint64(1)
            # Windows longer than this begin before the observation.
            unseen[table] = np.int64(t[row]) - np.int64(observed[row, table])
            if read[table] and (not fed[table] or 0 < longest[table] > unseen[table]):
                whole = False
        if whole:
            continue
        for c in range(table_of.shape[0]):
            table = table_of[c]
            if not fed[table] or (0 < claims[c] > unseen[table] and out[row, c] == 0):
                out[row, c] = np.nan


@compiled
def _work_out(t, feeds, observed, age, op, table, first_part, part, weight, first_cut, cut, first, out):  # type: ignore[no-untyped-def]  # fmt: skip
    # A step for some rows that stay in the cache, then the next step: what a step is need not be told anew for each row.
    for begin in range(0, out.shape[0], TILE):
        until = min(begin + TILE, out.shape[0])
        for i in range(op.shape[0]):
            what, parts, ends, to = op[i], first_part[i], first_part[i + 1], first + i
            if what >= CIRCUMSTANCES:
                for row in range(begin, until):
                    out[row, to] = _circumstance(
                        what, t[row], feeds[row], observed[row, table[i]], age[row, table[i]], table[i]
                    )
            elif what in (_EITHER, _BOTH, _NEITHER):
                for row in range(begin, until):
                    out[row, to] = _logic(what, out, row, part, parts, ends)
            else:
                for row in range(begin, until):
                    out[row, to] = _arithmetic(
                        what, out, row, part, weight, parts, ends, cut, first_cut[i], first_cut[i + 1]
                    )


@compiled
def _circumstance(what, t, feeds, observed, age, table):  # type: ignore[no-untyped-def]
    if what in (_SIN, _COS):
        turn = 2 * np.pi * (t % 365.25) / 365.25
        return np.sin(turn) if what == _SIN else np.cos(turn)
    fed = (feeds >> np.uint64(table)) & np.uint64(1) == np.uint64(1)
    if what == _FED:
        return 1.0 if fed else 0.0
    if fed and what == _AGE:
        return np.float64(age)
    if fed and what == _OBSERVED:
        return np.float64(min(OBSERVED_AT_MOST, max(0, np.int64(t) - np.int64(observed))))
    return np.nan


@compiled
def _logic(what, out, row, part, begin, until):  # type: ignore[no-untyped-def]
    decides = what == _BOTH
    decided, unknown = False, False
    for j in range(begin, until):
        held = out[row, part[j]]
        if np.isnan(held):
            unknown = True
        elif (held == 0) == decides:
            decided = True
    if decided:
        return 1.0 if what == _EITHER else 0.0
    if unknown:
        return np.nan
    return 0.0 if what == _EITHER else 1.0


@compiled
def _arithmetic(what, out, row, part, weight, begin, until, cut, cut_from, cut_to):  # type: ignore[no-untyped-def]
    for j in range(begin, until):
        if np.isnan(out[row, part[j]]):
            return np.nan
    one = np.float64(out[row, part[begin]])
    if what == _SUM:
        total = 0.0
        for j in range(begin, until):
            total += weight[j] * np.float64(out[row, part[j]])
        return total
    if what == _DIFFERENCE:
        return one - np.float64(out[row, part[begin + 1]])
    if what == _RATIO:
        below = np.float64(out[row, part[begin + 1]])
        return one / below if below != 0 else np.nan
    if what == _BAND:
        reached = 0.0
        for j in range(cut_from, cut_to):
            if one >= cut[j]:
                reached += 1.0
        return reached
    for j in range(begin, until):
        one = max(one, np.float64(out[row, part[j]]))
    return one
