"""The tables of what was measured, from the results that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.beside import PEERS
from benchmarks.results import Figures, Results, median

#: An area that is projected to.
WHOLE = 11_000_000


@dataclass(frozen=True)
class Table:
    """A table with its title, and sentences that go under it."""

    name: str
    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    said: str = ""

    @property
    def text(self) -> str:
        wide = [max(len(row[place]) for row in (self.header, *self.rows)) for place in range(len(self.header))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True))
            for row in (self.header, *self.rows)
        ]
        return "\n".join([self.title, *(line.rstrip() for line in lines), *([self.said] if self.said else [])])

    @property
    def markdown(self) -> str:
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        body = "\n".join("| " + " | ".join(row) + " |" for row in lines)
        return "\n\n".join([f"### {self.title}", body, *([self.said] if self.said else [])])

    @property
    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "title": self.title, "header": list(self.header), "rows": [list(row) for row in self.rows],
                "said": self.said}  # fmt: skip


def every(work: Path, seed: int, people: int, of_peers: int, sizes: Sequence[int]) -> list[Table]:
    """Every table that there are results for."""

    def results(count: int) -> Results:
        return Results(work / "results" / f"{count}-{seed}")

    found = [one(results(people), people), twelve(results(people), people), peers(results(of_peers), of_peers),
             growth({size: results(size) for size in sizes})]  # fmt: skip
    return [table for table in found if table is not None]


def one(results: Results, people: int) -> Table | None:
    """One index date beside the floor."""
    floor, views, ours = (results.all_of(name) for name in ("floor", "floor-views", "one"))
    if not floor or not ours:
        return None
    base, said = median(floor), ours[-1]
    rows = [_row("floor: the columns read once, counted and summed", floor, base)]
    rows += [_row("the same through the record's views", views, base)] if views else []
    rows.append(_row("every predictor, written to Parquet", ours, base))
    rows.append(["with opening the record and finding the cohort", *_row("", ours, base, "whole")[1:]])
    made, ahead = results.all_of("prepare"), results.all_of("ahead")
    words_ahead = ""
    if made and ahead:
        rows.append(_row("facts made ahead (`frailty prepare`)", made, base))
        rows.append(_row("every predictor from those, written to Parquet", ahead, base))
        rows.append(["made and read once", *_together(made, ahead, base)])
        words_ahead = f" The facts made ahead are {made[-1]['facts']:,} in {made[-1]['bytes'] / 1e9:.2f} GB."
    families = sorted(said["families"].items(), key=lambda family: -family[1])
    words = (
        f"{said['predictors']} predictors, {said['fed']} of them with a value somewhere and {said['varying']} with one that is not zero, "
        f"for {said['rows']:,} of {people:,} people, from a record of {floor[-1]['rows']:,} rows ({said['record_bytes'] / 1e9:.2f} GB) "
        f"as it lies after ingest. A process needs {median(ours, 'first'):.1f} s more before its first matrix, to "
        f"load what is compiled. The matrix is {said['bytes'] / 1e9:.2f} GB. "
        f"By family, in seconds of work: {', '.join(f'{name} {seconds:.1f}' for name, seconds in families)}.{words_ahead}"
    )
    return Table("one", f"One index date, {people:,} people", ["", "seconds", "× floor", "peak memory"], rows, words)


def twelve(results: Results, people: int) -> Table | None:
    """Twelve dates beside one."""
    names = {"unwritten": "without writing", "kernel": "of that the kernel alone", "": "written to Parquet"}
    rows = []
    for name, says in names.items():
        suffix, figure = ("-unwritten", name if name == "kernel" else "seconds") if name else ("", "seconds")
        single, all_ = results.all_of(f"one{suffix}"), results.all_of(f"twelve{suffix}")
        if not single or not all_:
            return None
        first, second = median(single, figure), median(all_, figure)
        rows.append([says, f"{first:.2f}", f"{second:.2f}", f"{second / first:.1f}", _bytes(all_)])
    written = results.all_of("twelve")[-1]
    compared = results.all_of("floor")
    words = f"{written['rows']:,} rows, {written['bytes'] / 1e9:.2f} GB of matrix, written block by block."
    if compared:
        words += f" The whole of it is {median(results.all_of('twelve')) / median(compared):.1f} × the floor."
    return Table("twelve", f"Twelve quarterly dates in one pass, {people:,} people",
                 ["", "one date, seconds", "twelve, seconds", "ratio", "peak memory of twelve"], rows, words)  # fmt: skip


def peers(results: Results, people: int) -> Table | None:
    """Others beside ours."""
    ours = results.all_of("one")
    if not ours or not any(results.all_of(peer) for peer in PEERS):
        return None
    base = median(ours, "whole")
    rows = [["this product", str(ours[-1]["predictors"]), f"{base:.1f}", "1", _bytes(ours), ""]]
    for peer, said in PEERS.items():
        found = results.all_of(peer)
        if not found:
            continue
        last = found[-1]
        if last["outcome"] != "done":
            rows.append(
                [said.title, str(last["asked"]), last["outcome"], f"> {last['seconds'] / base:.0f}", _bytes(found), ""]
            )
            continue
        seconds = median(found)
        astray = sum(last["other"].values())
        same = f"all but {astray:,} of {last['compared']:,}" if astray else f"all {last['compared']:,}"
        rows.append(
            [said.title, str(last["expressed"]), f"{seconds:.1f}", f"{seconds / base:.1f}", _bytes(found), same]
        )
    words = (
        "Ours opens the record, finds the cohort, chooses versions by both clocks and follows links; the others are handed the rows of the "
        "cohort that are in force at the date, in order, and each predictor's codes as a list. Each is timed from reading its files to its "
        "matrix on disk. The limit is 30 minutes or 16 GB. Of the predictors, those are asked that are put together from facts "
        f"({asked_of(results)}); a number of the second column is how many of them could be expressed. The last column says how many of "
        "the values that both give are the same (to four digits)."
    )
    return Table("peers", f"Beside others, one index date, {people:,} people",
                 ["", "predictors", "seconds", "× ours", "peak memory", "the same value"], rows, words)  # fmt: skip


def asked_of(results: Results) -> int:
    return max((one["asked"] for peer in PEERS for one in results.all_of(peer)), default=0)


def reasons(results: Results) -> Table | None:
    """Reasons for everybody beside the scores and beside others (``make bench-explain``)."""
    names = sorted({path.stem.rsplit("-", 1)[0] for path in results.folder.glob("*-[0-9]*.json")})
    rows, worst = [], {"sum": 0.0, "contrib": 0.0, "shap": 0.0}
    ways = {"predict": "scores alone (`predict`)", "ours": "this product", "quadrature": "by integration alone, without tables",
            "pred_contrib": "LightGBM's `pred_contrib`", "shap": "shap's `TreeExplainer`"}  # fmt: skip
    last: Figures = {}
    for name in names:
        rounds = results.all_of(name)
        last = rounds[-1]
        for way, says in ways.items():
            if any(one[way] is None for one in rounds):
                continue
            beside = [float(np.median([one[way] / one[base] for one in rounds])) for base in ("predict", "ours")]
            rows.append([last["model"] if way == "predict" else "", says, f"{1 / median(rounds, way):,.0f}",
                         f"{median(rounds, way) * 1e6 / 60:.1f}", *(f"{ratio:.3g}" for ratio in beside)])  # fmt: skip
        worst = {key: max(at, *(one[f"off_{key}"] or 0 for one in rounds)) for key, at in worst.items()}
    if not last:
        return None
    words = (
        f"{last['rows']:,} rows; `pred_contrib`, shap and integration explain {last['sample']:,} of them; {last['threads']} threads (shap: as many "
        f"as LightGBM takes). Each round does all ways in turn; a ratio is the median of the rounds' own ratios. Contributions add up to the raw "
        f"score within {worst['sum']:.1g} and differ from `pred_contrib` by {worst['contrib']:.1g} and from shap by {worst['shap']:.1g} at most. One person "
        f"alone: {last['single'] * 1e3:.1f} ms; laying a model out, once: {last['made']:.1f} s and {last['tables'] / 1e6:.0f} MB of tables."
    )
    return Table("reasons", f"Reasons for {last['rows']:,} people",
                 ["model", "", "rows a second", "minutes a million", "× predict", "× ours"], rows, words)  # fmt: skip


def growth(results: dict[int, Results]) -> Table | None:
    """How cost grows with people."""
    held = {size: found.all_of("one") for size, found in results.items() if found.all_of("one")}
    if len(held) < 2:
        return None
    size = np.array(sorted(held), dtype=float)
    seconds = np.array([median(held[int(n)], "whole") for n in size])
    peak = np.array([max(one["peak"] for one in held[int(n)]) for n in size], dtype=float)
    rows = []
    for n, taken, memory in zip(size, seconds, peak, strict=True):
        floor = results[int(n)].all_of("floor")
        of_floor = f"{median(held[int(n)]) / median(floor):.1f}" if floor else ""
        rows.append([f"{n:,.0f}", f"{taken:.1f}", f"{taken / n * 1e6:.1f}", of_floor, f"{memory / 1e9:.2f} GB"])
    slope, start = np.polyfit(size, seconds, 1)
    power = np.polyfit(np.log(size), np.log(seconds), 1)[0]
    more, least = np.polyfit(size, peak, 1)
    words = (
        f"Fit: {start:.1f} s + {slope * 1e6:.1f} s a million people (time grows as people to the power {power:.2f}); memory "
        f"{least / 1e9:.2f} GB + {more * 1e6 / 1e9:.2f} GB a million. Projected for {WHOLE / 1e6:.0f} million people: "
        f"{(start + slope * WHOLE) / 60:.1f} minutes and {(least + more * WHOLE) / 1e9:.1f} GB at one index date."
    )
    return Table(
        "growth", "How cost grows", ["people", "seconds", "seconds a million", "× floor", "peak memory"], rows, words
    )


def _row(says: str, rounds: list[Figures], base: float, figure: str = "seconds") -> list[str]:
    taken = median(rounds, figure)
    return [says, f"{taken:.2f}", f"{taken / base:.1f}", _bytes(rounds)]


def _together(one: list[Figures], other: list[Figures], base: float) -> list[str]:
    taken = median(one) + median(other)
    return [f"{taken:.2f}", f"{taken / base:.1f}", f"{max(median(of, 'peak') for of in (one, other)) / 1e9:.2f} GB"]


def _bytes(rounds: list[Figures]) -> str:
    return f"{median(rounds, 'peak') / 1e9:.2f} GB"
