"""Declarations: where each field of a GraphQL type is read from.

A type is declared once, with strawberry; its fields carry their source in the same line:

    @node(Technology, policy.visible, name="Technology")
    class TechnologyNode(Node):
        name: str = column(Technology.name)
        supplier: SupplierNode | None = one(lambda t, s: s.id == t.supplier_id)
        ratings: Connection[RatingNode] = paged(lambda t, r: r.technology_id == t.id)

The callables are given rows: aliases of the declared tables. They return SQLAlchemy expressions,
never values. Selection, SQL and shaping are the business of the neighbouring modules.
"""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import strawberry
from sqlalchemy import all_, any_
from sqlalchemy.dialects.postgresql import ARRAY

from innohub.graphql.read.reads import (
    Anything,
    Argument,
    Column,
    Counted,
    Either,
    Facet,
    Follows,
    Identifier,
    Joins,
    Many,
    One,
    Order,
    Paged,
    Part,
    Predicate,
    Read,
    ReadField,
    Row,
    Source,
    Stored,
    Term,
)
from innohub.identity.viewer import Viewer

__all__ = [
    "Connection",
    "Edge",
    "FacetCount",
    "Follows",
    "Node",
    "PageInfo",
    "Row",
    "Term",
    "among",
    "anything",
    "apart_from",
    "column",
    "either",
    "facet",
    "identifier",
    "many",
    "newest",
    "node",
    "oldest",
    "one",
    "paged",
    "part",
    "stored",
    "where",
]


def _field(read: Read, description: str | None) -> Any:
    return ReadField(metadata={"read": read}, description=description)


def column(
    of: Any,
    description: str | None = None,
    *,
    shown: Callable[[Row, Viewer], Predicate] | None = None,
    **arguments: Any,
) -> Any:
    """A mapped attribute, or a callable from row (and viewer, and arguments) to an expression."""
    if not hasattr(of, "key"):
        certain = False
        wanted = of.__code__.co_argcount
        read = of if wanted >= 2 else (lambda row, viewer: of(row))
    else:
        certain = shown is None and not of.property.columns[0].nullable
        read = lambda row, viewer: getattr(row, of.key)  # noqa: E731
    name = getattr(of, "key", None)
    return _field(Column(read, certain, name, shown, _required(arguments)), description)


def identifier() -> Any:
    return _field(Identifier(), "The global id.")


def part(present: Callable[[Row], Predicate] | None = None, description: str | None = None) -> Any:
    return _field(Part(present), description)


def one(on: Callable[..., Predicate], description: str | None = None, **arguments: Any) -> Any:
    """`arguments`: name to annotation; each reaches `on` as a bound parameter."""
    return _field(One(on, _required(arguments)), description)


def either(on: Callable[[Row, Row, str], Predicate], description: str | None = None) -> Any:
    """A field whose type is a union of nodes, each read from a table of its own."""
    return _field(Either(on), description)


def _required(arguments: Mapping[str, Any]) -> Mapping[str, Argument]:
    return {name: (annotation, strawberry.UNSET) for name, annotation in arguments.items()}


def many(
    on: Callable[..., Predicate],
    order: Callable[[Row], list[Any]],
    bounded: str,
    description: str = "",
    *,
    best: int | None = None,
    **arguments: Any,
) -> Any:
    """A list that is always whole. `bounded`: the rule that keeps it short, told in the schema;
    what no rule keeps short is `paged`. `best`: how far a ranking goes. `arguments`: name to
    annotation; each reaches `on` as a bound parameter."""
    read = Many(on, order, best, _required(arguments))
    return _field(read, f"{description} {bounded}".lstrip())


def newest(row: Row, given: Mapping[str, Any]) -> list[Term]:
    """The order of connections that declare none: the latest first."""
    return []


def oldest(row: Row, given: Mapping[str, Any]) -> list[Term]:
    """The order in which rows came to be."""
    return [Term(row.id, unique=True)]


def paged(
    on: Callable[..., Predicate] | None = None,
    description: str | None = None,
    *,
    filter: Any = None,
    orders: Mapping[Any, Order] | None = None,
    default: Any = None,
    order: Order = newest,
    counted: Counted | None = None,
    **arguments: Any,
) -> Any:
    """A connection: what may be long, page by page.

    `orders` maps the members of a strawberry enum to their terms; without it, `order` is the only
    one. `counted`: the numbers that the database keeps of it, so that counting does not take longer
    as there is more to count. `arguments`: as those of `many`."""
    order_type = type(default) if orders else None
    further = _required(arguments)
    read = Paged(on, orders or {None: order}, order_type, default, filter, counted, further)
    return _field(read, description)


def facet(
    of: Callable[[Row], tuple[Any, Joins]], *, label: Callable[[Any], Any], ignoring: str
) -> Any:
    return _field(Facet(of, label, ignoring), None)


def anything(*, many: bool) -> Any:
    return _field(Anything(many), "Any node by its global id.")


def stored(attribute: str, description: str | None = None) -> Any:
    """In a payload: the node whose row id the payload holds under `attribute`."""
    # With a default, so that a payload is made of what it holds, without the node itself.
    return ReadField(metadata={"read": Stored(attribute)}, description=description, default=None)


def where(
    predicate: Callable[[Row, Any], Predicate],
    description: str | None = None,
    *,
    id_of: str | None = None,
) -> Any:
    """A filter's field: gets the row and the bound value; `id_of` names the type its ids are of."""
    return strawberry.field(
        default=strawberry.UNSET,
        description=description,
        metadata={"where": predicate, "id_of": id_of},
    )


def among(column: Any, values: Any) -> Predicate:
    """Rows whose column has one of the bound values; a single value keeps an index's order."""
    return column == (any_(values) if isinstance(values.type, ARRAY) else values)  # type: ignore[no-any-return]


def apart_from(column: Any, values: Any) -> Predicate:
    """Rows whose column has none of the bound values."""
    return column != (all_(values) if isinstance(values.type, ARRAY) else values)  # type: ignore[no-any-return]


T = TypeVar("T")


@strawberry.interface(description="Anything with a global id.")
class Node:
    id: strawberry.ID = identifier()


def node(
    table: Any,
    visible: Callable[[Row, Viewer], Predicate],
    *,
    name: str,
    description: str | None = None,
    kind: Callable[[Row], Predicate] | None = None,
    follows: Follows | None = None,
) -> Callable[[type[T]], type[T]]:
    """Make a class a GraphQL type read from `table`, within what `visible` allows."""

    def declare(cls: type[T]) -> type[T]:
        declared: type[T] = strawberry.type(cls, name=name, description=description)
        declared.__read__ = Source(table, visible, kind, follows)  # type: ignore[attr-defined]
        return declared

    return declare


@strawberry.type(description="Where a page stands in its connection.")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Edge(Generic[T]):
    cursor: str
    node: T


@strawberry.type
class Connection(Generic[T]):
    edges: list[Edge[T]]
    nodes: list[T]
    page_info: PageInfo
    total_count: int = strawberry.field(description="All rows over all pages; counted when asked.")


@strawberry.type(description="How many rows of the search carry a value.")
class FacetCount:
    value: str
    label: str
    count: int
