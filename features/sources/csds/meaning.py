"""Codes of the data set, and what the record calls them.

Source: the national codes of CSDS 1.6 (enhanced technical output specification 1.6.10), as a hospital's published pipeline lists them
(Barts Health community pipeline) and, for activities, North Central London ICB's models. The national list of services has neither a
falls service nor a virtual ward: an area names such teams by their local identifiers (option ``teams``).
"""

from __future__ import annotations

from collections.abc import Mapping

from features import codelists

#: Service or team type referred to: what else there is becomes ``other``.
TEAMS = {
    "12": "district_nursing", "40": "district_nursing", "43": "district_nursing", "19": "community_matron",
    "45": "community_matron", "29": "rehabilitation", "23": "rehabilitation", "26": "rehabilitation", "33": "rehabilitation",
    "48": "rehabilitation", "52": "rehabilitation", "53": "rehabilitation", "54": "rehabilitation", "51": "rapid_response",
    "49": "rapid_response", "14": "palliative", "47": "palliative", "09": "mental_health", "37": "mental_health",
}  # fmt: skip
#: Kind of activity, most telling first: a contact with several is called after the first of them.
ACTIVITIES = {
    "02": "assessment", "03": "intervention", "06": "review", "04": "advice", "05": "advice", "01": "test", "07": "other",
    "08": "other", "09": "other", "10": "other", "11": "other", "12": "other", "97": "other",
}  # fmt: skip
#: Attendance status, and the older code of the same values. One who came too late to be seen was not.
STATUSES = {
    "5": "attended", "6": "attended", "7": "did_not_attend", "3": "did_not_attend", "2": "cancelled", "4": "cancelled",
}  # fmt: skip
KINDS_OF_TEAM = (*dict.fromkeys(TEAMS.values()), "falls", "virtual_ward", "other")


def rows(teams: Mapping[str, str]) -> list[tuple[str, str, str, int]]:
    """Every code: field, code, meaning, and its rank in its field. ``teams`` are the area's own, by local identifier."""
    tools = dict(codelists.load("community_assessments_snomed").categories)
    fields: dict[str, Mapping[str, str]] = {
        "team": TEAMS, "activity": ACTIVITIES, "status": STATUSES, "local_team": teams, "tool": tools,
    }  # fmt: skip
    return [
        (name, code, means, rank) for name, codes in fields.items() for rank, (code, means) in enumerate(codes.items())
    ]
