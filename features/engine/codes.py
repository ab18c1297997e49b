"""What each different code of a table means to the lanes of a sweep, settled once."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as arrow

from features.engine.lanes import Sweep


def settled(sweep: Sweep, codes: Iterable[tuple[str, str]]) -> arrow.Table:
    """``system, code`` of every different code given, with ``class_i`` (its class in the *i*-th lane, in its place above the bits) and,
    where a lane counts different codes, ``number_i`` (equal for codes that count as one).

    Codes that no lane wants are left out, where every lane wants only listed ones."""
    coded = [(i, lane) for i, lane in enumerate(sweep.lanes) if lane.coded]
    counted = [(i, lane) for i, lane in enumerate(sweep.lanes) if lane.distinct == "code"]
    only_listed = all(of.codes for lane in sweep.lanes for of in lane.groups)
    held: dict[str, list[object]] = {"system": [], "code": []}
    held |= {f"class_{i}": [] for i, _ in coded} | {f"number_{i}": [] for i, _ in counted}
    numbers: dict[int, dict[str, int]] = {i: {} for i, _ in counted}
    for system, code in codes:
        classes = {i: lane.code_class(system, code) << lane.bits for i, lane in coded}
        if only_listed and not any(classes.values()):
            continue
        held["system"].append(system)
        held["code"].append(code)
        for i, number in classes.items():
            held[f"class_{i}"].append(number)
        for i, lane in counted:
            text = code[: lane.prefix]
            held[f"number_{i}"].append(float(numbers[i].setdefault(text, len(numbers[i]))))
    types = {"system": arrow.string(), "code": arrow.string()}
    return arrow.table({name: arrow.array(column, types.get(name, arrow.int32() if name.startswith("class") else arrow.float64()))
                        for name, column in held.items()})  # fmt: skip
