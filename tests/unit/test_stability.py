"""How much reasons stay from run to run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from features.errors import WrongUsage
from risk.run import folder
from risk.stability import between, jaccard, rank_biased_overlap, top

NAMES = ("age", "falls_2y", "heart_failure", "days_since_ed", "female")


def run(
    runs: Path,
    number: int,
    people: list[int],
    values: Sequence[Sequence[float]],
    moved: Sequence[Sequence[float]],
    version: int = 1,
) -> None:
    who = np.array(people, np.int64)
    with folder.Staged(runs, number) as staged:
        staged.write(folder.VALUES, folder.matrix_rows(who, NAMES, np.array(values)))
        staged.write(folder.CONTRIBUTIONS, folder.matrix_rows(who, NAMES, np.array(moved)))
        for name, writer in staged._writers.items():
            assert name
            writer.close()
        staged._writers = {}
        about = {"model": {"name": "m", "version": version, "sha256": "0"}, "predictors": dict.fromkeys(NAMES, "0")}
        (staged.path / folder.MANIFEST).write_text(json.dumps(about))
        staged.path.rename(staged.final)
        staged.sealed = True


def test_what_two_lists_share() -> None:
    assert jaccard("abc", "bcd") == 2 / 4
    assert jaccard("", "") == 1
    assert jaccard("ab", "cd") == 0


def test_rank_biased_overlap_weighs_the_first_places_most() -> None:
    assert rank_biased_overlap("abcde", "abcde") == pytest.approx(1)
    assert rank_biased_overlap("abc", "xyz") == 0
    # Overlaps at depths 1, 2: 0, 1. 1 * 0.8^2 + 0.2 / 0.8 * (0 * 0.8 + 1 * 0.8^2) = 0.64 + 0.16
    assert rank_biased_overlap("ab", "ba", 0.8) == pytest.approx(0.8)
    assert rank_biased_overlap("abcde", "bacde") < rank_biased_overlap("abcde", "abced")


def test_the_first_drivers_are_reasons_that_raise() -> None:
    #                 age  falls heart  ed   female
    moved = np.array([[0.1, 0.5, 0.3, -0.2, 9.0]])
    assert top(moved, NAMES) == [["falls", "heart_failure", "age"]]


def test_only_people_whose_values_stayed_are_compared(tmp_path: Path) -> None:
    values: list[list[float]] = [[80, 1, 0, 5, 1], [70, 0, 1, np.nan, 0], [60, 2, 0, 9, 1]]
    run(tmp_path, 1, [1, 2, 3], values, [[0.1, 0.5, 0.3, 0, 0], [0.2, 0, 0.4, 0, 0], [0.5, 0.4, 0, 0, 0]])
    # 1 is a week on and otherwise the same; 2 the same; 3 fell again; 4 is new.
    later: list[list[float]] = [[80.02, 1, 0, 12, 1], [70.02, 0, 1, np.nan, 0], [60, 3, 0, 16, 1], [50, 0, 0, 1, 0]]
    run(
        tmp_path,
        2,
        [1, 2, 3, 4],
        later,
        [[0.1, 0.3, 0.5, 0, 0], [0.2, 0, 0.4, 0, 0], [0.1, 0.9, 0, 0, 0], [1, 0, 0, 0, 0]],
    )
    found = between(tmp_path, 1, 2)
    assert (found.people, found.jaccard, found.same_first) == (2, 1.0, 0.5)
    swapped = rank_biased_overlap(["falls", "heart_failure", "age"], ["heart_failure", "falls", "age"])
    assert found.overlap == pytest.approx((swapped + 1) / 2)


def test_nobody_the_same_is_no_figure_and_another_model_is_refused(tmp_path: Path) -> None:
    run(tmp_path, 1, [1], [[80, 1, 0, 5, 1]], [[0.1, 0, 0, 0, 0]])
    run(tmp_path, 2, [1], [[80, 2, 0, 5, 1]], [[0.1, 0, 0, 0, 0]])
    run(tmp_path, 3, [1], [[80, 1, 0, 5, 1]], [[0.1, 0, 0, 0, 0]], version=2)
    assert between(tmp_path, 1, 2).as_json == {"people": 0, "jaccard": None, "overlap": None, "same_first": None}
    with pytest.raises(WrongUsage, match=r"two runs of one model.*version 1 in run 1 and m version 2 in run 3"):
        between(tmp_path, 1, 3)
