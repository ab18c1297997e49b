"""Downtime sheets and the outbox made anew, as after each refresh of the overlay, beside their floor: the same bytes written the same way.

    python -m benchmarks.copies [--people 100000] [--practices 50] [--listed 40] [--json]

A published run of invented people; all copies are laid once, then one person of each practice is told to have died, which makes every sheet and parcel anew.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.results import machine
from benchmarks.serve_installation import TODAY, made_up, settings
from risk import clients, copies, downtime, operator
from risk import store as stores
from risk.delivery import outbox
from risk.downtime_places import write
from risk.store.hiding import Told


def measured(people: int, practices: int, listed: int, profile: bool = False) -> dict[str, Any]:
    """Milliseconds a practice of ``sheets`` and ``parcels``, and of the ``floor`` of each."""
    with tempfile.TemporaryDirectory(prefix="frailty-bench-") as folder:
        held = settings(Path(folder) / "home", "")
        operator.ready(held)
        codes, scored = [f"A8{number:04d}" for number in range(practices)], people // practices
        made_up(held, codes, scored, listed)
        store = stores.open(held)
        client = clients.add(store, "a benchmark", (), TODAY, every=True)["client_id"]
        sheets, parcels = Path(folder) / "sheets", Path(folder) / "outbox"
        downtime.copy(held, sheets)
        outbox.deliver(held, parcels, client)
        gone = {place * scored + 1 for place in range(practices)}
        store.tell([Told(person, "died_informal", TODAY, "a benchmark", "a benchmark") for person in sorted(gone)])
        taken: dict[str, float] = {}
        processor: dict[str, float] = {}
        watched = cProfile.Profile()
        for name, one in (("sheets", downtime.renew), ("parcels", outbox.renew)):
            if profile:
                watched.enable()
            began, used = time.perf_counter(), time.process_time()
            done = one(held, store, gone)
            taken[name], processor[name] = time.perf_counter() - began, time.process_time() - used
            watched.disable()
            assert not done["behind"], done
        began = time.perf_counter()
        copies.renew(held, store, set())
        taken["nobody"] = time.perf_counter() - began
        floors = {"sheets": _floor(sheets, Path(folder) / "a"), "parcels": _floor(parcels, Path(folder) / "b")}
        store.close()
    if profile:
        pstats.Stats(watched).sort_stats("cumtime").print_stats(45)
    return {
        "people": people, "practices": practices, "listed": listed, "milliseconds_for_nobody": taken["nobody"] * 1000,
        "milliseconds": {name: taken[name] * 1000 / practices for name in floors},
        "processor": {name: seconds * 1000 / practices for name, seconds in processor.items()},
        "floor": {name: seconds * 1000 / practices for name, seconds in floors.items()},
    }  # fmt: skip


def _floor(there: Path, folder: Path) -> float:
    """Seconds of writing every practice's files as they are, each on disk before the next."""
    folder.mkdir()
    files = [file.read_bytes() for file in sorted(there.rglob("*")) if file.is_file()]
    began = time.perf_counter()
    for number, content in enumerate(files):
        write(folder / str(number), content)
    return time.perf_counter() - began


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--people", type=int, default=100_000)
    asked.add_argument("--practices", type=int, default=50)
    asked.add_argument("--listed", type=int, default=40)
    asked.add_argument("--json", action="store_true")
    asked.add_argument("--profile", action="store_true")
    given = asked.parse_args()
    told = {**measured(given.people, given.practices, given.listed, given.profile), "machine": machine()}
    if given.json:
        print(json.dumps(told))
        return
    print(f"{told['people']:,} invented people in {told['practices']:,} practices, {told['listed']:,} listed of each; milliseconds a practice")  # fmt: skip
    print(f"{'':<10}{'made anew':>10}{'floor':>8}{'beyond':>8}{'processor':>11}")
    for name, least in told["floor"].items():
        print(
            f"{name:<10}{told['milliseconds'][name]:>10.1f}{least:>8.1f}{told['milliseconds'][name] - least:>8.1f}{told['processor'][name]:>11.1f}"
        )
    print(f"Where it concerns nobody on a list: {told['milliseconds_for_nobody']:.0f} milliseconds in all")


if __name__ == "__main__":
    main()
