"""What meetings write of people through the service: who may, what sticks, what two writers do to each other. On SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest

from features.errors import MissingPart
from risk import acted, clients, retention
from risk.audit import Audit
from risk.decisions import timeline
from risk.store.hiding import Told
from serving.documented import example
from serving.meeting_answers import History, MeetingMetrics, PracticeMeeting, Written
from tests.published import PEOPLE, published
from tests.service import TODAY, Service

TOLD = {"told": True, "how": "telephone", "on": str(TODAY)}
ACCEPT = {"decision": "accept", "reason": "likely_to_benefit", "owner": "the matron", "informed": TOLD}
DECLINE = {"decision": "decline", "reason": "person_declined", "informed": TOLD}
ACTION = {"action": "home_visit", "owner": "the matron", "due": str(TODAY)}
CORRECTION = {
    "fact": "emergency_admissions_1y",
    "table": "spell",
    "told_by": "person",
    "words": "two of them were planned",
}
PLACE = {"reason": "clinical_judgement", "words": "seen at home, much weaker"}
_KEYS = (f"key-of-a-test-{number:06d}" for number in itertools.count())


class Team:
    """A client, the people of its list, and what it writes of them."""

    def __init__(self, service: Service, *practices: str, scopes: Any = tuple(clients.SCOPES)) -> None:
        self.service, self.client = service, service.client(*practices, scopes=scopes)
        self.headers = service.bearer(self.client)

    def get(self, path: str) -> Any:
        return self.service.http.get(path, headers=self.headers)

    def people(self, practice: str = "A81001") -> list[str]:
        return [row["person"] for row in self.get(f"/v1/practices/{practice}/list").json()["people"]]

    def history(self, person: str) -> Any:
        return self.get(f"/v1/persons/{person}/decisions")

    def write(self, person: str, what: str, said: Any, **given: str | None) -> Any:
        """On the version that stands, under a new key, unless ``match`` and ``key`` say otherwise."""
        match = given["match"] if "match" in given else self.history(person).headers.get("etag", '"v0"')
        key = given["key"] if "key" in given else next(_KEYS)
        headers = {"If-Match": match, "Idempotency-Key": key}
        named = {name: value for name, value in headers.items() if value is not None}
        return self.service.http.post(f"/v1/persons/{person}/{what}", json=said, headers={**self.headers, **named})

    def meeting(self, view: str = "due") -> Any:
        return self.get(f"/v1/practices/A81001/meeting?view={view}").json()

    def metrics(self) -> Any:
        return self.get("/v1/practices/A81001/meeting/metrics").json()


@pytest.fixture
def team(service: Service) -> Team:
    return Team(service, "A81001")


def again(service: Service, people: Any = PEOPLE, **more: Any) -> int:
    """The next week's run."""
    number = published(service.store, people, **more)
    (service.settings.runs / str(number)).mkdir(parents=True)
    return number


def test_a_decision_is_kept_with_its_words_and_shown_as_it_was_written(team: Team) -> None:
    person = team.people()[0]
    whole = {
        **ACCEPT, "words": "has fallen twice", "coordinator": "Sam", "rag": "amber", "review_on": "2025-02-01",
        "care_plan": "https://records.example/plan", "persons_view": "wants to stay at home", "familys_view": "worried about the stairs",
        "capacity": {"decision_in_question": "carers in the morning", "has": "yes", "on": str(TODAY)},
        "questions": {"level_of_need": "high", "alternatives": "reablement", "why_not_provided": "none free", "implications": "a fall", "likelihood": "likely"},
        "no_service": [{"need": "night_sitting"}], "queue": [{"service": "falls service", "place": 14, "since": "2024-11-20"}],
        "attendees": [{"role": "matron", "organisation": "A trust"}, {"role": "GP", "organisation": "A81001"}],
    }  # fmt: skip
    done = team.write(person, "decisions", whole)
    assert (done.status_code, done.headers["etag"]) == (200, '"v1"')
    assert Written.model_validate(done.json())
    told = team.history(person)
    assert History.model_validate(told.json())
    (entry,) = told.json()["entries"]
    assert {name: entry["said"][name] for name in whole} == whole
    assert entry["said"]["seen"]["band"] == "high"
    assert told.json()["decision"] == entry


def test_history_is_only_added_to(team: Team) -> None:
    """Harm: a decision is written over, and nobody can say who decided what when."""
    person = team.people()[0]
    for said in (ACCEPT, DECLINE):
        assert team.write(person, "decisions", said).status_code == 200
    first, second = team.history(person).json()["entries"]
    assert ([first["version"], second["version"]], second["supersedes"], first["said"]["decision"]) == ([1, 2], first["seq"], "accept")  # fmt: skip


