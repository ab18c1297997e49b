"""What of the stays that a delivery touched is new: rows of ``spell`` and ``diagnosis``, and what no longer holds.

**Key.** A stay is known by the patient's number with the first provider (without one, by the NHS number and the provider) and
the day of admission, whichever extract tells of it: so the finished stay of HES takes the place of what the daily file of
admissions said of the same stay, and the two are never counted as two.

**Diagnoses.** Position 1 is the primary diagnosis of the first episode, and stays empty where that is unknown (R69). After it come
the others in the order of episodes and of positions in them, each code once, with the number of its episode in the stay.
"""

from __future__ import annotations

#: Days after which a stay with no word of its end is taken to have ended when it was last heard of.
FORGOTTEN = 365
#: The last position of a diagnosis that the record takes.
LAST_POSITION = 99

KEY = "coalesce({0}.local, {0}.number || '/' || {0}.provider) || '/' || {0}.admidate"

#: What outlasts a delivery: the episodes, patients' NHS numbers by their number with a provider, and stays as they were last told.
HELD = (
    "CREATE SEQUENCE places",
    """CREATE TABLE episode (seq BIGINT, file VARCHAR, source_row BIGINT, eid VARCHAR, nhs VARCHAR, local VARCHAR, provider VARCHAR, admidate DATE,
        epistart DATE, epiend DATE, epiorder INTEGER, method VARCHAR, source VARCHAR, leaves VARCHAR, goes VARCHAR, disdate DATE, ready DATE,
        class VARCHAR, specialty VARCHAR, diagnoses VARCHAR[], void BOOLEAN, happened BIGINT)""",
    "CREATE TABLE patient (local VARCHAR PRIMARY KEY, nhs VARCHAR)",
    """CREATE TABLE told (row_key VARCHAR PRIMARY KEY, nhs VARCHAR, local VARCHAR, event_date DATE, patient_class VARCHAR, said UBIGINT, coded UBIGINT,
        positions INTEGER, heard DATE, open BOOLEAN)""",
)
COLUMNS = ("eid", "nhs", "local", "provider", "admidate", "epistart", "epiend", "epiorder", "method", "source", "leaves", "goes", "disdate",
           "ready", "class", "specialty", "diagnoses", "void", "happened")  # fmt: skip

#: The newest word of each episode, whichever delivery has it.
_NEWEST = "SELECT * FROM fresh QUALIFY row_number() OVER (PARTITION BY eid ORDER BY seq DESC) = 1"
#: Of a stay's events the newest one holds; what it leaves out of these columns is as the one before said.
_FILLED = ("nhs", "local", "method", "source", "ready", "class", "specialty")
_LATEST = "arg_max{}({}, {{'at': happened, 'seq': seq}})"
#: A stay was hospital at home where every word of it says so: time in a bed before or after it is no less an admission.
_IN_A_BED = "class <> 'hospital_at_home'"
_OWN = {"eid": "eid", "class": f"coalesce({_LATEST.format('', 'class')} FILTER ({_IN_A_BED}), max(class)) AS class"}
_EVENTS = "SELECT " + ", ".join(
    _OWN.get(name) or f"{_LATEST.format('' if name in _FILLED else '_null', name)} AS {name}"
    for name in ("seq", "file", "source_row", *COLUMNS)
) + " FROM (SELECT * FROM fresh UNION ALL SELECT * FROM episode WHERE eid IN (SELECT eid FROM fresh)) GROUP BY eid"  # fmt: skip


def remember(finished: bool) -> tuple[str, ...]:
    """Statements that put the delivery's episodes (table ``fresh``) among the others, and say in ``touched`` whose stays must be
    looked at again: those people's, and those of stays that have become forgotten."""
    return (
        f"CREATE OR REPLACE TEMP TABLE newest AS {_NEWEST if finished else _EVENTS}",
        # Whose the episodes were before, where they turn out to be somebody else's.
        "CREATE OR REPLACE TEMP TABLE replaced AS SELECT nhs, local FROM episode WHERE eid IN (SELECT eid FROM newest)",
        "DELETE FROM episode WHERE eid IN (SELECT eid FROM newest)",
        "INSERT INTO episode SELECT * FROM newest",
        """INSERT OR REPLACE INTO patient SELECT local, arg_max(nhs, seq) FROM fresh WHERE local IS NOT NULL AND nhs IS NOT NULL
            GROUP BY local""",
        f"""CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT coalesce(f.nhs, p.nhs, f.local) AS who FROM (
            SELECT nhs, local FROM newest UNION ALL FROM replaced UNION ALL SELECT nhs, local FROM told WHERE open AND heard < $received::DATE - {FORGOTTEN}) f
            LEFT JOIN patient p ON p.local = f.local""",
    )


