"""Judges what a supplier fills in against the connector's manifest, and the subscription against
the events that there are."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import SecretStr

from innohub.db.unit_of_work import utc_now
from innohub.errors import Invalid, Problem
from innohub.hub.connectors.grants import signatures
from innohub.hub.connectors.manifest import Manifest, SecretField, SettingField
from innohub.hub.delivery.fan_out import EVERYTHING
from innohub.hub.event_catalogue import load_declarations
from innohub.hub.wire import key_material
from innohub.hub.wire.key_material import NotUsable
from innohub.hub.wire.outbound import OutboundRefused, check_url
from innohub.outbox.service import DomainEvent

LONGEST_VALUE = 2_000
LONGEST_PEM = 30_000
"""A certificate, those of its issuers, and a key."""


def checked_config(
    manifest: Manifest, given: Mapping[str, str], *, allow_loopback: bool
) -> dict[str, str]:
    """The settings to store. Raises Invalid with a problem for each that is wrong."""
    settings = {setting.name: setting for setting in manifest.settings}
    config = {name: value.strip() for name, value in given.items() if value.strip()}
    problems = [_unknown("config", name) for name in config if name not in settings]
    for setting in settings.values():
        problems += _faults(setting, config.get(setting.name), allow_loopback)
    _refuse(problems)
    return config


def checked_secrets(
    manifest: Manifest, given: Mapping[str, SecretStr], *, all_of_them: bool
) -> dict[str, str]:
    """The secrets to seal. `all_of_them`: none may be missing, as when a connection is made."""
    known: dict[str, SecretField] = {secret.name: secret for secret in manifest.secrets}
    values = {name: secret.get_secret_value().strip() for name, secret in given.items()}
    problems = [_unknown("secrets", name) for name in values if name not in known]
    for name in sorted(known if all_of_them else known.keys() & values.keys()):
        fault = _fault(manifest, known[name], values.get(name, ""))
        if fault:
            problems.append(Problem(fault, f"secrets.{name}"))
    _refuse(problems)
    return values


def check_newest_only(manifest: Manifest, wanted: bool) -> None:
    """Raise Invalid where the connector keeps a record of each event: none of them stands for
    another."""
    if wanted and manifest.record != "stream":
        told = "This connector keeps a record of each event, so that each has to be sent."
        raise Invalid(told, field="newest_only")


def check_subscription(names: Iterable[str]) -> None:
    """Raises Invalid for a name that no event of this hub has."""
    types = set(event_types())
    families = {f"{name.partition('.')[0]}.*" for name in types}
    _refuse(
        Problem(f"There is no event called {name}.", "event_types")
        for name in names
        if name not in types | families | {EVERYTHING}
    )


def event_types() -> list[str]:
    """The wire names of all events, in order: the hub's own, and what else is declared."""
    load_declarations()
    return sorted(set(_declared(DomainEvent)))


def _declared(kind: type[DomainEvent]) -> Iterator[str]:
    for below in kind.__subclasses__():
        name: Any = getattr(below, "type", None)
        if isinstance(name, str):
            yield name
        yield from _declared(below)


def _faults(setting: SettingField, value: str | None, allow_loopback: bool) -> Iterator[Problem]:
    field = f"config.{setting.name}"
    if value is None:
        if setting.required:
            yield Problem(f"Enter: {setting.title}.", field)
    elif len(value) > LONGEST_VALUE or not value.isprintable():
        yield Problem("Enter a single line of at most 2,000 characters.", field)
    elif setting.kind == "url":
        try:
            check_url(value, allow_loopback=allow_loopback)
        except OutboundRefused as error:
            yield Problem(str(error), field)


def _fault(manifest: Manifest, secret: SecretField, value: str) -> str | None:
    if not value:
        return f"Enter: {secret.title}."
    if len(value) > (LONGEST_PEM if secret.is_pem else LONGEST_VALUE):
        return "This secret is too long."
    try:
        if secret.name == "private_key":
            key = key_material.private_key(value)
        elif secret.name == "client_certificate":
            certificate = key_material.client_certificate(value)
            key_material.check_in_force(certificate, utc_now())
            key = certificate.key
        else:
            return None
        for signed in signatures(manifest.authorise) if manifest.authorise else ():
            if signed.signs_with(secret.name, {each.name for each in manifest.secrets}):
                key_material.check_signs(key, signed.algorithm)
    except NotUsable as error:
        return str(error)
    return None


def _unknown(part: str, name: str) -> Problem:
    return Problem(f"This connector has no entry called {name[:100]}.", f"{part}.{name[:100]}")


def _refuse(found: Iterable[Problem]) -> None:
    problems = list(found)
    if problems:
        raise Invalid(problems[0].message, field=problems[0].field, problems=problems)
