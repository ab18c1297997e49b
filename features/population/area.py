"""The simulated area from nothing to files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from features.errors import Refused, WrongUsage
from features.population.calibration import Calibration, Tally
from features.population.happening import history
from features.population.happening.history import World
from features.population.identifiers import nhs_numbers
from features.population.particulars import write_people
from features.population.recording.record import Recording
from features.population.truth import Truth
from features.population.writing.record import NativeWriter
from features.progress import SILENT, Progress

#: Last day of the history unless another is asked for.
END = date(2024, 11, 30)
FEWEST, MOST_YEARS = 200, 15


def simulate(people: int, seed: int, years: int = 5, *, out: Path, truth: Path | None = None, end: date = END,
             particulars: Path | None = None, progress: Progress = SILENT) -> Calibration:  # fmt: skip
    """Simulate an area of ``people`` people (all who ever live in it in ``years`` years up to ``end``) and write what was
    recorded to ``out`` in the record's own shape, each adult's true risks to ``truth`` and everybody's name and birth date to
    ``particulars``, if a folder is named.

    The same arguments give the same bytes. :class:`WrongUsage` for numbers out of range, :class:`Refused` where ``truth`` lies
    inside ``out`` or ``out`` holds something already.
    """
    check(people, years, out, truth)
    world = history.begin(people, seed, years, end)
    recording, tally = Recording(world), Tally(world)
    risks = Truth(world) if truth is not None else None
    numbers = nhs_numbers(people, history.stream(seed, "nhs numbers"))
    if particulars is not None:
        write_people(world, numbers, particulars)
    about = {"kind": "simulated", "title": f"Simulated area, {people:,} people, seed {seed}"}

    def before(world: World, number: int, start: int, end: int) -> None:
        tally.before(world, start, end)
        if risks is not None:
            risks.before(world, start, number)

    progress.stage("simulating the area", history.length(world))
    with NativeWriter(out, numbers, recording.desk.matched, about) as writer:
        for period in history.run(world, before, progress.advance):
            tally.period(period)
            for rows in recording.period(period):
                tally.wrote(rows)
                writer.write(rows)
        for rows in recording.rest():
            tally.wrote(rows)
            writer.write(rows)
        writer.feeds(recording.feeds())
        progress.stage("writing what is left")
    if risks is not None and truth is not None:
        progress.stage("replaying futures for the true risk")
        risks.last(world)
        risks.write(truth, numbers)
    return tally.figures(risks)


def check(people: int, years: int, out: Path, truth: Path | None) -> None:
    """Raise what :func:`simulate` raises."""
    if people < FEWEST:
        raise WrongUsage(f"expected at least {FEWEST} people, found {people}; fewer make no area")
    if not 1 <= years <= MOST_YEARS:
        raise WrongUsage(f"expected 1 to {MOST_YEARS} years of history, found {years}")
    if out.exists() and any(out.iterdir()):
        raise Refused(f"expected a new or empty folder, found {out} with something in it; name another or empty it")
    if truth is not None and (truth.resolve() == out.resolve() or out.resolve() in truth.resolve().parents):
        raise Refused(
            "expected the true risks outside the extract, found the one folder inside the other; name another"
        )
