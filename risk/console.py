"""What a command shows: progress and words on standard error, its result on standard output."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

words = Console(stderr=True, highlight=False)
results = Console(highlight=False, soft_wrap=True)


def show(result: dict[str, Any], as_json: bool, say: Callable[[dict[str, Any]], None]) -> None:
    """Print a command's result: one JSON document on standard output, or in words by ``say``."""
    if as_json:
        sys.stdout.write(orjson.dumps(result, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY).decode() + "\n")
    else:
        say(result)


class Shown:
    """Progress as bars on a terminal, as a line a stage elsewhere. A context: bars end with it."""

    def __init__(self) -> None:
        self._bars: Bars | None = None
        self._task: Any = None
        self._name = ""
        self._began = 0.0

    def __enter__(self) -> Shown:
        if words.is_terminal:
            self._bars = Bars(
                TextColumn("{task.description:<28}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=words,
            )
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        if self._bars is not None:
            self._bars.stop()

    def stage(self, name: str, total: int | None = None) -> None:
        self._end()
        self._name, self._began = name, time.perf_counter()
        if self._bars is not None:
            self._task = self._bars.add_task(name, total=total)

    def advance(self, by: int = 1) -> None:
        if self._bars is not None and self._task is not None:
            self._bars.advance(self._task, by)

    def _end(self) -> None:
        if not self._name:
            return
        if self._bars is None:
            words.print(f"  {self._name}: {time.perf_counter() - self._began:.1f} s")
        elif self._task is not None:
            task = self._bars.tasks[-1]
            self._bars.update(
                self._task, completed=task.total or task.completed or 1, total=task.total or task.completed or 1
            )
        self._name = ""
