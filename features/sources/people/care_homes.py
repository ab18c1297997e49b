"""Who lives in a care home: people's addresses joined with a list of care-home locations.

The join is on the UPRN, or on the whole address with its postcode; **never on the postcode alone**, which a home shares with its
neighbours (some fifteen addresses a postcode). Which of the two it was is kept beside the home's identity. A list of
locations has its own deliveries; a row of addresses is joined with the newest list received by then. The
Care Quality Commission's directory of active locations is such a list; a home closed by the day of the address does not count.
"""

from __future__ import annotations

import duckdb
import pandera.pandas as pa

from features.record.versioned import Text, maybe, needed
from features.sources.delivered import Layout, Lookup, RawFile, Rule, dated, opener
from features.sources.delivered.declared import day, one_of

KINDS = {"care home without nursing": "care_home", "residential": "care_home", "care_home": "care_home", "care home with nursing": "nursing_home",
         "nursing": "nursing_home", "nursing_home": "nursing_home"}  # fmt: skip


class Location(pa.DataFrameModel):
    """A care home."""

    LOCATION_ID: Text = needed("the home's identity, as the regulator's location id")
    ADDRESS: Text = needed("its address, but for the postcode")
    POSTCODE: Text = needed("its postcode")
    UPRN: Text = maybe("its unique property reference number")
    SERVICE_TYPE: Text = needed("care home with or without nursing")
    CLOSED_DATE: Text = dated("the day it closed")


class Address(pa.DataFrameModel):
    """Where a person lives."""

    NHS_NUMBER: Text = maybe("NHS number")
    LOCAL_PATIENT_ID: Text = maybe("the sender's own number of the person")
    ADDRESS: Text = maybe("address, but for the postcode; it stays out of the record")
    POSTCODE: Text = maybe("postcode; likewise")
    UPRN: Text = maybe("unique property reference number; likewise")
    LSOA: Text = maybe("lower-layer super output area")
    ADDRESS_FROM: Text = dated("first day", nullable=False)
    ADDRESS_TO: Text = dated("the day they left")


def whole(address: str, postcode: str) -> str:
    """SQL of a whole address as it is compared: letters and digits alone, in capitals; null where a part is missing."""
    return f"regexp_replace(upper({address} || {postcode}), '[^A-Z0-9]', '', 'g')"


def _plain(column: str) -> str:
    """SQL of a UPRN without zeros before it."""
    return f"ltrim({column}, '0')"


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    # A UPRN or address that two homes of one list share (two registrations of one house) stands for the one with nursing.
    connection.execute("CREATE TABLE list AS SELECT DISTINCT received FROM location")
    for table, column in (("home_by_uprn", "uprn"), ("home_by_address", "whole")):
        connection.execute(f"""
            CREATE TABLE {table} AS SELECT DISTINCT ON (received, {column}) received, {column}, location, kind, postcode, closed
            FROM location WHERE {column} IS NOT NULL AND kind IS NOT NULL ORDER BY received, {column}, kind DESC, location""")


_FROM, _TO = day("r.ADDRESS_FROM"), day("r.ADDRESS_TO")
_JOINS = f"""
    LEFT JOIN (SELECT a.received AS at, max(l.received) AS list FROM (SELECT DISTINCT received FROM rows) a JOIN list l ON l.received <= a.received
        GROUP BY ALL) n ON n.at = r.received
    LEFT JOIN home_by_uprn u ON u.received = n.list AND u.uprn = {_plain("r.UPRN")} AND coalesce(u.closed > CAST({_FROM} AS VARCHAR), true)
    LEFT JOIN home_by_address a ON a.received = n.list AND a.whole = {whole("r.ADDRESS", "r.POSTCODE")}
        AND coalesce(a.closed > CAST({_FROM} AS VARCHAR), true)"""  # fmt: skip
_HOME = {
    "nhs_number": "r.NHS_NUMBER", "local_id": "r.LOCAL_PATIENT_ID", "event_date": _FROM, "lsoa": "r.LSOA", "kind": "coalesce(u.kind, a.kind)",
    "kind_from": "'address_match'", "care_home_id": "coalesce(u.location, a.location)",
    "match_confidence": "CASE WHEN u.location IS NOT NULL THEN 'uprn' ELSE 'full_address' END",
}  # fmt: skip
_NO_MATCH = (
    ("no_list_of_homes", "n.list IS NULL"),
    ("postcode_alone", "coalesce(u.location, a.location) IS NULL AND EXISTS (SELECT 1 FROM location q WHERE q.received = n.list AND q.postcode = replace(upper(r.POSTCODE), ' ', ''))"),
    ("no_care_home", "coalesce(u.location, a.location) IS NULL"),
)  # fmt: skip
_KEY = "coalesce(r.NHS_NUMBER, r.LOCAL_PATIENT_ID) || '/' || r.ADDRESS_FROM"

LAYOUT = Layout(
    name="care_homes",
    title="People living in care homes",
    lag_days=30,
    required=("locations", "addresses"),
    prepare=_prepare,
    files=(RawFile("locations", Location, may_lack=("CLOSED_DATE",), adds_to=frozenset({"residence"})), RawFile("addresses", Address, may_lack=("LSOA", "ADDRESS_TO"))),
    lookups=(Lookup("location", "locations", {
        "location": "r.LOCATION_ID", "uprn": _plain("r.UPRN"), "whole": whole("r.ADDRESS", "r.POSTCODE"), "postcode": "replace(upper(r.POSTCODE), ' ', '')",
        "kind": one_of("r.SERVICE_TYPE", KINDS), "closed": f"CAST({day('r.CLOSED_DATE')} AS VARCHAR)"}),),
    rules=(
        Rule("locations", "locations", "residence", {"event_date": "r.received"}, drops=(("a_location", "true"),)),
        Rule("moved_in", "addresses", "residence", {**_HOME, "end_date": "NULL::DATE"}, drops=_NO_MATCH, joins=_JOINS, key=_KEY, entered=_FROM),
        Rule("moved_out", "addresses", "residence", {**_HOME, "end_date": _TO}, drops=(*_NO_MATCH, ("lives_there", f"{_TO} IS NULL")),
             joins=_JOINS, key=_KEY, entered=_TO, refusals=(("ADDRESS_TO", "end_before_start", f"{_TO} < {_FROM}"),)),
    ),
)  # fmt: skip
open_source = opener(LAYOUT)
