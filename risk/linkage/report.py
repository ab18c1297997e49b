"""How good linking is, as data and as a page: figures against a key where there is one, what the model expects, splink's charts."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from features.errors import BadInput
from features.linkage.linking import compare
from features.linkage.matching import TooFew
from features.linkage.measuring import described, measure, standing
from features.progress import SILENT, Progress
from risk import operator
from risk import store as stores
from risk.linkage.opening import identity_of
from risk.settings import Settings

PAGE = "linkage.html"
_STYLE = "body{font:16px/1.5 sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}" \
         "th,td{padding:.2rem .8rem;text-align:right;border-bottom:1px solid #d8dde0}th:first-child,td:first-child{text-align:left}" \
         "iframe{width:100%;height:34rem;border:0}"  # fmt: skip


def report(
    settings: Settings, record: Path, key: Path | None = None, out: Path | None = None, progress: Progress = SILENT
) -> dict[str, Any]:
    """The figures; the page with splink's charts in the folder ``out`` where it is given. Nothing is linked."""
    operator.ready(settings)
    progress.stage("reading links")
    with identity_of(settings) as identity:
        reads = standing(record)
        result: dict[str, Any] = {
            "linked": len(reads),
            "uncertain": len({pair.other_person_id for pair in identity.pile.waiting()}),
            "by_group": _share_linked(record, identity, reads),
        }
        if key is not None:
            progress.stage("comparing with the key")
            measured = measure(record, identity, key)
            result["against_key"] = {**measured.total, "groups": measured.groups}
        if out is not None:
            try:
                charts = compare(record, identity, settings.identity_folder, memory=settings.memory, progress=progress)
            except TooFew as too_few:
                charts, result["no_charts"] = {}, str(too_few)
            result["page"] = str(_write(out, result, charts))
    operator.record(settings, stores.open(settings), "link.report")
    return result


def _share_linked(record: Path, identity: Any, reads: dict[int, int]) -> list[dict[str, Any]]:
    """Of people without an NHS number, as their own source describes them: how many there are, and how many are linked."""
    import pandas as pd

    numbered, local = identity.held.numbers()
    loose = pd.Series(sorted(person for person in local if person not in numbered), dtype="int64")
    about = described(record, loose)
    about["linked"] = loose.isin(list(reads)).to_numpy()
    return [
        {"group": name, "value": value, "people": len(rows), "linked": int(rows["linked"].sum())}
        for name in ("ethnic group", "age")
        for value, rows in about.groupby(name, sort=True)
    ]


def _write(out: Path, result: dict[str, Any], charts: dict[str, str]) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
        frames = []
        for number, (title, page) in enumerate(charts.items(), 1):
            (out / f"chart-{number}.html").write_text(page)
            frames.append(
                f'<h2>{html.escape(title)}</h2><iframe src="chart-{number}.html" title="{html.escape(title)}"></iframe>'
            )
        path = out / PAGE
        path.write_text(
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Linkage</title><style>{_STYLE}</style><h1>Linkage</h1>'
            f"<p>{result['linked']:,} people without an NHS number are linked by probability; {result['uncertain']:,} wait for a "
            f"person to look.</p>{_tables(result)}{''.join(frames)}</html>"
        )
    except OSError as error:
        raise BadInput(f"cannot write the report into {out}: {error.strerror}") from error
    return path


def _tables(result: dict[str, Any]) -> str:
    shown: list[tuple[str, tuple[str, ...], Any]] = [
        ("Without an NHS number, by what their source says", ("people", "linked"), result["by_group"])
    ]
    if "against_key" in result:
        columns = ("people", "linked", "right", "recall", "precision")
        rows = [{"group": "all", "value": "", **result["against_key"]}, *result["against_key"]["groups"]]
        shown.insert(0, ("Against the key, by who they truly are", columns, rows))
    return "".join(
        f"<h2>{title}</h2><table><tr><th>group</th>{''.join(f'<th>{name}</th>' for name in columns)}</tr>"
        + "".join(
            f"<tr><td>{html.escape(' '.join((row['group'], row['value'])))}</td>"
            f"{''.join(f'<td>{number(row[name])}</td>' for name in columns)}</tr>"
            for row in rows
        )
        + "</table>"
        for title, columns, rows in shown
    )


def number(value: float | int | None) -> str:
    """A count, or a share to four places."""
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
