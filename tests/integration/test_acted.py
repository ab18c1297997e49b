"""Marks of people acted on, brought to the rows of a refit, on the shared area of 2,000 simulated people."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest

from features.errors import BadInput, WrongUsage
from models.acted import touched
from risk import acted
from risk.dataset import Sample
from risk.settings import Settings
from risk.training import Asked, train_model
from tests import synthetic
from tests.area import Area, frailty

MODEL = "unplanned_admission_365"


def test_everybody_on_a_published_list_is_marked_from_its_date(area: Area) -> None:
    marks = acted.published(Settings(home=area.home))
    manifest = json.loads((area.home / "runs" / "1" / "run.json").read_text())
    scores = parquet.read_table(area.home / "runs" / "1" / "scores.parquet").to_pandas()
    assert len(marks) == manifest["counts"]["listed"]
    assert set(marks.person_id.tolist()) == set(scores.loc[scores["listed"], "person_id"])
    assert {str(day) for day in marks.acted_on} == {manifest["at"]}


def test_a_file_of_the_areas_own_is_brought_to_its_people(area: Area, tmp_path: Path) -> None:
    held = parquet.read_table(area.extract / "person.parquet", columns=["nhs_number"])["nhs_number"].to_pylist()
    numbers = [number for number in held if number][:3]
    path = tmp_path / "acted.csv"
    path.write_text(
        "nhs_number,acted_on\n"
        + "".join(f"{number},2023-04-0{i + 1}\n" for i, number in enumerate(numbers))
        + "9434765919,2023-04-09\n"
    )
    marks = acted.marks(Settings(home=area.home), str(path))
    assert len(set(marks.person_id.tolist())) == 3, "whom the record does not know is left out"
    assert sorted(map(str, marks.acted_on)) == ["2023-04-01", "2023-04-02", "2023-04-03"]


@pytest.mark.parametrize(
    ("text", "said"),
    [("number,day\n", "expected the columns nhs_number, acted_on"),
     ("nhs_number,acted_on\n9434765919,soon\n", "line 2: expected an NHS number and a day"),
     ("nhs_number,acted_on\n9434765919,2023-01-01\n123,2023-01-01\n", "line 3"),
     ("nhs_number,acted_on\n9434765919\n", "line 2")],
)  # fmt: skip
def test_a_file_that_does_not_fit_is_refused_without_saying_what_is_in_it(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "acted.csv"
    path.write_text(text)
    with pytest.raises(BadInput, match=said) as refused:
        acted.from_file(Settings(home=tmp_path), path)
    assert "9434765919" not in str(refused.value)
    assert "soon" not in str(refused.value)


def test_rows_acted_on_do_not_reach_a_refit_and_are_counted(area: Area) -> None:
    marks = acted.published(Settings(home=area.home))
    made = synthetic.dataset(people=40)
    person = np.concatenate([marks.person_id[:10], np.arange(30)])
    data = replace(made, person_id=person, index_date=np.full(40, "2024-11-01", "datetime64[D]"))
    sample = acted.treated(
        Sample(data, {"used": {"rows": 40}}), Settings(home=area.home), acted.PUBLISHED, "exclude", MODEL
    )
    assert not touched(sample.data, marks).any()
    assert sample.flow["acted_on"] == {"way": "exclude", "acted_on": 10, "rows": 40}
    assert sample.flow["used"]["rows"] == 30


def test_weights_need_a_live_model_that_drew_the_lists(area: Area) -> None:
    sample = Sample(synthetic.dataset(people=20), {})
    with pytest.raises(WrongUsage, match="no version of death_365 is live"):
        acted.treated(sample, Settings(home=area.home), acted.PUBLISHED, "weight", "death_365")
    with pytest.raises(WrongUsage, match="declared no more"):
        acted.treated(sample, Settings(home=area.home), acted.PUBLISHED, "weight", MODEL)


def test_training_asks_for_the_marks_before_it_splits(
    area: Area, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def treated(sample: Sample, settings: Settings, *given: str) -> Sample:
        raise RuntimeError(f"{len(sample.data) > 0} {given}")

    monkeypatch.setattr("risk.training.acted.treated", treated)
    asked = Asked(area.record, "any_admission", 90, (date(2023, 7, 1),), acted="marks.csv", acted_as="weight")
    with pytest.raises(RuntimeError, match=r"True \('marks.csv', 'weight', 'any_admission_90'\)"):
        train_model(asked, Settings(home=tmp_path))


def test_a_way_that_is_none_is_refused(area: Area) -> None:
    done = frailty(
        area.environment,
        "train",
        "--record",
        str(area.record),
        "--outcome",
        "death",
        "--acted",
        "published",
        "--acted-as",
        "hope",
    )
    assert done.returncode == 2
    assert "exclude, weight; found 'hope'" in done.stderr
