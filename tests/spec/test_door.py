"""What never enters the record, by named rules that the ledger counts: legally restricted codes and what gives them away,
people who were forgotten, people who object to every use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from features.errors import BadInput
from features.governance.restricted import CODED_COLUMNS, SETS, is_restricted, sets
from features.linkage.sealing import make_key
from features.record.tables import TABLES
from tests.extracts import Place, extract, nhs

GOOD = {"row_key": "G", "event_date": "2024-03-01"}

# table, what one row says: dropped whole
DROPPED: list[tuple[str, dict[str, Any]]] = [
    ("gp_event", {"code": "93461009"}),
    ("gp_event", {"code": "63487001"}),
    ("gp_event", {"code": "86406008"}),
    ("gp_event", {"code": "86406008", "event_date": "not a day"}),
    ("gp_event", {"code": " 86406008 "}),
    ("prescription", {"code": "0503010AA"}),
    ("prescription", {"code": "0605010F0AAAAAA"}),
    ("diagnosis", {"code": "B24X", "spell_key": "S1"}),
    ("diagnosis", {"code": "A51.3", "spell_key": "S1"}),
    ("diagnosis", {"code": "f640", "spell_key": "S1"}),
    ("outpatient", {"specialty": "360"}),
    # of each class, in each system that can tell of it
    ("gp_event", {"code": "29864006"}),  # acute gonococcal urethritis
    ("gp_event", {"code": "407379008"}),  # surgically transgendered
    ("gp_event", {"code": "265064001"}),  # intrauterine insemination
    ("diagnosis", {"code": "A74.9", "spell_key": "S1"}),
    ("diagnosis", {"code": "N980", "spell_key": "S1"}),
    ("diagnosis", {"code": "Z31.2", "spell_key": "S1"}),
    # proxies: antiretrovirals and drugs of ovarian stimulation as products, written as dm+d and as SNOMED CT; clinics
    ("prescription", {"system": "dmd", "code": "8991611000001104"}),
    ("prescription", {"system": "snomed", "code": "8991611000001104"}),
    ("prescription", {"system": "dmd", "code": "325766009"}),
    ("outpatient", {"specialty": "504"}),
]


@pytest.mark.parametrize(("table", "row"), DROPPED)
def test_a_row_that_says_nothing_else_is_dropped_and_leaves_no_trace(
    tmp_path: Path, table: str, row: dict[str, Any]
) -> None:
    """Read 2 = accepted 1 + quarantined 0 + dropped 1; the second person is given no person_id."""
    place = Place(tmp_path)
    rows = [{**GOOD, "spell_key": "S1"} if table == "diagnosis" else GOOD,
            {"row_key": "B", "event_date": "2024-03-02", "known_at": "2024-03-02", "nhs_number": nhs(2), **row}]  # fmt: skip
    entry = place.take(extract(tmp_path / "e", **{table: rows})).entries[1]
    assert (entry.read, entry.accepted, dict(entry.dropped)) == (2, 1, {"legally_restricted": 1})
    assert dict(entry.quarantined) == {}
    assert place.quarantined() == []
    with place.identity() as identity:
        assert identity.held.numbers()[0] == {person for (person,) in place.rows(table, "person_id")}


# table, what one row says, the column that is emptied; the row stays
EMPTIED: list[tuple[str, dict[str, Any], str]] = [
    ("death", {"cause": "B24"}, "cause"),
    ("spell", {"specialty": "360"}, "specialty"),
    ("ed_attendance", {"chief_complaint": "15628003"}, "chief_complaint"),
]


@pytest.mark.parametrize(("table", "row", "column"), EMPTIED)
def test_a_death_and_an_admission_stay_without_what_may_not_be_told(
    tmp_path: Path, table: str, row: dict[str, Any], column: str
) -> None:
    """Somebody who died of it is not to read as alive."""
    place = Place(tmp_path)
    entry = place.take(extract(tmp_path / "e", **{table: [{**GOOD, **row}]})).entries[1]
    assert (entry.accepted, dict(entry.dropped)) == (1, {})
    assert entry.noted["legally_restricted_field_left_empty"] == 1
    assert place.rows(table, column) == [(None,)]


def test_other_codes_pass(tmp_path: Path) -> None:
    """Hepatitis, hormones and gynaecology are not restricted."""
    assert not any(is_restricted(*code) for code in (("icd10", "B18.1"), ("bnf", "0604020K0"), ("specialty", "502")))
    place = Place(tmp_path)
    entry = place.take(extract(tmp_path / "e", gp_event=[GOOD])).entries[1]
    assert (entry.accepted, dict(entry.noted)) == (1, {})


def test_a_drug_in_dmd_is_known_by_its_bnf_code_where_the_area_maps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A product that no set lists: kept without the area's mapping, dropped with it. One mapped to another section stays."""
    product, other = {"system": "dmd", "code": "319740004"}, {"system": "dmd", "code": "319775004"}
    assert not is_restricted("dmd", product["code"])
    area = tmp_path / "area"
    area.mkdir()
    (area / "dmd_bnf.csv").write_text("code,bnf\n319740004,0503010AAAA\n319775004,0212000B0AA\n")
    monkeypatch.setenv("FRAILTY_CODELISTS", str(area))
    place = Place(tmp_path)
    entry = place.take(
        extract(tmp_path / "e", prescription=[{**GOOD, **product}, {**GOOD, "row_key": "O", **other}])
    ).entries[1]
    assert (entry.accepted, dict(entry.dropped)) == (1, {"legally_restricted": 1})
    assert place.rows("prescription", "code") == [("319775004",)]


