"""Scalars that GraphQL does not bring."""

from typing import NewType

from strawberry.types.scalar import ScalarDefinition, scalar

Pence = NewType("Pence", int)
"""A sum of money in whole pence, VAT apart."""

SCALARS: dict[object, ScalarDefinition] = {
    Pence: scalar(
        name="Pence",
        description="A sum of money in whole pence; up to 53 bits, VAT apart.",
        serialize=int,
        parse_value=int,
    )
}
