"""What the meter of a pool says, in one sentence, as SQL: the same words in every answer."""

from typing import Any

from sqlalchemy import ColumnElement, Text, case, cast, func, literal, literal_column

from innohub.market.quotes.pricing import TierMode

EVERY = {
    "one_off": "",
    "month": " a month",
    "quarter": " a quarter",
    "six_months": " every six months",
    "year": " a year",
}
HUNDRED: Any = literal_column("100")
NO_PENCE: Any = literal_column("0")


def sentence(
    quote: Any, quantity: Any, price: Any, reached: Any, beyond: Any, next_price: Any
) -> ColumnElement[str]:
    """Of a pool of `quantity` units at a quote. `reached` and `beyond` are the quantities from
    which the tier reached and the next one begin, NULL where there is none."""
    every = case(
        *((quote.interval == literal(name), literal(words)) for name, words in EVERY.items()),
        else_=literal(""),
    )
    more = _units(beyond - quantity)
    off = price - next_price
    saved = _pounds(off * beyond)
    of_mode = {
        TierMode.ALL_UNITS: _said(
            more, " from any force: ", _pounds(off), " off each unit", every, ", ", saved,
            " saved across the pool", every, ".",
        ),
        TierMode.RETROSPECTIVE_REBATE: _said(
            more, " from any force: ", _pounds(off), " paid back on each unit", every, ", ", saved,
            " paid back across the pool", every, ".",
        ),
        TierMode.INCREMENTAL: _said(
            more, " from any force: each unit from number ", _number(beyond), " on costs ",
            _pounds(off), " less", every, ".",
        ),
    }  # fmt: skip
    below = _said(
        more, " from any force reach the least quantity that is quoted. From there a unit costs ",
        _pounds(next_price), every, ".",
    )  # fmt: skip
    lowest = _said(
        "The lowest price that is quoted is reached: ", _pounds(price), " a unit", every, "."
    )
    return case(
        (beyond.is_(None), lowest),
        (reached.is_(None), below),
        *((quote.tier_mode == literal(str(mode)), words) for mode, words in of_mode.items()),
    )


def _said(*parts: Any) -> Any:
    given = [literal(part) if isinstance(part, str) else part for part in parts]
    return func.concat(*given, type_=Text)


def _number(value: Any) -> Any:
    return func.to_char(value, literal("FM999,999,999,999"), type_=Text)


def _units(value: Any) -> Any:
    return _said(_number(value), case((value == 1, literal(" more unit")), else_=" more units"))


def _pounds(pence: Any) -> Any:
    whole = func.to_char(func.div(pence, HUNDRED), literal("FM999,999,999,990"), type_=Text)
    rest = func.mod(pence, HUNDRED)
    digits = func.lpad(cast(rest, Text), literal_column("2"), literal("0"), type_=Text)
    return _said("£", whole, case((rest == NO_PENCE, literal("")), else_=_said(".", digits)))
