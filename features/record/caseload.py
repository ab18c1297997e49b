"""Caseloads: which kinds of team have a person on their books."""

from __future__ import annotations

from features.record.versioned import Interval, Text, maybe, needed

#: Kinds of team that hold caseloads; those of ``community_contact`` that see people again and again.
CASELOAD_TEAMS = ["district_nursing", "community_matron", "rehabilitation", "falls", "palliative", "mental_health",
                  "virtual_ward", "case_management", "social_work", "other"]  # fmt: skip


class Caseload(Interval):
    """A person's time on a team's caseload, from the day they were taken on until the day they were discharged. A list of a
    caseload is complete: who is not on it is not on that team's caseload. Which team it is serves to find the team that
    knows a person, and is never a predictor."""

    team: Text = needed("kind of team", isin=CASELOAD_TEAMS)
    team_id: Text = maybe("the team's own code", str_matches=r"^\S.{0,63}$")
