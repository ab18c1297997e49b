"""The Charlson index of hospital diagnoses: 17 categories, of which the graver of two grades alone counts.

Quan and others 2005 for the ICD-10 codes (10.1097/01.mlr.0000182534.19832.83); weights of Charlson and others 1987
(10.1016/0021-9681(87)90171-8). Diagnoses in any position, as far back as the hospital's record goes. HIV is in the index as published,
and no predictor of its own: nobody's list says it.
"""

from __future__ import annotations

from features.codelists import load
from features.engine.language import Declared, Derived, Kind, Op, Predictor, facts

DOMAIN = "hospital diagnoses"
SET = "charlson_icd10"
REFERENCE = "Charlson index: Quan and others 2005, 10.1097/01.mlr.0000182534.19832.83; weights of 1987, 10.1016/0021-9681(87)90171-8"
#: The lesser grade, which the graver one replaces.
GRAVER = {
    "mild_liver_disease": "severe_liver_disease",
    "diabetes": "diabetes_complicated",
    "cancer": "metastatic_cancer",
}
UNTOLD = ("hiv",)
SAID = {"diabetes": "diabetes without complications", "diabetes_complicated": "diabetes with complications",
        "hemiplegia": "hemiplegia or paraplegia", "cancer": "cancer that has not spread", "metastatic_cancer": "cancer that has spread",
        "severe_liver_disease": "moderate or severe liver disease"}  # fmt: skip


def _coded(category: str) -> Predictor:
    words = SAID.get(category, category.replace("_", " "))
    return Predictor(f"charlson_{category}", Kind.ANY, facts("diagnosis", codes=f"{SET}:{category}"), DOMAIN,
                     f"{words} coded in hospital", says_none=f"no {words} coded in hospital", reference=REFERENCE)  # fmt: skip


def _counted(category: str) -> Predictor | Derived:
    """The category, unless the graver grade takes its place."""
    coded = _coded(category)
    if category not in GRAVER:
        return coded
    graver = _coded(GRAVER[category])
    no_graver = Derived(f"no_{graver.name}", Op.NEITHER, (graver,), DOMAIN, graver.says_none, says_none=graver.says)
    return Derived(f"{coded.name}", Op.BOTH, (coded, no_graver), DOMAIN, coded.says, says_none=coded.says_none, reference=REFERENCE)  # fmt: skip


CATEGORIES = tuple(load(SET).points)
EACH = {category: _counted(category) for category in CATEGORIES}
INDEX = Derived("charlson_index", Op.SUM, tuple(EACH.values()), DOMAIN, "Charlson index of hospital diagnoses: {n}",
                weights=tuple(load(SET).points[category] for category in CATEGORIES),
                says_none="none of the Charlson index's diagnoses coded in hospital", reference=REFERENCE)  # fmt: skip

PREDICTORS: tuple[Declared, ...] = (
    INDEX,
    Derived("charlson_band", Op.BAND, (INDEX,), DOMAIN, "Charlson index in bands (1-2, 3-4, 5 or more): {n}", cuts=(1, 3, 5),
            says_none="Charlson index 0", reference=REFERENCE),
    *(predictor for category, predictor in EACH.items() if category not in UNTOLD),
)  # fmt: skip
