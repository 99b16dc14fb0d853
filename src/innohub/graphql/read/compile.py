"""From a selection to one SQL statement and the shape of its answer.

Each object becomes a record of columns. A to-one is a scalar subquery that yields a record, a
to-many an array of records; so whatever is selected, and however deep, it stays one statement.
The policy of every type is in the WHERE of every place where its rows are read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLObjectType,
    GraphQLOutputType,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_enum_type,
    is_list_type,
    is_non_null_type,
)
from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Float,
    Text,
    bindparam,
    case,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from innohub.db import identifiers
from innohub.errors import Invalid
from innohub.graphql.read import declare, paging, shape
from innohub.graphql.read.arguments import Slot, Variables, slots
from innohub.graphql.read.declare import Row, Source, Term
from innohub.graphql.read.formats import format_of
from innohub.graphql.read.selection import TYPENAME, Document, Selected
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

STORED_ID = "#id"
"""Where a stored row's id stands among the variables; no GraphQL name can be the same."""

Getter = Callable[[Variables], Any]


@dataclass
class Record:
    """The columns of one record under construction."""

    columns: list[Any] = field(default_factory=list)

    def add(self, expression: Any) -> int:
        self.columns.append(expression)
        return len(self.columns) - 1

    def row(self) -> Any:
        return func.row(*(self.columns or [literal_column("1")]))


