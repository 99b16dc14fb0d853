"""From rows to the response: a small Python function, written once for each plan.

The compiler describes the response as a tree of shapes; `write` turns the tree into source text,
which `print(plan.shaper_source)` shows, and compiles it. Every value passes through Python once, so
that a field may be formatted, and a null in a non-null place is noticed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from textwrap import indent
from typing import Any

from innohub.graphql.read import paging


class NullInNonNull(Exception):
    """A non-null field came out null: the reference executor knows what the answer looks like."""


def must(value: Any) -> Any:
    if value is None:
        raise NullInNonNull
    return value


@dataclass
class Writer:
    """Collects the generated functions and the objects that they refer to."""

    functions: list[str] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=lambda: {"must": must})

    def name(self, thing: Any, prefix: str) -> str:
        for name, known in self.names.items():
            if known is thing:
                return name
        name = f"{prefix}_{len(self.names)}"
        self.names[name] = thing
        return name

    def function(self, prefix: str, argument: str, body: str) -> str:
        name = f"{prefix}_{len(self.functions)}"
        self.functions.append(f"def {name}({argument}):\n{indent(body, '    ')}")
        return name


class Shape:
    """Writes the expression of one value, given the name of the record it stands in."""

    def code(self, record: str, writer: Writer) -> str:
        raise NotImplementedError


@dataclass
class Constant(Shape):
    value: Any

    def code(self, record: str, writer: Writer) -> str:
        return repr(self.value)


@dataclass
class Leaf(Shape):
    """A column, through its format where it has one."""

    index: int
    format: Callable[[Any], Any] | None = None
    required: bool = False
    certain: bool = False

    def code(self, record: str, writer: Writer) -> str:
        value = f"{record}[{self.index}]"
        if self.required and not self.certain:
            value = f"must({value})"
        if self.format is None:
            return value
        name = writer.name(self.format, "format")
        if self.required or self.certain:
            return f"{name}({value})"
        return f"(None if {value} is None else {name}({value}))"


@dataclass
class Fields(Shape):
    """An object made of the record's own values; null where the flag at `present` is not set."""

    fields: dict[str, Shape]
    present: int | None = None
    required: bool = False

    def code(self, record: str, writer: Writer) -> str:
        pairs = [f"{key!r}: {shape.code(record, writer)}," for key, shape in self.fields.items()]
        text = "{\n" + indent("\n".join(pairs), "    ") + "\n}"
        if self.present is None:
            return text
        flag = f"{record}[{self.present}]"
        if self.required:
            return f"({text} if {flag} else must(None))"
        return f"({text} if {flag} else None)"


@dataclass
class Switch(Shape):
    """The object of the first type whose flag is set."""

    cases: list[tuple[int, Shape]]
    required: bool = False

    def code(self, record: str, writer: Writer) -> str:
        text = "must(None)" if self.required else "None"
        for index, shape in reversed(self.cases):
            text = f"{shape.code(record, writer)} if {record}[{index}] else {text}"
        return f"({text})"


@dataclass
class Nested(Shape):
    """An object in a record of its own; null where there is none."""

    index: int
    of: Shape
    required: bool = False

    def code(self, record: str, writer: Writer) -> str:
        name = writer.function("one", "r", f"return {self.of.code('r', writer)}")
        value = f"{record}[{self.index}]"
        if self.required:
            return f"{name}(must({value}))"
        return f"(None if {value} is None else {name}({value}))"


@dataclass
class FirstOf(Shape):
    """The one of several nested objects that is there."""

    cases: list[Nested]
    required: bool = False

    def code(self, record: str, writer: Writer) -> str:
        text = "must(None)" if self.required else "None"
        for case in reversed(self.cases):
            text = f"{case.code(record, writer)} if {record}[{case.index}] is not None else {text}"
        return f"({text})"


