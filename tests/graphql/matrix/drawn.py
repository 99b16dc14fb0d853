"""Drawn operations that look far: few conditions, long pages, and the id of every row shown."""

from collections.abc import Iterator
from random import Random
from typing import Any

from graphql import (
    FieldNode,
    GraphQLInputObjectType,
    NameNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    get_nullable_type,
    parse,
    print_ast,
    visit,
)

from innohub.db import identifiers
from innohub.graphql.schema import schema
from tests.graphql.generate import Generator, Operation, Pools
from tests.graphql.market import CATEGORIES, KPIS, WORDS
from tests.graphql.matrix.stored import TABLES, Stored


class Looking(Generator):
    """Draws operations that leave little out."""

    def directive(self) -> str:
        return ""

    def some(self, choices: list[Any], most: int, *, least: int = 0) -> list[Any]:
        return super().some(choices, most, least=max(least, 1))

    def paging(self, arguments: Any, depth: int) -> dict[str, str]:
        size = str(self.random.choice([20, 50] if depth < 3 else [3, 10]))
        if "after" not in arguments:
            return {"first": size} if "first" in arguments else {}
        return {self.random.choice(["first", "last"]): size}

    def value(self, type_: Any, name: str) -> Any:
        inner = get_nullable_type(type_)
        if isinstance(inner, GraphQLInputObjectType) and self.chance(0.8):
            return {}
        return super().value(type_, name)


def draw(stored: Stored, seed: int) -> Operation:
    """The operation that this seed stands for, asking every object for its type and its id."""
    drawn = Looking(Random(seed), schema._schema, pools_of(stored)).operation()
    return Operation(with_ids(drawn.text), drawn.variables)


def pools_of(stored: Stored) -> Pools:
    """Ids of all rows, and words that name something."""
    ids = [identifiers.encode(kind, row.id) for kind in TABLES for row in stored.all(kind)[::4]]
    slugs = [row.slug for row in [*stored.all("Technology"), *stored.organisations.values()]]
    return Pools(ids, [*WORDS, *CATEGORIES, *KPIS, *slugs, "category", "kpi"])


def with_ids(text: str) -> str:
    info = TypeInfo(schema._schema)

    class Asking(Visitor):
        def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode:
            added = [_field("its_type", "__typename")]
            if "id" in getattr(get_named_type(info.get_parent_type()), "fields", {}):
                added.append(_field("its_id", "id"))
            return SelectionSetNode(selections=(*node.selections, *added))

    return print_ast(visit(parse(text), TypeInfoVisitor(info, Asking())))


def _field(alias: str, name: str) -> FieldNode:
    return FieldNode(
        alias=NameNode(value=alias), name=NameNode(value=name), arguments=(), directives=()
    )


def nodes_in(answer: Any) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Every node in an answer with its type and row id, organisations apart."""
    if isinstance(answer, list):
        for one in answer:
            yield from nodes_in(one)
    elif isinstance(answer, dict):
        if "its_id" in answer and answer["its_type"] in TABLES:
            yield *identifiers.decode(answer["its_id"]), answer
        for value in answer.values():
            yield from nodes_in(value)