class Compiler:
    """Compiles one operation, for one shape of viewer and variables."""

    def __init__(self, document: Document, viewer: Viewer) -> None:
        self.document = document
        self.viewer = viewer
        self.getters: dict[str, Getter] = {}
        """How each bound parameter is found in a request's variables."""
        self.keys: list[Getter] = []
        """For each `nodes(ids:)`: how the wanted (type, id) pairs are found."""

    def root(
        self, type_: GraphQLObjectType, selected: Sequence[Selected]
    ) -> tuple[Any, shape.Fields]:
        """The statement, which yields one row, and the shape of the response's data."""
        record = Record()
        fields = self._fields(type_, None, selected, record)
        return select(*(record.columns or [literal_column("1")])), fields

    # Objects ---------------------------------------------------------------------------------

    def _fields(
        self, type_: GraphQLObjectType, row: Row, selected: Sequence[Selected], record: Record
    ) -> shape.Fields:
        fields: dict[str, shape.Shape] = {}
        for one in selected:
            if one.field is None:
                fields[one.key] = shape.Constant(type_.name)
            else:
                fields[one.key] = self._field(type_, row, one, record)
        return shape.Fields(fields)

    def _field(
        self, parent: GraphQLObjectType, row: Row, one: Selected, record: Record
    ) -> shape.Shape:
        assert one.field is not None
        read = read_of(one.field)
        match read:
            case declare.Identifier():
                write = _identifier(parent.name)
                return shape.Leaf(record.add(row.id), write)
            case declare.Column():
                return self._column(read, row, one.field.type, record)
            case declare.Part():
                return self._part(read, row, one, record)
            case declare.One():
                return self._one(read, row, one, record)
            case declare.Many():
                return self._many(read, row, one, record)
            case declare.Paged():
                return self._paged(read, row, one, record)
            case declare.Anything():
                return self._anything(read, one, record)
            case declare.Stored():
                return self._row(self._named(one), lambda v: v[STORED_ID], one, record)
        raise NotPlanned(f"{parent.name}.{one.name}")

    def object(self, type_: Any, row: Row, one: Selected, record: Record) -> shape.Shape:
        """The selection of `one` on a row that may be of any of several types of one table."""
        if not is_abstract_type(type_):
            return self._fields(type_, row, self._select(type_, one), record)
        cases = []
        for possible in self.document.schema.get_possible_types(type_):
            kind = source_of(possible).kind
            flag = record.add(kind(row) if kind else true())
            cases.append((flag, self.object(possible, row, one, record)))
        return shape.Switch(cases)

    def _column(
        self, read: declare.Column, row: Row, type_: GraphQLOutputType, record: Record
    ) -> shape.Leaf:
        expression = read.of(row, self.viewer)
        if read.shown is not None:
            expression = case((read.shown(row, self.viewer), expression))
        required = is_non_null_type(type_) and not read.certain
        return shape.Leaf(record.add(expression), format_of(type_), required)

    def _part(self, read: declare.Part, row: Row, one: Selected, record: Record) -> shape.Fields:
        inner = self._named(one)
        fields = self._fields(inner, row, self._select(inner, one), record)
        if read.present is not None:
            fields.present = record.add(read.present(row))
            fields.required = is_non_null_type(one.field.type)  # type: ignore[union-attr]
        return fields

    # Relations -------------------------------------------------------------------------------

    def _one(self, read: declare.One, row: Row, one: Selected, record: Record) -> shape.Shape:
        type_ = get_named_type(one.field.type)  # type: ignore[union-attr]
        source = self._source(type_)
        other = aliased(source.table)
        arguments = self._arguments(self._slots(one), one, type_)
        inner = Record()
        of = self.object(type_, other, one, inner)
        statement = self._from(source, type_, other, [read.on(row, other, *arguments)])
        index = record.add(self._scalar(statement.add_columns(inner.row()), other))
        return shape.Nested(index, of, is_non_null_type(one.field.type))  # type: ignore[union-attr]

    def _many(self, read: declare.Many, row: Row, one: Selected, record: Record) -> shape.Listed:
        type_ = get_named_type(one.field.type)  # type: ignore[union-attr]
        source = self._source(type_)
        other = aliased(source.table)
        inner = Record()
        of = self.object(type_, other, one, inner)
        given = self._slots(one)
        size = given.pop("first").value
        if not 0 <= size <= read.limit:
            raise Invalid(f"first must be from 0 to {read.limit}.", field="first")
        arguments = self._arguments(given, one, type_)
        statement = (
            self._from(source, type_, other, [read.on(row, other, *arguments)])
            .add_columns(inner.row())
            .order_by(*read.order(other))
            .limit(literal_column(str(size)))
        )
        return shape.Listed(record.add(func.array(self._scalar(statement, other))), of)

    def _paged(
        self, read: declare.Paged, row: Row, one: Selected, record: Record
    ) -> shape.Paginated:
        connection = self._named(one)
        given = self._slots(one)
        asked = paging.page(given)
        rows = _Rows(self, read, row, connection, given, self._argument(one, "filter"))
        fields: dict[str, shape.Shape] = {}
        inner = Record()
        needed, ahead = False, False
        for part in self._select(connection, one):
            if part.name in ("edges", "nodes", "pageInfo"):
                needed, ahead = True, ahead or part.name == "pageInfo"
            fields[part.key] = self._page_field(rows, part, asked, inner, record)
        index = rows.array(inner, asked, ahead, record) if needed else None
        return shape.Paginated(asked, fields, index)

    def _page_field(
        self, rows: "_Rows", part: Selected, asked: paging.Page, inner: Record, record: Record
    ) -> shape.Shape:
        cursor = shape.Cursor(rows.order_name, len(rows.terms))
        match part.name:
            case "__typename":
                return shape.Constant(rows.connection.name)
            case "edges":
                edge = self._named(part)
                fields: dict[str, shape.Shape] = {}
                for field in self._select(edge, part):
                    if field.name == "node":
                        fields[field.key] = self.object(rows.type, rows.other, field, inner)
                    else:
                        named = shape.Constant(edge.name)
                        fields[field.key] = cursor if field.name == "cursor" else named
                return shape.EachRow(shape.Fields(fields))
            case "nodes":
                return shape.EachRow(self.object(rows.type, rows.other, part, inner))
            case "pageInfo":
                info = self._named(part)
                keys = {field.key: field.name for field in self._select(info, part)}
                return shape.PageInfo(keys, asked, cursor)
            case "totalCount":
                return shape.Leaf(record.add(rows.count()))
        return self._facets(rows, part, record)

    def _facets(self, rows: "_Rows", part: Selected, record: Record) -> shape.Shape:
        """A facet, or an object that groups facets."""
        read = read_of(part.field)
        inner = self._named(part)
        if isinstance(read, declare.Facet):
            index = record.add(rows.facet(read))
            places = {"value": 0, "label": 1, "count": 2}
            fields: dict[str, shape.Shape] = {
                field.key: shape.Leaf(places[field.name])
                if field.name in places
                else shape.Constant(inner.name)
                for field in self._select(inner, part)
            }
            return shape.Listed(index, shape.Fields(fields))
        grouped: dict[str, shape.Shape] = {
            field.key: shape.Constant(inner.name)
            if field.name == TYPENAME
            else self._facets(rows, field, record)
            for field in self._select(inner, part)
        }
        return shape.Fields(grouped)

    def _anything(self, read: declare.Anything, one: Selected, record: Record) -> shape.Shape:
        slot = self._slots(one)["ids" if read.many else "id"]
        wanted = kinds(slot.value)
        types = {
            kind: self.document.schema.get_type(kind)
            for kind in dict.fromkeys(wanted if isinstance(wanted, tuple) else (wanted,))
        }
        readable = {
            kind: type_
            for kind, type_ in types.items()
            if isinstance(type_, GraphQLObjectType) and _has_source(type_)
        }
        if not read.many:
            for type_ in readable.values():
                return self._row(type_, lambda v: _key(slot.get(v))[1], one, record)
            return shape.Constant(None)
        self.keys.append(lambda variables: [_key(text) for text in slot.get(variables)])
        columns = [
            (kind, *self._by_ids(type_, slot, one, record)) for kind, type_ in readable.items()
        ]
        return shape.InOrder(columns, len(self.keys) - 1)

    def _row(
        self, type_: GraphQLObjectType, id: Getter, one: Selected, record: Record
    ) -> shape.Nested:
        """The one row with an id, as far as the viewer may see it."""
        source = source_of(type_)
        other = aliased(source.table)
        inner = Record()
        of = self.object(type_, other, one, inner)
        is_it = other.id == self._parameter(id, BigInteger)
        statement = self._from(source, type_, other, [is_it]).add_columns(inner.row())
        required = is_non_null_type(one.field.type)  # type: ignore[union-attr]
        return shape.Nested(record.add(self._scalar(statement, other)), of, required)

    def _by_ids(
        self, type_: GraphQLObjectType, slot: Slot, one: Selected, record: Record
    ) -> tuple[int, shape.Shape]:
        source = source_of(type_)
        other = aliased(source.table)
        inner = Record()
        of = self.object(type_, other, one, inner)
        inner.add(other.id)
        ids = self._parameter(
            lambda variables: [
                id for kind, id in map(_key, slot.get(variables)) if kind == type_.name
            ],
            ARRAY(BigInteger),
        )
        among = other.id == func.any(ids)
        statement = self._from(source, type_, other, [among]).add_columns(inner.row())
        return record.add(func.array(self._scalar(statement, other))), of

    # Pieces ----------------------------------------------------------------------------------

    def _from(self, source: Source, type_: Any, other: Row, predicates: list[Any]) -> Any:
        kind = source.kind
        if kind is not None and not is_abstract_type(type_):
            predicates = [*predicates, kind(other)]
        return select().select_from(other).where(*predicates, source.visible(other, self.viewer))

    def _scalar(self, statement: Any, other: Row) -> Any:
        return statement.correlate_except(other).scalar_subquery()

    def _named(self, one: Selected) -> GraphQLObjectType:
        named = get_named_type(one.field.type)  # type: ignore[union-attr]
        assert isinstance(named, GraphQLObjectType)
        return named

    def _source(self, type_: Any) -> Source:
        if is_abstract_type(type_):
            return source_of(self.document.schema.get_possible_types(type_)[0])
        return source_of(type_)

    def _select(self, type_: GraphQLObjectType, one: Selected) -> list[Selected]:
        return self.document.select(type_, one.selection_sets)

    def _slots(self, one: Selected) -> dict[str, Slot]:
        assert one.field is not None
        return slots(one.field, one.nodes[0], self.document.variables)

    def _argument(self, one: Selected, name: str) -> Any:
        assert one.field is not None
        argument = one.field.args.get(name)
        return argument and argument.type

    def _arguments(self, given: dict[str, Slot], one: Selected, type_: Any) -> list[Any]:
        """The bound values of a relation's own arguments, in their order; an `id` is of its type,
        a `…Id` of the type that it names."""
        return [
            self._bind(slot, self._argument(one, name), _kind_of(name) or type_.name)
            for name, slot in given.items()
        ]

    def _parameter(self, get: Getter, type_: Any) -> Any:
        name = f"given_{len(self.getters)}"
        self.getters[name] = get
        return bindparam(name, type_=type_)

    def _bind(self, slot: Slot, type_: Any, kind: str) -> Any:
        """The bound parameter that carries an argument; `kind` is the type its ids are of."""
        named = get_named_type(type_)
        sql_type = Text if is_enum_type(named) else SQL_TYPES[named.name]
        convert = _converter(named, kind)
        if is_list_type(get_nullable_type(type_)):
            return self._parameter(lambda v: [convert(x) for x in slot.get(v)], ARRAY(sql_type))
        return self._parameter(lambda v: convert(slot.get(v)), sql_type)


