"""Operations drawn from the schema itself, with all that the language has for selecting."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
)

MAX_DEPTH = 7
UNREAD = {
    "viewer",
    "listingDifference",
    "possibleDuplicates",
    "searchReading",
    "searchReplay",
    "sampleSize",
    "mappingPreview",
    "mergerPreview",
    "eventTypes",
}
"""Root fields without a read declaration."""
WALK = "walk"


@dataclass
class Operation:
    """A drawn operation. Where it asks for a further page of a connection, the cursor is a variable
    `walk…`, null at first, and the response key of that name holds the cursors of the page."""

    text: str
    variables: dict[str, Any]

    def turned(self, data: Any, random: Random) -> "Operation | None":
        """The same, for the pages beside those in its answer; None where there are none."""
        found = {
            name: cursor
            for name, info in walks_in(data)
            for cursor in [info[random.choice(["startCursor", "endCursor"])]]
            if cursor is not None
        }
        return replace(self, variables={**self.variables, **found}) if found else None


def walks_in(data: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every `walk…` in an answer, by its response key."""
    if isinstance(data, list):
        for item in data:
            yield from walks_in(item)
    elif isinstance(data, dict):
        for key, value in data.items():
            if key.startswith(WALK):
                yield key, value
            else:
                yield from walks_in(value)


@dataclass
class Pools:
    """Values worth asking for, by what they are."""

    ids: list[str]
    words: list[str]


