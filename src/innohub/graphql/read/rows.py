"""Which rows a field reads, as SQLAlchemy statements: policy, relation, filters, order, page.

Both ways of answering build on these: the engine, which nests them into one statement, and the
reference executor, which sends each by itself.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphql import (
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_enum_type,
    is_list_type,
)
from sqlalchemy import BigInteger, Boolean, Date, DateTime, Float, Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from innohub.db import identifiers
from innohub.errors import Invalid
from innohub.graphql.read import declare, paging
from innohub.graphql.read.arguments import Slot, Variables
from innohub.graphql.read.declare import Row, Source, Term
from innohub.identity.viewer import Viewer

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


class NotPlanned(Exception):
    """A field without a read declaration: graphql-core resolves it."""


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


def read_of(field: Any) -> Any:
    """The read declaration of a GraphQL field, or None."""
    definition = field and field.extensions.get("strawberry-definition")
    return getattr(definition, "read", None)


def origin_of(type_: Any) -> Any:
    """The strawberry class behind a GraphQL type, or None."""
    definition = type_.extensions.get("strawberry-definition")
    return definition and definition.origin


def source_of(schema: Any, type_: Any) -> Source:
    """The table and policy behind a type; of an interface, those its types share.

    Raises NotPlanned where there is none.
    """
    if is_abstract_type(type_):
        return source_of(schema, schema.get_possible_types(type_)[0])
    source = getattr(origin_of(type_), "__read__", None)
    if source is None:
        raise NotPlanned(type_.name)
    return source  # type: ignore[no-any-return]


def seen(source: Source, type_: Any, row: Row, predicates: Sequence[Any], viewer: Viewer) -> Any:
    """A statement over the rows that fit and the viewer may see; its columns are still open."""
    kind = source.kind
    if kind is not None and not is_abstract_type(type_):
        predicates = [*predicates, kind(row)]
    return select().select_from(row).where(*predicates, source.visible(row, viewer))


class Rows:
    """The rows of one connection: filtered, ordered, counted, faceted, cut to a page."""

    def __init__(
        self,
        schema: Any,
        read: declare.Paged,
        parent: Row,
        field: Any,
        given: Mapping[str, Slot],
        binder: Binder,
        viewer: Viewer,
    ) -> None:
        self.connection: GraphQLObjectType = get_named_type(field.type)
        self.type = get_named_type(self.connection.fields["nodes"].type)
        self.asked = paging.page(given)
        self.source = source_of(schema, self.type)
        self.row = aliased(self.source.table)
        self._binder, self._viewer = binder, viewer
        self._base = [read.on(parent, self.row)] if read.on else []
        self._bound: dict[str, Any] = {}
        self._filters: dict[str, Any] = {}
        if "filter" in given:
            self._filter(get_named_type(field.args["filter"].type), given["filter"])
        order = given["orderBy"].value if "orderBy" in given else None
        self.order_name = str(getattr(order, "value", order) or "")
        self.terms: list[Term] = read.orders[order](self.row, self._bound)
        if not any(term.unique for term in self.terms):
            self.terms = [*self.terms, Term(self.row.id, descending=True)]
        self._bounds = [
            paging.beyond(self.terms, self._cursor(slot), forward=forward)
            for slot, forward in ((self.asked.after, True), (self.asked.before, False))
            if slot is not None
        ]

    def _filter(self, type_: Any, slot: Slot) -> None:
        for name, part in slot.items():
            field = type_.fields[name]
            declared = field.extensions["strawberry-definition"]
            value = self._binder.argument(part, field.type, declared.metadata["id_of"])
            self._bound[declared.python_name] = value
            self._filters[declared.python_name] = declared.metadata["where"](self.row, value)

    def _cursor(self, slot: Slot) -> list[Any]:
        types = [term.by.type.python_type for term in self.terms]

        def value(index: int) -> Getter:
            return lambda v: paging.decode(slot.get(v), self.order_name, types)[index]

        return [
            self._binder.parameter(value(index), term.by.type)
            for index, term in enumerate(self.terms)
        ]

    def _statement(self, *predicates: Any, ignoring: str | None = None) -> Any:
        kept = [p for name, p in self._filters.items() if name != ignoring]
        wanted = [*self._base, *kept, *predicates]
        return seen(self.source, self.type, self.row, wanted, self._viewer)

    def page(self) -> Any:
        """The page's rows in order, without a limit; backward, from the last."""
        backward = self.asked.backward
        order = [t.by.desc() if t.descending != backward else t.by.asc() for t in self.terms]
        return self._statement(*self._bounds).order_by(*order)

    def count(self) -> Any:
        return self._statement().add_columns(func.count())

    def facet(self, read: declare.Facet) -> tuple[Any, list[Any]]:
        """Value, label and count, the most frequent first; and the tables they are taken from."""
        value, label, joins = read.of(self.row)
        number = func.count(self.row.id.distinct())
        statement = self._statement(ignoring=read.ignoring)
        for target, on in joins:
            statement = statement.join(target, on)
        statement = statement.add_columns(value.label("value"), label.label("label"), number)
        statement = statement.group_by(value, label).order_by(number.desc(), label)
        return statement.limit(paging.literal(declare.MAX_PAGE)), [t for t, _ in joins]


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
