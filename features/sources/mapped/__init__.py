"""Extracts of any shape, by a mapping: a TOML file in which an analyst declares which file and columns feed which table.

``declared`` is what a mapping may say, ``reading`` reads one, ``fitting`` holds it against the record's tables, ``matching``
against the files; ``querying`` makes each rule a query, and ``extract`` runs them. What a mapping may say is described in
``docs/sources/mapped.md``.
"""

from __future__ import annotations

from pathlib import Path

from features.sources.mapped.extract import Mapped
from features.sources.mapped.reading import read_mapping


def open_source(path: Path, mapping: Path) -> Mapped:
    """The extract at ``path`` (a folder, or one file) as the TOML file ``mapping`` declares it. :class:`BadInput` where the
    mapping is at fault in itself."""
    held = read_mapping(Path(mapping))
    return Mapped(Path(path), held)
