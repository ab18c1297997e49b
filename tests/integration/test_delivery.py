"""The outbox of the weekly delivery, and MESH: what lies there, what is replaced and taken back, and what is sent, once."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import Any

import orjson
import pytest

from features.errors import BadInput, WrongUsage
from risk import clients, keys, telling
from risk import store as stores
from risk.delivery import mesh, outbox
from risk.pseudonyms import Pseudonyms
from risk.settings import Settings
from risk.store import Store
from risk.store.hiding import Told
from risk.withdrawing import withdraw
from tests import mesh as tests_mesh
from tests.published import published
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


@pytest.fixture
def client(store: Store) -> str:
    return str(clients.add(store, "a courier", (), TODAY, every=True)["client_id"])


def rows(out: Path, practice: str, run: int = 1) -> list[dict[str, str]]:
    text = (out / f"ods-{practice}" / f"run-{run}.csv").read_text()
    return list(csv.DictReader(io.StringIO(text)))


def manifest(out: Path, practice: str, name: str = "run-1.json") -> dict[str, Any]:
    held: dict[str, Any] = orjson.loads((out / f"ods-{practice}" / name).read_bytes())
    return held


def died(settings: Settings, store: Store, person: int) -> None:
    telling.tell(settings, store, [Told(person, "died", TODAY, "a test", "somebody")])


def test_each_practice_has_its_own_list_and_a_manifest_that_says_what_it_is(
    settings: Settings, store: Store, client: str, tmp_path: Path
) -> None:
    done = outbox.deliver(settings, tmp_path, client)
    assert (done["run"], done["practices"], done["laid"], done["people"]) == (1, 2, 2, 3)
    held = manifest(tmp_path, "A81001")
    content = (tmp_path / "ods-A81001" / held["file"]).read_bytes()
    assert (held["rows"], held["bytes"], held["sha256"]) == (2, len(content), hashlib.sha256(content).hexdigest())
    assert "not for placement" in held["not_for"]
    ids = Pseudonyms(keys.held(settings).person, client)
    assert [row["person"] for row in rows(tmp_path, "A81001")] == [ids.of(101), ids.of(102)]
    assert [row["person"] for row in rows(tmp_path, "A81002")] == [ids.of(201)]
    assert "nhs_number" not in held["columns"]
    assert {path.stat().st_mode & 0o077 for path in tmp_path.rglob("run-*")} == {0}


def test_what_has_not_changed_is_not_laid_out_again_and_what_has_replaces_it(
    settings: Settings, store: Store, client: str, tmp_path: Path
) -> None:
    """Harm: somebody who died after publication is still on the file that the practice takes."""
    outbox.deliver(settings, tmp_path, client)
    first = manifest(tmp_path, "A81001")
    assert outbox.deliver(settings, tmp_path, client)["unchanged"] == 2
    died(settings, store, 101)
    # At once, not at the next delivery.
    held = manifest(tmp_path, "A81001")
    assert (held["rows"], held["replaces"]) == (1, first["sha256"])
    assert [row["rank"] for row in rows(tmp_path, "A81001")] == ["2"]
    assert manifest(tmp_path, "A81002")["replaces"] is None


def test_a_list_that_was_taken_back_is_gone_and_its_recall_says_why(
    settings: Settings, store: Store, client: str, tmp_path: Path
) -> None:
    outbox.deliver(settings, tmp_path, client)
    withdraw(settings, 1, "wrong data of one provider", leave_none=True)
    assert not list(tmp_path.rglob("run-1.csv"))
    told = manifest(tmp_path, "A81001", "run-1.recall.json")
    assert (told["kind"], told["run"], told["reason"]) == ("recall", 1, "wrong data of one provider")


def test_a_client_is_laid_out_its_own_practices_alone(settings: Settings, store: Store, tmp_path: Path) -> None:
    own = clients.add(store, "of one", ["A81002"], TODAY)["client_id"]
    outbox.deliver(settings, tmp_path / "out", own)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["ods-A81002"]
    with pytest.raises(WrongUsage, match="expected the id of a client"):
        outbox.deliver(settings, tmp_path / "other", "client-ffffffffffffffff")


def test_a_manifest_that_cannot_be_read_stops_the_delivery(
    settings: Settings, store: Store, client: str, tmp_path: Path
) -> None:
    outbox.deliver(settings, tmp_path, client)
    (tmp_path / "ods-A81001" / "run-1.json").write_text("[]")
    with pytest.raises(BadInput, match="cannot read it; remove that folder"):
        outbox.deliver(settings, tmp_path, client)


def test_nhs_numbers_need_a_reason(settings: Settings, store: Store, client: str, tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="expected a reason"):
        outbox.deliver(settings, tmp_path / "out", client, " ")
    assert not (tmp_path / "out").exists()


@pytest.fixture
def through_mesh(settings: Settings, tmp_path: Path) -> Settings:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "password").write_text(tests_mesh.PASSWORD)
    (secrets / "shared_key").write_text(tests_mesh.SHARED_KEY)
    (tmp_path / "mailboxes.csv").write_text(f"practice,mailbox\nA81001,{tests_mesh.FIRST}\n")
    return settings.model_copy(
        update={"mesh_mailbox": tests_mesh.OURS, "mesh_secrets": secrets, "mesh_mailboxes": tmp_path / "mailboxes.csv"}
    )


def received(address: str, mailbox: str) -> list[tuple[str, bytes]]:
    """What lies in a mailbox, taken out of it."""
    from mesh_client import MeshClient

    with MeshClient(
        address, mailbox, tests_mesh.PASSWORD, shared_key=tests_mesh.SHARED_KEY.encode(), verify=False
    ) as opened:
        found = []
        for message in map(opened.retrieve_message, opened.list_messages()):
            found.append((str(message.filename), message.read()))
            message.acknowledge()
        return sorted(found)


@pytest.mark.part("mesh")
def test_a_list_is_sent_once_and_again_when_it_has_changed(
    through_mesh: Settings, store: Store, client: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    outbox.deliver(through_mesh, out, client)
    with tests_mesh.sandbox() as address:
        settings = through_mesh.model_copy(update={"mesh_url": address})
        done = mesh.send(settings, out)
        assert (done["sent"], done["no_mailbox"], done["failed"]) == (1, ["A81002"], [])
        files = dict(received(address, tests_mesh.FIRST))
        assert files["A81001-run-1.csv"] == (out / "ods-A81001" / "run-1.csv").read_bytes()
        assert (
            hashlib.sha256(files["A81001-run-1.csv"]).hexdigest() == orjson.loads(files["A81001-run-1.json"])["sha256"]
        )
        assert mesh.send(settings, out)["already"] == 1
        assert received(address, tests_mesh.FIRST) == []
        died(settings, store, 101)
        assert mesh.send(settings, out)["sent"] == 1
        assert len(received(address, tests_mesh.FIRST)) == 2
        withdraw(settings, 1, "wrong data of one provider", leave_none=True)
        assert mesh.send(settings, out)["sent"] == 1
        ((name, content),) = received(address, tests_mesh.FIRST)
        assert (name, orjson.loads(content)["kind"]) == ("A81001-run-1.json", "recall")


@pytest.mark.part("mesh")
def test_what_could_not_be_sent_is_said_and_sent_the_next_time(
    through_mesh: Settings, store: Store, client: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    outbox.deliver(through_mesh, out, client)
    (tmp_path / "mailboxes.csv").write_text("practice,mailbox\nA81001,NOSUCHBOX\n")
    with tests_mesh.sandbox() as address:
        settings = through_mesh.model_copy(update={"mesh_url": address})
        assert [one["practice"] for one in mesh.send(settings, out)["failed"]] == ["A81001"]
        (tmp_path / "mailboxes.csv").write_text(f"practice,mailbox\nA81001,{tests_mesh.FIRST}\n")
        assert mesh.send(settings, out)["sent"] == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("practice\nA81001\n", "columns practice and mailbox"),
        ("practice,mailbox\nA81001,X\nA81001,Y\n", "found two of A81001 in line 3"),
    ],
)
def test_mailboxes_that_cannot_be_right_send_nothing(
    through_mesh: Settings, tmp_path: Path, text: str, says: str
) -> None:
    """Harm: a practice's list goes to another's mailbox."""
    (tmp_path / "mailboxes.csv").write_text(text)
    with pytest.raises(BadInput, match=says):
        mesh.send(through_mesh, tmp_path / "out")
