"""100,000 simulated people, a tenth as many of a council's without an NHS number, errors of the order that linkage studies report: how many
are linked, and how many wrongly, printed by the command that an area runs."""

from __future__ import annotations

import time
from pathlib import Path

from risk.linkage.report import number
from tests.acceptance.installation import Installation
from tests.linked import taken
from tests.people_to_link import people

PEOPLE, CLIENTS = 100_000, 10_000


def test_precision_and_recall_at_the_default_threshold(tmp_path: Path) -> None:
    held = Installation(tmp_path, today="2024-12-02")
    began = time.perf_counter()
    place = taken(tmp_path / "home", people(PEOPLE, CLIENTS, 1))
    print(f"taking in: {time.perf_counter() - began:.0f} s")
    began = time.perf_counter()
    linked = held.run("link", "--record", str(place.record))
    print(f"link: {time.perf_counter() - began:.0f} s; {linked}")
    report = held.run(
        "link",
        "--record",
        str(place.record),
        "--report",
        "--key",
        str(tmp_path / "home" / "key.parquet"),
        "--out",
        str(tmp_path / "page"),
    )
    against = report["against_key"]
    print(
        f"simulated: precision {against['precision']:.5f}, recall {against['recall']:.4f} of {against['people']:,} people"
    )
    for row in against["groups"]:
        precision, recall = (number(row[name]) for name in ("precision", "recall"))
        print(f"  {row['group']} {row['value']}: {row['people']:,} people, precision {precision}, recall {recall}")
    assert against["precision"] >= 0.999
    assert against["recall"] >= 0.95
    assert linked["linked"] == against["linked"]
