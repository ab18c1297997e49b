"""What community health services send."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.population.happening.history import Events
from features.population.recording.desk import Desk, pick, seconds
from features.population.recording.rows import Array, Column, Rows, Words, same


def rows(desk: Desk, e: Events) -> Iterator[Rows]:
    """``community_contact`` rows of a period."""
    if "nursing_visit" in e:
        person, day = e["nursing_visit"]["person"], e["nursing_visit"]["day"]
        team = pick(desk.rng, len(person), {"district_nursing": 0.90, "community_matron": 0.07, "palliative": 0.03})
        yield _contacts(desk, person, day, team)
    if "rehabilitation_visit" in e:
        person, day = e["rehabilitation_visit"]["person"], e["rehabilitation_visit"]["day"]
        yield _contacts(desk, person, day, same("rehabilitation", len(person)))
    if "fall" in e:
        # Few who fall are referred to a falls team, and weeks pass.
        seen = np.flatnonzero(desk.chance(len(e["fall"]["person"]), 0.10))
        person = e["fall"]["person"][seen]
        yield _contacts(desk, person, e["fall"]["day"][seen] + 30 + desk.delay(len(seen), 40), same("falls", len(seen)))
    if "stay" in e:
        frail = np.flatnonzero(
            (e["stay"]["soft"] > 1.4) & ~e["stay"]["died"] & desk.chance(len(e["stay"]["person"]), 0.08)
        )
        person = e["stay"]["person"][frail]
        yield _contacts(desk, person, e["stay"]["end"][frail] + desk.rng.integers(0, 5, len(frail)),
                        pick(desk.rng, len(frail), {"rapid_response": 0.6, "virtual_ward": 0.4}))  # fmt: skip
    if "finding_low_mood" in e:
        some = np.flatnonzero(desk.chance(len(e["finding_low_mood"]["person"]), 0.12))
        person = e["finding_low_mood"]["person"][some]
        day = e["finding_low_mood"]["day"][some] + 20 + desk.delay(len(some), 30)
        rows = _contacts(desk, person, day, same("mental_health", len(some)), "mental_health")
        # What was done is nobody's business but theirs.
        rows.columns["activity"] = Words(np.full(len(rows), -1, np.int8), ("",))
        yield rows


def _contacts(desk: Desk, person: Array, day: Array, team: Words, source: str = "community") -> Rows:
    # Nobody is visited after death, or when they have left.
    living = np.flatnonzero(day < desk.gone()[person])
    person, day, team = person[living], day[living].astype(np.int32), team.at(living)
    n = len(person)
    columns: dict[str, Column] = {"event_date": day, "event_time": seconds(desk.rng, n), "team": team,
               "activity": pick(desk.rng, n, {"intervention": 0.6, "assessment": 0.18, "review": 0.12, "advice": 0.07, "test": 0.03}),
               "status": pick(desk.rng, n, {"attended": 0.94, "did_not_attend": 0.03, "cancelled": 0.03})}  # fmt: skip
    return desk.sent("community_contact", source, person, day + desk.delay(n, 6), columns)
