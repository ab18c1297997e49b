"""An area's feeds from one file: the round trip from what is true through dirty extracts into a record, and what goes wrong."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from features.errors import BadInput
from features.linkage.identity import IdentityStore
from features.population.writing.dirt import CLEAN
from features.population.writing.extracts import shapes, simulate_extracts
from features.progress import SILENT
from features.record import manifest
from features.record.reader import Record
from features.sources.area import taking
from features.sources.area.config import open_area
from features.sources.area.taking import Taker, Told
from tests import roundtrip

SEED, TODAY = 5, date(2024, 12, 2)
#: Share of a table's rows that may differ without the key's telling why: errors of one row that change what another becomes.
UNEXPLAINED = 0.002
#: The feeds that the quicker tests take in.
TWO = ("cld", "csds")


@pytest.fixture(scope="module")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("area") / "extracts"
    simulate_extracts(600, SEED, 1, out=out)
    return out


def two_feeds(extracts: Path, folder: Path) -> Path:
    """A copy of the last deliveries of two feeds, and the file that names them."""
    for name in TWO:
        (folder / name).mkdir()
        for sent in sorted((extracts / name).iterdir())[-3:]:
            (shutil.copytree if sent.is_dir() else shutil.copy)(sent, folder / name / sent.name)
    (folder / "area.toml").write_text(
        '[area]\ntitle = "Simulated area"\nkind = "simulated"\n'
        '[[feeds]]\nname = "cld"\nsource = "cld"\npath = "cld"\norganisation = "E0999"\n'
        '[[feeds]]\nname = "csds"\nsource = "csds"\npath = "csds"\nteams = {FALLS = "falls", VW = "virtual_ward"}\n'
    )
    return folder


@pytest.fixture
def area(extracts: Path, tmp_path: Path) -> Path:
    return two_feeds(extracts, tmp_path)


@pytest.fixture
def identity(tmp_path: Path) -> Iterator[IdentityStore]:
    with opened(tmp_path) as held:
        yield held


def opened(folder: Path) -> IdentityStore:
    return IdentityStore.open(folder / "identity", folder / "keys" / "identity.key")


@pytest.fixture(scope="module")
def all_but_the_last(extracts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two feeds that are in, but for the council's last submission, which is beside them as ``kept.csv``: made once."""
    folder = two_feeds(extracts, tmp_path_factory.mktemp("all_but_the_last"))
    shutil.move(last_submission(folder), folder / "kept.csv")
    with opened(folder) as identity:
        take(folder, identity)
    return folder


def last_submission(folder: Path) -> Path:
    return sorted((folder / "cld").iterdir())[-1]


def take(area: Path, identity: IdentityStore, **more: object) -> dict[str, Told]:
    taker = Taker(area / "record", identity, TODAY, more.get("changed", ()), SILENT, {"threads": 1})  # type: ignore[arg-type]
    return {one.name: one for one in taker.take(open_area(area / "area.toml"))}


def rows(record: Path) -> dict[str, int]:
    with Record(record, purpose="evaluation") as held:
        count = {name: held.connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in ("social_care", "community_contact")}  # fmt: skip
    return count


def test_the_record_is_what_is_true_but_for_what_the_dirt_hides(extracts: Path, tmp_path: Path) -> None:
    with IdentityStore.open(tmp_path / "identity", tmp_path / "keys" / "identity.key") as identity:
        told = Taker(tmp_path / "record", identity, TODAY, options={"threads": 1}).take(
            open_area(extracts / "area.toml")
        )
        assert {one.name: one.why for one in told if one.outcome != "taken in"} == {}
        with roundtrip.held(extracts, tmp_path / "record", identity, SEED) as connection:
            compared = roundtrip.compare(connection, shapes())
    for one in compared:
        whole = one.same + one.missing
        unexplained = one.hidden.get(None, 0), one.invented.get(None, 0)
        assert max(unexplained) <= UNEXPLAINED * whole + 2, (
            f"rows of which the key says nothing are missing, or in the record: {one}"
        )
        assert one.same >= 0.9 * whole - 3, one
    assert {one.table for one in compared if one.same} >= {
        "person", "registration", "residence", "objection", "carer", "preference", "death", "gp_event", "gp_contact", "prescription",
        "spell", "diagnosis", "outpatient", "ed_attendance", "ambulance", "community_contact", "social_care", "caseload",
    }  # fmt: skip
    assert {one.shape for one in compared if one.same} >= {"demographics", "care_homes", "out_of_hours", "preferences"}


def test_without_dirt_nothing_is_hidden(tmp_path: Path) -> None:
    simulate_extracts(200, SEED, 1, out=tmp_path / "extracts", dirt=CLEAN)
    assert json.loads((tmp_path / "extracts" / "key" / "record" / "about.json").read_text())["kind"] == "simulated"
    import pyarrow.parquet as parquet

    registers = parquet.read_table(tmp_path / "extracts" / "key" / "registers.parquet")
    assert registers["error"].null_count == registers.num_rows
    errors = set(parquet.read_table(tmp_path / "extracts" / "key" / "rows.parquet")["error"].to_pylist())
    assert not errors & {"late", "duplicate", "corrected", "unnumbered"}


def test_the_same_seed_gives_the_same_extracts(extracts: Path, tmp_path: Path) -> None:
    simulate_extracts(600, SEED, 1, out=tmp_path / "again")
    for name in TWO:
        files = sorted(path.relative_to(extracts) for path in (extracts / name).rglob("*.csv"))
        assert files
        assert all((extracts / file).read_bytes() == (tmp_path / "again" / file).read_bytes() for file in files)


