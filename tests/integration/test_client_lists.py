"""The Python client's calls for lists and files, and how it proves who it is without a secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from joserfc.jwk import ECKey, RSAKey

from risk import client_keys, clients
from risk.settings import Settings
from serving.client import Client, Key
from serving.client.problems import InsufficientScope, InvalidClient, NotFound, UnfitParameter
from tests.integration.test_client import of
from tests.integration.test_lists_beside import lists  # noqa: F401 (a fixture)
from tests.service import TODAY, Service, serving

ON_SQLITE = pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
ADDRESS = "https://lists.example"


@ON_SQLITE
def test_every_list_is_typed_and_costs_nothing_where_nothing_changed(lists: Service) -> None:  # noqa: F811
    with of(lists) as client:
        team = client.list_over("team", "north")
        assert team is not None
        assert [one.practice for one in team.value.people] == ["A81001", "A81002", "A81001"]
        network = client.list_over("network", "U12345", limit=1)
        assert network is not None
        assert network.value.next == 1
        outcome = client.list_by_outcome("A81001", "deterioration")
        assert outcome is not None
        assert outcome.value.model.name == "deterioration_365"
        counts, housebound, home = client.criteria("A81001"), client.criterion_list("A81001", "housebound"), client.hospital_at_home("A81001")  # fmt: skip
        assert counts is not None
        assert housebound is not None
        assert home is not None
        assert ([one.met for one in counts.value.criteria], len(housebound.value.people), len(home.value.people)) == ([2], 2, 2)  # fmt: skip
        assert client.list_over("team", "north", unless=team.etag) is None
        assert client.criteria("A81001", unless=counts.etag) is None
        assert client.hospital_at_home("A81001", unless=home.etag) is None
        with pytest.raises(NotFound):
            client.list_over("place", "U12345")


@ON_SQLITE
def test_a_file_is_checked_against_its_hash(lists: Service) -> None:  # noqa: F811
    """Harm: half a list is worked through as if it were the whole."""
    with of(lists, "A81001", "A81002") as client:
        file = client.export("A81001", columns=["rank", "person"])
        assert [(row["rank"], row["person"]) for row in file.rows()] == [
            (str(one.rank), one.person) for one in client.listed("A81001")]  # fmt: skip
        assert file.name == "priority-list-A81001-run-1.csv"
        assert file.sha256 in lists.audited("export")[-1]["detail"]
        assert client.export("A81001", "criterion", of="housebound", format="xlsx").content.startswith(b"PK")
        assert len(client.export_over("team", "north").rows()) == 3
        with pytest.raises(UnfitParameter) as unfit:
            client.export("A81001", columns=["date_of_birth"])
        assert "age_band" in unfit.value.more["known"]
        with pytest.raises(InsufficientScope):
            of(lists, "A81001", scope="runs:read").export("A81001")


@pytest.mark.parametrize("kind", ["EC", "RSA", "PEM"])
def test_a_client_that_signs_needs_no_secret(store_settings: Settings, tmp_path: Path, kind: str) -> None:
    """Harm: a secret that many hold is what opens everybody's record."""
    private = RSAKey.generate_key(2048) if kind == "RSA" else ECKey.generate_key("P-384")
    public = {**private.as_dict(private=False), "kid": "one"}
    file = tmp_path / "keys.json"
    file.write_bytes(client_keys.orjson.dumps({"keys": [public]}))
    signs = client_keys.kept(client_keys.public_keys(file), None)
    held = private.as_pem(private=True) if kind == "PEM" else private.as_dict(private=True)
    with serving(store_settings.model_copy(update={"address": ADDRESS, "client_secrets": False})) as service:
        made = clients.add(service.store, "a tool", ["A81001"], TODAY, public_key=signs)
        key = Key(held, "one", f"{ADDRESS}/v1/token")
        with Client("http://testserver", made["client_id"], key, http=service.http) as client:
            assert client.current_run().run == 1
            client._connection._token = "expired"
            assert client.current_run().run == 1, "each assertion is its own"
        other = ECKey.generate_key("P-384").as_dict(private=True)
        for wrong in (
            Key(other, "one", f"{ADDRESS}/v1/token"),
            Key(held, "two", f"{ADDRESS}/v1/token"),
            Key(held, "one"),
        ):
            with pytest.raises(InvalidClient):
                Client("http://testserver", made["client_id"], wrong, http=service.http).current_run()


def test_a_key_that_cannot_sign_is_refused_and_none_is_told() -> None:
    for key in (
        ECKey.generate_key("P-256").as_dict(private=True),
        ECKey.generate_key("P-384").as_dict(private=False),
        "no key",
    ):
        held = Key(key, "one")
        assert str(key) not in repr(held)
        with pytest.raises(ValueError, match="RSA or of the curve P-384"):
            held.shown("client-0123456789abcdef", f"{ADDRESS}/v1/token")
