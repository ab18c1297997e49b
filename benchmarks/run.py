"""A weekly run of a generated area, stage by stage beside each stage's floor: ``make bench-run``.

    python -m benchmarks.run [--people 1000000] [--predictors 400] [--trees 300] [--area DIR] [--work .bench] [--again] [--json]

Three outcomes with reasons for everybody, published to a SQLite store. The run and the floors are each measured in a process of its own. What was
generated, fitted and measured is kept in ``--work``, so that a benchmark that stopped goes on. Figures are of generated people.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from datetime import date, timedelta
from pathlib import Path

from benchmarks import area, child, run_floors, run_models
from benchmarks.results import Figures, Results, machine
from features.record.reader import Record
from models.bundle import Bundle
from risk import store as stores
from risk.release import live_bundle
from risk.run import guards, weekly
from risk.settings import Settings

#: People of the largest area that the product is meant for.
LARGEST = 11_000_000
GIGABYTE = 1024**3
#: Memory that a run of a million people may take.
MOST = 8 * GIGABYTE
#: Longest that a run may take, in seconds.
LONGEST = 6 * 3600
#: The day of an area that says no other.
SINCE = date(2024, 12, 1)
STAGES = ("cohort", "predictors", "scores and lists", "reasons", "flags", "files", "rows in the store", "publish")


def main() -> None:
    given = _asked()
    if given.part:
        print(json.dumps({"run": _run, "floors": _floors}[given.part](given)))
        return
    given.work.mkdir(parents=True, exist_ok=True)
    if given.area is None:
        given.area = area.generated(given.people, 1, given.work)
    if (
        not (given.work / "run-home" / "ready").exists()
        or _made(given) != (given.work / "run-home" / "ready").read_text()
    ):
        shutil.rmtree(given.work / "run-home", ignore_errors=True)
        settings = _settings(given)
        run_models.release(settings, given.area, settings.today or SINCE, trees=given.trees, leaves=31, depth=8,
                           predictors=given.predictors)  # fmt: skip
        (given.work / "run-home" / "ready").write_text(_made(given))
    results = Results(given.work / "results" / "run", given.again)
    name = f"{given.area.name}-{given.predictors}-{given.trees}"
    ran = results.one(f"{name}-run", lambda: _child(given, "run"), product())
    floors = results.one(f"{name}-floors", lambda: _child(given, "floors"), product())
    told = {"run": ran, "floors": floors, "machine": machine()}
    print(json.dumps(told) if given.json else said(ran, floors["seconds"]))


def said(ran: Figures, floors: Figures) -> str:
    """The table in words: stage, seconds, floor, how many times the floor, and projected to the largest area."""
    times = LARGEST / ran["scored"]
    lines = [
        f"A run of {ran['scored']:,} generated people, {ran['predictors']} predictors, {ran['outcomes']} outcomes, reasons for all "
        f"(peak {ran['peak'] / GIGABYTE:.2f} GB of {MOST / GIGABYTE:.0f})",
        f"{'stage':<20}{'seconds':>9}{'floor':>9}{'x floor':>9}{f'at {LARGEST / 1e6:.0f} million, hours':>24}",
    ]
    for stage in STAGES:
        seconds, least = ran["seconds"].get(stage, 0.0), floors.get(stage)
        beside = f"{least:>9.1f}{seconds / least:>9.1f}" if least else f"{'':>9}{'':>9}"
        lines.append(f"{stage:<20}{seconds:>9.1f}{beside}{seconds * times / 3600:>24.2f}")
    whole = sum(ran["seconds"].values())
    lines.append(
        f"{'whole':<20}{whole:>9.1f}{sum(floors.values()):>9.1f}{whole / sum(floors.values()):>9.1f}{whole * times / 3600:>24.2f}"
    )
    lines.append(
        "The projection is in proportion to people. Of everybody at once a run holds scores and places alone, never the matrix."
    )
    return "\n".join(lines)


def _asked() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--people", type=int, default=1_000_000)
    asked.add_argument("--predictors", type=int, default=400)
    asked.add_argument("--trees", type=int, default=300)
    asked.add_argument("--area", type=Path, help="a linked record that is there, in place of a generated one")
    asked.add_argument("--work", type=Path, default=Path(".bench"))
    asked.add_argument("--again", action="store_true", help="measure what is there already, too")
    asked.add_argument("--json", action="store_true")
    asked.add_argument("--part", choices=("run", "floors"), help=argparse.SUPPRESS)
    return asked.parse_args()


def _settings(given: argparse.Namespace) -> Settings:
    with Record(given.area, purpose="evaluation") as record:
        newest = record.newest_known_at()
    names = ",".join(f"{outcome}_{run_models.HORIZON}" for outcome in run_models.OUTCOMES)
    return Settings(home=given.work / "run-home", environment="test", run_outcomes=names, memory="2GB",
                    today=(newest or SINCE) + timedelta(days=1))  # fmt: skip


def _child(given: argparse.Namespace, part: str) -> Figures:
    log = given.work / f"run-{part}.log"
    command = [
        sys.executable,
        "-m",
        "benchmarks.run",
        "--part",
        part,
        "--area",
        str(given.area),
        "--work",
        str(given.work),
    ]
    done = child.run(command, log, seconds=LONGEST, memory=3 * MOST)
    if done.outcome != "done":
        raise SystemExit(f"the {part} ended otherwise than done ({done.outcome}):\n{done.end}")
    figures: Figures = json.loads(log.read_text().splitlines()[-1])
    return {**figures, "peak": done.peak, "wall": done.seconds}


def _run(given: argparse.Namespace) -> Figures:
    settings = _settings(given)
    reasons = dict.fromkeys(guards.PASSABLE, "a benchmark")
    asked = weekly.Asked(given.area, run_models.OUTCOMES[0], run_models.HORIZON, 18, 0.02, reasons=reasons)
    done = weekly.run(asked, settings)
    return {"number": done["number"], "scored": done["counts"]["scored"], "seconds": done["seconds"], "resumed": done["resumed"]["found"],
            "outcomes": 1 + len(done["outcomes"]), "predictors": len(done["predictors"]), "waived": sorted(done["waived"])}  # fmt: skip


def _floors(given: argparse.Namespace) -> Figures:
    settings = _settings(given)
    store = stores.open(settings)
    current = store.current_run()
    if current is None:
        raise SystemExit("no run is published; measure the run first")
    bundles: list[Bundle] = [
        live_bundle(store, settings, f"{name}_{run_models.HORIZON}") for name in run_models.OUTCOMES
    ]
    return {"seconds": run_floors.floors(given.area, settings.runs / str(current["number"]), bundles, given.work)}


def _made(given: argparse.Namespace) -> str:
    return json.dumps([str(given.area), given.predictors, given.trees, product()])


def product() -> str:
    """Hash of the code that is measured."""
    root = Path(weekly.__file__).parents[2]
    folders = ("features", "models/explain", "risk/run", "risk/store", "benchmarks")
    files = sorted(file for one in folders for file in (root / one).rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


if __name__ == "__main__":
    main()
