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
    get_named_type,
    is_abstract_type,
    is_non_null_type,
)
from sqlalchemy import BigInteger, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from innohub.db import identifiers
from innohub.graphql.read import declare, paging, shape
from innohub.graphql.read.arguments import Slot, slots
from innohub.graphql.read.declare import Row
from innohub.graphql.read.formats import format_of
from innohub.graphql.read.rows import (
    Binder,
    Getter,
    NotPlanned,
    Rows,
    kinds,
    origin_of,
    read_of,
    seen,
    source_of,
)
from innohub.graphql.read.selection import TYPENAME, Document, Selected
from innohub.identity.viewer import Viewer

STORED_ID = "#id"
"""Where a stored row's id stands among the variables; no GraphQL name can be the same."""
FACET = {"value": 0, "label": 1, "count": 2}


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
        self.schema = document.schema
        self.viewer = viewer
        self.binder = Binder()
        self.keys: list[Getter] = []
        """For each `nodes(ids:)`: how the wanted (type, id) pairs are found."""

    def root(
        self, type_: GraphQLObjectType, selected: Sequence[Selected]
    ) -> tuple[Any, shape.Fields]:
        """The statement, which yields one row, and the shape of the response's data."""
        record = Record()
        fields = self._fields(type_, None, selected, record)
        return select(*(record.columns or [literal_column("1")])), fields

    # Objects

    def _fields(
        self, type_: GraphQLObjectType, row: Row, selected: Sequence[Selected], record: Record
    ) -> shape.Fields:
        fields: dict[str, shape.Shape] = {}
        for one in selected:
            if one.name == TYPENAME:
                fields[one.key] = shape.Constant(type_.name)
            else:
                fields[one.key] = self._field(type_, row, one, record)
        return shape.Fields(fields)

    def _field(
        self, parent: GraphQLObjectType, row: Row, one: Selected, record: Record
    ) -> shape.Shape:
        read = read_of(one.field)
        match read:
            case declare.Identifier():
                write = identifiers.encoder(parent.name)
                return shape.Leaf(record.add(row.id), write, certain=True)
            case declare.Column():
                return self._column(read, row, one, record)
            case declare.Part():
                return self._part(read, row, one, record)
            case declare.One():
                return self._one(read, row, one, record)
            case declare.Either():
                return self._either(read, row, one, record)
            case declare.Many():
                return self._many(read, row, one, record)
            case declare.Paged():
                return self._paged(read, row, one, record)
            case declare.Anything():
                return self._anything(read, one, record)
            case declare.Stored():
                return self._by_id(self._named(one), lambda v: v[STORED_ID], one, record)
        raise NotPlanned(f"{parent.name}.{one.name}")

    def _object(self, type_: Any, row: Row, one: Selected, record: Record) -> shape.Shape:
        """The selection of `one` on a row that may be of any of several types of one table."""
        if not is_abstract_type(type_):
            return self._fields(type_, row, self._select(type_, one), record)
        cases = []
        for possible in self.schema.get_possible_types(type_):
            kind = source_of(self.schema, possible).kind
            flag = record.add(kind(row) if kind else true())
            cases.append((flag, self._object(possible, row, one, record)))
        return shape.Switch(cases)

    def _column(self, read: declare.Column, row: Row, one: Selected, record: Record) -> shape.Leaf:
        arguments = self.binder.arguments(self._slots(one), one.field) if read.arguments else []
        value = record.add(read.value(row, self.viewer, *arguments))
        required = is_non_null_type(one.type)
        return shape.Leaf(value, format_of(one.type), required, read.certain)

    def _part(self, read: declare.Part, row: Row, one: Selected, record: Record) -> shape.Fields:
        inner = self._named(one)
        fields = self._fields(inner, row, self._select(inner, one), record)
        if read.present is not None:
            fields.present = record.add(read.present(row))
            fields.required = is_non_null_type(one.type)
        return fields

    # Relations

    def _one(self, read: declare.One, row: Row, one: Selected, record: Record) -> shape.Shape:
        arguments = self.binder.arguments(self._slots(one), one.field)
        return self._nested(
            get_named_type(one.type), lambda other: read.on(row, other, *arguments), one, record
        )

    def _either(
        self, read: declare.Either, row: Row, one: Selected, record: Record
    ) -> shape.FirstOf:
        def nested(type_: GraphQLObjectType) -> shape.Nested:
            return self._nested(type_, lambda other: read.on(row, other, type_.name), one, record)

        possible = self.schema.get_possible_types(get_named_type(one.type))  # type: ignore[arg-type]
        return shape.FirstOf([nested(type_) for type_ in possible], is_non_null_type(one.type))

    def _by_id(
        self, type_: GraphQLObjectType, id: Getter, one: Selected, record: Record
    ) -> shape.Nested:
        wanted = self.binder.parameter(id, BigInteger)
        return self._nested(type_, lambda other: other.id == wanted, one, record)

    def _nested(
        self, type_: Any, on: Callable[[Row], Any], one: Selected, record: Record
    ) -> shape.Nested:
        """The one row that fits, as far as the viewer may see it."""
        source = source_of(self.schema, type_)
        other = aliased(source.table)
        inner = Record()
        of = self._object(type_, other, one, inner)
        statement = seen(source, type_, other, [on(other)], self.viewer).add_columns(inner.row())
        index = record.add(_scalar(statement, other))
        return shape.Nested(index, of, is_non_null_type(one.type))

    def _many(self, read: declare.Many, row: Row, one: Selected, record: Record) -> shape.Listed:
        type_ = get_named_type(one.type)
        source = source_of(self.schema, type_)
        other = aliased(source.table)
        inner = Record()
        of = self._object(type_, other, one, inner)
        given = self._slots(one)
        size = paging.size(given.pop("first"), read.limit)
        arguments = self.binder.arguments(given, one.field)
        on = [read.on(row, other, *arguments)]
        statement = seen(source, type_, other, on, self.viewer).add_columns(inner.row())
        statement = statement.order_by(*read.order(other)).limit(paging.literal(size))
        return shape.Listed(record.add(_array(statement, other)), of)

    def _paged(
        self, read: declare.Paged, row: Row, one: Selected, record: Record
    ) -> shape.Paginated:
        rows = Rows(self.schema, read, row, one.field, self._slots(one), self.binder, self.viewer)
        fields: dict[str, shape.Shape] = {}
        inner = Record()
        selected = self._select(rows.connection, one)
        for part in selected:
            fields[part.key] = self._page_field(rows, part, inner, record)
        names = {part.name for part in selected}
        if not names & {"edges", "nodes", "pageInfo"}:
            return shape.Paginated(rows.asked, fields, None)
        for term in rows.terms:
            inner.add(term.by)
        limit = rows.asked.size + ("pageInfo" in names)
        statement = rows.page().add_columns(inner.row()).limit(paging.literal(limit))
        return shape.Paginated(rows.asked, fields, record.add(_array(statement, rows.row)))

    def _page_field(self, rows: Rows, part: Selected, inner: Record, record: Record) -> shape.Shape:
        match part.name:
            case "edges":
                return shape.EachRow(self._edge(rows, part, inner))
            case "nodes":
                return shape.EachRow(self._object(rows.type, rows.row, part, inner))
            case "pageInfo":
                info = self._select(self._named(part), part)
                return shape.PageInfo({f.key: f.name for f in info}, rows.asked, _cursor(rows))
            case "totalCount":
                return shape.Leaf(record.add(_scalar(rows.count(), rows.row)))
            case "__typename":
                return shape.Constant(rows.connection.name)
        return self._facets(rows, part, record)

    def _edge(self, rows: Rows, part: Selected, inner: Record) -> shape.Fields:
        edge = self._named(part)
        fields: dict[str, shape.Shape] = {}
        for one in self._select(edge, part):
            if one.name == "node":
                fields[one.key] = self._object(rows.type, rows.row, one, inner)
            else:
                named = shape.Constant(edge.name)
                fields[one.key] = _cursor(rows) if one.name == "cursor" else named
        return shape.Fields(fields)

    def _facets(self, rows: Rows, part: Selected, record: Record) -> shape.Shape:
        """A facet, or an object that groups facets."""
        if part.name == TYPENAME:
            raise NotPlanned(part.name)
        read = read_of(part.field)
        inner = self._named(part)
        fields: dict[str, shape.Shape] = {}
        for one in self._select(inner, part):
            if one.name == TYPENAME:
                fields[one.key] = shape.Constant(inner.name)
            elif isinstance(read, declare.Facet):
                fields[one.key] = shape.Leaf(FACET[one.name])
            else:
                fields[one.key] = self._facets(rows, one, record)
        if not isinstance(read, declare.Facet):
            return shape.Fields(fields)
        statement, joined = rows.facet(read)
        counts = select(func.row(*statement.correlate_except(rows.row, *joined).subquery().c))
        return shape.Listed(record.add(func.array(counts.scalar_subquery())), shape.Fields(fields))

    # Nodes by global id

    def _anything(self, read: declare.Anything, one: Selected, record: Record) -> shape.Shape:
        slot = self._slots(one)["ids" if read.many else "id"]
        wanted = kinds(slot.value)
        named = wanted if isinstance(wanted, tuple) else (wanted,)
        types = [self.schema.get_type(kind) for kind in named]
        readable: list[Any] = [t for t in types if t and hasattr(origin_of(t), "__read__")]
        if not read.many:
            for type_ in readable:
                return self._by_id(type_, lambda v: identifiers.decode(slot.get(v))[1], one, record)
            return shape.Constant(None)
        self.keys.append(lambda v: [identifiers.decode(text) for text in slot.get(v)])
        columns = [(type_.name, *self._by_ids(type_, slot, one, record)) for type_ in readable]
        return shape.InOrder(columns, len(self.keys) - 1)

    def _by_ids(
        self, type_: GraphQLObjectType, slot: Slot, one: Selected, record: Record
    ) -> tuple[int, shape.Shape]:
        def of_this_type(variables: Any) -> list[int]:
            decoded = map(identifiers.decode, slot.get(variables))
            return [id for kind, id in decoded if kind == type_.name]

        source = source_of(self.schema, type_)
        other = aliased(source.table)
        inner = Record()
        of = self._object(type_, other, one, inner)
        inner.add(other.id)
        ids = self.binder.parameter(of_this_type, ARRAY(BigInteger))
        statement = seen(source, type_, other, [other.id == func.any(ids)], self.viewer)
        return record.add(_array(statement.add_columns(inner.row()), other)), of

    # Pieces

    def _named(self, one: Selected) -> GraphQLObjectType:
        named = get_named_type(one.type)
        assert isinstance(named, GraphQLObjectType)
        return named

    def _select(self, type_: GraphQLObjectType, one: Selected) -> list[Selected]:
        return self.document.select(type_, one.selection_sets)

    def _slots(self, one: Selected) -> dict[str, Slot]:
        assert one.field is not None
        return slots(one.field, one.nodes[0], self.document.variables)


def _scalar(statement: Any, *own: Row) -> Any:
    return statement.correlate_except(*own).scalar_subquery()


def _array(statement: Any, *own: Row) -> Any:
    return func.array(_scalar(statement, *own))


def _cursor(rows: Rows) -> shape.Cursor:
    return shape.Cursor(rows.order_name, len(rows.terms))
