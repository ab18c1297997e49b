"""Settings: from ``frailty.toml`` in the working folder, then the environment (``FRAILTY_…``), then flags."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from features.errors import WrongUsage
from risk.periods import Periods

FILE = "frailty.toml"


class Settings(Periods):
    """Every setting, with its default and meaning. ``frailty settings`` prints them with the source of each."""

    model_config = SettingsConfigDict(env_prefix="FRAILTY_", toml_file=FILE, extra="forbid", validate_default=True)

    environment: Literal["demo", "test", "production"] = Field(
        "production", description="what this installation is; the demo's conveniences refuse to work in production"
    )
    home: Path = Field(
        Path(".frailty"), description="folder of what the product itself keeps: store, runs, models, keys"
    )
    store: str = Field(
        "", description="database URL; SQLite in `home` when empty, PostgreSQL as postgresql+psycopg://…"
    )
    identity: Path | None = Field(None, description="folder of the identity store; `home`/identity when empty")
    identity_key: Path | None = Field(
        None, description="file of the identity store's key, kept apart; `home`/keys/identity.key when empty"
    )
    keys: Path | None = Field(
        None, description="folder of the keys of tokens, opaque ids and the audit; `home`/keys when empty"
    )
    checkpoints: Path | None = Field(
        None,
        description="folder of the audit's signed checkpoints, best on another disk; `home`/audit-checkpoints when empty",
    )
    permissions: Path | None = Field(
        None,
        description="file of the area's legal bases and opt-out decisions; `home`/permissions.toml when empty",
    )
    forgotten: Path | None = Field(
        None,
        description="folder of the ledger of people who were forgotten, replayed on restore: on another disk, and in no backup; "
        "`home`/forgotten when empty",
    )
    backups: Path | None = Field(
        None,
        description="folder of backups, on another disk; `frailty backup` writes there, and `frailty retention` clears it",
    )
    record: Path | None = Field(
        None,
        description="folder of the linked record, which `frailty backup` backs up with the rest; none is when empty",
    )
    codelists: Path | None = Field(
        None, description="folder of code sets that take the place of the house's own of the same name; none when empty"
    )
    outcomes: Path | None = Field(
        None, description="file of the area's own rules of the outcomes, over the house's; none when empty"
    )
    actions: Path | None = Field(
        None, description="file of the area's own catalogue of actions, in place of the house's; none when empty"
    )
    extracts: Path | None = Field(
        None, description="folder into which extracts are delivered; `frailty retention` clears it"
    )
    metrics: str = Field(
        "",
        description="address and port on which the service tells metrics to Prometheus, such as 127.0.0.1:9464; nowhere when empty, and never on the API's port",
    )
    traces: str = Field(
        "",
        description="OTLP address to which traces of requests and runs are sent, such as http://127.0.0.1:4318/v1/traces; none are made when empty",
    )
    logs: Path | None = Field(None, description="folder of log files; `frailty retention` clears it")
    tracking: str = Field("", description="MLflow tracking URI; a SQLite file under mlruns/ when empty")
    list_outcome: str = Field("unplanned_admission", description="outcome that the lists rank by")
    list_horizon: int = Field(365, ge=1, description="its horizon, in days")
    run_outcomes: str = Field(
        "",
        description="models, such as avoidable_admission_365,deterioration_365, that every run scores beside the outcome that the lists "
        "rank by; none when empty",
    )
    list_fraction: float = Field(0.02, gt=0, le=1, description="share of a practice's scored adults that a list holds")
    list_capacity: dict[str, Annotated[int, Field(ge=1, le=100_000)]] = Field(
        {},
        description='people whom a practice\'s team can take on, by practice code, such as {"A81001": 40}: its priority list holds as many, in place of the share',
    )
    list_sections_inside: str = Field(
        "",
        description="sections of the list, such as care_home,little_history, whose people take its places; by default none does: they are "
        "listed apart, outside the places",
    )
    list_over: str = Field(
        "",
        description="kinds of organisation, of network and place, over whose practices together a list is drawn beside the practices' and the "
        "teams'; none when empty",
    )
    minimum_age: int = Field(18, ge=18, description="youngest age scored; can only be raised")
    memory: str = Field("4GB", description="memory that the embedded database may use")
    threads: int = Field(0, ge=0, description="threads to use; 0 for as many as there are cores")
    token_minutes: int = Field(60, ge=1, le=1440, description="how long a client's bearer token lives")
    client_secrets: bool = Field(
        True, description="take a client's secret as proof of who it is; without, an assertion that it signs alone"
    )
    requests_per_minute: int = Field(
        6000, ge=1, le=10_000_000, description="requests a minute that a process answers to one caller; more get 429"
    )
    lookups_per_minute: int = Field(
        30, ge=1, le=10_000, description="of these, calls that go from an NHS number to a person or back"
    )
    request_seconds: float = Field(
        60, ge=0.1, le=3600, description="seconds from the beginning of a request until its answer must have begun"
    )
    head_seconds: float = Field(
        10,
        ge=0.1,
        le=3600,
        description="seconds in which the head of a request must have arrived, from the opening of its connection or its first byte; then the connection is closed",
    )
    reader_seconds: float = Field(
        30,
        ge=0.1,
        le=3600,
        description="seconds in which a client must have taken what waits of its answer, or 1 kB for each of them; then it is cut off",
    )
    link_minutes: int = Field(
        5, ge=1, le=60, description="minutes for which a link of another system into the pages is good, once"
    )
    session_idle_minutes: int = Field(
        15, ge=1, le=60, description="minutes without a page after which somebody must log in again"
    )
    session_hours: int = Field(
        10, ge=1, le=12, description="hours after which somebody must log in again, whatever they did"
    )
    login: Path | None = Field(
        None, description="file of the issuers by which people log in to the pages; nobody can log in when empty"
    )
    address: str = Field(
        "", description="address at which people reach the pages, such as https://lists.example; needed with `login`"
    )
    demo_login: bool = Field(
        False, description="let anybody log in as anybody of the directory; for the demo alone, refused in production"
    )
    holdout_most: float = Field(
        0.0,
        ge=0,
        le=0.5,
        description="largest share of the listed that an approved hold-out may keep off the lists; 0 for no hold-out",
    )
    holdout_highest_risk: float = Field(
        0.5, gt=0, lt=1, description="probability from which nobody is ever held out, whatever was approved"
    )
    lease_seconds: float = Field(
        60,
        ge=0.2,
        le=3600,
        description="seconds without a sign of life after which a run counts as dead and another may begin",
    )
    list_valid_days: int = Field(14, ge=1, description="how long a published list is said to be valid")
    stale_days: int = Field(
        10,
        ge=1,
        description="age in days of a run's newest data from which every answer about it says that it is stale",
    )
    mesh_url: str = Field("", description="MESH endpoint that the outbox is sent through; nothing is sent when empty")
    mesh_mailbox: str = Field("", description="this installation's own MESH mailbox")
    mesh_secrets: Path | None = Field(
        None,
        description="folder of the files that MESH asks for: password and shared_key, and client.crt, client.key and ca.crt where the endpoint asks for certificates",
    )
    mesh_mailboxes: Path | None = Field(
        None, description="CSV of the practices' MESH mailboxes: columns practice and mailbox"
    )
    mesh_workflow: str = Field(
        "FRAILTY_PRIORITY_LIST", description="MESH workflow id under which lists and their recalls are sent"
    )
    webhook_networks: str = Field(
        "",
        description="networks of the area's own, such as 10.20.0.0/16, to which webhooks may go beside the open internet; none when empty",
    )
    today: date | None = Field(None, description="the day to take as today; for tests and the demo alone")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def store_url(self) -> str:
        return self.store or f"sqlite:///{(self.home / 'frailty.db').absolute()}"

    @property
    def identity_folder(self) -> Path:
        return self.identity or self.home / "identity"

    @property
    def identity_key_file(self) -> Path:
        return self.identity_key or self.home / "keys" / "identity.key"

    @property
    def keys_folder(self) -> Path:
        return self.keys or self.home / "keys"

    @property
    def checkpoints_folder(self) -> Path:
        return self.checkpoints or self.home / "audit-checkpoints"

    @property
    def permissions_file(self) -> Path:
        return self.permissions or self.home / "permissions.toml"

    @property
    def forgotten_folder(self) -> Path:
        return self.forgotten or self.home / "forgotten"

    @property
    def record_folder(self) -> Path:
        """Where a restore puts the linked record that is in a backup."""
        return self.record or self.home / "record"

    @property
    def bundles(self) -> Path:
        return self.home / "models"

    @property
    def runs(self) -> Path:
        return self.home / "runs"

    @property
    def restoring_mark(self) -> Path:
        """There while a restore is under way, or was not finished: nobody works with what lies there."""
        return self.home / "restoring"

    @property
    def tracking_uri(self) -> str:
        return self.tracking or f"sqlite:///{(Path('mlruns') / 'mlflow.db').absolute()}"


def load(**flags: Any) -> Settings:
    """The settings in force, and the code sets that they name; :class:`WrongUsage` in a sentence where one does not fit."""
    try:
        held = Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']} (found {fault['input']!r})" for fault in error.errors()
        )
        raise WrongUsage(f"settings do not fit: {faults}; `frailty settings` shows what each means") from error
    if held.codelists is not None:
        from features.codelists import use  # only for whom it matters: it loads much

        use(held.codelists)
    if held.outcomes is not None:
        from features.outcomes.rules import use as use_rules

        use_rules(held.outcomes)
    return held