@pytest.mark.parametrize("mapping", ["code\n319740004\n", "code,bnf\n319740005,0503010\n", "code,bnf\n319740004,\n"])
def test_a_mapping_that_is_none_stops_the_ingest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mapping: str) -> None:
    (tmp_path / "dmd_bnf.csv").write_text(mapping)
    monkeypatch.setenv("FRAILTY_CODELISTS", str(tmp_path))
    with pytest.raises(BadInput, match="dmd_bnf"):
        is_restricted("dmd", "319740004")


def test_every_class_is_known_in_every_system_that_can_tell_of_it() -> None:
    """Gender recognition has no drug of its own: hormones are given for other reasons to most people."""
    classes = {system: {held.categories[code] for held in sets(system) for code in held.codes} for system in SETS}
    every = {"sexually_transmitted", "assisted_conception", "gender_recognition"}
    assert classes["snomed"] == classes["dmd"] == classes["icd10"] == every
    assert classes["bnf"] == {"sexually_transmitted", "assisted_conception"}


def test_every_column_that_holds_a_code_is_looked_at() -> None:
    """A column is looked at if it is ``code`` beside ``system``, or is listed; the words of the schema say which hold codes."""
    for table in TABLES.values():
        for name, column in table.schema.columns.items():
            words = (column.description or "").lower()
            if any(of in words for of in ("snomed", "icd-10", "bnf", "specialty")) and name not in ("system", "code"):
                assert name in CODED_COLUMNS, f"{table.name}.{name}"
            if name == "code" and table.name != "feed":
                assert "system" in table.columns, table.name
    assert set(CODED_COLUMNS.values()) <= set(SETS)


OBJECTION = {"row_key": "O", "event_date": "2024-01-01", "kind": "type_1"}


def later(folder: Path, about: str = "real") -> Path:
    """A second extract about the same two people."""
    rows = [{"row_key": f"S{n}", "event_date": "2024-05-01", "nhs_number": nhs(n)} for n in (1, 2)]
    coded = [
        {"row_key": "W", "event_date": "2024-06-01", "code": "827261000000102"},
        {"row_key": "C", "event_date": "2024-06-01"},
    ]
    return extract(folder, about=about, spell=rows, gp_event=coded, objection=[{**OBJECTION, "known_at": "2024-02-01"}])


