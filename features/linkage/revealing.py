"""The NHS number behind a ``person_id``, and whom a number stands for, for somebody who may have it. It reads one person's rows and changes nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from features.errors import MissingPart
from features.linkage.sealing import Key, Seal, Tokens, read_key
from features.linkage.vault import FILE, TOKENED

#: Before an NHS number in what an identifier is kept as (:mod:`features.linkage.identity`).
NHS = "nhs|"


def nhs_numbers(folder: Path, key_file: Path, person_id: int) -> list[str]:
    """The NHS numbers by which the identity store in ``folder`` knows somebody, each ten digits; none for whom it knows by local ids alone.

    :class:`~features.errors.MissingPart` where there is no store or no key here: an area may keep both away from the service.
    """
    return [name.removeprefix(NHS) for name in identifiers(folder, key_file, person_id) if name.startswith(NHS)]


def only_nhs_number(folder: Path, key_file: Path, person_id: int) -> str | None:
    """Somebody's one NHS number, ten digits; None where there is none, and of whoever is known by two: they are not told by one of them. Errors as of
    :func:`nhs_numbers`."""
    numbers = nhs_numbers(folder, key_file, person_id)
    return numbers[0] if len(numbers) == 1 else None


def identifiers(folder: Path, key_file: Path, person_id: int) -> list[str]:
    """Every identifier by which the identity store knows somebody, each with its kind or source before it (``nhs|…``). Errors as of :func:`nhs_numbers`."""
    seal = Seal(_opened(folder, key_file), TOKENED["token"])
    rows = _asked(folder, "SELECT sealed FROM token WHERE person_id = ?", person_id)
    return sorted(seal.open(sealed).decode() for (sealed,) in rows)


def person_of(folder: Path, key_file: Path, nhs_number: str) -> int | None:
    """Whom an NHS number (ten digits) stands for in the identity store; None where it stands for nobody. Nobody is made up for a number that is new.

    Errors as of :func:`nhs_numbers`.
    """
    key = _opened(folder, key_file)
    (token,) = Tokens(key).of([NHS + nhs_number])
    rows = _asked(folder, "SELECT person_id FROM token WHERE token = ?", token)
    return int(rows[0][0]) if rows else None


def _opened(folder: Path, key_file: Path) -> Key:
    if not (folder / FILE).is_file() or not key_file.is_file():
        raise MissingPart(
            "the identity store or its key is not on this machine, so nobody can be told by NHS number here"
        )
    return read_key(key_file)


def _asked(folder: Path, question: str, about: Any) -> list[tuple[Any, ...]]:
    try:
        with closing(sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True)) as opened:
            return opened.execute(question, (about,)).fetchall()
    except sqlite3.Error as error:
        raise MissingPart("the identity store cannot be read now; try again") from error
