"""A person's contacts on one axis: which are shown, what each says, and what none does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from risk.contacts import SERVICES, Lane, of_person
from risk.settings import Settings
from serving.web.contacts import in_words, svg
from tests.records import PRACTICE, feeds, record

AT = date(2024, 11, 30)
TABLES = [service.table for service in SERVICES]


def lanes(tmp_path: Path, person: int = 1, **rows: object) -> dict[str, Lane]:
    held = record(tmp_path / "record", **{"feed": feeds(*(table for table in TABLES if table != "ambulance")), **rows})  # type: ignore[arg-type]
    found = of_person(Settings(home=tmp_path / "home", environment="test", record=held, today=AT), person, PRACTICE, AT)
    assert found is not None
    return {lane.service.table: lane for lane in found}


@pytest.mark.parametrize(
    ("table", "row", "how"),
    [
        ("spell", {"admission_method": "21", "end_date": "2024-06-09"}, "emergency"),
        ("spell", {"admission_method": "11", "specialty": "710"}, "planned"),
        ("spell", {"admission_method": None}, ""),
        ("ed_attendance", {"arrival_mode": "ambulance"}, "by ambulance"),
        ("outpatient", {"status": "did_not_attend", "specialty": "710"}, "did not attend"),
        ("gp_contact", {"mode": "home_visit", "status": "attended"}, "home visit"),
        ("community_contact", {"team": "district_nursing"}, "district nursing"),
        ("community_contact", {"team": "mental_health"}, ""),
        ("social_care", {"event": "service", "component": "home_care"}, "service, home care"),
    ],
)
def test_what_a_contact_says(tmp_path: Path, table: str, row: dict[str, object], how: str) -> None:
    """Harm: a page tells of a diagnosis, a clinic or a team that somebody spoke of in confidence."""
    (contact,) = lanes(tmp_path, **{table: [{"event_date": "2024-06-02", **row}]})[table].contacts
    assert (contact[0], contact[2]) == (date(2024, 6, 2), how)


def test_what_was_not_known_then_is_another_s_or_is_too_old_is_not_shown(tmp_path: Path) -> None:
    """Harm: a page shows what happened after the score, or to somebody else."""
    found = lanes(
        tmp_path,
        person=1,
        gp_contact=[
            {"event_date": "2024-06-02"},
            {"event_date": "2024-06-03", "known_at": "2024-12-20"},
            {"event_date": "2024-12-01"},
            {"event_date": "2022-06-02"},
            {"event_date": "2024-06-04", "person_id": 2},
        ],
    )
    assert [on for on, _, _ in found["gp_contact"].contacts] == [date(2024, 6, 2)]
    words = in_words(tuple(found.values()))
    assert "General practice: 1, the newest on 2 June 2024" in words
    assert "999 or 111: none known, no fresh feed" in words, "silence of a missing feed is not none"
    assert "A&E: none" in words
    drawn = svg(tuple(found.values()), AT)
    assert (drawn.count("<circle"), drawn.count("no fresh feed</text>")) == (1, 1)


def test_without_a_record_nothing_is_made_up(tmp_path: Path) -> None:
    assert of_person(Settings(home=tmp_path, environment="test"), 1, PRACTICE, AT) is None


def test_a_feed_of_another_practice_or_long_stale_says_nothing(tmp_path: Path) -> None:
    """Harm: a practice whose feed stopped looks as if its people needed nobody."""
    held = [
        *feeds("gp_contact", covers="A99999"),
        *feeds("outpatient", period_to="2023-01-01"),
        *feeds("ed_attendance", covers=PRACTICE),
    ]
    found = lanes(tmp_path, feed=held, gp_contact=[{"event_date": "2024-06-02"}])
    assert {table: found[table].fed for table in ("gp_contact", "outpatient", "ed_attendance")} == {"gp_contact": False, "outpatient": False, "ed_attendance": True}  # fmt: skip
