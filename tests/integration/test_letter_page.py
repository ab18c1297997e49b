"""A letter to somebody: approved one by one, printed from what was approved, and to nobody to whom none may go."""

from __future__ import annotations

import re
from typing import Any

import pytest

from risk import keys
from risk.pseudonyms import Pseudonyms
from risk.store.hiding import Told
from tests.logged_in import SELECTS, cookie, directory, post
from tests.published import PEOPLE
from tests.service import TODAY, Service

PERSON = PEOPLE[0][0]
KEY = "letters-of-a-test-{}"
CONTACT = {"who": "the practice nurse", "telephone": "01632 960000"}


class Desk:
    """Somebody at the letter's pages of one person."""

    def __init__(self, service: Service, user: str = "gp") -> None:
        directory(service)
        self.service, self.cookie = service, cookie(service, user)
        person = Pseudonyms(keys.held(service.settings).person, f"ods {SELECTS[user]}").of(PERSON)
        self.at = f"/pages/persons/{person}"
        self.sent = 0

    def get(self, path: str = "/letter") -> Any:
        return self.service.http.get(self.at + path, headers=self.cookie)

    def hidden(self, name: str, form: str = "standard") -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.get(f"/letter?form={form}").text)
        return found[1] if found else ""

    def approve(self, form: str = "standard", **changed: str) -> Any:
        self.sent += 1
        fields = {
            "form": form,
            "version": self.hidden("version"),
            "digest": self.hidden("digest", form),
            "key": KEY.format(self.sent),
        }
        return post(self.service, self.cookie, f"{self.at}/letter/approve", **{**fields, **CONTACT, **changed})  # fmt: skip

    def decide(self, **said: Any) -> None:
        client = self.service.client()
        called = Pseudonyms(keys.held(self.service.settings).person, client["client_id"]).of(PERSON)
        history = self.service.http.get(f"/v1/persons/{called}/decisions", headers=self.service.bearer(client))
        headers = {
            **self.service.bearer(client),
            "If-Match": history.headers["ETag"],
            "Idempotency-Key": "decided-beside-it-1",
        }
        body = {
            "decision": "decline",
            "reason": "clinical_judgement",
            "informed": {"told": False, "why_not": "not_reached_yet"},
            **said,
        }
        assert self.service.http.post(f"/v1/persons/{called}/decisions", headers=headers, json=body).status_code == 200  # fmt: skip


def test_it_prints_after_a_clinician_approved_that_one_and_only_what_was_approved(service: Service) -> None:
    """Harm: a letter that nobody read goes out; or other words than those that were read."""
    desk = Desk(service)
    assert desk.get("/letter/print").status_code == 409
    assert "does not print until a clinician has approved" in desk.get().text
    assert desk.approve().status_code == 303
    printed = desk.get("/letter/print")
    assert printed.status_code == 200
    assert "the practice nurse on 01632 960000" in printed.text
    assert "The Limes Surgery" in printed.text
    assert "61 in 100" not in printed.text
    assert '<nav aria-label="Pages"' in printed.text, "and the style sheet keeps it off paper"
    (row,) = service.store.entries([PERSON], "A81001")[PERSON]
    assert (row["kind"], row["by"], row["day"], row["body"]["form"]) == ("letter", "gp", TODAY, "standard")
    assert set(row["texts"]) == {"letter"}
    back = post(service, desk.cookie, f"{desk.at}/letter/withdraw", version="1", key=KEY.format("back"))
    assert back.status_code == 303
    assert desk.get("/letter/print").status_code == 409
    actions = [
        (row["action"], row["outcome"])
        for row in service.audited()
        if row["action"].startswith("letter.") and row["action"] != "letter.draft"
    ]
    assert actions == [("letter.print", "refused"), ("letter.approve", "answered"), ("letter.print", "answered"), ("letter.withdraw", "answered"), ("letter.print", "refused")]  # fmt: skip


def test_one_that_reads_otherwise_now_is_not_approved(service: Service) -> None:
    """Harm: an approval holds for words that its clinician never saw."""
    desk = Desk(service)
    assert desk.approve(digest="0" * 64).status_code == 412
    assert desk.approve(version="7").status_code == 412
    for wrong in ({"telephone": "ring us"}, {"who": ""}, {"form": "braille"}, {"telephone": "0"}):
        assert desk.approve(**wrong).status_code == 422
    assert service.store.entries([PERSON], "A81001") == {}


def test_an_approved_letter_does_not_print_once_none_may_go(service: Service) -> None:
    """Harm: capacity is found wanting, or the person dies, and the letter that lay ready is posted."""
    desk = Desk(service)
    assert desk.approve("easy").status_code == 303
    asked = {"decision_in_question": "whether to be written to", "has": "no", "on": "2024-12-02"}
    desk.decide(capacity=asked)
    refused = desk.get("/letter/print")
    assert (refused.status_code, "lacking" in refused.text) == (409, True)
    assert desk.approve("easy").status_code in (409, 412)
    service.store.tell([Told(PERSON, "restricted", TODAY, "a practice", "a test")])
    assert [desk.get(path).status_code for path in ("/letter", "/letter/print")] == [404, 404]


@pytest.mark.parametrize(
    ("user", "status"), [("matron", 403), ("social", 403), ("analyst", 403), ("governance", 403), ("other", 404)]
)
def test_nobody_but_clinicians_of_the_practice(service: Service, user: str, status: int) -> None:
    """Harm: reasons that a role may not read are read in a draft; a practice that the person is strange to writes to them."""
    assert Desk(service).approve().status_code == 303
    desk = Desk(service, user)
    assert [desk.get(path).status_code for path in ("/letter", "/letter/print")] == [status, status]
    assert desk.approve(version="1", digest="0").status_code == status
