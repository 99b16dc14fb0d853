"""What a document selects: fragments and directives resolved, fields of one response key merged."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLSkipDirective,
    SelectionNode,
    SelectionSetNode,
    is_abstract_type,
)

from innohub.graphql.read.arguments import Variables, slots

TYPENAME = "__typename"
DIRECTIVES = {"skip": GraphQLSkipDirective, "include": GraphQLIncludeDirective}


@dataclass(frozen=True)
class Selected:
    """One response key of an object: its field and every node that asks for it."""

    key: str
    name: str
    nodes: list[FieldNode]
    field: GraphQLField | None
    """None for `__typename`, which every type has and none declares."""

    @property
    def type(self) -> GraphQLOutputType:
        assert self.field is not None
        return self.field.type

    @property
    def selection_sets(self) -> list[SelectionSetNode]:
        return [node.selection_set for node in self.nodes if node.selection_set]


@dataclass(frozen=True)
class Document:
    """The parts of a request that selections are resolved against."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Variables
    whole: bool = False
    """Read connections whose pages cannot be turned to their end: for exports."""

    def select(
        self, of: GraphQLObjectType, selection_sets: Iterable[SelectionSetNode]
    ) -> list[Selected]:
        """The response keys of an object of type `of`, in the order of the specification's
        CollectFields."""
        grouped: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for selection_set in selection_sets:
            for node in self._fields(of, selection_set.selections, seen):
                key = node.alias.value if node.alias else node.name.value
                grouped.setdefault(key, []).append(node)
        return [
            Selected(key, nodes[0].name.value, nodes, of.fields.get(nodes[0].name.value))
            for key, nodes in grouped.items()
        ]

    def _fields(
        self, of: GraphQLObjectType, selections: Iterable[SelectionNode], seen: set[str]
    ) -> Iterator[FieldNode]:
        for selection in selections:
            if not self._included(selection):
                continue
            if isinstance(selection, FieldNode):
                yield selection
                continue
            if isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                if name in seen:
                    continue
                seen.add(name)
                fragment: Any = self.fragments[name]
            else:
                fragment = selection
            condition = fragment.type_condition
            if condition is None or self._applies(condition.name.value, of):
                yield from self._fields(of, fragment.selection_set.selections, seen)

    def _applies(self, condition: str, of: GraphQLObjectType) -> bool:
        if condition == of.name:
            return True
        type_ = self.schema.get_type(condition)
        return is_abstract_type(type_) and self.schema.is_sub_type(type_, of)

    def _included(self, selection: SelectionNode) -> bool:
        for directive in selection.directives or ():
            name = directive.name.value
            if name in DIRECTIVES:
                definition: Any = (
                    GraphQLSkipDirective if name == "skip" else GraphQLIncludeDirective
                )
                condition = slots(definition, directive, self.variables)["if"].value  # type: ignore[arg-type]
                if condition is (name == "skip"):
                    return False
        return True
