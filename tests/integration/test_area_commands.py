"""``frailty simulate --shape extracts``, ``frailty ingest area`` and ``frailty feeds --out`` as a user types them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from features.errors import WrongUsage
from risk.areas import ingest_area
from tests.area import Area, frailty


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Area:
    """800 people's extracts, of which the area takes in the last submissions of two feeds."""
    area = Area(tmp_path_factory.mktemp("commands"))
    area.run(
        "simulate", "--people", "800", "--years", "1", "--seed", "4", "--shape", "extracts", "--out", str(area.extract)
    )
    for name in ("cld", "csds"):
        for sent in sorted((area.extract / name).iterdir())[:-2]:
            shutil.rmtree(sent) if sent.is_dir() else sent.unlink()
    (area.extract / "two.toml").write_text(
        '[area]\ntitle = "Two feeds"\nkind = "simulated"\n'
        '[[feeds]]\nname = "council"\nsource = "cld"\npath = "cld"\norganisation = "E0999"\n'
        '[[feeds]]\nname = "community"\nsource = "csds"\npath = "csds"\n'
    )
    return area


def test_extracts_come_with_the_file_that_names_them_and_a_key_apart(made: Area) -> None:
    held = (made.extract / "area.toml").read_text()
    assert "nobody in it exists" in held
    assert 'source = "cld"' in held
    assert "key" not in held
    assert {path.name for path in (made.extract / "key").iterdir()} >= {
        "record",
        "people.parquet",
        "registers.parquet",
        "rows.parquet",
    }


def test_one_feed_is_refused_the_other_goes_in_and_the_code_says_so(made: Area, tmp_path: Path) -> None:
    shutil.copytree(made.extract / "cld", tmp_path / "cld")
    shutil.copytree(made.extract / "csds", tmp_path / "csds")
    shutil.copy(made.extract / "two.toml", tmp_path)
    for file in (tmp_path / "cld").iterdir():
        file.write_text(file.read_text().replace('"Service_Type"', '"ServiceKind"', 1))
    at = Area(tmp_path)
    done = frailty(at.environment, "ingest", "area", str(tmp_path / "two.toml"), "--record", str(at.record), "--json")
    assert done.returncode == 3, done.stderr
    told = json.loads(done.stdout)
    assert told["counts"] == {"taken in": 1, "unchanged": 0, "refused": 1}
    (council,) = [feed for feed in told["feeds"] if feed["name"] == "council"]
    assert "column Service_Type" in council["why"]
    delivered = "".join(file.read_text() for file in sorted(tmp_path.glob("c*/**/*.csv")))
    numbers = set(re.findall(r"\b999\d{7}\b", delivered))
    assert len(numbers) > 10, "simulated numbers begin with 999"
    assert not numbers & set(re.findall(r"\d{10}", done.stdout)), "no NHS number is told"


def test_what_is_asked_for_and_is_not_there_is_refused_before_anything_is_done(made: Area, tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="found gp"):
        ingest_area([made.extract / "two.toml"], tmp_path / "r", ["gp"], True)
    with pytest.raises(WrongUsage, match="found 2 paths"):
        ingest_area([made.extract / "two.toml"] * 2, tmp_path / "r", [], True)
    assert not (tmp_path / "r").exists()


def test_the_state_of_the_feeds_is_a_page_and_data(made: Area, tmp_path: Path) -> None:
    made.run("ingest", "area", str(made.extract / "two.toml"), "--record", str(made.record))
    told = made.run("feeds", "--record", str(made.record), "--out", str(tmp_path / "feeds.html"), "--at", "2024-11-30")
    assert {feed["source"] for feed in told["state"]["feeds"]} == {"cld", "csds"}
    page = (tmp_path / "feeds.html").read_text()
    assert page.index("nobody in it exists") < page.index("Volumes by week")
