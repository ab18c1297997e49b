"""``frailty demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from risk.console import results, show, words


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    people: Annotated[int, typer.Option(min=500, help="how many people to simulate")] = 20_000,
    seed: Annotated[int, typer.Option(help="seed of the simulation")] = 1,
    folder: Annotated[Path, typer.Option(help="folder of the demonstration; an interrupted one goes on")] = Path(
        "demo"
    ),
    port: Annotated[int, typer.Option(help="port to serve on; 0 for any that is free")] = 8000,
    check: Annotated[
        bool, typer.Option("--check", help="call the service as a client, print what it said, and exit")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="with --check: print what was asked and answered as JSON")
    ] = False,
) -> None:
    """Simulate an area, train, publish each practice's list, and serve it on this machine.

    Example: frailty demo --people 5000 --check
    """
    from risk.demo import system, telling
    from risk.demo.serving import served
    from risk.demo.story import Demo

    story = Demo(folder, people, seed)
    done = story.prepare()
    practice = max(done["run"]["practices"], key=lambda row: row["scored"])["practice"]
    with served(story, practice, 0 if check else port) as service:
        telling.opening(story, service, done)
        if check:
            asked = telling.walk(service) + system.walk(story, service)
            show({"seconds": round(story.seconds, 1), "asked": asked}, as_json, telling.say_walk)
            return
        results.print(f"Ready after {story.seconds:.0f} s. Ctrl-C stops the service.")
        words.print("Start again from nothing: delete the folder and run the command once more.")
        service.wait()
