"""Caseloads of community teams and virtual wards, as lists: one row a person on a team's books, with the days of it.

A list is complete: whoever is on a team's list and not on its next one, without a day of discharge, was discharged by the day of the
next (named in the ledger as ``closed_by_absence``). A team that sends no further list is not closed so.
"""

from __future__ import annotations

import duckdb
import pandera.pandas as pa

from features.record.versioned import Text, maybe, needed
from features.sources.delivered import Layout, Lookup, RawFile, Rule, dated, opener
from features.sources.delivered.declared import day, one_of

#: Kinds of team, by the words of lists. A virtual ward here is hospital care at home (NHS England, virtual wards framework).
TEAMS = {
    "district nursing": "district_nursing", "district_nursing": "district_nursing", "community nursing": "district_nursing",
    "community matron": "community_matron", "community_matron": "community_matron", "rehabilitation": "rehabilitation", "therapy": "rehabilitation", "falls": "falls", "palliative": "palliative",
    "palliative care": "palliative", "mental health": "mental_health", "mental_health": "mental_health", "virtual ward": "virtual_ward",
    "virtual_ward": "virtual_ward", "hospital at home": "virtual_ward", "case management": "case_management",
    "case_management": "case_management", "social work": "social_work", "social_work": "social_work",
}  # fmt: skip


class Listed(pa.DataFrameModel):
    """A person on a list."""

    NHS_NUMBER: Text = maybe("NHS number")
    LOCAL_PATIENT_ID: Text = maybe("the team's own number of the person")
    TEAM_TYPE: Text = needed("kind of team")
    TEAM_ID: Text = needed("the team's own code", str_matches=r"^\S.{0,63}$")
    CASELOAD_FROM: Text = dated("the day they were taken on", nullable=False)
    CASELOAD_TO: Text = dated("the day they were discharged")


_PERSON = "coalesce(r.NHS_NUMBER, r.LOCAL_PATIENT_ID)"
_KEY = f"r.TEAM_ID || '/' || {_PERSON} || '/' || CAST({day('r.CASELOAD_FROM')} AS VARCHAR)"
_FROM, _TO = day("r.CASELOAD_FROM"), day("r.CASELOAD_TO")
_ROW = {"nhs_number": "r.NHS_NUMBER", "local_id": "r.LOCAL_PATIENT_ID", "event_date": _FROM,
        "team": one_of("r.TEAM_TYPE", TEAMS, "'other'"), "team_id": "r.TEAM_ID"}  # fmt: skip


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("""
        CREATE TABLE closed AS
        WITH lists AS (SELECT team, received, lead(received) OVER (PARTITION BY team ORDER BY received) AS next FROM (SELECT DISTINCT team, received FROM entry))
        SELECT e.received, e.key, l.next FROM entry e JOIN lists l ON l.team = e.team AND l.received = e.received
        WHERE l.next IS NOT NULL AND NOT e.ended::BOOLEAN AND NOT EXISTS (SELECT 1 FROM entry n WHERE n.received = l.next AND n.key = e.key)""")


LAYOUT = Layout(
    name="caseloads",
    title="Caseloads of teams",
    lag_days=7,
    prepare=_prepare,
    files=(RawFile("caseloads", Listed),),
    lookups=(Lookup("entry", "caseloads", {"team": "r.TEAM_ID", "key": _KEY, "ended": f"{_TO} IS NOT NULL"}),),
    rules=(
        Rule("taken_on", "caseloads", "caseload", {**_ROW, "end_date": "NULL::DATE"}, key=_KEY, entered=_FROM),
        Rule("discharged", "caseloads", "caseload", {**_ROW, "end_date": _TO}, drops=(("on_the_list", f"{_TO} IS NULL"),), key=_KEY,
             entered=_TO, refusals=(("CASELOAD_TO", "end_before_start", f"{_TO} < {_FROM}"),)),
        Rule("closed_by_absence", "caseloads", "caseload", {**_ROW, "end_date": "c.next", "known_at": "c.next"}, key=_KEY,
             joins=f"LEFT JOIN closed c ON c.received = r.received AND c.key = {_KEY}", drops=(("on_the_next_list", "c.next IS NULL"),)),
    ),
)  # fmt: skip
open_source = opener(LAYOUT)
