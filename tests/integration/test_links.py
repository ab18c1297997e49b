"""A link of another system into the pages: to one person or one list, once, for a few minutes, for whoever sees them without it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from risk import keys
from risk.pseudonyms import Pseudonyms
from risk.settings import Settings
from risk.store.hiding import Told
from serving.client import Client
from serving.client.problems import NotFound
from serving.security.links import Link, Links
from serving.security.returning import AT, COOKIE, LINKS, remembered
from serving.security.vouching import issuers
from tests.identities import NUMBERS, UNKNOWN
from tests.integration.test_roles import Place
from tests.logged_in import cookie
from tests.service import TODAY, serving

OVER = "This link cannot be used"


class Linked(Place):
    """A system of the practice A81001 that makes links, and people who follow them."""

    def made(self, status: int = 200, practices: tuple[str, ...] = ("A81001",), **body: Any) -> Any:
        self.client = self.service.client(*practices, scopes=["links:write"])
        if isinstance(person := body.get("person"), int):
            body["person"] = Pseudonyms(keys.held(self.service.settings).person, self.client["client_id"]).of(self.people[person])  # fmt: skip
        answer = self.service.http.post("/v1/links", json=body, headers=self.service.bearer(self.client))
        assert answer.status_code == status, answer.text
        return answer.json()

    def link(self, **body: Any) -> str:
        made = self.made(**body)
        assert re.fullmatch(r"http://testserver/pages/links/[\w-]+", made["url"])
        return str(made["url"]).removeprefix("http://testserver")

    def follow(self, path: str, user: str = "gp", **headers: str) -> Any:
        return self.service.http.get(path, headers={**cookie(self.service, user), **headers}, follow_redirects=False)


@pytest.fixture
def place(store_settings: Settings) -> Iterator[Linked]:
    with serving(store_settings) as service:
        yield Linked(service)


def over(answer: Any) -> bool:
    return answer.status_code == 404 and OVER in answer.text


def test_a_person_is_opened_once(place: Linked) -> None:
    path = place.link(person=101)
    gone = place.follow(path)
    assert (gone.status_code, gone.headers["location"]) == (303, f"/pages/persons/{place.called('gp', 101)}")
    assert place.follow(gone.headers["location"]).status_code == 200
    assert over(place.follow(path)), "it is good once"
    made, *followed = place.service.audited("link.make") + place.service.audited("link.follow")
    assert (made["actor"], made["person_id"], made["run"]) == (place.client["client_id"], place.people[101], 1)
    assert [(row["actor"], row["outcome"], row["person_id"]) for row in followed] == [
        ("gp", "answered", place.people[101]),
        ("gp", "refused", None),
    ]


def test_a_list_and_somebody_by_nhs_number(place: Linked) -> None:
    assert place.follow(place.link(practice="A81001")).headers["location"] == "/pages/practices/A81001/list"
    path = place.link(nhs_number=NUMBERS[102])
    assert place.follow(path).headers["location"].endswith(place.called("gp", 102))
    assert NUMBERS[102] not in path + str(list(place.service.store.audit_rows()))


def test_a_link_opens_nothing_by_itself(place: Linked) -> None:
    """Harm: whoever is passed a link reads of somebody who is not theirs. And following it in vain does not use it up."""
    person, listed = place.link(person=101), place.link(practice="A81001")
    for path in (person, listed):
        assert place.service.http.get(path).status_code == 401
        other = place.follow(path, "other")
        assert (other.status_code, OVER in other.text) == (404, False), "as if there were no such person or list"
        assert place.follow(path, "analyst").status_code == 403
    assert [place.follow(path).status_code for path in (person, listed)] == [303, 303]


def test_a_link_for_one_user_is_nobody_elses(place: Linked) -> None:
    """By their id in the directory, or the subject that they log in with."""
    for named in ("matron", "s-matron"):
        path = place.link(person=101, user=named)
        assert over(place.follow(path)), "a GP who may see the person, and for whom it was not made"
        assert place.follow(path, "matron").status_code == 303
    place.made(422, person=101, user="nobody")


def test_links_that_are_none(place: Linked) -> None:
    """Harm: a link is guessed, changed to lead to another, or kept. All have one answer."""
    good = place.link(person=101)
    token = good.removeprefix(LINKS)
    held = Links(keys.held(place.service.settings).token, place.service.store)
    past = Link("client-0", int((datetime.now(UTC) - timedelta(seconds=1)).timestamp()), place.people[101])
    wrong = [held.made(past), token[:-2], token[:40], "A" * len(token), token[:30] + ("A" if token[30] != "A" else "B") + token[31:], "x", "a" * 5000]  # fmt: skip
    answers = [place.follow(LINKS + one) for one in wrong]
    assert all(over(answer) for answer in answers)
    assert len({answer.text for answer in answers}) == 1
    assert place.follow(good).status_code == 303


def test_whoever_is_hidden_meanwhile_is_not_opened(place: Linked) -> None:
    """Harm: somebody who objected, or died, is opened by a link that was made before."""
    path = place.link(person=101)
    place.service.store.tell([Told(place.people[101], "opted_out", TODAY, "a ward", "a test", True, "", "")])
    assert place.follow(path).status_code == 404


def test_what_fetches_ahead_uses_no_link_up(place: Linked) -> None:
    """Harm: a browser or a scanner that looks at a link first leaves the clinician in front of a closed door."""
    path = place.link(person=101)
    assert place.follow(path, **{"Sec-Purpose": "prefetch;prerender"}).status_code == 404
    head = place.service.http.head(path, headers=cookie(place.service, "gp"))
    assert head.status_code == 405
    assert place.follow(path).status_code == 303


def test_whoever_must_log_in_first_goes_on_to_it(place: Linked) -> None:
    """The browser alone knows where to, and it is a link or nothing."""
    path = place.link(person=101)
    first = place.service.http.get(path)
    assert "You are not logged in" in first.text
    said = first.headers["set-cookie"]
    assert said.startswith(f"{COOKIE}={path.removeprefix(LINKS)};")
    assert all(part in said for part in ("HttpOnly", "SameSite=lax", f"Path={AT}"))
    assert remembered({COOKIE: path.removeprefix(LINKS)}) == path.removeprefix("/pages")
    for elsewhere in ("//evil.example", "https://evil.example/" + "a" * 40, "../audit", "", "a" * 39, "a" * 513):
        assert remembered({COOKIE: elsewhere}) == ""
    assert "set-cookie" not in place.service.http.get("/pages/links/short").headers
    assert "set-cookie" not in place.service.http.get("/pages/practices/A81001/list").headers


def test_from_the_other_system_through_the_log_in_to_the_person(place: Linked) -> None:
    """The whole way of somebody who is not logged in, by the demonstration's issuer."""
    app: Any = place.service.http.app
    app.state.issuers = issuers(app.state.installation.settings.model_copy(update={"demo_login": True}))
    path = place.link(person=101)
    first = place.service.http.get(path)
    assert first.status_code == 401
    assert 'href="/pages/login"' in first.text
    chosen = place.service.http.get("/pages/login/start", params={"issuer": 0})
    door = next(part for part in chosen.text.split('href="') if "subject=s-gp" in part).split('"')[0].replace("&amp;", "&")  # fmt: skip
    landed = place.service.http.get(door)
    assert (landed.status_code, landed.url.path) == (200, f"/pages/persons/{place.called('gp', 101)}")
    assert path in [answer.url.path for answer in landed.history]
    assert "frailty_return" not in place.service.http.cookies, "and the next log-in begins at the first page"
    assert over(place.service.http.get(path))


