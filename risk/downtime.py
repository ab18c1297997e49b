"""The downtime copy: each practice's latest published list as one page to print and one table, for the day on which nothing else answers.

Whoever is hidden at that moment is not on it. Copies are made every hour by whatever runs commands on time; and as soon as somebody is told to be shown no more
or is forgotten, or a run is taken back, the sheets that this concerns are made anew, or removed where that cannot be done.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson

from features.errors import BadInput, FrailtyError, MissingPart, WrongUsage
from features.progress import SILENT, Progress
from risk import clients, downtime_places, downtime_sheet, keys, operator, staleness
from risk import store as stores
from risk.clients import Access
from risk.downtime_places import Place, write
from risk.pseudonyms import Pseudonyms
from risk.run.reading import READER
from risk.settings import Settings
from risk.store import Store
from risk.today import LONDON, today

#: What the folder of copies says of itself: which files in it are copies, so that no other is touched.
MANIFEST = "downtime.json"
SCOPE = "lists:read"
KINDS = ("html", "csv")
#: In the audit: sheets that could be neither made anew nor removed at once.
BEHIND = "downtime.behind"


def copy(settings: Settings, out: Path, client: str | None = None, progress: Progress = SILENT) -> dict[str, Any]:
    """Make the copies in the folder ``out`` anew, and remove those that are no more; what was done, ready for JSON. People are pseudonymous as the
    terminal shows them, or as the API's client does that is named; then of its practices alone.

    :class:`WrongUsage` where nobody is that client, :class:`BadInput` where the folder's own list of copies cannot be read, :class:`MissingPart` where
    it cannot be written.
    """
    operator.ready(settings)
    store = stores.open(settings)
    try:
        return _copied(_Copies(settings, store, out, client), progress)
    except OSError as error:
        raise MissingPart(
            f"the downtime copy in {out} was not finished: {error.strerror or type(error).__name__}; free or check the disk"
        ) from error
    finally:
        store.close()


def renew(settings: Settings, store: Store, people: Collection[int] | None = None) -> dict[str, int]:
    """Make every copy anew that may show any of ``people`` (None: every copy); how many sheets were, and how many are ``behind``: those could neither be
    written nor removed, and the audit says so. What becomes of a sheet raises nothing: what was told stays told."""
    done, behind = 0, 0
    for place in downtime_places.known(settings):
        copies = _Copies(settings, store, Path(place.out), place.client)
        try:
            practices = copies.there() if people is None else store.practices_listing(people)
        except (FrailtyError, OSError):
            behind += 1
            continue
        for practice in practices:
            try:
                done += copies.anew(practice)
            except (FrailtyError, OSError):
                behind += not copies.without(practice)
    if done:
        operator.vouch(settings, store)
    if behind:
        operator.record(settings, store, BEHIND, outcome="failed", detail={"sheets": behind})
    return {"sheets": done, "behind": behind}


@dataclass(frozen=True)
class _Copies:
    """The copies in one folder."""

    settings: Settings
    store: Store
    out: Path
    client: str | None

    def access(self) -> Access | None:
        """What the client of the folder may read today; None of the terminal's, and :class:`WrongUsage` where there is no such client any more."""
        if self.client is None:
            return None
        found = clients.access(self.store, self.client, today(self.settings))
        if found is None:
            raise WrongUsage("expected the id of a client whose time is not over; `frailty client list` shows them")
        return found

    def practices(self) -> list[tuple[str, str]]:
        """Practices of the current run that the folder is for."""
        run, access = self.store.current_run(), self.access()
        rows = [] if run is None else self.store.practices(run["number"])
        return [
            (row["scheme"], row["practice"])
            for row in rows
            if access is None or access.may(SCOPE, row["scheme"], row["practice"])
        ]

    def there(self) -> list[tuple[str, str]]:
        """Practices of any run of which the folder may have a sheet."""
        names = {name.rpartition(".")[0] for name in held(self.out)}
        return [practice for practice in self.store.practices_ever() if _name(practice) in names]

    def write(self, practice: tuple[str, str], made_at: str) -> list[int] | None:
        """Write a practice's sheet from what stands now; who is on it. None where the practice has no list any more: then it has no sheet."""
        with downtime_places.alone(self.settings), self.store.viewing():
            run, access = self.store.current_run(), self.access()
            rows = [] if run is None else self.store.practices(run["number"], practice[1])
            row = next((one for one in rows if one["scheme"] == practice[0]), None)
            if run is None or row is None or not (access is None or access.may(SCOPE, *practice)):
                self._remove(practice)
                return None
            reader = self.client or READER
            pseudonyms = Pseudonyms(keys.held(self.settings).person, reader)
            sheet, people = downtime_sheet.sheet(
                self.settings, self.store, run, row, pseudonyms, whole=self.client is not None
            )
            sheet["made_at"] = made_at
            operator.record(self.settings, self.store, "downtime.copy", outcome="answered", organisation=practice[1], run=run["number"],
                            people=people, detail={"reader": reader}, vouched=False)  # fmt: skip
            write(self.out / f"{_name(practice)}.html", downtime_sheet.page(sheet).encode())
            write(self.out / f"{_name(practice)}.csv", downtime_sheet.table(sheet).encode())
            return people

    def anew(self, practice: tuple[str, str]) -> bool:
        """Write a practice's sheet where there is one; whether there was."""
        if not any((self.out / f"{_name(practice)}.{kind}").exists() for kind in KINDS):
            return False
        self.write(practice, now())
        return True

    def without(self, practice: tuple[str, str]) -> bool:
        """Remove a practice's sheet; whether it is gone."""
        try:
            self._remove(practice)
        except OSError:
            return False
        return True

    def _remove(self, practice: tuple[str, str]) -> None:
        for kind in KINDS:
            (self.out / f"{_name(practice)}.{kind}").unlink(missing_ok=True)


