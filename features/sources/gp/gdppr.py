"""The flat national GP shape (General Practice Extraction Service data for planning and research, GDPPR): one row an entry, with the
patient's particulars beside each.

Field names: NHS England, GDPPR data set (as in the UK LLC Guidebook and the BHF Data Science Centre's documentation). Of the two
dates, ``DATE`` is when it happened and ``RECORD_DATE`` when it was entered: the later is when it was known. Only codes of agreed
clusters are in it, nothing is ever withdrawn, and people with a type 1 objection are left out by the sender.
"""

from __future__ import annotations

from datetime import date

import duckdb
import pandera.pandas as pa

from features.record.person import ETHNIC_CATEGORIES
from features.record.versioned import Text, maybe, needed
from features.sources.delivered import Layout, Lookup, RawFile, Rule, dated, opener, restricted
from features.sources.delivered.declared import day, number
from features.sources.gp import circumstances, wishes

#: Blood pressure, of which VALUE1 is the systolic and VALUE2 the diastolic pressure; and codes of the two by themselves.
PRESSURE, SYSTOLIC, DIASTOLIC = "75367002", "271649006", "271650006"


class Entry(pa.DataFrameModel):
    """One coded entry of one patient."""

    NHS_NUMBER: Text = maybe("the patient's NHS number")
    PRACTICE: Text = needed("ODS code of the practice that holds the record", str_matches=r"^[A-Z0-9]{3,9}$")
    SEX: Text = maybe("1 male, 2 female, 0 or 9 unknown")
    ETHNIC: Text = maybe("ethnic category of the NHS Data Dictionary (2001)")
    YEAR_OF_BIRTH: Text = maybe("year of birth", str_matches=r"^(?:18|19|20)\d{2}$")
    LSOA: Text = maybe("lower-layer super output area")
    DATE_OF_DEATH: Text = dated("day of death, if any")
    REPORTING_PERIOD_END_DATE: Text = dated("last day of the period that the delivery reports")
    JOURNAL_REPORTING_PERIOD_END_DATE: Text = dated("the same, of the entries")
    DATE: Text = dated("the day it happened", nullable=False)
    RECORD_DATE: Text = dated("the day it was entered")
    CODE: Text = needed("SNOMED CT or dm+d code")
    SENSITIVE_CODE: Text = maybe("1 where the sender marks the code as sensitive")
    VALUE1_CONDITION: Text = maybe("first value of an observation")
    VALUE2_CONDITION: Text = maybe("second value of an observation")
    EPISODE_CONDITION: Text = maybe("episodicity of a problem")
    EPISODE_PRESCRIPTION: Text = maybe("filled for a prescription")
    VALUE1_PRESCRIPTION: Text = maybe("first value of a prescription")
    VALUE2_PRESCRIPTION: Text = maybe("second value of a prescription")


_HAPPENED, _ENTERED = day("r.DATE"), f"greatest({day('r.DATE')}, {day('r.RECORD_DATE')})"
_PRESCRIBED = "coalesce(r.EPISODE_PRESCRIPTION, r.VALUE1_PRESCRIPTION, r.VALUE2_PRESCRIPTION) IS NOT NULL"
_WHO = {"nhs_number": "r.NHS_NUMBER"}
_BORN = "make_date(r.YEAR_OF_BIRTH::INTEGER, 1, 1)"
_UNLIKELY = (("DATE", "before_birth", f"year({_HAPPENED}) < r.YEAR_OF_BIRTH::INTEGER"),)
_RESTRICTED = restricted.drop(("snomed", "r.CODE"), ("dmd", "r.CODE"))
_COMMON = {"entered": _ENTERED, "refusals": _UNLIKELY}
#: Once a patient and delivery: what stands beside every entry. Of two practices that send a patient the later report holds.
_ONCE = (
    ("held_by_another_practice", "c.practice <> r.PRACTICE"),
    (
        "said_beside_an_earlier_entry",
        "row_number() OVER (PARTITION BY r.NHS_NUMBER, r.PRACTICE ORDER BY r.source_row) > 1",
    ),
)
_CHOSEN = "LEFT JOIN chosen c ON c.received = r.received AND c.nhs IS NOT DISTINCT FROM r.NHS_NUMBER"


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    restricted.prepare(connection)
    wishes.prepare(connection)
    circumstances.prepare(connection)
    connection.execute("""
        CREATE TABLE chosen AS SELECT received, nhs, arg_max(practice, (coalesce(upto, ''), entries, practice)) AS practice
        FROM (SELECT received, nhs, practice, max(upto) AS upto, max(entered) AS entries FROM holder GROUP BY ALL) GROUP BY ALL""")


