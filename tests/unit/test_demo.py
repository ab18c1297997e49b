"""The demonstration goes on where it stopped, keeps no secret, and is not another one."""

from __future__ import annotations

import pytest

from features.errors import Refused
from risk.demo.story import FRAILTY, Demo


@pytest.fixture
def demo(tmp_path, monkeypatch):
    ran = []
    monkeypatch.setattr(Demo, "frailty", lambda self, *arguments: ran.append(arguments) or {"id": 1, "secret": "hush"})
    made = Demo(tmp_path / "demo", 500, 1)
    made.ran = ran
    return made


def test_a_step_that_is_done_is_not_done_again(demo):
    assert demo.step("client", "client", "add") == demo.step("client", "client", "add") == {"id": 1}
    assert demo.ran == [("client", "add")]


def test_no_secret_is_kept(demo):
    demo.step("client", "client", "add")
    assert "hush" not in (demo.folder / "done" / "client.json").read_text()


def test_a_folder_that_holds_another_demonstration_is_refused(demo):
    demo.step("simulate", "simulate", "--people", "500")
    with pytest.raises(Refused, match="another demonstration"):
        demo.step("simulate", "simulate", "--people", "900")


def test_its_commands_are_this_installations_whatever_the_folder_holds(tmp_path):
    import subprocess

    (tmp_path / "risk").mkdir()
    (tmp_path / "risk" / "__init__.py").write_text("raise RuntimeError('a folder of the user was imported')\n")
    done = subprocess.run([*FRAILTY, "settings", "--json"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_answer_that_is_not_as_promised_stops_the_walk():
    from risk.demo.client import Answer
    from risk.demo.telling import NotAsPromised, told

    events = Answer(
        200,
        {
            "events": [{"kind": "list.left"}, {"kind": "list.joined"}, {"kind": "list.left"}],
            "marking": "simulated data: few",
        },
    )
    assert told("what happened", "/v1/events", events, 200) == {
        "what": "what happened", "path": "/v1/events", "status": 200, "answer": "1 list.joined, 2 list.left, simulated data: few"}  # fmt: skip
    with pytest.raises(NotAsPromised, match="expected 403 from /v1/events, found 200"):
        told("what happened", "/v1/events", events, 403)


def test_the_demonstration_has_a_run_before_its_run(demo):
    """Of one run alone nobody joined a list, and a system that asks what happened is told nothing."""
    demo.step = lambda name, *arguments: demo.ran.append((name, *arguments[-2:])) or {"name": "m", "version": 1}
    demo.prepare()
    assert demo.ran[-2:] == [("run-before", "--at", "2024-11-23"), ("run", "--at", "2024-11-30")]
