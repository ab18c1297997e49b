"""The council's quarterly submissions of client level data: rolling twelve months each, so every event comes up to four times.

The first half of them are worded as release 1, the rest as release 2; blanks are now and then the word NULL; one quarter is sent
again after the next. An NHS number that was traced later stands in the submissions from then on. What the data set cannot say
(:data:`SAYS`) it says as nearly as it can.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as arrow
import pyarrow.csv as csv

from features.population.identifiers import COUNCIL
from features.population.writing.dirt import Dirt
from features.population.writing.tables import Tables

#: What of the truth the shape carries: tables, and the sources that they are from.
CARRIES, SOURCE = tuple((table, "council") for table in ("social_care", "person", "carer", "residence")), "cld"
SENDER = COUNCIL
#: Components that the data set words more coarsely.
SAYS = {"telecare": "equipment"}
_SERVICE = {
    "long_term_nursing": "Long term support: Nursing care", "long_term_residential": "Long term support: Residential care",
    "long_term_community": "Long term support: Community", "short_term_max": "Short term support: ST-Max",
    "short_term_other": "Short term support: Ongoing low level", "other": "Long term support: Prison",
    "carer_support": "Unpaid carer support: Direct to unpaid carer",
}  # fmt: skip
_COMPONENT = {
    "home_care": "Home support or domiciliary care", "day_support": "Day support", "meals": "Meals", "equipment": "Equipment",
    "telecare": "Equipment", "direct_payment": "Direct payment", "residential": "Long term residential care",
    "nursing": "Long term nursing care", "reablement": "Reablement", "extra_care": "Extra care housing",
    "respite": "Unpaid carer respite", "other": "Transport",
}  # fmt: skip
_OUTCOME = {
    "services": "Progress to support planning or services", "reablement": "Progress to reablement/ST-Max",
    "hospital": "Admitted to hospital", "nfa": "NFA: Information and advice or signposting", "deceased": "NFA: Deceased",
    "other": "Progress to assessment, review or reassessment",
}  # fmt: skip
#: The same in the words of release 1, where they differ.
_FIRST = {
    "Long term support: Nursing care": "Long Term Support: Nursing Care", "Long term support: Community": "Long Term Support: Community",
    "Long term support: Residential care": "Long Term Support: Residential Care", "Short term support: ST-Max": "Short Term Support: ST-Max",
    "Short term support: Ongoing low level": "Short Term Support: Ongoing Low Level", "Home support or domiciliary care": "Home Support",
    "Unpaid carer support: Direct to unpaid carer": "Carer Support: Direct to Carer", "Unpaid carer respite": "Carer Respite",
    "Progress to support planning or services": "Progress to Support Planning / Services", "NFA: Deceased": "NFA - Deceased",
    "NFA: Information and advice or signposting": "NFA - Information & Advice / Signposting only",
    "Progress to assessment, review or reassessment": "Progress to Assessment", "Progress to reablement/ST-Max": "Progress to Reablement/ST-Max",
}  # fmt: skip
_GENDER = {"female": "Female", "male": "Male"}
_DWELLING = {
    "own_home": "Owner occupier or shared ownership scheme", "sheltered": "Sheltered housing, extra care housing or other sheltered housing",
    "extra_care": "Sheltered housing, extra care housing or other sheltered housing", "supported": "Supported accommodation, supported lodgings or supported group home",
    "care_home": "Registered care home", "nursing_home": "Registered nursing home",
}  # fmt: skip
#: How people live, as anybody noted it: the person, the word, when it came to be so and when it was known.
_HOUSED = "SELECT person, kind AS word, event_date, end_date, known_at FROM residence WHERE kind IS NOT NULL"
_CARED_FOR = "SELECT person, 'Yes' AS word, event_date, end_date, known_at FROM carer WHERE has_carer"
#: What of that a council's submissions come to: of everybody, the word of the last that had one of them. The day since when is the
#: event's that said so, and the end the submission's that no longer had them.
_CAME = """(SELECT came, upto FROM delivery WHERE source = 'council' AND table_name = 'social_care')"""
_HAD = f"""(SELECT DISTINCT s.person, came, upto FROM social_care s JOIN {_CAME} ON s.known_at <= came AND (s.known_until IS NULL OR s.known_until > came)
    AND s.event_date < upto AND (CASE WHEN s.event = 'service' THEN s.end_date IS NULL OR s.end_date > upto - INTERVAL 1 YEAR
        ELSE s.end_date >= upto - INTERVAL 1 YEAR AND s.end_date < upto END))"""
_WORD = f"""(SELECT h.person, 'council' AS feed, h.person::VARCHAR AS row_key, came AS known_at, {{says}}
    FROM {_HAD} h JOIN ({{words}}) w ON w.person = h.person AND w.known_at < came AND w.event_date < upto AND (w.end_date IS NULL OR w.end_date > upto)
    QUALIFY row_number() OVER (PARTITION BY h.person ORDER BY came DESC, w.event_date DESC, w.known_at DESC) = 1)"""
#: Of those who move between two kinds that the collection words as one, the word is the first's.
_ONE_WORD = "CASE word WHEN 'extra_care' THEN 'sheltered' ELSE word END"
TRUTH = {
    "carer": _WORD.format(says="true AS has_carer", words=_CARED_FOR),
    "residence": _WORD.format(says=f"{_ONE_WORD} AS kind", words=_HOUSED),
}
LACKS = {"carer": ("event_date", "end_date", "is_carer", "strained"),
         "residence": ("event_date", "end_date", "kind_from", "lsoa", "imd_decile", "imd_version", "lives_alone", "care_home_id", "match_confidence")}  # fmt: skip
NOTED = {"carer": "social_care", "residence": "social_care"}
#: Chance that a blank is the word NULL, and that the end of a service is never sent: it is gone from the next submission.
NULLS, VANISHES = 0.3, 0.02


def write(tables: Tables, folder: Path, dirt: Dirt, rng: np.random.Generator) -> list[Mapping[str, Any]]:
    """Write the submissions; what ``area.toml`` says of them."""
    deliveries = tables.sql("""
        SELECT number, came, upto FROM delivery WHERE source = 'council' AND table_name = 'social_care' ORDER BY number""").to_pandas()
    for name in ("came", "upto"):
        deliveries[name] = pd.to_datetime(deliveries[name])
    events = _events(tables, dirt, deliveries, rng)
    half, again = len(deliveries) // 2, len(deliveries) - 3
    living = {"Has_Unpaid_Carer": _words(tables, _CARED_FOR), "Accommodation_Status": _words(tables, _HOUSED)}
    for number, sent in enumerate(deliveries.itertuples()):
        rows = _sent(events, sent.came, sent.upto, number == 0)
        _file(tables, folder / f"cld_{COUNCIL}_{sent.came.date()}.csv", rows, sent.upto, number < half, living, rng)
        if number == again:
            # The same quarter again, a week after the one that follows it.
            came = deliveries["came"].iloc[number + 1] + pd.Timedelta(days=7)
            _file(tables, folder / f"cld_{COUNCIL}_{came.date()}.csv", rows, sent.upto, number < half, living, rng)
    return [{"organisation": COUNCIL}]


def _events(tables: Tables, dirt: Dirt, deliveries: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Versions of every event, each with whose it is as the council knows it, and when it is sent (``came``) until another is
    (``until``)."""
    rows = tables.sql("""
        SELECT s.person, s.row_key, s.nhs_number IS NOT NULL AS matched, s.known_at, s.event_date, s.end_date, event, service_type,
            component, units_a_week, outcome, d.number AS delivery, p.nhs_number AS true_number, p.death_date, t.known_at AS traced
        FROM social_care s JOIN delivery d USING (feed) JOIN $people p USING (person)
        LEFT JOIN (SELECT person, min(known_at) AS known_at FROM person_link GROUP BY person) t USING (person)
        ORDER BY s.known_at, s.row_key""".replace("$people", """(
            SELECT people.*, death.event_date AS death_date FROM people LEFT JOIN (SELECT person, min(event_date) AS event_date FROM death GROUP BY person) death USING (person))""")).to_pandas()  # fmt: skip
    for name in ("known_at", "event_date", "end_date", "death_date", "traced"):
        rows[name] = pd.to_datetime(rows[name])
    register = tables.register(COUNCIL, dirt)
    entry = register.of(rows["person"].to_numpy())
    for name in ("local_id", "birth_date", "sex", "postcode"):
        rows[name] = entry[name].to_numpy()
    rows["number"] = entry["nhs_number"].to_numpy()
    rows = dirt.spoil(rows, rng, delivery="delivery", last=len(deliveries) - 1, wrong=_wrong, number="-")
    ended = (rows["event"] == "service") & rows["end_date"].notna() & rows["error"].isna()
    gone = ended & (rng.random(len(rows)) < VANISHES)
    rows.loc[gone, "error"] = "end_not_sent"
    rows["came"] = deliveries["came"].to_numpy()[rows["delivery"]]
    rows = rows.sort_values(["row_key", "came", "known_at"], kind="stable", ignore_index=True)
    # Of two versions that come together the later stands; the same one twice stands twice.
    following = rows.shift(-1)
    overtaken = (
        (rows["row_key"] == following["row_key"])
        & (rows["came"] == following["came"])
        & (rows["known_at"] < following["known_at"])
    )
    rows = rows[~overtaken].reset_index(drop=True)
    versions = rows[["row_key", "came"]].drop_duplicates()
    versions["until"] = versions["came"].shift(-1).where(versions["row_key"] == versions["row_key"].shift(-1))
    rows = rows.merge(versions, on=["row_key", "came"], how="left").sort_values(
        ["came", "row_key"], kind="stable", ignore_index=True
    )
    _beside(tables, rows, deliveries)
    return rows


