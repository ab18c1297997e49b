"""The pages in a real browser: a service of their own with thirty people on a list, and somebody who is logged in."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from risk import store as stores
from risk.organisations import import_file
from risk.parts import chromium
from risk.run.folder import MANIFEST
from risk.settings import Settings
from risk.store import Store
from serving.app import create_app
from tests.logged_in import DIRECTORY
from tests.published import Row, published
from tests.records import record
from tests.service import TODAY

MEETING = 30
#: Thirty listed of forty scored, the highest first.
PEOPLE: tuple[Row, ...] = tuple(
    (1000 + n, "A81001", n + 1, 2.0 - n / 10, max(0.02, 0.6 - n / 60), "high" if n < 5 else "medium" if n < 20 else "low", n < MEETING)
    for n in range(MEETING + 10)
)  # fmt: skip
#: The first of them is proposed for the frailty register.
PROPOSED = [{"person_id": PEOPLE[0][0], "scheme": "ods", "practice": "A81001", "proposed": "moderate", "rests_on": [
    {"kind": "clinical_frailty_scale", "says": "Clinical Frailty Scale 6", "on": "2024-06-01", "category": "moderate", "decides": True}]}]  # fmt: skip
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
#: Of a phone and of a desk.
WIDTHS = (390, 1280)
#: WCAG 2.2 at levels A and AA, and axe's own advice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Pages:
    """A running service with its pages, and a browser."""

    address: str
    store: Store
    browser: Browser

    @contextmanager
    def opened(self, name: str | None = "Dr A. Example", **more: Any) -> Iterator[Page]:
        """A page of a browser in which ``name`` is logged in (None: nobody); it fails where the browser complains of anything, the
        content-security policy among it."""
        said: list[str] = []
        context = self.browser.new_context(viewport={"width": WIDTHS[-1], "height": 900}, locale="en-GB", **more)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        if name is not None:
            page.goto(f"{self.address}/pages/login")
            page.get_by_role("link", name="Log in with").click()
            page.get_by_role("link", name=name).click()
            page.wait_for_url("**/pages")
        yield page
        context.close()
        assert not [words for words in said if "status of 4" not in words]


@contextmanager
def running(home: Path) -> Iterator[Pages]:
    """Two published runs of thirty listed people, served on loopback as a demonstration is."""
    contacts = {
        table: [{"person_id": PEOPLE[0][0], "event_date": "2024-05-02"}]
        for table in ("gp_contact", "ed_attendance", "social_care")
    }
    held = record(home / "record", **contacts, spell=[{"person_id": PEOPLE[0][0], "event_date": "2024-05-02", "end_date": "2024-06-01", "admission_method": "21"}])  # fmt: skip
    settings = Settings(home=home, environment="test", today=TODAY, demo_login=True, record=held)
    _judged(settings)
    store = stores.open(settings)
    for previous in (None, 1):
        number = published(store, PEOPLE, proposed=PROPOSED)
        (settings.runs / str(number)).mkdir(parents=True)
        (settings.runs / str(number) / MANIFEST).write_bytes(orjson.dumps({"previous": previous, "files": {}}))
    file = home / "organisations.toml"
    file.write_text(DIRECTORY)
    import_file(store, file)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)  # who connects before the service is ready waits
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_config=None, access_log=False))
    serving = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    serving.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=[
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
            ],
        )
        yield Pages(f"http://127.0.0.1:{listener.getsockname()[1]}", store, browser)
        browser.close()
    server.should_exit = True
    serving.join(30)
    store.close()


def _judged(settings: Settings) -> None:
    """A report of the runs' model, where its bundle lies."""
    figure = {"value": 0.5, "low": 0.4, "high": 0.6}
    top = [{"share": 0.02, "listed": 8, "found": 4, "ppv": figure, "sensitivity": figure}]
    ours = {"says": "trees", **dict.fromkeys(("auroc", "auprc", "brier", "slope", "intercept"), figure), "top": top}
    report = orjson.dumps(
        {"title": "A report", "about": {"kind": "simulated", "title": "an area"}, "performance": {"ours": ours}}
    )
    folder = settings.bundles / "unplanned_admission_365" / "3"
    folder.mkdir(parents=True)
    (folder / "report.json").write_bytes(report)
    (folder / "bundle.json").write_bytes(
        orjson.dumps({"sha256": "ab" * 32, "files": {"report.json": sha256(report).hexdigest()}})
    )


def faults(page: Page, inside: str = "html") -> list[str]:
    """What axe finds at the widths of a desk and of a phone, each with the first place of it, and where a page is wider than its window.
    ``inside`` a part of it alone."""
    page.evaluate(AXE)
    told = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found = page.evaluate("([inside, rules]) => axe.run(inside, {runOnly: rules})", [inside, RULES])["violations"]
        told += [f"{width}: {one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            told.append(f"{width}: wider than its window")
    return told
