"""Whether a run goes on from what a killed one finished, or begins again and why."""

from __future__ import annotations

import dataclasses
import hashlib
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from features.errors import FrailtyError
from features.predictors import Declared
from risk.lists import TIE_KEY_BYTES
from risk.run import folder
from risk.run.keeping import Kept
from risk.run.outcomes import Beside
from risk.settings import Settings
from risk.store import Store, Unreachable

if TYPE_CHECKING:
    from risk.run.challenging import Pair
    from risk.run.weekly import Asked, Prepared

#: Settings that decide what a run comes to.
DECIDING = (
    "run_outcomes",
    "list_valid_days",
    "holdout_most",
    "holdout_highest_risk",
    "minimum_age",
    "list_sections_inside",
    "list_capacity",
    "list_over",
)
#: Said of a run that a kill left behind, once another takes its place.
STOPPED = "it stopped before it was published"
_BEGUN, _NUMBER = "begun", "number"


@dataclass(frozen=True)
class Underway:
    """A run under way: what it keeps, the stages that were found whole (none: it began anew), and what of an earlier one's no longer fitted."""

    kept: Kept
    found: Sequence[str]
    again: str | None

    @property
    def tie_key(self) -> bytes:
        """The key of ties, fixed before anybody is ranked, and the same however often the run is taken up."""
        return bytes.fromhex((self.kept.done(_BEGUN) or {})["tie_key"])

    @property
    def number(self) -> int | None:
        """The run's number; None where it has none yet."""
        return (self.kept.done(_NUMBER) or {}).get("number")

    def numbered(self, number: int) -> int:
        """Keep the number that the store gave."""
        self.kept.finish(_NUMBER, number=number)
        return number


def facts(
    asked: Asked,
    settings: Settings,
    ready: Prepared,
    models: Pair,
    others: Sequence[Beside],
    wanted: Sequence[Declared],
) -> dict[str, Any]:
    """What a run's stages rest on, by the name by which it is told."""
    compared = models.other
    return {
        "the record": ready.fingerprint,
        "the date": str(ready.at),
        "what is asked": [asked.outcome, asked.horizon, asked.minimum_age, asked.fraction, asked.shadow, dict(asked.reasons)],
        "the model": [ready.bundle.name, ready.bundle.version, ready.bundle.sha256],
        "the challenger": None if compared is None else compared.sha256,
        "the outcomes beside": {other.name: other.bundle.sha256 for other in others},
        "the predictors": [predictor.fingerprint for predictor in wanted],
        "the people": _people(ready.cohort.frame),
        "the run before": ready.previous,
        "the permissions": ready.refused,
        "the teams": [dataclasses.asdict(scope) for scope in ready.scopes],
        "the settings": {name: getattr(settings, name) for name in DECIDING},
        "the program": version("frailty-risk"),
    }  # fmt: skip


def take_up(store: Store, settings: Settings, told: Mapping[str, Any]) -> Underway:
    """Go on with what a killed run left where all it rests on is the same, else begin again; whatever else was left is cleared."""
    fence = store.fence or 0
    left = Kept.left(settings.runs, fence)
    again = None
    if left is not None:
        differing = left.differs(told)
        if not differing and left.done(_BEGUN) is not None:
            held = Underway(left, left.finished(), None)
            _clear(store, settings.runs, held.number, left.path)
            return held
        again = f"{' and '.join(differing) or 'what was kept'} {'is' if len(differing) < 2 else 'are'} not as then"
    _clear(store, settings.runs, None, None)
    kept = Kept.begin(settings.runs, fence, told)
    kept.finish(_BEGUN, tie_key=secrets.token_bytes(TIE_KEY_BYTES).hex())
    return Underway(kept, (), again)


def clear(store: Store, runs: Path) -> list[int]:
    """Clear whatever killed runs left, in the store and among the folders; their numbers. For the holder of the lease."""
    return _clear(store, runs, None, None)


@contextmanager
def cleared_unless_cut_off(store: Store, runs: Path, underway: Underway) -> Iterator[None]:
    """Whatever goes wrong, the run is marked failed and what it kept goes; unless it was published after all (an answer can be lost after a
    transaction is done). A store that does not answer leaves all as a kill does: the next run goes on."""
    try:
        yield
    except Unreachable:
        raise
    except BaseException as error:
        why = str(error) if isinstance(error, FrailtyError) else type(error).__name__
        with suppress(Exception):
            if (number := underway.number) is not None:
                store.fail_run(number, why)  # refuses what was published after all
                shutil.rmtree(runs / str(number), ignore_errors=True)
        underway.kept.remove()
        raise


def _clear(store: Store, runs: Path, number: int | None, path: Path | None) -> list[int]:
    left = [run["number"] for run in store.runs("staging") if run["number"] != number]
    for one in left:
        store.fail_run(one, STOPPED)
    folder.sweep(runs, {run["number"] for run in store.runs("failed")}, but=path)
    return left


def _people(frame: pd.DataFrame) -> str:
    held = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return hashlib.sha256(held.tobytes()).hexdigest()
