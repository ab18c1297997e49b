"""Which practices send which shape: three in four the operational one, the fourth the flat national one."""

from __future__ import annotations

from features.population.writing.sending import Sending

#: Code by which a practice tells of a plan or a wish.
PREFERENCE_CODES = {
    "end_of_life_plan": "736373009", "palliative_register": "414937009", "respect": "1382601000000107",
    "advance_decision": "816301000000100", "power_of_attorney": "816381000000105", "care_plan": "736366004",
}  # fmt: skip
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
        ) w JOIN people USING (person) WHERE practice IN {of} ORDER BY w.known_at, person, w.event_date, code, value""")
