"""One walk through each page beside the meeting's: in a real Chromium, at a desk and on a phone, as whoever it is for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

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
