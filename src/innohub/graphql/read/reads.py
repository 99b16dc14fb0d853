"""The ways in which a field may be read: what a declaration holds, and the engine compiles."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import strawberry
from sqlalchemy import ColumnElement, case
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
    """A list that a rule keeps short, read whole; an argument `first` may ask for fewer.

    `on` gets the parent's row, its own, and the further arguments.
    """

    on: Callable[..., Predicate]
    order: Callable[[Row], list[Any]]
    best: int | None = None
    """Of a ranking: how far it goes."""
    further: Mapping[str, Argument] = field(default_factory=dict)

    @property
    def arguments(self) -> Mapping[str, Argument]:
        return {**self.further, "first": (int | None, None)}


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
    """A Relay connection over the rows that `on` relates to the parent.

    `on` gets the parent's row, its own, and the further arguments.
    """

    on: Callable[..., Predicate] | None
    orders: Mapping[Any, Order]
    order_type: Any
    default_order: Any
    filter_type: Any
    counted: Counted | None = None
    further: Mapping[str, Argument] = field(default_factory=dict)

    @property
    def arguments(self) -> Mapping[str, Argument]:
        given: dict[str, Argument] = {
            **self.further,
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
