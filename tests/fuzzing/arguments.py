"""Arguments drawn from the schema and the commands behind it: mostly fit, in places hostile."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, get_args

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    get_nullable_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
)
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from strawberry.utils.str_converters import to_camel_case

from innohub.command import Command
from innohub.db import identifiers
from innohub.db.identifiers import IdOf

LONG = "long " * 40_000
TEXTS = (
    "", " ", "\x00", "a\x00b", "\u202eright to left", "zero\u200bwidth\ufeff", "\uffff", "\x1b[31m",
    "\N{PILE OF POO}" * 40, "e\u0301" * 100, "line\nline\r\n\u2028\x85\x0b", "{{7*7}}${7*7}%s%n",
    "'; DROP TABLE pilot; --", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "a" * 201,
    "a" * 5_001, LONG, "../../etc/passwd", "\\", "%", "%00", "_", '"', "(((((", "& | ! :*", "-",
    "NaN", "null", "0", "https://[::1]:99999/", "http://a\\@b/", "\u0130\u0131\u1e9e\ufb03",
    "\N{ARABIC-INDIC DIGIT THREE}", "1e400",
)  # fmt: skip
NUMBERS = (0, -1, 1, 2, 7, 100, 2**31 - 1, -(2**31), 10**4, 365_000)
SUMS = (0, -1, 1, 10**12, 10**12 + 1, 2**53 - 1, -(2**53) + 1)
FLOATS = (0.0, -0.0, -1.5, 1e-320, 1e308, -1e308, 0.1, 1e16)
DECIMALS = (
    "0", "-0", "-1", "1e400", "1e-400", "NaN", "Infinity", "-Infinity", "sNaN", "1e999999",
    "0." + "1" * 60, "9" * 60, "1_0", "\N{ARABIC-INDIC DIGIT THREE}", "0.05", "100",
)  # fmt: skip
DATES = ("0001-01-01", "9999-12-31", "2026-02-28", "2026-11-30", "2027-06-01", "1969-12-31")
MOMENTS = (
    "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999999+00:00", "2026-11-30T10:00:00+00:00",
    "2026-12-01T10:00:00", "2027-03-28T01:30:00+14:00", "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00",
)  # fmt: skip
FIT = ("Better than it was before", "https://supplier.example/x", "roads of the whole county")
LONG_ENOUGH = "It was better than it had been before, on every road. "
DEEP = 3


def commands() -> Mapping[str, type[BaseModel]]:
    """By the name of the input that is made of each; so are the models within them."""
    return {f"{one.__name__}Input": one for one in (*_under(Command), *_under(BaseModel))}


def _under(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in kind.__subclasses__():
        yield one
        yield from _under(one)


BOUNDS = {"ge": "least", "gt": "least", "le": "most", "min_length": "shortest"}


@dataclass(frozen=True)
class Limits:
    """What a command's field says of its values."""

    kinds: tuple[str, ...] = ()
    """Those that an identifier may be of."""
    least: int = 0
    most: int = 9
    shortest: int = 0

    @classmethod
    def of(cls, info: FieldInfo) -> "Limits":
        marks = list(_marks(info.annotation, info.metadata))
        numbers: dict[str, int] = {}
        for mark in marks:
            for name, bound in BOUNDS.items():
                value = getattr(mark, name, None)
                if isinstance(value, int):
                    numbers[bound] = value + (name == "gt")
        kinds = [kind for mark in marks if isinstance(mark, IdOf) for kind in mark.kinds]
        return cls(tuple(kinds), **numbers)


def _marks(annotation: Any, metadata: Sequence[Any] = ()) -> Iterator[Any]:
    """All that is noted on this annotation and those within it."""
    yield from metadata
    yield from getattr(annotation, "__metadata__", ())
    for inner in get_args(annotation):
        if not isinstance(inner, str):
            yield from _marks(inner)


ANY = Limits()


