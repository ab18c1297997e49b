"""Contacts with mental health services, as care contacts of the Mental Health Services Data Set (MHSDS, table MHS201).

Field names: NHS England, MHSDS (``CareContDate``, ``UniqCareContID``, ``AttendStatus``; ``AttendOrDNACode`` in earlier versions),
the patient's number beside them as in the master index (MHS001). What was said, diagnosed or decided is not read: that there was a
contact informs a score, and which team it was with does not.
"""

from __future__ import annotations

import pandera.pandas as pa

from features.record.versioned import Text, maybe, needed
from features.sources.delivered import Layout, RawFile, Rule, dated, opener
from features.sources.delivered.declared import day, one_of, seconds

#: NHS Data Dictionary, ATTENDED OR DID NOT ATTEND CODE.
STATUS = {
    "5": "attended",
    "6": "attended",
    "3": "did_not_attend",
    "7": "did_not_attend",
    "2": "cancelled",
    "4": "cancelled",
}


class CareContact(pa.DataFrameModel):
    """A care contact."""

    NHSNumber: Text = maybe("NHS number, from the master index")
    LocalPatientId: Text = maybe("the provider's own number of the patient")
    UniqCareContID: Text = needed("the contact's own identifier")
    CareContDate: Text = dated("when it took place", nullable=False)
    AttendStatus: Text = maybe("what became of it", isin=[*STATUS, "0", "9"])


LAYOUT = Layout(
    name="mental_health",
    title="Mental health contacts",
    may_be_empty=True,
    lag_days=45,
    files=(RawFile("care_contact", CareContact, also={"AttendStatus": ("AttendOrDNACode",), "NHSNumber": ("NHS_NUMBER",)}, adds_to=frozenset({"community_contact"})),),
    rules=(
        Rule("contacts", "care_contact", "community_contact",
             {"nhs_number": "r.NHSNumber", "local_id": "r.LocalPatientId", "event_date": day("r.CareContDate"),
              "event_time": seconds("r.CareContDate"), "team": "'mental_health'", "status": one_of("r.AttendStatus", STATUS, "'unknown'")},
             drops=(("not_yet_happened", f"r.AttendStatus = '0' OR {day('r.CareContDate')} >= r.received"),), key="r.UniqCareContID",
             entered=day("r.CareContDate")),
    ),
)  # fmt: skip
open_source = opener(LAYOUT)
