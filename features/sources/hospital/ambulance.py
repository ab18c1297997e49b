"""Contacts with the ambulance service (999) and with 111: incidents of the service's dispatch system, and cases of the integrated
urgent care provider.

Neither has a national shape for records of persons that areas receive; the columns here are the least that such extracts have, in plain
names. Outcomes are those of the Ambulance Quality Indicators: hear and treat, see and treat, see and convey. Complaints are read from their words, or
from the number of the card of the Advanced Medical Priority Dispatch System (17 falls, 6 breathing, 10 chest pain, 28 stroke,
25 mental health, 26 sick person), with which a code like ``17B01`` begins.
"""

from __future__ import annotations

import pandera.pandas as pa

from features.record.versioned import Text, maybe, needed
from features.sources.delivered import Layout, RawFile, Rule, dated, opener
from features.sources.delivered.declared import day, seconds

#: Complaint by words that it holds, the first that fits, and by the dispatch system's card.
COMPLAINTS = (("fall", "fall|fell", "17"), ("stroke", "stroke|fast positive|tia", "28"), ("chest_pain", "chest", "10"),
              ("breathing", "breath|respirat|asthma", "6"),
              ("mental_health", "psychiatric|mental|suicid|behaviour", "25"), ("sick_person", "sick|unwell", "26"))  # fmt: skip


class Incident(pa.DataFrameModel):
    """A 999 incident of one patient."""

    NHS_NUMBER: Text = maybe("NHS number, where it was traced")
    LOCAL_PATIENT_ID: Text = maybe("the service's own number of the patient")
    INCIDENT_NUMBER: Text = needed("the incident's own number")
    CALL_DATE: Text = dated("when the call was connected", nullable=False)
    CHIEF_COMPLAINT: Text = maybe("reason for the call: words, or a dispatch code")
    OUTCOME: Text = maybe("hear and treat, see and treat, or see and convey")


class Case(pa.DataFrameModel):
    """A 111 case."""

    NHS_NUMBER: Text = maybe("NHS number, where it was traced")
    LOCAL_PATIENT_ID: Text = maybe("the provider's own number of the patient")
    CASE_ID: Text = needed("the case's own number")
    CALL_DATE: Text = dated("when the call was answered", nullable=False)
    SYMPTOM_GROUP: Text = maybe("reason for the call, in words")
    DISPOSITION: Text = maybe("what was advised; not read beyond tests and abandoned calls")


def complaint(column: str) -> str:
    """SQL of the record's complaint from a column of words or of dispatch codes; null where it says nothing."""
    by_words = " ".join(
        f"WHEN regexp_matches(lower({column}), '{words}') THEN '{name}'" for name, words, _ in COMPLAINTS
    )
    by_card = " ".join(
        rf"WHEN regexp_matches({column}, '^0?{card}(\D|$)') THEN '{name}'" for name, _, card in COMPLAINTS
    )
    return f"CASE WHEN {column} IS NULL THEN NULL {by_card} {by_words} ELSE 'other' END"


_CALLED, _OUTCOME = day("r.CALL_DATE"), "regexp_replace(lower(r.OUTCOME), '[^a-z]+', ' ', 'g')"
_WHO = {"nhs_number": "r.NHS_NUMBER", "local_id": "r.LOCAL_PATIENT_ID", "event_date": _CALLED, "event_time": seconds("r.CALL_DATE")}  # fmt: skip
_LATER = (("CALL_DATE", "after_receipt", f"{_CALLED} > r.received"),)
#: A tested line, a call put down before it was answered, one that was entered twice.
_NO_CALL = "'test|hoax|abandon|duplicate|no patient'"

LAYOUT = Layout(
    name="ambulance",
    title="999 and 111 contacts",
    may_be_empty=True,
    lag_days=7,
    files=(RawFile("incidents", Incident, may_lack=("LOCAL_PATIENT_ID",)), RawFile("cases", Case, may_lack=("LOCAL_PATIENT_ID", "DISPOSITION"))),
    rules=(
        Rule("incidents", "incidents", "ambulance",
             {**_WHO, "service": "'999'",
              "conveyed": f"CASE WHEN {_OUTCOME} LIKE '%convey%' AND {_OUTCOME} NOT LIKE '%not convey%' AND {_OUTCOME} NOT LIKE '%non convey%' THEN true "
                          f"WHEN r.OUTCOME IS NOT NULL THEN false END",
              "complaint": complaint("r.CHIEF_COMPLAINT")},
             drops=(("no_call", f"regexp_matches({_OUTCOME}, {_NO_CALL})"),), refusals=_LATER, key="'999/' || r.INCIDENT_NUMBER", entered=_CALLED),
        Rule("cases", "cases", "ambulance",
             {**_WHO, "service": "'111'", "conveyed": "false", "complaint": complaint("r.SYMPTOM_GROUP")},
             drops=(("no_call", f"regexp_matches(lower(r.DISPOSITION), {_NO_CALL})"),), refusals=_LATER, key="'111/' || r.CASE_ID", entered=_CALLED),
    ),
)  # fmt: skip
open_source = opener(LAYOUT)