def _copied(copies: _Copies, progress: Progress) -> dict[str, Any]:
    settings, store, out = copies.settings, copies.store, copies.out
    practices = copies.practices()
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = held(out)
    wanted = {f"{_name(practice)}.{kind}" for practice in practices for kind in KINDS}
    made_at = now()
    # A kill leaves nothing that it does not name, and no folder that is not known.
    write(out / MANIFEST, orjson.dumps({"made_at": made_at, "files": sorted(before | wanted)}))
    downtime_places.remember(settings, Place(str(out.absolute()), copies.client))
    progress.stage("practices", len(practices))
    people = 0
    try:
        for practice in practices:
            people += len(copies.write(practice, made_at) or ())
            progress.advance()
    finally:
        operator.vouch(settings, store)
    gone = sorted(before - wanted)
    for file in gone:
        (out / file).unlink(missing_ok=True)
    write(out / MANIFEST, orjson.dumps({"made_at": made_at, "files": sorted(wanted)}))
    if gone:
        operator.record(settings, store, "downtime.removed", detail={"files": len(gone)})
    run = store.current_run()
    return {"out": str(out), "run": None if run is None else run["number"], "made_at": made_at, "practices": len(practices), "people": people,
            "removed": len(gone), "stale_says": None if run is None else staleness.now(settings, run).said}  # fmt: skip


def now() -> str:
    """The moment that a sheet says."""
    return datetime.now(LONDON).isoformat(timespec="minutes")


def held(out: Path) -> set[str]:
    """Files in the folder that are copies of ours."""
    if not (out / MANIFEST).is_file():
        return set()
    try:
        files: Iterable[str] = orjson.loads((out / MANIFEST).read_bytes())["files"]
        found = set(files)
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"expected {out / MANIFEST} to say which files are downtime copies, and cannot read it; remove the copies by hand"
        ) from error
    if any("/" in name or name.startswith(".") for name in found):
        raise BadInput(
            f"expected {out / MANIFEST} to name files of its own folder; it was changed: remove the copies by hand"
        )
    return found


def _name(practice: tuple[str, str]) -> str:
    return "-".join(quote(part, safe="") for part in practice)
