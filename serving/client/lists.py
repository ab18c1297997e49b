"""Lists and files of them, from the service: pages of one run, whatever is published meanwhile, and nothing where nothing changed."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar, cast

from pydantic import BaseModel

from serving.client.connection import Connection, read
from serving.shapes.events import InHospital
from serving.shapes.lists import PracticeList
from serving.shapes.lists_beside import Criteria, CriterionList, HospitalAtHome, WiderList
from serving.shapes.person import Person

T = TypeVar("T")
Shape = TypeVar("Shape", bound=BaseModel)
#: What stands before lines of a file that are about it and not about a person.
MARK = "# "


@dataclass(frozen=True)
class Tagged(Generic[T]):
    """An answer and its ETag: what a later question says it has, and what a write says that it rests on."""

    value: T
    etag: str


@dataclass(frozen=True)
class File:
    """A file as the service made it: its ``content``, the ``name`` that it goes by and its SHA-256, which stands in the audit of whoever gave it."""

    content: bytes
    name: str
    sha256: str

    def rows(self) -> list[dict[str, str]]:
        """The people of a CSV file, by column; what is said of the file itself is left out."""
        lines = csv.reader(io.StringIO(self.content.decode("utf-8-sig"), newline=""))
        head = next(lines)
        return [dict(zip(head, line, strict=True)) for line in lines if not line[0].startswith(MARK)]


class Lists:
    """The calls for lists. ``unless`` is the ETag of the answer held: None is the answer where nothing changed since."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def practice_list(
        self, practice: str, *, run: int | None = None, after: int | None = None, limit: int | None = None, unless: str | None = None
    ) -> Tagged[PracticeList] | None:  # fmt: skip
        """A page of a practice's list."""
        return self._page(PracticeList, f"practices/{practice}/list", run, after, limit, unless)

    def listed(self, practice: str, *, run: int | None = None, limit: int | None = None) -> Iterator[Person]:
        """Everybody on a practice's list by rank, page after page of one run, whatever is published meanwhile."""
        return self._every(self.practice_list, practice, run, limit)

    def list_over(
        self, kind: Literal["team", "network", "place"], code: str, *, run: int | None = None, after: int | None = None, limit: int | None = None,
        unless: str | None = None,
    ) -> Tagged[WiderList] | None:  # fmt: skip
        """A page of the list over the practices of a team, a network or a place."""
        return self._page(WiderList, f"{kind}s/{code}/list", run, after, limit, unless)

    def list_by_outcome(
        self, practice: str, outcome: str, *, run: int | None = None, after: int | None = None, limit: int | None = None, unless: str | None = None
    ) -> Tagged[WiderList] | None:  # fmt: skip
        """A page of a practice's list by an outcome scored beside."""
        return self._page(WiderList, f"practices/{practice}/lists/{outcome}", run, after, limit, unless)

    def criteria(self, practice: str, *, run: int | None = None, unless: str | None = None) -> Tagged[Criteria] | None:
        """How many of a practice meet each criterion, and of how many it is not known."""
        return self._page(Criteria, f"practices/{practice}/criteria", run, None, None, unless)

    def criterion_list(
        self, practice: str, criterion: str, *, run: int | None = None, after: int | None = None, limit: int | None = None, unless: str | None = None
    ) -> Tagged[CriterionList] | None:  # fmt: skip
        """A page of who of a practice meets a criterion, and why."""
        return self._page(CriterionList, f"practices/{practice}/criteria/{criterion}", run, after, limit, unless)

    def hospital_at_home(
        self, practice: str, *, run: int | None = None, after: int | None = None, limit: int | None = None, unless: str | None = None
    ) -> Tagged[HospitalAtHome] | None:  # fmt: skip
        """A page of who of a practice is in hospital at home, in the order of admission."""
        return self._page(HospitalAtHome, f"practices/{practice}/hospital-at-home", run, after, limit, unless)

    def in_hospital(
        self, practice: str, *, run: int | None = None, after: int | None = None, limit: int | None = None, unless: str | None = None
    ) -> Tagged[InHospital] | None:  # fmt: skip
        """A page of who of a practice is in hospital now; nobody where ``feed.fresh`` is false, which means that it is not known."""
        return self._page(InHospital, f"practices/{practice}/in-hospital", run, after, limit, unless)

    def export(
        self, practice: str, what: str = "list", *, of: str | None = None, format: Literal["csv", "xlsx"] = "csv", columns: Sequence[str] | None = None,
        reason: str | None = None,
    ) -> File:  # fmt: skip
        """A practice's list, register or scores as a file; ``of`` which criterion or outcome; ``reason`` why people are to be told by NHS number."""
        said = {"what": what, "of": of, "reason": reason}
        return self._file(f"practices/{practice}", format, columns, {name: value for name, value in said.items() if value is not None})  # fmt: skip

    def export_over(
        self, kind: Literal["team", "network", "place"], code: str, *, format: Literal["csv", "xlsx"] = "csv", columns: Sequence[str] | None = None
    ) -> File:  # fmt: skip
        """The list of a team, a network or a place as a file."""
        return self._file(f"{kind}s/{code}", format, columns, {})

    def _file(self, whose: str, form: str, columns: Sequence[str] | None, said: dict[str, str]) -> File:
        body = {**said, "format": form, **({} if columns is None else {"columns": list(columns)})}
        answer = self._connection.send("POST", f"/v1/{whose}/exports", json=body, headers={"Accept": "*/*"})
        told = base64.b64decode(answer.headers["content-digest"].removeprefix("sha-256=:").removesuffix(":"))
        if hashlib.sha256(answer.content).digest() != told:
            raise OSError("the file did not arrive whole; ask again")
        name = answer.headers["content-disposition"].partition('filename="')[2].rstrip('"')
        return File(answer.content, name, told.hex())

    def _page(
        self, shape: type[Shape], path: str, run: int | None, after: int | None, limit: int | None, unless: str | None
    ) -> Tagged[Shape] | None:  # fmt: skip
        headers = {} if unless is None else {"If-None-Match": unless}
        params = {"run": run, "after": after, "limit": limit}
        answer = self._connection.send("GET", f"/v1/{path}", params=params, headers=headers)
        return None if answer.status_code == 304 else Tagged(read(shape, answer), answer.headers["etag"])

    def _every(
        self, page: Callable[..., Tagged[Any] | None], of: str, run: int | None, limit: int | None
    ) -> Iterator[Any]:
        after: int | None = None
        while True:
            answer = cast(Tagged[Any], page(of, run=run, after=after, limit=limit))
            yield from answer.value.people
            run, after = answer.value.run, answer.value.next
            if after is None:
                return
