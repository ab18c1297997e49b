"""The rules of the outcomes, one table each. As in test_outcomes: the date is 1 April 2024, the window a year, all feeds cover all."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from features.cohort import cohort
from features.errors import BadInput
from features.outcomes import label, use
from features.outcomes.declared import declared, named
from features.outcomes.events import CLASSES
from features.outcomes.living import in_care_home
from features.outcomes.rules import HOUSE, Rules, in_force, source_of
from features.record.hospital import Spell
from features.record.reader import Record
from risk.run.weekly import whom
from tests.records import always_fresh, feeds, record
from tests.spec.test_outcomes import CARE, T, answer, answers, labels


@pytest.fixture
def area(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts rules of an area in force."""

    def put(text: str) -> None:
        file = tmp_path / "outcomes.toml"
        file.write_text(text)
        use(file)

    monkeypatch.setenv("FRAILTY_OUTCOMES", "")
    yield put
    use(None)


def stay(**row: Any) -> dict[str, Any]:
    return {"spell": [{"event_date": "2024-06-01", "admission_method": "21", **row}]}


def coded(*codes: tuple[str, int, int | None], **row: Any) -> dict[str, Any]:
    """An emergency stay with (code, position, episode)."""
    return {
        **stay(row_id=9, **row),
        "diagnosis": [
            {"row_id": n, "spell_id": 9, "event_date": "2024-06-01", "code": code, "position": position, "episode": episode}
            for n, (code, position, episode) in enumerate(codes, 1)
        ],
    }  # fmt: skip


# -- the rules themselves


def test_every_rule_says_what_it_does_and_where_it_is_from() -> None:
    for name, field in Rules.model_fields.items():
        assert len(field.description or "") > 20, name
        assert len(source_of(name)) > 20, name


def test_an_areas_rules_stand_in_place_of_the_houses(area: Any) -> None:
    before = named("deterioration").fingerprint
    area("package_weeks = 6\n[lags]\nspell = 60\n")
    assert in_force() == HOUSE.model_copy(update={"package_weeks": 6, "lags": {**HOUSE.lags, "spell": 60}})
    assert named("deterioration").fingerprint != before
    assert named("unplanned_admission").lag == 60
    use(None)
    assert named("deterioration").fingerprint == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no_event = ['ordinary']", "classes of stay among day_case"),
        ("avoidable = 'efi_snomed'", "ICD-10 code sets among"),
        ("[lags]\nspell = -1", "0 or more"),
        ("[lags]\nperson = 1", "tables among spell"),
        ("package_grown_by = 1.0", "greater than 1"),
        ("nonsense = 1", "not permitted"),
        ("= 1", "no TOML file"),
    ],
)
def test_rules_that_do_not_fit_are_refused(area: Any, text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        area(text)


def test_a_file_of_rules_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="found none"):
        use(tmp_path / "none.toml")


def test_classes_of_a_stay_are_the_records() -> None:
    held = Spell.to_schema().columns["patient_class"].checks
    assert [check.statistics["allowed_values"] for check in held] == [list(CLASSES)]


# -- hospital at home


def test_hospital_at_home_is_an_event_only_where_an_area_says_so(tmp_path: Path, area: Any) -> None:
    at_home = stay(patient_class="hospital_at_home")
    assert answer(labels(tmp_path / "a", "unplanned_admission", **at_home)) == 0
    assert (
        answer(labels(tmp_path / "b", "avoidable_admission", **coded(("J440", 1, 1), patient_class="hospital_at_home")))
        == 0
    )
    area("no_event = []")
    assert answer(labels(tmp_path / "c", "unplanned_admission", **at_home)) == 1


# -- zero-day stays


def test_zero_day_stays_count_unless_an_area_says_not(tmp_path: Path, area: Any) -> None:
    """NHS England: same day emergency care moves from admitted care to the emergency care data set."""
    cases = {
        "left the same day": stay(end_date="2024-06-01"),
        "left the next day": stay(end_date="2024-06-02"),
        "end not known": stay(),
        "both": {"spell": [*stay(end_date="2024-06-01")["spell"], *stay(event_date="2024-07-01", end_date="2024-07-03")["spell"]]},
    }  # fmt: skip
    assert list(answers(tmp_path / "a", "unplanned_admission", cases).values()) == [1, 1, 1, 1]
    area("zero_days = false")
    assert list(answers(tmp_path / "b", "unplanned_admission", cases).values()) == [0, 1, 1, 1]


def test_the_same_outcome_without_zero_day_stays(tmp_path: Path) -> None:
    folder = record(tmp_path, **stay(end_date="2024-06-01"))
    with Record(folder, purpose="training", threads=1) as held:
        people = cohort(held, [T])
        assert answer(label(held, people, "unplanned_admission")) == 1
        assert answer(label(held, people, named("unplanned_admission").overnight())) == 0


