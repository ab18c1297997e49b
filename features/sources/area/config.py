"""The area's file: which feeds there are, of what kind, where, from whom and for what."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from features.errors import BadInput, WrongUsage
from features.sources import SOURCES, open_source, options_of
from features.sources.contract import Source
from features.sources.files import nearest


class Area(BaseModel):
    """What holds for every feed. ``organisation`` sends those that name none."""

    model_config = ConfigDict(extra="forbid")
    title: str
    kind: Literal["real", "simulated", "demonstration"] = "real"
    organisation: str | None = None
    purposes: tuple[str, ...] = Field(
        default=("*",), description="purposes that senders permit unless a feed says otherwise"
    )


class Feed(BaseModel):
    """One feed. Whatever stands beside these is an option of its source (``teams``, ``scheme``, ``lag_days``, …)."""

    model_config = ConfigDict(extra="allow")
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    source: str
    path: Path
    organisation: str | None = None
    purposes: tuple[str, ...] | None = None

    @field_validator("source")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in SOURCES:
            raise ValueError(
                f"expected a kind of extract{nearest(value, SOURCES)}, one of {', '.join(SOURCES)}; found {value!r}"
            )
        return value


class AreaFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid")
    area: Area
    feeds: list[Feed] = Field(min_length=1)

    @field_validator("feeds")
    @classmethod
    def _once(cls, feeds: list[Feed]) -> list[Feed]:
        names = [feed.name for feed in feeds]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"expected each name once, found {', '.join(twice)} more than once")
        return feeds


@dataclass(frozen=True)
class Opened:
    """A feed of the file, and its extract opened; ``fault`` says why it could not be."""

    name: str
    kind: str
    path: Path
    source: Source | None
    fault: str = ""


def open_area(file: Path) -> list[Opened]:
    """Every feed of the area's ``file``, opened, nothing read; :class:`BadInput` says what in the file does not fit."""
    held = _read(file)
    opened, faults = [], []
    for feed in held.feeds:
        path = file.parent / feed.path
        try:
            source = open_source(feed.source, path, **_options(file, held.area, feed))
            opened.append(Opened(feed.name, feed.source, path, source))
        except WrongUsage as error:
            faults.append(f"feed {feed.name}: {error}")
        except BadInput as error:
            opened.append(Opened(feed.name, feed.source, path, None, str(error)))
    if faults:
        raise BadInput(f"{file} does not fit; nothing was taken in: " + "; ".join(faults))
    return opened


def _options(file: Path, area: Area, feed: Feed) -> dict[str, Any]:
    """What the source is told: the feed's own options, and of the area's what the source asks for."""
    purposes = area.purposes if feed.purposes is None else feed.purposes
    common = {"organisation": feed.organisation or area.organisation, "purposes": " ".join(purposes), "title": area.title,
              "kind": area.kind}  # fmt: skip
    takes = options_of(feed.source)
    asked = {name: value for name, value in common.items() if name in takes}
    own = dict(feed.model_extra or {})
    if feed.organisation and "organisation" not in takes:
        own["organisation"] = feed.organisation
    if "mapping" in own:
        own["mapping"] = file.parent / str(own["mapping"])
    return {**asked, **own}


def _read(file: Path) -> AreaFile:
    try:
        held = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"expected the area's file in {file}, could not read it; give the TOML file that names the feeds"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{file} is not TOML: {error}; docs/examples/area.toml is one to begin from") from error
    try:
        return AreaFile.model_validate(held)
    except ValidationError as error:
        faults = "; ".join(
            f"{_place(fault['loc'], held)}: {fault['msg'].removeprefix('Value error, ')}" for fault in error.errors()
        )
        raise BadInput(f"{file} does not fit; nothing was taken in: {faults}") from error


def _place(loc: tuple[int | str, ...], held: dict[str, Any]) -> str:
    """Where in the file, with feeds called by their names."""
    parts = [str(part) for part in loc]
    if len(loc) > 1 and loc[0] == "feeds" and isinstance(loc[1], int):
        feed = held["feeds"][loc[1]]
        parts[1] = str(feed.get("name", loc[1] + 1)) if isinstance(feed, dict) else str(loc[1] + 1)
    return ".".join(parts)
