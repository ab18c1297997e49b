"""How long work tells of its progress: a stage with a total, advanced as it goes."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """What long work calls. ``total`` is in the stage's own unit; None where it is not known."""

    def stage(self, name: str, total: int | None = None) -> None:
        """A new stage begins; the one before has ended."""
        ...

    def advance(self, by: int = 1) -> None:
        """So much more of the stage is done."""
        ...


class Silent:
    """Tells nobody."""

    def stage(self, name: str, total: int | None = None) -> None:
        pass

    def advance(self, by: int = 1) -> None:
        pass


SILENT = Silent()