# -- avoidable admissions


def test_acute_bronchitis_is_avoidable_beside_chronic_lung_disease(tmp_path: Path) -> None:
    """NHS Outcomes Framework 2.3.i (I00708): J20 with J41, J42, J43, J44 or J47 as a second diagnosis."""
    assert answers(
        tmp_path,
        "avoidable_admission",
        {
            "alone": coded(("J209", 1, 1)),
            "beside emphysema": coded(("J209", 1, 1), ("J439", 2, 1)),
            "beside asthma": coded(("J209", 1, 1), ("J459", 2, 1)),
            "not primary": coded(("J189", 1, 1), ("J209", 2, 1), ("J439", 3, 1)),
        },
    ) == {"alone": 0, "beside emphysema": 1, "beside asthma": 0, "not primary": 0}


@pytest.mark.parametrize(
    ("condition", "code"),
    [("hepatitis B", "B181"), ("anaemia", "D509"), ("diabetes", "E119"), ("dementia", "F03X"), ("epilepsy", "G409"), ("hypertension", "I10X"),
     ("heart failure", "I500"), ("angina", "I209"), ("atrial fibrillation", "I489"), ("COPD", "J449"), ("asthma", "J459")],
)  # fmt: skip
def test_every_condition_of_the_indicator_is_avoidable(tmp_path: Path, condition: str, code: str) -> None:
    """The eleven conditions of indicator 2.3.i as BMJ Quality and Safety lists them beside those of 3a."""
    assert answer(labels(tmp_path, "avoidable_admission", **coded((code, 1, 1)))) == 1, condition


@pytest.mark.parametrize(
    "code", ["J189", "N390", "L031", "K529"], ids=["pneumonia", "urine", "cellulitis", "gastroenteritis"]
)
def test_acute_conditions_of_indicator_3a_are_not_of_this_one(tmp_path: Path, code: str) -> None:
    assert answer(labels(tmp_path, "avoidable_admission", **coded((code, 1, 1)))) == 0


# -- falls and fractures


def test_a_fall_counts_in_any_position_of_the_first_episode(tmp_path: Path, area: Any) -> None:
    """A fall coded in a later episode befell somebody who was in hospital already."""
    cases = {
        "first episode, ninth": coded(("J189", 1, 1), ("W190", 9, 1)),
        "second episode": coded(("J189", 1, 1), ("W190", 2, 2)),
        "hip broken in the second": coded(("J189", 1, 1), ("S720", 2, 2)),
        "episode not told": coded(("J189", 1, None), ("W190", 2, None)),
        "planned admission": coded(("S720", 1, 1), admission_method="11"),
        "day case": coded(("S720", 1, 1), patient_class="day_case"),
        "at home": coded(("S720", 1, 1), patient_class="hospital_at_home"),
    }
    assert answers(tmp_path / "a", "deterioration", cases) == {
        "first episode, ninth": 1,
        "second episode": 0,
        "hip broken in the second": 0,
        "episode not told": 1,
        "planned admission": 1,
        "day case": 0,
        "at home": 0,
    }
    area("falls_first_episode = false")
    assert [case for case, y in answers(tmp_path / "b", "deterioration", cases).items() if y == 0] == [
        "day case",
        "at home",
    ]


@pytest.mark.parametrize(
    ("code", "expected"),
    [("W00", 1), ("W199", 1), ("R296", 1), ("W20", 0), ("V99", 0), ("R295", 0), ("S720", 1), ("S724", 0), ("S422", 1), ("S525", 1),
     ("S220", 1), ("S320", 1), ("S325", 1), ("M485", 1), ("M800", 1), ("M810", 0), ("S828", 0)],
)  # fmt: skip
def test_codes_of_falls_and_fragility_fractures(tmp_path: Path, code: str, expected: int) -> None:
    """WHO ICD-10 W00-W19 and R29.6; hip, spine, arm, forearm and pelvis of NICE CG146; M80 osteoporosis with fracture."""
    assert answer(labels(tmp_path, "deterioration", **coded((code, 1, 1)))) == expected


# -- home care


def care(*rows: tuple[str, str | None, float | None]) -> dict[str, Any]:
    """Long-term home care: (from, to, hours a week)."""
    return {"social_care": [{**CARE, "event_date": a, "end_date": b, "units_a_week": hours} for a, b, hours in rows]}


