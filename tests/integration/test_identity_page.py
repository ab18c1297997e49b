"""Who a pseudonym is: told by NHS number to the person's own practice, for a reason, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as arrow
import pytest

from features.linkage.identity import IdentityStore
from risk import keys
from risk import store as stores
from risk.pseudonyms import Pseudonyms
from risk.settings import Settings
from tests.logged_in import SELECTS, cookie, directory, post
from tests.published import published
from tests.service import Service, serving

#: A number of the range that is never given to anybody.
NUMBER = "9999999999"
WHY = "to ring the person after the meeting"


@pytest.fixture
def place(store_settings: Settings) -> Iterator[tuple[Service, int]]:
    """The service with one listed person whom the identity store knows; and that person."""
    with IdentityStore.open(store_settings.identity_folder, store_settings.identity_key_file) as identity:
        people, _ = identity.resolve(arrow.array([NUMBER]), "a test", arrow.array([None], arrow.string()))
        identity.commit()
    store = stores.open(store_settings)
    number = published(store, ((int(people[0]), "A81001", 1, 0.9, 0.61, "high", True),))
    (store_settings.runs / str(number)).mkdir(parents=True)
    store.close()
    with serving(store_settings) as service:
        directory(service)
        yield service, int(people[0])


def ask(place: tuple[Service, int], user: str, reason: str = WHY) -> tuple[int, str]:
    service, person = place
    reader = Pseudonyms(keys.held(service.settings).person, f"ods {SELECTS[user]}")
    answer = post(service, cookie(service, user), f"/pages/persons/{reader.of(person)}/identity", reason=reason)
    return answer.status_code, answer.text.replace(" ", "")


def test_its_own_practice_is_told_for_a_reason_that_is_written_first(place: tuple[Service, int]) -> None:
    """Harm: nobody can say afterwards who turned a list into names, and why."""
    status, said = ask(place, "gp")
    assert (status, NUMBER in said) == (200, True)
    (row,) = place[0].audited("person.identify")
    assert (row["actor"], row["role"], row["person_id"], row["outcome"]) == ("gp", "gp", place[1], "answered")
    texts = [text for held in place[0].store.audit_texts().values() for text in held]
    assert WHY in repr(texts)
    assert NUMBER not in repr(list(place[0].store.audit_rows()))


@pytest.mark.parametrize(
    ("user", "status"),
    [("matron", 403), ("social", 403), ("analyst", 403), ("governance", 403), ("other", 404)],
)
def test_nobody_else_is_told(place: tuple[Service, int], user: str, status: int) -> None:
    """Harm: a team, an analyst or another practice reads off who is on a list."""
    answered, said = ask(place, user)
    assert (answered, NUMBER in said) == (status, False)
    assert {row["outcome"] for row in place[0].audited("person.identify")} == {"refused"}


@pytest.mark.parametrize("reason", ["", "x", " " * 20, "y" * 301])
def test_without_a_reason_nobody_is_told(place: tuple[Service, int], reason: str) -> None:
    status, said = ask(place, "gp", reason)
    assert (status, NUMBER in said) == (422, False)
    assert not place[0].audited("person.identify")


def test_where_the_identity_store_is_kept_away_it_is_said(service: Service) -> None:
    directory(service)
    status, said = ask((service, 101), "gp")
    assert (status, NUMBER in said) == (503, False)
