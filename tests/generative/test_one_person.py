"""Links made and undone at random, against a reading from the definition alone: at every index date, who is one."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from features.record.one_person import CONFIRMED, PROBABLE, SEPARATED, Said, periods

FIRST = date(2024, 1, 1)
days = st.integers(0, 12).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def said(draw: st.DrawFn) -> Said:
    pair = draw(st.lists(st.integers(1, 5), min_size=2, max_size=2, unique=True))
    start, until = draw(days), draw(st.none() | days)
    same, reason = draw(
        st.sampled_from([(True, "traced"), (False, "traced"), (True, PROBABLE), (True, CONFIRMED), (False, SEPARATED)])
    )
    probability = 0.9 if reason == PROBABLE else None
    return Said((pair[0], pair[1]), start, until if until is None or until > start else None, same, reason, probability)


def together(links: list[Said], t: date) -> set[frozenset[int]]:
    """Groups of people who are one at ``t``: flooding over the pairs whose weightiest word is that they are."""
    groups = {person: frozenset({person}) for person in range(1, 6)}
    for one in range(1, 6):
        for other in range(one + 1, 6):
            words = [link for link in links if set(link.pair) == {one, other} and link.known_at < t
                     and (link.known_until is None or link.known_until >= t)]  # fmt: skip
            by_people = [link for link in words if link.reason in (CONFIRMED, SEPARATED)]
            counted = by_people or words
            newest = max((link.known_at for link in counted), default=None)
            if counted and all(link.same for link in counted if link.known_at == newest):
                joined = groups[one] | groups[other]
                groups |= dict.fromkeys(joined, joined)
    return set(groups.values())


@given(st.lists(said(), max_size=8), st.sets(st.integers(1, 5)))
def test_who_is_one_at_every_date(links: list[Said], registered: set[int]) -> None:
    found = periods(links, registered)
    for day in range(15):
        t = FIRST + timedelta(days=day)
        reads = {person: person for person in range(1, 6)}
        for period in found:
            if period.known_at < t and (period.known_until is None or period.known_until >= t):
                assert reads[period.person_id] == period.person_id  # one period at a time
                reads[period.person_id] = period.one
        groups: dict[int, set[int]] = {}
        for person, one in reads.items():
            groups.setdefault(one, set()).add(person)
        assert {frozenset(group) for group in groups.values()} == together(links, t)
        assert all(one in group and (one in registered or not group & registered) for one, group in groups.items())


@given(st.lists(said(), max_size=8))
def test_a_persons_periods_leave_no_day_out(links: list[Said]) -> None:
    by_person: dict[int, list[tuple[date, date | None]]] = {}
    for period in periods(links):
        by_person.setdefault(period.person_id, []).append((period.known_at, period.known_until))
    for spans in by_person.values():
        assert spans[0][0] == date(1, 1, 1)
        assert spans[-1][1] is None
        assert [until for _, until in spans[:-1]] == [start for start, _ in spans[1:]]
