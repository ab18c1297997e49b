"""100,000 simulated people × 5 years, from nothing to a published list; every stage's time and peak memory are printed."""

from __future__ import annotations

import resource
import time
from pathlib import Path
from typing import Any

from tests.acceptance.installation import Installation, accounted_for

PEOPLE = 100_000


def timed(held: Installation, *arguments: str) -> dict[str, Any]:
    began = time.perf_counter()
    result = held.run(*arguments)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    print(f"{arguments[0]}: {time.perf_counter() - began:.0f} s, peak memory of any stage so far {peak:.1f} GB")
    return result


def test_a_hundred_thousand_people_become_lists(tmp_path: Path) -> None:
    held = Installation(tmp_path, today="2024-12-02")
    simulated = timed(held, "simulate", "--people", str(PEOPLE), "--seed", "1", "--years", "5", "--out", "extract", "--truth", "truth")  # fmt: skip
    ingested = timed(held, "ingest", "native", "extract", "--record", "record")
    accounted_for(ingested)
    assert sum(extract["totals"]["accepted"] for extract in ingested["extracts"]) > 0.999 * sum(
        simulated["rows"].values()
    )
    trained = timed(held, "train", "--record", "record", "--outcome", "unplanned_admission", "--truth", "truth")
    timed(held, "promote", trained["name"], str(trained["version"]))
    run = timed(held, "run", "--record", "record", "--at", "2024-11-30")
    listed = sum(row["listed"] for row in run["practices"])
    assert listed == sum(-(-2 * row["scored"] // 100) for row in run["practices"]) == run["counts"]["listed"]
    ours, best = (trained["performance"][who] for who in ("ours", "truth"))
    for figure in ("auroc", "auprc", "brier"):
        print(f"simulated, {figure}: ours {ours[figure]['value']:.3f}, the true risk {best[figure]['value']:.3f}")
    assert ours["auroc"]["value"] < best["auroc"]["high"]
    assert ours["auroc"]["value"] > trained["performance"]["past_admissions"]["auroc"]["high"]