def _beside(tables: Tables, rows: pd.DataFrame, deliveries: pd.DataFrame) -> None:
    """Note in the key what no row of a file shows: what was over before the first submission's twelve months, or so early or late that
    only one submission has it (months with little in them do not count as covered), ends never sent, what a date of death ends before the council
    has ended it, and whom the council always knew by a number because it was traced in time."""
    service, begins = rows["event"] == "service", deliveries["upto"].iloc[0] - pd.DateOffset(years=1)
    early = rows["end_date"].lt(begins) | (service & rows["end_date"].eq(begins))
    alone = rows["end_date"] < deliveries["upto"].iloc[1] - pd.DateOffset(years=1)
    newest = ~service & (rows["end_date"] >= deliveries["upto"].iloc[-2])
    late = (rows["end_date"] > rows["death_date"]) | (service & rows["end_date"].isna())
    died = late & (rows["death_date"] <= deliveries["came"].iloc[-1])
    error = pd.Series(None, index=rows.index, dtype=object)
    error[died] = "ended_by_death"
    error[alone] = "in_the_first_submission_alone"
    error[newest] = "in_the_last_submission_alone"
    error[early] = "before_the_first_submission"
    error[rows["error"] == "end_not_sent"] = "end_not_sent"
    tables.key.rows("cld", "", pd.DataFrame({
        "row": None, "nhs_number": rows["true_number"], "table": "social_care", "row_key": rows["row_key"], "error": error,
    }))  # fmt: skip
    tables.key.rows("cld", "", pd.DataFrame({
        "row": None, "nhs_number": rows["true_number"], "table": "person", "row_key": None,
        "error": pd.Series("traced", index=rows.index, dtype=object).where(~rows["matched"] & rows["traced"].notna(), None),
    }).drop_duplicates())  # fmt: skip


