"""FHIR R4: the API's answers in the standard's shapes, to the same callers, with the same rows in the audit."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from risk import keys
from risk.audit import Event
from risk.pseudonyms import Pseudonyms
from risk.settings import Settings
from risk.store.hiding import Told
from risk.store.tables import list_entry
from serving.fhir.smart import offered
from tests.fhir_rules import faults
from tests.fhir_validator import objections
from tests.published import REASONS, published
from tests.service import TODAY, Service, serving

R4 = "/fhir/R4"
PLAN = {"respect": {"value": "yes", "on": "2024-03-02"}, "care_home": {"value": "no", "on": "2024-11-28"}}


def reader(service: Service, *practices: str) -> tuple[dict[str, str], Pseudonyms]:
    """Headers of a client of these practices, and what it calls people."""
    client = service.client(*practices)
    return service.bearer(client), Pseudonyms(keys.held(service.settings).person, client["client_id"])


def got(service: Service, path: str, headers: dict[str, str], status: int = 200) -> Any:
    """An answer that keeps the rules of R4."""
    answer = service.http.get(R4 + path, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/fhir+json"
    assert faults(answer.json()) + objections(answer.json()) == []
    return answer.json()


def test_one_risk_is_a_fraction_a_percentage_and_words(store_settings: Settings) -> None:
    """Harm: a reader takes 0.23 for less than one in a hundred, or 23 for certainty. /v1 is a fraction, R4 a percentage, text "23 in 100"."""
    with serving(store_settings) as service:
        (
            service.settings.runs / str(published(service.store, ((301, "A81001", 1, -1.2, 0.23, "medium", True),)))
        ).mkdir()
        bearer, called = reader(service, "A81001")
        person = called.of(301)
        assert service.http.get(f"/v1/persons/{person}/risk", headers=bearer).json()["probability"] == 0.23
        (entry,) = got(service, f"/RiskAssessment?patient={person}", bearer)["entry"]
        (prediction,) = entry["resource"]["prediction"]
        assert prediction["probabilityDecimal"] == 23
        assert "23 in 100" in prediction["rationale"]
        (of_list,) = got(service, "/List/priority-A81001", bearer)["entry"]
        assert "23 in 100" in of_list["flag"]["text"]


def test_what_an_assessment_says(service: Service) -> None:
    bearer, called = reader(service, "A81001")
    one = got(service, f"/RiskAssessment?patient=Patient/{called.of(101)}", bearer)["entry"][0]["resource"]
    assert (one["status"], one["subject"]["reference"], one["occurrenceDateTime"], one["meta"]["versionId"]) == ("final", f"Patient/{called.of(101)}", "2024-11-30", "1")  # fmt: skip
    assert one["method"]["text"] == "unplanned_admission_365 version 3"
    (prediction,) = one["prediction"]
    assert prediction["whenPeriod"] == {"start": "2024-11-30", "end": "2025-11-29"}, "365 days, the last of them in it"
    assert prediction["qualitativeRisk"]["coding"][0]["code"] == "high"
    assert "Raises the risk: 3 emergency admissions in the last year." in prediction["rationale"]
    assert [basis["identifier"]["value"] for basis in one["basis"]] == ["1", "emergency_admissions_1y"]
    said = " ".join(note["text"] for note in one["note"])
    assert "not for placement, funding, resuscitation or discharge decisions" in said
    assert "A low band is not a reason to withhold care." in said
    assert "simulated data: a made-up area of 5 people" in said
    assert got(service, f"/RiskAssessment/{one['id']}", bearer) == one


def test_a_plan_comes_before_the_risk(service: Service) -> None:
    """Harm: a score sets going what somebody has refused in advance. The plan is the first word of everything said of them."""
    with service.store.writing() as connection:
        connection.execute(list_entry.update().where(list_entry.c.person_id == 101).values(flags=orjson.dumps(PLAN)))
    bearer, called = reader(service, "A81001")
    one = got(service, f"/RiskAssessment?patient={called.of(101)}", bearer)["entry"][0]["resource"]
    first = "There is a plan: follow it. Suggested actions give way. Recorded: ReSPECT plan of 2024-03-02."
    assert one["prediction"][0]["rationale"].startswith(first)
    assert (one["note"][0]["text"], one["mitigation"]) == (first, first)
    flags = [entry["resource"] for entry in got(service, f"/Flag?patient={called.of(101)}", bearer)["entry"]]
    assert [flag["code"]["coding"][0]["code"] for flag in flags] == ["respect", "listed"]
    assert [flag["period"]["start"] for flag in flags] == ["2024-03-02", "2024-11-30"]
    assert got(service, f"/Flag/{flags[0]['id']}", bearer) == flags[0]
    listed = got(service, "/List/priority-A81001", bearer)["entry"]
    assert [entry["flag"]["text"].startswith(first) for entry in listed] == [True, False]


def test_a_list_is_the_practices_in_its_order(service: Service) -> None:
    bearer, called = reader(service, "A81001")
    listed = got(service, "/List/priority-A81001", bearer)
    assert [one["item"]["reference"] for one in listed["entry"]] == [f"Patient/{called.of(n)}" for n in (101, 102)]
    assert (listed["mode"], listed["date"]) == ("snapshot", "2024-11-30")
    rows = service.audited("list.read")
    assert [(row["outcome"], row["organisation"], row["people"]) for row in rows] == [
        ("answered", "A81001", "[101,102]")
    ]


def test_an_empty_list_says_why(service: Service) -> None:
    """Harm: a list whose people were hidden reads as a practice where nobody is at risk."""
    service.store.tell([Told(201, "died_informal", TODAY, "a ward", "a test", True, "", "")])
    listed = got(service, "/List/priority-A81002", reader(service)[0])
    assert "entry" not in listed
    assert listed["emptyReason"]["coding"][0]["code"] == "withheld"
    assert "1 listed people are not shown" in listed["note"][0]["text"]


def test_a_group_is_the_people_of_the_list(service: Service) -> None:
    """Harm: a tool that works by groups meets somebody whom the list does not show any more."""
    bearer, called = reader(service, "A81001")
    group = got(service, "/Group/priority-A81001", bearer)
    assert [one["entity"]["reference"] for one in group["member"]] == [f"Patient/{called.of(n)}" for n in (101, 102)]
    assert (group["type"], group["actual"], group["quantity"]) == ("person", True, 2)
    assert got(service, "/Group", bearer)["entry"][0]["resource"] == group
    service.store.tell([Told(person, "died_informal", TODAY, "a ward", "a test", True, "", "") for person in (101, 102)])  # fmt: skip
    empty = got(service, "/Group/priority-A81001", bearer)
    assert ("member" in empty, empty["quantity"]) == (False, 0)
    assert [row["people"] for row in service.audited("list.read")] == ["[101,102]", "[101,102]", "[]"]


def test_who_asked_about_a_person_and_nobody_by_name(service: Service) -> None:
    """Harm: somebody's record is looked at without cause, and whoever keeps watch cannot see it; or the watch itself tells of others, or who works where."""
    bearer, called = reader(service, "A81001")
    got(service, "/List/priority-A81001", bearer)
    got(service, f"/Patient/{called.of(101)}", bearer)
    got(service, f"/Patient/{called.of(102)}", bearer)
    held = service.http.app.state.installation.audit  # type: ignore[attr-defined]
    held.record(
        Event("user", "jane.smith", "page.person", "refused", role="gp", person_id=101, reason="words of somebody's")
    )
    asked = f"/AuditEvent?patient={called.of(101)}"
    told = got(service, asked, bearer)
    events = [entry["resource"] for entry in told["entry"]]
    assert [(one["subtype"][0]["code"], one["outcome"]) for one in events] == [
        ("list.read", "0"),
        ("person.patient", "0"),
        ("page.person", "4"),
    ]
    assert {one["entity"][0]["what"]["reference"] for one in events} == {f"Patient/{called.of(101)}"}
    assert not [word for word in ("jane", "somebody's", called.of(102), '"101') if word in str(events)]
    assert events[2]["agent"][0]["role"][0]["text"] == "gp"
    assert got(service, f"/AuditEvent/{events[1]['id']}", bearer) == events[1]
    assert [got(service, f"{asked}&date={day}", bearer)["total"] for day in ("lt2020", "2019-05-01")] == [0, 0]
    assert got(service, f"{asked}&date=ge2020", bearer)["total"] > 3, "the questions about the audit are in it too"
    first = got(service, f"{asked}&_count=2&date=ge2020", bearer)
    following = {link["relation"]: link["url"] for link in first["link"]}["next"]
    second = got(service, following.split(R4)[1], bearer)
    assert [entry["resource"]["id"] for page in (first, second) for entry in page["entry"]][:3] == [
        one["id"] for one in events
    ]
    assert {row["outcome"] for row in service.audited("person.audit")} == {"answered"}


