"""Somebody is told of after publication and is gone from everything: every route, every command that prints, every file that is written.

Routes and commands are found by looking (:mod:`tests.asked`), so that one that is added later is walked too. On SQLite and on PostgreSQL.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Query

from risk import keys
from risk import store as stores
from risk.pseudonyms import Pseudonyms
from risk.run import weekly
from risk.run.reading import READER, short
from risk.settings import Settings
from risk.store.hiding import Told
from tests import released
from tests.asked import Asked, CannotBeFilledIn, requests, typed_commands
from tests.logged_in import cookie, directory, token
from tests.records import always_fresh, record
from tests.service import TODAY, Service, serving
from tests.typed import typed
from tests.walking import holding

AT = datetime.date(2024, 11, 30)
HERE, THERE = "A81001", "A81002"
#: How each of those told of is told of; ``by_the_record`` of nobody here: the walk is of what is read.
GROUNDS = ("died_informal", "opted_out", "restricted", "died", "left_practice", "unlinked")
#: Answers may differ in these.
OWN = {"x-request-id"}


@dataclass
class Place:
    """An installation with two published runs over forty people of one practice and ten of another, served."""

    service: Service
    record: Path
    out: Path

    def __post_init__(self) -> None:
        self.client = self.service.client()
        self.headers = self.service.bearer(self.client)
        held = keys.held(self.service.settings).person
        self.pseudonyms, self.terminal = Pseudonyms(held, self.client["client_id"]), Pseudonyms(held, READER)
        directory(self.service)
        self.cookie, self.on_pages = cookie(self.service, "gp"), Pseudonyms(held, f"ods {HERE}")

    def texts_of(self, person: int) -> tuple[str, ...]:
        """Whatever stands for somebody in an answer, on the terminal or in a file."""
        whole = self.terminal.of(person)
        on_pages = self.on_pages.of(person)
        return str(person), self.pseudonyms.of(person), short(whole), whole, on_pages, short(on_pages)

    def called(self, asked: Asked, person: int) -> str:
        """What whoever asks calls somebody."""
        return (self.on_pages if asked.is_a_page else self.pseudonyms).of(person)

    def ask(self, asked: Asked, person: str) -> Any:
        headers = self.cookie if asked.is_a_page else self.headers
        method, path, more = asked.filled(HERE, person, token(self.service, self.cookie))
        return self.service.http.request(method, path, **{**more, "headers": {**headers, **more.get("headers", {})}})

    def typed(self, line: str) -> str:
        told = line.format(practice=HERE, record=self.record, out=self.out)
        done = typed(*told.split())
        assert done.exception is None or isinstance(done.exception, SystemExit), (line, done.output)
        return str(done.output)

    def listed(self, run: int) -> list[int]:
        return [row["person_id"] for row in self.service.store.practice_list(run, HERE)]


@pytest.fixture
def place(store_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    settings = store_settings.model_copy(update={"today": TODAY})
    for name, value in {"HOME": settings.home, "STORE": settings.store, "TODAY": TODAY, "ENVIRONMENT": "test",
                        "TRACKING": f"sqlite:///{tmp_path / 'none' / 'mlflow.db'}"}.items():  # fmt: skip
        monkeypatch.setenv(f"FRAILTY_{name}", str(value))
    people = range(7_100_001, 7_100_051)  # numbers that no count, score or date reads like
    held = record(
        tmp_path / "record",
        about="simulated",
        person=[{"person_id": n, "birth_month": f"{1925 + n % 50}-05-01"} for n in people],
        registration=[{"person_id": n, "practice": HERE if n <= 7_100_040 else THERE} for n in people],
        spell=[{"person_id": n, "event_date": "2024-03-02", "end_date": "2024-03-05", "admission_method": "21"} for n in people[:9]],
        feed=always_fresh(),
    )  # fmt: skip
    bundle = released.release(settings.bundles)
    store = stores.open(settings)
    store.record_release(name=bundle.name, version=1, action="promote", by="a test", reason="", gates=[], bundle_sha256=bundle.sha256)  # fmt: skip
    days = {"valid_from": datetime.date(2020, 1, 1), "valid_to": None}
    practice, team = (
        {"scheme": "ods", "code": HERE, "name": HERE, "kind": "practice"},
        {"team_id": "north", "name": "north"},
    )
    covers = {"team_id": "north", "scheme": "ods", "practice": HERE}
    store.write_directory({"organisation": [practice | days], "team_cover": [covers | days],
                           "team": [team | days | {"kind": "community", "scheme": "ods", "organisation": HERE, "capacity": None}]})  # fmt: skip
    reasons = dict.fromkeys(("stale", "feeds", "moved"), "a test")
    for fraction in (0.3, 0.1):
        weekly.run(weekly.Asked(held, "unplanned_admission", 365, 18, fraction, at=AT, reasons=reasons), settings)
    store.close()
    with serving(settings) as service:
        yield Place(service, held, tmp_path / "out")


def tell(place: Place, person: int, ground: str) -> None:
    practice = ("ods", HERE) if ground == "left_practice" else ("", "")
    place.service.store.tell([Told(person, ground, TODAY, "a ward", "a test", True, *practice)])


def test_whoever_is_told_of_is_gone_from_every_answer_and_every_output(place: Place) -> None:
    """Harm: one route, export or page forgets to ask, and a dead patient's card is read out in a meeting."""
    walked, lines = requests(place.service.http.app), typed_commands()
    still, before = place.listed(2), place.listed(1)
    gone = [person for person in before if person not in still]
    told = dict(zip([*still[:3], *gone[:3]], GROUNDS, strict=True))
    assert len(set(told)) == len(GROUNDS)

    showed: dict[int, set[str]] = {person: set() for person in told}
    for person in told:
        for asked in walked:
            if (
                asked.method == "GET"
                and place.called(asked, person) in place.ask(asked, place.called(asked, person)).text
            ):
                showed[person].add(str(asked))
    for line in lines:
        output = place.typed(line)
        for person in told:
            showed[person] |= {line} if any(text in output for text in place.texts_of(person)) else set()
    seen = set().union(*showed.values())
    assert {"GET /v1/practices/{practice}/list", "GET /v1/practices/{practice}/list {'params': {'run': 1}}",
            "GET /v1/practices/{practice}/changes", "GET /v1/persons/{person}/risk", "list --practice {practice} --json",
            "list --practice {practice} --changes", "list --team north --json"} <= seen, "the walk sees people where they are shown"  # fmt: skip
    assert all(showed.values())

    for person, ground in told.items():
        tell(place, person, ground)
    for asked in walked:
        for person in told:
            got = place.ask(asked, place.called(asked, person))
            found = [text for text in place.texts_of(person) if text in got.text]
            assert not found, (str(asked), told[person])
    for line in lines:
        output = place.typed(line)
        assert not [told[person] for person in told for text in place.texts_of(person) if text in output], line
    assert not [name for person in told for name in holding(place.out, person, place.texts_of(person))]
    assert sorted({*place.listed(1), *place.listed(2)}) == sorted({*still, *before} - set(told)), "and nobody else is"


