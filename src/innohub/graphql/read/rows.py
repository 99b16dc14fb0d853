"""Which rows a field reads, as SQLAlchemy statements: policy, relation, filters, order, page.

Both ways of answering build on these: the engine, which nests them into one statement, and the
reference executor, which sends each by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from graphql import (
    GraphQLObjectType,
    get_named_type,
    is_abstract_type,
)
from sqlalchemy import (
    ColumnClause,
    func,
    inspect,
    literal_column,
    select,
)
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import BooleanClauseList
from sqlalchemy.sql.operators import and_
from sqlalchemy.sql.visitors import iterate

from innohub.graphql.read import paging, reads
from innohub.graphql.read.arguments import Slot
from innohub.graphql.read.binding import Binder, Getter
from innohub.graphql.read.page import Page
from innohub.graphql.read.reads import Row, Source, Term
from innohub.identity.viewer import Viewer


class NotPlanned(Exception):
    """A field without a read declaration: graphql-core resolves it."""


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


def seen(
    source: Source,
    type_: Any,
    row: Row,
    predicates: Sequence[Any],
    viewer: Viewer,
    within: Row = None,
) -> Any:
    """A statement over the rows that fit and the viewer may see; its columns are still open.

    `within`: the row of the same statement that they are read for. It was seen to be visible, so
    rows that follow it need no look at it again.
    """
    kind = source.kind
    if kind is not None and not is_abstract_type(type_):
        predicates = [*predicates, kind(row)]
    if not _follows(source, row, predicates, within):
        predicates = [*predicates, source.visible(row, viewer)]
    return select().select_from(row).where(*predicates)


def _follows(source: Source, row: Row, predicates: Sequence[Any], within: Row) -> bool:
    """Whether the rows are bound to a parent whose visibility is theirs."""
    follows = source.follows
    if follows is None or within is None or inspect(within).mapper.class_ is not follows.parent:
        return False
    bound = getattr(row, follows.by) == within.id
    return any(bound.compare(one) for predicate in predicates for one in _conjoined(predicate))


def _conjoined(predicate: Any) -> Sequence[Any]:
    """The predicates that must all hold for this one to hold."""
    if isinstance(predicate, BooleanClauseList) and predicate.operator is and_:
        return [one for part in predicate.clauses for one in _conjoined(part)]
    return [predicate]


class Rows:
    """The rows of one connection: filtered, ordered, counted, faceted, cut to a page."""

    def __init__(
        self,
        schema: Any,
        read: reads.Paged,
        parent: Row,
        field: Any,
        given: Mapping[str, Slot],
        binder: Binder,
        viewer: Viewer,
        *,
        within: Row = None,
    ) -> None:
        self._within = within
        self.connection: GraphQLObjectType = get_named_type(field.type)
        self.type = get_named_type(self.connection.fields["nodes"].type)
        self.asked = paging.page(given)
        self.source = source_of(schema, self.type)
        self.row = aliased(self.source.table)
        self._binder, self._viewer = binder, viewer
        further = {name: slot for name, slot in given.items() if name not in paging.ARGUMENTS}
        arguments = binder.arguments(further, field)
        self._base = [read.on(parent, self.row, *arguments)] if read.on else []
        self._counted = read.counted
        self._bound: dict[str, Any] = {}
        self._filters: dict[str, Any] = {}
        if "filter" in given:
            self._filter(get_named_type(field.args["filter"].type), given["filter"])
        order = given["orderBy"].value if "orderBy" in given else None
        self.order_name = str(getattr(order, "value", order) or "")
        self.terms: list[Term] = read.orders[order](self.row, self._bound)
        if not any(term.unique for term in self.terms):
            self.terms = [*self.terms, Term(self.row.id, descending=True)]
        self._cursors = [
            (self._cursor(slot), forward)
            for slot, forward in ((self.asked.after, True), (self.asked.before, False))
            if slot is not None
        ]
        self.shared: Any = None

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
        return seen(self.source, self.type, self.row, wanted, self._viewer, self._within)

    def share(self, facets: Sequence[reads.Facet]) -> None:
        """Find the rows once, for these facets, the count and the page together: facets look at
        every row in any case."""
        used = {"id"}
        for facet in facets:
            value, joins = facet.of(self.row)
            for expression in (value, *(on for _, on in joins)):
                used |= _columns_in(expression, self.row)
        terms = [term.by.label(f"by_{i}") for i, term in enumerate(self.terms)]
        columns = [getattr(self.row, name) for name in sorted(used)]
        found = self._statement().add_columns(*columns, *terms)
        self.shared = found.correlate_except(self.row).cte()

    def in_order(self, limit: Any) -> tuple[Any, Sequence[Term]]:
        """The page's rows in order; backward, from the last. And the terms of that order. All rows
        where `limit` is None."""
        if self.shared is None:
            statement = self._statement(*self._bounds(self.terms))
            return statement.order_by(*self._order(self.terms)).limit(limit), self.terms
        terms = self._terms_in(self.shared)
        head = select(self.shared.c.id, *(term.by for term in terms)).where(*self._bounds(terms))
        some = head.order_by(*self._order(terms)).limit(limit).subquery()
        statement = select().select_from(some).join(self.row, self.row.id == some.c.id)
        terms = self._terms_in(some)
        return statement.order_by(*self._order(terms)), terms

    def page(
        self, items: Sequence[Any], *, more: bool, cursors: bool, whole: bool = False
    ) -> "Page":
        """The page as a table of these items; `more`: with the row after it, if there is one;
        `cursors`: with what they hold; `whole`: all rows, whatever is asked for."""
        limit = paging.limit(None if whole else self.asked.size + more)
        statement, terms = self.in_order(limit)
        columns = [item.label(f"item_{i}") for i, item in enumerate(items)]
        if cursors:
            columns.append(paging.held(self.order_name, [t.by for t in terms]).label("held"))
        table = statement.add_columns(*columns).correlate_except(self.row).subquery()
        return Page(table, self.asked, more=more)

    def kept_count(self) -> Any:
        """The number of rows as the database keeps it; None where it keeps none for this filter."""
        return None if self._counted is None else self._counted(self._bound)

    def count(self) -> Any:
        if self.shared is not None:
            return select(func.count()).select_from(self.shared)
        return self._statement().add_columns(func.count())

    def facet(self, read: reads.Facet) -> Any:
        """Value, label and count, the most frequent first."""
        if self.shared is None or read.ignoring in self._filters:
            row, statement = self.row, self._statement(ignoring=read.ignoring)
        else:
            row = aliased(self.source.table, self.shared)
            statement = select().select_from(row)
        value, joins = read.of(row)
        for target, on in joins:
            statement = statement.join(target, on)
        number = func.count(row.id.distinct()) if joins else func.count()
        statement = statement.add_columns(value.label("value"), number.label("count"))
        statement = statement.group_by(literal_column("1"))
        counts = statement.correlate_except(row, *(target for target, _ in joins)).subquery()
        label = read.label(counts.c.value).label("label")
        ordered = select(counts.c.value, label, counts.c.count).order_by(
            counts.c.count.desc(), literal_column("2")
        )
        return ordered.limit(paging.literal(reads.MAX_PAGE))

    def _bounds(self, terms: Sequence[Term]) -> list[Any]:
        return [paging.beyond(terms, values, forward=way) for values, way in self._cursors]

    def _order(self, terms: Sequence[Term]) -> list[Any]:
        backward = self.asked.backward
        return [t.by.desc() if t.descending != backward else t.by.asc() for t in terms]

    def _terms_in(self, table: Any) -> list[Term]:
        return [replace(term, by=table.c[f"by_{i}"]) for i, term in enumerate(self.terms)]


def _columns_in(expression: Any, row: Row) -> set[str]:
    """Names of the columns of `row` in an expression."""
    own = inspect(row).selectable.name
    return {
        element.key
        for element in iterate(select(expression))
        if isinstance(element, ColumnClause) and getattr(element.table, "name", None) == own
    }
