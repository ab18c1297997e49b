"""Lists, registers and scores as files: what is in them, who may have them, and what the audit says of each. On SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import base64
import csv
import hashlib
import io
import re
import zipfile
from typing import Any

import orjson
import pytest

from risk import clients
from risk.export.columns import EXPORTS
from risk.store.hiding import Told
from risk.store.tables import frailty_proposal, list_entry
from serving.exporting import Counts, Source
from tests.identities import NUMBERS, known
from tests.integration.test_lists_beside import THERE, cover, lists  # noqa: F401 (a fixture)
from tests.logged_in import cookie, directory, post
from tests.published import REASONS
from tests.service import TODAY, Service

HERE = "/v1/practices/A81001/exports"
TEAM, NETWORK, PLACE = "/v1/teams/north/exports", "/v1/networks/U12345/exports", "/v1/places/U12345/exports"
PAGE = "/pages/practices/A81001/exports"
OF = {"outcome": "deterioration", "criterion": "housebound"}
ON_SQLITE = pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
#: People of each kind in the installation of :mod:`tests.integration.test_lists_beside`, in the order of their rows.
PEOPLE = {"list": [101, 102], "outcome": [103, 101], "criterion": [102, 103], "hospital_at_home": [103, 101], "register": [101], "scores": [101, 102, 103]}  # fmt: skip


@pytest.fixture
def files(lists: Service) -> Service:  # noqa: F811
    """That installation, with somebody on the frailty register."""
    with lists.store.writing() as connection:
        row = {"run": 1, "person_id": 101, "scheme": "ods", "practice": "A81001", "proposed": "moderate",
               "rests_on": [{"kind": "clinical_frailty_scale", "says": "Clinical Frailty Scale 6", "on": "2024-06-01", "category": "moderate", "decides": True}]}  # fmt: skip
        connection.execute(frailty_proposal.insert().values(**row))
    return lists


def body(what: str = "list", **more: Any) -> dict[str, Any]:
    return {"what": what, "format": "csv", **({"of": OF[what]} if what in OF else {}), **more}


def ask(files: Service, bearer: dict[str, str], path: str = HERE, **said: Any) -> Any:
    return files.http.post(path, headers=bearer, json=said if path != HERE else body(**said))


def cells(content: bytes) -> list[list[str]]:
    """The rows of a CSV or an Excel file, as whoever opens it reads them."""
    if not content.startswith(b"PK"):
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    found = []
    for row in re.findall(r"<row [^>]*>(.*?)</row>", sheet, re.DOTALL):
        held = {re.sub(r"\d", "", at): text or number for at, text, number in re.findall(r'<c r="([A-Z]+\d+)"[^>]*>(?:<is><t[^>]*>(.*?)</t></is>|<v>(.*?)</v>)</c>', row, re.DOTALL)}  # fmt: skip
        found.append([held.get(chr(ord("A") + place), "") for place in range(ord(max(held)) - ord("A") + 1)])
    return found


def people(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    head, *rows = cells(answer.content)
    return [dict(zip(head, row, strict=False)) for row in rows if not row[0].startswith("# ")]


def watermark(answer: Any) -> dict[str, str]:
    return {row[0][2:]: row[1] for row in cells(answer.content) if row[0].startswith("# ")}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_each_kind_whole_with_its_watermark_and_its_hash_in_the_audit(files: Service, form: str) -> None:
    """Harm: a file lies on a desk that nobody can tell from another, of which nobody knows who took it, or that lost somebody on the way."""
    made = files.client()
    bearer, pseudonym = files.bearer(made), None
    for what, whom in PEOPLE.items():
        got = ask(files, bearer, what=what, format=form)
        rows, marked = people(got), watermark(got)
        assert len(rows) == len(whom), what
        row = files.audited("export")[-1]
        detail = orjson.loads(row["detail"])
        digest = hashlib.sha256(got.content).digest()
        assert (detail["sha256"], detail["bytes"], orjson.loads(row["people"])) == (
            digest.hex(),
            len(got.content),
            whom,
        )
        assert got.headers["content-digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
        assert (detail["drawn"], detail["rows"], detail["withheld"], detail["not_permitted"]) == (
            len(whom),
            len(whom),
            0,
            0,
        )
        assert (row["actor"], row["organisation"], row["run"], detail["what"], detail["format"]) == (
            made["client_id"],
            "A81001",
            1,
            what,
            form,
        )
        assert (marked["exported by"], marked["run"], marked["valid until"], marked["data as at"]) == (
            made["client_id"],
            "1",
            "2024-12-14",
            "2024-11-28",
        )
        assert marked["not for"] == "not for placement, funding, resuscitation or discharge decisions"
        assert marked["people"] == f"{len(whom)} drawn = {len(whom)} rows + 0 not shown any more + 0 not permitted"
        assert ("model" in marked) == (what != "register"), "no model has part in the register"
        name = got.headers["content-disposition"]
        assert ("frail" in name) == (what == "register"), name
        assert name.endswith(f'-A81001-run-1.{form}"')
        pseudonym = rows[0]["person"] if what == "list" else pseudonym
    assert pseudonym == files.http.get("/v1/practices/A81001/list", headers=bearer).json()["people"][0]["person"]
    assert [path.name for path in (files.settings.home / "exporting").iterdir()] == [], "nothing is left on the disk"


def test_what_the_rows_say(files: Service) -> None:
    """Harm: a file says more of somebody than the list: a day, a place, a code."""
    bearer = files.bearer(files.client())
    first = people(ask(files, bearer))[0]
    assert [first[name] for name in ("rank", "practice", "age_band", "band", "probability", "run", "valid_until")] == [
        "1", "A81001", "85-89", "high", "0.61", "1", "2024-12-14"]  # fmt: skip
    assert first["reasons"] == "3 emergency admissions in the last year"
    assert people(ask(files, bearer, what="criterion"))[0]["because"] == "recorded as housebound"
    assert people(ask(files, bearer, what="hospital_at_home"))[0]["since"] == "2024-11", "a month, and no day"
    on_it = people(ask(files, bearer, what="register"))[0]
    assert (on_it["proposed"], on_it["rests_on"], on_it["category"]) == ("moderate", "Clinical Frailty Scale 6", "")
    for what in EXPORTS:
        text = "\n".join(",".join(row) for row in cells(ask(files, bearer, what=what).content))
        assert not re.search(r"\b\d{6,18}\b", text), "no code of a diagnosis is long digits here"
    few = ask(files, bearer, columns=["probability", "rank", "marking"])
    assert cells(few.content)[:2] == [["probability", "rank", "marking"], ["0.61", "1", "simulated data: a made-up area of 5 people"]]  # fmt: skip


def test_lists_over_several_practices(files: Service) -> None:
    """Harm: a team goes on taking away people of a practice that it covers no longer."""
    bearer = files.bearer(files.client())
    assert [row["practice"] for row in people(ask(files, bearer, TEAM, format="csv"))] == ["A81001", "A81002", "A81001"]
    assert len(people(ask(files, bearer, NETWORK, format="xlsx"))) == 4
    assert ask(files, bearer, PLACE, format="csv").status_code == 404, "there is no such place"
    team = files.bearer(clients.add(files.store, "a team's tool", (), TODAY, teams=("north",)))
    cover(files, THERE, TODAY)
    got = ask(files, team, TEAM, format="csv")
    assert [row["practice"] for row in people(got)] == ["A81001", "A81001"]
    assert watermark(got)["people"] == "3 drawn = 2 rows + 0 not shown any more + 1 not permitted"
    assert ask(files, team, TEAM, format="csv", columns=["nhs_number"]).status_code == 403, "and never who they are"


def test_another_practice_and_fewer_scopes_have_nothing(files: Service) -> None:
    """Harm: a practice takes away another's people; a reader of lists takes away everybody's scores."""
    elsewhere = files.bearer(files.client("A81002"))
    for what in EXPORTS:
        assert ask(files, elsewhere, what=what).status_code == 404
        assert files.audited("export")[-1]["outcome"] == "refused"
    for path in (TEAM, NETWORK):
        assert ask(files, elsewhere, path, format="csv").status_code == 404, (
            "one of two practices is not the list's reader"
        )
    for what, export in EXPORTS.items():
        without = [scope for scope in clients.SCOPES if scope != export.scope]
        assert ask(files, files.bearer(files.client("A81001", scopes=without), without), what=what).status_code == 403
    assert "scores:read" not in (*clients.READING, *clients.THROUGH_A_TEAM)
    assert "persons:identify" not in (*clients.READING, *clients.THROUGH_A_TEAM)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_nobody_who_is_hidden_is_in_any_file(files: Service, form: str) -> None:
    """Harm: somebody who objected, or died, is in a file that goes from desk to desk."""
    made = files.client()
    bearer = files.bearer(made)
    before = {row["person"] for what in EXPORTS for row in people(ask(files, bearer, what=what, format=form)) if what != "register"}  # fmt: skip
    files.store.tell([Told(101, "objection", TODAY, "api", "a test")])
    after: dict[str, str] = {}
    for what, whom in PEOPLE.items():
        got = ask(files, bearer, what=what, format=form)
        left = [one for one in whom if one != 101]
        assert orjson.loads(files.audited("export")[-1]["people"]) == left
        assert watermark(got)["people"] == f"{len(whom)} drawn = {len(left)} rows + {len(whom) - len(left)} not shown any more + 0 not permitted"  # fmt: skip
        after |= {row["person"]: what for row in people(got)}
    assert (len(before), len(after)) == (3, 2)
    for path, many in ((TEAM, 2), (NETWORK, 3)):
        assert len(people(ask(files, bearer, path, format=form))) == many


def test_rows_that_do_not_add_up_are_not_given(files: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Harm: a fault loses somebody between the list and the file, and nobody notices."""
    from serving.routes import exports

    monkeypatch.setitem(exports.SOURCES, "list", lambda caller, run, practice, of: (iter(()), Counts(2, 1)))
    assert ask(files, files.bearer(files.client())).status_code == 503
    assert files.audited("export") == []
    assert Source.__dataclass_fields__["counts"], "a source has none without its counts"


