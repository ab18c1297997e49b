"""Links between people, followed: who a row is about at an index date, as then known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features import clocks, matrix
from features.cohort import cohort
from features.coverage import tables_of
from features.outcomes import label
from features.record import unconfirmed
from features.record.one_person import CONFIRMED, PROBABLE, SEPARATED, Said, periods
from features.record.permission import AllowAll, Purpose
from features.record.reader import Follow, Record
from risk.lists import draw
from tests.records import record

JAN, MAR, MAY, JUL, SEP = (f"2024-0{month}-01" for month in (1, 3, 5, 7, 9))


def said(one: int, other: int, known_at: str, same: bool = True, reason: str = "traced", until: str | None = None, p: float | None = None) -> Said:  # fmt: skip
    return Said((one, other), date.fromisoformat(known_at), until and date.fromisoformat(until), same, reason, p)


def read(found: Sequence[Any]) -> list[tuple[int, int, str, str]]:
    """(person, reads as, from, to), the time before every link left out."""
    rows = [(p.person_id, p.one, str(p.known_at), str(p.known_until or "-")) for p in found]
    return [row for row in rows if row[2] != "0001-01-01"]


# what was said, who is registered, and from when until when each reads as whom
CASES: list[tuple[str, list[Said], set[int], list[tuple[int, int, str, str]]]] = [
    ("one link", [said(1, 2, MAR)], set(), [(2, 1, MAR, "-")]),
    ("the registered person is the one", [said(1, 2, MAR)], {2}, [(1, 2, MAR, "-")]),
    ("taken back", [said(1, 2, MAR), said(1, 2, MAY, False)], set(), [(2, 1, MAR, MAY), (2, 2, MAY, "-")]),
    ("never one", [said(1, 2, MAR, False)], set(), []),
    ("a version that ended", [said(1, 2, MAR, until=MAY)], set(), [(2, 1, MAR, MAY), (2, 2, MAY, "-")]),
    ("the order of the pair does not matter", [said(1, 2, MAR), said(2, 1, MAY, False)], {1}, [(2, 1, MAR, MAY), (2, 2, MAY, "-")]),
    ("a person's word outlasts a machine's", [said(1, 2, MAR, reason=PROBABLE, p=0.9), said(1, 2, MAY, False, SEPARATED), said(1, 2, JUL)],
     set(), [(2, 1, MAR, MAY), (2, 2, MAY, "-")]),
    ("of two words of a day, two stand apart", [said(1, 2, MAR, True, CONFIRMED), said(1, 2, MAR, False, SEPARATED)], set(), []),
    ("linked through another", [said(1, 2, MAR), said(2, 3, MAY)], {1}, [(2, 1, MAR, "-"), (3, 1, MAY, "-")]),
    ("parted in the middle", [said(1, 2, MAR), said(2, 3, MAR), said(1, 2, MAY, False)], {1},
     [(2, 1, MAR, MAY), (2, 2, MAY, "-"), (3, 1, MAR, MAY), (3, 2, MAY, "-")]),
    ("a superseded number, superseded again", [said(3, 2, MAR), said(2, 1, JAN)], {3}, [(1, 2, JAN, MAR), (1, 3, MAR, "-"), (2, 3, MAR, "-")]),
]  # fmt: skip


@pytest.mark.parametrize(("case", "links", "registered", "expected"), CASES, ids=[case[0] for case in CASES])
def test_periods(case: str, links: list[Said], registered: set[int], expected: list[tuple[int, int, str, str]]) -> None:
    assert sorted(read(periods(links, registered))) == expected


def test_how_sure_a_link_is() -> None:
    """By the surest way: 0.9 x 0.8 through person 2, unless somebody says that 1 and 3 are one."""
    links = [said(1, 2, MAR, reason=PROBABLE, p=0.9), said(2, 3, MAR, reason=PROBABLE, p=0.8)]
    by_person = {p.person_id: p.probability for p in periods(links) if p.one != p.person_id}
    assert by_person == {2: 0.9, 3: pytest.approx(0.72)}
    confirmed = periods([*links, said(1, 3, MAY, True, CONFIRMED)])
    assert [(p.person_id, p.probability) for p in confirmed if p.known_until is None] == [(2, 0.9), (3, 1.0)]


def followed(folder: Path, **tables: Any) -> Path:
    """Person 1 is registered and has nothing else; person 2 is known to the council alone; linked on 1 March 2024."""
    told: dict[str, Any] = {
        "person": [{"birth_month": "1940-01-01"}, {"person_id": 2, "birth_month": "1990-01-01"}],
        "registration": [{}],
        "social_care": [{"person_id": 2, "event_date": JAN}],
        "person_link": [{"known_at": MAR}],
    }
    return record(folder, **{**told, **tables})


def services(held: Record, person: int, at: str) -> int:
    sql = f"SELECT count(*) FROM social_care s WHERE person_id = {person} AND {clocks.visible('s', f'DATE {at!r}')}"
    return int(held.connection.execute(sql).fetchall()[0][0])


# index date, services seen of person 1 and of person 2
SEEN = [("2024-02-01", 0, 1), (MAR, 0, 1), ("2024-03-02", 1, 0), ("2024-05-01", 1, 0), ("2024-05-02", 0, 1)]


def test_a_row_reads_as_whoever_it_was_then_known_to_be_about(tmp_path: Path) -> None:
    links = [{"known_at": MAR}, {"known_at": MAY, "same": False, "reason": SEPARATED}]
    with Record(followed(tmp_path / "r", person_link=links), purpose="case_finding") as held:
        assert [(at, services(held, 1, at), services(held, 2, at)) for at, *_ in SEEN] == SEEN


@pytest.mark.parametrize(("follow", "of_one"), [(None, 1), ("all", 1), ("confirmed", 0), ("none", 0)])
def test_which_links_are_followed(tmp_path: Path, follow: Follow | None, of_one: int) -> None:
    """What shows facts follows the confirmed links alone."""
    probable = followed(tmp_path / "r", person_link=[{"known_at": MAR, "reason": PROBABLE, "probability": 0.99}])
    with Record(probable, purpose="case_finding", follow=follow) as held:
        assert services(held, 1, MAY) == of_one


def test_a_person_is_described_by_their_own_row(tmp_path: Path) -> None:
    """The council has the wrong birth date: person 1 goes on being 84."""
    with Record(followed(tmp_path / "r"), purpose="case_finding") as held:
        assert cohort(held, [date(2024, 5, 1)]).frame["age"].tolist() == [84]


def test_predictors_of_two_dates_each_see_the_links_known_by_then(tmp_path: Path) -> None:
    spells = [{"person_id": 2, "event_date": "2024-01-10", "end_date": "2024-01-12", "admission_method": "21"}]
    with Record(followed(tmp_path / "r", spell=spells), purpose="case_finding") as held:
        people = cohort(held, [date(2024, 2, 1), date(2024, 4, 1)])
        built = matrix.build(held, people)
    assert people.frame["person_id"].tolist() == [1, 1]
    assert built.column("emergency_admissions_1y").tolist() == [0, 1]


def test_a_probable_link_moves_a_list(tmp_path: Path) -> None:
    """One place for three people: it goes to person 3, and from the day after the link to person 1."""
    spells = [{"person_id": person, "event_date": f"2024-01-{day}", "end_date": f"2024-01-{day}", "admission_method": "21"}
              for person, day in ((2, 10), (2, 20), (3, 10))]  # fmt: skip
    people: dict[str, Any] = {
        "person": [{"person_id": person} for person in (1, 2, 3, 4)],
        "registration": [{"person_id": person} for person in (1, 3, 4)],
        "person_link": [{"known_at": MAR, "reason": PROBABLE, "probability": 0.999}],
    }
    with Record(followed(tmp_path / "r", spell=spells, **people), purpose="case_finding") as held:
        assert [_first(held, at) for at in (date(2024, 2, 1), date(2024, 4, 1))] == [3, 1]


def _first(held: Record, at: date) -> int:
    people = cohort(held, [at])
    admissions = matrix.build(held, people).column("emergency_admissions_1y")
    scores = people.frame[["person_id", "practice_scheme", "practice"]].assign(raw=admissions.astype(float))
    drawn = draw(scores, 0.02, bytes(32))
    return int(scores["person_id"][drawn["listed"]].item())


def test_outcomes_are_told_by_all_that_is_known_now(tmp_path: Path) -> None:
    """The admission of August 2024 came under another number, found in 2025 to be theirs: it befell them all the same."""
    spells = [{"person_id": 2, "event_date": "2024-08-01", "end_date": "2024-08-03", "admission_method": "21"}]
    late = followed(tmp_path / "r", spell=spells, person_link=[{"known_at": "2025-06-01"}])
    with Record(late, purpose="training") as held:
        told = label(held, cohort(held, [date(2024, 4, 1)]), "unplanned_admission")
    assert told["y"].tolist() == [1]


def test_whoever_was_found_to_be_another_has_what_befell_them_there(tmp_path: Path) -> None:
    """Person 2 is registered under an old number until it is merged into person 1's; the admission came under the new one."""
    numbers: dict[str, Any] = {
        "registration": [{"person_id": 1, "event_date": "2024-06-01"}, {"person_id": 2, "end_date": "2024-06-01"}],
        "spell": [{"person_id": 1, "event_date": "2024-08-01", "end_date": "2024-08-03", "admission_method": "21"}],
        "person_link": [{"known_at": "2024-06-01", "reason": "superseded"}],
    }
    with Record(followed(tmp_path / "r", **numbers), purpose="training") as held:
        people = cohort(held, [date(2024, 4, 1)])
        told = label(held, people, "unplanned_admission")
    assert (people.frame["person_id"].tolist(), told["y"].tolist()) == ([2], [1])


