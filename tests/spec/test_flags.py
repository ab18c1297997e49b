"""The four values of every flag that a person will see, and that nothing shows "no" for want of data."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from features.flags import FLAGS, Listed, Noted, Value, beside, flags
from features.record.permission import AllowAll, FeedInfo, Purpose
from features.record.reader import Record
from features.record.tables import PERSON_TABLES
from tests.records import always_fresh, feeds, record

T = date(2024, 6, 1)
#: A row that says yes from 1 February 2024, and one that says no, of each flag that is noted; where the "no" dates from.
NOTED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "care_home": ({"kind": "nursing_home"}, {"kind": "own_home"}, "2024-02-01"),
    **{
        kind: ({"kind": kind}, {"kind": kind, "end_date": "2024-03-01"}, "2024-03-01")
        for kind in (
            "end_of_life_plan",
            "palliative_register",
            "respect",
            "advance_decision",
            "power_of_attorney",
            "care_plan",
        )
    },
    "carer": ({"has_carer": True}, {"has_carer": False}, "2024-02-01"),
    "lives_alone": ({"lives_alone": True}, {"lives_alone": False}, "2024-02-01"),
}
SILENT: dict[str, dict[str, Any]] = {"care_home": {"kind": None}, "carer": {"has_carer": None}, "lives_alone": {}}
LISTED = {"in_hospital": "spell", "on_caseload": "caseload"}
BY_NAME = {flag.name: flag for flag in FLAGS}


def flag(
    folder: Path, name: str, at: date = T, permissions: AllowAll | None = None, **tables: Any
) -> tuple[str, str | None]:
    """Value and date of one flag of person 1."""
    held = record(folder, **{"registration": [{}], **tables})
    with Record(held, purpose="case_finding", permissions=permissions) as opened:
        found = flags(opened, at, [1]).set_index("flag").loc[name]
    return found["value"], None if str(found["on"]) == "NaT" else str(found["on"])[:10]


def without(table: str) -> list[dict[str, Any]]:
    return always_fresh(*[name for name in PERSON_TABLES if name != table])


def test_every_flag_is_tried_below() -> None:
    assert {flag.name for flag in FLAGS if isinstance(flag, Noted)} == set(NOTED)
    assert {flag.name: flag.table for flag in FLAGS if isinstance(flag, Listed)} == LISTED


@pytest.mark.parametrize("name", NOTED)
def test_noted_yes_and_no_with_the_day_since_which(tmp_path: Path, name: str) -> None:
    yes, no, since = NOTED[name]
    table = BY_NAME[name].table
    began = {"event_date": "2024-02-01"}
    assert flag(tmp_path / "yes", name, **{table: [{**began, **yes}]}) == ("yes", "2024-02-01")
    assert flag(tmp_path / "no", name, **{table: [{**began, **no}]}) == ("no", since)


@pytest.mark.parametrize("name", NOTED)
def test_silence_is_not_recorded_and_a_missing_feed_is_no_feed(tmp_path: Path, name: str) -> None:
    table = BY_NAME[name].table
    assert flag(tmp_path / "silent", name) == ("not recorded", "2024-06-01")
    assert flag(tmp_path / "none", name, feed=without(table)) == ("no feed", None)
    if name in SILENT:
        rows = [{"event_date": "2024-02-01", **SILENT[name]}]
        assert flag(tmp_path / "null", name, **{table: rows})[0] == "not recorded"


@pytest.mark.parametrize("name", NOTED)
def test_of_a_feed_gone_stale_yes_is_still_shown_and_no_never(tmp_path: Path, name: str) -> None:
    yes, no, _ = NOTED[name]
    table = BY_NAME[name].table
    stale = without(table) + feeds(table, period_to="2024-02-10")
    began = {"event_date": "2024-01-05"}
    assert flag(tmp_path / "yes", name, feed=stale, **{table: [{**began, **yes}]}) == ("yes", "2024-01-05")
    assert flag(tmp_path / "no", name, feed=stale, **{table: [{**began, **no}]}) == ("no feed", "2024-02-10")


@pytest.mark.parametrize(("name", "table"), LISTED.items())
def test_the_four_values_of_what_is_listed_whole(tmp_path: Path, name: str, table: str) -> None:
    there, gone = [{"event_date": "2024-05-20"}], [{"event_date": "2024-05-01", "end_date": "2024-05-20"}]
    fresh = without(table) + feeds(table, period_to="2024-05-31", known_at="2024-05-31")
    old = without(table) + feeds(table, period_to="2024-04-10", known_at="2024-04-11")
    assert flag(tmp_path / "yes", name, feed=fresh, **{table: there}) == ("yes", "2024-05-20")
    assert flag(tmp_path / "no", name, feed=fresh, **{table: gone}) == ("no", "2024-05-31")
    assert flag(tmp_path / "old", name, feed=old, **{table: there}) == ("not recorded", "2024-04-10")
    assert flag(tmp_path / "none", name, feed=without(table), **{table: there}) == ("no feed", None)


def test_a_list_says_no_only_while_every_sender_is_fresh(tmp_path: Path) -> None:
    """Two hospitals, of which one has not sent for ten days: the person may lie in that one."""
    two = [{"feed_id": n, "table_name": "spell", "organisation": f"RX{n}", "known_at": "2024-05-01", "period_to": to}
           for n, to in ((91, "2024-05-31"), (92, "2024-05-22"))]  # fmt: skip
    assert flag(tmp_path / "two", "in_hospital", feed=without("spell") + two) == ("not recorded", "2024-05-22")
    closed = [{**row, "known_at": "2023-01-05"} if row["feed_id"] == 92 else row for row in two]
    assert flag(tmp_path / "closed", "in_hospital", feed=without("spell") + closed) == ("no", "2024-05-31")


def test_finished_episodes_alone_never_say_who_is_not_in_hospital(tmp_path: Path) -> None:
    """A finished consultant episode is filed when it ends: HES holds nobody who is still there."""
    episodes = without("spell") + feeds("spell", source="hes", period_to="2024-05-31", known_at="2024-05-31")
    assert flag(tmp_path / "hes", "in_hospital", feed=episodes) == ("no feed", None)


@pytest.mark.parametrize("patient_class", ["day_case", "regular_day", "hospital_at_home"])
def test_day_patients_and_those_treated_at_home_are_not_in_a_bed(tmp_path: Path, patient_class: str) -> None:
    spell = [{"event_date": "2024-05-31", "patient_class": patient_class}]
    assert flag(tmp_path / "r", "in_hospital", spell=spell) == ("no", "2024-06-01")


def test_only_what_was_known_by_the_date_counts(tmp_path: Path) -> None:
    late = [{"event_date": "2024-02-01", "known_at": "2024-06-01", "kind": "respect"}]
    assert flag(tmp_path / "late", "respect", preference=late)[0] == "not recorded"
    assert flag(tmp_path / "next", "respect", at=date(2024, 6, 2), preference=late) == ("yes", "2024-02-01")


def test_a_plan_withdrawn_and_made_again_is_a_yes(tmp_path: Path) -> None:
    plans = [
        {"event_date": "2022-01-01", "end_date": "2023-01-01", "kind": "respect"},
        {"event_date": "2024-01-01", "kind": "respect"},
    ]
    assert flag(tmp_path / "r", "respect", preference=plans) == ("yes", "2024-01-01")


def test_asked_and_none_made_is_a_no(tmp_path: Path) -> None:
    """An empty interval is never in force, but says that on that day there was none."""
    asked = [{"event_date": "2024-03-03", "end_date": "2024-03-03", "kind": "power_of_attorney"}]
    assert flag(tmp_path / "r", "power_of_attorney", preference=asked) == ("no", "2024-03-03")


def test_of_two_homes_in_force_the_one_that_began_last_decides(tmp_path: Path) -> None:
    homes = [{"event_date": "1990-01-01", "kind": "own_home"}, {"event_date": "2023-09-01", "kind": "care_home"}, {"event_date": "2024-01-01", "kind": None}]  # fmt: skip
    assert flag(tmp_path / "r", "care_home", residence=homes) == ("yes", "2023-09-01")


def test_a_feed_that_may_not_be_read_is_no_feed(tmp_path: Path) -> None:
    class NoPlans(AllowAll):
        def refuses_feed(self, feed: FeedInfo, purpose: Purpose) -> str | None:
            return "no basis" if feed.table == "preference" else None

    plan = [{"event_date": "2024-01-01", "kind": "respect"}]
    assert flag(tmp_path / "r", "respect", permissions=NoPlans(), preference=plan) == ("no feed", None)


def test_a_feed_of_another_practice_says_nothing(tmp_path: Path) -> None:
    other = without("carer") + [row | {"covers": "Z99999"} for row in always_fresh("carer")]
    assert flag(tmp_path / "r", "carer", feed=other) == ("no feed", None)


def test_people_come_back_in_the_order_in_which_they_were_asked_for_with_every_flag(tmp_path: Path) -> None:
    held = record(tmp_path / "r", registration=[{"person_id": 1}, {"person_id": 2}])
    with Record(held, purpose="case_finding") as opened:
        found = flags(opened, T, [2, 1, 77])
    assert found["person_id"].tolist() == [person for person in (2, 1, 77) for _ in FLAGS]
    assert found["flag"].tolist() == [flag.name for flag in FLAGS] * 3
    assert set(found["value"]) <= set(Value)


def test_one_row_a_person_says_the_same_as_one_row_a_flag(tmp_path: Path) -> None:
    held = record(tmp_path / "r", registration=[{"person_id": n} for n in (1, 2, 3)],
                  preference=[{"person_id": 2, "kind": "respect", "event_date": "2024-02-01"}])  # fmt: skip
    with Record(held, purpose="case_finding") as opened:
        rows, wide = flags(opened, T, [3, 1, 2]), beside(opened, T, [3, 1, 2]).to_pylist()
    assert [row["person_id"] for row in wide] == [3, 1, 2]
    found = {
        (row["person_id"], flag.name): (row[flag.name], str(row[f"{flag.name}_on"])) for row in wide for flag in FLAGS
    }
    assert found == {(row.person_id, row.flag): (str(row.value), str(row.on)[:10]) for row in rows.itertuples()}
    assert found[2, "respect"] == ("yes", "2024-02-01")
