"""Whoever runs the installation ends sessions: one person's, or everybody's."""

from __future__ import annotations

import json

import pytest

from features.errors import WrongUsage
from risk.settings import Settings
from tests.logged_in import cookie, directory
from tests.service import TODAY, serving
from tests.typed import typed

LIST = "/pages/practices/A81001/list"


def test_the_very_next_page_asks_to_log_in(store_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Harm: whoever was let go, or found a lost tablet, reads on until the session is old."""
    for name, value in {
        "HOME": store_settings.home,
        "STORE": store_settings.store,
        "TODAY": TODAY,
        "ENVIRONMENT": "test",
    }.items():
        monkeypatch.setenv(f"FRAILTY_{name}", str(value))
    with serving(store_settings) as service:
        directory(service)
        browsers = {"gp": cookie(service, "gp"), "gp again": cookie(service, "gp"), "matron": cookie(service, "matron")}

        def open_() -> list[str]:
            return [
                who for who, headers in browsers.items() if service.http.get(LIST, headers=headers).status_code == 200
            ]

        assert open_() == ["gp", "gp again", "matron"]
        assert json.loads(typed("sessions", "end", "gp", "--json").output) == {"user": "gp", "ended": 2}
        assert open_() == ["matron"]
        for wrong in ((), ("gp", "--everybody"), ("nobody-here",)):
            assert isinstance(typed("sessions", "end", *wrong).exception, WrongUsage), wrong
        assert open_() == ["matron"], "what does not fit ends nothing"
        assert json.loads(typed("sessions", "end", "--everybody", "--json").output) == {"user": None, "ended": 1}
        assert open_() == []
        assert [json.loads(row["detail"])["ended"] for row in service.audited("sessions.end")] == [2, 1]
        browsers["gp"] = cookie(service, "gp")
        assert open_() == ["gp"], "and logs in again"
