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
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import strawberry
from sqlalchemy import ColumnElement, any_, case
from sqlalchemy.dialects.postgresql import ARRAY
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from innohub.identity.viewer import Viewer

Row = Any
"""An alias of a table: attributes are its columns."""
Predicate = ColumnElement[bool]
Joins = list[tuple[Any, Any]]
"""Tables, each with the condition that joins it."""
Argument = tuple[Any, Any]
"""A GraphQL argument's annotation and its default (`strawberry.UNSET` for none)."""

MAX_PAGE = 100
DEFAULT_PAGE = 20


@dataclass(frozen=True)
class Follows:
    """A row is visible whenever its parent is; `by` is its column with the parent's id."""

    parent: Any
    by: str


@dataclass(frozen=True)
class Source:
    """What a node type is read from: its table, and which of its rows a viewer may see."""

    table: Any
    visible: Callable[[Row, Viewer], Predicate]
    kind: Callable[[Row], Predicate] | None = None
    """Tells this type's rows apart where several types share a table."""
    follows: Follows | None = None
    """Where `visible` says no more than that another row is visible: which one."""


@dataclass(frozen=True)
class Column:
    """A column, or an expression over the row."""

    of: Callable[..., ColumnElement[Any]]
    """Gets the row, the viewer and the bound arguments."""
    certain: bool
    """Never NULL, so a non-null field needs no check."""
    attribute: str | None = None
    """The mapped attribute, where it is one."""
    shown: Callable[[Row, Viewer], Predicate] | None = None
    """Rows whose value this viewer may see; elsewhere the field is null."""

    arguments: Mapping[str, Argument] = field(default_factory=dict)

    def value(self, row: Row, viewer: Viewer, *arguments: Any) -> ColumnElement[Any]:
        value = self.of(row, viewer, *arguments)
        return value if self.shown is None else case((self.shown(row, viewer), value))


@dataclass(frozen=True)
class Identifier:
    """The global id of the row."""


@dataclass(frozen=True)
class Part:
    """An object made of the same row; null where `present` does not hold."""

    present: Callable[[Row], Predicate] | None = None


@dataclass(frozen=True)
class One:
    """At most one row of another type. `on` gets the parent's row, its own, and the arguments."""

    on: Callable[..., Predicate]
    arguments: Mapping[str, Argument] = field(default_factory=dict)


@dataclass(frozen=True)
class Either:
    """At most one row, of any of a union's types.

    `on` gets the parent's row, the other, and the name of the type that the other is of.
    """

    on: Callable[[Row, Row, str], Predicate]


@dataclass(frozen=True)
class Many:
    """A short list of rows: all, or the first `limit`; an argument `first` may ask for fewer.

    `on` gets the parent's row, its own, and the further arguments.
    """

    on: Callable[..., Predicate]
    order: Callable[[Row], list[Any]]
    limit: int
    further: Mapping[str, Argument] = field(default_factory=dict)

    @property
    def arguments(self) -> Mapping[str, Argument]:
        return {**self.further, "first": (int, self.limit)}


@dataclass(frozen=True)
class Term:
    """One term of an order: an expression that is never NULL, and its direction."""

    by: ColumnElement[Any]
    descending: bool = False
    unique: bool = False
    """No two rows are alike in it."""


Order = Callable[[Row, Mapping[str, Any]], list[Term]]
"""Gets the row and the bound filter values; the row's id is added, unless a term is unique."""
Counted = Callable[[Mapping[str, Any]], Any]
"""From the filter's values by name to the statement of a kept number; None where none is kept."""


@dataclass(frozen=True)
class Paged:
    """A Relay connection over the rows that `on` relates to the parent."""

    on: Callable[[Row, Row], Predicate] | None
    orders: Mapping[Any, Order]
    order_type: Any
    default_order: Any
    filter_type: Any
    counted: Counted | None = None

    @property
    def arguments(self) -> Mapping[str, Argument]:
        given: dict[str, Argument] = {
            "first": (int | None, None),
            "after": (str | None, None),
            "last": (int | None, None),
            "before": (str | None, None),
        }
        if self.filter_type is not None:
            given["filter"] = (self.filter_type | None, None)
        if self.order_type is not None:
            given["order_by"] = (self.order_type, self.default_order)
        return given


@dataclass(frozen=True)
class Facet:
    """Counts of a connection's rows by value, leaving out the filter on that very value."""

    of: Callable[[Row], tuple[Any, Joins]]
    """The value, and the tables to join for it: several rows of them may stand for one."""
    label: Callable[[Any], Any]
    """The words for a value."""
    ignoring: str


@dataclass(frozen=True)
class Anything:
    """`node(id:)` and `nodes(ids:)`: the id itself says which type is meant."""

    many: bool

    @property
    def arguments(self) -> Mapping[str, Argument]:
        ids = list[strawberry.ID] if self.many else strawberry.ID
        return {"ids" if self.many else "id": (ids, strawberry.UNSET)}


@dataclass(frozen=True)
class Stored:
    """A row that a mutation or an event names by its id, read after the fact."""

    attribute: str


Read = Column | Identifier | Part | One | Either | Many | Paged | Facet | Anything | Stored


class ReadField(StrawberryField):
    """A strawberry field that the read engine resolves."""

    @property
    def read(self) -> Read:
        return self.metadata["read"]  # type: ignore[no-any-return]

    @property
    def is_basic_field(self) -> bool:
        return False

    @property
    def is_async(self) -> bool:
        return True

    @property
    def arguments(self) -> list[StrawberryArgument]:
        if self._arguments is None:
            given: Mapping[str, Argument] = getattr(self.read, "arguments", {})
            self._arguments = [
                StrawberryArgument(
                    python_name=name,
                    graphql_name=None,
                    type_annotation=StrawberryAnnotation(annotation),
                    default=default,
                )
                for name, (annotation, default) in given.items()
            ]
        return self._arguments

    @arguments.setter
    def arguments(self, value: list[StrawberryArgument]) -> None:
        self._arguments = value

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: Any) -> Any:
        return info.context.read(self.read, source, info)


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
    description: str | None = None,
    *,
    limit: int = MAX_PAGE,
    **arguments: Any,
) -> Any:
    """`arguments`: name to annotation; each reaches `on` as a bound parameter."""
    return _field(Many(on, order, limit, _required(arguments)), description)


def newest(row: Row, given: Mapping[str, Any]) -> list[Term]:
    """The order of connections that declare none: the latest first."""
    return []


def paged(
    on: Callable[[Row, Row], Predicate] | None = None,
    description: str | None = None,
    *,
    filter: Any = None,
    orders: Mapping[Any, Order] | None = None,
    default: Any = None,
    order: Order = newest,
    counted: Counted | None = None,
) -> Any:
    """A connection. `orders` maps the members of a strawberry enum to their terms; without it,
    `order` is the only one. `counted`: the numbers that the database keeps of it, so that counting
    does not take longer as there is more to count."""
    order_type = type(default) if orders else None
    read = Paged(on, orders or {None: order}, order_type, default, filter, counted)
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
