"""How hard a text is to read: the age at which a pupil can."""

from __future__ import annotations

import re

#: School years of Kincaid and others (1975, Naval Technical Training Command Research Branch Report 8-75) begin at five years of age.
STARTS_SCHOOL = 5
_SENTENCE, _WORD, _VOWELS = re.compile(r"[.!?]+"), re.compile(r"[A-Za-z']+|\d+|&"), re.compile(r"[aeiouy]+")
#: Said as letters.
_SPELT = {"GP": 2, "A": 1, "E": 1, "NHS": 3}


def syllables(word: str) -> int:
    """About how many syllables a word has: its groups of vowels, less a silent e at the end."""
    if word in _SPELT:
        return _SPELT[word]
    if word.isdigit():
        return len(word)
    small = word.lower()
    found = len(_VOWELS.findall(small))
    silent = (small.endswith("e") and not small.endswith(("le", "ee"))) or (
        small.endswith("ed") and small[-3:-2] not in "td"
    )
    return max(1, found - silent)


def reading_age(text: str) -> float:
    """Years: the Flesch-Kincaid grade (0.39 words a sentence + 11.8 syllables a word - 15.59) and five."""
    words = _WORD.findall(text)
    sentences = [part for part in _SENTENCE.split(text) if _WORD.search(part)]
    if not words:
        return float(STARTS_SCHOOL)
    grade = 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    return max(0.0, grade) + STARTS_SCHOOL
