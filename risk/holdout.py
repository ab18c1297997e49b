"""A hold-out: some of those who would be listed are kept off the lists at random, so that what acting does can be told from what would
have happened, and a refit has people to learn from whom nobody acted on.

It withholds help that somebody might have had, so it is off unless an area's settings allow it and somebody with the authority has approved
it: with a name, a reference to the approval and an end. It never covers people at or above a stated risk, nor anybody who is on a team's
caseload or of whom that is not known, nor anybody who is on a published list already: what a team has been shown is not taken away. Every
run says how many it kept off, and the ledger who decided.
"""

from __future__ import annotations

import datetime
import hmac
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as parquet

from features.errors import Refused, WrongUsage
from features.flags import Value, beside
from features.record.reader import Record
from risk import keys, operator
from risk import store as stores
from risk.run import folder
from risk.settings import Settings
from risk.store import Store
from risk.store.holdouts import END, START
from risk.today import today

#: Days for which a hold-out is approved, at most: it is looked at again every year.
LONGEST = 366
#: The flag that must say no, and the column that a run keeps.
CASELOAD, COLUMN = "on_caseload", "held_out"


def start(
    settings: Settings,
    *,
    share: float,
    highest_risk: float,
    approver: str,
    approval: str,
    until: datetime.date,
    reason: str,
) -> dict[str, Any]:
    """Begin a hold-out; the ledger's row. :class:`Refused` where the settings allow none, or a condition is not met."""
    operator.ready(settings)
    store, on = stores.open(settings), today(settings)
    if settings.holdout_most <= 0:
        raise Refused("this installation allows no hold-out: the setting holdout_most is 0; whoever answers for clinical safety decides to raise it")  # fmt: skip
    unmet = [
        words
        for words, met in (
            (f"a share over 0 and at most {settings.holdout_most:g} (the setting holdout_most), found {share:g}", 0 < share <= settings.holdout_most),
            (f"a highest risk over 0 and at most {settings.holdout_highest_risk:g} (the setting holdout_highest_risk), found {highest_risk:g}",
             0 < highest_risk <= settings.holdout_highest_risk),
            ("the name of who approved it", bool(approver.strip())),
            ("somebody other than the operator as approver", approver.strip() != operator.name()),
            ("a reference to the approval", bool(approval.strip())),
            ("a reason", bool(reason.strip())),
            (f"an end after {on} and within {LONGEST} days of it, found {until}", 0 < (until - on).days <= LONGEST),
        )
        if not met
    ]  # fmt: skip
    if unmet:
        raise Refused(f"no hold-out was begun: expected {'; '.join(unmet)}")
    if (held := store.holdout_in_force(on)) is not None:
        raise Refused(f"hold-out {held['seq']} is in force until {held['until']}; end it first (`frailty holdout end`)")
    seq = store.record_holdout(
        action=START, share=share, highest_risk=highest_risk, approver=approver.strip(), approval=approval.strip(), until=until,
        by=operator.name(), reason=reason.strip(),
    )  # fmt: skip
    operator.record(settings, store, "holdout.started", reason=reason.strip(),
                    detail={"holdout": seq, "share": share, "approval": approval.strip(), "until": str(until)})  # fmt: skip
    return next(row for row in store.holdouts() if row["seq"] == seq)


def end(settings: Settings, reason: str) -> dict[str, Any]:
    """End the hold-out in force; the ledger's row. :class:`WrongUsage` where there is none or no reason is given."""
    operator.ready(settings)
    store = stores.open(settings)
    held = store.holdout_in_force(today(settings))
    if held is None:
        raise WrongUsage("no hold-out is in force; `frailty holdout show` prints those there were")
    if not reason.strip():
        raise WrongUsage("expected a reason why the hold-out ends, found none")
    same = {name: held[name] for name in ("share", "highest_risk", "approver", "approval", "until")}
    seq = store.record_holdout(action=END, of=held["seq"], by=operator.name(), reason=reason.strip(), **same)
    operator.record(settings, store, "holdout.ended", reason=reason.strip(), detail={"holdout": held["seq"]})
    return next(row for row in store.holdouts() if row["seq"] == seq)


def show(settings: Settings) -> dict[str, Any]:
    """The hold-out in force (None where there is none), the ledger, and how many people each run kept off its lists; audited."""
    store = stores.open(settings)
    runs = []
    for run in reversed(store.runs("published")):
        path = settings.runs / str(run["number"]) / folder.SCORES
        if path.is_file() and COLUMN in parquet.read_schema(path).names:
            kept_off = int(np.count_nonzero(parquet.read_table(path, columns=[COLUMN])[COLUMN].to_numpy()))
            if kept_off:
                runs.append({"run": run["number"], "at": str(run["index_date"]), "held_out": kept_off})
    operator.record(settings, store, "holdout.shown", outcome="answered")
    return {"in_force": store.holdout_in_force(today(settings)), "allowed": settings.holdout_most > 0, "ledger": store.holdouts(), "runs": runs}  # fmt: skip


def apply(settings: Settings, store: Store, facts: Record, at: datetime.date, scores: pd.DataFrame) -> pd.DataFrame:
    """The scores with the column ``held_out``, and those held out no longer listed; their ranks, ``k`` and the threshold stay, and nobody
    takes their places. ``facts`` is the record by confirmed links alone. Without a hold-out in force, or where the settings allow none any
    more, nobody is held out."""
    held = store.holdout_in_force(today(settings))
    if held is None or settings.holdout_most <= 0:
        return scores.assign(**{COLUMN: False})
    people, published = scores["person_id"].to_numpy(np.int64), store.current_run()
    low = scores["probability"].to_numpy() < min(held["highest_risk"], settings.holdout_highest_risk)
    may = scores["listed"].to_numpy(bool) & low
    if "section" in scores:  # nobody with a plan, in a home or barely known is kept off a list by lot
        may &= scores["section"].eq("").to_numpy(bool)
    if published is not None:
        may &= ~np.isin(people, np.array(sorted(store.people_listed(published["number"])), np.int64))
    if may.any():
        flags = beside(facts, at, people[may].tolist()).to_pandas()
        may &= np.isin(people, flags.loc[flags[CASELOAD] == str(Value.NO), "person_id"].to_numpy(np.int64))
    out = may.copy()
    out[may] = drawn(people[may], keys.held(settings).person.derived("holdout"), held["seq"]) < min(
        held["share"], settings.holdout_most
    )
    return scores.assign(**{COLUMN: out, "listed": scores["listed"].to_numpy(bool) & ~out})


def drawn(people: npt.NDArray[np.int64], key: bytes, seq: int) -> npt.NDArray[np.float64]:
    """A number from 0 to 1 of each person (n,): the same in every run of one hold-out, another in the next, and nobody without the key can tell
    it beforehand."""
    tokens = [hmac.digest(key, f"holdout {seq} {person}".encode(), "sha256")[:8] for person in people.tolist()]
    return np.array([int.from_bytes(token, "big") / 2**64 for token in tokens], np.float64)
