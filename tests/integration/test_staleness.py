"""Every answer about a run says how old it is, by one rule and one setting; the command line too."""

from __future__ import annotations

import pytest

from risk.decisions.reading import practice_decisions
from risk.frailty_register.reading import practice_register
from risk.run import reading
from risk.settings import Settings
from tests.asked import requests
from tests.service import TODAY, serving


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_every_answer_about_a_run_says_how_old_it_is(store_settings: Settings) -> None:
    """The run's newest data are of 28 November, and it is 2 December: 4 days.

    Harm: one page, tool or command shows an old list without a word, and it is that one which the team uses."""
    settings = store_settings.model_copy(update={"stale_days": 3, "today": TODAY})
    with serving(settings) as service:
        client = service.client()
        head = service.bearer(client)
        listed = service.http.get("/v1/practices/A81001/list", headers=head).json()
        person = listed["people"][0]["person"]
        answered: set[str] = set()
        for asked in requests(service.http.app):
            if asked.method != "GET":
                continue
            method, path, more = asked.filled("A81001", person)
            answer = service.http.request(method, path, **{**more, "headers": {**more.get("headers", {}), **head}})
            if "json" not in answer.headers.get("content-type", "") or answer.status_code != 200:
                continue
            body = answer.json()
            if "index_date" in body:
                answered.add(asked.template)
                assert (body["stale"], bool(body["stale_says"])) == (True, True), asked.template
        assert answered >= {"/v1/runs/current", "/v1/practices/{code}/list"}
        for read in (reading.practice_list, practice_decisions, practice_register):
            assert read(settings, "A81001")["stale"] is True


def test_a_list_that_grew_old_is_told_to_whoever_kept_it(store_settings: Settings) -> None:
    """Harm: a tool that pulls by ETag is told that nothing changed, and goes on showing a list without its warning."""
    with serving(store_settings) as service:
        client = service.client()
        head = service.bearer(client)
        tag = service.http.get("/v1/practices/A81001/list", headers=head).headers["etag"]
    with serving(store_settings.model_copy(update={"stale_days": 1})) as service:
        head = service.bearer(client) | {"If-None-Match": tag}
        answer = service.http.get("/v1/practices/A81001/list", headers=head)
        assert (answer.status_code, answer.json()["stale"]) == (200, True)
