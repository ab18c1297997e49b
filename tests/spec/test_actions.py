"""The catalogue of actions: the house's own, and what of an area's does not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.errors import BadInput
from risk.decisions.catalogue import catalogue
from risk.drivers import DRIVERS

GOOD = '[owners]\ndefault = "the practice"\n[[action]]\ncode = "visit"\ntitle = "Visit"\ndomain = "function"\ndrivers = ["falls"]\nservice = "team"\nsource = "ours"\n'


def test_the_houses_catalogue_answers_drivers_that_there_are_and_says_where_each_is_from() -> None:
    """Harm: an action is offered for a reason that no list can show, or by nobody's authority."""
    held = catalogue()
    known = {driver.name for driver in DRIVERS}
    assert len(held.actions) == 14
    assert all(action.source and set(action.drivers) <= known for action in held.actions.values())
    assert held.owner("spell") == "the hospital's data quality team"
    assert held.owner("assessment") == "the practice's lead for its records"


def test_an_areas_own_takes_its_place_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(GOOD)
    held = catalogue(tmp_path / "own.toml")
    assert (sorted(held.actions), held.owner("spell")) == (["visit"], "the practice")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", r"expected one \[\[action\]\] or more"),
        ("not toml", "cannot read it"),
        (GOOD + '[more]\nx = "y"\n', "found more"),
        (GOOD + GOOD.partition('"the practice"\n')[2], "found visit more than once"),
        (GOOD.replace('"falls"', '"magic"'), "action 1: expected drivers among"),
        (GOOD.replace('service = "team"\n', ""), "action 1: expected code, domain"),
        (GOOD.replace('"Visit"', "3"), "action 1: expected words"),
        (GOOD.replace("default", "spell"), r"expected \[owners\] to have default"),
        (GOOD.replace("[[action]]", 'nobodys = "x"\n[[action]]'), "found nobodys"),
    ],
)
def test_what_of_a_catalogue_does_not_fit_is_said(tmp_path: Path, text: str, says: str) -> None:
    """Harm: an area's spelling mistake leaves its meetings without actions, and nobody sees why."""
    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(BadInput, match=says):
        catalogue(tmp_path / "own.toml")
