"""A savings ledger of a generated market: call-offs with lines in every state."""

from datetime import date
from typing import Any

from innohub.identity.models import Membership, Organisation, OrganisationKind
from innohub.market.demand.models import CallOff, Pool, PoolAward, PoolState
from innohub.market.quotes.models import PriceInterval, PriceUnit, Quote
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

TOLD = {SavingState.SIGNED, SavingState.REVERSED}


async def savings(builder: Any) -> None:
    """One pool, a call-off of each force that has people, and lines of every state."""
    forces = [o for o in builder.market.of(Organisation) if o.kind == OrganisationKind.FORCE]
    quote = builder.market.of(Quote)[0]
    # Nobody's twice, so that each has another to sign for it.
    people = [m.person_id for m in builder.market.of(Membership)][:2]
    pool = await builder.add(
        Pool(
            title=builder.text(3), specification=builder.text(5), unit=PriceUnit.OFFICER,
            interval=PriceInterval.YEAR, term_months=36, minimum_quantity=1,
            technology_id=quote.technology_id, state=PoolState.CALLING_OFF,
            commit_by=date(2026, 1, 31), demonstration=True, created_at=builder.moment(),
        )
    )  # fmt: skip
    award = await builder.add(
        PoolAward(
            pool_id=pool.id, quote_id=quote.id, route="framework_call_off", reason="x",
            route_reference="x", quantity=100, tier_from_quantity=1, unit_price_pence=9_000,
            total_pence=2_700_000, vat_pence=0, awarded_at=builder.moment(),
            call_off_until=date(2029, 1, 31), created_at=builder.moment(),
        )
    )  # fmt: skip
    for number, force in enumerate(forces, start=1):
        await _of_force(builder, award, force, number, quote.supplier_id, people)


async def _of_force(
    builder: Any, award: PoolAward, force: Any, number: int, supplier_id: int, people: list[int]
) -> None:
    baseline = await builder.add(
        SavingsBaseline(
            pool_id=award.pool_id, force_id=force.id, method=BaselineMethod.BUDGET,
            unit_price_pence=12_000, evidence=builder.text(4), declared_by_id=people[0],
            declared_at=builder.moment(), created_at=builder.moment(),
        )
    )  # fmt: skip
    call_off = await builder.add(
        CallOff(
            pool_id=award.pool_id, award_id=award.id, force_id=force.id, number=number,
            quantity=10, ordered_on=date(2026, 3, 1), due_pence=270_000, once_pence=0,
            vat_pence=0, late=False, paid_pence=270_000, created_at=builder.moment(),
        )
    )  # fmt: skip
    await builder.add(
        SupplierTransaction(
            call_off_id=call_off.id, supplier_id=supplier_id, force_id=force.id,
            reference="INV-1", invoiced_on=date(2026, 4, 1), amount_pence=270_000,
            created_at=builder.moment(),
        )
    )  # fmt: skip
    for state in SavingState:
        value = builder.chance.randrange(10**6)
        told = state in TOLD
        await builder.add(
            Saving(
                call_off_id=call_off.id, baseline_id=baseline.id, force_id=force.id,
                saving_class=SavingsClass.CARBON, driver=SavingsDriver.STANDARDISATION,
                occurrence=Occurrence.RECURRING, deferred_spend=False,
                inflation_basis_points=0, inflation_approved=False, value_pence=value,
                paid_pence=0, implementation_pence=100, exit_pence=0, net_pence=value - 100,
                evidence=builder.text(4), state=state, entered_by_id=people[0],
                signed_by_id=people[1] if told else None,
                signed_at=builder.moment() if told else None, revision=1,
                created_at=builder.moment(),
            )
        )  # fmt: skip
