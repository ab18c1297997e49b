"""The draw against its definition, person by person, on arbitrary practices and scores with many ties."""

from __future__ import annotations

import hmac
import math
from fractions import Fraction

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from risk.lists import draw

people = st.lists(
    st.tuples(st.sampled_from(["ods", "local"]), st.sampled_from("ABC"), st.sampled_from([-1.5, 0.0, -0.0, 0.25, 3.0])),
    max_size=120,
)


@given(people, st.sampled_from([0.005, 0.02, 0.1, 0.5, 1.0]), st.binary(min_size=32, max_size=32))
def test_the_draw_is_its_definition(rows: list[tuple[str, str, float]], fraction: float, key: bytes) -> None:
    frame = pd.DataFrame(rows, columns=["practice_scheme", "practice", "raw"])
    frame["person_id"] = range(1, len(frame) + 1)
    drawn = draw(frame, fraction, key)
    for _, members in frame.groupby(["practice_scheme", "practice"]):
        k = math.ceil(Fraction(str(fraction)) * len(members))
        order = sorted(
            members.index,
            key=lambda row: (
                -frame["raw"][row],
                hmac.digest(key, int(frame["person_id"][row]).to_bytes(8, "big"), "sha256"),
            ),
        )
        assert drawn["rank"][order].tolist() == list(range(1, len(members) + 1))
        assert drawn["listed"][order].tolist() == [place < k for place in range(len(members))]
        assert set(drawn["k"][order]) == {k}
        assert set(drawn["threshold"][order]) == {frame["raw"][order[k - 1]]}
