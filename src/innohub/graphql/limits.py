"""What an operation may ask for, measured before any SQL runs.

Each fragment is measured once, so that fragments which spread each other twice over cost linear
time to refuse, not exponential.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    VariableNode,
    get_named_type,
)

from innohub.graphql.read import reads
from innohub.graphql.read.arguments import Variables
from innohub.graphql.read.rows import read_of

MAX_TOKENS = 4_000
MAX_OPERATIONS = 20
MAX_DEPTH = 15
MAX_ALIASES = 100
MAX_COST = 50_000
COUNT_COST = 10
"""What counting all rows costs, in fields."""
SHORT_LIST = 10
"""How long a list without a stated size is taken to be."""


@dataclass(frozen=True)
class Measure:
    """Depth in fields, aliases, and cost: how many values the answer may hold."""

    depth: int = 0
    aliases: int = 0
    cost: int = 0


def check(measured: Measure) -> None:
    """Raise GraphQLError, code `too_costly`, where an operation asks for too much."""
    for name, value, most in (
        ("depth", measured.depth, MAX_DEPTH),
        ("number of aliases", measured.aliases, MAX_ALIASES),
        ("cost", measured.cost, MAX_COST),
    ):
        if value > most:
            raise GraphQLError(
                f"This operation's {name} is {value}; at most {most} is allowed.",
                extensions={"code": "too_costly", "cost": measured.cost},
            )


class Meter:
    """Measures the operations of one document, for one set of variables."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Variables,
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables
        self._measured: dict[str, Measure] = {}

    def operation(self, operation: OperationDefinitionNode) -> Measure:
        root = self._schema.get_root_type(operation.operation)
        return self._selections(root, operation.selection_set.selections, 1)

    def _selections(self, type_: Any, selections: Iterable[SelectionNode], size: int) -> Measure:
        depth = aliases = cost = 0
        for selection in selections:
            found = self._selection(type_, selection, size)
            depth = max(depth, found.depth)
            aliases += found.aliases
            cost += found.cost
        return Measure(depth, aliases, cost)

    def _selection(self, type_: Any, selection: SelectionNode, size: int) -> Measure:
        if isinstance(selection, FieldNode):
            return self._field(type_, selection, size)
        if isinstance(selection, FragmentSpreadNode):
            return self._fragment(selection.name.value, size)
        condition = selection.type_condition  # type: ignore[attr-defined]
        inner = self._schema.get_type(condition.name.value) if condition else type_
        return self._selections(inner, selection.selection_set.selections, size)  # type: ignore[attr-defined]

    def _fragment(self, name: str, size: int) -> Measure:
        key = f"{name} {size}"
        if key not in self._measured:
            # A fragment that spreads itself finds this, and validation refuses it later.
            self._measured[key] = Measure()
            fragment = self._fragments.get(name)
            if fragment is not None:
                inner = self._schema.get_type(fragment.type_condition.name.value)
                self._measured[key] = self._selections(
                    inner, fragment.selection_set.selections, size
                )
        return self._measured[key]

    def _field(self, type_: Any, node: FieldNode, size: int) -> Measure:
        """`size` is the page size of the connection that this field belongs to, else 1."""
        field = getattr(type_, "fields", {}).get(node.name.value)
        alias = 1 if node.alias else 0
        if field is None or node.selection_set is None:
            count = COUNT_COST if node.name.value == "totalCount" else 1
            return Measure(1, alias, count)
        times, page = self._sizes(read_of(field), node)
        if node.name.value in ("edges", "nodes") and times == 1:
            times = size
        inner = self._selections(get_named_type(field.type), node.selection_set.selections, page)
        return Measure(inner.depth + 1, inner.aliases + alias, 1 + times * inner.cost)

    def _sizes(self, read: Any, node: FieldNode) -> tuple[int, int]:
        """How often the field's selection is repeated, and the page size its children inherit."""
        if isinstance(read, reads.Paged):
            asked = self._number(node, "first", None) or self._number(node, "last", None)
            return 1, asked or reads.DEFAULT_PAGE
        if isinstance(read, reads.Many):
            return self._number(node, "first", SHORT_LIST) or 1, 1
        if isinstance(read, reads.Facet):
            return SHORT_LIST, 1
        if isinstance(read, reads.Anything) and read.many:
            return reads.MAX_PAGE, 1
        return 1, 1

    def _number(self, node: FieldNode, name: str, default: int | None) -> int | None:
        for argument in node.arguments or ():
            if argument.name.value == name:
                value: Any = argument.value
                if isinstance(value, IntValueNode):
                    return min(abs(int(value.value[:9])), reads.MAX_PAGE)
                if isinstance(value, VariableNode):
                    given = self._variables.get(value.name.value)
                    if isinstance(given, int):
                        return min(abs(given), reads.MAX_PAGE)
        return default
