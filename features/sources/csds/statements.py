"""A submission's files (tables ``cyp001`` … of text, each with ``source_row``) made into contacts, scores and caseloads.

Links: a contact belongs to a referral by its service request identifier, and a referral to a person by the local patient identifier;
an activity to a contact, a score to an activity. What a submission does not repeat is taken from earlier ones of the provider.
"""

from __future__ import annotations


def _day(column: str) -> str:
    return f"CAST(coalesce(try_strptime({column}[:10], '%Y-%m-%d'), try_strptime({column}[:10], '%d/%m/%Y')) AS DATE)"


#: What outlasts a submission.
HELD = (
    "CREATE TABLE code (field VARCHAR, code VARCHAR, means VARCHAR, rank INTEGER)",
    "CREATE TABLE patient (lpi VARCHAR PRIMARY KEY, nhs_number VARCHAR, birth_date DATE, postcode VARCHAR)",
    "CREATE TABLE referral (sri VARCHAR PRIMARY KEY, lpi VARCHAR, received DATE, discharged DATE)",
    "CREATE TABLE team (sri VARCHAR, local VARCHAR, team VARCHAR, closed DATE, PRIMARY KEY (sri, local))",
    """CREATE TABLE contact (cci VARCHAR PRIMARY KEY, period_end DATE, feed VARCHAR, known_at DATE, sri VARCHAR, lpi VARCHAR,
        event_date DATE, event_time INTEGER, team VARCHAR, activity VARCHAR, status VARCHAR)""",
    "CREATE TABLE activity (cai VARCHAR PRIMARY KEY, cci VARCHAR)",
)

#: Patients, referrals and services of the submission, in place of what earlier ones said.
REMEMBER = (
    f"""INSERT OR REPLACE INTO patient
        SELECT LOCAL_PATIENT_IDENTIFIER_EXTENDED, last(NHS_NUMBER ORDER BY source_row),
            last({_day("PERSON_BIRTH_DATE")} ORDER BY source_row), last(POSTCODE_OF_USUAL_ADDRESS ORDER BY source_row)
        FROM cyp001 WHERE LOCAL_PATIENT_IDENTIFIER_EXTENDED IS NOT NULL GROUP BY 1""",
    f"""INSERT OR REPLACE INTO referral
        SELECT SERVICE_REQUEST_IDENTIFIER, last(LOCAL_PATIENT_IDENTIFIER_EXTENDED ORDER BY source_row),
            last({_day("REFERRAL_REQUEST_RECEIVED_DATE")} ORDER BY source_row),
            last({_day("SERVICE_DISCHARGE_DATE")} ORDER BY source_row)
        FROM cyp101 WHERE SERVICE_REQUEST_IDENTIFIER IS NOT NULL GROUP BY 1""",
    f"""INSERT OR REPLACE INTO team
        SELECT SERVICE_REQUEST_IDENTIFIER, coalesce(CARE_PROFESSIONAL_TEAM_LOCAL_IDENTIFIER, ''),
            last(coalesce(own.means, national.means, 'other') ORDER BY source_row),
            last({_day("REFERRAL_CLOSURE_DATE")} ORDER BY source_row)
        FROM cyp102
        LEFT JOIN code own ON own.field = 'local_team' AND own.code = CARE_PROFESSIONAL_TEAM_LOCAL_IDENTIFIER
        LEFT JOIN code national ON national.field = 'team'
            AND national.code = lpad(SERVICE_OR_TEAM_TYPE_REFERRED_TO_COMMUNITY_CARE, 2, '0')
        WHERE SERVICE_REQUEST_IDENTIFIER IS NOT NULL GROUP BY 1, 2""",
    """INSERT OR REPLACE INTO activity
        SELECT CARE_ACTIVITY_IDENTIFIER, last(CARE_CONTACT_IDENTIFIER ORDER BY source_row) FROM cyp202
        WHERE CARE_ACTIVITY_IDENTIFIER IS NOT NULL GROUP BY 1""",
)

