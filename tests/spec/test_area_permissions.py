"""What may be read of a record, by the area's own rules: bases with their review dates, and people's choices."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from features.errors import BadInput
from features.governance.choices import OPT_OUTS, STAGES, USES, Lifted, applying, table
from features.governance.objecting import objecting
from features.governance.permissions import AreaPermissions, NoRules, of_record
from features.governance.rules import INVENTED, AreaRules, Basis, load
from features.record.permission import FeedInfo, Purpose
from features.record.reader import Record
from tests.records import Row, feeds, record

TODAY = date(2024, 12, 2)
BASIS = {"legal_basis": "section 251", "decision": "IG 12", "dpia": "D-4", "review": date(2025, 1, 1), "dpia_review": date(2025, 1, 1)}  # fmt: skip
OBJECTS, WITHDRAWS = "827241000000103", "827261000000102"


def rules(*basis: Basis, **more: object) -> AreaRules:
    return AreaRules.model_validate({"controller": "an area", "basis": basis, **more})


def basis(**changed: object) -> Basis:
    return Basis.model_validate({"purposes": ["case_finding"], **BASIS, **changed})


def feed(table: str = "spell", source: str = "hes", purposes: tuple[str, ...] = ("*",)) -> FeedInfo:
    return FeedInfo(7, source, table, "RQ1", purposes)


# rules, feed, purpose, words of the refusal (None: read)
REFUSED: list[tuple[AreaRules, FeedInfo, Purpose, str | None]] = [
    (rules(), feed(), "case_finding", "give it no legal basis for case_finding"),
    (rules(basis()), feed(), "case_finding", None),
    (rules(basis()), feed(), "training", "give it no legal basis for training"),
    (rules(basis()), feed(purposes=("planning",)), "case_finding", "its sender permits planning"),
    (rules(basis(sources=["cld"])), feed(), "case_finding", "no legal basis"),
    (rules(basis(tables=["spell"])), feed(), "case_finding", None),
    (rules(basis(tables=["spell"])), feed("ed_attendance"), "case_finding", "no legal basis"),
    (rules(basis(organisations=["RQ2"])), feed(), "case_finding", "no legal basis"),
    (rules(basis(review=TODAY)), feed(), "case_finding", None),
    (rules(basis(review=date(2024, 12, 1))), feed(), "case_finding", "IG 12 was to be reviewed by 2024-12-01"),
    (rules(basis(dpia_review=date(2024, 12, 1))), feed(), "case_finding", "D-4 was to be reviewed by 2024-12-01"),
    (rules(basis(review=date(2024, 1, 1)), basis(decision="IG 13")), feed(), "case_finding", None),
    (INVENTED, feed(), "training", None),
]


@pytest.mark.parametrize(("held", "asked", "purpose", "why"), REFUSED)
def test_a_feed_is_read_on_a_basis_that_holds(
    held: AreaRules, asked: FeedInfo, purpose: Purpose, why: str | None
) -> None:
    refused = AreaPermissions(held, {}, TODAY).refuses_feed(asked, purpose)
    assert (refused is None) if why is None else why in str(refused)


def test_what_was_read_on_which_basis_is_told() -> None:
    permissions = AreaPermissions(rules(basis(review=date(2024, 12, 31))), {}, TODAY)
    permissions.refuses_feed(feed(), "case_finding")
    assert permissions.bases == {
        7: {"source": "hes", "table": "spell", "organisation": "RQ1", "legal_basis": "section 251", "decision": "IG 12",
            "dpia": "D-4", "review": "2024-12-31"}
    }  # fmt: skip


def test_the_shipped_table_applies_everywhere() -> None:
    """Four opt-outs, four uses, four stages: deny by default."""
    cells = list(table((), TODAY))
    assert len(cells) == 4 * 4 * 4 == len(OPT_OUTS) * len(USES) * len(STAGES)
    assert all(cell.applies and not cell.decision for cell in cells)


def lifted(**changed: object) -> Lifted:
    return Lifted(**{"opt_out": "national", "use": "case_finding", "stage": "scoring", "decision": "CAG 1", "review": TODAY, **changed})  # type: ignore[arg-type]  # fmt: skip


def test_a_decision_lifts_its_own_cell_alone_and_only_until_its_review() -> None:
    off = [cell for cell in table([lifted()], TODAY) if not cell.applies]
    assert [(cell.opt_out, cell.use, cell.stage, cell.decision) for cell in off] == [
        ("national", "case_finding", "scoring", "CAG 1")
    ]
    assert all(cell.applies for cell in table([lifted()], date(2024, 12, 3)))


def test_no_decision_lifts_the_protection_of_a_restricted_record(tmp_path: Path) -> None:
    assert all(cell.applies for cell in table([lifted(opt_out="restricted")], TODAY))
    (tmp_path / "permissions.toml").write_text(
        'controller = "an area"\n[[does_not_apply]]\nopt_out = "restricted"\ndecision = "X"\nreview = 2030-01-01\n'
    )
    with pytest.raises(BadInput, match="lifted by no decision"):
        load(tmp_path / "permissions.toml")


def test_rows_are_kept_from_ingest_only_where_no_use_may_have_them() -> None:
    """Lifted for one use, they must come in for that one."""
    assert applying([lifted(stage="ingest")], TODAY, "ingest") == {"restricted", "type_1", "local"}
    assert applying([lifted()], TODAY, "ingest") == {"restricted", "type_1", "national", "local"}


def coded(code: str, day: str, person: int = 1) -> Row:
    return {"person_id": person, "code": code, "event_date": day}


# What the record says of person 1, and which objections are in force on 2 December 2024.
WHO: list[tuple[dict[str, list[Row]], set[str]]] = [
    ({}, set()),
    ({"gp_event": [coded(OBJECTS, "2020-01-01")]}, {"type_1"}),
    ({"gp_event": [coded(OBJECTS, "2020-01-01"), coded(WITHDRAWS, "2021-01-01")]}, set()),
    ({"gp_event": [coded(WITHDRAWS, "2020-01-01"), coded(OBJECTS, "2021-01-01")]}, {"type_1"}),
    ({"gp_event": [coded(OBJECTS, "2020-01-01"), coded(WITHDRAWS, "2020-01-01")]}, {"type_1"}),
    ({"gp_event": [{**coded(OBJECTS, "2020-01-01"), "known_until": "2022-01-01"}]}, set()),
    ({"objection": [{"event_date": "2020-01-01"}]}, {"type_1"}),
    ({"objection": [{"event_date": "2020-01-01", "end_date": "2024-12-02"}]}, set()),
    ({"objection": [{"event_date": "2020-01-01", "end_date": "2024-12-03"}]}, {"type_1"}),
    ({"objection": [{"event_date": "2020-01-01"}], "gp_event": [coded(WITHDRAWS, "2021-01-01")]}, set()),
    ({"objection": [{"event_date": "2020-01-01", "end_date": "2021-01-01"}], "gp_event": [coded(OBJECTS, "2022-01-01")]}, {"type_1"}),
    ({"objection": [{"event_date": "2020-01-01", "kind": "national"}], "gp_event": [coded(WITHDRAWS, "2021-01-01")]}, {"national"}),
    ({"objection": [{"event_date": "2019-01-01", "end_date": "2020-01-01", "kind": "local"},
                    {"event_date": "2021-01-01", "kind": "local"}]}, {"local"}),
]  # fmt: skip


@pytest.mark.parametrize(("said", "kinds"), WHO)
def test_the_latest_word_of_a_person_holds(tmp_path: Path, said: dict[str, list[Row]], kinds: set[str]) -> None:
    """Type 1: the latest of the objection and withdrawal codes wins; on one day the objection."""
    found = objecting(record(tmp_path / "r", **{"spell": [{"event_date": "2024-01-01"}], **said}), TODAY)
    assert {kind for kind, people in found.items() if people} == kinds


def test_an_objection_is_heard_though_its_feed_may_not_be_read(tmp_path: Path) -> None:
    """Person 1 objects by a code in the GP feed, which has no basis; their hospital stays, which have one, are not read."""
    path = record(
        tmp_path / "r",
        gp_event=[coded(OBJECTS, "2020-01-01")],
        spell=[{"person_id": person, "event_date": "2024-01-01"} for person in (1, 2)],
        feed=[*feeds("gp_event"), *feeds("spell"), *feeds("person", "registration")],
    )
    held = rules(basis(tables=["spell", "person", "registration"]))
    permissions = AreaPermissions(held, objecting(path, TODAY), TODAY)
    with Record(path, purpose="case_finding", permissions=permissions) as opened:
        assert [refusal.feed.table for refusal in opened.refused] == ["gp_event"]
        assert opened.connection.execute("SELECT person_id FROM spell").fetchall() == [(2,)]


def test_real_data_without_rules_is_not_read_and_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    path = record(tmp_path / "r", about="real", spell=[{"event_date": "2024-01-01"}])
    with pytest.raises(NoRules, match=r"holds real data .*`frailty permissions --example"):
        of_record(path, tmp_path / "permissions.toml", TODAY)
    simulated = record(tmp_path / "s", about="simulated", spell=[{"event_date": "2024-01-01"}])
    assert of_record(simulated, tmp_path / "permissions.toml", TODAY).rules is INVENTED


def test_a_file_of_rules_holds_for_simulated_data_too(tmp_path: Path) -> None:
    (tmp_path / "permissions.toml").write_text('controller = "an area"\n')
    path = record(tmp_path / "s", about="simulated", spell=[{"event_date": "2024-01-01"}])
    held = of_record(path, tmp_path / "permissions.toml", TODAY)
    assert held.refuses_feed(feed(), "case_finding") == "the area's rules give it no legal basis for case_finding"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("controller = ", "is not TOML"),
        ("", "controller"),
        ('controller = "a"\n[[basis]]\npurposes = ["gossip"]', "basis.0.purposes.0"),
        ('controller = "a"\nopt_outs = 3', "opt_outs"),
    ],
)
def test_rules_that_do_not_fit_are_refused_in_a_sentence(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "permissions.toml").write_text(text)
    with pytest.raises(BadInput, match=says):
        load(tmp_path / "permissions.toml")