class Arguments:
    """Draws variables. `ids`: what is stored, by kind; `words`: names that mean something here."""

    def __init__(
        self, random: Random, ids: Mapping[str, Sequence[int]], words: Sequence[str]
    ) -> None:
        self.random, self.ids, self.words = random, ids, words
        self._limits = {
            name: {
                to_camel_case(field): Limits.of(info) for field, info in model.model_fields.items()
            }
            for name, model in commands().items()
        }
        self.hostility = 0.0

    def of(self, arguments: Mapping[str, Any], hostility: float) -> dict[str, Any]:
        """Variables for these arguments of a field; a value in `hostility` is not fit."""
        self.hostility = hostility
        return {
            name: self.value(one.type, name, ANY)
            for name, one in arguments.items()
            if is_required_argument(one) or self.random.random() < 0.6
        }

    def value(self, type_: Any, name: str, limits: Limits, depth: int = 0) -> Any:
        inner = get_nullable_type(type_)
        if inner is type_ and self._hostile(3):
            return None
        if is_list_type(inner):
            few = self.random.randint(min(1, limits.shortest), 2)
            size = self.random.choice([0, 1, 60]) if self._hostile(2) and depth < 2 else few
            return [self.value(inner.of_type, name, limits, depth + 1) for _ in range(size)]
        if isinstance(inner, GraphQLEnumType):
            return self.random.choice(sorted(inner.values))
        if isinstance(inner, GraphQLInputObjectType):
            return self._object(inner, depth)
        return self._scalar(inner.name, name, limits)

    def _object(self, type_: GraphQLInputObjectType, depth: int) -> dict[str, Any]:
        limits = self._limits.get(type_.name, {})
        share = 0.0 if depth > DEEP else self.random.choice([0.3, 0.9])
        return {
            name: self.value(field.type, name, limits.get(name, ANY), depth + 1)
            for name, field in type_.fields.items()
            if is_required_input_field(field)
            or self.random.random() < (share if name != "revision" else self.hostility)
        }

    def _hostile(self, seldom: int = 1) -> bool:
        return self.random.random() < self.hostility / seldom

    def _scalar(self, kind: str, name: str, limits: Limits) -> Any:
        pick, hostile = self.random.choice, self._hostile()
        match kind:
            case "ID":
                return self._id(limits.kinds, hostile)
            case "Int":
                return (
                    pick(NUMBERS)
                    if hostile
                    else self.random.randint(limits.least, max(limits.least, limits.most))
                )
            case "Pence":
                return pick(SUMS) if hostile else self.random.randint(1, 10**6)
            case "Float":
                return pick(FLOATS) if hostile else pick([0.05, 0.8, 3, 100])
            case "Decimal":
                return pick(DECIMALS) if hostile else pick(["0.5", "3", "20.25"])
            case "Boolean":
                return pick([True, False])
            case "Date":
                return (
                    pick(DATES)
                    if hostile
                    else f"{2027 if 'end' in name.lower() else 2026}-12-{pick([10, 20, 30])}"
                )
            case "DateTime":
                return pick(MOMENTS) if hostile else f"2026-12-{pick([10, 20])}T12:00:00+00:00"
            case "JSON":
                return pick([None, [], {}, "x", 1.5, [[[{}]]], {"\x00": "\x00"}, {"a": LONG}])
            case _:
                return pick(TEXTS) if hostile else self._text(limits)

    def _text(self, limits: Limits) -> str:
        text = self.random.choice([*self.words, *FIT])
        return text if len(text) >= limits.shortest else (LONG_ENOUGH * 9)[: limits.shortest + 20]

    def _id(self, kinds: Sequence[str], hostile: bool) -> str:
        pick = self.random.choice
        if hostile and self._hostile():
            return pick(["", "\x00", "%%%", LONG, "UGlsb3Q6MQ==", "\N{KEY}", "UGlsb3Q6LTE"])
        kind = pick(list(kinds) if kinds and not hostile else sorted(self.ids))
        if hostile or not self.ids.get(kind):
            return identifiers.encode(kind, pick([1, 2**31, 2**63 - 1, 2**63, 0]))
        return self.an_id(kind)

    def an_id(self, kind: str) -> str:
        """The id of something of that kind which is there."""
        return identifiers.encode(kind, self.random.choice(self.ids[kind]))
