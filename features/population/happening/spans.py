"""Spans of time from events: each state of a person lasts until their next event of that kind, or until they go."""

from __future__ import annotations

from typing import Any

import numpy as np

from features.population.happening.state import NEVER

Columns = dict[str, np.ndarray[Any, Any]]


def gather(parts: list[Columns]) -> Columns:
    """Events of many periods as one, sorted by person and day; of two on a day, the later given stands."""
    if not parts:
        return {}
    every = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    if not len(every["person"]):
        return every
    order = np.lexsort((np.arange(len(every["person"])), every["day"], every["person"]))
    every = {name: column[order] for name, column in every.items()}
    person, day = every["person"], every["day"]
    last = np.append((person[1:] != person[:-1]) | (day[1:] != day[:-1]), True)
    return {name: column[last] for name, column in every.items()}


def ends(events: Columns, gone: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """When each span of ``events`` (as ``gather`` gives them) ends: the person's next event, or the day on which they
    are ``gone`` (one a person, NEVER for those who stay)."""
    person, day = events["person"], events["day"]
    if not len(person):
        return day
    following = np.where(np.append(person[1:] == person[:-1], False), np.append(day[1:], NEVER), NEVER)
    return np.minimum(following, np.maximum(gone[person], day)).astype(np.int32)
