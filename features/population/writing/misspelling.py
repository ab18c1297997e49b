"""How names, numbers and dates are mistyped."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Texts = npt.NDArray[np.object_]
Days = npt.NDArray[np.datetime64]


def swapped_digits(numbers: Texts, rng: np.random.Generator) -> Texts:
    """Each number with two neighbouring digits swapped, which its check digit always catches where they differ; equal ones
    are made to differ by one."""
    out = []
    for text, place in zip(numbers, rng.integers(0, 9, len(numbers)), strict=True):
        first, second = text[place], text[place + 1]
        second = str((int(first) + 1) % 10) if first == second else second
        out.append(f"{text[:place]}{second}{first}{text[place + 2 :]}")
    return np.array(out, dtype=object)


def misspelt(names: Texts, rng: np.random.Generator) -> Texts:
    """Each name with a letter left out, doubled, or two swapped."""
    out = []
    kinds, places = rng.integers(0, 3, len(names)), rng.random(len(names))
    for name, kind, place in zip(names, kinds, places, strict=True):
        at = 1 + int(place * max(1, len(name) - 2)) if len(name) > 2 else 0
        if kind == 0 and len(name) > 3:
            out.append(name[:at] + name[at + 1 :])
        elif kind == 1 or name[at : at + 1] == name[at + 1 : at + 2]:
            out.append(name[: at + 1] + name[at : at + 1] + name[at + 1 :])
        else:
            out.append(name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :])
    return np.array(out, dtype=object)


def _parts(days: Days) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    months = days.astype("datetime64[M]")
    year = months.astype("datetime64[Y]").astype(np.int64) + 1970
    return year, months.astype(np.int64) % 12 + 1, (days - months.astype("datetime64[D]")).astype(np.int64) + 1


def can_transpose(days: Days) -> npt.NDArray[np.bool_]:
    """Whether day and month can be swapped, and it makes a difference."""
    _, month, day = _parts(days)
    return np.asarray((day <= 12) & (day != month))


def transposed(days: Days) -> Days:
    """Day and month swapped."""
    year, month, day = _parts(days)
    return _made(year, day, month)


def mistyped(days: Days, rng: np.random.Generator) -> Days:
    """The year one or ten off, or the day ten off, backwards."""
    year, month, day = _parts(days)
    kind = rng.integers(0, 3, len(days))
    return _made(
        year - np.array([1, 10, 0])[kind], month, np.where((kind == 2) & (day > 10), day - 10, np.minimum(day, 28))
    )


def _made(year: npt.NDArray[np.int64], month: npt.NDArray[np.int64], day: npt.NDArray[np.int64]) -> Days:
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    made: Days = months.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    return made
