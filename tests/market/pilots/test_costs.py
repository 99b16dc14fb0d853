"""What a pilot costs with its options, against the threshold of the Procurement Act."""

from typing import Any

import pytest

from innohub.errors import Denied, Invalid, WrongState
from innohub.market.pilots import commands, service
from innohub.market.pilots.models import Pilot, PilotState
from tests.market.pilots.cast import Cast

THRESHOLD = 20_772_000
"""£207,720 with VAT, for forces in 2026 and 2027."""


async def costs(cast: Cast, pilot: Pilot, part: str = "lead", **given: Any) -> Pilot:
    changed: Pilot = await cast.step(part, service.set_costs, commands.SetCosts, pilot, **given)
    return changed


async def approve(cast: Cast, pilot: Pilot) -> None:
    await cast.step("sro", service.approve, commands.ApprovePilot, pilot)


async def accept(cast: Cast, pilot: Pilot) -> None:
    await cast.step("supplier_admin", service.accept, commands.AcceptPilot, pilot)


async def test_nothing_is_approved_before_somebody_said_what_it_costs(cast: Cast) -> None:
    pilot = await cast.accepted(cost_pence=None, vat_pence=0)
    with pytest.raises(Invalid, match="what the pilot costs") as refusal:
        await approve(cast, pilot)
    assert refusal.value.field == "cost_pence"
    await costs(cast, pilot, cost_pence=0)
    await accept(cast, pilot)
    await approve(cast, pilot)
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.ASSURANCE


async def test_options_and_vat_count_against_the_threshold(cast: Cast) -> None:
    pilot = await cast.requested()
    sums = {"cost_pence": 5_000_000, "options_pence": 12_310_000, "vat_pence": 3_462_000}
    assert sum(sums.values()) == THRESHOLD
    await costs(cast, pilot, **sums)
    await accept(cast, pilot)
    with pytest.raises(Invalid, match="reaches the procurement threshold") as refusal:
        await approve(cast, pilot)
    assert refusal.value.field == "procurement_route"
    await costs(cast, pilot, **sums, procurement_route="framework_call_off")
    await approve(cast, pilot)


async def test_a_penny_under_the_threshold_needs_no_route(cast: Cast) -> None:
    pilot = await cast.requested()
    await costs(cast, pilot, cost_pence=THRESHOLD - 1)
    await accept(cast, pilot)
    await approve(cast, pilot)


@pytest.mark.parametrize(
    "route", ["below_threshold", "none_pilot_only", "preliminary_market_engagement"]
)
async def test_a_route_for_small_contracts_is_not_lawful_for_large_ones(
    cast: Cast, route: str
) -> None:
    pilot = await cast.requested()
    with pytest.raises(Invalid, match="not lawful"):
        await costs(cast, pilot, cost_pence=THRESHOLD, procurement_route=route)
    await costs(cast, pilot, cost_pence=THRESHOLD - 1, procurement_route=route)


async def test_a_route_that_is_none_is_refused(cast: Cast) -> None:
    pilot = await cast.requested()
    with pytest.raises(Invalid, match="no such route"):
        await costs(cast, pilot, cost_pence=1, procurement_route="a_handshake")


async def test_the_supplier_is_asked_again_where_the_sums_change(cast: Cast) -> None:
    pilot = await cast.accepted()
    same = {"cost_pence": 4_000_000, "vat_pence": 800_000}
    await costs(cast, pilot, **same, procurement_route="below_threshold")
    assert (await cast.load(Pilot, pilot.id)).supplier_accepted_at is not None
    await costs(cast, pilot, **same | {"cost_pence": 3_000_000})
    assert (await cast.load(Pilot, pilot.id)).supplier_accepted_at is None
    with pytest.raises(WrongState, match="has not accepted"):
        await approve(cast, pilot)


async def test_costs_are_the_force_s_to_set_until_the_approval(cast: Cast) -> None:
    pilot = await cast.requested()
    for part in ("supplier_admin", "analyst", "other_lead"):
        with pytest.raises(Denied):
            await costs(cast, pilot, part, cost_pence=1)
    await costs(cast, pilot, "sro", cost_pence=2)
    await accept(cast, pilot)
    await approve(cast, pilot)
    with pytest.raises(WrongState, match="until the scope is approved"):
        await costs(cast, pilot, cost_pence=3)
