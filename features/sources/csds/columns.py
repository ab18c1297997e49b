"""The raw files of a submission: one a table of the data set, with the dictionary's names of its elements.

A column may be written with spaces, underscores or in any case. Columns that are not named here may stand beside them.
"""

from __future__ import annotations

import pandera.pandas as pa

from features.record.versioned import Text, maybe, needed


class Header(pa.DataFrameModel):
    """CYP000: what the submission covers."""

    ORGANISATION_IDENTIFIER_CODE_OF_PROVIDER: Text = needed("the provider")
    REPORTING_PERIOD_START_DATE: Text = needed("first day of the month")
    REPORTING_PERIOD_END_DATE: Text = needed("last day of the month")


class Patient(pa.DataFrameModel):
    """CYP001: master patient index."""

    LOCAL_PATIENT_IDENTIFIER_EXTENDED: Text = needed("the provider's number for the person")
    NHS_NUMBER: Text = maybe("NHS number")
    PERSON_BIRTH_DATE: Text = maybe("birth date, kept sealed")
    POSTCODE_OF_USUAL_ADDRESS: Text = maybe("postcode, kept sealed")


class Referral(pa.DataFrameModel):
    """CYP101: referrals to a service."""

    SERVICE_REQUEST_IDENTIFIER: Text = needed("identity of the referral")
    LOCAL_PATIENT_IDENTIFIER_EXTENDED: Text = needed("whose it is")
    REFERRAL_REQUEST_RECEIVED_DATE: Text = maybe("day on which it was received")
    SERVICE_DISCHARGE_DATE: Text = maybe("day on which the person was discharged")


class Service(pa.DataFrameModel):
    """CYP102: services and teams referred to."""

    SERVICE_REQUEST_IDENTIFIER: Text = needed("the referral")
    CARE_PROFESSIONAL_TEAM_LOCAL_IDENTIFIER: Text = maybe("the team's own code")
    SERVICE_OR_TEAM_TYPE_REFERRED_TO_COMMUNITY_CARE: Text = maybe("kind of team, a national code")
    REFERRAL_CLOSURE_DATE: Text = maybe("day on which this service closed the referral")


class Contact(pa.DataFrameModel):
    """CYP201: care contacts."""

    CARE_CONTACT_IDENTIFIER: Text = needed("identity of the contact")
    SERVICE_REQUEST_IDENTIFIER: Text = needed("the referral that it belongs to")
    CARE_PROFESSIONAL_TEAM_LOCAL_IDENTIFIER: Text = maybe("the team's own code")
    CARE_CONTACT_DATE: Text = needed("its day")
    CARE_CONTACT_TIME: Text = maybe("its time of day")
    ATTENDANCE_STATUS: Text = maybe("what became of it")
    ATTENDED_OR_DID_NOT_ATTEND_CODE: Text = maybe("the same in submissions before attendance status")


class Activity(pa.DataFrameModel):
    """CYP202: care activities."""

    CARE_ACTIVITY_IDENTIFIER: Text = needed("identity of the activity")
    CARE_CONTACT_IDENTIFIER: Text = needed("the contact that it belongs to")
    COMMUNITY_CARE_ACTIVITY_TYPE: Text = maybe("what was done, a national code")


class Score(pa.DataFrameModel):
    """CYP612: coded scored assessments."""

    CARE_ACTIVITY_IDENTIFIER: Text = needed("the activity in which it was done")
    CODED_ASSESSMENT_TOOL_TYPE_SNOMED_CT: Text = needed("which tool")
    PERSON_SCORE: Text = maybe("its score")


#: Tables that are read, by the beginning of their files' names. Without the last two a submission may do.
FILES: dict[str, type[pa.DataFrameModel]] = {
    "CYP000": Header, "CYP001": Patient, "CYP101": Referral, "CYP102": Service, "CYP201": Contact, "CYP202": Activity,
    "CYP612": Score,
}  # fmt: skip
MAY_BE_MISSING = ("CYP202", "CYP612")


def columns(file: str) -> dict[str, bool]:
    """Columns of a table that are read, and whether each must be there."""
    return {name: not column.nullable for name, column in FILES[file].to_schema().columns.items()}
