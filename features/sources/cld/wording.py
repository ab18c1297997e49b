"""What councils write, in the words of either release, and what the record calls it.

Release 1 and release 2 of the specification word the same thing differently, and councils differ from both in capitals, dashes
and slashes: so values are compared by their words alone (:func:`folded`). What is not listed here maps to nothing.

Sources: release 2 and the grouping of outcomes, DHSC's published methodology for the collection (ASC-CLD-LA-Dashboard, June 2026:
Main_tables/docs/methodology/5-data-cleaning.md); release 1, NHS England's published replication code for SALT (LTS001a–STS002b);
service components, a draft social care standard that names the collection as its source, and the Yorkshire and Humber care
record's code list.
"""

from __future__ import annotations

import re

EVENTS = {"Request": "request", "Assessment": "assessment", "Service": "service", "Review": "review"}

SERVICE_TYPES = {
    "Long term support: Nursing care": "long_term_nursing",
    "Long term support: Residential care": "long_term_residential",
    "Long term support: Community": "long_term_community",
    "Long term support: Prison": "other",
    "Short term support: ST-Max": "short_term_max",
    "Short term support: Ongoing low level": "short_term_other",
    "Short term support: Other short term": "short_term_other",
    "Unpaid carer support: Direct to unpaid carer": "carer_support",
    "Unpaid carer support: Support involving the person cared-for": "carer_support",
    "Carer support: Direct to carer": "carer_support",
    "Carer support: Support involving the person cared-for": "carer_support",
}

COMPONENTS = {
    "Reablement": "reablement",
    "Short term nursing care": "nursing",
    "Long term nursing care": "nursing",
    "Short term residential care": "residential",
    "Long term residential care": "residential",
    "Home support or domiciliary care": "home_care",
    "Home support": "home_care",
    "Day support": "day_support",
    "Meals": "meals",
    "Transport": "other",
    "Equipment": "equipment",
    "Direct payment": "direct_payment",
    "Shared Lives": "other",
    "Community supported living": "other",
    "Extra care housing": "extra_care",
    "Professional support: Social worker": "other",
    "Professional support: Other": "other",
    "Professional support": "other",
    "Learning, education or employment support": "other",
    "Learning/Education/Employment Support": "other",
    "End of life care": "other",
    "Emergency support": "other",
    "Other short term support": "other",
    "Other long term support": "other",
    "Unpaid carer respite": "respite",
    "Carer respite": "respite",
    "Unpaid carer sitting service": "respite",
    "Carer sitting service": "respite",
    "Unpaid carer universal services": "other",
    "Carer universal services": "other",
    "Other unpaid carer support": "other",
    "Other carer support": "other",
}

#: In the order in which an outcome outranks another (methodology, 6-deduplication.md, step 3): position is rank.
OUTCOMES = {
    "Progress to reablement/ST-Max": "reablement",
    "Progress to assessment, review or reassessment": "other",
    "Progress to assessment": "other",
    "Progress to re-assessment/unplanned review": "other",
    "Progress to financial assessment": "other",
    "Progress to end of life care": "other",
    "Progress to support planning or services": "services",
    "Progress to support planning/services": "services",
    "Continuation of support or services": "services",
    "No change in package": "services",
    "Provision of service": "services",
    "Admitted to hospital": "hospital",
    "NFA: Responsibility moved to another local authority": "nfa",
    "NFA: Moved to another LA": "nfa",
    "NFA: Referral to NHS services or NHS funded social care": "nfa",
    "NFA: 100% NHS funded care": "nfa",
    "NFA: Self-funded client or under 12wk disregard": "nfa",
    "NFA: Self-funded client (inc 12wk disregard)": "nfa",
    "NFA: Information and advice or signposting": "nfa",
    "NFA: Information & advice/signposting only": "nfa",
    "NFA: Referral to other service within the local authority": "nfa",
    "NFA: Support declined": "nfa",
    "NFA: Deceased": "deceased",
    "NFA: Support ended as planned": "nfa",
    "Service ended as planned": "nfa",
    "NFA: Support ended for other reason": "nfa",
    "NFA: Support ended: other reason": "nfa",
    "NFA: No services offered for other reason": "nfa",
    "NFA: No services offered: other reason": "nfa",
    "NFA: Other": "nfa",
    "Other": "other",
}

GENDERS = {
    "Male": "male",
    "Female": "female",
    "Other": "indeterminate",
    "Unknown": "unknown",
    "Indeterminate": "indeterminate",
}

#: Text of either census to the NHS Data Dictionary's categories of 2001, which have neither Roma nor Arab.
ETHNICITIES = {
    "White: English, Welsh, Scottish, Northern Irish or British": "A",
    "White: English / Welsh / Scottish / Northern Irish / British": "A",
    "White: Irish": "B",
    "White: Gypsy or Irish Traveller": "C",
    "White: Roma": "C",
    "White: Any other White background": "C",
    "Mixed or multiple ethnic groups: White and Black Caribbean": "D",
    "Mixed or multiple ethnic groups: White and Black African": "E",
    "Mixed or multiple ethnic groups: White and Asian": "F",
    "Mixed: White and Asian": "F",
    "Mixed or multiple ethnic groups: Any other Mixed or multiple ethnic background": "G",
    "Asian or Asian British: Indian": "H",
    "Asian or Asian British: Pakistani": "J",
    "Asian or Asian British: Bangladeshi": "K",
    "Asian or Asian British: Any other Asian background": "L",
    "Asian or Asian British: Chinese": "R",
    "Black, Black British, Caribbean or African: Caribbean": "M",
    "Black, Black British, Caribbean or African: African": "N",
    "Black, Black British, Caribbean or African: Any other Black, Black British or Caribbean background": "P",
    "Other ethnic group: Arab": "S",
    "Other ethnic group: Any other ethnic group": "S",
    "No data: Refused": "Z",
    "No data: Undeclared or not known": "99",
}

#: Whose event it is, where it is a carer's own.
CARERS = ("Unpaid carer", "Unpaid carer known by association", "Carer", "Carer known by association")

#: Field of the record, and how councils word its values.
WORDING = {
    "event": EVENTS, "service_type": SERVICE_TYPES, "component": COMPONENTS, "outcome": OUTCOMES, "sex": GENDERS,
    "ethnicity": ETHNICITIES, "carer": dict.fromkeys(CARERS, "true"),
}  # fmt: skip
#: The same folding in SQL.
FOLDED = "trim(regexp_replace(lower({}), '[^a-z0-9]+', ' ', 'g'))"


def folded(text: str) -> str:
    """The words and figures of a value, in small letters."""
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def rows() -> list[tuple[str, str, str, int]]:
    """Every wording: field, folded text, what it means, and its rank in its field."""
    return [
        (field, folded(text), means, rank)
        for field, words in WORDING.items()
        for rank, (text, means) in enumerate(words.items())
    ]