@ON_SQLITE
@pytest.mark.parametrize("said", [{"columns": ["rank", "dob"]}, {"columns": ["rank", "rank"]}, {"columns": []}, {"columns": ["home_address"]}, {"columns": ["since"]},
                                  {"what": "scores", "columns": ["nhs_number"]}, {"what": "criterion", "of": None}, {"of": "housebound"}, {"format": "pdf"},
                                  {"what": "everything"}, {"run": 1}])  # fmt: skip
def test_what_there_is_not_is_refused_and_not_repeated(files: Service, said: dict[str, Any]) -> None:
    """Harm: a column that is spelled wrong is left out without a word; or one that there must not be is there."""
    got = ask(files, files.bearer(files.client("A81001")), **said)
    assert got.status_code == 422
    assert not {"dob", "home_address", "everything", "pdf"} & set(re.findall(r"\w+", got.text))
    if said.get("columns") and "what" not in said:
        assert {"rank", "person", "nhs_number", "valid_until"} <= set(got.json()["known"])
    assert files.audited("export") == []


@ON_SQLITE
def test_a_criterion_or_outcome_that_there_is_not(files: Service) -> None:
    bearer = files.bearer(files.client("A81001"))
    for what in OF:
        assert ask(files, bearer, what=what, of="never_heard_of").status_code == 404
        assert files.audited("export")[-1]["outcome"] == "refused"


