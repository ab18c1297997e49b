"""The organisation directory, as an area writes it: one TOML file of organisations, teams and users, each with its days.

It is the only source of relationships. An import adds and changes what the file names and leaves everything else; nothing
is ever deleted, since old runs were read under old relationships: what ends gets a ``to``, its first day without.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from features.coding import SCHEMES, MalformedCode
from features.errors import BadInput
from risk.store import Store

Kind = Literal["practice", "network", "place", "trust", "council", "voluntary", "system"]
TeamKind = Literal["neighbourhood", "virtual_ward", "community", "social_care", "practice"]
Role = Literal["gp", "nurse", "matron", "social_worker", "voluntary_sector", "call_handler", "coordinator", "analyst",
               "information_governance"]  # fmt: skip
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Row = tuple[str, dict[str, Any]]


class Unfit(BadInput):
    """The file does not fit; nothing was changed."""


class Dated(BaseModel):
    """In force from ``from``, up to but not on ``to``."""

    model_config = ConfigDict(extra="forbid")
    valid_from: date = Field(alias="from")
    valid_to: date | None = Field(None, alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Dated:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("it ends before it begins")
        return self

    @property
    def days(self) -> dict[str, Any]:
        return {"valid_from": self.valid_from, "valid_to": self.valid_to}


class Place(Dated):
    """Something at an organisation, whose code carries its scheme."""

    scheme: Literal["ods", "local"] = "ods"

    def checked(self, code: str) -> str:
        try:
            return SCHEMES[self.scheme].check(code)
        except MalformedCode as error:
            raise ValueError(str(error)) from error


class PartOf(Place):
    code: Short


class Organisation(Place):
    code: Short
    name: Words
    kind: Kind
    part_of: list[PartOf] = []

    def rows(self) -> Iterator[Row]:
        own = {"scheme": self.scheme, "code": self.code}
        yield "organisation", {**own, "name": self.name, "kind": self.kind, **self.days}
        for whole in self.part_of:
            yield "organisation_part", {**own, "whole_scheme": whole.scheme, "whole": whole.code, **whole.days}

    @model_validator(mode="after")
    def _well_formed(self) -> Organisation:
        self.checked(self.code)
        return self


class Covers(Place):
    practice: Short


class Team(Place):
    id: Short
    name: Words
    kind: TeamKind
    organisation: Short
    #: People that it can take on at a time; the length of its list. None: the practices' share.
    capacity: Annotated[int, Field(ge=1, le=100_000)] | None = None
    covers: list[Covers] = []

    def rows(self) -> Iterator[Row]:
        yield "team", {"team_id": self.id, "name": self.name, "kind": self.kind, "scheme": self.scheme,
                       "organisation": self.organisation, "capacity": self.capacity, **self.days}  # fmt: skip
        for covered in self.covers:
            yield (
                "team_cover",
                {"team_id": self.id, "scheme": covered.scheme, "practice": covered.practice, **covered.days},
            )


class HeldRole(Place):
    role: Role
    organisation: Short | None = None
    team: Short | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> HeldRole:
        if (self.organisation is None) == (self.team is None):
            raise ValueError("a role is held at an organisation or in a team, one of the two")
        return self


class User(Dated):
    id: Short
    subject: Words
    name: Words
    roles: list[HeldRole] = []

    def rows(self) -> Iterator[Row]:
        yield "app_user", {"user_id": self.id, "subject": self.subject, "name": self.name, **self.days}
        for held in self.roles:
            scheme = held.scheme if held.organisation else None
            yield "user_role", {"user_id": self.id, "role": held.role, "scheme": scheme,
                                "organisation": held.organisation, "team_id": held.team, **held.days}  # fmt: skip


class File(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid")
    organisation: list[Organisation] = []
    team: list[Team] = []
    user: list[User] = []

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """The rows that it stands for, by table."""
        tables: dict[str, list[dict[str, Any]]] = {}
        entries: tuple[Organisation | Team | User, ...] = (*self.organisation, *self.team, *self.user)
        for table, row in chain.from_iterable(entry.rows() for entry in entries):
            tables.setdefault(table, []).append(row)
        return tables


def read(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of a directory file, by table. :class:`Unfit` names everything that does not fit."""
    try:
        return File.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).rows()
    except OSError as error:
        raise Unfit(f"expected an organisation file at {path}, could not read it: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Unfit(f"expected TOML in UTF-8 in {path.name}, found something else: {error}") from error
    except ValidationError as error:
        faults = [f"{_where(fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        more = f"; and {len(faults) - 20} more" if len(faults) > 20 else ""
        raise Unfit(f"{path.name} does not fit, and nothing was changed: {'; '.join(faults[:20])}{more}") from error


def import_file(store: Store, path: Path) -> dict[str, dict[str, int]]:
    """Take a file into the directory, whole or not at all; by table, how many rows were added, changed and the same."""
    rows = read(path)
    unknown = sorted(_named(rows) - _known(store, rows))
    if unknown:
        raise Unfit(
            f"{path.name} names {', '.join(unknown[:20])}, which neither it nor the directory has; nothing was changed"
        )
    return store.write_directory(rows)


def _where(loc: tuple[int | str, ...]) -> str:
    """A place in the file as a reader counts: ("team", 0, "covers") is "team 1 covers"."""
    return " ".join(str(step + 1) if isinstance(step, int) else step for step in loc) or "the file"


def _named(rows: dict[str, list[dict[str, Any]]]) -> set[str]:
    """What rows refer to, as "organisation ods A81001" and "team north"."""
    found = {f"organisation {r['whole_scheme']} {r['whole']}" for r in rows.get("organisation_part", ())}
    found |= {f"organisation {r['scheme']} {r['practice']}" for r in rows.get("team_cover", ())}
    for row in (*rows.get("team", ()), *rows.get("user_role", ())):
        if row["organisation"] is not None:
            found.add(f"organisation {row['scheme']} {row['organisation']}")
        elif row["team_id"] is not None:
            found.add(f"team {row['team_id']}")
    return found


def _known(store: Store, rows: dict[str, list[dict[str, Any]]]) -> set[str]:
    found: set[str] = set()
    for tables in (store.directory(), rows):
        found |= {f"organisation {row['scheme']} {row['code']}" for row in tables.get("organisation", ())}
        found |= {f"team {row['team_id']}" for row in tables.get("team", ())}
    return found