def test_two_who_read_the_same_version_do_not_write_over_each_other(team: Team) -> None:
    """Harm: two people decide at once, and the first decision is gone without a word."""
    person = team.people()[0]
    assert team.write(person, "decisions", ACCEPT, match='"v0"').status_code == 200
    late = team.write(person, "decisions", DECLINE, match='"v0"')
    assert (late.status_code, late.json()["type"], late.json()["title"]) == (
        412, "urn:frailty:problem:changed-since", "Somebody wrote of this person since; read what stands and decide again")  # fmt: skip
    assert team.write(person, "decisions", DECLINE, match=None).status_code == 428
    assert [
        team.write(person, "decisions", DECLINE, match=match).status_code for match in ("*", 'W/"v1"', '"v9"', "v1")
    ] == [412] * 4
    assert [entry["said"]["decision"] for entry in team.history(person).json()["entries"]] == ["accept"]


def test_of_many_writers_exactly_one_wins_each_version(service: Service, team: Team) -> None:
    """Harm: under load a version is written twice, or not at all."""
    person = team.people()[0]
    for version in range(3):
        start = threading.Barrier(6)

        def write(_: int, version: int = version, start: threading.Barrier = start) -> int:
            start.wait(30)
            return int(team.write(person, "decisions", ACCEPT, match=f'"v{version}"').status_code)

        with ThreadPoolExecutor(6) as writers:
            assert sorted(writers.map(write, range(6))) == [200] + [412] * 5
    assert [row["version"] for row in service.store.entries([101])[101]] == [1, 2, 3]


def test_the_same_request_again_writes_nothing_and_answers_the_same(service: Service, team: Team) -> None:
    """Harm: a connection breaks, the client asks again, and two visits are booked."""
    person, other = team.people()
    first = team.write(person, "actions", ACTION, match='"v0"', key="a-key-of-the-test-1")
    again = team.write(person, "actions", ACTION, match='"v0"', key="a-key-of-the-test-1")
    assert (again.status_code, again.json(), again.headers["etag"]) == (200, first.json(), first.headers["etag"])
    assert len(service.store.entries([101])[101]) == 1
    changed = [team.write(person, "actions", {**ACTION, "owner": "the GP"}, key="a-key-of-the-test-1"),
               team.write(other, "actions", ACTION, key="a-key-of-the-test-1"),
               team.write(person, "decisions", DECLINE, key="a-key-of-the-test-1")]  # fmt: skip
    assert [(answer.status_code, answer.json()["type"]) for answer in changed] == [
        (422, "urn:frailty:problem:key-reused")
    ] * 3
    assert [
        team.write(person, "actions", ACTION, key=key).status_code
        for key in (None, "short", "x" * 65, "with a space in it")
    ] == [422] * 4
    assert Team(service, "A81001").write(Team(service, "A81001").people()[0], "actions", ACTION).status_code == 404, "ids are each caller's own"  # fmt: skip


def test_there_is_no_deciding_about_several_at_once(service: Service, team: Team) -> None:
    """Harm: a whole list is accepted or declined by one click, and nobody was looked at."""
    person, other = team.people()
    for said in ([ACCEPT, ACCEPT], {**ACCEPT, "people": [person, other]}, {**ACCEPT, "person": other}):
        assert team.write(person, "decisions", said).status_code == 422
    assert team.write(f"{person},{other}", "decisions", ACCEPT).status_code == 404
    paths = service.http.get("/openapi.json").json()["paths"]
    written = [
        path
        for path, operations in paths.items()
        if "post" in operations and "decisions" in operations["post"].get("tags", [])
    ]
    assert len(written) == 7
    assert all(path.startswith("/v1/persons/{person}/") for path in written)


def test_not_found_hidden_and_not_permitted_are_one_answer_whatever_else_is_wrong(service: Service, team: Team) -> None:
    """Harm: that somebody opted out, or is another practice's, is read off the status of a write."""
    person = team.people()[0]
    other = Team(service, "A81002")
    theirs = other.people("A81002")[0]
    service.store.tell([Told(101, "opted_out", TODAY, "a file", "somebody")])
    for what, said in (("decisions", ACCEPT), ("decisions", {**ACCEPT, "owner": None}), ("actions", ACTION), ("removals", PLACE), ("actions/1/outcome", {"outcome": "done", "on": str(TODAY)})):  # fmt: skip
        for match in ('"v0"', None):
            got = [team.write(who, what, said, match=match) for who in (person, theirs, "a" * 39, "9434765919")]
            assert [(one.status_code, one.json()) for one in got] == [(404, got[0].json())] * 4
    assert [team.history(who).status_code for who in (person, theirs)] == [404, 404]
    assert service.store.entries(None) == {}
    assert {row["outcome"] for row in service.audited("person.decision")} == {"refused"}


