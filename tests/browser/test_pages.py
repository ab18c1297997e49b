"""The meeting's pages as people use them: in a real Chromium, at a desk and on a phone, by keyboard, and without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.pages import MEETING, Pages, faults, running

pytestmark = [pytest.mark.part("chromium"), pytest.mark.xdist_group("pages")]
HERE = "/pages/practices/A81001"
#: By who looks: each page, and words that stand on it.
LOOKED_AT: dict[str, tuple[tuple[str, str], ...]] = {
    "Dr A. Example": (
        ("/pages", "First to look at"),
        (f"{HERE}/list", "Two strongest reasons"),
        (f"{HERE}/list?view=folded", "Nobody is in this view"),
        (f"{HERE}/list?section=end_of_life", "follow the plan"),
        (f"{HERE}/meeting", "Meeting A81001: 1 of 30"),
        (f"{HERE}/minutes", "Nothing has been written today"),
        (f"{HERE}/changes", "0 joined"),
        (f"{HERE}/frailty-register", "Clinical Frailty Scale 6"),
        ("/pages/persons/nobody", "Nothing to see here"),
        ("/pages/figures", "Not for your role"),
    ),
    "D. Example": ((f"{HERE}/list", "Something recorded under hospital use"),),
    "E. Example": (("/pages", "does not reach the lists"), ("/pages/figures", "Practices in run 2"), ("/pages/runs", "Published before")),
    "F. Example": (("/pages/audit", "Who asked what"),),
}  # fmt: skip
#: Pages that are made as another one that axe looks at.
ALIKE = {
    ("Dr A. Example", f"{HERE}/list?view=folded"),
    ("Dr A. Example", "/pages/figures"),
    ("D. Example", f"{HERE}/list"),
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    with running(tmp_path_factory.mktemp("pages")) as held:
        yield held


def test_axe_finds_nothing_on_any_page(pages: Pages) -> None:
    """Harm: a clinician who reads by screen reader, keyboard or on a phone misses somebody. At both widths. The policy is lifted for axe's own script alone."""
    with pages.opened(None, bypass_csp=True) as page:
        for path, words in (
            ("/pages", "You are not logged in"),
            ("/pages/login", "Log in"),
            ("/pages/login/start", "Choose whom to be"),
        ):
            page.goto(pages.address + path)
            assert words in page.inner_text("main")
            assert not faults(page), path
    for who, looked_at in LOOKED_AT.items():
        with pages.opened(who, bypass_csp=True) as page:
            for path, words in looked_at:
                page.goto(pages.address + path)
                assert words in page.inner_text("main"), path
                assert (who, path) in ALIKE or not faults(page), path
            if who == "Dr A. Example":
                page.goto(f"{pages.address}{HERE}/list")
                page.get_by_role("link", name="Decide about").first.click()
                assert not faults(page, "#decide")
                page.locator("tbody a").first.click()
                assert "Rank 1 of those scored" in page.inner_text("main")
                assert not faults(page)
                page.goto(f"{pages.address}{HERE}/frailty-register")
                page.locator("tbody a").first.click()
                assert "the proposal rests on it" in page.inner_text("main")
                assert not faults(page)


def test_pages_are_small_and_ask_no_other_host(pages: Pages) -> None:
    """Of fifty people a page holds at most 150 KB beside what a browser keeps; everything is from here."""
    with pages.opened() as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for path in ("", "/practices/A81001/list", "/practices/A81001/meeting", "/practices/A81001/minutes"):
            answer = page.goto(f"{pages.address}/pages{path}")
            assert answer is not None
            assert len(answer.body()) <= 150_000, path
            policy = answer.headers["content-security-policy"]
            assert "'unsafe" not in policy
            assert "default-src 'none'" in policy
        assert {url.startswith(pages.address) for url in asked} == {True}


def test_what_must_be_said_stands_on_every_page(pages: Pages) -> None:
    """Harm: a list that was printed or left open is acted on weeks later, or for what it is not for."""
    with pages.opened() as page:
        for path in (
            "",
            "/practices/A81001/list",
            "/practices/A81001/meeting",
            "/practices/A81001/changes",
            "/practices/A81001/minutes",
        ):
            page.goto(f"{pages.address}/pages{path}")
            words = page.inner_text("body").lower()
            for said in ("run 2", "unplanned_admission_365 version 3", "data as at 28 november 2024", "valid until 14 december 2024",
                         "not for placement, funding, resuscitation or discharge decisions", "not a reason to withhold care"):  # fmt: skip
                assert said in words, (path, said)


