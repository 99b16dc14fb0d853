"""What a pool costs, whom, and what is paid back, as pure arithmetic over where each force stands.

Everything hangs on quantities by force alone, never on the order in which they came: so no order of
commitments, withdrawals and call-offs changes a total. Sums are pence over the whole term, without
VAT.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from innohub.market.quotes.pricing import Schedule, Tier, apportion, part_of

Quantities = Mapping[int, int]
"""By the force's id."""


@dataclass(frozen=True)
class Bargain:
    """A quote's tiers, and how often its price is paid in the term."""

    schedule: Schedule
    intervals: int

    def total(self, committed: Quantities) -> int:
        """What all that is committed costs, rebates taken off."""
        return self.schedule.total(sum(committed.values())) * self.intervals

    def shares(self, committed: Quantities) -> dict[int, int]:
        """The total by force: the shares add up to it to the penny."""
        return apportion(self.total(committed), committed)

    def call_off(self, committed: Quantities, force_id: int, before: int, quantity: int) -> int:
        """What is invoiced for `quantity` units of a force that has called off `before`: all its
        call-offs together cost what its whole quantity does. A rebate is not taken off here."""
        whole = sum(committed.values())
        invoiced = apportion(self.schedule.invoiced(whole) * self.intervals, committed)
        return part_of(invoiced[force_id], committed[force_id], before, quantity)

    def owed(self, committed: Quantities, called_off: Quantities) -> dict[int, int]:
        """What each force owes in all for what it has called off, at the tier that is reached."""
        shares = self.shares(committed)
        return {
            id: part_of(shares[id], committed[id], 0, quantity) if quantity else 0
            for id, quantity in called_off.items()
        }

    def paid_back(
        self, committed: Quantities, called_off: Quantities, invoiced: Quantities
    ) -> dict[int, int]:
        """What the supplier pays back to each force of what it invoiced so far: a rebate, or the
        better tier that others reached since."""
        owed = self.owed(committed, called_off)
        return {id: invoiced[id] - owed[id] for id in called_off}


@dataclass(frozen=True)
class Meter:
    """Where a pool stands at one quote: the tier reached, and what the next one would bring."""

    schedule: Schedule
    quantity: int

    @property
    def reached(self) -> Tier | None:
        return self.schedule.reached(self.quantity)

    @property
    def following(self) -> Tier | None:
        return self.schedule.after(self.quantity)

    def rose_from(self, before: int) -> bool:
        """Whether a tier is reached now that `before` units did not reach."""
        reached, former = self.reached, self.schedule.reached(before)
        return reached is not None and reached != former and self.quantity > before
