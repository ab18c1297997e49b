"""The frailty register as small tables: what proposes frailty, who comes back to be looked at, and who counts. Each rule names the harm it prevents."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.coverage import PERSON_TABLES
from features.record.reader import Record
from risk.frailty_register import categories, missing
from risk.frailty_register.proposing import FEEDS, aged, proposals
from risk.frailty_register.register import OnRegister, counts
from risk.frailty_register.rules import conflict, faults
from risk.frailty_register.standing import shown, stands
from tests.records import record

T = datetime.date(2024, 6, 1)
NAN = math.nan
SCALE = {"event_date": "2024-01-10", "tool": "cfs", "score": 6}
INDEX = {"event_date": "2024-01-10", "tool": "efi", "score": 0.20}
MILD, MODERATE, SEVERE = "925791000000100", "925831000000107", "925861000000102"
CODED = {"event_date": "2023-01-10", "code": SEVERE}


def proposed(
    folder: Path, deficits: float = NAN, age_band: str = "80-84", unconfirmed: int = 0, **tables: Any
) -> list[dict[str, Any]]:
    scores = pd.DataFrame({"person_id": [1], "practice_scheme": ["ods"], "practice": ["A81001"], "age_band": [age_band],
                           "unconfirmed": np.array([unconfirmed], np.uint64)})  # fmt: skip
    with Record(record(folder, **tables), purpose="case_finding", follow="confirmed") as opened:
        return list(proposals(opened, T, scores, np.array([deficits])))


@pytest.mark.parametrize(
    ("fraction", "category"),
    [(0.0, "fit"), (0.12, "fit"), (0.121, "mild"), (0.24, "mild"), (0.25, "moderate"), (0.36, "moderate"), (0.361, "severe"), (1.0, "severe"),
     (7.0, None), (-0.1, None)],  # a count of deficits sent as a fraction says nothing
)  # fmt: skip
def test_bands_of_the_index(fraction: float, category: str | None) -> None:
    """A score in another unit is taken for severe frailty."""
    assert categories.of_index(fraction) == category


@pytest.mark.parametrize(
    ("level", "category"),
    [
        (1, "fit"),
        (4, "fit"),
        (5, "mild"),
        (6, "moderate"),
        (7, "severe"),
        (8, "severe"),
        (9, None),
        (0, None),
        (5.5, None),
    ],
)
def test_levels_of_the_scale(level: float, category: str | None) -> None:
    """Somebody in the last months of life of an illness, who need not be frail, is proposed as severely frail."""
    assert categories.of_scale(level) == category


@pytest.mark.parametrize(
    ("deficits", "tables", "found"),
    [
        (NAN, {}, None),  # nothing recorded and no feed to count from: nobody is proposed, and nobody is "fit"
        (4, {}, None),
        (5, {}, ("mild", "counted_index")),
        (9, {}, ("moderate", "counted_index")),
        (13, {}, ("severe", "counted_index")),
        (13, {"assessment": [INDEX]}, ("mild", "recorded_index")),  # the practice's own before ours
        (4, {"assessment": [SCALE]}, ("moderate", "clinical_frailty_scale")),
        (13, {"assessment": [{**SCALE, "score": 3}]}, None),  # a clinician found the person well
        (13, {"assessment": [{**SCALE, "score": 9}]}, ("severe", "counted_index")),  # 9 proposes nothing
        (4, {"gp_event": [CODED]}, ("severe", "recorded_diagnosis")),
        (4, {"gp_event": [CODED, {"event_date": "2024-02-01", "code": MILD}]}, ("mild", "recorded_diagnosis")),  # the later
        (4, {"gp_event": [CODED], "assessment": [SCALE]}, ("moderate", "clinical_frailty_scale")),  # the scale is later
        (4, {"gp_event": [{**CODED, "event_date": "2024-01-10"}], "assessment": [SCALE]}, ("moderate", "clinical_frailty_scale")),
        (4, {"gp_event": [{**CODED, "event_date": "2024-03-01"}], "assessment": [SCALE]}, ("severe", "recorded_diagnosis")),
        (4, {"assessment": [{**SCALE, "event_date": "2022-06-01"}]}, None),  # 731 days old
        (4, {"assessment": [{**SCALE, "event_date": "2022-06-02"}]}, ("moderate", "clinical_frailty_scale")),
        (4, {"assessment": [{**SCALE, "known_at": "2024-06-01"}]}, None),  # nobody knew yet
    ],
)  # fmt: skip
def test_what_is_proposed_and_on_what_it_rests(
    tmp_path: Path, deficits: float, tables: dict[str, Any], found: tuple[str, str] | None
) -> None:
    """A count of codes overrules the clinician who saw the person; an assessment of years ago is read as today's."""
    rows = proposed(tmp_path / "r", deficits, **tables)
    told = [(row["proposed"], next(basis["kind"] for basis in row["rests_on"] if basis["decides"])) for row in rows]
    assert told == ([] if found is None else [found])


