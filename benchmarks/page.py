"""Writes the predictors' section of docs/performance.md from the results in the work folder: ``python -m benchmarks.page``."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import tables
from benchmarks.results import Results, busy, machine

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
SECTION = "## Predictors\n"
REASONS = "## Reasons\n"


def section(work: Path, seed: int, people: int, of_peers: int, sizes: list[int]) -> str:
    """The section; :class:`SystemExit` where nothing was measured."""
    found = tables.every(work, seed, people, of_peers, sizes)
    if not found:
        raise SystemExit(f"expected results in {work}; make them with `make bench-features`")
    measured = Results(work / "results" / f"{people}-{seed}").all_of("one")
    last = (measured or [{}])[-1]
    here = last.get("machine", machine())
    on = f" on {last['on']}" if "on" in last else ""
    began = (
        f"`make bench-features`, {here['processor']}, {here['cores']} cores, {here['memory'] / 1e9:.0f} GB{on}; each figure the median of its "
        "rounds, each measurement a process of its own with the record's files in the system's memory. The data are generated, not simulated: "
        "rows of every table in the proportions in which they are usual, about a hundred a person over six years, with both clocks, laid "
        "as `frailty ingest` lays them after two deliveries, but meaning nothing. The floor is DuckDB reading the columns that any predictor "
        "reads, once, with a count and sums."
    )
    if any(map(busy, measured)):
        began += " Other work was running on the machine: the ratios say more than the seconds."
    return "\n\n".join([SECTION.strip(), began, *(table.markdown for table in found)]) + "\n"


def of_reasons(work: Path, rows: int) -> str | None:
    """The section on reasons; None where they were not measured."""
    results = Results(work / "results" / f"explain-{rows}")
    table = tables.reasons(results)
    if table is None:
        return None
    measured = [one for path in sorted(results.folder.glob("*.json")) if (one := results.load(path.stem)) is not None]
    last = measured[-1]
    here = last["machine"]
    began = f"`make bench-explain`, {here['processor']}, {here['cores']} cores, {here['memory'] / 1e9:.0f} GB on {last['on']}; medians of the rounds."
    if any(map(busy, measured)):
        began += " Other work was running on the machine: the ratios say more than the seconds."
    return "\n\n".join([REASONS.strip(), began, table.markdown]) + "\n"


def replaced(page: str, fresh: str, section: str = SECTION) -> str:
    """The page with its section replaced by ``fresh``, everything else as it was."""
    if section not in page:
        return page.rstrip() + "\n\n" + fresh
    before, rest = page.split(section, 1)
    _, mark, after = rest.partition("\n## ")
    return before + fresh + (mark + after if mark else "")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=1_000_000)
    asked.add_argument("--peers-people", type=int, default=100_000)
    asked.add_argument("--growth-people", default="100000,300000,1000000,3000000")
    asked.add_argument("--explain-rows", type=int, default=1_000_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--work", type=Path, default=Path(".bench"))
    asked.add_argument("--page", type=Path, default=PAGE)
    given = asked.parse_args()
    fresh = section(
        given.work, given.seed, given.people, given.peers_people, [int(n) for n in given.growth_people.split(",")]
    )
    page = replaced(given.page.read_text(), fresh)
    told = of_reasons(given.work, given.explain_rows)
    given.page.write_text(page if told is None else replaced(page, told, REASONS))


if __name__ == "__main__":
    main()