@dataclass
class Listed(Shape):
    """An array of records."""

    index: int
    of: Shape

    def code(self, record: str, writer: Writer) -> str:
        name = writer.function("item", "r", f"return {self.of.code('r', writer)}")
        return f"[{name}(r) for r in {record}[{self.index}]]"


@dataclass
class InOrder(Shape):
    """`nodes(ids:)`: records from several tables, put into the order of the ids asked for."""

    columns: list[tuple[str, int, Shape]]
    """Type name, index of the array, and shape; the row's id is the record's last value."""
    wanted: int
    """Index of the value that repeats the ids, as (type name, row id) pairs."""
    required_items: bool = False

    def code(self, record: str, writer: Writer) -> str:
        lines = ["found = {}"]
        for kind, index, shape in self.columns:
            name = writer.function("node", "r", f"return {shape.code('r', writer)}")
            lines.append(f"for r in row[{index}]:\n    found[{kind!r}, r[-1]] = {name}(r)")
        lines.append(f"return [found.get(key) for key in keys[{self.wanted}]]")
        function = writer.function("nodes", "row, keys", "\n".join(lines))
        return f"{function}({record}, keys)"


@dataclass
class Cursor(Shape):
    """A row's cursor, from the order values at the end of its record."""

    order: str
    width: int

    def code(self, record: str, writer: Writer) -> str:
        return f"{writer.name(paging.encode(self.order), 'cursor')}({record}[-{self.width}:])"


@dataclass
class PageInfo(Shape):
    """Where the page stands; written inside a page's function, which knows `rows` and `more`."""

    keys: dict[str, str]
    """Response key to field name."""
    page: paging.Page
    cursor: Cursor

    def code(self, record: str, writer: Writer) -> str:
        back = self.page.backward
        values = {
            "hasNextPage": repr(self.page.before is not None) if back else "more",
            "hasPreviousPage": "more" if back else repr(self.page.after is not None),
            "startCursor": f"{self.cursor.code('rows[0]', writer)} if rows else None",
            "endCursor": f"{self.cursor.code('rows[-1]', writer)} if rows else None",
        }
        pairs = [
            f"{key!r}: {values.get(name, repr('PageInfo'))}" for key, name in self.keys.items()
        ]
        return "{" + ", ".join(pairs) + "}"


@dataclass
class EachRow(Shape):
    """`edges` or `nodes`: a shape applied to every row of the page."""

    of: Shape

    def code(self, record: str, writer: Writer) -> str:
        name = writer.function("row", "r", f"return {self.of.code('r', writer)}")
        return f"[{name}(r) for r in rows]"


@dataclass
class Paginated(Shape):
    """A connection: its rows in an array, the one row too many telling of a further page."""

    page: paging.Page
    fields: dict[str, Shape]
    rows: int | None
    """Index of the array; None where neither rows nor page info are asked for."""

    def code(self, record: str, writer: Writer) -> str:
        lines = []
        if self.rows is not None:
            lines += [f"rows = r[{self.rows}]", f"more = len(rows) > {self.page.size}"]
            lines += [f"if more:\n    rows = rows[:{self.page.size}]"]
            lines += ["rows = rows[::-1]"] if self.page.backward else []
        lines.append(f"return {Fields(self.fields).code('r', writer)}")
        return f"{writer.function('page', 'r', chr(10).join(lines))}({record})"


Shaper = Callable[[Sequence[Any], Sequence[Any]], dict[str, Any]]
"""Takes the statement's only row and the id keys of `nodes(ids:)`; returns the response's data."""


def write(root: Fields) -> tuple[str, Shaper]:
    """The source text of the shaper and the function itself."""
    writer = Writer()
    body = f"return {root.code('r', writer)}"
    writer.functions.append(f"def shape(r, keys):\n{indent(body, '    ')}")
    source = "\n\n\n".join(writer.functions)
    namespace = dict(writer.names)
    exec(compile(source, "<shaper>", "exec"), namespace)  # noqa: S102 - names are ours or quoted
    shaper: Shaper = namespace["shape"]
    return source, shaper
