"""The scope table, walked: every page as every role, and what of a person each may read (OWASP API1, API3 and API5:2023)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from risk import keys, members
from risk.members import DUTIES
from risk.pseudonyms import Pseudonyms
from risk.settings import Settings
from risk.store.hiding import Told
from risk.store.tables import list_entry
from tests.identities import NUMBERS, UNKNOWN, known
from tests.logged_in import DIRECTORY, SELECTS, cookie, directory, post
from tests.published import REASONS
from tests.service import TODAY, Service, serving

_DAYS = "from = 2020-01-01"
_COVERS = f'covers = [{{practice = "A81001", {_DAYS}}}]'
_TEAMS = [("friends", "Befriending", "NV1"), ("calls", "Call centre", "RXC")]
_USERS = [("nurse", "nurse", 'organisation = "A81001"'), ("coordinator", "coordinator", 'team = "north"'), ("volunteer", "voluntary_sector", 'team = "friends"'),
          ("caller", "call_handler", 'team = "calls"')]  # fmt: skip


def _with(text: str, name: str, rows: list[str]) -> str:
    return text.replace(f"{name} = [", f"{name} = [{''.join(f'{{{row}, {_DAYS}}},' for row in rows)}", 1)


MORE = _with(DIRECTORY, "\norganisation", ['code = "NV1", name = "A charity", kind = "voluntary"'])
MORE = _with(
    MORE,
    "\nteam",
    [
        f'id = "{one}", name = "{name}", kind = "community", organisation = "{of}", {_COVERS}'
        for one, name, of in _TEAMS
    ],
)
MORE = _with(
    MORE,
    "\nuser",
    [
        f'id = "{one}", subject = "s-{one}", name = "{one}", roles = [{{role = "{role}", {at}, {_DAYS}}}]'
        for one, role, at in _USERS
    ],
)
#: User, scheme and organisation that they select, by role.
AS: dict[str, tuple[str, str, str]] = {
    "gp": ("gp", "ods", "A81001"), "nurse": ("nurse", "ods", "A81001"), "matron": ("matron", "ods", "RXC"), "coordinator": ("coordinator", "ods", "RXC"),
    "social_worker": ("social", "ods", "806"), "voluntary_sector": ("volunteer", "ods", "NV1"), "call_handler": ("caller", "ods", "RXC"),
    "analyst": ("analyst", "ods", "QXX"), "information_governance": ("governance", "ods", "QXX"),
}  # fmt: skip
#: Pages that a role is answered, by their templates; of everybody logged in the first.
CLINICAL = {"list", "meeting", "minutes", "person", "overview", "runs"}
SEES = {
    "gp": CLINICAL | {"break-glass", "register", "on-register"}, "nurse": CLINICAL | {"break-glass", "register", "on-register"}, "matron": CLINICAL | {"break-glass"}, "coordinator": CLINICAL, "social_worker": CLINICAL,
    "voluntary_sector": {"actions"}, "call_handler": {"look-up"}, "analyst": {"figures", "overview", "validation", "feeds", "runs"}, "information_governance": {"audit", "review", "runs"},
}  # fmt: skip
PAGES = {"list": "/pages/practices/A81001/list", "meeting": "/pages/practices/A81001/meeting",
         "minutes": "/pages/practices/A81001/minutes", "register": "/pages/practices/A81001/frailty-register", "on-register": "/pages/persons/{person}/frailty", "person": "/pages/persons/{person}", "break-glass": "/pages/break-glass", "review": "/pages/break-glass/review",
         "actions": "/pages/actions", "look-up": "/pages/look-up", "figures": "/pages/figures", "audit": "/pages/audit", "overview": "/pages/overview",
         "validation": "/pages/validation", "feeds": "/pages/feeds", "runs": "/pages/runs"}  # fmt: skip
FLAGS = {"respect": {"value": "yes", "on": "2024-03-02"}, "care_plan": {"value": "yes", "on": "2024-05-06"}}


class Place:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.people = known(service)
        directory(service, MORE)
        with service.store.writing() as connection:
            values = {"flags": orjson.dumps(FLAGS)}
            connection.execute(list_entry.update().where(list_entry.c.person_id == self.people[101]).values(**values))

    def as_(self, role: str) -> dict[str, str]:
        user, scheme, organisation = AS[role]
        sessions: Any = self.service.http.app.state.installation.sessions  # type: ignore[attr-defined]
        return {"Cookie": f"frailty_session={sessions.open(user, scheme, organisation)}"}

    def called(self, role: str, person: int) -> str:
        _, scheme, organisation = AS[role]
        return Pseudonyms(keys.held(self.service.settings).person, f"{scheme} {organisation}").of(self.people[person])

    def get(self, role: str, page: str, person: int = 101) -> Any:
        path = PAGES[page].format(person=self.called(role, person))
        return self.service.http.get(path, headers=self.as_(role), follow_redirects=False)

    def give(self, owner: str, action: str = "social_prescribing", words: str | None = None, person: int = 101) -> None:
        client = self.service.client("A81001")
        called = Pseudonyms(keys.held(self.service.settings).person, client["client_id"]).of(self.people[person])
        path = f"/v1/persons/{called}"
        headers = self.service.bearer(client)
        version = self.service.http.get(f"{path}/decisions", headers=headers).headers["etag"]
        done = self.service.http.post(f"{path}/actions", headers={**headers, "If-Match": version, "Idempotency-Key": f"given-in-a-test-{version[2:-1]:0>8}"},
                                      json={"action": action, "owner": owner, "due": "2024-12-20", "words": words})  # fmt: skip
        assert done.status_code == 200, done.text


@pytest.fixture
def place(store_settings: Settings) -> Iterator[Place]:
    with serving(store_settings) as service:
        yield Place(service)


def test_every_role_is_answered_its_own_pages_and_no_other(place: Place) -> None:
    """Harm: a page is added, and whoever logs in reads it."""
    assert set(SEES) == set(AS) == set(DUTIES)
    got = {role: {page for page in PAGES if place.get(role, page).status_code == 200} for role in SEES}
    assert got == SEES
    for role in SEES:
        refused = {place.get(role, page).status_code for page in PAGES if page not in SEES[role]}
        assert refused <= {403, 404}, role
        assert place.service.http.get("/pages", headers=place.as_(role)).status_code == 200


def test_no_page_is_missing_from_the_walk(place: Place) -> None:
    """A page that shows people, and is added later, is decided about here."""
    from serving.web.opening import ROUTES

    every = {route.path for routes in ROUTES for route in routes.routes if "GET" in route.methods}  # type: ignore[attr-defined]
    walked = {re.sub("A81001", "{code}", path).replace("A81001", "{code}") for path in PAGES.values()}
    beside = {
        "/pages",
        "/pages/links/{token}",  # made up: no link, whoever follows it; tests/integration/test_links.py follows good ones
        "/pages/login",
        "/pages/login/start",
        "/pages/login/callback",
        "/pages/launch",
        "/pages/launch/callback",
        "/pages/demo-issuer/authorize",
        "/pages/demo-issuer/grant",
    }
    of_people = {
        path for path in every - walked - beside if not path.startswith(("/pages/practices/", "/pages/persons/"))
    }
    assert not of_people


def test_the_voluntary_sector_reads_the_actions_given_to_it_and_no_reason(place: Place) -> None:
    """Harm: a charity's volunteer learns a diagnosis, or who else is at risk."""
    place.give(" befriending ", words="after his second stroke")
    place.give("A charity", "falls_assessment", person=102)
    place.give("the community matron")
    page = place.get("voluntary_sector", "actions")
    assert page.status_code == 200
    assert "Falls assessment and plan" in page.text
    assert page.text.count("20 December 2024") == 2
    raises: Any = REASONS["raises"]
    words = (
        "stroke",
        "emergency",
        "matron",
        "high",
        "medium",
        "61 in 100",
        "85-89",
        "ReSPECT",
        *(reason["says"] for reason in raises),
        *NUMBERS.values(),
    )
    main = re.sub(r"<(head|nav)\b.*?</\1>", "", page.text, flags=re.S)
    assert not [word for word in words if word in main]
    (row,) = place.service.audited("actions.given")
    assert (row["actor"], row["role"], row["people"]) == (
        "volunteer",
        "voluntary_sector",
        str(sorted([place.people[101], place.people[102]])).replace(" ", ""),
    )
    place.service.store.tell([Told(place.people[102], "opted_out", TODAY, "a ward", "a test", True, "", "")])
    assert "Falls assessment and plan" not in place.get("voluntary_sector", "actions").text


