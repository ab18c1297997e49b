"""A decision sticks: who is shown to a meeting today, who is folded away, and why somebody is back. Rows in, view out."""

from __future__ import annotations

from datetime import date, timedelta

import orjson
import pytest

from risk.decisions.folding import DUE, VIEWS, Decided, Listed, Rules, counts, fold
from risk.decisions.standing import listed

TODAY = date(2024, 12, 2)
ON = date(2024, 11, 4)
SEEN = Listed(1, "medium", ("falls", "age", "frailty", "heart"), None, {"emergency_admissions_1y": 1.0, "days_since_emergency_admission": 200.0})  # fmt: skip
LATER = TODAY + timedelta(days=30)


def view(
    entry: Listed = SEEN, decided: Decided | None = None, previous: frozenset[int] = frozenset()
) -> tuple[str, str]:
    decisions = {} if decided is None else {1: decided}
    (placed,) = fold([entry], decisions, previous, TODAY)
    return placed.view, "; ".join(placed.why)


def decided(what: str, **more: object) -> Decided:
    return Decided(what, **{"on": ON, "seen": SEEN, **more})  # type: ignore[arg-type]


def now(**changed: object) -> Listed:
    return Listed(**{**SEEN.__dict__, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("listed_before", "says"), [(False, "new on the list"), (True, "on the list before, and nobody has decided yet")]
)
def test_whoever_nobody_decided_about_stays_new(listed_before: bool, says: str) -> None:
    """Harm: somebody whom one meeting had no time for is never seen by another."""
    assert view(previous=frozenset({1} if listed_before else ())) == ("new", says)


@pytest.mark.parametrize(
    ("what", "found"),
    [("decline", "folded"), ("already_known", "folded"), ("removed", "folded"), ("accept", "unchanged"), ("defer", "unchanged"), ("added", "unchanged")],
)  # fmt: skip
def test_what_folds_somebody_away(what: str, found: str) -> None:
    """Harm: the same declined people fill every meeting's first page until nobody reads it; or somebody accepted is out of sight."""
    assert view(decided=decided(what))[0] == found


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (now(band="high"), "band up from medium to high"),
        (now(in_hospital_since=ON), "a new emergency stay in hospital"),
        (now(in_hospital_since=date(2024, 11, 20)), "a new emergency stay in hospital"),
        (now(emergencies={"emergency_admissions_1y": 2.0}), "a new emergency stay in hospital"),
        (now(emergencies={"days_since_emergency_admission": 9.0}), "a new emergency stay in hospital"),
        (now(drivers=("many_medicines", "falls", "age")), "a new reason: many medicines"),
    ],
)
@pytest.mark.parametrize("what", ["decline", "already_known", "removed", "accept", "defer"])
def test_a_stated_change_brings_somebody_back_saying_why(what: str, entry: Listed, says: str) -> None:
    """Harm: somebody declined in May is admitted in June, and no meeting ever sees them again."""
    assert view(entry, decided(what)) == ("changed", says)


@pytest.mark.parametrize(
    "entry",
    [
        now(band="low"),
        now(drivers=("heart", "frailty", "age")),
        now(drivers=("age", "falls", "frailty", "many_medicines")),
        now(in_hospital_since=date(2024, 10, 1)),
        now(emergencies={"emergency_admissions_1y": 0.0, "days_since_emergency_admission": 228.0}),
        now(emergencies={"emergency_admissions_90d": 3.0}),
    ],
    ids=["band down", "same reasons in another order", "new only below the top", "a stay that began before", "counts that fell", "told of otherwise"],
)  # fmt: skip
def test_what_is_no_stated_change_leaves_somebody_folded(entry: Listed) -> None:
    """Harm: people come back every week for nothing, and the meeting stops looking at why."""
    assert view(entry, decided("decline"))[0] == "folded"


@pytest.mark.parametrize(
    ("what", "more", "found"),
    [
        ("decline", {"review_on": TODAY}, ("overdue", "review was due on 2024-12-02")),
        ("decline", {"review_on": LATER}, ("folded", "decline on 2024-11-04")),
        ("accept", {"review_on": TODAY - timedelta(days=1)}, ("overdue", "review was due on 2024-12-01")),
        ("defer", {"review_on": LATER}, ("unchanged", "")),
        ("accept", {"due": (TODAY - timedelta(days=1),)}, ("overdue", "1 action past the day on which it was due")),
        ("already_known", {"due": (TODAY - timedelta(days=1),) * 2}, ("overdue", "2 actions past the days on which they were due")),
        ("accept", {"due": (TODAY,)}, ("unchanged", "")),
    ],
)  # fmt: skip
def test_a_review_or_an_action_that_is_due_brings_somebody_back(what: str, more: dict[str, object], found: tuple[str, str]) -> None:  # fmt: skip
    """Harm: "look again in March" is written, and in March nobody does; an action is nobody's once its meeting is over."""
    assert view(decided=decided(what, **more)) == found


@pytest.mark.parametrize(("days", "found"), [(364, "folded"), (365, "overdue")])
def test_nobody_is_folded_away_for_ever(days: int, found: str) -> None:
    """Harm: declined once without a review day, somebody is never looked at again."""
    assert view(decided=decided("decline", on=TODAY - timedelta(days=days)))[0] == found


def test_who_was_decided_about_off_the_list_and_is_listed_now_has_changed() -> None:
    """Harm: a decision that was made without a score hides somebody whom the score now lists."""
    assert view(decided=decided("decline", seen=None)) == (
        "changed",
        "on the list now, and was not when it was decided",
    )


def test_a_change_is_said_before_what_is_overdue() -> None:
    """Harm: a new stay in hospital is read as an old review."""
    assert view(now(band="high"), decided("decline", review_on=TODAY))[0] == "changed"


def test_counts_are_of_everybody_and_what_a_meeting_sees_first_is_in_order() -> None:
    """Harm: folded people fall out of the denominator, and a list that nobody worked through looks done."""
    entries = [Listed(person, "medium", SEEN.drivers) for person in range(1, 5)]
    found = {1: decided("decline"), 2: decided("accept"), 3: decided("accept", review_on=TODAY)}
    assert counts(fold(entries, found, (), TODAY)) == {
        "new": 1,
        "changed": 0,
        "overdue": 1,
        "unchanged": 1,
        "folded": 1,
    }
    assert DUE == ("new", "changed", "overdue") == VIEWS[:3]


def test_the_rules_are_settings_of_the_rules_alone() -> None:
    (placed,) = fold(
        [now(drivers=("age", "falls", "frailty", "blood"))], {1: decided("decline")}, (), TODAY, Rules(top=4)
    )
    assert placed.view == "changed"


@pytest.mark.parametrize(
    ("flags", "since"),
    [
        ({"in_hospital": {"value": "yes", "on": "2024-11-28"}}, date(2024, 11, 28)),
        ({"in_hospital": {"value": "no", "on": "2024-11-28"}}, None),
        ({"in_hospital": {"value": "no feed", "on": None}}, None),
        ({"in_hospital": True}, None),
        ({"in_hospital": False}, None),
        ({}, None),
        (None, None),
    ],
)
def test_since_when_somebody_listed_is_in_hospital(flags: dict[str, object] | None, since: date | None) -> None:
    """The harm: a meeting that cannot open the list of a run of before flags had days."""
    row = {"person_id": 1, "band": "high", "reasons": None, "flags": None if flags is None else orjson.dumps(flags)}
    assert listed(row).in_hospital_since == since
