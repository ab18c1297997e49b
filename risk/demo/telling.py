"""What the demonstration tells: where the service is, what a client asked it, and what it said."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.table import Table

from features.errors import FrailtyError
from risk.console import results
from risk.demo.client import Answer
from risk.demo.serving import Service
from risk.demo.story import Demo

#: People of the list that are printed.
SHOWN = 5


class NotAsPromised(FrailtyError):
    """The service answered otherwise than it promises."""


def opening(demo: Demo, service: Service, done: dict[str, Any]) -> None:
    """Address, token, a call to try, the figures with what data they are from, and the first rows of the list."""
    answer = service.client.get(f"/v1/practices/{service.practice}/list?limit={SHOWN}").body
    trained = done["train"]
    results.print(f"\n[bold]{answer['marking']}[/bold]: figures about the simulation, never clinical performance.")
    results.print(
        f"Model {trained['name']} version {trained['version']}; report: {demo.folder / 'report' / 'report.html'}"
    )
    results.print(f"\nService   {service.address}   (API: {service.address}/docs)")
    results.print(
        f"Pages     {service.address}/pages/login   (choose whom to be: GP, matron, social worker, analyst, information governance)"
    )
    results.print(f"Token     {service.token}", markup=False)
    results.print(f"Try       curl -s -H 'Authorization: Bearer {service.token}' "
                  f"{service.address}/v1/practices/{service.practice}/list\n", markup=False)  # fmt: skip
    results.print(f"{service.practice}: {answer['listed']} listed of {answer['scored']:,} scored ({answer['registered']:,} "
                  f"registered), run {answer['run']}, {answer['outcome']['title'].lower()} from {answer['index_date']}:")  # fmt: skip
    results.print(_table(answer["people"]))
    results.print(f"Supports decisions; {answer['not_for']}.\n")


def _table(people: list[dict[str, Any]]) -> Table:
    table = Table("rank", "age", "band", "risk", "why", box=None, padding=(0, 2, 0, 0))
    for person in people:
        why = "; ".join(reason["says"] for reason in person["reasons"]["raises"][:3])
        chance = f"{round(100 * person['probability'])} in 100"
        table.add_row(
            str(person["rank"]), f"{person['age_band']} {person['sex'][:1].upper()}", person["band"], chance, why
        )
    return table


def walk(service: Service) -> list[dict[str, Any]]:
    """Ask as a client would, and as those who may not; what was asked and answered. :class:`NotAsPromised` where an
    answer is not what the service promises."""
    practice = service.practice
    listed = service.client.get(f"/v1/practices/{practice}/list").body
    first = listed["people"][0]["person"]
    page = service.nobody.page("/pages/login")
    if page != 200:
        raise NotAsPromised(f"anybody: expected 200 from the log-in page, found {page}")
    asked = [
        ("anybody: is it ready?", service.nobody, "/ready", 200),
        ("nobody: the list", service.nobody, f"/v1/practices/{practice}/list", 401),
        ("client: the current run", service.client, "/v1/runs/current", 200),
        ("client: its practice's list", service.client, f"/v1/practices/{practice}/list", 200),
        ("client: another practice's list", service.client, "/v1/practices/Z99999/list", 404),
        ("client: why its first person is listed", service.client, f"/v1/persons/{first}/risk", 200),
        ("client: a person made up", service.client, f"/v1/persons/{first[::-1]}/risk", 404),
    ]
    return [
        told(what, path.replace(first, "{person}").replace(first[::-1], "{made-up}"), client.get(path), expected)
        for what, client, path, expected in asked
    ]


def told(what: str, path: str, answer: Answer, expected: int) -> dict[str, Any]:
    """A row of the walk; :class:`NotAsPromised` where the answer's status is not the one expected."""
    if answer.status != expected:
        raise NotAsPromised(f"{what}: expected {expected} from {path}, found {answer.status}")
    return {"what": what, "path": path, "status": answer.status, "answer": _brief(answer.body)}


def _brief(body: dict[str, Any]) -> str:
    if "access_token" in body:
        return f"good for {body['expires_in']} s, scopes {body['scope']}"
    if "events" in body:
        kinds = Counter(event["kind"] for event in body["events"])
        return ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) + f", {body['marking']}"
    if "people" in body:
        return f"{len(body['people'])} people, k {body['k']} of {body['scored']} scored, run {body['run']}, {body['marking']}"
    if "reasons" in body:
        rank = f", rank {body['rank']}" if "rank" in body else ""
        return f"{body['band']}{rank}, {len(body['reasons']['raises'])} reasons raise the risk"
    if "title" in body and "type" in body:
        return f"{body['type']}: {body['title']}"
    return ", ".join(f"{key} {value}" for key, value in body.items() if isinstance(value, str | int))[:90]


def say_walk(result: dict[str, Any]) -> None:
    table = Table("asked", "answer", "", box=None)
    for row in result["asked"]:
        table.add_row(row["what"], str(row["status"]), row["answer"])
    results.print(table)
    results.print(f"From nothing to these answers in {result['seconds']:.0f} s.")
