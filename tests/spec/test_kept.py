"""Lists kept as bytes, and parts of a run's files kept for the next person asked about: what makes them go."""

from __future__ import annotations

from pathlib import Path

import pyarrow as arrow
import pytest

from risk.run.folder import writer
from risk.run.narrow import Narrow
from serving.kept import Kept, Told

ONE, TWO, THREE = (Told(text, (1,)) for text in (b"12345", b"67890", b"abcde"))


@pytest.mark.parametrize(
    ("kept", "mark", "tag", "found"),
    [
        ([("m", "a", ONE)], "m", "a", ONE),
        ([("m", "a", ONE)], "m", "b", None),
        ([("m", "a", ONE)], "somebody is hidden", "a", None),
        ([("m", "a", ONE), ("somebody is hidden", "b", TWO)], "m", "a", None),
        ([("m", "a", ONE), ("m", "b", TWO), ("m", "c", THREE)], "m", "a", None),  # 15 bytes do not go into 10
        ([("m", "a", ONE), ("m", "b", TWO), ("m", "c", THREE)], "m", "c", THREE),
        ([("m", "a", Told(b"x" * 11, ()))], "m", "a", None),
    ],
)
def test_what_is_kept_goes_when_anybody_is_hidden(kept: list[tuple[str, str, Told]], mark: str, tag: str, found: Told | None) -> None:  # fmt: skip
    """Harm prevented: a list is answered with somebody on it who died or opted out since it was made."""
    held = Kept(most=10)
    for one in kept:
        held.keep(*one)
    assert held.held(mark, tag) is found


def _written(path: Path, plans: dict[int, str]) -> None:
    table = arrow.table({"person_id": arrow.array(plans, arrow.int64()), "plan": list(plans.values()), "other": [0.5] * len(plans)})  # fmt: skip
    with writer(path, table.schema) as file:
        file.write_table(table, row_group_size=2)


@pytest.mark.parametrize(
    ("person", "row"),
    [(1, None), (2, {"plan": "yes"}), (4, {"plan": "no"}), (5, None), (8, {"plan": "yes"}), (9, None)],
)
def test_a_row_is_found_in_its_part_of_the_file(tmp_path: Path, person: int, row: dict[str, str] | None) -> None:
    _written(tmp_path / "flags", {2: "yes", 4: "no", 6: "no", 8: "yes"})
    narrow = Narrow()
    assert [narrow.row(tmp_path / "flags", person, ("plan",)) for _ in range(2)] == [row, row]


def test_a_file_written_again_without_somebody_is_read_again(tmp_path: Path) -> None:
    """Harm prevented: what was known of somebody is told after they were forgotten."""
    narrow, path = Narrow(kept=1), tmp_path / "flags"
    _written(path, {2: "yes", 4: "no", 6: "no"})
    assert [narrow.row(path, person, ("plan",)) for person in (2, 6)] == [{"plan": "yes"}, {"plan": "no"}]
    _written(tmp_path / "fresh", {4: "no", 6: "yes"})
    (tmp_path / "fresh").rename(path)
    assert [narrow.row(path, person, ("plan",)) for person in (2, 6)] == [None, {"plan": "yes"}]
    path.unlink()
    with pytest.raises(OSError):
        narrow.row(path, 4, ("plan",))
