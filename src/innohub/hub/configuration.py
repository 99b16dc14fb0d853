"""Judges what a supplier fills in against the connector's manifest, and the subscription against
the events that there are."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import SecretStr

from innohub.errors import Invalid, Problem
from innohub.hub.contract import Manifest, SettingField
from innohub.hub.fan_out import EVERYTHING
from innohub.hub.outbound import OutboundRefused, check_url
from innohub.outbox.service import DomainEvent

LONGEST_VALUE = 2_000


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
    known = {secret.name for secret in manifest.secrets}
    values = {name: secret.get_secret_value().strip() for name, secret in given.items()}
    problems = [_unknown("secrets", name) for name in values if name not in known]
    wanted = known if all_of_them else known & values.keys()
    for name in sorted(wanted):
        if not values.get(name):
            problems.append(Problem("Enter this secret.", f"secrets.{name}"))
        elif len(values[name]) > LONGEST_VALUE:
            problems.append(Problem("This secret is too long.", f"secrets.{name}"))
    _refuse(problems)
    return values


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
    """The wire names of all events that the loaded capabilities declare, in order."""
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


def _unknown(part: str, name: str) -> Problem:
    return Problem(f"This connector has no entry called {name[:100]}.", f"{part}.{name[:100]}")


def _refuse(found: Iterable[Problem]) -> None:
    problems = list(found)
    if problems:
        raise Invalid(problems[0].message, field=problems[0].field, problems=problems)
