"""Care that responds to need: home care from the council, care homes, community nursing, unpaid carers. Capacity is
what keeps need waiting."""

from __future__ import annotations

import numpy as np

from features.population import rates
from features.population.conditions import INDEX
from features.population.happening.state import (
    ASSESSED,
    CARE_HOME,
    EXTRA_CARE,
    IN_CARE,
    NO_CARE,
    NURSING_HOME,
    OWN_HOME,
    REQUESTED,
    SHELTERED,
    Floats,
    Index,
    Log,
    Offers,
    State,
)

_DEMENTIA, _ULCER = INDEX["dementia"], INDEX["skin_ulcer"]


def wanted_hours(s: State, people: Index, soft: Floats) -> Floats:
    """Hours of help a week that ``people`` need beyond what an unpaid carer gives, in steps of 3.5."""
    need = 7.0 * (soft - 1.55) + 5.0 * s.has[_DEMENTIA, people] + 3.0 * s.alone[people] - 4.0 * s.carer[people]
    need = np.where(s.living[people] == EXTRA_CARE, need * 0.7, need)
    return (3.5 * np.round(np.clip(need, 0, 35) / 3.5)).astype(np.float32)


def frail_people(s: State, soft: Floats) -> Index:
    """Those for whom care is a question at all."""
    return np.flatnonzero((soft > 0.85) & s.present)


def gains(
    s: State, people: Index, soft: Floats, start: int, days: int, offers: Offers
) -> tuple[Floats, Floats, Floats]:
    """Chances, in this step, that home care starts, that it is increased, and of a move into a care home."""
    home = (s.living[people] < CARE_HOME) & (s.out[people] <= start)
    wanted = wanted_hours(s, people, soft)
    starts = np.where(home & (s.stage[people] == ASSESSED) & (wanted > 0), offers.home_care, 0)
    more = home & (s.stage[people] == IN_CARE) & (wanted >= np.maximum(s.hours[people] + 3.5, s.hours[people] * 1.25))
    increases = np.where(more, 0.12 * offers.home_care, 0)
    pull = -6.15 + 1.45 * (soft - 1) + 1.1 * s.has[_DEMENTIA, people] + 0.5 * s.alone[people] - 0.5 * s.carer[people]
    pull += 1.3 * (start - s.left[people] < 30)
    old = s.age(start)[people] >= 65
    moves = np.where(home & old, -np.expm1(-np.exp(pull) * days / 365.25 * 3 * offers.beds), 0)
    return starts.astype(np.float32), increases.astype(np.float32), moves.astype(np.float32)


def council(s: State, people: Index, soft: Floats, start: int, days: int, held: bool, offers: Offers,
            rng: np.random.Generator, log: Log) -> Floats:  # fmt: skip
    """Requests, assessments, packages and moves; the chance per person of a decline that the outcome counts."""
    starts, increases, moves = gains(s, people, soft, start, days, offers)
    chance = 1 - (1 - starts) * (1 - increases) * (1 - moves)
    draw = rng.random((4, len(people)), dtype=np.float32)
    day = (start + rng.integers(0, days, len(people))).astype(np.int32)
    stage, wanted = s.stage[people], wanted_hours(s, people, soft)
    home = (s.living[people] < CARE_HOME) & (s.out[people] <= start)

    asks = home & (stage == NO_CARE) & (wanted >= 3.5) & ~s.self_funder[people]
    asks &= draw[0] < np.where(start - s.left[people] < 45, 0.30, 0.07)
    s.stage[people[asks]] = REQUESTED
    log.add("request", people[asks], day=day[asks], hospital=(start - s.left[people[asks]] < 45))
    seen = (stage == REQUESTED) & (draw[0] < 0.40)
    eligible = seen & (wanted >= 3.5)
    s.stage[people[seen]] = np.where(eligible[seen], ASSESSED, NO_CARE)
    log.add("assessment", people[seen], day=day[seen], eligible=eligible[seen], soft=soft[seen])
    if not held:
        begins, grows, enters = draw[1] < starts, draw[2] < increases, draw[3] < moves
        grows &= ~begins
        s.stage[people[begins]] = IN_CARE
        for those, kind in ((begins, "package"), (grows, "increase")):
            s.hours[people[those]] = wanted[those]
            log.add(kind, people[those], day=day[those], hours=wanted[those])
        who = people[enters]
        s.living[who] = np.where(soft[enters] + 0.6 * draw[0][enters] > 2.6, NURSING_HOME, CARE_HOME)
        s.alone[who], s.carer[who] = False, False
        log.add("care_home", who, day=day[enters], nursing=s.living[who] == NURSING_HOME, pays=s.self_funder[who])
        moved(s, who, day[enters], log)
        _end(s, who, day[enters], log)
    lapses = (stage == IN_CARE) & (wanted < 3.5) & (draw[0] > 0.97)
    _end(s, people[lapses], day[lapses], log)
    return chance