def test_a_feed_that_is_in_is_not_read_again(area: Path, identity: IdentityStore) -> None:
    assert {one.outcome for one in take(area, identity).values()} == {"taken in"}
    before = manifest.load(area / "record")
    assert {one.outcome for one in take(area, identity).values()} == {"unchanged"}
    assert manifest.load(area / "record") == before


def test_a_run_that_dies_goes_on_where_it_was(
    area: Path, identity: IdentityStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = taking.ingest

    def dies_at_the_second(source, record, identity, **options):  # type: ignore[no-untyped-def]
        if source.name != "csds":
            return whole(source, record, identity, **options)
        seen = source.batches

        def half(progress):  # type: ignore[no-untyped-def]
            yield next(seen(progress))
            raise KeyboardInterrupt

        monkeypatch.setattr(type(source), "batches", lambda self, progress: half(progress))
        return whole(source, record, identity, **options)

    monkeypatch.setattr(taking, "ingest", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        take(area, identity)
    monkeypatch.undo()
    assert rows(area / "record")["community_contact"] == 0
    told = take(area, identity)
    assert (told["cld"].outcome, told["csds"].outcome) == ("unchanged", "taken in")
    assert rows(area / "record")["community_contact"] > 0


def renamed(file: Path, old: str, new: str) -> None:
    file.write_text(file.read_text().replace(old, new, 1))


def test_a_feed_whose_columns_changed_is_refused_while_the_others_go_on(area: Path, identity: IdentityStore) -> None:
    last = sorted((area / "cld").iterdir())[-1]
    kept = last.read_text()
    last.unlink()
    newest = sorted((area / "csds").iterdir())[-1]
    held = area / "held"
    shutil.move(newest, held)
    take(area, identity)
    shutil.move(held, newest)
    last.write_text(kept.replace('"Client_Funding_Status"', '"Funding"', 1))
    told = take(area, identity)
    assert told["cld"].outcome == "refused"
    assert [change.split(": ")[1] for change in told["cld"].changes] == [
        "column Client_Funding_Status is gone",
        "column Funding is new",
    ]
    assert "--accept-shape cld" in told["cld"].why
    assert told["csds"].outcome == "taken in"
    assert take(area, identity, changed=["cld"])["cld"].outcome == "taken in", "a column that the source does not read"


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _bytes(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\xff\xfe\x00\x80" * 50)


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _header_only(file: Path) -> None:
    file.write_text(file.read_text().splitlines()[0] + "\n")


def _no_header(file: Path) -> None:
    file.write_text("\n".join(file.read_text().splitlines()[1:]) + "\n")


def _column_gone(file: Path) -> None:
    renamed(file, '"Event_Type"', '"EventKind"')


def _twice(file: Path) -> None:
    renamed(file, '"Event_Type"', '"LA_Code"')


def _ragged(file: Path) -> None:
    lines = file.read_text().splitlines()
    file.write_text("\n".join([lines[0], *(line + ",more,and more" for line in lines[1:])]) + "\n")


def _nonsense(file: Path) -> None:
    lines = file.read_text().splitlines()
    file.write_text("\n".join([lines[0], *('"?"' + ',"?"' * lines[0].count(",") for _ in lines[1:])]) + "\n")


def _not_gzip(file: Path) -> None:
    file.rename(file.with_name(file.name + ".gz"))


def _broken_gzip(file: Path) -> None:
    packed = gzip.compress(file.read_bytes())
    file.unlink()
    file.with_name(file.name + ".gz").write_bytes(packed[: len(packed) - 30])


@pytest.mark.parametrize(
    "spoil", [_cut, _bytes, _empty, _header_only, _no_header, _column_gone, _twice, _ragged, _nonsense, _not_gzip, _broken_gzip]
)  # fmt: skip
def test_a_spoilt_file_never_spoils_the_record(
    extracts: Path, all_but_the_last: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    """What can be read of it goes in, row by row; what cannot is refused whole; what was in stays, and the other feed goes in."""
    area = shutil.copytree(all_but_the_last, tmp_path / "area")
    before = rows(area / "record")
    last = area / "cld" / last_submission(extracts).name
    shutil.move(area / "kept.csv", last)
    spoil(last)
    with opened(area) as identity:
        told = take(area, identity)
    assert told["csds"].outcome == "unchanged"
    after = rows(area / "record")
    if told["cld"].outcome == "refused":
        assert told["cld"].why
        assert after == before
    else:
        totals = told["cld"].ledger.totals()  # type: ignore[union-attr]
        assert totals["read"] == totals["accepted"] + sum(totals["quarantined"].values()) + sum(
            totals["dropped"].values()
        )
        assert after["social_care"] >= before["social_care"]
    for held in manifest.load(area / "record").files:
        assert (area / "record" / held.path).is_file()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[area]", "area.title"),
        ('[area]\ntitle = "A"\n[[feeds]]\nname = "a"\nsource = "cls"\npath = "a"\n', "feeds.a.source: expected a kind of extract (did you mean cld?)"),
        ('[area]\ntitle = "A"\n[[feeds]]\nname = "a"\nsource = "cld"\npath = "a"\nteam = 1\n', "feed a: --team means nothing to the cld source"),
        ('[area]\ntitle = "A"\n[[feeds]]\nname = "a"\nsource = "cld"\npath = "a"\n[[feeds]]\nname = "a"\nsource = "cld"\npath = "b"\n', "found a more than once"),
        ("area =", "is not TOML"),
    ],
)  # fmt: skip
def test_an_area_file_that_does_not_fit_says_so_before_anything_is_read(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "area.toml").write_text(text)
    with pytest.raises(BadInput) as refused:
        open_area(tmp_path / "area.toml")
    assert told in str(refused.value)
