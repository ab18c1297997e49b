"""How good linking is: against a key that says who everybody is, where there is one, and by what the model expects, always.

*Precision*: of the links made, how many are right. *Recall*: of the people without an NHS number whom the area's data hold under one,
how many are linked with that one. Both by the group of the person whom the entry truly is about, since an error that befalls one
group more often than another makes the lists unfair to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as arrow
import pyarrow.compute as pc
import pyarrow.parquet as parquet

from features.errors import BadInput
from features.linkage.identity import IdentityStore
from features.record.one_person import PROBABLE, held_links, periods
from features.record.reader import Record
from features.standing import CARE_HOMES

#: Columns of a key: a sender's own number, and the NHS number of the person behind it (null: nobody of the area).
KEY = ("local_id", "nhs_number")
AGES = {0: "0-17", 18: "18-64", 65: "65-79", 80: "80 and over"}
ETHNIC_GROUPS = {"white": "ABC", "mixed": "DEFG", "asian": "HJKL", "black": "MNP", "other": "RS"}
NOT_RECORDED = "not recorded"
GROUPS = ("ethnic group", "age", "care home")


@dataclass(frozen=True)
class Measured:
    """``total`` and ``groups`` (by :data:`GROUPS` and value): ``people`` without a number whom the area holds under one, how many of
    them are ``linked``, how many ``right``, ``recall``, and of the links ``precision`` (None: there is none)."""

    total: Mapping[str, Any]
    groups: Sequence[Mapping[str, Any]]


def measure(record: Path, identity: IdentityStore, key: Path) -> Measured:
    """The figures of the links by probability that stand, against ``key`` (Parquet with :data:`KEY`). :class:`BadInput` where that is
    no key of these people."""
    frame = truth(identity, key)
    reads = standing(record)
    frame["linked"] = np.array([reads.get(other, 0) for other in frame["other"].tolist()], dtype=np.int64)
    frame["right"] = (frame["linked"] != 0) & (frame["linked"] == frame["person"])
    about = described(record, frame["person"].where(frame["person"] != 0, frame["linked"]))
    for name in GROUPS:
        frame[name] = about[name].to_numpy()
    groups = [
        {"group": name, "value": value, **_figures(rows)}
        for name in GROUPS
        for value, rows in frame.groupby(name, sort=True)
    ]
    return Measured(_figures(frame), groups)


def _figures(rows: pd.DataFrame) -> dict[str, Any]:
    held, linked, right = int((rows["person"] != 0).sum()), int((rows["linked"] != 0).sum()), int(rows["right"].sum())
    return {"people": held, "linked": linked, "right": right, "recall": right / held if held else None,
            "precision": right / linked if linked else None}  # fmt: skip


def truth(identity: IdentityStore, key: Path) -> pd.DataFrame:
    """``other`` (a person without an NHS number) and ``person``, who that truly is (0: nobody of the area), one row an other."""
    try:
        table = parquet.read_table(key)
    except (OSError, arrow.ArrowInvalid) as error:
        raise BadInput(f"expected a key as Parquet in {key}, and cannot read it") from error
    missing = [name for name in KEY if name not in table.column_names]
    if missing:
        raise BadInput(f"{key}: expected columns {', '.join(KEY)}; {', '.join(missing)} not found")
    numbered, local = identity.held.numbers()
    none = arrow.nulls(table.num_rows, arrow.string())
    sources = sorted({source for of in local.values() for source in of})
    other = np.zeros(table.num_rows, dtype=np.int64)
    # The national submissions put the sender's code before its own number.
    held = [table["local_id"].combine_chunks()]
    if "sender" in table.column_names:
        held.append(pc.binary_join_element_wise(table["sender"].combine_chunks(), held[0], "_"))
    for source in sources:
        for local_id in held:
            other = np.maximum(other, identity.find(none, source, local_id))
    person = identity.find(table["nhs_number"].combine_chunks(), "", none)
    frame = pd.DataFrame({"other": other, "person": person}).drop_duplicates("other")
    frame = frame[(frame["other"] != 0) & ~frame["other"].isin(numbered)].reset_index(drop=True)
    if frame.empty:
        raise BadInput(f"{key} names nobody whom this identity store holds without an NHS number; check FRAILTY_HOME")
    return frame


def standing(record: Path) -> dict[int, int]:
    """Whom everybody linked by probability reads as, by those links alone."""
    with Record(record, purpose="ingest") as held:
        said = [row for row in held_links(held.connection) if row.reason == PROBABLE]
        rows = held.connection.execute("SELECT DISTINCT person_id FROM registration").fetchall()
    found = periods(said, {person for (person,) in rows})
    return {p.person_id: p.one for p in found if p.known_until is None and p.one != p.person_id}


def described(record: Path, person_id: pd.Series) -> pd.DataFrame:
    """:data:`GROUPS` of each of ``person_id``, as text, in their order."""
    with Record(record, purpose="ingest") as held:
        newest = held.newest_known_at()
        told = held.connection.execute(
            f"""
            SELECT p.person_id, arg_max(p.ethnicity, p.known_at) AS ethnicity,
                date_diff('year', arg_max(p.birth_month, p.known_at), DATE '{newest}') AS age,
                coalesce(bool_or(r.kind IN {CARE_HOMES}), false) AS home
            FROM person p LEFT JOIN residence r
                ON r.person_id = p.person_id AND r.end_date IS NULL AND r.known_until IS NULL
            GROUP BY 1"""
        ).df()
    group = {code: name for name, codes in ETHNIC_GROUPS.items() for code in codes}
    told["ethnic group"] = told["ethnicity"].map(group).astype(object).fillna(NOT_RECORDED)
    told["age"] = (
        pd.cut(told["age"], [*AGES, 200], right=False, labels=list(AGES.values())).astype(object).fillna(NOT_RECORDED)
    )
    told["care home"] = np.where(told["home"], "yes", "no")
    found = told.set_index("person_id").reindex(person_id)[list(GROUPS)]
    return found.astype(object).fillna(NOT_RECORDED).reset_index(drop=True)
