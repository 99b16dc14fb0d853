"""What a pilot with its options costs, against the threshold of the Procurement Act 2023.

A force is a sub-central authority; the threshold counts VAT. What reaches it needs a route by which
the Act lets the contract be made, recorded before the owner approves.
"""

from dataclasses import dataclass

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.pilots.commands import Costs, SetCosts
from innohub.market.pilots.models import Pilot, PilotState
from innohub.market.pilots.timeline import held, note, require_force, seen
from innohub.market.reference_lists import not_ended

THRESHOLD = "sub_central_goods_services"
ROUTES = "procurement_route"
AMOUNTS = ("cost_pence", "options_pence", "vat_pence")
FIELDS = (*AMOUNTS, "procurement_route")
COSTED_IN = frozenset({PilotState.PROPOSED, PilotState.OVERLAP_REVIEW, PilotState.SCOPING})


@dataclass(frozen=True)
class Reach:
    """A sum against the threshold of the day, both in pence with VAT."""

    total: int
    threshold: int

    @property
    def reached(self) -> bool:
        return self.total >= self.threshold


async def set_costs(work: UnitOfWork, actor: Actor, command: SetCosts) -> Pilot:
    """Say what the pilot costs, or change it: the innovation lead or the owner, while it is scoped.

    Where the supplier accepted other sums, it is asked again. Raises NotFound, Denied, WrongState,
    Conflict on a stale revision, Invalid for a route that is none, or not lawful for the sum.
    """
    pilot = await held(work, actor, command.pilot_id)
    if not (pilot.force_id and actor.may(Permission.PILOT_APPROVE, pilot.force_id)):
        require_force(actor, Permission.PILOT_REQUEST, pilot)
    seen(pilot, command.revision)
    if pilot.state not in COSTED_IN:
        raise WrongState("Costs are set until the scope is approved.")
    before = [getattr(pilot, name) for name in AMOUNTS]
    await keep(work, pilot, command)
    if pilot.supplier_accepted_at and before != [getattr(pilot, name) for name in AMOUNTS]:
        pilot.supplier_accepted_at = None
    detail = {name: getattr(pilot, name) for name in FIELDS}
    await note(work, actor, pilot, "set_costs", before=pilot.state, detail=detail)
    return pilot


async def keep(work: UnitOfWork, pilot: Pilot, costs: Costs) -> None:
    """Store the costs with the pilot. Raises Invalid as `set_costs` does."""
    await refuse_route(work, costs)
    for name in FIELDS:
        setattr(pilot, name, getattr(costs, name))


async def refuse_route(work: UnitOfWork, costs: Costs | Pilot) -> None:
    """Raise Invalid, field `procurement_route`, for a route that there is not, or that is not
    lawful at or above the threshold."""
    route = costs.procurement_route
    if route is None:
        return
    known = await not_ended(work, ROUTES, route)
    if known is None:
        raise Invalid("There is no such route.", field="procurement_route")
    if (await reach(work, total_of(costs))).reached and not known.detail.get("above_threshold"):
        raise Invalid(
            f"“{known.label}” is not lawful at or above the threshold.", field="procurement_route"
        )


async def refuse_uncosted(work: UnitOfWork, pilot: Pilot) -> None:
    """Before the approval: raise Invalid where nobody said what it costs, or where it reaches the
    threshold and no lawful route is recorded."""
    if pilot.cost_pence is None:
        raise Invalid("Say first what the pilot costs: 0 if nothing.", field="cost_pence")
    await refuse_route(work, pilot)
    if pilot.procurement_route is None and (await reach(work, total_of(pilot))).reached:
        raise Invalid(
            "The pilot with its options reaches the procurement threshold: record the lawful route "
            "first.",
            field="procurement_route",
        )


def total_of(costs: Costs | Pilot) -> int:
    """All three sums in pence; what is not known yet counts as nothing."""
    return (costs.cost_pence or 0) + (costs.options_pence or 0) + (costs.vat_pence or 0)


async def reach(work: UnitOfWork, total: int) -> Reach:
    """`total` pence with VAT, against the threshold for forces that is in force today."""
    value = await not_ended(work, "procurement_threshold", THRESHOLD)
    if value is None:
        raise WrongState("No procurement threshold is in force today: the reference data lack it.")
    return Reach(total, int(value.detail["pence"]))
