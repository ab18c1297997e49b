"""What is sensitive informs the score; a reason says its domain alone unless the reader's role allows more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from features.engine.language import Derived, Kind, Op, Predictor, facts
from features.governance.sensitive import of_code, of_predictor
from features.record.tables import PERSON_TABLES
from risk.drivers import Driver
from risk.permissions import sees_detail
from risk.reasons import Explainer
from risk.settings import Settings

DRINK = Predictor("alcohol_admissions_1y", Kind.COUNT, facts("diagnosis", codes="sensitive_icd10:substance_misuse"),
                  "mental health", "{n} admissions to do with alcohol or drugs in a year", within=365)  # fmt: skip
HARM = Predictor("self_harm_1y", Kind.ANY, facts("gp_event", codes="sensitive_snomed:self_harm"), "mental health",
                 "self-harm in the last year", within=365)  # fmt: skip
FALLS = Predictor(
    "falls_1y", Kind.COUNT, facts("diagnosis", codes="fall_icd10"), "falls", "{n} falls in a year", within=365
)
BROAD = Predictor("conditions", Kind.DISTINCT, facts("gp_event", codes="findings_snomed", distinct="code"), "frailty",
                  "{n} findings", within=365)  # fmt: skip
EITHER = Derived("either", Op.EITHER, (FALLS, HARM), "frailty", "a fall or self-harm")

# predictor, what it tells of
TOLD = [(DRINK, "substance_misuse"), (HARM, "self_harm"), (FALLS, None), (BROAD, None), (EITHER, "self_harm")]


@pytest.mark.parametrize(("predictor", "what"), TOLD)
def test_what_a_predictor_tells_of(predictor: Predictor | Derived, what: str | None) -> None:
    assert of_predictor(predictor) == what


@pytest.mark.parametrize(
    ("system", "code", "what"),
    [("icd10", "X61.2", "self_harm"), ("icd10", "Z65.1", "prison"), ("icd10", "I10X", None), ("snomed", "386702006", "abuse"),
     ("bnf", "0410010A0", "substance_misuse"), ("rxnorm", "161", None), ("snomed", "413191000000109", "mental_health_detention"),
     ("snomed", "276853009", "self_harm"), ("snomed", "75544000", "substance_misuse"), ("snomed", "879911000000102", "abuse"),
     ("snomed", "105568001", "prison"), ("snomed", "390790000", "asylum"), ("snomed", "766561000000109", "safeguarding"),
     ("dmd", "323342002", "substance_misuse"), ("snomed", "323342002", "substance_misuse"), ("dmd", "319740004", None)],
)  # fmt: skip
def test_what_a_code_tells_of(system: str, code: str, what: str | None) -> None:
    assert of_code(system, code) == what


def test_a_drug_in_dmd_is_sensitive_by_its_bnf_code_where_the_area_maps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dmd_bnf.csv").write_text("code,bnf\n319740004,0410030AA\n")
    monkeypatch.setenv("FRAILTY_CODELISTS", str(tmp_path))
    assert of_code("dmd", "319740004") == "substance_misuse"


def test_a_set_in_which_few_codes_are_sensitive_gives_nobody_away() -> None:
    """Of 19 codes of mild liver disease 5 are of drink: 26%, below a third."""
    liver = Predictor("liver_1y", Kind.ANY, facts("diagnosis", codes="charlson_icd10:mild_liver_disease"), "hospital use",
                      "liver disease", within=365)  # fmt: skip
    assert of_predictor(liver) is None
    assert of_code("icd10", "K70.3") == "substance_misuse"


@pytest.mark.parametrize("detail", [False, True])
def test_a_sensitive_reason_says_its_domain_alone_unless_the_role_allows_the_detail(detail: bool) -> None:
    """Contributions are the same either way: 1.0 + 0.5 - 2.0 = -0.5."""
    drivers = {one.name: Driver(one.name, one.title, one.domain, (one.name,)) for one in (DRINK, FALLS)}
    explained = Explainer([DRINK, FALLS], detail, belongs=drivers.__getitem__).explain(
        np.array([[1.0, 0.5, -2.0]]), np.array([[3, 2]], np.float32), np.array([2 ** len(PERSON_TABLES) - 1], np.uint64)
    )[0]
    drink, falls = explained["raises"]
    assert falls["says"] == "2 falls in a year"
    assert (drink["contribution"], drink["domain"], explained["raw"]) == (1.0, "mental health", -0.5)
    if detail:
        assert (drink["predictor"], drink["value"]) == ("alcohol_admissions_1y", 3.0)
        assert "alcohol" in drink["says"]
    else:
        assert (drink["predictor"], drink["value"]) == ("withheld", None)
        assert not any(word in str(drink) for word in ("alcohol", "drug", "3"))


def test_nobody_sees_the_detail_but_the_roles_that_the_area_names(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, environment="test")
    assert not sees_detail(settings, "gp")
    (tmp_path / "permissions.toml").write_text('controller = "an area"\nsensitive_detail_roles = ["gp"]\n')
    assert sees_detail(settings, "gp")
    assert not sees_detail(settings, "analyst")
    assert not sees_detail(settings, None)
