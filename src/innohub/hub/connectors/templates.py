"""Placeholders in a connector's texts, `{event.seq}`, and what is put in their place."""

import re
from collections.abc import Container, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from innohub.hub.connectors.contract import DeliveryRequest
from innohub.hub.connectors.expressions import BUDGET_OF_A_RECORD, Budget, Expression, NoAnswer
from innohub.hub.connectors.parts import PLACEHOLDER

ALL = "*"
"""The name under which an object's template takes in all of another object."""


def document_of(request: DeliveryRequest) -> dict[str, Any]:
    """What the expressions of a mapping see."""
    return {
        "event": {
            "type": request.type,
            "occurred_at": request.occurred_at.isoformat(),
            "stream": request.stream,
            "seq": request.seq,
            "schema_version": request.schema_version,
            "external_key": request.external_key,
            "page": request.page,
            "payload": dict(request.payload),
        },
        "record": {"key": request.record_key, "revision": request.revision},
        "config": dict(request.config),
    }


def values_of(document: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Every name a placeholder may use, with its value: `event.seq` and the like."""
    return {
        f"{part}.{name}": value
        for part, values in document.items()
        for name, value in values.items()
    }


def fields_of(mapping: Mapping[str, Expression], document: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of their record; what is null is left out. Raises NoAnswer, with the field."""
    found: dict[str, Any] = {}
    for name, value in evaluated(mapping, document):
        if isinstance(value, NoAnswer):
            raise NoAnswer(f"The field {name}: {value}.")
        if value is not None:
            found[name] = value
    return found


def evaluated(
    mapping: Mapping[str, Expression], document: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Each field with its value, or with the NoAnswer that there is instead. All share one budget:
    those after the one that spent it have no answer either."""
    budget = Budget(BUDGET_OF_A_RECORD)
    for name, expression in mapping.items():
        try:
            yield name, expression.over(document, budget)
        except NoAnswer as error:
            yield name, error


def addressed(template: str, values: Mapping[str, Any], addresses: Container[str]) -> str:
    """A URL filled in: what is put in is percent-encoded, but for the names in `addresses`. An
    address may end with a slash, or not, where the template goes on with one."""

    def put(found: re.Match[str]) -> str:
        text = _text(_value(values, found[1]))
        if found[1] not in addresses:
            return quote(text, safe="")
        return text.removesuffix("/") if template.startswith("/", found.end()) else text

    return PLACEHOLDER.sub(put, template)


def config_values(config: Mapping[str, str]) -> dict[str, Any]:
    return {f"config.{name}": value for name, value in config.items()}


def render(template: Any, values: Mapping[str, Any]) -> Any:
    """The template filled in. A text that is one placeholder keeps the value's own type; a setting
    that was left empty is None there, and nothing within a longer text. What stands under ALL
    becomes part of the object itself, beneath what the template names."""
    if isinstance(template, dict):
        inner = {name: render(each, values) for name, each in template.items()}
        spread = inner.pop(ALL, None)
        return {**spread, **inner} if isinstance(spread, dict) else inner
    if isinstance(template, list):
        return [render(inner, values) for inner in template]
    if not isinstance(template, str):
        return template
    whole = PLACEHOLDER.fullmatch(template)
    if whole:
        return _value(values, whole[1])
    return PLACEHOLDER.sub(lambda found: _text(_value(values, found[1])), template)


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


def _value(values: Mapping[str, Any], name: str) -> Any:
    part, _, field = name.partition(".")
    return values.get(part, {}).get(field) if part == "fields" and field else values.get(name)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
