"""The Python client, against the service in this process and in one of its own; and the page about it, run as it stands."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from risk import store as stores
from risk.settings import Settings
from serving import client as package
from serving.client import ApiProblem, Client, told
from serving.client.problems import (
    ChangedSince,
    InsufficientScope,
    InvalidClient,
    KeyReused,
    NotFound,
    TooLittle,
    Unavailable,
    UnfitParameter,
)
from serving.meeting_answers import Entry, History
from serving.problems import KINDS
from serving.routes.runs import RunEvent, RunEvents
from serving.shapes import frailty
from serving.shapes.link import MadeLink
from tests.integration.test_score_now import ROWS, but, live
from tests.integration.test_service_process import Running
from tests.published import published
from tests.service import Service
from tests.typed import told as typed

PAGE = Path(__file__).parents[2] / "docs" / "client.md"
DEFER = {
    "decision": "defer",
    "reason": "more_to_find_out",
    "review_on": "2025-01-15",
    "informed": {"told": False, "why_not": "not_reached_yet"},
}


def of(service: Service, *practices: str, **more: Any) -> Client:
    made = service.client(*practices)
    return Client("http://testserver", made["client_id"], made["secret"], http=service.http, **more)


@pytest.fixture
def client(service: Service) -> Client:
    return of(service, "A81001")


def test_a_list_page_by_page_and_unchanged(client: Client) -> None:
    assert [person.rank for person in client.listed("A81001", limit=1)] == [1, 2]
    pulled = client.practice_list("A81001")
    assert pulled is not None
    assert pulled.value.k == 2
    assert client.practice_list("A81001", unless=pulled.etag) is None
    assert client.practice_list("A81001", unless='"another"') is not None


def test_a_run_published_between_two_pages_does_not_mix_them(client: Client, service: Service) -> None:
    """Harm: the first half of last week's list is followed by the second half of this week's, and somebody is on neither."""
    pages = client.listed("A81001", limit=1)
    first = next(pages)
    published(
        service.store, ((102, "A81001", 1, 0.9, 0.61, "high", True), (101, "A81001", 2, 0.4, 0.34, "medium", True))
    )
    assert first.person != next(pages).person


def test_one_person_and_the_run(client: Client) -> None:
    run = client.current_run()
    assert [practice.practice for practice in run.practices] == ["A81001"]
    person = next(iter(client.listed("A81001")))
    risk = client.risk(person.person)
    assert (risk.probability, risk.run, risk.reasons.raises[0].says) == (
        0.61,
        run.run,
        "3 emergency admissions in the last year",
    )
    assert [event.kind for event in client.run_changes().events] == ["run.published"]
    with pytest.raises(Unavailable):
        client.changes("A81001")  # of a run without its files


def test_problems_are_raised_by_their_names(client: Client, service: Service) -> None:
    with pytest.raises(NotFound) as found:
        client.risk("somebody")
    assert (found.value.status, found.value.kind, len(found.value.request_id or "")) == (404, "not-found", 36)
    with pytest.raises(NotFound):
        client.practice_list("A81002")
    with pytest.raises(InsufficientScope):
        of(service, "A81001", scope="lists:read").current_run()
    made = service.client("A81001")
    with pytest.raises(InvalidClient):
        Client("http://testserver", made["client_id"], "wrong", http=service.http).current_run()
    unknown = ApiProblem.of(418, {"type": "urn:frailty:problem:teapot", "title": "no", "status": 418})
    assert (type(unknown), unknown.kind, unknown.status) == (ApiProblem, "teapot", 418)
    assert set(ApiProblem.kinds) <= set(KINDS)


def test_a_token_that_is_taken_no_more_is_replaced_once(client: Client, service: Service) -> None:
    client.current_run()
    before = len(service.audited("token.issue"))
    client.current_run()
    assert len(service.audited("token.issue")) == before, "a good token is kept"
    client._connection._token = "expired"
    client.current_run()
    assert len(service.audited("token.issue")) == before + 1


def test_a_decision_rests_on_what_was_read(client: Client) -> None:
    """Harm: two meetings decide about one person and the second does not see the first."""
    person = next(iter(client.listed("A81001"))).person
    read = client.decisions(person)
    assert read.value.entries == []
    written = client.decide(person, DEFER, on=read.etag, key="a-key-of-this-test-01")
    assert (written.value.kind, written.value.said["decision"]) == ("decision", "defer")
    again = client.decide(person, DEFER, on=read.etag, key="a-key-of-this-test-01")
    assert (again.value.seq, again.etag) == (written.value.seq, written.etag)
    with pytest.raises(ChangedSince):
        client.decide(person, DEFER, on=read.etag)
    with pytest.raises(KeyReused):
        client.decide(person, {**DEFER, "review_on": "2025-02-01"}, on=written.etag, key="a-key-of-this-test-01")
    with pytest.raises(UnfitParameter) as unfit:
        client.decide(person, {**DEFER, "reason": "because"}, on=written.etag)
    assert [error["where"] for error in unfit.value.errors] == ["body.reason"]
    assert [entry.seq for entry in client.decisions(person).value.entries] == [written.value.seq]


def test_a_score_now_or_what_is_lacking(client: Client, service: Service) -> None:
    live(service.settings)
    person = next(iter(client.listed("A81001"))).person
    assert client.score(person, ROWS).model.name == "unplanned_admission_365"
    with pytest.raises(TooLittle) as lacking:
        client.score(person, but(registration=[]))
    assert lacking.value.lacking[0]["columns"] == ["event_date", "practice", "practice_scheme", "kind"]


def test_the_frailty_register_is_read_and_answered(client: Client, service: Service) -> None:
    """Of somebody of whom nothing is proposed there is nobody to name; what is asked of one is answered all the same."""
    assert list(client.frailty_register("A81001")) == []
    person = next(iter(client.listed("A81001"))).person
    read = client.frailty(person)
    assert (read.value.person, read.value.answers, read.etag) == (person, [], '"v0"')
    with pytest.raises(UnfitParameter):
        client.answer_frailty(person, {"answer": "perhaps"}, on=read.etag)


def test_what_the_client_reads_is_what_the_service_says() -> None:
    pairs = ((told.RunEvents, RunEvents), (told.RunEvent, RunEvent), (told.Entry, Entry), (told.History, History), (told.OnRegister, frailty.OnRegister),
             (told.FrailtyRegister, frailty.FrailtyRegister), (told.FrailtyAnswer, frailty.Answer), (told.FrailtyHistory, frailty.FrailtyHistory), (told.MadeLink, MadeLink))  # fmt: skip
    for mine, theirs in pairs:
        assert set(mine.model_fields) <= set(theirs.model_fields), mine.__name__


def test_the_client_brings_nothing_of_the_service_along() -> None:
    heavy = (
        "fastapi",
        "starlette",
        "sqlalchemy",
        "duckdb",
        "pandas",
        "numpy",
        "lightgbm",
        "features",
        "models",
        "risk",
    )
    asked = f"import sys, {package.__name__}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=PAGE.parents[1]
    )
    assert done.stdout.strip() == "[]"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[Running, dict[str, str]]]:
    settings = Settings(home=tmp_path / "home")
    store = stores.open(settings)
    (settings.runs / str(published(store))).mkdir(parents=True)
    store.close()
    live(settings)
    environment = {"FRAILTY_HOME": str(settings.home), "FRAILTY_ENVIRONMENT": "test", "FRAILTY_TODAY": "2024-12-02"}
    service = Running(environment)
    yield service, environment
    service.stop()


def test_the_page_about_it_runs_as_it_stands(
    running: tuple[Running, dict[str, str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Against a process of its own, over loopback, with the client that the page registers."""
    service, environment = running
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    page = PAGE.read_text(encoding="utf-8")
    (command,) = re.findall(r"```sh\nfrailty (client add .*?)```", page, re.DOTALL)
    made = typed(*shlex.split(command.replace("\\\n", " ")))
    names = {"ADDRESS": service.address, "CLIENT_ID": made["client_id"], "SECRET": made["secret"]}
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
    names["client"].close()  # type: ignore[attr-defined]
    said = capsys.readouterr().out
    assert len(blocks) == 8
    for words in ("3 emergency admissions in the last year", "not for placement", "404", "['person', 'registration', 'residence', 'spell']",
                  "no feed of it reaches", 'decision "v1"'):  # fmt: skip
        assert words in said, words
    assert not [line for line in service.said if made["secret"] in line or "2004-02-11" in line]
