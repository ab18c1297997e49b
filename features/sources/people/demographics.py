"""Demographics as the Personal Demographics Service (PDS) has them: one row a person with number, names, birth, address and practice,
a file of superseded numbers, and the area's look-up of deprivation.

Facts of PDS: NHS England, Personal Demographics Service FHIR API, specification. ``SECURITY`` is the confidentiality of the
record: U unrestricted, R restricted, V very restricted, REDACTED (and S, sensitive, in older flows). **Of somebody who is not
unrestricted nothing is taken in** but an objection of kind ``restricted``, by which every other source's rows about them are barred:
neither place nor practice may be shown, and which of the three it is would tell something itself. ``REMOVAL_REASON`` is why
a registration ended: DEA death, EMB embarkation, SCT and NIT moved to Scotland or Northern Ireland, TRA temporary resident
not returned, ORR other.
"""

from __future__ import annotations

from datetime import date

import duckdb
import pandera.pandas as pa

from features.record.person import ETHNIC_CATEGORIES
from features.record.place import IMD_VERSIONS
from features.record.versioned import Text, maybe, needed
from features.sources.delivered import Layout, Lookup, RawFile, Rule, dated, opener
from features.sources.delivered.declared import day, one_of

UNRESTRICTED = ("U", "")
#: Why a registration ended (PDS exit reasons), in the record's words.
REASONS = {"dea": "died", "emb": "left_area", "sct": "left_area", "nit": "left_area", "tra": "other", "orr": "removed"}
SEXES = {"1": "male", "2": "female", "9": "indeterminate", "male": "male", "female": "female", "other": "indeterminate"}


#: Code of a lower-layer super output area of England or Wales.
AREA = r"[EW]01\d{6}"


class Patient(pa.DataFrameModel):
    """A person as the service has them."""

    NHS_NUMBER: Text = needed("NHS number")
    GIVEN_NAME: Text = maybe("given name, kept sealed in the identity store alone")
    FAMILY_NAME: Text = maybe("family name, likewise")
    BIRTH_DATE: Text = dated("date of birth; the record keeps the month", nullable=False)
    GENDER: Text = maybe("1 male, 2 female, 9 not specified, 0 not known")
    ETHNIC_CATEGORY: Text = maybe("ethnic category of the NHS Data Dictionary (2001)")
    PREFERRED_LANGUAGE: Text = maybe("ISO 639-1 code")
    ADDRESS: Text = maybe("address, kept sealed in the identity store alone")
    POSTCODE: Text = maybe("postcode, likewise")
    UPRN: Text = maybe("unique property reference number; only the source of care homes reads it")
    LSOA: Text = maybe("lower-layer super output area of the address")
    ADDRESS_FROM: Text = dated("day from which the address holds")
    GP_PRACTICE: Text = maybe("ODS code of the practice", str_matches=r"^[A-Z0-9]{3,9}$")
    GP_FROM: Text = dated("day of registration")
    REMOVAL_REASON: Text = maybe("why the registration ended", isin=[reason.upper() for reason in REASONS])
    REMOVAL_DATE: Text = dated("the day it ended")
    DEATH_DATE: Text = dated("date of death")
    DEATH_STATUS: Text = maybe("1 informal, 2 formal, U removed", isin=["1", "2", "U"])
    SECURITY: Text = maybe("confidentiality of the record", isin=["U", "R", "V", "S", "REDACTED"])


class Superseded(pa.DataFrameModel):
    """A number that another one took the place of."""

    NHS_NUMBER: Text = needed("the number that holds")
    SUPERSEDED_NHS_NUMBER: Text = needed("the number that it replaces")
    MERGED_ON: Text = dated("the day they were found to be one")


