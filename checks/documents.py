"""Documents tell the truth about the project: links resolve, commands exist with the flags shown, make targets exist."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import Any

import typer

ROOT = Path(__file__).resolve().parents[1]
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
_FENCE = re.compile(r"```(?:sh|console|bash)\n(.*?)```", re.S)
#: A command of an indented block, up to what is said of it beside it.
_INDENTED = re.compile(r"^    ((?:frailty|make) .*?)(?: {3,}\S.*)?$", re.M)
_INLINE = re.compile(r"`((?:frailty|make) [^`]+)`")
_NOT_A_COMMAND = re.compile(r"[…]|^make (?:it|sure)")


def pages(root: Path = ROOT) -> list[Path]:
    return [*root.glob("*.md"), *sorted((root / "docs").rglob("*.md")), *sorted((root / "mlruns").glob("*.md"))]


def broken_links(page: Path, text: str) -> list[str]:
    """Relative links of a page that lead nowhere."""
    return [f"{page.name} links to {target}, which does not exist"
            for target in _LINK.findall(text) if not (page.parent / target).exists()]  # fmt: skip


def commands_in(text: str) -> list[str]:
    """Each `frailty …` and `make …` line that a page shows, comments and output left out."""
    shown = [line.strip().removeprefix("$ ") for block in _FENCE.findall(text)
             for line in block.replace("\\\n", " ").splitlines()]  # fmt: skip
    shown += _INDENTED.findall(_FENCE.sub("", text)) + _INLINE.findall(text)
    wanted = [re.sub(r"^(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?", "", line) for line in shown]
    return [line for line in wanted if line.startswith(("frailty ", "make ")) and not _NOT_A_COMMAND.search(line)]


def fault_of(line: str, app: Any, targets: set[str]) -> str | None:
    """What is wrong with a command as shown; None when nothing is."""
    words = shlex.split(line, comments=True)
    if words[0] == "make":
        unknown = [word for word in words[1:] if "=" not in word and not word.startswith("-") and word not in targets]
        return f"`{line}`: make has no target {', '.join(unknown)}" if unknown else None
    command: Any = app
    for position, word in enumerate(words[1:], 1):
        if word in {"|", "&&", ">", "&"}:
            break
        if hasattr(command, "commands") and not word.startswith("-"):
            if word not in command.commands:
                return f"`{line}`: frailty has no command {' '.join(words[1 : position + 1])}"
            command = command.commands[word]
        elif word.startswith("--"):
            known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
            if word.split("=")[0] not in known:
                return f"`{line}`: `frailty {words[1]}` has no flag {word}"
    return None


def main() -> int:
    from risk import cli

    app = typer.main.get_command(cli.app)
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    faults: list[str] = []
    for page in pages():
        text = page.read_text()
        faults += broken_links(page, text)
        for line in commands_in(text):
            fault = fault_of(line, app, targets)
            if fault:
                faults.append(f"{page.relative_to(ROOT)}: {fault}")
    print("\n".join(faults))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
