"""When each person of a run's lists was listed, first opened, decided about and acted on: what an evaluation asks, and a refit must know."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from risk.decisions.folding import ACCEPT
from risk.store import Store
from risk.store.meeting import ACTION, DECIDES, DECISION, OUTCOME

#: Questions of the audit that show one person's page.
OPENS = ("person.risk", "person.decisions")
#: Outcomes of an action of which nothing was done.
NOTHING_DONE = frozenset({"not_done", "declined_by_person", "no_service"})


def of_run(store: Store, number: int) -> list[dict[str, Any]]:
    """Everybody on a run's lists, by practice and rank: ``listed_at``, and the first ``opened_at``, ``decided_at`` and ``acted_at`` from then
    on, each None where it never was; moments in UTC. ``person_id`` is for what works on the record, never to be shown."""
    people = {row["person_id"]: row for row in store.listed_people(number)}
    listed_at = store.listed_at(number)
    entries = store.entries(set(people))
    opened: dict[int, datetime] = {}
    for person, at in store.opened(set(people), OPENS):
        moment = datetime.fromisoformat(at)
        if moment >= listed_at[person]:
            opened.setdefault(person, moment)
    found = []
    for person, row in sorted(
        people.items(), key=lambda item: (item[1]["scheme"], item[1]["practice"], item[1]["rank"])
    ):
        since = [
            entry
            for entry in entries.get(person, [])
            if entry["at"] >= listed_at[person] and entry["practice"] == row["practice"]
        ]
        decided = next((entry for entry in since if entry["kind"] in DECIDES), None)
        acted = next((entry for entry in since if entry["kind"] == ACTION), None)
        found.append(
            {"run": number, **row, "listed_at": listed_at[person], "opened_at": opened.get(person),
             "decided_at": decided and decided["at"],
             "decided": decided and decided["body"].get("decision", decided["kind"]),
             "acted_at": acted and acted["at"], "action": acted and acted["body"]["action"]}
        )  # fmt: skip
    return found


#: Newest published runs whose timelines are looked at again when one is published: what is decided later than that is decided of a later list.
LOOKED_AT = 8


def keep(store: Store, runs: int = LOOKED_AT) -> list[int]:
    """Keep with each of the newest published ``runs`` what has become of everybody on its lists by now; the runs' numbers. What was kept of older runs stays,
    though the audit and the decisions that it was read from age."""
    kept = [int(run["number"]) for run in store.runs("published")[:runs]]
    for number in kept:
        store.keep_timeline(number, of_run(store, number))
    return kept


def acted_on(store: Store) -> list[tuple[int, date]]:
    """(person, day) of everything that a team did because of a list: a decision to accept, and an action, unless nothing came of it. An
    action that is under way counts: what it does to the outcome is not to be learned."""
    found = []
    for person, entries in sorted(store.entries(None).items()):
        nothing = {
            entry["of"] for entry in entries if entry["kind"] == OUTCOME and entry["body"]["outcome"] in NOTHING_DONE
        }
        for entry in entries:
            accepted = entry["kind"] == DECISION and entry["body"]["decision"] == ACCEPT
            if accepted or (entry["kind"] == ACTION and entry["seq"] not in nothing):
                found.append((person, entry["day"]))
    return found
