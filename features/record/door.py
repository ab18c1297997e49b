"""What of a batch may come in at all, before anything of it is looked at, kept or given a ``person_id``.

Three rules, in this order, for every source: what is legally restricted (:mod:`features.governance.restricted`), who was
forgotten, and who objects to every use. A row that a rule drops is counted and leaves no other trace: not in the record,
nor in quarantine, nor in the identity store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as arrow
import pyarrow.compute as pc

from features.codelists import load as load_codes
from features.coding import NHS_NUMBER
from features.governance.choices import CODES
from features.governance.restricted import DROPPED, LEFT_EMPTY, screen
from features.linkage.identity import IdentityStore
from features.record.casting import cast
from features.sources.contract import IDENTIFIERS

#: What is taken in of somebody who objects: that they do.
OF_OBJECTORS = frozenset({"objection"})


@dataclass(frozen=True)
class Passed:
    """``frame``: the rows that may come in; ``kept``: a flag for each row that was there; ``dropped`` by rule; ``noted``."""

    frame: arrow.Table
    kept: np.ndarray
    dropped: dict[str, int]
    noted: dict[str, int]


class Door:
    """Stands before one source."""

    def __init__(self, source: str, identity: IdentityStore, turned_away: Sequence[int]) -> None:
        self.source, self.identity = source, identity
        self._turned_away = np.asarray(sorted(turned_away), dtype=np.int64)

    def let_in(self, table: str, frame: arrow.Table) -> Passed:
        """The rows of a native batch of ``table`` that may come in."""
        screened = screen(table, frame)
        kept, dropped = screened.kept, {}
        if screened.dropped:
            dropped[DROPPED] = screened.dropped
        noted = {LEFT_EMPTY: screened.left_empty} if screened.left_empty else {}
        frame = screened.frame
        nhs, local = identifiers(frame)
        out = self.identity.forgets(nhs, self.source, local)
        frame, kept = _without(frame, kept, out, "forgotten", dropped)
        if len(self._turned_away):
            nhs, local = identifiers(frame)
            people = self.identity.find(nhs, self.source, local)
            out = np.isin(people, self._turned_away) & ~_says_so(table, frame)
            frame, kept = _without(frame, kept, out, "objects", dropped)
        return Passed(frame, kept, dropped, noted)


def identifiers(frame: arrow.Table) -> tuple[arrow.Array, arrow.Array]:
    """Each row's well-formed NHS number and local id, or null."""
    given = _text(frame, IDENTIFIERS[0]).dictionary_encode()
    bare = pc.replace_substring_regex(given.dictionary, r"[\s-]", "").to_pylist()
    good = arrow.array([text if NHS_NUMBER.well_formed(text) else None for text in bare], arrow.string())
    return good.take(given.indices), _text(frame, IDENTIFIERS[1])


def _without(
    frame: arrow.Table, kept: np.ndarray, out: np.ndarray | None, rule: str, dropped: dict[str, int]
) -> tuple[arrow.Table, np.ndarray]:
    """``frame`` without the rows ``out`` (of those kept so far), counted under ``rule``."""
    if out is None or not out.any():
        return frame, kept
    dropped[rule] = int(out.sum())
    still = kept.copy()
    still[np.flatnonzero(kept)[out]] = False
    return frame.filter(arrow.array(~out)), still


def _says_so(table: str, frame: arrow.Table) -> np.ndarray:
    """Rows by which somebody objects, or takes it back."""
    if table in OF_OBJECTORS:
        return np.ones(frame.num_rows, dtype=bool)
    if table != "gp_event" or "code" not in frame.column_names:
        return np.zeros(frame.num_rows, dtype=bool)
    codes = arrow.array(load_codes(CODES).codes, arrow.string())
    found = pc.is_in(_text(frame, "code"), codes)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


def _text(frame: arrow.Table, name: str) -> arrow.Array:
    if name not in frame.column_names:
        return arrow.nulls(frame.num_rows, arrow.string())
    return cast(frame[name], arrow.string())[0]
