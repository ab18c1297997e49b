"""A stay of hospital at home from a hospital's file to the outcome: the site that the area names decides, and nothing on the way forgets it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as arrow
import pytest

from features.cohort import CohortRules, cohort
from features.outcomes import label
from features.record.reader import Record
from tests.deliveries import Sent
from tests.extracts import nhs
from tests.spec.test_hes import HOME, STAYS_ON, USUAL, episode
from tests.spec.test_people_sources import PERSON

T, LATER = date(2024, 2, 1), "2025-06-20"
#: Of each person, the sites of the episodes of one emergency stay in March 2024, and whether it is an event.
PEOPLE = [
    ((HOME,), 0),
    ((HOME, HOME), 0),
    (("RZ101",), 1),
    (("RZ101", HOME), 1),
    ((HOME, "RZ101"), 1),
    ((), 0),
]


@pytest.mark.parametrize(("named", "events"), [([HOME], [event for _, event in PEOPLE]), ([], [1, 1, 1, 1, 1, 0])])
def test_a_stay_at_a_site_of_hospital_at_home_is_no_event_and_a_bed_before_or_after_it_is_one(
    tmp_path: Path, named: list[str], events: list[int]
) -> None:
    """Harm: care that kept somebody out of a bed counts as the admission it prevented, or a bed is missed behind it.
    NHS England, *Virtual wards operational framework*: hospital-level care at home is an alternative to an admission to a bed."""
    people = [{"NHS_NUMBER": nhs(n)} for n in range(1, len(PEOPLE) + 1)]
    Sent(tmp_path, "demographics", {"demographics": PERSON}).file("demographics", "2024-01-14", *people).file(
        "demographics", LATER, *people
    ).take()
    stays = [
        episode(
            f"{n}{place}",
            "01",
            f"{1 + 4 * place:02}",
            f"{5 + 4 * place:02}",
            EPIORDER=str(place + 1),
            NHS_NUMBER=nhs(n),
            LOPATID=str(n),
            SITETRET=site,
            **(STAYS_ON if place + 1 < len(sites) else {}),
        )
        for n, (sites, _) in enumerate(PEOPLE, 1)
        for place, site in enumerate(sites)
    ]
    hes = Sent(tmp_path, "hes", {"apc": USUAL}, hospital_at_home=named, history="2024-01-01")
    hes.file("apc", LATER, *stays).take()
    with hes.identity() as identity:
        numbers = arrow.array([person["NHS_NUMBER"] for person in people])
        ids = list(identity.find(numbers, "hes", arrow.nulls(len(people), arrow.string())))
    with Record(hes.record, purpose="training", threads=1) as held:
        found = cohort(held, [T], CohortRules())
        labels = label(held, found, "unplanned_admission", 365)
    told = dict(zip(found.frame["person_id"], labels["y"], strict=True))
    assert [told[one] for one in ids] == events, labels
