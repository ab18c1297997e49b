"""Every file of an installation in use, its MLflow folder, pages and reports too, walked for somebody who opted out and somebody forgotten."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

from features.linkage.identity import IdentityStore
from risk import keys
from risk import store as stores
from risk.forgetting.forget import forget
from risk.pseudonyms import Pseudonyms
from risk.run.reading import READER, short
from risk.settings import Settings
from tests.area import Area
from tests.typed import told
from tests.walking import holding

MODEL = "unplanned_admission_365"
#: Where somebody who opted out is held, and is shown to nobody: what is published does not change, the record knows who objects, and of a model
#: it is kept whom it learned from.
OF_AN_OBJECTOR = ("record/", "home/runs/", "home/identity/", "home/frailty.db", "home/learnt/")
#: Where a forgotten person's number stays, and why is in the proof.
OF_THE_FORGOTTEN = {
    "home/frailty.db audit_event",
    "home/forgotten/forgotten.jsonl",
    "home/identity/identity.db forgotten",
}


@dataclass(frozen=True)
class Apart(Area):
    """A copy of the shared area, to write in."""

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, environment="test")


@dataclass(frozen=True)
class Somebody:
    """Somebody on the published list, by everything that stands for them."""

    person_id: int
    nhs_number: str
    texts: tuple[str, ...]


@pytest.fixture(scope="module")
def apart(area: Area, tmp_path_factory: pytest.TempPathFactory) -> Apart:
    own = tmp_path_factory.mktemp("walked")
    for part in ("record", "home", "mlruns"):
        shutil.copytree(area.folder / part, own / part)
    return Apart(own)


def somebody(apart: Apart, area: Area, which: int) -> Somebody:
    """The ``which``-th of those listed whose NHS number an extract tells."""
    table = parquet.read_table(area.extract / "person.parquet", columns=["nhs_number"])
    numbers = [number for number in table["nhs_number"].to_pylist() if number]
    settings = apart.settings
    with IdentityStore.open(settings.identity_folder, settings.identity_key_file) as identity:
        ids = identity.find(arrow.array(numbers), "", arrow.nulls(len(numbers), arrow.string())).tolist()
    listed = sorted(row["person_id"] for row in stores.open(settings).listed_people(1))
    by_id = dict(zip(ids, numbers, strict=True))
    person = [number for number in listed if number in by_id][which]
    shown = Pseudonyms(keys.held(settings).person, READER).of(person)
    return Somebody(person, by_id[person], (by_id[person], shown, short(shown)))


def walked(apart: Apart, one: Somebody, under: str = "") -> set[str]:
    """Places that hold somebody, by file and table; runs and the record's files by folder."""
    if not under:
        stores.open(apart.settings).scrub()
    found = holding(apart.folder / under, one.person_id, one.texts)
    return {re.sub(r"^(home/runs|record)/.*", r"\1/", place) for place in found}


def test_pages_reports_mlflow_and_files_of_an_installation_in_use(
    area: Area, apart: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Harm: somebody who was promised that they are gone is found in a page, a report or a model's folder that nobody thought of."""
    for name, value in apart.environment.items():
        monkeypatch.setenv(name, value)
    objector, forgotten = (somebody(apart, area, which) for which in (0, 1))
    record, out = str(apart.record), apart.folder / "out"
    told("feeds", "--record", record, "--out", str(out / "feeds.html"))
    told("monitor", "--record", record, "--out", str(out / "monitor"))
    told("validate", "--record", record, "--model", MODEL, "--out", str(out / "validation"), "--public")
    made = {path.suffix for path in out.rglob("*") if path.is_file()}
    assert {".html", ".json", ".md"} <= made
    for one in (objector, forgotten):
        before = walked(apart, one)
        assert {"record/", "home/runs/", "home/frailty.db list_entry", "home/frailty.db person_score"} <= before
        assert not [place for place in before if place.startswith(("out/", "mlruns/", "home/models/", "home/monitor/"))]

    numbers = apart.folder / "opted-out.dat"
    numbers.write_text(f"{objector.nhs_number},\n")
    counted = told("opt-outs", "local", "--record", record, "--on", "2024-12-02", "--opted-out", str(numbers))
    assert counted["not_shown"] >= 1
    numbers.unlink()
    proof = forget(apart.settings, [apart.record], forgotten.nhs_number, "erasure")
    assert proof["left"] == {}
    assert {model["name"] for model in proof["models"]} | set(proof["models_not_known"]) <= {MODEL}

    shutil.rmtree(out)
    told("feeds", "--record", record, "--out", str(out / "feeds.html"))
    for practice in {row["practice"] for row in stores.open(apart.settings).practices(1)}:
        printed = told("list", "--practice", practice)
        (out / f"{practice}.json").write_text(str(printed))
    assert walked(apart, forgotten) == OF_THE_FORGOTTEN
    after = walked(apart, objector)
    assert not [place for place in after if not place.startswith(OF_AN_OBJECTOR)]
    assert not walked(apart, objector, "out")
