"""A launch by the practice's own system: at the person on its screen, as whoever looks at it, and as far as they see that person without it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from features.errors import BadInput
from risk.settings import Settings
from serving.security.doors import COOKIE
from serving.security.vouching import Issuers, issuers, read
from tests.identities import NUMBERS, UNKNOWN
from tests.integration.ehr import CLIENT, SECRET, Ehr
from tests.integration.test_roles import Place
from tests.logged_in import DIRECTORY, directory
from tests.service import serving

NHS = "https://fhir.nhs.uk/Id/nhs-number"
FILE = """
[[launch]]
name = "the practice's own system"
issuer = "{fhir}"
fhir = "{fhir}"
organisation = "A81001"
subjects = "ehr:"
client_id = "frailty-lists"
secret = "{secret}"
authorize = "{address}/authorize"
token = "{address}/token"
jwks = "{address}/jwks"
"""


class Launching(Place):
    """A service whose file names one system that launches, and that system."""

    def __init__(self, service: Any, ehr: Ehr, file: Path) -> None:
        super().__init__(service)
        directory(service, DIRECTORY.replace('subject = "s-gp"', 'subject = "ehr:u-1"'))
        self.ehr = ehr
        settings = service.settings.model_copy(update={"login": file, "address": "http://localhost"})
        service.http.app.state.issuers = issuers(settings)

    def screen(self, number: str | None, system: str = NHS) -> None:
        held = [] if number is None else [{"system": "urn:other", "value": "1"}, {"system": system, "value": number}]
        self.ehr.screen = {"resourceType": "Patient", "id": "p-1.a", "identifier": held}

    def out(self, **asked: str) -> Any:
        return self.service.http.get("/pages/launch", params={**self.ehr.launch(), **asked}, follow_redirects=False)

    def back(self, **changed: str) -> Any:
        answer = self.ehr.authorized(self.out().headers["location"])
        return self.service.http.get("/pages/launch/callback", params={**answer, **changed})


@pytest.fixture
def place(store_settings: Settings, tmp_path: Path) -> Iterator[Launching]:
    ehr = Ehr()
    (tmp_path / "secret").write_text(SECRET)
    file = tmp_path / "login.toml"
    file.write_text(FILE.format(fhir=ehr.fhir, address=ehr.address, secret=tmp_path / "secret"))
    with serving(store_settings) as service:
        yield Launching(service, ehr, file)
    ehr.close()


def test_the_person_on_the_screen_is_opened_and_nobody_logs_in_twice(place: Launching) -> None:
    place.screen(f"{NUMBERS[101][:3]} {NUMBERS[101][3:6]} {NUMBERS[101][6:]}")
    landed = place.back()
    assert (landed.status_code, landed.url.path) == (200, f"/pages/persons/{place.called('gp', 101)}")
    assert COOKIE in place.service.http.cookies
    assert place.ehr.read == ["/jwks", "/fhir/Patient/p-1.a"], "and of its record nothing else"
    assert place.ehr.refused == []
    (began,) = place.service.audited("session.begin")
    (followed,) = place.service.audited("link.follow")
    assert [(row["actor"], row["outcome"]) for row in (began, followed)] == [("gp", "done"), ("gp", "answered")]
    assert not any(NUMBERS[101] in str(answer.url) for answer in [*landed.history, landed])


@pytest.mark.parametrize("number", [NUMBERS[201], UNKNOWN])
def test_a_launch_opens_nobody_whom_they_do_not_see_without_it(place: Launching, number: str) -> None:
    """Harm: another practice's patient on the screen is read here. Whoever is another's and whoever is unknown have one answer."""
    place.screen(number)
    landed = place.back()
    assert landed.status_code == 404
    assert "/pages/links/" in landed.url.path


@pytest.mark.parametrize(("number", "system"), [(None, NHS), (NUMBERS[101], "urn:local"), ("999 123 4570", NHS)])
def test_nobody_with_a_number_on_the_screen_lands_on_the_first_page(place: Launching, number: str | None, system: str) -> None:  # fmt: skip
    place.screen(number, system)
    assert place.back().url.path == "/pages"
    place.ehr.screen = None
    assert place.back().url.path == "/pages"


def test_whom_the_directory_does_not_know_is_not_logged_in(place: Launching) -> None:
    """Harm: the practice's locum of last year opens the lists by the practice's system; or somebody of another issuer who has the same id."""
    place.screen(NUMBERS[101])
    for user in ("u-2", "s-matron"):
        place.ehr.user = user
        assert place.back().status_code == 403
    assert COOKIE not in place.service.http.cookies
    assert {row["outcome"] for row in place.service.audited("session.begin")} == {"refused"}


def test_only_a_system_of_the_file_launches(place: Launching) -> None:
    """Harm: a page elsewhere sends somebody to a log-in of its own, or has this service ask an address of its choosing."""
    for iss in ("https://elsewhere.example/fhir", f"{place.ehr.fhir}/x", place.ehr.address, ""):
        answer = place.out(iss=iss)
        assert (answer.status_code, "location" in answer.headers) == (403, False)
    assert place.out(launch="x" * 3000).status_code == 403
    assert place.out(iss=f"{place.ehr.fhir}/").status_code == 303, "with or without a stroke at its end"
    assert place.ehr.read == []


def test_a_launch_is_this_browsers_own(place: Launching) -> None:
    """Harm: a link in a mail logs somebody in as another."""
    place.screen(NUMBERS[101])
    assert place.back(state="another").status_code == 403
    assert place.back(code="made-up").status_code == 403, "what the system refuses"
    first = place.ehr.authorized(place.out().headers["location"])
    place.service.http.cookies.clear()
    assert place.service.http.get("/pages/launch/callback", params=first).status_code == 403
    for held in ("", "0.", "7.x", "-1.x", "0." + "A" * 200):
        headers = {"Cookie": f"frailty_launch={held}"}
        assert place.service.http.get("/pages/launch/callback", params=first, headers=headers).status_code == 403


def test_what_a_patient_is_called_goes_into_no_other_address(place: Launching) -> None:
    """Harm: a system that was taken over has this service read something else of it."""
    place.ehr.screen = {"resourceType": "Patient", "id": "../../secrets?x", "identifier": []}
    assert place.back().url.path == "/pages"
    assert place.ehr.read == ["/jwks"]


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ('subjects = "ehr:"', "", "subjects"),
        ('subjects = "ehr:"', 'subjects = ""', "launch.0.subjects"),
        ('organisation = "A81001"', "", "organisation"),
        ("[[launch]]", "[[start]]", "start"),
        ('token = "http://127.0.0.1', 'token = "http://ehr.example', "https"),
    ],
)
def test_a_file_that_does_not_fit_is_a_sentence(was: str, becomes: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "login.toml"
    good = FILE.format(fhir="http://127.0.0.1:1/fhir", address="http://127.0.0.1:1", secret="none")
    file.write_text(good)
    assert [one.client_id for one in read(file)[1]] == [CLIENT]
    file.write_text(good.replace(was, becomes))
    with pytest.raises(BadInput, match=says):
        read(file)
    file.write_text(good + good)
    with pytest.raises(BadInput, match="its own fhir"):
        read(file)


@pytest.mark.parametrize(
    ("one", "other", "fits"),
    [("a:", "b:", True), ("a:", "a:", False), ("ehr:", "ehr:b", False), ("ehr:b", "ehr:", False)],
)
def test_nobody_of_one_system_can_be_called_as_somebody_of_another(
    one: str, other: str, fits: bool, tmp_path: Path
) -> None:
    """Harm: the system of one practice names its user "bX" and so is "X" of the system of another."""
    file = tmp_path / "login.toml"
    said = [
        FILE.format(fhir=f"http://127.0.0.1:{port}/fhir", address="http://127.0.0.1:1", secret="none").replace(
            '"ehr:"', f'"{subjects}"'
        )
        for port, subjects in ((1, one), (2, other))
    ]
    file.write_text("".join(said))
    if fits:
        assert [launcher.subjects for launcher in read(file)[1]] == [one, other]
        return
    with pytest.raises(BadInput, match="begin alike"):
        read(file)


def test_no_launch_where_no_file_names_one(place: Launching) -> None:
    place.service.http.app.state.issuers = Issuers(())  # type: ignore[attr-defined]
    assert place.out().status_code == 403
