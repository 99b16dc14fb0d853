"""The same declarations, resolved field by field under graphql-core, with DataLoaders.

This is how a GraphQL server is customarily written. It answers what the engine hands back: requests
that end in an error, for the error's exact path, and queries that mix in undeclared fields. It is
also what the engine is held against: tests demand the same JSON, the benchmark measures both.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from graphql import GraphQLObjectType, get_named_type, is_abstract_type, print_ast
from sqlalchemy import inspect, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from strawberry.dataloader import DataLoader

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.graphql.read import build, paging, reads
from innohub.graphql.read.arguments import Slot, Variables, slots
from innohub.graphql.read.binding import Binder
from innohub.graphql.read.declare import Edge, FacetCount, PageInfo
from innohub.graphql.read.rows import Rows, origin_of, seen, source_of
from innohub.identity.viewer import Viewer

Key = tuple[Any, ...]


class Resolver:
    """Resolves declared fields for one request."""

    def __init__(
        self, database: Database, schema: Any, variables: Variables, viewer: Viewer
    ) -> None:
        self._database = database
        self._schema = schema
        self._variables = variables
        self._viewer = viewer
        self._loaders: dict[Hashable, DataLoader[Key, Any]] = {}

    async def resolve(self, read: reads.Read, source: Any, info: Any) -> Any:
        """The value of one field. Raises Invalid for identifiers and cursors that are none."""
        field = info.parent_type.fields[info.field_name]
        match read:
            case reads.Identifier():
                return identifiers.encode(info.parent_type.name, source.key[0])
            case reads.Column():
                return await self._column(read, source, info)
            case reads.Part():
                return await self._part(read, source, info)
            case reads.One():
                found = await self._related(read.on, None, None, source, field, info)
                return found[0] if found else None
            case reads.Either():
                return await self._either(read, source, field, info)
            case reads.Many():
                return await self._many(read, source, field, info)
            case reads.Paged():
                given = slots(field, info.field_nodes[0], self._variables)
                return Page(self, read, source, field, given)
            case reads.Facet():
                return await source.facet(read)
            case reads.Anything():
                return await self._anything(read, field, info)
        raise TypeError(f"{info.parent_type.name}.{info.field_name} is not read from the database")

    async def _column(self, read: reads.Column, source: Any, info: Any) -> Any:
        if read.shown is None and read.attribute in source.values:
            return source.values[read.attribute]

        field = info.parent_type.fields[info.field_name]
        given = slots(field, info.field_nodes[0], self._variables) if read.arguments else {}

        def statement(parent: Any) -> Any:
            binder = Binder()
            arguments = binder.arguments(given, field)
            value = read.value(parent, self._viewer, *arguments)
            return self._filled(select(*_key(parent), value), binder)

        loader = self._loader(_fingerprint(info), source, statement, _single)
        return await loader.load(source.key)

    async def _part(self, read: reads.Part, source: Any, info: Any) -> Any:
        inner = get_named_type(info.return_type)
        if isinstance(source, Page):
            return source
        if read.present is not None:
            present = read.present

            def statement(parent: Any) -> Any:
                return select(*_key(parent), present(parent))

            name = (info.parent_type.name, info.field_name)
            if not await self._loader(name, source, statement, _single).load(source.key):
                return None
        return made(inner, source.table, source.key, source.values)

    async def _either(self, read: reads.Either, source: Any, field: Any, info: Any) -> Any:
        for type_ in self._schema.get_possible_types(get_named_type(field.type)):
            kind = type_.name

            def on(parent: Any, other: Any, kind: str = kind) -> Any:
                return read.on(parent, other, kind)

            found = await self._related(on, None, None, source, field, info, type_)
            if found:
                return found[0]
        return None

    async def _many(self, read: reads.Many, source: Any, field: Any, info: Any) -> Any:
        given = slots(field, info.field_nodes[0], self._variables)
        size = paging.size(given.get("first"), read.best)
        return await self._related(read.on, read.order, size, source, field, info)

    async def _related(
        self,
        on: Any,
        order: Any,
        size: int | None,
        source: Any,
        field: Any,
        info: Any,
        type_: Any = None,
    ) -> list[Any]:
        type_ = type_ or get_named_type(field.type)
        given = slots(field, info.field_nodes[0], self._variables)
        given.pop("first", None)
        other = aliased(source_of(self._schema, type_).table)

        def statement(parent: Any) -> Any:
            binder = Binder()
            wanted = [on(parent, other, *binder.arguments(given, field))]
            found = seen(source_of(self._schema, type_), type_, other, wanted, self._viewer)
            if order is not None:
                found = found.order_by(*order(other)).limit(paging.limit(size))
            return self._filled(found.add_columns(*self._columns(type_, other)), binder)

        name = (type_.name, *_fingerprint(info))
        return await self._load(type_, other, source, statement, name)

    async def _load(
        self, type_: Any, other: Any, source: Any, statement: Callable[[Any], Any], name: Hashable
    ) -> list[Any]:
        """Rows of `type_` for one parent, batched over all parents that ask in the same moment."""
        if source is None:
            rows = await self._rows(statement(None))
            return [self._object(type_, other, row) for row in rows]

        def joined(parent: Any) -> Any:
            inner = statement(parent).correlate(parent).subquery().lateral()
            return select(*_key(parent), *inner.c).select_from(parent).join(inner, true())

        width = len(source.key)
        loader = self._loader(name, source, joined, lambda rows: [row[width:] for row in rows])
        return [self._object(type_, other, row) for row in await loader.load(source.key)]

    async def _anything(self, read: reads.Anything, field: Any, info: Any) -> Any:
        given = slots(field, info.field_nodes[0], self._variables)
        slot = given["ids" if read.many else "id"]
        keys = [identifiers.decode(text) for text in (slot.value if read.many else [slot.value])]
        found = [await self._by_id(kind, id) for kind, id in keys]
        return found if read.many else found[0]

    async def _by_id(self, kind: str, id: int) -> Any:
        type_ = self._schema.get_type(kind)
        if not isinstance(type_, GraphQLObjectType) or not hasattr(origin_of(type_), "__read__"):
            return None
        source = source_of(self._schema, type_)
        other = aliased(source.table)
        statement = seen(source, type_, other, [other.id == id], self._viewer)
        rows = await self._rows(statement.add_columns(*self._columns(type_, other)))
        return self._object(type_, other, rows[0]) if rows else None

    # Rows and objects

    def _columns(self, type_: Any, row: Any) -> list[Any]:
        """The key, the mapped columns, and for an interface a flag for each of its types."""
        mapper = inspect(source_of(self._schema, type_).table)
        columns = [*_key(row), *(getattr(row, a.key) for a in _plain(mapper))]
        if is_abstract_type(type_):
            for possible in self._schema.get_possible_types(type_):
                kind = source_of(self._schema, possible).kind
                columns.append((kind(row) if kind else true()).label(f"is_{possible.name}"))
        return [column.label(f"c{i}") for i, column in enumerate(columns)]

    def _object(self, type_: Any, other: Any, row: Sequence[Any]) -> Any:
        table = source_of(self._schema, type_).table
        mapper = inspect(table)
        width = len(mapper.primary_key)
        names = [attribute.key for attribute in _plain(mapper)]
        values = dict(zip(names, row[width:], strict=False))
        if is_abstract_type(type_):
            flags = row[width + len(names) :]
            possible = self._schema.get_possible_types(type_)
            type_ = next(t for t, flag in zip(possible, flags, strict=True) if flag)
        return made(type_, table, tuple(row[:width]), values)

    def _loader(
        self,
        name: Hashable,
        source: Any,
        statement: Callable[[Any], Any],
        collect: Callable[[list[Any]], Any],
    ) -> DataLoader[Key, Any]:
        if name not in self._loaders:
            table = source.table

            async def load(keys: list[Key]) -> list[Any]:
                parent = aliased(table)
                wanted = tuple_(*_key(parent)).in_(keys)
                by_key: dict[Key, list[Any]] = {key: [] for key in keys}
                for row in await self._rows(statement(parent).where(wanted)):
                    by_key[tuple(row[: len(keys[0])])].append(row)
                return [collect(by_key[key]) for key in keys]

            self._loaders[name] = DataLoader(load_fn=load)
        return self._loaders[name]

    def _filled(self, statement: Any, binder: Binder) -> Any:
        """The statement with this request's values in its parameters."""
        values = {name: get(self._variables) for name, get in binder.getters.items()}
        return statement.params(values) if values else statement

    async def _rows(self, statement: Any) -> list[Any]:
        async with self._database.session() as session:
            return await _fetch(session, statement)


