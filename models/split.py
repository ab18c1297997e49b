"""Who trains, who calibrates and who tests, and at which dates.

People are split once, by a hash of who they are: a person is in one part at every date, in every model. Dates are split so
that the future stays unseen: every training window ``[t, t + horizon)`` ends by the first calibration date, and every
calibration window by the first test date. Dates in between are purged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from features.errors import Refused

PARTS = ("train", "calibrate", "test")
#: Hundredths of the people in training and calibration; the others test.
TRAIN, CALIBRATE = 70, 15
#: Training dates at most, the latest: older ones add little and resemble today less.
MOST_DATES = 8

_SALT, _FOLD_SALT, _HELD_SALT = 0x5EED_0F_9EA7, 0xF01D_0F_9EA7, 0x4E1D_0F_9EA7


def hundredth(person_id: npt.NDArray[np.int64], salt: int = _SALT) -> npt.NDArray[np.int64]:
    """0-99 of each person, evenly and for ever: the finaliser of the splitmix64 generator (Steele, Lea and Flood 2014)."""
    mixed = person_id.astype(np.uint64) + np.uint64(salt)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return ((mixed ^ (mixed >> np.uint64(31))) % np.uint64(100)).astype(np.int64)


def part_of(person_id: npt.NDArray[np.int64]) -> npt.NDArray[np.str_]:
    """The part of each person: ``train`` (70 in 100), ``calibrate`` (15) or ``test`` (15)."""
    at = hundredth(person_id)
    return np.select([at < TRAIN, at < TRAIN + CALIBRATE], PARTS[:2], PARTS[2])


def fold_of(person_id: npt.NDArray[np.int64], folds: int) -> npt.NDArray[np.int64]:
    """The fold (0 to ``folds`` - 1) of each person, apart from the part."""
    return hundredth(person_id, _FOLD_SALT) * folds // 100


def held_out(person_id: npt.NDArray[np.int64], share: float = 0.15) -> npt.NDArray[np.bool_]:
    """The training people on whom the number of trees is chosen."""
    return hundredth(person_id, _HELD_SALT) < round(100 * share)


@dataclass(frozen=True)
class Dates:
    """Index dates of each part. ``temporal``: later dates test; ``calibrated_later``: later dates calibrate too."""

    horizon: int
    train: tuple[date, ...]
    calibrate: tuple[date, ...]
    test: tuple[date, ...]
    purged: tuple[date, ...] = ()

    @property
    def temporal(self) -> bool:
        return self._ends(self.train) <= self.test[0] and self._ends(self.calibrate) <= self.test[0]

    @property
    def calibrated_later(self) -> bool:
        return self._ends(self.train) <= self.calibrate[0]

    def _ends(self, days: tuple[date, ...]) -> date:
        return days[-1] + timedelta(days=self.horizon)

    @property
    def all(self) -> tuple[date, ...]:
        return tuple(sorted({*self.train, *self.calibrate, *self.test}))

    @property
    def says(self) -> str:
        """How far the split keeps the future unseen, in a sentence."""
        if not self.temporal:
            return (
                "no temporal validation: the record has too few usable dates, so people are split and dates are not; what "
                "changes with time has not been tested"
            )
        if not self.calibrated_later:
            return (
                "tested on other people at a later date, after every window of training and calibration has ended; "
                "calibrated on other people at the training dates, since the record has too few dates for more"
            )
        return (
            "trained, calibrated and tested on different people at successive dates: every training window ends by the "
            "first calibration date and every calibration window by the first test date"
        )

    def rows(self, person_id: npt.NDArray[np.int64], index_date: npt.NDArray[np.datetime64]) -> npt.NDArray[np.str_]:
        """The part of each row; empty where the row is of none (the person's part does not use that date)."""
        part, days = part_of(person_id), index_date.astype("datetime64[D]")
        used = [(part == name) & np.isin(days, np.array(getattr(self, name), "datetime64[D]")) for name in PARTS]
        return np.select(used, PARTS, "")

    def to_json(self) -> dict[str, Any]:
        return {
            **{name: [str(day) for day in getattr(self, name)] for name in (*PARTS, "purged")},
            "horizon": self.horizon,
            "temporal": self.temporal,
            "calibrated_later": self.calibrated_later,
            "says": self.says,
        }


def split_dates(usable: Sequence[date], horizon: int, most: int = MOST_DATES) -> Dates:
    """Give each usable date its part, or purge it.

    The latest date tests. The latest date whose window has ended by then calibrates, and up to ``most`` of the latest whose
    windows have ended by *that* date train. With too few dates for three steps, calibration shares the training
    dates; with too few for two, all parts share all dates. :class:`Refused` where no date is usable.
    """
    days = sorted(set(usable))
    if not days:
        raise Refused(
            "no index date is usable: expected one with a year of history before it and the whole window, with the feeds' lag, "
            "before the newest delivery; take a shorter horizon, or ingest more years"
        )

    def ended_by(then: date) -> list[date]:
        return [day for day in days if day + timedelta(days=horizon) <= then]

    test = days[-1]
    before = ended_by(test)
    if not before:
        chosen = tuple(days[-most:])
        return Dates(horizon, chosen, chosen, chosen)
    train = ended_by(before[-1])[-most:]
    calibrate = before[-1:] if train else before[-most:]
    train = train or calibrate
    kept = {*train, *calibrate, test}
    return Dates(horizon, tuple(train), tuple(calibrate), (test,), tuple(day for day in days if day not in kept))
