"""Feeds: the deliveries that an extract declares become rows of the table ``feed``, and every row names one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as arrow
import pyarrow.compute as pc

from features.errors import BadInput
from features.record.casting import cast, reason
from features.record.keys import feed_identity
from features.record.quarantine import Faults
from features.record.tables import PERSON_TABLES, TABLES
from features.record.validation import validate

FEED = TABLES["feed"]
_IDENTITY = ("source", "table_name", "organisation_scheme", "organisation", "covers")
_NO_DAY = 2**31 - 1


def read_feeds(frame: arrow.Table) -> tuple[list[str], arrow.Table, Faults]:
    """The feed rows of an extract: keys and rows (in the columns of ``feed``) of those that fit, and faults of the others.

    :class:`BadInput` where a key names two deliveries.
    """
    keys = cast(frame["feed"], arrow.string())[0].to_pylist()
    twice = sorted(key for key, times in Counter(keys).items() if key is not None and times > 1)
    if twice:
        raise BadInput(
            f"the feed file: expected each feed key once, found more than one row of {', '.join(twice[:10])}"
        )
    faults = Faults(frame.num_rows)
    typed: dict[str, arrow.Array] = {}
    for name, type_ in FEED.columns.items():
        if name in frame.column_names:
            typed[name], bad = cast(frame[name], type_)
            if bad is not None:
                faults.add(bad, name, reason(type_))
        elif name != "feed_id":
            typed[name] = arrow.nulls(frame.num_rows, type_)
    faults.add(np.array([key is None for key in keys], dtype=bool), "feed", "missing")
    known = pc.is_in(typed["table_name"], arrow.array(PERSON_TABLES))
    faults.add(
        pc.and_not(pc.is_valid(typed["table_name"]), known).to_numpy(zero_copy_only=False), "table_name", "not_allowed"
    )
    rows = arrow.table({"feed_id": _identities(typed), **typed}).select(list(FEED.columns))
    validate(FEED, rows, faults)
    good = ~faults.bad
    return [key for key, fits in zip(keys, good, strict=True) if fits], rows.filter(good), faults


def _identities(typed: Mapping[str, arrow.Array]) -> arrow.Array:
    """``feed_id`` of each row; 0 where a part of it is missing (which is a fault of its own)."""
    parts = zip(*(typed[name].to_pylist() for name in _IDENTITY), strict=True)
    return arrow.array([feed_identity(*row) if all(row) else 0 for row in parts], arrow.int64())


@dataclass(frozen=True)
class Deliveries:
    """The deliveries that rows may name by key: feed, table that it feeds, and the newest day on which it was received
    (days since 1970), as far as this extract and the record know."""

    position: Mapping[str, int]
    feed_id: np.ndarray
    table: np.ndarray
    received: np.ndarray

    @classmethod
    def of(cls, keys: list[str], feeds: arrow.Table, held: Mapping[int, int]) -> Deliveries:
        """``feeds`` are accepted feed rows, named by ``keys``; ``held`` is the newest day that the record holds of each
        feed."""
        newest = dict(held)
        ids = feeds["feed_id"].to_pylist()
        days = feeds["known_at"].cast(arrow.int32()).to_pylist()
        for feed, day in zip(ids, days, strict=True):
            newest[feed] = max(newest.get(feed, day), day)
        return cls(
            {key: i for i, key in enumerate(keys)},
            np.array([*ids, 0], dtype=np.int64),
            np.array([*feeds["table_name"].to_pylist(), ""], dtype=object),
            np.array([*(newest[feed] for feed in ids), _NO_DAY], dtype=np.int64),
        )

    def named(self, keys: arrow.Array) -> np.ndarray:
        """Position of the delivery that each row names; the last one, which stands for none, where there is none."""
        encoded = keys.dictionary_encode()
        known = np.array([self.position.get(key, -1) for key in encoded.dictionary.to_pylist()] + [-1], dtype=np.int64)
        return known[pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)]
