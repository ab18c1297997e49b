"""Rows of sessions, and what the directory says that somebody's roles at one organisation reach."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, select, update

from risk.store.directory import in_force
from risk.store.engine import Database, plain
from risk.store.tables import app_user, organisation, team, team_cover, user_role, web_session


class WebSessions(Database):
    """Sessions by the hash of what the browser holds; users by what their issuer calls them."""

    def add_session(self, row: dict[str, Any]) -> None:
        with self.writing() as connection:
            connection.execute(insert(web_session), row)

    def session(self, id_hash: bytes) -> dict[str, Any] | None:
        """A session's row, ended or not; None where there is none."""
        held = select(web_session).where(web_session.c.id_hash == id_hash)
        with self.reading() as connection:
            row = connection.execute(held).mappings().one_or_none()
        return None if row is None else plain(row)

    def touch_session(self, id_hash: bytes, now: datetime) -> None:
        """Remember that it was used."""
        with self.writing() as connection:
            connection.execute(update(web_session).where(web_session.c.id_hash == id_hash).values(seen_at=now))

    def end_sessions(self, now: datetime, *, id_hash: bytes | None = None, user_id: str | None = None) -> int:
        """End one session, or every one of a user, or with neither all of them; how many were open."""
        which = [web_session.c.id_hash == id_hash] if id_hash is not None else []
        which += [web_session.c.user_id == user_id] if user_id is not None else []
        with self.writing() as connection:
            ended = update(web_session).where(*which, web_session.c.ended_at.is_(None)).values(ended_at=now)
            return int(connection.execute(ended).rowcount)

    def sessions_unused(self, before: date) -> int:
        """How many were last used before a day."""
        with self.reading() as connection:
            return int(connection.scalar(select(func.count()).select_from(web_session).where(_unused(before))) or 0)

    def remove_sessions(self, before: date) -> None:
        """Remove those last used before a day."""
        with self.writing() as connection:
            connection.execute(delete(web_session).where(_unused(before)))

    def user(self, day: date, *, user_id: str | None = None, subject: str | None = None) -> dict[str, Any] | None:
        """A user in force on ``day``, by id or by what their issuer calls them."""
        which = app_user.c.user_id == user_id if user_id is not None else app_user.c.subject == subject
        with self.reading() as connection:
            row = connection.execute(select(app_user).where(which, in_force(app_user, day))).mappings().one_or_none()
        return None if row is None else plain(row)

    def reach(self, user_id: str, scheme: str, code: str, day: date) -> list[dict[str, Any]]:
        """A user's roles at an organisation, and through its teams, on ``day``: ``role``, ``through`` (the organisation's kind, or ``team``),
        and ``practice_scheme`` and ``practice`` that the role reaches (None: no practice). Everything on the way must be in force."""
        mine = and_(user_role.c.user_id == app_user.c.user_id, in_force(user_role, day))
        here = and_(organisation.c.scheme == scheme, organisation.c.code == code, in_force(organisation, day))
        user = and_(app_user.c.user_id == user_id, in_force(app_user, day))
        own = (
            select(user_role.c.role, organisation.c.kind)
            .join_from(app_user, user_role, mine)
            .join(organisation, and_(organisation.c.scheme == user_role.c.scheme, organisation.c.code == user_role.c.organisation))
            .where(user, here)
        )  # fmt: skip
        covered = organisation.alias("covered")
        cover = and_(team_cover.c.team_id == team.c.team_id, in_force(team_cover, day))
        practice = and_(covered.c.scheme == team_cover.c.scheme, covered.c.code == team_cover.c.practice, in_force(covered, day))  # fmt: skip
        through = (
            select(user_role.c.role, covered.c.scheme, covered.c.code)
            .join_from(app_user, user_role, mine)
            .join(team, and_(team.c.team_id == user_role.c.team_id, in_force(team, day)))
            .join(
                organisation, and_(organisation.c.scheme == team.c.scheme, organisation.c.code == team.c.organisation)
            )
            .outerjoin(team_cover, cover)
            .outerjoin(covered, practice)
            .where(user, here)
        )
        with self.reading() as connection:
            at, teams = connection.execute(own).all(), connection.execute(through).all()
        return [
            *({"role": role, "through": kind, "practice_scheme": scheme if kind == "practice" else None,
               "practice": code if kind == "practice" else None} for role, kind in at),
            *({"role": role, "through": "team", "practice_scheme": of, "practice": held} for role, of, held in teams),
        ]  # fmt: skip

    def selectable(self, day: date) -> list[dict[str, Any]]:
        """Users in force with each organisation at which they hold a role: ``user_id``, ``subject``, ``name``, ``role``, ``scheme``,
        ``organisation``, ``organisation_name``; for choosing one in a demonstration."""
        mine = and_(user_role.c.user_id == app_user.c.user_id, in_force(user_role, day))
        own = and_(organisation.c.scheme == user_role.c.scheme, organisation.c.code == user_role.c.organisation)
        of_team = and_(organisation.c.scheme == team.c.scheme, organisation.c.code == team.c.organisation)
        shown = (app_user.c.user_id, app_user.c.subject, app_user.c.name, user_role.c.role, organisation.c.scheme,
                 organisation.c.code.label("organisation"), organisation.c.name.label("organisation_name"))  # fmt: skip
        direct = select(*shown).join_from(app_user, user_role, mine).join(organisation, own)
        by_team = (
            select(*shown)
            .join_from(app_user, user_role, mine)
            .join(team, team.c.team_id == user_role.c.team_id)
            .join(organisation, of_team)
        )
        alive = in_force(app_user, day)
        with self.reading() as connection:
            rows = [*connection.execute(direct.where(alive)).mappings(), *connection.execute(by_team.where(alive)).mappings()]  # fmt: skip
        return sorted((plain(row) for row in rows), key=lambda row: (row["name"], row["organisation"]))


def _unused(before: date) -> ColumnElement[bool]:
    return web_session.c.seen_at < datetime.combine(before, time(), UTC)
