"""Every row of an extract is accepted, quarantined with a reason, or dropped by a named rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from features.record import ledger as kept
from features.record.ingest import OtherIdentityStore, OtherKindOfData
from features.record.ledger import Entry, Ledger, RowsUnaccountedFor
from features.record.manifest import load
from tests.extracts import Place, extract, feed, nhs

GOOD = {"row_key": "G", "event_date": "2024-03-01"}

# table, what one row says, the field at fault, the reason, what its value looks like
QUARANTINED: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("spell", {"event_date": "01/03/2024", "known_at": "2024-03-02"}, "event_date", "not_a_date", "text of 10 characters"),
    ("spell", {"event_date": "2024-02-30", "known_at": "2024-03-02"}, "event_date", "not_a_date", "text of 10 characters"),
    ("spell", {"event_date": "2024-12-02", "known_at": "2024-11-30"}, "event_date", "future_date", "text of 10 characters"),
    ("spell", {"event_date": "2024-11-30", "known_at": "2024-12-02"}, "known_at", "future_date", "text of 10 characters"),
    ("spell", {"event_date": "2024-03-01", "known_at": ""}, "known_at", "missing", "empty"),
    ("spell", {"event_date": "2024-03-01", "end_date": "2024-02-28"}, "end_date", "end_before_start", "text of 10 characters"),
    ("spell", {"event_date": "2024-03-01", "known_until": "2024-02-28"}, "known_until", "known_until_before_known_at",
     "text of 10 characters"),
    ("spell", {"event_date": "2024-03-01", "admission_method": "77"}, "admission_method", "not_allowed", "2 digits"),
    ("spell", {"event_date": "2024-03-01", "specialty": "30"}, "specialty", "malformed", "2 digits"),
    ("spell", {"event_date": "2024-03-01", "nhs_number": ""}, "nhs_number", "no_identifier", "empty"),
    ("spell", {"event_date": "2024-03-01", "nhs_number": "9990000000"}, "nhs_number", "malformed_nhs_number", "10 digits"),
    ("spell", {"event_date": "2024-03-01", "feed": "elsewhere"}, "feed", "unknown_feed", "9 letters"),
    ("spell", {"event_date": "2024-03-01", "feed": ""}, "feed", "missing", "empty"),
    ("spell", {"event_date": "2024-03-01", "feed": "person"}, "feed", "other_feed", "6 letters"),
    ("diagnosis", {"event_date": "2024-03-01", "spell_key": "S1", "position": "100"}, "position", "out_of_range", "3 digits"),
    ("diagnosis", {"event_date": "2024-03-01", "spell_key": "S1", "position": "1.5"}, "position", "not_a_whole_number",
     "text of 3 characters"),
    ("diagnosis", {"event_date": "2024-03-01", "spell_key": ""}, "spell_key", "missing", "empty"),
    ("diagnosis", {"event_date": "2024-03-01", "spell_key": "S1", "code": "nonsense"}, "code", "malformed_code", "8 letters"),
    ("gp_event", {"event_date": "2024-03-01", "code": "73211008"}, "code", "malformed_code", "8 digits"),
    ("gp_event", {"event_date": "2024-03-01", "system": "read2"}, "system", "not_allowed", "5 letters and digits"),
    ("gp_event", {"event_date": "2024-03-01", "value": "high"}, "value", "not_a_number", "4 letters"),
    ("person", {"known_at": "2024-03-01", "birth_month": "1950-01-15"}, "birth_month", "birth_month_not_first_of_month",
     "text of 10 characters"),
    ("carer", {"event_date": "2024-03-01", "has_carer": "perhaps"}, "has_carer", "not_a_flag", "7 letters"),
    ("registration", {"event_date": "2024-03-01", "practice": "b8"}, "practice", "malformed_code", "2 letters and digits"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "row", "field", "reason", "masked"), QUARANTINED)
def test_a_row_that_does_not_fit_is_quarantined_and_the_others_are_taken(
    tmp_path: Path, table: str, row: dict[str, Any], field: str, reason: str, masked: str
) -> None:
    place = Place(tmp_path)
    good = [{**GOOD, "row_key": f"G{i}", **({"spell_key": "S1"} if table == "diagnosis" else {})} for i in range(2)]
    if table == "person":
        good = [{"row_key": f"G{i}", "known_at": "2024-03-01", "nhs_number": nhs(i)} for i in (1, 2)]
    rows = [good[0], {"row_key": "B", **row}, good[1]]
    ledger = place.take(extract(tmp_path / "e", feeds=[feed(table), feed("person" if table != "person" else "death")], **{table: rows}))  # fmt: skip
    entry = ledger.entries[1]
    assert (entry.read, entry.accepted, dict(entry.quarantined), dict(entry.dropped)) == (3, 2, {reason: 1}, {})
    line = {"file": f"{table}.csv", "row": 3, "table": table, "field": field, "reason": reason, "masked": masked}
    assert line in place.quarantined()


def test_a_row_with_several_faults_has_a_line_each_and_counts_once(tmp_path: Path) -> None:
    place = Place(tmp_path)
    bad = {"event_date": "yesterday", "known_at": "2024-03-01", "admission_method": "77", "nhs_number": "123"}
    ledger = place.take(extract(tmp_path / "e", spell=[GOOD, bad]))
    assert ledger.totals()["quarantined"] == {"not_a_date": 1}
    assert [(line["row"], line["field"]) for line in place.quarantined()] == [(3, "event_date"), (3, "nhs_number"), (3, "admission_method")]  # fmt: skip


def test_a_malformed_nhs_number_beside_a_local_id_is_noted_and_the_local_id_decides(tmp_path: Path) -> None:
    place = Place(tmp_path)
    rows = [{**GOOD, "row_key": "A", "nhs_number": "123", "local_id": "L1"}, {**GOOD, "row_key": "B", "nhs_number": "", "local_id": "L1"}]  # fmt: skip
    ledger = place.take(extract(tmp_path / "e", spell=rows))
    assert ledger.totals()["noted"] == {"malformed_nhs_number_beside_local_id": 1}
    assert len(place.rows("spell", "person_id")) == 2
    assert len(set(place.rows("spell", "person_id"))) == 1


def test_an_nhs_number_may_be_written_with_spaces_or_hyphens(tmp_path: Path) -> None:
    place, number = Place(tmp_path), nhs(1)
    spaced, hyphened = f"{number[:3]} {number[3:6]} {number[6:]}", f"{number[:3]}-{number[3:6]}-{number[6:]}"
    rows = [{**GOOD, "row_key": str(i), "nhs_number": text} for i, text in enumerate((number, spaced, hyphened))]
    place.take(extract(tmp_path / "e", spell=rows))
    assert len(set(place.rows("spell", "person_id"))) == 1


def test_the_same_row_twice_in_a_file_is_dropped_once(tmp_path: Path) -> None:
    place = Place(tmp_path)
    keyed, keyless = GOOD, {"event_date": "2024-05-01"}
    ledger = place.take(extract(tmp_path / "e", spell=[keyed, keyless, keyed, keyless, keyless]))
    entry = ledger.entries[1]
    assert (entry.read, entry.accepted, dict(entry.dropped)) == (5, 2, {"duplicate_row": 3})


def test_two_current_regular_registrations_are_both_taken(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.take(extract(tmp_path / "e", registration=[{"practice": "B86022"}, {"practice": "A81001"}]))
    assert place.rows("registration", "practice known_until") == [("A81001", None), ("B86022", None)]


def test_the_same_extract_again_changes_nothing_and_says_so(tmp_path: Path) -> None:
    place, source = Place(tmp_path), extract(tmp_path / "e", spell=[GOOD])
    place.take(source)
    before = place.contents()
    again = place.take(source)
    assert again.unchanged
    assert place.contents() == before


def test_a_longer_extract_adds_only_what_is_new(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.take(extract(tmp_path / "e", spell=[GOOD]))
    longer = place.take(extract(tmp_path / "f", spell=[GOOD, {**GOOD, "row_key": "H"}]))
    entry = longer.entries[1]
    assert (entry.read, entry.accepted, dict(entry.dropped)) == (2, 1, {"already_held": 1})
    assert len(place.rows("spell", "row_id")) == 2


def test_csv_and_parquet_of_the_same_rows_give_the_same_record(tmp_path: Path) -> None:
    place = Place(tmp_path)
    rows = [GOOD, {"event_date": "2024-05-01", "end_date": "2024-05-04", "known_at": "2024-05-05"}]
    place.take(extract(tmp_path / "e", spell=rows))
    again = place.take(extract(tmp_path / "f", suffix="parquet", spell=rows))
    assert again.totals()["dropped"] == {"already_held": 3}  # two rows and their feed


def test_diagnoses_name_their_spell(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.take(extract(tmp_path / "e", spell=[GOOD], diagnosis=[{"event_date": "2024-03-01", "spell_key": "G"}]))
    assert place.rows("diagnosis", "spell_id") == place.rows("spell", "row_id")


def test_every_file_is_sorted_by_person(tmp_path: Path) -> None:
    import pyarrow.parquet as parquet

    place = Place(tmp_path)
    place.take(extract(tmp_path / "e", spell=[{**GOOD, "row_key": str(i), "nhs_number": nhs(i)} for i in range(40)]))
    (file,) = load(place.record).of("spell")
    people = parquet.read_table(place.record / file.path)["person_id"].to_pylist()
    assert len(people) == 40
    assert people == sorted(people)


def test_the_ledger_is_kept_with_the_record(tmp_path: Path) -> None:
    place = Place(tmp_path)
    ledger = place.take(extract(tmp_path / "e", spell=[GOOD, {**GOOD, "nhs_number": "1"}]))
    assert kept.read(place.record, load(place.record).batches) == [ledger.as_dict()]
    assert ledger.as_dict()["entries"][1] == {
        "file": "spell.csv", "table": "spell", "rule": "native", "read": 2, "accepted": 1,
        "quarantined": {"malformed_nhs_number": 1}, "dropped": {}, "noted": {},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "written"),
    [(Entry("f", "spell", "native", read=3, accepted=2), 2), (Entry("f", "spell", "native", read=2, accepted=2), 1)],
)
def test_rows_that_do_not_add_up_are_our_fault(entry: Entry, written: int) -> None:
    with pytest.raises(RowsUnaccountedFor) as refused:
        Ledger("b", entries=[entry]).check({"spell": written})
    assert refused.value.exit_code == 70


def test_a_delivery_ends_where_the_next_begins(tmp_path: Path) -> None:
    place = Place(tmp_path)
    first, second = feed("spell", known_at="2024-06-01", period_to="2024-06-01"), feed("spell")
    place.take(extract(tmp_path / "e", feeds=[first], spell=[GOOD]))
    place.take(extract(tmp_path / "f", feeds=[second], spell=[GOOD]))
    assert place.rows("feed", "known_at known_until period_to::VARCHAR") == [
        ("2024-06-01", "2024-12-01", "2024-06-01"),
        ("2024-12-01", None, "2024-12-01"),
    ]
    assert len(set(place.rows("feed", "feed_id"))) == 1


def test_a_later_delivery_moves_the_day_after_which_a_date_is_in_the_future(tmp_path: Path) -> None:
    place, late = Place(tmp_path), {"row_key": "L", "event_date": "2024-11-01"}
    ledger = place.take(extract(tmp_path / "e", feeds=[feed("spell", known_at="2024-06-01", period_to="2024-06-01")], spell=[GOOD, late]))  # fmt: skip
    assert ledger.totals()["quarantined"] == {"future_date": 1}
    assert place.take(extract(tmp_path / "f", spell=[GOOD, late])).totals()["quarantined"] == {}


def test_a_feed_row_that_does_not_fit_takes_its_rows_with_it(tmp_path: Path) -> None:
    place = Place(tmp_path)
    ledger = place.take(extract(tmp_path / "e", feeds=[feed("spell"), feed("death", table_name="deaths")], spell=[GOOD], death=[{"event_date": "2024-04-01"}]))  # fmt: skip
    assert [(entry.table, dict(entry.quarantined)) for entry in ledger.entries] == [
        ("feed", {"not_allowed": 1}), ("death", {"unknown_feed": 1}), ("spell", {})]  # fmt: skip


def test_a_record_keeps_to_its_identity_store_and_its_kind_of_data(tmp_path: Path) -> None:
    place, other = Place(tmp_path), Place(tmp_path / "other")
    place.take(extract(tmp_path / "e", spell=[GOOD]))
    other.record = place.record
    before = place.contents()
    with pytest.raises(OtherIdentityStore):
        other.take(extract(tmp_path / "f", spell=[{**GOOD, "row_key": "H"}]))
    with pytest.raises(OtherKindOfData, match="holds demonstration data and the extract is real"):
        place.take(extract(tmp_path / "g", about="real", spell=[{**GOOD, "row_key": "H"}]))
    assert place.contents() == before
