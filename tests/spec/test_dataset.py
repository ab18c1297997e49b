"""From a record to a data set: rows in, rows with outcomes out, and everybody else counted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.errors import BadInput, MissingPart, Refused
from features.outcomes import OUTCOMES
from features.record.reader import Record
from models.split import split_dates
from risk import truth
from risk.dataset import Wanted, gather, slices
from risk.settings import Settings
from tests.records import record

AT = date(2020, 1, 1)
UNPLANNED = OUTCOMES["unplanned_admission"]


def wanted(**given) -> Wanted:
    return Wanted(**{"outcome": UNPLANNED, "horizon": 365, "dates": (AT,), "minimum_age": 18, **given})


def spell(person: int, day: str, method: str | None = "21") -> dict:
    return {"person_id": person, "event_date": day, "end_date": day, "admission_method": method}


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """Person 1 is admitted in the window; 2 was the year before; 3 never; 4 leaves in the window; 5 is a child."""
    return record(
        tmp_path / "record",
        person=[{"person_id": n} for n in (1, 2, 3, 4)] + [{"person_id": 5, "birth_month": "2010-01-01"}],
        registration=[{"person_id": n} for n in (1, 2, 3, 5)]
        + [{"person_id": 4, "end_date": "2020-06-01", "end_reason": "left_area"}],
        spell=[spell(1, "2020-03-01"), spell(2, "2019-06-01"), spell(2, "2019-07-01")],
    )


def test_each_row_has_its_outcome_and_its_past(held: Path) -> None:
    with Record(held, purpose="training") as opened:
        sample = gather(opened, wanted())
    data = sample.data
    assert data.person_id.tolist() == [1, 2, 3]
    assert data.y.tolist() == [1, 0, 0]
    # Admissions in the last year, and age in completed years (born in January 1950).
    assert data.past.tolist() == [[0, 70], [2, 70], [0, 70]]
    assert data.slices["prior_emergency"].tolist() == [False, True, False]
    assert data.about["kind"] == "demonstration"
    assert data.X[:, data.names.index("emergency_admissions_1y")].tolist() == [0, 2, 0]


def test_everybody_is_counted(held: Path) -> None:
    with Record(held, purpose="training") as opened:
        flow = gather(opened, wanted()).flow
    assert flow["cohort"] == [{"date": "2020-01-01", "people": 4}]
    assert flow["left_out"] == [{"date": "2020-01-01", "reason": "under_age", "people": 1}]
    assert flow["censored"] == {"left_area": 1}
    assert flow["used"] == {"rows": 3, "people": 3, "events": 1}


def test_who_is_followed_stands_for_who_left(held: Path) -> None:
    """Person 4 left on day 152 of 366; 1 was admitted on day 60, before; 2 and 3 were followed to the end and are two of three."""
    with Record(held, purpose="training") as opened:
        sample = gather(opened, wanted())
        everybody = gather(opened, wanted(keep=lambda person, days: person < 4))
    assert sample.data.weight.tolist() == pytest.approx([1.0, 1.5, 1.5])
    assert sample.flow["weights"]["lost"] == 1
    assert everybody.data.weight is None
    assert everybody.flow["weights"] is None


def test_only_the_rows_asked_for_are_gathered(held: Path) -> None:
    with Record(held, purpose="training") as opened:
        sample = gather(opened, wanted(keep=lambda person, days: person > 1))
    assert sample.data.person_id.tolist() == [2, 3]
    assert sample.flow["cohort"] == [{"date": "2020-01-01", "people": 4}]


def test_where_no_outcome_is_known_it_is_said_why(held: Path) -> None:
    with Record(held, purpose="training") as opened, pytest.raises(Refused, match="newest delivery"):
        gather(opened, wanted(dates=(date(2029, 12, 1),)))


def test_a_record_without_methods_of_admission_ranks_by_any_admission(tmp_path: Path) -> None:
    path = record(tmp_path / "r", spell=[spell(1, "2019-06-01", None), spell(2, "2020-03-01", None)])
    with Record(path, purpose="training") as opened:
        data = gather(opened, wanted(outcome=OUTCOMES["any_admission"])).data
    assert data.past[:, 0].tolist() == [1, 0]
    assert data.about["past"] == "any_admissions_1y"


def test_slices_are_groups_that_a_reader_knows() -> None:
    frame = pd.DataFrame(
        {"age": [18, 39, 65, 84, 101], "sex": ["female", "male", "female", "male", "female"],
         "imd_decile": [1.0, 2.0, 3.0, 10.0, np.nan], "ethnicity": ["A", "H", "P", "Z", None],
         "practice": ["P"] * 5, "care_home": pd.array([True, False, None, False, False], "boolean")}
    )  # fmt: skip
    found = slices(frame, np.array([0, 1, np.nan, 2, 0], np.float32))
    assert found["age_band"].tolist() == ["18-39", "18-39", "65-74", "75-84", "85+"]
    assert found["imd_fifth"].tolist() == ["1 (most deprived)", "1 (most deprived)", "2", "5 (least deprived)", "not recorded"]  # fmt: skip
    assert found["ethnicity"].tolist() == ["white", "asian", "black", "not recorded", "not recorded"]
    assert found["care_home"].tolist() == ["yes", "no", "not recorded", "no", "no"]
    assert found["prior_emergency"].tolist() == [False, True, False, True, False]


def test_the_true_risk_is_brought_to_rows_by_person_and_date() -> None:
    days = pd.to_datetime(["2020-01-01"] * 10).astype("datetime64[s]")
    known = truth.Truth(
        pd.DataFrame({"person_id": range(1, 11), "index_date": days, "probability": np.arange(1, 11) / 20})
    )
    at = np.full(10, np.datetime64("2020-01-01"))
    assert known.of(np.arange(10, 0, -1), at).tolist() == (np.arange(10, 0, -1) / 20).tolist()
    # One in ten had truly gone: their risk is 0. Nine in ten are other people: the file is of another area.
    assert known.of(np.r_[np.arange(1, 10), 99], at)[-1] == 0
    with pytest.raises(BadInput, match="of other people"):
        known.of(np.arange(10, 20), at)
    assert known.of(np.arange(1, 11), np.full(10, np.datetime64("2021-01-01"))) is None


def test_a_folder_without_the_true_risk_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"true_risk\.parquet, found no such file"):
        truth.read(tmp_path, Settings(home=tmp_path), "unplanned_admission", 365, (AT,))


def test_the_true_risk_without_an_identity_store_names_the_missing_part(tmp_path: Path) -> None:
    frame = pd.DataFrame({"nhs_number": ["9990000018"], "local_id": pd.Series([None], dtype="str"), "index_date": [AT],
                          "outcome": ["unplanned_admission"], "horizon": [365], "probability": [0.1]})  # fmt: skip
    frame.to_parquet(tmp_path / truth.FILE)
    with pytest.raises(MissingPart, match="no identity store"):
        truth.read(tmp_path, Settings(home=tmp_path / "home"), "unplanned_admission", 365, (AT,))
    assert truth.read(tmp_path, Settings(home=tmp_path / "home"), "death", 365, (AT,)) is None


def test_the_dates_that_a_split_leaves_are_the_ones_gathered(held: Path) -> None:
    days = split_dates([date(2018, 1, 1), date(2019, 1, 1), AT], 365)
    with Record(held, purpose="training") as opened:
        sample = gather(opened, wanted(dates=days.all, keep=lambda person, day: days.rows(person, day) != ""))
    assert set(sample.data.dates) <= {"2018-01-01", "2019-01-01", "2020-01-01"}
    assert sample.data.people == len(sample.data)
