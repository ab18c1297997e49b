"""What goes wrong between what is true and what an extract says: how often, and done to rows by a seeded generator.

Two kinds of error. *Of whose a row is*: made once for each person and sender, for a hospital that has a birth date wrong has it
wrong in every row (:meth:`Dirt.register`). *Of a row*: it comes late, twice, wrong at first and put right later, or without
the NHS number that its neighbours have (:meth:`Dirt.blots`). Every writer of a shape draws both here and tells the key
(:mod:`~features.population.writing.key`) what it did.

Rates are round assumptions of the order that linkage studies of English hospital data report: 4.1% of true pairs missed by a
deterministic match, 0.2% matched wrongly, more often for Asian, Black and other groups than for White (Hagger-Johnson and others,
BMJ Open 2015;5:e008118); names disagree most, then postcodes, then birth dates and sex (Harron and others, BMC Medical Research
Methodology 2017;17:23).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as arrow

from features.population.writing import misspelling
from features.population.writing.register import Register

Flags = npt.NDArray[np.bool_]
#: Groups whose names and numbers go wrong more often, and how many times as often.
OTHER_GROUPS, MORE_OFTEN = tuple("HJKLMNPRS"), 1.8


@dataclass(frozen=True)
class Blots:
    """Which rows of some (flags, each row at most one): come with the next delivery, stand twice, are first sent wrong, lack
    the NHS number."""

    late: Flags
    duplicate: Flags
    corrected: Flags
    unnumbered: Flags

    @property
    def names(self) -> npt.NDArray[np.object_]:
        """The error of each row by name; null where there is none."""
        out = np.full(len(self.late), None, dtype=object)
        for one in fields(self):
            out[getattr(self, one.name)] = one.name
        return out


@dataclass(frozen=True)
class Dirt:
    """The chance of each error."""

    # Of a person's entry in a sender's register.
    number_missing: float = 0.012
    number_malformed: float = 0.002  # two neighbouring digits swapped
    number_of_another: float = 0.0004
    birth_transposed: float = 0.005  # day and month swapped
    birth_mistyped: float = 0.004  # a digit of the year or the day
    name_misspelt: float = 0.03
    name_short: float = 0.03  # an initial for the given name
    names_swapped: float = 0.003
    name_former: float = 0.02  # another family name, borne before
    sex_wrong: float = 0.002
    moved: float = 0.08  # the address before the last
    postcode_missing: float = 0.01
    twice: float = 0.006  # two entries, each with some of the rows
    # Of a row.
    late: float = 0.01
    duplicate: float = 0.004
    corrected: float = 0.004
    unnumbered: float = 0.002

    def __post_init__(self) -> None:
        wrong = [one.name for one in fields(self) if not 0 <= getattr(self, one.name) <= 1]
        if wrong:
            raise ValueError(f"expected chances between 0 and 1, found something else for {', '.join(wrong)}")

    def but(self, **rates: float) -> Dirt:
        """The same with other rates: what a sender is worse or better at."""
        return replace(self, **rates)

    def register(self, people: arrow.Table, sender: str, rng: np.random.Generator) -> Register:
        """The register of ``sender``: an entry (some have two) for each of ``people`` (:attr:`Tables.people`, or some of its
        rows)."""
        true = people.to_pandas(date_as_object=False)
        second = true[rng.random(len(true)) < self.twice]
        entries = pd.concat([true, second], ignore_index=True)
        n = len(entries)
        often = np.where(entries["ethnicity"].isin(OTHER_GROUPS), MORE_OFTEN, 1.0)
        errors = np.full(n, "", dtype=object)

        def struck(rate: str, among: Flags | None = None) -> Flags:
            """Draws who is struck, and notes it."""
            hit = rng.random(n) < getattr(self, rate) * often
            hit = hit if among is None else hit & among
            errors[hit] += np.where(errors[hit] == "", rate, " " + rate)
            return hit

        number = entries["nhs_number"].to_numpy(dtype=object, copy=True)
        for rate, made in (
            ("number_of_another", lambda held: rng.choice(true["nhs_number"].to_numpy(dtype=object), len(held))),
            ("number_malformed", lambda held: misspelling.swapped_digits(held, rng)),
            ("number_missing", lambda held: np.full(len(held), None, dtype=object)),
        ):
            hit = struck(rate)
            number[hit] = made(number[hit])
        born = entries["birth_date"].to_numpy(copy=True).astype("datetime64[D]")
        can = misspelling.can_transpose(born)
        hit = struck("birth_transposed", can)
        born[hit] = misspelling.transposed(born[hit])
        hit = struck("birth_mistyped")
        born[hit] = misspelling.mistyped(born[hit], rng)
        given, family = (entries[name].to_numpy(dtype=object, copy=True) for name in ("given_name", "family_name"))
        hit = struck("name_former")
        family[hit] = rng.permutation(family)[: hit.sum()]
        for names in (given, family):
            hit = struck("name_misspelt")
            names[hit] = misspelling.misspelt(names[hit], rng)
        hit = struck("name_short")
        given[hit] = [name[:1] for name in given[hit]]
        hit = struck("names_swapped")
        given[hit], family[hit] = family[hit], given[hit]
        sex = entries["sex"].to_numpy(dtype=object, copy=True)
        hit = struck("sex_wrong")
        sex[hit] = np.where(sex[hit] == "female", "male", "female")
        address, postcode = (entries[name].to_numpy(dtype=object, copy=True) for name in ("address", "postcode"))
        hit = struck("moved", entries["postcode_before"].notna().to_numpy())
        address[hit], postcode[hit] = (entries[f"{name}_before"].to_numpy(dtype=object)[hit] for name in ("address", "postcode"))  # fmt: skip
        hit = struck("postcode_missing")
        postcode[hit] = None
        local = rng.permutation(9 * n)[:n] + 1_000_000
        return Register(sender, pd.DataFrame({
            "person": entries["person"], "local_id": [f"{sender}-{number}" for number in local], "nhs_number": number,
            "given_name": given, "family_name": family, "birth_date": born, "sex": sex, "address": address,
            "postcode": postcode, "ethnicity": entries["ethnicity"], "true_nhs_number": entries["nhs_number"],
            "error": [error or None for error in errors],
        }))  # fmt: skip

    def blots(self, count: int, rng: np.random.Generator) -> Blots:
        """Which of ``count`` rows go wrong, and how."""
        draw, low = rng.random(count), 0.0
        made: dict[str, Flags] = {}
        for one in fields(Blots):
            high = low + getattr(self, one.name)
            made[one.name] = (draw >= low) & (draw < high)
            low = high
        return Blots(**made)

    def spoil(self, rows: pd.DataFrame, rng: np.random.Generator, *, delivery: str, last: npt.NDArray[np.int64] | int,
              wrong: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
              number: str = "nhs_number") -> pd.DataFrame:  # fmt: skip
        """``rows`` with errors of rows: ``delivery`` is the column that numbers each row's delivery, ``last`` the last
        there is. A late row goes to the next delivery (one of the last delivery stays); a duplicate stands twice; one to be
        corrected stands in its own delivery as ``wrong`` makes it, and right in the next; an unnumbered one has nothing in
        the column ``number``. A column ``error`` is added: its name, or null.
        """
        blots = self.blots(len(rows), rng)
        has_next = rows[delivery].to_numpy() < last
        names = blots.names
        names[(blots.late | blots.corrected) & ~has_next] = None
        names[blots.corrected & (wrong is None)] = None
        names[blots.unnumbered & (number not in rows)] = None
        rows = rows.assign(error=names)
        rows.loc[blots.late & has_next, delivery] += 1
        if number in rows:
            rows.loc[blots.unnumbered, number] = None
        more = [rows, rows[blots.duplicate]]
        right = rows[blots.corrected & has_next]
        if wrong is not None and len(right):
            first = wrong(right.copy())
            rows.loc[right.index, delivery] += 1
            more.append(first)
        return pd.concat(more, ignore_index=True) if sum(map(len, more[1:])) else rows


CLEAN = Dirt(**{one.name: 0.0 for one in fields(Dirt)})
