"""Contacts with general practice out of hours: a case each, with how it was dealt with.

Providers' systems (Adastra and others) send no common shape; the columns here are the least that such an extract has, in plain
names. Modes are the words of the National Quality Requirements for out-of-hours care: advice by telephone, a treatment centre, a
visit.
"""

from __future__ import annotations

import pandera.pandas as pa

from features.record.versioned import Text, maybe, needed
from features.sources.delivered import Layout, RawFile, Rule, dated, opener
from features.sources.delivered.declared import day, one_of, seconds

MODES = {"telephone advice": "telephone", "telephone": "telephone", "advice": "telephone", "video": "video",
         "treatment centre": "face_to_face", "base": "face_to_face", "face to face": "face_to_face", "home visit": "home_visit",
         "visit": "home_visit"}  # fmt: skip
STATUSES = {"completed": "attended", "seen": "attended", "did not attend": "did_not_attend", "dna": "did_not_attend",
            "cancelled": "cancelled"}  # fmt: skip


class Case(pa.DataFrameModel):
    """A case."""

    NHS_NUMBER: Text = maybe("NHS number, where it was traced")
    LOCAL_PATIENT_ID: Text = maybe("the provider's own number of the patient")
    CASE_REFERENCE: Text = needed("the case's own number")
    CONTACT_DATE: Text = dated("when the patient was dealt with", nullable=False)
    CASE_TYPE: Text = maybe("how: telephone advice, treatment centre, home visit")
    CASE_STATUS: Text = maybe("what became of it")


LAYOUT = Layout(
    name="out_of_hours",
    title="GP contacts out of hours",
    may_be_empty=True,
    lag_days=7,
    files=(RawFile("out_of_hours", Case, adds_to=frozenset({"gp_contact"})),),
    rules=(
        Rule("contacts", "out_of_hours", "gp_contact",
             {"nhs_number": "r.NHS_NUMBER", "local_id": "r.LOCAL_PATIENT_ID", "event_date": day("r.CONTACT_DATE"),
              "event_time": seconds("r.CONTACT_DATE"), "mode": one_of("r.CASE_TYPE", MODES, "'other'"),
              "status": one_of("coalesce(r.CASE_STATUS, 'completed')", STATUSES, "'unknown'")},
             key="r.CASE_REFERENCE", entered=day("r.CONTACT_DATE")),
    ),
)  # fmt: skip
open_source = opener(LAYOUT)
