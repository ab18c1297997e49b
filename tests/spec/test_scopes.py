"""Lists of teams, networks and places, as small tables: over whose practices, how many, and that denominators add up."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.errors import WrongUsage
from risk import lists, scopes
from risk.scopes import Scope

DAY = date(2024, 6, 1)
KEY = bytes(range(32))
EVER = {"valid_from": date(2000, 1, 1), "valid_to": None}


def organisation(code: str, kind: str, **days: Any) -> dict[str, Any]:
    return {"scheme": "ods", "code": code, "name": f"the {kind} {code}", "kind": kind, **EVER, **days}


def part(code: str, whole: str, **days: Any) -> dict[str, Any]:
    return {"scheme": "ods", "code": code, "whole_scheme": "ods", "whole": whole, **EVER, **days}


def cover(team: str, practice: str, **days: Any) -> dict[str, Any]:
    return {"team_id": team, "scheme": "ods", "practice": practice, **EVER, **days}


def team(team_id: str, capacity: int | None = None, **days: Any) -> dict[str, Any]:
    return {
        "team_id": team_id,
        "name": f"team {team_id}",
        "kind": "neighbourhood",
        "capacity": capacity,
        **EVER,
        **days,
    }


DIRECTORY: dict[str, list[dict[str, Any]]] = {
    "organisation": [*(organisation(code, "practice") for code in "ABC"), organisation("N", "network"), organisation("P", "place"),
                     organisation("X", "network", valid_to=DAY)],
    "organisation_part": [part("A", "N"), part("B", "N"), part("N", "P"), part("P", "N"), part("C", "P", valid_from=date(2024, 6, 2)),
                          part("A", "X")],
    "team": [team("north", 3), team("south"), team("ended", valid_to=DAY), team("of nobody")],
    "team_cover": [cover("north", "A"), cover("north", "C"), cover("south", "B"), cover("south", "A", valid_to=DAY), cover("ended", "A")],
}  # fmt: skip


def test_over_whose_practices_by_what_holds_on_the_day() -> None:
    """A team's list holds people of a practice that it no longer covers, or leaves out those that it does; a circle in the directory never ends."""
    found = scopes.scopes(DIRECTORY, DAY, ("network", "place"))
    told = [(one.kind, one.code, [code for _, code in one.practices], one.capacity) for one in found]
    assert told == [("network", "N", ["A", "B"], None), ("place", "P", ["A", "B"], None), ("team", "north", ["A", "C"], 3),
                    ("team", "south", ["B"], None)]  # fmt: skip
    assert [one.kind for one in scopes.scopes(DIRECTORY, DAY)] == ["team", "team"]
    assert scopes.over(" place ,network") == ("place", "network")
    with pytest.raises(WrongUsage, match="list_over"):
        scopes.over("team")


def scored(**raw: list[float]) -> pd.DataFrame:
    """People of each practice in turn, ids from 1, drawn as a run draws them."""
    rows = [("ods", practice, score) for practice, scores in raw.items() for score in scores]
    frame = pd.DataFrame(rows, columns=["practice_scheme", "practice", "raw"]).assign(section="", held_out=False)
    frame = frame.assign(
        person_id=np.arange(1, len(frame) + 1, dtype=np.int64), probability=1 / (1 + np.exp(-frame["raw"]))
    )
    return frame.join(lists.draw(frame, 0.02, KEY))


@pytest.mark.parametrize(
    ("capacity", "fraction", "people", "k"),
    [
        (None, 0.02, [4], 1),  # ceil(0.02 x 6) = 1, over both practices together and not one each
        (None, 0.5, [4, 1, 5], 3),
        (2, 0.02, [4, 1], 2),
        (4, 0.02, [4, 1, 5, 2], 4),
        (100, 0.02, [4, 1, 5, 2, 6, 3], 6),  # more than there are
    ],
)
def test_as_many_as_the_team_can_take_on(capacity: int | None, fraction: float, people: list[int], k: int) -> None:
    """A team is handed more people than it can see, and chooses among them by chance; or those of the second practice are never reached."""
    scores = scored(A=[0.8, 0.5, 0.1], B=[0.9, 0.6, 0.2])
    one = scopes.draw(
        scores,
        Scope("team", "", "t", "t", (("ods", "A"), ("ods", "B")), capacity),
        {"A": 10, "B": 20},
        fraction,
        KEY,
        (),
    )
    assert one is not None
    assert (one.people["person_id"].tolist(), one.k, one.people["rank"].tolist()) == (
        people,
        k,
        list(range(1, len(people) + 1)),
    )
    assert one.cut == pytest.approx(1 / (1 + np.exp(-scores.set_index("person_id")["raw"][people[-1]])))


def test_denominators_add_up() -> None:
    """People counted twice, or in nobody's denominator, by whoever adds lists together."""
    scores = scored(A=[0.8, 0.5, 0.1], B=[0.9, 0.6], C=[0.4])
    registered = {"A": 10, "B": 20, "C": 5}
    of = {code: scopes.draw(scores, Scope("network", "ods", code, code, tuple(("ods", one) for one in practices)), registered, 0.02, KEY, ())
          for code, practices in {"AB": "AB", "C": "C", "ABC": "ABC"}.items()}  # fmt: skip
    assert all(of.values())
    told = {code: (one.scored, one.registered) for code, one in of.items() if one is not None}
    assert told == {"AB": (5, 30), "C": (1, 5), "ABC": (6, 35)}
    assert scopes.draw(scores, Scope("team", "", "t", "t", (("ods", "Z"),)), registered, 0.02, KEY, ()) is None


def test_sections_ties_and_hold_outs_are_as_of_a_practices_list() -> None:
    """A team's list holds somebody whom the practice's keeps apart, or whom a lot keeps off; ties are decided by the order of a file."""
    scores = scored(A=[0.8, 0.5], B=[0.9, 0.5]).assign(section=["", "", "end_of_life", ""])
    scope = Scope("team", "", "t", "t", (("ods", "A"), ("ods", "B")), 1)
    one = scopes.draw(scores, scope, {"A": 2, "B": 2}, 0.02, KEY, ())
    assert one is not None
    assert one.people["person_id"].tolist() == [3, 1]  # the one place goes to 1; 3 ranks above and is listed apart
    kept_off = scopes.draw(scores.assign(held_out=[True, False, False, False]), scope, {"A": 2, "B": 2}, 0.02, KEY, ())
    assert kept_off is not None
    assert kept_off.people["person_id"].tolist() == [3]
    tied = scored(A=[0.5] * 4, B=[0.5] * 4)
    both = scopes.draw(
        tied, Scope("team", "", "t", "t", (("ods", "A"), ("ods", "B")), 3), {"A": 4, "B": 4}, 0.02, KEY, ()
    )
    same = scopes.draw(
        tied.iloc[::-1], Scope("team", "", "t", "t", (("ods", "A"), ("ods", "B")), 3), {"A": 4, "B": 4}, 0.02, KEY, ()
    )
    assert both is not None
    assert same is not None
    assert both.people["person_id"].tolist() == same.people["person_id"].tolist()
