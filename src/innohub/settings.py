"""Every setting of the hub, read from the environment once and handed on as a value.

`DATABASE_URL` and `REDIS_URL` keep their customary names; the others carry the prefix `INNOHUB_`.
"""

import os
import re
import secrets
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="INNOHUB_", frozen=True, extra="forbid", populate_by_name=True
    )

    environment: Literal["development", "production"] = "development"
    database_url: str | None = Field(
        None, validation_alias=AliasChoices("DATABASE_URL", "database_url")
    )
    """`postgresql://…`. None: `innohub run` starts the embedded PostgreSQL under `data_dir`."""
    database_direct_url: str | None = Field(
        None, validation_alias=AliasChoices("DATABASE_DIRECT_URL", "database_direct_url")
    )
    """The same database past a pooler such as PgBouncer, for what needs a connection of its own:
    hearing of events, migrations, backups. Set, it says that the other addresses lead through a
    pooler that hands out connections for one transaction each."""
    database_read_url: str | None = Field(
        None, validation_alias=AliasChoices("DATABASE_READ_URL", "database_read_url")
    )
    """A streaming standby of the same database, for queries and pages. None: the database itself
    answers them."""
    sandbox_database_url: str | None = Field(
        None, validation_alias=AliasChoices("SANDBOX_DATABASE_URL", "sandbox_database_url")
    )
    """Another database, of invented data, for programs that are still being built. None: the hub
    has no sandbox, but for that of `innohub run`, in a second database of the embedded server."""
    redis_url: str | None = Field(None, validation_alias=AliasChoices("REDIS_URL", "redis_url"))
    """`redis://…`. None: `innohub run` starts the embedded Valkey."""

    data_dir: Path = Path(".data")
    """Holds the embedded databases, generated keys and the demonstration accounts."""
    base_url: str = "http://127.0.0.1:8000"
    """The public address: the issuer of tokens and the root of every link."""
    host: str = "127.0.0.1"
    port: int = 8000
    worker_port: int | None = Field(None, ge=1, le=65_535)
    """Where a worker answers `/healthz`, `/readyz` and `/metrics`, on the same `host`. None: it
    listens nowhere. Several workers on one machine need one each."""

    secret_key: SecretStr | None = None
    """Signs session cookies. Required in production; generated into `data_dir` elsewhere."""
    vault_key: SecretStr | None = None
    """Seals stored credentials: 32 bytes in URL-safe base64. Same rule as `secret_key`. Several,
    between commas: the first seals, all open; see docs/vault-keys.md."""

    connector_paths: list[Path] = []
    """Folders of further connectors, searched after the ones shipped with the hub."""
    outbound_allow_loopback: bool = False
    """Lets connectors call 127.0.0.1. For development and demonstration only."""
    clamd: str | None = None
    """`host:port` of a virus scanner that speaks clamd's INSTREAM. None: files are marked as not
    scanned. For the worker."""
    ocid_prefix: str = "ocds-000000"
    """Before every id of a contracting process in the open data. The one given here is nobody's:
    register your own with the Open Contracting Partnership before anything is published."""
    publisher_name: str = "InnoHub"
    """Who publishes the open data: the name of the company that runs the hub."""
    smtp_host: str | None = None
    """The mail server. None, and no demonstration mailbox: the hub sends no e-mail."""
    smtp_port: int = Field(587, ge=1, le=65_535)
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    """`tls`: from the first byte, customarily on port 465. `none`: for a server on this machine."""
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    mail_from: str = "InnoHub <innohub@localhost>"
    """The sender of every e-mail; in production an address of the operator's."""
    demonstration_mailbox: bool = False
    """Keeps e-mail in the hub, for everybody to read at `/mailbox`, in place of sending it."""
    demonstration: bool = False
    """Seeds the demonstration market, and marks every page as a demonstration."""

    database_pool_size: int = Field(10, ge=1)
    read_pool_size: int = Field(8, ge=1)
    read_lag_seconds: float = Field(5.0, gt=0, le=60)
    """How far the standby may be behind before the database itself is asked."""
    statement_timeout_ms: int = Field(5_000, ge=100)
    session_hours: int = Field(12, ge=1)
    trusted_proxies: Annotated[list[str], NoDecode] = []
    """Addresses or networks, between commas, whose `X-Forwarded-For` says where a visitor comes
    from: the operator's own proxies. Of nobody else is it believed."""
    requests_a_minute: int = Field(600, ge=0)
    """To the API, by one person, one client, or one stranger's address. 0: without a limit."""
    access_token_minutes: int = Field(10, ge=1)
    graphql_introspection: bool = True
    """Whether strangers may read the schema through the API; it is published anyway."""
    graphql_documents: Path | None = None
    """A folder of `.graphql` files that clients may name by their SHA-256."""
    graphql_registered_only: bool = False
    """Runs only those documents and the pages' own."""
    otlp_endpoint: str | None = Field(
        None,
        validation_alias=AliasChoices(
            "OTEL_EXPORTER_OTLP_ENDPOINT", "INNOHUB_OTLP_ENDPOINT", "otlp_endpoint"
        ),
    )
    """Where traces go, by OTLP over HTTP: `http://collector:4318`. None: nothing is traced."""
    trace_ratio: float = Field(1.0, ge=0, le=1)
    """The share of traces that is kept."""
    keep_sessions_days: int = Field(30, ge=1)
    """After they ended: sign-ins, what people let programs do, and old secrets of clients."""
    keep_attempts_days: int = Field(400, ge=30)
    """The log of each try at a delivery. The delivery itself stays, with what came of it."""
    keep_read_notices_days: int = Field(180, ge=1)
    """After they were read. What was never read stays."""
    keep_mail_days: int = Field(90, ge=31)
    """E-mails that were sent, or given up; what they said goes after 30 days."""
    keep_links_days: int = Field(90, ge=1)
    """The links of e-mailed decisions, after they expired."""
    keep_comparisons_days: int = Field(90, ge=1)
    """Reports of comparing both sides of a connection."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("base_url", "otlp_endpoint")
    @classmethod
    def _without_trailing_slash(cls, value: str | None) -> str | None:
        return value and value.rstrip("/")

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: str | list[str]) -> list[str]:
        given = value.split(",") if isinstance(value, str) else value
        named = [one.strip() for one in given if one.strip()]
        for one in named:
            ip_network(one)
        return named

    @field_validator("clamd")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None and re.fullmatch(r"[^\s/@]+:[0-9]{1,5}", value) is None:
            raise ValueError("INNOHUB_CLAMD is host:port")
        return value

    @field_validator("ocid_prefix")
    @classmethod
    def _registered_form(cls, value: str) -> str:
        if re.fullmatch(r"ocds-[a-z0-9]{6}", value) is None:
            raise ValueError("INNOHUB_OCID_PREFIX is ocds- and six letters or digits")
        return value

    def is_pooled(self, url: str) -> bool:
        """Whether a connection to `url` may be another server process in each transaction."""
        return self.database_direct_url is not None and url != self.database_direct_url

    @property
    def direct_url(self) -> str | None:
        """Where a session keeps what it was told."""
        return self.database_direct_url or self.database_url

    @property
    def ocid_prefix_is_placeholder(self) -> bool:
        return self.ocid_prefix == "ocds-000000"

    @model_validator(mode="after")
    def _sandbox_is_apart(self) -> "Settings":
        if self.sandbox_database_url and self.sandbox_database_url == self.database_url:
            raise ValueError("SANDBOX_DATABASE_URL is DATABASE_URL: the sandbox needs its own")
        return self

    @model_validator(mode="after")
    def _production_needs_keys(self) -> "Settings":
        if self.environment == "production":
            missing = [name for name in ("secret_key", "vault_key") if getattr(self, name) is None]
            if missing:
                names = ", ".join(f"INNOHUB_{name.upper()}" for name in missing)
                raise ValueError(f"production needs {names}")
            if self.demonstration_mailbox:
                raise ValueError("INNOHUB_DEMONSTRATION_MAILBOX is for demonstrations only")
            if self.smtp_host and "@localhost" in self.mail_from:
                raise ValueError("INNOHUB_MAIL_FROM names the sender of e-mail")
            if self.outbound_allow_loopback:
                raise ValueError("INNOHUB_OUTBOUND_ALLOW_LOOPBACK is for development only")
        return self

    @cached_property
    def session_secret(self) -> str:
        """The key that signs session cookies, made on first use in development."""
        return self._key(self.secret_key, "secret-key")

    @cached_property
    def vault_secret(self) -> str:
        """The key that seals stored credentials, made on first use in development."""
        return self._key(self.vault_key, "vault-key")

    @property
    def secure_cookies(self) -> bool:
        return self.base_url.startswith("https://")

    def _key(self, given: SecretStr | None, name: str) -> str:
        if given is not None:
            return given.get_secret_value()
        return _stored_key(self.data_dir / "keys" / name)


def environment_names() -> set[str]:
    """Every name that the environment may set."""
    names = set()
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        customary = alias.choices[0] if isinstance(alias, AliasChoices) else None
        names.add(str(customary or f"INNOHUB_{name.upper()}"))
    return names


def _stored_key(path: Path) -> str:
    """Read the key at `path`, creating it first. Two processes starting at once agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(32))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