class Page:
    """A connection, whose parts are fetched as they are asked for."""

    def __init__(
        self,
        resolver: Resolver,
        read: reads.Paged,
        source: Any,
        field: Any,
        given: dict[str, Slot],
    ) -> None:
        self._resolver, self._read, self._source = resolver, read, source
        self._field, self._given = field, given
        self._loaded: list[tuple[Any, str]] | None = None
        rows = self._make(None if source is None else aliased(source.table))[0]
        self.asked, self._type = rows.asked, rows.type

    def _make(self, parent: Any) -> tuple[Rows, Binder]:
        binder, owner = Binder(), self._resolver
        rows = Rows(
            owner._schema, self._read, parent, self._field, self._given, binder, owner._viewer
        )
        return rows, binder

    async def _fetch(self, name: str, build: Callable[[Rows], Any]) -> list[Any]:
        owner = self._resolver

        def statement(parent: Any) -> Any:
            rows, binder = self._make(parent)
            return owner._filled(build(rows), binder)

        if self._source is None:
            return await owner._rows(statement(None))

        def joined(parent: Any) -> Any:
            inner = statement(parent).correlate(parent).subquery().lateral()
            return select(*_key(parent), *inner.c).select_from(parent).join(inner, true())

        width = len(self._source.key)
        key = (name, id(self._field), repr([(k, s.value) for k, s in self._given.items()]))
        loader = owner._loader(key, self._source, joined, lambda rows: [r[width:] for r in rows])
        found: list[Any] = await loader.load(self._source.key)
        return found

    async def _rows(self) -> tuple[list[tuple[Any, str]], bool]:
        owner = self._resolver

        def statement(rows: Rows) -> Any:
            found, terms = rows.in_order(paging.literal(self.asked.size + 1))
            cursor = build.cursor(paging.held(rows.order_name, [term.by for term in terms]))
            return found.add_columns(*owner._columns(rows.type, rows.row), cursor.label("cursor"))

        if self._loaded is None:
            found = await self._fetch("page", statement)
            self._loaded = [(owner._object(self._type, None, row[:-1]), row[-1]) for row in found]
        rows = self._loaded[: self.asked.size]
        return rows[::-1] if self.asked.backward else rows, len(self._loaded) > self.asked.size

    @property
    async def edges(self) -> list[Any]:
        rows, _ = await self._rows()
        return [Edge(cursor=cursor, node=node) for node, cursor in rows]

    @property
    async def nodes(self) -> list[Any]:
        return [node for node, _ in (await self._rows())[0]]

    @property
    async def page_info(self) -> PageInfo:
        rows, more = await self._rows()
        back = self.asked.backward
        return PageInfo(
            has_next_page=self.asked.before is not None if back else more,
            has_previous_page=more if back else self.asked.after is not None,
            start_cursor=rows[0][1] if rows else None,
            end_cursor=rows[-1][1] if rows else None,
        )

    @property
    async def total_count(self) -> int:
        found = await self._fetch("count", lambda rows: rows.count())
        return int(found[0][0])

    async def facet(self, read: reads.Facet) -> list[FacetCount]:
        found = await self._fetch(f"facet {read.ignoring}", lambda rows: rows.facet(read))
        return [FacetCount(value=v, label=label, count=n) for v, label, n in found]


def made(type_: Any, table: Any, key: Key, values: dict[str, Any]) -> Any:
    """An instance of the strawberry class behind `type_` that stands for one row."""
    found = object.__new__(origin_of(type_))
    found.__dict__.update(table=table, key=key, values=values)
    return found


def _key(row: Any) -> list[Any]:
    mapper = inspect(row).mapper
    names = [mapper.get_property_by_column(column).key for column in mapper.primary_key]
    return [getattr(row, name).label(f"k{i}") for i, name in enumerate(names)]


def _plain(mapper: Any) -> list[Any]:
    return [attribute for attribute in mapper.column_attrs if not attribute.deferred]


def _single(rows: list[Any]) -> Any:
    return rows[0][-1] if rows else None


def _fingerprint(info: Any) -> tuple[str, ...]:
    arguments = "".join(print_ast(a) for a in info.field_nodes[0].arguments or ())
    return info.parent_type.name, info.field_name, arguments


async def _fetch(session: AsyncSession, statement: Any) -> list[Any]:
    return list((await session.execute(statement)).all())
