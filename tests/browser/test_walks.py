"""One walk through each page beside the meeting's: in a real Chromium, at a desk and on a phone, as whoever it is for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from risk.store.meeting import DECIDES
from serving.web.routes import lists
from tests.browser.pages import Pages, faults, running

pytestmark = [pytest.mark.part("chromium"), pytest.mark.xdist_group("pages")]
HERE = "/pages/practices/A81001"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    with running(tmp_path_factory.mktemp("walks")) as held:
        yield held


def test_a_letter_is_approved_and_alone_on_paper(pages: Pages) -> None:
    """Harm: a draft is printed and posted, or a page of risks goes out in the same envelope."""
    with pages.opened(bypass_csp=True) as page:
        page.goto(f"{pages.address}{HERE}/list")
        page.locator("tbody a").first.click()
        page.get_by_role("link", name="A letter to this person").click()
        page.get_by_role("link", name="Easy Read").click()
        assert not faults(page)
        page.emulate_media(media="print")
        assert not page.locator(".letter").is_visible()
        page.emulate_media(media="screen")
        page.get_by_label("Whom the person is to ring").fill("the practice nurse")
        page.get_by_label("Telephone").fill("01632 960000")
        page.get_by_role("button", name="Approve this letter").click()
        assert "Easy Read, by Dr A. Example" in page.inner_text("main")
        assert not faults(page)
        page.get_by_role("link", name="Open the page that prints").click()
        assert not faults(page)
        page.emulate_media(media="print")
        assert page.locator(".letter").is_visible()
        for around in ("header", ".who", ".back"):
            assert not page.locator(around).is_visible()


def test_a_form_that_does_not_fit_is_shown_again_and_a_person_is_put_right(pages: Pages) -> None:
    """Harm: what a meeting said is typed twice, or not again; somebody who says that a fact is wrong is heard by nobody."""
    with pages.opened(bypass_csp=True) as page:
        page.goto(f"{pages.address}{HERE}/meeting")
        person = page.locator(".subject a").get_attribute("href") or ""
        page.get_by_role("radio", name="Defer").check()
        page.get_by_label("In words (no names)").first.fill("waits for the daughter's visit")
        page.get_by_text("Who was there, what the person wants").click()
        page.get_by_label("Who was at the meeting").fill("GP, The Limes Surgery\ncommunity matron, A community trust")
        page.get_by_label("What the person wants").fill("to stay at home")
        page.get_by_label("Capacity for it").select_option("yes")
        page.get_by_label("Which decision").fill("whether to have carers")
        page.get_by_role("button", name="Save the decision").click()
        assert "must have a day to be looked at again" in page.inner_text("main")
        assert page.get_by_label("What the person wants").input_value() == "to stay at home"
        assert page.get_by_role("radio", name="Defer").is_checked()
        assert not faults(page)
        page.get_by_label("To be looked at again on (needed to defer)").fill("2025-01-10")
        page.get_by_role("button", name="Save the decision").click()
        page.get_by_text("Who was there, what the person wants").click()
        assert "community matron" in page.get_by_label("Who was at the meeting").input_value()
        page.goto(pages.address + person)
        page.get_by_text("This is not right about the person").click()
        page.locator("#correction_words").fill("both stays were planned")
        assert not faults(page)
        page.get_by_role("button", name="Say that it is not right").click()
        assert "Said not to be right, and not answered yet: emergency admissions 1y" in page.inner_text("main")
        page.get_by_label("In words", exact=True).fill("the method was wrong, and is put right")
        page.get_by_role("button", name="Save the answer").click()
        assert "not answered yet" not in page.inner_text("main")
        page.get_by_text("Take the person off the list").first.click()
        page.locator("#place-words").fill("moved to her son's")
        page.get_by_role("button", name="Take the person off the list").click()
        assert "Put the person on the list" in page.inner_text("main")
        assert not faults(page)
    every = pages.store.entries(None, "A81001").values()
    (rows,) = ([row for row in rows if row["kind"] != "letter"] for rows in every if rows[-1]["kind"] == "removal")
    assert [row["kind"] for row in rows] == ["decision", "correction", "correction_answer", "removal"]
    assert rows[0]["body"]["capacity"] == {"has": "yes", "on": "2024-12-02"}
    assert len(rows[0]["body"]["attendees"]) == 2
    assert rows[0]["texts"]["persons_view"] == "to stay at home"


def test_contacts_are_a_picture_and_a_table_and_of_the_readers_domains(pages: Pages) -> None:
    """Harm: a picture that only some can see; a council that reads of stays in hospital."""
    with pages.opened(bypass_csp=True) as page:
        page.goto(f"{pages.address}{HERE}/list")
        page.locator("tbody a").first.click()
        page.get_by_role("link", name="Contacts with every service").click()
        words = page.locator("#contacts-words").text_content() or ""
        assert "Stay in hospital: 1, the newest on 2 May 2024" in words
        page.get_by_text("Stay in hospital: 1", exact=True).click()
        assert "Emergency" in page.inner_text("table")
        assert not faults(page)
    with pages.opened("D. Example") as page:
        page.goto(f"{pages.address}{HERE}/list")
        page.locator("tbody a").first.click()
        page.get_by_role("link", name="Contacts with every service").click()
        words = page.locator("#contacts-words").text_content() or ""
        assert ("Council: 1" in words, "hospital" in words) == (True, False)
        assert "Not for your role: 999 or 111, A&E, General practice" in page.inner_text("main")


def test_what_is_left_undone_and_what_a_size_buys(pages: Pages) -> None:
    """Harm: nobody sees that a practice's list lies unread; a list is made longer on a promise that the model was never seen to keep."""
    with pages.opened(bypass_csp=True) as page:
        page.get_by_role("link", name="Overview").click()
        decided = sum(
            any(row["kind"] in DECIDES for row in rows) for rows in pages.store.entries(None, "A81001").values()
        )
        counts = page.get_by_role("row").nth(1).locator("td").all_inner_texts()
        assert counts[:4] == ["100", "40", "30", str(30 - decided)]
        assert not faults(page)
        page.goto(f"{pages.address}{HERE}/list?places=2#size")
        said = page.inner_text("#size")
        # 0.6 and 0.583 of the two highest.
        assert "Among the first 2 of 40 people the probabilities expect 1.2" in said
        assert "simulated data: an area" in said
        assert "50 in 100 of those listed, between 40 and 60 in 100" in said
        assert not faults(page)
    with pages.opened("E. Example", bypass_csp=True) as page:
        for name, words in (("Overview", "A81001"), ("Validation", "0.500 (0.400 to 0.600)"), ("Feeds", "Feeds")):
            page.get_by_role("navigation", name="Pages").get_by_role("link", name=name).click()
            assert words in page.inner_text("main"), name
            assert not faults(page), name
        assert page.locator("main a").count() == 0, "an analyst is led to nobody"


def test_on_paper_a_list_is_whole_and_has_no_navigation(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    """Harm: the second page of a list is not in the meeting's hands, and nobody notices."""
    monkeypatch.setattr(lists, "ON_A_PAGE", 10)
    with pages.opened() as page:
        page.goto(f"{pages.address}{HERE}/list")
        assert page.get_by_role("row").count() == 1 + 10
        page.get_by_role("link", name="All of this view on one page").click()
        page.emulate_media(media="print")
        assert page.locator("tbody tr:visible").count() == len(pages.store.practice_list(2, "A81001"))
        for around in ("header", ".who", ".tabs", ".views", "#size", ".act-here"):
            assert page.locator(around).locator("visible=true").count() == 0, around
        page.emulate_media(media="screen")
        page.goto(f"{pages.address}{HERE}/meeting")
        page.get_by_role("button", name="Show a timer").click()
        assert page.locator("#timer").inner_text().startswith("Timer: 0:")
