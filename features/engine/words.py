"""How a number about a person is said."""

from __future__ import annotations

import string
from typing import Protocol

from features.engine.picking import Misdeclared


class Sayable(Protocol):
    """What has words: see :class:`Words`."""

    @property
    def name(self) -> str: ...
    @property
    def says(self) -> str: ...
    @property
    def says_none(self) -> str: ...
    @property
    def says_absent(self) -> str: ...
    @property
    def time_since(self) -> bool: ...
    @property
    def claims_zero(self) -> bool: ...


#: Said of a count whose window nobody observed the whole of.
_NOT_OBSERVED = "not known, the records do not go back far enough"


class Words:
    """The words of a declaration. ``says`` is what a clinician would say of the number, with ``{n}`` for it (``{n:.0f}`` and
    the like allowed); ``says_none`` what is said of a zero, ``says_absent`` of no number at all."""

    def phrase(self: Sayable, value: float) -> str:
        """What a clinician would say of the number; NaN is said as not recorded. A time since is said in days below two
        months, in months below two years, in years above."""
        if value != value:
            return self.says_absent or f"{title(self.name)}: {_NOT_OBSERVED if self.claims_zero else 'not recorded'}"
        if value == 0 and self.says_none:
            return self.says_none
        if self.time_since:
            return self.says.replace("{n} days", _lapse(value))
        number = f"{value:.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:.1f}"
        return self.says.replace("{n}", number) if "{n}" in self.says else self.says.format(n=value)

    @property
    def title(self: Sayable) -> str:
        return title(self.name)


#: Predictors whose name is not to be said of a person: what is recorded is, and no word for what they are.
TITLES = {
    "frailty_findings_2y": "findings of the electronic frailty index 2y",
    "frailty_moderate_or_severe": "coded for the yearly review of falls and medicines",
    "frailty_scored_1y": "electronic frailty index or Clinical Frailty Scale 1y",
}


def title(name: str) -> str:
    """A predictor's name as words."""
    return TITLES.get(name) or name.replace("_", " ")


def check(declared: Sayable) -> None:
    """:class:`Misdeclared` where the name or the words do not do."""
    name, says = declared.name, declared.says
    if not name.replace("_", "").isalnum() or name != name.lower():
        raise Misdeclared(f"expected a name of small letters, digits and _, found {name!r}")
    fields = {field for _, field, _, _ in string.Formatter().parse(says) if field is not None}
    if declared.time_since and "{n} days" not in says:
        raise Misdeclared(f"{name}: a time since is said as {{n}} days, found {says!r}")
    if not says or fields - {"n"}:
        raise Misdeclared(f"{name}: expected words with {{n}} for the number, found {says!r}")


def _lapse(days: float) -> str:
    """A stretch of days as people say it."""
    if days < 61:
        return "a day" if days == 1 else f"{days:.0f} days"
    return f"{days / 30.4375:.0f} months" if days < 730 else f"{days // 365.25:.0f} years"
