"""Scalars that GraphQL does not bring."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NewType

from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.schema.types.base_scalars import DateTimeDefinition
from strawberry.types.scalar import ScalarDefinition, scalar

Pence = NewType("Pence", int)
"""A sum of money in whole pence, VAT apart."""

LARGEST = 2**53 - 1


def _whole(value: Any) -> Pence:
    """Raises ValueError for anything but a whole number that JavaScript can hold, too."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST:
        raise ValueError("Pence must be a whole number.")
    return Pence(value)


def _moment_in(value: Any) -> datetime:
    """Raises StrawberryInputCoercionError for what is no moment of UTC, in which all are stored: of
    the first and the last hours of all years some are none."""
    parse: Callable[[Any], datetime] = DateTimeDefinition.parse_value  # type: ignore[assignment]
    moment = parse(value)
    try:
        moment.astimezone(UTC)
    except OverflowError:
        raise StrawberryInputCoercionError(f"{value} lies outside the years 1 to 9999.") from None
    return moment


def _moment(value: datetime) -> str:
    """As PostgreSQL writes it in JSON: no zeros at the end of a fraction."""
    whole, point, rest = value.isoformat().partition(".")
    return f"{whole}{point}{rest[:6].rstrip('0')}{rest[6:]}"


SCALARS: dict[object, ScalarDefinition] = {
    Pence: scalar(
        name="Pence",
        description="A sum of money in whole pence; up to 53 bits, VAT apart.",
        serialize=int,
        parse_value=_whole,
    ),
    datetime: replace(DateTimeDefinition, serialize=_moment, parse_value=_moment_in),
}
