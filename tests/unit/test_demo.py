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
