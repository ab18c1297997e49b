"""Simulated areas in a work folder: their records, true risks, and one matrix each for every outcome. Made once, and gone on with."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from features.linkage.identity import IdentityStore
from features.outcomes import Outcome
from features.population.area import simulate
from features.predictors import CATALOGUE
from features.progress import Progress
from features.record.ingest import ingest
from features.record.reader import Record
from features.sources import open_source
from features.standing import ADULT
from models.dataset import Dataset
from risk import truth as truths
from risk.dataset import Keep, Part, Wanted, gather
from risk.laying import mapped
from risk.settings import Settings, load

#: After the last day that the simulator writes of.
INGESTED = date(2024, 12, 2)
#: Names the matrix of the predictors as they are declared now.
DECLARED = hashlib.sha256("".join(predictor.fingerprint for predictor in CATALOGUE).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Area:
    """An area of so many people who ever live in it over so many years; ``told``: with its true risks."""

    folder: Path
    people: int
    seed: int
    years: int
    told: bool = False

    @property
    def settings(self) -> Settings:
        return load(home=self.folder / "home", today=INGESTED, environment="test")

    @property
    def record(self) -> Path:
        return self.folder / "record"

    @property
    def truth(self) -> Path:
        return self.folder / "truth"

    def made(self, progress: Progress) -> Area:
        """Simulate and ingest it, unless that was done."""
        done = self.folder / "made.json"
        facts = {"people": self.people, "seed": self.seed, "years": self.years, "told": self.told}
        if done.is_file() and json.loads(done.read_text()) == facts:
            return self
        if self.folder.exists():
            shutil.rmtree(self.folder)
        extract = self.folder / "extract"
        simulate(self.people, self.seed, self.years, out=extract, truth=self.truth if self.told else None, progress=progress)  # fmt: skip
        settings = self.settings
        with IdentityStore.open(settings.identity_folder, settings.identity_key_file) as identity:
            ingest(open_source("native", extract), self.record, identity, progress=progress, today=INGESTED)
        shutil.rmtree(extract)
        done.write_text(json.dumps(facts))
        return self

    def gathered(
        self,
        outcome: Outcome,
        horizon: int,
        days: Sequence[date],
        progress: Progress,
        keep: Keep | None,
        part: Part | None,
    ) -> Dataset:
        """The rows of an outcome at ``days``, on disk; the predictors of all that ``keep`` says are worked out once."""
        written = self.folder / f"matrix-{DECLARED}.parquet"
        wanted = Wanted(outcome, horizon, days, ADULT, keep, part, self.folder / "scratch", matrix=written)
        with Record(self.record, purpose="training") as record:
            return gather(record, wanted, progress).data

    def with_truth(self, data: Dataset, outcome: str, horizon: int, days: Sequence[date]) -> Dataset:
        """With the true risk, where the simulator writes that outcome's."""
        known = truths.read(self.truth, self.settings, outcome, horizon, days)
        return data if known is None else replace(data, truth=known.of(data.person_id, data.index_date))


def stacked(parts: Sequence[Dataset], scratch: Path) -> Dataset:
    """The rows of several areas as one data set, on disk where they are more than one's, without true risks."""
    if len(parts) == 1:
        return parts[0]
    X, at = mapped(sum(map(len, parts)), len(parts[0].names), scratch), 0
    for part in parts:
        X[at : at + len(part)] = part.X
        at += len(part)
    first = parts[0]
    return replace(
        first,
        X=X,
        y=np.concatenate([part.y for part in parts]),
        person_id=np.concatenate([part.person_id for part in parts]),
        index_date=np.concatenate([part.index_date for part in parts]),
        past=np.concatenate([part.past for part in parts]),
        feeds=np.concatenate([part.feeds for part in parts]),
        truth=None,
        slices=pd.concat([part.slices for part in parts], ignore_index=True),
        weight=None if first.weight is None else np.concatenate([part.weight for part in parts if part.weight is not None]),
    )  # fmt: skip
