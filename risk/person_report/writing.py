"""The report as one archive: everything as JSON, and the same as a page that can be read and printed without any other file."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import orjson

from features.errors import WrongUsage

JSON, PAGE = "person-report.json", "person-report.html"
TITLES = {
    "purpose": "What it is for", "controller_decides": "Before it is given", "identity": "Identifiers", "record": "The linked record, every version of every row",
    "runs": "Scores, reasons and flags, by run", "suppressions": "Who asked that the person is not shown", "store": "Lists and what meetings wrote",
    "models": "Models that learned from the record", "read_by": "Who was told of the person", "kept": "What is kept until when", "withheld": "What is withheld, and why",
}  # fmt: skip
_STYLE = "body{font:16px/1.5 sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}dt{font-weight:bold}dd{margin:0 0 .3rem 1.5rem}li{margin:.4rem 0}h2{border-bottom:1px solid}"


def write(report: Mapping[str, Any], out: Path) -> None:
    """Write ``out``, an archive that nobody else on the machine can open; :class:`~features.errors.WrongUsage` where there is such a file already."""
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise WrongUsage(f"there is a file {out} already, and a report does not take its place") from error
    except OSError as error:
        raise WrongUsage(f"cannot write {out}: {error.strerror}") from error
    with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(JSON, orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS))
        archive.writestr(PAGE, page(report))


def page(report: Mapping[str, Any]) -> str:
    """The report as HTML."""
    parts = "".join(f"<h2>{escape(TITLES.get(name, name))}</h2>{_told(value)}" for name, value in report.items())
    return (
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>Everything held on one person</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>Everything held on one person</h1>{parts}</main></body></html>"
    )


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        rows = "".join(
            f"<dt>{escape(str(name).replace('_', ' '))}</dt><dd>{_told(held)}</dd>" for name, held in value.items()
        )
        return f"<dl>{rows}</dl>" if rows else "<p>nothing</p>"
    if isinstance(value, list | tuple):
        return f"<ol>{''.join(f'<li>{_told(one)}</li>' for one in value)}</ol>" if value else "<p>nothing</p>"
    return escape(str(value))