def test_nobody_under_65_and_nothing_by_probability_alone(tmp_path: Path) -> None:
    """The index is read of people for whom it was never made; somebody else's medicines make a person frail."""
    assert proposed(tmp_path / "a", 13, age_band="60-64") == []
    assert [row["proposed"] for row in proposed(tmp_path / "b", 13, age_band="65-69")] == ["severe"]
    assert proposed(tmp_path / "c", 13, unconfirmed=2**63 - 1) == []
    bands = pd.DataFrame({"age_band": ["18-19", "60-64", "65-69", "85-89", "90 and over"]})
    assert aged(bands).tolist() == [False, False, True, True, True]
    assert FEEDS == ("assessment", "gp_event", "prescription")


def answered(answer: str, category: str | None, then: str | None) -> list[dict[str, Any]]:
    return [{"version": 1, "kind": answer, "body": {"category": category, "proposed": then}}]


@pytest.mark.parametrize(
    ("history", "now", "state", "category", "on_register"),
    [
        ([], "mild", "waiting", None, True),
        (answered("confirm", "mild", "mild"), "mild", "confirmed", "mild", True),
        (answered("confirm", "mild", "mild"), "severe", "look_again", "mild", True),
        (answered("confirm", "mild", "mild"), None, "confirmed", "mild", True),  # a clinician's word stands until another
        (answered("change", "severe", "mild"), "mild", "confirmed", "severe", True),  # what was answered is not asked again
        (answered("change", "severe", "mild"), "severe", "confirmed", "severe", True),  # the record came to agree
        (answered("change", "fit", "mild"), "mild", "confirmed", "fit", False),
        (answered("change", "fit", "mild"), "moderate", "look_again", "fit", True),
        (answered("reject", None, "mild"), "mild", "rejected", None, True),
        (answered("reject", None, "mild"), "moderate", "look_again", None, True),
        (answered("reject", None, "mild"), None, "rejected", None, False),
        (answered("change", "moderate", None), None, "confirmed", "moderate", True),  # nothing had been proposed
    ],
)  # fmt: skip
def test_who_is_to_be_looked_at(
    history: list[dict[str, Any]], now: str | None, state: str, category: str | None, on_register: bool
) -> None:
    """A clinician is asked the same thing every week and stops reading; somebody who got much worse is never asked about again."""
    one = stands(history, now)
    assert (one.state, one.category, shown(one, now)) == (state, category, on_register)


