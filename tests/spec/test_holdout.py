"""A hold-out: when one may begin, whom it may cover, and who sees it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as arrow
import pytest

from features.errors import Refused, WrongUsage
from risk import holdout, keys
from risk import store as stores
from risk.settings import Settings

TODAY = date(2024, 12, 2)
SOUND: dict[str, Any] = {
    "share": 0.2, "highest_risk": 0.4, "approver": "Dr A. Safety", "approval": "CSG-2024-12", "until": date(2025, 6, 1), "reason": "what visits do",
}  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    held = Settings(home=tmp_path, environment="test", today=TODAY, holdout_most=0.3)
    keys.held(held, make=True)
    return held


def test_it_is_off_unless_the_settings_allow_it(tmp_path: Path) -> None:
    off = Settings(home=tmp_path, environment="test", today=TODAY)
    assert off.holdout_most == 0
    keys.held(off, make=True)
    with pytest.raises(Refused, match="holdout_most is 0"):
        holdout.start(off, **SOUND)
    assert stores.open(off).holdouts() == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"share": 0.31}, "a share over 0 and at most 0.3"),
        ({"share": 0.0}, "a share over 0"),
        ({"highest_risk": 0.51}, "a highest risk over 0 and at most 0.5"),
        ({"highest_risk": 0.0}, "a highest risk over 0"),
        ({"approver": " "}, "the name of who approved it"),
        ({"approval": ""}, "a reference to the approval"),
        ({"reason": " "}, "a reason"),
        ({"until": TODAY}, "an end after 2024-12-02"),
        ({"until": date(2025, 12, 4)}, "within 366 days"),
    ],
)
def test_what_is_not_approved_whole_does_not_begin(settings: Settings, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        holdout.start(settings, **{**SOUND, **changed})
    assert stores.open(settings).holdouts() == []


def test_nobody_approves_their_own(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("risk.operator.name", lambda: "Dr A. Safety")
    with pytest.raises(Refused, match="somebody other than the operator"):
        holdout.start(settings, **SOUND)


@pytest.mark.parametrize(
    ("day", "holds"), [(date(2025, 5, 31), True), (date(2025, 6, 1), False), (date(2026, 1, 1), False)]
)
def test_it_ends_by_itself_on_its_day(settings: Settings, day: date, holds: bool) -> None:
    holdout.start(settings, **SOUND)
    assert (stores.open(settings).holdout_in_force(day) is not None) == holds


def test_it_is_ended_with_a_reason_and_both_rows_stay(settings: Settings) -> None:
    begun = holdout.start(settings, **SOUND)
    with pytest.raises(Refused, match="hold-out 1 is in force until 2025-06-01"):
        holdout.start(settings, **SOUND)
    with pytest.raises(WrongUsage, match="a reason"):
        holdout.end(settings, " ")
    ended = holdout.end(settings, "answered")
    assert (ended["action"], ended["of"], ended["approval"]) == ("end", begun["seq"], "CSG-2024-12")
    with pytest.raises(WrongUsage, match="no hold-out is in force"):
        holdout.end(settings, "again")
    shown = holdout.show(settings)
    assert shown["in_force"] is None
    assert [row["action"] for row in shown["ledger"]] == ["start", "end"]


def test_what_is_done_and_looked_at_is_in_the_audit(settings: Settings) -> None:
    holdout.start(settings, **SOUND)
    holdout.show(settings)
    holdout.end(settings, "answered")
    with stores.open(settings).reading() as connection:
        actions = [row[0] for row in connection.exec_driver_sql("SELECT action FROM audit_event ORDER BY seq")]
    assert actions == ["holdout.started", "holdout.shown", "holdout.ended"]


def scores(n: int = 400) -> pd.DataFrame:
    """People 0 to n - 1, all listed but the last ten; risk rises to 0.6 from one to the next."""
    return pd.DataFrame(
        {
            "person_id": np.arange(n),
            "probability": np.linspace(0.1, 0.6, n),
            "listed": np.arange(n) < n - 10,
            "rank": np.arange(n),
        }
    )


def on_caseload(monkeypatch: pytest.MonkeyPatch, value: Any) -> None:
    def beside(record: Any, at: date, people: list[int]) -> arrow.Table:
        return arrow.table({"person_id": people, "on_caseload": [value(person) for person in people]})

    monkeypatch.setattr("risk.holdout.beside", beside)


def applied(settings: Settings, held: pd.DataFrame) -> pd.DataFrame:
    return holdout.apply(settings, stores.open(settings), None, TODAY, held)  # type: ignore[arg-type]


def test_without_one_in_force_nobody_is_held_out(settings: Settings) -> None:
    found = applied(settings, scores())
    assert not found["held_out"].any()
    assert found["listed"].tolist() == scores()["listed"].tolist()


def test_some_of_those_who_may_are_held_out_and_nothing_else_changes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_caseload(monkeypatch, lambda person: "no")
    holdout.start(settings, **SOUND)
    before, found = scores(), applied(settings, scores())
    out = found["held_out"]
    assert 0.1 < out[before["probability"] < 0.4].mean() < 0.3
    assert not (found["listed"] & out).any()
    assert (found["listed"] | out).tolist() == before["listed"].tolist()
    assert found["rank"].tolist() == before["rank"].tolist()
    again = applied(settings, scores())
    assert again["held_out"].tolist() == out.tolist(), "the same people for as long as it lasts"


def test_it_never_covers_people_above_the_stated_risk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    on_caseload(monkeypatch, lambda person: "no")
    holdout.start(settings, **SOUND)
    assert applied(settings, scores()).query("held_out")["probability"].max() < 0.4


@pytest.mark.parametrize("value", ["yes", "not_recorded", "no_feed", "unknown"])
def test_it_never_covers_people_on_a_caseload_or_of_whom_that_is_not_known(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    on_caseload(monkeypatch, lambda person: "no" if person % 2 else value)
    holdout.start(settings, **SOUND)
    held = applied(settings, scores()).query("held_out")["person_id"]
    assert len(held) > 0
    assert (held % 2 == 1).all()


def test_what_a_team_has_been_shown_is_not_taken_away(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    on_caseload(monkeypatch, lambda person: "no")
    holdout.start(settings, **SOUND)
    monkeypatch.setattr("risk.store.Store.current_run", lambda self: {"number": 3})
    monkeypatch.setattr(
        "risk.store.Store.people_listed", lambda self, number: frozenset(range(100)) if number == 3 else frozenset()
    )
    held = applied(settings, scores()).query("held_out")["person_id"]
    assert len(held) > 0
    assert held.min() >= 100


def test_settings_lowered_since_hold_at_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    on_caseload(monkeypatch, lambda person: "no")
    holdout.start(settings, **SOUND)
    assert not applied(settings.model_copy(update={"holdout_most": 0.0}), scores())["held_out"].any()
    lower = applied(settings.model_copy(update={"holdout_highest_risk": 0.2}), scores())
    assert lower.query("held_out")["probability"].max() < 0.2


def test_who_is_held_out_differs_from_one_hold_out_to_the_next() -> None:
    people = np.arange(2000)
    one, two = (holdout.drawn(people, b"k" * 32, seq) < 0.2 for seq in (1, 2))
    assert one.mean() == pytest.approx(0.2, abs=0.03)
    assert (one & two).mean() == pytest.approx(0.04, abs=0.02)
