"""Arguments as slots: a value now, and the way to find it again for the next request.

A plan is compiled for one request and run for many. What shapes the SQL (page sizes, orders, which
filters are given) is read now; everything else is bound, through its slot's getter.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLInputType,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    type_from_ast,
    value_from_ast,
)

Variables = Mapping[str, Any]


@dataclass(frozen=True)
class Slot:
    """An argument's value in this request, and its getter for any other."""

    value: Any
    get: Callable[[Variables], Any]

    def items(self) -> Iterator[tuple[str, "Slot"]]:
        """The given fields of an input object, each as a slot. None counts as not given."""
        for name, value in (self.value or {}).items():
            if value is not None:
                yield name, Slot(value, _inside(self.get, name))


def _inside(get: Callable[[Variables], Any], name: str) -> Callable[[Variables], Any]:
    return lambda variables: get(variables)[name]


def slots(field: GraphQLField, node: FieldNode, variables: Variables) -> dict[str, Slot]:
    """The field's arguments by GraphQL name, with defaults filled in; nulls are left out."""
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    found: dict[str, Slot] = {}
    for name, argument in field.args.items():
        slot = _slot(given.get(name), argument.type, variables)
        if slot is None and argument.default_value is not Undefined:
            slot = _fixed(argument.default_value)
        if slot is not None and slot.value is not None:
            found[name] = slot
    return found


def _slot(node: ValueNode | None, type_: GraphQLInputType, variables: Variables) -> Slot | None:
    if node is None:
        return None
    if isinstance(node, VariableNode):
        name = node.name.value
        return Slot(variables[name], lambda given: given[name]) if name in variables else None
    inner = get_nullable_type(type_)
    if isinstance(node, ObjectValueNode) and is_input_object_type(inner):
        return _object_slot(node, inner, variables)
    if isinstance(node, ListValueNode) and is_list_type(inner):
        parts = [_slot(value, inner.of_type, variables) for value in node.values or ()]
        whole = [part or _fixed(None) for part in parts]
        return Slot([p.value for p in whole], lambda given: [p.get(given) for p in whole])
    return _fixed(value_from_ast(node, type_, dict(variables)))


def _object_slot(node: ObjectValueNode, type_: Any, variables: Variables) -> Slot:
    parts: dict[str, Slot] = {}
    for field in node.fields or ():
        part = _slot(field.value, type_.fields[field.name.value].type, variables)
        if part is not None:
            parts[field.name.value] = part
    values = {name: part.value for name, part in parts.items()}
    return Slot(values, lambda given: {name: part.get(given) for name, part in parts.items()})


def _fixed(value: Any) -> Slot:
    return Slot(value, lambda _: value)


Skeleton = Callable[[Any], Any]
"""Reduces a variable's value to what can change the shape of the SQL."""


def skeletons(
    schema: GraphQLSchema, operation: OperationDefinitionNode, exact: Mapping[str, Skeleton]
) -> dict[str, Skeleton]:
    """One for each variable of the operation; `exact` holds those of special use: page sizes, whose
    very value counts, and node ids, whose type does."""
    return {
        name: exact.get(name) or _skeleton(type_from_ast(schema, definition.type))
        for definition in operation.variable_definitions or ()
        for name in [definition.variable.name.value]
    }


def _skeleton(type_: Any) -> Skeleton:
    inner = get_nullable_type(type_)
    named = get_named_type(type_)
    if is_list_type(inner):
        element = _skeleton(inner.of_type)
        if is_input_object_type(named):
            return lambda value: None if value is None else tuple(map(element, value))
        return lambda value: None if value is None else min(len(value), 2)
    if is_input_object_type(named):
        fields = {name: _skeleton(field.type) for name, field in named.fields.items()}
        return lambda value: (
            None if value is None else tuple((k, fields[k](v)) for k, v in value.items())
        )
    if is_enum_type(named) or named.name == "Boolean":
        return lambda value: value
    return lambda value: value is None
