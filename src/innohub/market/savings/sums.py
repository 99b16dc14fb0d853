"""What a saving comes to, in whole pence. Pure."""

from dataclasses import dataclass

BASIS = 10_000
"""Basis points in the whole."""


@dataclass(frozen=True)
class Parts:
    """A saving, taken apart. `net` is what is left of the value."""

    value: int
    paid: int
    implementation: int
    exit: int

    @property
    def net(self) -> int:
        return self.value - self.paid - self.implementation - self.exit


def inflated(unit_price: int, basis_points: int) -> int:
    """The baseline's unit price with counterfactual inflation, rounded once, half a penny up."""
    return (unit_price * (BASIS + basis_points) * 2 + BASIS) // (2 * BASIS)


def of_price(
    *,
    unit_price: int,
    quantity: int,
    intervals: int,
    paid: int,
    implementation: int,
    exit: int,
    basis_points: int = 0,
) -> Parts:
    """A saving by price: what the same quantity would have cost over the same term, less what was
    paid, put into use and will be paid to leave (savings rule "net of implementation and whole-life
    cost")."""
    value = inflated(unit_price, basis_points) * quantity * intervals
    return Parts(value, paid, implementation, exit)
