"""The pictures of the documents, taken of a running demonstration: ``python -m tests.browser.pictures http://127.0.0.1:8000``."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from risk.parts import chromium

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "img"
SIZE = {"width": 1280, "height": 1000}


def take(address: str, *names: str, folder: Path = IMAGES) -> None:
    """The pictures as the demonstration's GP sees them; those of ``names`` alone where any is named."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--headless", "--no-sandbox", "--disable-gpu", "--lang=en-GB"]
        )
        page = browser.new_context(viewport=SIZE, locale="en-GB").new_page()

        def picture(name: str, *, full_page: bool = True) -> None:
            if not names or name in names:
                page.screenshot(path=folder / f"{name}.png", full_page=full_page)

        page.goto(f"{address}/pages/login")
        page.get_by_role("link", name="Log in with").click()
        page.get_by_role("link", name="Dr Asha Example").click()
        page.get_by_role("link", name="Overview", exact=True).click()
        picture("overview")
        page.get_by_role("link", name="Meeting", exact=True).click()
        picture("meeting")
        page.get_by_role("link", name="List", exact=True).click()
        picture("list", full_page=False)
        page.locator("tbody a").first.click()
        person = page.url
        picture("person")
        page.goto(f"{person}/contacts")
        picture("contacts")
        page.goto(f"{person}/letter?form=easy")
        picture("letter")
        browser.close()


if __name__ == "__main__":
    take(*sys.argv[1:])