def test_each_needs_its_own_scope_which_no_client_has_unasked(service: Service) -> None:
    """Harm: a system that pulls lists reads what a family said, or decides."""
    reader = Team(service, "A81001", scopes=clients.READING)
    person = reader.people()[0]
    assert (reader.history(person).status_code, reader.get("/v1/practices/A81001/meeting").status_code) == (403, 403)
    only = Team(service, "A81001", scopes=["lists:read", "decisions:read"])
    assert only.history(only.people()[0]).status_code == 200
    assert only.write(only.people()[0], "decisions", ACCEPT).status_code == 403


def test_no_answer_without_its_audit_row_and_what_was_written_is_found_again(service: Service, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    person = team.people()[0]
    record = Audit.record

    def full(*_: object) -> None:
        raise MissingPart("no space left")

    monkeypatch.setattr(Audit, "record", full)
    assert team.write(person, "decisions", ACCEPT, match='"v0"', key="a-key-of-the-test-2").status_code == 503
    monkeypatch.setattr(Audit, "record", record)
    assert team.write(person, "decisions", ACCEPT, match='"v0"', key="a-key-of-the-test-2").json()["version"] == 1
    row = service.audited("person.decision")[-1]
    assert (row["person_id"], row["organisation"], row["outcome"]) == (101, "A81001", "answered")
    assert "matron" not in str(service.audited())


@pytest.mark.parametrize(
    ("what", "said", "where"),
    [
        ("decisions", {**ACCEPT, "owner": None}, "body.owner"),
        ("decisions", {**ACCEPT, "decision": "defer"}, "body.review_on"),
        ("decisions", {**ACCEPT, "review_on": str(TODAY)}, "body.review_on"),
        ("decisions", {**ACCEPT, "review_on": "2027-01-01"}, "body.review_on"),
        ("decisions", {**ACCEPT, "reason": "other"}, "body.words"),
        ("decisions", {**ACCEPT, "informed": {"told": False}}, "body.informed.why_not"),
        ("decisions", {**ACCEPT, "informed": {"told": True, "how": "letter"}}, "body.informed.on"),
        ("decisions", {**ACCEPT, "informed": {**TOLD, "on": str(TODAY + timedelta(1))}}, "body.informed.on"),
        ("decisions", {**ACCEPT, "words": "planted\x00words"}, "body.words"),
        ("decisions", {**ACCEPT, "nhs_number": "9434765919"}, "body"),
        ("decisions", {**ACCEPT, "care_plan": "javascript:alert(1)"}, "body.care_plan"),
        ("actions", {**ACTION, "action": "prayer"}, "body.action"),
        ("actions", {**ACTION, "due": "2024-12-01"}, "body.due"),
        ("corrections", {**CORRECTION, "table": "feed"}, "body.table"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_without_what_was_sent(
    service: Service, team: Team, what: str, said: Any, where: str
) -> None:
    """Harm: who is accepted has nobody who sees to it; who is deferred no day; who was not told no reason."""
    got = team.write(team.people()[0], what, said)
    assert (got.status_code, got.json()["type"], got.json()["errors"][0]["where"]) == (422, "urn:frailty:problem:unfit-parameter", where)  # fmt: skip
    assert not [sent for sent in ("9434765919", "planted", "prayer", "javascript") if sent in got.text]
    assert service.store.entries(None) == {}


def test_actions_follow_the_person_from_run_to_run_until_they_are_closed_once(service: Service, team: Team) -> None:
    """Harm: a visit that was promised in one week's list is forgotten in the next."""
    person = team.people()[0]
    action = team.write(person, "actions", ACTION).json()["seq"]
    again(service)
    assert [row["seq"] for row in team.meeting("all")["people"][0]["actions"]] == [action]
    done = {"outcome": "done", "on": str(TODAY), "words": "visited"}
    assert team.write(person, f"actions/{action}/outcome", {**done, "on": "2024-12-03"}).status_code == 422
    assert team.write(person, f"actions/{action}/outcome", done).json()["of"] == action
    assert team.write(person, f"actions/{action}/outcome", done).status_code == 409
    assert team.write(team.people()[1], f"actions/{action}/outcome", done).status_code == 404, "another's action"
    assert team.write(person, f"corrections/{action}/answer", {"answer": "corrected", "words": "x"}).status_code == 404
    assert team.history(person).json()["actions"] == []


def test_a_disputed_fact_is_marked_until_its_source_has_answered(team: Team) -> None:
    """Harm: somebody says that a fact is not right, and it is read out at every meeting as if nobody had."""
    person = team.people()[0]
    asked = team.write(person, "corrections", CORRECTION).json()
    assert asked["said"]["source_owner"] == "the hospital's data quality team"
    assert team.meeting()["people"][0]["disputed"] == ["emergency_admissions_1y"]
    assert team.metrics()["corrections_open"] == 1
    answer = {"answer": "corrected", "words": "put right in the next extract"}
    assert team.write(person, f"corrections/{asked['seq']}/answer", answer).status_code == 200
    assert team.write(person, f"corrections/{asked['seq']}/answer", answer).status_code == 409
    assert (team.history(person).json()["disputed"], team.metrics()["corrections_open"]) == ([], 0)


def test_declined_people_fold_away_and_come_back_when_their_band_goes_up(service: Service, team: Team) -> None:
    """Harm: people who said no fill the list every week; or somebody who said no in May is never seen again whatever happens."""
    first, second = team.people()
    assert [(row["person"], row["view"]) for row in team.meeting()["people"]] == [(first, "new"), (second, "new")]
    team.write(second, "decisions", DECLINE)
    team.write(first, "decisions", ACCEPT)
    body = team.meeting()
    assert PracticeMeeting.model_validate(body)
    assert (body["people"], body["counts"]) == ([], {"new": 0, "changed": 0, "overdue": 0, "unchanged": 1, "folded": 1})
    again(service)
    assert team.meeting()["counts"]["folded"] == 1
    again(service, tuple((*row[:5], "high", row[6]) if row[0] == 102 else row for row in PEOPLE))
    (back,) = team.meeting()["people"]
    assert (back["person"], back["view"], back["why"]) == (second, "changed", ["band up from medium to high"])
    assert team.meeting("all")["listed"] == sum(team.meeting()["counts"].values()) == 2
    assert [row["person"] for row in team.meeting("unchanged")["people"]] == [first]


def test_who_a_clinician_adds_is_outside_the_places_and_who_is_removed_stays_counted(
    service: Service, team: Team
) -> None:
    """Harm: an addition pushes somebody else off; a removal makes the list look shorter than it is."""
    first, second = team.people()
    held = Pseudonym(team).of(103)
    assert team.write(first, "additions", PLACE).status_code == 409
    assert team.write(held, "removals", PLACE).status_code == 409
    assert team.write(held, "additions", PLACE).status_code == 200
    assert team.write(held, "additions", PLACE).status_code == 409
    assert team.write(second, "removals", PLACE).status_code == 200
    assert team.write(second, "removals", PLACE).status_code == 409
    body = team.meeting("all")
    assert ([row["person"] for row in body["added"]], body["k"], body["listed"], len(body["people"])) == (
        [held],
        2,
        2,
        2,
    )
    assert (body["counts"]["folded"], team.metrics()["added"]) == (1, 1)
    assert team.write(second, "additions", PLACE).status_code == 200, "a removal is taken back"
    assert team.meeting()["counts"]["folded"] == 0
    assert team.write(held, "removals", PLACE).status_code == 200
    assert team.meeting()["added"] == []


class Pseudonym:
    """A caller's ids of people whom no list gave it."""

    def __init__(self, team: Team) -> None:
        from risk import keys
        from risk.pseudonyms import Pseudonyms

        self.of = Pseudonyms(keys.held(team.service.settings).person, team.client["client_id"]).of


def test_what_is_left_undone_is_counted(team: Team) -> None:
    """Harm: lists are published for years and nobody can say that nothing was done with them."""
    first, second = team.people()
    assert (team.metrics()["listed"], team.metrics()["not_reviewed"]) == (2, 2)
    said = {
        **ACCEPT,
        "informed": {"told": False, "why_not": "not_reached_yet"},
        "no_service": [{"need": "night_sitting"}],
    }
    team.write(first, "decisions", said)
    counted = team.metrics()
    assert MeetingMetrics.model_validate(counted)
    wanted = {"reviewed": 1, "not_reviewed": 1, "reviewed_unactioned": 1, "not_informed": 1, "need_without_service": 1,
              "needs_without_service": {"night_sitting": 1}, "overdue": 0, "actions_open": 0, "decisions": {"accept": 1}}  # fmt: skip
    assert {name: counted[name] for name in wanted} == wanted
    action = team.write(first, "actions", ACTION).json()["seq"]
    team.write(second, "decisions", DECLINE)
    assert [team.metrics()[name] for name in ("reviewed_unactioned", "not_reviewed", "actions_open")] == [0, 0, 1]
    team.write(first, f"actions/{action}/outcome", {"outcome": "no_service", "on": str(TODAY)})
    assert team.metrics()["needs_without_service"] == {"home_visit": 1, "night_sitting": 1}


def test_when_each_was_listed_opened_decided_and_acted_on(service: Service, team: Team) -> None:
    """Harm: whether the list helps can never be told, since nobody kept when what was done."""
    first, _ = team.people()
    team.history(first)
    team.write(first, "decisions", ACCEPT)
    team.write(first, "actions", ACTION)
    rows = {row["person_id"]: row for row in timeline.of_run(service.store, 1)}
    assert set(rows) == {101, 102, 201}
    one = rows[101]
    assert one["listed_at"] <= one["opened_at"] <= one["decided_at"] <= one["acted_at"]
    assert (one["decided"], one["action"]) == ("accept", "home_visit")
    assert [rows[102][name] for name in ("opened_at", "decided_at", "acted_at")] == [None] * 3
    assert timeline.keep(service.store) == timeline.keep(service.store) == [1]  # kept with the run, however often
    kept = {row["person_id"]: row for row in service.store.timeline(1)}
    assert kept == {person: {name: row[name] for name in kept[person]} for person, row in rows.items()}
    service.store.remove_entries([101])  # decisions age; what became of the list is kept
    assert {row["person_id"]: row["action"] for row in service.store.timeline(1)}[101] == "home_visit"
    service.store.remove_run_rows(1)
    assert service.store.timeline(1) == []


def test_whom_a_team_acted_on_is_marked_for_a_refit(service: Service, team: Team) -> None:
    """Harm: a refit learns what the team's own visits did to people's risk."""
    first, second = team.people()
    team.write(first, "decisions", ACCEPT)
    action = team.write(second, "actions", ACTION).json()["seq"]
    marks = acted.marks(service.settings, acted.DECISIONS)
    assert list(zip(marks.person_id.tolist(), map(str, marks.acted_on), strict=True)) == [
        (101, str(TODAY)),
        (102, str(TODAY)),
    ]
    team.write(second, f"actions/{action}/outcome", {"outcome": "not_done", "on": str(TODAY)})
    assert acted.marks(service.settings, acted.DECISIONS).person_id.tolist() == [101]


def test_forgetting_and_time_remove_whole_histories(service: Service, team: Team) -> None:
    """Harm: what was said of somebody who was forgotten lives on in a side table."""
    first, second = team.people()
    team.write(first, "decisions", {**ACCEPT, "words": "planted words"})
    team.write(second, "decisions", DECLINE)
    assert service.store.remove_people([101]) == {
        "list_entry": 1,
        "meeting_entry": 1,
        "meeting_text": 2,
        "person_score": 1,
    }
    assert sorted(service.store.entries(None)) == [102]
    later = TODAY + timedelta(days=service.settings.decision_days)
    assert retention.past(service.settings, service.store, later)["decisions"] == []
    (past,) = retention.past(service.settings, service.store, later + timedelta(days=1))["decisions"]
    assert past.rows == 1
    past.remove()
    assert service.store.entries(None) == {}


def test_a_decision_is_saved_while_a_runs_rows_are_being_written(service: Service, team: Team) -> None:
    """Harm: a meeting on the morning of the run cannot save anything."""
    person = team.people()[0]
    writing, stop, numbers = threading.Event(), threading.Event(), []

    def runs() -> None:
        while not stop.is_set():
            people = tuple((1000 + number, "A81001", number + 1, 1.0, 0.5, "high", False) for number in range(2_000))
            numbers.append(
                published(
                    service.store,
                    (*people, (9, "A81001", 2_001, 2.0, 0.9, "high", True)),
                    index_date=date(2024, 11, 30),
                    shadow=True,
                )
            )
            writing.set()

    thread = threading.Thread(target=runs)
    thread.start()
    try:
        assert writing.wait(60)
        assert [team.write(person, "decisions", ACCEPT).status_code for _ in range(10)] == [200] * 10
    finally:
        stop.set()
        thread.join()
    assert [row["version"] for row in service.store.entries([101])[101]] == list(range(1, 11))


def test_what_openapi_shows_is_as_it_is() -> None:
    for shape in (History, PracticeMeeting, MeetingMetrics, Written):
        assert shape.model_validate(example(shape))
