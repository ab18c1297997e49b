"""Systems that call the service: registered with a secret, granted practices and scopes, each from a day and to a day."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import scrypt
from typing import Any

from features.errors import WrongUsage
from risk.store import Store
from risk.store.directory import EVERY, TEAM

#: What a client may be allowed to do, in words.
SCOPES: dict[str, str] = {
    "runs:read": "the current run, and the denominators of its own practices",
    "lists:read": "the lists of its practices, pseudonymous",
    "persons:read": "the risk and reasons of a person scored in its practices, pseudonymous",
    "persons:lookup": "look a person of its practices up by NHS number: band, plan and coordinator, for a front door or a call handler",
    "links:write": "make a link that opens a person or a list of its practices in the pages, once, for whoever may see them there",
    "score:write": "post rows of the record of a person of its practices, and have them scored now; nothing of it is kept",
    "decisions:read": "what its practices' meetings decided of a person, in their words, and what is left undone",
    "decisions:write": "decide about a person of its practices, one at a time",
    "scores:read": "the scores of everybody of its practices in one file, listed or not, pseudonymous",
    "bulk:read": "the people of its practices' lists with their risks and reasons in FHIR's files, pseudonymous",
    "audit:read": "who asked what about a person of its practices, by ids that are no names",
    "persons:identify": "be told by NHS number who the people of its own practices' lists are, for a reason",
    "events:read": "what happened to the people of its practices since it last asked: lists, bands, stays in hospital; pseudonymous",
    "register:read": "the frailty registers of its practices, pseudonymous",
    "register:write": "confirm, change or reject what is proposed of a person on them, one at a time",
    "suppressions:write": "tell that a person of its practices died, left, is restricted or opted out",
}
#: What a client is allowed where nobody says otherwise: to read what runs say, and neither to write nor to read what meetings wrote.
READING = ("runs:read", "lists:read", "persons:read")
#: What is reached through a team that covers a practice: what its people reach there too, and never who somebody is.
THROUGH_A_TEAM = frozenset({*READING, "decisions:read", "decisions:write"})
#: scrypt's cost (RFC 7914): 16 MB and some 50 ms a guess.
_COST = {"n": 2**14, "r": 8, "p": 1}
_SALT = 16


@dataclass(frozen=True)
class Access:
    """What a client may read on a day, or (``kind`` user) a person in a ``role`` at the organisation that they ``selected``, of whose reasons they
    read the words of ``domains`` (None: of all), and the ``dates`` of what the record says or not. Made anew for every request: access ends with its grant."""

    client_id: str
    grants: tuple[tuple[str, str, frozenset[str]], ...]
    kind: str = "client"
    role: str | None = None
    selected: str | None = None
    domains: frozenset[str] | None = None
    dates: bool = True

    @property
    def reader(self) -> str:
        """For whom opaque ids are made: a client, or everybody who selected the same organisation, who talk to one another."""
        return self.selected or self.client_id

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset().union(*(scopes for _, _, scopes in self.grants))

    def may(self, scope: str, scheme: str, practice: str) -> bool:
        """Whether the scope is granted for the practice."""
        return any(
            scope in scopes and (of == EVERY or (kind, of) == (scheme, practice)) for kind, of, scopes in self.grants
        )

    def through(self, scope: str, scheme: str, practice: str) -> str:
        """By which relationship :meth:`may` holds, for the audit: the practice itself, or every practice; and the role, of a person."""
        own = any(scope in scopes and (kind, of) == (scheme, practice) for kind, of, scopes in self.grants)
        of = f"{scheme} {practice}" if own else "every practice"
        return f"{self.role} of {self.selected}, {of}" if self.role else of

    def narrowed(self, scopes: Iterable[str]) -> Access:
        """The same access through a token of fewer scopes."""
        kept = frozenset(scopes)
        return replace(self, grants=tuple((kind, of, held & kept) for kind, of, held in self.grants))


def access(store: Store, client_id: str, day: date) -> Access | None:
    """What the directory says that a client may read on ``day``; None where it is not, or no longer, a client."""
    rows = store.grants(client_id, day)
    if rows is None:
        return None
    return Access(client_id, tuple((row["scheme"], row["practice"], _scopes(row)) for row in rows))


def _scopes(grant: Mapping[str, Any]) -> frozenset[str]:
    held = frozenset(grant["scopes"].split())
    return held if grant["team"] is None else held & THROUGH_A_TEAM


def add(
    store: Store,
    name: str,
    practices: Sequence[str],
    day: date,
    *,
    every: bool = False,
    scopes: Sequence[str] = READING,
    until: date | None = None,
    teams: Sequence[str] = (),
    public_key: str | None = None,
) -> dict[str, Any]:
    """Register a client; its ``client_id``, and its ``secret``, which is shown this once and kept only as a hash: None for a client that signs
    (``public_key`` as of :func:`risk.client_keys.kept`). Of a team it reaches the practices that the team covers, as long as it does.

    :class:`WrongUsage` where a practice is in neither the directory nor the published run, a team is not in the directory, or a scope is unknown or
    not to be had through a team.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise WrongUsage(f"expected scopes among {', '.join(SCOPES)}, found {', '.join(unknown)}")
    if bool(practices or teams) == every:
        raise WrongUsage("expected --practice CODE or --team ID, once or more, or --all-practices: one of the two")
    if teams and (beyond := sorted(set(scopes) - THROUGH_A_TEAM)):
        raise WrongUsage(
            f"{', '.join(beyond)} is of a practice's own clients; a team's may have {', '.join(sorted(THROUGH_A_TEAM))}"
        )
    held = {row["team_id"] for row in store.directory()["team"]}
    if absent := [one for one in teams if one not in held]:
        raise WrongUsage(
            f"expected teams of the directory, found {', '.join(absent)}; `frailty org import FILE` adds them"
        )
    if until is not None and until <= day:
        raise WrongUsage(f"expected an end after {day}, found {until}")
    places = (
        [(EVERY, EVERY)] if every else [_place(store, code, day) for code in practices] + [(TEAM, one) for one in teams]
    )
    client_id, secret = f"client-{secrets.token_hex(8)}", None if public_key else secrets.token_urlsafe(32)
    days = {"valid_from": day, "valid_to": until}
    client = {"client_id": client_id, "name": name, "secret_hash": hashed(secret) if secret else None, "public_key": public_key,
              "created_at": datetime.now(UTC), **days}  # fmt: skip
    grants = [{"scheme": scheme, "practice": code, "scopes": " ".join(scopes), **days} for scheme, code in places]
    store.add_client(client, grants)
    return {"client_id": client_id, "secret": secret, "name": name, "practices": [code for scheme, code in places if scheme != TEAM], "teams": list(teams),
            "scopes": list(scopes), "from": str(day), "to": None if until is None else str(until)}  # fmt: skip


