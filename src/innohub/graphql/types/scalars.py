"""Scalars that GraphQL does not bring."""

from typing import Any, NewType

from strawberry.types.scalar import ScalarDefinition, scalar

Pence = NewType("Pence", int)
"""A sum of money in whole pence, VAT apart."""

LARGEST = 2**53 - 1


def _whole(value: Any) -> Pence:
    """Raises ValueError for anything but a whole number that JavaScript can hold, too."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST:
        raise ValueError("Pence must be a whole number.")
    return Pence(value)


SCALARS: dict[object, ScalarDefinition] = {
    Pence: scalar(
        name="Pence",
        description="A sum of money in whole pence; up to 53 bits, VAT apart.",
        serialize=int,
        parse_value=_whole,
    )
}
