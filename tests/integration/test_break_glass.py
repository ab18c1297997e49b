"""Emergency access: one person, for a reason, for an hour, looked at afterwards by somebody else; and never whoever objected."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from features.errors import Refused
from risk import break_glass, keys, members
from risk.break_glass import LASTS, OPEN, READS
from risk.pseudonyms import Pseudonyms
from risk.settings import Settings
from risk.store.hiding import Told
from tests.identities import NUMBERS, UNKNOWN, known
from tests.logged_in import DIRECTORY, cookie, directory, post
from tests.service import TODAY, Service, serving

FORM = "/pages/break-glass"
REASON = "collapsed at the surgery, is not registered here"


class Place:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.people = known(service)
        directory(service)
        self.gp = cookie(service, "gp")
        self.called = Pseudonyms(keys.held(service.settings).person, "ods A81001")

    def page(self, person: int) -> str:
        return f"/pages/persons/{self.called.of(self.people[person])}"

    def open(self, person: int | None = 201, headers: dict[str, str] | None = None, **changed: Any) -> Any:
        form = {"number": NUMBERS[person] if person else UNKNOWN, "reason": REASON, **changed}
        return post(self.service, headers or self.gp, FORM, **form)

    def get(self, path: str, headers: dict[str, str] | None = None) -> Any:
        return self.service.http.get(path, headers=headers or self.gp)


@pytest.fixture
def place(store_settings: Settings) -> Iterator[Place]:
    with serving(store_settings) as service:
        yield Place(service)


def test_one_person_is_opened_to_one_reader_and_every_read_says_so(place: Place) -> None:
    other = place.page(201)
    assert place.get(other).status_code == 404
    answer = place.open()
    assert (answer.status_code, answer.headers["location"]) == (303, other)
    page = place.get(other)
    assert page.status_code == 200
    assert "3 emergency admissions in the last year" in page.text
    assert "Opened outside a relationship" in page.text
    assert f"{other}/decide" not in page.text, "nothing is written of somebody opened so"
    (row,) = place.service.audited("person.break_glass")
    assert (row["actor"], row["role"], row["outcome"], row["organisation"], row["person_id"]) == (
        "gp",
        "gp",
        "answered",
        "A81002",
        place.people[201],
    )
    reads = [
        row
        for action in ("person.risk", "person.decisions")
        for row in place.service.audited(action)
        if row["outcome"] == "answered"
    ]
    assert [json.loads(row["detail"])["opening"] for row in reads] == [1, 1]
    (opening,) = break_glass.told(place.service.store)
    assert (opening["who"], opening["reason"], opening["practice"], opening["seq"]) == (
        "Dr A. Example",
        REASON,
        "A81002",
        row["seq"],
    )
    matron = cookie(place.service, "matron")
    theirs = Pseudonyms(keys.held(place.service.settings).person, "ods RXC").of(place.people[201])
    assert place.get(f"/pages/persons/{theirs}", matron).status_code == 404, (
        "it opens to whoever asked, and to nobody else"
    )
    assert place.get(place.page(202)).status_code == 404, "and nobody but the person"


def test_it_reads_and_writes_nothing(place: Place) -> None:
    """Harm: emergency access is used to decide about, or to name, somebody whom the reader does not look after."""
    place.open()
    for path, fields in (("decide", {"version": "0", "key": "decided-by-glass-0001", "decision": "decline", "reason": "person_declined", "told": "no", "why_not": "not_reached_yet"}),
                         ("act", {"version": "0", "key": "decided-by-glass-0002", "action": "falls_assessment", "owner": "the falls service", "due": "2024-12-20"}),
                         ("identity", {"reason": "to look the person up"})):  # fmt: skip
        assert post(place.service, place.gp, f"{place.page(201)}/{path}", **fields).status_code in (403, 404), path
    assert place.get("/pages/practices/A81002/list").status_code == 404
    assert {"persons:read", "decisions:read"} == READS


@pytest.mark.parametrize("ground", ["opted_out", "restricted", "died_informal"])
def test_whoever_objected_is_not_opened(place: Place, ground: str) -> None:
    """Harm: an opt-out holds until somebody gives a reason. Before the opening, and after it; as if there were nobody."""
    hide = Told(place.people[201], ground, TODAY, "a ward", "a test", True, "", "")
    assert place.open().status_code == 303
    place.service.store.tell([hide])
    gone, unknown = place.get(place.page(201)), place.get("/pages/persons/nobody")
    assert (gone.status_code, gone.text) == (404, unknown.text)
    again, nobody = place.open(), place.open(None)
    assert (again.status_code, again.text) == (nobody.status_code, nobody.text) == (404, nobody.text)
    assert len(place.service.store.openings()) == 1


def test_its_time_ends_and_so_does_the_role(place: Place) -> None:
    place.open()
    store, day = place.service.store, TODAY
    access = members.access(store, "gp", "ods", "A81001", day)
    assert access is not None
    now = datetime.now(UTC)
    person = place.people[201]

    def opened(of: Any, at: datetime, scope: str = "persons:read") -> bool:
        return break_glass.held(store, of, scope, person, at) is not None

    assert timedelta(hours=1) == LASTS
    assert [opened(access, now + after) for after in (timedelta(), timedelta(minutes=59), timedelta(minutes=61))] == [
        True,
        True,
        False,
    ]
    assert not opened(access, now - timedelta(minutes=1))
    assert not opened(access, now, "decisions:write")
    assert not opened(access.narrowed(access.scopes - {OPEN}), now), "the role has ended"
    ended = DIRECTORY.replace(
        'roles = [{role = "gp", organisation = "A81001", from = 2020-01-01}]',
        'roles = [{role = "gp", organisation = "A81001", from = 2020-01-01, to = 2024-12-02}]',
    )
    directory(place.service, ended)
    assert place.get(place.page(201)).status_code == 401


@pytest.mark.parametrize("user", ["social", "analyst", "governance"])
def test_only_roles_that_may(place: Place, user: str) -> None:
    headers = cookie(place.service, user)
    assert place.open(headers=headers).status_code == 403
    assert place.get(FORM, headers).status_code == 403
    assert not place.service.store.openings()


@pytest.mark.parametrize(
    "changed",
    [{"reason": "urgent"}, {"reason": " " * 40}, {"reason": "x" * 501}, {"number": "9991234579"}, {"number": ""}],
)
def test_without_a_reason_or_a_number_nothing_is_opened(place: Place, changed: dict[str, Any]) -> None:
    answer = place.open(**changed)
    assert answer.status_code == 422
    assert "999123457" not in answer.text.replace(" ", "")
    assert not place.service.store.openings()


def test_of_their_own_people_there_is_no_glass_to_break(place: Place) -> None:
    assert place.open(101).headers["location"] == place.page(101)
    assert not place.service.store.openings()


def test_each_is_signed_off_by_somebody_else_and_once(place: Place) -> None:
    """Harm: emergency access becomes the usual way in, because nobody looks."""
    place.open()
    governance = cookie(place.service, "governance")
    listed = place.get(f"{FORM}/review", governance)
    assert listed.status_code == 200
    assert REASON in listed.text
    assert not [
        text
        for text in (NUMBERS[201], str(place.people[201]), place.called.of(place.people[201]))
        if text in listed.text
    ]
    assert place.get(f"{FORM}/review").status_code == 403
    assert post(place.service, place.gp, f"{FORM}/1/review", verdict="justified").status_code == 403
    with pytest.raises(Refused):
        break_glass.review(place.service.store, 1, "justified", "gp")
    got = [post(place.service, governance, f"{FORM}/{number}/review", verdict=verdict).status_code
           for number, verdict in ((1, "fine"), (2, "justified"), (1, "not_justified"), (1, "justified"))]  # fmt: skip
    assert got == [409, 409, 303, 409]
    (row,) = place.service.store.openings()
    assert (row["verdict"], row["reviewed_by"]) == ("not_justified", "governance")
    assert not break_glass.told(place.service.store)
    assert [row["outcome"] for row in place.service.audited("break_glass.review")] == [
        "refused",
        "refused",
        "refused",
        "done",
        "refused",
    ]


def test_it_goes_with_the_person_and_after_its_time(place: Place) -> None:
    place.open()
    store = place.service.store
    assert store.openings_before(TODAY + timedelta(days=10_000)) == 0, "nobody signed it off"
    held = store.everything_about([place.people[201]])
    assert [row["number"] for row in held["break_glass"]] == [1], "it is in what is held on the person"
    assert store.audit_texts_of([row["seq"] for row in held["audit_event"]]) == {held["break_glass"][0]["seq"]: REASON}
    break_glass.review(store, 1, "justified", "governance")
    assert store.openings_before(TODAY - timedelta(days=10_000)) == 0
    assert store.openings_before(datetime.now(UTC).date() + timedelta(days=1)) == 1
    assert store.remove_people([place.people[201]])["break_glass"] == 1
    assert not store.openings()