def test_only_confirmed_people_count() -> None:
    """A thousand people are called frail by a count of codes that nobody looked at (NHS England's word on batch coding)."""

    def one(history: list[dict[str, Any]], now: str | None) -> OnRegister:
        return OnRegister({}, now, [], stands(history, now))

    waiting = [one([], "severe") for _ in range(1000)]
    assert counts(waiting, 5000) == {"people": 5000, "frail": 0, "confirmed": {"fit": 0, "mild": 0, "moderate": 0, "severe": 0},
                                     "to_answer": 1000, "look_again": 0, "rejected": 0}  # fmt: skip
    said = [one(answered("confirm", "mild", "mild"), "mild"), one(answered("change", "fit", "mild"), "mild"),
            one(answered("confirm", "mild", "mild"), "severe"), one(answered("reject", None, "mild"), "mild")]  # fmt: skip
    told = counts([*said, *waiting], 5000)
    assert (
        told["frail"],
        told["confirmed"]["mild"],
        told["confirmed"]["fit"],
        told["look_again"],
        told["rejected"],
    ) == (2, 2, 1, 1, 1)


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({}, []),
        ({"category": None}, ["category"]),
        ({"answer": "reject"}, ["category", "why_rejected"]),
        ({"answer": "reject", "category": None, "why_rejected": "record_not_right"}, []),
        ({"why_rejected": "record_not_right"}, ["why_rejected"]),
        ({"on": datetime.date(2024, 6, 2)}, ["on"]),
        ({"how": "other"}, ["words"]),
        ({"how": "other", "words": "seen at home with the matron"}, []),
    ],
)
def test_what_an_answer_must_say(changed: dict[str, Any], wrong: list[str]) -> None:
    """A category that nobody assessed; an assessment of tomorrow; a rejection of which nobody knows why."""
    said = {"answer": "confirm", "category": "mild", "how": "clinical_judgement", "on": T, **changed}
    assert [where for where, _ in faults(said, T)] == wrong


@pytest.mark.parametrize(
    ("said", "now", "fits"),
    [
        (("confirm", "mild"), "mild", True),
        (("confirm", "severe"), "mild", False),  # the proposal moved under the clinician's hand
        (("confirm", "mild"), None, False),
        (("change", "severe"), "mild", True),
        (("change", "mild"), "mild", False),
        (("change", "mild"), None, True),  # a clinician may know what no record says
        (("reject", None), "mild", True),
        (("reject", None), None, False),
    ],
)
def test_an_answer_answers_what_is_proposed(said: tuple[str, str | None], now: str | None, fits: bool) -> None:
    """A clinician confirms a category that they never saw."""
    assert (conflict({"answer": said[0], "category": said[1]}, now) is None) == fits


def _mask(*without: str) -> int:
    """Every feed but these, as a run keeps it of each person."""
    return sum(1 << place for place, table in enumerate(PERSON_TABLES) if table not in without)


@pytest.mark.parametrize(
    ("feeds", "ages", "held", "says"),
    [
        ((_mask(), _mask()), ("80-84", "65-69"), {}, None),
        ((_mask("assessment"), _mask()), ("80-84", "65-69"), {"assessment": 1}, "not of 1"),
        ((_mask("assessment"), _mask("assessment", "gp_event")), ("80-84", "65-69"), {"assessment": 2, "gp_event": 1}, "GP codes: not of 1"),
        ((_mask("prescription"), _mask()), ("60-64", "65-69"), {}, None),  # the register is not about the younger
        ((_mask("spell"), _mask("ambulance")), ("80-84", "65-69"), {}, None),  # proposes nothing
    ],
)  # fmt: skip
def test_whoever_a_feed_does_not_reach_is_not_taken_for_fit(
    feeds: tuple[int, int], ages: tuple[str, str], held: dict[str, int], says: str | None
) -> None:
    """Harm: a practice whose assessments are not delivered reads that nobody there is frail."""
    scores = pd.DataFrame(
        {"practice_scheme": "ods", "practice": "A81001", "age_band": ages, "feeds": np.array(feeds, np.uint64)}
    )
    found = missing.unreached(scores).get(("ods", "A81001"), {})
    assert found == held
    told = missing.told({"details": {"register_without": found}})
    assert told["feeds"] == held
    assert (
        told["says"] is None
        if says is None
        else says in str(told["says"]) and "not known to be fit" in str(told["says"])
    )


def test_a_run_that_did_not_keep_it_says_so() -> None:
    """Harm: a run of before reads as one of which every feed was there."""
    for details in (None, {}, {"not_scored": {}}):
        told = missing.told({"details": details})
        assert told["feeds"] is None
        assert "not kept" in str(told["says"])
