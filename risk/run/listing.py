"""What a run writes of each listed person: where on which section of which list, why, the reasons and the flags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pandas as pd

from risk import plans, sections
from risk.run import flags, scoring
from risk.scopes import Drawn

#: Why somebody is on the priority list.
LISTED = "among the {k:,} highest risks of {scored:,} people scored in {where}"
NEXT = "next by risk of {scored:,} people scored in {where}, in a place left by those listed in sections of their own"
APART = "{title}: a risk as high as the list's, listed apart"
COLUMNS = (
    "scheme", "practice", "rank", "person_id", "raw", "probability", "low", "high", "band", "age_band", "sex", "section", "home",
)  # fmt: skip


def entries(
    scores: pd.DataFrame,
    practices: pd.DataFrame,
    reasons: Mapping[int, dict[str, Any]],
    shown: Mapping[int, dict[str, flags.Flag]],
    inside: tuple[str, ...] = (),
) -> Iterator[dict[str, Any]]:
    """The rows of the lists, by practice and rank. ``home`` is a number within the practice; of whoever has a plan no reason is one that a
    team acts on."""
    size = {(row.practice_scheme, row.practice): (row.k, row.scored) for row in practices.itertuples()}
    listed = scores[scores["listed"]].sort_values(["scheme", "practice", "rank"])
    yield from _rows(listed, size, "the practice", reasons, shown, inside)


def of_scope(
    drawn: Drawn,
    reasons: Mapping[int, dict[str, Any]],
    shown: Mapping[int, dict[str, flags.Flag]],
    inside: tuple[str, ...] = (),
    where: str = "",
) -> Iterator[dict[str, Any]]:
    """The rows of a list wider than a practice, each under its person's own practice, by the list's rank."""
    people = drawn.people.rename(columns={"practice_scheme": "scheme"})
    size = dict.fromkeys(zip(people["scheme"], people["practice"], strict=True), (drawn.k, drawn.scored))
    yield from _rows(people, size, where or f"the practices of {drawn.scope.name}", reasons, shown, inside)


def _rows(
    listed: pd.DataFrame,
    size: Mapping[Any, Any],
    where: str,
    reasons: Mapping[int, dict[str, Any]],
    shown: Mapping[int, dict[str, flags.Flag]],
    inside: tuple[str, ...],
) -> Iterator[dict[str, Any]]:
    listed = listed.assign(home=sections.numbered(listed))
    for row in scoring.records(listed[list(COLUMNS)]):
        k, scored = size[row["scheme"], row["practice"]]
        section, beside = row["section"] or None, shown[row["person_id"]]
        why = reasons[row["person_id"]]
        if section is not None and section not in inside:
            because = APART.format(title=sections.TITLES[section])
        else:
            because = (LISTED if row["rank"] <= k else NEXT).format(k=k, scored=scored, where=where)
        yield {
            **row,
            "section": section,
            "home": None if pd.isna(row["home"]) else int(row["home"]),
            "reason": because,
            "reasons": orjson.dumps(plans.giving_way(why) if plans.followed(beside) else why),
            "flags": orjson.dumps(beside),
        }
