"""A person's interval from the run to the answer."""

from __future__ import annotations

from datetime import date

import numpy as np
import orjson
import pandas as pd
import pytest

from risk.run import scoring
from risk.settings import Settings
from risk.store import Store
from tests.published import FLAGS, REASONS, new_run
from tests.service import serving


def keep(store: Store, low: float | None, high: float | None) -> int:
    """A published run of one person, listed, whose probability of 0.61 has that interval."""
    number = store.begin_run(new_run())
    store.write_practices(number, [{"scheme": "ods", "practice": "A81001", "registered": 9, "scored": 1, "k": 1, "threshold": 0.9, "listed": 1}])  # fmt: skip
    row = {"person_id": 101, "scheme": "ods", "practice": "A81001", "rank": 1, "raw": 0.9, "probability": 0.61, "low": low,
           "high": high, "band": "high", "age_band": "85-89", "sex": "female"}  # fmt: skip
    store.write_scores(number, {name: [value] for name, value in {**row, "listed": True}.items()})
    store.write_list(
        number, [{**row, "reason": "score", "reasons": orjson.dumps(REASONS), "flags": orjson.dumps(FLAGS)}]
    )
    store.publish(number, content_sha256="00" * 32, counts={}, valid_until=date(2024, 12, 14))
    return number


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.52, 0.69, {"low": 0.52, "high": 0.69}), (None, None, None), (float("nan"), float("nan"), None)],
)
def test_the_list_and_the_person_say_the_same(
    store: Store, store_settings: Settings, low: float | None, high: float | None, expected: dict[str, float] | None
) -> None:
    (store_settings.runs / str(keep(store, *scoring.records(pd.DataFrame({"low": [low], "high": [high]}))[0].values()))).mkdir(parents=True)  # fmt: skip
    with serving(store_settings) as service:
        bearer = service.bearer(service.client("A81001"))
        (person,) = service.http.get("/v1/practices/A81001/list", headers=bearer).json()["people"]
        assert person["interval"] == expected
        answer = service.http.get(f"/v1/persons/{person['person']}/risk", headers=bearer).json()
        assert (answer["probability"], answer["interval"]) == (0.61, expected)


def test_no_number_is_none_where_it_is_kept() -> None:
    frame = pd.DataFrame({"practice_scheme": ["ods"], "low": [np.nan], "rank": np.array([1], np.int32), "flag": [None]})
    assert scoring.records(frame) == [{"scheme": "ods", "low": None, "rank": 1, "flag": None}]
