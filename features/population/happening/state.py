"""What is true of everyone at one moment: plain vectors over people, and nothing about what anybody wrote down."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Days = npt.NDArray[np.int32]
Small = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]
Index = npt.NDArray[np.int64]

#: Days are counted from 1970-01-01; these stand for long ago and never.
LONG_AGO, NEVER = np.int32(-100_000), np.int32(1_000_000)
OWN_HOME, SHELTERED, EXTRA_CARE, SUPPORTED, CARE_HOME, NURSING_HOME = range(6)
#: Stages of home care from the council.
NO_CARE, REQUESTED, ASSESSED, IN_CARE = range(4)


@dataclass
class State:
    """Vectors of equal length, one element a person (``has`` and ``ratios`` have one row a condition or cause)."""

    birth: Days  # first day of the month of birth
    female: Flags
    decile: Small  # deprivation decile of the address, 1 the most deprived
    smoking: Small  # 0 never, 1 ex, 2 current
    drinker: Flags
    self_funder: Flags  # would pay for care, so that the council never hears
    robust: Floats  # own departure from the frailty usual at that age
    pace: Floats  # own pace of decline, 1 the usual
    lasting: Floats  # unseen proneness to admission that lasts
    frailty: Floats
    setback: Floats  # frailty on top, after illness; most of it is recovered
    swing: Floats  # proneness that drifts over a year or two
    flare: Floats  # proneness of weeks
    has: Flags  # (conditions, people)
    ratios: Floats  # (causes + 1, people): rate ratio of the person's conditions; the last row is death's
    present: Flags  # alive and living in the area
    dies: Days  # day of death once it is drawn, else NEVER
    fate: Floats  # chance, drawn for the present stay, of dying in it
    living: Small
    alone: Flags
    carer: Flags  # has an unpaid carer
    caring: Flags  # is one
    stage: Small
    hours: Floats  # home-care hours a week from the council
    nursed: Flags  # on the community nurses' caseload
    reablement: Days  # its last day
    out: Days  # day of discharge; in hospital while it lies ahead
    left: Days  # last discharge from an emergency stay

    def __len__(self) -> int:
        return len(self.birth)

    def take(self, people: Index | slice) -> State:
        """A copy of these people alone."""
        return State(**{f.name: np.array(getattr(self, f.name)[..., people], order="C") for f in fields(self)})

    def copy(self) -> State:
        return self.take(slice(None))

    def age(self, day: int) -> Floats:
        """Age in years, with its fraction."""
        return ((day - self.birth) / np.float32(365.25)).astype(np.float32)

    @property
    def deprivation(self) -> Floats:
        """From -0.5 (least deprived tenth) to 0.5 (most)."""
        return ((5.5 - self.decile) / 9).astype(np.float32)

    @property
    def in_care_home(self) -> Flags:
        return self.living >= CARE_HOME

    def bits(self, people: Index) -> npt.NDArray[np.uint32]:
        """Which conditions ``people`` have, one bit a condition in the order of ``conditions.CONDITIONS``."""
        weight = (np.uint32(1) << np.arange(len(self.has), dtype=np.uint32))[:, None]
        found: npt.NDArray[np.uint32] = (self.has[:, people] * weight).sum(axis=0, dtype=np.uint32)
        return found

    def softened(self, people: Index | slice = slice(None)) -> Floats:
        """Frailty with setbacks, softened at the lower end: 0 for the robust, about itself for the frail."""
        return np.log1p(np.exp(self.frailty[people] + self.setback[people]))


@dataclass(frozen=True)
class Offers:
    """The chance, in a step, that someone who waits is offered the service: capacity is what makes it small."""

    home_care: float = 0.5
    beds: float = 0.8
    nursing: float = 0.5
    reablement: float = 0.05

    def mean(self, others: list[Offers]) -> Offers:
        """Mean of itself and others."""
        every = [self, *others]
        return replace(self, **{f.name: float(np.mean([getattr(o, f.name) for o in every])) for f in fields(self)})


@dataclass(frozen=True)
class Held:
    """What does not happen in a replay, so that its chance can be summed instead of waited for."""

    admission: bool = False
    fall_admission: bool = False
    death: bool = False
    decline: bool = False  # home care started or increased, move into a care home


NOTHING_HELD = Held()


class Log:
    """True events, kind by kind, as columns; ``take`` empties it."""

    #: Whether anybody listens: what only the log wants need not be worked out for one that keeps nothing.
    keeps = True

    def __init__(self) -> None:
        self._held: dict[str, list[dict[str, Any]]] = {}

    def add(self, kind: str, person: npt.NDArray[Any], **columns: Any) -> None:
        """Events of ``kind`` for ``person`` (indices); scalars are the same for all of them."""
        if len(person):
            row: dict[str, Any] = {"person": person.astype(np.int32)}
            for name, value in columns.items():
                row[name] = np.broadcast_to(np.asarray(value), person.shape)
            self._held.setdefault(kind, []).append(row)

    def take(self) -> dict[str, dict[str, npt.NDArray[Any]]]:
        """What was added since the last time, concatenated."""
        held, self._held = self._held, {}
        return {k: {c: np.concatenate([r[c] for r in rows]) for c in rows[0]} for k, rows in held.items()}


class Unlogged(Log):
    """Keeps nothing: replays need no events."""

    keeps = False

    def add(self, kind: str, person: npt.NDArray[Any], **columns: Any) -> None:
        pass
