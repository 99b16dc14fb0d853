"""GraphQL inputs made from commands: each input is described once, where it is validated."""

from dataclasses import fields, make_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import strawberry
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from innohub.command import Command
from innohub.db.identifiers import IdOf
from innohub.graphql.types.scalars import Pence


@strawberry.input(description="One entry of a set of named values.")
class Entry:
    name: str
    value: str


@cache
def input_of(model: type[BaseModel]) -> type[Any]:
    """The strawberry input with the fields of `model`, named after it."""
    declared = [
        (name, _annotation(field, name), _default(field))
        for name, field in model.model_fields.items()
        if _annotation(field, name) is not None
    ]
    made = make_dataclass(f"{model.__name__}Input", declared, kw_only=True)
    description = (model.__doc__ or "").strip() or None
    return strawberry.input(made, name=made.__name__, description=description)


def command_of(model: type[Command], given: Any) -> Any:
    """The validated command in a GraphQL input. Raises Invalid for what breaks a rule."""
    return model.parse(_plain(given))


def _plain(value: Any) -> Any:
    if hasattr(value, "__strawberry_definition__") and not isinstance(value, Enum):
        found = {field.name: getattr(value, field.name) for field in fields(value)}
        return {
            name: _plain(inner) for name, inner in found.items() if inner is not strawberry.UNSET
        }
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


def _default(field: FieldInfo) -> Any:
    if field.is_required():
        return strawberry.field()
    return strawberry.field(default=strawberry.UNSET)


def _annotation(field: FieldInfo, name: str) -> Any:
    """The field's GraphQL type; None for what only our own code passes (bytes)."""
    if any(isinstance(mark, IdOf) for mark in field.metadata):
        found: Any = strawberry.ID
    elif name.endswith("_pence"):
        found = Pence
    else:
        found = _type(field.annotation)
    if found is None:
        return None
    optional = not field.is_required() or NoneType in get_args(field.annotation)
    return found | None if optional else found


def _type(annotation: Any) -> Any:
    origin = get_origin(annotation)
    if origin is Annotated:
        base, *marks = get_args(annotation)
        if any(isinstance(mark, IdOf) for mark in marks):
            return strawberry.ID
        return _type(base)
    if origin in (Union, UnionType):
        inner = [_type(part) for part in get_args(annotation) if part is not NoneType]
        return next((part for part in inner if part is not None), None)
    if origin in (list, tuple, frozenset, set):
        return list[_type(get_args(annotation)[0])]  # type: ignore[misc]
    if origin is dict:
        return list[Entry]
    if annotation is bytes:
        return None
    if annotation is SecretStr:
        return str
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return annotation if hasattr(annotation, "__strawberry_definition__") else _enum(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return input_of(annotation)
    return annotation


@cache
def _enum(words: type[Enum]) -> Any:
    return strawberry.enum(words)
