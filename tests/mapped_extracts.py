"""Small extracts for tests of sources: files written by hand, and what a source makes of them."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path
from typing import Any

from features.progress import SILENT
from features.sources.contract import Source

MAPPING = """
[about]
kind = "demonstration"
title = "three people"
[source]
name = "town"
[parameters]
lag = 2
[files.people]
pattern = "people_{year}.csv"
date_format = "%d/%m/%Y"
null_values = ["NULL"]
[feeds.all]
organisation = "B86022"
period_from = 2020-01-01
every = "quarter"
first_received = 2020-04-01
last_received = 2021-01-01
[[rules]]
name = "people"
table = "person"
file = "people"
feed = "all"
person = { local_id = "ID" }
known_at = { value = "{year}-12-31" }
[rules.columns]
birth_month = { column = "BORN", first_of_month = true }
sex = { column = "SEX", map = { 1 = "male", 2 = "female" } }
"""
PEOPLE = "ID,BORN,SEX,DIAB,COPD\na,17/03/1940,1,1,2\nb,02/01/1950,2,1,1\nc,31/12/1960,1,2,\n"


def extract(folder: Path, mapping: str = MAPPING, **files: str | bytes) -> tuple[Path, Path]:
    """Folder of an extract and path of its mapping. Files are named by keyword: ``people_2020_csv`` is people_2020.csv."""
    here = folder / "extract"
    here.mkdir(exist_ok=True)
    for name, content in (files or {"people_2020_csv": PEOPLE}).items():
        stem, ending = name.rsplit("_", 1)
        path = here / (f"{stem.removesuffix('_csv')}.csv.gz" if ending == "gz" else f"{stem}.{ending}")
        held = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(held) if ending == "gz" else held)
    toml = folder / "mapping.toml"
    toml.write_text(mapping)
    return here, toml


def rows_of(source: Source, rule: str) -> list[dict[str, Any]]:
    """What the rule offers, without the bookkeeping columns."""
    offered = [row for batch in source.batches(SILENT) if batch.rule == rule for row in batch.frame.to_pylist()]
    return [{name: value for name, value in row.items() if name not in ("feed", "source_row")} for row in offered]


def account(source: Source, rule: str) -> dict[str, int]:
    """What became of the rule's rows: offered, dropped by rule, refused by reason."""
    counts: Counter[str] = Counter()
    for batch in source.batches(SILENT):
        if batch.rule == rule:
            counts["offered"] += batch.frame.num_rows
            counts.update(batch.dropped)
            counts.update(row.reason for row in batch.refused)
    return {name: count for name, count in counts.items() if count}
