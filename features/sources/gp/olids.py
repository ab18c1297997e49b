"""The operational GP shape: tables as in the One London Integrated Data Set (OLIDS), one row a patient, episode of care, observation,
medication order, appointment or encounter.

Names of tables, columns and flags: the raw layer of North Central London's open dbt project for OLIDS
(ncl-icb-analytics/dbt-ncl-analytics); names of earlier releases are read as well. Flags are honoured: a dummy patient, one whom
the Spine marks as sensitive, and one marked confidential give no rows but an objection (``restricted``) of the sensitive; a deleted or
confidential row is not taken in (but that its subject objects), and one that turns so is withdrawn from the day on which that came.
"""

from __future__ import annotations

from datetime import date

import duckdb

from features.sources.delivered import Layout, Lookup, RawFile, Rule, opener, restricted
from features.sources.delivered.declared import day, flag, number, one_of, seconds
from features.sources.gp import circumstances, objections, wishes
from features.sources.gp.olids_columns import (
    Appointment,
    Encounter,
    EpisodeOfCare,
    MedicationOrder,
    Observation,
    Patient,
)

#: NHS Data Dictionary, ATTENDED OR DID NOT ATTEND CODE, and words of the practices' systems.
STATUS = {"5": "attended", "6": "attended", "3": "did_not_attend", "7": "did_not_attend", "2": "cancelled", "4": "cancelled", "0": "booked",
          "attended": "attended", "arrived": "attended", "seen": "attended", "left": "attended", "dna": "did_not_attend",
          "did not attend": "did_not_attend", "cancelled": "cancelled", "booked": "booked"}  # fmt: skip
#: Kinds of registration by the words that practices' systems use; 24531000000104 is the concept of a regular one.
KINDS = {"regular": "regular", "24531000000104": "regular", "temporary": "temporary", "immediately necessary": "immediately_necessary",
         "private": "private"}  # fmt: skip
_MODE = """CASE WHEN lower({0}) LIKE '%home%' THEN 'home_visit' WHEN lower({0}) LIKE '%face%' THEN 'face_to_face'
    WHEN lower({0}) LIKE '%video%' OR lower({0}) LIKE '%online%' THEN 'video' WHEN lower({0}) LIKE '%phone%' THEN 'telephone' ELSE 'other' END"""
_OWNER = {"publisher_organisation_code": ("organisation_code_publisher", "record_owner_organisation_code")}
_FIRST = {"lds_datetime_first_acquired": ("lds_initial_data_received_date",)}
#: The patient of a row, as the newest delivery of patients by then has them.
_PATIENT = "LEFT JOIN patient_now p ON p.id = r.patient_id"
_WHO = {"nhs_number": "p.nhs_number", "local_id": "p.local_id"}
_SUPPRESSED = (("dummy_patient", "p.dummy"), ("spine_sensitive", "p.sensitive"), ("confidential_patient", "p.confidential"),
               ("deleted_patient", "p.deleted"))  # fmt: skip
#: The delivery that first marked the patient as sensitive.
_SINCE = "(SELECT min(q.received) FROM patient_flags q WHERE q.id = r.id AND q.sensitive AND q.received <= r.received)"
_UNKNOWN = ("patient_id", "patient_unknown", "p.id IS NULL")
_DELETED, _CONFIDENTIAL = flag("r.lds_is_deleted"), flag("r.is_confidential")
#: The area may have held the row before: it first came on another day than this.
_HELD = f"{day('r.lds_datetime_first_acquired')} IS DISTINCT FROM r.received"


def _withdrawn(name: str, of: str, table: str, columns: dict[str, str], confidential: str = _CONFIDENTIAL) -> Rule:
    """Ends what is held of a row that has been deleted or made ``confidential``: a version without content, in force for no day."""
    gone = f"({_DELETED} OR {confidential})"
    ended = {"known_at": "r.received", "known_until": "r.received"}
    drops = (*_SUPPRESSED, ("stands", f"NOT {gone}"), ("never_held", f"NOT ({_HELD})"))
    return Rule(f"{name}_withdrawn", of, table, {**_WHO, **columns, **ended}, drops=drops, joins=_PATIENT, key="r.id")