#: Every contact row, with why it cannot be read. The team is that of the contact's own team code within its referral, else the
#: referral's only or first one; what was done is the most telling of its activities.
READ_CONTACTS = f"""
    CREATE OR REPLACE TEMP TABLE read AS
    SELECT *, CASE WHEN cci IS NULL THEN 'missing' WHEN event_date IS NULL THEN 'not_a_date'
        WHEN lpi IS NULL THEN 'no_such_referral' WHEN said_status IS NOT NULL AND status IS NULL THEN 'value_not_mapped' END AS reason
    FROM (
        SELECT c.source_row, c.CARE_CONTACT_IDENTIFIER AS cci, r.lpi, c.SERVICE_REQUEST_IDENTIFIER AS sri,
            {_day("c.CARE_CONTACT_DATE")} AS event_date,
            CAST(date_diff('second', TIME '00:00:00', TRY_CAST(c.CARE_CONTACT_TIME AS TIME)) AS INTEGER) AS event_time,
            coalesce(of_contact.team, (SELECT arg_min(team, local) FROM team WHERE sri = c.SERVICE_REQUEST_IDENTIFIER), 'other') AS team,
            coalesce(c.ATTENDANCE_STATUS, c.ATTENDED_OR_DID_NOT_ATTEND_CODE) AS said_status, s.means AS status, a.activity
        FROM cyp201 c
        LEFT JOIN referral r ON r.sri = c.SERVICE_REQUEST_IDENTIFIER
        LEFT JOIN team of_contact ON of_contact.sri = c.SERVICE_REQUEST_IDENTIFIER
            AND of_contact.local = coalesce(c.CARE_PROFESSIONAL_TEAM_LOCAL_IDENTIFIER, '')
        LEFT JOIN code s ON s.field = 'status'
            AND s.code = ltrim(coalesce(c.ATTENDANCE_STATUS, c.ATTENDED_OR_DID_NOT_ATTEND_CODE), '0')
        LEFT JOIN (
            SELECT CARE_CONTACT_IDENTIFIER AS cci, arg_min(coalesce(means, 'other'), coalesce(rank, 999)) AS activity
            FROM cyp202 LEFT JOIN code ON field = 'activity' AND code = lpad(COMMUNITY_CARE_ACTIVITY_TYPE, 2, '0')
            WHERE COMMUNITY_CARE_ACTIVITY_TYPE IS NOT NULL GROUP BY 1
        ) a ON a.cci = c.CARE_CONTACT_IDENTIFIER)"""

CONTACTS = """
    SELECT source_row, p.nhs_number, $provider || '_' || lpi AS local_id, $provider || '|' || cci AS row_key, event_date, event_time,
        team, activity, coalesce(status, 'unknown') AS status, CAST(p.birth_date AS VARCHAR) AS birth_date,
        p.postcode
    FROM read LEFT JOIN patient p USING (lpi) WHERE reason IS NULL ORDER BY source_row"""

#: Contacts that an earlier submission for the same month had and this one does not: withdrawn, from the day it was received.
WITHDRAWN = """
    SELECT p.nhs_number, $provider || '_' || c.lpi AS local_id, $provider || '|' || c.cci AS row_key, event_date, event_time, team,
        activity, status, c.feed, c.known_at, $received::DATE AS known_until
    FROM contact c LEFT JOIN patient p USING (lpi)
    WHERE c.period_end = $period_end::DATE AND c.cci NOT IN (SELECT cci FROM read WHERE cci IS NOT NULL)
    ORDER BY c.cci"""
FORGET_WITHDRAWN = """
    DELETE FROM contact WHERE period_end = $period_end::DATE AND cci NOT IN (SELECT cci FROM read WHERE cci IS NOT NULL)"""

REMEMBER_CONTACTS = """
    INSERT OR REPLACE INTO contact
    SELECT cci, $period_end::DATE, $feed, $received::DATE, sri, lpi, event_date, event_time, team, activity,
        coalesce(status, 'unknown')
    FROM read WHERE reason IS NULL QUALIFY row_number() OVER (PARTITION BY cci ORDER BY source_row DESC) = 1"""

READ_SCORES = """
    CREATE OR REPLACE TEMP TABLE scored AS
    SELECT s.source_row, s.CARE_ACTIVITY_IDENTIFIER AS cai, c.lpi, c.event_date, c.event_time,
        s.CODED_ASSESSMENT_TOOL_TYPE_SNOMED_CT AS tool_code, coalesce(t.means, 'other') AS tool, s.PERSON_SCORE AS said,
        TRY_CAST(s.PERSON_SCORE AS DOUBLE) AS score,
        CASE WHEN c.cci IS NULL THEN 'no_such_contact'
            WHEN s.PERSON_SCORE IS NOT NULL AND TRY_CAST(s.PERSON_SCORE AS DOUBLE) IS NULL THEN 'not_a_number' END AS reason
    FROM cyp612 s
    LEFT JOIN activity a ON a.cai = s.CARE_ACTIVITY_IDENTIFIER
    LEFT JOIN contact c ON c.cci = a.cci
    LEFT JOIN code t ON t.field = 'tool' AND t.code = s.CODED_ASSESSMENT_TOOL_TYPE_SNOMED_CT"""

SCORES = """
    SELECT source_row, p.nhs_number, $provider || '_' || lpi AS local_id, $provider || '|' || cai || '|' || tool_code AS row_key,
        event_date, event_time, tool, score
    FROM scored LEFT JOIN patient p USING (lpi) WHERE reason IS NULL ORDER BY source_row"""

#: Referrals of the submission as time on a team's books: from the day received to the day of closure or discharge.
CASELOADS = """
    SELECT p.nhs_number, $provider || '_' || r.lpi AS local_id, $provider || '|' || r.sri || '|' || t.local AS row_key,
        r.received AS event_date, greatest(r.received, least(t.closed, r.discharged)) AS end_date,
        CASE WHEN t.team = 'rapid_response' THEN 'other' ELSE t.team END AS team, nullif(t.local, '') AS team_id
    FROM (SELECT DISTINCT SERVICE_REQUEST_IDENTIFIER AS sri FROM cyp102) said JOIN referral r USING (sri) JOIN team t USING (sri)
    LEFT JOIN patient p USING (lpi) WHERE r.received IS NOT NULL ORDER BY r.sri, t.local"""
