"""Who is in hospital now: the daily file of admissions, transfers and discharges of a hospital's own system.

A row an event. Events go by the words *admitted*, *transferred*, *discharged*, *cancelled* (the admission) and *discharge cancelled*, or by the
trigger events of HL7 version 2 (A01, A02, A03, A11, A13). There is no national shape for such files; columns are in plain
names, and codes are those of the NHS Data Dictionary. Of one stay the newest event holds, and what it leaves out is as the event before said.
Stays are put together over transfers as those of HES are, and known by the same key (:mod:`features.sources.hospital.telling`).
"""

from __future__ import annotations

import pandera.pandas as pa

from features.record.hospital import ADMISSION_METHODS
from features.record.versioned import Text, maybe, needed
from features.sources.delivered import Layout, RawFile, Rule, dated
from features.sources.delivered.declared import day, seconds
from features.sources.hospital.hes import CLASSES, PROVIDER, among, two_digits
from features.sources.hospital.stays import class_of, stays_of

EVENTS = {"a01": "in", "admitted": "in", "admission": "in", "a02": "in", "transferred": "in", "transfer": "in", "a13": "back",
          "discharge cancelled": "back", "a03": "out", "discharged": "out", "discharge": "out", "a11": "void", "cancelled": "void",
          "admission cancelled": "void"}  # fmt: skip


class Event(pa.DataFrameModel):
    """An event of a stay."""

    NHS_NUMBER: Text = maybe("NHS number")
    LOCAL_PATIENT_ID: Text = maybe("the hospital's own number of the patient")
    PROVIDER_CODE: Text = needed("ODS code of the provider", str_matches=r"^[A-Z0-9]{3,9}$")
    EVENT_TYPE: Text = needed("admitted, transferred, discharged, cancelled, discharge cancelled")
    EVENT_DATE: Text = dated("when it happened", nullable=False)
    ADMISSION_DATE: Text = dated("when the stay began", nullable=False)
    ADMISSION_METHOD: Text = maybe("method of admission")
    ADMISSION_SOURCE: Text = maybe("source of admission")
    PATIENT_CLASSIFICATION: Text = maybe("classification of the patient")
    SITE_CODE: Text = maybe("site of treatment")
    SPECIALTY: Text = maybe("main specialty")
    DISCHARGE_READY_DATE: Text = dated("day on which the patient was ready to leave")
    DISCHARGE_METHOD: Text = maybe("method of discharge")
    DISCHARGE_DESTINATION: Text = maybe("destination on discharge")


_ADMITTED, _HAPPENED = day("r.ADMISSION_DATE"), day("r.EVENT_DATE")
_PROVIDER = PROVIDER.format("r.PROVIDER_CODE")
_EVENT = f"(CASE lower(trim(r.EVENT_TYPE)) {' '.join(f'WHEN {said!r} THEN {means!r}' for said, means in EVENTS.items())} END)"
_OUT = f"{_EVENT} = 'out'"

LAYOUT = Layout(
    name="admissions_now",
    title="Who is in hospital now",
    may_be_empty=True,
    lag_days=1,
    files=(RawFile("admissions", Event, may_lack=("NHS_NUMBER", "LOCAL_PATIENT_ID", "DISCHARGE_READY_DATE", "PATIENT_CLASSIFICATION", "SITE_CODE", "SPECIALTY")),),
    rules=(
        Rule("stays", "admissions", "spell",
             {"nhs": r"nullif(regexp_replace(r.NHS_NUMBER, '[\s-]', '', 'g'), '')", "local": f"{_PROVIDER} || '/' || r.LOCAL_PATIENT_ID", "provider": _PROVIDER,
              "eid": f"coalesce({_PROVIDER} || '/' || r.LOCAL_PATIENT_ID, r.NHS_NUMBER || '/' || {_PROVIDER}) || '/' || {_ADMITTED}",
              "admidate": _ADMITTED, "epistart": _ADMITTED, "epiend": _HAPPENED, "epiorder": "1",
              "method": f"CASE WHEN upper(r.ADMISSION_METHOD) IN {tuple(ADMISSION_METHODS)} THEN upper(r.ADMISSION_METHOD) WHEN r.ADMISSION_METHOD IS NOT NULL THEN '99' END",
              "source": two_digits("r.ADMISSION_SOURCE"),
              "leaves": rf"CASE WHEN NOT ({_OUT}) THEN '8' WHEN regexp_full_match(r.DISCHARGE_METHOD, '\d') THEN r.DISCHARGE_METHOD END",
              "goes": f"CASE WHEN {_OUT} THEN {two_digits('r.DISCHARGE_DESTINATION')} END", "disdate": f"CASE WHEN {_OUT} THEN {_HAPPENED} END",
              "ready": day("r.DISCHARGE_READY_DATE"),
              "class": class_of("r.SITE_CODE", f"CASE WHEN coalesce(r.PATIENT_CLASSIFICATION, r.SITE_CODE) IS NOT NULL THEN {among('r.PATIENT_CLASSIFICATION', CLASSES, 'ordinary')} END"),
              "specialty": "CASE WHEN regexp_full_match(r.SPECIALTY, '[0-9A-Z]{3}') THEN r.SPECIALTY END", "diagnoses": "[]::VARCHAR[]",
              "void": f"{_EVENT} = 'void'", "happened": f"date_diff('day', DATE '1970-01-01', {_HAPPENED}) * 86400 + coalesce({seconds('r.EVENT_DATE')}, 0)"},
             refusals=(("NHS_NUMBER", "no_identifier", "r.NHS_NUMBER IS NULL AND r.LOCAL_PATIENT_ID IS NULL"),
                       ("EVENT_TYPE", "not_allowed", f"r.EVENT_TYPE IS NOT NULL AND {_EVENT} IS NULL"),
                       ("EVENT_DATE", "before_admission", f"{_HAPPENED} < {_ADMITTED}"), ("EVENT_DATE", "after_receipt", f"{_HAPPENED} > r.received"))),
    ),
)  # fmt: skip
open_source = stays_of(LAYOUT)
