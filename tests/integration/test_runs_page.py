"""The page of runs: who sees which, what it says of one taken back, and earlier ones by page."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from risk import withdrawing
from risk.settings import Settings
from risk.store.tables import run, run_amendment
from serving.web.routes import runs as page
from tests.integration.test_roles import Place
from tests.published import published
from tests.service import serving

NUMBER = re.compile(r'<th scope="row" class="nhsuk-table__cell">(\d+)</th>')
#: Runs of the store by status, and who of three roles sees them. "shadow runs are visible to analysts alone".
SEEN = {
    "published": ("gp", "information_governance", "analyst"),
    "withdrawn": ("gp", "information_governance", "analyst"),
    "failed": ("information_governance", "analyst"),
    "staging": ("information_governance", "analyst"),
    "shadow": ("analyst",),
}


def shown(place: Place, role: str, query: str = "") -> tuple[list[int], str]:
    answer = place.service.http.get(f"/pages/runs{query}", headers=place.as_(role))
    assert answer.status_code == 200
    return [int(number) for number in NUMBER.findall(answer.text)], answer.text


def test_who_sees_which_runs(store_settings: Settings) -> None:
    """Harm: a clinician takes a trial's list for the area's, or is shown that a list is of a run which failed."""
    with serving(store_settings) as service:
        place = Place(service)
        numbers = {status: published(service.store) for status in SEEN}
        with service.store.writing() as connection:
            for status, number in numbers.items():
                connection.execute(run.update().where(run.c.number == number).values(status=status))
        for role in SEEN["published"]:
            seen = {status for status, number in numbers.items() if number in shown(place, role)[0]}
            assert seen == {status for status, roles in SEEN.items() if role in roles}, role
        assert {row["outcome"] for row in service.audited("page.runs")} == {"answered"}


def test_what_became_of_a_run(store_settings: Settings) -> None:
    """Harm: nobody is told why a list that they worked through was taken back."""
    with serving(store_settings) as service:
        place = Place(service)
        wrong = published(service.store)
        (service.settings.runs / str(wrong)).mkdir(parents=True)
        (service.settings.runs / str(wrong) / "run.json").write_text('{"previous": null, "files": {}}')
        withdrawing.withdraw(service.settings, wrong, "the hospital feed was <last> month's")
        said = {"run": 1, "forgetting": "f", "ground": "error", "by": "a test", "at": datetime.now(UTC), "people": 3, "listed": 1}  # fmt: skip
        with service.store.writing() as connection:
            connection.execute(run.update().where(run.c.number == 1).values(waived={"population_moved": "a practice joined"}))  # fmt: skip
            connection.execute(insert(run_amendment), said)
        _, text = shown(place, "gp")
        newest, first = text.split("<tbody")[1].split("</tr>")[:2]
        assert "the hospital feed was &lt;last&gt; month&#39;s. Readers were given run 1 in its place." in newest
        assert "Withdrawn" in newest
        for words in (
            ">Current<",
            "“population moved” stood: a practice joined.",
            "3 taken out of it since",
            ">5</td>",
        ):
            assert words in first, words


def test_earlier_runs_are_a_page_away(store_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "ON_A_PAGE", 2)
    with serving(store_settings) as service:
        place = Place(service)
        numbers = [1, *(published(service.store) for _ in range(2))]
        seen, text = shown(place, "gp")
        assert seen == numbers[:0:-1]
        (before,) = re.findall(r"/pages/runs(\?before=\d+)", text)
        assert shown(place, "gp", before)[0] == [1]
        assert "There is no run before run 1" in shown(place, "gp", "?before=1")[1]
