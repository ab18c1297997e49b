"""``frailty predictors``, ``explain-predictor``, ``codelists`` and ``features``."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as parquet
import pytest
from typer.testing import CliRunner

from features.codelists import names
from features.errors import BadInput, WrongUsage
from features.predictors import CATALOGUE, FAMILIES
from risk.cli import app
from risk.commands.features import index_dates
from tests.records import feeds, record


def printed(*arguments: str) -> dict:
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def refused(*arguments: str) -> str:
    error = CliRunner().invoke(app, [*arguments]).exception
    assert isinstance(error, WrongUsage)
    return str(error)


def test_every_predictor_is_listed_with_its_family() -> None:
    listed = printed("predictors")["predictors"]
    assert [row["name"] for row in listed] == [predictor.name for predictor in CATALOGUE]
    assert {row["family"] for row in listed} == set(FAMILIES)


def test_one_family_alone_is_listed() -> None:
    listed = printed("predictors", "--family", "demography")["predictors"]
    assert [row["name"] for row in listed] == [predictor.name for predictor in FAMILIES["demography"]]
    assert "expected a family among demography" in refused("predictors", "--family", "weather")


def test_a_predictor_is_explained_with_its_window_and_codes() -> None:
    told = printed("explain-predictor", "falls_2y")
    assert (told["table"], told["kind"], told["within"]) == ("gp_event", "count", 730)
    assert told["code_set"]["codes"]["1912002"] == "Fall"
    assert "gp_event" in told["missing"]


def test_a_predictor_explained_in_words_says_when_it_is_absent() -> None:
    said = CliRunner().invoke(app, ["explain-predictor", "latest_egfr"]).stdout
    assert "no eGFR in three years" in said
    assert "the date itself left out" in said


def test_a_number_worked_out_from_others_is_explained_by_its_parts() -> None:
    told = printed("explain-predictor", "efi_band")
    assert (told["kind"], told["parts"], told["cuts"]) == ("band", ["efi_deficits"], [5, 9, 13])
    assert "prescription" in told["missing"]


def test_an_unknown_predictor_is_answered_with_near_names() -> None:
    assert "falls_2y" in refused("explain-predictor", "falls_3y")


def test_every_code_set_is_listed_with_the_predictors_that_use_it() -> None:
    listed = {row["name"]: row for row in printed("codelists")["code_sets"]}
    assert list(listed) == names()
    assert "avoidable_admission_codes_2y" in listed["acs_icd10"]["predictors"]


def test_the_check_of_the_code_sets_counts_what_nobody_has_confirmed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = printed("codelists", "--check")
    assert found["faults"] == found["replaced"] == found["nested"] == found["shared"] == []
    lines = [f"{code},A term,{degree},Ours; not yet checked" for code, degree in
             (("73211009", "mild"), ("84114007", "moderate"), ("13645005", "severe"))]  # fmt: skip
    (tmp_path / "frailty_snomed.csv").write_text("\n".join(["code,term,category,source", *lines]))
    monkeypatch.setenv("FRAILTY_CODELISTS", str(tmp_path))
    again = printed("codelists", "--check")
    assert again["replaced"] == [f"frailty_snomed from {tmp_path}"]
    assert len(again["unchecked"]) == len(found["unchecked"]) + 3
    assert again["shared"] == [f"{code} in long_term_conditions_snomed and frailty_snomed"
                               for code in ("13645005", "73211009", "84114007")]  # fmt: skip


def test_the_setting_names_the_folder_of_the_areas_code_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAILTY_CODELISTS", "put back after the test")
    monkeypatch.delenv("FRAILTY_CODELISTS")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "fall_icd10.csv").write_text("code,term,category,source\nW19,Fall,fall,Ours\n")
    (tmp_path / "frailty.toml").write_text('codelists = "sets"\n')
    listed = {row["name"]: row for row in printed("codelists")["code_sets"]}
    assert (listed["fall_icd10"]["origin"], listed["fall_icd10"]["codes"]) == (str(tmp_path / "sets"), 1)
    assert listed["frailty_snomed"]["origin"] is None
    assert printed("explain-predictor", "fall_admission_codes_2y")["code_set"]["codes"] == {"W19": "Fall"}


def test_a_code_set_that_cannot_be_used_ends_the_check_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fall_icd10.csv").write_text("code,term,category,source\nW1,Fall,fall,Ours\n")
    monkeypatch.setenv("FRAILTY_CODELISTS", str(tmp_path))
    done = CliRunner().invoke(app, ["codelists", "--check"])
    assert isinstance(done.exception, BadInput)
    assert "line 2: 'W1' is not a letter and two digits" in done.stdout


def test_one_code_set_is_shown_code_by_code() -> None:
    shown = CliRunner().invoke(app, ["codelists", "frailty_snomed"]).stdout
    assert "925861000000102   Severe frailty" in shown


def test_the_matrix_is_written_as_parquet_and_the_same_bytes_again(tmp_path: Path) -> None:
    attended = [{"event_date": "2024-02-10"}, {"event_date": "2024-02-20"}, {"event_date": "2024-03-01"}]
    fed = feeds("person", "registration", "death", "objection", "residence", "spell", "ed_attendance")
    folder = record(tmp_path / "record", ed_attendance=attended, feed=fed)
    arguments = ("features", "--record", str(folder), "--at", "2024-03-01,2024-02-15")
    first = printed(*arguments, "--out", str(tmp_path / "first.parquet"))
    again = printed(*arguments, "--out", str(tmp_path / "again.parquet"))
    assert first["sha256"] == again["sha256"]
    written = parquet.read_table(tmp_path / "first.parquet").to_pydict()
    assert [str(day) for day in written["index_date"]] == ["2024-02-15", "2024-03-01"]
    assert written["ed_attendances_90d"] == [
        1,
        2,
    ]  # 10 February; and 20 February as well by March; never 1 March itself
    assert all(value != value for value in written["gp_contacts_90d"])  # not fed: absent, not zero
    assert (first["rows"], first["people"], first["about"]["kind"]) == (2, 1, "demonstration")
    assert sum(row["predictors"] for row in first["families"]) == len(CATALOGUE)


def test_a_folder_that_does_not_exist_is_said_before_any_work(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere" / "matrix.parquet"
    assert "does not exist" in refused("features", "--record", "none", "--at", "2024-03-01", "--out", str(nowhere))


@pytest.mark.parametrize("wrong", ["2024", "", "2024-03-01,2024-03-01"])
def test_index_dates_are_dates_each_once(wrong: str) -> None:
    assert [str(day) for day in index_dates("2024-06-01, 2024-03-01")] == ["2024-03-01", "2024-06-01"]
    with pytest.raises(WrongUsage, match="found"):
        index_dates(wrong)
