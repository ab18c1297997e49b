"""Bulk export of a Group: asked for, waited for, fetched and deleted, by the client that began it; what is fetched is who may be shown then."""

from __future__ import annotations

import re
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from risk import keys
from risk.pseudonyms import Pseudonyms
from risk.store.hiding import Told
from serving.fhir.bulk import making
from serving.fhir.bulk.keeping import KEPT, WORKING
from serving.fhir.bulk.working import OWN_KEPT, Working
from serving.problems import Problem
from tests.fhir_rules import faults
from tests.fhir_validator import objections
from tests.published import PEOPLE, published
from tests.service import TODAY, Service

EXPORT = "/fhir/R4/Group/priority-A81001/$export"
WAITS = {"Prefer": "respond-async"}
#: A call of the document: its method, whether it waits, and its path.
CALL = r"""(?m)^curl -si? (?:-X (\w+) )?-H "Authorization: Bearer \$TOKEN" (-H "Prefer: respond-async" )?"?http://127\.0\.0\.1:8000(/fhir/R4/(?:Group|bulk)/[^\s"]+)"""


#: Of files and threads, whichever database there is.
ONE_DATABASE = pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)


class Exporter:
    """A client of one practice that exports, and what it calls people."""

    def __init__(self, service: Service, *practices: str) -> None:
        self.service = service
        self.client = service.client(*(practices or ("A81001",)))
        self.headers = service.bearer(self.client)
        self.called = Pseudonyms(keys.held(service.settings).person, self.client["client_id"])
        self.working: Working = service.http.app.state.bulk  # type: ignore[attr-defined]

    def asked(self, path: str = EXPORT, method: str = "GET", **headers: str) -> Any:
        return self.service.http.request(method, path, headers={**self.headers, **headers})

    def begun(self, query: str = "") -> str:
        """Where a new export is, which is done by now."""
        answer = self.asked(EXPORT + query, **WAITS)
        assert (answer.status_code, answer.text) == (202, "")
        self.working.finish()
        return str(answer.headers["Content-Location"])

    def manifest(self, query: str = "") -> dict[str, Any]:
        answer = self.asked(self.begun(query))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        told: dict[str, Any] = answer.json()
        return told

    def lines(self, url: str) -> list[dict[str, Any]]:
        answer = self.asked(url)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/fhir+ndjson"), answer.text
        assert answer.content.endswith(b"\n") or not answer.content
        return [orjson.loads(line) for line in answer.content.splitlines()]


def refused(answer: Any, status: int, code: str) -> str:
    """The words of an OperationOutcome."""
    told = answer.json()
    assert (answer.status_code, told["issue"][0]["code"], faults(told) + objections(told)) == (status, code, []), (
        answer.text
    )
    return str(told["issue"][0])


def test_an_export_holds_what_is_told_of_each_one_by_one(service: Service) -> None:
    one = Exporter(service)
    told = one.manifest()
    assert set(told) == {"transactionTime", "request", "requiresAccessToken", "output", "error"}
    assert (told["request"], told["requiresAccessToken"], told["error"]) == (f"http://testserver{EXPORT}", True, [])
    files = {output["type"]: one.lines(output["url"]) for output in told["output"]}
    assert {kind: len(lines) for kind, lines in files.items()} == {"Patient": 2, "RiskAssessment": 2, "Flag": 2}
    assert [fault for lines in files.values() for line in lines for fault in faults(line) + objections(line)] == []
    for kind, lines in files.items():
        assert lines[0] == one.asked(f"/fhir/R4/{kind}/{lines[0]['id']}").json(), "as it is read by itself"
    assert [line["id"] for line in files["Patient"]] == [one.called.of(101), one.called.of(102)]
    began, *fetched = [row for row in service.audited() if row["action"].startswith("bulk.")]
    assert (began["action"], began["people"], began["organisation"]) == ("bulk.begin", None, "A81001")
    assert [(row["action"], row["people"]) for row in fetched] == [("bulk.file", "[101,102]")] * 3


