"""Extracts in the OMOP common data model, versions 5.3 and 5.4: a folder of CSV or Parquet files named by table (in any
case), or a DuckDB file. What it is taken to mean is described in ``docs/sources/omop.md``.
"""

from __future__ import annotations

from pathlib import Path

from features.sources.omop.extract import Omop
from features.sources.omop.settings import read_settings


def open_source(path: Path, practice: str, mapping: Path | None = None) -> Omop:
    """The extract at ``path``, everybody in it registered with ``practice``; ``mapping`` is a TOML file of settings."""
    settings, files = read_settings(Path(mapping) if mapping else None)
    return Omop(Path(path), practice, settings, files)