def test_home_care_must_stay_grown_on_every_day_of_four_weeks(tmp_path: Path) -> None:
    """8 hours before, 12 from 1 June: grown by half and by 4. Four weeks end on 28 June."""
    before = ("2020-06-01", "2024-06-01", 8.0)
    assert answers(
        tmp_path,
        "deterioration",
        {
            "and stays": care(before, ("2024-06-01", None, 12.0)),
            "until the 29th": care(before, ("2024-06-01", "2024-06-29", 12.0), ("2024-06-29", None, 8.0)),
            "until the 28th": care(before, ("2024-06-01", "2024-06-28", 12.0), ("2024-06-28", None, 8.0)),
            "less for a week between": care(
                before,
                ("2024-06-01", "2024-06-10", 12.0),
                ("2024-06-10", "2024-06-17", 8.0),
                ("2024-06-17", "2024-06-26", 12.0),
            ),
            "in two steps that are too small": care(
                before, ("2024-06-01", "2024-09-01", 9.5), ("2024-09-01", None, 11.0)
            ),
            "hours not recorded after": care(before, ("2024-06-01", None, None)),
            "a second package of hours unknown": care(before, ("2024-06-01", None, 12.0), ("2024-06-01", None, None)),
        },
    ) == {
        "and stays": 1,
        "until the 29th": 1,
        "until the 28th": 0,
        "less for a week between": 0,
        "in two steps that are too small": 0,
        "hours not recorded after": "not_recorded",
        "a second package of hours unknown": "not_recorded",
    }


def test_growth_of_home_care_is_a_rule_of_the_area(tmp_path: Path, area: Any) -> None:
    grown = care(("2020-06-01", "2024-06-01", 8.0), ("2024-06-01", None, 10.0))
    assert answer(labels(tmp_path / "a", "deterioration", **grown)) == 1
    area("package_hours_more = 2.5")
    assert answer(labels(tmp_path / "b", "deterioration", **grown)) == 0


def test_the_weeks_that_decide_must_be_covered_too(tmp_path: Path) -> None:
    """The window ends on 1 April 2025; six weeks on is 13 May: what follows tells whether a move was permanent."""

    def fed(until: str) -> list[dict[str, Any]]:
        care_feed = feeds("social_care", known_at="2029-01-01", period_from="2020-01-01", period_to=until)
        return [*(row for row in always_fresh() if row["table_name"] != "social_care"), *care_feed]

    assert date(2025, 4, 1).toordinal() + 42 == date(2025, 5, 13).toordinal()
    assert answer(labels(tmp_path / "a", "deterioration", feed=fed("2025-05-13"))) == 0
    assert answer(labels(tmp_path / "b", "deterioration", feed=fed("2025-05-12"))) == "not_covered"


# -- care homes


def test_a_move_that_does_not_last_is_not_permanent(tmp_path: Path) -> None:
    """Adult Social Care Outcomes Framework 2A/2B count permanent admissions. In a care home from 1 June; 42 days on is 13 July."""

    def moved(end: str | None, **more: Any) -> dict[str, Any]:
        home = [
            {"end_date": "2024-06-01"},
            {"event_date": "2024-06-01", "end_date": end, "kind": "care_home", "kind_from": "gp"},
        ]
        return {"residence": home, **more}

    respite = {
        "service_type": "short_term_other",
        "component": "respite",
        "event_date": "2024-05-30",
        "end_date": "2024-06-20",
    }
    onward = moved("2024-06-15")
    onward["residence"].append({"event_date": "2024-06-15", "kind": "nursing_home", "kind_from": "gp"})
    assert answers(
        tmp_path,
        "deterioration",
        {
            "still there": moved(None),
            "for 42 days": moved("2024-07-13"),
            "for 41 days": moved("2024-07-12"),
            "on to another home": onward,
            "with respite": moved(None, social_care=[respite]),
            "with respite that had ended": moved(None, social_care=[{**respite, "end_date": "2024-06-01"}]),
        },
    ) == {
        "still there": 1,
        "for 42 days": 1,
        "for 41 days": 0,
        "on to another home": 1,
        "with respite": 0,
        "with respite that had ended": 1,
    }


def test_who_lived_in_a_care_home_is_not_asked_whether_they_move_into_one(tmp_path: Path) -> None:
    placed = {"event_date": "2023-01-01", "service_type": "long_term_residential"}
    assert answers(
        tmp_path,
        "deterioration",
        {
            "by the residence": {"residence": [{"kind": "care_home"}]},
            "by a match of addresses": {"residence": [{"kind": "care_home", "kind_from": "address_match"}]},
            "by the council": {"social_care": [placed]},
            "by the council, learned since": {"social_care": [{**placed, "known_at": "2024-08-01"}]},
            "left it before": {"social_care": [{**placed, "end_date": "2024-02-01"}]},
            "there and died": {"social_care": [placed], "death": [{"event_date": "2024-05-01"}]},
        },
    ) == {
        "by the residence": "in_care_home",
        "by a match of addresses": "in_care_home",
        "by the council": "in_care_home",
        "by the council, learned since": "in_care_home",
        "left it before": 0,
        "there and died": "in_care_home",
    }


