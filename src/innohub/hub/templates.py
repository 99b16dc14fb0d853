"""Placeholders in a connector's texts, `{event.seq}`, and the values put in their place."""

from collections.abc import Iterator, Mapping
from typing import Any

from innohub.hub.contract import DeliveryRequest
from innohub.hub.parts import PLACEHOLDER


def values_of(request: DeliveryRequest) -> dict[str, Any]:
    """Every name a placeholder may use, with its value for this event."""
    event = {
        "type": request.type,
        "occurred_at": request.occurred_at.isoformat(),
        "stream": request.stream,
        "seq": request.seq,
        "schema_version": request.schema_version,
        "external_key": request.external_key,
        "payload": dict(request.payload),
    }
    return {f"event.{name}": value for name, value in event.items()} | config_values(request.config)


def config_values(config: Mapping[str, str]) -> dict[str, Any]:
    return {f"config.{name}": value for name, value in config.items()}


def render(template: Any, values: Mapping[str, Any]) -> Any:
    """The template filled in. A text that is one placeholder keeps the value's own type; a setting
    that was left empty is None there, and nothing within a longer text."""
    if isinstance(template, dict):
        return {name: render(inner, values) for name, inner in template.items()}
    if isinstance(template, list):
        return [render(inner, values) for inner in template]
    if not isinstance(template, str):
        return template
    whole = PLACEHOLDER.fullmatch(template)
    if whole:
        return values.get(whole[1])
    return PLACEHOLDER.sub(lambda found: _text(values.get(found[1])), template)


def placeholders(template: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, str]]:
    """Where in the template which name is used: (path, name)."""
    if isinstance(template, dict):
        for name, inner in template.items():
            yield from placeholders(inner, (*path, name))
    elif isinstance(template, list):
        for index, inner in enumerate(template):
            yield from placeholders(inner, (*path, index))
    elif isinstance(template, str):
        for found in PLACEHOLDER.finditer(template):
            yield path, found[1]


def _text(value: Any) -> str:
    return "" if value is None else str(value)
