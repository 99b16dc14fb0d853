"""A query that mixes declared root fields with others, as two: what is declared is read by one
statement, however few fields beside it are not."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from innohub.graphql.read.rows import read_of

Fragments = Mapping[str, FragmentDefinitionNode]
TYPE_NAME = "__typename"


def root_fields(selection_set: SelectionSetNode, fragments: Fragments) -> Iterator[FieldNode]:
    """The fields on the root, those in fragments included."""
    for _, node in _roots(selection_set, fragments, plain=True):
        yield node


def is_declared(root: GraphQLObjectType | None, name: str) -> bool:
    """Whether the statement answers the root's field; `__typename` comes with any of them."""
    return root is not None and (name == TYPE_NAME or bool(read_of(root.fields.get(name))))


def divided(
    root: GraphQLObjectType | None, definition: OperationDefinitionNode, fragments: Fragments
) -> tuple[OperationDefinitionNode, OperationDefinitionNode] | None:
    """The declared part and the other of a query that has both. None for any other operation, and
    where a directive decides on a whole group of root fields."""
    if definition.operation is not OperationType.QUERY:
        return None
    roots = list(_roots(definition.selection_set, fragments, plain=True))
    fields = [node for _, node in roots]
    declared = tuple(node for node in fields if is_declared(root, node.name.value))
    others = tuple(node for node in fields if not is_declared(root, node.name.value))
    read = any(node.name.value != TYPE_NAME for node in declared)
    if not (read and others and all(plain for plain, _ in roots)):
        return None
    return _of(definition, declared), _of(definition, others)


def document_of(definition: OperationDefinitionNode, fragments: Fragments) -> DocumentNode:
    """A document with nothing else in it that is executed."""
    return DocumentNode(definitions=(definition, *fragments.values()))


def together(
    definition: OperationDefinitionNode,
    fragments: Fragments,
    parts: tuple[dict[str, Any], dict[str, Any]],
) -> dict[str, Any]:
    """The data of both parts, in the order of the whole query."""
    found = parts[0] | parts[1]
    keys = [
        (node.alias or node.name).value for node in root_fields(definition.selection_set, fragments)
    ]
    # What a directive left out is in neither.
    return {key: found[key] for key in dict.fromkeys(keys) if key in found}


def _of(
    definition: OperationDefinitionNode, fields: tuple[FieldNode, ...]
) -> OperationDefinitionNode:
    return replace(definition, selection_set=SelectionSetNode(selections=fields))


def _roots(
    selection_set: SelectionSetNode, fragments: Fragments, plain: bool
) -> Iterator[tuple[bool, FieldNode]]:
    """Each field on the root, and whether no directive of a group around it decides on it."""
    for selection in selection_set.selections:
        if isinstance(selection, FieldNode):
            yield plain, selection
        else:
            inner = (
                selection
                if isinstance(selection, InlineFragmentNode)
                else fragments[cast("FragmentSpreadNode", selection).name.value]
            )
            yield from _roots(inner.selection_set, fragments, plain and not selection.directives)