def test_pages_of_a_search_join_up(service: Service) -> None:
    bearer, _ = reader(service)
    first = got(service, "/List?_count=1", bearer)
    links = {link["relation"]: link["url"] for link in first["link"]}
    assert (first["total"], [one["resource"]["id"] for one in first["entry"]]) == (2, ["priority-A81001"])
    second = got(service, links["next"].split(R4)[1], bearer)
    assert [one["resource"]["id"] for one in second["entry"]] == ["priority-A81002"]
    assert {link["relation"] for link in second["link"]} == {"self", "previous"}
    total = got(service, "/List?_count=0", bearer)
    assert (total["total"], "entry" in total) == (2, False)
    assert got(service, "/List?identifier=urn:frailty:list|priority-A81002", bearer)["total"] == 1


#: What is asked for of an assessment of 30 November 2024, and how many are found.
DAYS = {
    "2024-11-30": 1, "2024-11": 1, "2024": 1, "2024-11-29": 0, "ge2024-11-30": 1, "gt2024-11-30": 0, "gt2024-11": 0, "lt2024-12": 1,
    "le2024-11-29": 0, "ne2024-11-30": 0, "sa2024-10": 1, "eb2025": 1, "ge2024-11-01&date=lt2024-11-30": 0,
}  # fmt: skip
#: Searches that cannot be kept to.
REFUSED = ("", "?patient={p}&condition=Condition/1", "?patient={p}&condition=", "?patient={p}&risk=urn:else|unplanned_admission", "?patient={p}&condition:missing=true",
           "?patient={p}&probability=likely", "?patient={p}&probability=ap50", "?patient={p}&probability=1e2", "?patient={p}&probability=gt-1", "?patient={p}&probability=101", "?patient={p}&probability:missing=true",
           "?probability=ge20", "?patient={p}&patient={p}", "?patient={p}&subject={p}",
           "?patient={p}&date=yesterday", "?patient={p}&date=2024-02-30", "?patient={p}&_count=many", "?patient={p}&_offset=-1")  # fmt: skip


