"""The frailty index, the Charlson index and the Hospital Frailty Risk Score: rows in, value out, on every path.

The index date is 1 March 2024; 730 days before it is 2 March 2022 (2024 is a leap year). Each case is a person of their own.
"""

from __future__ import annotations

import itertools
from datetime import date

import numpy as np
import pytest

from features.codelists import load
from features.predictors import named
from tests.engines import EACH, ENGINES, of_cases

T = date(2024, 3, 1)
#: A code of each deficit of the frailty index that codes make.
DEFICIT = {category: code for code, category in reversed(list(load("efi_snomed").categories.items()))}
HB, EGFR, TSH, DAY_SYSTOLIC = "1022431000000105", "1020291000000106", "1022791000000101", "314449000"


def gp(code, value=None, day="2015-01-01"):
    return ("gp_event", {"event_date": day, "code": code, "value": value})


def coded(code, day="2024-02-10", **more):
    return ("diagnosis", {"event_date": day, "code": code, **more})


def items(number, day="2024-02-10"):
    """So many different medicines."""
    return [("prescription", {"event_date": day, "code": f"02120{i:02d}B0AAAAAA"}) for i in range(number)]


def deficits(number):
    return [gp(code) for code in itertools.islice(DEFICIT.values(), number)]


MAN, WOMAN = ("person", {"sex": "male"}), ("person", {"sex": "female"})
CASES = [
    ("efi_deficits", [], 0),
    ("efi_deficits", deficits(35), 35),
    ("efi_deficits", deficits(35) + items(5), 36),
    ("efi_fraction", deficits(9), 9 / 36),
    *(("efi_band", deficits(number), band) for number, band in
      ((0, 0), (4, 0), (5, 1), (8, 1), (9, 2), (12, 2), (13, 3), (35, 3))),
    ("efi_band", deficits(12) + items(5), 3),  # polypharmacy is the thirteenth
    ("efi_polypharmacy", items(4), 0),
    ("efi_polypharmacy", items(5), 1),
    ("efi_polypharmacy", items(5, "2023-03-01"), 0),  # 366 days before
    ("efi_polypharmacy", items(1) * 9, 0),  # one medicine nine times
    ("efi_deficits", [gp(DEFICIT["diabetes"]), gp("44054006"), gp("46635009")], 1),  # three codes of one deficit
    ("efi_heart_failure", [gp("84114007", day="1985-01-01")], 1),  # ever
    ("efi_heart_failure", [gp("84114007", day="2024-03-01")], 0),  # on the index date
    # Value rules. Haemoglobin: below 130 g/L for men and 115 for women; 25 and less is in g/dL.
    *(("efi_anaemia", [who, gp(HB, value)], is_it) for who, value, is_it in (
        (MAN, 129.9, 1), (MAN, 130.0, 0), (WOMAN, 129.9, 0), (WOMAN, 114.0, 1), (WOMAN, 115.0, 0),
        (MAN, 12.9, 1), (MAN, 13.0, 0), (WOMAN, 11.6, 0), (WOMAN, 11.4, 1), (("person", {"sex": "unknown"}), 90.0, 0))),
    ("efi_anaemia", [MAN, gp(HB, None)], 0),  # a test without a result
    ("efi_chronic_kidney_disease", [gp(EGFR, 60.0)], 0),
    ("efi_chronic_kidney_disease", [gp(EGFR, 59.0), gp(EGFR, 75.0, "2023-01-01")], 1),  # once is enough
    ("efi_thyroid_disease", [gp(TSH, 0.36)], 0),
    ("efi_thyroid_disease", [gp(TSH, 0.35)], 1),
    ("efi_thyroid_disease", [gp(TSH, 5.5)], 0),
    ("efi_thyroid_disease", [gp(TSH, 5.6)], 1),
    ("efi_hypertension", [gp(DAY_SYSTOLIC, 135.0)], 0),
    ("efi_hypertension", [gp(DAY_SYSTOLIC, 136.0)], 1),
    ("efi_hypertension", [gp("72313002", 190.0)], 0),  # one reading is no average
    ("efi_activity_limitation", [gp("273302005", 18.0)], 1),
    ("efi_activity_limitation", [gp("273302005", 19.0)], 0),
    ("efi_deficits", [MAN, gp(HB, 120.0), gp("271737000")], 1),  # by value and by code: one deficit
    # Charlson. Of two grades of one thing the graver counts alone.
    ("charlson_index", [], 0),
    ("charlson_index", [coded("I219"), coded("I500")], 1 + 1),
    ("charlson_index", [coded("I500"), coded("I501", "2010-01-01")], 1),
    ("charlson_index", [coded("E119")], 1),
    ("charlson_index", [coded("E119"), coded("E112")], 2),
    ("charlson_diabetes", [coded("E119"), coded("E112")], 0),
    ("charlson_index", [coded("K703"), coded("I850")], 3),
    ("charlson_index", [coded("C509"), coded("C787")], 6),
    ("charlson_index", [coded("C509"), coded("G811"), coded("N189")], 2 + 2 + 2),
    ("charlson_index", [coded("C440")], 0),  # a cancer of the skin other than melanoma
    ("charlson_index", [coded("F03X", position=7)], 1),  # in any position, padded as SUS does
    ("charlson_band", [coded("E112"), coded("I500")], 2),
    # The Hospital Frailty Risk Score.
    ("hfrs_2y", [], 0),
    ("hfrs_2y", [coded("F009"), coded("W19X")], 7.1 + 3.2),
    ("hfrs_2y", [coded("F000"), coded("F001", "2023-01-01"), coded("F009", "2022-06-01")], 7.1),  # once a code
    ("hfrs_2y", [coded("W190", "2022-03-02"), coded("F009", "2022-03-01")], 3.2),  # the window's first day, and the day before
    ("hfrs_2y", [coded("F009", "2024-03-01")], 0),
    ("hfrs_2y", [coded("S060")], 2.4),
    ("hfrs_1y", [coded("F009", "2023-03-01"), coded("W190", "2023-03-02")], 3.2),
    ("hfrs_codes_2y", [coded("F000"), coded("F009"), coded("W190"), coded("C509")], 2),
    ("hfrs_band", [coded("W190"), coded("R540")], 1),  # 3.2 + 2.2 = 5.4
    ("hfrs_band", [coded("W190"), coded("Z751", "2023-01-01")], 1),  # 3.2 + 2.0 = 5.2
    ("hfrs_band", [coded("R310"), coded("F019")], 1),  # 3.0 + 2.0: five is intermediate
    ("hfrs_band", [coded("R310"), coded("H540")], 0),  # 3.0 + 1.9
    ("hfrs_band", [coded("F009"), coded("G819"), coded("R290")], 2),  # 7.1 + 4.4 + 3.6 = 15.1
    ("hfrs_band", [coded("F009"), coded("G309"), coded("B969"), coded("J690")], 1),  # 7.1 + 4.0 + 2.9 + 1.0: fifteen is not above it
]  # fmt: skip


@pytest.fixture(scope="module", params=EACH)
def values(request, tmp_path_factory):
    """Value of each case, by its place."""
    return of_cases(ENGINES[request.param], tmp_path_factory.mktemp("cases") / "record", CASES, T)


@pytest.mark.parametrize("case", range(len(CASES)), ids=[name for name, _, _ in CASES])
def test_a_published_score(values, case):
    assert values[case] == pytest.approx(np.float32(CASES[case][2]), rel=1e-6)


def test_the_index_has_its_36_deficits():
    total = named(["efi_deficits"])[0]
    assert len({part.name for part in total.parts}) == 36