class Generator:
    """Draws one operation."""

    def __init__(self, random: Random, schema: GraphQLSchema, pools: Pools) -> None:
        self.random = random
        self.schema = schema
        self.pools = pools
        self.declared: list[str] = []
        self.variables: dict[str, Any] = {}
        self.fragments: dict[str, str] = {}
        self.aliases = 0
        self.apart = 0
        self.walks = 0

    def operation(self) -> Operation:
        root = self.schema.query_type
        assert root is not None
        names = [name for name in root.fields if name not in UNREAD]
        chosen = self.some(names, 2, least=1)
        fields = " ".join(self.field(root, name, 1, alias=True) for name in chosen)
        head = f"({', '.join(self.declared)})" if self.declared else ""
        text = f"query Drawn{head} {{ {fields} }} {' '.join(self.fragments.values())}"
        return Operation(text, self.variables)

    def selections(self, type_: Any, depth: int) -> str:
        if is_abstract_type(type_):
            return self.on_abstract(type_, depth)
        fields = type_.fields
        leaves = [n for n, f in fields.items() if is_leaf_type(get_named_type(f.type))]
        branches = [n for n in fields if n not in leaves]
        chosen = self.some(leaves, 4) if leaves else []
        if branches and depth < MAX_DEPTH:
            more = 2 if depth < 4 else 1
            chosen += self.some(branches, more)
        parts = [self.field(type_, name, depth) for name in chosen]
        parts.append("__typename" if not parts or self.chance(0.2) else "")
        body = " ".join(parts)
        return f"{{ {self.wrapped(type_, body)} }}"

    def on_abstract(self, type_: GraphQLInterfaceType | GraphQLUnionType, depth: int) -> str:
        possible = self.schema.get_possible_types(type_)
        chosen = self.some(list(possible), 3)
        fields = getattr(type_, "fields", {})
        own = " ".join(n for n, f in fields.items() if is_leaf_type(get_named_type(f.type)))
        # Types of one interface or union may disagree about a field of one name: each gets an
        # alias of its own.
        self.apart += 1
        inner = " ".join(f"... on {t.name} {self.selections(t, depth + 1)}" for t in chosen)
        self.apart -= 1
        return f"{{ __typename {own} {inner} }}"

    def wrapped(self, type_: GraphQLObjectType, body: str) -> str:
        """The body as it is, or in a fragment, perhaps behind a directive."""
        kind = self.random.choice(["plain", "plain", "inline", "named", "twice"])
        if kind == "plain":
            return body
        condition = self.random.choice([f"on {type_.name}", *self.interfaces(type_)])
        if kind == "inline" or not condition.endswith(f" {type_.name}"):
            keep = body if condition.endswith(f" {type_.name}") else "__typename"
            rest = "" if keep == body else body
            return f"... {condition} {self.directive()} {{ {keep} }} {rest} __typename"
        name = f"F{len(self.fragments)}"
        self.fragments[name] = f"fragment {name} on {type_.name} {{ {body} }}"
        spread = f"...{name} {self.directive()}"
        return f"{spread} __typename" if kind == "named" else f"...{name} {spread} {body}"

    def interfaces(self, type_: GraphQLObjectType) -> list[str]:
        return [f"on {interface.name}" for interface in type_.interfaces]

    def directive(self) -> str:
        name = self.random.choice(["", "", "@include", "@skip"])
        if not name:
            return ""
        value = self.chance(0.5)
        if self.chance(0.5):
            return f"{name}(if: {self.variable('Boolean!', value)})"
        return f"{name}(if: {str(value).lower()})"

    def field(self, type_: GraphQLObjectType, name: str, depth: int, *, alias: bool = False) -> str:
        definition = type_.fields[name]
        before = self.walks
        arguments = self.arguments(definition, depth)
        walk = f"{WALK}{self.walks}" if self.walks > before else ""
        prefix = ""
        if alias or arguments or self.apart or self.chance(0.15):
            self.aliases += 1
            prefix = f"a{self.aliases}: "
        inner = get_named_type(definition.type)
        body = "" if is_leaf_type(inner) else self.selections(inner, depth + 1)
        if walk:
            body = f"{{ {walk}: pageInfo {{ startCursor endCursor }} {body[1:]}"
        return f"{prefix}{name}{arguments} {self.directive()} {body}"

    def arguments(self, definition: Any, depth: int) -> str:
        given: dict[str, str] = {}
        for name, argument in definition.args.items():
            if name in ("first", "last", "after", "before"):
                continue
            required = is_required_argument(argument)
            if (
                required
                or name in ("id", "ids", "slug", "list", "kpi", "technologyId")
                or self.chance(0.5)
            ):
                given[name] = self.given(argument.type, name)
        given.update(self.paging(definition.args, depth))
        return f"({', '.join(f'{k}: {v}' for k, v in given.items())})" if given else ""

    def paging(self, arguments: Any, depth: int) -> dict[str, str]:
        size = self.random.randint(0, 5 if depth < 3 else 2)
        if "after" not in arguments:
            return {"first": self.number(size)} if "first" in arguments else {}
        way = self.random.choice(["first", "last"])
        found = {way: self.number(size)}
        if self.chance(0.4):
            self.walks += 1
            cursor = self.variable("String", None, f"{WALK}{self.walks}")
            found[self.random.choice(["after", "before"])] = cursor
        return found

    def number(self, value: int) -> str:
        return self.variable("Int!", value) if self.chance(0.5) else str(value)

    def given(self, type_: Any, name: str) -> str:
        value = self.value(type_, name)
        if self.chance(0.5):
            return self.variable(str(type_), value)
        return _literal(type_, value)

    def value(self, type_: Any, name: str) -> Any:
        inner = get_nullable_type(type_)
        if is_list_type(inner):
            count = self.random.randint(0, 3)
            return [self.value(inner.of_type, name) for _ in range(count)]
        if isinstance(inner, GraphQLEnumType):
            return self.random.choice(sorted(inner.values))
        if isinstance(inner, GraphQLInputObjectType):
            names = self.unlike(list(inner.fields), 3)
            return {n: self.value(inner.fields[n].type, n) for n in names}
        return self.scalar(inner.name, name)

    def scalar(self, kind: str, name: str) -> Any:
        if kind == "ID":
            return self.random.choice(self.pools.ids)
        if kind in ("Int", "Pence"):
            return self.random.randint(0, 9)
        if kind == "Float":
            return self.random.choice([0, 2.5, 3.5, 4])
        if kind == "Boolean":
            return self.chance(0.5)
        if kind == "Date":
            return "2026-12-01"
        if kind == "DateTime":
            return "2026-07-01T00:00:00+00:00"
        return self.random.choice(self.pools.words)

    def variable(self, type_: str, value: Any, name: str | None = None) -> str:
        name = name or f"v{len(self.declared)}"
        self.declared.append(f"${name}: {type_}")
        self.variables[name] = value
        return f"${name}"

    def some(self, choices: list[Any], most: int, *, least: int = 0) -> list[Any]:
        return self.random.choices(choices, k=self.random.randint(least, most))

    def unlike(self, choices: list[Any], most: int) -> list[Any]:
        return self.random.sample(choices, self.random.randint(0, min(most, len(choices))))

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability


def _literal(type_: Any, value: Any) -> str:
    inner = get_nullable_type(type_)
    if isinstance(value, list):
        return f"[{', '.join(_literal(inner.of_type, v) for v in value)}]"
    if isinstance(value, dict):
        pairs = (f"{k}: {_literal(inner.fields[k].type, v)}" for k, v in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(inner, GraphQLEnumType):
        return str(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


def operation(schema: GraphQLSchema, pools: Pools, seed: int) -> Operation:
    """The operation that this seed stands for; the schema accepts it."""
    return Generator(Random(seed), schema, pools).operation()
