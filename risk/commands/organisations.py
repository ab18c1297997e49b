"""``frailty org`` and ``frailty client``."""

from __future__ import annotations

import getpass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from features.errors import Refused, WrongUsage
from risk.console import results, show
from risk.settings import Settings, load

Json = Annotated[bool, typer.Option("--json", help="print as JSON")]
ClientId = Annotated[str, typer.Argument(help="the client's id, as `frailty client add` printed it", metavar="CLIENT")]


def register(app: typer.Typer) -> None:
    org = typer.Typer(help="The organisation directory: the only source of relationships.", no_args_is_help=True)
    org.command("import")(import_directory)
    org.command("show")(show_directory)
    client = typer.Typer(help="Systems that call the service.", no_args_is_help=True)
    client.command("add")(add)
    client.command("token")(token)
    client.command("key")(key)
    client.command("list")(list_clients)
    client.command("end")(end)
    app.add_typer(org, name="org")
    app.add_typer(client, name="client")


def import_directory(
    file: Annotated[Path, typer.Argument(help="TOML file of organisations, teams and users")], as_json: Json = False
) -> None:
    """Take a directory file in, whole or not at all. What it does not name stays as it is; what ends gets a `to`.

    Example: frailty org import organisations.toml
    """
    from risk.organisations import import_file

    house = _House()
    done = import_file(house.store, file)
    house.record("organisations.import", detail={"file": file.name, "tables": done})
    show({"file": str(file), "tables": done}, as_json, _say_tables)


def show_directory(as_json: Json = False) -> None:
    """Print the directory.

    Example: frailty org show --json
    """
    from risk import store as stores

    tables = stores.open(load()).directory()
    plain = {
        name: [{key: _plain(value) for key, value in row.items()} for row in rows] for name, rows in tables.items()
    }
    show({"directory": plain}, as_json, _say_directory)


