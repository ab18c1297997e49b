"""What a score of one person on demand takes, whole and by stage: ``make bench-score``.

    python -m benchmarks.score_now [--home demo/home] [--record demo/record] [--database sqlite postgresql] [--people 40] [--times 10] [--json]

An installation as ``make demo`` leaves it. Its home is copied, and the service runs in this process on the copy: a request goes the whole way, gate,
token, audit and all, but over no network. People are taken evenly from the current run; everything is warm before it is measured. Beside what a request takes
stands what of it this process computed: the rest it waited, for the disk, the database, or others who use the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import orjson
import structlog

from benchmarks import serve_installation as installation
from benchmarks.posting import rows_of
from features.alone import standing
from features.errors import MissingPart
from features.record.posted import checked
from features.record.reader import Record
from features.standing import OBJECTIONS
from risk import clients, keys
from risk.on_demand.live import Scorers
from risk.on_demand.scorer import Timing
from risk.permissions import permissions
from risk.pseudonyms import Pseudonyms
from risk.settings import Settings, load
from risk.tokens import Tokens
from serving.app import create_app

STAGES = ("read JSON", "check", "standing", "predictors", "predict", "calibrate", "reasons")
WHOLE, COMPUTED = "whole request", "of it computed"
#: Milliseconds of a whole request's median, at the most.
WANTED = 15


def measured(settings: Settings, record: Path, people: int, times: int) -> dict[str, Any]:
    """Milliseconds of every stage and of whole requests, one list each; and how large the bodies were (bytes, rows)."""
    app = create_app(settings)
    held = app.state.installation
    run = held.store.current_run()
    if run is None:
        raise MissingPart(
            "expected an installation with a published run; `make demo` makes one, and --home names another"
        )
    scored = sorted(held.store.scored_anywhere())
    some = {person: practice for person, _, practice in scored[:: max(1, len(scored) // people)]}
    with Record(record, purpose="case_finding", permissions=permissions(settings, record)) as opened:
        posts = rows_of(opened, some, run["index_date"])
    client = clients.add(held.store, "a benchmark", (), held.today, every=True, scopes=["score:write"])
    pseudonyms = Pseudonyms(keys.held(settings).person, client["client_id"])
    token = Tokens(keys.held(settings).token).issue(client["client_id"], ["score:write"], 60)
    bodies = [
        orjson.dumps({"person": pseudonyms.of(person), "at": run["index_date"], "rows": rows})
        for person, rows in posts.items()
    ]
    posted = len(bodies)
    bodies, whole, computed = asyncio.run(_requests(app, bodies, token, times))
    found: dict[str, list[float]] = {WHOLE: whole, COMPUTED: computed}
    scorer = Scorers(settings, held.store).live(run["model_name"])
    for body in bodies * times:
        timing = Timing()
        with timing.of("read JSON"):
            rows = json.loads(body)["rows"]
        with timing.of("check"):
            tables = checked(rows)
        with timing.of("standing"):
            stood = standing(tables, run["index_date"], scorer.bundle.minimum_age, frozenset(OBJECTIONS))
        scorer.score(tables, stood, timing)
        for stage in STAGES:
            found.setdefault(stage, []).append(timing.seconds[stage] * 1000)
    sizes = [sum(map(len, json.loads(body)["rows"].values())) for body in bodies]
    return {"milliseconds": found, "people": len(bodies), "too_little": posted - len(bodies), "rows": sizes, "bytes": [len(body) for body in bodies],
            "predictors": len(scorer.bundle.names), "trees": scorer.bundle.booster.num_trees(), "database": held.store.engine.dialect.name}  # fmt: skip


async def _requests(app: Any, bodies: list[bytes], token: str, times: int) -> tuple[list[bytes], list[float], list[float]]:  # fmt: skip
    """The bodies that are enough for a score, and milliseconds of each request with one of them, by the clock and by the processor; the first round warms
    all up."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    enough, took, computed = [], [], []
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app), base_url="http://service", headers=headers
    ) as http:
        for body in bodies:
            got = await http.post("/v1/score", content=body)
            if got.status_code == 200:
                enough.append(body)
            elif not got.json()["type"].endswith("too-little"):
                raise MissingPart(
                    f"expected a score, found {got.status_code} {got.json()['type']}: take another --home or --record"
                )
        for body in enough * times:
            began, processor = time.perf_counter(), time.process_time()
            await http.post("/v1/score", content=body)
            took.append((time.perf_counter() - began) * 1000)
            computed.append((time.process_time() - processor) * 1000)
    return enough, took, computed


def told(found: Mapping[str, Any]) -> list[str]:
    """The table, as lines of text."""
    held = {name: np.array(took) for name, took in found["milliseconds"].items()}
    whole = float(np.median(held[WHOLE]))
    size, rows = np.median(found["bytes"]), np.median(found["rows"])
    lines = [
        f"one person on demand: {found['people']} people ({found['too_little']} more had too little for one), {len(held[WHOLE])} requests; median {rows:,.0f} rows, {size / 1000:,.1f} kB posted",
        f"{found['predictors']} predictors, {found['trees']} trees; {found['database']}; in one process, no network",
        f"{'':16}{'p50 ms':>9}{'p99 ms':>9}{'share':>8}",
    ]
    for name in (*STAGES, WHOLE, COMPUTED):
        p50, p99 = np.percentile(held[name], [50, 99])
        lines.append(f"{name:16}{p50:9.2f}{p99:9.2f}{p50 / whole:8.0%}")
    rest = whole - sum(float(np.median(held[name])) for name in STAGES)
    met = "met" if whole <= WANTED else "NOT MET"
    return [
        *lines,
        f"{'the rest':16}{rest:9.2f}{'':9}{rest / whole:8.0%}  gate, token, relationship, audit, answer",
        f"p50 {whole:.1f} ms, at most {WANTED} wanted: {met}",
    ]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--home", type=Path, default=Path("demo/home"))
    asked.add_argument("--record", type=Path, default=Path("demo/record"))
    asked.add_argument("--people", type=int, default=40)
    asked.add_argument("--times", type=int, default=10)
    asked.add_argument("--database", nargs="+", choices=installation.DATABASES, default=list(installation.DATABASES))
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    if not (given.home.is_dir() and given.record.is_dir()):
        asked.error(
            f"expected an installation in {given.home} and its record in {given.record}; `make demo` makes both"
        )
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    found = [_on(name, given) for name in given.database]
    print(json.dumps(found) if given.json else "\n\n".join("\n".join(told(one)) for one in found))


def _on(database: str, given: argparse.Namespace) -> dict[str, Any]:
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        folder.chmod(0o711)
        store = ""
        if database == "postgresql":
            store = installation.database(held.enter_context(installation.postgresql(folder / "postgresql")))
        more = {"home": folder / "home", "store": store, "requests_per_minute": installation.UNLIMITED}
        settings = load().model_copy(update=more)
        installation.copied(given.home, settings)
        return measured(settings, given.record, given.people, given.times)


if __name__ == "__main__":
    main()