def _but(objects: str, drops: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The drop rules, of which those of what is confidential let an objection pass."""
    return tuple(
        (name, f"{when} AND NOT {objects}" if name.startswith("confidential") else when) for name, when in drops
    )


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    restricted.prepare(connection)
    wishes.prepare(connection)
    circumstances.prepare(connection)
    objections.prepare(connection)
    connection.execute("""
        CREATE TABLE patient_flags AS SELECT DISTINCT ON (id, received) received, id, nhs_number, coalesce(person_id, 'patient/' || id) AS local_id,
            dummy::BOOLEAN AS dummy, sensitive::BOOLEAN AS sensitive, confidential::BOOLEAN AS confidential, deleted::BOOLEAN AS deleted
        FROM patient""")


_HAPPENED = day("r.clinical_effective_date")
_ENTERED = f"greatest({_HAPPENED}, {day('r.date_recorded')})"
_CODE = "coalesce(r.mapped_concept_code, CASE WHEN r.source_system ILIKE '%snomed%' THEN r.source_code END)"
_NOT_HELD = (*_SUPPRESSED, ("deleted", _DELETED), ("confidential", _CONFIDENTIAL))
_OBJECTS = objections.objects(_CODE)
_GONE = {"event_date": f"coalesce({_HAPPENED}, r.received)", "system": "'local'", "code": "'withdrawn'"}
_BNF = r"CASE WHEN regexp_full_match(replace(r.bnf_reference, '.', ''), '\d{2}(\d{2}(\d{2}(\d|[A-Z0-9]{1,9})?)?)?') THEN replace(r.bnf_reference, '.', '') END"
_STARTS = day("r.start_date")
_STATUS = one_of("coalesce(r.appointment_status_code, r.appointment_status_source_display)", STATUS, "'unknown'")
_BEGAN, _ENDED = day("r.episode_of_care_start_date"), day("r.episode_of_care_end_date")
_KIND = one_of("coalesce(r.episode_type_code, r.episode_type_source_code)", KINDS)
_REGISTERED = {**_WHO, "event_date": _BEGAN, "practice": "r.publisher_organisation_code", "practice_scheme": "'ods'",
               "kind": f"coalesce({_KIND}, {one_of('r.episode_type_source_code', KINDS)})"}  # fmt: skip
_NOT_A_KIND = (
    "episode_type_source_code",
    "not_allowed",
    f"coalesce({_KIND}, {one_of('r.episode_type_source_code', KINDS)}) IS NULL",
)


def _each(connection: duckdb.DuckDBPyConnection, received: date) -> None:
    connection.execute(f"""
        CREATE OR REPLACE TABLE patient_now AS SELECT DISTINCT ON (id) * FROM patient_flags WHERE received <= DATE '{received}'
        ORDER BY id, received DESC""")


LAYOUT = Layout(
    name="olids",
    title="GP records in the operational shape",
    lag_days=7,
    begins=date(1990, 1, 1),
    required=("patient",),
    prepare=_prepare,
    each=_each,
    files=tuple(
        RawFile(name, contract, may_lack=lacks, also={**_OWNER, **_FIRST}, adds_to=frozenset({"residence"}), practice="r.publisher_organisation_code")
        for name, contract, lacks in (
            ("patient", Patient, ("nhs_number", "person_id", "gender_display")),
            ("episode_of_care", EpisodeOfCare, ("episode_type_code",)),
            ("observation", Observation, ("source_system", "source_code")),
            ("medication_order", MedicationOrder, ()),
            ("appointment", Appointment, ("appointment_status_source_display", "is_blocked")),
            ("encounter", Encounter, ()),
        )
    ),
    lookups=(Lookup("patient", "patient", {
        "id": "r.id", "nhs_number": "r.nhs_number", "person_id": "r.person_id", "dummy": flag("r.is_dummy_patient"),
        "sensitive": flag("r.is_spine_sensitive"), "confidential": flag("r.is_confidential"), "deleted": flag("r.lds_is_deleted")}),),
    rules=(
        Rule("people", "patient", "person",
             {**_WHO, "birth_month": "make_date(r.birth_year::INTEGER, coalesce(try_cast(r.birth_month AS INTEGER), 7), 1)",
              "sex": one_of("r.gender_display", {"male": "male", "female": "female", "indeterminate": "indeterminate"}, "'unknown'")},
             drops=_SUPPRESSED, joins=_PATIENT.replace("r.patient_id", "r.id"), key="'patient/' || r.id",
             refusals=(("birth_year", "missing", "r.birth_year IS NULL"),), entered="make_date(r.birth_year::INTEGER, 1, 1)"),
        Rule("sensitive", "patient", "objection", {**_WHO, "event_date": _SINCE, "kind": "'restricted'"},
             drops=(("dummy_patient", "p.dummy"), ("not_sensitive", "NOT p.sensitive")),
             joins=_PATIENT.replace("r.patient_id", "r.id"), key="'sensitive/' || r.id"),
        Rule("no_longer_sensitive", "patient", "objection",
             {**_WHO, "event_date": _SINCE, "end_date": "r.received", "kind": "'restricted'"},
             drops=(("dummy_patient", "p.dummy"), ("sensitive", "p.sensitive"), ("never_sensitive", f"{_SINCE} IS NULL")),
             joins=_PATIENT.replace("r.patient_id", "r.id"), key="'sensitive/' || r.id"),
        Rule("registrations", "episode_of_care", "registration", {**_REGISTERED, "end_date": "NULL::DATE"},
             drops=(*_SUPPRESSED, ("deleted", _DELETED)), refusals=(_UNKNOWN, _NOT_A_KIND), joins=_PATIENT, key="r.id", entered=_BEGAN),
        Rule("registrations_ended", "episode_of_care", "registration",
             {**_REGISTERED, "end_date": _ENDED, "end_reason": "'other'"},
             drops=(*_SUPPRESSED, ("deleted", _DELETED), ("not_ended", f"{_ENDED} IS NULL")),
             refusals=(_UNKNOWN, _NOT_A_KIND, ("episode_of_care_end_date", "end_before_start", f"{_ENDED} < {_BEGAN}")),
             joins=_PATIENT, key="r.id", entered=_ENDED),
        _withdrawn("registrations", "episode_of_care", "registration",
                   {**_REGISTERED, "kind": "'regular'", "event_date": f"coalesce({_BEGAN}, r.received)"}, confidential="false"),
        Rule("events", "observation", "gp_event",
             {**_WHO, "event_date": _HAPPENED, "event_time": seconds("r.clinical_effective_date"), "system": "'snomed'", "code": _CODE,
              "value": number("r.result_value"), "unit": "r.result_unit_display"},
             drops=(*_but(_OBJECTS, _NOT_HELD), restricted.drop(("snomed", _CODE))), joins=_PATIENT, key="r.id", entered=_ENTERED,
             refusals=(_UNKNOWN, ("mapped_concept_code", "no_code", f"{_CODE} IS NULL"))),
        _withdrawn("events", "observation", "gp_event", _GONE, f"({_CONFIDENTIAL} AND NOT {_OBJECTS})"),
        Rule("preferences", "observation", "preference", {**_WHO, **wishes.columns(_HAPPENED)},
             drops=(*_NOT_HELD, restricted.drop(("snomed", _CODE)), ("not_a_preference", "w.kind IS NULL")),
             joins=f"{_PATIENT} {wishes.JOIN.format(code=_CODE)}", key="w.kind || '/' || p.local_id", entered=_ENTERED, refusals=(_UNKNOWN,)),
        Rule("living_alone", "observation", "residence", {**_WHO, "event_date": _HAPPENED, "lives_alone": "s.says"},
             drops=(*_NOT_HELD, circumstances.drop("residence")), joins=f"{_PATIENT} {circumstances.JOIN.format(code=_CODE)}",
             key="'alone/' || p.local_id", entered=_ENTERED, refusals=(_UNKNOWN,)),
        Rule("carers", "observation", "carer", {**_WHO, "event_date": _HAPPENED, "has_carer": "s.says"},
             drops=(*_NOT_HELD, circumstances.drop("carer")), joins=f"{_PATIENT} {circumstances.JOIN.format(code=_CODE)}",
             key="'carer/' || p.local_id", entered=_ENTERED, refusals=(_UNKNOWN,)),
        Rule("prescriptions", "medication_order", "prescription",
             {**_WHO, "event_date": _HAPPENED, "system": f"CASE WHEN {_BNF} IS NOT NULL THEN 'bnf' ELSE 'dmd' END",
              "code": f"coalesce({_BNF}, r.mapped_concept_code)", "quantity": f"greatest({number('r.quantity_value')}, 0)",
              "days": f"greatest({number('r.duration_days')}, 0)"},
             drops=(*_NOT_HELD, restricted.drop(("dmd", "r.mapped_concept_code"), ("bnf", _BNF))), joins=_PATIENT, key="r.id",
             refusals=(_UNKNOWN, ("mapped_concept_code", "no_code", f"coalesce({_BNF}, r.mapped_concept_code) IS NULL")), entered=_ENTERED),
        _withdrawn("prescriptions", "medication_order", "prescription", _GONE),
        Rule("appointments", "appointment", "gp_contact",
             {**_WHO, "event_date": _STARTS, "event_time": seconds("r.start_date"), "mode": _MODE.format("r.contact_mode_source_code"), "status": _STATUS},
             drops=(("no_patient", "r.patient_id IS NULL"), ("blocked", flag("r.is_blocked")), *_SUPPRESSED, ("deleted", _DELETED),
                    ("not_yet_happened", f"{_STARTS} >= r.received")),
             refusals=(_UNKNOWN,), joins=_PATIENT, key="'appointment/' || r.id", entered=_STARTS),
        Rule("consultations", "encounter", "gp_contact",
             {**_WHO, "event_date": _HAPPENED, "mode": _MODE.format("coalesce(r.type, '')"), "status": "'attended'"},
             drops=(*_SUPPRESSED, ("deleted", _DELETED), ("of_an_appointment", "r.appointment_id IS NOT NULL")),
             refusals=(_UNKNOWN,), joins=_PATIENT, key="'encounter/' || r.id", entered=_ENTERED),
    ),
)  # fmt: skip
open_source = opener(LAYOUT)
