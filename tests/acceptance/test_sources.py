"""100,000 simulated people: truth, dirty extracts, one record; every stage's time and peak memory are printed, and what the dirt hid is
counted by the key. `PEOPLE=5000 make accept-sources` for a smaller area."""

from __future__ import annotations

import json
import os
import resource
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from features.linkage.identity import IdentityStore
from features.population.writing.extracts import shapes
from features.population.writing.opt_outs import FOLDER, KINDS
from tests import roundtrip
from tests.acceptance.installation import Installation

PEOPLE, SEED = int(os.environ.get("PEOPLE", "100000")), 1


def timed(held: Installation, *arguments: str) -> tuple[dict[str, Any], float]:
    began = time.perf_counter()
    result = held.run(*arguments)
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    print(f"{arguments[0]}: {took:.0f} s, peak memory of any stage so far {peak:.1f} GB")
    return result, took


def test_a_hundred_thousand_people_go_round(tmp_path: Path) -> None:
    held = Installation(tmp_path, today="2024-12-02")
    _, simulating = timed(held, "simulate", "--people", str(PEOPLE), "--seed", str(SEED), "--years", "5", "--out", "area",
                          "--shape", "extracts")  # fmt: skip
    ingested, ingesting = timed(held, "ingest", "area", str(Path("area") / "area.toml"), "--record", "record")
    assert ingested["counts"]["refused"] == 0, [
        (feed["name"], feed["why"]) for feed in ingested["feeds"] if feed["why"]
    ]
    for feed in ingested["feeds"]:
        totals = feed["totals"]
        assert totals["read"] == totals["accepted"] + sum(totals["quarantined"].values()) + sum(
            totals["dropped"].values()
        )
        print(
            f"{feed['name']}: {json.dumps({name: totals[name] for name in ('read', 'accepted', 'quarantined', 'dropped')})}"
        )
    for kind in KINDS:
        held.run(
            "opt-outs",
            kind,
            "--opted-out",
            str(Path("area") / FOLDER / f"{kind}.txt"),
            "--on",
            "2024-12-01",
            "--record",
            "record",
        )
    print(f"both: {simulating + ingesting:.0f} s; to be within 600 s and 4 GB on 2 cores")
    with (
        IdentityStore.open(tmp_path / "home" / "identity", tmp_path / "home" / "keys" / "identity.key") as identity,
        roundtrip.held(tmp_path / "area", tmp_path / "record", identity, SEED) as connection,
    ):
        objecting = roundtrip.objectors(connection)
        print(f"opt-outs by list (both, missing, extra): {objecting}")
        assert {kind: found[1:] for kind, found in objecting.items()} == dict.fromkeys(KINDS, (0, 0))
        sharing = roundtrip.objecting_to_sharing(connection, tmp_path / "record", date(2024, 12, 2))
        for one in (sharing, *roundtrip.compare(connection, shapes())):
            print(one)
            whole = one.same + one.missing
            assert None not in {*one.hidden, *one.invented}, "rows of which the key says nothing"
            assert one.same == pytest.approx(whole, rel=0.05)
