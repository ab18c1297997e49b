"""The service measured over loopback against two floors, on SQLite and on PostgreSQL: ``make bench-serve``.

    python -m benchmarks.serve [--seconds 5] [--connections 16] [--home DIR --record DIR] [--database sqlite] [--json]

Floor (a) is a bare FastAPI route that returns the list page's bytes; floor (b) returns them behind the product's middleware, token check and audit. The list is
of a run made up for it; a score on demand needs an installation with a model, as ``make demo`` leaves it (``--home``, ``--record``), of which a copy is served.
The service is one process, started as ``frailty serve`` starts it; the load generator is another, and counts what it is answered.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson

from benchmarks import results
from benchmarks import serve_installation as installation
from benchmarks.posting import rows_of
from benchmarks.serve_floors import FLOOR
from benchmarks.serve_load import Ask, Load
from features.errors import MissingPart
from features.record.reader import Record
from risk import keys
from risk import store as stores
from risk.permissions import permissions
from risk.pseudonyms import Pseudonyms
from risk.settings import Settings

Figures = dict[str, Any]
A, B = "(a) bare FastAPI", "(b) behind the door"
LIST, SAME, PERSON, SCORE = "list page of 50", "list, 304", "one person", "score on demand"
PAGE = f"/v1/practices/{installation.PRACTICES[0]}/list?limit={installation.PAGE}"
FLOORS = [sys.executable, "-m", "benchmarks.serve_floors"]
#: Of (b)'s requests a second, at the least.
SHARES = {LIST: 0.5, SAME: 0.8}
#: Times (b)'s 99th percentile, at the most; milliseconds of a score's median, warm and one at a time, at the most.
SLOWEST, SCORED = 3, 15


def put(served: installation.Served, asks: list[Ask], given: argparse.Namespace, connections: int = 0) -> Figures:
    """What came of a load, with the share of the service's processor time."""
    load = Load(served.port, asks, connections or given.connections, given.seconds)
    before = served.processor()
    found = load.put()
    return {**found, "service": (served.processor() - before) / (load.seconds + load.warm)}


def lists(settings: Settings, folder: Path, given: argparse.Namespace) -> dict[str, Figures]:
    """The floors, the list, an unchanged list and one person, on the database of the settings."""
    keys.held(settings, make=True)
    installation.made_up(settings)
    store = stores.open(settings)
    _, bearer = installation.bearer(settings, store, "lists:read", "persons:read", "runs:read")
    store.close()
    log, page = folder / "service.log", folder / "page.json"
    found: dict[str, Figures] = {}
    with installation.serving(installation.product(), installation.environment(settings), log) as served:
        body, tag = _page(served, bearer)
        page.write_bytes(body)
        people = [one["person"] for one in json.loads(body)["people"]]
        found[LIST] = put(served, [Ask(PAGE, bearer)], given)
        found[SAME] = put(served, [Ask(PAGE, {**bearer, "If-None-Match": tag})], given)
        found[PERSON] = put(served, [Ask(f"/v1/persons/{one}/risk", bearer) for one in people], given)
    more = installation.environment(settings, FRAILTY_BENCH_BYTES=str(page))
    for name, which in ((A, "bare"), (B, "behind")):
        with installation.serving([*FLOORS, which, "0"], more, log) as served:
            found[name] = put(served, [Ask(FLOOR, bearer)], given)
    return {name: {**found[name], "bytes": page.stat().st_size} for name in (A, B, LIST, SAME, PERSON)}


def _page(served: installation.Served, bearer: Mapping[str, str]) -> tuple[bytes, str]:
    request = urllib.request.Request(f"{served.address}{PAGE}", headers=dict(bearer))  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return answer.read(), str(answer.headers["ETag"])