def _words(tables: Tables, query: str) -> pd.DataFrame:
    """Words on how people live, in the order in which they came to be so."""
    found = tables.sql(query).to_pandas()
    for name in ("event_date", "end_date", "known_at"):
        found[name] = pd.to_datetime(found[name])
    return found.sort_values(["event_date", "known_at"], kind="stable")


def _word_of(person: pd.Series, words: pd.DataFrame, came: pd.Timestamp, upto: pd.Timestamp) -> pd.Series:
    """What is known of each on a day to be so at the end of the period; Unknown where nothing is."""
    so = (words["known_at"] < came) & (words["event_date"] < upto) & ~(words["end_date"] <= upto)
    return person.map(words[so].groupby("person")["word"].last().astype(object)).astype(object).fillna("Unknown")


def _wrong(rows: pd.DataFrame) -> pd.DataFrame:
    """As first sent: another outcome, or twice the hours."""
    outcome = (
        rows["outcome"].map({"services": "nfa"}).fillna("services").where(rows["event"] != "service", rows["outcome"])
    )
    return rows.assign(outcome=outcome, units_a_week=rows["units_a_week"] * 2)


def _sent(events: pd.DataFrame, came: pd.Timestamp, upto: pd.Timestamp, first: bool) -> pd.DataFrame:
    """What the submission of a day holds: what was completed in its twelve months, and services that went on in them."""
    begins = upto - pd.DateOffset(years=1)
    known = (events["came"] <= came) & ~(events["until"] <= came) & (events["event_date"] < upto)
    service = events["event"] == "service"
    ends = events["end_date"]
    completed = ~service & (ends >= begins) & (ends < upto)
    going_on = service & (ends.isna() | (ends > begins)) & (events["error"] != "end_not_sent")
    return events[known & (completed | going_on)]


