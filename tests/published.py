"""Small runs for tests of the store and the service: rows spelled out, published as a run publishes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import orjson

from risk.store import NewRun, Store

#: (person_id, practice, rank, raw, probability, band, listed)
Row = tuple[int, str, int, float, float, str, bool]

PEOPLE: tuple[Row, ...] = (
    (101, "A81001", 1, 0.9, 0.61, "high", True),
    (102, "A81001", 2, 0.4, 0.34, "medium", True),
    (103, "A81001", 3, -1.2, 0.08, "low", False),
    (201, "A81002", 1, 0.7, 0.55, "high", True),
    (202, "A81002", 2, -0.3, 0.21, "medium", False),
)
REASONS = {
    "baseline": -2.5,
    "raw": 0.9,
    "raises": [
        {"predictor": "emergency_admissions_1y", "domain": "hospital use", "says": "3 emergency admissions in the last year",
         "value": 3.0, "contribution": 2.1, "actionable": False},
    ],
    "lowers": [],
    "rest": 1.3,
    "domains": [{"domain": "hospital use", "contribution": 3.4}],
}  # fmt: skip


def new_run(**changed: Any) -> NewRun:
    """A run's facts, with ``changed`` ones."""
    facts: dict[str, Any] = {
        "index_date": date(2024, 11, 30),
        "data_as_at": date(2024, 11, 28),
        "outcome": "unplanned_admission",
        "title": "Unplanned admission",
        "horizon": 365,
        "minimum_age": 18,
        "fraction": 0.02,
        "model_name": "unplanned_admission_365",
        "model_version": 3,
        "model_sha256": "ab" * 32,
        "manifest_fingerprint": "cd" * 32,
        "permissions": {"purpose": "case_finding"},
        "about": {"kind": "simulated", "title": "a made-up area of 5 people"},
    }
    return NewRun(**{**facts, **changed})


def staged(store: Store, people: tuple[Row, ...] = PEOPLE, **changed: Any) -> int:
    """A run in staging with all its rows; its number."""
    number = store.begin_run(new_run(**changed))
    practices = sorted({row[1] for row in people})
    store.write_practices(
        number,
        [
            {
                "scheme": "ods",
                "practice": practice,
                "registered": 100,
                "scored": sum(row[1] == practice for row in people),
                "k": sum(row[1] == practice and row[6] for row in people),
                "threshold": min(row[3] for row in people if row[1] == practice and row[6]),
                "listed": sum(row[1] == practice and row[6] for row in people),
            }
            for practice in practices
        ],
    )
    names = ("person_id", "practice", "rank", "raw", "probability", "band", "listed")
    rows = [
        {**dict(zip(names, row, strict=True)), "scheme": "ods", "age_band": "85-89", "sex": "female"} for row in people
    ]
    store.write_scores(number, {name: [row[name] for row in rows] for name in rows[0]})
    kept = [{key: value for key, value in row.items() if key != "listed"} for row in rows if row["listed"]]
    store.write_list(
        number,
        [{**row, "reason": "score", "reasons": orjson.dumps(REASONS), "flags": orjson.dumps(FLAGS)} for row in kept],
    )
    return number


FLAGS = {"care_home": {"value": "no", "on": "2024-11-28"}}


def published(store: Store, people: tuple[Row, ...] = PEOPLE, *, valid_until: date = date(2024, 12, 14), shadow: bool = False,
              proposed: Sequence[Mapping[str, Any]] = (), **changed: Any) -> int:  # fmt: skip
    """A published run, with what it proposes for the frailty register; its number."""
    number = staged(store, people, **changed)
    store.write_frailty_proposals(number, proposed)
    store.publish(number, content_sha256=f"{number:064x}", counts={"scored": len(people)}, valid_until=valid_until, shadow=shadow)  # fmt: skip
    return number
