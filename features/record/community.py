"""Community and social care, and scored assessments."""

from __future__ import annotations

from features.record.versioned import Event, Interval, Number, Text, maybe, needed

SERVICE_TYPES = ["long_term_community", "long_term_residential", "long_term_nursing", "short_term_max",
                 "short_term_other", "carer_support", "other"]  # fmt: skip
COMPONENTS = ["home_care", "day_support", "meals", "equipment", "telecare", "direct_payment", "residential", "nursing",
              "reablement", "extra_care", "respite", "other"]  # fmt: skip


class CommunityContact(Event):
    """A contact with a community health team."""

    team: Text = needed("kind of team",
                        isin=["district_nursing", "community_matron", "rehabilitation", "falls", "rapid_response",
                              "palliative", "mental_health", "virtual_ward", "other"])  # fmt: skip
    activity: Text = maybe("what was done", isin=["test", "assessment", "intervention", "advice", "review", "other"])
    status: Text = needed("what became of it", isin=["attended", "did_not_attend", "cancelled", "unknown"])


class SocialCare(Interval):
    """A council's client-level event. Absence means not known to the council, never no care."""

    event: Text = needed("kind of event", isin=["request", "assessment", "service", "review"])
    service_type: Text = maybe("type of service", isin=SERVICE_TYPES)
    component: Text = maybe("what the service is", isin=COMPONENTS)
    units_a_week: Number = maybe("hours or units planned a week", ge=0)
    outcome: Text = maybe("how it ended", isin=["services", "reablement", "hospital", "nfa", "deceased", "other"])


class Assessment(Event):
    """A scored assessment, kept as a number."""

    tool: Text = needed("which tool", isin=["efi", "cfs", "news2", "falls_form", "cga", "barthel", "other"])
    score: Number = maybe("its score")