LAYOUT = Layout(
    name="gdppr",
    title="GP records in the flat national shape",
    lag_days=14,
    begins=date(1990, 1, 1),
    prepare=_prepare,
    files=(RawFile("gdppr", Entry, may_lack=("JOURNAL_REPORTING_PERIOD_END_DATE", "SENSITIVE_CODE", "EPISODE_CONDITION", "DATE_OF_DEATH", "LSOA", "ETHNIC"),
                   only_where={"prescription": _PRESCRIBED}, adds_to=frozenset({"residence", "death"}), practice="r.PRACTICE", upto=day("coalesce(r.JOURNAL_REPORTING_PERIOD_END_DATE, r.REPORTING_PERIOD_END_DATE)")),),
    lookups=(Lookup("holder", "gdppr", {
        "nhs": "r.NHS_NUMBER", "practice": "r.PRACTICE", "upto": f"CAST({day('r.REPORTING_PERIOD_END_DATE')} AS VARCHAR)",
        "entered": f"CAST(max({day('r.RECORD_DATE')}) OVER (PARTITION BY r.NHS_NUMBER, r.PRACTICE) AS VARCHAR)"}),),
    rules=(
        Rule("people", "gdppr", "person",
             {**_WHO, "birth_month": "make_date(r.YEAR_OF_BIRTH::INTEGER, 7, 1)",
              "sex": "CASE r.SEX WHEN '1' THEN 'male' WHEN '2' THEN 'female' ELSE 'unknown' END",
              "ethnicity": f"CASE WHEN r.ETHNIC IN {tuple(ETHNIC_CATEGORIES)} THEN r.ETHNIC END"},
             drops=_ONCE, joins=_CHOSEN, refusals=(("YEAR_OF_BIRTH", "missing", "r.YEAR_OF_BIRTH IS NULL"),),
             entered=_BORN),
        Rule("registrations", "gdppr", "registration",
             {**_WHO, "event_date": _BORN, "end_date": day("r.DATE_OF_DEATH"), "practice": "r.PRACTICE", "practice_scheme": "'ods'",
              "kind": "'regular'", "end_reason": f"CASE WHEN {day('r.DATE_OF_DEATH')} IS NOT NULL THEN 'died' END"},
             drops=_ONCE, joins=_CHOSEN, key="'at/' || r.NHS_NUMBER", entered=f"coalesce({day('r.DATE_OF_DEATH')}, {_BORN})",
             refusals=(("YEAR_OF_BIRTH", "missing", "r.YEAR_OF_BIRTH IS NULL"),)),
        Rule("residences", "gdppr", "residence", {**_WHO, "event_date": _BORN, "lsoa": "r.LSOA"},
             drops=(*_ONCE, ("no_area", "r.LSOA IS NULL")), joins=_CHOSEN, key="'area/' || r.NHS_NUMBER", entered=_BORN,
             refusals=(("YEAR_OF_BIRTH", "missing", "r.YEAR_OF_BIRTH IS NULL"),)),
        Rule("deaths", "gdppr", "death", {**_WHO, "event_date": day("r.DATE_OF_DEATH")},
             drops=(*_ONCE, ("not_dead", "r.DATE_OF_DEATH IS NULL")), joins=_CHOSEN, entered=day("r.DATE_OF_DEATH")),
        Rule("events", "gdppr", "gp_event",
             {**_WHO, "event_date": _HAPPENED, "system": "'snomed'",
              "code": f"CASE WHEN r.CODE = '{PRESSURE}' AND r.VALUE2_CONDITION IS NOT NULL THEN '{SYSTOLIC}' ELSE r.CODE END",
              "value": number("r.VALUE1_CONDITION")},
             drops=(_RESTRICTED, ("a_prescription", _PRESCRIBED)), **_COMMON),  # type: ignore[arg-type]
        Rule("second_values", "gdppr", "gp_event",
             {**_WHO, "event_date": _HAPPENED, "system": "'snomed'", "code": f"'{DIASTOLIC}'", "value": number("r.VALUE2_CONDITION")},
             drops=(_RESTRICTED, ("no_second_value", "r.VALUE2_CONDITION IS NULL"),
                    ("second_value_not_used", f"r.CODE IS DISTINCT FROM '{PRESSURE}'")), **_COMMON),  # type: ignore[arg-type]
        Rule("prescriptions", "gdppr", "prescription", {**_WHO, "event_date": _HAPPENED, "system": "'dmd'", "code": "r.CODE"},
             drops=(_RESTRICTED, ("not_a_prescription", f"NOT ({_PRESCRIBED})")), **_COMMON),  # type: ignore[arg-type]
        Rule("living_alone", "gdppr", "residence", {**_WHO, "event_date": _HAPPENED, "lives_alone": "s.says"},
             joins=circumstances.JOIN.format(code="r.CODE"), key="'alone/' || r.NHS_NUMBER",
             drops=(_RESTRICTED, circumstances.drop("residence")), **_COMMON),  # type: ignore[arg-type]
        Rule("carers", "gdppr", "carer", {**_WHO, "event_date": _HAPPENED, "has_carer": "s.says"},
             joins=circumstances.JOIN.format(code="r.CODE"), key="'carer/' || r.NHS_NUMBER",
             drops=(_RESTRICTED, circumstances.drop("carer")), **_COMMON),  # type: ignore[arg-type]
        Rule("preferences", "gdppr", "preference", {**_WHO, **wishes.columns(_HAPPENED)},
             joins=wishes.JOIN.format(code="r.CODE"), key="w.kind || '/' || r.NHS_NUMBER",
             drops=(_RESTRICTED, ("not_a_preference", "w.kind IS NULL")), **_COMMON),  # type: ignore[arg-type]
    ),
)  # fmt: skip
open_source = opener(LAYOUT)