class Deprivation(pa.DataFrameModel):
    """Deprivation of a small area, by a named index: the Indices of 2015 and 2019 are of the areas of 2011, those of 2025 of 2021's."""

    LSOA: Text = needed("code of the lower-layer super output area", str_matches=f"^{AREA}$")
    IMD_DECILE: Text = needed(
        "decile of the index of multiple deprivation, 1 the most deprived", isin=[str(n) for n in range(1, 11)]
    )
    IMD_VERSION: Text = needed("which index", isin=list(IMD_VERSIONS))


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "CREATE TABLE restricted_number AS SELECT DISTINCT received, nhs FROM patient WHERE closed::BOOLEAN"
    )
    # Of two indices in one look-up the newer stands for an area.
    connection.execute("""
        CREATE TABLE deprivation AS SELECT DISTINCT ON (received, lsoa) received, lsoa, decile::INTEGER AS decile, version FROM looked_up
        WHERE lsoa IS NOT NULL ORDER BY received, lsoa, version[-4:] DESC, decile""")
    connection.execute("CREATE TABLE look_up AS SELECT DISTINCT received FROM deprivation")


_WHO = {"nhs_number": "r.NHS_NUMBER"}
_BORN = day("r.BIRTH_DATE")
_CLOSED = f"coalesce(r.SECURITY, 'U') NOT IN {UNRESTRICTED}"
_RESTRICTED = ("restricted_person", _CLOSED)
_ENDS = f"coalesce({day('r.REMOVAL_DATE')}, CASE WHEN r.DEATH_STATUS IN ('1', '2') THEN {day('r.DEATH_DATE')} END)"
_REASON = f"coalesce({one_of('r.REMOVAL_REASON', REASONS)}, CASE WHEN {_ENDS} IS NOT NULL THEN 'died' END)"
_REGISTERED = {
    **_WHO,
    "event_date": day("r.GP_FROM"),
    "practice": "r.GP_PRACTICE",
    "practice_scheme": "'ods'",
    "kind": "'regular'",
}
#: The delivery that first said so.
_SINCE = "(SELECT min(q.received) FROM restricted_number q WHERE q.nhs = r.NHS_NUMBER AND q.received <= r.received)"
#: One row a person: a new practice or address takes the place of the last, known from its delivery.
_KEY = "'{0}/' || regexp_replace(r.NHS_NUMBER, '[ -]', '', 'g')"

_AN_AREA = (
    f"coalesce(regexp_full_match(r.LSOA, '{AREA}') AND try_cast(r.IMD_DECILE AS INTEGER) BETWEEN 1 AND 10 "
    f"AND r.IMD_VERSION IN {IMD_VERSIONS}, false)"
)
#: The newest look-up that had come by then; what came before any, is looked up in the first.
_DEPRIVED = """LEFT JOIN deprivation i ON i.lsoa = r.LSOA
    AND i.received = (SELECT coalesce(max(l.received) FILTER (l.received <= r.received), min(l.received)) FROM look_up l)"""