def test_of_somebody_who_objects_nothing_more_is_taken_in_but_what_they_say_of_it(tmp_path: Path) -> None:
    """Person 1 objects in the first extract. Of the second: their stay and one code are dropped, their withdrawal is heard."""
    place = Place(tmp_path)
    place.take(extract(tmp_path / "e1", about="real", objection=[OBJECTION], spell=[{**GOOD, "nhs_number": nhs(2)}]))
    entries = {entry.table: entry for entry in place.take(later(tmp_path / "e2")).entries}
    for table in ("spell", "gp_event"):
        assert (entries[table].accepted, dict(entries[table].dropped)) == (1, {"objects": 1})
    assert place.rows("gp_event", "code") == [("827261000000102",)]
    third = place.take(extract(tmp_path / "e3", about="real", spell=[{"row_key": "N", "event_date": "2024-07-01"}]))
    assert third.entries[1].accepted == 1, "the withdrawal was the latest word"


def test_simulated_people_who_object_are_taken_in_and_barred_later(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.take(
        extract(tmp_path / "e1", about="simulated", objection=[OBJECTION], spell=[{**GOOD, "nhs_number": nhs(2)}])
    )
    assert place.take(later(tmp_path / "e2", "simulated")).totals()["dropped"] == {"already_held": 3}


@pytest.mark.parametrize("rotated", [False, True])
def test_somebody_forgotten_does_not_come_back_under_any_of_their_names(tmp_path: Path, rotated: bool) -> None:
    """Person 1 had an NHS number and a local id; after a rotation of the key both are still known."""
    place = Place(tmp_path)
    place.take(
        extract(tmp_path / "e1", spell=[{**GOOD, "local_id": "L1"}, {**GOOD, "row_key": "H", "nhs_number": nhs(2)}])
    )
    with place.identity() as identity:
        people = sorted(person for (person,) in place.rows("spell", "person_id"))
        (mine,) = [person for person in people if len(identity.held.numbers()[1].get(person, ())) == 1]
        removed = identity.forgotten.forget([mine], keep_away=True)
        identity.commit()
        assert removed == {"person": 1, "token": 2}
        if rotated:
            identity.rotate(make_key())
    again = [{"row_key": "A", "event_date": "2024-08-01", "nhs_number": f" {nhs(1)[:3]} {nhs(1)[3:]}"},
             {"row_key": "B", "event_date": "not a day", "known_at": "2024-08-01"},
             {"row_key": "C", "event_date": "2024-08-01", "nhs_number": "", "local_id": "L1"},
             {"row_key": "D", "event_date": "2024-08-01", "nhs_number": nhs(2)}]  # fmt: skip
    entry = place.take(extract(tmp_path / "e2", spell=again)).entries[1]
    assert (entry.read, entry.accepted, dict(entry.dropped), dict(entry.quarantined)) == (4, 1, {"forgotten": 3}, {})


def test_a_quarantined_row_that_names_somebody_forgotten_goes_with_them(tmp_path: Path) -> None:
    place = Place(tmp_path)
    bad = {"event_date": "not a day", "known_at": "2024-03-01"}
    ledger = place.take(extract(tmp_path / "e1", spell=[{**GOOD, "full_name": "A B"}, {**bad, "row_key": "X"},
                                                        {**bad, "row_key": "Y", "nhs_number": nhs(2)}]))  # fmt: skip
    with place.identity() as identity:
        ((person,),) = place.rows("spell", "person_id")
        removed = identity.forgotten.forget([person], keep_away=False)
        identity.commit()
        assert removed == {"held_apart": 1, "original": 1, "person": 1, "token": 1}
        assert [original.row for original in identity.originals(ledger.batch)] == [4]
        assert identity.forgotten.forget([person], keep_away=False) == {}