# -- how long people are followed


def test_how_long_each_was_followed_and_what_ended_it(tmp_path: Path) -> None:
    left = {"end_date": "2024-07-01", "end_reason": "left_area"}
    cases: dict[str, dict[str, Any]] = {
        "to the end": {},
        "event": stay(),
        "event, then left": {**stay(), "registration": [left]},
        "left": {"registration": [left]},
        "died": {
            "death": [{"event_date": "2024-06-11"}],
            "registration": [{"end_date": "2024-06-20", "end_reason": "died"}],
        },
        "registration ended by death": {"registration": [{"end_date": "2024-07-01", "end_reason": "died"}]},
        "not recorded": stay(admission_method=None),
    }
    tables: dict[str, list[dict[str, Any]]] = {"person": [{"person_id": n} for n, _ in enumerate(cases, 1)]}
    for n, given in enumerate(cases.values(), 1):
        for name, rows in ({"registration": [{}]} | given).items():
            tables.setdefault(name, []).extend(
                {"row_id": 10 * n + k, **row, "person_id": n} for k, row in enumerate(rows)
            )
    found = labels(tmp_path, "unplanned_admission", **tables)
    told = dict(zip(cases, zip(found["ended"], found["followed"].fillna(-1).astype(int), strict=True), strict=True))
    assert told == {
        "to the end": ("window", 365),
        "event": ("event", 61),
        "event, then left": ("event", 61),
        "left": ("left", 91),
        "died": ("died", 71),
        "registration ended by death": ("died", 91),
        "not recorded": (None, -1),
    }


def test_who_goes_to_a_practice_that_is_not_covered_is_lost_on_that_day(tmp_path: Path) -> None:
    """The hospital's feed speaks for B86022 alone."""

    def then(practice: str) -> dict[str, Any]:
        return {
            "registration": [
                {"end_date": "2024-07-01"},
                {"event_date": "2024-07-01", "practice": practice, "row_id": 1},
            ]
        }

    only = [{**row, "covers": "B86022"} if row["table_name"] == "spell" else row for row in always_fresh()]
    people = {
        "stays": {},
        "changes": then("B86099"),
        "admitted before": {**then("B86099"), **stay()},
        "admitted after": {**then("B86099"), **stay(event_date="2024-08-01")},
        "died after": {**then("B86099"), "death": [{"event_date": "2024-08-01"}]},
        "died before": {**then("B86099"), "death": [{"event_date": "2024-06-11"}]},
    }
    tables: dict[str, list[dict[str, Any]]] = {
        "person": [{"person_id": n} for n, _ in enumerate(people, 1)],
        "feed": only,
    }
    for n, given in enumerate(people.values(), 1):
        for name, rows in ({"registration": [{}]} | given).items():
            tables.setdefault(name, []).extend(
                {**row, "row_id": 10 * n + k, "person_id": n} for k, row in enumerate(rows)
            )
    found = labels(tmp_path, "unplanned_admission", **tables)
    told = dict(zip(people, [answer(found.iloc[[n]]) for n in range(len(found))], strict=True))
    assert told == {
        "stays": 0,
        "changes": "left_covered_practices",
        "admitted before": 1,
        "admitted after": "left_covered_practices",
        "died after": "left_covered_practices",
        "died before": 0,
    }
    assert found["followed"].tolist() == [365, 91, 61, 91, 91, 71]


def test_rules_are_what_outcomes_are_made_of() -> None:
    assert declared(HOUSE)["deterioration"].after("social_care") == max(7 * HOUSE.package_weeks, HOUSE.permanent_days)
    assert declared(HOUSE)["deterioration"].after("spell") == 0


def test_a_run_knows_of_a_care_home_by_residence_or_placement_as_then_known(tmp_path: Path) -> None:
    placed = {"event_date": "2023-01-01", "service_type": "long_term_nursing"}
    folder = record(
        tmp_path,
        person=[{"person_id": n} for n in range(1, 7)],
        registration=[{"person_id": n} for n in range(1, 7)],
        residence=[{"person_id": 2, "kind": "care_home"}, {"person_id": 3}],
        social_care=[
            {**placed, "person_id": 3},
            {**placed, "person_id": 4, "known_at": "2024-08-01"},
            {**placed, "person_id": 5, "end_date": "2024-02-01"},
            {**placed, "person_id": 6, "service_type": "short_term_other"},
        ],
    )
    with Record(folder, purpose="case_finding", threads=1) as held:
        people = cohort(held, [T])
        assert in_care_home(held, people.frame).tolist() == [False, True, True, False, False, False]
        assert whom("deterioration", people, held).frame["person_id"].tolist() == [1, 4, 5, 6]
        assert len(whom("unplanned_admission", people, held)) == 6
