"""What a kind of extract must offer so that its rows can enter the record.

A source reads files and speaks the record's own vocabulary: it hands over batches of rows in the *native shape*, and the
ingest does the rest (identifiers, types, checks, versions, ledger). The native shape of a table is its own columns
without the keys that the record fills itself, and in their place:

``nhs_number``, ``local_id``
    text; at least one filled. An NHS number may hold spaces or hyphens. A local id means one person throughout all
    extracts whose :attr:`Source.name` is the same.
``row_key``
    text, optional: the source's own key of the thing, unique within table and :attr:`Source.name`. Versions of one thing
    share it. Without it a person and a death are known by the person, a registration by person, practice, kind and first
    day, and any other row by its content, so that a corrected row is another thing: give a key wherever there is one.
``spell_key``
    ``diagnosis`` only: the ``row_key`` of the stay, in place of ``spell_id``.
``other_nhs_number``, ``other_local_id``
    ``person_link`` only: the other person.
``feed``
    text: key of a row of :meth:`Source.feeds`.
``known_until``
    optional: the day from which the row no longer held. Left out, a version ends where the next one begins.
any of :data:`HELD_APART`
    optional: kept, sealed, in the identity store alone.
``source_row``
    int64, optional: the row's number in its file; counted from ``first_row`` where it is left out.

A column may hold its table's type, or text that reads as it (ISO dates, ``true``/``false``, digits). Versions of one day
are taken in the order of the file: the last is the day's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import pyarrow as arrow

from features.errors import BadInput
from features.progress import Progress

#: Columns of a native row that say whose it is and which thing it tells of.
IDENTIFIERS = ("nhs_number", "local_id")
OTHER_IDENTIFIERS = ("other_nhs_number", "other_local_id")
#: What identifies a person beyond their numbers. It never enters the record.
HELD_APART = ("full_name", "given_name", "family_name", "birth_date", "address", "postcode", "telephone", "email")
#: Columns of the feed file, beside its key ``feed``.
FEED_COLUMNS = ("known_at", "known_until", "source", "table_name", "organisation", "organisation_scheme", "covers",
                "period_from", "period_to", "purposes")  # fmt: skip
_DAYS = ("known_at", "known_until", "period_from", "period_to")
#: The same with its key, and their types.
FEED_SHAPE = arrow.schema(
    [(name, arrow.date32() if name in _DAYS else arrow.string()) for name in ("feed", *FEED_COLUMNS)]
)


@dataclass(frozen=True)
class InputFile:
    """One thing that decides which rows a source gives: a file of the extract, a mapping, or options put as text.
    ``file`` is its name within the extract, ``sha256`` the hash of its bytes, ``size`` those bytes."""

    file: str
    sha256: str
    size: int = 0


@dataclass(frozen=True)
class Fault:
    """A fault in an extract's structure: nothing of it can be taken in. ``expected``, ``found`` and ``remedy`` are
    phrases that name files and columns and never a value of a person's row."""

    file: str
    where: str
    expected: str
    found: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}, {self.where}" if self.where else self.file
        return f"{place}: expected {self.expected}, found {self.found}; {self.remedy}"


@dataclass(frozen=True)
class Rejected:
    """A row that the source itself could not read. ``value`` is what was there, if anything: the ingest masks it."""

    source_row: int
    field: str
    reason: str
    value: str | None = None


@dataclass(frozen=True)
class Batch:
    """Rows bound for one table, from one file: some 250,000 at most.

    Every row of the file is in ``frame``, counted in ``dropped`` under a named rule, or listed in ``refused``. A file
    that feeds several tables is read once for each (table, rule), and accounted for once for each.
    """

    table: str
    file: str
    frame: arrow.Table
    rule: str = "native"
    first_row: int = 1
    dropped: Mapping[str, int] = field(default_factory=dict)
    refused: Sequence[Rejected] = ()


class Source(Protocol):
    """One extract, opened. Making one reads nothing but what it needs to know where its files are. ``name`` is the kind
    of extract, or what a mapping calls its own: local ids and row keys mean something within it."""

    name: str

    def inputs(self) -> list[InputFile]:
        """Everything that decides the rows: equal inputs give equal rows."""
        ...

    def check(self) -> list[Fault]:
        """Faults of structure (missing file, encoding, unknown or missing column, no rows), all of them; none: []."""
        ...

    def about(self) -> dict[str, str]:
        """What data it is: ``kind`` (``simulated``, ``real`` or ``demonstration``) and ``title``."""
        ...

    def feeds(self) -> arrow.Table:
        """One row a delivery: ``feed`` (key), and :data:`FEED_COLUMNS`."""
        ...

    def batches(self, progress: Progress) -> Iterator[Batch]:
        """The rows, streamed."""
        ...


@runtime_checkable
class MayBeEmpty(Protocol):
    """A source of which an extract without rows is a delivery with nothing in it, as a small area's may be."""

    def warnings(self) -> list[str]:
        """What is suspicious about an extract that is taken in all the same, a sentence each; none: []."""
        ...


def refuse(name: str, faults: Sequence[Fault]) -> None:
    """Raise :class:`BadInput` with every fault at once, where there are any."""
    if faults:
        told = "\n".join(f"  - {fault}" for fault in faults)
        raise BadInput(f"the {name} extract does not fit; nothing was written:\n{told}")