def add(
    name: Annotated[str, typer.Argument(help="what the client is called")],
    practice: Annotated[
        list[str] | None, typer.Option(help="a practice that it may read; once or more", metavar="CODE")
    ] = None,
    team: Annotated[
        list[str] | None,
        typer.Option(help="a team, for the practices that it covers each day; once or more", metavar="ID"),
    ] = None,
    all_practices: Annotated[bool, typer.Option("--all-practices", help="every practice, now and later")] = False,
    scope: Annotated[
        list[str] | None, typer.Option(help="what it may do; to read, and to write nothing, when not given")
    ] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="its first day without access")] = None,
    keys: Annotated[
        Path | None,
        typer.Option(help="JSON file of its public keys (a JWK Set), with which it signs; it is given no secret then"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Register a client. Its secret is printed this once and kept only as a hash; with --keys it signs, and there is no secret.

    Example: frailty client add "care coordination" --practice A81001
    """
    from risk import client_keys, clients

    house = _House()
    signs = client_keys.kept(client_keys.public_keys(keys), None) if keys else None
    last = until.date() if until else None
    made = clients.add(house.store, name, practice or [], house.today, every=all_practices,
                       scopes=scope or clients.READING, until=last, teams=team or (), public_key=signs)  # fmt: skip
    house.record("client.add", detail={key: value for key, value in made.items() if key != "secret"})
    show(made, as_json, _say_client)


def token(
    client: ClientId,
    minutes: Annotated[
        int | None, typer.Option(min=1, max=1440, help="how long it is good for; the setting when not given")
    ] = None,
    as_json: Json = False,
) -> None:
    """Issue a bearer token for a registered client, without its secret: for whoever runs the installation.

    Example: frailty client token client-0123456789abcdef
    """
    from risk import clients
    from risk.tokens import Tokens

    house = _House()
    access = clients.access(house.store, client, house.today)
    if access is None or not access.scopes:
        raise Refused(f"{client} has no access on {house.today}; `frailty client list` shows clients and their days")
    good_for = minutes or house.settings.token_minutes
    issued = Tokens(house.keys.token).issue(client, access.scopes, good_for)
    house.record("token.issue", detail={"client": client, "minutes": good_for})
    result = {"token": issued, "client_id": client, "minutes": good_for, "scopes": sorted(access.scopes)}
    show(result, as_json, lambda said: print(said["token"]))


def key(
    client: ClientId,
    file: Annotated[Path, typer.Argument(help="JSON file of its public keys (a JWK Set)")],
    issuer: Annotated[
        str | None,
        typer.Option(
            help="what its CDS Hooks tokens name as `iss`; of a client that calls no hooks nothing", metavar="URL"
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Register the public keys with which a client signs its assertions and its CDS Hooks calls, in place of those before. They are never fetched.

    Example: frailty client key client-0123456789abcdef keys.json --issuer https://ehr.example
    """
    from risk import client_keys

    house = _House()
    done = client_keys.register_keys(house.store, client, issuer, file)
    house.record("client.key", detail=done)
    show(done, as_json, lambda said: results.print(f"{said['client_id']}: {len(said['keys'])} keys of {said['issuer'] or 'its own'}", markup=False))  # fmt: skip


def list_clients(as_json: Json = False) -> None:
    """Print every client, what it is granted, and from when to when.

    Example: frailty client list
    """
    from risk import store as stores

    rows = [
        {**{k: _plain(v) for k, v in row.items() if k != "grants"},
         "grants": [{k: _plain(v) for k, v in grant.items() if k not in {"id", "client_id"}} for grant in row["grants"]]}
        for row in stores.open(load()).clients()
    ]  # fmt: skip
    show({"clients": rows}, as_json, _say_clients)


def end(
    client: ClientId,
    practice: Annotated[str | None, typer.Option(help="only its access to this practice", metavar="CODE")] = None,
    team: Annotated[str | None, typer.Option(help="only its access through this team", metavar="ID")] = None,
    as_json: Json = False,
) -> None:
    """End a client's access today: all of it, or that to one practice or through one team. It loses earlier runs with it.

    Example: frailty client end client-0123456789abcdef
    """
    house = _House()
    if practice and team:
        raise WrongUsage("expected --practice CODE or --team ID, one of the two")
    ended = house.store.end_access(client, house.today, practice, team)
    if not ended:
        raise Refused(f"{client} has no such access that could end; `frailty client list` shows what each has")
    house.record("client.end", detail={"client": client, "practice": practice, "team": team, "day": str(house.today)})
    show({"client_id": client, "practice": practice, "team": team, "ended": str(house.today)}, as_json,
         lambda said: results.print(f"{said['client_id']}: access ended on {said['ended']}", markup=False))  # fmt: skip


class _House:
    """The installation as its own people work on it: store, keys (made where there are none) and audit."""

    def __init__(self) -> None:
        from risk import audit, keys
        from risk import store as stores
        from risk.today import today

        self.settings: Settings = load()
        self.today: date = today(self.settings)
        self.store = stores.open(self.settings)
        self.keys = keys.held(self.settings, make=True)
        self._audit = audit.Audit(self.store, self.keys.audit, self.settings)

    def record(self, action: str, detail: dict[str, Any]) -> None:
        from risk.audit import Event

        try:
            user = getpass.getuser()
        except (KeyError, OSError):
            user = "a user without a name"
        self._audit.record(Event("system", user, action, detail=detail))
        self._audit.checkpoint()


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, date) else value


def _say_tables(result: dict[str, Any]) -> None:
    for table, counts in result["tables"].items():
        results.print(f"{table.replace('_', ' ')}: " + ", ".join(f"{n:,} {what}" for what, n in counts.items()))


def _say_directory(result: dict[str, Any]) -> None:
    for name, rows in result["directory"].items():
        if rows:
            columns = [key for key in rows[0] if key != "id"]
            table = Table(*columns, title=name.replace("_", " "), title_justify="left", box=None)
            for row in rows:
                table.add_row(*("" if row[key] is None else str(row[key]) for key in columns))
            results.print(table)


def _say_client(made: dict[str, Any]) -> None:
    secret = f"{made['secret']}  (shown this once)" if made["secret"] else "none: it signs with its keys"
    results.print(f"client_id  {made['client_id']}\nsecret     {secret}", markup=False)
    results.print(
        f"{made['name']}: {', '.join(made['practices'] + [f'team {one}' for one in made['teams']])}; {', '.join(made['scopes'])}; from {made['from']}",
        markup=False,
    )


def _say_clients(result: dict[str, Any]) -> None:
    from risk.store.directory import TEAM

    table = Table("client", "name", "practice", "scopes", "from", "to", box=None)
    for row in result["clients"]:
        for grant in row["grants"]:
            table.add_row(
                row["client_id"],
                row["name"],
                f"team {grant['practice']}" if grant["scheme"] == TEAM else grant["practice"],
                grant["scopes"],
                grant["valid_from"],
                grant["valid_to"] or "",
            )
    results.print(table)
