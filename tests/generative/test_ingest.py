"""However an extract is split over two ingests, in whatever order they come, the record ends the same; and what is seen at a
date is what a plain reading of the rows says."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from features.record.reader import Record
from tests.extracts import Place, extract, feed, nhs

FIRST = date(2024, 1, 1)
DAYS = 8


@dataclass(frozen=True)
class Version:
    """A version of one stay: ``known`` and ``until`` are days after ``FIRST``; no two versions of a stay say the same."""

    stay: int
    known: int
    until: int | None

    @property
    def row(self) -> dict[str, Any]:
        return {
            "row_key": f"S{self.stay}",
            "nhs_number": nhs(self.stay % 2),
            "event_date": day(-self.stay),
            "known_at": day(self.known),
            "known_until": day(self.until) if self.until is not None else "",
            "specialty": f"{100 + self.known}",
        }


def day(number: int) -> str:
    return str(FIRST + timedelta(days=number))


@st.composite
def versions(draw: st.DrawFn) -> list[Version]:
    known = draw(st.sets(st.tuples(st.integers(0, 2), st.integers(0, DAYS - 1)), min_size=1, max_size=9))
    return [
        Version(stay, at, draw(st.none() | st.integers(at, DAYS)) if draw(st.booleans()) else None)
        for stay, at in sorted(known)
    ]


def held(parts: list[list[Version]]) -> tuple[list[tuple[Any, ...]], dict[int, list[tuple[Any, ...]]]]:
    """All versions after ingesting ``parts`` one after the other, and those seen at each day."""
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder))
        for number, part in enumerate(parts):
            if part:
                rows = [version.row for version in part]
                place.take(extract(Path(folder) / str(number), feeds=[feed("spell")], spell=rows))
        with Record(place.record, purpose="ingest") as record:
            columns = "event_date::VARCHAR, known_at::VARCHAR, known_until::VARCHAR, specialty"
            all_ = record.connection.execute(f"SELECT {columns} FROM spell ORDER BY ALL").fetchall()
            seen = {
                t: record.connection.execute(
                    "SELECT event_date::VARCHAR, specialty FROM spell "
                    "WHERE known_at < $1::DATE AND (known_until IS NULL OR known_until >= $1::DATE) ORDER BY ALL",
                    [day(t)],
                ).fetchall()
                for t in range(DAYS + 2)
            }
    return all_, seen


def plainly_seen(all_: list[Version], t: int) -> list[tuple[Any, ...]]:
    seen = []
    for stay in {version.stay for version in all_}:
        known = [version for version in all_ if version.stay == stay and version.known < t]
        if known:
            newest = max(known, key=lambda version: version.known)
            if newest.until is None or newest.until >= t:
                seen.append((day(-stay), f"{100 + newest.known}"))
    return sorted(seen)


@settings(max_examples=12)
@given(versions(), st.data())
def test_any_split_gives_the_same_record(all_: list[Version], data: st.DataObject) -> None:
    first = data.draw(st.lists(st.booleans(), min_size=len(all_), max_size=len(all_)))
    twice = data.draw(st.sampled_from([[], all_[:1]]))
    parts = [
        [v for v, chosen in zip(all_, first, strict=True) if chosen] + twice,
        [v for v, chosen in zip(all_, first, strict=True) if not chosen],
    ]
    whole, seen = held([all_])
    assert held(parts)[0] == whole
    assert seen == {t: plainly_seen(all_, t) for t in seen}