class _Rows:
    """The rows of one connection: filtered, ordered, counted, faceted, cut to a page."""

    def __init__(
        self,
        compiler: Compiler,
        read: declare.Paged,
        row: Row,
        connection: GraphQLObjectType,
        given: dict[str, Slot],
        filter_type: Any,
    ) -> None:
        self.compiler = compiler
        self.connection = connection
        self.type = get_named_type(connection.fields["nodes"].type)
        self.source = compiler._source(self.type)
        self.other = aliased(self.source.table)
        self.base = [read.on(row, self.other)] if read.on else []
        self.bound: dict[str, Any] = {}
        self.filters: dict[str, Any] = {}
        if filter_type is not None and "filter" in given:
            self._filter(get_named_type(filter_type), given["filter"])
        order = given["orderBy"].value if "orderBy" in given else None
        self.order_name = str(getattr(order, "value", order) or "")
        tie = Term(self.other.id, descending=True)
        self.terms: list[Term] = [*read.orders[order](self.other, self.bound), tie]
        self._page_of(given)

    def _filter(self, type_: Any, slot: Slot) -> None:
        for name, part in slot.items():
            field = type_.fields[name]
            declared = field.extensions["strawberry-definition"]
            value = self.compiler._bind(part, field.type, declared.metadata.get("id_of"))
            self.bound[declared.python_name] = value
            self.filters[declared.python_name] = declared.metadata["where"](self.other, value)

    def _page_of(self, given: dict[str, Slot]) -> None:
        self.bounds = []
        types = [term.by.type.python_type for term in self.terms]
        for name, forward in (("after", True), ("before", False)):
            if name in given:
                values = self._cursor(given[name], types)
                self.bounds.append(paging.beyond(self.terms, values, forward=forward))

    def _cursor(self, slot: Slot, types: list[type[Any]]) -> list[Any]:
        def value(index: int) -> Getter:
            return lambda v: paging.decode(slot.get(v), self.order_name, types)[index]

        return [
            self.compiler._parameter(value(index), term.by.type)
            for index, term in enumerate(self.terms)
        ]

    def _statement(self, *predicates: Any, ignoring: str | None = None) -> Any:
        kept = [p for name, p in self.filters.items() if name != ignoring]
        return self.compiler._from(
            self.source, self.type, self.other, [*self.base, *kept, *predicates]
        )

    def array(self, inner: Record, asked: paging.Page, ahead: bool, record: Record) -> int:
        for term in self.terms:
            inner.add(term.by)
        backward = asked.backward
        order = [t.by.desc() if t.descending != backward else t.by.asc() for t in self.terms]
        statement = (
            self._statement(*self.bounds)
            .add_columns(inner.row())
            .order_by(*order)
            .limit(literal_column(str(asked.size + ahead)))
        )
        return record.add(func.array(self.compiler._scalar(statement, self.other)))

    def count(self) -> Any:
        statement = self._statement().add_columns(func.count())
        return self.compiler._scalar(statement, self.other)

    def facet(self, read: declare.Facet) -> Any:
        value, label, joins = read.of(self.other)
        statement = self._statement(ignoring=read.ignoring)
        number = func.count(self.other.id.distinct())
        statement = (
            statement.add_columns(func.row(value, label, number))
            .group_by(value, label)
            .order_by(number.desc(), label)
            .limit(literal_column(str(declare.MAX_PAGE)))
        )
        for target, on in joins:
            statement = statement.join(target, on)
        kept = [self.other, *(target for target, _ in joins)]
        return func.array(statement.correlate_except(*kept).scalar_subquery())


