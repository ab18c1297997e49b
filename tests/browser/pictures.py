"""The pictures of the documents, taken of a running demonstration: ``python -m tests.browser.pictures http://127.0.0.1:8000``."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from risk.parts import chromium

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "img"
SIZE = {"width": 1280, "height": 1000}


def take(address: str, folder: Path = IMAGES) -> None:
    """``list.png`` and ``person.png`` as the demonstration's GP sees them, and ``meeting.png``."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--headless", "--no-sandbox", "--disable-gpu", "--lang=en-GB"]
        )
        page = browser.new_context(viewport=SIZE, locale="en-GB").new_page()
        page.goto(f"{address}/pages/login")
        page.get_by_role("link", name="Log in with").click()
        page.get_by_role("link", name="Dr Asha Example").click()
        page.get_by_role("link", name="Meeting", exact=True).click()
        page.screenshot(path=folder / "meeting.png", full_page=True)
        page.get_by_role("link", name="List", exact=True).click()
        page.screenshot(path=folder / "list.png")
        page.locator("tbody a").first.click()
        page.screenshot(path=folder / "person.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    take(sys.argv[1])