def test_types_and_since(service: Service) -> None:
    one = Exporter(service)
    assert [output["type"] for output in one.manifest("?_type=Flag,Patient")["output"]] == ["Flag", "Patient"]
    before, after = "2020-01-01T00:00:00Z", "2999-01-01T00:00:00%2B00:00"
    assert len(one.manifest(f"?_since={before}&_type=Patient&_outputFormat=ndjson")["output"]) == 1
    assert one.manifest(f"?_since={after}")["output"] == []


#: How it is asked, and what is said of it.
UNFIT = {"?_type=Observation": "_type", "?_type=": "_type", "?_since=yesterday": "_since", "?_since=2024-11-30": "_since", "?_since=2024-11-30T06:00:00": "_since",
         "?_outputFormat=csv": "_outputFormat", "?_count=5": "_type, _since, _outputFormat", "?patient=x": "_type, _since, _outputFormat",
         "?_since=2024-11-30T06:00:00Z&_since=2023-11-30T06:00:00Z": "twice"}  # fmt: skip


@ONE_DATABASE
def test_an_export_that_cannot_be_made_as_asked_is_refused(service: Service) -> None:
    one = Exporter(service)
    for query, said in UNFIT.items():
        assert said in refused(one.asked(EXPORT + query, **WAITS), 400, "invalid"), query
    assert "respond-async" in refused(one.asked(), 400, "invalid")
    assert "respond-async" in refused(one.asked(Prefer="return=minimal"), 400, "invalid")
    for path in (EXPORT.replace("A81001", "A81002"), EXPORT.replace("priority-A81001", "made-up")):
        refused(one.asked(path, **WAITS), 404, "not-found")
    without = service.bearer(service.client("A81001", scopes=["lists:read", "persons:read"]))
    refused(service.http.get(EXPORT, headers={**without, **WAITS}), 403, "forbidden")
    assert one.working.jobs.every(one.client["client_id"]) == []


def test_whoever_is_hidden_after_an_export_was_made_is_in_no_file_of_it(service: Service) -> None:
    """Harm: somebody dies or objects between the making and the fetching, and a file brings them back."""
    one = Exporter(service)
    told = one.manifest()
    service.store.tell([Told(101, "opted_out", TODAY, "a ward", "a test", True, "", "")])
    for output in told["output"]:
        answer = one.asked(output["url"])
        assert one.called.of(101) not in answer.text
        assert one.called.of(102) in answer.text
    assert {row["people"] for row in service.audited("bulk.file")} == {"[102]"}
    service.store.tell([Told(102, "died_informal", TODAY, "a ward", "a test", True, "", "")])
    assert one.lines(told["output"][0]["url"]) == []


def test_an_export_is_its_clients_alone_and_as_long_as_its_grants_and_its_run(service: Service) -> None:
    """Harm: a file outlives the right to it, or says of somebody what a newer run does not."""
    one, other = Exporter(service), Exporter(service)
    where = one.begun()
    url = one.asked(where).json()["output"][0]["url"]
    for path in (where, url):
        plain = refused(other.asked(where[:-32] + "0" * 32), 404, "not-found")
        assert refused(other.asked(path), 404, "not-found") == plain
    assert other.asked(where, "DELETE").status_code == 404
    assert service.http.get(url).status_code == 401
    narrow = service.bearer(one.client, ["persons:read"])
    refused(service.http.get(url, headers=narrow), 403, "forbidden")
    assert one.asked(where + "/job.json").status_code == 404
    (service.settings.runs / str(published(service.store, PEOPLE[:1]))).mkdir()
    assert "export again" in refused(one.asked(url), 404, "not-found")


@ONE_DATABASE
def test_how_far_it_is_that_it_was_cut_off_and_once_more(service: Service) -> None:
    """Harm: a client waits for ever for what was killed, or takes half of it for all."""
    one = Exporter(service)
    said = {"client": one.client["client_id"], "run": 1, "group": "priority-A81001", "practice": "A81001", "scheme": "ods", "types": ["Patient"], "of": 40}  # fmt: skip
    job, lock = one.working.jobs.begin(**said)
    job.saying(done=25)
    where = f"/fhir/R4/bulk/{job.id}"
    answer = one.asked(where)
    assert (answer.status_code, answer.headers["X-Progress"], answer.headers["Retry-After"]) == (202, "25 of 40 people", "2")  # fmt: skip
    refused(one.asked(EXPORT, **WAITS), 429, "throttled")
    lock.close()  # as the system does of whoever is killed
    refused(one.asked(where), 500, "incomplete")
    assert len(one.manifest()["output"]) == 3


