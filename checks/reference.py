"""Write `docs/command-line.md`, `docs/settings.md`, `docs/predictors.md`, `docs/api-reference.md` and `docs/safety/hazard-log.md` from the command line, the
settings, the declarations, the service and the hazards themselves; `--check` says whether they are as written."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import typer

from checks import api_page, catalogue, hazard_page
from risk import cli
from risk.settings import Settings

ROOT = Path(__file__).resolve().parents[1]


def leaves(group: Any, before: tuple[str, ...] = ()) -> list[tuple[str, Any]]:
    """Every command below ``group`` with the words that call it."""
    found: list[tuple[str, Any]] = []
    for name in sorted(group.commands):
        command, path = group.commands[name], (*before, name)
        found += leaves(command, path) if hasattr(command, "commands") else [(" ".join(path), command)]
    return found


def command_line() -> str:
    """The page of every command: what it does, an example, its arguments and flags."""
    lines = ["# The command line", "",
             "Written by `make docs` from the commands themselves. Every command shows progress on a terminal and takes `--json` to print",
             "its result as one JSON document on standard output; progress and logs go to standard error. Exit codes: 0 done, 2 wrong",
             "usage, 3 bad input data, 4 refused by a rule or gate, 5 a part of the environment is missing, 70 our fault.", ""]  # fmt: skip
    for words, command in leaves(typer.main.get_command(cli.app)):
        says, _, example = (command.help or "").partition("Example:")
        lines += [f"## frailty {words}", "", " ".join(says.split()), ""]
        if example:
            lines += ["```sh", *(line.strip() for line in example.strip().splitlines() if line.strip()), "```", ""]
        rows = [_row(parameter) for parameter in command.params if parameter.name != "help"]
        if rows:
            lines += ["| | |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def _row(parameter: Any) -> str:
    shown = ", ".join(parameter.opts) if parameter.param_type_name == "option" else parameter.name.upper()
    name = f"`{shown}`"
    says = getattr(parameter, "help", None) or ""
    return f"| {name} | {says.replace('|', chr(92) + '|')} |"


def settings() -> str:
    """The page of every setting: its default and meaning."""
    lines = ["# Settings", "",
             "Written by `make docs`. From `frailty.toml` in the working folder, then the environment (`FRAILTY_` and the name in capitals),",
             "then flags; `frailty settings` prints each with its value and source.", "",
             "| setting | default | meaning |", "|---|---|---|"]  # fmt: skip
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, "") else f"`{field.default}`"
        lines.append(f"| `{name}` | {default} | {field.description} |")
    return "\n".join([*lines, ""])


PAGES = {"docs/command-line.md": command_line, "docs/settings.md": settings, "docs/predictors.md": catalogue.page,
         "docs/api-reference.md": api_page.page, "docs/safety/hazard-log.md": hazard_page.page}  # fmt: skip


def main() -> int:
    if "--check" in sys.argv:
        stale = [
            name for name, page in PAGES.items() if not (ROOT / name).is_file() or (ROOT / name).read_text() != page()
        ]
        for name in stale:
            print(f"{name} is not as the commands, settings and predictors are now: run `make docs`")
        return int(bool(stale))
    for name, page in PAGES.items():
        (ROOT / name).write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
