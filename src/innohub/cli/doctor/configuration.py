"""The settings by themselves: what they say, before anything is asked."""

import os
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import SettingsError

from innohub.cli.doctor.finding import Finding, look, well, wrong
from innohub.cli.errors import settings_problems
from innohub.settings import Settings, environment_names

SHORTEST_KEY = 32
"""Characters of a key that signs: as many as the advice in docker/innohub.env.example makes."""


OF_THE_TOPOLOGY = {"INNOHUB_DOMAIN", "INNOHUB_VERSION"}
"""Read by docker/compose.yaml itself."""


GRPC = ":4317"


def read() -> tuple[Settings | None, list[Finding]]:
    """The settings of the environment, or what is wrong with each that cannot be read."""
    try:
        settings = Settings()
    except (ValidationError, SettingsError) as error:
        mend = "Every setting is explained in docker/innohub.env.example."
        return None, [wrong("settings", line, mend) for line in settings_problems(error)]
    return settings, [*_of(settings), *_unknown()]


def _of(settings: Settings) -> Iterator[Finding]:
    production = settings.environment == "production"
    if not settings.base_url.startswith(("https://", "http://")):
        yield wrong(
            "settings",
            f"INNOHUB_BASE_URL is {settings.base_url}, which is no address: links lead nowhere.",
            "Give it with https://.",
        )
    elif production and not settings.base_url.startswith("https://"):
        yield look(
            "settings",
            f"INNOHUB_BASE_URL is {settings.base_url}: cookies and tokens pass unsealed.",
            "Give the address that people use, with https://.",
        )
    if production and settings.demonstration:
        yield look(
            "settings",
            "INNOHUB_DEMONSTRATION is on: an empty database is filled with an invented market.",
            "Leave it out.",
        )
    if production and settings.ocid_prefix_is_placeholder:
        yield look(
            "settings",
            f"INNOHUB_OCID_PREFIX is {settings.ocid_prefix}, which is nobody's.",
            "Register a prefix with the Open Contracting Partnership before you publish.",
        )
    yield well("settings", f"{settings.environment}, reached at {settings.base_url}.")
    if settings.database_url is None and not production:
        said = (
            "`innohub run` adds a Valkey, a sandbox and a mailbox of its own to what is said here."
        )
        yield well("settings", said)
    yield from _traces(settings.otlp_endpoint)
    yield from _keys(settings)
    yield from _assets()


def _traces(endpoint: str | None) -> Iterator[Finding]:
    if endpoint is None:
        return
    if not endpoint.startswith(("https://", "http://")):
        said = f"OTEL_EXPORTER_OTLP_ENDPOINT is {endpoint}, which is no address."
        yield wrong("traces", said, "Give it with http:// or https://.")
    elif endpoint.endswith(GRPC):
        said = f"OTEL_EXPORTER_OTLP_ENDPOINT is {endpoint}: collectors take gRPC there."
        yield look("traces", said, "The hub speaks OTLP over HTTP, customarily on port 4318.")


def _keys(settings: Settings) -> Iterator[Finding]:
    key = settings.secret_key
    if key is None:
        yield well("keys", f"Kept under {settings.data_dir / 'keys'}: one machine only.")
    elif len(key.get_secret_value()) < SHORTEST_KEY:
        yield wrong(
            "keys",
            f"INNOHUB_SECRET_KEY has fewer than {SHORTEST_KEY} characters: it can be guessed.",
            'Make one: python3 -c "import secrets; print(secrets.token_urlsafe(32))".',
        )


def _assets() -> Iterator[Finding]:
    from innohub import web

    vendor = Path(web.__file__).parent / "static" / "vendor"
    if not (vendor / "govuk-frontend.min.css").exists():
        yield wrong("pages", "The front-end packages are missing.", "Run `innohub assets`.")


def _unknown() -> Iterator[Finding]:
    """Names that look like settings and are none: a slip of the pen would otherwise stay unseen."""
    known = environment_names()
    for name in sorted(os.environ):
        if name.startswith("INNOHUB_") and name not in known | OF_THE_TOPOLOGY:
            near = get_close_matches(name, known, 1)
            yield look(
                "settings",
                f"{name} is no setting, and counts for nothing.",
                f"Did you mean {near[0]}?" if near else "Leave it out.",
            )
