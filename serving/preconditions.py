"""On what a write rests: the version that its writer had read, and which request it is. One word on it for every route that writes of a person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header

from risk.decisions.writing import Senseless
from risk.store import histories
from risk.store.meeting import Closed, NoSuchEntry
from serving.documented import READING
from serving.problems import Problem

#: The problems of a route that writes of a person.
WRITES = (*READING, "conflict", "changed-since", "version-needed", "key-reused", "too-large")
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
Match = Annotated[
    str | None,
    Header(
        description="the ETag of the person's history as it was read: 412 where somebody wrote since", examples=['"v0"']
    ),
]
Key = Annotated[str | None, Header(description="16 to 64 letters and digits, new for each request; the same again writes nothing and gives the same answer",
                                   json_schema_extra={"pattern": f"^{_KEY.pattern}$"}, examples=["decided-2024-12-02-a"])]  # fmt: skip


@dataclass(frozen=True)
class Precondition:
    """On which version a write rests, and which request it is."""

    match: str | None
    key: str | None

    def read(self, faults: Sequence[tuple[str, str]]) -> int:
        """The version that was read, where the body has no ``faults`` (field, what was expected) and the request has its key; :class:`Problem` else.
        A tag that is none, or is weak or any, matches nothing: a write needs to know what it writes on."""
        wrong = [(f"body.{where}", why) for where, why in faults]
        if self.key is None or not _KEY.fullmatch(self.key):
            wrong.append(("Idempotency-Key", "16 to 64 letters, digits, - and _, new for each request"))
        if wrong:
            raise Problem("unfit-parameter", errors=[{"where": where, "why": why} for where, why in wrong])
        if self.match is None:
            raise Problem("version-needed")
        found = re.fullmatch(r'"v(\d{1,9})"', self.match.strip())
        return int(found[1]) if found else -1


async def _precondition(if_match: Match = None, idempotency_key: Key = None) -> Precondition:
    return Precondition(if_match, idempotency_key)


Asking = Annotated[Precondition, Depends(_precondition)]


def tag(version: int) -> str:
    """The ETag of a person's history."""
    return f'"v{version}"'


@contextmanager
def problems() -> Iterator[None]:
    """What stops a write, as the problem that the caller is told."""
    try:
        yield
    except histories.Stale as error:
        raise Problem("changed-since") from error
    except histories.KeyReused as error:
        raise Problem("key-reused") from error
    except (Closed, Senseless) as error:
        raise Problem("conflict", str(error)) from error
    except NoSuchEntry as error:
        raise Problem("not-found") from error