def test_by_the_client(place: Linked) -> None:
    made = place.service.client("A81001", scopes=["links:write"])
    client = Client("http://testserver", made["client_id"], made["secret"], http=place.service.http)  # type: ignore[arg-type]
    link = client.link(practice="A81001", user="matron")
    assert place.follow(link.url.removeprefix("http://testserver"), "matron").status_code == 303
    assert link.until > datetime.now(UTC)
    with pytest.raises(NotFound):
        client.link(nhs_number=UNKNOWN)


def test_what_a_system_may_make_links_to(place: Linked) -> None:
    """Harm: by making links a system learns who is somebody else's. Another practice's, hidden, unknown: one answer."""
    for body in (
        {"person": 201},
        {"person": "made-up"},
        {"nhs_number": NUMBERS[201]},
        {"nhs_number": UNKNOWN},
        {"practice": "A81002"},
        {"practice": "Z9"},
    ):
        assert place.made(404, **body)["type"].endswith("not-found"), body
    for body in ({}, {"person": 101, "practice": "A81001"}, {"nhs_number": "999 123 4570"}):
        place.made(422, **body)
    client = place.service.client("A81001")
    plain = place.service.client("A81001", scopes=["persons:read"])
    assert place.service.http.post("/v1/links", json={"practice": "A81001"}, headers=place.service.bearer(plain)).status_code == 403  # fmt: skip
    assert place.service.http.post("/v1/links", json={"practice": "A81001"}, headers=place.service.bearer(client)).status_code == 200  # fmt: skip
