"""One whole walk over everything that is served, as everybody who may ask and as nobody, with NHS numbers planted wherever somebody might type one: what is then
in the log, the metrics, the audit, addresses and errors names nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import structlog
from prometheus_client import generate_latest

from risk.members import DUTIES
from risk.settings import Settings
from serving import logs
from tests.asked import Asked
from tests.identities import NUMBERS
from tests.owasp import HERE, THERE, Place, guarded

PLANTED = NUMBERS[102]
#: Headers in which a caller's program might put anything.
HEADERS = dict.fromkeys(("X-Request-ID", "If-None-Match", "If-Match", "Idempotency-Key", "User-Agent", "Referer", "X-Forwarded-For"), PLANTED)  # fmt: skip
#: The one answer that says whose number it is: to whoever may ask, for a reason, into the audit first. And documents, whose example is a number of nobody's.
TELLS = {"/pages/persons/{person}/identity", "/openapi.json", "/docs"}

#: Of an audit row, what is of a person: who it was, and the words of whoever asked, which are sealed (tests/integration/test_audit_texts.py).
PERSONAL = {"person_id", "people", "reason"}
#: Fields of a form that is shown again to whoever typed it, with what they typed.
TYPED = r"value=\"[^\"]*\"|<textarea.*?</textarea>"


def planted(asked: Asked) -> Iterator[Asked]:
    """The request with a number in each place in turn, and as it is."""
    yield asked
    named = asked.path.replace("{person}", PLANTED)
    for path in {named, asked.path.replace("{practice}", PLANTED), named.replace("{practice}", PLANTED)} - {asked.path}:
        yield Asked(asked.method, asked.template, path, asked.more)
    yield _with(asked, "params", {**asked.more.get("params", {}), PLANTED: PLANTED})
    yield _with(asked, "headers", HEADERS)
    for part in ("params", "data", "json"):
        for name in asked.more.get(part, {}):
            yield _with(asked, part, {**asked.more[part], name: PLANTED})
            yield _with(asked, part, {**asked.more[part], name: {PLANTED: PLANTED}} if part == "json" else {**asked.more[part], PLANTED: name})  # fmt: skip


def _with(asked: Asked, part: str, said: Mapping[str, Any]) -> Asked:
    return Asked(asked.method, asked.template, asked.path, {**asked.more, part: said})


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_nobody_is_named_where_many_may_read(store_settings: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    """Harm: numbers and names of patients lie in a log, a dashboard or a ticket with an error, which a supplier's whole help desk reads.

    Beside it: test_service_process.py::test_logs_name_nobody (raw requests over a socket), test_telemetry.py::test_no_metric_and_no_span_names_anybody."""
    logs.configure()
    try:
        with guarded(store_settings) as place:
            statuses = walk(place)
            metrics = generate_latest(place.service.http.app.state.metrics.registry).decode()  # type: ignore[attr-defined]
            audit = [(row["action"], name, str(value)) for row in place.service.audited() for name, value in row.items() if name not in PERSONAL]  # fmt: skip
            never, opaque = in_full(place), place.texts_of(*NUMBERS)
    finally:
        structlog.reset_defaults()
    printed = "".join(capfd.readouterr())
    assert {200, 303, 401, 403, 404, 409, 412, 422} <= statuses, "good answers and bad ones"
    assert printed.count('"event":"answered"') + printed.count('"event": "answered"') > 1000
    assert not [text for text in opaque if text in printed]
    assert not [text for text in opaque if text in metrics]
    assert not {(action, name) for action, name, value in audit for text in never if text in value}


def in_full(place: Place) -> set[str]:
    """What is said to nobody: NHS numbers as they are typed, and the numbers that people go by inside."""
    spaced = {f"{number[:3]} {number[3:6]} {number[6:]}" for number in NUMBERS.values()}
    return {*NUMBERS.values(), *spaced, *map(str, place.people.values())}


def walk(place: Place) -> set[int]:
    """Ask everything; the statuses of the answers. No error says a number, no address leads to one, and no answer has what people go by inside."""
    never, inside = in_full(place), set(map(str, place.people.values()))
    statuses: set[int] = set()
    # Whoever is told of is gone from every answer, so they are told of last.
    walked = sorted(place.walked, key=lambda asked: asked.template == "/v1/suppressions")
    for one in walked:
        person = (place.on_pages if one.is_a_page else place.mine).of(place.people[102])
        asking: list[tuple[Asked, dict[str, Any]]] = [(asked, {}) for asked in planted(one)]
        asking += [
            (one, {"headers": {}}),
            (one, {"headers": {"Cookie": PLANTED, "Authorization": f"Bearer {PLANTED}"}}),
        ]
        asking += [(one, {"role": role}) for role in DUTIES if one.is_a_page]
        for asked, who in asking:
            for practice in (HERE, THERE) if not who else (HERE,):
                got = place.ask(asked, practice, person, **who)
                statuses.add(got.status_code)
                where = (str(asked), practice, got.status_code)
                assert not [text for text in inside if text in got.text], where
                assert not [text for text in never if text in str(got.headers)], where
                linked = " ".join(re.findall(r"(?:href|action|src)=\"[^\"]*\"|\"(?:url|fullUrl|reference)\": ?\"[^\"]*\"", got.text))  # fmt: skip
                # What somebody typed into an address stands in the links of their own next page, and in a search's (FHIR R4 §3.1.1.3).
                if asked is one:
                    assert not [text for text in never if text in linked], where
                if got.status_code >= 400 or (asked is one and asked.template not in TELLS):
                    told = re.sub(TYPED, "", got.text, flags=re.DOTALL) if asked.is_a_page else got.text
                    assert not [text for text in never if text in told], where
    return statuses