def test_who_is_audited_before_they_read(pages: Pages) -> None:
    """Harm: nobody can tell the person, later, who looked at them."""
    with pages.opened("C. Example") as page:
        page.goto(f"{pages.address}{HERE}/list")
        page.locator("tbody a").first.click()
    rows = [row for row in pages.store.audit_rows() if row["actor"] == "matron"]
    assert {"session.begin", "page.landing", "page.list", "person.risk"} <= {row["action"] for row in rows}
    read = next(row for row in rows if row["action"] == "person.risk")
    assert (read["actor_kind"], read["role"], read["person_id"], read["organisation"]) == (
        "user",
        "matron",
        1000,
        "A81001",
    )


def test_a_list_is_read_and_decided_without_javascript(pages: Pages) -> None:
    """Harm: a locked-down machine in a practice shows an empty page."""
    with pages.opened(java_script_enabled=False) as page:
        page.goto(f"{pages.address}{HERE}/list")
        assert "30 places, by the area's share of those scored, 2%, rounded up. Equal scores" in page.inner_text("main")
        row = page.get_by_role("row").nth(MEETING)
        row.get_by_role("link", name="Decide").click()
        page.get_by_label("Known already").check()
        page.get_by_label("Reason").select_option("supported_already")
        page.get_by_role("button", name="Save the decision").click()
        assert "Saved." in page.inner_text("main")
        assert "Known already" in page.get_by_role("row").nth(MEETING).inner_text()
    (written,) = pages.store.entries([1000 + MEETING - 1], "A81001")[1000 + MEETING - 1]
    assert (written["by"], written["body"]["decision"]) == ("gp", "already_known")


def test_a_form_that_does_not_fit_says_so_and_writes_nothing(pages: Pages) -> None:
    with pages.opened() as page:
        page.goto(f"{pages.address}{HERE}/list?decide=")
        page.get_by_role("row").nth(MEETING - 1).get_by_role("link", name="Decide").click()
        page.get_by_role("radio", name="Defer").check()
        page.get_by_role("button", name="Save the decision").click()
        assert "must have a day to be looked at again" in page.inner_text("main")
    assert pages.store.entries([1000 + MEETING - 2], "A81001") == {}


def test_a_meeting_of_thirty_by_keyboard(pages: Pages) -> None:
    """A first person is decided within six key presses of the first page; then everybody, and the minutes have them all. Harm: a meeting that
    cannot keep up decides on paper, and nobody finds it again."""
    before = {rows[-1]["body"]["decision"] for rows in pages.store.entries(None, "A81001").values()}
    to_decide = MEETING - len(pages.store.entries(None, "A81001"))
    with pages.opened() as page:
        presses = 0
        for key, then in (("m", "/meeting"), ("a", "/meeting"), ("s", "saved=true")):
            page.keyboard.press(key)
            presses += 1
            page.wait_for_url(f"**{then}*")
        assert presses <= 6
        decided = 1
        while "still to decide" in page.inner_text("main") and decided < to_decide:
            said = page.inner_text("h1")
            page.keyboard.press("a")
            page.keyboard.press("s")
            decided += 1
            page.wait_for_function("said => document.querySelector('h1').innerText !== said", arg=said)
        page.keyboard.press("m")
        page.wait_for_url("**/minutes")
        assert page.get_by_role("row").count() == 1 + MEETING, "and whoever was decided before"
    written = pages.store.entries(None, "A81001")
    assert len(written) == MEETING
    assert {rows[-1]["body"]["decision"] for rows in written.values()} == {"accept"} | before


def test_keys_can_be_turned_off(pages: Pages) -> None:
    """WCAG 2.2, 2.1.4: whoever speaks to their machine presses keys that they did not mean."""
    with pages.opened() as page:
        page.get_by_role("button", name="Turn keys off").click()
        page.keyboard.press("m")
        assert page.url == f"{pages.address}/pages"
        page.get_by_role("button", name="Turn keys on").click()
        page.keyboard.press("m")
        page.wait_for_url("**/meeting")
