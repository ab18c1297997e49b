"""``frailty check``: each refusal a clear sentence and exit code 3, nothing written; no person's value in what is said."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from risk import cli
from tests.mapped_extracts import MAPPING, PEOPLE, extract


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Exit code, and all that was printed, on one line."""
    sys.argv = ["frailty", "check", *arguments]
    with pytest.raises(SystemExit) as left:
        cli.main()
    printed = capsys.readouterr()
    return int(left.value.code or 0), " ".join((printed.out + printed.err).split())


def mapped(folder: Path, mapping: str = MAPPING, **files: str | bytes) -> tuple[str, ...]:
    path, toml = extract(folder, mapping, **files)
    return "mapped", str(path), "--mapping", str(toml)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"pepole_2020_csv": PEOPLE}, "files called people_{year}.csv (did you mean pepole_2020.csv?); found none"),
        ({"people_2020_csv": PEOPLE.replace("c,", "é,").encode("cp1252")}, "expected text in UTF-8; found bytes of another encoding; declare its encoding"),
        ({"people_2020_csv": PEOPLE.replace("BORN", "BORNE")}, "column BORN: expected a column of that name, which rule people asks for (did you mean BORNE?)"),
        ({"people_2020_csv": PEOPLE.replace("/", "-")}, "column BORN (rule people, birth_month): expected dates written as %d/%m/%Y; found none in its first 3 rows"),
        ({"people_2020_csv": PEOPLE.replace(",1,", ",M,").replace(",2,", ",F,")}, "column SEX (rule people, sex): expected one of 1, 2; found none in its first 3 rows"),
        ({"people_2020_csv": "ID,BORN,SEX\n"}, "expected rows; found none in any file"),
        ({"people_2020_csv": ""}, "expected the names of the columns; found nothing"),
        ({"people_2020_csv": PEOPLE.replace("DIAB", "ID")}, "each column once"),
    ],
)  # fmt: skip
def test_a_fault_of_structure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str | bytes], said: str
) -> None:
    code, printed = check(capsys, *mapped(tmp_path, **files))
    assert code == 3
    assert said in printed
    assert "1940" not in printed


def test_a_broken_compressed_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = mapped(tmp_path, MAPPING.replace(".csv", ".csv.gz"), people_2020_csv_gz=PEOPLE)
    file = tmp_path / "extract" / "people_2020.csv.gz"
    file.write_bytes(file.read_bytes()[:40])
    code, printed = check(capsys, *arguments)
    assert code == 3
    assert "something that cannot be read as one" in printed


def test_a_missing_mapping_and_a_missing_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, toml = extract(tmp_path)
    code, printed = check(capsys, "mapped", str(tmp_path / "gone"), "--mapping", str(toml))
    assert (code, "nothing of that name" in printed) == (3, True)
    code, printed = check(capsys, "mapped", str(tmp_path), "--mapping", str(tmp_path / "gone.toml"))
    assert (code, "no such file; check the path given to --mapping" in printed) == (3, True)


def test_wrong_usage_is_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = check(capsys, "maped", str(tmp_path))
    assert (code, "one of native, mapped, omop" in printed) == (2, True)
    code, printed = check(capsys, "mapped", str(tmp_path))
    assert (code, "needs --mapping" in printed) == (2, True)


def test_rows_that_do_not_fit_are_counted_by_column_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = PEOPLE.replace("02/01/1950", "soon") + "d,01/01/1930,3,,\n,01/01/1930,1,,\ne,01/01/1930\n"
    arguments = mapped(tmp_path, people_2020_csv=bad)
    before = sorted(tmp_path.rglob("*"))
    code, printed = check(capsys, *arguments, "--json")
    (extracted,) = json.JSONDecoder().raw_decode(printed)[0]["extracts"]
    (row,) = extracted["rows"]
    assert code == 0
    assert (row["read"], row["fit"]) == (6, 2)
    assert {(one["column"], one["reason"]): one["rows"] for one in row["refused"]} == {
        ("birth_month", "not_a_date"): 1,
        ("sex", "value_not_mapped"): 1,
        ("nhs_number", "no_identifier"): 1,
        ("", "wrong_number_of_columns"): 1,
    }
    assert sorted(tmp_path.rglob("*")) == before
    assert "soon" not in printed
