"""Stage B: batches of facts, whoever made them, through the kernel; a person cut by a batch's edge is carried over."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pyarrow as arrow

from features.engine import kernel
from features.engine.plan import Plan

_COLUMNS = ("person_id", "start", "end", "known_at", "known_until", "group", "value")


def fill(
    plan: Plan,
    batches: Iterable[arrow.RecordBatch],
    person_id: np.ndarray,
    t: np.ndarray,
    feeds: np.ndarray,
    done: Callable[[int], None] = lambda _: None,
) -> np.ndarray:
    """The matrix (float32, rows × predictors) of the rows ``person_id`` (int64, sorted), ``t`` (int32, days since
    1970-01-01) and ``feeds`` (uint64 masks). ``batches`` hold facts sorted by person; ``done`` is told how many rows are
    finished."""
    out = np.empty((len(person_id), len(plan.predictors)), dtype=np.float32)
    carried: list[np.ndarray] | None = None
    row = 0
    for batch in batches:
        columns = [batch.column(batch.schema.get_field_index(name)).to_numpy(zero_copy_only=False) for name in _COLUMNS]
        if carried is not None:
            columns = [np.concatenate(pair) for pair in zip(carried, columns, strict=True)]
        if not len(columns[0]):
            continue
        whole = int(np.searchsorted(columns[0], columns[0][-1]))
        until = int(np.searchsorted(person_id, columns[0][-1]))
        _call(plan, [column[:whole] for column in columns], person_id, t, feeds, out, row, until)
        done(until - row)
        row = until
        carried = [column[whole:] for column in columns]
    empty = [np.empty(0, dtype=type_) for type_ in (np.int64, *[np.int32] * 5, np.float64)]
    _call(plan, carried or empty, person_id, t, feeds, out, row, len(person_id))
    done(len(person_id) - row)
    return out


def _call(plan: Plan, facts: list[np.ndarray], person_id: np.ndarray, t: np.ndarray, feeds: np.ndarray,
          out: np.ndarray, row: int, until: int) -> None:  # fmt: skip
    if until > row:
        rows = (person_id[row:until], t[row:until], feeds[row:until])
        planned = (plan.first_of_class, plan.predictor_of, plan.kind, plan.within, plan.lasting, plan.table_bit)
        kernel.run(*map(_only_read, (*facts, *rows, *planned)), out[row:until])


def _only_read(array: np.ndarray) -> np.ndarray:
    """A view that may not be written: Arrow's arrays may not, and the kernel is compiled once for each kind of array."""
    view = np.ascontiguousarray(array).view()
    view.setflags(write=False)
    return view
