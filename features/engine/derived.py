"""Predictors worked out from other predictors, and those about the row rather than the person's facts."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import IntEnum
from typing import Union

from features.engine import words
from features.engine.aggregate import Predictor
from features.engine.picking import Misdeclared
from features.engine.words import Words
from features.record.tables import PERSON_TABLES


class Op(IntEnum):
    """How parts are put together. The numbers are the kernel's. Absent where any part is absent, but for the three-valued
    EITHER, BOTH and NEITHER."""

    SUM = 0  # of each part times its weight
    DIFFERENCE = 1  # the first less the second
    RATIO = 2  # the first over the second; absent where that is 0
    BAND = 3  # how many cuts the one part reaches
    EITHER = 4  # 1 when a part is not 0; else absent when one is absent; else 0
    BOTH = 5  # 0 when a part is 0; else absent when one is absent; else 1
    NEITHER = 6  # what EITHER is not
    LARGEST = 7


@dataclass(frozen=True)
class Derived(Words):
    """A number worked out from ``parts``. ``weights`` (SUM; 1 each when left out), ``cuts`` (BAND, ascending)."""

    name: str
    op: Op
    parts: tuple[Declared, ...]
    domain: str
    says: str
    weights: tuple[float, ...] = ()
    cuts: tuple[float, ...] = ()
    says_none: str = ""
    says_absent: str = ""
    actionable: bool = False
    reference: str = ""
    time_since = False
    claims_zero = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(self.parts))
        words.check(self)
        wanted = {Op.DIFFERENCE: 2, Op.RATIO: 2, Op.BAND: 1}.get(self.op)
        if not self.parts or wanted not in (None, len(self.parts)):
            raise Misdeclared(
                f"{self.name}: {self.op.name} of {wanted or 'one or more'} parts, found {len(self.parts)}"
            )
        if self.weights and (self.op is not Op.SUM or len(self.weights) != len(self.parts)):
            raise Misdeclared(
                f"{self.name}: weights are SUM's, one a part; found {len(self.weights)} for {len(self.parts)}"
            )
        if bool(self.cuts) != (self.op is Op.BAND) or list(self.cuts) != sorted(set(self.cuts)):
            raise Misdeclared(f"{self.name}: cuts are BAND's, ascending; found {self.cuts}")

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables whose feeds the parts need."""
        return tuple(dict.fromkeys(table for part in self.parts for table in part.tables))

    @property
    def how(self) -> str:
        return self.op.name.lower()

    @property
    def fingerprint(self) -> str:
        """Hash of all that decides the number."""
        what = [self.name, self.op.name, [part.fingerprint for part in self.parts], self.weights, self.cuts]
        return hashlib.sha256(json.dumps(what).encode()).hexdigest()


class What(IntEnum):
    """What a circumstance says of a row. The numbers are the kernel's."""

    FED = 0  # 1 when the table's feed reaches the person, else 0
    OBSERVED = 1  # days, up to three years, for which the table has been observed for the person
    FEED_AGE = 2  # days by which the practice's feed is older than the freshest of the area
    SEASON_SIN = 3  # place of t in the year, on a circle that closes each 365.25 days
    SEASON_COS = 4


#: What OBSERVED is cut at: the longest window of the catalogue.
OBSERVED_AT_MOST = 1095
_OF_THE_DATE = (What.SEASON_SIN, What.SEASON_COS)


@dataclass(frozen=True)
class Circumstance(Words):
    """A number about a person's row at *t* that no fact of theirs makes: how far they are observed, and the season."""

    name: str
    what: What
    table: str | None
    domain: str
    says: str
    says_none: str = ""
    says_absent: str = ""
    actionable: bool = False
    reference: str = ""
    time_since = False
    claims_zero = False

    def __post_init__(self) -> None:
        words.check(self)
        if (self.table is None) != (self.what in _OF_THE_DATE) or self.table not in (None, *PERSON_TABLES):
            raise Misdeclared(f"{self.name}: {self.what.name} of a table of the record, or of none for the season; found {self.table!r}")  # fmt: skip

    @property
    def tables(self) -> tuple[str, ...]:
        """None: a circumstance says that a feed is missing, and is there itself."""
        return () if self.what is What.FED or self.table is None else (self.table,)

    @property
    def how(self) -> str:
        return self.what.name.lower()

    @property
    def fingerprint(self) -> str:
        """Hash of all that decides the number."""
        return hashlib.sha256(json.dumps([self.name, self.what.name, self.table]).encode()).hexdigest()


#: Anything that the catalogue may hold.
Declared = Union[Predictor, "Derived", Circumstance]
