"""Who is scored at an index date: rows in, cohort out. Unless a test says otherwise the date is 1 April 2024 and the person was
born in January 1950 and has been registered with B86022 since 2000."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features import coverage
from features.cohort import Cohort, CohortRules, cohort
from features.errors import WrongUsage
from features.record.permission import AllowAll, AsSent
from features.record.reader import Record
from tests.records import always_fresh, feeds, record

T = date(2024, 4, 1)


def at(folder: Path, *days: date, rules: CohortRules | None = None, **tables: Any) -> Cohort:
    with Record(record(folder, **tables), purpose="case_finding", threads=1) as held:
        return cohort(held, days or (T,), rules)


def reasons(found: Cohort) -> dict[str, int]:
    return dict(zip(found.left_out["reason"], found.left_out["people"], strict=True))


def scored(found: Cohort) -> list[int]:
    return found.frame["person_id"].tolist()


def test_a_row_says_who_where_and_how_old(tmp_path: Path) -> None:
    found = at(
        tmp_path,
        person=[{"birth_month": "1950-05-01", "sex": "male", "ethnicity": None}],
        registration=[{}],
        residence=[{"kind": "nursing_home", "imd_decile": 3}],
    )
    row = found.frame.iloc[0]
    assert (row["person_id"], row["practice"], row["practice_scheme"], row["sex"]) == (1, "B86022", "ods", "male")
    assert row["age"] == 2024 - 1950 - 1  # May has not come
    assert pd.isna(row["ethnicity"])
    assert row["imd_decile"] == 3.0
    assert row["care_home"] is True or row["care_home"] == True  # noqa: E712
    assert row["in_hospital"] == False  # noqa: E712
    (practice,) = found.practices.to_dict("records")
    assert pd.isna(practice.pop("left_out"))
    assert practice == {
        "index_date": pd.Timestamp(T),
        "practice": "B86022",
        "practice_scheme": "ods",
        "registered": 1,
        "scored": 1,
    }
    assert reasons(found) == {}


@pytest.mark.parametrize("kind", ["temporary", "immediately_necessary", "private", "dummy"])
def test_only_a_regular_registration_counts(tmp_path: Path, kind: str) -> None:
    found = at(tmp_path, registration=[{"kind": kind}])
    assert scored(found) == []
    assert reasons(found) == {kind: 1}
    assert found.practices.empty


def test_a_later_temporary_registration_does_not_displace_the_regular_one(tmp_path: Path) -> None:
    found = at(tmp_path, registration=[{}, {"event_date": "2024-03-01", "kind": "temporary", "practice": "B86099"}])
    assert found.frame["practice"].tolist() == ["B86022"]


@pytest.mark.parametrize(
    ("rows", "practice"),
    [
        ([{"event_date": "2010-01-01", "practice": "AAA"}, {"event_date": "2020-01-01", "practice": "BBB"}], "BBB"),
        ([{"event_date": "2020-01-01", "practice": "AAA", "known_at": "2020-02-01"},
          {"event_date": "2020-01-01", "practice": "BBB", "known_at": "2020-01-05"}], "AAA"),
        ([{"row_id": 7, "event_date": "2020-01-01", "practice": "AAA"},
          {"row_id": 3, "event_date": "2020-01-01", "practice": "BBB"}], "AAA"),
    ],
    ids=["latest start", "then latest known", "then highest row id"],
)  # fmt: skip
def test_two_current_registrations_resolve_to_one(tmp_path: Path, rows: list[dict[str, Any]], practice: str) -> None:
    found = at(tmp_path, registration=rows)
    assert found.frame["practice"].tolist() == [practice]
    assert found.practices["registered"].tolist() == [1]


@pytest.mark.parametrize(
    ("end", "listed"), [("2024-04-01", False), ("2024-04-02", True), (None, True)], ids=["ended at t", "later", "open"]
)
def test_a_registration_is_in_force_until_the_day_it_ends(tmp_path: Path, end: str | None, listed: bool) -> None:
    found = at(tmp_path, registration=[{"end_date": end}])
    assert scored(found) == ([1] if listed else [])
    assert reasons(found) == ({} if listed else {"not_registered": 1})


def test_a_registration_that_began_at_t_or_became_known_at_t_is_not_yet_seen(tmp_path: Path) -> None:
    found = at(
        tmp_path,
        registration=[
            {"person_id": 1, "event_date": "2024-04-01", "known_at": "2024-03-20"},
            {"person_id": 2, "event_date": "2024-03-01", "known_at": "2024-04-01"},
            {"person_id": 3, "event_date": "2024-03-31", "known_at": "2024-03-31"},
        ],
        person=[{"person_id": person} for person in (1, 2, 3)],
    )
    assert scored(found) == [3]
    assert reasons(found) == {"not_registered": 2}


def test_one_code_in_two_schemes_is_two_practices(tmp_path: Path) -> None:
    found = at(
        tmp_path,
        registration=[
            {"person_id": 1, "practice": "AAA"},
            {"person_id": 2, "practice": "AAA", "practice_scheme": "local"},
        ],
    )
    assert found.practices["practice_scheme"].tolist() == ["local", "ods"]
    assert found.practices["registered"].tolist() == [1, 1]


def test_an_end_learned_later_reads_as_open_until_it_is_known(tmp_path: Path) -> None:
    """The person left on 1 February; the area learned it on 10 May."""
    found = at(
        tmp_path,
        date(2024, 4, 1),
        date(2024, 5, 10),
        date(2024, 5, 11),
        registration=[
            {"row_id": 5, "known_at": "2000-01-01", "known_until": "2024-05-10"},
            {"row_id": 5, "known_at": "2024-05-10", "end_date": "2024-02-01"},
        ],
    )
    assert found.frame["index_date"].dt.date.tolist() == [date(2024, 4, 1), date(2024, 5, 10)]


def test_the_dead_are_left_out_once_the_death_is_known(tmp_path: Path) -> None:
    found = at(
        tmp_path,
        date(2024, 4, 1),
        date(2024, 4, 11),
        death=[{"event_date": "2024-03-20", "known_at": "2024-04-10"}],
    )
    assert found.frame["index_date"].dt.date.tolist() == [date(2024, 4, 1)]
    assert reasons(found) == {"died": 1}
    assert found.practices["registered"].tolist() == [1]  # on 1 April; the dead are on nobody's list


def test_a_death_taken_back_is_no_death(tmp_path: Path) -> None:
    found = at(tmp_path, death=[{"event_date": "2023-01-01", "known_until": "2023-06-01"}])
    assert scored(found) == [1]


@pytest.mark.parametrize(
    ("born", "t", "listed"),
    [
        ("2006-03-01", date(2024, 4, 1), True),
        (
            "2006-03-01",
            date(2024, 3, 31),
            False,
        ),  # their birthday may be 31 March itself, or not yet known to have come
        ("2006-04-01", date(2024, 4, 1), False),
        ("2007-01-01", date(2024, 4, 1), False),
    ],
)
def test_nobody_under_eighteen(tmp_path: Path, born: str, t: date, listed: bool) -> None:
    found = at(tmp_path, t, person=[{"birth_month": born}])
    assert scored(found) == ([1] if listed else [])
    assert reasons(found) == ({} if listed else {"under_age": 1})
    assert found.practices[["registered", "scored"]].to_numpy().tolist() == [[1, int(listed)]]


def test_a_setting_can_raise_the_age_and_never_lower_it(tmp_path: Path) -> None:
    people = [{"person_id": 1, "birth_month": "1959-04-01"}, {"person_id": 2, "birth_month": "1959-05-01"}]
    both = [{"person_id": 1}, {"person_id": 2}]
    found = at(tmp_path, rules=CohortRules(minimum_age=65), person=people, registration=both)
    assert scored(found) == [1]
    with pytest.raises(WrongUsage, match=r"18 or more, found 16.*only be raised"):
        CohortRules(minimum_age=16)


@pytest.mark.parametrize("kind", ["type_1", "national", "local", "restricted"])
def test_every_kind_of_objection_bars_unless_the_rules_say_otherwise(tmp_path: Path, kind: str) -> None:
    rows = {"objection": [{"event_date": "2020-01-01", "kind": kind}]}
    assert reasons(at(tmp_path / "all", **rows)) == {f"objection_{kind}": 1}
    others = CohortRules(objections=frozenset({"type_1", "national", "local", "restricted"} - {kind}))
    assert scored(at(tmp_path / "others", rules=others, **rows)) == [1]
    assert scored(at(tmp_path / "none", rules=CohortRules(objections=frozenset()), **rows)) == [1]


def test_an_objection_withdrawn_bars_no_longer(tmp_path: Path) -> None:
    found = at(tmp_path, objection=[{"event_date": "2020-01-01", "end_date": "2024-01-01"}])
    assert scored(found) == [1]


def test_an_unknown_kind_of_objection_is_refused() -> None:
    with pytest.raises(WrongUsage, match="found type_9"):
        CohortRules(objections=frozenset({"type_9"}))


def test_the_first_reason_that_applies_is_the_one_counted(tmp_path: Path) -> None:
    """A dead child who objected and was on no list is counted once, as dead."""
    found = at(
        tmp_path,
        person=[{"birth_month": "2015-01-01"}],
        registration=[{"end_date": "2023-01-01"}],
        death=[{"event_date": "2023-01-01"}],
        objection=[{"event_date": "2020-01-01"}],
    )
    assert reasons(found) == {"died": 1}


def test_registered_without_a_known_birth_is_left_out_and_counted(tmp_path: Path) -> None:
    found = at(tmp_path, person=[{"person_id": 1}], registration=[{"person_id": 1}, {"person_id": 2}])
    assert scored(found) == [1]
    assert reasons(found) == {"birth_unknown": 1}


def test_barred_people_are_not_read_and_are_counted(tmp_path: Path) -> None:
    class Barring(AllowAll):
        def barred_people(self, purpose: object) -> list[int]:
            return [2]

    folder = record(tmp_path, registration=[{"person_id": 1}, {"person_id": 2}])
    with Record(folder, purpose="case_finding", permissions=Barring()) as held:
        found = cohort(held, [T])
    assert scored(found) == [1]
    assert reasons(found) == {"barred": 1}
    assert found.practices["registered"].tolist() == [1]


@pytest.mark.parametrize(
    ("stay", "inside"),
    [
        ({"event_date": "2024-03-30"}, True),
        ({"event_date": "2024-03-30", "patient_class": "maternity"}, True),
        ({"event_date": "2024-03-30", "patient_class": "day_case"}, False),
        ({"event_date": "2024-03-30", "patient_class": "regular_day"}, False),
        ({"event_date": "2024-03-30", "patient_class": "hospital_at_home"}, False),
        ({"event_date": "2024-03-20", "end_date": "2024-04-01"}, False),
        ({"event_date": "2024-03-20", "end_date": "2024-04-02"}, True),
        ({"event_date": "2024-04-01", "known_at": "2024-03-30"}, False),
        ({"event_date": "2024-03-30", "known_at": "2024-04-01"}, False),
    ],
)
def test_in_hospital_is_an_open_stay_in_a_bed(tmp_path: Path, stay: dict[str, Any], inside: bool) -> None:
    found = at(tmp_path, spell=[stay])
    assert found.frame["in_hospital"].tolist() == [inside]


@pytest.mark.parametrize(
    ("homes", "expected"),
    [
        ([{"kind": "care_home"}], True),
        ([{"kind": "own_home"}], False),
        ([{"kind": None}], None),
        ([], None),
        ([{"kind": "own_home"}, {"event_date": "2023-01-01", "kind": "care_home"}], True),
        ([{"kind": "own_home"}, {"event_date": "2023-01-01", "end_date": "2024-01-01", "kind": "care_home"}], False),
        ([{"kind": "care_home"}, {"event_date": "2023-01-01", "kind": None, "lsoa": "E01000001"}], True),
    ],
    ids=[
        "care home",
        "own home",
        "kind not recorded",
        "no address",
        "latest",
        "came back",
        "a later row that says only the area",
    ],
)
def test_care_home_is_the_kind_of_residence_in_force_or_unknown(
    tmp_path: Path, homes: list[dict[str, Any]], expected: bool | None
) -> None:
    value = at(tmp_path, residence=homes).frame["care_home"].iloc[0]
    assert (None if pd.isna(value) else bool(value)) is expected


def test_a_residence_feed_gone_stale_makes_the_flag_unknown_never_no(tmp_path: Path) -> None:
    """Its newest day is 101 days before t; the table counts as stale after 100."""
    others = [row for row in always_fresh() if row["table_name"] != "residence"]
    stale = feeds("residence", period_to="2023-12-22")
    found = at(tmp_path, residence=[{"kind": "care_home", "imd_decile": 2}], feed=others + stale)
    assert (date(2024, 4, 1) - date(2023, 12, 22)).days == 101
    assert pd.isna(found.frame["care_home"].iloc[0])
    assert pd.isna(found.frame["imd_decile"].iloc[0])


def test_feeds_are_marked_by_practice_and_date(tmp_path: Path) -> None:
    """Practice AAA sends its events; BBB's last delivery ended in 2023; the spells are everyone's."""
    found = at(
        tmp_path,
        registration=[{"person_id": 1, "practice": "AAA"}, {"person_id": 2, "practice": "BBB"}],
        feed=[
            *feeds("spell"),
            {**feeds("gp_event")[0], "covers": "AAA"},
            {**feeds("gp_event")[0], "feed_id": 99, "covers": "BBB", "period_to": "2023-06-01"},
        ],
    )
    assert [coverage.tables_of(mask) for mask in found.frame["feeds"]] == [("gp_event", "spell"), ("spell",)]
    assert coverage.has(found.frame["feeds"], "gp_event").tolist() == [True, False]


def test_a_delivery_received_at_t_or_refused_for_the_purpose_does_not_count(tmp_path: Path) -> None:
    folder = record(
        tmp_path,
        spell=[{"event_date": "2020-01-01"}],
        feed=[
            *feeds("death", known_at="2024-04-01"),
            *feeds("spell", purposes="planning"),
            *feeds("person", "registration", "residence"),
        ],
    )
    with Record(folder, purpose="case_finding", permissions=AsSent()) as held:
        found = cohort(held, [T])
    assert coverage.tables_of(found.frame["feeds"].iloc[0]) == ("person", "registration", "residence")


def test_dates_are_asked_once_each(tmp_path: Path) -> None:
    for days in ([], [T, T]):
        with (
            Record(record(tmp_path / str(len(days)), person=[{}]), purpose="case_finding", threads=1) as held,
            pytest.raises(WrongUsage, match="different index dates"),
        ):
            cohort(held, days)


def test_many_dates_are_what_each_alone_is_whatever_order_they_are_asked_in(tmp_path: Path) -> None:
    """More dates than are worked out together: nobody is lost between two lots, and none of their rows stands out of order."""
    days = [date(2024, month, 1) for month in (9, 1, 8, 2, 7, 3, 6, 4, 5)]
    tables = {
        "person": [{"person_id": n, "birth_month": f"{1949 + n}-01-01"} for n in (1, 2, 3)],
        "registration": [{"person_id": n} for n in (1, 2)] + [{"person_id": 3, "event_date": "2024-04-15"}],
        "death": [{"person_id": 2, "event_date": "2024-06-10"}],
    }
    whole = at(tmp_path / "all", *days, **tables)
    alone = [at(tmp_path / str(day), day, **tables) for day in sorted(days)]
    # One registered and alive all along at nine dates, one until June at six, one from May on at five.
    assert scored(whole) == [1] * 9 + [2] * 6 + [3] * 5
    each = pd.concat([one.frame for one in alone]).sort_values(["person_id", "index_date"], ignore_index=True)
    pd.testing.assert_frame_equal(whole.frame, each)
    for name in ("left_out", "practices"):
        pd.testing.assert_frame_equal(
            getattr(whole, name), pd.concat([getattr(one, name) for one in alone], ignore_index=True)
        )
