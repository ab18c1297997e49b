"""Linking: everybody without an NHS number against everybody with one, by what the identity store holds sealed.

Whoever has an NHS number was found by it when their rows came in. What is left is compared by :mod:`~features.linkage.matching`,
decided by :mod:`~features.linkage.choosing`, and written as dated links. Names, birth dates and postcodes are opened in memory alone; what
does not fit goes into a folder of the identity store's own, which is removed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as arrow
import pyarrow.compute as pc

from features.linkage import links
from features.linkage.choosing import LINKED, THRESHOLD, choose
from features.linkage.identity import IdentityStore
from features.linkage.links import Link
from features.linkage.matching import Matched, match
from features.linkage.particulars import Descriptions, descriptions
from features.linkage.pile import REJECTED, SEPARATED
from features.progress import SILENT, Progress
from features.record.one_person import PROBABLE
from features.record.reader import Record


@dataclass(frozen=True)
class Linked:
    """What linking did: how many people with and without a number were compared, the pairs ``chosen``
    (:func:`~features.linkage.choosing.choose`)."""

    numbered: int
    loose: int
    chosen: pd.DataFrame

    @property
    def made(self) -> pd.DataFrame:
        return self.chosen[self.chosen["standing"] == LINKED]


def link(
    record: Path,
    identity: IdentityStore,
    folder: Path,
    day: date,
    *,
    threshold: float = THRESHOLD,
    memory: str = "1GB",
    progress: Progress = SILENT,
) -> Linked:
    """Link, and add the links to the record and the pile to the identity store. ``day`` is when the links count as known;
    ``folder`` is the identity store's."""
    progress.stage("reading descriptions")
    told = _told(record, identity)
    progress.stage("comparing")
    with _spill(folder) as spill:
        matched = _matched(told, spill, memory)
    said = [(pair.other_person_id, pair.person_id) for pair in identity.pile.pairs(REJECTED, SEPARATED)]
    apart = {*said, *((one, other) for other, one in said)}
    chosen = choose(matched.pairs.to_pandas(), told.source, told.taken, apart, threshold)
    done = Linked(_people(told.numbered), _people(told.loose), chosen)
    progress.stage("writing links")
    made = done.made[["person_id", "other_person_id", "probability"]].to_numpy(dtype=object).tolist()
    rows = [Link(person, other, True, PROBABLE, probability) for person, other, probability in made]
    links.add(record, identity, rows, day)
    identity.pile.put(chosen, day)
    identity.commit()
    return done


def compare(
    record: Path, identity: IdentityStore, folder: Path, *, memory: str = "1GB", progress: Progress = SILENT
) -> dict[str, str]:
    """splink's charts of the model that the data give now, as whole HTML pages by title. Nothing is linked."""
    progress.stage("comparing")
    with _spill(folder) as spill:
        return _matched(_told(record, identity), spill, memory, charts=True).charts


def _told(record: Path, identity: IdentityStore) -> Descriptions:
    with Record(record, purpose="ingest", follow="all") as held:
        reads = {p.person_id: p.one for p in held.same if p.known_until is None and p.one != p.person_id}
    with Record(record, purpose="ingest") as held:
        said = held.connection.execute("SELECT person_id, arg_max(sex, known_at) FROM person GROUP BY 1").fetchall()
    return descriptions(identity, dict(said), reads)


def _matched(told: Descriptions, spill: Path, memory: str, charts: bool = False) -> Matched:
    if not told.loose.num_rows or not told.numbered.num_rows:
        return Matched.none()
    return match(told.numbered, told.loose, spill, memory=memory, charts=charts)


def _people(rows: arrow.Table) -> int:
    return len(pc.unique(rows["person_id"]))


@contextmanager
def _spill(folder: Path) -> Iterator[Path]:
    """A folder that only its owner may read, and that is gone afterwards."""
    spill = Path(tempfile.mkdtemp(prefix="linking-", dir=folder))
    try:
        yield spill
    finally:
        shutil.rmtree(spill, ignore_errors=True)
