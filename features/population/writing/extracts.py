"""The simulated area as its organisations really send it: a folder a shape, ``area.toml`` that says what they are, and the
key beside them.

A shape is a module of this package with ``write(tables, folder, dirt, rng)``: ``tables`` is the
:class:`~features.population.writing.tables.Tables`, ``folder`` the shape's own (made, empty), ``dirt`` the error rates and
``rng`` a generator of its own. It gives back what ``area.toml`` must say of its feeds, one mapping each (``name``, ``source``,
``path`` under the shape's folder, and whatever else that source takes), or None for one feed named after the shape.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from features.population import writing
from features.population.area import check, simulate
from features.population.calibration import Calibration
from features.population.happening.history import stream
from features.population.writing import opt_outs
from features.population.writing.dirt import Dirt
from features.population.writing.tables import RECORD, Tables
from features.progress import SILENT, Progress

#: Shapes in the order in which an area takes them in: who people are comes first. Others follow by name.
FIRST = ("demographics", "deaths", "gdppr", "olids")
AREA, KEY = "area.toml", "key"


def simulate_extracts(people: int, seed: int, years: int = 5, *, out: Path, truth: Path | None = None, dirt: Dirt | None = None,
                      progress: Progress = SILENT) -> Calibration:  # fmt: skip
    """Simulate an area as :func:`~features.population.area.simulate` does and write its extracts, its ``area.toml`` and the
    key to ``out``. The same arguments give the same bytes. Raises what ``simulate`` raises."""
    key = out / KEY
    check(people, years, out, truth)
    done = simulate(people, seed, years, out=key / RECORD, truth=truth, progress=progress, particulars=key)
    writers = shapes()
    progress.stage("writing extracts", len(writers))
    feeds: list[Mapping[str, Any]] = []
    with Tables(key, seed) as tables:
        for name, write in writers.items():
            folder = out / name
            folder.mkdir()
            told = write(tables, folder, dirt or Dirt(), stream(seed, f"extract {name}"))
            for feed in told or [{}]:
                feeds.append(
                    {"name": name, "source": name, **feed, "path": f"{name}/{feed.get('path', '')}".rstrip("/")}
                )
            progress.advance()
        opt_outs.lists(tables, out)
        tables.key.write()
    (out / AREA).write_text(config(people, seed, feeds))
    return done


def shapes() -> dict[str, Callable[..., Any]]:
    """The writer of each shape there is."""
    names = [module.name for module in pkgutil.iter_modules(writing.__path__)]
    order = sorted(names, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))
    found = {name: importlib.import_module(f"{writing.__name__}.{name}") for name in order}
    return {name: module.write for name, module in found.items() if hasattr(module, "write")}


def config(people: int, seed: int, feeds: Sequence[Mapping[str, Any]]) -> str:
    """``area.toml`` of the simulated area."""
    lines = [
        "# A simulated area: nobody in it exists.", "[area]", f'title = "Simulated area, {people:,} people, seed {seed}"',
        'kind = "simulated"', "",
    ]  # fmt: skip
    for feed in feeds:
        lines.append("[[feeds]]")
        lines += [f"{name} = {_toml(value)}" for name, value in feed.items()]
        lines.append("")
    return "\n".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return (
        str(value)
        if isinstance(value, int | float)
        else '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
    )