LAYOUT = Layout(
    name="demographics",
    title="Demographics",
    lag_days=7,
    begins=date(1990, 1, 1),
    prepare=_prepare,
    files=(RawFile("demographics", Patient, may_lack=("UPRN", "PREFERRED_LANGUAGE", "ETHNIC_CATEGORY"), adds_to=frozenset({"residence", "death"})), RawFile("superseded", Superseded),
           RawFile("deprivation", Deprivation, adds_to=frozenset({"residence"}), never_blank=("IMD_VERSION",))),
    lookups=(
        Lookup("looked_up", "deprivation", {"lsoa": f"CASE WHEN {_AN_AREA} THEN r.LSOA END", "decile": "r.IMD_DECILE", "version": "r.IMD_VERSION"}),
        Lookup("patient", "demographics", {"nhs": "r.NHS_NUMBER", "closed": _CLOSED}),),
    rules=(
        Rule("people", "demographics", "person",
             {**_WHO, "birth_month": f"date_trunc('month', {_BORN})::DATE", "sex": one_of("r.GENDER", SEXES, "'unknown'"),
              "ethnicity": f"CASE WHEN r.ETHNIC_CATEGORY IN {tuple(ETHNIC_CATEGORIES)} THEN r.ETHNIC_CATEGORY END",
              "language": "CASE WHEN regexp_full_match(lower(r.PREFERRED_LANGUAGE), '[a-z]{2}') THEN lower(r.PREFERRED_LANGUAGE) END",
              "given_name": "r.GIVEN_NAME", "family_name": "r.FAMILY_NAME", "birth_date": f"CAST({_BORN} AS VARCHAR)",
              "address": "r.ADDRESS", "postcode": "r.POSTCODE"},
             drops=(_RESTRICTED,), entered=_BORN, refusals=(("BIRTH_DATE", "future_date", f"{_BORN} > r.received"),)),
        Rule("restrictions", "demographics", "objection", {**_WHO, "event_date": _SINCE, "kind": "'restricted'"},
             drops=(("not_restricted", f"NOT ({_CLOSED})"),), key=_KEY.format("restricted")),
        Rule("restrictions_lifted", "demographics", "objection",
             {**_WHO, "event_date": _SINCE, "end_date": "r.received", "kind": "'restricted'"},
             drops=(_RESTRICTED, ("never_restricted", f"{_SINCE} IS NULL")), key=_KEY.format("restricted")),
        Rule("registrations", "demographics", "registration", {**_REGISTERED, "end_date": "NULL::DATE"},
             drops=(_RESTRICTED, ("no_practice", "r.GP_PRACTICE IS NULL")), key=_KEY.format("at"), entered=day("r.GP_FROM"),
             refusals=(("GP_FROM", "missing", "r.GP_FROM IS NULL"),)),
        Rule("deductions", "demographics", "registration", {**_REGISTERED, "end_date": _ENDS, "end_reason": _REASON},
             drops=(_RESTRICTED, ("no_practice", "r.GP_PRACTICE IS NULL"), ("registered", f"{_ENDS} IS NULL")), key=_KEY.format("at"),
             refusals=(("GP_FROM", "missing", "r.GP_FROM IS NULL"), ("REMOVAL_DATE", "end_before_start", f"{_ENDS} < {day('r.GP_FROM')}")),
             entered=_ENDS),
        Rule("addresses", "demographics", "residence", {**_WHO, "event_date": f"coalesce({day('r.ADDRESS_FROM')}, {_BORN})", "lsoa": "r.LSOA", "imd_decile": "i.decile", "imd_version": "i.version"},
             joins=_DEPRIVED, drops=(_RESTRICTED, ("no_area", "r.LSOA IS NULL")), key=_KEY.format("area"), entered=f"coalesce({day('r.ADDRESS_FROM')}, {_BORN})"),
        # Offers nothing: it counts whose area is in no look-up.
        Rule("deprivation_of_addresses", "demographics", "residence", {"event_date": "r.received"}, joins=_DEPRIVED,
             drops=(_RESTRICTED, ("no_area", "r.LSOA IS NULL"), ("area_looked_up", "i.decile IS NOT NULL"),
                    ("no_look_up", "NOT EXISTS (SELECT 1 FROM look_up)"), ("area_not_in_look_up", "true"))),
        Rule("deprivation", "deprivation", "residence", {"event_date": "r.received"}, drops=(("an_area", _AN_AREA),)),
        Rule("deaths", "demographics", "death", {**_WHO, "event_date": day("r.DEATH_DATE")},
             drops=(_RESTRICTED, ("alive", "coalesce(r.DEATH_STATUS, 'U') = 'U' OR r.DEATH_DATE IS NULL")), entered=day("r.DEATH_DATE")),
        Rule("superseded", "superseded", "person_link",
             {**_WHO, "other_nhs_number": "r.SUPERSEDED_NHS_NUMBER", "same": "true", "reason": "'superseded_number'"},
             key="r.NHS_NUMBER || '|' || r.SUPERSEDED_NHS_NUMBER", entered=day("r.MERGED_ON"),
             drops=(("the_same_number", "r.NHS_NUMBER = r.SUPERSEDED_NHS_NUMBER"),)),
    ),
)  # fmt: skip
open_source = opener(LAYOUT)