def identified(files: Service) -> tuple[dict[str, str], dict[int, int]]:
    return files.bearer(files.client("A81001")), known(files)


NUMBERED: dict[str, Any] = {"columns": ["rank", "nhs_number"], "reason": "to ring the people on this week's list"}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_nhs_numbers_are_text_for_a_reason_and_a_row_a_person(files: Service, form: str) -> None:
    """Harm: numbers are rounded by a spreadsheet; or a file names people, and the audit does not say whom and why."""
    bearer, who = identified(files)
    got = ask(files, bearer, format=form, **NUMBERED)
    assert [row["nhs_number"] for row in people(got)] == ["999 123 4578", "999 123 4586"]
    rows = files.audited("person.identify")
    assert [row["person_id"] for row in rows] == [who[101], who[102]]
    texts = files.store.audit_texts()
    assert {texts[row["seq"]][0]["text"] for row in (*rows, files.audited("export")[-1])} == {NUMBERED["reason"]}
    said = "".join(str(row) for row in files.audited())
    assert not any(number in said for number in NUMBERS.values())


@ON_SQLITE
def test_nhs_numbers_take_the_right_to_them_at_the_practice_itself(files: Service) -> None:
    """Harm: a client of the whole area takes away everybody by NHS number; or somebody does without saying why."""
    bearer, _ = identified(files)
    every = files.bearer(files.client())
    without = [scope for scope in clients.SCOPES if scope != "persons:identify"]
    few = files.bearer(files.client("A81001", scopes=without), without)
    assert {ask(files, one, **NUMBERED).status_code for one in (every, few)} == {403}
    assert ask(files, bearer, columns=["nhs_number"]).status_code == 422, "no reason"
    assert ask(files, bearer, columns=["nhs_number"], reason="asked").status_code == 422, "none to speak of"
    assert files.audited("person.identify") == []
    assert "nhs_number" not in people(ask(files, bearer, reason=NUMBERED["reason"]))[0], "a reason alone names nobody"


@ON_SQLITE
def test_text_of_the_record_is_never_run(files: Service) -> None:
    """Harm: words in a record run on the machine of whoever opens the list."""
    says = ["=HYPERLINK(1)", "＝1+1", " @x"]
    for one in says:
        reasons = {**REASONS, "raises": [{**REASONS["raises"][0], "says": one}]}  # type: ignore[index]
        with files.store.writing() as connection:
            connection.execute(list_entry.update().where(list_entry.c.person_id == 101).values(reasons=orjson.dumps(reasons)))  # fmt: skip
        for form in ("csv", "xlsx"):
            assert people(ask(files, files.bearer(files.client()), format=form))[0]["reasons"] == "'" + one


