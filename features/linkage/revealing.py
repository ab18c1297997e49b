"""The NHS number behind a ``person_id``, for somebody who may have it. It reads one person's seals and changes nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from features.errors import MissingPart
from features.linkage.sealing import Seal, read_key
from features.linkage.vault import FILE, TOKENED

#: Before an NHS number in what an identifier is kept as (:mod:`features.linkage.identity`).
NHS = "nhs|"


def nhs_numbers(folder: Path, key_file: Path, person_id: int) -> list[str]:
    """The NHS numbers by which the identity store in ``folder`` knows somebody, each ten digits; none for whom it knows by local ids alone.

    :class:`~features.errors.MissingPart` where there is no store or no key here: an area may keep both away from the service.
    """
    if not (folder / FILE).is_file() or not key_file.is_file():
        raise MissingPart(
            "the identity store or its key is not on this machine, so nobody can be told by NHS number here"
        )
    seal = Seal(read_key(key_file), TOKENED["token"])
    try:
        with closing(sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True)) as opened:
            rows = opened.execute("SELECT sealed FROM token WHERE person_id = ?", (person_id,)).fetchall()
    except sqlite3.Error as error:
        raise MissingPart("the identity store cannot be read now; try again") from error
    names = sorted(seal.open(sealed).decode() for (sealed,) in rows)
    return [name.removeprefix(NHS) for name in names if name.startswith(NHS)]
