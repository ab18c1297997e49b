"""How old a run may be before every answer about it says so."""

from __future__ import annotations

from datetime import date

import pytest

from risk import staleness

AS_AT, AT, UNTIL = date(2024, 11, 28), date(2024, 11, 30), date(2024, 12, 14)
RUN = {"data_as_at": AS_AT, "index_date": AT, "valid_until": UNTIL}


@pytest.mark.parametrize(
    ("today", "age", "stale", "expired"),
    [
        (date(2024, 11, 28), 0, False, False),
        (date(2024, 12, 8), 10, False, False),  # 28 November + 10 days: not over 10
        (date(2024, 12, 9), 11, True, False),
        (date(2024, 12, 14), 16, True, False),  # the last valid day is valid
        (date(2024, 12, 15), 17, True, True),
        (date(2024, 11, 1), 0, False, False),  # a clock that stepped back makes nothing younger than today
    ],
)
def test_when_a_run_is_stale_and_when_its_time_is_over(today: date, age: int, stale: bool, expired: bool) -> None:
    """Harm: a team acts on last month's list as on this week's, and whoever fell ill since is not on it."""
    found = staleness.of(RUN, today, 10)
    assert (found.age_days, found.stale, found.expired) == (age, stale, expired)
    assert (found.said is None) == (not stale and not expired)


@pytest.mark.parametrize(
    ("today", "says"),
    [
        (date(2024, 12, 9), "The newest data are of 2024-11-28, more than 10 days ago: check before you act."),
        (date(2024, 12, 15), "The newest data are of 2024-11-28, more than 10 days ago: check before you act. "
                             "The list was valid until 2024-12-14."),
    ],
)  # fmt: skip
def test_what_is_said_of_it(today: date, says: str) -> None:
    """Harm: a field that says no more than `true` is not read by anybody."""
    assert staleness.of(RUN, today, 10).said == says


def test_a_run_without_the_day_of_its_data_is_as_old_as_its_index_date() -> None:
    """Harm: a run that does not say when its data are of passes as fresh for ever."""
    run = {**RUN, "data_as_at": None}
    assert (staleness.of(run, date(2024, 12, 10), 10).stale, staleness.of(run, date(2024, 12, 11), 10).stale) == (
        False,
        True,
    )
