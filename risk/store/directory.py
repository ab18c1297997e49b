"""The organisation directory's rows, and the clients that may call. What they mean: :mod:`risk.organisations`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Date,
    FromClause,
    Select,
    Table,
    and_,
    bindparam,
    insert,
    or_,
    select,
    update,
)

from risk.store.engine import Database, plain
from risk.store.tables import (
    api_client,
    app_user,
    client_grant,
    organisation,
    organisation_part,
    team,
    team_cover,
    user_role,
)

LOCK = 0x66726105
EVERY = "*"
#: In place of a scheme: what is granted is a team's, and so the practices that it covers on the day.
TEAM = "team"

#: What tells one row of a table from another, in the order in which rows can refer to one another.
KEYS: dict[Table, tuple[str, ...]] = {
    organisation: ("scheme", "code"),
    organisation_part: ("scheme", "code", "whole_scheme", "whole", "valid_from"),
    team: ("team_id",),
    team_cover: ("team_id", "scheme", "practice", "valid_from"),
    app_user: ("user_id",),
    user_role: ("user_id", "role", "scheme", "organisation", "team_id", "valid_from"),
}


def in_force(table: FromClause, day: date | BindParameter[date]) -> ColumnElement[bool]:
    """Whether a row holds on ``day``: from ``valid_from``, up to but not on ``valid_to``."""
    return and_(table.c.valid_from <= day, or_(table.c.valid_to.is_(None), table.c.valid_to > day))


class Directory(Database):
    """Relationships and clients, each with the days that it holds."""

    def write_directory(self, rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[str, dict[str, int]]:
        """Add or change rows by their keys, all of them or none; by table, how many were added, changed and the same."""
        with self.writing(alone=LOCK) as connection:
            return {
                str(table.name): _put_all(connection, table, key, rows.get(str(table.name), ()))
                for table, key in KEYS.items()
            }

    def directory(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of the directory, by table; no client and no secret."""
        with self.reading() as connection:
            return {
                str(table.name): [plain(row) for row in connection.execute(select(table).order_by(*table.c)).mappings()]
                for table in KEYS
            }

    def organisations(self, code: str) -> list[dict[str, Any]]:
        """Organisations with this code, one a scheme."""
        held = select(organisation).where(organisation.c.code == code).order_by(organisation.c.scheme)
        with self.reading() as connection:
            return [plain(row) for row in connection.execute(held).mappings()]

    def add_client(self, client: Mapping[str, Any], grants: Iterable[Mapping[str, Any]]) -> None:
        """Register a client with what it is granted (``scheme``, ``practice``, ``scopes``, ``valid_from``, ``valid_to``)."""
        with self.writing(alone=LOCK) as connection:
            connection.execute(insert(api_client), dict(client))
            rows = [{**grant, "client_id": client["client_id"]} for grant in grants]
            if rows:
                connection.execute(insert(client_grant), rows)

    def client(self, client_id: str) -> dict[str, Any] | None:
        """A client's row; None where there is none."""
        with self.reading() as connection:
            row = connection.execute(select(api_client).where(api_client.c.client_id == client_id)).mappings()
            found = row.one_or_none()
        return None if found is None else plain(found)

    def clients(self) -> list[dict[str, Any]]:
        """Every client, without its secret's hash, each with its ``grants``."""
        shown = [column for column in api_client.c if column.name != "secret_hash"]
        with self.reading() as connection:
            found = [
                plain(row) for row in connection.execute(select(*shown).order_by(api_client.c.created_at)).mappings()
            ]
            grants = [plain(row) for row in connection.execute(select(client_grant)).mappings()]
        return [{**row, "grants": [g for g in grants if g["client_id"] == row["client_id"]]} for row in found]

    def set_public_key(self, client_id: str, public_key: str) -> int:
        """Keep what a client signs with, in place of what it signed with before; how many clients that was."""
        held = update(api_client).where(api_client.c.client_id == client_id).values(public_key=public_key)
        with self.writing(alone=LOCK) as connection:
            return int(connection.execute(held).rowcount)

    def end_access(self, client_id: str, day: date, practice: str | None = None, team: str | None = None) -> int:
        """End a client's access on ``day`` (its first day without): all of it, or that to one practice or team. How many rows ended."""
        ended = 0
        with self.writing(alone=LOCK) as connection:
            one = practice or team
            for table in (client_grant,) if one else (client_grant, api_client):
                held = [table.c.client_id == client_id, or_(table.c.valid_to.is_(None), table.c.valid_to > day)]
                if one:
                    held += [client_grant.c.practice == one, (client_grant.c.scheme == TEAM) == bool(team)]
                ended += connection.execute(update(table).where(*held).values(valid_to=day)).rowcount
        return ended

    def grants(self, client_id: str, day: date) -> list[dict[str, Any]] | None:
        """What a client may read on ``day``: ``scheme``, ``practice``, ``scopes``, and the ``team`` through which (None: its own grant). None where the
        client itself is not in force.

        A grant of one practice holds no longer than the practice does; one of a team reaches the practices that the team covers on the day.
        """
        given = {"client": client_id, "day": day}
        with self.reading() as connection:
            rows = connection.execute(_GRANTS, given).all()
            covered = connection.execute(_THROUGH_TEAMS, given).mappings().all()
        if not rows:
            return None
        own = [
            {"scheme": row.scheme, "practice": row.practice, "scopes": row.scopes, "team": None}
            for row in rows
            if row.scheme is not None and (row.practice == EVERY or row.code is not None)
        ]
        return [*own, *map(dict, covered)]


