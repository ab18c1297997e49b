"""A mapping, read from its TOML file (and from the one that it extends), held against the record's tables."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from features.errors import BadInput
from features.sources.contract import Fault, InputFile
from features.sources.files import nearest
from features.sources.mapped.declared import About, Condition, Delivery, Expression, Feed, Files, Mapping, Named, Rule
from features.sources.mapped.fitting import faults_of

#: What a mapping that extends another may say for itself.
OVER = ("about", "parameters")


class MappingAtFault(BadInput):
    """A mapping that does not fit in itself, with every fault."""

    def __init__(self, name: str, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        told = "\n".join(f"  - {fault}" for fault in faults)
        super().__init__(f"the mapping {name} does not fit; nothing was written:\n{told}")


class HeldMapping:
    """A mapping as it was read: its declarations, and the TOML files that they came from."""

    def __init__(self, name: str, declared: Mapping, files: Sequence[InputFile]) -> None:
        self.name, self.declared, self.files = name, declared, tuple(files)


def read_mapping(path: Path) -> HeldMapping:
    """:class:`MappingAtFault` with every fault, in the mapping's own words."""
    held, files = _read(path)
    if "extends" in held:
        held, below = _extended(path, held)
        files += below
    try:
        declared = Mapping.model_validate(held)
    except ValidationError as error:
        raise MappingAtFault(path.name, [_fault(path.name, one, held) for one in error.errors()]) from error
    faults = faults_of(declared, path.name)
    if faults:
        raise MappingAtFault(path.name, faults)
    return HeldMapping(path.name, declared, files)


def _read(path: Path) -> tuple[dict[str, Any], list[InputFile]]:
    def refused(where: str, found: str, remedy: str) -> MappingAtFault:
        return MappingAtFault(path.name, [Fault(path.name, where, "a mapping as a TOML file", found, remedy)])

    try:
        text = path.read_bytes()
        held = tomllib.loads(text.decode("utf-8"))
    except (FileNotFoundError, IsADirectoryError):
        raise refused("", "no such file", "check the path given to --mapping") from None
    except UnicodeDecodeError as error:
        raise refused(f"byte {error.start:,}", "bytes that are not UTF-8", "save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise refused("", f"something that is not TOML: {error}", "mend that line") from None
    return held, [InputFile(path.name, hashlib.sha256(text).hexdigest(), len(text))]


def _extended(path: Path, held: dict[str, Any]) -> tuple[dict[str, Any], list[InputFile]]:
    beyond = [name for name in held if name not in ("extends", *OVER)]
    if beyond:
        raise MappingAtFault(path.name, [Fault(path.name, name, f"only {' and '.join(OVER)} beside extends", "another table", "say it in the mapping that this one extends") for name in beyond])  # fmt: skip
    below, files = _read(path.parent / str(held["extends"]))
    if "extends" in below:
        raise MappingAtFault(path.name, [Fault(path.name, "extends", "a whole mapping", "one that extends another itself", "extend that one")])  # fmt: skip
    unknown = [name for name in held.get("parameters", {}) if name not in below.get("parameters", {})]
    if unknown:
        there = below.get("parameters", {})
        raise MappingAtFault(path.name, [Fault(path.name, f"parameters.{name}", f"a parameter of {held['extends']}{nearest(name, there)}", "an unknown one", f"it has {', '.join(there) or 'none'}") for name in unknown])  # fmt: skip
    return {**below, **{name: {**below.get(name, {}), **held.get(name, {})} for name in OVER}}, files


def _fault(name: str, error: Any, held: dict[str, Any]) -> Fault:
    """A fault of shape, in words. The mapping holds no person's data, so what was found may be shown."""
    where = _place(error["loc"], held)
    last = str(error["loc"][-1]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        known = _known_beside(error["loc"])
        return Fault(name, where, f"a known key{nearest(last, known)}", f"{last}", f"one of {', '.join(known)}")
    if error["type"] == "missing":
        return Fault(name, where, f"{last} to be given", "nothing", "add it")
    said = str(error["msg"]).removeprefix("Value error, ")
    found = repr(error["input"]) if isinstance(error["input"], str | int | float) else "something else"
    return Fault(name, where, said[:1].lower() + said[1:], found, "see docs/sources/mapped.md")


def _place(loc: Sequence[int | str], held: dict[str, Any]) -> str:
    """Where in the mapping, with rules called by their names."""
    parts = [str(part) for part in loc]
    if len(loc) > 1 and loc[0] == "rules" and isinstance(loc[1], int):
        parts[1] = str(held["rules"][loc[1]].get("name", loc[1]))
    return ".".join(parts)


def _known_beside(loc: Sequence[int | str]) -> list[str]:
    """The keys that may stand where ``loc`` found one that may not."""
    last = str(loc[-1])
    kind: type[BaseModel]
    if len(loc) == 1:
        kind = Mapping
    elif loc[0] == "rules":
        kind = Rule if len(loc) == 3 else Condition if "keep" in loc else Expression
    elif loc[0] == "feeds":
        kind = Delivery if "deliveries" in loc[:-1] else Feed
    else:
        others: dict[str, type[BaseModel]] = {"files": Files, "about": About, "source": Named}
        kind = others.get(str(loc[0]), Mapping)
    return [field.alias or name for name, field in kind.model_fields.items() if name != last]
