"""Raw files of the operational GP shape: the columns that are read, all text. Practitioners, free text and costs are not."""

from __future__ import annotations

import pandera.pandas as pa

from features.record.versioned import Text, maybe, needed
from features.sources.delivered.declared import dated


class _Row(pa.DataFrameModel):
    """What every row has."""

    id: Text = needed("the row's own identifier")
    publisher_organisation_code: Text = needed(
        "ODS code of the practice that holds the record", str_matches=r"^[A-Z0-9]{3,9}$"
    )
    lds_is_deleted: Text = maybe("true where the practice has deleted the row")
    lds_datetime_first_acquired: Text = dated("when the row first came")


class Patient(_Row):
    """A patient of one practice; somebody may be a patient of several."""

    nhs_number: Text = maybe("NHS number, in flows that carry it")
    person_id: Text = maybe("the data set's own identifier of the person")
    gender_display: Text = maybe("gender in words (name of the column not yet checked)")
    birth_year: Text = maybe("year of birth", str_matches=r"^(?:18|19|20)\d{2}$")
    birth_month: Text = maybe("month of birth, 1 to 12", str_matches=r"^(?:0?[1-9]|1[0-2])$")
    is_confidential: Text = maybe("true where the whole record is confidential")
    is_dummy_patient: Text = maybe("true where the patient does not exist")
    is_spine_sensitive: Text = maybe("true where the Spine marks the person as sensitive")


class EpisodeOfCare(_Row):
    """A registration."""

    patient_id: Text = needed("the patient")
    episode_type_code: Text = maybe("concept of the kind of registration")
    episode_type_source_code: Text = maybe("kind of registration in the system's own words")
    episode_of_care_start_date: Text = dated("first day", nullable=False)
    episode_of_care_end_date: Text = dated("day it ended")


class _Clinical(_Row):
    """An entry."""

    patient_id: Text = needed("the patient")
    clinical_effective_date: Text = dated("the day it happened", nullable=False)
    date_recorded: Text = dated("the day it was entered")
    is_confidential: Text = maybe("true where the entry is confidential")
    mapped_concept_code: Text = maybe("SNOMED CT or dm+d code")


class Observation(_Clinical):
    """A coded entry: a diagnosis, problem, measurement or administrative code."""

    source_system: Text = maybe("coding system of the source's code")
    source_code: Text = maybe("the source's own code")
    result_value: Text = maybe("the number that was measured")
    result_unit_display: Text = maybe("its unit")


class MedicationOrder(_Clinical):
    """An item prescribed."""

    bnf_reference: Text = maybe("BNF code")
    quantity_value: Text = maybe("quantity prescribed")
    duration_days: Text = maybe("days that it should last")


class Appointment(_Row):
    """A slot in a practice's book."""

    patient_id: Text = maybe("the patient; blank in a slot that nobody took")
    start_date: Text = dated("when it begins", nullable=False)
    appointment_status_code: Text = maybe("what became of it, as ATTENDED OR DID NOT ATTEND CODE")
    appointment_status_source_display: Text = maybe("the same in the system's own words")
    contact_mode_source_code: Text = maybe("how it takes place, in the system's own words")
    is_blocked: Text = maybe("true where nobody may book it")


class Encounter(_Row):
    """A consultation."""

    patient_id: Text = needed("the patient")
    appointment_id: Text = maybe("the appointment that it belongs to")
    clinical_effective_date: Text = dated("the day it happened", nullable=False)
    date_recorded: Text = dated("the day it was entered")
    type: Text = maybe("kind of consultation")
