"""The command line's shell: every command has help with an example, and errors are sentences with their own code."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from features.errors import BadInput, FrailtyError, MissingPart, Refused, WrongUsage
from risk import cli, settings


def commands(group, before=()):
    found = []
    for name, command in group.commands.items():
        path = (*before, name)
        found += commands(command, path) if hasattr(command, "commands") else [(path, command)]
    return found


NUMBER = "9434765919"
ALL = commands(typer.main.get_command(cli.app))


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_every_command_has_help_with_an_example_and_json(path, command):
    assert "Example" in (command.help or ""), f"`frailty {' '.join(path)}` shows no example"
    if path != ("serve",) and path != ("demo",):
        assert any("--json" in parameter.opts for parameter in command.params), f"{path} has no --json"


@pytest.mark.parametrize(
    ("error", "code"), [(WrongUsage, 2), (BadInput, 3), (Refused, 4), (MissingPart, 5), (FrailtyError, 70)]
)
def test_an_error_is_a_sentence_and_its_class_an_exit_code(monkeypatch, capsys, error, code):
    def fail() -> None:
        raise error("expected a folder, found a file")

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == code
    shown = capsys.readouterr()
    assert "expected a folder, found a file" in shown.err
    assert "Traceback" not in shown.err
    assert shown.out == ""


@pytest.mark.parametrize("trace", ["", "1"])
def test_our_own_fault_shows_where_and_no_value(monkeypatch, capsys, trace):
    monkeypatch.setenv("FRAILTY_TRACE", trace)

    def fail() -> None:
        raise KeyError(NUMBER)

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 70
    shown = capsys.readouterr().err
    assert "our fault" in shown
    assert NUMBER not in shown


def test_settings_say_where_each_comes_from(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "frailty.toml").write_text('memory = "2GB"\nlist_fraction = 0.05\n')
    monkeypatch.setenv("FRAILTY_LIST_FRACTION", "0.01")
    done = CliRunner().invoke(cli.app, ["settings", "--json"])
    rows = {row["name"]: row for row in json.loads(done.stdout)["settings"]}
    assert (rows["memory"]["value"], rows["memory"]["source"]) == ("2GB", "frailty.toml")
    assert (rows["list_fraction"]["value"], rows["list_fraction"]["source"]) == ("0.01", "environment")
    assert rows["minimum_age"]["source"] == "default"


@pytest.mark.parametrize(("name", "value"), [("minimum_age", 17), ("list_fraction", 0), ("no_such_setting", 1)])
def test_a_setting_that_does_not_fit_is_a_sentence(name, value):
    with pytest.raises(WrongUsage, match=name):
        settings.load(**{name: value})


def test_every_setting_says_what_it_means():
    for name, field in settings.Settings.model_fields.items():
        assert field.description, name