def test_days_of_a_search(service: Service) -> None:
    bearer, called = reader(service, "A81001")
    asked = f"/RiskAssessment?patient={called.of(101)}&date="
    assert {days: got(service, asked + days, bearer)["total"] for days in DAYS} == DAYS


#: What is asked for of an assessment of unplanned admission at 61%, and how many are found: R4 §3.1.1.5.2 on numbers.
LIKELY = {
    "probability=61": 1, "probability=61.0": 1, "probability=60": 0, "probability=eq61": 1, "probability=ne61": 0, "probability=60.9": 0,
    "probability=ge61": 1, "probability=gt61": 0, "probability=gt60.99": 1, "probability=le61": 1, "probability=lt61": 0, "probability=lt61.01": 1,
    "probability=sa60": 1, "probability=eb61": 0, "probability=ge60&probability=lt62": 1, "probability=ge60&probability=lt61": 0,
    "condition=unplanned_admission": 1, "condition=Condition/unplanned_admission": 1, "condition=urn:frailty:outcome|unplanned_admission": 1,
    "condition:identifier=urn:frailty:outcome|unplanned_admission": 1, "risk=unplanned_admission": 1, "risk=urn:frailty:outcome|unplanned_admission": 1,
    "condition=unplanned_admission&probability=ge60&date=2024": 1, "condition=unplanned_admission&probability=ge62": 0, "risk=unplanned_admission&date=2023": 0,
}  # fmt: skip


