"""The priority list is of adults by risk from any cause: nothing that it prints, answers or names calls anybody frail. That is for the frailty register,
and there for a clinician. Names of instruments stand for themselves where a number of theirs is told.

Routes and commands are found by looking (:mod:`tests.asked`), so that one that is added later is read too.
"""

from __future__ import annotations

import math
import re

import orjson
import pytest

from features.errors import FrailtyError
from features.predictors import CATALOGUE
from risk import keys, sections
from risk.decisions.catalogue import catalogue
from risk.drivers import DRIVERS
from risk.phrases import says
from risk.pseudonyms import Pseudonyms
from risk.run import listing, saying
from serving.app import create_app
from tests.asked import requests, typed_commands
from tests.logged_in import cookie, directory, token
from tests.published import PEOPLE, staged
from tests.service import Service
from tests.typed import typed

#: Instruments by their names; the product by its own and its commands; codes of predictors, which are read by machines.
INSTRUMENTS = ("electronic frailty index", "Clinical Frailty Scale", "Hospital Frailty Risk Score")
OWN = (r"frailty-risk|urn:frailty:", r"\bfrailty [a-z]+ ?(?=[a-z-]*)", r"frailty\.(toml|db)", r"FRAILTY_\w+")
#: The way to the other product, by its own name, in the menu of whoever reads it.
MENU = r'<li><a href="/pages/practices/[A-Z0-9]+/frailty-register">Frailty register</a></li>'
CODES = {predictor.name for predictor in CATALOGUE if "frail" in predictor.name}
#: What the register itself answers, and what describes every route.
REGISTER, DESCRIBES = ("frailty-register", "/frailty", "register "), ("/openapi.json", "/docs")


def called(said: str, *, commands: bool = False) -> list[str]:
    """Where ``said`` calls somebody frail, each with what is around it."""
    said = re.sub(MENU, "", said)
    for name in INSTRUMENTS:
        said = re.sub(name, "", said, flags=re.IGNORECASE)
    for code in sorted(CODES, key=len, reverse=True):
        said = re.sub(rf'"{code}"', "", said)
    for pattern in OWN if commands else OWN[:1] + OWN[2:]:
        said = re.sub(pattern, "", said)
    return [said[max(0, hit.start() - 40) : hit.end() + 40] for hit in re.finditer("frail", said, re.IGNORECASE)]


def test_the_walk_would_see_it() -> None:
    for words in ("a frail man", "severe frailty", '{"title": "Frailty list"}'):
        assert called(words)
    assert called("moderate frailty by the electronic frailty index") == ["moderate frailty by the "]
    for words in ("Clinical Frailty Scale 6", '{"predictor": "frailty_findings_2y"}'):
        assert not called(words)


@pytest.mark.parametrize("value", [0.0, 1.0, 2.0, 3.0, math.nan])
def test_no_reason_calls_anybody_frail(value: float) -> None:
    """Harm: somebody at high risk of any admission reads, or hears, that they are frail; a word that follows them and that nobody assessed."""
    for predictor in CATALOGUE:
        for feeds in (0, 2**63 - 1):
            said = f"{says(predictor, value, feeds)} {predictor.title} {predictor.domain}"
            assert not called(said), said


def test_no_word_of_the_list_calls_anybody_frail() -> None:
    """Harm: as above, by a heading, a section, a flag or an action."""
    drivers = [f"{one.name} {one.title} {one.domain} {one.higher} {one.lower}" for one in DRIVERS]
    apart = [f"{one.name} {one.title} {one.says}" for one in sections.SECTIONS]
    fixed = [*saying.FLAGS.values(), *saying.NEVER_SILENT.values(), saying.LEGEND, saying.LOW, saying.NOT_FOR]
    actions = [str(one) for one in catalogue(None).actions.values()]
    for words in (*drivers, *apart, *fixed, *actions, listing.LISTED, listing.NEXT, listing.APART):
        assert not called(words), words


def test_no_answer_of_any_route_and_no_file_name_calls_anybody_frail(service: Service) -> None:
    """Harm: as above, by a route, export or page that somebody adds. Two runs, people in a section and somebody decided about."""
    number = staged(service.store)
    service.store.publish(number, content_sha256="ab" * 32, counts={}, valid_until=service.settings.today)  # type: ignore[arg-type]
    (service.settings.runs / str(number)).mkdir(parents=True)
    headers = service.bearer(service.client())
    person = service.http.get("/v1/practices/A81001/list", headers=headers).json()["people"][0]["person"]
    directory(service)
    browser, on_pages = (
        cookie(service, "gp"),
        Pseudonyms(keys.held(service.settings).person, "ods A81001").of(PEOPLE[0][0]),
    )
    walked = [
        one
        for one in requests(create_app(service.settings))
        if not any(word in one.template for word in (*REGISTER, *DESCRIBES))
    ]
    answered = set()
    for asked in walked:
        known = (browser, on_pages, token(service, browser)) if asked.is_a_page else (headers, person, "")
        method, path, more = asked.filled(PEOPLE[0][1], known[1], known[2])
        got = service.http.request(method, path, **{**more, "headers": {**known[0], **more.get("headers", {})}})
        answered |= {asked.template} if got.status_code == 200 else set()
        names = " ".join(f"{name}: {value}" for name, value in got.headers.items())
        assert not called(f"{got.text} {names}"), str(asked)
    assert {"/v1/practices/{code}/list", "/v1/practices/{code}/meeting", "/v1/persons/{person}/decisions"} <= answered
    assert {
        "/pages",
        "/pages/practices/{code}/list",
        "/pages/practices/{code}/meeting",
        "/pages/persons/{person}",
        "/pages/practices/{code}/minutes",
    } <= answered


def test_no_command_calls_anybody_frail(service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """Harm: as above, by what is printed and read out."""
    for name, value in {"HOME": service.settings.home, "STORE": service.settings.store, "TODAY": service.settings.today, "ENVIRONMENT": "test"}.items():  # fmt: skip
        monkeypatch.setenv(f"FRAILTY_{name}", str(value))
    printed = 0
    for line in typed_commands():
        if line.startswith(REGISTER) or "{practice}" not in line:
            continue
        done = typed(*line.format(practice="A81001", record=tmp_path, out=tmp_path).split())
        assert done.exception is None or isinstance(done.exception, SystemExit | FrailtyError), line
        assert not called(str(done.output), commands=True), line
        printed += line.startswith("list ")
    assert printed
    assert not called(orjson.dumps(service.store.practice_list(1, "A81001")[0]["flags"].decode()).decode())