def test_nowhere_on_disk_but_where_it_must_be(place: Place) -> None:
    """Harm: a copy that nobody thought of outlives the word that somebody died. What is published does not change, and the audit says who saw them;
    neither is shown to anybody but through what is walked above."""
    person = place.listed(2)[0]
    for line in typed_commands():
        place.typed(line)
    tell(place, person, "died_informal")
    home = place.service.settings.home
    found = holding(home, person, place.texts_of(person))
    elsewhere = [
        name
        for name in found
        if not re.match(r"runs/\d+/\w+\.parquet$|frailty\.db(-wal$| )|forgotten/told\.jsonl$", name)
    ]
    assert found
    assert not elsewhere


def test_not_found_hidden_and_not_permitted_are_one_answer(place: Place) -> None:
    """Harm: an opt-out, a restricted address or a move is read off the status, the words or the headers of an answer."""
    service = place.service
    shown, *hidden = place.listed(2)
    others = [person for person in place.listed(1) if person not in (shown, *hidden)]
    grounds = dict(zip([*hidden, *others[:3]], GROUNDS, strict=True))
    for person, ground in grounds.items():
        tell(place, person, ground)
    mine = service.client(HERE)
    others_id = place.pseudonyms.of(shown)
    place.headers, place.pseudonyms = (
        service.bearer(mine),
        Pseudonyms(keys.held(service.settings).person, mine["client_id"]),
    )
    asked_about = [asked for asked in requests(service.http.app) if asked.names_a_person]
    assert "/v1/persons/{person}/risk" in {asked.template for asked in asked_about}
    assert "/pages/persons/{person}" in {asked.template for asked in asked_about}
    for asked in asked_about:
        ours = place.on_pages if asked.is_a_page else place.pseudonyms
        nobody, theirs = ours.of(7_999_999), ours.of(7_100_045)
        if asked.is_a_page and "{person}" not in asked.path:
            assert _answer(place.ask(asked, nobody)) == _answer(place.ask(asked, theirs)), (
                "a page that marks somebody of its own"
            )
            continue
        plain = _answer(place.ask(asked, nobody))
        assert plain[0] == 404, str(asked)
        for person in (theirs, others_id, "made up", "9434765919"):
            assert _answer(place.ask(asked, person)) == plain, str(asked)
        if asked.template == "/v1/suppressions":
            continue  # what is told of the hidden is kept, and answered as of the shown
        for person, ground in grounds.items():
            assert _answer(place.ask(asked, ours.of(person))) == plain, (str(asked), ground)
        if "{number}" not in asked.template and "{event}" not in asked.template:
            assert place.ask(asked, ours.of(shown)).status_code != 404, str(asked)


def _answer(got: Any) -> tuple[int, str, dict[str, str]]:
    """Status, words and headers, but for what is new on every page: the key of a form."""
    return (
        got.status_code,
        re.sub(r'value="[\w-]{32}(-act|-\d+)?"', "", got.text),
        {name: value for name, value in got.headers.items() if name not in OWN},
    )


def test_a_route_that_cannot_be_filled_in_fails_the_walk() -> None:
    """Harm: a route is added, the walk passes it by, and nobody notices."""
    for path, routed in {
        "/v1/wards/{ward}/list": lambda ward: ward,
        "/v1/lists": lambda kind=Query(): kind,
        "/v1/teams": lambda team=Query(None): team,
    }.items():
        app = FastAPI()
        app.get(path)(routed)
        with pytest.raises(CannotBeFilledIn):
            requests(app)
    app = FastAPI()
    app.post("/v1/decisions")(lambda: None)
    with pytest.raises(CannotBeFilledIn, match="no body stands here"):
        requests(app)
