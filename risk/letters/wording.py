"""What a letter says: why the person was picked, what is offered, how to object or to put right, and whom to ring. No number of the score, no word of
death, and no name for what the person is.

Sources: UK GDPR articles 13, 14 (to be told), 15 (to see), 16 (to put right) and 21 (to object); DCB1605, the Accessible Information Standard, for large
print and Easy Read. Easy Read here is short lines, each with a picture; no group of people with a learning disability has read it yet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from risk import plain_language
from risk.drivers import DRIVERS

#: Forms in which a letter is written, as they are called.
FORMS = {"standard": "Standard print", "large": "Large print", "easy": "Easy Read"}
#: Reasons that no letter tells: whoever else opens it would learn what was said in confidence.
NEVER_TOLD = frozenset({"substances", "mental_health"})
#: Name of a picture (of ``serving/web/templates/pictograms.html``; empty: none) and words.
Line = tuple[str, str]
Part = tuple[str, tuple[Line, ...]]

OFFER = "We would like to talk with you about what may help you stay well at home."
CHOICE = "You choose. You can say yes or no to any of it, now or later."
WRONG = "If we have something wrong about you, tell us. We will ask whoever wrote it to look at it. You can also ask to see what we hold about you."
OBJECT = "You can tell us not to use your records in this way. We will stop. It will not change the care you can have."
OTHER_FORM = "Tell us if you need this letter in another form or another language."
URGENT = "If you feel very ill, do not wait for us. Ring 999 or 111."


@dataclass(frozen=True)
class Contact:
    """Whom the person is to ring, as the approving clinician wrote it."""

    who: str
    telephone: str


@dataclass(frozen=True)
class Letter:
    """``form`` of :data:`FORMS`; its ``parts`` in order, each a heading and lines."""

    form: str
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """As it is kept: what is approved is this, to the letter."""
        return orjson.dumps({"form": self.form, "parts": self.parts}).decode()

    @property
    def words(self) -> str:
        """Everything that is read, headings as sentences."""
        return " ".join(f"{heading}. {' '.join(words for _, words in lines)}" for heading, lines in self.parts)


def digest(text: str) -> str:
    """By which a text is known again: SHA-256, in hexadecimal."""
    return sha256(text.encode()).hexdigest()


def of_text(text: str) -> Letter:
    """The letter that was kept as ``text``."""
    held = orjson.loads(text)
    return Letter(held["form"], tuple((heading, tuple(map(tuple, lines))) for heading, lines in held["parts"]))


def tellable(reasons: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(driver, plain words) of the reasons that the letter would tell of, the strongest first."""
    plain = {driver.name: driver.higher for driver in DRIVERS if driver.higher}
    names = [
        one["driver"] for one in reasons["raises"] if one.get("driver") in plain and one["driver"] not in NEVER_TOLD
    ]
    return [(name, plain[name]) for name in names[: plain_language.HIGHER]]


def compose(form: str, reasons: Mapping[str, Any], offers: Sequence[str], contact: Contact, without: Collection[str] = ()) -> Letter:  # fmt: skip
    """The letter of a person's ``reasons`` (:meth:`risk.reasons.Explainer.explain`) in a form, with ``offers`` in plain words; a clinician may leave
    drivers out (``without``)."""
    kept = [(name, words) for name, words in tellable(reasons) if name not in without]
    ring = f"Ring {contact.who} on {contact.telephone}."
    if form == "easy":
        return Letter(form, _easy([words for _, words in kept], offers, ring))
    told = {
        **reasons,
        "raises": [one for one in reasons["raises"] if one.get("driver") in dict(kept)],
        "lowers": [one for one in reasons["lowers"] if one.get("driver") not in NEVER_TOLD],
    }
    why = [words for words in plain_language.letter(told) if words != plain_language.ASK]
    return Letter(form, (
        ("Why we are writing to you", _plain(why)),
        ("What we can offer", _plain([OFFER, *offers, CHOICE])),
        ("If something is not right", _plain([WRONG])),
        ("If you do not want this", _plain([OBJECT])),
        ("Who to ring", _plain([ring, OTHER_FORM, URGENT])),
    ))  # fmt: skip


def _plain(lines: Sequence[str]) -> tuple[Line, ...]:
    return tuple(("", words) for words in lines)


def _easy(reasons: Sequence[str], offers: Sequence[str], ring: str) -> tuple[Part, ...]:
    """One thought a line."""
    return (
        ("Why we are writing to you", (
            ("letter", "This letter is from your GP surgery."),
            ("look", "We look at health records. We want to see who may need more help."),
            *(("person", words) for words in reasons),
            ("guess", "We think you may need more help. It is a guess. It can be wrong."),
        )),
        ("What we can offer", (
            ("talk", "We want to talk with you about what may help."),
            *(("talk", words) for words in offers),
            ("choice", "You choose. You can say yes. You can say no."),
        )),
        ("If something is not right", (("write", "Tell us if we have something wrong. We will look at it."),)),
        ("If you do not want this", (("stop", "You can ask us to stop. You will still get the same care."),)),
        ("Who to ring", (
            ("ring", ring),
            ("talk", "You can ask someone you trust to ring for you."),
            ("ring", URGENT),
        )),
    )  # fmt: skip