def _file(
    tables: Tables, path: Path, rows: pd.DataFrame, upto: pd.Timestamp, first_release: bool,
    living: Mapping[str, pd.DataFrame], rng: np.random.Generator,
) -> None:  # fmt: skip
    n = len(rows)
    came = pd.Timestamp(path.stem.rsplit("_", 1)[1])
    service = rows["event"] == "service"
    last_day = (rows["end_date"] - pd.Timedelta(days=1)).where(service, rows["end_date"])
    last_day = last_day.where(last_day.isna() | (last_day >= rows["event_date"]), rows["event_date"])
    numbered = rows["matched"] | (rows["traced"] <= came)
    died = rows["death_date"].where(rows["death_date"] <= came)
    dates = "%d/%m/%Y" if first_release else "%Y-%m-%d"
    hours = rows["units_a_week"]
    columns: dict[str, Any] = {
        "LA_Code": [COUNCIL] * n,
        "Reporting_Period_Start_Date": [(upto - pd.DateOffset(years=1)).strftime(dates)] * n,
        "Reporting_Period_End_Date": [(upto - pd.Timedelta(days=1)).strftime(dates)] * n,
        "NHS_Number": rows["number"].where(numbered), "LA_Person_Unique_Identifier": rows["local_id"],
        "Date_of_Birth": pd.to_datetime(rows["birth_date"]).dt.strftime(dates), "Date_of_Death": died.dt.strftime(dates),
        "Gender": rows["sex"].map(_GENDER), "Postcode": rows["postcode"],
        **{name: _word_of(rows["person"], words, came, upto).replace(_DWELLING) for name, words in living.items()},
        "Client_Type": ["Service user"] * n, "Client_Funding_Status": ["Fully social care funded"] * n,
        "Event_Type": rows["event"].str.title(), "Event_Start_Date": rows["event_date"].dt.strftime(dates),
        "Event_End_Date": last_day.dt.strftime(dates), "Event_Outcome": rows["outcome"].map(_OUTCOME),
        "Service_Type": rows["service_type"].map(_SERVICE), "Service_Component": rows["component"].map(_COMPONENT),
        "Unit_Cost": ["22.50" if known else None for known in hours.notna()],
        "Cost_Frequency_Unit_Type": ["Hourly" if known else None for known in hours.notna()],
        "Planned_units_per_week": [None if value != value else f"{value:.6g}" for value in hours],
    }  # fmt: skip
    made = {}
    for name, values in columns.items():
        texts = [None if value is None or value != value else str(value) for value in values]
        if first_release:
            texts = [_FIRST.get(text, text) if text else text for text in texts]
        null = rng.random(n) < NULLS
        made[name] = arrow.array(["NULL" if text is None and said else text for text, said in zip(texts, null, strict=True)], arrow.string())  # fmt: skip
    csv.write_csv(arrow.table(made), path)
    tables.key.rows("cld", f"cld/{path.name}", pd.DataFrame({
        "row": np.arange(n) + 2, "nhs_number": rows["true_number"].to_numpy(), "table": "social_care",
        "row_key": rows["row_key"].to_numpy(), "error": rows["error"].to_numpy(),
    }))  # fmt: skip
