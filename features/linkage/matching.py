"""How likely two descriptions are of one person: a Fellegi-Sunter model of names, birth date, postcode and sex, by splink.

The model is trained on the very data it links: how often things agree by chance from pairs drawn at random, how often they agree
of one person by expectation maximisation, each time among pairs that agree on something else. Rare names and postcodes count
more than common ones. Nothing is random but by a fixed seed, and one thread does the work, so equal data give equal links.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as arrow

from features.errors import MissingPart, Refused

if TYPE_CHECKING:
    from splink import Linker

SEED = 20_251
#: Pairs drawn at random to see how often things agree by chance.
RANDOM_PAIRS = 3e6
#: Pairs less likely than this (match weight, in powers of two) are not looked at again.
FAINT = -4.0
#: Share of true pairs that the plainest rules find: what the number of pairs that are one person is guessed from.
PLAINLY_FOUND = 0.75

#: Fewest pairs that agree on birth date and both names, or birth date and postcode, for a model to be learned.
FEWEST = 50

#: What is compared, and what each level of agreement is called, the highest number first as splink counts them.
LEVELS: dict[str, tuple[str, ...]] = {
    "given_name": ("same", "swapped", "initial", "near", "alike", "differs"),
    "family_name": ("same", "swapped", "near", "alike", "differs"),
    "birth_date": ("same", "transposed", "a digit", "year and month", "differs"),
    "postcode": ("same", "sector", "district", "differs"),
    "sex": ("same", "differs"),
}
MISSING = "missing"
#: Columns of a table of descriptions: a number of its own, the person, and what is compared (texts or null).
DESCRIPTION = arrow.schema(
    [("unique_id", arrow.int64()), ("person_id", arrow.int64()), *((name, arrow.string()) for name in LEVELS)]
)


class TooFew(Refused):
    """There are too few people to learn a model from."""


@dataclass(frozen=True)
class Matched:
    """``pairs``: ``other_person_id`` (without an NHS number), ``person_id`` (with one), ``weight`` (log2 of the odds) and for
    each of :data:`LEVELS` its agreement in words; the best of each two people's descriptions, faint ones left out. ``charts``: splink's
    own, as whole HTML pages by title; they hold no value of anybody."""

    pairs: arrow.Table
    charts: dict[str, str]

    @classmethod
    def none(cls) -> Matched:
        """Nobody to compare."""
        keys = [("other_person_id", arrow.int64()), ("person_id", arrow.int64()), ("weight", arrow.float64())]
        return cls(arrow.schema([*keys, *((name, arrow.string()) for name in LEVELS)]).empty_table(), {})


def match(
    numbered: arrow.Table, loose: arrow.Table, spill: Path, *, memory: str = "1GB", charts: bool = False
) -> Matched:
    """Compare ``loose`` descriptions with ``numbered`` ones (both as :data:`DESCRIPTION`). ``spill`` is a folder of the identity
    store's own for what does not fit in memory. :class:`MissingPart` where splink is not installed,
    :class:`TooFew` where there are too few people to learn from."""
    with _quiet():
        try:
            from splink import Linker
            from splink.backends.duckdb import DuckDBAPI
        except ImportError as error:
            raise MissingPart("expected the package splink, which links by probability; run `make setup`") from error
        config: dict[str, Any] = {"memory_limit": memory, "temp_directory": str(spill), "threads": 1}
        with duckdb.connect(config=config) as connection:
            connection.register("numbered", numbered).register("loose", loose)
            named = _refuse_too_few(connection)
            connection.unregister("numbered").unregister("loose")
            api = DuckDBAPI(connection=connection)
            tables = [
                api.register(table, table_name=name) for name, table in (("numbered", numbered), ("loose", loose))
            ]
            linker = Linker(tables, _settings(), log_level=None)
            _train(linker, named)
            predicted = linker.inference.predict(threshold_match_weight=FAINT, warning_mode="never")
            pairs = connection.sql(_best(predicted.physical_name)).to_arrow_table()
            return Matched(pairs, _charts(linker, predicted) if charts else {})


def _refuse_too_few(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether there are pairs enough that agree in name and birth date; :class:`TooFew` where there are not even enough that
    agree in birth date and postcode."""
    named, placed = (
        connection.execute(f"SELECT count(*) FROM loose JOIN numbered USING (birth_date, {columns})").fetchall()[0][0]
        for columns in ("given_name, family_name", "postcode")
    )
    plain = max(named, placed)
    if plain < FEWEST:
        raise TooFew(
            f"expected {FEWEST} or more pairs that plainly agree to learn from, found {plain}; nobody was linked by "
            "probability: link when more people without an NHS number have come, with their names and birth dates"
        )
    return bool(named >= FEWEST)