@ONE_DATABASE
def test_the_service_ends_while_an_export_is_made(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Exporter(service)
    told = making.persons.told

    def ending(*about: Any) -> Any:
        monkeypatch.setattr(one.working, "_ending", True)
        return told(*about)

    monkeypatch.setattr(making.persons, "told", ending)
    where = one.begun()
    refused(one.asked(where), 500, "incomplete")
    refused(one.asked(where + "/Patient.ndjson"), 404, "not-found")


@ONE_DATABASE
def test_of_whom_nothing_can_be_told_stands_among_the_errors(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Harm: somebody whose reasons cannot be read is missing from a file, and nothing says so."""
    one, told = Exporter(service), making.persons.told

    def some(caller: Any, run: Any, row: Any) -> Any:
        if row["person_id"] == 101:
            raise Problem("reasons-unavailable")
        return told(caller, run, row)

    monkeypatch.setattr(making.persons, "told", some)
    held = one.manifest()
    assert [line["id"] for line in one.lines(held["output"][1]["url"])] == [one.called.of(102)]
    ((error,),) = [one.lines(file["url"]) for file in held["error"]]
    assert (faults(error) + objections(error), error["issue"][0]["code"]) == ([], "transient")


@ONE_DATABASE
def test_files_are_their_owners_alone_and_go(service: Service) -> None:
    """Harm: what was fetched once lies about for whoever finds it."""
    one = Exporter(service)
    where = one.begun()
    folder = service.settings.home / "bulk" / where[-32:]
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder.parent, folder, *folder.iterdir())}
    assert {mode for name, mode in modes.items() if "." in name or name == "lock"} == {0o600}
    assert (modes["bulk"], modes[folder.name]) == (0o700, 0o700)
    assert one.asked(where, "DELETE").status_code == 202
    assert not folder.exists()
    refused(one.asked(where), 404, "not-found")
    refused(one.asked(where, "DELETE"), 404, "not-found")
    job = one.working.jobs.of(one.client["client_id"], one.begun()[-32:])
    assert job is not None
    jobs = one.working.jobs
    assert [jobs.sweep(job.begun + KEPT - timedelta(seconds=1)), jobs.sweep(job.begun + KEPT)] == [0, 1]
    assert not job.folder.exists()


@ONE_DATABASE
def test_a_client_keeps_so_many_and_makes_one_at_a_time(service: Service) -> None:
    one = Exporter(service)
    kept = [one.begun("?_type=Patient") for _ in range(OWN_KEPT)]
    assert "delete one" in refused(one.asked(EXPORT, **WAITS), 429, "throttled")
    one.asked(kept[0], "DELETE")
    one.begun()
    assert Exporter(service).manifest()["output"], "another client's are its own"


@ONE_DATABASE
def test_an_export_deleted_while_it_is_made_is_gone(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    one, told = Exporter(service), making.persons.told

    def deleted(*about: Any) -> Any:
        (job,) = one.working.jobs.every(one.client["client_id"])
        assert job.state == WORKING
        one.working.jobs.remove(job)
        return told(*about)

    monkeypatch.setattr(making.persons, "told", deleted)
    refused(one.asked(one.begun()), 404, "not-found")
    assert not list((service.settings.home / "bulk").iterdir())


@ONE_DATABASE
def test_the_documents_calls_of_an_export_answer(service: Service) -> None:
    """Each call of an export that docs/fhir.md shows, asked in its order as it is written there."""
    one, job, got = Exporter(service), "", []
    for method, prefer, path in re.findall(CALL, (Path(__file__).parents[2] / "docs" / "fhir.md").read_text("utf-8")):
        path = path.replace("\\$", "$").replace("$JOB", job)
        answer = one.asked(path, method.strip() or "GET", **(WAITS if prefer else {}))
        got.append(answer.status_code)
        one.working.finish()
        job = answer.headers.get("Content-Location", job)[-32:]
    assert got == [202, 200, 200, 202]
