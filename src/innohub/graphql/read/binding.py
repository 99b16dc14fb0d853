"""The parameters of a statement: what a request's arguments are as values of PostgreSQL."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import get_named_type, get_nullable_type, is_enum_type, is_list_type
from sqlalchemy import BigInteger, Boolean, Date, DateTime, Float, Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY

from innohub.db import identifiers
from innohub.errors import Invalid
from innohub.graphql.read.arguments import Slot, Variables

SQL_TYPES: dict[str, Any] = {
    "String": Text,
    "Int": BigInteger,
    "Float": Float,
    "Boolean": Boolean,
    "ID": BigInteger,
    "Date": Date,
    "DateTime": DateTime(timezone=True),
    "Pence": BigInteger,
}

Getter = Callable[[Variables], Any]


class Binder:
    """Hands out the bound parameters of one compilation, and remembers how each is filled."""

    def __init__(self) -> None:
        self.getters: dict[str, Getter] = {}

    def parameter(self, get: Getter, type_: Any) -> Any:
        name = f"given_{len(self.getters)}"
        self.getters[name] = get
        return bindparam(name, type_=type_)

    def argument(self, slot: Slot, type_: Any, kind: str) -> Any:
        """The parameter that carries an argument; `kind` is the type its ids are of."""
        named = get_named_type(type_)
        sql_type = Text if is_enum_type(named) else SQL_TYPES[named.name]
        convert = _converter(named, kind)
        if is_list_type(get_nullable_type(type_)):
            if len(slot.value) == 1:
                return self.parameter(lambda v: convert(slot.get(v)[0]), sql_type)
            return self.parameter(lambda v: [convert(x) for x in slot.get(v)], ARRAY(sql_type))
        return self.parameter(lambda v: convert(slot.get(v)), sql_type)

    def arguments(self, given: Mapping[str, Slot], field: Any) -> list[Any]:
        """A relation's own arguments in their order: an `id` is of the field's type, a `…Id` of
        the type that it names."""
        own = get_named_type(field.type).name
        return [
            self.argument(slot, field.args[name].type, _kind_of(name) or own)
            for name, slot in given.items()
        ]


def kinds(value: Any) -> Any:
    """The type name in a global id, or those in a list of them. Raises Invalid for other text."""
    if isinstance(value, list):
        return tuple(sorted({identifiers.decode(text)[0] for text in value}))
    return identifiers.decode(value)[0]


def _kind_of(argument: str) -> str:
    """`technologyId` is the id of a Technology."""
    name = argument.removesuffix("Id")
    return name[:1].upper() + name[1:] if name != argument else ""


def _converter(named: Any, kind: str) -> Callable[[Any], Any]:
    if is_enum_type(named):
        return lambda value: getattr(value, "value", value)
    if named.name == "ID":
        return lambda value: _row_id(value, kind)
    if named.name == "String":
        return _text
    return lambda value: value


def _row_id(text: str, kind: str) -> int:
    """The id of a row of the wanted type; another type's id names no row here."""
    given, id = identifiers.decode(text)
    return id if given == kind else 0


def _text(value: str) -> str:
    if "\x00" in value:
        raise Invalid("Text may not hold the NUL character.")
    return value
