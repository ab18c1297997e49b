"""Submissions as rows of ``community_contact``, ``assessment`` and, if asked for, ``caseload``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as arrow

from features.errors import WrongUsage
from features.progress import Progress
from features.sources.contract import FEED_SHAPE, Batch, Fault, InputFile, Rejected
from features.sources.csds import meaning, statements
from features.sources.csds.submission import Submission, submissions

#: Files whose rows are read with the contacts that they describe, never by themselves.
BESIDE = ("CYP001", "CYP101", "CYP102", "CYP202")
_FIELDS = {"missing": "CARE CONTACT IDENTIFIER", "not_a_date": "CARE CONTACT DATE", "no_such_referral": "SERVICE REQUEST IDENTIFIER",
           "value_not_mapped": "ATTENDANCE STATUS", "no_such_contact": "CARE ACTIVITY IDENTIFIER", "not_a_number": "PERSON SCORE"}  # fmt: skip


def open_source(path: Path, *, teams: Mapping[str, str] | None = None, caseloads: bool = False, organisation: str | None = None,
                title: str = "Community services", kind: str = "real", purposes: str = "*") -> CommunityServices:  # fmt: skip
    """The submissions in the folder ``path``. ``teams`` says what the area's own teams are, by local identifier (``{"FALLS1":
    "falls"}``); ``caseloads`` makes referrals rows of ``caseload``; ``organisation`` is the provider's ODS code, that of the header
    without it. :class:`WrongUsage` where a team is of no kind that there is."""
    unknown = sorted({team for team in (teams or {}).values() if team not in meaning.KINDS_OF_TEAM})
    if unknown:
        kinds = ", ".join(meaning.KINDS_OF_TEAM)
        raise WrongUsage(f"expected each of the csds source's teams to be one of {kinds}; found {', '.join(unknown)}")
    return CommunityServices(
        Path(path), dict(teams or {}), caseloads, organisation, {"kind": kind, "title": title}, purposes
    )


@dataclass
class CommunityServices:
    """A :class:`~features.sources.contract.Source`."""

    path: Path
    teams: dict[str, str]
    caseloads: bool
    organisation: str | None
    what: dict[str, str]
    purposes: str
    name: str = field(default="csds", init=False)

    def inputs(self) -> list[InputFile]:
        options = repr(
            (sorted(self.teams.items()), self.caseloads, self.organisation, self.purposes, self.what["kind"])
        )
        return [*(file.input for one in self.submissions for file in one.files.values()), InputFile("options", options)]

    def about(self) -> dict[str, str]:
        return self.what

    def check(self) -> list[Fault]:
        if not self.submissions:
            return [Fault(self.path.name, "", "a folder a submission, named by the day on which it was received", "none", "give their folder")]  # fmt: skip
        return [fault for one in self.submissions for fault in one.faults()]

    def warnings(self) -> list[str]:
        return [
            f"the submission {one.name} has a header and no rows, which is suspicious of a provider's month: it was taken in as one with "
            "nothing in it that withdraws nothing and speaks for nobody; check that it is whole"
            for one in self.submissions if one.is_empty
        ]  # fmt: skip

    def feeds(self) -> arrow.Table:
        rows = []
        for one in self._filled:
            for table in self._tables:
                rows.append({"feed": f"{one.name}:{table}", "known_at": one.received, "known_until": None, "source": self.name,
                             "table_name": table, "organisation": self.organisation or one.header.provider,
                             "organisation_scheme": "ods", "covers": "*", "period_from": one.header.first,
                             "period_to": min(one.header.last + timedelta(days=1), one.received or date.max),
                             "purposes": self.purposes})  # fmt: skip
        return arrow.Table.from_pylist(rows, FEED_SHAPE)

    def batches(self, progress: Progress) -> Iterator[Batch]:
        progress.stage("reading submissions", len(self.submissions))
        with duckdb.connect(config={"threads": 1}) as connection:
            for statement in statements.HELD:
                connection.execute(statement)
            connection.executemany("INSERT INTO code VALUES (?, ?, ?, ?)", meaning.rows(self.teams))
            for one in self._filled:
                yield from self._read(connection, one)
                progress.advance()

    @cached_property
    def submissions(self) -> list[Submission]:
        return submissions(self.path)

    @property
    def _filled(self) -> list[Submission]:
        return [one for one in self.submissions if not one.is_empty]

    @property
    def _tables(self) -> list[str]:
        return ["community_contact", "assessment", *(["caseload"] if self.caseloads else [])]

    def _read(self, connection: duckdb.DuckDBPyConnection, one: Submission) -> Iterator[Batch]:
        unread = one.load(connection)
        provider = self.organisation or one.header.provider
        who = {"provider": provider}
        when = {"period_end": one.header.last, "received": one.received}
        for statement in statements.REMEMBER:
            connection.execute(statement)
        connection.execute(statements.READ_CONTACTS)
        refused = _refused(
            connection, "SELECT source_row, reason, said_status FROM read WHERE reason IS NOT NULL ORDER BY 1"
        )
        contacts = connection.sql(statements.CONTACTS, params=who).to_arrow_table()
        yield one.batch(contacts, "CYP201", "community_contact", "contacts", [*unread["CYP201"], *refused])
        for file in BESIDE:
            if file in one.files:
                count = connection.execute(f"SELECT count(*) FROM {file.lower()}").fetchall()[0][0]
                yield one.batch(contacts.slice(0, 0), file, "community_contact", "beside", unread[file],
                                {"read_with_its_contacts": count})  # fmt: skip
        withdrawn = connection.sql(statements.WITHDRAWN, params={**who, **when}).to_arrow_table()
        if withdrawn.num_rows:
            yield one.batch(withdrawn, "CYP201", "community_contact", "withdrawn_by_resubmission")
        connection.execute(statements.FORGET_WITHDRAWN, {"period_end": one.header.last})
        connection.execute(statements.REMEMBER_CONTACTS, {**when, "feed": f"{one.name}:community_contact"})
        if "CYP612" in one.files:
            connection.execute(statements.READ_SCORES)
            refused = _refused(
                connection, "SELECT source_row, reason, said FROM scored WHERE reason IS NOT NULL ORDER BY 1"
            )
            scores = connection.sql(statements.SCORES, params=who).to_arrow_table()
            yield one.batch(scores, "CYP612", "assessment", "scores", [*unread["CYP612"], *refused])
        if self.caseloads:
            held = connection.sql(statements.CASELOADS, params=who).to_arrow_table()
            yield one.batch(held, "CYP102", "caseload", "referrals")


def _refused(connection: duckdb.DuckDBPyConnection, query: str) -> list[Rejected]:
    bad: list[tuple[int, str, Any]] = connection.execute(query).fetchall()
    shown = ("value_not_mapped", "not_a_number")
    return [Rejected(row, _FIELDS[reason], reason, value if reason in shown else None) for row, reason, value in bad]
