"""For how many people a labelled row stands: what is learnt of being lost at a date is learnt from that date's rows alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from risk.weighing import weighed

HORIZON = 100


def rows(day: str, followed: list[int], ended: list[str | None], age: int = 80) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Labels and cohort of one date."""
    frame = pd.DataFrame({"index_date": pd.Timestamp(day), "age": age, "care_home": False, "imd_decile": 5.0}, index=range(len(followed)))  # fmt: skip
    return pd.DataFrame({"followed": followed, "ended": ended}), frame


def both(*parts: tuple[pd.DataFrame, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    labels, frames = zip(*parts, strict=True)
    return pd.concat(labels, ignore_index=True), pd.concat(frames, ignore_index=True)


#: Four people, one of them lost on day 50: at risk then were four, and three of four are kept.
LOSES = rows("2023-01-01", [10, 50, 100, 100], ["event", "left", "window", "window"])
KEEPS = rows("2023-04-01", [100, 100, 100], ["window", "window", "window"])


def test_by_hand() -> None:
    """The event of day 10 was known before anybody was lost; the two who stayed stand for the three at risk on day 50."""
    found = weighed(*LOSES, HORIZON)
    assert found is not None
    assert found.weight == pytest.approx([1, 0, 1.5, 1.5])
    assert (found.lost, found.truncated, found.heaviest) == (1, 0, pytest.approx(1.5))


def test_rows_of_one_date_weigh_the_same_whichever_other_dates_are_with_them() -> None:
    """Validation, at one date, must weigh people as training did, at many: else a model's figures change by who asks."""
    found = weighed(*both(LOSES, KEEPS), HORIZON)
    assert found is not None
    assert found.weight == pytest.approx([1, 0, 1.5, 1.5, 1, 1, 1])
    assert found.lost == 1


def test_where_nobody_was_lost_there_are_no_weights() -> None:
    assert weighed(*KEEPS, HORIZON) is None


def test_rows_that_no_window_could_tell_of_take_no_part() -> None:
    """A practice that is not covered is no loss of follow-up."""
    unknown = rows("2023-01-01", [0, 0], [None, None])
    found = weighed(*both(LOSES, unknown), HORIZON)
    assert found is not None
    assert found.weight == pytest.approx([1, 0, 1.5, 1.5, 0, 0])
    assert np.isfinite(found.weight).all()
