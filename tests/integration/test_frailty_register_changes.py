"""Who joined a practice's frailty register, left it and moved, between two published runs. On SQLite and on PostgreSQL."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest

from risk.run.folder import MANIFEST
from risk.store.hiding import Told
from tests.integration.test_frailty_register import CONFIRM, Surgery, proposing
from tests.logged_in import cookie, directory
from tests.service import TODAY, Service

MODERATE, SEVERE, MILD = "moderate", "severe", "mild"


def run(service: Service, previous: int | None, **proposed: str | None) -> int:
    """The next run, with what it proposes of persons 101 to 103 (None: nothing)."""
    number = proposing(service, **{"p102": "", **{name: word or "" for name, word in proposed.items()}})
    (service.settings.runs / str(number) / MANIFEST).write_bytes(orjson.dumps({"previous": previous, "files": {}}))
    return number


def told(surgery: Surgery) -> dict[str, Any]:
    answer = surgery.get("/v1/practices/A81001/frailty-register/changes")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    ("before", "now", "joined", "left", "moved"),
    [
        ({"p102": MODERATE}, {"p102": MODERATE}, [], [], []),
        ({"p102": MODERATE}, {"p102": SEVERE}, [], [], [(MODERATE, SEVERE)]),
        ({"p102": MODERATE}, {"p102": MODERATE, "p103": MILD}, [MILD], [], []),
        ({"p102": MODERATE, "p103": MILD}, {"p102": MODERATE}, [], [(MILD, "nothing is proposed any more")], []),
        ({"p103": MILD}, {"p102": MODERATE}, [MODERATE], [(MILD, "nothing is proposed any more")], []),
    ],
)
def test_who_joined_left_and_moved(service: Service, before: dict[str, str], now: dict[str, str], joined: list[str], left: list[Any], moved: list[Any]) -> None:  # fmt: skip
    """Harm: somebody who became frail since last week stands on the register, and nobody sees that they are new."""
    run(service, run(service, None, **before), **now)
    found = told(Surgery(service))
    assert [one["proposed"] for one in found["joined"]] == joined
    assert [(one["proposed"], one["why"]) for one in found["left"]] == left
    assert [(one["proposed_before"], one["proposed"]) for one in found["moved"]] == moved
    assert (found["previous"], found["not_shown"]) == (found["run"] - 1, 0)


def test_they_reconcile_person_by_person(service: Service) -> None:
    first = run(service, None, p101=SEVERE, p102=MODERATE)
    surgery = Surgery(service)
    was = {one["person"] for one in surgery.register().json()["people"]}
    run(service, first, p102=SEVERE, p103=MILD)
    now, found = {one["person"] for one in surgery.register().json()["people"]}, told(surgery)
    joined, left, moved = ({one["person"] for one in found[kind]} for kind in ("joined", "left", "moved"))
    assert (was | joined) - left == now
    assert moved <= was & now
    assert (len(joined), len(left), len(moved)) == (1, 1, 1)


def test_whoever_a_clinician_found_frail_stays_without_a_proposal(service: Service) -> None:
    """Harm: a confirmed person drops off because a code grew old."""
    first = run(service, None, p102=MODERATE)
    surgery = Surgery(service)
    surgery.answer(surgery.somebody(), CONFIRM)
    run(service, first, p103=MILD)
    found = told(surgery)
    assert [one["proposed"] for one in found["joined"]] == [MILD]
    assert found["left"] == []
    assert [(one["proposed_before"], one["proposed"], one["category"]) for one in found["moved"]] == [(MODERATE, None, MODERATE)]  # fmt: skip


def test_whoever_is_hidden_is_counted_and_not_told_of(service: Service) -> None:
    """Harm: whoever objected is named as having left."""
    run(service, run(service, None, p102=MODERATE, p103=MILD), p103=MILD)
    service.store.tell([Told(102, "opted_out", TODAY, "a ward", "a test", True, "", "")])
    found = told(Surgery(service))
    assert (found["left"], found["not_shown"]) == ([], 1)


def test_without_a_run_before_nothing_is_said_and_another_practices_is_not_there(service: Service) -> None:
    run(service, None, p102=MODERATE)
    surgery = Surgery(service)
    assert {name: told(surgery)[name] for name in ("previous", "joined", "left", "moved")} == {"previous": None, "joined": [], "left": [], "moved": []}  # fmt: skip
    assert surgery.get("/v1/practices/A81002/frailty-register/changes").status_code == 404


def test_on_the_page(service: Service) -> None:
    directory(service)
    run(service, run(service, None, p102=MODERATE, p101=SEVERE), p102=SEVERE, p103=MILD)
    said = re.sub(r"\s+", " ", service.http.get("/pages/practices/A81001/frailty-register", headers=cookie(service, "gp")).text)  # fmt: skip
    assert "1 joined, 1 left, 1 moved" in said
    assert "left: nothing is proposed any more" in said
    assert "moderate was proposed, now severe" in said