class NotPlanned(Exception):
    """A field without a read declaration: graphql-core executes the operation."""


def read_of(field: Any) -> Any:
    """The read declaration of a GraphQL field, or None."""
    definition = field and field.extensions.get("strawberry-definition")
    return getattr(definition, "read", None)


def source_of(type_: Any) -> Source:
    """The table and policy behind an object type. Raises NotPlanned where there is none."""
    definition = type_.extensions.get("strawberry-definition")
    source = getattr(definition.origin, "__read__", None) if definition else None
    if source is None:
        raise NotPlanned(type_.name)
    return source  # type: ignore[no-any-return]


def _has_source(type_: GraphQLObjectType) -> bool:
    definition = type_.extensions.get("strawberry-definition")
    return definition is not None and hasattr(definition.origin, "__read__")


def kinds(value: Any) -> Any:
    """The type names in one global id or a list of them. Raises Invalid for other text."""
    if isinstance(value, list):
        return tuple(_key(text)[0] for text in value)
    return _key(value)[0]


def _key(text: str) -> tuple[str, int]:
    return identifiers.decode(text)


def _identifier(kind: str) -> Callable[[int], str]:
    return lambda id: identifiers.encode(kind, id)


def _converter(named: Any, kind: str) -> Callable[[Any], Any]:
    if is_enum_type(named):
        return lambda value: getattr(value, "value", value)
    if named.name == "ID":
        return lambda value: _row_id(value, kind)
    if named.name == "String":
        return _text
    return lambda value: value


def _kind_of(argument: str) -> str:
    """`technologyId` is the id of a Technology."""
    name = argument.removesuffix("Id")
    return name[:1].upper() + name[1:] if name != argument else ""


def _row_id(text: str, kind: str) -> int:
    """The id of a row of the wanted type; another type's id names no row here."""
    given, id = _key(text)
    return id if given == kind else 0


def _text(value: str) -> str:
    if "\x00" in value:
        raise Invalid("Text may not hold the NUL character.")
    return value