_OPEN = "z.disdate IS NULL AND coalesce(z.leaves IN ('8', '9'), false)"
_LEFT = "greatest(coalesce(CASE WHEN z.disdate >= z.epistart THEN z.disdate END, z.ends), a.admidate)"
_ENDED = f"CASE WHEN NOT ({_OPEN}) OR z.ends < $received::DATE - {FORGOTTEN} THEN {_LEFT} END"

#: Stays: from the first episode how they began, from the last how they ended. On the first delivery a stay was known its lag after it ended
#: (or was last heard of), and one that was forgotten when it was.
STAYS = f"""
    CREATE OR REPLACE TEMP TABLE stays AS
    SELECT *, CASE WHEN $first THEN least(CASE WHEN undischarged AND end_date IS NOT NULL THEN heard + {FORGOTTEN + 1}
            ELSE coalesce(end_date, heard) + $lag::INTEGER END, $received::DATE) ELSE $received::DATE END AS known_at,
        hash(nhs_number, local_id, event_date, end_date, admission_method, admission_source, patient_class, specialty, provider, ready_date,
            discharge_method, discharge_destination) AS said
    FROM (
        SELECT a.stay, a.seq, a.file, a.source_row, a.number AS nhs_number, a.local AS local_id, {KEY.format("a")} AS row_key,
            a.admidate AS event_date, {_ENDED} AS end_date, a.method AS admission_method, a.source AS admission_source,
            CASE WHEN a.class = 'hospital_at_home' THEN b.class ELSE coalesce(a.class, 'ordinary') END AS patient_class, a.specialty, a.provider,
            CASE WHEN z.ready >= a.admidate AND z.ready <= coalesce({_ENDED}, $received::DATE) THEN z.ready END AS ready_date,
            CASE WHEN NOT ({_OPEN}) AND z.leaves NOT IN ('8', '9') THEN z.leaves END AS discharge_method,
            CASE WHEN NOT ({_OPEN}) THEN z.goes END AS discharge_destination, z.ends AS heard, {_OPEN} AS undischarged, z.went OR z.place <> a.place AS elsewhere
        FROM parts a JOIN parts z ON z.stay = a.stay AND z.back = 1
        JOIN (SELECT stay, coalesce(arg_min(class, step) FILTER (class <> 'hospital_at_home'), 'hospital_at_home') AS class FROM parts GROUP BY stay) b
            ON b.stay = a.stay
        WHERE a.step = 1)
    QUALIFY row_number() OVER (PARTITION BY row_key ORDER BY seq DESC) = 1"""

#: Diagnoses of the stays, each with its position or with why it has none.
CODES = f"""
    CREATE OR REPLACE TEMP TABLE codes AS
    SELECT *, CASE WHEN fate IS NULL AND position > {LAST_POSITION} THEN 'beyond_the_last_position' ELSE fate END AS its_drop FROM (
        SELECT *, (row_number() OVER (PARTITION BY stay, fate IS NULL ORDER BY step, i)
            + bool_or(step = 1 AND i = 1 AND fate IS NOT NULL) OVER (PARTITION BY stay)::INTEGER)::INTEGER AS position
        FROM (
            SELECT *, CASE WHEN code = '' THEN 'no_diagnosis' WHEN code[:3] = 'R69' THEN 'unknown_cause'
                WHEN row_number() OVER (PARTITION BY stay, code ORDER BY step, i) > 1 THEN 'repeated_in_stay' END AS fate
            FROM (SELECT stay, step, unnest(diagnoses) AS code, generate_subscripts(diagnoses, 1) AS i FROM parts)))"""

#: What was not told so before.
NEWS = """
    CREATE OR REPLACE TEMP TABLE news AS
    SELECT s.*, c.coded, coalesce(c.positions, 0) AS positions, t.said IS DISTINCT FROM s.said AS is_new,
        c.coded IS DISTINCT FROM t.coded AS is_coded, coalesce(t.positions, 0) AS before
    FROM stays s LEFT JOIN told t USING (row_key)
    LEFT JOIN (SELECT stay, hash(list((code, step) ORDER BY position)) AS coded, max(position) AS positions FROM codes WHERE its_drop IS NULL GROUP BY stay) c
        USING (stay)"""

