"""JMESPath expressions of connectors: what a field holds, what an answer means.

JMESPath knows no loops and no recursion, yet `[@,@]|[@,@]|…` doubles its result every six
characters. So each evaluation has a budget of steps, and whatever is looked at as a whole (a
function's arguments, both sides of a comparison, the result) is counted node by node before it is.
"""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import httpx2
import jmespath
from jmespath import exceptions, functions
from jmespath.visitor import Options, TreeInterpreter
from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

LONGEST = 1_000
"""Characters of one expression."""
BUDGET = 20_000
"""Steps of one evaluation: some 20 ms at most."""
BUDGET_OF_A_RECORD = 50_000
"""Steps of all fields of one record together: a worker does nothing else meanwhile."""
DEEPEST = 32
LONGEST_MADE = 100_000
"""Characters that a function may put into a text."""
CHARACTERS_A_STEP = 64


class NoAnswer(ValueError):
    """The expression cannot be evaluated over this document."""


class Expression:
    """A parsed expression. Raises ValueError, with the reason, for one that does not parse."""

    def __init__(self, source: str) -> None:
        if not source.strip() or len(source) > LONGEST:
            raise ValueError(f"an expression has 1 to {LONGEST} characters")
        try:
            self._tree: Any = jmespath.compile(source).parsed
            unknown = sorted(set(_called(self._tree)) - set(_Functions.FUNCTION_TABLE))
        except exceptions.JMESPathError as error:
            raise ValueError(f"not a JMESPath expression: {_first_line(error)}") from None
        except RecursionError:
            raise ValueError("the expression is nested too deeply") from None
        if unknown:
            raise ValueError(f"there is no function called {unknown[0]}")
        self.source = source
        self._path = _plain_path(self._tree)

    def __repr__(self) -> str:
        return f"Expression({self.source!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self.source == other.source

    def __hash__(self) -> int:
        return hash(self.source)

    def over(self, document: Any, budget: "Budget | None" = None, *, whole: bool = True) -> Any:
        """The value for this document, within `budget`, which several expressions may share.

        Raises NoAnswer where it would take too much, or where a function is given what it does not
        take. Without `whole` the value itself may be large: it is somebody's who looks at its parts
        one by one.
        """
        budget = budget or Budget(BUDGET)
        try:
            if self._path:
                found = _followed(self._path, document, budget)
            else:
                found = _Interpreter(budget).visit(self._tree, document)
            if whole:
                budget.measure(found)
        except exceptions.JMESPathError as error:
            raise NoAnswer(_first_line(error)) from None
        except (RecursionError, TypeError, OverflowError) as error:
            raise NoAnswer(f"it cannot be evaluated: {error}"[:200]) from None
        return found


def _parsed(value: Any) -> Any:
    return Expression(value) if isinstance(value, str) else value


ExpressionText = Annotated[
    Expression,
    BeforeValidator(_parsed),
    PlainSerializer(lambda expression: expression.source, return_type=str),
    WithJsonSchema({"type": "string", "description": "A JMESPath expression.", "minLength": 1}),
]
"""An Expression as a manifest has it: its text."""


NESTED = (list, tuple, dict)


class Budget:
    """Steps that may still be taken."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise NoAnswer("the expression takes too many steps")

    def measure(self, value: Any) -> None:
        """Spend a step for each node of `value`, and for each so many characters."""
        if not isinstance(value, NESTED):
            self.spend(1 + (len(value) // CHARACTERS_A_STEP if isinstance(value, str) else 0))
            return
        waiting: list[tuple[Any, int]] = [(value, 0)]
        while waiting:
            node, depth = waiting.pop()
            if depth > DEEPEST:
                raise NoAnswer("the value is nested too deeply")
            self.spend(1)
            if isinstance(node, str):
                self.spend(len(node) // CHARACTERS_A_STEP)
            elif isinstance(node, list | tuple):
                self.spend(len(node))
                waiting += [(inner, depth + 1) for inner in node]
            elif isinstance(node, dict):
                self.spend(len(node))
                waiting += [(inner, depth + 1) for inner in node.values()]


class _Functions(functions.Functions):
    """JMESPath's own, and what vendors' headers and texts for people need."""

    @functions.signature({"types": ["string"]}, {"types": ["string"]})
    def _func_split(self, subject: str, separator: str) -> list[str]:
        return subject.split(separator) if separator else [subject]

    @functions.signature({"types": ["string"]})
    def _func_parse_json(self, text: str) -> Any:
        try:
            return json.loads(text)
        except ValueError:
            return None

    @functions.signature({"types": ["string", "null"]}, {"types": ["string"]})
    def _func_link(self, header: str | None, relation: str) -> str | None:
        links = httpx2.Response(200, headers={"link": header or ""}).links
        return links.get(relation, {}).get("url")

    @functions.signature({"types": ["object"]})
    def _func_items(self, given: Mapping[str, Any]) -> list[list[Any]]:
        return [[name, value] for name, value in given.items()]

    @functions.signature({"types": [], "variadic": True})
    def _func_text(self, *parts: Any) -> str | None:
        """All parts in one text; null where one of them is."""
        if any(part is None for part in parts):
            return None
        return "".join(part if isinstance(part, str) else json.dumps(part) for part in parts)

    @functions.signature(
        {"types": ["string", "null"]}, {"types": ["string"]}, {"types": ["string"]}
    )
    def _func_replace(self, subject: str | None, old: str, new: str) -> str | None:
        if subject is None:
            return None
        if len(new) > LONGEST or subject.count(old) * len(new) > LONGEST_MADE:
            raise NoAnswer("the text would become too long")
        return subject.replace(old, new) if old else subject

    @functions.signature({"types": ["number", "null"]}, {"types": ["number"]})
    def _func_round(self, number: float | None, places: float) -> float | int | None:
        if number is None or not math.isfinite(number):
            return None
        rounded = round(float(number), min(max(int(places), 0), 15))
        return int(rounded) if rounded.is_integer() else rounded


class _Interpreter(TreeInterpreter):
    def __init__(self, budget: Budget) -> None:
        super().__init__(Options())
        self._called = _Functions()
        self._budget = budget

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        self._budget.spend(1)
        found = super().visit(node, *args, **kwargs)
        if isinstance(found, list | dict):
            self._budget.spend(len(found))
        return found

    def visit_function_expression(self, node: Any, value: Any) -> Any:
        given = [self.visit(child, value) for child in node["children"]]
        for each in given:
            self._budget.measure(each)
        return self._called.call_function(node["value"], given)

    def visit_comparator(self, node: Any, value: Any) -> Any:
        # Both sides are visited twice: once to be measured, as comparing walks them whole.
        for child in node["children"]:
            self._budget.measure(self.visit(child, value))
        return super().visit_comparator(node, value)


def _plain_path(node: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of an expression that only goes from object to object, `event.payload.title`; empty
    for any other. Most are such, and need no interpreter."""
    if node["type"] == "field":
        return (node["value"],)
    if node["type"] != "subexpression":
        return ()
    parts = [_plain_path(child) for child in node["children"]]
    return tuple(name for part in parts for name in part) if all(parts) else ()


def _followed(path: tuple[str, ...], document: Any, budget: Budget) -> Any:
    """What an interpreter would find along the path."""
    found = document
    for name in path:
        budget.spend(2)
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _called(node: Mapping[str, Any]) -> Iterator[str]:
    """The names of the functions that the tree calls."""
    if node.get("type") == "function_expression":
        yield node["value"]
    for child in node.get("children", []):
        if isinstance(child, dict):
            yield from _called(child)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(":")[:200]
