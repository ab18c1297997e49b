"""The whole: the same arguments give the same bytes, and what cannot be is refused in a sentence."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from importlib import resources
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from features.coding import NHS_NUMBER
from features.errors import Refused, WrongUsage
from features.population import simulate
from features.population.codes import CONDITION, FINDING, MEASURE
from features.population.conditions import CONDITIONS, REPLACEMENT, incidence
from features.population.happening import clock
from features.population.happening.history import stream
from features.population.identifiers import nhs_numbers
from risk.cli import app


def hashes(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_same_arguments_give_the_same_bytes_with_or_without_the_truth(tmp_path):
    simulate(300, 3, 1, out=tmp_path / "a")
    simulate(300, 3, 1, out=tmp_path / "b", truth=tmp_path / "truth_b")
    simulate(300, 3, 1, out=tmp_path / "c", truth=tmp_path / "truth_c")
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b") == hashes(tmp_path / "c")
    assert hashes(tmp_path / "truth_b") == hashes(tmp_path / "truth_c")


def test_another_seed_is_another_area(tmp_path):
    simulate(300, 3, 1, out=tmp_path / "a")
    simulate(300, 4, 1, out=tmp_path / "b")
    a, b = hashes(tmp_path / "a"), hashes(tmp_path / "b")
    assert all(a[name] != b[name] for name in ("person.parquet", "gp_event.parquet", "spell.parquet"))


@pytest.mark.parametrize(
    ("people", "years", "says"), [(50, 5, "at least 200 people, found 50"), (500, 40, "1 to 15 years")]
)
def test_numbers_out_of_range_are_refused_in_a_sentence(tmp_path, people, years, says):
    with pytest.raises(WrongUsage, match=says):
        simulate(people, 1, years, out=tmp_path / "out")


def test_the_truth_never_goes_into_the_extract(tmp_path):
    with pytest.raises(Refused, match="outside the extract"):
        simulate(300, 1, 1, out=tmp_path / "out", truth=tmp_path / "out" / "truth")


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "kept").write_text("mine")
    with pytest.raises(Refused, match="new or empty folder"):
        simulate(300, 1, 1, out=tmp_path)
    assert (tmp_path / "kept").read_text() == "mine"


def test_the_command_prints_target_against_achieved_as_json(tmp_path):
    done = CliRunner().invoke(
        app, ["simulate", "--people", "300", "--years", "1", "--out", str(tmp_path / "o"), "--json"]
    )
    assert done.exit_code == 0, done.output
    printed = json.loads(done.stdout)
    assert printed["rows"]["spell"] > 0
    assert {"name", "target", "achieved", "off", "source"} <= set(printed["calibration"][0])


def test_steps_are_half_months_that_leave_no_day_out():
    got = clock.steps(date(2024, 1, 1), date(2024, 3, 10))
    edges = [
        date(2024, 1, 1),
        date(2024, 1, 16),
        date(2024, 2, 1),
        date(2024, 2, 16),
        date(2024, 3, 1),
        date(2024, 3, 10),
    ]
    assert got == [(clock.day_of(a), clock.day_of(b)) for a, b in pairwise(edges)]


def test_nhs_numbers_are_distinct_valid_and_go_on_below_999():
    numbers = pd.Series(nhs_numbers(950_000, stream(1, "numbers")).to_pylist())
    assert numbers.is_unique
    assert set(numbers.str[:3]) == {"999", "998"}
    assert not NHS_NUMBER.malformed(numbers.sample(2_000, random_state=1)).any()


def test_incidence_keeps_the_curve_of_prevalence_standing():
    # Hypertension: log odds rise by 0.75 a decade, so where prevalence is 0.38 the share of the healthy who fall ill in a
    # year is 0.075 x 0.38, raised for those who die sooner.
    c = next(c for c in CONDITIONS if c.name == "hypertension")
    odds = np.float32(np.log(0.38 / 0.62))
    assert incidence(c, np.array([odds]))[0] == pytest.approx(REPLACEMENT * 0.075 * 0.38, rel=1e-5)


def test_the_codes_written_are_those_that_predictors_read():
    def codes(name):
        text = (resources.files("features.codelists") / f"{name}.csv").read_text()
        return {line.split(",")[0] for line in text.splitlines()[1:]}

    assert set(CONDITION.values()) <= codes("long_term_conditions_snomed")
    assert set(MEASURE.values()) <= codes("measurements_snomed")
    assert {FINDING[name] for name in ("fall", "mobility", "housebound", "weight_loss")} <= codes("findings_snomed")
