"""The GraphQL documents of an export, written from the schema itself."""

from typing import Any

from graphql import (
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_object_type,
)

from innohub.graphql.export.kinds import Deeper, Kind

NAMED = ("id", "number", "slug", "name")
"""What of another object is told: enough to find it."""
PERSONAL = {"mine", "following", "sponsoring"}
"""Of who reads, not of what is read."""


def document_of(schema: GraphQLSchema, kind: Kind) -> str:
    """The query for one page of a kind. Its variables: `filter` and `after`."""
    assert schema.query_type is not None
    field = schema.query_type.fields[kind.root]
    found: Any = get_named_type(field.type)
    node: Any = get_named_type(found.fields["nodes"].type)
    given, asked = "$after: String", f"first: {kind.page}, after: $after"
    if kind.filter:
        filter_type = field.args["filter"].type
        given, asked = f"$filter: {filter_type}, {given}", f"filter: $filter, {asked}"
    inner = selection(node, kind.deeper)
    return (
        f"query Export({given}) {{ found: {kind.root}({asked}) {{ nodes {{ {inner} }} "
        "pageInfo { hasNextPage endCursor } } }"
    )


def selection(type_: GraphQLObjectType, deeper: Deeper) -> str:
    """All plain fields of a type, the names of the objects that it leads to, and whole what is
    named in `deeper`: its connections without `pageInfo`, so that they are read to their end."""
    parts = []
    for name, field in type_.fields.items():
        target: Any = get_named_type(field.type)
        needs = any(
            isinstance(argument.type, GraphQLNonNull) and argument.default_value is None
            for argument in field.args.values()
        )
        if name in deeper:
            inner = target.fields.get("nodes")
            if inner is not None:
                node: Any = get_named_type(inner.type)
                parts.append(f"{name} {{ nodes {{ {selection(node, deeper[name])} }} }}")
            else:
                parts.append(f"{name} {{ {selection(target, deeper[name])} }}")
        elif name in PERSONAL or field.args or needs:
            continue
        elif is_leaf_type(target):
            parts.append(name)
        elif is_object_type(target) and "id" in target.fields:
            known = [one for one in NAMED if one in target.fields]
            parts.append(f"{name} {{ {' '.join(known)} }}")
    return " ".join(parts)
