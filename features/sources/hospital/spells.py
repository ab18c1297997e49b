"""Episodes put together: finished consultant episodes into provider spells, and provider spells into continuous inpatient stays.

Rules (Health and Social Care Information Centre, Methodology to create provider and continuous inpatient spells, 2014, and Centre
for Health Economics, University of York, as the British Heart Foundation Data Science Centre applies them to HES):

* *Provider spell*: of one person's episodes with one provider, in the order of admission, start, end, ``EPIORDER``, transfer and key,
  one belongs with the one before it if both have the same admission date or the same start, or if the one before did not end in
  a discharge (``DISMETH`` 8 or 9) and this one starts on the day on which it ended.
* *Continuous inpatient stay*: a provider spell goes on from an earlier one if it starts within three days of that one's end, and the one
  was left for another hospital (``DISDEST`` 51, 52, 53), or the other entered from one (``ADMISORC`` 51, 52, 53; ``ADMIMETH`` 2B, 81).

Three choices of this project, where the published rules look at neighbours in the order alone, so that a day case in the middle of a
stay would cut it in two or be taken into it: episodes are ordered by admission date before all else; the earlier spell is the one, of
those that started before, that ended last; and where only that one speaks of a transfer, the other starts at most three days before
its end.
"""

from __future__ import annotations

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as arrow

from features.record.hospital import HOSPITALS

#: Methods of admission by transfer.
TRANSFERS = "('2B', '81')"
#: Days between two spells of one stay.
APART = 3

_CAME = f"(coalesce(source IN {HOSPITALS}, false) OR coalesce(method IN {TRANSFERS}, false))"
_WENT = f"coalesce(goes IN {HOSPITALS}, false)"
_ORDER = "admidate, epistart, epiend, epiorder NULLS LAST, transit, eid, seq"

#: Episodes of the people in ``touched``, numbered (``n``) in the order of a person's time with a provider. Of rows that tell the same
#: episode under several keys (one filed in two years, sent twice) the last stands.
LOCATED = f"""
    CREATE OR REPLACE TEMP TABLE located AS
    SELECT *, row_number() OVER (PARTITION BY who, provider ORDER BY {_ORDER}) AS n FROM (
        SELECT e.*, coalesce(e.nhs, p.nhs) AS number, coalesce(e.nhs, p.nhs, e.local) AS who,
            {_CAME} AS came, {_WENT} AS went,
            CASE WHEN came THEN CASE WHEN went THEN 2 ELSE 3 END WHEN went THEN 1 ELSE 0 END AS transit
        FROM episode e LEFT JOIN patient p ON p.local = e.local WHERE NOT void)
    WHERE who IN (SELECT who FROM touched)
        AND seq IN (SELECT max(e.seq) FROM episode e LEFT JOIN patient p ON p.local = e.local WHERE NOT void
            GROUP BY coalesce(e.nhs, p.nhs, e.local), provider, admidate, epistart, epiend, epiorder)"""

#: Which spell with the provider each episode is of.
PLACED = """
    CREATE OR REPLACE TEMP TABLE placed AS
    SELECT *, sum(anew::INTEGER) OVER (PARTITION BY who, provider ORDER BY n) AS visit FROM (
        SELECT *, NOT coalesce(admidate = lag(admidate) OVER before, false) AND NOT coalesce(epistart = lag(epistart) OVER before, false)
            AND NOT coalesce(lag(leaves) OVER before IN ('8', '9') AND epistart = lag(epiend) OVER before, false) AS anew
        FROM located WINDOW before AS (PARTITION BY who, provider ORDER BY n))"""

#: Provider spells, numbered (``place``, from 0) in the order of each person's time.
VISITS = """
    CREATE OR REPLACE TEMP TABLE visits AS
    SELECT *, row_number() OVER (ORDER BY who, admitted, transit, ends, provider) - 1 AS place FROM (
        SELECT who, provider, visit, arg_min(admidate, n) AS admitted, arg_min(epistart, n) AS starts, max(epiend) AS ends,
            arg_min(came, n) AS came, arg_max(went, n) AS went, arg_min(transit, n) AS transit
        FROM placed GROUP BY ALL)"""

#: The spell that each goes on from, or itself.
PARENTS = f"""
    SELECT place, CASE WHEN starts - before.ends <= {APART} AND (came OR before.went AND starts - before.ends >= -{APART}) THEN before.place ELSE place END AS parent
    FROM (SELECT *, max({{'ends': ends, 'place': place, 'went': went}}) OVER (
        PARTITION BY who ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM visits)
    ORDER BY place"""

#: Episodes in the order of their stay: ``step`` from the first, ``back`` from the last episode of the spell that ended last.
PARTS = """
    CREATE OR REPLACE TEMP TABLE parts AS
    SELECT p.*, v.place, v.ends, r.stay,
        row_number() OVER (PARTITION BY r.stay ORDER BY v.place, p.n) AS step,
        row_number() OVER (PARTITION BY r.stay ORDER BY v.ends DESC, v.place DESC, p.n DESC) AS back
    FROM placed p JOIN visits v USING (who, provider, visit) JOIN roots r USING (place)"""


def build(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table ``parts``, the episodes of the people in ``touched`` with the stay that each is of, from the tables ``episode`` and
    ``patient``."""
    for statement in (LOCATED, PLACED, VISITS):
        connection.execute(statement)
    found = connection.sql(PARENTS).to_arrow_table()
    connection.register(
        "found_roots", arrow.table({"place": found["place"], "stay": roots(found["parent"].to_numpy())})
    )
    connection.execute("CREATE OR REPLACE TEMP TABLE roots AS SELECT * FROM found_roots")
    connection.unregister("found_roots")
    connection.execute(PARTS)


def roots(parent: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The end of each chain of ``parent``, in which a root points at itself."""
    found = parent
    while not np.array_equal(found, found[found]):
        found = found[found]
    return found
