"""From a selection to one SQL statement, whose only value is the response's data.

Each object becomes a JSON object over the columns of its row. A to-one is a scalar subquery that
yields an object, a to-many one that yields an array; so whatever is selected, and however deep, it
stays one statement. The policy of every type is in the WHERE of every place where its rows are
read.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from graphql import GraphQLObjectType, get_named_type, is_abstract_type, is_non_null_type
from sqlalchemy import BigInteger, Text, case, cast, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from innohub.db import identifiers
from innohub.graphql.read import build, paging, reads
from innohub.graphql.read.arguments import Slot, slots
from innohub.graphql.read.binding import Binder, Getter, kinds
from innohub.graphql.read.build import Pair, listed, made, text
from innohub.graphql.read.page import Page
from innohub.graphql.read.reads import Row
from innohub.graphql.read.rows import NotPlanned, Rows, origin_of, read_of, seen, source_of
from innohub.graphql.read.selection import TYPENAME, Document, Selected
from innohub.identity.viewer import Viewer

STORED_ID = "#id"
"""Where a stored row's id stands among the variables; no GraphQL name can be the same."""


class Compiler:
    """Compiles one operation, for one shape of viewer and variables."""

    def __init__(self, document: Document, viewer: Viewer) -> None:
        self.document = document
        self.schema = document.schema
        self.viewer = viewer
        self.binder = Binder()

    def root(self, type_: GraphQLObjectType, selected: Sequence[Selected]) -> Any:
        """The statement; it yields one row with one value, the response's data as JSON text."""
        return select(cast(made(self._pairs(type_, None, selected)), Text))

    # Objects

    def _pairs(
        self, type_: GraphQLObjectType, row: Row, selected: Sequence[Selected]
    ) -> list[Pair]:
        return [
            (one.key, text(type_.name) if one.name == TYPENAME else self._field(type_, row, one))
            for one in selected
        ]

    def _field(self, parent: GraphQLObjectType, row: Row, one: Selected) -> Any:
        read = read_of(one.field)
        match read:
            case reads.Identifier():
                return build.identifier(parent.name, row)
            case reads.Column():
                return self._column(read, row, one)
            case reads.Part():
                return self._part(read, row, one)
            case reads.One():
                return self._one(read, row, one)
            case reads.Either():
                return self._either(read, row, one)
            case reads.Many():
                return self._many(read, row, one)
            case reads.Paged():
                return self._paged(read, row, one)
            case reads.Anything():
                return self._any_of(one) if read.many else self._anything(one)
            case reads.Stored():
                return self._by_id(self._named(one), lambda v: v[STORED_ID], one)
        raise NotPlanned(f"{parent.name}.{one.name}")

    def _object(self, type_: Any, row: Row, one: Selected) -> Any:
        """The selection of `one` on a row that may be of any of several types of one table."""
        if not is_abstract_type(type_):
            return made(self._pairs(type_, row, self._select(type_, one)))
        cases = []
        for possible in self.schema.get_possible_types(type_):
            kind = source_of(self.schema, possible).kind
            cases.append((kind(row) if kind else true(), self._object(possible, row, one)))
        return case(*cases)

    def _column(self, read: reads.Column, row: Row, one: Selected) -> Any:
        arguments = self.binder.arguments(self._slots(one), one.field) if read.arguments else []
        value = build.leaf(read.value(row, self.viewer, *arguments), one.type)
        return value if read.certain else self._required(value, one)

    def _part(self, read: reads.Part, row: Row, one: Selected) -> Any:
        inner = self._named(one)
        whole = made(self._pairs(inner, row, self._select(inner, one)))
        if read.present is None:
            return whole
        return self._required(case((read.present(row), whole)), one)

    def _required(self, value: Any, one: Selected) -> Any:
        return build.must(value) if is_non_null_type(one.type) else value

    # Relations

    def _one(self, read: reads.One, row: Row, one: Selected) -> Any:
        arguments = self.binder.arguments(self._slots(one), one.field)
        type_ = get_named_type(one.type)
        found = self._nested(type_, lambda other: read.on(row, other, *arguments), one)
        return self._required(found, one)

    def _either(self, read: reads.Either, row: Row, one: Selected) -> Any:
        def nested(type_: GraphQLObjectType) -> Any:
            return self._nested(type_, lambda other: read.on(row, other, type_.name), one)

        union: Any = get_named_type(one.type)
        found = [nested(type_) for type_ in self.schema.get_possible_types(union)]
        return self._required(func.coalesce(*found), one)

    def _by_id(self, type_: GraphQLObjectType, id: Getter, one: Selected) -> Any:
        wanted = self.binder.parameter(id, BigInteger)
        return self._nested(type_, lambda other: other.id == wanted, one)

    def _nested(self, type_: Any, on: Callable[[Row], Any], one: Selected) -> Any:
        """The one row that fits, as far as the viewer may see it."""
        source = source_of(self.schema, type_)
        other = aliased(source.table)
        statement = seen(source, type_, other, [on(other)], self.viewer)
        return _scalar(statement.add_columns(self._object(type_, other, one)), other)

    def _many(self, read: reads.Many, row: Row, one: Selected) -> Any:
        type_ = get_named_type(one.type)
        source = source_of(self.schema, type_)
        other = aliased(source.table)
        given = self._slots(one)
        most = paging.limit(paging.size(given.pop("first", None), read.best))
        arguments = self.binder.arguments(given, one.field)
        on = [read.on(row, other, *arguments)]
        statement = seen(source, type_, other, on, self.viewer, within=row)
        statement = statement.order_by(*read.order(other)).limit(most)
        item = self._object(type_, other, one).label("item")
        items = statement.add_columns(item).correlate_except(other).subquery()
        return _scalar(select(listed(items.c.item)), items)

    # Connections

    def _paged(self, read: reads.Paged, row: Row, one: Selected) -> Any:
        given = self._slots(one)
        rows = Rows(self.schema, read, row, one.field, given, self.binder, self.viewer, within=row)
        parts = self._select(rows.connection, one)
        facets = [facet for part in parts for facet in self._facets_in(part)]
        if facets:
            rows.share(facets)
        wanted = [inner for part in parts for inner in self._items_in(part)]
        items = [self._object(rows.type, rows.row, inner) for inner in wanted]
        names = {part.name for part in parts}
        page = None
        if names & {"edges", "nodes", "pageInfo"}:
            cursors = bool(names & {"edges", "pageInfo"})
            more = "pageInfo" in names
            whole = self.document.whole and not more
            page = rows.page(items, more=more, cursors=cursors, whole=whole)
        places = iter(range(len(items)))
        whole = made([(part.key, self._part_of(rows, page, part, places)) for part in parts])
        if page is None and rows.shared is None:
            return whole
        statement = select(whole)
        if page is not None:
            # HAVING makes one row of them even where nothing asked for is an aggregate.
            statement = statement.select_from(page.table).having(true())
        if rows.shared is not None:
            statement = statement.add_cte(rows.shared, nest_here=True)
        return _scalar(statement, *([page.table] if page else []))

    def _items_in(self, part: Selected) -> list[Selected]:
        """Where a part of a connection selects its rows: `nodes` itself, each `node` of `edges`."""
        if part.name == "edges":
            return [one for one in self._select(self._named(part), part) if one.name == "node"]
        return [part] if part.name == "nodes" else []

    def _part_of(self, rows: Rows, page: Page | None, part: Selected, places: Iterator[int]) -> Any:
        """`places` counts the items in the order of `_items_in`."""
        match part.name:
            case "__typename":
                return text(rows.connection.name)
            case "totalCount":
                kept = None if rows.shared is not None else rows.kept_count()
                return _scalar(rows.count(), rows.row) if kept is None else _scalar(kept)
        if part.name not in ("edges", "nodes", "pageInfo"):
            return self._facets(rows, part)
        assert page is not None
        if part.name == "nodes":
            return page.each(page.items[next(places)])
        named = self._named(part)
        told = {TYPENAME: text(named.name)}
        told |= page.info() if part.name == "pageInfo" else {"cursor": page.cursor()}
        pairs = [
            (one.key, page.items[next(places)] if one.name == "node" else told[one.name])
            for one in self._select(named, part)
        ]
        return page.each(made(pairs)) if part.name == "edges" else made(pairs)

    def _facets_in(self, part: Selected) -> list[reads.Facet]:
        match read_of(part.field):
            case reads.Facet() as facet:
                return [facet]
            case reads.Part():
                inner = self._select(self._named(part), part)
                return [facet for one in inner for facet in self._facets_in(one)]
        return []

    def _facets(self, rows: Rows, part: Selected) -> Any:
        """A facet, or an object that groups facets."""
        read, named = read_of(part.field), self._named(part)
        selected = self._select(named, part)
        told: dict[str, Any] = {TYPENAME: text(named.name)}
        if isinstance(read, reads.Facet):
            counts = rows.facet(read).subquery()
            item = made([(o.key, {**told, **counts.c}[o.name]) for o in selected])
            return _scalar(select(listed(item)).select_from(counts), counts)
        pairs = [
            (o.key, told[TYPENAME] if o.name == TYPENAME else self._facets(rows, o))
            for o in selected
        ]
        return made(pairs)

    # Nodes by global id

    def _anything(self, one: Selected) -> Any:
        slot = self._slots(one)["id"]
        for type_ in self._readable({kinds(slot.value)}):
            return self._by_id(type_, lambda v: identifiers.decode(slot.get(v))[1], one)
        return build.NOTHING

    def _any_of(self, one: Selected) -> Any:
        """One item for each id, in their order; null where there is nothing to see."""
        slot = self._slots(one)["ids"]
        if not slot.value:
            return build.NO_ITEMS

        def part(index: int, type_: Any) -> Any:
            return self.binder.parameter(
                lambda v: [identifiers.decode(id)[index] for id in slot.get(v)], ARRAY(type_)
            )

        ids = func.unnest(part(0, Text), part(1, BigInteger))
        wanted = ids.table_valued("kind", "id", with_ordinality="place").render_derived()
        found = [
            (
                wanted.c.kind == text(type_.name),
                self._nested(type_, lambda other: other.id == wanted.c.id, one),
            )
            for type_ in self._readable(kinds(slot.value))
        ]
        item = case(*found) if found else build.NOTHING
        return _scalar(select(listed(item, order=wanted.c.place)).select_from(wanted), wanted)

    def _readable(self, names: Any) -> list[Any]:
        types = [self.schema.get_type(name) for name in sorted(names)]
        return [type_ for type_ in types if type_ and hasattr(origin_of(type_), "__read__")]

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


def _scalar(statement: Any, *own: Any) -> Any:
    return statement.correlate_except(*own).scalar_subquery()
