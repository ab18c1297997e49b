"""An installation for tests of who reaches what: two practices, people with NHS numbers, a client of one of the practices and somebody in every role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from risk import keys
from risk.members import DUTIES
from risk.pseudonyms import Pseudonyms
from risk.run.reading import READER
from risk.settings import Settings
from tests.asked import Asked, requests
from tests.identities import NUMBERS, known
from tests.logged_in import cookie, directory, token
from tests.service import Service, serving

HERE, THERE = "A81001", "A81002"
UNLIMITED = {"requests_per_minute": 10_000_000, "lookups_per_minute": 10_000, "address": "https://lists.example"}
_DAYS = "from = 2020-01-01"
_ORGANISATIONS = {HERE: "practice", THERE: "practice", "RXC": "trust", "VOL": "voluntary", "QXX": "system"}
#: The organisation at which somebody holds each role; through a team that covers the practice where it is none of its own.
SELECTS = {"gp": HERE, "nurse": HERE, "analyst": "QXX", "information_governance": "QXX"}


def _directory() -> str:
    organisations = "\n".join(f'{{code = "{code}", name = "{code}", kind = "{kind}", {_DAYS}}},' for code, kind in _ORGANISATIONS.items())  # fmt: skip
    team = f'{{id = "north", name = "North", kind = "neighbourhood", organisation = "RXC", {_DAYS}, covers = [{{practice = "{HERE}", {_DAYS}}}]}}'
    of = {role: f'organisation = "{SELECTS[role]}"' if role in SELECTS else 'team = "north"' for role in DUTIES}
    users = "\n".join(f'{{id = "{role}", subject = "s-{role}", name = "{role}", {_DAYS}, roles = [{{role = "{role}", {where}, {_DAYS}}}]}},' for role, where in of.items())  # fmt: skip
    return f"organisation = [\n{organisations}\n]\nteam = [{team}]\nuser = [\n{users}\n]\n"


class Place:
    """What is served, and who asks."""

    def __init__(self, service: Service) -> None:
        self.service, self.people = service, known(service)
        directory(service, _directory())
        self.client = service.client(HERE)
        self.headers = service.bearer(self.client)
        self.mine, self.on_pages = self.called(self.client["client_id"]), self.called(f"ods {HERE}")
        self.walked = requests(service.http.app)

    def called(self, reader: str) -> Pseudonyms:
        return Pseudonyms(keys.held(self.service.settings).person, reader)

    def texts_of(self, *whom: int) -> set[str]:
        """Whatever stands for somebody anywhere: the number, ids as each reader has them, the NHS number."""
        found: set[str] = set()
        for one in whom:
            number, person = NUMBERS[one], self.people[one]
            readers = (self.client["client_id"], f"ods {HERE}", f"ods {THERE}", "ods RXC", READER)
            found |= {self.called(reader).of(person) for reader in readers}
            found |= {str(person), number, f"{number[:3]} {number[3:6]} {number[6:]}"}
        return found

    def ask(
        self, asked: Asked, practice: str, person: str, headers: Mapping[str, str] | None = None, role: str = "gp"
    ) -> Any:
        """One request of the walk: a page as somebody in the role, anything else as the client, or with ``headers``."""
        method, path, more = asked.filled(practice, person)
        own = headers
        if own is None:
            own = cookie(self.service, role, SELECTS.get(role, "RXC")) if asked.is_a_page else self.headers
        if asked.is_a_page and headers is None and "data" in more:
            more = {**more, "data": {**more["data"], "token": token(self.service, dict(own))}}
        sent = {**more, "headers": {**more.get("headers", {}), **own}}
        return self.service.http.request(method, path, **sent, follow_redirects=False)

    def scoped(self, scopes: Sequence[str]) -> dict[str, str]:
        """Headers of a client that has these scopes and no others."""
        return self.service.bearer(self.service.client(HERE, scopes=scopes), scopes)


@contextmanager
def guarded(settings: Settings) -> Iterator[Place]:
    with serving(settings.model_copy(update=UNLIMITED)) as service:
        yield Place(service)


#: Open to anybody (:data:`serving.security.gate.OPEN`), or behind a token that a client signs for one call (tests/integration/test_cds_hooks.py).
ALONE = frozenset({"/health", "/ready", "/docs", "/openapi.json", "/v1/token", "/fhir/R4/metadata", "/fhir/R4/.well-known/smart-configuration", "/cds-services", "/cds-services/{service}", "/cds-services/{service}/feedback",
                   "/pages/login", "/pages/login/start", "/pages/login/callback", "/pages/launch", "/pages/launch/callback", "/pages/demo-issuer/authorize", "/pages/demo-issuer/grant", "/pages/logout"})  # fmt: skip


def _of(before: str, *lines: str) -> set[str]:
    return {f"{method} {before}{path}" for line in lines for method, path in [line.split(" ")]}


#: What a client may call by each scope; a route of none of them fails the test that walks.
OPENS: dict[str, set[str]] = {
    "runs:read": _of("/v1/runs/", "GET current", "GET changes"),
    "lists:read": _of("/v1/practices/{code}/", "GET list", "GET changes", "GET lists/{outcome}", "GET criteria", "GET criteria/{criterion}", "GET hospital-at-home", "GET in-hospital", "POST exports")
    | _of("/v1/", "POST teams/{team}/exports", "POST networks/{code}/exports", "POST places/{code}/exports")
    | _of("/v1/", "GET teams/{team}/list", "GET networks/{code}/list", "GET places/{code}/list")
    | _of("/fhir/R4/", "GET List", "GET List/{listing}", "GET Group", "GET Group/{group}"),
    "audit:read": _of("/fhir/R4/", "GET AuditEvent", "GET AuditEvent/{event}"),
    "bulk:read": _of("/fhir/R4/", "GET Group/{group}/$export", "GET bulk/{job}", "GET bulk/{job}/{file}", "DELETE bulk/{job}"),
    "events:read": {"GET /v1/events"},
    "persons:read": _of("/v1/persons/{person}/", "GET risk")
    | _of("/fhir/R4/", "GET RiskAssessment", "GET RiskAssessment/{assessment}", "GET Flag", "GET Flag/{flag}", "GET Patient/{person}"),
    "persons:lookup": _of("/v1/persons/", "POST lookup"),
    "links:write": _of("/v1/", "POST links"),
    "score:write": _of("/v1/", "POST score"),
    "decisions:read": _of("/v1/", "GET persons/{person}/decisions", "GET practices/{code}/meeting", "GET practices/{code}/meeting/metrics"),
    "decisions:write": _of("/v1/persons/{person}/", "POST decisions", "POST additions", "POST removals", "POST actions", "POST actions/{number}/outcome",
                           "POST corrections", "POST corrections/{number}/answer"),
    "register:read": _of("/v1/", "GET practices/{code}/frailty-register", "GET practices/{code}/frailty-register/changes", "GET persons/{person}/frailty"),
    "register:write": _of("/v1/", "POST persons/{person}/frailty"),
    "suppressions:write": _of("/v1/", "POST suppressions"),
}  # fmt: skip
#: Pages, by what they are for.
PAGES: dict[str, set[str]] = {
    "door": {"GET /pages", "GET /pages/links/{token}"},
    "read": _of("/pages/practices/{code}/", "GET list", "GET meeting", "GET minutes", "GET changes") | _of("/pages/persons/", "GET {person}", "GET {person}/contacts"),
    "write": _of("/pages/persons/{person}/", "POST act", "POST actions/{number}/outcome", "POST add", "POST corrections/{number}/answer", "POST decide", "POST dispute", "POST remove"),
    "export": _of("/pages/practices/{code}/", "POST exports"),
    "identify": _of("/pages/persons/{person}/", "POST identity"),
    "letters": _of("/pages/persons/{person}/", "GET letter", "POST letter/approve", "GET letter/print", "POST letter/withdraw"),
    "break": _of("/pages/", "GET break-glass", "POST break-glass"),
    "review": _of("/pages/", "GET break-glass/review", "POST break-glass/{number}/review"),
    "given": _of("/pages/", "GET actions"),
    "look up": _of("/pages/", "GET look-up", "POST look-up"),
    "figures": _of("/pages/", "GET figures", "GET validation", "GET feeds"),
    "overview": _of("/pages/", "GET overview"),
    "audit": _of("/pages/", "GET audit"),
    "runs": _of("/pages/", "GET runs"),
    "register": {"GET /pages/practices/{code}/frailty-register", "GET /pages/persons/{person}/frailty", "POST /pages/persons/{person}/frailty"},
}  # fmt: skip
_TEAM = ("door", "read", "write", "overview", "runs")
#: What of them each role is shown.
ROLES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("gp", "nurse"), (*_TEAM, "identify", "letters", "break", "export", "register")),
    "matron": (*_TEAM, "break", "export"),
    "coordinator": (*_TEAM, "export"),
    "social_worker": _TEAM,
    "voluntary_sector": ("door", "given"),
    "call_handler": ("door", "look up"),
    "analyst": ("door", "figures", "overview", "runs"),
    "information_governance": ("door", "audit", "review", "runs"),
}