def _granted() -> Select[Any]:
    """A client's grants on a day, each with the practice where that is in force."""
    day = bindparam("day", type_=Date())
    of = and_(client_grant.c.client_id == api_client.c.client_id, in_force(client_grant, day))
    place = and_(
        organisation.c.scheme == client_grant.c.scheme,
        organisation.c.code == client_grant.c.practice,
        in_force(organisation, day),
    )
    return (
        select(client_grant.c.scheme, client_grant.c.practice, client_grant.c.scopes, organisation.c.code)
        .select_from(api_client)
        .outerjoin(client_grant, of)
        .outerjoin(organisation, place)
        .where(api_client.c.client_id == bindparam("client"), in_force(api_client, day))
    )


def _through_teams() -> Select[Any]:
    """What a client reaches through the teams that it is granted: practices that a team covers on the day, while all of it holds."""
    day = bindparam("day", type_=Date())
    of = and_(client_grant.c.scheme == TEAM, client_grant.c.practice == team.c.team_id, in_force(client_grant, day))
    covers = and_(team_cover.c.team_id == team.c.team_id, in_force(team_cover, day))
    place = and_(organisation.c.scheme == team_cover.c.scheme, organisation.c.code == team_cover.c.practice)
    return (
        select(team_cover.c.scheme, team_cover.c.practice, client_grant.c.scopes, team.c.team_id.label("team"))
        .select_from(client_grant)
        .join(team, and_(of, in_force(team, day)))
        .join(team_cover, covers)
        .join(organisation, and_(place, in_force(organisation, day)))
        .where(client_grant.c.client_id == bindparam("client"))
    )


#: Built once: to build them takes longer than to run them, and every request does.
_GRANTS, _THROUGH_TEAMS = _granted(), _through_teams()


def _put_all(
    connection: Connection, table: Table, key: tuple[str, ...], rows: Iterable[Mapping[str, Any]]
) -> dict[str, int]:
    done = {"added": 0, "changed": 0, "same": 0}
    for row in rows:
        same = and_(*(table.c[name].is_not_distinct_from(row.get(name)) for name in key))
        held = connection.execute(select(table).where(same)).mappings().one_or_none()
        if held is None:
            connection.execute(insert(table), dict(row))
            done["added"] += 1
        elif any(held[name] != value for name, value in row.items()):
            connection.execute(update(table).where(same).values(**row))
            done["changed"] += 1
        else:
            done["same"] += 1
    return done
