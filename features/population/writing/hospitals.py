"""What the writers of hospitals' extracts share: under which of its own numbers each hospital has a patient, and stays as they truly were."""

from __future__ import annotations

from features.population.identifiers import HOSPITALS
from features.population.writing.sending import Sending

#: The entry of a row ``t`` (with ``person``, ``provider`` and ``thing``, which says of several entries which one it is under).
ENTRY = """JOIN patients e ON e.person = t.person AND e.provider = t.provider
    AND e.n = CASE WHEN e.entries = 2 THEN hash(t.thing) % 2 ELSE 0 END"""
#: NHS number of a row, unless it is one that goes without.
NUMBER = "CASE WHEN error IS DISTINCT FROM 'unnumbered' THEN nhs_number END"
#: Sites under which the hospitals report what they do at people's homes, and SQL of the site of a stay.
AT_HOME = [f"{provider}VW" for provider in HOSPITALS]
SITE = "provider || CASE WHEN patient_class = 'hospital_at_home' THEN 'VW' ELSE '01' END"
#: Who sent a row of the truth.
SENDER = "split_part(feed, ':', 3)"

#: Stays with one provider as they were last known.
STAYS = """
    SELECT * EXCLUDE (place) FROM (
        SELECT t.*, people.nhs_number AS true_number, row_number() OVER (PARTITION BY row_key ORDER BY known_at DESC) AS place
        FROM spell t JOIN people USING (person) WHERE starts_with(feed, 'apc:')) WHERE place = 1"""
#: SQL of a stay ``b`` that came from another hospital than that of ``a`` (ADMIMETH 81 and 2B: transfers).
MOVED_ON = "b.person = a.person AND b.admission_method IN ('81', '2B') AND b.provider <> a.provider"
#: The stays that go on in another hospital: the stay, and the one that follows.
ONWARD = f"""
    SELECT a.row_key AS first, min(b.row_key) AS next FROM ({STAYS}) a JOIN ({STAYS}) b ON {MOVED_ON} AND b.event_date = a.end_date
    WHERE a.discharge_destination = '51' GROUP BY ALL"""
#: First stays whose next goes on: their patients are still in hospital, and admitted care does not tell of them yet.
_GOES_ON = f"SELECT o.first FROM ({ONWARD}) o JOIN ({STAYS}) b ON b.row_key = o.next WHERE b.end_date IS NULL"
#: Finished stays over both hospitals, as admitted care tells of them.
WHOLE_STAYS = f"""(
    SELECT a.* REPLACE (coalesce(b.end_date, a.end_date) AS end_date, CASE WHEN b.row_key IS NULL THEN a.ready_date ELSE b.ready_date END AS ready_date,
        coalesce(b.discharge_method, a.discharge_method) AS discharge_method, coalesce(b.discharge_destination, a.discharge_destination) AS discharge_destination)
    FROM ({STAYS}) a LEFT JOIN ({ONWARD}) o ON o.first = a.row_key LEFT JOIN ({STAYS}) b ON b.row_key = o.next AND b.end_date IS NOT NULL
    WHERE a.end_date IS NOT NULL AND a.row_key NOT IN (SELECT next FROM ({ONWARD})) AND a.row_key NOT IN ({_GOES_ON}))"""
#: Stays that go on, over both hospitals.
OPEN_STAYS = f"""(
    SELECT b.* REPLACE (a.row_key AS row_key, a.event_date AS event_date, a.admission_method AS admission_method, a.admission_source AS admission_source,
        a.patient_class AS patient_class, a.specialty AS specialty, a.provider AS provider)
    FROM ({STAYS}) b JOIN ({ONWARD}) o ON o.next = b.row_key JOIN ({STAYS}) a ON a.row_key = o.first WHERE b.end_date IS NULL
    UNION ALL SELECT * FROM ({STAYS}) WHERE end_date IS NULL AND row_key NOT IN (SELECT next FROM ({ONWARD})))"""
#: Diagnoses of finished stays, numbered through, each code once. Where the first of two hospitals named none, the first place is that of its unknown cause (R69X).
WHOLE_DIAGNOSES = f"""(
    SELECT d.* REPLACE (w.event_date AS event_date, (row_number() OVER (PARTITION BY w.row_key ORDER BY d.later, d.position)
        + CAST(bool_and(d.later) OVER (PARTITION BY w.row_key) AS INTEGER))::INTEGER AS position)
    FROM (
        SELECT d.*, coalesce(o.first, d.spell_key) AS stay, o.first IS NOT NULL AS later FROM diagnosis d LEFT JOIN ({ONWARD}) o ON o.next = d.spell_key
        QUALIFY row_number() OVER (PARTITION BY coalesce(o.first, d.spell_key), d.code ORDER BY o.first IS NOT NULL, d.position) = 1) d
    JOIN {WHOLE_STAYS} w ON w.row_key = d.stay)"""


def two_people(stays: str) -> str:
    """Noted in the key: of the table ``stays`` (with ``said_number``), those over two hospitals that know the patient by two numbers, or by none: nothing shows that
    the second goes on with the first, and two people have been in hospital."""
    return f"""SELECT unnest([a.row_key, b.row_key]) AS row_key, a.true_number FROM {stays} a JOIN ({ONWARD}) o ON o.first = a.row_key
        JOIN {stays} b ON b.row_key = o.next WHERE a.said_number IS DISTINCT FROM b.said_number OR a.said_number IS NULL"""


def register(sending: Sending) -> None:
    """Make the table ``patients``: the entries of both hospitals."""
    for place, provider in enumerate(HOSPITALS):
        sending.register(provider)
        made = f"SELECT *, '{provider}' AS provider FROM entry"
        sending.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE patients AS {made}" if not place else f"INSERT INTO patients {made}"
        )


def begins(sending: Sending) -> str:
    """The day from which the area's hospitals have sent."""
    found = sending.connection.execute("SELECT min(known_at)::DATE FROM feed WHERE source = 'apc'").fetchall()
    return str(found[0][0])
