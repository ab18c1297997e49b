"""Names of people who do not exist, built by rule: as concentrated as names in England are, group by group, and none of
them taken from a list.

What linkage feels of names is how often two people share one. Family names of the English kind: the commonest is borne by
about 1.2 in 100 people of England and Wales (Smith, on the NHS Central Register). Those of South Asian, Chinese and
Vietnamese tradition are far more concentrated: the commonest handful is borne by a tenth of a community or more, and many
women of Muslim and Sikh families share one of two or three second names. Given names of the young are far less concentrated
than those of the old: the commonest boy's name of 2014 was given to 1.9 in 100 (Office for National Statistics, Baby names
in England and Wales: 6,649 Olivers), those of the 1930s to several times as many. Shares beside those two are round
assumptions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from features.population.geography import ETHNICITY


@dataclass(frozen=True)
class Tradition:
    """How a tradition's names sound (beginnings, middles and ends put together by number), how many family names it has,
    and how steeply their frequencies fall: the name of rank r is borne in proportion to 1 / (r + ``flat``)^``fall``."""

    begins: tuple[str, ...]
    middles: tuple[str, ...]
    ends: tuple[str, ...]
    female: tuple[str, ...]
    male: tuple[str, ...]
    count: int
    flat: float
    fall: float


_ENGLISH = Tradition(
    ("Ash", "Brad", "Cal", "Den", "Edg", "Fair", "Gar", "Hal", "Ives", "Ken", "Lang", "Mar", "Nor", "Old", "Pem", "Rad",
     "Sel", "Thorn", "Ul", "Wad", "Wes", "Yel", "Stan", "Bram", "Crow", "Har"),
    ("", "er", "in", "ing", "a", "en", "el", "o", "ward"),
    ("ton", "ley", "ford", "ham", "by", "wood", "son", "s", "worth", "field", "den", "well", "man", "er", "more"),
    ("a", "ie", "een", "yn", "elle", "ine"), ("", "ert", "en", "ard", "in", "on"), 3500, 11.0, 0.92,
)  # fmt: skip
_EUROPEAN = Tradition(
    ("Kow", "Wis", "Now", "Pet", "Zie", "Kam", "Dra", "Mor", "Vas", "Ion", "Jan", "Stef", "Lew", "Bor"),
    ("al", "an", "ew", "in", "ov", "e", "il", "or"), ("ski", "czyk", "escu", "enko", "ak", "ic", "as", "o"),
    ("a", "ina", "ka", "ela"), ("", "ek", "an", "el"), 800, 12.0, 0.8,
)  # fmt: skip
_INDIAN = Tradition(
    ("Pa", "Sha", "Mi", "De", "Cha", "Go", "Ka", "Na", "Ra", "Bha", "Jo", "Va"), ("r", "t", "n", "sh", "m", "k", "d"),
    ("el", "a", "i", "an", "ur", "han", "wal"), ("ika", "ita", "een", "ali"), ("esh", "it", "inder", "ul"), 420, 1.2, 1.05,
)  # fmt: skip
_MUSLIM = Tradition(
    ("Kha", "Hus", "Ah", "Ra", "Ma", "Mi", "Be", "Sha", "Is", "Ta", "Ja", "Fa"), ("n", "s", "m", "h", "l", "r"),
    ("an", "ain", "ed", "man", "ood", "ah", "um", "iq"), ("ina", "ima", "reen", "ia"), ("ir", "ad", "im", "an"), 400, 1.5, 1.1,
)  # fmt: skip
_AFRICAN = Tradition(
    ("Ade", "Oka", "Men", "Osei", "Abdi", "Olu", "Nwa", "Chi", "Boa", "Tes", "Hass", "Ki"), ("f", "k", "b", "l", "m", "d"),
    ("ola", "oro", "ah", "ye", "ele", "an", "iko"), ("a", "ami", "oma"), ("u", "e", "ayo"), 480, 5.0, 0.85,
)  # fmt: skip
_CHINESE = Tradition(
    ("W", "L", "Ch", "Zh", "Y", "H", "X", "T"), ("a", "i", "e", "o", "u"), ("ng", "n", "", "u", "i"),
    ("mei", "ling", "xia", "yan"), ("wei", "jun", "ming", "hao"), 180, 0.6, 1.15,
)  # fmt: skip

#: Tradition by ethnic category; those of mixed heritage and other groups bear names of any.
_OF: dict[str, Tradition] = {
    "A": _ENGLISH, "B": _ENGLISH, "C": _EUROPEAN, "D": _ENGLISH, "E": _ENGLISH, "F": _ENGLISH, "G": _EUROPEAN,
    "H": _INDIAN, "J": _MUSLIM, "K": _MUSLIM, "L": _INDIAN, "M": _ENGLISH, "N": _AFRICAN, "P": _ENGLISH, "R": _CHINESE,
    "S": _MUSLIM,
}  # fmt: skip
#: Given names of a tradition and sex, and how steeply their frequencies fall by the decade of birth.
GIVEN = 140
_FALL_BEFORE, _FALL_NOW = 1.05, 0.62


def draw(ethnicity: np.ndarray, female: np.ndarray, year: np.ndarray,
         rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Given and family name of each person, by index into ``ETHNICITY``, sex and year of birth."""
    given = np.empty(len(year), object)
    family = np.empty(len(year), object)
    for i, (group, *_) in enumerate(ETHNICITY):
        tradition = _OF[group]
        mine = np.flatnonzero(ethnicity == i)
        family[mine] = families(group)[_ranks(len(mine), tradition.count, tradition.flat, tradition.fall, rng)]
        for sex in (False, True):
            those = mine[female[mine] == sex]
            given[those] = _given(givens(group, sex), year[those], rng)
    return given, family


@cache
def families(group: str) -> np.ndarray:
    """Family names of an ethnic category, the commonest first."""
    t = _OF[group]
    return _built([t.begins, t.middles, t.ends], t.count, 7)


@cache
def givens(group: str, female: bool) -> np.ndarray:
    """Given names, in the order of no particular decade."""
    t = _OF[group]
    return _built([t.begins, ("", *t.middles, "la", "ri", "ne"), t.female if female else t.male], GIVEN, 11 + female)


def _built(parts: list[tuple[str, ...]], count: int, shuffle: int) -> np.ndarray:
    every = sorted({a + b + c for a in parts[0] for b in parts[1] for c in parts[2]})
    np.random.Generator(np.random.SFC64(shuffle)).shuffle(every)
    return np.array([name.title() for name in every[:count]], object)


def _given(names: np.ndarray, year: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Fashion moves: the order of popularity turns a little every decade."""
    decade = np.clip((year - 1900) // 10, 0, 12)
    out = np.empty(len(year), object)
    for d in np.unique(decade):
        those = np.flatnonzero(decade == d)
        fall = _FALL_BEFORE + (_FALL_NOW - _FALL_BEFORE) * np.clip((d - 4) / 6, 0, 1)
        ranks = _ranks(len(those), len(names), 1.0, float(fall), rng)
        out[those] = names[(ranks + 9 * int(d)) % len(names)]
    return out


def _ranks(people: int, names: int, flat: float, fall: float, rng: np.random.Generator) -> np.ndarray:
    weights = np.cumsum((np.arange(1, names + 1) + flat) ** -fall)
    return np.searchsorted(weights, rng.random(people) * weights[-1]).clip(0, names - 1)
