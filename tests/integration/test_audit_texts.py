"""Free text lies beside the audit's chain: it can be removed and the chain holds, and it cannot be changed."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from risk import keys
from risk.audit import Audit, Event
from risk.settings import Settings
from risk.store import Store


@pytest.fixture
def audit(store: Store, store_settings: Settings) -> Audit:
    held = Audit(store, keys.held(store_settings, make=True).audit, store_settings)
    held.record(
        Event("user", "u1", "person.look", person_id=17, reason="Mrs Example rang"),
        Event("user", "u1", "list.look", people=[1, 17], reason="the meeting of Monday"),
        Event("user", "u1", "list.look", people=[171, 2], reason="another meeting"),
        Event("user", "u1", "list.look", people=[171, 2]),
    )
    return held


def test_no_word_of_a_reason_is_in_a_row(audit: Audit, store: Store) -> None:
    assert not [row for row in store.audit_rows() if "Example" in str(row) or "meeting" in str(row)]
    assert [held[0]["text"] for held in store.audit_texts().values()] == [
        "Mrs Example rang", "the meeting of Monday", "another meeting",
    ]  # fmt: skip
    assert audit.verify().faults == ()


def test_equal_reasons_do_not_show_that_they_are_equal(audit: Audit, store: Store) -> None:
    audit.record(Event("user", "u1", "x", reason="because"), Event("user", "u1", "x", reason="because"))
    *_, one, other = store.audit_rows()
    assert one["reason"] != other["reason"]


def test_texts_about_somebody_go_and_the_chain_holds(audit: Audit, store: Store) -> None:
    """Person 17 is in rows 1 and 2; 171 is somebody else."""
    assert store.remove_audit_texts([17]) == 2
    assert list(store.audit_texts()) == [3]
    verdict = audit.verify()
    assert (verdict.faults, verdict.rows, verdict.texts_removed) == ((), 4, 2)


def test_a_text_that_was_changed_is_found(audit: Audit, store: Store) -> None:
    with store.writing() as connection:
        connection.execute(text("UPDATE audit_text SET text = 'nothing' WHERE seq = 2"))
    assert audit.verify().faults == ("the reason beside row 2 is not the one that was written",)
