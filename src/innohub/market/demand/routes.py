"""By which route the law lets a pool's contract be made: Procurement Act 2023."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid
from innohub.market.demand.rules import PoolRule
from innohub.market.pilots.service import reach
from innohub.market.reference_lists import not_ended

ROUTES = "procurement_route"
NO_CONTRACT = {"none_pilot_only", "preliminary_market_engagement"}
"""What leads to no contract is no route to an award."""


async def refuse_route(work: UnitOfWork, route: str, total_pence: int) -> None:
    """Raise Invalid, field `route`, for a route that there is not, that leads to no contract, or
    that is not lawful for the sum, which counts VAT. Each force is a sub-central authority, and
    together they buy what one contract is worth."""
    known = await not_ended(work, ROUTES, route)
    if known is None:
        raise _refused("There is no such route.")
    if route in NO_CONTRACT:
        raise _refused(f"“{known.label}” leads to no contract.")
    above = (await reach(work, total_pence)).reached
    if above and not known.detail.get("above_threshold"):
        raise _refused(f"“{known.label}” is not lawful at or above the threshold.")


def _refused(message: str) -> Invalid:
    return Invalid(message, field="route", rule=PoolRule.LAWFUL_ROUTE)