def test_an_objection_of_either_is_an_objection(tmp_path: Path) -> None:
    objected = followed(tmp_path / "r", objection=[{"person_id": 2, "event_date": JAN}])
    with Record(objected, purpose="case_finding") as held:
        out = [cohort(held, [at]).left_out["reason"].tolist() for at in (date(2024, 2, 1), date(2024, 4, 1))]
    assert out == [["not_registered"], ["objection_type_1"]]


class BarsTwo(AllowAll):
    def barred_people(self, purpose: Purpose) -> Sequence[int]:
        return [2]


def test_a_bar_on_one_number_bars_the_person(tmp_path: Path) -> None:
    with Record(followed(tmp_path / "r"), purpose="case_finding", permissions=BarsTwo()) as held:
        assert held.connection.execute("SELECT count(*) FROM person").fetchall() == [(0,)]
        assert held.connection.execute("SELECT id FROM barred_person ORDER BY 1").fetchall() == [(1,), (2,)]


def test_ingest_sees_rows_as_they_are_held(tmp_path: Path) -> None:
    with Record(followed(tmp_path / "r"), purpose="ingest") as held:
        assert held.connection.execute("SELECT DISTINCT person_id FROM social_care").fetchall() == [(2,)]


def test_a_record_without_links_is_read_as_it_is(tmp_path: Path) -> None:
    with Record(followed(tmp_path / "r", person_link=[]), purpose="case_finding") as held:
        (sql,) = held.connection.execute("SELECT sql FROM duckdb_views() WHERE view_name = 'social_care'").fetchall()
        assert "same_person" not in sql[0]
        assert isinstance(cohort(held, [date(2024, 5, 1)]).frame, pd.DataFrame)


# index date, confirmed or not, and what is said of person 1: probability that all is theirs, tables that rest on it
SURE = [("2024-02-01", False, 1.0, ()), (MAY, False, 0.99, ("person", "social_care")), (MAY, True, 1.0, ())]


@pytest.mark.parametrize(("at", "confirmed", "identity", "tables"), SURE)
def test_what_rests_on_a_probable_link(
    tmp_path: Path, at: str, confirmed: bool, identity: float, tables: tuple[str, ...]
) -> None:
    links = [{"known_at": MAR, "reason": PROBABLE, "probability": 0.99}]
    links += [{"known_at": MAR, "reason": CONFIRMED}] if confirmed else []
    with Record(followed(tmp_path / "r", person_link=links), purpose="case_finding") as held:
        found = unconfirmed.beside(held, date.fromisoformat(at), pd.Series([1, 7], index=[4, 5]))
    assert found.index.tolist() == [4, 5]
    assert found["identity"].tolist() == [identity, 1.0]
    assert [set(tables_of(mask)) for mask in found["unconfirmed"]] == [set(tables), set()]
