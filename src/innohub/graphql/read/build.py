"""JSON as PostgreSQL builds it: the expressions that a response is compiled to.

Numbers, text, dates and flags are written by PostgreSQL itself, as graphql-core would write them.
What GraphQL calls otherwise than the database (enumerations, global ids) is renamed on the way.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from graphql import (
    GraphQLEnumType,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
)
from sqlalchemy import (
    JSON,
    Column,
    Exists,
    ScalarSelect,
    Text,
    case,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.functions import coalesce, count

Pair = tuple[str, Any]
MOST_PAIRS = 50
"""A function of PostgreSQL takes 100 arguments."""
NOTHING: Any = literal_column("NULL::json")
NO_ITEMS: Any = literal_column("'[]'::json")


def text(constant: str) -> Any:
    """A constant of the statement."""
    return literal_column("'" + constant.replace("'", "''") + "'")


def made(pairs: Sequence[Pair]) -> Any:
    """An object with these keys, in this order."""
    if len(pairs) <= MOST_PAIRS:
        arguments = [part for key, value in pairs for part in (text(key), value)]
        return func.json_build_object(*arguments, type_=JSON)
    # '{…}' and '{…}' become '{…, …}'.
    first, rest = (cast(made(p), Text) for p in (pairs[:MOST_PAIRS], pairs[MOST_PAIRS:]))
    start = func.left(first, literal_column("-1"), type_=Text)
    end = func.substr(rest, literal_column("2"), type_=Text)
    return cast(start.concat(text(", ")).concat(end), JSON)


def listed(item: Any, *, order: Any = None, where: Any = None) -> Any:
    """Aggregates an item of every row, in the order in which they come unless one is given."""
    items = func.json_agg(item if order is None else aggregate_order_by(item, order), type_=JSON)
    return func.coalesce(items if where is None else items.filter(where), NO_ITEMS, type_=JSON)


def must(value: Any) -> Any:
    """The value of a non-null field. Where it is null, the statement fails with a DataError: words
    are cast to JSON, which PostgreSQL does only then, since it takes `concat` for no constant.
    What can never be null is not looked at again."""
    if _certain(value):
        return value
    return func.coalesce(func.to_json(value, type_=JSON), cast(func.concat(text("no value")), JSON))


def _certain(value: Any) -> bool:
    """Whether an expression cannot be NULL, as far as its form tells."""
    match value:
        case ScalarSelect():
            return _counts(value.element)
        case count() | Exists():
            return True
        case coalesce():
            return any(_certain(part) for part in value.clauses)
        case InstrumentedAttribute():
            return _certain(value.expression)
        case Column():
            return not value.nullable
    return False


def _counts(statement: Any) -> bool:
    """Whether a statement yields one row always, with a count in it."""
    grouped = statement._group_by_clauses or statement._having_criteria
    return not grouped and all(isinstance(c, count) for c in statement.selected_columns)


def identifier(kind: str, row: Any) -> Any:
    """The global id, as `identifiers.encode` makes it."""
    return _in_base64(func.concat(text(f"{kind}:"), row.id))


def cursor(values: Any) -> Any:
    """The cursor of a row, from the JSON array of its order's name and values; null for null."""
    return _in_base64(cast(values, Text))


def _in_base64(value: Any) -> Any:
    """In the alphabet for URLs, without padding and without PostgreSQL's line breaks."""
    encoded = func.encode(func.convert_to(value, text("UTF8")), text("base64"))
    return func.translate(encoded, literal_column("E'+/=\\n'"), text("-_"), type_=Text)


def leaf(value: Any, type_: Any) -> Any:
    """A scalar's or an enumeration's value under its name in GraphQL, or a list of them."""
    named = get_named_type(type_)
    if not isinstance(named, GraphQLEnumType):
        return value
    if not is_list_type(get_nullable_type(type_)):
        return _named(value, named)
    each = func.unnest(value).column_valued()
    names = func.coalesce(func.json_agg(_named(each, named)), NO_ITEMS, type_=JSON)
    listed = select(names).scalar_subquery()
    # No list is not an empty one, where there may be none.
    return listed if is_non_null_type(type_) else case((value.is_not(None), listed))


def _named(value: Any, type_: GraphQLEnumType) -> Any:
    names = names_of(type_)
    if all(name == stored.upper() for stored, name in names.items()):
        return func.upper(value, type_=Text)
    return case({stored: text(name) for stored, name in names.items()}, value=value)


@cache
def names_of(type_: GraphQLEnumType) -> Mapping[str, str]:
    """Of an enumeration: the value that is stored, and its name in GraphQL."""
    return {str(getattr(v.value, "value", v.value)): name for name, v in type_.values.items()}
