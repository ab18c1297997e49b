"""DuckDB: one query, with an aggregate and its FILTER for each predictor."""

from __future__ import annotations

import duckdb
from asked import ZERO, Asked

NEVER = "DATE '9999-12-31'"


def literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"'{value}'" if isinstance(value, str) else str(value)


def among(column: str, values: list) -> str:
    return f"{column} IN ({', '.join(map(literal, values))})" if values else "false"


def condition(one: dict) -> list[str]:
    tests = [f"{one['date']} IS NOT NULL"]
    for test in one["where"]:
        if "in" in test:
            tests.append(among(test["column"], test["in"]))
        else:
            tests += [f"{test['column']} >= {test['low']}"] if test["low"] is not None else []
            tests += [f"{test['column']} < {test['high']}"] if test["high"] is not None else []
    tests += [among("code", one["codes"])] if one["codes"] is not None else []
    return tests + [f"{column} IS NOT NULL" for column in (one["value"], one["distinct"]) if column]


def aggregate(asked: Asked, one: dict) -> str:
    first, until = (f"DATE '{day}'" for day in asked.window(one))
    day, t = one["date"], f"DATE '{asked.at}'"
    value = f"{one['value']}::DOUBLE"
    text = f"left({one['distinct']}, {one['prefix']})" if one["prefix"] else one["distinct"]
    end = f"least(coalesce(end_date, {NEVER}), {until})"
    tests = [*condition(one), f"{day} < {until}"]
    tests += [f"{end} - {day} >= {one['lasting']}"] if one["lasting"] else []
    if one["kind"] in ("OPEN", "OPEN_SUM"):
        tests.append(f"(end_date IS NULL OR end_date > {until})")
    elif one["kind"] != "DAYS":
        tests.append(f"{day} >= {first}")
    kept = f"FILTER ({' AND '.join(tests)})"
    made = {
        "COUNT": "count(*) {k}", "OPEN": "count(*) {k}", "ANY": "least(count(*) {k}, 1)", "SUM": "sum({v}) {k}", "OPEN_SUM": "sum({v}) {k}",
        "DAYS_SINCE_LAST": "{t} - max({d}) {k}", "DAYS_SINCE_FIRST": "{t} - min({d}) {k}", "YEARS": "({t} - max({d}) {k}) / 365.25",
        "LATEST": "arg_max({v}, (({d} - DATE '1800-01-01')::BIGINT << 40) + place) {k}", "MEAN": "avg({v}) {k}", "LEAST": "min({v}) {k}",
        "GREATEST": "max({v}) {k}", "DISTINCT": "count(DISTINCT {x}) {k}",
        "SLOPE": "CASE WHEN max({d}) {k} - min({d}) {k} >= 30 THEN regr_slope({v}, {d} - DATE '1970-01-01') {k} * 365.25 END",
        "DEVIATION": "CASE WHEN count(*) {k} >= 3 THEN stddev_samp({v}) {k} END",
        "DAYS": "sum(greatest(0, {e} - greatest({d}, {f}))) {k}",
    }[one["kind"]]  # fmt: skip
    said = made.format(k=kept, v=value, d=day, t=t, x=text, e=end, f=first)
    return f"({said})::FLOAT AS {one['name']}"


def main() -> None:
    asked = Asked()
    tables: dict[str, list[dict]] = {}
    for one in asked.predictors:
        tables.setdefault(one["table"], []).append(one)
    parts, shown = [], []
    for table, own in tables.items():
        made = ",\n".join(aggregate(asked, one) for one in own)
        parts.append(
            f"{table}_made AS (SELECT person_id, {made} FROM read_parquet('{asked.table(table)}') GROUP BY person_id)"
        )
        shown += [f"coalesce({table}_made.{one['name']}, 0) AS {one['name']}" if one["kind"] in ZERO else f"{table}_made.{one['name']}"
                  for one in own]  # fmt: skip
    joins = "\n".join(f"LEFT JOIN {table}_made USING (person_id)" for table in tables)
    with duckdb.connect(
        config={"memory_limit": "14GB", "temp_directory": str(asked.out.parent / "spill")}
    ) as connection:
        connection.execute(f"""COPY (WITH {", ".join(parts)} SELECT c.person_id, {", ".join(shown)}
            FROM read_parquet('{asked.folder / "cohort.parquet"}') c {joins}) TO '{asked.out}' (FORMAT parquet)""")
    asked.done()


main()