@ON_SQLITE
def test_whoever_goes_away_leaves_no_file_and_a_true_audit(files: Service) -> None:
    """Harm: a file that nobody fetched lies on the server; or the audit says that somebody holds what never reached them."""
    bearer, sent = files.bearer(files.client()), []
    asked = orjson.dumps(body())
    scope = {"type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "POST", "path": HERE, "raw_path": HERE.encode(), "query_string": b"",
             "root_path": "", "scheme": "http", "server": ("testserver", 80), "client": ("127.0.0.1", 1),
             "headers": [(b"authorization", bearer["Authorization"].encode()), (b"content-type", b"application/json"), (b"content-length", str(len(asked)).encode())]}  # fmt: skip

    async def away() -> None:
        arrived: list[dict[str, Any]] = [{"type": "http.request", "body": asked, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return arrived.pop() if arrived else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message["type"])
            if message["type"] == "http.response.body":
                await asyncio.Event().wait()  # nobody takes it

        await files.http.app({**scope, "state": {}}, receive, send)

    asyncio.run(away())
    assert sent[0] == "http.response.start"
    made, cut = files.audited()[-2:]
    assert (made["action"], cut["action"], cut["outcome"], cut["people"]) == (
        "export",
        "export.cut_short",
        "failed",
        None,
    )
    assert orjson.loads(cut["detail"])["sha256"] == orjson.loads(made["detail"])["sha256"]
    assert list((files.settings.home / "exporting").iterdir()) == []


@ON_SQLITE
def test_what_a_killed_process_left_goes_with_the_next_file(files: Service) -> None:
    """Harm: half a file of people's risks lies on the disk for good."""
    over, bearer = files.settings.home / "exporting", files.bearer(files.client())
    assert ask(files, bearer).status_code == 200
    for name in ("999999999-left", "nobody-s"):
        (over / name).mkdir(mode=0o700)
        (over / name / "sheet").write_text("rank")
    assert len(people(ask(files, bearer, format="xlsx"))) == 2
    assert list(over.iterdir()) == []
    assert over.stat().st_mode & 0o077 == 0


@ON_SQLITE
def test_more_at_once_than_the_machine_makes_are_told_to_wait(files: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Harm: a few who export stop everybody who looks somebody up."""
    from serving import exporting

    assert exporting._TURNS.acquire(blocking=False)
    assert exporting._TURNS.acquire(blocking=False)
    bearer = files.bearer(files.client())
    try:
        got = ask(files, bearer)
        assert (got.status_code, got.headers["retry-after"]) == (429, "1")
    finally:
        exporting._TURNS.release(2)
    assert ask(files, bearer).status_code == 200


@ON_SQLITE
def test_the_list_page_gives_its_list_to_those_who_may_take_it(files: Service) -> None:
    """Harm: whoever reads a list takes it away; or another site's form does for them."""
    who = known(files)
    directory(files)
    gp = cookie(files, "gp")
    page = files.http.get("/pages/practices/A81001/list", headers=gp).text
    assert "Download: Excel, CSV" in page
    assert 'name="numbers"' in page
    for form in ("csv", "xlsx"):
        got = post(files, gp, PAGE, format=form)
        assert [row["rank"] for row in people(got)] == ["1", "2"]
        assert watermark(got)["exported by"] == "gp (gp of ods A81001)"
        assert "attachment" in got.headers["content-disposition"]
        assert got.headers["cache-control"] == "no-store"
    named = post(files, gp, PAGE, format="csv", numbers="yes", reason=NUMBERED["reason"])
    assert [row["nhs_number"] for row in people(named)] == ["999 123 4578", "999 123 4586"]
    assert [row["person_id"] for row in files.audited("person.identify")] == [who[101], who[102]]
    assert post(files, gp, PAGE, format="csv", numbers="yes").status_code == 422
    assert post(files, gp, PAGE, format="pdf").status_code == 404
    refused = files.http.post(PAGE, headers=gp, data={"format": "csv"}, follow_redirects=False)
    assert refused.status_code == 403, "no token of the session's"
    matron = cookie(files, "matron")
    assert 'name="numbers"' not in files.http.get("/pages/practices/A81001/list", headers=matron).text
    assert post(files, matron, PAGE, format="csv").status_code == 200
    assert post(files, matron, PAGE, format="csv", numbers="yes", reason=NUMBERED["reason"]).status_code == 403
    social = cookie(files, "social")
    assert "Download: Excel, CSV" not in files.http.get("/pages/practices/A81001/list", headers=social).text
    assert {post(files, cookie(files, one), PAGE, format="csv").status_code for one in ("social", "analyst", "governance")} == {403}  # fmt: skip
    assert post(files, cookie(files, "other"), PAGE, format="csv").status_code == 404
