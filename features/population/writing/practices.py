"""Which practices send which shape: three in four the operational one, the fourth the flat national one."""

from __future__ import annotations

from features.population.writing.sending import Sending

#: Code by which a practice tells of a plan or a wish.
PREFERENCE_CODES = {
    "end_of_life_plan": "736373009", "palliative_register": "414937009", "respect": "1382601000000107",
    "advance_decision": "816301000000100", "power_of_attorney": "816381000000105", "care_plan": "736366004",
}  # fmt: skip
#: Codes by which a practice tells that somebody has an unpaid carer, or none (code set ``social_snomed``).
CARER_CODE, NO_CARER_CODE = "184156005", "414041006"
#: Codes by which a practice tells of a type 1 opt-out and of its withdrawal (code set ``opt_out_snomed``), and SQL of them as entries.
OPT_OUT_CODES = {"event_date": "827241000000103", "end_date": "827261000000102"}
OPT_OUTS = " UNION ALL ".join(
    f"""SELECT person, {day} AS event_date, '{code}' AS code, min(known_at) AS known_at, min(feed) AS feed FROM objection
        WHERE kind = 'type_1' AND starts_with(feed, 'gp:') AND {day} IS NOT NULL GROUP BY person, {day}"""
    for day, code in OPT_OUT_CODES.items()
)
#: Codes that practices send in place of a plan, a wish or a carer.
IN_PLACE = (*PREFERENCE_CODES.values(), CARER_CODE)
#: What the truth holds of plans, wishes and carers, as codes can tell of it: the newest word of a person, without an end. (That somebody
#: *has no* carer is in the truth a code among the others.)
TRUTH = {
    "gp_event": f"(SELECT * FROM gp_event UNION ALL BY NAME SELECT *, 'snomed' AS system FROM ({OPT_OUTS}))",
    "preference": """(SELECT person, event_date, kind, min(known_at) AS known_at, min(feed) AS feed, kind || '/' || person AS row_key
        FROM preference WHERE starts_with(feed, 'gp:') GROUP BY person, event_date, kind)""",
    "carer": f"""(SELECT person, event_date, has_carer, NULL::BOOLEAN AS is_carer, NULL::BOOLEAN AS strained, known_at, feed, 'carer/' || person AS row_key FROM (
        SELECT person, event_date, has_carer, min(known_at) AS known_at, min(feed) AS feed FROM carer
        WHERE starts_with(feed, 'gp:') AND has_carer GROUP BY ALL
        UNION ALL SELECT person, event_date, false, known_at, feed FROM gp_event WHERE code = '{NO_CARER_CODE}' AND known_until IS NULL))""",
}  # fmt: skip
#: What these do not carry, and the table under which the key notes their errors.
LACKS = {"preference": ("end_date",), "carer": ("end_date", "is_carer", "strained")}
NOTED = {"preference": "gp_event", "carer": "gp_event", "objection": "gp_event"}
#: A code that no practice should pass on, and some do.
RESTRICTED = "86406008"


_PLACED = "SELECT covers, row_number() OVER (ORDER BY covers) AS place FROM (SELECT DISTINCT covers FROM feed WHERE source = 'gp')"
#: SQL of the codes of those that send each shape.
OPERATIONAL = f"(SELECT covers FROM ({_PLACED}) WHERE place % 4 <> 0)"
FLAT = f"(SELECT covers FROM ({_PLACED}) WHERE place % 4 = 0)"


def events(sending: Sending, of: str) -> None:
    """Make the table ``t_event`` of what practices among ``of`` coded: person, event_date, event_time, code, value, unit, known_at,
    practice, number, true_number, delivery."""
    codes = " ".join(f"WHEN '{kind}' THEN '{code}'" for kind, code in PREFERENCE_CODES.items())
    sending.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE t_event AS
        SELECT w.*, people.nhs_number AS true_number, {sending.delivery("w.known_at")} AS delivery, row_number() OVER (ORDER BY w.known_at, person, w.event_date, code, event_time, value) AS number
        FROM (
            SELECT person, event_date, event_time, code, value, unit, known_at, split_part(feed, ':', 3) AS practice
            FROM gp_event WHERE starts_with(feed, 'gp:') AND known_until IS NULL
            UNION ALL
            SELECT person, event_date, NULL, CASE kind {codes} END, NULL, NULL, min(known_at), min(split_part(feed, ':', 3))
            FROM preference WHERE starts_with(feed, 'gp:') GROUP BY person, event_date, kind
            UNION ALL
            SELECT person, event_date, NULL, '{CARER_CODE}', NULL, NULL, min(known_at), min(split_part(feed, ':', 3))
            FROM carer WHERE starts_with(feed, 'gp:') AND has_carer GROUP BY person, event_date
            UNION ALL
            SELECT person, event_date, NULL, code, NULL, NULL, known_at, split_part(feed, ':', 3) FROM ({OPT_OUTS})
        ) w JOIN people USING (person) WHERE practice IN {of} ORDER BY w.known_at, person, w.event_date, code, value""")