def _end(s: State, people: Index, day: np.ndarray, log: Log) -> None:
    log.add("package_end", people[s.stage[people] == IN_CARE], day=day[s.stage[people] == IN_CARE])
    s.stage[people], s.hours[people] = NO_CARE, 0


def community_nursing(s: State, people: Index, soft: Floats, start: int, days: int, offers: Offers,
                      rng: np.random.Generator, log: Log) -> None:  # fmt: skip
    """Who comes onto the community nurses' caseload, and who leaves it."""
    draw = rng.random(len(people), dtype=np.float32)
    day = (start + rng.integers(0, days, len(people))).astype(np.int32)
    yearly = 0.05 * np.exp(0.8 * soft) * (1 + 4 * s.has[_ULCER, people]) * (1 + 1.5 * (start - s.left[people] < 30))
    on = ~s.nursed[people] & (draw < yearly * days / 365.25 * offers.nursing) & (s.living[people] != NURSING_HOME)
    off = s.nursed[people] & (draw < days / 200)
    s.nursed[people[on]], s.nursed[people[off]] = True, False
    log.add("nursing_on", people[on], day=day[on])


def households(s: State, start: int, days: int, rng: np.random.Generator, log: Log) -> None:
    """Widowhood, carers found and lost, moves to sheltered and extra-care housing."""
    age, draw = s.age(start), rng.random(len(s), dtype=np.float32)
    year = np.float32(days / 365.25)
    own = s.present & (s.living < CARE_HOME)
    day = np.full(len(s), start + days // 2, np.int32)
    widowed = np.flatnonzero(own & ~s.alone & (age > 50) & (draw < 0.004 * year * np.exp(0.055 * (age - 65))))
    s.alone[widowed] = True
    log.add("widowed", widowed, day=day[widowed])
    s.carer[widowed] &= rng.random(len(widowed)) < 0.4
    s.flare[widowed] += np.float32(0.3)
    moved(s, widowed, day[widowed], log)
    found = np.flatnonzero(own & ~s.carer & (draw > 1 - 0.03 * year * s.softened()))
    s.carer[found] = True
    log.add("carer", found, day=day[found], has=True)
    lost = np.flatnonzero(own & s.carer & (draw > 1 - 0.05 * year))
    s.carer[lost] = False
    log.add("carer", lost, day=day[lost], has=False)
    smaller = np.flatnonzero(own & (s.living == OWN_HOME) & (age > 70) & (draw > 0.5) & (draw < 0.5 + 0.008 * year))
    s.living[smaller] = np.where(s.softened(smaller) > 1.5, EXTRA_CARE, SHELTERED)
    moved(s, smaller, day[smaller], log)


def moved(s: State, people: Index, day: np.ndarray, log: Log) -> None:
    """How and with whom ``people`` live from ``day`` on."""
    log.add("residence", people, day=day, living=s.living[people], alone=s.alone[people], decile=s.decile[people])


def offers_now(s: State, start: int) -> Offers:
    """What is on offer in the next step, from what is free and how many wait."""
    elders = max(1, int(np.count_nonzero(s.present & (s.age(start) >= 65))))
    in_care = float(s.hours[s.present].sum())
    waiting = np.count_nonzero(s.present & (s.stage == ASSESSED)) * 8.5
    residents = np.count_nonzero(s.present & s.in_care_home)
    nursed = np.count_nonzero(s.present & s.nursed)

    def share(free: float, wanting: float) -> float:
        return float(np.clip(free / max(wanting, 1e-9), 0.02, 1))

    hours = rates.HOME_CARE_HOURS * elders
    return Offers(
        home_care=min(0.5, share(hours - in_care, waiting)),
        beds=share(rates.BEDS * elders - residents, 0.004 * elders),
        nursing=share(rates.NURSING_PLACES * elders - nursed, 0.02 * elders),
        reablement=rates.REABLEMENT,
    )