def _settings() -> Any:
    """The model: what is compared and how, and which pairs are looked at."""
    import splink.comparison_level_library as level
    import splink.comparison_library as compare
    from splink import SettingsCreator, block_on

    def name(column: str, other: str, *between: Any) -> Any:
        swapped = f'"{column}_l" = "{other}_r" AND "{other}_l" = "{column}_r"'
        return compare.CustomComparison(
            [
                level.NullLevel(column),
                level.ExactMatchLevel(column, term_frequency_adjustments=True),
                level.CustomLevel(swapped, "Swapped with the other name"),
                *between,
                level.JaroWinklerLevel(column, 0.92),
                level.JaroWinklerLevel(column, 0.82),
                level.ElseLevel(),
            ],
            output_column_name=column,
        )

    initial = '(length("given_name_l") = 1 OR length("given_name_r") = 1) AND "given_name_l"[1] = "given_name_r"[1]'
    turned = (
        '"birth_date_l" = left("birth_date_r", 5) || right("birth_date_r", 2) || \'-\' || substr("birth_date_r", 6, 2)'
    )
    return SettingsCreator(
        link_type="link_only",
        comparisons=[
            name("given_name", "family_name", level.CustomLevel(initial, "Initial")),
            name("family_name", "given_name"),
            compare.CustomComparison(
                [
                    level.NullLevel("birth_date"),
                    level.ExactMatchLevel("birth_date"),
                    level.CustomLevel(turned, "Day and month transposed"),
                    level.DamerauLevenshteinLevel("birth_date", 1),
                    level.CustomLevel('left("birth_date_l", 7) = left("birth_date_r", 7)', "Year and month"),
                    level.ElseLevel(),
                ],
                output_column_name="birth_date",
            ),
            compare.CustomComparison(
                [
                    level.NullLevel("postcode"),
                    level.ExactMatchLevel("postcode", term_frequency_adjustments=True),
                    level.CustomLevel(f"{_but('postcode', 2, 'l')} = {_but('postcode', 2, 'r')}", "Sector"),
                    level.CustomLevel(f"{_but('postcode', 3, 'l')} = {_but('postcode', 3, 'r')}", "District"),
                    level.ElseLevel(),
                ],
                output_column_name="postcode",
            ),
            compare.ExactMatch("sex"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("birth_date"),
            block_on("given_name", "family_name"),
            block_on("family_name", "postcode"),
            block_on("given_name", "postcode"),
            block_on("substr(family_name, 1, 3)", "substr(birth_date, 1, 7)"),
            block_on("substr(given_name, 1, 3)", "substr(birth_date, 1, 7)"),
        ],
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=False,
        additional_columns_to_retain=["person_id"],
        max_iterations=25,
    )


def _but(column: str, letters: int, side: str) -> str:
    """A postcode without its last letters; postcodes are held without a space."""
    return f'"{column}_{side}"[:-{letters + 1}]'


def _train(linker: Linker, named: bool) -> None:
    """Without names there are fewer things to agree on while others are learned."""
    from splink import block_on

    plain: list[tuple[str, ...]] = [
        ("given_name", "family_name", "birth_date"),
        ("family_name", "birth_date", "postcode"),
        ("given_name", "birth_date", "postcode"),
    ]
    agreed: list[tuple[str, ...]] = [("birth_date", "sex"), ("given_name", "family_name"), ("postcode", "family_name")]
    if not named:
        plain, agreed = [("birth_date", "postcode")], [("birth_date",), ("postcode",)]
    learn = linker.training
    rules: list[Any] = [block_on(*columns) for columns in plain]
    learn.estimate_probability_two_random_records_match(rules, recall=PLAINLY_FOUND)
    learn.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED, min_count_per_level=None, num_chunks=1)
    for columns in agreed:
        learn.estimate_parameters_using_expectation_maximisation(
            block_on(*columns), estimate_without_term_frequencies=True
        )


def _best(predicted: str) -> str:
    """SQL: of all pairs of descriptions of two people, the likeliest."""
    words = ", ".join(_worded(column, levels) for column, levels in LEVELS.items())
    # splink puts the tables in the order of their names: `loose` is on the left.
    return f"""
        SELECT person_id_l AS other_person_id, person_id_r AS person_id, match_weight AS weight, {words}
        FROM {predicted}
        QUALIFY row_number() OVER (
            PARTITION BY person_id_l, person_id_r ORDER BY match_weight DESC, unique_id_l, unique_id_r) = 1
        ORDER BY other_person_id, weight DESC, person_id"""


def _worded(column: str, levels: tuple[str, ...]) -> str:
    cases = " ".join(f"WHEN {len(levels) - 1 - place} THEN '{word}'" for place, word in enumerate(levels))
    return f"CASE gamma_{column} {cases} ELSE '{MISSING}' END AS {column}"


def _charts(linker: Linker, predicted: Any) -> dict[str, str]:
    shown = linker.visualisations
    return {
        "How much each agreement weighs": shown.match_weights_chart().to_html(inline=True),
        "How often things agree of one person, and by chance": shown.m_u_parameters_chart().to_html(inline=True),
        "The weights of the pairs compared": shown.match_weights_histogram(predicted).to_html(inline=True),
    }


@contextmanager
def _quiet() -> Iterator[None]:
    """splink's log would show the SQL of its steps."""
    log = logging.getLogger("splink")
    before = log.level, log.propagate
    log.setLevel(logging.CRITICAL)
    log.propagate = False
    try:
        yield
    finally:
        log.setLevel(before[0])
        log.propagate = before[1]