def hashed(secret: str) -> bytes:
    """Salt and scrypt hash of a secret."""
    salt = secrets.token_bytes(_SALT)
    return salt + scrypt(secret.encode(), salt=salt, **_COST)


#: Checked in place of the hash of a client that is not there, so that its absence takes as long to find.
_NOBODY = hashed(secrets.token_urlsafe(32))


def proven(store: Store, client_id: str, secret: str, day: date) -> Access | None:
    """A client's access on ``day``, if the secret is its own; None otherwise, after the same work."""
    client = store.client(client_id)
    kept = client["secret_hash"] if client and client["secret_hash"] else _NOBODY
    right = hmac.compare_digest(scrypt(secret.encode(), salt=kept[:_SALT], **_COST), kept[_SALT:])
    return access(store, client_id, day) if right and client else None


def _place(store: Store, code: str, day: date) -> tuple[str, str]:
    """Scheme and code of a practice that the directory has. One that only the published run knows of is entered in the
    directory, under its code, from ``day``."""
    held = [row["scheme"] for row in store.organisations(code) if row["kind"] == "practice"]
    if held:
        return held[0], code
    run = store.current_run()
    scored = store.practices(run["number"], code) if run else []
    if not scored:
        raise WrongUsage(
            f"expected a practice of the directory or of the published run, found {code}; `frailty org import FILE` adds it"
        )
    scheme = scored[0]["scheme"]
    row = {"scheme": scheme, "code": code, "name": code, "kind": "practice", "valid_from": day, "valid_to": None}
    store.write_directory({"organisation": [row]})
    return scheme, code
