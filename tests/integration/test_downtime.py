"""The downtime copy of each practice's list: what is on it, who is not, and that what holds no more goes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from features.errors import BadInput, WrongUsage
from features.progress import SILENT, Silent
from risk import clients, downtime, hiding, keys, telling
from risk import store as stores
from risk.forgetting.forget import finish
from risk.forgetting.ledger import Entry, ForgottenLedger
from risk.pseudonyms import Pseudonyms
from risk.run.saying import LOW
from risk.settings import Settings
from risk.store import Store
from risk.store.hiding import Told
from risk.withdrawing import withdraw
from tests.published import PEOPLE, published
from tests.records import record
from tests.service import TODAY


@pytest.fixture
def settings(store_settings: Settings) -> Settings:
    return store_settings.model_copy(update={"today": TODAY})


@pytest.fixture
def store(settings: Settings) -> Store:
    keys.held(settings, make=True)
    held = stores.open(settings)
    published(held)
    return held


def pseudonym(settings: Settings, person: int, reader: str = "terminal") -> str:
    return Pseudonyms(keys.held(settings).person, reader).of(person)


def test_each_practice_has_a_page_and_a_table_of_its_own_people(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    """Harm: the service is down on the day of the meeting, and nobody knows who was on the list."""
    done = downtime.copy(settings, tmp_path / "out")
    assert (done["run"], done["practices"], done["people"], done["removed"]) == (1, 2, 3, 0)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "downtime.json", "ods-A81001.csv", "ods-A81001.html", "ods-A81002.csv", "ods-A81002.html",
    ]  # fmt: skip
    page = (tmp_path / "out" / "ods-A81001.html").read_text()
    for said in ("Run 1 of 2024-11-30", "Data as at 2024-11-28", "Valid until 2024-12-14", "Simulated data (a made-up area of 5 people)",
                 "not for placement, funding, resuscitation or discharge decisions", "3 emergency admissions in the last year",
                 "may still be on this sheet", LOW):  # fmt: skip
        assert said in page
    own, others = (pseudonym(settings, person) for person in (101, 201))
    assert f"{own[:4]}-{own[4:8]}" in page
    assert f"{others[:4]}-{others[4:8]}" not in page
    assert "<script" not in page
    assert "http" not in page
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out" / "ods-A81001.csv").read_text())))
    assert [(row["rank"], row["run"], row["valid_until"]) for row in rows] == [
        ("1", "1", "2024-12-14"),
        ("2", "1", "2024-12-14"),
    ]
    assert all("not for placement" in row["not_for"] and "Simulated data" in row["marking"] for row in rows)


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_only_its_owner_reads_it_and_the_audit_has_whom_it_shows(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    """Harm: a list of the most unwell people of an area lies on a share, and nobody can say who took it."""
    downtime.copy(settings, tmp_path / "out")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()} == {0o600}
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700
    rows = [row for row in store.audit_rows() if row["action"] == "downtime.copy"]
    assert [(row["organisation"], row["people"], row["run"]) for row in rows] == [
        ("A81001", "[101,102]", 1),
        ("A81002", "[201]", 1),
    ]


def test_whoever_is_hidden_goes_and_a_run_taken_back_goes(settings: Settings, store: Store, tmp_path: Path) -> None:
    """Harm: a team rings the widow of somebody on a sheet of last month, or works through a list that was wrong."""
    out = tmp_path / "out"
    downtime.copy(settings, out)
    (out / "notes.txt").write_text("the practice's own")
    telling.tell(settings, store, [Told(101, "died_informal", TODAY, "practice", "a test")])
    assert downtime.copy(settings, out)["people"] == 2
    short = pseudonym(settings, 101)
    assert (
        f"{short[:4]}-{short[4:8]}" not in (out / "ods-A81001.html").read_text() + (out / "ods-A81001.csv").read_text()
    )
    assert "Not shown: 1" in (out / "ods-A81001.html").read_text()
    withdraw(settings, 1, "the feed was last month's", leave_none=True)
    done = downtime.copy(settings, out)
    assert (done["run"], done["removed"]) == (None, 4)
    assert sorted(path.name for path in out.iterdir()) == ["downtime.json", "notes.txt"]


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_a_clients_copy_is_of_its_practices_with_its_own_ids(settings: Settings, store: Store, tmp_path: Path) -> None:
    """Harm: the copy says people that nobody can find, or shows one practice another's."""
    client = clients.add(store, "a practice's system", ["A81002"], TODAY)["client_id"]
    done = downtime.copy(settings, tmp_path / "out", client)
    assert (done["practices"], done["people"]) == (1, 1)
    (row,) = csv.DictReader(io.StringIO((tmp_path / "out" / "ods-A81002.csv").read_text()))
    assert row["person"] == pseudonym(settings, 201, client)
    with pytest.raises(WrongUsage, match="expected the id of a client"):
        downtime.copy(settings, tmp_path / "other", "client-0000000000000000")


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_an_old_list_says_so_on_the_sheet(settings: Settings, store: Store, tmp_path: Path) -> None:
    """Harm: during an outage of weeks, the sheet of the first day is worked through as this week's."""
    late = settings.model_copy(update={"today": TODAY.replace(day=20)})
    assert downtime.copy(late, tmp_path / "out")["stale_says"]
    page = (tmp_path / "out" / "ods-A81001.html").read_text()
    assert "more than 10 days ago" in page
    assert "The list was valid until 2024-12-14." in page


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_a_folder_whose_list_of_copies_was_changed_is_left_alone(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    """Harm: a file that is no copy is removed because a list says so."""
    out = tmp_path / "out"
    downtime.copy(settings, out)
    (out / "downtime.json").write_text('{"files": ["../precious"]}')
    (tmp_path / "precious").write_text("kept")
    with pytest.raises(BadInput, match="it was changed"):
        downtime.copy(settings, out)
    assert (tmp_path / "precious").exists()


def shows(settings: Settings, out: Path, person: int) -> bool:
    """Whether any sheet in the folder shows somebody."""
    whole = pseudonym(settings, person)
    text = "".join(path.read_text() for path in out.iterdir() if path.suffix in (".html", ".csv"))
    return f"{whole[:4]}-{whole[4:8]}" in text


def test_whoever_is_told_of_goes_from_every_copy_at_once(settings: Settings, store: Store, tmp_path: Path) -> None:
    """Harm: somebody dies at noon, and at one a team rings their home from a sheet that was not due to be made anew yet."""
    first, second = tmp_path / "first", tmp_path / "second"
    downtime.copy(settings, first)
    downtime.copy(settings, second)
    other = (first / "ods-A81002.html").stat().st_mtime_ns
    assert shows(settings, first, 101)
    telling.tell(settings, store, [Told(101, "died_informal", TODAY, "practice", "a test")])
    assert not shows(settings, first, 101)
    assert not shows(settings, second, 101)
    assert shows(settings, first, 102)
    assert (first / "ods-A81002.html").stat().st_mtime_ns == other, "another practice's is left as it is"
    telling.tell(settings, store, [Told(101, "died_informal", TODAY, "practice", "a test", False)])
    assert shows(settings, first, 101), "it was a mistake"


def test_a_run_taken_back_goes_from_every_copy_at_once(settings: Settings, store: Store, tmp_path: Path) -> None:
    """Harm: a wrong run is taken back from every screen and stays on every sheet."""
    out = tmp_path / "out"
    published(store, PEOPLE[:3])
    downtime.copy(settings, out)
    withdraw(settings, 2, "the feed was last month's")
    assert "Run 1 of" in (out / "ods-A81001.html").read_text()
    withdraw(settings, 1, "so was that one", leave_none=True)
    assert sorted(path.name for path in out.iterdir()) == ["downtime.json"]


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_whoever_was_on_the_list_before_goes_too(settings: Settings, store: Store, tmp_path: Path) -> None:
    """Harm: the sheets are of last night's run, this morning's no longer lists somebody, and so nobody looks for them on the sheets."""
    out = tmp_path / "out"
    downtime.copy(settings, out)
    published(store, PEOPLE[1:])
    assert shows(settings, out, 101)
    telling.tell(settings, store, [Told(101, "died_informal", TODAY, "practice", "a test")])
    assert not shows(settings, out, 101)


def test_whoever_is_forgotten_goes_at_once(settings: Settings, store: Store, tmp_path: Path) -> None:
    """Harm: somebody is told that nothing of them is left, and is on a sheet."""
    out = tmp_path / "out"
    downtime.copy(settings, out)
    ledger = ForgottenLedger(settings.forgotten_folder)
    entry = Entry("f" * 16, "erasure", (101,), (), "a test", "2024-12-02T00:00:00+00:00")
    with ledger.alone():
        ledger.begin(entry)
        finish(settings, store, ledger, entry, (), SILENT)
    assert not shows(settings, out, 101)
    assert shows(settings, out, 102)


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_what_the_record_says_is_on_the_sheets_at_once(settings: Settings, store: Store, tmp_path: Path) -> None:
    """Harm: the nightly record brings a death, every screen heeds it, and no sheet does."""
    people = [row[0] for row in PEOPLE]
    held = record(
        tmp_path / "record",
        person=[{"person_id": n, "birth_month": "1940-05-01"} for n in people],
        registration=[{"person_id": n, "practice": row[1]} for n, row in zip(people, PEOPLE, strict=True)],
        death=[{"person_id": 101, "event_date": "2024-11-01"}],
    )
    out = tmp_path / "out"
    downtime.copy(settings, out)
    hiding.refresh(settings, store, held)
    assert not shows(settings, out, 101)
    assert shows(settings, out, 102)


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_a_sheet_that_cannot_be_made_anew_is_removed_and_one_that_cannot_be_removed_is_said(
    settings: Settings, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Harm: a fault of a share keeps somebody who died on a sheet; or a full disk refuses to let a death be told."""
    out = tmp_path / "out"
    downtime.copy(settings, out)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(downtime, "write", full)
    telling.tell(settings, store, [Told(101, "died_informal", TODAY, "practice", "a test")])
    assert sorted(path.name for path in out.iterdir()) == ["downtime.json", "ods-A81002.csv", "ods-A81002.html"]
    monkeypatch.setattr(Path, "unlink", full)
    told = telling.tell(settings, store, [Told(201, "died_informal", TODAY, "practice", "a test")])
    assert told["hidden"] == 1
    (row,) = (row for row in store.audit_rows() if row["action"] == downtime.BEHIND)
    assert row["outcome"] == "failed"


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_a_run_taken_back_while_copies_are_made_is_on_none(settings: Settings, store: Store, tmp_path: Path) -> None:
    """Harm: the hourly copy had read the wrong run, and writes it over what the withdrawal had put right."""
    out = tmp_path / "out"
    published(store)

    class Withdrawing(Silent):
        def advance(self, by: int = 1) -> None:
            if store.run(2)["status"] == "published":  # type: ignore[index]
                withdraw(settings, 2, "the feed was last month's")

    downtime.copy(settings, out, progress=Withdrawing())
    for path in out.glob("*.html"):
        assert "Run 1 of" in path.read_text()


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_a_client_whose_time_is_over_has_no_sheet_anew(settings: Settings, store: Store, tmp_path: Path) -> None:
    """Harm: a practice's old system goes on being given whoever is on the list."""
    client, out = clients.add(store, "a practice's system", ["A81002"], TODAY)["client_id"], tmp_path / "out"
    downtime.copy(settings, out, client)
    store.end_access(client, TODAY)
    telling.tell(settings, store, [Told(201, "died_informal", TODAY, "practice", "a test")])
    assert sorted(path.name for path in out.iterdir()) == ["downtime.json"]