def scores(settings: Settings, folder: Path, given: argparse.Namespace) -> Figures:
    """Scores on demand, one at a time, of people with enough in their record for one; every person is asked once before."""
    installation.copied(given.home, settings)
    store = stores.open(settings)
    run = store.current_run()
    if run is None:
        raise MissingPart(f"expected an installation with a published run in {given.home}; `make demo` makes one")
    settings = settings.model_copy(update={"today": run["index_date"]})
    client, bearer = installation.bearer(settings, store, "score:write")
    scored = sorted(store.scored_anywhere())
    store.close()
    some = {person: practice for person, _, practice in scored[:: max(1, len(scored) // given.people)]}
    with Record(given.record, purpose="case_finding", permissions=permissions(settings, given.record)) as opened:
        posts = rows_of(opened, some, run["index_date"])
    named = Pseudonyms(keys.held(settings).person, client)
    bodies = [orjson.dumps({"person": named.of(person), "at": run["index_date"], "rows": rows}).decode() for person, rows in posts.items()]  # fmt: skip
    given_to, log = installation.environment(settings), folder / "score.log"
    with installation.serving(installation.product(), given_to, log) as served:
        enough = [Ask("/v1/score", bearer, "POST", body) for body in bodies if _scored(served, bearer, body)]
        if not enough:
            raise MissingPart(
                f"expected scores of people in {given.record}, and nobody asked for had one; take another --home and --record"
            )
        return put(served, enough, given, connections=1)


def _scored(served: installation.Served, bearer: Mapping[str, str], body: str) -> bool:
    request = urllib.request.Request(f"{served.address}/v1/score", body.encode(), {**bearer, "Content-Type": "application/json"})  # noqa: S310  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return False


def told(name: str, found: Mapping[str, Figures]) -> list[str]:
    """One database's table, and which targets are met."""
    a, b = found[A], found[B]
    lines = [f"{name}: {a['bytes'] / 1000:,.0f} kB a page of {installation.PAGE}",
             f"  {'':22}{'requests/s':>11}{'p50 ms':>9}{'p99 ms':>9}{'of (b)':>8}{'of (a)':>8}{'service':>9}{'load':>7}  answers"]  # fmt: skip
    for what, one in found.items():
        shares = "".join(f"{_share(one, floor):>8}" if what != SCORE else f"{'':8}" for floor in (b, a))
        said = ", ".join(
            f"{many:,} of {status}" for status, many in sorted({**one["statuses"], **one["errors"]}.items())
        )
        lines.append(f"  {what:22}{one['per_second']:11,.0f}{one['p50']:9.1f}{one['p99']:9.1f}{shares}{one['service']:9.0%}{one['processor']:7.0%}  {said}")  # fmt: skip
    for what, share in SHARES.items():
        enough = found[what]["per_second"] >= share * b["per_second"] > 0
        soon = 0 < found[what]["p99"] <= SLOWEST * b["p99"]
        lines.append(f"  {what}: {_share(found[what], b)} of (b), at least {share:.0%} wanted: {_met(enough)}; "
                     f"p99 {_share(found[what], b, 'p99')} of (b)'s, at most {SLOWEST:.0%} wanted: {_met(soon)}")  # fmt: skip
    if bad := {what: said for what, one in found.items() if (said := _bad(one))}:
        lines.append(f"  NOT ALL ANSWERED: {'; '.join(f'{what}: {said}' for what, said in bad.items())}")
    if SCORE in found:
        lines.append(
            f"  {SCORE}: p50 {found[SCORE]['p50']:.1f} ms, at most {SCORED} wanted: {_met(found[SCORE]['p50'] <= SCORED)}"
        )
    return lines


def _share(one: Figures, floor: Figures, of: str = "per_second") -> str:
    """One figure as a share of the floor's; nothing to be said where the floor has none."""
    return f"{one[of] / floor[of]:.0%}" if floor[of] else "no floor"


def _bad(one: Figures) -> str:
    """What was answered that is not a list, a score or unchanged, and what was not answered."""
    wrong = {status: many for status, many in one["statuses"].items() if not (status.startswith("2") or status == "304")}  # fmt: skip
    return ", ".join(f"{many:,} of {what}" for what, many in sorted({**wrong, **one["errors"]}.items()))


def _met(so: bool) -> str:
    return "met" if so else "NOT MET"


def measured(given: argparse.Namespace) -> dict[str, dict[str, Figures]]:
    """Figures by database and by what was asked for."""
    found: dict[str, dict[str, Figures]] = {}
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="frailty-serve-", ignore_cleanup_errors=True)))  # fmt: skip
        folder.chmod(0o711)
        server = (
            held.enter_context(installation.postgresql(folder / "postgresql")) if "postgresql" in given.database else ""
        )
        for name in given.database:

            def settings(what: str, on: str = name) -> Settings:
                store = installation.database(server) if on == "postgresql" else ""
                return installation.settings(folder / f"{on}-{what}", store)

            found[name] = lists(settings("lists"), folder, given)
            if given.home:
                found[name][SCORE] = scores(settings("scores"), folder, given)
    return found


def asked() -> argparse.Namespace:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--seconds", type=float, default=5)
    given.add_argument("--connections", type=int, default=16)
    given.add_argument("--home", type=Path)
    given.add_argument("--record", type=Path)
    given.add_argument("--people", type=int, default=40)
    given.add_argument("--database", nargs="+", choices=installation.DATABASES, default=list(installation.DATABASES))
    given.add_argument("--json", action="store_true")
    read = given.parse_args()
    if (read.home is None) != (read.record is None):
        given.error("expected --home and --record together: an installation with a model, and its record")
    return read


def main() -> None:
    given = asked()
    found, machine = measured(given), results.machine()
    if given.json:
        print(json.dumps({"machine": machine, "databases": found}))
        return
    print(f"one process, {given.connections} connections (a score: 1) of a load generator in another, over loopback; {machine['cores']} cores, {machine['processor']}; "
          f"people made up; shares of one core; {installation.UNLIMITED} requests a minute allowed each client, which FRAILTY_REQUESTS_PER_MINUTE sets for the "
          "service that is measured alone")  # fmt: skip
    for name, one in found.items():
        print("\n".join(told(name, one)))


if __name__ == "__main__":
    main()
