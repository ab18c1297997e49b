"""A practice of 100,000 people (PEOPLE=number) taken away as CSV and as Excel: how much memory it takes beside a practice of a tenth, on SQLite and PostgreSQL."""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from risk import clients, keys
from risk import store as stores
from risk.settings import Settings, load
from risk.tokens import Tokens
from serving.app import create_app
from tests.databases import postgres, sqlite, store_settings
from tests.published import new_run

__all__ = ["postgres", "sqlite", "store_settings"]
PEOPLE = int(os.environ.get("PEOPLE", "100000"))
PRACTICES = {"A81001": PEOPLE // 10, "A81002": PEOPLE}
#: Times the memory that the tenth takes, at the most, beside what the process has anyway; rows are ten times as many.
GROWS = 3
SCOPES = ("runs:read", "lists:read", "scores:read")


def fill(settings: Settings) -> None:
    """A run that scored everybody of both practices, and lists nobody."""
    store = stores.open(settings)
    number, first = store.begin_run(new_run()), 1
    for practice, many in PRACTICES.items():
        ranks = range(1, many + 1)
        store.write_practices(number, [{"scheme": "ods", "practice": practice, "registered": many, "scored": many, "k": 0, "threshold": None, "listed": 0}])  # fmt: skip
        same = {
            "scheme": "ods",
            "practice": practice,
            "band": "low",
            "age_band": "70-74",
            "sex": "female",
            "listed": False,
        }
        own = {"person_id": list(range(first, first + many)), "rank": list(ranks), "raw": [-one / many for one in ranks],
               "probability": [1 - one / (many + 1) for one in ranks]}  # fmt: skip
        store.write_scores(number, {**own, **{name: [value] * many for name, value in same.items()}})
        first += many
    store.publish(number, content_sha256="0" * 64, counts={"scored": sum(PRACTICES.values())}, valid_until=date(2024, 12, 14))  # fmt: skip
    store.close()


def peak() -> int:
    """The most that the process has held until now, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def taken(practice: str, form: str) -> None:
    """One export in this process, without keeping what it answers; says how long it took and how much memory."""
    settings = load().model_copy(update={"today": date(2024, 12, 2)})
    store = stores.open(settings)
    made = clients.add(store, "a test", [practice], date(2024, 12, 2), scopes=SCOPES)
    token = Tokens(keys.held(settings).token).issue(made["client_id"], SCOPES, 60)
    with TestClient(create_app(settings)) as http:
        headers = {"Authorization": f"Bearer {token}"}
        assert http.get("/v1/runs/current", headers=headers).status_code == 200
        gc.collect()
        before, began, got = peak(), time.perf_counter(), 0
        body = {"what": "scores", "format": form}
        answer = http.post(f"/v1/practices/{practice}/exports", headers=headers, json=body)
        got, seconds = len(answer.content), time.perf_counter() - began
        assert answer.status_code == 200, answer.text
        print(before, peak(), got, f"{seconds:.1f}")
    store.close()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_memory_does_not_grow_with_the_rows(store_settings: Settings, form: str) -> None:
    """Harm: one practice's file stops the service for everybody. A process each: the peak of one is not the other's."""
    keys.held(store_settings, make=True)
    fill(store_settings)
    where = {
        "FRAILTY_HOME": str(store_settings.home),
        "FRAILTY_ENVIRONMENT": "test",
        "FRAILTY_STORE": store_settings.store_url,
    }
    grown = {}
    for practice, many in PRACTICES.items():
        asked = f"from tests.acceptance.test_exports import taken; taken({practice!r}, {form!r})"
        done = subprocess.run([sys.executable, "-c", asked], env={**os.environ, **where}, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])  # fmt: skip
        before, most, size, seconds = done.stdout.splitlines()[
            -2 if done.stdout.splitlines()[-1].startswith("20") else -1
        ].split()
        # What the caller of this process holds of the answer is the test's, twice over, and not the service's.
        grown[practice] = max(1, int(most) - int(before))
        print(f"{store_settings.store_url.split(':')[0]}, {form}: {many:,} rows, {int(size) / 1e6:.1f} MB in {seconds} s; peak {most} MB, {grown[practice]} MB above the idle service")  # fmt: skip
    assert grown["A81002"] < GROWS * grown["A81001"] + 64
