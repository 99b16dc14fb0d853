"""Stages for the mutations of the savings ledger."""

from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from innohub.market.demand.models import CallOff, Pool, PoolAward, PoolState
from innohub.market.quotes.models import PriceInterval, PriceUnit
from innohub.market.savings.models import (
    BaselineMethod,
    Occurrence,
    Saving,
    SavingsBaseline,
    SavingsClass,
    SavingsDriver,
    SavingState,
    SupplierTransaction,
)
from tests.graphql.matrix.listings import REASON, Stage, a_technology
from tests.graphql.matrix.quotes import a_quote
from tests.graphql.matrix.world import NOW, World, gid

S = SavingState
TODAY = NOW.date()
_numbers = count(1)


async def a_pool(world: World, state: PoolState) -> Pool:
    technology = await a_technology(world)
    pool = Pool(
        title="Body-worn video", specification="As agreed.", unit=PriceUnit.OFFICER,
        interval=PriceInterval.YEAR, term_months=36, minimum_quantity=1, state=state,
        technology_id=technology.id, commit_by=TODAY, demonstration=True, created_at=NOW,
    )  # fmt: skip
    await world.add(pool)
    return pool


async def a_call_off(world: World) -> CallOff:
    """Of the own force, at the own supplier's quote, paid, with a baseline."""
    pool = await a_pool(world, PoolState.COMMITTING)
    quote = await a_quote(world, standalone=False)
    force = world.everybody.organisation("force")
    declared_by = world.everybody.people["own force_viewer"].person.id
    await world.add(
        SavingsBaseline(
            pool_id=pool.id, force_id=force.id, method=BaselineMethod.PREVIOUS_PRICE,
            unit_price_pence=120_00, evidence="The contract.", declared_by_id=declared_by,
            declared_at=NOW, created_at=NOW,
        )
    )  # fmt: skip
    award = PoolAward(
        pool_id=pool.id, quote_id=quote.id, route="framework_call_off", route_reference="1",
        reason=REASON, quantity=100, tier_from_quantity=1, unit_price_pence=90_00,
        total_pence=2_700_000, vat_pence=0, awarded_at=NOW, created_at=NOW,
        call_off_until=TODAY + timedelta(days=900),
    )  # fmt: skip
    await world.add(award)
    call_off = CallOff(
        pool_id=pool.id, award_id=award.id, force_id=force.id, number=next(_numbers), quantity=10,
        ordered_on=TODAY, due_pence=270_000, once_pence=0, vat_pence=0, late=False,
        paid_pence=270_000, paid_recorded_at=NOW, created_at=NOW,
    )  # fmt: skip
    await world.add(call_off)
    return call_off


async def to_declare(world: World) -> dict[str, Any]:
    return {
        "poolId": gid("Pool", await a_pool(world, PoolState.COMMITTING)),
        "forceId": gid("Force", world.everybody.organisation("force")),
        "method": "PREVIOUS_PRICE", "unitPricePence": 120_00, "evidence": "The contract.",
    }  # fmt: skip


async def to_report(world: World) -> dict[str, Any]:
    call_off = await a_call_off(world)
    return {"callOffId": gid("CallOff", call_off), "reference": "INV-1",
            "invoicedOn": str(TODAY), "amountPence": 270_000}  # fmt: skip


async def to_enter(world: World) -> dict[str, Any]:
    return {
        "callOffId": gid("CallOff", await a_call_off(world)), "savingClass": "CASHABLE",
        "driver": "NEW_VOLUMES", "occurrence": "RECURRING", "evidence": "The contract.",
    }  # fmt: skip


def entered(state: SavingState = S.ENTERED, **fields: Any) -> Stage:
    """The mutation's input names a saving of the own force in this state."""

    async def stage(world: World) -> dict[str, Any]:
        call_off = await a_call_off(world)
        people = world.everybody.people
        quote = await a_quote(world, standalone=False)
        await world.add(
            SupplierTransaction(
                call_off_id=call_off.id, supplier_id=quote.supplier_id, created_at=NOW,
                force_id=call_off.force_id, reference="INV-1", invoiced_on=TODAY,
                amount_pence=270_000,
            )
        )  # fmt: skip
        signed = state is S.SIGNED
        baseline = await _baseline(world, call_off)
        saving = Saving(
            call_off_id=call_off.id, baseline_id=baseline, force_id=call_off.force_id,
            saving_class=SavingsClass.CASHABLE, driver=SavingsDriver.NEW_VOLUMES,
            occurrence=Occurrence.RECURRING, deferred_spend=False, inflation_basis_points=0,
            inflation_approved=False, value_pence=360_000, paid_pence=270_000,
            implementation_pence=0, exit_pence=0, net_pence=90_000, evidence="The contract.",
            state=state, entered_by_id=people["own force_viewer"].person.id, created_at=NOW,
            signed_by_id=people["own force_chief_officer"].person.id if signed else None,
            signed_at=NOW if signed else None,
        )  # fmt: skip
        await world.add(saving)
        return {"savingId": gid("Saving", saving), **fields}

    return stage


async def _baseline(world: World, call_off: CallOff) -> int:
    async with world.database.session() as session:
        found = await session.scalar(
            select(SavingsBaseline.id).where(SavingsBaseline.pool_id == call_off.pool_id)
        )
    assert found is not None
    return found


STAGES: dict[str, Stage] = {
    "declareBaseline": to_declare,
    "reportTransaction": to_report,
    "enterSaving": to_enter,
    "withdrawSaving": entered(reason=REASON),
    "signSaving": entered(),
    "sendBackSaving": entered(reason=REASON),
    "reverseSaving": entered(S.SIGNED, reason=REASON),
}
