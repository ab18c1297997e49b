"""A letter to a person, rule by rule: to whom none goes, what it says and never says, and how it reads."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from risk.decisions.catalogue import catalogue
from risk.decisions.standing import standing
from risk.drivers import DRIVERS, Told
from risk.forbidden_words import found_in
from risk.letters.approval import HOLDS, approved, blocks
from risk.letters.wording import FORMS, NEVER_TOLD, Contact, compose, digest, of_text, tellable
from risk.reading_age import reading_age

TODAY = date(2024, 12, 2)
RING = Contact("the practice nurse", "01632 960000")
TELLABLE = [driver.name for driver in DRIVERS if driver.told is Told.REASON and driver.name not in NEVER_TOLD]
OFFERS = [action.letter for action in catalogue(None).actions.values() if action.letter]
#: Years of age at which a pupil reads it (NHS digital service manual: write for a reading age of 9 to 11).
OLDEST = 11.0


def reasons(*drivers: str) -> dict[str, Any]:
    return {"raises": [{"driver": name} for name in drivers], "lowers": [], "support": []}


def row(seq: int, kind: str, of: int | None = None, texts: dict[str, str] | None = None, **body: Any) -> dict[str, Any]:
    return {"seq": seq, "version": seq, "kind": kind, "of": of, "person_id": 1, "day": TODAY, "by": "gp", "body": body, "texts": texts or {}}  # fmt: skip


def decided(**more: Any) -> dict[str, Any]:
    return row(1, "decision", decision="accept", **more)


YES = {"value": "yes", "on": "2024-05-01"}


@pytest.mark.parametrize(
    ("listed", "flags", "rows", "why"),
    [
        (True, {}, [], []),
        (True, {}, [decided(informed={"told": False, "why_not": "not_reached_yet"})], []),
        (True, {}, [decided(capacity={"has": "yes"})], []),
        (False, {}, [], ["not on the list"]),
        (False, {}, [row(1, "addition")], []),
        (True, {}, [row(1, "removal")], ["taken off"]),
        (True, {"respect": YES}, [], ["follow it"]),
        (True, {"end_of_life_plan": YES}, [], ["follow it"]),
        (True, {"advance_decision": YES}, [], ["follow it"]),
        (True, {"palliative_register": YES}, [], ["follow it"]),
        (True, {"power_of_attorney": YES}, [], []),
        (True, {}, [decided(capacity={"has": "no"})], ["lacking"]),
        (True, {}, [decided(capacity={"has": "not_assessed"})], ["not assessed"]),
        (True, {}, [decided(capacity={"has": "no"}), row(2, "decision", decision="accept")], ["lacking"]),
        (True, {}, [decided(capacity={"has": "no"}), row(2, "decision", decision="accept", capacity={"has": "yes"})], []),
        (True, {}, [decided(informed={"told": False, "why_not": "would_harm"})], ["harm"]),
        (True, {}, [decided(informed={"told": False, "why_not": "lacks_capacity"})], ["capacity"]),
        (True, {}, [decided(informed={"told": False, "why_not": "asked_not_to_be"})], ["asked not"]),
    ],
)  # fmt: skip
def test_to_whom_no_letter_goes(listed: bool, flags: dict[str, Any], rows: list[Any], why: list[str]) -> None:
    """Harm: somebody near death, somebody who cannot read it for themselves, or who asked not to know, opens a letter about their risk."""
    found = blocks(listed, flags, standing(rows), rows)
    assert len(found) == len(why)
    assert all(words in said for words, said in zip(why, found, strict=True))


def test_an_approval_is_of_one_text_and_for_two_weeks() -> None:
    """Harm: what is sent is not what a clinician read, or was true a season ago."""
    text = compose("standard", reasons("falls"), [], RING).text
    held = row(1, "letter", texts={"letter": text}, sha256=digest(text), form="standard")
    (stands,) = [approved([held])]
    assert stands is not None
    assert stands.whole
    assert [stands.holds(date(2024, 12, day)) for day in (1, 2, 1 + HOLDS, 2 + HOLDS)] == [False, True, True, False]
    changed = approved([{**held, "texts": {"letter": text.replace("01632 960000", "01632 960999")}}])
    assert changed is not None
    assert not changed.holds(TODAY)
    assert approved([held, row(2, "letter_withdrawn", of=1)]) is None
    assert approved([{**held, "texts": {}}]) is None, "words that were forgotten"
    assert approved([]) is None


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("driver", TELLABLE)
def test_a_letter_is_read_by_an_eleven_year_old(form: str, driver: str) -> None:
    """Harm: half of those who get it cannot say what it wants of them."""
    made = compose(form, reasons(driver), OFFERS, RING)
    assert reading_age(made.words) <= OLDEST


@pytest.mark.parametrize("form", FORMS)
def test_what_every_letter_says_and_none_does(form: str) -> None:
    """Harm: a number of risk, a word of death or a label arrives by post; or nobody says how to object."""
    for name in TELLABLE:
        words = compose(form, reasons(name), OFFERS, RING).words
        bare = words.replace(RING.telephone, "").replace("999", "").replace("111", "")
        assert not re.search(r"\d|per ?cent|%", bare)
        assert not re.search(r"\b(die[sd]?|dying|death|dead|fatal|end of life|frail\w*|risk|scores?|high|predict\w*)\b", bare.replace("high blood sugar", "").replace("high or low", ""), re.IGNORECASE), bare  # fmt: skip
        assert not found_in(bare)
        for said in ("need more help", "can be wrong", "the same care" if form == "easy" else "not change the care", RING.who, RING.telephone, "Tell us" if form == "easy" else "tell us"):  # fmt: skip
            assert said in words, said
        for offer in OFFERS:
            assert offer in words


def test_what_was_said_in_confidence_and_what_a_clinician_leaves_out_is_in_no_letter() -> None:
    """Harm: whoever else opens the post learns of a drinking problem or a breakdown."""
    plain = {driver.name: driver.higher for driver in DRIVERS}
    given = reasons("substances", "falls", "mental_health", "diabetes", "kidneys", "heart")
    assert [name for name, _ in tellable(given)] == ["falls", "diabetes", "kidneys"]
    for form in FORMS:
        words = compose(form, given, [], RING, {"diabetes"}).words
        assert [plain[name] in words for name in ("falls", "kidneys", "substances", "mental_health", "diabetes", "heart")] == [True, True, False, False, False, False]  # fmt: skip


def test_the_text_is_kept_to_the_letter() -> None:
    made = compose("easy", reasons("falls"), OFFERS[:1], RING)
    assert of_text(made.text) == made