#: A stay as the daily file tells of it stands so many days after its end, unless the finished stay takes its place before. One that has to
#: do with another hospital stands until then: the first hospital's finished part of it does not take its place.
STANDS = 120
_SPELL = f"""nhs_number, local_id, row_key, known_at,
    CASE WHEN NOT $settles AND end_date IS NOT NULL AND NOT elsewhere THEN greatest(end_date + {STANDS}, known_at) END AS known_until, event_date, end_date, admission_method, admission_source, patient_class, specialty,
    provider, ready_date, discharge_method, discharge_destination"""
SPELLS = f"SELECT source_row, {_SPELL}, $feed AS feed FROM news WHERE is_new AND file = $file ORDER BY source_row"
CONTINUED = (
    f"SELECT 0::BIGINT AS source_row, {_SPELL}, $feed AS feed FROM news WHERE is_new AND file <> $file ORDER BY row_key"
)

#: What became of each of the delivery's accepted rows that does not stand for a stay.
FATES = """
    SELECT CASE WHEN f.void THEN 'cancelled' WHEN p.seq IS NULL THEN $again WHEN p.step > 1 THEN 'part_of_stay' ELSE 'restated' END AS fate, count(*)
    FROM fresh f LEFT JOIN parts p USING (seq) LEFT JOIN news n USING (seq) WHERE NOT coalesce(n.is_new, false) GROUP BY ALL"""

DIAGNOSES = """
    SELECT n.source_row * (n.file = $file)::BIGINT AS source_row, n.nhs_number, n.local_id, n.row_key || '/' || c.position AS row_key,
        n.row_key AS spell_key, n.known_at, n.event_date, 'icd10' AS system, c.code, c.position, c.step::INTEGER AS episode, $feed AS feed
    FROM news n JOIN codes c USING (stay) WHERE n.is_coded AND c.its_drop IS NULL ORDER BY n.row_key, c.position"""
DROPPED_CODES = """
    SELECT its_drop, count(*) FROM codes JOIN news USING (stay) WHERE is_coded AND its_drop IS NOT NULL GROUP BY ALL"""

#: Stays that were told and are none any more: another has been found before them, or their admission was cancelled or put right.
GONE = """
    CREATE OR REPLACE TEMP TABLE gone AS
    SELECT t.*, $received::DATE AS known_at FROM told t LEFT JOIN patient p ON p.local = t.local
    WHERE coalesce(t.nhs, p.nhs, t.local) IN (SELECT who FROM touched) AND t.row_key NOT IN (SELECT row_key FROM stays)"""
#: Such, and (``$settles``) provider spells that a stay goes on in: no other extract may tell of them as stays.
WITHDRAWN = f"""
    SELECT DISTINCT ON (row_key) 0::BIGINT AS source_row, nhs AS nhs_number, local AS local_id, row_key, known_at, known_at AS known_until, event_date,
        patient_class, $feed AS feed
    FROM (
        SELECT row_key, nhs, local, event_date, patient_class, known_at FROM gone
        UNION ALL
        SELECT {KEY.format("p")} AS row_key, p.number, p.local, p.admidate, coalesce(p.class, 'ordinary'), n.known_at FROM parts p JOIN news n USING (stay)
        JOIN (SELECT place, min(step) AS step FROM parts GROUP BY place) f ON f.place = p.place AND f.step = p.step
        WHERE $settles AND n.is_new AND p.step > 1)
    WHERE row_key NOT IN (SELECT row_key FROM stays) ORDER BY row_key"""
#: Positions that no longer have a diagnosis.
UNCODED = """
    SELECT 0::BIGINT AS source_row, nhs AS nhs_number, local AS local_id, row_key || '/' || position AS row_key, row_key AS spell_key,
        $received::DATE AS known_at, $received::DATE AS known_until, event_date, 'local' AS system, 'withdrawn' AS code, position::INTEGER AS position,
        $feed AS feed
    FROM (
        SELECT row_key, nhs, local, event_date, unnest(range(1, positions + 1)) AS position FROM gone
        UNION ALL
        SELECT row_key, nhs_number, local_id, event_date, unnest(range(positions + 1, before + 1)) FROM news WHERE is_coded)
    ORDER BY row_key, position"""

TELL = (
    "DELETE FROM told WHERE row_key IN (SELECT row_key FROM gone)",
    """INSERT OR REPLACE INTO told SELECT row_key, nhs_number, local_id, event_date, patient_class, said, coded, greatest(positions, 0), heard,
        end_date IS NULL FROM news""",
)