def test_a_call_handler_reads_the_look_up_and_nothing_beside(place: Place) -> None:
    """Harm: whoever answers the telephone reads why somebody is at risk."""
    headers = place.as_("call_handler")
    found = post(place.service, headers, "/pages/look-up", number="999 123 4578", purpose="call_handling")
    assert found.status_code == 200, found.text
    assert "There is a plan: follow it." in found.text
    assert "high" in found.text
    assert not [
        text
        for text in (
            "emergency admissions",
            "2 March 2024",
            "9991234578",
            "999 123 4578",
            place.called("call_handler", 101),
        )
        if text in found.text
    ]
    (row,) = place.service.audited("person.lookup")
    assert (row["actor"], row["role"], row["outcome"], row["person_id"]) == (
        "caller",
        "call_handler",
        "answered",
        place.people[101],
    )
    assert b"call_handler of ods RXC, ods A81001" in str(row["detail"]).encode()
    gone = [
        post(place.service, headers, "/pages/look-up", number=number, purpose="call_handling")
        for number in (UNKNOWN, NUMBERS[201])
    ]
    assert [(answer.status_code, answer.text) for answer in gone] == [(404, gone[0].text)] * 2
    assert (
        post(place.service, headers, "/pages/look-up", number="9991234579", purpose="call_handling").status_code == 422
    )


def test_a_social_worker_reads_words_of_their_domains_and_no_dates_of_the_record(place: Place) -> None:
    """Harm: a council reads a clinical history off the days."""
    for role, dates in (("gp", True), ("matron", True), ("social_worker", False)):
        assert DUTIES[role].dates is dates
        for page in ("person", "list"):
            told = place.get(role, page).text
            assert ("2 March 2024" in told) is dates, (role, page)
            assert "ReSPECT" in told
            assert ("3 emergency admissions in the last year" in told) is dates, (role, page)


def test_two_roles_read_what_either_may(place: Place) -> None:
    """And a role that ended takes its own with it."""
    store = place.service.store
    directory(place.service, MORE.replace('roles = [{role = "social_worker", team = "care", from = 2020-01-01}]',
                                          'roles = [{role = "social_worker", team = "care", from = 2020-01-01}, {role = "matron", team = "care", from = 2020-01-01, to = 2024-12-03}]'))  # fmt: skip
    both = members.access(store, "social", "ods", "806", TODAY)
    after = members.access(store, "social", "ods", "806", TODAY.replace(day=3))
    assert both is not None
    assert after is not None
    assert [(one.domains is None, one.dates, members.OPEN in one.scopes) for one in (both, after)] == [
        (True, True, True),
        (False, False, False),
    ]


def test_who_selects_has_no_say(place: Place) -> None:
    assert SELECTS["gp"] == "A81001"
    assert place.service.http.get(PAGES["list"], headers=cookie(place.service, "gp", "A81002")).status_code == 401
