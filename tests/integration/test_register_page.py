"""The frailty register's pages: a practice's own clinicians answer what is proposed, one person at a time; nothing of it is a list by risk."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from risk.pseudonyms import Pseudonyms
from risk.settings import Settings
from tests.integration.test_frailty_register import proposing
from tests.logged_in import DIRECTORY, cookie, directory, post
from tests.service import Service, serving

REGISTER = "/pages/practices/A81001/frailty-register"
FORM = {"answer": "confirm", "category": "moderate", "how": "clinical_frailty_scale", "on": "2024-12-02", "assessor": "Dr A Clinician",
        "why_rejected": "", "words": ""}  # fmt: skip
MORE = DIRECTORY.replace("user = [", """user = [
  {id = "coordinator", subject = "s-co", name = "G. Example", from = 2020-01-01, roles = [{role = "coordinator", organisation = "A81001", from = 2020-01-01}]},""")  # fmt: skip


class Surgery:
    def __init__(self, service: Service) -> None:
        self.service = service
        directory(service, MORE)
        proposing(service)
        key = service.http.app.state.installation.keys.person  # type: ignore[attr-defined]
        self.page = f"/pages/persons/{Pseudonyms(key, 'ods A81001').of(102)}/frailty"

    def as_(self, user: str) -> dict[str, str]:
        return cookie(self.service, user, "A81001" if user == "coordinator" else None)

    def read(self, path: str, user: str = "gp") -> str:
        answer = self.service.http.get(path, headers=self.as_(user))
        assert answer.status_code == 200
        return re.sub(r"\s+", " ", answer.text)

    def answer(
        self, user: str = "gp", version: int = 0, key: str = "key-of-the-register-page-1", **changed: str
    ) -> object:
        return post(self.service, self.as_(user), self.page, version=str(version), key=key, **{**FORM, **changed})  # fmt: skip


@pytest.fixture
def surgery(store_settings: Settings) -> Iterator[Surgery]:
    with serving(store_settings) as service:
        yield Surgery(service)


def test_a_proposal_is_confirmed_and_only_then_counts(surgery: Surgery) -> None:
    """Harm: somebody stands as frail whom nobody assessed."""
    before = surgery.read(REGISTER)
    assert "<strong>0</strong> frail by a clinician's word" in before
    assert "<strong>1</strong> proposed and not answered" in before
    assert "Clinical Frailty Scale 6" in before
    assert surgery.page in before
    answer = surgery.answer()
    assert (answer.status_code, answer.headers["location"]) == (303, f"{surgery.page}?saved=true")  # type: ignore[attr-defined]
    after = surgery.read(REGISTER)
    assert "<strong>1</strong> frail by a clinician's word: 0 mild, 1 moderate, 0 severe" in after
    assert "Moderate, clinical frailty scale, 2 December 2024" in after
    person = surgery.read(f"{surgery.page}?saved=true")
    assert "A clinician's word: <strong>moderate</strong>" in person
    assert "Dr A Clinician" in person
    surgery.answer(key="key-of-the-register-page-1")
    assert surgery.read(surgery.page).count("Confirm: moderate") == 1, "the same form sent twice writes once"


def test_how_the_person_was_assessed_is_chosen_and_not_taken_for_granted(surgery: Surgery) -> None:
    """Harm: a way of assessing that nobody used stands in the history, because it was the first of the form."""
    page = surgery.read(surgery.page)
    ways = page.split('<select class="nhsuk-select" name="how"', 1)[1].split("</select>", 1)[0]
    assert ways.split("<option ", 2)[1].startswith('value="">')
    assert "selected" not in ways


@pytest.mark.parametrize(
    ("changed", "status", "says"),
    [
        ({"how": ""}, 422, "Error:"),
        ({"on": "2024-12-03"}, 422, "Error:"),
        ({"answer": "reject", "category": ""}, 422, "Error:"),
        ({"category": "mild"}, 409, "Error:"),
    ],
)
def test_a_form_that_does_not_fit_comes_back_as_it_was_filled_in(surgery: Surgery, changed: dict[str, str], status: int, says: str) -> None:  # fmt: skip
    answer = surgery.answer(**changed)
    assert answer.status_code == status  # type: ignore[attr-defined]
    assert says in answer.text  # type: ignore[attr-defined]
    assert 'value="Dr A Clinician"' in answer.text  # type: ignore[attr-defined]
    assert "Nobody has answered yet" in surgery.read(surgery.page)


def test_who_read_an_older_version_reads_again(surgery: Surgery) -> None:
    """Harm: one clinician's answer is replaced by another's who never saw it."""
    surgery.answer()
    answer = surgery.answer(key="key-of-the-register-page-2", answer="change", category="mild")
    assert answer.status_code == 412  # type: ignore[attr-defined]
    assert "somebody wrote of this person since" in answer.text.lower()  # type: ignore[attr-defined]
    assert "<strong>moderate</strong>" in surgery.read(surgery.page)


def test_a_coordinator_reads_and_does_not_answer(surgery: Surgery) -> None:
    assert "Clinical Frailty Scale 6" in surgery.read(REGISTER, "coordinator")
    assert "<form method=\"post\" action=\"/pages/persons" not in surgery.read(surgery.page, "coordinator")  # fmt: skip
    assert surgery.answer("coordinator").status_code == 403  # type: ignore[attr-defined]


@pytest.mark.parametrize("user", ["matron", "social", "other", "analyst", "governance"])
def test_nobody_reads_it_through_a_team_or_from_elsewhere(surgery: Surgery, user: str) -> None:
    for path in (REGISTER, surgery.page):
        assert surgery.service.http.get(path, headers=surgery.as_(user)).status_code in {403, 404}
    assert surgery.answer(user).status_code in {403, 404}  # type: ignore[attr-defined]


def test_the_two_products_are_never_taken_for_one_another(surgery: Surgery) -> None:
    """Harm: the list by risk reads as a register of frail people, or the register as an order of risk."""
    for path in (REGISTER, surgery.page):
        said = surgery.read(path)
        assert "<title>Frailty register – Frailty register</title>" in said
        assert "priority list" not in said.lower()
        assert "model" not in said.lower()
    listed = surgery.read("/pages/practices/A81001/list").replace("Frailty register</a>", "")
    assert "frail" not in re.sub(r'href="[^"]*"', "", listed).lower()


def test_states_and_pages(surgery: Surgery) -> None:
    assert surgery.page in surgery.read(f"{REGISTER}?state=waiting")
    assert "Nobody here" in surgery.read(f"{REGISTER}?state=confirmed")
    assert "Nobody here" in surgery.read(f"{REGISTER}?page=2")
    assert surgery.service.http.get(f"{REGISTER}?state=none", headers=surgery.as_("gp")).status_code == 404
