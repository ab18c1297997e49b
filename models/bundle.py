"""A released model: a folder that holds all that scoring needs, and refuses to be other than what was released.

bundle.json      what it predicts, its predictors with the hash of each, bands, feed patterns, SHA-256 of the files
model.txt        the trees, in LightGBM's own text
calibrator.json  the curve from raw score to probability, and the interval around it
report.json      how it was judged
card.md          the same, for people
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

import lightgbm
import numpy as np
import numpy.typing as npt

from features.errors import BadInput, Refused
from features.record.tables import PERSON_TABLES
from models.baselines import Logistic
from models.calibrate import Calibrator
from models.explain import Contributor
from models.patterns import Curves, Pattern
from models.person_interval import PersonInterval
from models.train import booster_of

BUNDLE, MODEL, CALIBRATOR, BASELINES = "bundle.json", "model.txt", "calibrator.json", "baselines.json"
REPORT, CARD = "report.json", "card.md"
FILES = (MODEL, CALIBRATOR, BASELINES, REPORT, CARD)
FORMAT = 1
#: Share of training rows below which a pattern of feeds counts as not seen.
RAREST_PATTERN = 0.005


class Bands(NamedTuple):
    """Lowest probability (0-1) of the high and of the medium band."""

    high: float
    medium: float


class Declared(Protocol):
    """What a bundle asks of a predictor's declaration."""

    @property
    def name(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...


P = TypeVar("P", bound=Declared)


@dataclass(frozen=True)
class Bundle:
    """A released model, loaded by :meth:`load`. ``feed_patterns`` maps each pattern of available feeds (a mask of the record's
    tables, of those in ``tables`` alone) that training saw to its share of the training rows."""

    folder: Path
    name: str
    version: int
    outcome: str
    horizon: int
    minimum_age: int
    names: tuple[str, ...]
    fingerprints: tuple[str, ...]
    tables: tuple[str, ...]
    feed_patterns: Mapping[int, float]
    bands: Bands
    dates: Mapping[str, Any]
    about: Mapping[str, str]
    provenance: Mapping[str, Any]
    sha256: str
    calibrator: Calibrator
    booster: lightgbm.Booster = field(repr=False)
    threads: int = 0
    sureness: PersonInterval | None = field(default=None, repr=False)
    patterns: tuple[Pattern, ...] = field(default=(), repr=False)

    @classmethod
    def load(cls, folder: Path, *, sha256: str | None = None, threads: int = 0) -> Bundle:
        """The bundle in ``folder``, every file checked against its hash, and the whole against ``sha256`` where given.

        :class:`BadInput` where there is none, :class:`Refused` where a file is not the one that was released.
        """
        folder = Path(folder)
        held = _read(folder)
        if sha256 is not None and held["sha256"] != sha256:
            raise Refused(f"the model in {folder} is not the one that was asked for: its fingerprint is another; nothing was loaded")  # fmt: skip
        texts = {name: _checked(folder, name, held["files"][name]) for name in FILES}
        curve = json.loads(texts[CALIBRATOR])
        return cls(
            folder=folder,
            **{key: held[key] for key in ("name", "version", "outcome", "horizon", "minimum_age", "dates", "about", "provenance", "sha256")},
            names=tuple(predictor["name"] for predictor in held["predictors"]),
            fingerprints=tuple(predictor["fingerprint"] for predictor in held["predictors"]),
            tables=tuple(held["tables"]),
            feed_patterns={mask_of(pattern["tables"]): pattern["share"] for pattern in held["feed_patterns"]},
            bands=Bands(held["bands"]["high"], held["bands"]["medium"]),
            calibrator=Calibrator.from_json(curve),
            sureness=PersonInterval.from_json(curve["interval"]) if curve.get("interval") else None,
            patterns=tuple(Pattern.from_json(each) for each in curve.get("patterns", ())),
            booster=booster_of(texts[MODEL].decode()),
            threads=threads,
        )  # fmt: skip

    @cached_property
    def report(self) -> dict[str, Any]:
        """How the model was judged when it was made."""
        return json.loads((self.folder / REPORT).read_text())

    @cached_property
    def baseline(self) -> Logistic:
        """The logistic model fitted to the same rows."""
        return Logistic.from_json(json.loads((self.folder / BASELINES).read_text())["logistic"])

    def raw(self, X: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Raw scores (n,), log-odds before calibration, of rows (n, p) in the order of ``names``; NaN where absent."""
        return np.asarray(self.booster.predict(self._fits(X), raw_score=True, num_threads=self.threads), np.float64)

    def probability(
        self, raw: npt.NDArray[np.float64], feeds: npt.NDArray[np.uint64] | None = None
    ) -> npt.NDArray[np.float64]:
        """Probabilities (n,), strictly within 0 and 1, in the same order as the raw scores of people of one pattern of ``feeds`` (n,);
        without it, of people whose every feed came."""
        return self.curves.probability(raw, feeds)

    def interval(
        self, raw: npt.NDArray[np.float64], feeds: npt.NDArray[np.uint64] | None = None
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Lowest and highest probability (n,) that a raw score may stand for (:mod:`models.person_interval`), its probability within;
        NaN of a model that was released without, and of a pattern of ``feeds`` for which none was shown to hold."""
        return self.curves.bounds(raw, feeds)

    @cached_property
    def curves(self) -> Curves:
        """What a raw score means, by the feeds that came."""
        return Curves(
            self.calibrator, self.sureness, frozenset(self.feed_patterns), mask_of(self.tables), self.patterns
        )

    @cached_property
    def served(self) -> frozenset[int]:
        """Patterns of feeds (masks of ``tables``) that the model may score: those that training saw, and those less a feed whose curve
        held on the people who tested it."""
        return self.curves.served

    def contributions(self, X: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Contributions (n, p + 1), the baseline last; each row adds up to its raw score."""
        return self.contributor(self._fits(X), self.threads)

    @cached_property
    def contributor(self) -> Contributor:
        """The model laid out for explanation, made when it is first asked for."""
        return Contributor.of(self.booster.model_to_string(num_iteration=-1))

    def serves(self, mask: int) -> bool:
        """Whether the model may score people with these feeds: only those that its predictors read matter."""
        return int(mask) & mask_of(self.tables) in self.served

    def check(self, predictors: Sequence[P]) -> tuple[P, ...]:
        """The declarations that the model was trained on, in its order, picked from ``predictors``.

        :class:`Refused` where one is missing or means something else now: a number of another meaning gives a wrong score
        and says nothing.
        """
        declared = {predictor.name: predictor for predictor in predictors}
        missing = [name for name in self.names if name not in declared]
        changed = [
            name
            for name, fingerprint in zip(self.names, self.fingerprints, strict=True)
            if name in declared and declared[name].fingerprint != fingerprint
        ]
        if missing or changed:
            found = [f"{len(names)} {how} ({', '.join(names[:5])}{', …' if len(names) > 5 else ''})"
                     for how, names in (("no longer declared", missing), ("declared otherwise", changed)) if names]  # fmt: skip
            raise Refused(
                f"{self.name} version {self.version} cannot score: of the predictors that it was trained on, "
                f"{' and '.join(found)}; train the model again"
            )
        return tuple(declared[name] for name in self.names)

    def _fits(self, X: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        if X.ndim != 2 or X.shape[1] != len(self.names):
            raise BadInput(f"{self.name} version {self.version}: expected rows of {len(self.names)} predictors, found an array of shape {X.shape}")  # fmt: skip
        return X


def mask_of(tables: Sequence[str]) -> int:
    """Mask of the record's tables named."""
    return sum(1 << PERSON_TABLES.index(table) for table in tables)


def fingerprint(held: Mapping[str, Any]) -> str:
    """SHA-256 of a bundle's facts, which hold those of its files."""
    facts = {key: value for key, value in held.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _read(folder: Path) -> dict[str, Any]:
    path = folder / BUNDLE
    if not path.is_file():
        raise BadInput(
            f"expected a released model in {folder}, found no {BUNDLE}; `frailty models` lists those there are"
        )
    try:
        held = json.loads(path.read_text())
    except ValueError as error:
        raise Refused(
            f"{path} is not what was released: it is not readable as JSON; release the model again"
        ) from error
    if held.get("format") != FORMAT:
        raise Refused(f"{path} has format {held.get('format')}; this version reads format {FORMAT}")
    if fingerprint(held) != held.get("sha256"):
        raise Refused(f"{path} is not what was released: its SHA-256 is another; nothing was loaded; restore it or release the model again")  # fmt: skip
    return held


def _checked(folder: Path, name: str, expected: str) -> bytes:
    path = folder / name
    if not path.is_file():
        raise Refused(f"{path} is missing: the model is not whole; restore it or release the model again")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != expected:
        raise Refused(f"{path} is not what was released: its SHA-256 is another; nothing was loaded; restore it or release the model again")  # fmt: skip
    return content
