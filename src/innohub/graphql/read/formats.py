"""How a column's Python value becomes the value of its GraphQL type."""

from collections.abc import Callable
from functools import cache
from typing import Any

import orjson
from graphql import GraphQLEnumType, get_named_type, get_nullable_type, is_list_type

Format = Callable[[Any], Any]


def format_of(type_: Any) -> Format | None:
    """None where the database's value is the response's: text, numbers, flags, dates."""
    single = _format(get_named_type(type_))
    if single is None or not is_list_type(get_nullable_type(type_)):
        return single
    return _each(single)


@cache
def _format(named: Any) -> Format | None:
    if isinstance(named, GraphQLEnumType):
        names = {getattr(v.value, "value", v.value): name for name, v in named.values.items()}
        return names.__getitem__
    if named.name == "JSON":
        return orjson.loads
    return None


@cache
def _each(format: Format) -> Format:
    return lambda values: [format(value) for value in values]
