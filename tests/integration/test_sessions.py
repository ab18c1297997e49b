"""Who is behind the people's door: sessions that end, roles that end, forms that only their own session can send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from risk import members, retention
from risk.sessions import Sessions
from risk.store.tables import web_session
from tests.logged_in import DIRECTORY, cookie, directory, post, sessions
from tests.service import TODAY, Service

NOW = datetime(2024, 12, 2, 9, 0, tzinfo=UTC)
LIST = "/pages/practices/A81001/list"


@pytest.mark.parametrize(
    ("minutes", "good"),
    [
        ((0,), True),
        ((14,), True),
        ((15,), False),
        ((14, 28), True),
        ((14, 28, 43), False),
        (tuple(range(14, 600, 14)), True),
        ((*range(14, 600, 14), 600), False),
    ],
    ids=["at once", "not idle yet", "idle", "used in between", "idle after use", "almost ten hours", "ten hours, never idle"],
)  # fmt: skip
def test_when_a_session_is_over(service: Service, minutes: tuple[int, ...], good: bool) -> None:
    """15 minutes idle or 10 hours in all. Harm: whoever comes to a screen that was left reads everybody's record."""
    directory(service)
    held = sessions(service)
    secret = held.open("gp", "ods", "A81001", NOW)
    found = [held.held(secret, NOW + timedelta(minutes=after)) is not None for after in minutes]
    assert found == [True] * (len(minutes) - 1) + [good]


def test_a_session_is_revoked_ended_and_never_guessed(service: Service) -> None:
    """Harm: somebody who was dismissed reads on until evening."""
    directory(service)
    held: Sessions = sessions(service)
    first, second, others = (held.open(user, "ods", "A81001", NOW) for user in ("gp", "gp", "matron"))
    session = held.held(first, NOW)
    assert session is not None
    held.end(session, NOW)
    assert [held.held(one, NOW) is not None for one in (first, second, others)] == [False, True, True]
    assert held.revoke("gp", NOW) == 1
    assert [held.held(one, NOW) is not None for one in (first, second, others)] == [False, False, True]
    assert held.held("", NOW) is None
    assert held.held(others[:-1], NOW) is None


def test_what_the_browser_holds_is_not_in_the_store(service: Service) -> None:
    """Harm: whoever reads a backup is anybody."""
    directory(service)
    secret = sessions(service).open("gp", "ods", "A81001", NOW)
    with service.store.reading() as connection:
        rows = connection.execute(web_session.select()).all()
    assert len(rows) == 1
    assert secret not in repr(rows)


@pytest.mark.parametrize(
    ("who", "selects", "status"),
    [
        ("gp", None, 200),
        ("matron", None, 200),
        ("social", None, 200),
        ("other", None, 404),
        ("analyst", None, 403),
        ("governance", None, 403),
        ("gp", "A81002", 401),
        ("matron", "A81001", 401),
    ],
    ids=["its GP", "a team that covers it", "the council's team", "another practice's GP", "an analyst", "information governance",
         "an organisation where they hold no role", "a practice that the team only covers"],
)  # fmt: skip
def test_the_selected_organisation_decides(service: Service, who: str, selects: str | None, status: int) -> None:
    """Harm: a GP who also works elsewhere reads that place's people by habit; somebody without a role reads anybody."""
    directory(service)
    assert service.http.get(LIST, headers=cookie(service, who, selects)).status_code == status


def test_access_ends_with_the_relationship_within_the_session(service: Service) -> None:
    """Harm: a team that covers a practice no more reads its list until it logs out."""
    directory(service)
    headers = cookie(service, "matron")
    assert service.http.get(LIST, headers=headers).status_code == 200
    directory(service, DIRECTORY.replace('covers = [{practice = "A81001", from = 2020-01-01}]', f'covers = [{{practice = "A81001", from = 2020-01-01, to = {TODAY}}}]'))  # fmt: skip
    assert service.http.get(LIST, headers=headers).status_code == 403
    directory(service, DIRECTORY.replace('role = "matron", team = "north", from = 2020-01-01', f'role = "matron", team = "north", from = 2020-01-01, to = {TODAY}'))  # fmt: skip
    assert service.http.get(LIST, headers=headers).status_code == 401


def test_each_door_has_its_own_key(service: Service) -> None:
    """Harm: a page on another site makes the browser call the API with its cookie; a stolen token opens the pages."""
    directory(service)
    headers, bearer = cookie(service, "gp"), service.bearer(service.client())
    assert service.http.get("/v1/practices/A81001/list", headers=headers).status_code == 401
    assert service.http.get(LIST, headers=bearer).status_code == 401
    assert service.http.get("/v1/practices/A81001/list", headers=bearer).status_code == 200
    assert service.http.get(LIST, headers=headers).status_code == 200
    assert service.http.get("/pages-of-others", headers=headers).status_code == 401


@pytest.mark.parametrize("given", [None, "", "0" * 64, "another's"])
def test_a_form_without_its_sessions_token_writes_nothing(service: Service, given: str | None) -> None:
    """Harm: a page of somebody else's sends a decision in a clinician's name."""
    directory(service)
    headers = cookie(service, "gp")
    theirs = sessions(service).held(cookie(service, "gp")["Cookie"].partition("=")[2])
    assert theirs is not None
    token = sessions(service).form_token(theirs) if given == "another's" else given
    answer = service.http.post("/pages/logout", headers=headers, data={} if token is None else {"token": token})
    assert answer.status_code == 403
    assert service.http.get(LIST, headers=headers).status_code == 200, "still logged in"
    assert [row["outcome"] for row in service.audited("form.refused")] == ["refused"]


def test_log_out(service: Service) -> None:
    directory(service)
    headers = cookie(service, "gp")
    answer = post(service, headers, "/pages/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/pages/login")
    assert service.http.get(LIST, headers=headers).status_code == 401
    assert [row["actor"] for row in service.audited("session.end")] == ["gp"]


def test_every_role_of_the_directory_has_a_row(service: Service) -> None:
    """Harm: a role is added to the directory and nobody decided what it sees."""
    from typing import get_args

    from risk.organisations import Role

    assert set(members.DUTIES) == set(get_args(Role))


def test_sessions_go_once_their_time_is_over(service: Service) -> None:
    """180 days after the last use. Harm: for ever kept, who logged in when is a diary of the staff."""
    directory(service)
    held = sessions(service)
    for days in (181, 180, 1):
        held.open("gp", "ods", "A81001", NOW - timedelta(days=days))
    store, settings = service.store, service.settings
    (found,) = retention.past(settings, store, NOW.date())["sessions"]
    assert found.rows == 1
    found.remove()
    assert retention.past(settings, store, NOW.date())["sessions"] == []
    assert store.sessions_unused(NOW.date()) == 2
