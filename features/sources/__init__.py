"""Kinds of extract, one module each. ``open_source`` opens one by the name that the command line uses."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from features.errors import WrongUsage
from features.sources.contract import Source

#: Name on the command line, and the module whose ``open_source(path, ...)`` opens that kind of extract.
SOURCES: dict[str, str] = {
    "native": "features.sources.native",
    "mapped": "features.sources.mapped",
    "omop": "features.sources.omop",
    "cld": "features.sources.cld",
    "csds": "features.sources.csds",
    "gdppr": "features.sources.gp.gdppr",
    "olids": "features.sources.gp.olids",
    "out_of_hours": "features.sources.gp.out_of_hours",
    "demographics": "features.sources.people.demographics",
    "deaths": "features.sources.people.deaths",
    "preferences": "features.sources.people.preferences",
    "care_homes": "features.sources.people.care_homes",
    "caseloads": "features.sources.people.caseloads",
    "mental_health": "features.sources.people.mental_health",
    "hes": "features.sources.hospital.hes",
    "ecds": "features.sources.hospital.ecds",
    "admissions_now": "features.sources.hospital.admissions_now",
    "outpatients": "features.sources.hospital.outpatients",
    "ambulance": "features.sources.hospital.ambulance",
}


def open_source(name: str, path: Path, mapping: Path | None = None, **options: Any) -> Source:
    """The extract at ``path`` as a source of kind ``name``. :class:`WrongUsage` where there is no such kind, where an
    option means nothing to it, or where it needs one that is not given."""
    if name not in SOURCES:
        raise WrongUsage(f"expected a kind of extract, one of {', '.join(SOURCES)}; found {name!r}")
    opener = importlib.import_module(SOURCES[name]).open_source
    given = {key: value for key, value in {"mapping": mapping, **options}.items() if value is not None}
    known = options_of(name)
    for option in given:
        if option not in known:
            raise WrongUsage(f"--{option.replace('_', '-')} means nothing to the {name} source; leave it out")
    for option, parameter in known.items():
        if option != "path" and parameter.default is inspect.Parameter.empty and option not in given:
            raise WrongUsage(f"the {name} source needs --{option.replace('_', '-')}; give it")
    source: Source = opener(Path(path), **given)
    return source


def options_of(name: str) -> Mapping[str, inspect.Parameter]:
    """What the opener of the kind ``name`` takes."""
    return inspect.signature(importlib.import_module(SOURCES[name]).open_source).parameters