def test_outcomes_and_probabilities_of_a_search(service: Service) -> None:
    """Harm: who is sought by "at least 60%" is found by another reading of the number, or a filter is lost on the way to the next page."""
    bearer, called = reader(service, "A81001")
    asked = f"/RiskAssessment?patient={called.of(101)}&"
    assert {likely: got(service, asked + likely, bearer)["total"] for likely in LIKELY} == LIKELY
    page = got(service, asked + "probability=ge60&probability=lt62&condition=unplanned_admission&_count=1", bearer)
    assert "probability=ge60&probability=lt62&condition=unplanned_admission" in page["link"][0]["url"]
    assert got(service, page["link"][0]["url"].split(R4)[1], bearer) == page


def test_how_a_system_gets_a_token_is_said_to_all(service: Service) -> None:
    """The statement leads to it; what it says of tokens is what is taken here: a signature needs the installation's own address."""
    security = got(service, "/metadata", {})["rest"][0]["security"]
    path = security["description"].split("testserver")[1].split(" ")[0]
    told = service.http.get(path).json()
    token = security["extension"][0]["extension"][0]["valueUri"]
    assert (path, told["token_endpoint"]) == (f"{R4}/.well-known/smart-configuration", token)
    assert token.endswith("/v1/token")
    assert told["token_endpoint_auth_methods_supported"] == ["client_secret_basic", "client_secret_post"]
    settings = service.settings.model_copy(update={"address": "https://lists.example", "client_secrets": False})
    told = offered("https://lists.example/v1/token", settings)
    assert told["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert told["token_endpoint_auth_signing_alg_values_supported"] == ["RS384", "ES384"]
    assert told["grant_types_supported"] == ["client_credentials"]
    assert told["capabilities"] == ["client-confidential-asymmetric"]
    assert "lists:read" in told["scopes_supported"]


def test_a_search_that_cannot_be_kept_to_is_refused(service: Service) -> None:
    """Harm: a filter is passed over in silence, and what comes back is taken for what was asked for."""
    bearer, called = reader(service, "A81001")
    for asked in REFUSED:
        told = got(service, "/RiskAssessment" + asked.format(p=called.of(101)), bearer, 400)
        assert (told["resourceType"], told["issue"][0]["code"]) == ("OperationOutcome", "invalid"), asked
        assert called.of(101) not in str(told)


def test_a_patient_is_a_pseudonym_and_little_else(service: Service) -> None:
    bearer, called = reader(service, "A81001")
    one = got(service, f"/Patient/{called.of(103)}", bearer)
    assert set(one) == {"resourceType", "id", "meta", "identifier", "gender", "managingOrganization"}
    assert (one["gender"], one["managingOrganization"]["identifier"]["value"]) == ("female", "A81001")
    assert [(row["outcome"], row["person_id"]) for row in service.audited("person.patient")] == [("answered", 103)]


def test_nobody_reads_past_their_relationship(service: Service) -> None:
    """Harm: another practice's people are read through the standard's door. Not found, hidden, another's and made up are one answer."""
    bearer, called = reader(service, "A81001")
    other = called.of(201)
    plain = got(service, "/Patient/made-up", bearer, 404)
    for path in (f"/Patient/{other}", f"/RiskAssessment?patient={other}", f"/RiskAssessment/{other}-83d77ea5", f"/Flag?patient={other}",
                 f"/Flag/{other}-listed", f"/RiskAssessment/{called.of(101)}-00000000", f"/Flag/{called.of(101)}-respect",
                 "/List/priority-A81002", "/List/priority-Z99999", "/List/made-up", "/Group/priority-A81002", "/Group/made-up",
                 f"/AuditEvent?patient={other}", f"/AuditEvent/{other}-1", f"/AuditEvent/{called.of(101)}-999", "/AuditEvent/made-up"):  # fmt: skip
        assert got(service, path, bearer, 404) == plain, path
    assert got(service, "/List", bearer)["total"] == 1
    assert got(service, "/List?identifier=priority-A81002", bearer)["total"] == 0


def test_without_the_scope_nothing(service: Service) -> None:
    for scope, path in (("runs:read", "/List"), ("lists:read", "/Patient/{p}"), ("lists:read", "/RiskAssessment?patient={p}"),
                        ("lists:read", "/Flag?patient={p}"), ("persons:read", "/AuditEvent?patient={p}"), ("persons:read", "/Group"), ("persons:read", "/Group/priority-A81001"), ("persons:read", "/List/priority-A81001")):  # fmt: skip
        client = service.client("A81001", scopes=[scope])
        person = Pseudonyms(keys.held(service.settings).person, client["client_id"]).of(101)
        told = got(service, path.format(p=person), service.bearer(client), 403)
        assert told["issue"][0]["code"] == "forbidden", path


def test_every_error_is_an_operation_outcome(service: Service) -> None:
    bearer, called = reader(service, "A81001")
    asked = [
        ("GET", "/Patient/x", {}, 401, "login"),
        ("GET", "/Observation", bearer, 404, "not-found"),
        ("POST", "/Patient/x", bearer, 405, "not-supported"),
        ("GET", "/Patient/x", bearer, 404, "not-found"),
        ("GET", "/metadata?_format=xml", {}, 406, "not-supported"),
        ("GET", "/metadata", {"Accept": "application/fhir+xml"}, 406, "not-supported"),
        (
            "GET",
            f"/RiskAssessment?patient={called.of(103)}",
            bearer,
            503,
            "transient",
        ),  # there are no files of its reasons
    ]
    for method, path, headers, status, code in asked:
        answer = service.http.request(method, R4 + path, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/fhir+json"), path
        told = answer.json()
        assert (faults(told) + objections(told), told["issue"][0]["code"]) == ([], code), path
    assert service.http.get("/v1/persons/x/risk", headers=bearer).headers["content-type"] == "application/problem+json"


def test_the_documents_calls_answer(service: Service) -> None:
    """Each call of FHIR that docs/fhir.md shows, asked as it is written there."""
    bearer, called = reader(service, "A81001")
    page = (Path(__file__).parents[2] / "docs" / "fhir.md").read_text(encoding="utf-8")
    shown = re.findall(r"^curl .*?http://127\.0\.0\.1:8000/fhir/R4([^\s\"]+)\"?$", page, re.M)
    shown = [path for path in shown if "export" not in path and "$JOB" not in path]  # test_fhir_bulk.py asks those
    assert len(shown) == 7
    assert service.http.get(R4 + shown.pop(1)).json()["capabilities"]
    for path in shown:
        got(service, path.replace("$PERSON", called.of(101)), bearer)


def test_what_is_served_is_said(service: Service) -> None:
    """The statement names the resources and parameters that answer, and no more."""
    told = got(service, "/metadata", {})
    assert (told["fhirVersion"], told["kind"]) == ("4.0.1", "instance")
    bearer, called = reader(service, "A81001")
    for resource in told["rest"][0]["resource"]:
        for parameter in resource.get("searchParam", ()):
            value = {"date": "2024", "identifier": "priority-A81001", "probability": "ge0", "condition": "unplanned_admission",
                     "risk": "unplanned_admission"}.get(parameter["name"], called.of(101))  # fmt: skip
            whom = (
                ""
                if resource["type"] in ("List", "Group") or parameter["name"] in ("patient", "subject")
                else f"&patient={called.of(101)}"
            )
            got(service, f"/{resource['type']}?{parameter['name']}={value}{whom}", bearer)


def test_reasons_are_those_of_the_api(service: Service) -> None:
    bearer, called = reader(service, "A81001")
    api = service.http.get(f"/v1/persons/{called.of(101)}/risk", headers=bearer).json()
    one = got(service, f"/RiskAssessment?patient={called.of(101)}", bearer)["entry"][0]["resource"]
    assert api["reasons"]["raises"][0]["says"] == REASONS["raises"][0]["says"]
    assert all(reason["says"] in one["prediction"][0]["rationale"] for reason in api["reasons"]["raises"])
    assert date.fromisoformat(one["occurrenceDateTime"]) == date.fromisoformat(api["index_date"])
